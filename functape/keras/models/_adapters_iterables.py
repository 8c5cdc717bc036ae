"""Batches of datasets, of `PyDataset`s and of generators."""

from __future__ import annotations

import itertools
import random
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from functape._core import _nest as nest
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape.data._source import INFINITE, UNKNOWN
from functape.keras.models._adapters_arrays import Batches
from functape.keras.models._adapters_weights import check_class_weight, class_weight_to_sample_weights
from functape.keras.utils._packing import unpack_x_y_sample_weight as unpack


def _weighted(data: Any, class_weight: Any) -> Any:
    """A batch with the weights of its classes as sample weights."""
    if class_weight is None:
        return data
    x, y, sample_weight = unpack(data)
    check_class_weight(y, sample_weight)
    return x, y, class_weight_to_sample_weights(y, class_weight)


def as_tensors(data: Any) -> Any:
    """A batch's arrays as tensors; floats of 64 bits as the default dtype, where no dataset says what they are."""
    from functape.keras.models._adapters_arrays import as_arrays

    def leaf(value: Any) -> Any:
        if value is None or is_tensor_like(value):
            return value
        if isinstance(value, np.ndarray | np.generic | float | int | bool) or hasattr(value, "__array__"):
            return from_numpy(as_arrays(value))
        return convert(value)

    if nest.is_nested(data):
        return nest.pack_like(data, [leaf(each) for each in nest.flatten(data)])
    return leaf(data)


class DatasetBatches(Batches):
    """The elements of a `tf.data.Dataset`.

    **Arguments:**
    - `dataset`: the dataset, of batches.
    - `class_weight`: a weight for each class; it must name all from 0 on.

    **Raises:** `ValueError` for class weights with gaps.
    """

    def __init__(self, dataset: Any, class_weight: Any = None) -> None:
        if class_weight is not None and sorted(class_weight) != list(range(len(class_weight))):
            raise ValueError(
                "Expected `class_weight` to be a dict with keys from 0 to one less than the number of classes, found "
                f"{class_weight}"
            )
        self._dataset = dataset
        self._class_weight = class_weight
        length = int(dataset.cardinality())
        super().__init__(None if length in (INFINITE, UNKNOWN) else length)

    def vary(self) -> bool:
        """As `Batches.vary`."""
        shapes = [getattr(each, "shape", None) for each in nest.flatten(self._dataset.element_spec)]
        return any(shape is None or shape.rank is None or shape.rank and shape[0] is None for shape in shapes)

    def open(self) -> Iterator[Any]:
        """A pass over the dataset."""
        if self._class_weight is None:
            return iter(self._dataset)
        return (as_tensors(_weighted(each, self._class_weight)) for each in self._dataset)

    def skip_pass(self) -> None:
        """Let shuffled data have the order of the pass after the next, as Keras does by opening two an epoch."""
        waiting = [self._dataset._source]
        while waiting:
            source = waiting.pop()
            if hasattr(source, "seeds"):
                source.seeds.next()
            waiting += [each for each in (getattr(source, "source", None), getattr(source, "_other", None)) if each]
            waiting += getattr(source, "_sources", ())


class PyDatasetBatches(Batches):
    """The batches of a `PyDataset`.

    **Arguments:**
    - `dataset`: the `PyDataset`.
    - `class_weight`: a weight for each class.
    - `shuffle`: whether the batches come in random order.
    """

    def __init__(self, dataset: Any, class_weight: Any = None, shuffle: Any = False) -> None:
        self._dataset = dataset
        self._class_weight = class_weight
        self._shuffle = bool(shuffle)
        try:
            count = dataset.num_batches
        except NotImplementedError:
            count = None
        super().__init__(count)

    def open(self) -> Iterator[Any]:
        """A pass over the batches."""
        for data in self._fetched():
            if data is None:
                return
            if not isinstance(data, tuple | list):
                data = (data,)
            if len(data) > 3:
                raise ValueError(
                    "Expected `__getitem__` to return a tuple of one to three parts: inputs, labels and sample "
                    f"weights. Received {len(data)} parts."
                )
            yield as_tensors(_weighted(tuple(data), self._class_weight))

    def _fetched(self) -> Iterator[Any]:
        count = self.num_batches
        order: Any = itertools.count() if count is None else range(count)
        if self._shuffle and count is not None:
            order = list(order)
            random.shuffle(order)
        workers = getattr(self._dataset, "workers", 1)
        fetch: Callable[[int], Any] = self._dataset.__getitem__
        if workers <= 1:
            yield from map(fetch, order)
            return
        ahead = max(1, getattr(self._dataset, "max_queue_size", 10))
        indices = iter(order)
        with ThreadPoolExecutor(workers, "keras") as executor:
            waiting = deque(executor.submit(fetch, index) for index in itertools.islice(indices, ahead))
            while waiting:
                data = waiting.popleft().result()
                waiting.extend(executor.submit(fetch, index) for index in itertools.islice(indices, 1))
                yield data

    def on_epoch_begin(self) -> None:
        """Tell the dataset."""
        if hasattr(self._dataset, "on_epoch_begin"):
            self._dataset.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Tell the dataset, which may change how many batches it has."""
        if hasattr(self._dataset, "on_epoch_end"):
            self._dataset.on_epoch_end()
        try:
            self.num_batches = self._dataset.num_batches
        except NotImplementedError:
            self.num_batches = None


class GeneratorBatches(Batches):
    """What a generator yields, in one pass that goes on from epoch to epoch; or an iterable, anew for each epoch.

    **Arguments:**
    - `generator`: an iterator or iterable over batches.
    - `class_weight`: a weight for each class.
    """

    def __init__(self, generator: Any, class_weight: Any = None) -> None:
        self._generator = generator
        self._class_weight = class_weight
        once = hasattr(generator, "__next__")
        super().__init__(len(generator) if not once and hasattr(generator, "__len__") else None)

    def open(self) -> Iterator[Any]:
        """What is left of the generator."""
        for data in self._generator:
            if isinstance(data, list):
                data = tuple(data)
            yield as_tensors(_weighted(data, self._class_weight))
