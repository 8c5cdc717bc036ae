"""Tensors given by their elements that are not zero, under TensorFlow's names (`tf.sparse`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.sparse import _handlers
from functape.sparse._arithmetic import (
    add,
    bincount,
    cross,
    map_values,
    maximum,
    minimum,
    reduce_max,
    reduce_sum,
    sampled_addmm,
    segment_mean,
    segment_sqrt_n,
    segment_sum,
    softmax,
    sparse_dense_matmul,
)
from functape.sparse._arranging import (
    concat,
    expand_dims,
    eye,
    fill_empty_rows,
    from_dense,
    mask,
    reorder,
    reset_shape,
    reshape,
    retain,
    slice,
    split,
    to_dense,
    to_indicator,
    transpose,
)
from functape.sparse._tensor import SparseTensor, SparseTensorSpec

__all__ = [
    "SparseTensor",
    "add",
    "bincount",
    "concat",
    "cross",
    "expand_dims",
    "eye",
    "fill_empty_rows",
    "from_dense",
    "map_values",
    "mask",
    "maximum",
    "minimum",
    "reduce_max",
    "reduce_sum",
    "reorder",
    "reset_shape",
    "reshape",
    "retain",
    "sampled_addmm",
    "segment_mean",
    "segment_sqrt_n",
    "segment_sum",
    "slice",
    "softmax",
    "sparse_dense_matmul",
    "split",
    "to_dense",
    "to_indicator",
    "transpose",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
_LOADED = (SparseTensorSpec, _handlers)
