"""News of 46 topics (`tf.keras.datasets.reuters`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._namespace import lazy
from functape.keras.datasets import _words as words
from functape.keras.datasets._files import arrays, cached

__all__ = ["get_label_names", "get_word_index", "load_data"]

_HASH = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
_WORDS_HASH = "4d44cc38712099c9e383dc6e5f11a921"
_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> Any:
    """11,228 news as lists of word numbers, and their topics (`tf.keras.datasets.reuters.load_data`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.
    - `test_split`: the share to test with.
    - `num_words`, `skip_top`, `maxlen`, `seed`, `start_char`, `oov_char`, `index_from`: as for
      `tf.keras.datasets.imdb.load_data`.

    **Returns:** `(x_train, y_train), (x_test, y_test)`: arrays of lists, and int64 `[n]`.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    x, y = arrays(cached(path, file_hash=_HASH), "x", "y", lists=True)
    texts, labels = words.shuffled(x, y, np.random.RandomState(seed))
    kept, marks = words.not_longer(words.marked(texts, start_char, index_from), labels, maxlen)
    kept = words.known_words(kept, num_words, skip_top, oov_char)
    count = int(len(kept) * (1 - test_split))
    topics = np.asarray(marks)
    return (words.listed(kept[:count]), topics[:count]), (words.listed(kept[count:]), topics[count:])


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """Each word's number, before `index_from` is added (`tf.keras.datasets.reuters.get_word_index`).

    **Arguments:**
    - `path`: the file in Keras's cache, `~/.keras/datasets`, or elsewhere.

    **Raises:** `FileNotFoundError` that says which file to put where.
    """
    return words.word_numbers(cached(path, file_hash=_WORDS_HASH))


def get_label_names() -> tuple[str, ...]:
    """The topics' names, in the order of their numbers (`tf.keras.datasets.reuters.get_label_names`).

    ```python
    >>> import functape as tf
    >>> tf.keras.datasets.reuters.get_label_names()[3]
    'earn'

    ```
    """
    return tuple(_TOPICS.split())


__getattr__ = lazy(__name__, {}, lambda: __all__)
