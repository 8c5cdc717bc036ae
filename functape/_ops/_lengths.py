"""Lengths as values: also those that are left open while a program is exported."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._compat import is_symbolic
from functape._engine._op import Op
from functape._engine._stand_ins import is_open


def as_number(length: Any, dtype: Any) -> Any:
    """A length, or what was computed from lengths, as a number of a dtype."""
    if isinstance(length, int | float):
        largest = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else math.inf
        return np.asarray(min(length, largest), dtype)
    return jnp.asarray(length).astype(dtype)


def _lengths(*, lengths: Any, dtype: Any) -> Any:
    if isinstance(lengths, tuple):
        return jnp.stack([as_number(length, dtype) for length in lengths])
    return as_number(lengths, dtype)


def _length_range(*, first: Any, step: Any, count: Any, dtype: Any) -> Any:
    return as_number(first, dtype) + jnp.arange(count, dtype=dtype) * as_number(step, dtype)


LENGTHS = Op("Lengths", _lengths, ("lengths", "dtype"), differentiable=False)
"""`()`: one length as a scalar, or a tuple of them as a vector."""
LENGTH_RANGE = Op("LengthRange", _length_range, ("first", "step", "count", "dtype"), differentiable=False)
"""`()`: `count` numbers from `first` on, `step` apart."""


def has_symbolic(values: Any) -> bool:
    """Whether one of some lengths is left open."""
    return any(map(is_symbolic, values))


def has_open(values: Any) -> bool:
    """Whether one of some lengths is not known yet."""
    return any(map(is_open, values))
