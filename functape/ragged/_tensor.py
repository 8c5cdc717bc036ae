"""`tf.RaggedTensor`: rows of different lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._api._joining import concat
from functape._api._shaping import broadcast_to, reshape
from functape._api._static import as_int, as_shape
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import CompositeTensor
from functape._core._masking import take_rows
from functape._core._shape import TensorShape
from functape._engine._dtypes import DType, int64
from functape.ragged import _rows as rows
from functape.ragged._format import formatted

_KEY = object()


def is_ragged(value: Any) -> bool:
    """Whether `value` is a ragged tensor."""
    return isinstance(value, RaggedTensor)


def ragged_or_dense(value: Any, dtype: Any = None) -> Any:
    """A ragged tensor as it is, anything else as a tensor."""
    return value if is_ragged(value) else convert(value, dtype)


def count(values: Any) -> int:
    """The length of the first axis."""
    if is_ragged(values):
        return len(values._splits) - 1
    if not values.aval.shape:
        raise ValueError("Shape () must have rank at least 1: the values of a RaggedTensor cannot be a scalar.")
    return int(values.aval.shape[0])


def take(values: Any, places: rows.Numbers) -> Any:
    """Some rows of a tensor or ragged tensor, by number; each number must be one of a row."""
    if not is_ragged(values):
        return take_rows(values, places)
    lengths = rows.lengths_of(values._splits)[places]
    inner = rows.spans(values._splits[:-1][places], lengths)
    return make(take(values.values, inner), rows.splits_of(lengths), values._splits_dtype, values._uniform)


def make(values: Any, splits: rows.Numbers, dtype: DType = int64, uniform: int | None = None) -> RaggedTensor:
    """A ragged tensor of values and splits that are known to fit."""
    if is_ragged(values) and values._splits_dtype is not dtype:
        values = values.with_row_splits_dtype(dtype)
    return RaggedTensor(_KEY, values, splits, dtype, uniform)


class RaggedTensor(CompositeTensor):
    """A tensor some of whose axes have rows of different lengths (`tf.RaggedTensor`).

    It is made by `tf.ragged.constant` or one of the methods `from_...`. How the values are divided into rows is known
    on the host, since it decides shapes; the values are a tensor like any other, and gradients flow through them.

    ```python
    >>> import functape as tf
    >>> tf.RaggedTensor.from_row_lengths([1, 2, 3], [2, 0, 1])
    <tf.RaggedTensor [[1, 2], [], [3]]>

    ```
    """

    __slots__ = ("__weakref__", "_splits", "_splits_dtype", "_uniform", "_values")
    __array_priority__ = 200

    def __init__(self, key: Any, values: Any, splits: rows.Numbers, dtype: DType, uniform: int | None = None) -> None:
        if key is not _KEY:
            raise ValueError(
                "RaggedTensor constructor is private; please use one of the factory methods instead (e.g., "
                "RaggedTensor.from_row_lengths())"
            )
        self._values = values
        self._splits = splits
        self._splits_dtype = dtype
        self._uniform = uniform

    # ---- made from ----

    @classmethod
    def from_row_splits(cls, values: Any, row_splits: Any, name: str | None = None, validate: bool = True) -> Any:
        """The ragged tensor whose row `i` is `values[row_splits[i]:row_splits[i + 1]]`.

        **Arguments:**
        - `values`: a tensor or ragged tensor `[n, ...]`.
        - `row_splits`: an integer vector that begins with 0, never decreases and ends with `n`.
        - `name`: accepted for compatibility.
        - `validate`: accepted: the splits are always checked.

        **Raises:** `InvalidArgumentError` if they are no such vector.
        """
        inner = ragged_or_dense(values)
        splits = rows.host(row_splits, "row_splits")
        rows.check_splits(splits, count(inner))
        return make(inner, splits, _joint(inner, rows.dtype_of(row_splits)))

    @classmethod
    def from_row_lengths(cls, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True) -> Any:
        """The ragged tensor whose rows have these lengths; as `from_row_splits` otherwise."""
        inner = ragged_or_dense(values)
        lengths = rows.host(row_lengths, "row_lengths")
        if lengths.ndim != 1 or np.any(lengths < 0):
            raise rows.refuse(f"row_lengths must be a vector of numbers not below 0. Received: {lengths}")
        splits = rows.splits_of(lengths)
        rows.check_splits(splits, count(inner))
        return make(inner, splits, _joint(inner, rows.dtype_of(row_lengths)))

    @classmethod
    def from_value_rowids(
        cls, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None, validate: bool = True
    ) -> Any:
        """The ragged tensor in which value `i` belongs to row `value_rowids[i]`, which never decreases.

        `nrows` is the number of rows, if the last ones are empty; as `from_row_splits` otherwise.
        """
        inner = ragged_or_dense(values)
        ids = rows.host(value_rowids, "value_rowids")
        if ids.ndim != 1 or len(ids) != count(inner) or np.any(ids[1:] < ids[:-1]) or np.any(ids < 0):
            raise rows.refuse(f"value_rowids must hold a number for each value and never decrease. Received: {ids}")
        total = int(ids[-1]) + 1 if len(ids) else 0
        if nrows is not None:
            wanted = as_int(nrows, "nrows")
            if wanted < 0:
                raise ValueError(f"Expected nrows >= 0; got {wanted}")
            if wanted < total:
                raise ValueError(f"Expected nrows >= value_rowids[-1] + 1; got nrows={wanted}, value_rowids={ids}")
            total = wanted
        splits = rows.splits_of(np.bincount(ids, minlength=total)[:total])
        return make(inner, splits, _joint(inner, rows.dtype_of(value_rowids)))

    @classmethod
    def from_row_starts(cls, values: Any, row_starts: Any, name: str | None = None, validate: bool = True) -> Any:
        """The ragged tensor whose rows begin at these places; as `from_row_splits` otherwise."""
        inner = ragged_or_dense(values)
        splits = np.append(rows.host(row_starts, "row_starts"), count(inner))
        rows.check_splits(splits, count(inner))
        return make(inner, splits, _joint(inner, rows.dtype_of(row_starts)))

    @classmethod
    def from_row_limits(cls, values: Any, row_limits: Any, name: str | None = None, validate: bool = True) -> Any:
        """The ragged tensor whose rows end at these places; as `from_row_splits` otherwise."""
        inner = ragged_or_dense(values)
        splits = np.insert(rows.host(row_limits, "row_limits"), 0, 0)
        rows.check_splits(splits, count(inner))
        return make(inner, splits, _joint(inner, rows.dtype_of(row_limits)))

    @classmethod
    def from_uniform_row_length(
        cls, values: Any, uniform_row_length: Any, nrows: Any = None, validate: bool = True, name: str | None = None
    ) -> Any:
        """The ragged tensor whose rows all have one length.

        `nrows` is needed only where that is 0; as `from_row_splits` otherwise.
        """
        inner = ragged_or_dense(values)
        length = as_int(uniform_row_length, "uniform_row_length")
        total = count(inner)
        if length < 0 or (length and total % length):
            raise rows.refuse(f"{total} values do not divide into rows of {length}")
        number = as_int(nrows, "nrows") if nrows is not None else total // length if length else 0
        if number * length != total:
            raise rows.refuse(f"{total} values are not {number} rows of {length}")
        splits = np.arange(number + 1, dtype=np.int64) * length
        return make(inner, splits, _joint(inner, rows.dtype_of(uniform_row_length)), length)

    @classmethod
    def from_nested_row_splits(
        cls, flat_values: Any, nested_row_splits: Any, name: str | None = None, validate: bool = True
    ) -> Any:
        """The ragged tensor with these row splits, the outermost first."""
        return _nested(cls.from_row_splits, flat_values, nested_row_splits, "nested_row_splits")

    @classmethod
    def from_nested_row_lengths(
        cls, flat_values: Any, nested_row_lengths: Any, name: str | None = None, validate: bool = True
    ) -> Any:
        """The ragged tensor with these row lengths, the outermost first."""
        return _nested(cls.from_row_lengths, flat_values, nested_row_lengths, "nested_row_lengths")

    @classmethod
    def from_nested_value_rowids(
        cls,
        flat_values: Any,
        nested_value_rowids: Any,
        nested_nrows: Any = None,
        name: str | None = None,
        validate: bool = True,
    ) -> Any:
        """The ragged tensor whose values belong to these rows, the outermost first."""
        numbers = [None] * len(nested_value_rowids) if nested_nrows is None else list(nested_nrows)
        if len(numbers) != len(nested_value_rowids):
            raise ValueError("nested_nrows must have the same length as nested_value_rowids")
        result = flat_values
        for ids, number in reversed(list(zip(nested_value_rowids, numbers, strict=True))):
            result = cls.from_value_rowids(result, ids, number)
        return ragged_or_dense(result)

    @classmethod
    def from_tensor(
        cls,
        tensor: Any,
        lengths: Any = None,
        padding: Any = None,
        ragged_rank: int = 1,
        name: str | None = None,
        row_splits_dtype: Any = int64,
    ) -> Any:
        """The rows of a tensor, without what fills them up.

        **Arguments:**
        - `tensor`: a tensor of at least two axes.
        - `lengths`: how much of each row counts; a list of vectors for several axes.
        - `padding`: instead, the value that fills the rows up.
        - `ragged_rank`: how many axes become ragged.
        - `name`: accepted for compatibility.
        - `row_splits_dtype`: int32 or int64.
        """
        from functape.ragged._conversion import from_tensor

        return from_tensor(tensor, lengths, padding, ragged_rank, rows.splits_dtype(row_splits_dtype))

    @classmethod
    def from_sparse(cls, st_input: Any, name: str | None = None, row_splits_dtype: Any = int64) -> Any:
        """The rows of a two-dimensional sparse tensor, each of which must be filled from its beginning."""
        from functape.ragged._conversion import from_sparse

        return from_sparse(st_input, rows.splits_dtype(row_splits_dtype))

    # ---- what it consists of ----

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self._values.dtype

    @property
    def shape(self) -> TensorShape:
        """Its shape, with None for each axis whose rows may differ."""
        inner = self._values.shape
        return TensorShape([len(self._splits) - 1, self._uniform]).concatenate(inner[1:])

    def get_shape(self) -> TensorShape:
        """As `shape`."""
        return self.shape

    @property
    def ragged_rank(self) -> int:
        """How many axes are ragged."""
        return 1 + (self._values.ragged_rank if is_ragged(self._values) else 0)

    @property
    def values(self) -> Any:
        """The rows, one after the other: a tensor or, if they are ragged too, a ragged tensor."""
        return self._values

    @property
    def flat_values(self) -> Any:
        """The innermost values, a tensor."""
        return self._values.flat_values if is_ragged(self._values) else self._values

    @property
    def row_splits(self) -> Any:
        """Where each row begins in `values`, and where the last one ends."""
        return rows.tensor(self._splits, self._splits_dtype)

    @property
    def nested_row_splits(self) -> tuple[Any, ...]:
        """The row splits of all ragged axes, the outermost first."""
        return (self.row_splits, *(self._values.nested_row_splits if is_ragged(self._values) else ()))

    @property
    def uniform_row_length(self) -> Any:
        """The length of the rows, if they all have one by construction, else None."""
        return None if self._uniform is None else rows.tensor(np.array(self._uniform), self._splits_dtype)

    def value_rowids(self, name: str | None = None) -> Any:
        """The row of each value."""
        return rows.tensor(rows.rows_of(self._splits), self._splits_dtype)

    def nested_value_rowids(self, name: str | None = None) -> tuple[Any, ...]:
        """The rows of the values of all ragged axes, the outermost first."""
        return (self.value_rowids(), *(self._values.nested_value_rowids() if is_ragged(self._values) else ()))

    def nrows(self, out_type: Any = None, name: str | None = None) -> Any:
        """The number of rows, as a tensor."""
        dtype = self._splits_dtype if out_type is None else rows.splits_dtype(out_type)
        return rows.tensor(np.array(len(self._splits) - 1), dtype)

    def row_starts(self, name: str | None = None) -> Any:
        """Where each row begins in `values`."""
        return rows.tensor(self._splits[:-1], self._splits_dtype)

    def row_limits(self, name: str | None = None) -> Any:
        """Where each row ends in `values`."""
        return rows.tensor(self._splits[1:], self._splits_dtype)

    def row_lengths(self, axis: Any = 1, name: str | None = None) -> Any:
        """The lengths of the rows along an axis; those of an inner axis are ragged themselves."""
        place = as_int(axis, "axis")
        if place == 0:
            return self.nrows()
        if place == 1:
            return rows.tensor(rows.lengths_of(self._splits), self._splits_dtype)
        if is_ragged(self._values):
            return self.with_values(self._values.row_lengths(place - 1))
        shape = self._values.aval.shape
        if place > len(shape):
            raise ValueError(f"axis={place} is out of range for a RaggedTensor of rank {self.shape.rank}")
        lengths = np.full(shape[: place - 1], shape[place - 1])
        return self.with_values(rows.tensor(lengths, self._splits_dtype))

    def nested_row_lengths(self, name: str | None = None) -> tuple[Any, ...]:
        """The row lengths of all ragged axes, the outermost first."""
        return (self.row_lengths(), *(self._values.nested_row_lengths() if is_ragged(self._values) else ()))

    def bounding_shape(self, axis: Any = None, name: str | None = None, out_type: Any = None) -> Any:
        """The shape of the smallest dense tensor that holds it, or its length along one axis, or along several."""
        dtype = self._splits_dtype if out_type is None else rows.splits_dtype(out_type)
        lengths = np.array(self._bounds(), np.int64)
        return rows.tensor(lengths if axis is None else lengths[np.asarray(axis)], dtype)

    def _bounds(self) -> list[int]:
        longest = int(rows.lengths_of(self._splits).max(initial=0))
        inner = self._values._bounds() if is_ragged(self._values) else list(self._values.aval.shape)
        return [len(self._splits) - 1, longest, *inner[1:]]

    # ---- with something else ----

    def with_values(self, new_values: Any) -> Any:
        """The same rows of other values, of which there must be as many."""
        inner = ragged_or_dense(new_values)
        if count(inner) != self._splits[-1]:
            raise ValueError(f"with_values needs {self._splits[-1]} values. Received: {count(inner)}")
        return make(inner, self._splits, _joint(inner, self._splits_dtype), self._uniform)

    def with_flat_values(self, new_values: Any) -> Any:
        """The same rows of other innermost values, of which there must be as many."""
        inner = self._values.with_flat_values(new_values) if is_ragged(self._values) else new_values
        return self.with_values(inner)

    def _apart(self) -> tuple[Any, list[Any]]:
        layout = (self._splits.tobytes(), self._splits_dtype, self._uniform)
        if is_ragged(self._values):
            layouts, members = self._values._apart()
            return (layout, *layouts), members
        return (layout,), [self._values]

    @classmethod
    def _together(cls, layout: Any, members: list[Any]) -> Any:
        (values,) = members
        for splits, dtype, uniform in reversed(layout):
            values = RaggedTensor(_KEY, values, np.frombuffer(splits, np.int64), dtype, uniform)
        return values

    @property
    def _differentiated(self) -> Any:
        return self.flat_values

    def _with_differentiated(self, values: Any) -> Any:
        return self.with_flat_values(values)

    @staticmethod
    def _stack(values: tuple[RaggedTensor, ...]) -> RaggedTensor:
        """Ragged tensors as the rows of one."""
        from functape.ragged._joining import stack

        return stack(values)  # type: ignore[no-any-return]

    def with_row_splits_dtype(self, dtype: Any) -> Any:
        """The same with row splits of another dtype."""
        wanted = rows.splits_dtype(dtype)
        inner = self._values.with_row_splits_dtype(wanted) if is_ragged(self._values) else self._values
        return RaggedTensor(_KEY, inner, self._splits, wanted, self._uniform)

    def merge_dims(self, outer_axis: Any, inner_axis: Any) -> Any:
        """The tensor with the axes from `outer_axis` to `inner_axis` made one."""
        rank = self.shape.rank or 0
        outer, inner = (each + rank if each < 0 else each for each in (int(outer_axis), int(inner_axis)))
        if not 0 <= outer <= inner < rank:
            raise ValueError(f"merge_dims needs 0 <= outer_axis <= inner_axis < {rank}. Received: {outer}, {inner}")
        if outer == inner:
            return self
        if outer == 0:
            merged = self._values
            if inner == 1:
                return merged
            if is_ragged(merged):
                return merged.merge_dims(0, inner - 1)
            shape = merged.aval.shape
            return reshape(merged, (int(np.prod(shape[:inner])), *shape[inner:]))
        if outer > 1 or not is_ragged(self._values):
            if is_ragged(self._values):
                return self.with_values(self._values.merge_dims(outer - 1, inner - 1))
            shape = self._values.aval.shape
            if outer > 1:
                merged_length = int(np.prod(shape[outer - 1 : inner]))
                return self.with_values(reshape(self._values, (*shape[: outer - 1], merged_length, *shape[inner:])))
            width = int(np.prod(shape[1:inner]))
            values = reshape(self._values, (shape[0] * width, *shape[inner:]))
            return make(values, self._splits * width, self._splits_dtype)
        once = make(self._values.values, self._values._splits[self._splits], self._splits_dtype)
        return once.merge_dims(1, inner - 1)

    # ---- as something else ----

    def to_tensor(self, default_value: Any = None, name: str | None = None, shape: Any = None) -> Any:
        """A dense tensor, its rows filled up.

        **Arguments:**
        - `default_value`: what to fill with: a value that broadcasts with an innermost value; 0 by default.
        - `name`: accepted for compatibility.
        - `shape`: the shape of the result, with None for lengths to be found; what lies outside is cut off.
        """
        wanted = [None] * (self.shape.rank or 0) if shape is None else TensorShape(_shape(shape)).as_list()
        if len(wanted) != self.shape.rank:
            raise ValueError(f"`shape` must have rank {self.shape.rank}. Received: {shape}")
        if is_ragged(self._values):
            inner = self._values.to_tensor(default_value, None, [None, *wanted[2:]])
        else:
            inner = _resized(self._values, wanted[2:], default_value)
        if default_value is None:
            default_value = _zero_of(self.dtype)
        filler = broadcast_to(convert(default_value, self.dtype), inner.aval.shape[1:])
        height = len(self._splits) - 1 if wanted[0] is None else wanted[0]
        lengths = rows.lengths_of(self._splits)
        width = int(lengths.max(initial=0)) if wanted[1] is None else wanted[1]
        column = np.arange(width)
        total = int(self._splits[-1])
        places = np.full((height, width), total, np.int64)
        kept = min(height, len(lengths))
        inside = column < lengths[:kept, None]
        places[:kept][inside] = (self._splits[:kept, None] + column)[inside]
        extended = concat([inner, reshape(filler, (1, *inner.aval.shape[1:]))], 0)
        return reshape(take_rows(extended, places.reshape(-1)), (*places.shape, *extended.aval.shape[1:]))

    def to_sparse(self, name: str | None = None) -> Any:
        """The same as a sparse tensor."""
        from functape.ragged._conversion import to_sparse

        return to_sparse(self)

    def to_list(self) -> list[Any]:
        """Nested Python lists."""
        inner = self._values.to_list() if is_ragged(self._values) else self._values.numpy().tolist()
        return [inner[start:end] for start, end in zip(self._splits[:-1], self._splits[1:], strict=True)]

    def numpy(self) -> np.ndarray[Any, Any]:
        """A NumPy array: of the rows if they differ in length, else a plain one."""
        inner = self._values.numpy()
        parts = [inner[start:end] for start, end in zip(self._splits[:-1], self._splits[1:], strict=True)]
        if not parts:
            return np.zeros((0, 0), inner.dtype)
        if len({each.shape for each in parts}) == 1:
            return np.stack(parts)
        found = np.empty(len(parts), object)
        for position, each in enumerate(parts):
            found[position] = each
        return found

    def consumers(self) -> Any:
        """Not defined, as in TensorFlow's eager mode."""
        return self.flat_values.consumers()

    @property
    def _type_spec(self) -> Any:
        from functape.ragged._spec import RaggedTensorSpec

        return RaggedTensorSpec.from_value(self)

    # ---- Python ----

    def __getitem__(self, key: Any) -> Any:
        from functape.ragged._indexing import index

        return index(self, key)

    def __iter__(self) -> Iterator[Any]:
        return (self[position] for position in range(len(self._splits) - 1))

    def __bool__(self) -> bool:
        raise TypeError("RaggedTensor may not be used as a boolean.")

    def __hash__(self) -> int:
        raise TypeError("RaggedTensor is unhashable.")

    def __repr__(self) -> str:
        return f"<tf.RaggedTensor {formatted(self.numpy())}>"

    def __str__(self) -> str:
        return repr(self)

    @classmethod
    def record_with_stand_in(cls, op: Any, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
        """Apply an op of dense tensors to each innermost value, or reduce along an axis."""
        from functape.ragged._elementwise import apply

        return apply(op, statics, args)


def _shape(shape: Any) -> Any:
    if isinstance(shape, TensorShape | list | tuple):
        return shape
    return as_shape(shape, "shape") if is_tensor_like(shape) else shape


def _zero_of(dtype: DType) -> Any:
    return b"" if dtype.name == "string" else np.zeros((), dtype.as_numpy_dtype)


def _resized(values: Any, lengths: list[Any], default_value: Any) -> Any:
    """Values with inner axes cut or filled up to the lengths that are given."""
    from functape._api._shaping import pad

    for axis, length in enumerate(lengths, 1):
        have = values.aval.shape[axis]
        if length is None or length == have:
            continue
        if length < have:
            values = values[(slice(None),) * axis + (slice(length),)]
        else:
            widths = [[0, 0]] * values.aval.ndim
            widths[axis] = [0, length - have]
            values = pad(values, widths, constant_values=0 if default_value is None else default_value)
    return values


def _joint(inner: Any, dtype: DType) -> DType:
    """The dtype of row splits around a ragged tensor: int64 if one of them has it."""
    if is_ragged(inner) and inner._splits_dtype is not dtype:
        return int64
    return dtype


def _nested(method: Any, flat_values: Any, nested: Any, name: str) -> Any:
    if is_tensor_like(nested):
        raise TypeError(f"Argument `{name}` must be a list of Tensors. Received: {nested!r}")
    result = ragged_or_dense(flat_values)
    for each in reversed(list(nested)):
        result = method(result, each)
    return result
