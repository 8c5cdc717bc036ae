"""`tf.keras.layers.Hashing` and `tf.keras.layers.HashedCrossing`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import where
from functape._api._elementwise import equal
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._known import read
from functape._engine._dtypes import as_dtype, int32, int64, string
from functape.keras._configuration import floatx
from functape.keras.layers._layer import Layer
from functape.keras.layers.preprocessing._categories import encoded
from functape.keras.layers.preprocessing._vocabulary import (
    buckets,
    checked_mode,
    checked_salt,
    is_symbolic,
    refuse_sparse,
    symbolic_like,
)

_SEED = 0xDECAFCAFFE
_MULTIPLIER = 0xC6A4A7935BD1E995
_BITS = (1 << 64) - 1


def _crossed(columns: list[Any], count: int) -> Any:
    """Which of `count` buckets each tuple of values falls into, as TensorFlow's `SparseCross` deals them."""
    import farmhash

    lists = [read(each).tolist() for each in columns]

    def bucket(values: tuple[Any, ...]) -> int:
        found = _SEED
        for value in values:
            found = _joined(found, farmhash.fingerprint64(value) if isinstance(value, bytes) else value & _BITS)
        return found % count

    return convert(np.asarray([bucket(each) for each in zip(*lists, strict=True)], np.int64))


def _joined(first: int, second: int) -> int:
    """The fingerprint of two fingerprints (TensorFlow's `FingerprintCat64`)."""
    mixed = second * _MULTIPLIER & _BITS
    found = (first ^ _MULTIPLIER) ^ ((mixed ^ mixed >> 47) * _MULTIPLIER & _BITS)
    found = found * _MULTIPLIER & _BITS
    found = (found ^ found >> 47) * _MULTIPLIER & _BITS
    return found ^ found >> 47


class Hashing(Layer):
    """Numbers of the bins that values are dealt to by hash (`tf.keras.layers.Hashing`). It computes on the host.

    **Arguments:**
    - `num_bins`: the number of bins, that for masked values included.
    - `mask_value`: a value that has bin 0 for itself.
    - `salt`: an integer or two, a key for the hash.
    - `output_mode`: `"int"`, `"one_hot"`, `"multi_hot"` or `"count"`.
    - `sparse`: False: sparse outputs are not supported.

    **Raises:** `ValueError` for no bins, another mode, or a dtype that is none of integers for `"int"`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"]]).numpy().ravel().tolist()
    [1, 0, 1]

    ```
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        if kwargs.get("dtype") is None:
            kwargs["dtype"] = "int64" if output_mode == "int" else floatx()
        super().__init__(**kwargs)
        self.autocast = False
        if num_bins is None or num_bins <= 0:
            raise ValueError(
                f"The `num_bins` for `Hashing` cannot be `None` or non-positive values. Received: num_bins={num_bins}."
            )
        if output_mode == "int" and self.compute_dtype not in ("int32", "int64"):
            raise ValueError(
                "When `output_mode=\"int\"`, `dtype` should be an integer type, 'int32' or 'int64'. Received: "
                f"dtype={kwargs['dtype']}"
            )
        refuse_sparse(sparse)
        self.output_mode = checked_mode(self, output_mode, ("int", "one_hot", "multi_hot", "count"))
        self.num_bins, self.mask_value, self.sparse = num_bins, mask_value, sparse
        self.__dict__["salt"] = checked_salt(self, salt)

    def call(self, inputs: Any) -> Any:
        """The bins, or vectors."""
        if is_symbolic(inputs):
            shape = inputs.aval.shape
            return symbolic_like(
                inputs, shape if self.output_mode == "int" else (*shape[:-1], self.num_bins), self.compute_dtype
            )
        if hasattr(inputs, "flat_values"):
            return inputs.with_flat_values(cast(self._binned(inputs.flat_values), as_dtype(self.compute_dtype)))
        values = inputs if is_tensor_like(inputs) else convert(inputs)
        found = self._binned(values)
        if self.output_mode == "int":
            return cast(found, as_dtype(self.compute_dtype))
        return encoded(cast(found, int32), self.output_mode, self.num_bins, as_dtype(self.compute_dtype))

    def _binned(self, values: Any) -> Any:
        from functape import strings

        masked = self.mask_value is not None and self.num_bins > 1
        texts = cast(values, int64) if values.dtype.is_floating else values
        texts = texts if texts.dtype is string else strings.as_string(texts)
        found = buckets(texts, self.num_bins - masked, self.salt)
        if not masked:
            return found
        return where(equal(values, convert(self.mask_value, values.dtype)), convert(0, int64), found + 1)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("num_bins", "mask_value", "output_mode", "sparse", "salt")
        return {**super().get_config(), **{name: self.__dict__[name] for name in names}}


class HashedCrossing(Layer):
    """Numbers of the bins that pairs of values are dealt to by hash (`tf.keras.layers.HashedCrossing`).

    **Arguments:**
    - `num_bins`: the number of bins.
    - `output_mode`: `"int"` or `"one_hot"`.
    - `sparse`: False: sparse outputs are not supported.

    **Raises:** `ValueError` for another mode, or inputs that are not of one shape `()`, `[batch]` or `[batch, 1]`.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.HashedCrossing(num_bins=5)
    >>> layer((tf.constant(["A", "B"]), tf.constant([101, 102]))).numpy().tolist()
    [1, 1]

    ```
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype="int64" if output_mode == "int" and dtype is None else dtype, **kwargs)
        self.autocast = False
        refuse_sparse(sparse)
        self.output_mode = checked_mode(self, output_mode, ("int", "one_hot"))
        self.num_bins, self.sparse = num_bins, sparse

    def call(self, inputs: Any) -> Any:
        """The bins, or vectors."""
        if not isinstance(inputs, list | tuple):
            raise ValueError(f"`HashedCrossing` should be called on a list or tuple of inputs. Received: {inputs}")
        if len(inputs) < 2:
            raise ValueError(f"`HashedCrossing` should be called on at least two inputs. Received: inputs={inputs}")
        if is_symbolic(inputs[0]):
            shape = inputs[0].aval.shape
            if self.output_mode == "one_hot":
                shape = (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), self.num_bins)
            return symbolic_like(inputs[0], shape, self.compute_dtype)
        inputs = [each if is_tensor_like(each) else convert(each) for each in inputs]
        shape = tuple(inputs[0].shape)
        self._check_inputs(inputs, shape)
        crossed = _crossed([reshape(each, (-1,)) for each in inputs], self.num_bins)
        found = reshape(crossed, shape)
        if self.output_mode == "int":
            return cast(found, as_dtype(self.compute_dtype))
        return encoded(cast(found, int32), "one_hot", self.num_bins, as_dtype(self.compute_dtype))

    def _check_inputs(self, inputs: list[Any], shape: tuple[int, ...]) -> None:
        if len(shape) > 2 or (len(shape) == 2 and shape[-1] != 1):
            raise ValueError(
                "All `HashedCrossing` inputs should have shape `()`, `(batch_size)` or `(batch_size, 1)`. "
                f"Received: inputs={inputs}"
            )
        if any(tuple(each.shape) != shape for each in inputs[1:]):
            raise ValueError(f"All `HashedCrossing` inputs should have equal shape. Received: inputs={inputs}")
        if not all(each.dtype.is_integer or each.dtype is string for each in inputs):
            raise ValueError(
                f"All `HashedCrossing` inputs should have an integer or string dtype. Received: inputs={inputs}"
            )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("num_bins", "output_mode", "sparse")
        return {**super().get_config(), **{name: self.__dict__[name] for name in names}}
