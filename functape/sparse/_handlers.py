"""What dense functions such as `tf.shape` do with sparse tensors."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._cast import cast as cast_dense
from functape._core._convert import convert, from_numpy
from functape._core._dispatch import handles
from functape._engine._dtypes import as_dtype, int32
from functape.sparse._tensor import SparseTensor, lengths_of


@handles("cast")
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """`tf.cast` of the given elements."""
    return x.with_values(cast_dense(x.values, dtype)) if isinstance(x, SparseTensor) else NotImplemented


@handles("identity")
def identity(input: Any, name: str | None = None) -> Any:
    """`tf.identity` of a sparse tensor."""
    return input.with_values(input.values) if isinstance(input, SparseTensor) else NotImplemented


@handles("shape")
def shape(input: Any, out_type: Any = None, name: str | None = None) -> Any:
    """`tf.shape` of a sparse tensor."""
    if not isinstance(input, SparseTensor):
        return NotImplemented
    return cast_dense(input.dense_shape, int32 if out_type is None else as_dtype(out_type))


@handles("size")
def size(input: Any, out_type: Any = int32, name: str | None = None) -> Any:
    """`tf.size` of a sparse tensor: that of the dense one."""
    if not isinstance(input, SparseTensor):
        return NotImplemented
    return from_numpy(np.array(np.prod(lengths_of(input)), as_dtype(out_type).as_numpy_dtype))


@handles("rank")
def rank(input: Any, name: str | None = None) -> Any:
    """`tf.rank` of a sparse tensor."""
    return convert(len(lengths_of(input))) if isinstance(input, SparseTensor) else NotImplemented


@handles("zeros_like")
def zeros_like(input: Any, dtype: Any = None, name: str | None = None, layout: Any = None) -> Any:
    """`tf.zeros_like` of a sparse tensor: a dense one."""
    if not isinstance(input, SparseTensor):
        return NotImplemented
    wanted = input.dtype if dtype is None else as_dtype(dtype)
    return from_numpy(np.zeros(lengths_of(input), wanted.as_numpy_dtype))
