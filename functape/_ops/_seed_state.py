"""Rows for random states that are kept in a variable: Keras's pair of a seed and a count."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op

LARGEST = 2**31 - 2
"""Keras takes seeds modulo this before they go into a stateless op."""


def _next(state: Any) -> tuple[Any, Any]:
    return state, state + jnp.asarray([0, 1], state.dtype)


def _mixed(state: Any) -> tuple[Any, Any]:
    return state, (state + 1) * 5387 % 933199


def narrowed(state: Any) -> Any:
    """A pair of int64 as the int32 seed of a stateless op."""
    return jnp.mod(state, jnp.asarray(LARGEST, state.dtype)).astype(np.int32)


SEED_NEXT = Op("KerasSeedNext", _next, multiple=True, differentiable=False)
"""`(state)`: the state as it is, and the one after it in counting order."""

SEED_MIXED = Op("KerasSeedMixed", _mixed, multiple=True, differentiable=False)
"""`(state)`: the state as it is, and one that both numbers of it go into."""

SEED_NARROWED = Op("KerasSeedNarrowed", narrowed, differentiable=False)
"""`(state)`: int32[2] for a stateless op."""
