"""`tf.SparseTensor`: a tensor given by its elements that are not zero."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import as_shape
from functape._core._convert import convert
from functape._core._dispatch import CompositeTensor
from functape._core._known import host_array, read
from functape._core._shape import TensorShape
from functape._core._spec import TypeSpec
from functape._engine._dtypes import DType, as_dtype, float32, int64
from functape._engine._recorder import record
from functape._ops import _operators as operators


class SparseTensor(CompositeTensor):
    """The elements of a tensor that are not zero, and their places (`tf.SparseTensor`).

    **Arguments:**
    - `indices`: int64 `[n, rank]`, a row of coordinates for each element; in order of the rows for most functions.
    - `values`: a tensor `[n]`.
    - `dense_shape`: int64 `[rank]`.

    **Raises:** `ValueError` if their shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.sparse.to_dense(tf.SparseTensor([[0, 1]], [2.0], [1, 3])).numpy()
    array([[0., 2., 0.]], dtype=float32)

    ```
    """

    __slots__ = ("__weakref__", "_dense_shape", "_indices", "_values")
    __array_priority__ = 200

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self._indices = convert(indices, int64)
        self._values = convert(values)
        self._dense_shape = convert(dense_shape, int64)
        places, elements, lengths = self._indices.aval.shape, self._values.aval.shape, self._dense_shape.aval.shape
        if len(places) != 2 or len(elements) != 1 or len(lengths) != 1:
            raise ValueError(
                f"Shapes of a SparseTensor must be indices [n, rank], values [n] and dense_shape [rank]. "
                f"Received: {places}, {elements} and {lengths}"
            )
        if places[0] != elements[0]:
            raise ValueError(f"Dimensions {places[0]} and {elements[0]} are not compatible: one index for each value.")
        if places[1] != lengths[0]:
            raise ValueError(f"Dimensions {places[1]} and {lengths[0]} are not compatible: one length for each axis.")

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """The sparse tensor with the indices, values and dense shape of another object."""
        if not all(hasattr(sparse_tensor_value, each) for each in ("indices", "values", "dense_shape")):
            raise TypeError(
                f"Argument sparse_tensor_value={sparse_tensor_value} is neither SparseTensor nor its value."
            )
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    @property
    def indices(self) -> Any:
        """The coordinates, int64 `[n, rank]`."""
        return self._indices

    @property
    def values(self) -> Any:
        """The elements, `[n]`."""
        return self._values

    @property
    def dense_shape(self) -> Any:
        """The shape as an int64 tensor `[rank]`."""
        return self._dense_shape

    @property
    def dtype(self) -> DType:
        """The type of the elements."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """The shape."""
        known = host_array(self._dense_shape)
        if known is None:
            return TensorShape([None] * self._dense_shape.aval.shape[0])
        return TensorShape(known.tolist())

    def get_shape(self) -> TensorShape:
        """As `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Check that `shape` agrees with the tensor's."""
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Shapes {self.shape} and {TensorShape(shape)} are not compatible")

    def with_values(self, new_values: Any) -> SparseTensor:
        """The same places with other elements."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    def _apart(self) -> tuple[Any, list[Any]]:
        if not all(hasattr(each, "value") for each in (self._indices, self._dense_shape)):
            return None, [self._indices, self._values, self._dense_shape]
        places = read(self._indices)
        return (places.tobytes(), places.shape, lengths_of(self)), [self._values]

    @classmethod
    def _together(cls, layout: Any, members: list[Any]) -> Any:
        sparse = object.__new__(cls)
        if layout is None:
            sparse._indices, sparse._values, sparse._dense_shape = members
        else:
            places, shape, lengths = layout
            sparse._indices = convert(np.frombuffer(places, np.int64).reshape(shape))
            (sparse._values,) = members
            sparse._dense_shape = convert(np.array(lengths, np.int64))
        return sparse

    _takes_gradients = False

    @property
    def _differentiated(self) -> Any:
        return self._values

    def _with_differentiated(self, values: Any) -> Any:
        return self.with_values(values)

    @staticmethod
    def _stack(values: tuple[SparseTensor, ...]) -> SparseTensor:
        """Sparse tensors of one rank as the rows of one, as long as the longest of them."""
        from functape._core._holding import from_numpy

        lengths = np.max([lengths_of(each) for each in values], 0)
        places = [
            np.insert(places_of(each), 0, row, 1) if each.shape.rank else places_of(each)
            for row, each in enumerate(values)
        ]
        elements = np.concatenate([read(each.values) for each in values])
        return made(np.concatenate(places), from_numpy(elements), [len(values), *lengths])

    def numpy(self) -> Any:
        """A named tuple of the three parts as NumPy arrays."""
        return SparseTensorValue(self._indices.numpy(), self._values.numpy(), self._dense_shape.numpy())

    @property
    def op(self) -> Any:
        """Undefined, as in TensorFlow's eager mode."""
        return self._values.op

    @property
    def graph(self) -> Any:
        """Undefined, as in TensorFlow's eager mode."""
        return self._values.graph

    def consumers(self) -> Any:
        """Undefined, as in TensorFlow's eager mode."""
        return self._values.consumers()

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Undefined, as in TensorFlow's eager mode."""
        return self._values.eval()

    @property
    def _type_spec(self) -> SparseTensorSpec:
        return SparseTensorSpec(self.shape, self.dtype)

    def __getitem__(self, key: Any) -> Any:
        from functape.sparse._arranging import index

        return index(self, key)

    def __truediv__(self, other: Any) -> SparseTensor:
        return self._beside(operators.REAL_DIVIDE, other)

    def __mul__(self, other: Any) -> SparseTensor:
        return self._beside(operators.MULTIPLY, other)

    __rmul__ = __mul__

    def __neg__(self) -> SparseTensor:
        return self.with_values(-self._values)

    def _beside(self, op: Any, other: Any) -> SparseTensor:
        from functape._api._gathering import gather_nd
        from functape._api._shaping import broadcast_to

        if isinstance(other, SparseTensor):
            raise ValueError("Element by element, a SparseTensor goes with dense tensors only.")
        dense = convert(other, hint=self.dtype)
        if dense.aval.shape:
            dense = gather_nd(broadcast_to(dense, lengths_of(self)), self._indices)
        return self.with_values(record(op, (), (self._values, dense)))

    @classmethod
    def record_with_stand_in(cls, op: Any, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        """Apply an op of one dense tensor to the elements."""
        if len(args) != 1 or op.name not in _KEEP_ZERO:
            raise ValueError(
                f"{op.name} does not take a SparseTensor. Use tf.sparse.to_dense, or tf.sparse.map_values for its "
                "elements alone."
            )
        return args[0].with_values(record(op, statics, (args[0].values,)))

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices!s}, values={self._values!s}, dense_shape={self._dense_shape!s})"

    __repr__ = __str__


_KEEP_ZERO = {
    "Abs", "Neg", "Sign", "Square", "Sqrt", "Tanh", "Sin", "Sinh", "Asin", "Asinh", "Atan", "Atanh", "Tan", "Expm1",
    "Log1p", "Floor", "Ceil", "Round", "Rint", "Erf", "Relu", "Relu6", "Elu", "Selu", "Softsign", "Identity", "Cast",
    "Real", "Imag", "Conj", "LeakyRelu",
}  # fmt: skip
"""Ops that leave zeros zero."""


class SparseTensorValue(tuple[Any, ...]):
    """The parts of a sparse tensor as NumPy arrays."""

    __slots__ = ()

    def __new__(cls, indices: Any, values: Any, dense_shape: Any) -> SparseTensorValue:
        return super().__new__(cls, (indices, values, dense_shape))

    @property
    def indices(self) -> Any:
        """The coordinates."""
        return self[0]

    @property
    def values(self) -> Any:
        """The elements."""
        return self[1]

    @property
    def dense_shape(self) -> Any:
        """The shape."""
        return self[2]


class SparseTensorSpec(TypeSpec):
    """The shape and dtype of a sparse tensor (`tf.SparseTensorSpec`).

    **Arguments:**
    - `shape`: the dense shape; None for an unknown rank.
    - `dtype`: the elements' dtype.

    ```python
    >>> import functape as tf
    >>> tf.SparseTensorSpec([2, None], tf.int32)
    SparseTensorSpec(TensorShape([2, None]), tf.int32)

    ```
    """

    __slots__ = ("_dtype", "_shape")

    def __init__(self, shape: Any = None, dtype: Any = float32) -> None:
        self._shape = TensorShape(shape)
        self._dtype = as_dtype(dtype)

    @classmethod
    def from_value(cls, value: Any) -> SparseTensorSpec:
        """The spec of a sparse tensor."""
        return cls(value.shape, value.dtype)

    @property
    def value_type(self) -> type:
        """`tf.SparseTensor`."""
        return SparseTensor

    @property
    def shape(self) -> TensorShape:
        """The dense shape."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    def _parts(self) -> tuple[Any, ...]:
        return self._shape, self._dtype

    def _batch(self, size: int | None) -> SparseTensorSpec:
        return SparseTensorSpec(TensorShape([size]).concatenate(self._shape), self._dtype)

    def is_compatible_with(self, spec_or_value: Any) -> bool:
        """Whether a spec or sparse tensor has the dtype, and a shape that could be the same."""
        spec = getattr(spec_or_value, "_type_spec", spec_or_value)
        if not isinstance(spec, SparseTensorSpec):
            return False
        return self._shape.is_compatible_with(spec._shape) and self._dtype is spec._dtype


Numbers = np.ndarray[Any, Any]


def as_sparse(value: Any, name: str = "sp_input") -> SparseTensor:
    """A sparse tensor.

    **Raises:** `TypeError` if it is none.
    """
    if isinstance(value, SparseTensor):
        return value
    if isinstance(value, SparseTensorValue):
        return SparseTensor.from_value(value)
    raise TypeError(f"`{name}` must be a SparseTensor. Received: {value!r}. Use tf.sparse.from_dense.")


def places_of(sparse: SparseTensor) -> Numbers:
    """The coordinates, on the host."""
    return read(sparse.indices)


def lengths_of(sparse: SparseTensor) -> tuple[int, ...]:
    """The dense shape as Python integers."""
    return as_shape(sparse.dense_shape, "dense_shape")


def made(places: Numbers, values: Any, lengths: Any) -> SparseTensor:
    """A sparse tensor with host coordinates."""
    return SparseTensor(convert(np.array(places, np.int64)), values, convert(np.array(lengths, np.int64).reshape(-1)))


def linear(places: Numbers, lengths: tuple[int, ...]) -> Numbers:
    """The number of each place when the elements are counted row by row."""
    number = np.zeros(len(places), np.int64)
    for axis, length in enumerate(lengths):
        number = number * length + places[:, axis]
    return number
