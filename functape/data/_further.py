"""Methods of a dataset that read and write files, and rarer ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._spec import TensorSpec
from functape._engine._dtypes import int64
from functape._engine._errors import InvalidArgumentError, OpError, UnimplementedError
from functape.data._arguments import integer, positive
from functape.data._batching import Batch
from functape.data._files import matching, text_of
from functape.data._mapping import UserFunction, arguments_of
from functape.data._random import SeedSource, draws
from functape.data._source import UNKNOWN, Source, Step
from functape.data._stored import CachedInFile, Stored, write_elements
from functape.data._structure import Leaves, flatten_element, host_value


class FurtherMethods:
    """The part of `tf.data.Dataset` with files and rarer methods."""

    _source: Source
    element_spec: Any

    def _next(self, source: Source) -> Any:
        """A dataset that reads `source`."""
        raise NotImplementedError

    @staticmethod
    def list_files(file_pattern: Any, shuffle: Any = None, seed: Any = None, name: str | None = None) -> Any:
        """The names of files (`tf.data.Dataset.list_files`).

        **Arguments:**
        - `file_pattern`: a pattern such as `data/*.txt`, or a list or tensor of patterns.
        - `shuffle`: whether they come in random order, anew in each pass; by default they do.
        - `seed`: of that order.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` if no file matches.
        """
        from functape.data._dataset import Dataset

        names = matching(file_pattern)
        dataset = Dataset.from_tensor_slices(np.array(names, object))
        return dataset.shuffle(len(names), seed=seed) if shuffle is None or shuffle else dataset

    @staticmethod
    def counter(start: Any = 0, step: Any = 1, dtype: Any = int64, name: str | None = None) -> Any:
        """Numbers at equal steps, without end (`tf.data.Dataset.counter`).

        **Arguments:**
        - `start`, `step`: integers.
        - `dtype`: theirs.
        - `name`: accepted for compatibility.
        """
        from functape.data._dataset import Dataset
        from functape.data._sources import Counting

        return Dataset(Counting(integer(start, "start"), integer(step, "step"), dtype))

    def save(
        self,
        path: Any,
        compression: Any = None,
        shard_func: Callable[..., Any] | None = None,
        checkpoint_args: Any = None,
    ) -> None:
        """Write the elements into a directory, from which `load` reads them (`tf.data.Dataset.save`).

        **Arguments:**
        - `path`: the directory; what was saved there before is replaced once the new elements are complete.
        - `compression`: None, `NONE` or `GZIP`.
        - `shard_func`: accepted for compatibility: there is one file.
        - `checkpoint_args`: not supported.

        **Raises:** `ValueError` for another compression; `UnimplementedError` for `checkpoint_args`.
        """
        if checkpoint_args is not None:
            raise UnimplementedError(message="`checkpoint_args` is not supported: save the dataset in one piece.")
        write_elements(text_of(path), self._source, _compression(compression))

    @staticmethod
    def load(
        path: Any,
        element_spec: Any = None,
        compression: Any = None,
        reader_func: Callable[..., Any] | None = None,
        wait: bool = False,
    ) -> Any:
        """The elements that `save` wrote (`tf.data.Dataset.load`).

        **Arguments:**
        - `path`: the directory.
        - `element_spec`: what the elements are expected to be; by default what they were.
        - `compression`: accepted for compatibility: it is known.
        - `reader_func`: from a dataset of datasets, here of one, to the dataset.
        - `wait`: accepted for compatibility.

        **Raises:** `NotFoundError` if nothing was saved there; `InvalidArgumentError` for other elements.
        """
        from functape.data._dataset import Dataset, DatasetSpec
        from functape.data._sources import Elements

        dataset = Dataset(Stored(text_of(path), element_spec))
        if reader_func is None:
            return dataset
        return reader_func(Dataset(Elements([(dataset,)], DatasetSpec(dataset.element_spec))))

    def snapshot(
        self,
        path: Any,
        compression: str = "AUTO",
        reader_func: Callable[..., Any] | None = None,
        shard_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Any:
        """The elements, kept in files once a pass has come to its end (`tf.data.Dataset.snapshot`).

        **Arguments:**
        - `path`: the directory.
        - `compression`: `AUTO`, None or `GZIP`.
        - `reader_func`, `shard_func`: accepted for compatibility: there is one file.
        - `name`: accepted for compatibility.
        """
        kind = "" if compression in ("AUTO", "SNAPPY") else _compression(compression)
        return self._next(CachedInFile(self._source, os.path.join(text_of(path), "elements"), kind, "_MapDataset"))

    def ignore_errors(self, log_warning: bool = False, name: str | None = None) -> Any:
        """The elements without those that cannot be made.

        **Arguments:**
        - `log_warning`: whether to report them to the log.
        - `name`: accepted for compatibility.
        """
        return self._next(IgnoreErrors(self._source, log_warning))

    def ragged_batch(
        self, batch_size: Any, drop_remainder: bool = False, row_splits_dtype: Any = int64, name: str | None = None
    ) -> Any:
        """Consecutive elements stacked, ragged where their shapes are not known.

        **Arguments:**
        - `batch_size`: how many.
        - `drop_remainder`: whether to leave out a last batch that is smaller.
        - `row_splits_dtype`: of the ragged tensors.
        - `name`: accepted for compatibility.

        **Raises:** `UnimplementedError` for elements whose shapes differ.
        """
        size = positive(batch_size, "batch_size")
        if all(spec.shape.is_fully_defined() for spec in flatten_element(self.element_spec)):
            return self._next(Batch(self._source, size, bool(drop_remainder)))
        raise UnimplementedError(
            message=f"Ragged batches of elements {self.element_spec} are not supported. Use padded_batch({size})."
        )

    def sparse_batch(self, batch_size: Any, row_shape: Any, name: str | None = None) -> Any:
        """Not supported.

        **Raises:** `UnimplementedError`.
        """
        raise UnimplementedError(
            message=f"Sparse batches are not supported. Use padded_batch({batch_size}, {list(row_shape)})."
        )

    def rejection_resample(
        self,
        class_func: Callable[..., Any],
        target_dist: Any,
        initial_dist: Any = None,
        seed: Any = None,
        name: str | None = None,
    ) -> Any:
        """Pairs of a class and an element, with elements left out so that classes are as frequent as wanted.

        **Arguments:**
        - `class_func`: from an element to its class, a scalar int32.
        - `target_dist`: how frequent each class is to be.
        - `initial_dist`: how frequent it is; by default as frequent as it has been so far.
        - `seed`: a number, or None.
        - `name`: accepted for compatibility.
        """
        target = np.asarray(host_value(target_dist), np.float64)
        initial = None if initial_dist is None else np.asarray(host_value(initial_dist), np.float64)
        return self._next(Resampled(self._source, class_func, target, initial, seed))


def _compression(given: Any) -> str:
    kind = "" if given is None or given == "NONE" else given
    if kind not in ("", "GZIP"):
        raise ValueError(f"`compression` must be None, 'NONE' or 'GZIP'. Received: {given!r}")
    return str(kind)


class IgnoreErrors(Step):
    """The elements that can be made.

    **Arguments:**
    - `source`: the elements.
    - `log`: whether to report the others.
    """

    def __init__(self, source: Source, log: bool) -> None:
        super().__init__(source)
        self._log = log

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        import logging

        elements = _Restarting(self.source)
        while True:
            try:
                leaves = elements.next()
            except StopIteration:
                return
            except (OpError, ArithmeticError, LookupError, TypeError, ValueError) as error:
                if self._log:
                    logging.getLogger("functape").warning("An element of a dataset is left out: %s", error)
                continue
            yield leaves


class _Restarting:
    """A pass that goes on after an element that cannot be made, as far as the step that failed can go on."""

    def __init__(self, source: Source) -> None:
        function = getattr(source, "_function", None)
        inner = getattr(source, "source", None)
        self._apply = function if function is not None and inner is not None else None
        self._elements = iter(inner.open() if self._apply is not None and inner is not None else source.open())

    def next(self) -> Leaves:
        leaves = next(self._elements)
        return leaves if self._apply is None else self._apply(leaves)  # type: ignore[no-any-return]


class Resampled(Step):
    """Pairs of a class and an element, some left out.

    **Arguments:**
    - `source`: the elements.
    - `classify`: from an element to its class.
    - `target`, `initial`: how frequent classes are to be, and are; None for as they have been so far.
    - `seed`: a number, or None.
    """

    shown = "_DirectedInterleaveDataset"

    def __init__(self, source: Source, classify: Callable[..., Any], target: Any, initial: Any, seed: Any) -> None:
        super().__init__(source, (TensorSpec((), "int32"), source.spec))
        self._classify = UserFunction(classify, arguments_of(source.spec))
        self._target = target
        self._initial = initial
        self._seeds = SeedSource(seed, True)

    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    def open(self) -> Iterator[Leaves]:
        """The pairs."""
        numbers = draws(*self._seeds.next())
        counts = np.ones_like(self._target)
        for leaves in self.source.open():
            number = int(np.asarray(self._classify(leaves)[0]))
            if not 0 <= number < len(self._target):
                raise InvalidArgumentError(
                    message=f"`class_func` returned class {number}; `target_dist` has {len(self._target)} classes."
                )
            counts[number] += 1
            initial = counts / counts.sum() if self._initial is None else self._initial
            ratios = np.where(self._target > 0, self._target / np.maximum(initial, 1e-30), 0.0)
            if next(numbers) / 2**32 < ratios[number] / ratios.max():
                yield (np.int32(number), *leaves)
