"""Preparing texts (`tf.keras.preprocessing.text`)."""

from __future__ import annotations

import collections
import hashlib
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._namespace import lazy

__all__ = ["Tokenizer", "hashing_trick", "one_hot", "text_to_word_sequence", "tokenizer_from_json"]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""The characters that stand for a space by default."""


def text_to_word_sequence(input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """A text as a list of words (`tf.keras.preprocessing.text.text_to_word_sequence`).

    **Arguments:**
    - `input_text`: a text.
    - `filters`: characters that separate words.
    - `lower`: whether to write them in lower case.
    - `split`: what separates words.

    ```python
    >>> import functape as tf
    >>> tf.keras.preprocessing.text.text_to_word_sequence("Hello, world!")
    ['hello', 'world']

    ```
    """
    text = input_text.lower() if lower else input_text
    table: dict[str, str | int | None] = dict.fromkeys(filters, split)
    return [word for word in text.translate(str.maketrans(table)).split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: Any = None,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """A text as hashes of its words, from 1 to below `n` (`tf.keras.preprocessing.text.hashing_trick`).

    **Arguments:**
    - `text`: a text.
    - `n`: one more than the largest hash.
    - `hash_function`: Python's `hash` by default, which differs from run to run; `"md5"`; or a function of a word.
    - `filters`, `lower`, `split`: as for `text_to_word_sequence`.
    - `analyzer`: a function from a text to its words, instead of these.

    ```python
    >>> import functape as tf
    >>> tf.keras.preprocessing.text.hashing_trick("a b a", 10, hash_function="md5")
    [2, 5, 2]

    ```
    """
    words = text_to_word_sequence(text, filters, lower, split) if analyzer is None else analyzer(text)
    if hash_function == "md5":
        return [int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16) % (n - 1) + 1 for word in words]
    function = hash if hash_function is None else hash_function
    return [function(word) % (n - 1) + 1 for word in words]


def one_hot(
    input_text: str,
    n: int,
    filters: str = FILTERS,
    lower: bool = True,
    split: str = " ",
    analyzer: Callable[[str], list[str]] | None = None,
) -> list[int]:
    """`hashing_trick` with Python's `hash` (`tf.keras.preprocessing.text.one_hot`)."""
    return hashing_trick(input_text, n, hash, filters, lower, split, analyzer)


class Tokenizer:
    """Numbers for words, the frequent ones first (`tf.keras.preprocessing.text.Tokenizer`).

    **Arguments:**
    - `num_words`: one more than the largest number used; all words by default.
    - `filters`, `lower`, `split`: as for `text_to_word_sequence`.
    - `char_level`: whether each character is a word.
    - `oov_token`: what stands for words that have no number.
    - `analyzer`: a function from a text to its words.

    ```python
    >>> import functape as tf
    >>> tokenizer = tf.keras.preprocessing.text.Tokenizer()
    >>> tokenizer.fit_on_texts(["the cat", "the dog"])
    >>> tokenizer.texts_to_sequences(["the dog and the cat"])
    [[1, 3, 1, 2]]

    ```
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str], list[str]] | None = None,
        **kwargs: Any,
    ) -> None:
        if "nb_words" in kwargs:
            warnings.warn("The `nb_words` argument in `Tokenizer` has been renamed `num_words`.", stacklevel=2)
            num_words = kwargs.pop("nb_words")
        self.document_count = kwargs.pop("document_count", 0)
        if kwargs:
            raise TypeError(f"Unrecognized keyword arguments: {kwargs}")
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: collections.OrderedDict[str, int] = collections.OrderedDict()
        self.word_docs: dict[str, int] = collections.defaultdict(int)
        self.index_docs: dict[int, int] = collections.defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Any:
        if isinstance(text, list):
            return [word.lower() for word in text] if self.lower else text
        if self.char_level:
            return text.lower() if self.lower else text
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Any) -> None:
        """Count the words of texts, and number them.

        **Arguments:**
        - `texts`: texts, or lists of words.
        """
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        names = ordered if self.oov_token is None else [self.oov_token, *ordered]
        self.word_index = {word: number for number, word in enumerate(names, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        for word, count in self.word_docs.items():
            self.index_docs[self.word_index[word]] = count

    def fit_on_sequences(self, sequences: Any) -> None:
        """Count in how many lists each number is.

        **Arguments:**
        - `sequences`: lists of numbers.
        """
        self.document_count += len(sequences)
        for sequence in sequences:
            for number in set(sequence):
                self.index_docs[number] += 1

    def texts_to_sequences(self, texts: Any) -> list[list[int]]:
        """Texts as lists of numbers; words without one are left out, or get that of `oov_token`."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Any) -> Iterator[list[int]]:
        """As `texts_to_sequences`, one after the other."""
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            numbers = (self._kept(self.word_index.get(word), unknown) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def _kept(self, number: int | None, unknown: int | None) -> int | None:
        rare = number is None or bool(self.num_words and number >= self.num_words)
        return unknown if rare else number

    def sequences_to_texts(self, sequences: Any) -> list[str]:
        """Lists of numbers as texts."""
        return list(self.sequences_to_texts_generator(sequences))

    def sequences_to_texts_generator(self, sequences: Any) -> Iterator[str]:
        """As `sequences_to_texts`, one after the other."""
        unknown = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for sequence in sequences:
            numbers = (self._kept(each if each in self.index_word else None, unknown) for each in sequence)
            yield " ".join(self.index_word[number] for number in numbers if number is not None)

    def texts_to_matrix(self, texts: Any, mode: str = "binary") -> np.ndarray[Any, Any]:
        """Texts as rows with a column for each word; as `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> np.ndarray[Any, Any]:
        """Lists of numbers as rows with a column for each word.

        **Arguments:**
        - `sequences`: lists of numbers.
        - `mode`: `"binary"` for whether it is there, `"count"`, `"freq"` for its share, or `"tfidf"`.

        **Raises:** `ValueError` for another mode, or before words have been counted.
        """
        columns = self.num_words or (len(self.word_index) + 1 if self.word_index else None)
        if columns is None:
            raise ValueError("Specify a dimension (`num_words` argument), or fit on some text data first.")
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError(f"Unknown vectorization mode: {mode}. Pass 'binary', 'count', 'freq' or 'tfidf'.")
        if mode == "tfidf" and not self.document_count:
            raise ValueError("Fit the Tokenizer on some data before using tfidf mode.")
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in collections.Counter(each for each in sequence if each < columns).items():
                row[number] = self._weight(mode, number, count, len(sequence))
        return matrix

    def _weight(self, mode: str, number: int, count: int, length: int) -> float:
        if mode == "tfidf":
            rarity = np.log(1 + self.document_count / (1 + self.index_docs.get(number, 0)))
            return (1 + np.log(count)) * rarity
        return {"binary": 1, "count": count, "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments and what was counted, the latter as JSON."""
        plain = ("num_words", "filters", "lower", "split", "char_level", "oov_token", "document_count")
        return {name: getattr(self, name) for name in plain} | {
            name: json.dumps(getattr(self, name)) for name in _COUNTED
        }

    def to_json(self, **kwargs: Any) -> str:
        """The configuration as JSON; `kwargs` are `json.dumps`'s."""
        return json.dumps({"class_name": type(self).__name__, "config": self.get_config()}, **kwargs)


_COUNTED = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
_BY_NUMBER = ("index_docs", "index_word")


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `to_json` described (`tf.keras.preprocessing.text.tokenizer_from_json`)."""
    config = json.loads(json_string)["config"]
    counted = {name: json.loads(config.pop(name)) for name in _COUNTED}
    tokenizer = Tokenizer(**config)
    for name, values in counted.items():
        found = {int(key): value for key, value in values.items()} if name in _BY_NUMBER else values
        setattr(tokenizer, name, found)
    return tokenizer


__getattr__ = lazy(__name__, {}, lambda: __all__)
