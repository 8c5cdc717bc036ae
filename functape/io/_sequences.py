"""`tf.io.parse_sequence_example` and `tf.io.parse_single_sequence_example`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import texts
from functape._engine._dtypes import DType, string
from functape.io import _features as features
from functape.io._columns import Array, Column, fixed_shape, joined, nested, padded, sparse, value_dtype, values_of
from functape.io._examples import names_of, parsed
from functape.io._messages import SequenceExample
from functape.ragged import _rows as rows


def parse_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_names: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The features of a batch of serialized `tf.train.SequenceExample`s (`tf.io.parse_sequence_example`).

    **Arguments:**
    - `serialized`: a vector of strings; a scalar for one example, whose tensors then have no batch axis.
    - `context_features`: by name what the features of the context are, as for `tf.io.parse_example`.
    - `sequence_features`: by name what the lists of features are: `tf.io.FixedLenSequenceFeature`, `VarLenFeature` or
      `RaggedFeature`.
    - `example_names`: a vector of names for messages.
    - `name`: accepted for compatibility.

    **Returns:** three dicts: the context's tensors, the lists' tensors with an axis for the steps, and the number of
    steps for those that are padded.

    **Raises:** as `tf.io.parse_example` does.

    ```python
    >>> import functape as tf
    >>> example = tf.train.SequenceExample()
    >>> example.feature_lists.feature_list["t"].feature.add().int64_list.value.append(3)
    >>> features = {"t": tf.io.FixedLenSequenceFeature([], tf.int64)}
    >>> tf.io.parse_sequence_example([example.SerializeToString()], sequence_features=features)[1]["t"].numpy()
    array([[3]])

    ```
    """
    if not (context_features or sequence_features):
        raise ValueError("Both `context_features` and `sequence_features` are empty: name a feature to parse.")
    given = texts(convert(serialized, string), "ParseSequenceExampleV2")
    if given.ndim > 1:
        raise invalid(
            f"The argument `serialized` must be a scalar or a vector. Received a tensor of shape {given.shape}."
        )
    examples = [parsed(SequenceExample, each) for each in given.reshape(-1)]
    single = not given.ndim
    context = _context(examples, context_features or {}, names_of(example_names), single)
    steps: dict[str, Any] = {}
    lengths: dict[str, Any] = {}
    for key in sorted(sequence_features or {}):
        feature = sequence_features[key]
        lists = _Lists(examples, key, single)
        if isinstance(feature, features.FixedLenSequenceFeature):
            steps[key], lengths[key] = lists.padded(feature)
        elif isinstance(feature, features.VarLenFeature):
            steps[key] = lists.sparse(feature)
        elif isinstance(feature, features.RaggedFeature):
            steps[key] = lists.ragged(feature)
        else:
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r}")
    return context, steps, lengths


def _context(examples: list[Any], wanted: Any, names: list[str], single: bool) -> dict[str, Any]:
    for key, feature in wanted.items():
        if isinstance(feature, features.FixedLenSequenceFeature | features.SparseFeature):
            raise ValueError(f"Unsupported {type(feature).__name__} {feature} for key {key!r}")
    column = Column([each.context.feature for each in examples], names, single)
    return {key: column.parse(key, wanted[key]) for key in sorted(wanted)}


class _Lists:
    """One list of features in each example of a batch."""

    def __init__(self, examples: list[Any], key: str, single: bool) -> None:
        self._maps = [each.feature_lists.feature_list for each in examples]
        self._key = key
        self._single = single

    def _read(self, dtype: DType) -> list[list[Array]]:
        """For each example the values of each step."""
        empty = np.zeros(0, dtype.as_numpy_dtype)
        found = []
        for each in self._maps:
            steps = each[self._key].feature if self._key in each else ()
            values = [values_of(step, dtype, self._key) for step in steps]
            found.append([empty if one is None else one for one in values])
        return found

    def padded(self, feature: Any) -> tuple[Any, Any]:
        """The steps with zeros after the last, and how many there are."""
        shape, dtype = fixed_shape(self._key, feature), value_dtype(feature.dtype, self._key)
        count = int(np.prod(shape))
        found = []
        for each, steps in zip(self._maps, self._read(dtype), strict=True):
            if self._key not in each and not feature.allow_missing:
                raise invalid(
                    f"Feature list '{self._key}' is required but could not be found. Did you mean to include it in "
                    "feature_list_dense_missing_assumed_empty or feature_list_dense_defaults? Pass allow_missing=True."
                )
            if any(step.size != count for step in steps):
                raise invalid(
                    f"Feature list {self._key!r}: a step has {[step.size for step in steps]} values, but the shape is "
                    f"{list(shape)}."
                )
            found.append(joined(steps, dtype).reshape(len(steps), *shape))
        if self._single:
            return from_numpy(found[0]), from_numpy(np.array(len(found[0]), np.int64))
        return padded(found, dtype, None, shape), from_numpy(np.array([len(each) for each in found], np.int64))

    def _levels(self, found: list[list[Array]]) -> tuple[Array, Array]:
        """How many steps each example has, and how many values each step."""
        return (
            np.array([len(steps) for steps in found], np.int64),
            np.array([len(step) for steps in found for step in steps], np.int64),
        )

    def sparse(self, feature: Any) -> Any:
        """The values as a sparse tensor."""
        dtype = value_dtype(feature.dtype, self._key)
        found = self._read(dtype)
        counts, lengths = self._levels(found)
        outer, inner = rows.splits_of(counts), rows.splits_of(lengths)
        step = rows.rows_of(inner)
        columns = [rows.rows_of(outer)[step], rows.places_of(outer)[step], rows.places_of(inner)]
        shape = [len(found), int(counts.max(initial=0)), int(lengths.max(initial=0))]
        values = joined([each for steps in found for each in steps], dtype)
        if self._single:
            columns, shape = columns[1:], shape[1:]
        return sparse(np.stack(columns, 1), values, shape)

    def ragged(self, feature: Any) -> Any:
        """The values as a ragged tensor.

        **Raises:** `ValueError` for further partitions.
        """
        if feature.partitions or feature.value_key not in (None, self._key):
            raise ValueError(
                f"A RaggedFeature of a list takes no partitions and no other value_key. Received: {feature}. Parse "
                "each list by its own name."
            )
        dtype = value_dtype(feature.dtype, self._key)
        found = self._read(dtype)
        counts, lengths = self._levels(found)
        values = from_numpy(joined([each for steps in found for each in steps], dtype))
        levels: list[tuple[Any, int | None]] = [(lengths, None)]
        if not self._single:
            levels.append((counts, None))
        return nested(values, levels, rows.splits_dtype(feature.row_splits_dtype))


def parse_single_sequence_example(
    serialized: Any,
    context_features: Any = None,
    sequence_features: Any = None,
    example_name: Any = None,
    name: str | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The features of one serialized `tf.train.SequenceExample` (`tf.io.parse_single_sequence_example`).

    **Arguments:**
    - `serialized`: a scalar string.
    - `context_features`, `sequence_features`, `name`: as for `parse_sequence_example`.
    - `example_name`: a name for messages.

    **Returns:** two dicts: the context's tensors, and the lists' tensors with an axis for the steps.

    **Raises:** `ValueError` if `serialized` is no scalar or no feature is named, and as `tf.io.parse_example` does.

    ```python
    >>> import functape as tf
    >>> example = tf.train.SequenceExample()
    >>> example.context.feature["id"].int64_list.value.append(3)
    >>> features = {"id": tf.io.FixedLenFeature([], tf.int64)}
    >>> tf.io.parse_single_sequence_example(example.SerializeToString(), features)[0]["id"].numpy()
    np.int64(3)

    ```
    """
    if not (context_features or sequence_features):
        raise ValueError("Both context_features and sequence_features are None, but at least one should have values.")
    tensor = convert(serialized, string)
    if tensor.aval.shape:
        raise ValueError(f"Input serialized must be a scalar. Received a tensor of shape {tensor.aval.shape}.")
    names = None if example_name is None else [example_name]
    return parse_sequence_example(tensor, context_features, sequence_features, names)[:2]
