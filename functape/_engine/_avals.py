"""Interned abstract values: shape, dtype and what a recording must know of a value's holder.

There is one `Aval` object for each distinct combination, so that recorder states compare them by identity.
"""

from __future__ import annotations

import enum
from typing import Any

import jax
import numpy as np

from functape._engine._compat import is_symbolic
from functape._engine._dtypes import DType, as_dtype


class Kind(enum.IntEnum):
    """How a value is held and enters a program."""

    ARRAY = 0
    """An array of its own."""
    VARIABLE = 1
    """The current value of a trainable variable: reading it under a tape watches it."""
    SCALAR = 2
    """A host number; all of a recording's scalars enter as one packed vector."""
    TREE = 3
    """A tuple of arrays behind one handle, such as an optimizer's slots."""
    HOST = 4
    """A value that never enters a program (strings)."""
    TRACER = 5
    """A value of a JAX transformation in progress, which no compiled program can take."""


class Aval:
    """Shape and dtype of a value, interned. Made by `aval` and `tree_aval` only."""

    __slots__ = ("shape", "dtype", "kind", "struct", "differentiable", "leaves", "_kinds")

    shape: tuple[int, ...]
    dtype: DType
    kind: Kind
    struct: Any
    differentiable: bool
    leaves: tuple[Aval, ...]

    def __init__(self, shape: tuple[int, ...], dtype: DType, kind: Kind, leaves: tuple[Aval, ...] = ()) -> None:
        self.shape = shape
        self.dtype = dtype
        self.kind = kind
        self.leaves = leaves
        self._kinds: dict[Kind, Aval] = {kind: self}
        self.differentiable = dtype.is_floating or dtype.is_complex
        if kind is Kind.TREE:
            self.struct = tuple(leaf.struct for leaf in leaves)
        elif kind is Kind.HOST:
            self.struct = None
        else:
            self.struct = jax.ShapeDtypeStruct(shape, dtype.as_numpy_dtype)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for length in self.shape:
            size *= length
        return size

    def as_kind(self, kind: Kind) -> Aval:
        """The aval of the same shape and dtype that is held in another way."""
        other = self._kinds.get(kind)
        if other is None:
            other = self._kinds[kind] = aval(self.shape, self.dtype, kind)
        return other

    def __repr__(self) -> str:
        return f"{self.dtype.name}{list(self.shape)}"

    def __reduce__(self) -> Any:
        if self.kind is Kind.TREE:
            return tree_aval, (self.leaves,)
        return aval, (self.shape, self.dtype, self.kind)


_interned: dict[Any, Aval] = {}


def aval(shape: tuple[int, ...], dtype: DType | np.dtype[Any] | type, kind: Kind = Kind.ARRAY) -> Aval:
    """The one `Aval` of this shape, dtype and kind.

    **Arguments:**
    - `shape`: a tuple of Python ints, or of lengths left open in an export.
    - `dtype`: a `DType`, or anything NumPy takes for one.
    - `kind`: how the value is held.
    """
    key = (shape, dtype, kind)
    found = _interned.get(key)
    if found is None:
        lengths = tuple(length if is_symbolic(length) else int(length) for length in shape)
        canonical = (lengths, as_dtype(dtype), kind)
        found = _interned.setdefault(canonical, Aval(*canonical))
        _interned[key] = found
    return found


def tree_aval(leaves: tuple[Aval, ...]) -> Aval:
    """The one `Aval` of a tuple of arrays held as one value."""
    found = _interned.get(leaves)
    if found is None:
        first = leaves[0].dtype if leaves else as_dtype(np.float32)
        found = _interned.setdefault(leaves, Aval((), first, Kind.TREE, leaves))
    return found
