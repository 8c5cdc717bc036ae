"""Datasets that take their elements from several others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._spec import TensorSpec
from functape._engine._errors import InvalidArgumentError
from functape.data._random import SeedSource, draws
from functape.data._source import INFINITE, UNKNOWN, Source
from functape.data._structure import Leaves, flatten_element, with_lists_as_components


def common_spec(sources: list[Source]) -> Any:
    """The spec that covers the elements of all sources.

    **Raises:** `TypeError` if there is none.
    """
    first = sources[0].spec
    columns = zip(*(flatten_element(source.spec) for source in sources), strict=True)
    specs = []
    for ours, *others in columns:
        found = ours.most_specific_common_supertype(others)
        if found is None:
            raise TypeError(f"The datasets must have elements alike. Received specs {[s.spec for s in sources]}.")
        specs.append(found)
    return with_lists_as_components(first, specs)


class Chosen(Source):
    """Elements of several sources in the order that another names.

    **Arguments:**
    - `sources`: in order.
    - `choice`: opens the numbers of the sources to take the next element of.
    - `stop_on_empty`: whether to stop at the first source that has no more elements.
    - `choices`: how many choices there are.
    """

    shown = "_DirectedInterleaveDataset"

    def __init__(
        self, sources: list[Source], choice: Callable[[], Iterator[int]], stop_on_empty: bool, choices: int
    ) -> None:
        super().__init__(common_spec(sources))
        self._sources = sources
        self._choice = choice
        self._stop = stop_on_empty
        self._choices = choices

    @property
    def busy(self) -> bool:
        """Whether any source is."""
        return any(source.busy for source in self._sources)

    def length(self) -> int:
        """Known if the sources run out one by one, or never do."""
        lengths = [source.length() for source in self._sources]
        if self._stop:
            return self._choices if all(each == INFINITE for each in lengths) else UNKNOWN
        if INFINITE in lengths:
            return INFINITE
        return UNKNOWN if UNKNOWN in lengths or self._choices != INFINITE else sum(lengths)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        opened: list[Iterator[Leaves] | None] = [iter(source.open()) for source in self._sources]
        for number in self._choice():
            if not 0 <= number < len(opened):
                raise InvalidArgumentError(
                    message=f"Selector index out of range: {number} >= {len(opened)}. There are {len(opened)} datasets."
                )
            current = opened[number]
            leaves = None if current is None else next(current, None)
            if leaves is not None:
                yield leaves
                continue
            opened[number] = None
            if self._stop or not any(each is not None for each in opened):
                return


def random_choice(count: int, weights: list[float] | None, seed: Any, renew: bool) -> Callable[[], Iterator[int]]:
    """Random numbers below `count`, in proportion to `weights`.

    **Raises:** `ValueError` if there are not as many weights as numbers.
    """
    if weights is not None and len(weights) != count:
        raise ValueError(
            f"Invalid `weights`. The shape of `weights` should be compatible with `[len(datasets)]` but is "
            f"[{len(weights)}] for {count} datasets."
        )
    shares = np.full(count, 1 / count) if weights is None else np.asarray(weights, float) / np.sum(weights)
    bounds = np.cumsum(shares).tolist()
    source = SeedSource(seed, renew)

    def choose() -> Iterator[int]:
        for number in draws(*source.next()):
            share = number / 2**32
            yield next((place for place, bound in enumerate(bounds) if share < bound), count - 1)

    return choose


def named_choice(choice: Source) -> Callable[[], Iterator[int]]:
    """The numbers that a dataset of scalar int64s names.

    **Raises:** `TypeError` for other elements.
    """
    spec = choice.spec
    if not isinstance(spec, TensorSpec) or spec.dtype.name != "int64" or spec.shape.rank != 0:
        raise TypeError(f"`choice_dataset` must have elements that are scalar int64s. Received: {spec}")
    return lambda: (int(leaves[0]) for leaves in choice.open())
