"""What users ask a tape for, checked."""

from __future__ import annotations

import logging
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import CompositeTensor
from functape._core._nest import flatten
from functape._engine._avals import Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._tape import TapeLog
from functape.autodiff._unconnected import UnconnectedGradients

logger = logging.getLogger("functape")


def unconnected(value: UnconnectedGradients | str) -> bool:
    try:
        return UnconnectedGradients(value) is UnconnectedGradients.ZERO
    except ValueError:
        raise ValueError(f"Unknown value for unconnected_gradients: {value!r}. Pass 'none' or 'zero'.") from None


def checked(value: Any, argument: str) -> Any:
    if is_tensor_like(value):
        return value
    if isinstance(value, CompositeTensor):
        if not value._takes_gradients:
            raise ValueError(
                f"Type {type(value).__name__} is not supported as a gradient source or gradient target. Pass its "
                f"values as `{argument}`: x.values."
            )
        return value._differentiated
    error = AttributeError if isinstance(value, int | float | complex | np.ndarray | np.generic) else TypeError
    raise error(
        f"Argument `{argument}` must be a tensor or variable, or a structure of them. Received: {value!r} of type "
        f"{type(value).__name__!r}. A value has a gradient once it is a tensor that the tape watched: tf.constant(x)."
    )


def in_place_of(sources: list[Any], gradients: list[Any]) -> list[Any]:
    """The gradients for ragged and sparse sources in the layouts of these."""
    return [
        source._with_differentiated(gradient)
        if isinstance(source, CompositeTensor) and gradient is not None
        else gradient
        for source, gradient in zip(sources, gradients, strict=True)
    ]


def differentiable(value: Any) -> bool:
    if value.aval.differentiable:
        return True
    logger.warning(
        "The dtype of the target tensor must be floating (e.g. tf.float32) when calling GradientTape.gradient, got %r: "
        "the gradient is None",
        value.dtype,
    )
    return False


def is_among(value: Any, others: list[Any]) -> bool:
    """Whether `value` is itself one of `others`; its gradient with respect to itself is one, whatever its dtype."""
    return value.aval.kind is not Kind.HOST and any(each is value for each in others)


def seeds_of(output_gradients: Any, targets: list[Any], kept: list[Any]) -> list[Any]:
    """What each of the targets `kept` is weighted with: a tensor, or None for ones."""
    given = flatten(output_gradients) if not is_tensor_like(output_gradients) else [output_gradients]
    if len(given) != len(targets):
        raise ValueError(
            f"output_gradients must have one entry for each of the {len(targets)} targets. Received {len(given)}; "
            f"pass a list of tensors, each of its target's shape."
        )
    given = [each._differentiated if isinstance(each, CompositeTensor) else each for each in given]
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
        fits = jnp.broadcast_shapes(seed.aval.shape, wanted.shape) == wanted.shape
    except ValueError:
        fits = False
    if not fits:
        raise InvalidArgumentError(
            message=f"output_gradients must have the shapes of their targets. Received shape {list(seed.aval.shape)} "
            f"for a target of shape {list(wanted.shape)}."
        )
    return seed


def beside_strings(log: TapeLog, targets: list[Any], sources: list[Any], seeds: list[Any]) -> list[Any]:
    """The gradients where unconnected sources get zeros and some are strings, whose zero is the empty string."""
    numeric = [each for each in sources if each.aval.kind is not Kind.HOST]
    gradients = iter(log.gradient(targets, numeric, seeds, True))
    return [
        convert(np.full(each.aval.shape, b"", object)) if each.aval.kind is Kind.HOST else next(gradients)
        for each in sources
    ]
