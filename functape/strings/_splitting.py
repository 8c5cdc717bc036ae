"""Strings taken apart, and put together from neighbours."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._holding import from_numpy
from functape._core._host import text, texts
from functape._engine._dtypes import string
from functape.ragged import _rows as rows
from functape.ragged._tensor import is_ragged, make
from functape.strings._rows import in_rows, vector


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The pieces of strings (`tf.strings.split`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `sep`: what stands between the pieces; any white space if it is None or empty.
    - `maxsplit`: how often to split at most; below 0, without a limit.
    - `name`: accepted for compatibility.

    **Returns:** the pieces in a new last axis, ragged; a vector for one string.

    ```python
    >>> import functape as tf
    >>> tf.strings.split(["a b", "c"])
    <tf.RaggedTensor [[b'a', b'b'], [b'c']]>

    ```
    """
    between = b"" if sep is None else text(sep, "StringSplitV2", 1)
    most = max(int(maxsplit), -1)
    return in_rows(input, "StringSplitV2", lambda value: value.split(between or None, most), string)


def bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of strings (`tf.strings.bytes_split`); as `split` otherwise.

    ```python
    >>> import functape as tf
    >>> tf.strings.bytes_split("abc").numpy()
    array([b'a', b'b', b'c'], dtype=object)

    ```
    """
    return in_rows(input, "StringSplit", lambda value: [value[at : at + 1] for at in range(len(value))], string)


def ngrams(
    data: Any,
    ngram_width: Any,
    separator: str = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Any:
    """Neighbouring strings joined (`tf.strings.ngrams`).

    **Arguments:**
    - `data`: strings of at least one axis, or ragged; those along the last axis are neighbours.
    - `ngram_width`: how many are joined; for a list, first all of the first width, then those of the next.
    - `separator`: what stands between them.
    - `pad_values`: a string that stands before and after each row, or a pair of strings; none by default.
    - `padding_width`: how often; by default as often as gives all n-grams that hold one string of the row.
    - `preserve_short_sequences`: whether a row too short for any n-gram gives one, of all its strings.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for a width below 1, a scalar, or padding without a string; `TypeError` for a pad value
    that is no string.

    ```python
    >>> import functape as tf
    >>> tf.strings.ngrams(["a", "b", "c"], 2).numpy()
    array([b'a b', b'b c'], dtype=object)

    ```
    """
    widths = [ngram_width] if not isinstance(ngram_width, list | tuple) else list(ngram_width)
    if any(width < 1 for width in widths):
        raise ValueError(f"All ngram_widths must be greater than 0. Got {ngram_width}")
    pads = _pads(pad_values, padding_width)
    padded, short = pad_values is not None, bool(preserve_short_sequences)
    made = _Grams(widths, separator.encode(), *pads, padded, padding_width, short)
    if is_ragged(data):
        return _of_ragged(data, made)
    tensor = data if is_tensor_like(data) else convert(data, string)
    if not tensor.aval.shape:
        raise ValueError("Data must have rank>0")
    return _of_dense(tensor, made)


def _of_dense(tensor: Any, made: _Grams) -> Any:
    array = texts(tensor, "StringNGrams")
    found = [made.of(array[place].tolist()) for place in np.ndindex(array.shape[:-1])]
    length = len(found[0]) if found else 0
    values = np.fromiter([gram for row in found for gram in row], np.dtype(object), length * len(found))
    return from_numpy(values.reshape(*array.shape[:-1], length))


def _of_ragged(data: Any, made: _Grams) -> Any:
    if is_ragged(data.values):
        return data.with_values(_of_ragged(data.values, made))
    if data.values.aval.ndim > 1:
        return data.with_values(_of_dense(data.values, made))
    values, splits = texts(data.values, "StringNGrams").tolist(), data._splits
    found = [made.of(values[a:b]) for a, b in pairwise(splits)]
    lengths = np.fromiter(map(len, found), np.int64, len(found))
    return make(vector([gram for row in found for gram in row], string), rows.splits_of(lengths), data._splits_dtype)


def _pads(pad_values: Any, padding_width: int | None) -> tuple[bytes, bytes]:
    if pad_values is None:
        if padding_width is not None:
            raise ValueError("pad_values must be provided if padding_width is set.")
        return b"", b""
    pair = (pad_values, pad_values) if isinstance(pad_values, str | bytes) else pad_values
    if not isinstance(pair, tuple) or not all(isinstance(each, str | bytes) for each in pair):
        raise TypeError(f"pad_values must be a string, tuple of strings, or None. Received: {pad_values!r}")
    if len(pair) != 2:
        raise IndexError(f"pad_values must be a pair: one string for each end. Received: {pad_values!r}")
    if padding_width is not None and padding_width < 1:
        raise ValueError(f"padding_width must be greater than 0. Received: {padding_width}")
    left, right = (each.encode() if isinstance(each, str) else each for each in pair)
    return left, right


class _Grams(NamedTuple):
    """What is joined in a row, and how."""

    widths: list[int]
    separator: bytes
    left: bytes
    right: bytes
    padded: bool
    padding: int | None
    keep_short: bool

    def of(self, row: list[bytes]) -> list[bytes]:
        """The n-grams of one row."""
        found = [gram for width in self.widths for gram in self._of_width(row, width)]
        if not found and row and self.keep_short:
            # Padding that follows the width always gives an n-gram, so that this is a fixed one, or none.
            return self._of_width(row, len(row) + 2 * self._pad(len(row) + 1))
        return found

    def _pad(self, width: int) -> int:
        return 0 if not self.padded else width - 1 if self.padding is None else min(self.padding, width - 1)

    def _of_width(self, row: list[bytes], width: int) -> list[bytes]:
        pad = self._pad(width)
        whole = [self.left] * pad + row + [self.right] * pad
        return [self.separator.join(whole[at : at + width]) for at in range(len(whole) - width + 1)]
