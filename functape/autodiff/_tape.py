"""`tf.GradientTape`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from functape._core._convert import is_tensor_like
from functape._core._dispatch import CompositeTensor
from functape._core._nest import flatten, pack_like
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._avals import Kind
from functape._engine._recorder import Cell, local
from functape._engine._tape import TapeLog
from functape._engine._tensor import BaseTensor
from functape.autodiff._arguments import (
    beside_strings,
    checked,
    differentiable,
    in_place_of,
    is_among,
    seeds_of,
    unconnected,
)
from functape.autodiff._jacobian import batch_jacobian, jacobian
from functape.autodiff._unconnected import UnconnectedGradients

logger = logging.getLogger("functape")


class GradientTape:
    """Records what happens in its block, for differentiation (`tf.GradientTape`).

    **Arguments:**
    - `persistent`: whether gradients may be asked for more than once.
    - `watch_accessed_variables`: whether trainable variables read in the block are watched.

    ```python
    >>> import functape as tf
    >>> x = tf.constant(3.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = x * x
    >>> tape.gradient(y, x)
    <tf.Tensor: shape=(), dtype=float32, numpy=6.0>

    ```
    """

    __slots__ = ("_log", "_persistent", "_watch_accessed", "_recording", "__weakref__")

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self._persistent = persistent
        self._watch_accessed = watch_accessed_variables
        self._log: TapeLog | None = None
        self._recording = False

    def __enter__(self) -> GradientTape:
        if self._recording:
            raise ValueError("Tape is still recording. This can happen if you try to re-enter an already-active tape.")
        if self._log is None or self._log.used:
            self._log = TapeLog(self._watch_accessed)
        self._recording = True
        self._log.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._recording:
            self._pause()

    def _pause(self) -> None:
        self._recording = False
        self._log.stop()  # type: ignore[union-attr]

    def watch(self, tensor: Any) -> None:
        """Ensure that gradients can be asked for with respect to `tensor`.

        **Arguments:**
        - `tensor`: a tensor or variable, or a structure of them. Watching one that is not floating or complex has no
          effect but a warning.

        **Raises:** `ValueError` for anything else; `AttributeError` before the tape's block, or once it is used up.
        """
        log = self._log
        if log is None or log.used:
            raise AttributeError("The tape records nothing: watch inside its `with` block.")
        for each in flatten(tensor):
            if isinstance(each, CompositeTensor):
                each = each._differentiated
            if not is_tensor_like(each):
                raise ValueError(
                    f"Passed in object {each!r} of type {type(each).__name__!r}, not tf.Tensor or tf.Variable. "
                    f"Make a tensor of it first: x = tf.constant({each!r}); tape.watch(x)."
                )
            if not each.aval.differentiable:
                logger.warning(
                    "The dtype of the watched tensor must be floating (e.g. tf.float32), got %r: "
                    "its gradient will be None",
                    each.dtype,
                )
                continue
            log.watch(each.tensor if isinstance(each, Cell) else each)

    @contextmanager
    def stop_recording(self) -> Iterator[None]:
        """A block in which nothing is recorded on this tape.

        **Raises:** `ValueError` outside the tape's block; `RuntimeError` if the tape was never on or is used up.
        """
        if not self._recording:
            error = RuntimeError if self._log is None or self._log.used else ValueError
            raise error("Cannot stop recording: the tape is not recording.")
        self._pause()
        try:
            yield
        finally:
            self.__enter__()

    def reset(self) -> None:
        """Forget everything recorded so far, watches included.

        **Raises:** `ValueError` if the tape is not recording.
        """
        if not self._recording:
            raise ValueError("Cannot reset: the tape is not recording. Call tape.reset() inside its `with` block.")
        self._log.reset()  # type: ignore[union-attr]

    def watched_variables(self) -> tuple[Variable, ...]:
        """The variables watched, in the order in which they were made. One that nobody holds any more is left out."""
        if self._log is None:
            return ()
        watched: list[Any] = sorted(self._log.watched_cells(), key=_age)
        return tuple(watched)

    def gradient(
        self,
        target: Any,
        sources: Any,
        output_gradients: Any = None,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
    ) -> Any:
        """The gradient of the sum of `target` with respect to `sources` (`tf.GradientTape.gradient`).

        **Arguments:**
        - `target`: a tensor or variable, or a structure of them; several are summed.
        - `sources`: a tensor or variable, or a structure of them.
        - `output_gradients`: a weight for each element of each target, of its shape; None for ones.
        - `unconnected_gradients`: what to return for a source that `target` does not depend on.

        **Returns:** a tensor of each source's shape and dtype, or None, in the structure of `sources`.

        **Raises:** `RuntimeError` on a second call, unless the tape is persistent.
        """
        log = self._log
        if log is None or log.used:
            raise RuntimeError(_USED_UP)
        zero = unconnected_gradients is not UnconnectedGradients.NONE and unconnected(unconnected_gradients)
        if self._recording:
            if not self._persistent:
                self._pause()
            else:
                logger.warning(
                    "Calling GradientTape.gradient on a persistent tape inside its context records the gradient on "
                    "the tape too. Only call it there if you want higher-order derivatives."
                )
        plain = target.__class__ is Tensor and target.aval.differentiable
        if plain or isinstance(target, _LEAVES):
            targets: list[Any] = [target]
        else:
            targets = [checked(each, "target") for each in flatten(target)]
        listed = sources.__class__ is list and _PLAIN.issuperset(map(type, sources))
        single = not listed and isinstance(sources, _LEAVES)
        if listed:
            flat: list[Any] = sources
        elif single:
            flat = [sources]
        else:
            flat = [checked(each, "sources") for each in flatten(sources)]
        kept = targets if plain else [each for each in targets if differentiable(each) or is_among(each, flat)]
        seeds = [] if output_gradients is None else seeds_of(output_gradients, targets, kept)
        if zero and any(each.aval.kind is Kind.HOST for each in flat):
            gradients = beside_strings(log, kept, flat, seeds)
        else:
            gradients = log.gradient(kept, flat, seeds, zero)
        if not self._persistent:
            log.used = True
            log.segments = ()
        if listed:
            return gradients
        return gradients[0] if single else pack_like(sources, in_place_of(flatten(sources), gradients))

    def jacobian(
        self,
        target: Any,
        sources: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each element of `target` with respect to `sources` (`tf.GradientTape.jacobian`).

        **Arguments:**
        - `target`: a tensor or variable.
        - `sources`: a tensor or variable, or a structure of them.
        - `unconnected_gradients`: what to return for a source that `target` does not depend on.
        - `parallel_iterations`: accepted for TensorFlow's signature: all elements are computed together.
        - `experimental_use_pfor`: whether to compute them together; False asks for a persistent tape, as in TensorFlow,
          and computes the same.

        **Returns:** a tensor `target.shape + source.shape`, or None, in the structure of `sources`.

        **Raises:** `RuntimeError` on a second call, unless the tape is persistent.

        ```python
        >>> import functape as tf
        >>> x = tf.constant([1.0, 2.0])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.jacobian(y, x).numpy().tolist()
        [[2.0, 0.0], [0.0, 4.0]]

        ```
        """
        log = self._begin("jacobian", experimental_use_pfor)
        zero = unconnected_gradients is not UnconnectedGradients.NONE and unconnected(unconnected_gradients)
        made = jacobian(log, target, sources, zero)
        self._end(log)
        return made

    def batch_jacobian(
        self,
        target: Any,
        source: Any,
        unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
        parallel_iterations: Any = None,
        experimental_use_pfor: bool = True,
    ) -> Any:
        """The derivative of each row of `target` with respect to the same row of `source`
        (`tf.GradientTape.batch_jacobian`).

        **Arguments:**
        - `target`: a tensor `[batch, ...]` whose rows depend on the same rows of `source` only.
        - `source`: a tensor `[batch, ...]`.
        - `unconnected_gradients`: checked; as in TensorFlow zeros are returned in any case.
        - `parallel_iterations`, `experimental_use_pfor`: as for `jacobian`.

        **Returns:** a tensor `target.shape + source.shape[1:]`.

        **Raises:** `ValueError` unless both are of rank 2 or more and have one batch size; `RuntimeError` on a second
        call, unless the tape is persistent.

        ```python
        >>> import functape as tf
        >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
        >>> with tf.GradientTape() as tape:
        ...     tape.watch(x)
        ...     y = x * x
        >>> tape.batch_jacobian(y, x).numpy().tolist()
        [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]

        ```
        """
        log = self._begin("batch_jacobian", experimental_use_pfor)
        if unconnected_gradients is not UnconnectedGradients.NONE:
            unconnected(unconnected_gradients)
        made = batch_jacobian(log, target, source)
        self._end(log)
        return made

    def _begin(self, what: str, together: bool) -> TapeLog:
        """The log, for a jacobian."""
        log = self._log
        if log is None or log.used:
            raise RuntimeError(_USED_UP)
        if not together and not self._persistent and not local.recorder.tracing:
            raise RuntimeError(
                f"GradientTape must be created with persistent=True to compute the {what} with eager execution enabled "
                "and with experimental_use_pfor set to False."
            )
        if self._recording and not self._persistent:
            self._pause()
        return log

    def _end(self, log: TapeLog) -> None:
        if not self._persistent:
            log.used = True
            log.segments = ()


_USED_UP = (
    "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians). "
    "Ask for all sources in one call, or use tf.GradientTape(persistent=True)."
)
_LEAVES = (BaseTensor, Cell)
_PLAIN = {Tensor, Variable}


def _age(variable: Any) -> Any:
    return variable._serial
