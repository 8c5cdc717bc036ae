"""Rows of Keras's activation functions that `tf.nn` does not have, each as one op with Keras's derivatives."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._op import Op
from functape._ops import _activations as activations
from functape._ops import _checks as checks
from functape._ops import _elementwise as elementwise

_relu, _relu6 = activations.RELU.function, activations.RELU6.function
_elu, _leaky_relu = activations.ELU.function, activations.LEAKY_RELU.function
_softplus = elementwise.SOFTPLUS.function
_maximum, _minimum = elementwise.maximum, elementwise.minimum
_clip = elementwise.CLIP.function


def _of(value: Any, x: Any) -> Any:
    return jnp.asarray(value, x.dtype)


def _full(value: Any, x: Any) -> Any:
    return jnp.full(x.shape, value, x.dtype)


def _bounded_relu(x: Any, negative_slope: float, max_value: float | None, threshold: float) -> Any:
    if negative_slope and max_value is None and not threshold:
        return _leaky_relu(x, _of(negative_slope, x))
    if threshold:
        positive = jnp.where(x > _of(threshold, x), x, _of(0, x))
    elif max_value == 6:
        positive = _relu6(x)
    else:
        positive = _relu(x)
    if max_value is not None and (threshold or max_value != 6):
        positive = _clip(positive, _full(0, x), _full(max_value, x))
    if not negative_slope:
        return positive
    below = _relu(_of(threshold, x) - x) if threshold else _relu(-x)
    return positive - _of(negative_slope, x) * below


def _sloped_elu(x: Any, alpha: Any) -> Any:
    curved = _elu(x)
    return jnp.where(x > 0, curved, alpha * curved)


def _celu(x: Any, alpha: Any) -> Any:
    zero = _full(0, x)
    return _maximum(x, zero) + alpha * jnp.expm1(_minimum(x, zero) / alpha)


def _hard_sigmoid(x: Any) -> Any:
    return _relu6(x + _of(3, x)) / _of(6, x)


def _hard_tanh(x: Any) -> Any:
    return _clip(x, _full(-1, x), _full(1, x))


def _hard_shrink(x: Any, threshold: Any) -> Any:
    return jnp.where(jnp.abs(x) > threshold, x, _of(0, x))


def _soft_shrink(x: Any, threshold: Any) -> Any:
    return jnp.where(x > threshold, x - threshold, jnp.where(x < -threshold, x + threshold, _of(0, x)))


def _sparse_plus(x: Any) -> Any:
    return jnp.where(x <= -1, _of(0, x), jnp.where(x < 1, _of(0.25, x) * jnp.square(x + _of(1, x)), x))


def _sparse_sigmoid(x: Any) -> Any:
    return jnp.where(x <= -1, _of(0, x), jnp.where(x >= 1, _of(1, x), _of(0.5, x) * (x + _of(1, x))))


def _squareplus(x: Any, b: Any) -> Any:
    return (x + jnp.sqrt(jnp.square(x) + b)) / _of(2, x)


def _glu(x: Any, axis: int) -> Any:
    value, gate = jnp.split(x, 2, axis)
    return value * lax.logistic(gate)


def _sparsemax(x: Any, axis: int) -> Any:
    ordered = jnp.flip(jnp.sort(x, axis), axis)
    sums = jnp.cumsum(ordered, axis, dtype=x.dtype)
    places = [1] * x.ndim
    places[axis] = -1
    count = jnp.arange(1, x.shape[axis] + 1, dtype=x.dtype).reshape(places)
    support = ordered - (sums - _of(1, x)) / count > 0
    total = jnp.sum(jnp.where(support, ordered, _of(0, x)), axis, dtype=x.dtype, keepdims=True)
    size = jnp.sum(support.astype(x.dtype), axis, dtype=x.dtype, keepdims=True)
    return _maximum(x - (total - _of(1, x)) / size, _full(0, x))


_pair = checks.every(checks.same_dtype, checks.real_floating)

BOUNDED_RELU = Op("KerasRelu", _bounded_relu, ("negative_slope", "max_value", "threshold"), check=checks.real)
SLOPED_ELU = Op("KerasElu", _sloped_elu, check=_pair, unconnected=(1,))
CELU = Op("KerasCelu", _celu, check=_pair, unconnected=(1,))
HARD_SIGMOID = Op("HardSigmoid", _hard_sigmoid, check=checks.real_floating)
HARD_SILU = Op("HardSilu", lambda x: x * _hard_sigmoid(x), check=checks.real_floating)
HARD_TANH = Op("HardTanh", _hard_tanh, check=checks.real)
HARD_SHRINK = Op("HardShrink", _hard_shrink, check=_pair, unconnected=(1,))
SOFT_SHRINK = Op("SoftShrink", _soft_shrink, check=_pair, unconnected=(1,))
SPARSE_PLUS = Op("SparsePlus", _sparse_plus, check=checks.real_floating)
SPARSE_SIGMOID = Op("SparseSigmoid", _sparse_sigmoid, check=checks.real_floating)
SQUAREPLUS = Op("Squareplus", _squareplus, check=_pair, unconnected=(1,))
TANH_SHRINK = Op("TanhShrink", lambda x: x - jnp.tanh(x), check=checks.floating)
MISH = Op("Mish", lambda x: x * jnp.tanh(_softplus(x)), check=checks.real_floating)
GLU = Op("Glu", _glu, ("axis",), check=checks.floating)
SPARSEMAX = Op("Sparsemax", _sparsemax, ("axis",), check=checks.real_floating)
THRESHOLD = Op(
    "Threshold",
    lambda x, threshold, default: jnp.where(x > threshold, x, default),
    check=_pair,
    unconnected=(1,),
)
