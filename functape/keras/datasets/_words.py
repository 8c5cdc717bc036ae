"""Texts as lists of word numbers."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import numpy as np


def shuffled(texts: Any, labels: Any, generator: np.random.RandomState) -> tuple[Any, Any]:
    """Texts and labels in Keras's random order."""
    order = np.arange(len(texts))
    generator.shuffle(order)
    return texts[order], labels[order]


def marked(texts: Any, start_char: int | None, index_from: int) -> list[list[int]]:
    """Texts with a mark before them, and their words counted from another number."""
    shift = index_from or 0
    first = [] if start_char is None else [start_char]
    return [first + [word + shift for word in text] for text in texts]


def not_longer(texts: list[list[int]], labels: Any, maxlen: int | None) -> tuple[list[list[int]], Any]:
    """The texts that are shorter than `maxlen`, with their labels."""
    if not maxlen:
        return texts, labels
    kept = [place for place, text in enumerate(texts) if len(text) < maxlen]
    return [texts[place] for place in kept], [labels[place] for place in kept]


def known_words(texts: list[list[int]], num_words: int | None, skip_top: int, oov_char: int | None) -> list[list[int]]:
    """Texts with the words that are too rare or too common marked, or left out."""
    bound = num_words or max(max(text) for text in texts)
    if oov_char is None:
        return [[word for word in text if skip_top <= word < bound] for text in texts]
    return [[word if skip_top <= word < bound else oov_char for word in text] for text in texts]


def listed(texts: list[list[int]]) -> np.ndarray[Any, Any]:
    """An array of lists."""
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


def word_numbers(path: pathlib.Path) -> dict[str, int]:
    """Each word's number."""
    return json.loads(path.read_text(encoding="utf-8"))
