"""Rows of the normalizations, each a whole layer."""

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
from functape._ops._convolution import refuse
from functape._ops._lengths import as_number


def _wide(x: Any) -> Any:
    """`x` in at least single precision: squares of half-precision numbers overflow."""
    return x.astype(np.float32) if x.dtype.itemsize < 4 else x


def _along(values: Any, rank: int, axis: int, dtype: Any) -> Any:
    """A vector that lies along one axis of an array of `rank` dimensions."""
    shape = [1] * rank
    shape[axis] = values.shape[0]
    return values.astype(dtype).reshape(shape)


def _optional(rest: tuple[Any, ...], *given: bool) -> list[Any]:
    following = iter(rest)
    return [next(following) if each else None for each in given]


def _scaled(x: Any, mean: Any, variance: Any, epsilon: float, gamma: Any, beta: Any) -> Any:
    inverse = lax.rsqrt(variance + np.asarray(epsilon, variance.dtype))
    inverse = inverse if gamma is None else inverse * gamma
    shift = -mean * inverse
    return x * inverse + (shift if beta is None else shift + beta)


def _moments(x: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    count = as_number(max(math.prod(x.shape[axis] for axis in axes), 1), x.dtype)
    mean = jnp.sum(x, axes, keepdims=True) / count
    # The mean's own share in the gradient of the variance is zero.
    return mean, jnp.sum(jnp.square(x - lax.stop_gradient(mean)), axes, keepdims=True) / count


def _weighted_moments(x: Any, mask: Any, axes: tuple[int, ...], epsilon: float) -> tuple[Any, Any]:
    weights = jnp.broadcast_to(mask[..., None], x.shape)
    zero = np.zeros((), x.dtype)
    count = jnp.sum(weights.astype(x.dtype), axes, keepdims=True) + np.asarray(epsilon, x.dtype)
    mean = jnp.sum(jnp.where(weights, x, zero), axes, keepdims=True) / count
    distances = jnp.where(weights, x - mean, zero)
    return mean, jnp.sum(jnp.square(distances), axes, keepdims=True) / count


def _batch_norm_train(
    x: Any,
    moving_mean: Any,
    moving_variance: Any,
    *rest: Any,
    axis: int,
    momentum: float,
    epsilon: float,
    has_gamma: bool,
    has_beta: bool,
    has_mask: bool,
    unbiased: bool,
) -> tuple[Any, ...]:
    gamma, beta, mask = _optional(rest, has_gamma, has_beta, has_mask)
    wide = _wide(x)
    axis %= x.ndim
    axes = tuple(each for each in range(x.ndim) if each != axis)
    gamma, beta = (None if each is None else _along(each, x.ndim, axis, wide.dtype) for each in (gamma, beta))
    mean, variance = _moments(wide, axes) if mask is None else _weighted_moments(wide, mask, axes, 1e-7)
    output = _scaled(wide, mean, variance, epsilon, gamma, beta).astype(x.dtype)
    mean, variance = mean.reshape(-1), variance.reshape(-1)
    count = math.prod(x.shape[each] for each in axes)
    spread = variance * as_number(count / jax.core.max_dim(count - 1, 1), variance.dtype) if unbiased else variance

    def moved(moving: Any, value: Any) -> Any:
        value = lax.stop_gradient(value)
        kept = moving.astype(value.dtype) * np.asarray(momentum, value.dtype)
        return (kept + value * np.asarray(1.0 - momentum, value.dtype)).astype(moving.dtype)

    return output, mean, variance, moved(moving_mean, mean), moved(moving_variance, spread)


def _batch_norm_infer(
    x: Any, mean: Any, variance: Any, *rest: Any, axis: int, epsilon: float, has_gamma: bool, has_beta: bool
) -> Any:
    wide = _wide(x)
    gamma, beta = _optional(rest, has_gamma, has_beta)
    values = [
        None if each is None else _along(each, x.ndim, axis % x.ndim, wide.dtype)
        for each in (mean, variance, gamma, beta)
    ]
    return _scaled(wide, values[0], values[1], epsilon, values[2], values[3]).astype(x.dtype)


def _layer_norm(x: Any, *rest: Any, axes: tuple[int, ...], epsilon: float, has_gamma: bool, has_beta: bool) -> Any:
    wide = _wide(x)
    axes = tuple(sorted(axis % x.ndim for axis in axes))
    shape = [length if axis in axes else 1 for axis, length in enumerate(x.shape)]
    gamma, beta = (
        None if each is None else each.astype(wide.dtype).reshape(shape)
        for each in _optional(rest, has_gamma, has_beta)
    )
    return _scaled(wide, *_moments(wide, axes), epsilon, gamma, beta).astype(x.dtype)


def _group_norm(x: Any, *rest: Any, groups: int, axis: int, epsilon: float, has_gamma: bool, has_beta: bool) -> Any:
    wide = _wide(x)
    axis %= x.ndim
    channels = x.shape[axis]
    parted = wide.reshape((*x.shape[:axis], groups, channels // groups, *x.shape[axis + 1 :]))
    shape = [1] * parted.ndim
    shape[axis], shape[axis + 1] = groups, channels // groups
    gamma, beta = (
        None if each is None else each.astype(wide.dtype).reshape(shape)
        for each in _optional(rest, has_gamma, has_beta)
    )
    axes = tuple(each for each in range(1, parted.ndim) if each != axis)
    return _scaled(parted, *_moments(parted, axes), epsilon, gamma, beta).reshape(x.shape).astype(x.dtype)


def _rms_norm(x: Any, *rest: Any, axes: tuple[int, ...], epsilon: float, has_gamma: bool) -> Any:
    wide = _wide(x)
    axes = tuple(sorted(axis % x.ndim for axis in axes))
    (gamma,) = _optional(rest, has_gamma)
    count = as_number(max(math.prod(x.shape[axis] for axis in axes), 1), wide.dtype)
    inverse = lax.rsqrt(jnp.sum(jnp.square(wide), axes, keepdims=True) / count + np.asarray(epsilon, wide.dtype))
    output = wide * inverse
    if gamma is not None:
        output = output * gamma.astype(wide.dtype).reshape(
            [length if axis in axes else 1 for axis, length in enumerate(x.shape)]
        )
    return output.astype(x.dtype)


def _local_response_normalization(x: Any, depth_radius: int, bias: float, alpha: float, beta: float) -> Any:
    wide = _wide(x)
    squares = jnp.square(wide)
    channels = x.shape[-1]
    radius = min(depth_radius, channels - 1)
    sums = jnp.cumsum(jnp.pad(squares, [(0, 0)] * (x.ndim - 1) + [(radius + 1, radius)]), -1)
    if radius * 2 + 1 <= _FEW:
        padded = jnp.pad(squares, [(0, 0)] * (x.ndim - 1) + [(radius, radius)])
        near = sum(lax.slice_in_dim(padded, at, at + channels, axis=x.ndim - 1) for at in range(2 * radius + 1))
    else:
        near = sums[..., 2 * radius + 1 :] - sums[..., :channels]
    base = np.asarray(bias, wide.dtype) + np.asarray(alpha, wide.dtype) * near
    return (wide * base ** np.asarray(-beta, wide.dtype)).astype(x.dtype)


_FEW = 33
"""Up to this many neighbours are added up one by one, which is exact; more come from running sums."""


def _check_axis(name: str, avals: tuple[Aval, ...], axis: int, **_: Any) -> None:
    checks.real_floating(name, avals[:1])
    x = avals[0]
    if not -x.ndim <= axis < x.ndim:
        refuse(name, f"`axis` is out of range for an input of {x.ndim} dimensions. Received: axis={axis}")


def _check_batch_norm(name: str, avals: tuple[Aval, ...], axis: int, **attributes: Any) -> None:
    _check_axis(name, avals, axis)
    channels = avals[0].shape[axis]
    vectors = avals[1 : len(avals) - bool(attributes.get("has_mask"))]
    for each in vectors:
        if each.shape != (channels,):
            refuse(name, f"A vector of {channels} is needed for that many channels. Received: {list(each.shape)}")


def _check_group_norm(name: str, avals: tuple[Aval, ...], axis: int, groups: int, **_: Any) -> None:
    _check_axis(name, avals, axis)
    if groups < 1 or avals[0].shape[axis] % groups:
        refuse(name, f"{avals[0].shape[axis]} channels cannot be cut into {groups} groups")


def _check_lrn(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.dtypes(lambda dtype: dtype.name in ("float16", "bfloat16", "float32"), "half and float")(name, avals)
    if avals[0].ndim != 4:
        refuse(name, f"in must be 4-dimensional. Received a tensor of shape {list(avals[0].shape)}")


BATCH_NORM_TRAIN = Op(
    "BatchNormTraining",
    _batch_norm_train,
    ("axis", "momentum", "epsilon", "has_gamma", "has_beta", "has_mask", "unbiased"),
    multiple=True,
    check=_check_batch_norm,
    unconnected=(1, 2),
)
"""`(x, moving mean, moving variance, [gamma], [beta], [mask])`: the output, the batch's mean and variance, and the new
moving mean and variance."""
BATCH_NORM_INFER = Op(
    "BatchNormInference", _batch_norm_infer, ("axis", "epsilon", "has_gamma", "has_beta"), check=_check_batch_norm
)
"""`(x, mean, variance, [gamma], [beta])`."""
LAYER_NORM = Op("LayerNorm", _layer_norm, ("axes", "epsilon", "has_gamma", "has_beta"))
"""`(x, [gamma], [beta])`."""
GROUP_NORM = Op(
    "GroupNorm", _group_norm, ("groups", "axis", "epsilon", "has_gamma", "has_beta"), check=_check_group_norm
)
"""`(x, [gamma], [beta])`, both as long as there are channels."""
RMS_NORM = Op("RmsNorm", _rms_norm, ("axes", "epsilon", "has_gamma"))
"""`(x, [gamma])`."""
LOCAL_RESPONSE_NORMALIZATION = Op(
    "LRN", _local_response_normalization, ("depth_radius", "bias", "alpha", "beta"), check=_check_lrn
)
