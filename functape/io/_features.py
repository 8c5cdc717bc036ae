"""What is expected of a feature of an example: `tf.io.FixedLenFeature` and its kin."""

from __future__ import annotations

from typing import Any, NamedTuple

from functape._engine._dtypes import int32


class FixedLenFeature(NamedTuple):
    """A feature with a fixed number of values, parsed to a tensor (`tf.io.FixedLenFeature`).

    **Arguments:**
    - `shape`: the shape of its values; `[]` for one.
    - `dtype`: int64, float32 or string.
    - `default_value`: what stands for a missing feature, of that shape; without one it is an error.

    ```python
    >>> import functape as tf
    >>> tf.io.FixedLenFeature([2], tf.int64)
    FixedLenFeature(shape=[2], dtype=tf.int64, default_value=None)

    ```
    """

    shape: Any
    dtype: Any
    default_value: Any = None


class FixedLenSequenceFeature(NamedTuple):
    """A feature with any number of equal parts, parsed to a padded tensor (`tf.io.FixedLenSequenceFeature`).

    **Arguments:**
    - `shape`: the shape of a part; `[]` for one value.
    - `dtype`: int64, float32 or string.
    - `allow_missing`: whether it may be missing; must be True except for the lists of a sequence example.
    - `default_value`: what shorter examples of a batch are filled up with; zeros or empty strings by default.

    ```python
    >>> import functape as tf
    >>> tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True).allow_missing
    True

    ```
    """

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


class VarLenFeature(NamedTuple):
    """A feature with any number of values, parsed to a sparse tensor (`tf.io.VarLenFeature`).

    **Arguments:**
    - `dtype`: int64, float32 or string.

    ```python
    >>> import functape as tf
    >>> tf.io.VarLenFeature(tf.string)
    VarLenFeature(dtype=tf.string)

    ```
    """

    dtype: Any


class SparseFeature(NamedTuple):
    """Values and their places in two or more features, parsed to one sparse tensor (`tf.io.SparseFeature`).

    **Arguments:**
    - `index_key`: the name of the feature with the places, or a list with one for each axis.
    - `value_key`: the name of the feature with the values.
    - `dtype`: the type of the values.
    - `size`: the length of the axis, or a list with one for each axis.
    - `already_sorted`: whether the places are in order.

    ```python
    >>> import functape as tf
    >>> tf.io.SparseFeature("places", "values", tf.float32, 10).size
    10

    ```
    """

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


class RowSplits(NamedTuple):
    """Rows given by a feature with their splits (`tf.io.RaggedFeature.RowSplits`)."""

    key: str


class RowLengths(NamedTuple):
    """Rows given by a feature with their lengths (`tf.io.RaggedFeature.RowLengths`)."""

    key: str


class RowStarts(NamedTuple):
    """Rows given by a feature with the places where they begin (`tf.io.RaggedFeature.RowStarts`)."""

    key: str


class RowLimits(NamedTuple):
    """Rows given by a feature with the places where they end (`tf.io.RaggedFeature.RowLimits`)."""

    key: str


class ValueRowIds(NamedTuple):
    """Rows given by a feature with the row of each value (`tf.io.RaggedFeature.ValueRowIds`)."""

    key: str


class UniformRowLength(NamedTuple):
    """Rows of one length (`tf.io.RaggedFeature.UniformRowLength`)."""

    length: int


PARTITIONS = (RowSplits, RowLengths, RowStarts, RowLimits, ValueRowIds, UniformRowLength)


class _RaggedFeature(NamedTuple):
    dtype: Any
    value_key: str | None
    partitions: tuple[Any, ...]
    row_splits_dtype: Any
    validate: bool


class RaggedFeature(_RaggedFeature):
    """A feature with any number of values, parsed to a ragged tensor (`tf.io.RaggedFeature`).

    **Arguments:**
    - `dtype`: int64, float32 or string.
    - `value_key`: the feature's name; by default the name it is asked for by.
    - `partitions`: how its values are divided into rows, the outermost rows first: `RaggedFeature.RowSplits(key)`,
      `RowLengths`, `RowStarts`, `RowLimits`, `ValueRowIds` or `UniformRowLength(length)`.
    - `row_splits_dtype`: int32 or int64.
    - `validate`: accepted: the rows are always checked.

    **Raises:** `TypeError` for another kind of partition.

    ```python
    >>> import functape as tf
    >>> tf.io.RaggedFeature(tf.int64).row_splits_dtype
    tf.int32

    ```
    """

    RowSplits, RowLengths, RowStarts = RowSplits, RowLengths, RowStarts
    RowLimits, ValueRowIds, UniformRowLength = RowLimits, ValueRowIds, UniformRowLength

    def __new__(
        cls,
        dtype: Any,
        value_key: str | None = None,
        partitions: Any = (),
        row_splits_dtype: Any = int32,
        validate: bool = False,
    ) -> RaggedFeature:
        for each in partitions:
            if not isinstance(each, PARTITIONS):
                raise TypeError(
                    f"The argument `partitions` takes {', '.join(kind.__name__ for kind in PARTITIONS)} of "
                    f"tf.io.RaggedFeature. Received: {each!r}"
                )
        return super().__new__(cls, dtype, value_key, tuple(partitions), row_splits_dtype, validate)
