"""Functions of one string at a time: case, ends, length, part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._dispatch import Composite
from functape._core._holding import from_numpy
from functape._core._host import each, text, texts
from functape._core._known import read
from functape._engine._dtypes import DType, int32, int64, string


def elementwise(input: Any, op: str, function: Callable[[bytes], Any], dtype: DType = string) -> Any:
    """A function of one string, of each in a tensor or ragged tensor.

    **Arguments:**
    - `input`: strings.
    - `op`: the op's name, for messages.
    - `function`: what it gives for one.
    - `dtype`: the type of what it gives.
    """
    if isinstance(input, Composite):
        return on_flat_values(input, lambda values: elementwise(values, op, function, dtype))
    return from_numpy(each(texts(input, op), function, dtype))


def on_flat_values(ragged: Any, function: Callable[[Any], Any]) -> Any:
    """The same rows of what a function makes of the innermost values.

    **Raises:** `TypeError` if it is no ragged tensor.
    """
    if not hasattr(ragged, "with_flat_values"):
        raise TypeError(f"Strings are taken as a tensor or ragged tensor. Received: {ragged!r}. Pass its values.")
    return ragged.with_flat_values(function(ragged.flat_values))


def one_of(value: str, allowed: tuple[str, ...], name: str, op: str) -> str:
    """An argument that must be one of some words.

    **Raises:** `InvalidArgumentError` if it is none.
    """
    if value not in allowed:
        listed = ", ".join(f'"{word}"' for word in allowed)
        raise invalid(
            f"Value for attr '{name}' of \"{value}\" is not in the list of allowed values: {listed} [Op:{op}]"
        )
    return value


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """The strings in lower case (`tf.strings.lower`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `encoding`: "" to change ASCII letters only, or "utf-8".
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for another encoding.

    ```python
    >>> import functape as tf
    >>> tf.strings.lower("ABC").numpy()
    b'abc'

    ```
    """
    return elementwise(input, "StringLower", _in_case("lower", encoding, "StringLower"))


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """The strings in upper case (`tf.strings.upper`); as `lower` otherwise.

    ```python
    >>> import functape as tf
    >>> tf.strings.upper("straße", encoding="utf-8").numpy().decode()
    'STRASSE'

    ```
    """
    return elementwise(input, "StringUpper", _in_case("upper", encoding, "StringUpper"))


def _in_case(method: str, encoding: str, op: str) -> Callable[[bytes], bytes]:
    kind = text(encoding, op).decode().lower()
    if kind not in ("", "utf-8"):
        raise invalid(f"only utf-8 or '' (no encoding) is supported, received {encoding} [Op:{op}]")
    if not kind:
        return lambda value: getattr(value, method)()  # type: ignore[no-any-return]
    return lambda value: getattr(value.decode("utf-8", "replace"), method)().encode()  # type: ignore[no-any-return]


def strip(input: Any, name: str | None = None) -> Any:
    """The strings without the white space at their ends (`tf.strings.strip`).

    ```python
    >>> import functape as tf
    >>> tf.strings.strip([" a b ", "c"]).numpy()
    array([b'a b', b'c'], dtype=object)

    ```
    """
    return elementwise(input, "StringStrip", bytes.strip)


_UNITS = ("BYTE", "UTF8_CHAR")


def length(input: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """How long the strings are, as int32 (`tf.strings.length`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `unit`: what is counted: `BYTE` or `UTF8_CHAR`.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for another unit.

    ```python
    >>> import functape as tf
    >>> tf.strings.length("é").numpy(), tf.strings.length("é", unit="UTF8_CHAR").numpy()
    (np.int32(2), np.int32(1))

    ```
    """
    one_of(unit, _UNITS, "unit", "StringLength")
    return elementwise(input, "StringLength", len if unit == "BYTE" else _characters, int32)


def _characters(value: bytes) -> int:
    return sum(byte & 0xC0 != 0x80 for byte in value)


def substr(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Any:
    """Parts of strings (`tf.strings.substr`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `pos`: where the part begins, an integer tensor whose shape broadcasts with that of `input`; below 0 counted from
      the end.
    - `len`: how long it is, of the shape of `pos`; what is beyond the string's end is left out.
    - `unit`: what is counted: `BYTE` or `UTF8_CHAR`.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if a string has no such position, or for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.strings.substr(["hello", "world"], -3, 2).numpy()
    array([b'll', b'rl'], dtype=object)

    ```
    """
    if isinstance(input, Composite):
        return on_flat_values(input, lambda values: substr(values, pos, len, unit))
    given = texts(input, "Substr")
    begins, lengths = convert(pos), convert(len, hint=getattr(pos, "dtype", None))
    if begins.aval.dtype not in (int32, int64):
        raise invalid(
            f"Value for attr 'T' of {begins.aval.dtype.spoken} is not in the list of allowed values: int32, int64"
        )
    if begins.aval.dtype is not lengths.aval.dtype:
        raise invalid(
            f"cannot compute Substr as input #2(zero-based) was expected to be a {begins.aval.dtype.spoken} tensor but "
            f"is a {lengths.aval.dtype.spoken} tensor [Op:Substr]"
        )
    one_of(unit, _UNITS, "unit", "Substr")
    if begins.aval.shape != lengths.aval.shape:
        raise invalid(
            f"pos and len should have the same shape, got: {list(begins.aval.shape)} vs. {list(lengths.aval.shape)} "
            "[Op:Substr]"
        )
    try:
        values, starts, counts = np.broadcast_arrays(given, read(begins), read(lengths))
    except ValueError:
        raise invalid(f"Incompatible shapes: {list(given.shape)} vs. {list(begins.aval.shape)} [Op:Substr]") from None
    part = _bytes_of if unit == "BYTE" else _characters_of
    parts = [part(*each) for each in zip(values.flat, starts.flat, counts.flat, strict=True)]
    return from_numpy(np.fromiter(parts, np.dtype(object), values.size).reshape(values.shape))


def _start(pos: int, size: int, value: bytes) -> int:
    if not -size <= pos <= size:
        raise invalid(f"pos {pos} out of range for string {value!r} [Op:Substr]")
    return pos + size if pos < 0 else pos


def _bytes_of(value: bytes, pos: int, count: int) -> bytes:
    start = _start(pos, len(value), value)
    # A negative length is a very large one in TensorFlow's kernel.
    return value[start:] if count < 0 else value[start : start + count]


def _characters_of(value: bytes, pos: int, count: int) -> bytes:
    borders = [place for place, byte in enumerate(value) if byte & 0xC0 != 0x80]
    start = _start(pos, len(borders), value)
    borders.append(len(value))
    return value[borders[start] : borders[min(start + max(count, 0), len(borders) - 1)]]
