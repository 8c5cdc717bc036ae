"""Automatic differentiation: `tf.GradientTape`."""

from __future__ import annotations

import enum
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._nest import flatten, pack_like
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._avals import Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import Cell
from functape._engine._tape import TapeLog
from functape._engine._tensor import BaseTensor

logger = logging.getLogger("functape")


class UnconnectedGradients(enum.Enum):
    """What `gradient` returns for a source that the target does not depend on (`tf.UnconnectedGradients`)."""

    NONE = "none"
    """None."""
    ZERO = "zero"
    """Zeros of the source's shape and dtype."""


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
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians). "
                "Ask for all sources in one call, or use tf.GradientTape(persistent=True)."
            )
        zero = unconnected_gradients is not UnconnectedGradients.NONE and _unconnected(unconnected_gradients)
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
            targets = [_checked(each, "target") for each in flatten(target)]
        if isinstance(sources, _LEAVES):
            flat: list[Any] = [sources]
        elif sources.__class__ is list and _PLAIN.issuperset(map(type, sources)):
            flat = sources
        else:
            flat = [_checked(each, "sources") for each in flatten(sources)]
        kept = targets if plain else [each for each in targets if _differentiable(each) or _is_among(each, flat)]
        seeds = [] if output_gradients is None else _seeds(output_gradients, targets, kept)
        if zero and any(each.aval.kind is Kind.HOST for each in flat):
            gradients = _beside_strings(log, kept, flat, seeds)
        else:
            gradients = log.gradient(kept, flat, seeds, zero)
        if not self._persistent:
            log.used = True
            log.segments = []
        if isinstance(sources, _LEAVES):
            return gradients[0]
        return gradients if sources.__class__ is list and len(sources) == len(flat) else pack_like(sources, gradients)


_LEAVES = (BaseTensor, Cell)
_PLAIN = {Tensor, Variable}


def _unconnected(value: UnconnectedGradients | str) -> bool:
    try:
        return UnconnectedGradients(value) is UnconnectedGradients.ZERO
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}. Pass 'none' or 'zero'.") from None


def _checked(value: Any, argument: str) -> Any:
    if is_tensor_like(value):
        return value
    error = AttributeError if isinstance(value, int | float | complex | np.ndarray | np.generic) else TypeError
    raise error(
        f"Argument `{argument}` must be a tensor or variable, or a structure of them. Received: {value!r} of type "
        f"{type(value).__name__!r}. A value has a gradient once it is a tensor that the tape watched: tf.constant(x)."
    )


def _differentiable(value: Any) -> bool:
    if value.aval.differentiable:
        return True
    logger.warning(
        "The dtype of the target tensor must be floating (e.g. tf.float32) when calling GradientTape.gradient, got %r: "
        "the gradient is None",
        value.dtype,
    )
    return False


def _is_among(value: Any, others: list[Any]) -> bool:
    """Whether `value` is itself one of `others`; its gradient with respect to itself is one, whatever its dtype."""
    return value.aval.kind is not Kind.HOST and any(each is value for each in others)


def _seeds(output_gradients: Any, targets: list[Any], kept: list[Any]) -> list[Any]:
    """What each of the targets `kept` is weighted with: a tensor, or None for ones."""
    given = flatten(output_gradients) if not is_tensor_like(output_gradients) else [output_gradients]
    if len(given) != len(targets):
        raise ValueError(
            f"output_gradients must have one entry for each of the {len(targets)} targets. Received {len(given)}; "
            f"pass a list of tensors, each of its target's shape."
        )
    held = {id(each) for each in kept}
    return [_seed(seed, target) for target, seed in zip(targets, given, strict=True) if id(target) in held]


def _seed(value: Any, target: Any) -> Any:
    if value is None:
        return None
    wanted = target.aval
    if is_tensor_like(value) and value.dtype is not wanted.dtype:
        raise InvalidArgumentError(
            message=f"output_gradients must have the dtypes of their targets. Received {value.dtype.name} for a target "
            f"of dtype {wanted.dtype.name}: tf.cast(weight, {wanted.dtype!r}) converts it."
        )
    seed = convert(value, wanted.dtype)
    try:
        fits = np.broadcast_shapes(seed.aval.shape, wanted.shape) == wanted.shape
    except ValueError:
        fits = False
    if not fits:
        raise InvalidArgumentError(
            message=f"output_gradients must have the shapes of their targets. Received shape {list(seed.aval.shape)} "
            f"for a target of shape {list(wanted.shape)}."
        )
    return seed


def _beside_strings(log: TapeLog, targets: list[Any], sources: list[Any], seeds: list[Any]) -> list[Any]:
    """The gradients where unconnected sources get zeros and some are strings, whose zero is the empty string."""
    numeric = [each for each in sources if each.aval.kind is not Kind.HOST]
    gradients = iter(log.gradient(targets, numeric, seeds, True))
    return [
        convert(np.full(each.aval.shape, b"", object)) if each.aval.kind is Kind.HOST else next(gradients)
        for each in sources
    ]


def _age(variable: Any) -> Any:
    return variable._serial
