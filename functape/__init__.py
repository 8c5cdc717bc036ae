"""functape: TensorFlow 2 `GradientTape` code on JAX.

`import functape as tf` gives TensorFlow 2's names. What a program does with tensors is recorded, and the recording is
differentiated and compiled by JAX.
"""

from __future__ import annotations

from functape._api._choosing import one_hot, sequence_mask, where
from functape._api._clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from functape._api._combining import add_n, scalar_mul
from functape._api._creation import eye, fill, linspace, ones, ones_like, range, zeros, zeros_like
from functape._api._cumulative import cumsum
from functape._api._elementwise import (
    abs,
    acos,
    acosh,
    add,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    complex,
    cos,
    cosh,
    divide,
    equal,
    exp,
    floor,
    greater,
    greater_equal,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    maximum,
    minimum,
    multiply,
    negative,
    not_equal,
    pow,
    round,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
    truediv,
)
from functape._api._gathering import gather, gather_nd, slice, strided_slice
from functape._api._joining import concat, identity, identity_n, meshgrid, split, stack, stop_gradient, unstack
from functape._api._matrix import einsum, matmul, tensordot
from functape._api._measuring import (
    broadcast_dynamic_shape,
    broadcast_static_shape,
    ensure_shape,
    rank,
    shape,
    shape_n,
    size,
)
from functape._api._norms import norm
from functape._api._ordering import argsort, searchsorted, sort, unique, unique_with_counts
from functape._api._reductions import (
    argmax,
    argmin,
    reduce_all,
    reduce_any,
    reduce_logsumexp,
    reduce_max,
    reduce_mean,
    reduce_min,
    reduce_prod,
    reduce_sum,
)
from functape._api._scattering import (
    dynamic_partition,
    dynamic_stitch,
    scatter_nd,
    tensor_scatter_nd_add,
    tensor_scatter_nd_sub,
    tensor_scatter_nd_update,
)
from functape._api._shaping import (
    broadcast_to,
    expand_dims,
    pad,
    repeat,
    reshape,
    reverse,
    roll,
    squeeze,
    tile,
    transpose,
)
from functape._core._cast import cast
from functape._core._constants import constant, convert_to_tensor, is_tensor
from functape._core._masking import boolean_mask
from functape._core._module import Module
from functape._core._name_scope import name_scope
from functape._core._print import tf_print as print
from functape._core._shape import TensorShape
from functape._core._slices import IndexedSlices
from functape._core._spec import IndexedSlicesSpec, TensorSpec, TypeSpec
from functape._core._tensor import Tensor
from functape._core._variable import Variable, VariableAggregation, VariableSynchronization
from functape._engine._dtypes import (
    DType,
    as_dtype,
    bfloat16,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    string,
    uint8,
    uint16,
    uint32,
    uint64,
)
from functape._engine._dtypes import bool_ as bool
from functape._namespace import lazy
from functape._version import __version__ as functape_version
from functape.autodiff import GradientTape, UnconnectedGradients

half, double = float16, float64
newaxis = None
__version__ = "2.21.0"
"""The TensorFlow API level, which scripts test; functape's own version is `functape_version`."""

_LAZY: dict[str, str] = {
    "config": "functape.config",
    "dtypes": "functape.dtypes",
    "errors": "functape.errors",
    "install": "functape.tensorflow_alias:install",
    "keras": "functape.keras",
    "linalg": "functape.linalg",
    "losses": "functape.losses",
    "math": "functape.math",
    "nn": "functape.nn",
    "optimizers": "functape.optimizers",
    "random": "functape.random",
    "uninstall": "functape.tensorflow_alias:uninstall",
}
__getattr__ = lazy(__name__, _LAZY, lambda: [name for name in globals() if not name.startswith("_")])
