"""One feature of a batch of examples as tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._core._shape import TensorShape
from functape._engine._dtypes import DType, as_dtype, float32, int64, string
from functape.io import _features as features
from functape.ragged import _rows as rows
from functape.ragged._tensor import make
from functape.sparse._tensor import SparseTensor

Array = np.ndarray[Any, Any]
_KINDS = {"int64_list": int64, "float_list": float32, "bytes_list": string}
_LISTS = {dtype: name for name, dtype in _KINDS.items()}
_NO_NAME = "<unknown>"


def value_dtype(dtype: Any, key: str) -> DType:
    """The type of a feature's values.

    **Raises:** `InvalidArgumentError` for another than int64, float32 and string.
    """
    wanted = as_dtype(dtype)
    if wanted not in _LISTS:
        raise invalid(
            f"The type {wanted.spoken} of feature {key!r} is not in the list of allowed values: float, int64, string. "
            "Parse it as one of these and use tf.cast or tf.io.decode_raw."
        )
    return wanted


def values_of(feature: Any, dtype: DType, key: str) -> Array | None:
    """The values of a feature; None if it has none of any type.

    **Raises:** `InvalidArgumentError` if they are of another type.
    """
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        return None
    if _KINDS[kind] is not dtype:
        raise invalid(
            f"Key: {key}.  Data types don't match. Data type: {_KINDS[kind].spoken} but expected type: {dtype.spoken}"
        )
    held = getattr(feature, kind).value
    if dtype is string:
        return np.fromiter(held, np.dtype(object), len(held))
    return np.array(held, dtype.as_numpy_dtype)


class Column:
    """The values of one feature in each example of a batch.

    **Arguments:**
    - `maps`: the examples' features by name.
    - `names`: what the examples are called in messages; empty for nothing.
    - `single`: whether there is one example, which then is no batch.
    """

    def __init__(self, maps: Sequence[Mapping[str, Any]], names: list[str], single: bool) -> None:
        self._maps = maps
        self._names = names
        self.single = single

    def read(self, key: str, dtype: DType) -> list[Array | None]:
        """The values in each example; None where it is missing."""
        return [values_of(each.get(key), dtype, key) for each in self._maps]

    def lists(self, key: str, dtype: DType) -> list[Array]:
        """The values in each example; none where it is missing."""
        empty = np.zeros(0, dtype.as_numpy_dtype)
        return [empty if each is None else each for each in self.read(key, dtype)]

    # ---- as tensors ------------------------------------------------------------------------------------------

    def parse(self, key: str, feature: Any) -> Any:
        """The tensor that a feature is.

        **Raises:** `ValueError` for what is no description of one; `InvalidArgumentError` if it is not as described.
        """
        for kind, method in _PARSERS.items():
            if isinstance(feature, kind):
                return method(self, key, feature)
        raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r}")

    def fixed(self, key: str, feature: Any) -> Any:
        """As `FixedLenFeature` tells."""
        shape, dtype = fixed_shape(key, feature), value_dtype(feature.dtype, key)
        count = int(np.prod(shape))
        default = default_of(feature, dtype, shape)
        found = []
        for number, each in enumerate(self.read(key, dtype)):
            if each is None:
                if default is None:
                    raise invalid(
                        f"{self._called(number)}Feature: {key} (data type: {dtype.spoken}) is required but could not "
                        "be found. Give its FixedLenFeature a default_value, or use VarLenFeature."
                    )
                each = default
            elif each.size != count:
                raise invalid(
                    f"{self._called(number)}Key: {key}, Index: {number}.  Number of {dtype.spoken} values != expected. "
                    f"values size: {each.size} but output shape: {list(shape)}"
                )
            found.append(each.reshape(shape))
        if self.single:
            return from_numpy(np.array(found[0], dtype.as_numpy_dtype))
        return from_numpy(np.array(found, dtype.as_numpy_dtype).reshape(len(found), *shape))

    def _called(self, number: int) -> str:
        if self.single and not self._names:
            return ""
        return f"Name: {self._names[number] if self._names else _NO_NAME}, "

    def sequence(self, key: str, feature: Any) -> Any:
        """As `FixedLenSequenceFeature` tells."""
        if not feature.allow_missing:
            raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
        shape, dtype = fixed_shape(key, feature), value_dtype(feature.dtype, key)
        count = int(np.prod(shape))
        found = []
        for number, each in enumerate(self.lists(key, dtype)):
            if not count or each.size % count:
                raise invalid(
                    f"{self._called(number)}Key: {key}, Index: {number}.  Number of {dtype.spoken} values is not a "
                    f"multiple of stride length. Saw {each.size} values but output shape is: {list(shape)}"
                )
            found.append(each.reshape(-1, *shape))
        return from_numpy(found[0]) if self.single else padded(found, dtype, feature.default_value, shape)

    def variable(self, key: str, feature: Any) -> Any:
        """As `VarLenFeature` tells."""
        dtype = value_dtype(feature.dtype, key)
        found = self.lists(key, dtype)
        if self.single:
            return sparse(np.arange(len(found[0]), dtype=np.int64)[:, None], found[0], [len(found[0])])
        splits = rows.splits_of(np.array([len(each) for each in found], np.int64))
        places = np.stack([rows.rows_of(splits), rows.places_of(splits)], 1)
        longest = max(map(len, found), default=0)
        return sparse(places, joined(found, dtype), [len(found), longest])

    def sparse(self, key: str, feature: Any) -> Any:
        """As `SparseFeature` tells."""
        dtype = value_dtype(feature.dtype, key)
        several = isinstance(feature.index_key, list | tuple)
        keys = list(feature.index_key) if several else [feature.index_key]
        sizes = [int(each) for each in feature.size] if isinstance(feature.size, list | tuple) else [int(feature.size)]
        if len(keys) != len(sizes):
            raise ValueError(
                f"SparseFeature of {key!r} needs a size for each index_key: sp_ids and vocab_size have to have equal "
                f"lengths. Received: {keys} and {sizes}"
            )
        found = self.lists(feature.value_key, dtype)
        axes = [self.lists(each, int64) for each in keys]
        for name, axis in zip(keys, axes, strict=True):
            for number, (values, places) in enumerate(zip(found, axis, strict=True)):
                if len(values) != len(places):
                    raise invalid(
                        f"{self._called(number)}SparseFeature of {key!r}: {name!r} has {len(places)} places and "
                        f"{feature.value_key!r} {len(values)} values."
                    )
        splits = rows.splits_of(np.array([len(each) for each in found], np.int64))
        columns = [joined(axis, int64) for axis in axes]
        lengths = sizes
        if not self.single:
            columns, lengths = [rows.rows_of(splits), *columns], [len(found), *sizes]
        places, values = np.stack(columns, 1), joined(found, dtype)
        if not feature.already_sorted:
            order = np.lexsort(columns[::-1])
            places, values = places[order], values[order]
        return sparse(places, values, lengths)

    def ragged(self, key: str, feature: Any) -> Any:
        """As `RaggedFeature` tells."""
        dtype, splits_dtype = value_dtype(feature.dtype, key), rows.splits_dtype(feature.row_splits_dtype)
        found = self.lists(feature.value_key or key, dtype)
        counts = [len(each) for each in found]
        levels: list[tuple[Any, int | None]] = []
        for each in reversed(feature.partitions):
            lengths = self._lengths(each, counts)
            uniform = each.length if isinstance(each, features.UniformRowLength) else None
            levels.append((np.concatenate([*lengths, np.zeros(0, np.int64)]), uniform))
            counts = [len(one) for one in lengths]
        if not self.single:
            levels.append((np.array(counts, np.int64), None))
        return nested(from_numpy(joined(found, dtype)), levels, splits_dtype)

    def _lengths(self, partition: Any, counts: list[int]) -> list[Array]:
        """The lengths of the rows that a partition makes of each example's values."""
        if isinstance(partition, features.UniformRowLength):
            if any(count % partition.length for count in counts):
                raise invalid(f"{counts} values do not divide into rows of {partition.length}")
            return [np.full(count // partition.length, partition.length, np.int64) for count in counts]
        given = self.lists(partition.key, int64)
        return [_row_lengths(partition, each, count) for each, count in zip(given, counts, strict=True)]


def nested(values: Any, levels: list[tuple[Any, int | None]], splits_dtype: DType) -> Any:
    """Values divided into rows by levels of lengths, the innermost first.

    Levels of one length, with no others inside, become axes of a tensor.
    """
    inside = True
    for lengths, uniform in levels:
        if uniform is not None and inside:
            array = read(values)
            values = from_numpy(array.reshape(len(lengths), uniform, *array.shape[1:]))
            continue
        inside = False
        values = make(values, rows.splits_of(lengths), splits_dtype, uniform)
    return values


def _row_lengths(partition: Any, given: Array, count: int) -> Array:
    if isinstance(partition, features.RowSplits):
        lengths = np.diff(given)
    elif isinstance(partition, features.RowLengths):
        lengths = given
    elif isinstance(partition, features.RowStarts):
        lengths = np.diff(np.append(given, count))
    elif isinstance(partition, features.RowLimits):
        lengths = np.diff(np.insert(given, 0, 0))
    else:
        lengths = np.bincount(given) if given.size else given
    if np.any(lengths < 0) or lengths.size and lengths.sum() != count:
        raise rows.refuse(f"the feature {partition.key!r} holds {given.tolist()}, which do not divide {count} values.")
    return lengths.astype(np.int64)


def fixed_shape(key: str, feature: Any) -> tuple[int, ...]:
    """The shape of a feature's values.

    **Raises:** `ValueError` if it is not fully known.
    """
    if feature.shape is None:
        raise ValueError(f"Missing shape for feature {key}. Received feature={feature}.")
    given = [feature.shape] if isinstance(feature.shape, int) else feature.shape
    shape = TensorShape(given)
    if shape.rank and shape[0] is None:
        raise ValueError(
            f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature. Received "
            f"feature={feature}."
        )
    if not shape.is_fully_defined():
        raise ValueError(f"All dimensions of shape for feature {key} need to be known but received {shape}.")
    return tuple(shape.as_list())  # type: ignore[arg-type]


def default_of(feature: Any, dtype: DType, shape: tuple[int, ...]) -> Array | None:
    """The value that stands for a missing feature.

    **Raises:** `InvalidArgumentError` if it does not have its shape, `TypeError` if it does not fit its dtype.
    """
    if feature.default_value is None:
        return None
    array = read(convert(feature.default_value, dtype))
    if array.size != int(np.prod(shape)):
        raise invalid(
            f"The default_value {feature.default_value!r} has {array.size} values, but the feature's shape is "
            f"{list(shape)}."
        )
    return array


def padded(found: list[Array], dtype: DType, default: Any, shape: tuple[int, ...]) -> Any:
    """Arrays of several lengths, filled up to the longest."""
    longest = max(map(len, found), default=0)
    if default is None:
        default = b"" if dtype is string else 0
    fill = read(convert(default, dtype))
    if fill.size != 1:
        raise invalid(f"The default_value of a FixedLenSequenceFeature must be one value. Received: {default!r}")
    result = np.full((len(found), longest, *shape), fill.reshape(-1)[0], dtype.as_numpy_dtype)
    for row, each in zip(result, found, strict=True):
        row[: len(each)] = each
    return from_numpy(result)


def joined(found: list[Array], dtype: DType) -> Array:
    """Vectors one after the other."""
    return np.concatenate([*found, np.zeros(0, dtype.as_numpy_dtype)])


def sparse(places: Array, values: Array, lengths: list[int]) -> SparseTensor:
    """A sparse tensor of host arrays."""
    return SparseTensor(from_numpy(places), from_numpy(values), from_numpy(np.array(lengths, np.int64)))


_PARSERS: dict[type, Callable[[Column, str, Any], Any]] = {
    features.FixedLenFeature: Column.fixed,
    features.FixedLenSequenceFeature: Column.sequence,
    features.VarLenFeature: Column.variable,
    features.SparseFeature: Column.sparse,
    features.RaggedFeature: Column.ragged,
}
