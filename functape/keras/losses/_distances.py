"""The formulas of the regression losses: functions of arrays of one dtype and rank."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._ops._elementwise import SOFTPLUS
from functape.keras._configuration import epsilon
from functape.keras.losses._arithmetic import absolute, at_least, bounded, mean, number, small

softplus = SOFTPLUS.function
_LOG_2 = np.float32(math.log(2))
"""Rounded to float32 whatever the dtype, as in Keras."""


def mean_squared_error(target: Any, output: Any) -> Any:
    """The mean of the squares of the differences."""
    return mean(jnp.square(target - output))


def mean_absolute_error(target: Any, output: Any) -> Any:
    """The mean size of the differences."""
    return mean(absolute(target - output))


def mean_absolute_percentage_error(target: Any, output: Any) -> Any:
    """The mean size of the differences, in percent of the target's."""
    share = absolute((target - output) / at_least(absolute(target), epsilon()))
    return number(100, share) * mean(share)


def mean_squared_logarithmic_error(target: Any, output: Any) -> Any:
    """The mean of the squares of the differences of `log(1 + x)`."""
    one = number(1, output)
    logarithms = (jnp.log(at_least(each, epsilon()) + one) for each in (output, target))
    return mean(jnp.square(next(logarithms) - next(logarithms)))


def huber(target: Any, output: Any, delta: Any) -> Any:
    """The mean of half the squares of small differences, and of the size of large ones."""
    delta = delta.astype(output.dtype)
    error = output - target
    size = absolute(error)
    half = number(0.5, output)
    return mean(jnp.where(size <= delta, half * jnp.square(error), delta * size - half * jnp.square(delta)))


def log_cosh(target: Any, output: Any) -> Any:
    """The mean of the logarithm of the hyperbolic cosine of the differences."""
    error = output - target
    return mean(error + softplus(error * number(-2, error)) - number(_LOG_2, error))


def poisson(target: Any, output: Any) -> Any:
    """The mean negative log-likelihood of counts, but for a constant."""
    return mean(output - target * jnp.log(output + small(output)))


def kl_divergence(target: Any, output: Any) -> Any:
    """The Kullback-Leibler divergence of two distributions."""
    target, output = (bounded(each, epsilon(), 1) for each in (target, output))
    return jnp.sum(target * jnp.log(target / output), -1)


def _normalized(values: Any, axis: Any) -> Any:
    square = jnp.sum(jnp.square(values), axis, keepdims=True)
    tiny = square <= number(epsilon(), square) ** 2
    # Where there is next to no length, nothing depends on it.
    scale = lax.rsqrt(jnp.where(tiny, number(1, square), square))
    return values * jnp.where(tiny, number(1 / epsilon(), scale), scale)


def similarity(target: Any, output: Any, axis: Any) -> Any:
    """The cosine of the angle between two vectors; 0 where one has no length."""
    return jnp.sum(_normalized(target, axis) * _normalized(output, axis), axis)


def cosine_similarity(target: Any, output: Any, axis: Any) -> Any:
    """The negative cosine of the angle between two vectors: a loss, which is least where they agree."""
    return -similarity(target, output, axis)
