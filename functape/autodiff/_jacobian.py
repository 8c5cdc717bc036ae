"""`GradientTape.jacobian` and `GradientTape.batch_jacobian`."""

from __future__ import annotations

import logging
from typing import Any

from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape._core._nest import flatten, pack_like
from functape._engine._gradient import BATCH_JACOBIAN, JACOBIAN
from functape._engine._tape import TapeLog
from functape.autodiff._arguments import checked

logger = logging.getLogger("functape")


def jacobian(log: TapeLog, target: Any, sources: Any, zero: bool) -> Any:
    """Record the derivative of each element of `target`.

    **Arguments:**
    - `log`: what the tape recorded.
    - `target`: a tensor or variable.
    - `sources`: a tensor or variable, or a structure of them.
    - `zero`: whether an unconnected source gets zeros.

    **Returns:** a tensor `target.shape + source.shape`, or None, in the structure of `sources`.
    """
    if not is_tensor_like(target):
        raise AttributeError(
            f"`target` must be one tensor or variable. Received: {target!r} of type {type(target).__name__!r}. Ask for "
            "the jacobian of each target by itself, with a persistent tape."
        )
    flat = [checked(each, "sources") for each in flatten(sources)]
    if not target.aval.differentiable:
        logger.warning(
            "The dtype of the target tensor must be floating (e.g. tf.float32) when calling GradientTape.jacobian, "
            "got %r: the jacobian is None",
            target.dtype,
        )
        return pack_like(sources, [None] * len(flat))
    made = log.gradient([target], flat, [], zero, JACOBIAN)
    return made[0] if is_tensor_like(sources) else pack_like(sources, made)


def batch_jacobian(log: TapeLog, target: Any, source: Any) -> Any:
    """Record the derivative of each row of `target` with respect to the same row of `source`.

    **Arguments:**
    - `log`: what the tape recorded.
    - `target`: a tensor `[batch, ...]` whose rows depend on the same rows of `source` only.
    - `source`: a tensor `[batch, ...]`.

    **Returns:** a tensor `target.shape + source.shape[1:]`; zeros if `target` does not depend on `source`.

    **Raises:** `ValueError` unless both are of rank 2 or more and have one batch size.
    """
    for value, what in ((target, "target"), (source, "source")):
        if not is_tensor_like(value):
            raise AttributeError(
                f"`{what}` must be one tensor or variable. Received: {value!r} of type {type(value).__name__!r}."
            )
    if not target.aval.shape:
        raise IndexError("`target` must have a batch axis. Received a scalar: use tape.gradient or tape.jacobian.")
    for value, what in ((source, "source"), (target, "target")):
        if value.aval.ndim < 2:
            raise ValueError(
                f"Shape {value.shape} must have rank at least 2: `{what}` has a batch axis and at least one more."
            )
    if target.aval.shape[0] != source.aval.shape[0]:
        raise ValueError(
            f"Need first dimension of target shape ({target.shape}) and source shape ({source.shape}) to match."
        )
    if not target.aval.differentiable:
        from functape._api._creation import zeros

        return zeros((*target.aval.shape, *source.aval.shape[1:]), target.dtype)
    (made,) = log.gradient([target], [source], [], True, BATCH_JACOBIAN)
    return cast(made, target.dtype) if made.dtype is not target.dtype else made
