"""`tf.autodiff.ForwardAccumulator`: how results change with their inputs, forward."""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any

from functape._core._convert import convert, is_tensor_like
from functape._core._nest import flatten, is_nested, pack_like
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._gradient import JVP
from functape._engine._recorder import Cell
from functape._engine._tape import TapeLog
from functape.autodiff._unconnected import UnconnectedGradients

logger = logging.getLogger("functape")


class ForwardAccumulator:
    """Jacobian-vector products, computed with what they are products of (`tf.autodiff.ForwardAccumulator`).

    What is computed in its block from `primals` has a change for the change `tangents` of these. Cheaper than a tape
    where there are more results than inputs. Accumulators and tapes may be nested in any way: an outer one sees the
    changes that an inner one computes.

    **Arguments:**
    - `primals`: a tensor or variable, or a structure of them.
    - `tangents`: for each of them a change, of its shape and dtype, in the same structure.

    **Raises:** `ValueError` if the structures, shapes or dtypes differ, or a primal is named twice; `AttributeError`
    for a primal that is no tensor.

    ```python
    >>> import functape as tf
    >>> x = tf.constant([1.0, 2.0])
    >>> with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as accumulator:
    ...     y = x**3
    >>> accumulator.jvp(y).numpy().tolist()
    [3.0, 0.0]

    ```
    """

    __slots__ = ("_log", "_primals", "_recording", "_tangents", "__weakref__")

    def __init__(self, primals: Any, tangents: Any) -> None:
        self._recording = False
        self._log = TapeLog(False)
        self._primals: list[Any] = []
        self._tangents: list[Any] = []
        given = _flat(primals)
        changes = _same_structure(primals, tangents)
        seen: set[int] = set()
        for primal, tangent in zip(given, changes, strict=True):
            if not is_tensor_like(primal):
                raise AttributeError(
                    f"A primal must be a tensor or variable. Received: {primal!r} of type {type(primal).__name__!r}. "
                    f"Make a tensor of it first: x = tf.constant({primal!r})."
                )
            if id(primal) in seen:
                raise ValueError(
                    f"Tensor {primal!r} was specified as a primal multiple times. Name it once, with the sum of the "
                    "tangents."
                )
            seen.add(id(primal))
            if tangent.__class__ is Tensor and tangent.aval is primal.aval.as_kind(tangent.aval.kind):
                converted = tangent
            else:
                converted = convert(tangent, primal.dtype)
            if converted.aval.shape != primal.aval.shape:
                raise ValueError(
                    f"A tangent must have its primal's shape. Received shape {converted.shape} for a primal of shape "
                    f"{primal.shape}."
                )
            if not primal.aval.differentiable:
                logger.warning(
                    "The dtype of the watched primal must be floating (e.g. tf.float32), got %r", primal.dtype
                )
                continue
            self._primals.append(primal)
            self._tangents.append(converted)

    def __enter__(self) -> ForwardAccumulator:
        if self._recording:
            raise ValueError("Accumulator is already recording.")
        self._recording = True
        self._log.start_forward()
        for primal in self._primals:
            self._log.watch(primal.tensor if isinstance(primal, Cell) else primal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self._recording:
            raise ValueError("Accumulator is not recording.")
        self._recording = False
        self._log.stop()

    def jvp(self, primals: Any, unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE) -> Any:
        """The changes of what was computed in the block.

        **Arguments:**
        - `primals`: a tensor or variable, or a structure of them.
        - `unconnected_gradients`: what to return for one that does not depend on the accumulator's primals.

        **Returns:** a tensor of each one's shape and dtype, or None, in the same structure.

        **Raises:** `ValueError` for an unknown `unconnected_gradients`.
        """
        zero = unconnected_gradients is not UnconnectedGradients.NONE and (
            UnconnectedGradients(unconnected_gradients) is UnconnectedGradients.ZERO
        )
        flat = _flat(primals)
        asked = [each for each in flat if is_tensor_like(each) and each.aval.differentiable]
        made = iter(self._log.gradient(asked, self._primals, self._tangents, zero, JVP) if asked else [])
        held = {id(each) for each in asked}
        changes = [next(made) if id(each) in held else _none(each, zero) for each in flat]
        if flat is primals:
            return changes
        return pack_like(primals, changes)


_PLAIN = {Tensor, Variable}


def _flat(structure: Any) -> list[Any]:
    """The leaves of a structure; the structure itself if it is a plain list of tensors and variables."""
    if structure.__class__ is list and _PLAIN.issuperset(map(type, structure)):
        return structure
    return flatten(structure)


def _none(value: Any, zero: bool) -> Any:
    """The change of what has none: an integer, for instance."""
    if not zero or not is_tensor_like(value):
        return None
    from functape._api._creation import zeros_like

    return zeros_like(value)


def _same_structure(primals: Any, tangents: Any) -> list[Any]:
    """The leaves of `tangents`, one for each of `primals`."""
    if not is_nested(primals):
        return [tangents]
    if tangents.__class__ is list and _flat(tangents) is tangents and _flat(primals) is primals:
        changes: list[Any] | None = tangents if len(tangents) == len(primals) else None
        if changes is not None:
            return changes
    try:
        changes = flatten(tangents) if is_nested(tangents) and type(tangents) is type(primals) else None
        if changes is not None:
            pack_like(primals, changes)
    except ValueError:
        changes = None
    if changes is None:
        raise ValueError(
            f"The two structures don't have the same nested structure: primals {primals!r}, tangents {tangents!r}."
        )
    return changes
