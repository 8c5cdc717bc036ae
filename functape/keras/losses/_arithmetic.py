"""What the formulas of several losses share."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._ops._elementwise import maximum, minimum
from functape._ops._lengths import as_number
from functape._ops._operators import ABSOLUTE
from functape.keras._configuration import epsilon

absolute = ABSOLUTE.function
"""With a derivative of 0 at 0, as TensorFlow has it."""


def number(value: Any, like: Any) -> Any:
    """`value` as a scalar of the dtype of an array."""
    return jnp.asarray(value, like.dtype)


def small(like: Any) -> Any:
    """Keras's small constant."""
    return number(epsilon(), like)


def at_least(values: Any, bound: Any) -> Any:
    """The larger of each value and a number; at a tie the derivative is the value's."""
    return maximum(values, jnp.broadcast_to(number(bound, values), values.shape))


def bounded(values: Any, low: Any, high: Any) -> Any:
    """Values kept between two numbers; the derivative is 1 at either, as TensorFlow has it."""
    return at_least(minimum(values, jnp.broadcast_to(number(high, values), values.shape)), low)


def probabilities(values: Any) -> Any:
    """Values kept away from 0 and 1."""
    return bounded(values, epsilon(), 1 - epsilon())


def mean(values: Any, axis: Any = -1) -> Any:
    """The mean along an axis, several of them or (None) all."""
    total = jnp.sum(values, axis)
    return total / as_number(max(values.size // max(total.size, 1), 1) if values.size else 0, values.dtype)


def inverse(values: Any) -> Any:
    """`1 - values`."""
    return number(1, values) - values
