"""Batches of arrays in memory."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core import _nest as nest
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._seeds import blocks_used, combine, philox_words, seeds
from functape.data._random import philox_blocks
from functape.keras._configuration import floatx
from functape.keras.models._adapters_weights import check_class_weight, class_weight_to_sample_weights
from functape.keras.utils._packing import pack_x_y_sample_weight as pack


class Batches:
    """Where batches come from.

    **Arguments:**
    - `num_batches`: how many there are in a pass; None if that is not known or they never end.
    """

    def __init__(self, num_batches: int | None) -> None:
        self.num_batches = num_batches

    def open(self) -> Iterator[Any]:
        """A pass over the batches."""
        raise NotImplementedError

    def skip_pass(self) -> None:
        """Go on as if a pass had been begun and dropped."""

    def vary(self) -> bool:
        """Whether batches may have different numbers of rows."""
        return True

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


class ArrayBatches(Batches):
    """Batches of arrays.

    With a global seed the order is TensorFlow's for that seed, which is the same in every epoch: Keras draws it in a
    function that begins its random numbers anew with each pass.

    **Arguments:**
    - `x`, `y`, `sample_weight`: arrays, or structures of them, with as many rows each.
    - `class_weight`: a weight for each class.
    - `batch_size`: rows of a batch; 32 by default, or what makes `steps` batches.
    - `steps`: batches of an epoch, if that is given.
    - `shuffle`: whether rows come in random order; `"batch"` shuffles within batches.

    **Raises:** `ValueError` for arrays of different lengths.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        batch_size: int | None = None,
        steps: int | None = None,
        shuffle: Any = False,
    ) -> None:
        x, y, sample_weight = as_arrays(x), as_arrays(y), as_arrays(sample_weight)
        if class_weight is not None:
            check_class_weight(y, sample_weight)
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        self._data = pack(x, y, sample_weight)
        self._leaves = nest.flatten(self._data)
        self.rows = checked_rows(x, y, sample_weight)
        self.batch_size = int(batch_size or (math.ceil(self.rows / steps) if steps else 32))
        self._shuffle = shuffle
        self._pair = combine(seeds.global_seed, 0) if seeds.global_seed is not None else None
        self._order: Any = None
        super().__init__(math.ceil(self.rows / self.batch_size))

    def vary(self) -> bool:
        """As `Batches.vary`."""
        return self.rows % self.batch_size != 0

    def open(self) -> Iterator[Any]:
        """A pass over the batches: structures of tensors."""
        order = self._positions()
        size = self.batch_size
        for start in range(0, self.rows, size):
            stop = min(start + size, self.rows)
            if order is None:
                parts = [None if leaf is None else from_numpy(leaf[start:stop]) for leaf in self._leaves]
            else:
                places = order[start:stop]
                parts = [None if leaf is None else from_numpy(leaf.take(places, 0)) for leaf in self._leaves]
            yield nest.pack_like(self._data, parts)

    def _positions(self) -> Any:
        if not self._shuffle:
            return None
        if self._pair is None:
            if self._shuffle == "batch":
                return np.concatenate(
                    [start + np.random.permutation(len(part)) for start, part in self._parts()] or [np.zeros(0, int)]
                )
            return np.random.permutation(self.rows)
        if self._order is None:
            self._order = self._seeded()
        return self._order

    def _parts(self) -> Iterator[tuple[int, range]]:
        for start in range(0, self.rows, self.batch_size):
            yield start, range(start, min(start + self.batch_size, self.rows))

    def _seeded(self) -> Any:
        words = philox_words(self._pair)  # type: ignore[arg-type]
        if self._shuffle != "batch":
            return permutation(words, 0, self.rows)
        used, order = 0, []
        for start, part in self._parts():
            order.append(
                start + permutation(words, used, len(part)) if len(part) == self.batch_size else np.array(part)
            )
            used += blocks_used("RandomShuffle", len(part))
        return np.concatenate(order) if order else np.zeros(0, np.intp)


def permutation(words: Any, start: int, count: int) -> Any:
    """The order in which `tf.random.shuffle` puts `count` rows.

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `start`: blocks of the stream to skip.
    - `count`: how many rows.
    """
    order = list(range(count))
    if count > 1:
        numbers = philox_blocks(words, start, (count + 2) // 4).astype(np.int64)[: count - 1]
        chosen = (np.arange(count - 1) + numbers % np.arange(count, 1, -1)).tolist()
        for place, other in enumerate(chosen):
            order[place], order[other] = order[other], order[place]
    return np.array(order, np.intp)


# ---- arrays ----------------------------------------------------------------------------------------------------------


def is_array(value: Any) -> bool:
    """Whether a value is an array of one kind or another, or a tensor."""
    if isinstance(value, np.ndarray | np.generic) or is_tensor_like(value):
        return True
    return hasattr(value, "__array__") and hasattr(value, "shape")


def are_arrays(structure: Any) -> bool:
    """Whether a structure holds nothing but arrays, lists of numbers, and None."""
    if structure is None or is_array(structure):
        return True
    if isinstance(structure, dict):
        return all(map(are_arrays, structure.values()))
    if isinstance(structure, list | tuple):
        return _is_numbers(structure) or all(map(are_arrays, structure))
    return False


def _is_numbers(value: Any) -> bool:
    """Whether a value is a list of numbers or strings, or of such lists."""
    while isinstance(value, list | tuple) and value:
        value = value[0]
    return isinstance(value, int | float | str | bytes)


def as_arrays(structure: Any) -> Any:
    """A structure with its parts as NumPy arrays, floating ones of the default dtype, texts as bytes."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {key: as_arrays(each) for key, each in structure.items()}
    if isinstance(structure, list | tuple) and not _is_numbers(structure):
        return type(structure)([as_arrays(each) for each in structure])
    if hasattr(structure, "toarray"):
        structure = structure.toarray()
    array = np.asarray(structure)
    if array.dtype.kind == "f" and array.dtype.name != floatx():
        array = array.astype(floatx())
    if array.dtype == object and _is_pandas(structure):
        array = array.astype(floatx())
    return convert(array).numpy() if array.dtype.kind in "OSU" else array


def _is_pandas(value: Any) -> bool:
    return (type(value).__module__ or "").startswith("pandas") and all(
        isinstance(each, int | float) for each in np.asarray(value).ravel()[:1]
    )


def checked_rows(x: Any, y: Any, sample_weight: Any) -> int:
    """How many rows all arrays have.

    **Raises:** `ValueError` if they do not agree.
    """
    counts = {
        label: [leaf.shape[0] if leaf.ndim else 0 for leaf in nest.flatten(part) if leaf is not None]
        for label, part in (("x", x), ("y", y), ("sample_weight", sample_weight))
        if part is not None
    }
    different = {count for each in counts.values() for count in each}
    if len(different) > 1:
        sizes = "".join(f"'{label}' sizes: {', '.join(map(str, each))}\n" for label, each in counts.items())
        raise ValueError(
            f"Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.{sizes}"
        )
    return different.pop() if different else 0


def split(arrays: tuple[Any, Any, Any], validation_split: float) -> tuple[Any, Any]:
    """The rows to train on and, from the end, those to validate on.

    **Arguments:**
    - `arrays`: inputs, labels and sample weights.
    - `validation_split`: the fraction to validate on.

    **Raises:** `ValueError` for a fraction that leaves nothing on one side, or data that are no arrays.
    """
    if not all(map(are_arrays, arrays)):
        kinds = {type(each) for each in nest.flatten(list(arrays)) if each is not None and not is_array(each)}
        raise ValueError(
            "Argument `validation_split` is only supported for tensors or NumPy arrays. Found incompatible type in the "
            f"input: {kinds}"
        )
    if all(each is None for each in arrays):
        raise ValueError("Cannot split no data. Pass `x`.")
    converted = tuple(as_arrays(each) for each in arrays)
    rows = checked_rows(*converted)
    first = math.floor(rows * (1.0 - validation_split))
    if first == 0 or first == rows:
        raise ValueError(
            f"Training data contains {rows} samples, which is not sufficient to split it into a validation "
            f"and training set as specified by `validation_split={validation_split}`. Either provide more data, or a "
            "different value for the `validation_split` argument."
        )

    def part(structure: Any, begin: int, end: int) -> Any:
        if structure is None:
            return None
        if not nest.is_nested(structure):
            return structure[begin:end]
        flat = [None if leaf is None else leaf[begin:end] for leaf in nest.flatten(structure)]
        return nest.pack_like(structure, flat)

    return (
        tuple(part(each, 0, first) for each in converted),
        tuple(part(each, first, rows) for each in converted),
    )
