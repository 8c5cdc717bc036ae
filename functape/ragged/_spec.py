"""`tf.RaggedTensorSpec`: what is known of a ragged tensor."""

from __future__ import annotations

from typing import Any

from functape._core._shape import TensorShape
from functape._core._spec import TypeSpec
from functape._engine._dtypes import DType, as_dtype, float32, int64
from functape.ragged._rows import splits_dtype
from functape.ragged._tensor import RaggedTensor, is_ragged


class RaggedTensorSpec(TypeSpec):
    """The shape, dtype and number of ragged axes of a ragged tensor (`tf.RaggedTensorSpec`).

    **Arguments:**
    - `shape`: its shape, None for ragged axes; None for an unknown rank.
    - `dtype`: its elements' dtype.
    - `ragged_rank`: how many axes are ragged; all but the first by default.
    - `row_splits_dtype`: int32 or int64.
    - `flat_values_spec`: not supported.

    ```python
    >>> import functape as tf
    >>> tf.RaggedTensorSpec([2, None], tf.int32)
    RaggedTensorSpec(TensorShape([2, None]), tf.int32, 1, tf.int64)

    ```
    """

    __slots__ = ("_dtype", "_ragged_rank", "_row_splits_dtype", "_shape")

    def __init__(
        self,
        shape: Any = None,
        dtype: Any = float32,
        ragged_rank: int | None = None,
        row_splits_dtype: Any = int64,
        flat_values_spec: Any = None,
    ) -> None:
        if flat_values_spec is not None:
            raise ValueError(
                f"The argument `flat_values_spec` is not supported. Received: {flat_values_spec!r}. Pass dtype."
            )
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)
        self._row_splits_dtype = splits_dtype(row_splits_dtype)
        rank = self._shape.rank
        if ragged_rank is None:
            if rank is None:
                raise ValueError("Must specify ragged_rank or a shape with a known rank.")
            ragged_rank = rank - 1
        if not isinstance(ragged_rank, int):
            raise TypeError(f"Argument `ragged_rank` must be an int. Received {ragged_rank}")
        if rank is not None and ragged_rank >= rank:
            raise ValueError(f"Argument `ragged_rank` ({ragged_rank}) must be less than rank ({rank}).")
        self._ragged_rank = ragged_rank

    @classmethod
    def from_value(cls, value: Any) -> RaggedTensorSpec:
        """The spec of a ragged tensor."""
        if not is_ragged(value):
            raise TypeError(f"Expected a RaggedTensor. Received: {type(value)}")
        return cls(value.shape, value.dtype, value.ragged_rank, value._splits_dtype)

    @property
    def value_type(self) -> type:
        """`tf.RaggedTensor`; `tf.Tensor` if no axis is ragged."""
        from functape._core._tensor import Tensor

        return RaggedTensor if self._ragged_rank else Tensor

    @property
    def shape(self) -> TensorShape:
        """The shape, with None for ragged axes."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def ragged_rank(self) -> int:
        """How many axes are ragged."""
        return self._ragged_rank

    @property
    def row_splits_dtype(self) -> DType:
        """The dtype of the row splits."""
        return self._row_splits_dtype

    @property
    def flat_values_spec(self) -> None:
        """None: the innermost values are plain tensors."""
        return None

    def _parts(self) -> tuple[Any, ...]:
        return self._shape, self._dtype, self._ragged_rank, self._row_splits_dtype

    def _batch(self, size: int | None) -> RaggedTensorSpec:
        shape = TensorShape([size]).concatenate(self._shape)
        return RaggedTensorSpec(shape, self._dtype, self._ragged_rank + 1, self._row_splits_dtype)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a spec or ragged tensor has the same dtypes, ragged axes and a shape that could be the same."""
        spec = getattr(spec_or_value, "_type_spec", spec_or_value)
        if not isinstance(spec, RaggedTensorSpec):
            return False
        return self._shape.is_compatible_with(spec._shape) and self._parts()[1:] == spec._parts()[1:]
