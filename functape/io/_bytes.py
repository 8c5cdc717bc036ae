"""Strings of bytes: numbers in them, base64, compression."""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import zlib
from typing import Any

import numpy as np

from functape._api._static import as_int, invalid
from functape._core._dispatch import Composite
from functape._core._holding import from_numpy
from functape._core._host import each, texts
from functape._engine._dtypes import as_dtype, string
from functape.strings._elements import elementwise, on_flat_values, one_of

_WEB_SAFE = re.compile(rb"[A-Za-z0-9_-]*={0,2}")


def decode_raw(
    input_bytes: Any, out_type: Any, little_endian: bool = True, fixed_length: Any = None, name: str | None = None
) -> Any:
    """The numbers that strings hold in binary (`tf.io.decode_raw`).

    **Arguments:**
    - `input_bytes`: strings of one length, of any shape.
    - `out_type`: the numbers' dtype.
    - `little_endian`: the order of a number's bytes.
    - `fixed_length`: how many bytes of each string count; shorter ones are filled up with zeros.
    - `name`: accepted for compatibility.

    **Returns:** a tensor with a last axis more than `input_bytes`.

    **Raises:** `InvalidArgumentError` if the lengths differ, or are no multiple of a number's.

    ```python
    >>> import functape as tf
    >>> tf.io.decode_raw(b"\\x01\\x00\\x02\\x00", tf.int16).numpy()
    array([1, 2], dtype=int16)

    ```
    """
    if isinstance(input_bytes, Composite):
        return on_flat_values(input_bytes, lambda values: decode_raw(values, out_type, little_endian, fixed_length))
    op = "DecodeRaw" if fixed_length is None else "DecodePaddedRaw"
    dtype = as_dtype(out_type)
    if dtype is string:
        raise invalid(f"Value for attr 'out_type' of string is not in the list of allowed values [Op:{op}]")
    given, size = texts(input_bytes, op), dtype.size
    pieces = list(given.reshape(-1))
    if fixed_length is None:
        lengths = set(map(len, pieces))
        if len(lengths) > 1:
            raise invalid(f"DecodeRaw requires input strings to all be the same size. Received: {sorted(lengths)}")
        length = lengths.pop() if lengths else 0
    else:
        length = as_int(fixed_length, "fixed_length")
        pieces = [piece[:length].ljust(length, b"\0") for piece in pieces]
        if length <= 0:
            raise invalid(f"fixed_length must be greater than zero. Received: {length} [Op:{op}]")
    if length % size:
        raise invalid(
            f"Input to {op} has length {length} that is not a multiple of {size}, the size of {dtype.name} [Op:{op}]"
        )
    kind = np.dtype(dtype.as_numpy_dtype)
    array = np.frombuffer(b"".join(pieces), np.uint8).reshape(-1, size) if pieces else np.zeros((0, size), np.uint8)
    if dtype.is_complex and not little_endian:
        array = array.reshape(-1, size // 2)
    if not little_endian:
        array = array[:, ::-1]
    numbers = np.ascontiguousarray(array).reshape(-1).view(kind)
    return from_numpy(numbers.copy().reshape(*given.shape, length // size))


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Any:
    """Strings in web-safe base64 (`tf.io.encode_base64`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `pad`: whether `=` fills them up to a multiple of four characters.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.io.encode_base64("hello").numpy()
    b'aGVsbG8'

    ```
    """

    def encoded(value: bytes) -> bytes:
        found = base64.urlsafe_b64encode(value)
        return found if pad else found.rstrip(b"=")

    return elementwise(input, "EncodeBase64", encoded)


def decode_base64(input: Any, name: str | None = None) -> Any:
    """What web-safe base64 stands for, padded or not (`tf.io.decode_base64`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a string that is no base64.

    ```python
    >>> import functape as tf
    >>> tf.io.decode_base64("aGVsbG8").numpy()
    b'hello'

    ```
    """
    return elementwise(input, "DecodeBase64", _from_base64)


def _from_base64(value: bytes) -> bytes:
    bare = value.rstrip(b"=")
    try:
        if not _WEB_SAFE.fullmatch(value) or b"=" in value and len(value) % 4:
            raise binascii.Error
        return base64.urlsafe_b64decode(bare + b"=" * (-len(bare) % 4))
    except binascii.Error:
        raise invalid(f"Invalid character found in base64: {value[:64]!r} [Op:DecodeBase64]") from None


def decode_compressed(bytes: Any, compression_type: str = "", name: str | None = None) -> Any:
    """Strings that were compressed (`tf.io.decode_compressed`).

    **Arguments:**
    - `bytes`: strings, of any shape.
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for another kind; `DataLossError` for a damaged string.

    ```python
    >>> import functape as tf
    >>> import zlib
    >>> tf.io.decode_compressed(zlib.compress(b"hello"), "ZLIB").numpy()
    b'hello'

    ```
    """
    one_of(compression_type, ("", "GZIP", "ZLIB"), "compression_type", "DecodeCompressed")
    given = texts(bytes, "DecodeCompressed")
    return from_numpy(each(given, lambda value: _expanded(value, compression_type)))


def _expanded(value: bytes, kind: str) -> bytes:
    from functape._engine._errors import DataLossError

    try:
        return value if not kind else gzip.decompress(value) if kind == "GZIP" else zlib.decompress(value)
    except (zlib.error, EOFError, gzip.BadGzipFile) as error:
        raise DataLossError(message=f"The {kind} data is damaged: {error} [Op:DecodeCompressed]") from error
