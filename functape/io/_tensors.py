"""Tensors as strings, in TensorFlow's wire format."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import as_int, invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import text, texts
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, int64, string
from functape.io._columns import sparse
from functape.io._messages import TensorProto
from functape.io._tensor_messages import from_message, to_message
from functape.sparse._tensor import SparseTensor, as_sparse

Array = np.ndarray[Any, Any]


def serialize_tensor(tensor: Any, name: str | None = None) -> Any:
    """A tensor as a string: a serialized `TensorProto` (`tf.io.serialize_tensor`).

    ```python
    >>> import functape as tf
    >>> tf.io.parse_tensor(tf.io.serialize_tensor([1.0, 2.0]), tf.float32).numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    given = convert(tensor)
    return convert(to_message(read(given), given.aval.dtype).SerializeToString(deterministic=True))


def parse_tensor(serialized: Any, out_type: Any, name: str | None = None) -> Any:
    """The tensor that a serialized `TensorProto` holds (`tf.io.parse_tensor`).

    **Arguments:**
    - `serialized`: a scalar string.
    - `out_type`: its dtype.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if the string holds no tensor, or one of another dtype.

    ```python
    >>> import functape as tf
    >>> tf.io.parse_tensor(tf.io.serialize_tensor([[1, 2]]), tf.int32).numpy()
    array([[1, 2]], dtype=int32)

    ```
    """
    return from_numpy(_parsed(text(serialized, "ParseTensor"), as_dtype(out_type)))


def _parsed(serialized: bytes, wanted: DType) -> Array:
    from google.protobuf.message import DecodeError

    try:
        message = TensorProto.FromString(serialized)
    except DecodeError:
        raise invalid(f"Could not parse `serialized` as TensorProto, value: {serialized[:64]!r}") from None
    if message.dtype != wanted.as_datatype_enum:
        raise invalid(
            f"Type mismatch between parsed tensor (number {message.dtype}) and out_type ({wanted.spoken}) "
            "[Op:ParseTensor]"
        )
    return from_message(message)


def serialize_sparse(sp_input: Any, out_type: Any = string, name: str | None = None) -> Any:
    """A sparse tensor as three strings: its indices, values and shape (`tf.io.serialize_sparse`).

    **Arguments:**
    - `sp_input`: a sparse tensor.
    - `out_type`: string.
    - `name`: accepted for compatibility.

    **Raises:** `TypeError` if it is no sparse tensor; `InvalidArgumentError` for another type.

    ```python
    >>> import functape as tf
    >>> tf.io.serialize_sparse(tf.sparse.from_dense([[1, 0]])).shape
    TensorShape([3])

    ```
    """
    given = as_sparse(sp_input)
    _check_out_type(out_type)
    return from_numpy(_three(read(given.indices), read(given.values), read(given.dense_shape), given.dtype))


def serialize_many_sparse(sp_input: Any, out_type: Any = string, name: str | None = None) -> Any:
    """The rows of a sparse tensor as three strings each (`tf.io.serialize_many_sparse`).

    **Arguments:**
    - `sp_input`: a sparse tensor of at least two axes, in order.
    - `out_type`, `name`: as for `serialize_sparse`.

    **Returns:** strings `[rows, 3]`.

    ```python
    >>> import functape as tf
    >>> tf.io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]])).shape
    TensorShape([2, 3])

    ```
    """
    given = as_sparse(sp_input)
    _check_out_type(out_type)
    places, values, shape = read(given.indices), read(given.values), read(given.dense_shape)
    if len(shape) < 2:
        raise invalid(f"Rank of input SparseTensor should be > 1, but saw rank: {len(shape)}")
    found = np.empty((int(shape[0]), 3), object)
    for row in range(len(found)):
        chosen = places[:, 0] == row
        found[row] = _three(places[chosen, 1:], values[chosen], shape[1:], given.dtype)
    return from_numpy(found)


def _check_out_type(out_type: Any) -> None:
    if as_dtype(out_type) is not string:
        raise invalid(
            f"The argument `out_type` must be tf.string: tensors of type variant do not exist. Received: {out_type!r}"
        )


def _three(places: Array, values: Array, shape: Array, dtype: DType) -> Array:
    parts = ((places, int64), (values, dtype), (shape, int64))
    made = [to_message(part, kind).SerializeToString(deterministic=True) for part, kind in parts]
    return np.fromiter(made, np.dtype(object), 3)


def deserialize_many_sparse(serialized_sparse: Any, dtype: Any, rank: Any = None, name: str | None = None) -> Any:
    """The sparse tensor whose rows were serialized one by one (`tf.io.deserialize_many_sparse`).

    **Arguments:**
    - `serialized_sparse`: strings `[rows, 3]`.
    - `dtype`: the type of the values.
    - `rank`: how many axes the result has; by default as found.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for strings of another shape, or that hold no sparse tensors of that type;
    `ValueError` if they have another rank.

    ```python
    >>> import functape as tf
    >>> rows = tf.io.serialize_many_sparse(tf.sparse.from_dense([[1, 0], [0, 2]]))
    >>> tf.sparse.to_dense(tf.io.deserialize_many_sparse(rows, tf.int32)).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)

    ```
    """
    given, wanted = texts(serialized_sparse, "DeserializeManySparse"), as_dtype(dtype)
    if given.ndim != 2 or given.shape[1] != 3 or not len(given):
        raise invalid(f"Serialized sparse should be a matrix with 3 columns. Received shape {list(given.shape)}.")
    rows = [tuple(_parsed(part, kind) for part, kind in zip(row, (int64, wanted, int64), strict=True)) for row in given]
    ranks = {len(shape) + 1 for _, _, shape in rows}
    if len(ranks) > 1:
        raise invalid(f"Inconsistent rank across SparseTensors: {sorted(ranks)}")
    if rank is not None and as_int(rank, "rank") not in ranks:
        raise ValueError(f"Tensor's rank {ranks.pop()} is not compatible with supplied rank={rank}.")
    places = [
        np.concatenate([np.full((len(found), 1), row, np.int64), found], 1) for row, (found, _, _) in enumerate(rows)
    ]
    longest = np.max([shape for _, _, shape in rows], 0)
    values = np.concatenate([found for _, found, _ in rows])
    made: SparseTensor = sparse(np.concatenate(places), values, [len(rows), *longest])
    return made
