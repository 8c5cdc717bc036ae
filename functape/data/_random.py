"""The random numbers behind `shuffle` and its kin: TensorFlow's, so that seeded pipelines give the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._seeds import philox_words, seeds

_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
_WEYL = (0x9E3779B9, 0xBB67AE85)
_BLOCKS = 256
"""Blocks of four numbers made at a time."""


def philox_blocks(words: np.ndarray[Any, Any], start: int, count: int) -> np.ndarray[Any, Any]:
    """Consecutive outputs of Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

    **Arguments:**
    - `words`: uint32[6], key and counter.
    - `start`: blocks to skip.
    - `count`: how many blocks.

    **Returns:** uint32[4 * count].
    """
    key = [int(word) for word in words[:2]]
    counter = (int.from_bytes(words[2:].astype("<u4").tobytes(), "little") + start) & (1 << 128) - 1
    low, high = counter & (1 << 64) - 1, counter >> 64
    index = (np.arange(count, dtype=np.uint64) + np.uint64(low)).astype(np.uint64)
    state = [index & np.uint64(0xFFFFFFFF), index >> np.uint64(32)]
    state += [np.full(count, high >> shift & 0xFFFFFFFF, np.uint64) for shift in (0, 32)]
    for _ in range(10):
        first, second = state[0] * _MULTIPLIERS[0], state[2] * _MULTIPLIERS[1]
        state = [
            (second >> np.uint64(32)) ^ state[1] ^ np.uint64(key[0]),
            second & np.uint64(0xFFFFFFFF),
            (first >> np.uint64(32)) ^ state[3] ^ np.uint64(key[1]),
            first & np.uint64(0xFFFFFFFF),
        ]
        key = [(each + step) & 0xFFFFFFFF for each, step in zip(key, _WEYL, strict=True)]
    return np.stack(state, 1).astype(np.uint32).reshape(-1)


def draws(first: int, second: int) -> Iterator[int]:
    """The stream of 32-bit numbers of a pair of seeds."""
    words = philox_words((first, second) if first or second else (None, None))
    start = 0
    while True:
        yield from philox_blocks(words, start, _BLOCKS).tolist()
        start += _BLOCKS


def dataset_seeds(seed: Any) -> tuple[int, int]:
    """The two seeds of a dataset that was given `seed`; both zero if it is to differ from run to run."""
    first, second = seeds.next_op_seed(None if seed is None else int(np.asarray(seed)))
    return (0, 0) if first is None or second is None else (first, second)


class SeedSource:
    """Where each pass over a dataset gets its seeds.

    **Arguments:**
    - `seed`: the user's, or None.
    - `renew`: whether each pass has seeds of its own.
    """

    def __init__(self, seed: Any, renew: bool) -> None:
        self._seeds = dataset_seeds(seed)
        self._stream = draws(*self._seeds) if renew else None

    def next(self) -> tuple[int, int]:
        """The seeds of the next pass."""
        return self._seeds if self._stream is None else (next(self._stream), next(self._stream))


def shuffled(buffer_size: int, source: SeedSource) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """A function from an iterator to a shuffled one, which never holds more than `buffer_size` elements.

    Each step takes a random element of the full buffer; the element at the ring's start moves to the free place.
    """

    def shuffle(elements: Iterator[Any]) -> Iterator[Any]:
        numbers = draws(*source.next())
        buffer = []
        for element in elements:
            buffer.append(element)
            if len(buffer) == buffer_size:
                break
        size, start = len(buffer), 0
        for element in elements:
            place = (start + next(numbers)) % size
            chosen = buffer[place]
            buffer[place] = buffer[start]
            buffer[start] = element
            start = (start + 1) % size
            yield chosen
        for remaining in range(size, 0, -1):
            place = (start + next(numbers) % remaining) % size
            chosen = buffer[place]
            buffer[place] = buffer[start]
            start = (start + 1) % size
            yield chosen

    return shuffle
