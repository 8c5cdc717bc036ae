"""`tf.experimental.numpy`: NumPy's functions on tensors, differentiated by tapes like any others."""

from __future__ import annotations

from math import e, inf, pi

from numpy import (
    bool_,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    iinfo,
    inexact,
    int8,
    int16,
    int32,
    int64,
    int_,
    issubdtype,
    newaxis,
    object_,
    uint8,
    uint16,
    uint32,
    uint64,
)
from numpy import bytes_ as string_
from numpy import complex128 as complex_
from numpy import float64 as float_
from numpy import str_ as unicode_

from functape._core._tensor import Tensor as ndarray
from functape._namespace import lazy

_LAZY = {
    name: f"functape.experimental.numpy.{module}:{name}"
    for module, names in {
        "_behavior": "experimental_enable_numpy_behavior",
        "_creation": (
            "arange array asanyarray asarray ascontiguousarray broadcast_to copy diag_indices empty empty_like eye "
            "finfo full full_like geomspace identity isscalar ix_ linspace logspace meshgrid ndim ones ones_like "
            "shape size tri vander zeros zeros_like"
        ),
        "_elementwise": (
            "abs absolute add angle arccos arccosh arcsin arcsinh arctan arctan2 arctanh around array_equal "
            "bitwise_and bitwise_not bitwise_or bitwise_xor broadcast_arrays cbrt ceil clip conj conjugate cos cosh "
            "deg2rad divide divmod equal exp exp2 expm1 fabs fix float_power floor floor_divide gcd greater "
            "greater_equal heaviside hypot imag isclose iscomplex iscomplexobj isfinite isinf isnan isneginf isposinf "
            "isreal isrealobj lcm less less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not "
            "logical_or logical_xor maximum minimum mod multiply negative nextafter not_equal polyval positive power "
            "rad2deg real reciprocal remainder round sign signbit sin sinc sinh sqrt square subtract tan tanh "
            "true_divide"
        ),
        "_products": "cross dot einsum inner matmul outer tensordot vdot",
        "_reductions": (
            "all allclose amax amin any argmax argmin average count_nonzero cumprod cumsum diff max mean min nanmean "
            "nanprod nansum prod ptp std sum var"
        ),
        "_selecting": (
            "argsort compress diag diagflat diagonal kron nonzero select sort take take_along_axis trace tril triu "
            "where"
        ),
        "_shaping": (
            "append atleast_1d atleast_2d atleast_3d concatenate dsplit dstack expand_dims flatten flip fliplr flipud "
            "hsplit hstack moveaxis pad ravel repeat reshape roll rot90 split squeeze stack swapaxes tile transpose "
            "vsplit vstack"
        ),
        "_types": "promote_types result_type",
    }.items()
    for name in names.split()
}
_LAZY["random"] = "functape.experimental.numpy.random"

__all__ = [
    "bool_",
    "complex128",
    "complex64",
    "complex_",
    "e",
    "float16",
    "float32",
    "float64",
    "float_",
    "iinfo",
    "inexact",
    "inf",
    "int16",
    "int32",
    "int64",
    "int8",
    "int_",
    "issubdtype",
    "ndarray",
    "newaxis",
    "object_",
    "pi",
    "string_",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "unicode_",
]
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
