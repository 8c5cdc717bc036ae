"""The shape of a tensor, known wholly, in part or not at all."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from functape._engine._compat import is_symbolic

Dims: TypeAlias = tuple[int | None, ...] | None


class TensorShape:
    """The shape of a tensor (`tf.TensorShape`).

    Every length may be unknown (None), and so may the number of axes. It behaves as a sequence of lengths and
    compares equal to a list or tuple of the same lengths.

    **Arguments:**
    - `dims`: a sequence of lengths and Nones, one length, another shape, or None for an unknown rank.

    **Raises:** `TypeError` if a length is neither an integer nor None, `ValueError` if one is negative.

    ```python
    >>> from functape._core._shape import TensorShape
    >>> TensorShape([2, None]).concatenate([3])
    TensorShape([2, None, 3])
    >>> TensorShape([2, 3]) == (2, 3)
    True

    ```
    """

    __slots__ = ("__weakref__", "_dims")

    _dims: Dims

    def __init__(self, dims: Any) -> None:
        self._dims = _as_dims(dims)

    # ---- attributes ------------------------------------------------------------------------------------------

    @property
    def rank(self) -> int | None:
        """The number of axes, or None if unknown."""
        return None if self._dims is None else len(self._dims)

    ndims = rank

    @property
    def dims(self) -> list[int | None] | None:
        """The lengths, or None if the rank is unknown. TensorFlow wraps each in a `Dimension`; here they are plain."""
        return None if self._dims is None else list(self._dims)

    def as_list(self) -> list[int | None]:
        """The lengths, None where unknown.

        **Raises:** `ValueError` if the rank is unknown.
        """
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape. Give the shape a rank first.")
        return list(self._dims)

    def num_elements(self) -> int | None:
        """The number of elements, or None unless every length is known."""
        if not self.is_fully_defined():
            return None
        count = 1
        for length in self._dims:  # type: ignore[union-attr]
            count *= length  # type: ignore[operator]
        return count

    def is_fully_defined(self) -> bool:
        """Whether the rank and every length are known."""
        return self._dims is not None and None not in self._dims

    # ---- sequence --------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[int | None]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims)

    def __getitem__(self, key: Any) -> Any:
        dims = self._dims
        if dims is None:
            return _slice_unknown(key) if isinstance(key, slice) else None
        found = dims[key]
        return make_shape(found) if found.__class__ is tuple else found

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return TensorShape(other).concatenate(self)

    def __eq__(self, other: object) -> Any:
        if other.__class__ is TensorShape:
            return self._dims == other._dims  # type: ignore[attr-defined]
        try:
            return self._dims == _as_dims(other)
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __repr__(self) -> str:
        return f"TensorShape({None if self._dims is None else list(self._dims)})"

    def __str__(self) -> str:
        return "<unknown>" if self._dims is None else str(self._dims)

    def __reduce__(self) -> Any:
        return TensorShape, (self._dims,)

    # ---- combining -------------------------------------------------------------------------------------------

    def concatenate(self, other: Any) -> TensorShape:
        """The axes of this shape followed by those of `other`; unknown if either rank is."""
        after = _as_dims(other)
        return UNKNOWN if self._dims is None or after is None else make_shape(self._dims + after)

    def merge_with(self, other: Any) -> TensorShape:
        """A shape with all that this one and `other` know.

        **Raises:** `ValueError` if they contradict each other.
        """
        given = as_shape(other)
        if self._dims is None:
            return given
        if given._dims is None:
            return self
        if not self.is_compatible_with(given):
            raise ValueError(
                f"Shapes {self} and {given} are not compatible: the ranks and every known length must agree."
            )
        return make_shape(tuple(a if b is None else b for a, b in zip(self._dims, given._dims, strict=True)))

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        """What this shape and `other` have in common: None where lengths differ, unknown where ranks do."""
        return self.most_specific_common_supertype([as_shape(other)])  # type: ignore[return-value]

    def most_specific_common_supertype(self, others: Sequence[Any]) -> TensorShape | None:
        """What this shape and all of `others` have in common, or None if one of them is not a `TensorShape`."""
        if not all(isinstance(other, TensorShape) for other in others):
            return None
        common = self._dims
        for other in others:
            if common is None or other._dims is None or len(common) != len(other._dims):
                return UNKNOWN
            common = tuple(a if a == b else None for a, b in zip(common, other._dims, strict=True))
        return TensorShape(common)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every shape that this one allows is one that `other` allows."""
        if not isinstance(other, TensorShape):
            return False
        if other._dims is None:
            return True
        if self._dims is None or len(self._dims) != len(other._dims):
            return False
        return all(b is None or a == b for a, b in zip(self._dims, other._dims, strict=True))

    def is_compatible_with(self, other: Any) -> bool:
        """Whether a tensor could have both shapes."""
        given = _as_dims(other)
        if self._dims is None or given is None:
            return True
        if len(self._dims) != len(given):
            return False
        return all(a is None or b is None or a == b for a, b in zip(self._dims, given, strict=True))

    # ---- checks ----------------------------------------------------------------------------------------------

    def assert_is_compatible_with(self, other: Any) -> None:
        """Raise `ValueError` unless a tensor could have both shapes."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {other} are incompatible")

    def assert_same_rank(self, other: Any) -> None:
        """Raise `ValueError` if both ranks are known and differ."""
        given = as_shape(other)
        if self._dims is not None and given._dims is not None and len(self._dims) != len(given._dims):
            raise ValueError(f"Shapes {self} and {given} must have the same rank")

    def assert_has_rank(self, rank: int) -> None:
        """Raise `ValueError` if the rank is known and is not `rank`."""
        if self._dims is not None and len(self._dims) != operator.index(rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def assert_is_fully_defined(self) -> None:
        """Raise `ValueError` unless the rank and every length are known."""
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def with_rank(self, rank: int | None) -> TensorShape:
        """This shape, given a rank if it had none.

        **Raises:** `ValueError` if it has another rank.
        """
        if rank is None:
            return self
        unknown = make_shape((None,) * rank)
        if self._dims is None:
            return unknown
        if len(self._dims) != len(unknown):
            raise ValueError(f"Shape {self} must have rank {rank}")
        return self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        """This shape.

        **Raises:** `ValueError` if it is known to have fewer axes.
        """
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        """This shape.

        **Raises:** `ValueError` if it is known to have more axes.
        """
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self


@lru_cache(maxsize=4096)
def make_shape(dims: tuple[int | None, ...]) -> TensorShape:
    """The shape of these lengths, unchecked: for tuples the package itself made. Shapes are immutable and shared."""
    shape = TensorShape.__new__(TensorShape)
    shape._dims = dims
    return shape


def as_shape(value: Any) -> TensorShape:
    """`value` as a `TensorShape`."""
    return value if value.__class__ is TensorShape else TensorShape(value)


def _as_dims(dims: Any) -> Dims:
    """The lengths that a user's value stands for."""
    if dims is None:
        return None
    if isinstance(dims, TensorShape):
        return dims._dims
    if isinstance(dims, list | tuple):
        return tuple([_as_length(length) for length in dims])
    if isinstance(dims, str | dict):
        raise TypeError(
            "The argument `dims` must be one length (10) or an iterable of lengths and Nones ([1, 10, None]). "
            f"Received: {dims!r}"
        )
    try:
        lengths: Iterable[Any] = iter(dims)
    except TypeError:
        lengths = (dims,)
    return tuple([_as_length(length) for length in lengths])


def _as_length(length: Any) -> int | None:
    if length is None:
        return None
    try:
        number = operator.index(length)
    except TypeError:
        if is_symbolic(length):
            return length
        raise TypeError(
            f"Dimension value must be an integer or None. Received: {length!r} of type {type(length).__name__}"
        ) from None
    if number < 0:
        raise ValueError(f"Dimension {number} must be >= 0. Pass None for a length that is not known.")
    return number


def _slice_unknown(key: slice) -> TensorShape:
    """What is known of a slice of a shape of unknown rank: the number of axes, if counted from the front."""
    if key.step is not None:
        raise ValueError("Steps are not yet handled: a shape of unknown rank takes [start:stop] only.")
    start, stop = key.start or 0, key.stop
    if stop is None or start < 0 or stop < 0:
        return UNKNOWN
    return make_shape((None,) * (stop - start))


UNKNOWN = TensorShape(None)
