"""Rows of ranking and counting."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks


def _top(x: Any, k: int, index_type: Any) -> Any:
    ranked = x
    if jnp.issubdtype(x.dtype, jnp.floating):
        ranked = jnp.where(jnp.isnan(x), jnp.asarray(-jnp.inf, x.dtype), x)
    places = lax.top_k(lax.stop_gradient(ranked), k)[1]
    return jnp.take_along_axis(x, places, -1), places.astype(index_type)


def _check_top(name: str, avals: tuple[Aval, ...], k: int, **_: Any) -> None:
    checks.real(name, avals)
    shape = avals[0].shape
    if not shape:
        raise InvalidArgumentError(message=f"input must be >= 1-D, got shape [] [Op:{name}]")
    if k < 0:
        raise InvalidArgumentError(message=f"Need k >= 0, got {k} [Op:{name}]")
    if shape[-1] < k:
        raise InvalidArgumentError(
            message=f"input must have at least k columns. Had {shape[-1]}, needed {k} [Op:{name}]"
        )


def _in_top(targets: Any, predictions: Any, k: Any) -> Any:
    classes = predictions.shape[1]
    known = (targets >= 0) & (targets < classes)
    place = jnp.where(known, targets, jnp.zeros((), targets.dtype))
    score = jnp.take_along_axis(predictions, place[:, None], 1)
    above = jnp.sum(predictions > score, 1, dtype=k.dtype)
    return known & jnp.all(jnp.isfinite(predictions), 1) & (above < k)


def _check_in_top(name: str, avals: tuple[Aval, ...]) -> None:
    targets, predictions, _ = avals
    if predictions.ndim != 2 or targets.ndim != 1 or predictions.shape[0] != targets.shape[0]:
        raise InvalidArgumentError(
            message=f"First dimension of predictions {list(predictions.shape)} must match length of targets "
            f"{list(targets.shape)}: they have shapes [batch, classes] and [batch] [Op:{name}]."
        )


def _counts(values: Any, weights: Any, shape: tuple[int, int], size: int, binary: bool) -> Any:
    """How often each of `0 .. size - 1` comes in each row of `values` as `shape`, weighted."""
    values, weights = values.reshape(shape), weights.reshape(shape)
    rows = jnp.arange(values.shape[0], dtype=values.dtype)[:, None]
    empty = jnp.zeros((values.shape[0], size), weights.dtype)
    if binary:
        return empty.at[rows, values].set(jnp.ones((), weights.dtype), mode="drop")
    return empty.at[rows, values].add(weights, mode="drop")


def _confusion(labels: Any, predictions: Any, weights: Any, size: int) -> Any:
    return jnp.zeros((size, size), weights.dtype).at[labels, predictions].add(weights, mode="drop")


TOP_K = Op("TopKV2", _top, ("k", "index_type"), multiple=True, check=_check_top)
IN_TOP_K = Op("InTopKV2", _in_top, check=_check_in_top, differentiable=False)
"""`(targets, predictions, k)`"""
BINCOUNT = Op("DenseBincount", _counts, ("shape", "size", "binary"), differentiable=False)
"""`(values, weights)`"""
CONFUSION_MATRIX = Op("ConfusionMatrix", _confusion, ("size",), differentiable=False)
"""`(labels, predictions, weights)`, each `[n]`."""
INVERT_PERMUTATION = Op(
    "InvertPermutation",
    lambda x: jnp.zeros_like(x).at[x].set(jnp.arange(x.shape[0], dtype=x.dtype)),
    check=checks.dtypes(lambda dtype: dtype.name in ("int32", "int64"), "int32 and int64"),
    differentiable=False,
)
