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
from functape._namespace import keep_names, lazy
from functape._version import __version__ as functape_version
from functape.autodiff import (
    GradientTape,
    UnconnectedGradients,
    custom_gradient,
    grad_pass_through,
    gradients,
    hessians,
    recompute_grad,
)

half, double = float16, float64
newaxis = None
__version__ = "2.21.0"
"""The TensorFlow API level, which scripts test; functape's own version is `functape_version`."""

_LAZY: dict[str, str] = {
    "approx_top_k": "functape._api._nn_kernels:approx_top_k",
    "conv": "functape._api._nn_kernels:conv",
    "conv2d_backprop_filter_v2": "functape._api._nn_kernels:conv2d_backprop_filter_v2",
    "conv2d_backprop_input_v2": "functape._api._nn_kernels:conv2d_backprop_input_v2",
    "extract_volume_patches": "functape._api._nn_kernels:extract_volume_patches",
    "guarantee_const": "functape._api._types:guarantee_const",
    "parallel_stack": "functape._api._types:parallel_stack",
    "ragged_fill_empty_rows": "functape.ragged._filling:ragged_fill_empty_rows",
    "ragged_fill_empty_rows_grad": "functape.ragged._filling:ragged_fill_empty_rows_grad",
    "register_tensor_conversion_function": "functape._core._conversions:register_tensor_conversion_function",
    "variable_creator_scope": "functape._core._variable_creators:variable_creator_scope",
    "experimental": "functape.experimental",
    "types": "functape.types",
    "RaggedTensor": "functape.ragged._tensor:RaggedTensor",
    "RaggedTensorSpec": "functape.ragged._spec:RaggedTensorSpec",
    "SparseTensor": "functape.sparse:SparseTensor",
    "SparseTensorSpec": "functape.sparse._tensor:SparseTensorSpec",
    "ragged": "functape.ragged",
    "saved_model": "functape.saved_model",
    "sparse": "functape.sparse",
    "as_string": "functape.strings:as_string",
    "bitwise": "functape.bitwise",
    "fingerprint": "functape.strings._hashing:fingerprint",
    "io": "functape.io",
    "lookup": "functape.lookup",
    "make_ndarray": "functape.io._tensor_messages:make_ndarray",
    "make_tensor_proto": "functape.io._tensor_messages:make_tensor_proto",
    "quantization": "functape.quantization",
    "sets": "functape.sets",
    "strings": "functape.strings",
    "nest": "functape.nest",
    "AggregationMethod": "functape._api._types:AggregationMethod",
    "DeviceSpec": "functape._core._device:DeviceSpec",
    "assert_equal": "functape.debugging:assert_equal",
    "assert_greater": "functape.debugging:assert_greater",
    "assert_less": "functape.debugging:assert_less",
    "assert_rank": "functape.debugging:assert_rank",
    "bitcast": "functape._api._arrays:bitcast",
    "compat": "functape.compat",
    "device": "functape._core._device:device",
    "edit_distance": "functape._api._arrays:edit_distance",
    "eig": "functape._api._matrix_functions:eig",
    "eigvals": "functape._api._matrix_functions:eigvals",
    "fftnd": "functape.signal:fftnd",
    "get_current_name_scope": "functape._api._types:get_current_name_scope",
    "get_logger": "functape._api._types:get_logger",
    "get_static_value": "functape._api._arrays:get_static_value",
    "histogram_fixed_width": "functape._api._arrays:histogram_fixed_width",
    "histogram_fixed_width_bins": "functape._api._arrays:histogram_fixed_width_bins",
    "ifftnd": "functape.signal:ifftnd",
    "irfftnd": "functape.signal:irfftnd",
    "is_symbolic_tensor": "functape._api._types:is_symbolic_tensor",
    "matrix_square_root": "functape._api._matrix_functions:sqrtm",
    "no_gradient": "functape._api._types:no_gradient",
    "random_index_shuffle": "functape._api._distributions:random_index_shuffle",
    "realdiv": "functape._api._arrays:realdiv",
    "required_space_to_batch_paddings": "functape._api._arrays:required_space_to_batch_paddings",
    "reverse_sequence": "functape._api._arrays:reverse_sequence",
    "rfftnd": "functape.signal:rfftnd",
    "saturate_cast": "functape._api._arrays:saturate_cast",
    "tensor_scatter_nd_max": "functape._api._arrays:tensor_scatter_nd_max",
    "tensor_scatter_nd_min": "functape._api._arrays:tensor_scatter_nd_min",
    "truncatediv": "functape._api._arrays:truncatediv",
    "truncatemod": "functape._api._arrays:truncatemod",
    "tuple": "functape._api._types:tuple",
    "type_spec_from_value": "functape._api._types:type_spec_from_value",
    "unravel_index": "functape._api._arrays:unravel_index",
    "version": "functape.version",
    "autodiff": "functape.autodiff",
    "batch_to_space": "functape._api._nn_blocks:batch_to_space",
    "space_to_batch": "functape._api._nn_blocks:space_to_batch",
    "space_to_batch_nd": "functape._api._nn_blocks:space_to_batch",
    "autograph": "functape.autograph",
    "config": "functape.config",
    "data": "functape.data",
    "constant_initializer": "functape._api._initializers:Constant",
    "distribute": "functape.distribute",
    "dtypes": "functape.dtypes",
    "draw": "functape._drawing:draw",
    "errors": "functape.errors",
    "explain": "functape._drawing:explain",
    "image": "functape.image",
    "initializers": "functape.initializers",
    "Assert": "functape.debugging:Assert",
    "TensorArray": "functape.function:TensorArray",
    "case": "functape.function:case",
    "cond": "functape.function:cond",
    "control_dependencies": "functape.function:control_dependencies",
    "debugging": "functape.debugging",
    "executing_eagerly": "functape.function:executing_eagerly",
    "foldl": "functape.function:foldl",
    "foldr": "functape.function:foldr",
    "group": "functape.function:group",
    "map_fn": "functape.function:map_fn",
    "no_op": "functape.function:no_op",
    "numpy_function": "functape.function:numpy_function",
    "py_function": "functape.function:py_function",
    "scan": "functape.function:scan",
    "switch_case": "functape.function:switch_case",
    "timestamp": "functape.function:timestamp",
    "vectorized_map": "functape.function:vectorized_map",
    "while_loop": "functape.function:while_loop",
    "function": "functape.function:function",
    "functional": "functape.functional",
    "export": "functape.functional:export",
    "functionalize": "functape.functional:functionalize",
    "load_state": "functape.functional:load_state",
    "pytree": "functape.functional:pytree",
    "testing": "functape.testing",
    "to_jax_source": "functape._port:to_jax_source",
    "wrap": "functape.functional:wrap",
    "init_scope": "functape.function:init_scope",
    "inside_function": "functape.function:inside_function",
    "install": "functape.tensorflow_alias:install",
    "keras": "functape.keras",
    "linalg": "functape.linalg",
    "losses": "functape.losses",
    "metrics": "functape.metrics",
    "math": "functape.math",
    "nn": "functape.nn",
    "optimizers": "functape.optimizers",
    "random": "functape.random",
    "signal": "functape.signal",
    "summary": "functape.summary",
    "test": "functape.test",
    "train": "functape.train",
    "ones_initializer": "functape._api._initializers:Ones",
    "random_normal_initializer": "functape._api._initializers:RandomNormal",
    "random_uniform_initializer": "functape._api._initializers:RandomUniform",
    "uninstall": "functape.tensorflow_alias:uninstall",
    "zeros_initializer": "functape._api._initializers:Zeros",
}
__getattr__ = lazy(__name__, _LAZY, lambda: [name for name in globals() if not name.startswith("_")])

_SHADOWED = {"function"}
"""Names of functions that subpackages have too."""
keep_names(__name__)
