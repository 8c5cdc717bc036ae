"""Rows of the ops that shift bits."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._op import Op
from functape._ops import _checks as checks

_integers = checks.every(checks.elementwise, checks.integer)


def _distance(y: Any) -> Any:
    """How far to shift: TensorFlow's kernels keep it within the type's bits."""
    return jnp.clip(y, 0, jnp.iinfo(y.dtype).bits - 1)


def _left(x: Any, y: Any) -> Any:
    return lax.shift_left(*jnp.broadcast_arrays(x, _distance(y)))


def _right(x: Any, y: Any) -> Any:
    x, y = jnp.broadcast_arrays(x, _distance(y))
    signed = jnp.issubdtype(x.dtype, jnp.signedinteger)
    return lax.shift_right_arithmetic(x, y) if signed else lax.shift_right_logical(x, y)


LEFT_SHIFT = Op("LeftShift", _left, differentiable=False, check=_integers)
RIGHT_SHIFT = Op("RightShift", _right, differentiable=False, check=_integers)
