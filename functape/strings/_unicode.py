"""Strings as characters, in Unicode's and other encodings."""

from __future__ import annotations

import codecs
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._dispatch import Composite
from functape._core._holding import from_numpy
from functape._core._host import array_of
from functape._engine._dtypes import int32, int64, string
from functape.ragged._tensor import is_ragged
from functape.strings._elements import elementwise, one_of
from functape.strings._rows import in_rows

_ENCODINGS = ("UTF-8", "UTF-16-BE", "UTF-32-BE")
_ERRORS = ("strict", "replace", "ignore")
_SURROGATES = range(0xD800, 0xE000)
_REPLACEMENT = 0xFFFD


class _Reading(NamedTuple):
    """How strings are read."""

    codec: str
    errors: str
    replacement: int
    controls: bool
    op: str


def _reading(encoding: Any, errors: str, replacement_char: int, controls: bool, op: str) -> _Reading:
    if not isinstance(replacement_char, int):
        raise TypeError(f"Expected int for argument 'replacement_char' not {replacement_char!r}.")
    one_of(errors, _ERRORS, "errors", op)
    _check_point(replacement_char, op)
    name = encoding.decode() if isinstance(encoding, bytes) else encoding
    try:
        codec = codecs.lookup(name).name
    except (LookupError, TypeError):
        raise invalid(f"Could not create converter for input encoding: {encoding} [Op:{op}]") from None
    return _Reading(codec, errors, replacement_char, controls, op)


def _check_point(number: int, op: str) -> None:
    if not 0 <= number <= 0x10FFFF or number in _SURROGATES:
        raise invalid(f"replacement_char out of unicode codepoint range. Received: {number} [Op:{op}]")


def _characters(value: bytes, how: _Reading) -> list[tuple[int, int]]:
    """The code points of a string and where in it they begin.

    **Raises:** `InvalidArgumentError` if it is not in the encoding and `errors` is "strict".
    """
    codec, place = how.codec, 0
    if codec in ("utf-16", "utf-32"):
        # With a mark in front that tells the order of the bytes; without one it is big-endian.
        wide = 2 if codec == "utf-16" else 4
        mark = value[:wide]
        order = "le" if mark[:2] == codecs.BOM_UTF16_LE else "be"
        place = wide if mark in ("\ufeff".encode(f"{codec}-le"), "\ufeff".encode(f"{codec}-be")) else 0
        codec = f"{codec}-{order}"
    found: list[tuple[int, int]] = []
    while place < len(value):
        try:
            text, bad = value[place:].decode(codec), None
        except UnicodeDecodeError as error:
            text, bad = value[place : place + error.start].decode(codec), error
        start = place
        for character in text:
            number = ord(character)
            if how.controls and number < 0x20:
                if how.errors != "ignore":
                    found.append((how.replacement, place))
            else:
                found.append((number, place))
            place += len(character.encode(codec))
        if bad is not None:
            if how.errors == "strict":
                raise invalid(f"Invalid formatting on input string [Op:{how.op}]")
            if how.errors == "replace":
                found.append((how.replacement, start + bad.start))
            place = start + bad.end
    return found


def unicode_decode(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The code points of strings (`tf.strings.unicode_decode`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `input_encoding`: how they are encoded: "UTF-8", "UTF-16-BE", or another that Python knows.
    - `errors`: what becomes of bytes that are none: "replace", "ignore" or "strict", which is an error.
    - `replacement_char`: the code point that replaces them.
    - `replace_control_characters`: whether control characters are treated as such too.
    - `name`: accepted for compatibility.

    **Returns:** int32 numbers, ragged in a new last axis; a vector for one string.

    **Raises:** `InvalidArgumentError` as told, or for another encoding.

    ```python
    >>> import functape as tf
    >>> tf.strings.unicode_decode("hé", "UTF-8").numpy()
    array([104, 233], dtype=int32)

    ```
    """
    how = _reading(input_encoding, errors, replacement_char, replace_control_characters, "UnicodeDecode")
    given = _tensor(input)
    return in_rows(given, "UnicodeDecode", lambda value: [number for number, _ in _characters(value, how)], int32)


def _tensor(input: Any) -> Any:
    return input if isinstance(input, Composite) else convert(input)


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The code points of strings, and where in the string each begins (`tf.strings.unicode_decode_with_offsets`).

    **Returns:** a pair: what `unicode_decode` gives, and int64 numbers of bytes in the same rows.

    The arguments are as there.

    ```python
    >>> import functape as tf
    >>> points, offsets = tf.strings.unicode_decode_with_offsets("éh", "UTF-8")
    >>> offsets.numpy()
    array([0, 2])

    ```
    """
    how = _reading(input_encoding, errors, replacement_char, replace_control_characters, "UnicodeDecodeWithOffsets")
    return _decoded(input, how, int32, lambda number: number)


def unicode_split(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    name: str | None = None,
) -> Any:
    """The characters of strings, each a string in the same encoding (`tf.strings.unicode_split`).

    **Arguments:**
    - `input`, `errors`, `replacement_char`: as for `unicode_decode`.
    - `input_encoding`: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> [each.decode() for each in tf.strings.unicode_split("hé", "UTF-8").numpy()]
    ['h', 'é']

    ```
    """
    return unicode_split_with_offsets(input, input_encoding, errors, replacement_char)[0]


def unicode_split_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    name: str | None = None,
) -> Any:
    """The characters of strings, and where each begins (`tf.strings.unicode_split_with_offsets`).

    **Returns:** a pair: what `unicode_split` gives, and int64 numbers of bytes in the same rows.

    The arguments are as there.

    ```python
    >>> import functape as tf
    >>> tf.strings.unicode_split_with_offsets("éh", "UTF-8")[1].numpy()
    array([0, 2])

    ```
    """
    one_of(input_encoding, _ENCODINGS, "output_encoding", "UnicodeEncode")
    how = _reading(input_encoding, errors, replacement_char, False, "UnicodeDecodeWithOffsets")
    return _decoded(input, how, string, lambda number: chr(number).encode(how.codec))


def _decoded(input: Any, how: _Reading, dtype: Any, element: Any) -> tuple[Any, Any]:
    given = _tensor(input)
    elements = in_rows(given, how.op, lambda value: [element(number) for number, _ in _characters(value, how)], dtype)
    return elements, in_rows(given, how.op, lambda value: [place for _, place in _characters(value, how)], int64)


def unicode_encode(
    input: Any,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    name: str | None = None,
) -> Any:
    """Strings of code points (`tf.strings.unicode_encode`).

    **Arguments:**
    - `input`: int32 numbers of at least one axis, or ragged; the last axis becomes one string.
    - `output_encoding`: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
    - `errors`: what becomes of numbers that are no code points: "replace", "ignore" or "strict", which is an error.
    - `replacement_char`: the code point that replaces them.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` as told, or for another encoding; `ValueError` for a scalar.

    ```python
    >>> import functape as tf
    >>> tf.strings.unicode_encode([104, 233], "UTF-8").numpy().decode()
    'hé'

    ```
    """
    one_of(output_encoding, _ENCODINGS, "output_encoding", "UnicodeEncode")
    one_of(errors, _ERRORS, "errors", "UnicodeEncode")
    _check_point(replacement_char, "UnicodeEncode")

    def encoded(numbers: Any) -> bytes:
        text = []
        for number in numbers.tolist():
            if not 0 <= number <= 0x10FFFF or number in _SURROGATES:
                if errors == "strict":
                    raise invalid("Code point is out of range for Unicode, or is a surrogate. [Op:UnicodeEncode]")
                if errors == "ignore":
                    continue
                number = replacement_char
            text.append(chr(number))
        return "".join(text).encode(output_encoding)

    return _joined(input, encoded)


def _joined(input: Any, encoded: Any) -> Any:
    if is_ragged(input):
        if is_ragged(input.values):
            return input.with_values(_joined(input.values, encoded))
        if input.values.aval.ndim > 1:
            return input.with_values(_joined(input.values, encoded))
        numbers, splits = array_of(input.values, int32, "UnicodeEncode"), input._splits
        pieces = [encoded(numbers[a:b]) for a, b in pairwise(splits)]
        return from_numpy(np.fromiter(pieces, np.dtype(object), len(pieces)))
    numbers = array_of(convert(input), int32, "UnicodeEncode")
    if not numbers.ndim:
        raise ValueError("input_tensor's rank must be at least 1.")
    rows = numbers.reshape(-1, numbers.shape[-1]) if numbers.size else numbers
    pieces = [encoded(row) for row in rows] if numbers.size else [b""] * int(np.prod(numbers.shape[:-1]))
    return from_numpy(np.fromiter(pieces, np.dtype(object), len(pieces)).reshape(numbers.shape[:-1]))


def unicode_transcode(
    input: Any,
    input_encoding: str,
    output_encoding: str,
    errors: str = "replace",
    replacement_char: int = _REPLACEMENT,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """Strings in another encoding (`tf.strings.unicode_transcode`).

    **Arguments:**
    - `input`, `input_encoding`, `errors`, `replacement_char`, `replace_control_characters`: as for `unicode_decode`.
    - `output_encoding`: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` as told there, or for another encoding.

    ```python
    >>> import functape as tf
    >>> tf.strings.unicode_transcode("hé", "UTF-8", "UTF-16-BE").numpy()
    b'\\x00h\\x00\\xe9'

    ```
    """
    one_of(output_encoding, _ENCODINGS, "output_encoding", "UnicodeTranscode")
    how = _reading(input_encoding, errors, replacement_char, replace_control_characters, "UnicodeTranscode")

    def transcoded(value: bytes) -> bytes:
        return "".join(chr(number) for number, _ in _characters(value, how)).encode(output_encoding)

    return elementwise(input, "UnicodeTranscode", transcoded)
