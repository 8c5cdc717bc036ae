"""Descriptions of values: what shape and dtype a tensor has or must have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functape._core._shape import TensorShape
from functape._engine._dtypes import DType, as_dtype, float32, int64
from functape._engine._tensor import BaseTensor


class TypeSpec:
    """Base of the descriptions (`tf.TypeSpec`). Those of one class and equal parts are equal; they are immutable."""

    __slots__ = ("__weakref__",)

    @property
    def value_type(self) -> type:
        """The class of the values described."""
        raise NotImplementedError

    def _parts(self) -> tuple[Any, ...]:
        """The constructor's arguments."""
        raise NotImplementedError

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether the described values include `spec_or_value`, or could be the same as its."""
        raise NotImplementedError

    def is_subtype_of(self, other: Any) -> bool:
        """Whether everything this describes is also described by `other`."""
        if type(self) is not type(other):
            return False
        return all(
            a.is_subtype_of(b) if isinstance(a, TensorShape) else a == b
            for a, b in zip(self._parts(), other._parts(), strict=True)
        )

    def most_specific_common_supertype(self, others: Sequence[Any]) -> Any:
        """The narrowest description that covers this one and all of `others`, or None if there is none."""
        if any(type(self) is not type(other) for other in others):
            return None
        parts = []
        for own, *theirs in zip(self._parts(), *(other._parts() for other in others), strict=True):
            if isinstance(own, TensorShape):
                parts.append(own.most_specific_common_supertype(theirs))
            elif all(own == each for each in theirs):
                parts.append(own)
            else:
                return None
        return type(self)(*parts)

    def most_specific_compatible_type(self, other: Any) -> Any:
        """The narrowest description that covers this one and `other`.

        **Raises:** `ValueError` if there is none.
        """
        found = self.most_specific_common_supertype([other])
        if found is None:
            raise ValueError(f"No TypeSpec is compatible with both {self} and {other}")
        return found

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._parts() == other._parts()  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), self._parts()))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._parts()))})"

    def __reduce__(self) -> Any:
        return type(self), self._parts()


class TensorSpec(TypeSpec):
    """The shape, dtype and name of a tensor (`tf.TensorSpec`).

    **Arguments:**
    - `shape`: anything `tf.TensorShape` takes; None for an unknown rank.
    - `dtype`: anything `tf.as_dtype` takes.
    - `name`: an optional name.

    **Raises:** `TypeError` if the shape or the dtype is none.

    ```python
    >>> from functape._core._spec import TensorSpec
    >>> TensorSpec([2, None], "int32")
    TensorSpec(shape=(2, None), dtype=tf.int32, name=None)

    ```
    """

    __slots__ = ("_dtype", "_name", "_shape")

    def __init__(self, shape: Any, dtype: Any = float32, name: str | None = None) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._name = name

    @classmethod
    def from_spec(cls, spec: Any, name: str | None = None) -> TensorSpec:
        """A spec like `spec`, with another name if one is given."""
        return cls(spec.shape, spec.dtype, name or spec.name)

    @classmethod
    def from_tensor(cls, tensor: Any, name: str | None = None) -> TensorSpec:
        """The spec of a tensor.

        **Raises:** `ValueError` if `tensor` is none.
        """
        if not isinstance(tensor, BaseTensor):
            raise ValueError(
                f"The argument `tensor` must be a tf.Tensor; use tf.convert_to_tensor first. Received: {type(tensor)}"
            )
        return cls(tensor.aval.shape, tensor.aval.dtype, name)

    @property
    def value_type(self) -> type:
        """`tf.Tensor`."""
        from functape._core._tensor import Tensor

        return Tensor

    @property
    def shape(self) -> TensorShape:
        """The shape."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype."""
        return self._dtype

    @property
    def name(self) -> str | None:
        """The name, or None."""
        return self._name

    def _parts(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._name

    def is_compatible_with(self, spec_or_tensor: Any) -> bool:
        """Whether a `TensorSpec` or a tensor has the same dtype and a shape that could be the same."""
        if isinstance(spec_or_tensor, BaseTensor):
            spec_or_tensor = spec_or_tensor.aval
        elif not isinstance(spec_or_tensor, TensorSpec):
            return False
        return self._dtype is spec_or_tensor.dtype and self._shape.is_compatible_with(spec_or_tensor.shape)

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every tensor this describes is also described by `other`. A spec without a name fits any name."""
        return (
            isinstance(other, TensorSpec)
            and (not self._name or self._name == other._name)
            and self._shape.is_subtype_of(other._shape)
            and self._dtype is other._dtype
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(shape={self._shape}, dtype={self._dtype!r}, name={self._name!r})"


class IndexedSlicesSpec(TypeSpec):
    """The shape and dtypes of an `IndexedSlices` (`tf.IndexedSlicesSpec`).

    **Arguments:**
    - `shape`: the dense shape, or None.
    - `dtype`: of the values.
    - `indices_dtype`: of the indices.
    - `dense_shape_dtype`: of the dense shape, or None if it has none.
    - `indices_shape`: the indices' shape, of rank 1, or None.
    """

    __slots__ = ("_dense_shape_dtype", "_indices_dtype", "_indices_shape", "_shape", "_values_dtype")

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = float32,
        indices_dtype: Any = int64,
        dense_shape_dtype: Any = None,
        indices_shape: Any = None,
    ) -> None:
        self._shape = TensorShape(shape)
        self._values_dtype = as_dtype(dtype)
        self._indices_dtype = as_dtype(indices_dtype)
        self._dense_shape_dtype = None if dense_shape_dtype is None else as_dtype(dense_shape_dtype)
        self._indices_shape = TensorShape(indices_shape).with_rank(1)

    @property
    def value_type(self) -> type:
        """`tf.IndexedSlices`."""
        from functape._core._slices import IndexedSlices

        return IndexedSlices

    def _parts(self) -> tuple[Any, ...]:
        return self._shape, self._values_dtype, self._indices_dtype, self._dense_shape_dtype, self._indices_shape

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a spec or slices have the same dtypes and shapes that could be the same."""
        spec = getattr(spec_or_value, "_type_spec", spec_or_value)
        if type(spec) is not type(self):
            return False
        return all(
            a.is_compatible_with(b) if isinstance(a, TensorShape) else a == b
            for a, b in zip(self._parts(), spec._parts(), strict=True)
        )
