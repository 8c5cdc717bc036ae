"""Film reviews, good and bad (`tf.keras.datasets.imdb`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras.datasets import _words as words
from functape.keras.datasets._files import arrays, cached

__all__ = ["get_word_index", "load_data"]

_HASH = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
_WORDS_HASH = "bfafd718b763782e994055a2d397834f"


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> Any:
    """25,000 reviews to train with and as many to test, as lists of word numbers (`tf.keras.datasets.imdb.load_data`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.
    - `num_words`: only the most frequent words are kept: those with smaller numbers.
    - `skip_top`: how many of the most frequent words are left out.
    - `maxlen`: only shorter texts are kept.
    - `seed`: decides their order.
    - `start_char`: the number before each text; None for none.
    - `oov_char`: the number for words that are not kept; None to leave them out.
    - `index_from`: where the numbers of words begin.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: arrays of lists, and int64 `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where; `ValueError` if no text is shorter than `maxlen`.
    """
    if "nb_words" in kwargs:
        num_words = kwargs.pop("nb_words")
    if kwargs:
        raise TypeError(f"Unrecognized keyword arguments: {kwargs}.")
    found = arrays(cached(path, file_hash=_HASH), "x_train", "y_train", "x_test", "y_test", lists=True)
    texts: list[list[int]] = []
    labels: list[Any] = []
    counts = []
    generator = np.random.RandomState(seed)
    for place in (0, 2):
        part, marks = words.shuffled(found[place], found[place + 1], generator)
        part, marks = words.not_longer(words.marked(part, start_char, index_from), marks, maxlen)
        if not part:
            raise ValueError(
                f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen."
            )
        counts.append(len(part))
        texts += part
        labels.append(np.asarray(marks))
    kept = words.known_words(texts, num_words, skip_top, oov_char)
    together = np.concatenate(labels)
    count = counts[0]
    return (words.listed(kept[:count]), together[:count]), (words.listed(kept[count:]), together[count:])


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """Each word's number, before `index_from` is added (`tf.keras.datasets.imdb.get_word_index`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    return words.word_numbers(cached(path, file_hash=_WORDS_HASH))


__getattr__ = lazy(__name__, {}, lambda: __all__)
