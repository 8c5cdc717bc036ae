"""Rows of clipping by norm."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._elementwise import maximum, minimum
from functape._ops._reductions import axes_of, check_axes


def _by_norm(t: Any, clip_norm: Any, axis: Any) -> Any:
    clip_norm = maximum(clip_norm, jnp.zeros((), t.dtype))
    squares = jnp.sum(t * t, axes_of(axis, t.ndim), dtype=t.dtype, keepdims=True)
    positive = squares > 0
    norm = jnp.where(positive, jnp.sqrt(jnp.where(positive, squares, jnp.ones((), t.dtype))), squares)
    return t * clip_norm / maximum(norm, clip_norm)


def _check_by_norm(name: str, avals: tuple[Aval, ...], axis: Any) -> None:
    checks.same_dtype(name, avals)
    checks.real_floating(name, avals)
    check_axes(name, avals, axis)


def _global_norm(*tensors: Any) -> Any:
    halves = [jnp.sum(each * each, dtype=each.dtype) / 2 for each in tensors]
    return jnp.sqrt(jnp.sum(jnp.stack(halves), dtype=halves[0].dtype) * 2)


def _by_global_norm(clip_norm: Any, norm: Any, *tensors: Any) -> tuple[Any, ...]:
    one = jnp.ones((), norm.dtype)
    # The difference is 0 unless the norm is infinite or NaN, which makes every result NaN.
    scale = clip_norm * minimum(one / norm, one / clip_norm) + (norm - norm)
    return tuple(each * scale.astype(each.dtype) for each in tensors)


def _check_by_global_norm(name: str, avals: tuple[Aval, ...]) -> None:
    checks.real_floating(name, avals)
    for each in avals[:2]:
        if each.shape:
            raise InvalidArgumentError(
                message=f"clip_norm and use_norm must be 0-D [Op:{name}]. Received shape {list(each.shape)}."
            )


CLIP_BY_NORM = Op("ClipByNorm", _by_norm, ("axis",), check=_check_by_norm)
"""`(t, clip_norm)`"""
GLOBAL_NORM = Op("GlobalNorm", _global_norm, check=checks.every(checks.same_dtype, checks.real_floating))
CLIP_BY_GLOBAL_NORM = Op("ClipByGlobalNorm", _by_global_norm, multiple=True, check=_check_by_global_norm)
"""`(clip_norm, norm, *tensors)`"""
