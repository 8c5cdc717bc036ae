"""Strings to numbers and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert, is_tensor_like
from functape._core._dispatch import Composite
from functape._core._holding import from_numpy
from functape._core._host import each, text
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, float32, float64, int32, int64, string, uint32, uint64
from functape.strings._elements import elementwise, on_flat_values

_DECIMAL = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf(?:inity)?|nan)", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"[+-]?0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?\d+)?", re.IGNORECASE)
_WHOLE = re.compile(rb"[+-]?\d+")
_NUMBERS = (float32, float64, int32, int64, uint32, uint64)


def parse(value: bytes, dtype: DType) -> Any:
    """The number that a string stands for; None if it stands for none of the dtype."""
    written = value.strip()
    if dtype.is_integer:
        number = int(written) if _WHOLE.fullmatch(written) else None
        if number is None or not dtype.min <= number <= dtype.max or dtype.is_unsigned and written[:1] == b"-":
            return None
        return number
    if _DECIMAL.fullmatch(written):
        return float(written)
    if _HEXADECIMAL.fullmatch(written):
        return float.fromhex(written.decode())
    return None


def to_number(input: Any, out_type: Any = float32, name: str | None = None) -> Any:
    """The numbers that strings stand for (`tf.strings.to_number`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `out_type`: float32, float64, int32, int64, uint32 or uint64.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a string that is no number of that type.

    ```python
    >>> import functape as tf
    >>> tf.strings.to_number(["1.5", " 2e3 "]).numpy()
    array([1.5e+00, 2.0e+03], dtype=float32)

    ```
    """
    wanted = as_dtype(out_type)
    if wanted not in _NUMBERS:
        raise invalid(
            f"Value for attr 'out_type' of {wanted.spoken} is not in the list of allowed values: "
            f"{', '.join(dtype.spoken for dtype in _NUMBERS)} [Op:StringToNumber]"
        )

    def number(value: bytes) -> Any:
        found = parse(value, wanted)
        if found is None:
            shown = value.decode("utf-8", "replace")
            raise invalid(f"StringToNumberOp could not correctly convert string: {shown} [Op:StringToNumber]")
        return found

    with np.errstate(over="ignore"):
        return elementwise(input, "StringToNumber", number, wanted)


def as_string(
    input: Any,
    precision: int = -1,
    scientific: bool = False,
    shortest: bool = False,
    width: int = -1,
    fill: str = "",
    name: str | None = None,
) -> Any:
    """Numbers as strings (`tf.strings.as_string`, `tf.as_string`).

    **Arguments:**
    - `input`: numbers, bools or strings, of any shape or ragged.
    - `precision`: how many digits follow the point of a floating number; 6 by default.
    - `scientific`: whether floating numbers are written with an exponent.
    - `shortest`: whether they are written in the shorter of both ways.
    - `width`: the least number of characters.
    - `fill`: what fills it up: "0", " ", "+", "-" (on the right) or "#", as in C's `printf`; spaces by default.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for options that do not go with the dtype or each other.

    ```python
    >>> import functape as tf
    >>> tf.strings.as_string([3.1415926, 2.71828], precision=2).numpy()
    array([b'3.14', b'2.72'], dtype=object)

    ```
    """
    if isinstance(input, Composite):
        return on_flat_values(input, lambda values: as_string(values, precision, scientific, shortest, width, fill))
    tensor = input if is_tensor_like(input) else convert(input)
    written = _writer(tensor.aval.dtype, precision, scientific, shortest, width, text(fill, "AsString").decode())
    return from_numpy(each(read(tensor), written))


_FILLS = ("", "0", " ", "+", "-", "#")


def _writer(
    dtype: DType, precision: int, scientific: bool, shortest: bool, width: int, fill: str
) -> Callable[[Any], bytes]:
    if len(fill) > 1:
        raise invalid(f"Fill string must be one or fewer characters. Received: {fill!r} [Op:AsString]")
    if fill not in _FILLS:
        raise invalid(f"Fill argument not supported: {fill!r}. Use one of {_FILLS} [Op:AsString]")
    if scientific and shortest:
        raise invalid("Cannot select both scientific and shortest notation [Op:AsString]")
    flags = f"{fill}{width if width > -1 else ''}"
    if dtype is string:
        return lambda value: (f"%{flags}s".encode() % value) if width > -1 else value
    if not (dtype.is_floating or dtype.is_complex):
        if precision > -1:
            raise invalid(f"precision not supported for datatype {dtype.name} [Op:AsString]")
        if scientific or shortest:
            raise invalid(f"scientific and shortest format not supported for datatype {dtype.name} [Op:AsString]")
        if dtype.is_bool:
            return lambda value: b"true" if value else b"false"
        return lambda value: f"%{flags}d".encode() % int(value)
    decimals = f".{precision}" if precision > -1 else ""
    form = f"%{flags}{decimals}{'e' if scientific else 'g' if shortest else 'f'}".encode()
    if dtype.is_complex:
        return lambda value: b"(" + form % float(value.real) + b"," + form % float(value.imag) + b")"
    return lambda value: form % float(value)
