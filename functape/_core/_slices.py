"""A tensor given by some of its rows."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._core._shape import TensorShape
from functape._core._spec import IndexedSlicesSpec
from functape._engine._dtypes import DType
from functape._engine._gradient_node import install_slices
from functape._engine._op import Op
from functape._engine._recorder import record


class IndexedSlices:
    """Rows of a larger tensor and their places in it (`tf.IndexedSlices`).

    The dense tensor is zero but for the given rows; rows given twice add up.

    **Arguments:**
    - `values`: a tensor `[n, ...]`.
    - `indices`: an integer tensor `[n]`.
    - `dense_shape`: the shape of the dense tensor, as an integer tensor, or None.

    ```python
    >>> import functape as tf
    >>> rows = tf.IndexedSlices(tf.constant([[1.0], [2.0]]), tf.constant([2, 0]), tf.constant([3, 1]))
    >>> tf.convert_to_tensor(rows).numpy().tolist()
    [[2.0], [0.0], [1.0]]

    ```
    """

    __slots__ = ("__weakref__", "_dense_shape", "_indices", "_values")

    def __init__(self, values: Any, indices: Any, dense_shape: Any = None) -> None:
        self._values = values
        self._indices = indices
        self._dense_shape = dense_shape

    @property
    def values(self) -> Any:
        """The rows, a tensor `[n, ...]`."""
        return self._values

    @property
    def indices(self) -> Any:
        """Where each row belongs, a tensor `[n]`."""
        return self._indices

    @property
    def dense_shape(self) -> Any:
        """The dense tensor's shape as a tensor, or None."""
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """The dense tensor's shape; of unknown rank if it was not given."""
        return TensorShape(None if self._dense_shape is None else np.asarray(self._dense_shape).tolist())

    @property
    def dtype(self) -> DType:
        """The dtype of the values."""
        return self._values.dtype

    @property
    def device(self) -> str:
        """The device of the values."""
        return self._values.device

    @property
    def name(self) -> str:
        """The name of the values, if they have one."""
        return self._values.name

    @property
    def _type_spec(self) -> IndexedSlicesSpec:
        """The description of these slices."""
        indices_shape = self._indices.shape.merge_with(self._values.shape[:1])
        shape = TensorShape([None]).concatenate(self._values.shape[1:])
        if self._dense_shape is None:
            return IndexedSlicesSpec(shape, self.dtype, self._indices.dtype, None, indices_shape)
        dense_dtype = getattr(self._dense_shape, "dtype", np.int32)
        return IndexedSlicesSpec(
            shape.merge_with(self.shape), self.dtype, self._indices.dtype, dense_dtype, indices_shape
        )

    def to_dense_tensor(self) -> Any:
        """The dense tensor; see `to_dense`."""
        return to_dense(self)

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        dense = "" if self._dense_shape is None else f", dense_shape={self._dense_shape!s}"
        return f"IndexedSlices(indices={self._indices!s}, values={self._values!s}{dense})"


def _scatter_rows(values: Any, indices: Any, shape: tuple[int, ...]) -> Any:
    # JAX counts a negative index from the end; TensorFlow drops the row.
    places = jnp.where(indices < 0, shape[0], indices)
    return jnp.zeros(shape, values.dtype).at[places].add(values, mode="drop")


_TO_DENSE = Op("IndexedSlicesToDense", _scatter_rows, ("shape",), unconnected=(1,))


def to_dense(slices: IndexedSlices) -> Any:
    """The dense tensor that `slices` stand for; `tf.convert_to_tensor(slices)` gives it too.

    Rows given twice add up. A row whose index lies outside the dense shape is dropped, as TensorFlow does on a GPU.

    **Raises:** `ValueError` if the slices have no dense shape.
    """
    from functape._core._convert import convert

    if slices.dense_shape is None:
        raise ValueError(
            "Tensor conversion requested for IndexedSlices without dense_shape: pass "
            f"dense_shape=tf.constant([rows, ...]) to tf.IndexedSlices. Received: {slices!s}"
        )
    values = convert(slices.values)
    rows = int(np.asarray(slices.dense_shape)[0])
    return record(_TO_DENSE, ((rows, *values.aval.shape[1:]),), (values, convert(slices.indices)))


def _from_gradient(rows: Any, places: Any, shape: tuple[int, ...]) -> IndexedSlices:
    """The gradient of a table by rows, as TensorFlow gives it."""
    return IndexedSlices(rows, places, _lengths(shape))


@functools.lru_cache(maxsize=256)
def _lengths(shape: tuple[int, ...]) -> Any:
    """A shape as a tensor."""
    from functape._core._convert import convert

    return convert(np.array(shape, np.int32))


install_slices(_from_gradient)
