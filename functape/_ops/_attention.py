"""Rows of attention: whole products with softmax, masked softmax, and the masks that follow from positions."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._op import Op


def _dot_product(query: Any, key: Any, value: Any, *mask: Any, scale: float, causal: bool, has_mask: bool) -> Any:
    return _biased(query, key, value, None, *mask, scale=scale, causal=causal, has_mask=has_mask)


def _biased(query: Any, key: Any, value: Any, bias: Any, *mask: Any, scale: float, causal: bool, has_mask: bool) -> Any:
    wide = jnp.promote_types(query.dtype, jnp.float32)
    logits = jnp.einsum("btnh,bsnh->bnts", query, key).astype(wide) * jnp.asarray(scale, wide)
    if bias is not None:
        logits = logits + bias.astype(wide)
    kept = mask[0] if has_mask else None
    if causal:
        below = _below(query.shape[1], key.shape[1])
        kept = below if kept is None else jnp.logical_and(kept, below)
    if kept is not None:
        least = -0.7 * (65500.0 if wide == jnp.float16 else 3.38953e38)
        logits = jnp.where(kept, logits, jnp.asarray(least, wide))
    shares = jax.nn.softmax(logits, axis=-1).astype(key.dtype)
    return jnp.einsum("bnts,bsnh->btnh", shares, value)


def _below(rows: int, columns: int) -> Any:
    row = jax.lax.broadcasted_iota(jnp.int32, (rows, columns), 0)
    return row >= jax.lax.broadcasted_iota(jnp.int32, (rows, columns), 1)


def _causal(query: Any, value: Any) -> Any:
    return _below(query.shape[1], value.shape[1])[None]


def _window(query: Any, value: Any, width: int) -> Any:
    shape = (query.shape[1], value.shape[1])
    apart = jax.lax.broadcasted_iota(jnp.int32, shape, 0) - jax.lax.broadcasted_iota(jnp.int32, shape, 1)
    return (jnp.abs(apart) < jnp.asarray(width, jnp.int32))[None]


def _masked_softmax(scores: Any, *mask: Any, axes: tuple[int, ...], has_mask: bool) -> Any:
    if has_mask:
        least = jnp.asarray(-3e4 if scores.dtype == jnp.float16 else -1e9, scores.dtype)
        scores = jnp.where(mask[0], scores, least)
    shares = jax.nn.softmax(scores, axis=axes)
    return jnp.where(mask[0], shares, jnp.zeros((), shares.dtype)) if has_mask else shares


def _lowered_softmax(scores: Any, *mask: Any, has_mask: bool) -> Any:
    if has_mask:
        less = jnp.asarray(65504.0 if scores.dtype == jnp.float16 else 1e9, scores.dtype)
        scores = jnp.where(mask[0], scores, scores - less)
    return jax.nn.softmax(scores, axis=-1)


DOT_PRODUCT_ATTENTION = Op("DotProductAttention", _dot_product, ("scale", "causal", "has_mask"))
"""`(query [b, t, n, h], key [b, s, n, h], value, [mask])`; the mask broadcasts with `[b, n, t, s]`."""
BIASED_ATTENTION = Op("BiasedAttention", _biased, ("scale", "causal", "has_mask"))
"""`(query, key, value, bias, [mask])`: the bias, which broadcasts with `[b, n, t, s]`, is added to the scores."""
CAUSAL_MASK = Op("CausalMask", _causal, differentiable=False)
"""`(query [b, t, ...], value [b, s, ...])`: bool `[1, t, s]`, True up to the same position."""
WINDOW_MASK = Op("WindowMask", _window, ("width",), differentiable=False)
"""As `CAUSAL_MASK`, True for positions less than `width` apart."""
MASKED_SOFTMAX = Op("MaskedSoftmax", _masked_softmax, ("axes", "has_mask"))
"""`(scores, [mask])`: a softmax over some axes, zero where the mask is False."""
LOWERED_SOFTMAX = Op("LoweredSoftmax", _lowered_softmax, ("has_mask",))
"""`(scores, [mask])`: a softmax over the last axis of scores that are lowered where the mask is False."""
