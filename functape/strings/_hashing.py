"""Strings as numbers of buckets."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import text
from functape._core._known import read
from functape._engine._dtypes import int64
from functape.strings._elements import elementwise

_SEED = 0xDECAFCAFFE
_MULTIPLIER = 0xC6A4A7935BD1E995
_BITS = (1 << 64) - 1


def _bucketed(input: Any, num_buckets: Any, op: str, fingerprint: Callable[[bytes], int]) -> Any:
    if not isinstance(num_buckets, int) or isinstance(num_buckets, bool):
        raise TypeError(f"The argument `num_buckets` must be an int. Received: {num_buckets!r}")
    if num_buckets < 1:
        raise invalid(f"Value for attr 'num_buckets' of {num_buckets} must be at least minimum 1 [Op:{op}]")
    return elementwise(input, op, lambda value: fingerprint(value) % num_buckets, int64)


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """The bucket of each string by FarmHash (`tf.strings.to_hash_bucket_fast`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `num_buckets`: how many buckets there are.
    - `name`: accepted for compatibility.

    **Returns:** int64 numbers from 0 to `num_buckets - 1`.

    **Raises:** `InvalidArgumentError` if there is no bucket.

    ```python
    >>> import functape as tf
    >>> tf.strings.to_hash_bucket_fast(["Hello", "TensorFlow", "2.x"], 3).numpy()
    array([0, 2, 2])

    ```
    """
    import farmhash

    return _bucketed(input, num_buckets, "StringToHashBucketFast", farmhash.fingerprint64)


def to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Any:
    """The bucket of each string by SipHash with a key of your own (`tf.strings.to_hash_bucket_strong`).

    **Arguments:**
    - `input`, `num_buckets`: as for `to_hash_bucket_fast`.
    - `key`: two integers.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if there is no bucket, or for a key that is no pair.

    ```python
    >>> import functape as tf
    >>> tf.strings.to_hash_bucket_strong(["Hello", "TF"], 3, [1, 2]).numpy()
    array([2, 0])

    ```
    """
    from siphash24 import siphash24

    pair = [int(each) for each in key]
    if len(pair) != 2:
        raise invalid(f"Key must have 2 elements. Received: {key!r} [Op:StringToHashBucketStrong]")
    packed = struct.pack("<QQ", *(each & _BITS for each in pair))

    def fingerprint(value: bytes) -> int:
        return int.from_bytes(siphash24(value, key=packed).digest(), "little")

    return _bucketed(input, num_buckets, "StringToHashBucketStrong", fingerprint)


def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Any:
    """A number for each row of a tensor, by FarmHash (`tf.fingerprint`).

    **Arguments:**
    - `data`: a tensor of at least one axis.
    - `method`: "farmhash64".
    - `name`: accepted for compatibility.

    **Returns:** uint8 `[rows, 8]`, the bytes of each number.

    **Raises:** `InvalidArgumentError` for a scalar, or another method.

    ```python
    >>> import functape as tf
    >>> tf.fingerprint(["a"]).numpy().tolist()
    [[227, 117, 223, 182, 101, 66, 69, 179]]

    ```
    """
    import farmhash

    chosen = text(method, "Fingerprint", 1)
    if chosen != b"farmhash64":
        raise invalid(f"Unsupported fingerprint method: {chosen.decode()} [Op:Fingerprint]")
    array = read(convert(data))
    if not array.ndim:
        raise invalid(f"`data` should have at least one dimension: {list(array.shape)} [Op:Fingerprint]")

    def packed(value: bytes) -> bytes:
        return struct.pack("<Q", farmhash.fingerprint64(value))

    if array.dtype != object:
        pieces = [packed(row.tobytes()) for row in array]
    elif array.ndim == 1:
        pieces = [packed(value) for value in array]
    else:
        pieces = [packed(b"".join(map(packed, row.reshape(-1)))) for row in array]
    return from_numpy(np.frombuffer(b"".join(pieces), np.uint8).reshape(len(array), 8).copy())


def to_hash_bucket(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """The bucket of each string by MurmurHash (`tf.strings.to_hash_bucket`); `to_hash_bucket_fast` is better.

    The arguments and results are as there.

    ```python
    >>> import functape as tf
    >>> tf.strings.to_hash_bucket(["Hello", "TensorFlow"], 10).numpy().shape
    (2,)

    ```
    """
    return _bucketed(input, num_buckets, "StringToHashBucket", _murmur)


def _murmur(value: bytes) -> int:
    """MurmurHash64A (Austin Appleby, public domain), little-endian, with TensorFlow's seed."""
    found = _SEED ^ (len(value) * _MULTIPLIER & _BITS)
    whole = len(value) // 8 * 8
    for (piece,) in struct.iter_unpack("<Q", value[:whole]):
        piece = piece * _MULTIPLIER & _BITS
        piece = (piece ^ piece >> 47) * _MULTIPLIER & _BITS
        found = (found ^ piece) * _MULTIPLIER & _BITS
    if whole < len(value):
        found = (found ^ int.from_bytes(value[whole:], "little")) * _MULTIPLIER & _BITS
    found = (found ^ found >> 47) * _MULTIPLIER & _BITS
    return found ^ found >> 47
