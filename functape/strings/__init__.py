"""Functions of strings, under TensorFlow's names (`tf.strings`). They compute on the host, at once."""

from __future__ import annotations

from functape._namespace import lazy
from functape.strings._elements import length, lower, strip, substr, upper
from functape.strings._format import format
from functape.strings._hashing import to_hash_bucket, to_hash_bucket_fast, to_hash_bucket_strong
from functape.strings._joining import join, reduce_join, unsorted_segment_join
from functape.strings._numbers import as_string, to_number
from functape.strings._regex import regex_full_match, regex_replace
from functape.strings._splitting import bytes_split, ngrams, split
from functape.strings._unicode import (
    unicode_decode,
    unicode_decode_with_offsets,
    unicode_encode,
    unicode_split,
    unicode_split_with_offsets,
    unicode_transcode,
)

__all__ = [
    "as_string",
    "bytes_split",
    "format",
    "join",
    "length",
    "lower",
    "ngrams",
    "reduce_join",
    "regex_full_match",
    "regex_replace",
    "split",
    "strip",
    "substr",
    "to_hash_bucket",
    "to_hash_bucket_fast",
    "to_hash_bucket_strong",
    "to_number",
    "unicode_decode",
    "unicode_decode_with_offsets",
    "unicode_encode",
    "unicode_split",
    "unicode_split_with_offsets",
    "unicode_transcode",
    "unsorted_segment_join",
    "upper",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
