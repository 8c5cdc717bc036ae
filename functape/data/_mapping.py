"""Steps that call functions of the user."""

from __future__ import annotations

import itertools
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape.data._functions import UserFunction, predicate_value
from functape.data._positions import Rows
from functape.data._source import UNKNOWN, Lookahead, Source, Step
from functape.data._structure import Leaves, Packer, flatten_element

AUTOTUNE = -1
_LARGEST = 64
"""At most so many elements are handed to a thread together."""
_GROUP_SECONDS = 0.004
"""About so long a thread works before it hands over: below it, handing over would take a good part of the time."""


def arguments_of(spec: Any) -> tuple[Any, ...]:
    """The specs of the arguments a function of elements is called with: a tuple's parts, or the element."""
    return spec if type(spec) is tuple else (spec,)


class Map(Step):
    """What a function makes of each element.

    **Arguments:**
    - `source`: the elements.
    - `function`: the user's function.
    - `workers`: how many elements it may be called for at a time; 0 for one by one, `AUTOTUNE` for as many as the
      machine has processors.
    """

    def __init__(self, source: Source, function: Callable[..., Any], workers: int) -> None:
        self._function = UserFunction(function, arguments_of(source.spec))
        self._passes = Lookahead(source.open)
        super().__init__(source, self._function.output)
        self.shown = "_ParallelMapDataset" if workers else "_MapDataset"
        self._workers = (os.cpu_count() or 1) if workers == AUTOTUNE else workers

    @property
    def busy(self) -> bool:
        """Whether Python runs for each element."""
        return self._function.eager or self.source.busy

    @property
    def spec(self) -> Any:
        """The spec of what the function returns; where only running it tells, it runs on the first element."""
        if self._function.output is None:
            leaves = self._passes.first()
            if leaves is None:
                raise ValueError(
                    "What the function of `map` returns is only known by running it, and there is no element to run "
                    "it on."
                )
            self._function(leaves)
        return self._function.output

    @spec.setter
    def spec(self, value: Any) -> None:
        """The function decides it."""

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def rows(self) -> Rows | None:
        """Rows that the function is called on many at a time."""
        rows = None if self._function.eager or self._function.random else self.source.rows()
        if rows is None or self._function.output is None:
            return None
        return Rows(lambda positions: self._function.many(rows.fetch(positions)), rows.open, True)

    def open(self) -> Iterator[Leaves]:
        """The results."""
        if self.rows() is not None:
            return super().open()
        if self._workers > 1 and self._function.eager:
            return self._parallel(self._passes.open())
        if self._function.random:
            return self._drawing()
        return map(self._function, self._passes.open())

    def _drawing(self, chunk: int = 32) -> Iterator[Leaves]:
        """The results of a function that draws random numbers."""
        function: Any = self._function.begin()
        rows = self.source.rows()
        if rows is None:
            yield from map(function, self.source.open())
            return
        positions = rows.open()
        while wanted := list(itertools.islice(positions, chunk)):
            stacked = function.many(rows.fetch(wanted + wanted[-1:] * (chunk - len(wanted))))
            for place in range(len(wanted)):
                yield tuple([each[place] for each in stacked])

    @property
    def ahead(self) -> bool:
        """Whether threads make the elements ahead already."""
        return self._function.eager and self._workers > 1

    def _parallel(self, elements: Iterator[Leaves]) -> Iterator[Leaves]:
        """The results in order, by threads that take quick elements several at a time."""
        executor = ThreadPoolExecutor(self._workers, thread_name_prefix="functape-map")
        waiting: deque[Future[tuple[list[Leaves], float, Exception | None]]] = deque()
        largest = 1 if self.source.busy else _LARGEST
        size = 1

        def submit() -> None:
            group = list(itertools.islice(elements, size))
            if group:
                waiting.append(executor.submit(self._timed, group))

        try:
            for _ in range(2 * self._workers):
                submit()
            while waiting:
                results, seconds, error = waiting.popleft().result()
                size = max(1, min(largest, 2 * size, int(_GROUP_SECONDS * len(results) / max(seconds, 1e-9))))
                if error is None:
                    submit()
                yield from results
                if error is not None:
                    raise error
        finally:
            executor.shutdown(wait=True, cancel_futures=True)

    def _timed(self, group: list[Leaves]) -> tuple[list[Leaves], float, Exception | None]:
        began = time.perf_counter()
        results: list[Leaves] = []
        error = None
        try:
            for leaves in group:
                results.append(self._function(leaves))
        except Exception as raised:
            error = raised
        return results, time.perf_counter() - began, error


class Filter(Step):
    """The elements for which a predicate holds."""

    def __init__(self, source: Source, predicate: Callable[..., Any]) -> None:
        super().__init__(source)
        self._predicate = predicate_function(predicate, source.spec)

    def rows(self) -> Rows | None:
        """The positions for whose rows it holds."""
        rows = None if self._predicate.eager or self._predicate.random else self.source.rows()
        return None if rows is None else rows._replace(open=lambda: self._chosen(rows))

    def _chosen(self, rows: Rows, chunk: int = 256) -> Iterator[Any]:
        positions = rows.open()
        while group := list(itertools.islice(positions, chunk)):
            padded = group + group[-1:] * (chunk - len(group))
            (holds,) = self._predicate.many(rows.fetch(padded))
            yield from itertools.compress(group, holds)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        if self.rows() is not None:
            return super().open()
        predicate = self._predicate.begin()
        return (leaves for leaves in self.source.open() if predicate_value(predicate(leaves)))

    @property
    def busy(self) -> bool:
        """Whether Python runs for each element."""
        return self._predicate.eager or self.source.busy


def predicate_function(predicate: Callable[..., Any], spec: Any) -> UserFunction:
    """A predicate on elements.

    **Raises:** `ValueError` if it is known not to return a scalar bool.
    """
    function = UserFunction(predicate, arguments_of(spec))
    if function.output is not None:
        specs = flatten_element(function.output)
        if len(specs) != 1 or specs[0].shape.rank or specs[0].dtype.name != "bool":
            raise ValueError(
                f"Invalid `predicate`. `predicate` must return a `tf.bool` scalar tensor, but its return type is "
                f"{function.output}."
            )
    return function


class TakeWhile(Step):
    """The elements up to the first for which a predicate does not hold."""

    def __init__(self, source: Source, predicate: Callable[..., Any]) -> None:
        super().__init__(source)
        self._predicate = predicate_function(predicate, source.spec)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return itertools.takewhile(lambda leaves: predicate_value(self._predicate(leaves)), self.source.open())


class FlatMap(Step):
    """The elements of the datasets that a function makes of elements, some of these datasets in turn.

    **Arguments:**
    - `source`: the elements.
    - `function`: from an element to a dataset.
    - `cycle`: how many datasets are open at a time.
    - `block`: how many elements in a row come from each.
    - `shown`: what the dataset is called when it is printed.
    """

    def __init__(
        self, source: Source, function: Callable[..., Any], cycle: int, block: int, shown: str = "_FlatMapDataset"
    ) -> None:
        super().__init__(source)
        self.shown = shown
        self._function = function
        self._cycle = cycle
        self._block = block
        self._passes = Lookahead(source.open)
        self._made: Any = None

    busy = True

    @property
    def spec(self) -> Any:
        """The spec of the datasets, from the first of them."""
        if self._made is None:
            leaves = self._passes.first()
            if leaves is None:
                raise ValueError("What the function returns is only known by calling it, and there is no element.")
            self._inner(leaves)
        return self._made

    @spec.setter
    def spec(self, value: Any) -> None:
        """The function decides it."""

    def _inner(self, leaves: Leaves) -> Source:
        spec = self.source.spec
        element = Packer(spec).tensors(leaves)
        dataset = self._function(*element) if type(spec) is tuple else self._function(element)
        inner = getattr(dataset, "_source", None)
        if inner is None:
            raise TypeError(
                f"The function must return a `tf.data.Dataset`. Received: {dataset!r} of type {type(dataset)}. Use "
                f"`map` for a function that returns tensors."
            )
        if self._made is None:
            self._made = inner.spec
        return inner  # type: ignore[no-any-return]

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        elements = self._passes.open()
        if self._cycle == 1:
            for leaves in elements:
                yield from self._inner(leaves).open()
            return
        opened: list[Iterator[Leaves] | None] = [None] * self._cycle
        place, more = 0, True
        while more or any(each is not None for each in opened):
            current = opened[place]
            if current is None and more:
                for leaves in elements:
                    current = opened[place] = iter(self._inner(leaves).open())
                    break
                else:
                    more = False
            if current is not None:
                block = list(itertools.islice(current, self._block))
                yield from block
                if len(block) < self._block:
                    opened[place] = None
            place = (place + 1) % self._cycle


class Scan(Step):
    """What a function makes of a state and each element, which also gives the next state.

    **Arguments:**
    - `source`: the elements.
    - `state`: the first state: its spec and components.
    - `function`: from a state and an element to the next state and what comes out.
    """

    def __init__(self, source: Source, state: tuple[Any, Leaves], function: Callable[..., Any]) -> None:
        state_spec, self._initial = state
        self._function = UserFunction(function, (state_spec, *arguments_of(source.spec)))
        self._count = len(self._initial)
        self._passes = Lookahead(source.open)
        if self._function.output is None:
            leaves = self._passes.first()
            if leaves is None:
                raise ValueError("What the function of `scan` returns is only known by running it on an element.")
            self._function(self._initial + leaves)
        output = self._function.output
        if type(output) is not tuple or len(output) != 2:
            raise TypeError("The function must return a pair comprising the new state and the output value.")
        super().__init__(source, output[1])

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def open(self) -> Iterator[Leaves]:
        """The results."""
        state = self._initial
        for leaves in self._passes.open():
            made = self._function(state + leaves)
            state = made[: self._count]
            yield made[self._count :]


def reduced(source: Source, state: tuple[Any, Leaves], function: Callable[..., Any]) -> Leaves:
    """The last state, where a function makes the next state of a state and an element."""
    state_spec, current = state
    combine = UserFunction(function, (state_spec, *arguments_of(source.spec)))
    if combine.output is not None:
        found = [each.dtype for each in flatten_element(combine.output)]
        wanted = [each.dtype for each in flatten_element(state_spec)]
        if found != wanted:
            raise TypeError(
                f"The element types for the new state must match the initial state. Expected {wanted}; got {found}."
            )
    for leaves in source.open():
        current = combine(current + leaves)
    return current


class Grouped(Step):
    """Elements of one key together.

    **Arguments:**
    - `source`: the elements.
    - `key`: from an element to an int64.
    - `reduce`: from a key and a dataset of elements to a dataset.
    - `size`: from a key to the number of elements in a group.
    - `hold`: makes the dataset of elements.
    """

    shown = "_GroupByWindowDataset"

    def __init__(
        self,
        source: Source,
        key: Callable[..., Any],
        reduce: Callable[..., Any],
        size: Callable[[Any], int],
        hold: Callable[[list[Leaves], Any], Any],
    ) -> None:
        super().__init__(source)
        self._key = UserFunction(key, arguments_of(source.spec))
        self._reduce = reduce
        self._size = size
        self._hold = hold
        self._passes = Lookahead(self._groups)
        self._made: Any = None

    @property
    def spec(self) -> Any:
        """The spec of the groups, from the first of them."""
        if self._made is None:
            self._passes.first()
        return self._made

    @spec.setter
    def spec(self, value: Any) -> None:
        """The function decides it."""

    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    def open(self) -> Iterator[Leaves]:
        """The groups."""
        return self._passes.open()

    def _groups(self) -> Iterator[Leaves]:
        groups: dict[int, list[Leaves]] = {}
        for leaves in self.source.open():
            key = int(np.asarray(self._key(leaves)[0]))
            group = groups.setdefault(key, [])
            group.append(leaves)
            if len(group) == self._size(key):
                yield from self._emit(key, groups.pop(key))
        for key, group in groups.items():
            yield from self._emit(key, group)

    def _emit(self, key: int, group: list[Leaves]) -> Iterator[Leaves]:
        inner = self._reduce(convert(np.int64(key)), self._hold(group, self.source.spec))._source
        if self._made is None:
            self._made = inner.spec
        return iter(inner.open())
