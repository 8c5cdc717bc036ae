"""Tables that do not change."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._elementwise import equal, minimum
from functape._api._gathering import gather
from functape._api._ordering import searchsorted
from functape._api._shaping import reshape
from functape._api._static import invalid
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, int32, int64, string
from functape._engine._errors import FailedPreconditionError, NotFoundError
from functape.ragged._tensor import is_ragged
from functape.sparse._tensor import SparseTensor
from functape.strings import as_string, to_hash_bucket_fast

_KEYS = (int32, int64, string)


def of_values(keys: Any, function: Any) -> Any:
    """What a function of a tensor makes of a tensor, ragged tensor or sparse tensor of keys."""
    if isinstance(keys, SparseTensor):
        return keys.with_values(function(keys.values))
    return keys.with_flat_values(function(keys.flat_values)) if is_ragged(keys) else function(keys)


def check_key_dtype(dtype: DType) -> None:
    """Refuse keys of another type than integers and strings.

    **Raises:** `NotFoundError`, as for a kernel that there is not.
    """
    if dtype not in _KEYS:
        raise NotFoundError(message=f"Keys of a table are int32, int64 or string. Received: {dtype.name}")


def as_keys(keys: Any, dtype: DType) -> Any:
    """Keys as a tensor.

    **Raises:** `TypeError` if they are of another type.
    """
    tensor = keys if is_tensor_like(keys) else convert(keys, dtype)
    if tensor.dtype is not dtype:
        raise TypeError(f"Dtype of argument `keys` must be {dtype}, received: {tensor.dtype}. Use tf.cast.")
    return tensor


class StaticHashTable:
    """A table that does not change (`tf.lookup.StaticHashTable`).

    **Arguments:**
    - `initializer`: `tf.lookup.KeyValueTensorInitializer` or `TextFileInitializer`.
    - `default_value`: what stands for a key that is not in the table, of the values' dtype.
    - `name`: accepted for compatibility.
    - `experimental_is_anonymous`: accepted: tables are Python objects.

    **Raises:** `FailedPreconditionError` for a key with two values; `InvalidArgumentError` for as many keys as values;
    `TypeError` or `ValueError` if the default is no value.

    A table of numbers is part of compiled programs; one of strings runs on the host.

    ```python
    >>> import functape as tf
    >>> table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["a", "b"], [10, 20]), -1)
    >>> table.lookup(tf.constant(["b", "c"])).numpy()
    array([20, -1], dtype=int32)

    ```
    """

    def __init__(
        self, initializer: Any, default_value: Any, name: str | None = None, experimental_is_anonymous: bool = False
    ) -> None:
        self._key_dtype, self._value_dtype = initializer.key_dtype, initializer.value_dtype
        check_key_dtype(self._key_dtype)
        self._default = convert(default_value, self._value_dtype)
        if self._default.aval.shape:
            raise ValueError(f"Shapes {self._default.shape} and () are not compatible: default_value must be a scalar.")
        keys, values = initializer.read()
        if keys.aval.shape != values.aval.shape:
            raise invalid(f"Expected shape {list(keys.aval.shape)} for value, got {list(values.aval.shape)}")
        if not keys.aval.size:
            raise invalid("keys and values cannot be empty tensors.")
        self._found: dict[Any, Any] = {}
        for key, value in zip(read(keys).reshape(-1).tolist(), read(values).reshape(-1), strict=True):
            known = self._found.setdefault(key, value)
            if known != value:
                raise FailedPreconditionError(
                    message=f"HashTable has different value for same key. Key {key!r} has {known!r} and trying to add "
                    f"value {value!r}"
                )
        # In the keys' order, so that a program can search them.
        self._keys, self._values = self._sorted()
        self._on_host = string in (self._key_dtype, self._value_dtype)

    def _sorted(self) -> tuple[Any, Any]:
        keys = sorted(self._found)
        kinds = [np.dtype(dtype.as_numpy_dtype) for dtype in (self._key_dtype, self._value_dtype)]
        values = [self._found[key] for key in keys]
        return from_numpy(np.fromiter(keys, kinds[0], len(keys))), from_numpy(np.fromiter(values, kinds[1], len(keys)))

    def _checkpoint_children(self) -> dict[str, Any]:
        return {}

    @property
    def name(self) -> None:
        """None, as in TensorFlow's eager mode."""
        return None

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype  # type: ignore[no-any-return]

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return self._value_dtype  # type: ignore[no-any-return]

    @property
    def default_value(self) -> Any:
        """What stands for a key that is not in the table."""
        return self._default

    def size(self, name: str | None = None) -> Any:
        """How many keys there are, as an int64 tensor."""
        return convert(np.int64(len(self._found)))

    def export(self, name: str | None = None) -> tuple[Any, Any]:
        """The keys and the values, as two vectors."""
        return self._keys, self._values

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys.

        **Arguments:**
        - `keys`: a tensor, ragged tensor or sparse tensor.
        - `name`: accepted for compatibility.

        **Returns:** values of the same shape.

        **Raises:** `TypeError` for keys of another dtype.
        """
        return of_values(keys, self._lookup)

    __getitem__ = lookup

    def _lookup(self, keys: Any) -> Any:
        given = as_keys(keys, self._key_dtype)
        if self._on_host:
            return self._looked_up(given)
        flat = reshape(given, (-1,))
        place = minimum(searchsorted(self._keys, flat), self._keys.aval.size - 1)
        found = where(equal(gather(self._keys, place), flat), gather(self._values, place), self._default)
        return reshape(found, given.aval.shape)

    def _looked_up(self, keys: Any) -> Any:
        default = read(self._default)[()]
        given = read(keys)
        values = [self._found.get(key, default) for key in given.reshape(-1).tolist()]
        kind = np.dtype(self._value_dtype.as_numpy_dtype)
        return from_numpy(np.fromiter(values, kind, len(values)).reshape(given.shape))


class StaticVocabularyTable:
    """A table of words' numbers, with buckets for words that are not in it (`tf.lookup.StaticVocabularyTable`).

    **Arguments:**
    - `initializer`: gives each word its number, int64, from 0 on; None for buckets only.
    - `num_oov_buckets`: how many buckets there are, numbered from the size of the vocabulary on.
    - `lookup_key_dtype`: the type of the keys that are looked up; that of the initializer's by default.
    - `name`: accepted for compatibility.
    - `experimental_is_anonymous`: accepted: tables are Python objects.

    **Raises:** `ValueError` if there is no bucket; `TypeError` for numbers other than int64.

    ```python
    >>> import functape as tf
    >>> words = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
    >>> tf.lookup.StaticVocabularyTable(words, num_oov_buckets=1).lookup(tf.constant(["b", "zebra"])).numpy()
    array([1, 2])

    ```
    """

    def __init__(
        self,
        initializer: Any,
        num_oov_buckets: int,
        lookup_key_dtype: Any = None,
        name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("`num_oov_buckets` must be > 0; use StaticHashTable.")
        self._buckets = num_oov_buckets
        self._table = None
        if initializer is None:
            self._key_dtype = string if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
        else:
            if initializer.value_dtype is not int64:
                raise TypeError(f"Invalid `value_dtype`, expected {int64} but got {initializer.value_dtype}.")
            self._table = StaticHashTable(initializer, -1)
            self._key_dtype = initializer.key_dtype if lookup_key_dtype is None else as_dtype(lookup_key_dtype)
            if self._key_dtype.is_integer != initializer.key_dtype.is_integer:
                raise TypeError(
                    f"`lookup_key_dtype` {self._key_dtype} does not go with keys of {initializer.key_dtype}: both must "
                    "be integers, or both strings."
                )
        check_key_dtype(self._key_dtype)

    def _checkpoint_children(self) -> dict[str, Any]:
        return {}

    @property
    def name(self) -> None:
        """None, as in TensorFlow's eager mode."""
        return None

    @property
    def key_dtype(self) -> DType:
        """The type of the keys."""
        return self._key_dtype  # type: ignore[no-any-return]

    @property
    def value_dtype(self) -> DType:
        """The type of the values."""
        return int64

    def size(self, name: str | None = None) -> Any:
        """How many words and buckets there are, as an int64 tensor."""
        return convert(np.int64(self._words() + self._buckets))

    def _words(self) -> int:
        return 0 if self._table is None else int(self._table.size())

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of keys, or of their buckets.

        **Arguments:**
        - `keys`: a tensor, ragged tensor or sparse tensor.
        - `name`: accepted for compatibility.

        **Returns:** int64 numbers of the same shape.

        **Raises:** `TypeError` for keys of another dtype.
        """
        return of_values(keys, self._lookup)

    __getitem__ = lookup

    def _lookup(self, keys: Any) -> Any:
        given = as_keys(keys, self._key_dtype)
        written = given if self._key_dtype is string else as_string(given)
        outside = read(to_hash_bucket_fast(written, self._buckets)) + self._words()
        if self._table is None:
            return from_numpy(outside)
        numbers = read(self._table.lookup(cast(given, self._table.key_dtype)))
        return from_numpy(np.where(numbers < 0, outside, numbers))
