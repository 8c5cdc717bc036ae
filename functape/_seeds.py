"""Which seeds a random op uses: TensorFlow's global seed, op seeds, and the streams that explicit op seeds keep."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

Pair = tuple[int, int] | tuple[None, None]
"""The two seeds of an op; None twice where neither a global nor an op seed is set."""

DEFAULT_GLOBAL_SEED = 87654321
"""Stands for the global seed beside an op seed when none is set."""

_LARGEST = 2**31 - 1

_BLOCKS: dict[str, Callable[[int], int]] = {
    "RandomShuffle": lambda rows: (rows + 2) // 4,
    "SampleDistortedBoundingBoxV2": lambda attempts: attempts,
}
"""Blocks of the stream by which one call of an op advances its kernel, where that is not 256 a sample."""


class Seeds:
    """The seeds of eager code, shared by all threads, and the streams of ops with explicit seeds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._global: Any = None
        self._sequence = random.Random()
        self._streams: dict[Hashable, int] = {}
        self.epoch: Any = object()
        """Another object after each `set_seed`: the random ops of traced functions then begin anew."""

    @property
    def global_seed(self) -> Any:
        """The seed last set, or None."""
        return self._global

    def set_seed(self, seed: Any) -> None:
        """As the module's `set_seed`."""
        sequence = _sequence(seed)
        with self._lock:
            self._global = seed
            self._sequence = sequence
            self._streams.clear()
            self.epoch = object()

    def next_op_seed(self, op_seed: Any = None) -> Pair:
        """As the module's `next_op_seed`."""
        with self._lock:
            if op_seed is None and self._global is not None:
                op_seed = self._sequence.randint(0, _LARGEST)
            return combine(self._global, op_seed)

    def advance(self, stream: Hashable, blocks: int) -> int:
        """Where a stream stands, in blocks; the next call finds it `blocks` further."""
        with self._lock:
            start = self._streams.get(stream, 0)
            self._streams[stream] = start + blocks
            return start


def _sequence(seed: Any) -> random.Random:
    if seed is None or isinstance(seed, int | float):
        return random.Random(seed)
    try:
        if isinstance(seed, str | bytes | bytearray):
            raise TypeError("text is no number")
        return random.Random(int(np.array(seed)))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Argument `seed` must be a number or None: {error}. Received: seed={seed!r}. Pass an integer."
        ) from error


def _truncate(name: str, seed: Any) -> int:
    try:
        return int(seed % _LARGEST)
    except (TypeError, ValueError) as error:
        raise TypeError(f"Argument `{name}` must be an integer. Received: {name}={seed!r}. Pass a number.") from error


def combine(global_seed: Any, op_seed: Any) -> Pair:
    """The pair of seeds an op uses, from the global seed and its own (`tf.compat.v1.get_seed`).

    **Arguments:**
    - `global_seed`: a number or None.
    - `op_seed`: a number, or None for an op without a seed where no global seed is set either.

    **Returns:** two ints below 2**31 - 1, never both zero; or `(None, None)`.

    **Raises:** `TypeError` for what is no number.

    ```python
    >>> combine(7, 3), combine(None, 3), combine(0, 0), combine(None, None)
    ((7, 3), (87654321, 3), (0, 2147483647), (None, None))

    ```
    """
    if op_seed is None:
        return None, None
    first = DEFAULT_GLOBAL_SEED if global_seed is None else _truncate("seed", global_seed)
    second = _truncate("seed", op_seed)
    return (0, _LARGEST) if first == 0 == second else (first, second)


class TraceSeeds:
    """The seeds of the ops in one trace - a function, a branch, a loop's body - numbered in the order of tracing.

    **Arguments:**
    - `global_seed`: the global seed at the time of tracing.
    """

    def __init__(self, global_seed: Any) -> None:
        self._global = global_seed
        self._number = 0

    def next_op_seed(self, op_seed: Any = None) -> Pair:
        """As the module's `next_op_seed`, for an op being traced."""
        if op_seed is None and self._global is not None:
            op_seed = self._number
            self._number += 1
        return combine(self._global, op_seed)


seeds = Seeds()


def set_seed(seed: Any) -> None:
    """Set the global seed and begin every stream anew (`tf.random.set_seed`).

    **Arguments:**
    - `seed`: an integer, a scalar array, or None for numbers that differ from run to run.

    **Raises:** `TypeError` if it is no number.

    ```python
    >>> set_seed(42)
    >>> first = next_op_seed()
    >>> set_seed(42)
    >>> first == next_op_seed()
    True

    ```
    """
    seeds.set_seed(seed)


def next_op_seed(op_seed: Any = None) -> Pair:
    """The two seeds of the next eager random op (`tf.compat.v1.get_seed`).

    **Arguments:**
    - `op_seed`: the op's own seed, or None.

    **Returns:** `(seed, seed2)`, or `(None, None)` where neither a global nor an op seed is set.
    """
    return seeds.next_op_seed(op_seed)


def philox_words(pair: Pair, start: int = 0) -> np.ndarray[Any, Any]:
    """Key and counter for an op's pair of seeds; drawn from the system where there is none.

    **Arguments:**
    - `pair`: two ints, or None twice.
    - `start`: blocks by which the stream has advanced.

    **Returns:** uint32[6].
    """
    first, second = pair
    if first is None or second is None:
        return np.frombuffer(os.urandom(24), np.uint32)
    counter = ((second << 64) + start) & (1 << 128) - 1
    return np.frombuffer(first.to_bytes(8, "little") + counter.to_bytes(16, "little"), "<u4").astype(np.uint32)


def blocks_used(op_kind: Hashable, samples: int) -> int:
    """Blocks of the stream that one call of an op sets aside.

    **Arguments:**
    - `op_kind`: TensorFlow's kernel name, or a tuple that begins with it.
    - `samples`: how many samples the call makes; for `RandomShuffle`, the number of rows.
    """
    name = op_kind[0] if isinstance(op_kind, tuple) else op_kind
    count = _BLOCKS.get(name) if isinstance(name, str) else None
    return 256 * samples if count is None else count(samples)


def seed_words(op_kind: Hashable, samples: int, op_seed: Any = None) -> np.ndarray[Any, Any]:
    """Key and counter for the next eager random op: the one array that its row takes as state.

    An op with a seed of its own goes on where the last call of the same kind with the same seeds stopped, until
    `set_seed` is called; an op without begins a stream of its own.

    **Arguments:**
    - `op_kind`: what TensorFlow keeps one stream for: the kernel's name and the result's dtype, such as
      `("RandomUniform", "float32")`.
    - `samples`: how many samples the call makes; for `RandomShuffle`, the number of rows.
    - `op_seed`: the op's own seed, or None.

    **Returns:** uint32[6].

    **Raises:** `TypeError` if the seed is no number.

    ```python
    >>> set_seed(42)
    >>> seed_words(("RandomUniform", "float32"), 3, op_seed=1).tolist()
    [42, 0, 0, 0, 1, 0]
    >>> seed_words(("RandomUniform", "float32"), 3, op_seed=1).tolist()
    [42, 0, 768, 0, 1, 0]

    ```
    """
    pair = seeds.next_op_seed(op_seed)
    if op_seed is None or pair[0] is None:
        return philox_words(pair)
    return philox_words(pair, seeds.advance((op_kind, pair), blocks_used(op_kind, samples)))
