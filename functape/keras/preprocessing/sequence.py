"""Preparing sequences (`tf.keras.preprocessing.sequence`)."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras.utils._padding import pad_sequences
from functape.keras.utils._pydataset import PyDataset

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]

_EULER = 0.577
"""Keras's value of Euler's constant."""


class TimeseriesGenerator(PyDataset):
    """Windows of a series and what follows them, in batches (`tf.keras.preprocessing.sequence.TimeseriesGenerator`).

    **Arguments:**
    - `data`: the series `[time, ...]`.
    - `targets`: what belongs to each time.
    - `length`: how far a window goes back.
    - `sampling_rate`: the distance of the times within a window.
    - `stride`: the distance of the windows.
    - `start_index`, `end_index`: the part of the series that is used.
    - `shuffle`: whether to draw windows at random.
    - `reverse`: whether windows run backwards.
    - `batch_size`: how many windows a batch has.

    **Raises:** `ValueError` for targets of another length, or if nothing is left.

    ```python
    >>> import functape as tf, numpy as np
    >>> windows = tf.keras.preprocessing.sequence.TimeseriesGenerator(np.arange(5), np.arange(5), length=2)
    >>> windows[0][0].tolist(), windows[0][1].tolist()
    ([[0, 1], [1, 2], [2, 3]], [2, 3, 4])

    ```
    """

    def __init__(
        self,
        data: Any,
        targets: Any,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if len(data) != len(targets):
            raise ValueError(
                f"Data and targets have to be of same length. Data length is {len(data)} while target length is "
                f"{len(targets)}"
            )
        self.data, self.targets, self.length = data, targets, length
        self.sampling_rate, self.stride = sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise ValueError(
                f"`start_index+length={self.start_index} > end_index={self.end_index}` is disallowed, as no part of "
                "the sequence would be left to be used as current step."
            )

    def __len__(self) -> int:
        span = self.batch_size * self.stride
        return (self.end_index - self.start_index + span) // span

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        if self.shuffle:
            ends = np.random.randint(self.start_index, self.end_index + 1, size=self.batch_size)
        else:
            span = self.batch_size * self.stride
            first = self.start_index + span * index
            ends = np.arange(first, min(first + span, self.end_index + 1), self.stride)
        windows = np.array([self.data[end - self.length : end : self.sampling_rate] for end in ends])
        targets = np.array([self.targets[end] for end in ends])
        return (windows[:, ::-1, ...] if self.reverse else windows), targets

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, the series as JSON."""
        names = ("length", "sampling_rate", "stride", "start_index", "end_index", "shuffle", "reverse", "batch_size")
        return {
            "data": _as_json("Data", self.data),
            "targets": _as_json("Targets", self.targets),
            **{name: getattr(self, name) for name in names},
        }

    def to_json(self, **kwargs: Any) -> str:
        """The configuration as JSON; `kwargs` are `json.dumps`'s."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


def _as_json(what: str, values: Any) -> str:
    try:
        return json.dumps(values.tolist() if isinstance(values, np.ndarray | np.generic) else values)
    except TypeError as error:
        raise TypeError(f"{what} not JSON Serializable: {values}") from error


def make_sampling_table(size: int, sampling_factor: float = 1e-05) -> np.ndarray[Any, Any]:
    """How likely each word is to be kept, by its rank (`tf.keras.preprocessing.sequence.make_sampling_table`).

    **Arguments:**
    - `size`: the number of words.
    - `sampling_factor`: word2vec's.

    **Returns:** float64 `[size]`.

    ```python
    >>> import functape as tf
    >>> tf.keras.preprocessing.sequence.make_sampling_table(3).round(4)
    array([0.0032, 0.0032, 0.0055])

    ```
    """
    rank = np.maximum(np.arange(size), 1)
    inverse = rank * (np.log(rank) + _EULER) + 0.5 - 1.0 / (12.0 * rank)
    weighted = sampling_factor * inverse
    return np.minimum(1.0, weighted / np.sqrt(weighted))


def skipgrams(
    sequence: Any,
    vocabulary_size: int,
    window_size: int = 4,
    negative_samples: float = 1.0,
    shuffle: bool = True,
    categorical: bool = False,
    sampling_table: Any = None,
    seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:
    """Pairs of words near each other, and random pairs (`tf.keras.preprocessing.sequence.skipgrams`).

    The random choices are Python's `random`.

    **Arguments:**
    - `sequence`: word numbers; 0 is no word.
    - `vocabulary_size`: the number of words.
    - `window_size`: how far apart a pair may be.
    - `negative_samples`: how many random pairs for each real one.
    - `shuffle`: whether to mix them.
    - `categorical`: whether labels are pairs rather than 0 and 1.
    - `sampling_table`: how likely each word is to be kept.
    - `seed`: decides the order.

    **Returns:** pairs, and labels: 1 for real ones.

    ```python
    >>> import functape as tf
    >>> tf.keras.preprocessing.sequence.skipgrams([1, 2], 3, negative_samples=0, shuffle=False)
    ([[1, 2], [2, 1]], [1, 1])

    ```
    """
    pairs: list[list[int]] = []
    for place, word in enumerate(sequence):
        if not word or (sampling_table is not None and sampling_table[word] < random.random()):
            continue
        near = range(max(0, place - window_size), min(len(sequence), place + window_size + 1))
        pairs += [[word, sequence[other]] for other in near if other != place and sequence[other]]
    labels: list[Any] = [[0, 1] if categorical else 1 for _ in pairs]
    if negative_samples > 0:
        count = int(len(labels) * negative_samples)
        firsts = [pair[0] for pair in pairs]
        random.shuffle(firsts)
        pairs += [[firsts[place % len(firsts)], random.randint(1, vocabulary_size - 1)] for place in range(count)]
        labels += [[1, 0] if categorical else 0 for _ in range(count)]
    if shuffle:
        seed = random.randint(0, int(10e6)) if seed is None else seed
        for mixed in (pairs, labels):
            random.seed(seed)
            random.shuffle(mixed)
    return pairs, labels


__getattr__ = lazy(__name__, {}, lambda: __all__)
