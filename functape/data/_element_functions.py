"""The methods of a dataset that take functions of its elements."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._engine._errors import InvalidArgumentError
from functape._engine._trace import ValueNeeded, is_tracing
from functape.data._arguments import filled, integer, positive
from functape.data._mapping import AUTOTUNE, Filter, FlatMap, Grouped, Map, Scan, TakeWhile, reduced
from functape.data._source import Source
from functape.data._sources import Elements
from functape.data._structure import Leaves, Packer, element_of


class ElementFunctions:
    """The part of `tf.data.Dataset` whose methods call functions of the user."""

    _source: Source
    element_spec: Any

    def _next(self, source: Source) -> Any:
        """A dataset that reads `source`."""
        raise NotImplementedError

    def _held(self, elements: list[Leaves], spec: Any) -> Any:
        return self._next(Elements(elements, spec))

    def map(
        self,
        map_func: Callable[..., Any],
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        synchronous: bool | None = None,
        use_unbounded_threadpool: bool = False,
        name: str | None = None,
    ) -> Any:
        """What a function makes of each element.

        The function is traced once and compiled; rows in memory are mapped a batch at a time. A function that a trace
        cannot hold (strings, files, random numbers, `tf.py_function`) runs as it is for each element.

        **Arguments:**
        - `map_func`: called with an element; with the parts of one that is a tuple.
        - `num_parallel_calls`: how many threads call it, if it is called as it is.
        - `deterministic`, `synchronous`, `use_unbounded_threadpool`: accepted for compatibility; results come in the
          order of their elements.
        - `name`: accepted for compatibility.

        **Raises:** what the function raises, when it is traced or when an element is made.
        """
        workers = 0 if num_parallel_calls is None else integer(num_parallel_calls, "num_parallel_calls")
        if num_parallel_calls is not None and workers < 1 and workers != AUTOTUNE:
            raise InvalidArgumentError(message=f"num_parallel_calls must be greater than zero. Received: {workers}")
        return self._next(Map(self._source, map_func, workers))

    def filter(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """The elements for which `predicate` returns true.

        **Raises:** `ValueError` if it does not return a scalar bool.
        """
        return self._next(Filter(self._source, predicate))

    def take_while(self, predicate: Callable[..., Any], name: str | None = None) -> Any:
        """The elements up to the first for which `predicate` returns false."""
        return self._next(TakeWhile(self._source, predicate))

    def flat_map(self, map_func: Callable[..., Any], name: str | None = None) -> Any:
        """The elements of the datasets that `map_func` makes of the elements, one dataset after the other."""
        return self._next(FlatMap(self._source, map_func, 1, 1))

    def interleave(
        self,
        map_func: Callable[..., Any],
        cycle_length: Any = None,
        block_length: Any = None,
        num_parallel_calls: Any = None,
        deterministic: bool | None = None,
        name: str | None = None,
    ) -> Any:
        """The elements of the datasets that `map_func` makes of the elements, some datasets in turn.

        **Arguments:**
        - `map_func`: from an element to a dataset.
        - `cycle_length`: how many datasets are open at a time; by default as many as there are processors.
        - `block_length`: how many elements in a row come from each; 1 by default.
        - `num_parallel_calls`, `deterministic`: accepted for compatibility; elements come in order.
        - `name`: accepted for compatibility.
        """
        cycle = AUTOTUNE if cycle_length is None else integer(cycle_length, "cycle_length")
        if cycle == AUTOTUNE:
            cycle = os.cpu_count() or 1
        elif cycle < 1:
            raise InvalidArgumentError(message=f"cycle_length must be greater than zero. Received: {cycle}")
        block = 1 if block_length is None else positive(block_length, "block_length")
        shown = "_InterleaveDataset" if num_parallel_calls is None else "_ParallelInterleaveDataset"
        return self._next(FlatMap(self._source, map_func, cycle, block, shown))

    def reduce(self, initial_state: Any, reduce_func: Callable[..., Any], name: str | None = None) -> Any:
        """The last state, where a function makes the next state of a state and an element.

        **Arguments:**
        - `initial_state`: a structure of tensors.
        - `reduce_func`: from a state and an element to a state of the same dtypes.
        - `name`: accepted for compatibility.

        **Raises:** `TypeError` if the function returns other dtypes.
        """
        spec, leaves = element_of(initial_state)
        return Packer(spec).tensors(reduced(self._source, (spec, leaves), reduce_func))

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], name: str | None = None) -> Any:
        """What a function makes of a state and each element.

        **Arguments:**
        - `initial_state`: a structure of tensors.
        - `scan_func`: from a state and an element to a pair of the next state and a result.
        - `name`: accepted for compatibility.
        """
        return self._next(Scan(self._source, element_of(initial_state), scan_func))

    def group_by_window(
        self,
        key_func: Callable[..., Any],
        reduce_func: Callable[..., Any],
        window_size: Any = None,
        window_size_func: Callable[..., Any] | None = None,
        name: str | None = None,
    ) -> Any:
        """Elements of one key together.

        **Arguments:**
        - `key_func`: from an element to a scalar int64.
        - `reduce_func`: from a key and a dataset of its elements to a dataset.
        - `window_size`: how many elements make a group; or
        - `window_size_func`: from a key to that number.
        - `name`: accepted for compatibility.

        **Raises:** `ValueError` unless exactly one of the sizes is given.
        """
        if (window_size is None) == (window_size_func is None):
            raise ValueError("Must pass either `window_size` or `window_size_func`, and not both.")
        if window_size_func is None:
            size = positive(window_size, "window_size")
            return self._next(Grouped(self._source, key_func, reduce_func, lambda key: size, self._held))
        sizes = window_size_func
        return self._next(
            Grouped(
                self._source,
                key_func,
                reduce_func,
                lambda key: integer(sizes(np.int64(key)), "window_size"),
                self._held,
            )
        )

    def bucket_by_sequence_length(
        self,
        element_length_func: Callable[..., Any],
        bucket_boundaries: Any,
        bucket_batch_sizes: Any,
        padded_shapes: Any = None,
        padding_values: Any = None,
        pad_to_bucket_boundary: bool = False,
        no_padding: bool = False,
        drop_remainder: bool = False,
        name: str | None = None,
    ) -> Any:
        """Batches of elements of about the same length.

        **Arguments:**
        - `element_length_func`: from an element to its length.
        - `bucket_boundaries`: lengths at which the buckets meet.
        - `bucket_batch_sizes`: one batch size for each bucket: one more than there are boundaries.
        - `padded_shapes`, `padding_values`, `drop_remainder`: as for `padded_batch`.
        - `pad_to_bucket_boundary`: whether to pad to one less than the bucket's upper boundary.
        - `no_padding`: whether all elements of a bucket are alike.
        - `name`: accepted for compatibility.

        **Raises:** `ValueError` for other numbers of sizes.
        """
        bounds, sizes = [int(each) for each in bucket_boundaries], [int(each) for each in bucket_batch_sizes]
        if len(sizes) != len(bounds) + 1:
            raise ValueError(
                f"`len(bucket_batch_sizes)` must equal `len(bucket_boundaries) + 1` but `len(bucket_batch_sizes)"
                f"={len(sizes)}` and `len(bucket_boundaries)={len(bounds)}`."
            )

        def key(*element: Any) -> Any:
            return convert(np.searchsorted(bounds, int(element_length_func(*element)), side="right").astype(np.int64))

        def batch(bucket: Any, elements: Any) -> Any:
            number = int(bucket)
            if no_padding:
                return elements.batch(sizes[number], drop_remainder=drop_remainder)
            shapes = padded_shapes
            if pad_to_bucket_boundary:
                if number == len(bounds):
                    raise ValueError(
                        "When pad_to_bucket_boundary=True, elements must be shorter than the last boundary."
                    )
                shapes = filled(self.element_spec, padded_shapes, bounds[number] - 1)
            return elements.padded_batch(sizes[number], shapes, padding_values, drop_remainder)

        return self._next(Grouped(self._source, _as_it_is(key), batch, lambda number: sizes[number], self._held))


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is never traced: it looks at values."""

    def called(*element: Any) -> Any:
        if is_tracing():
            raise ValueNeeded("a function of values")
        return function(*element)

    return called
