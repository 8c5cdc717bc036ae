"""Tables from keys to values, under TensorFlow's names (`tf.lookup`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.lookup._initializers import KeyValueTensorInitializer, TextFileIndex, TextFileInitializer
from functape.lookup._static import StaticHashTable, StaticVocabularyTable

__all__ = [
    "KeyValueTensorInitializer",
    "StaticHashTable",
    "StaticVocabularyTable",
    "TextFileIndex",
    "TextFileInitializer",
]
__getattr__ = lazy(__name__, {"experimental": "functape.lookup.experimental"}, lambda: __all__)
