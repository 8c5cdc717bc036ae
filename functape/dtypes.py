"""`tf.dtypes`: the types of tensor elements."""

from functape._core._cast import cast
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

double, half = float64, float16

__all__ = [
    "DType",
    "as_dtype",
    "bfloat16",
    "bool",
    "cast",
    "complex128",
    "complex64",
    "double",
    "float16",
    "float32",
    "float64",
    "half",
    "int16",
    "int32",
    "int64",
    "int8",
    "string",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
]
_ELSEWHERE = {
    "complex": "functape._api._elementwise:complex",
    "saturate_cast": "functape._api._arrays:saturate_cast",
}
__getattr__ = lazy(__name__, _ELSEWHERE, lambda: __all__)
