"""What a dataset reads from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

from functape.data._positions import Rows, rows_one_by_one
from functape.data._structure import Leaves

INFINITE = -1
UNKNOWN = -2


class Source:
    """One step of a pipeline: the spec of its elements, and how to make a pass over them.

    **Arguments:**
    - `spec`: a structure of `tf.TypeSpec`s.
    """

    def __init__(self, spec: Any) -> None:
        self.spec = spec

    def open(self) -> Iterator[Leaves]:
        """A pass over the elements."""
        rows = self.rows()
        if rows is None:
            raise NotImplementedError("A source has rows, or opens itself.")
        return rows_one_by_one(rows)

    def length(self) -> int:
        """How many elements a pass has; `INFINITE` or `UNKNOWN`."""
        return UNKNOWN

    def rows(self) -> Rows | None:
        """The elements as rows to be fetched in any order, if they are that."""
        return None

    shown: str = ""
    """What a dataset of it is called when it is printed; by default the class's name with `Dataset`."""

    @property
    def busy(self) -> bool:
        """Whether a pass waits for Python functions or files, so that another thread may as well."""
        return False

    @property
    def label(self) -> str:
        """What a dataset of it is called when it is printed."""
        return self.shown or f"_{type(self).__name__}Dataset"


def whole_pass(source: Source, add: Callable[[Leaves], object], end: Callable[[], None]) -> Iterator[Leaves]:
    """A pass over a source, for a step that keeps what it has seen once that is all.

    Whoever knows how many elements there are takes the last one and does not ask whether another follows, so that the
    last of a known number is the end.

    **Arguments:**
    - `source`: the elements.
    - `add`: called with each.
    - `end`: called once, when there are no more.
    """
    length = source.length()
    ended = False
    for count, leaves in enumerate(source.open(), start=1):
        add(leaves)
        if count == length:
            end()
            ended = True
        yield leaves
    if not ended:
        end()


class Lookahead:
    """Passes of which the next may be begun early, to look at its first element.

    A pass counts, since a shuffle orders the one after it differently: looking must not cost one.

    **Arguments:**
    - `begin`: begins a pass.
    """

    def __init__(self, begin: Callable[[], Iterator[Leaves]]) -> None:
        self._begin = begin
        self._begun: Iterator[Leaves] | None = None

    def first(self) -> Leaves | None:
        """The first element of the next pass; None if there is none."""
        elements = iter(self.open())
        for leaves in elements:
            self._begun = itertools.chain([leaves], elements)
            return leaves
        return None

    def open(self) -> Iterator[Leaves]:
        """A pass."""
        begun, self._begun = self._begun, None
        return self._begin() if begun is None else begun


class Step(Source):
    """A source that changes the elements of another.

    **Arguments:**
    - `source`: the other.
    - `spec`: of the elements it makes; the other's by default.
    """

    def __init__(self, source: Source, spec: Any = None) -> None:
        super().__init__(source.spec if spec is None else spec)
        self.source = source

    @property
    def busy(self) -> bool:
        """The source's."""
        return self.source.busy
