"""What tables begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert, from_numpy
from functape._engine._dtypes import DType, as_dtype, int64, string
from functape.io._paths import opened, plain
from functape.strings._numbers import parse


class KeyValueTensorInitializer:
    """Keys and values given as tensors (`tf.lookup.KeyValueTensorInitializer`).

    **Arguments:**
    - `keys`, `values`: tensors of one shape.
    - `key_dtype`, `value_dtype`: their dtypes; found from them by default.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.lookup.KeyValueTensorInitializer(["a", "b"], [0, 1]).key_dtype
    tf.string

    ```
    """

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self._keys = convert(keys, None if key_dtype is None else as_dtype(key_dtype))
        self._values = convert(values, None if value_dtype is None else as_dtype(value_dtype))
        self._name = "key_value_init" if name is None else name

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._keys.dtype  # type: ignore[no-any-return]

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._values.dtype  # type: ignore[no-any-return]

    def read(self) -> tuple[Any, Any]:
        """The keys and values as tensors."""
        return self._keys, self._values


class TextFileIndex:
    """What of a text file's lines is a key or value (`tf.lookup.TextFileIndex`)."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer:
    """Keys and values of the lines of a text file (`tf.lookup.TextFileInitializer`).

    **Arguments:**
    - `filename`: its path.
    - `key_dtype`, `value_dtype`: the types of keys and values.
    - `key_index`, `value_index`: the column of keys and values, or `tf.lookup.TextFileIndex.WHOLE_LINE` or
      `LINE_NUMBER`.
    - `vocab_size`: how many lines there must be at least, and count; all by default.
    - `delimiter`: what separates columns.
    - `name`: accepted for compatibility.
    - `value_index_offset`: a number added to the values, where they are line numbers.

    **Raises:** `ValueError` for indices and types that do not go together; when a table is made, `NotFoundError` if
    there is no such file and `InvalidArgumentError` for lines that do not fit.

    ```python
    >>> import functape as tf
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "words")
    >>> tf.io.write_file(path, "a\\nb\\n")
    >>> whole, number = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
    >>> words = tf.lookup.TextFileInitializer(path, tf.string, whole, tf.int64, number)
    >>> tf.lookup.StaticHashTable(words, -1).lookup(tf.constant(["b", "c"])).numpy()
    array([ 1, -1])

    ```
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
        value_index_offset: int = 0,
    ) -> None:
        self._path = plain(filename)
        if not self._path:
            raise ValueError("`filename` argument required for tf.lookup.TextFileInitializer")
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        self._key_index, self._value_index = key_index, value_index
        for what, index, dtype in (("key", key_index, self._key_dtype), ("value", value_index, self._value_dtype)):
            if index < -2:
                raise ValueError(f"`{what}_index` should be >= -2, received: {index}.")
            if index == TextFileIndex.LINE_NUMBER and dtype is not int64:
                raise ValueError(f"`{what}_dtype` must be int64 for `{what}_index` {index}, received: {dtype}")
            if index == TextFileIndex.WHOLE_LINE and what == "value" and dtype is not string:
                raise ValueError(f"`value_dtype` must be string for `value_index` {index}, received: {dtype}")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"`vocab_size` should be > 0, received: {vocab_size}")
        if value_index_offset and self._value_dtype is string:
            raise ValueError(f"`value_index_offset` goes with numbers only. Received: {value_index_offset}")
        self._vocab_size = vocab_size
        self._delimiter = delimiter.encode()
        self._offset = value_index_offset

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._value_dtype

    def read(self) -> tuple[Any, Any]:
        """The keys and values as tensors."""
        keys, values = [], []
        number = 0
        for number, line in enumerate(self._lines(), 1):
            keys.append(self._part(line, number - 1, self._key_index, self._key_dtype, 0))
            values.append(self._part(line, number - 1, self._value_index, self._value_dtype, self._offset))
            if number == self._vocab_size:
                break
        if self._vocab_size is not None and number < self._vocab_size:
            raise invalid(f"Invalid vocab_size in {self._path}: expected {self._vocab_size} but got {number}")
        return _vector(keys, self._key_dtype), _vector(values, self._value_dtype)

    def _lines(self) -> Iterator[bytes]:
        with opened(self._path, "rb") as file:
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r")

    def _part(self, line: bytes, number: int, index: int, dtype: DType, offset: int) -> Any:
        if index == TextFileIndex.LINE_NUMBER:
            return number + offset
        if index != TextFileIndex.WHOLE_LINE:
            fields = line.split(self._delimiter)
            if index >= len(fields):
                raise invalid(
                    f"Invalid number of columns in {self._path} line {number} ({line.decode('utf-8', 'replace')}) : "
                    f"expected at least {index + 1} got {len(fields)}"
                )
            line = fields[index]
        if dtype is string:
            return line
        found = parse(line, dtype)
        if found is None:
            shown = line.decode("utf-8", "replace")
            raise invalid(f"Field {shown} in line {number} is not a valid {dtype.spoken}.")
        return found


def _vector(values: list[Any], dtype: DType) -> Any:
    return from_numpy(np.fromiter(values, np.dtype(dtype.as_numpy_dtype), len(values)))
