"""Pipelines over rows that can be fetched in any order: positions are shuffled and batched, rows fetched at the end.

A dataset of arrays in memory never makes its elements one by one: `shuffle` permutes numbers, and `batch` fetches a
batch's rows in one step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from functape.data._structure import Leaves

Positions = Iterator[Any]


class Rows(NamedTuple):
    """Rows by position, and the order in which a dataset has them."""

    fetch: Callable[[list[Any]], Leaves]
    """The rows at some positions, stacked."""
    open: Callable[[], Positions]
    """The positions of one pass."""
    cost: bool = False
    """Whether fetching computes something, so that rows are better fetched many at a time."""

    def reordered(self, change: Callable[[Positions], Positions]) -> Rows:
        """The same rows with their positions changed by `change`."""
        return self._replace(open=lambda: change(self.open()))


class Slices:
    """The rows of arrays in memory, as `Rows.fetch`.

    **Arguments:**
    - `arrays`: of one length.
    """

    __slots__ = ("_arrays",)

    def __init__(self, arrays: Leaves) -> None:
        self._arrays = arrays

    def __call__(self, positions: list[Any]) -> Leaves:
        first = positions[0]
        stop = positions[-1] + 1
        if stop - first == len(positions) and (len(positions) < 3 or positions == list(range(first, stop))):
            # Nobody writes to an element, so that consecutive rows need no copy.
            return tuple([array[first:stop] for array in self._arrays])
        places = np.fromiter(positions, np.intp, len(positions))
        return tuple([array.take(places, 0) for array in self._arrays])


def rows_one_by_one(rows: Rows, chunk: int = 32) -> Iterator[Leaves]:
    """The elements of a pass."""
    positions = rows.open()
    if not rows.cost:
        for position in positions:
            yield tuple([each[0] for each in rows.fetch([position])])
        return
    while True:
        wanted = _take(positions, chunk)
        if not wanted:
            return
        # Always the same number of rows: a compiled computation then has one shape.
        stacked = rows.fetch(wanted + wanted[-1:] * (chunk - len(wanted)))
        for place in range(len(wanted)):
            yield tuple([each[place] for each in stacked])


def _take(positions: Positions, count: int) -> list[Any]:
    taken = []
    for position in positions:
        taken.append(position)
        if len(taken) == count:
            break
    return taken
