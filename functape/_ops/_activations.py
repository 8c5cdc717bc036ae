"""Rows of the activation functions and of the everyday layers' arithmetic, with TensorFlow's derivatives."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops import _philox
from functape._ops._derivatives import with_partials
from functape._ops._elementwise import maximum
from functape._ops._reductions import axes_of, check_axes, mean

SELU_SCALE = 1.0507009873554804934193349852946
SELU_ALPHA = 1.6732632423543772848170429916717


def _number(value: Any, like: Any) -> Any:
    return jnp.asarray(value, like.dtype)


def _zero(x: Any) -> Any:
    return jnp.zeros((), x.dtype)


def _indicator(condition: Any, like: Any) -> Any:
    return condition.astype(like.dtype)


relu = with_partials(
    lambda x: jnp.where(x > 0, x, jnp.where(jnp.isnan(x), x, _zero(x))) if _is_inexact(x) else jnp.maximum(x, _zero(x)),
    lambda output, x: _indicator(x > 0, x),
)
_relu6 = with_partials(
    lambda x: jnp.clip(x, _zero(x), _number(6, x)),
    lambda output, x: _indicator((x > 0) & (x < 6), x),
)
_leaky_relu = with_partials(
    lambda x, alpha: jnp.where(x > 0, x, x * alpha),
    lambda output, x, alpha: jnp.where(x > 0, jnp.ones((), x.dtype), alpha),
    None,
)
_elu = with_partials(
    lambda x: jnp.where(x < 0, jnp.expm1(jnp.where(x < 0, x, _zero(x))), x),
    lambda output, x: jnp.where(x < 0, output + _number(1, x), _number(1, x)),
)
_selu = with_partials(
    lambda x: (
        _number(SELU_SCALE, x) * jnp.where(x < 0, _number(SELU_ALPHA, x) * jnp.expm1(jnp.where(x < 0, x, _zero(x))), x)
    ),
    lambda output, x: jnp.where(x < 0, output + _number(SELU_SCALE * SELU_ALPHA, x), _number(SELU_SCALE, x)),
)
_softsign = with_partials(
    lambda x: x / (_number(1, x) + jnp.abs(x)),
    lambda output, x: 1 / jnp.square(_number(1, x) + jnp.abs(x)),
)


def _is_inexact(x: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.inexact)


def _gelu(x: Any, approximate: bool) -> Any:
    # TensorFlow's constants, two of them rounded to float32 whatever the dtype.
    half, one = _number(0.5, x), _number(1, x)
    if approximate:
        inner = _number(math.sqrt(2 / math.pi), x) * (x + _number(np.float32(0.044715), x) * x * x * x)
        return half * x * (one + jnp.tanh(inner))
    return half * x * (one + lax.erf(x * _number(np.float32(math.sqrt(0.5)), x)))


def _silu(x: Any, beta: Any) -> Any:
    return x * lax.logistic(beta * x)


def _softmax(x: Any, axis: int) -> Any:
    return jax.nn.softmax(x, axis)


def log_softmax(x: Any, axis: int = -1) -> Any:
    """Logarithms of the softmax."""
    return jax.nn.log_softmax(x, axis)


def _check_softmax(name: str, avals: tuple[Aval, ...], axis: int) -> None:
    checks.real_floating(name, avals)
    rank = avals[0].ndim
    if not rank:
        raise checks.InvalidArgumentError(
            message=f"logits must have >= 1 dimension, got [] [Op:{name}]. Reshape them: tf.reshape(x, [1])."
        )
    if not -rank <= axis < rank:
        raise checks.InvalidArgumentError(
            message=f"`axis` must be in the range [{-rank}, {rank}) where {rank} is the number of dimensions in the "
            f"input [Op:{name}]. Received: axis={axis}"
        )


def _l2_loss(x: Any) -> Any:
    return jnp.sum(jnp.square(x)) / _number(2, x)


def _l2_normalize(x: Any, epsilon: Any, axis: Any) -> Any:
    sizes = jnp.real(x * jnp.conj(x)) if jnp.issubdtype(x.dtype, jnp.complexfloating) else jnp.square(x)
    total = jnp.sum(sizes, axes_of(axis, x.ndim), keepdims=True)
    return x * lax.rsqrt(maximum(total, jnp.broadcast_to(epsilon, total.shape).astype(total.dtype))).astype(x.dtype)


def _moments(x: Any, axis: Any, keepdims: bool) -> tuple[Any, Any]:
    wide = x.astype(np.float32) if x.dtype == np.float16 else x
    centre = mean(wide, axis, True)
    difference = wide - lax.stop_gradient(centre)
    square = jnp.real(difference * jnp.conj(difference)) if jnp.iscomplexobj(difference) else jnp.square(difference)
    spread = mean(square, axis, keepdims)
    return centre.reshape(spread.shape).astype(x.dtype), spread.astype(x.dtype)


def _bias_add(value: Any, bias: Any, channels_first: bool) -> Any:
    return value + (bias.reshape((-1,) + (1,) * (value.ndim - 2)) if channels_first else bias)


def _check_bias_add(name: str, avals: tuple[Aval, ...], channels_first: bool) -> None:
    checks.same_dtype(name, avals)
    checks.numeric(name, avals)
    value, bias = avals
    if value.ndim < 2:
        raise checks.InvalidArgumentError(
            message=f"Input tensor must be at least 2D: {list(value.shape)} [Op:{name}]. Use + for a vector."
        )
    if bias.ndim != 1:
        raise checks.InvalidArgumentError(message=f"Biases must be 1D: {list(bias.shape)} [Op:{name}]")
    axis = 1 if channels_first else -1
    if bias.shape[0] != value.shape[axis]:
        raise checks.InvalidArgumentError(
            message=f"Must provide as many biases as the channel dimension of the input tensor: {list(bias.shape)} vs. "
            f"{list(value.shape)} [Op:{name}]"
        )


def _dropout(x: Any, rate: Any, scale: Any, words: Any, shape: tuple[int, ...]) -> Any:
    samples = _philox.uniform(words, shape=shape, dtype=x.dtype)
    return jnp.where(samples >= rate, x * scale, _zero(x))


def _clip_rows(x: Any, bound: Any, rank: int) -> Any:
    """Each slice over the axes from `rank` on, scaled down to a norm of at most `bound`."""
    axes = tuple(range(rank, x.ndim))
    total = jnp.sum(jnp.square(x), axes, keepdims=True)
    positive = total > 0
    norm = jnp.where(positive, jnp.sqrt(jnp.where(positive, total, jnp.ones((), x.dtype))), total)
    return x * bound / maximum(norm, jnp.broadcast_to(bound, norm.shape))


def _batch_normalization(x: Any, mean: Any, variance: Any, epsilon: Any, *others: Any, given: tuple[bool, bool]) -> Any:
    rest = list(others)
    offset = rest.pop(0) if given[0] else None
    scale = rest.pop(0) if given[1] else None
    inverse = lax.rsqrt(variance + epsilon)
    inverse = inverse if scale is None else inverse * scale
    shift = -mean * inverse if offset is None else offset - mean * inverse
    return x * inverse.astype(x.dtype) + shift.astype(x.dtype)


RELU = Op("Relu", relu, check=checks.real)
RELU6 = Op("Relu6", _relu6, check=checks.real)
LEAKY_RELU = Op("LeakyRelu", _leaky_relu, check=checks.every(checks.same_dtype, checks.real_floating), unconnected=(1,))
ELU = Op("Elu", _elu, check=checks.real_floating)
SELU = Op("Selu", _selu, check=checks.real_floating)
GELU = Op("Gelu", _gelu, ("approximate",), check=checks.real_floating)
SILU = Op("Silu", _silu, check=checks.every(checks.elementwise, checks.floating))
SOFTSIGN = Op("Softsign", _softsign, check=checks.real_floating)
SOFTMAX = Op("Softmax", _softmax, ("axis",), check=_check_softmax)
LOG_SOFTMAX = Op("LogSoftmax", log_softmax, ("axis",), check=_check_softmax)
L2_LOSS = Op("L2Loss", _l2_loss, check=checks.real_floating)
L2_NORMALIZE = Op(
    "L2Normalize", _l2_normalize, ("axis",), check=checks.every(check_axes, checks.floating), unconnected=(1,)
)
MOMENTS = Op("Moments", _moments, ("axis", "keepdims"), multiple=True, check=checks.every(check_axes, checks.numeric))
BIAS_ADD = Op("BiasAdd", _bias_add, ("channels_first",), check=_check_bias_add)
DROPOUT = Op("Dropout", _dropout, ("shape",), unconnected=(1, 3))
"""`(x, rate, scale, words)`: `x` with some elements zero and the others scaled; `words` is the random state."""
CLIP_ROWS = Op("ClipRowsByNorm", _clip_rows, ("rank",), check=checks.every(checks.same_dtype, checks.real_floating))
BATCH_NORMALIZATION = Op("BatchNormalization", _batch_normalization, ("given",))
"""`(x, mean, variance, epsilon, [offset], [scale])`."""
