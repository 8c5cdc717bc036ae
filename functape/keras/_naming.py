"""Names for objects that are given none: `dense`, `dense_1`, and so on."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Callable


class _Local(threading.local):
    def __init__(self) -> None:
        self.used: defaultdict[str, int] = defaultdict(int)


_local = _Local()
_WORD_STARTS = re.compile(r"(?<=.)(?=[A-Z][a-z0-9]*[a-z])|(?<=[a-z])(?=[A-Z])")

on_clear: list[Callable[[], None]] = []
"""What else `clear_session` resets."""


def to_snake_case(name: str) -> str:
    """A class's name as Keras writes it in object names.

    ```python
    >>> [to_snake_case(name) for name in ("Dense", "GlorotUniform", "Conv2D", "LSTM", "BatchNormalization")]
    ['dense', 'glorot_uniform', 'conv2d', 'lstm', 'batch_normalization']

    ```
    """
    return _WORD_STARTS.sub("_", re.sub(r"\W+", "", name)).lower()


def get_uid(prefix: str = "") -> int:
    """The next number for a prefix, from 1 (`tf.keras.backend.get_uid`).

    ```python
    >>> get_uid("a prefix of mine"), get_uid("a prefix of mine")
    (1, 2)

    ```
    """
    _local.used[prefix] += 1
    return _local.used[prefix]


def unique_name(prefix: str) -> str:
    """A name that no other object got: the prefix in snake case, then with `_1`, `_2`, ... after it."""
    name = to_snake_case(prefix)
    number = get_uid(name) - 1
    return f"{name}_{number}" if number else name


def reset_uids() -> None:
    """Begin all numbers anew (`tf.keras.backend.reset_uids`)."""
    _local.used.clear()


def clear_session(free_memory: bool = True) -> None:
    """Forget what Keras keeps beside the objects themselves (`tf.keras.backend.clear_session`).

    Names are counted from the start again, and the next unseeded random number begins a new stream.

    **Arguments:**
    - `free_memory`: whether to collect garbage.
    """
    reset_uids()
    for reset in on_clear:
        reset()
    if free_memory:
        import gc

        gc.collect()
