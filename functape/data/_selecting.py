"""Steps that choose, order and repeat elements."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core._spec import TensorSpec
from functape.data._positions import Rows
from functape.data._random import SeedSource, shuffled
from functape.data._source import INFINITE, UNKNOWN, Source, Step, whole_pass
from functape.data._structure import Leaves, flatten_element, with_lists_as_components


class Take(Step):
    """The first elements; all of them if `count` is negative."""

    def __init__(self, source: Source, count: int) -> None:
        super().__init__(source)
        self._count = count

    def length(self) -> int:
        """At most `count`."""
        length = self.source.length()
        if self._count < 0 or length == UNKNOWN:
            return length
        return self._count if length == INFINITE else min(length, self._count)

    def rows(self) -> Rows | None:
        """Fewer positions."""
        rows = self.source.rows()
        return rows if rows is None or self._count < 0 else rows.reordered(self._cut)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return self.source.open() if self._count < 0 else self._cut(self.source.open())

    def _cut(self, elements: Iterator[Any]) -> Iterator[Any]:
        return itertools.islice(elements, self._count)


class Skip(Step):
    """All but the first elements; none if `count` is negative."""

    def __init__(self, source: Source, count: int) -> None:
        super().__init__(source)
        self._count = count

    def length(self) -> int:
        """What remains."""
        length = self.source.length()
        if self._count < 0:
            return 0
        return length if length < 0 else max(length - self._count, 0)

    def rows(self) -> Rows | None:
        """Fewer positions."""
        rows = self.source.rows()
        return None if rows is None else rows.reordered(self._cut)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return self._cut(self.source.open())

    def _cut(self, elements: Iterator[Any]) -> Iterator[Any]:
        return iter(()) if self._count < 0 else itertools.islice(elements, self._count, None)


class Shard(Step):
    """Every `count`-th element."""

    def __init__(self, source: Source, count: int, index: int) -> None:
        super().__init__(source)
        self._count = count
        self._index = index

    def length(self) -> int:
        """A part."""
        length = self.source.length()
        return length if length < 0 else len(range(self._index, length, self._count))

    def rows(self) -> Rows | None:
        """Fewer positions."""
        rows = self.source.rows()
        return None if rows is None else rows.reordered(self._cut)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return self._cut(self.source.open())

    def _cut(self, elements: Iterator[Any]) -> Iterator[Any]:
        return itertools.islice(elements, self._index, None, self._count)


class Repeat(Step):
    """The elements again and again; without end if `count` is negative."""

    def __init__(self, source: Source, count: int) -> None:
        super().__init__(source)
        self._count = count

    def length(self) -> int:
        """So many times the source's."""
        length = self.source.length()
        if self._count < 0:
            return 0 if length == 0 else INFINITE
        if length == INFINITE:
            return 0 if self._count == 0 else INFINITE
        return length if length == UNKNOWN and self._count else max(length, 0) * self._count

    def rows(self) -> Rows | None:
        """The positions again and again."""
        rows = self.source.rows()
        return None if rows is None else rows._replace(open=lambda: self._again(rows.open))

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return self._again(self.source.open)

    def _again(self, begin: Any) -> Iterator[Any]:
        for _ in itertools.count() if self._count < 0 else range(self._count):
            empty = True
            for element in begin():
                empty = False
                yield element
            if empty and self._count < 0:
                return


class Concatenate(Step):
    """The elements of one source and then those of another."""

    def __init__(self, source: Source, other: Source) -> None:
        ours, theirs = flatten_element(source.spec), flatten_element(other.spec)
        specs = []
        for left, right in zip(ours, theirs, strict=True):
            common = left.most_specific_common_supertype([right])
            if common is None:
                raise TypeError(
                    f"Incompatible types of input datasets: {source.spec} vs. {other.spec}. Cast one of them in a map."
                )
            specs.append(common)
        super().__init__(source, with_lists_as_components(source.spec, specs))
        self._other = other

    def length(self) -> int:
        """The sum."""
        lengths = (self.source.length(), self._other.length())
        if INFINITE in lengths:
            return INFINITE
        return UNKNOWN if UNKNOWN in lengths else sum(lengths)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        yield from self.source.open()
        yield from self._other.open()


class Zip(Source):
    """Elements of several sources side by side, as long as all have one.

    **Arguments:**
    - `sources`: in order.
    - `spec`: the structure of theirs.
    """

    def __init__(self, sources: list[Source], spec: Any) -> None:
        super().__init__(spec)
        self._sources = sources

    @property
    def busy(self) -> bool:
        """Whether any source is."""
        return any(source.busy for source in self._sources)

    def length(self) -> int:
        """The shortest's."""
        lengths = [source.length() for source in self._sources]
        if all(each == INFINITE for each in lengths):
            return INFINITE
        return UNKNOWN if UNKNOWN in lengths else min(each for each in lengths if each != INFINITE)

    def rows(self) -> Rows | None:
        """Rows side by side."""
        parts = [source.rows() for source in self._sources]
        present = [each for each in parts if each is not None]
        if len(present) != len(parts):
            return None

        def fetch(positions: list[Any]) -> Leaves:
            columns = zip(*positions, strict=True)
            rows = [each.fetch(list(column)) for each, column in zip(present, columns, strict=True)]
            return tuple(itertools.chain.from_iterable(rows))

        return Rows(
            fetch, lambda: zip(*(each.open() for each in present), strict=False), any(each.cost for each in present)
        )

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        for elements in zip(*(source.open() for source in self._sources), strict=False):
            yield tuple(itertools.chain.from_iterable(elements))


class Enumerate(Step):
    """Pairs of a number and an element."""

    shown = "_ZipDataset"

    def __init__(self, source: Source, start: int) -> None:
        super().__init__(source, (TensorSpec((), "int64"), source.spec))
        self._start = start

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def open(self) -> Iterator[Leaves]:
        """The pairs."""
        for number, leaves in enumerate(self.source.open(), self._start):
            yield (np.int64(number), *leaves)


class Shuffle(Step):
    """The elements in random order, from a buffer.

    **Arguments:**
    - `source`: the elements.
    - `buffer_size`: how many elements wait to be chosen from; all of them if it is `UNKNOWN`.
    - `seed`, `renew`: as for `SeedSource`.
    """

    def __init__(self, source: Source, buffer_size: int, seed: Any, renew: bool) -> None:
        super().__init__(source)
        self.seeds = SeedSource(seed, renew)
        """Where each pass gets its seeds."""
        self._shuffle = shuffled(buffer_size, self.seeds)

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def rows(self) -> Rows | None:
        """Shuffled positions."""
        rows = self.source.rows()
        return None if rows is None else rows.reordered(self._shuffle)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        rows = self.rows()
        return self._shuffle(self.source.open()) if rows is None or rows.cost else super().open()


class Cached(Step):
    """The elements, kept in memory once a pass has had all of them."""

    shown = "CacheDataset"

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._kept: list[Leaves] | None = None

    def length(self) -> int:
        """The source's."""
        return self.source.length() if self._kept is None else len(self._kept)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        if self._kept is not None:
            yield from self._kept
            return
        kept: list[Leaves] = []

        def end() -> None:
            self._kept = kept

        yield from whole_pass(self.source, kept.append, end)


class Unique(Step):
    """The elements, each once."""

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        seen = set()
        for leaves in self.source.open():
            (leaf,) = leaves
            key = leaf if isinstance(leaf, bytes) else np.asarray(leaf).tobytes()
            if key not in seen:
                seen.add(key)
                yield leaves
