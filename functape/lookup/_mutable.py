"""Tables that change."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._core._spec import TensorSpec
from functape._engine._dtypes import DType, as_dtype, string
from functape._engine._trace import ValueNeeded, is_tracing
from functape.io._tensors import parse_tensor, serialize_tensor
from functape.lookup._static import as_keys, check_key_dtype, of_values

Array = np.ndarray[Any, Any]


class MutableHashTable:
    """A table that changes (`tf.lookup.experimental.MutableHashTable`).

    **Arguments:**
    - `key_dtype`, `value_dtype`: the types of keys and values.
    - `default_value`: what stands for a key that is not in the table; a vector if values are vectors.
    - `name`: accepted for compatibility.
    - `checkpoint`: whether a checkpoint that holds the table holds its keys and values.
    - `experimental_is_anonymous`: accepted: tables are Python objects.

    **Raises:** `TypeError` if the default does not fit; `NotFoundError` for keys other than integers and strings.

    ```python
    >>> import functape as tf
    >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    >>> table.insert(tf.constant(["a"]), tf.constant([5], tf.int64))
    >>> table.lookup(tf.constant(["a", "b"])).numpy()
    array([ 5, -1])

    ```
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        name: str = "MutableHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        self._key_dtype, self._value_dtype = as_dtype(key_dtype), as_dtype(value_dtype)
        check_key_dtype(self._key_dtype)
        self._default: Array = read(convert(default_value, self._value_dtype))
        if self._default.ndim > 1:
            raise invalid(f"Default value must be a scalar or vector. Received shape {list(self._default.shape)}.")
        self._found: dict[Any, Any] = {}
        if checkpoint:
            # What has these is part of a checkpoint.
            self._checkpoint_state, self._restore_checkpoint_state = self._serialized, self._restored

    def _checkpoint_children(self) -> dict[str, Any]:
        return {}

    def _serialized(self) -> Array:
        """Its keys and values, as bytes."""
        keys, values = (serialize_tensor(each).numpy() for each in self.export())
        return np.frombuffer(struct.pack("<Q", len(keys)) + keys + values, np.uint8)

    def _restored(self, state: Any) -> None:
        content = np.asarray(state, np.uint8).tobytes()
        end = 8 + struct.unpack_from("<Q", content)[0]
        keys = parse_tensor(content[8:end], self._key_dtype)
        values = parse_tensor(content[end:], self._value_dtype)
        self._found.clear()
        self.insert(keys, values)

    @property
    def name(self) -> None:
        """None, as in TensorFlow's eager mode."""
        return None

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._value_dtype

    def size(self, name: str | None = None) -> Any:
        """How many keys there are, as an int64 tensor."""
        return self._call(lambda: np.array(len(self._found), np.int64), [], TensorSpec((), "int64"))

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """The keys and the values, as two tensors.

        **Raises:** `ValueNeeded` where a function is traced: it then runs as Python.
        """
        if is_tracing():
            raise ValueNeeded("The keys of a table that changes are not known while a function is traced.")
        keys = list(self._found)
        return self._tensor(keys, self._key_dtype, ()), self._tensor(
            [self._found[key] for key in keys], self._value_dtype, self._default.shape
        )

    def _tensor(self, values: list[Any], dtype: DType, shape: tuple[int, ...]) -> Any:
        return from_numpy(_stacked(values, dtype, (len(values), *shape)))

    def lookup(self, keys: Any, dynamic_default_values: Any = None, name: str | None = None) -> Any:
        """The values of keys.

        **Arguments:**
        - `keys`: a tensor, ragged tensor or sparse tensor.
        - `dynamic_default_values`: for each key what stands for it if it is not in the table.
        - `name`: accepted for compatibility.

        **Returns:** values of the same shape.

        **Raises:** `TypeError` for keys of another dtype.
        """
        return of_values(keys, lambda values: self._lookup(values, dynamic_default_values))

    def __getitem__(self, keys: Any) -> Any:
        return self.lookup(keys)

    def _lookup(self, keys: Any, defaults: Any) -> Any:
        given = as_keys(keys, self._key_dtype)
        shape = (*given.aval.shape, *self._default.shape)
        others = [] if defaults is None else [convert(defaults, self._value_dtype)]
        for each in others:
            if each.aval.shape not in (shape, self._default.shape):
                raise invalid(
                    f"dynamic_default_values must have shape {list(shape)} or {list(self._default.shape)}. Received: "
                    f"{list(each.aval.shape)}"
                )

        def find(asked: Array, default: Array = self._default) -> Array:
            asked = np.asarray(asked, self._key_dtype.as_numpy_dtype)
            self._check_keys(asked)
            count = asked.size
            instead = np.broadcast_to(default, shape).reshape(count, *self._default.shape)
            pairs = zip(asked.reshape(-1).tolist(), instead, strict=True)
            return _stacked([self._found.get(key, other) for key, other in pairs], self._value_dtype, shape)

        return self._call(find, [given, *others], TensorSpec(shape, self._value_dtype))

    def insert(self, keys: Any, values: Any, name: str | None = None) -> None:
        """Give keys values, new ones or others.

        **Arguments:**
        - `keys`: a tensor.
        - `values`: a tensor of its shape.
        - `name`: accepted for compatibility.

        **Raises:** `InvalidArgumentError` if the shapes differ; `TypeError` or `ValueError` for other dtypes.
        """
        given, held = convert(keys, self._key_dtype), convert(values, self._value_dtype)
        wanted = (*given.aval.shape, *self._default.shape)
        if held.aval.shape != wanted:
            raise invalid(f"Expected shape {list(wanted)} for value, got {list(held.aval.shape)}")

        def put(new: Array, entries: Array) -> None:
            new = np.asarray(new, self._key_dtype.as_numpy_dtype)
            self._check_keys(new)
            entries = np.asarray(entries).reshape(new.size, *self._default.shape)
            self._found.update(zip(new.reshape(-1).tolist(), entries, strict=True))

        self._call(put, [given, held], None)

    def remove(self, keys: Any, name: str | None = None) -> None:
        """Take keys out; those that are not in the table are passed over.

        **Raises:** `TypeError` for keys of another dtype.
        """
        given = as_keys(keys, self._key_dtype)

        def take(old: Array) -> None:
            old = np.asarray(old, self._key_dtype.as_numpy_dtype)
            self._check_keys(old)
            for key in old.reshape(-1).tolist():
                self._found.pop(key, None)

        self._call(take, [given], None)

    def _check_keys(self, keys: Array) -> None:
        """Refuse keys that the table cannot hold."""

    def _call(self, function: Any, tensors: list[Any], spec: TensorSpec | None) -> Any:
        """A function of arrays, now or each time that a program runs.

        **Raises:** `ValueNeeded` for strings where a function is traced: it then runs as Python.
        """
        if not is_tracing():
            found = function(*map(read, tensors))
            return None if found is None else from_numpy(found)
        if string in (self._key_dtype, self._value_dtype):
            raise ValueNeeded(
                "A table of strings that changes cannot be part of a compiled program. Look keys up in the input "
                "pipeline, or use a StaticHashTable."
            )
        from functape.function import numpy_function

        return numpy_function(function, tensors, [] if spec is None else spec)


def _stacked(values: list[Any], dtype: DType, shape: tuple[int, ...]) -> Array:
    result = np.empty((len(values), *np.shape(values[0])) if values else shape, dtype.as_numpy_dtype)
    for place, each in enumerate(values):
        result[place] = each
    return result.reshape(shape)


class DenseHashTable(MutableHashTable):
    """A table that changes, with two keys set apart (`tf.lookup.experimental.DenseHashTable`).

    **Arguments:**
    - `key_dtype`, `value_dtype`, `default_value`, `checkpoint`, `experimental_is_anonymous`: as for
      `MutableHashTable`.
    - `empty_key`, `deleted_key`: two different keys that are never looked up or inserted.
    - `initial_num_buckets`: a power of 2, at least 4; how many buckets TensorFlow begins with. Here it is checked only.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a key set apart, or two that are the same; else as `MutableHashTable`.

    ```python
    >>> import functape as tf
    >>> table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, empty_key=0, deleted_key=-1)
    >>> table.insert(tf.constant([3], tf.int64), tf.constant([5], tf.int64))
    >>> int(table.size())
    1

    ```
    """

    def __init__(
        self,
        key_dtype: Any,
        value_dtype: Any,
        default_value: Any,
        empty_key: Any,
        deleted_key: Any,
        initial_num_buckets: int | None = None,
        name: str = "MutableDenseHashTable",
        checkpoint: bool = True,
        experimental_is_anonymous: bool = False,
    ) -> None:
        super().__init__(key_dtype, value_dtype, default_value, name, checkpoint, experimental_is_anonymous)
        self._apart = [read(convert(each, self._key_dtype)).item() for each in (empty_key, deleted_key)]
        if self._apart[0] == self._apart[1]:
            raise invalid(f"Empty and deleted keys cannot be equal. Received: {self._apart[0]!r}")
        buckets = 4 if initial_num_buckets is None else initial_num_buckets
        if buckets < 4 or buckets & (buckets - 1):
            raise invalid(f"Number of buckets must be at least 4 and a power of 2, got: {buckets}")

    def _check_keys(self, keys: Array) -> None:
        for which, key in zip(("empty_key", "deleted_key"), self._apart, strict=True):
            if np.any(keys == key):
                raise invalid(f"Using the {which} as a table key is not allowed. Received: {key!r}")

    def insert_or_assign(self, keys: Any, values: Any, name: str | None = None) -> None:
        """As `insert`."""
        self.insert(keys, values)

    def erase(self, keys: Any, name: str | None = None) -> None:
        """As `remove`."""
        self.remove(keys)
