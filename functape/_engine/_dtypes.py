"""The types of tensor elements."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np


class DType:
    """The type of the elements of a `Tensor` (`tf.dtypes.DType`).

    There is one object for each type; `as_dtype` finds it. It compares equal to anything that names
    the same type: `tf.float32 == "float32"` and `tf.float32 == np.float32` hold.
    """

    __slots__ = (
        "name",
        "as_numpy_dtype",
        "as_datatype_enum",
        "is_floating",
        "is_complex",
        "is_integer",
        "is_unsigned",
        "is_bool",
        "spoken",
    )

    def __init__(self, name: str, numpy_type: Any, enum: int, kind: str, spoken: str | None = None) -> None:
        self.name = name
        self.as_numpy_dtype = numpy_type
        self.as_datatype_enum = enum
        self.is_floating = kind == "f"
        self.is_complex = kind == "c"
        self.is_integer = kind in "iu"
        self.is_unsigned = kind == "u"
        self.is_bool = kind == "b"
        self.spoken = spoken or name
        """The name TensorFlow's kernels use in messages (`float` for float32)."""

    @property
    def base_dtype(self) -> DType:
        """The type itself; TensorFlow has reference types besides."""
        return self

    @property
    def real_dtype(self) -> DType:
        """The type of the real part: float32 for complex64, float64 for complex128."""
        return {"complex64": float32, "complex128": float64}.get(self.name, self)

    @property
    def is_numeric(self) -> bool:
        """Whether arithmetic is defined; False for bool and string."""
        return self.is_floating or self.is_integer or self.is_complex

    @property
    def is_quantized(self) -> bool:
        """Always False: quantized types are not supported."""
        return False

    @property
    def is_numpy_compatible(self) -> bool:
        """Whether NumPy can hold the type."""
        return True

    @property
    def size(self) -> int:
        """Bytes an element takes; 1 for string."""
        return 1 if self is string else np.dtype(self.as_numpy_dtype).itemsize

    @property
    def min(self) -> Any:
        """The smallest representable number.

        **Raises:** `TypeError` for bool, string and complex types.
        """
        return self._limit("min")

    @property
    def max(self) -> Any:
        """The largest representable number.

        **Raises:** `TypeError` for bool, string and complex types.
        """
        return self._limit("max")

    @property
    def limits(self) -> tuple[Any, Any]:
        """`(min, max)` of the type; for floating types `(-1, 1)`-like intensity limits do not apply."""
        return (0, 1) if self.is_floating else (self.min, self.max)

    def _limit(self, which: str) -> Any:
        if self.is_floating:
            value = getattr(ml_dtypes.finfo(self.as_numpy_dtype), which)
            return float(f"{float(value):.6g}") if self is bfloat16 else value
        if self.is_integer:
            return getattr(np.iinfo(self.as_numpy_dtype), which)
        raise TypeError(f"Cannot find {which}imum value of {self!r}: only real numeric types have one.")

    def is_compatible_with(self, other: Any) -> bool:
        """Whether `other` names the same type."""
        return self is as_dtype(other)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if other is None or isinstance(other, DType):
            return False
        try:
            return self is as_dtype(other)
        except TypeError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return self.as_datatype_enum

    def __int__(self) -> int:
        return self.as_datatype_enum

    def __str__(self) -> str:
        return f"<dtype: {self.name!r}>"

    def __repr__(self) -> str:
        return f"tf.{self.name}"

    def __reduce__(self) -> Any:
        return as_dtype, (self.name,)


float16 = DType("float16", np.float16, 19, "f", "half")
float32 = DType("float32", np.float32, 1, "f", "float")
float64 = DType("float64", np.float64, 2, "f", "double")
bfloat16 = DType("bfloat16", ml_dtypes.bfloat16, 14, "f")
int8 = DType("int8", np.int8, 6, "i")
int16 = DType("int16", np.int16, 5, "i")
int32 = DType("int32", np.int32, 3, "i")
int64 = DType("int64", np.int64, 9, "i")
uint8 = DType("uint8", np.uint8, 4, "u")
uint16 = DType("uint16", np.uint16, 17, "u")
uint32 = DType("uint32", np.uint32, 22, "u")
uint64 = DType("uint64", np.uint64, 23, "u")
bool_ = DType("bool", np.bool_, 10, "b")
complex64 = DType("complex64", np.complex64, 8, "c")
complex128 = DType("complex128", np.complex128, 18, "c")
string = DType("string", np.object_, 7, "s")

ALL = (
    float16, float32, float64, bfloat16, int8, int16, int32, int64,
    uint8, uint16, uint32, uint64, bool_, complex64, complex128, string,
)  # fmt: skip

_known: dict[Any, DType] = {}
for _dtype in ALL:
    _known[_dtype.name] = _dtype
    _known[_dtype.as_numpy_dtype] = _dtype
    _known[_dtype.as_datatype_enum] = _dtype
    _known[np.dtype(_dtype.as_numpy_dtype)] = _dtype
_known.update({
    "half": float16, "float": float32, "double": float64,
    float: float32, int: int32, bool: bool_, complex: complex128, str: string, bytes: string, object: string,
})  # fmt: skip


def as_dtype(type_value: Any) -> DType:
    """The `DType` that `type_value` names (`tf.as_dtype`).

    **Arguments:**
    - `type_value`: a `DType`, a NumPy dtype or scalar type, a Python type, a name or TensorFlow's number of a type.

    **Returns:** a `DType`.

    **Raises:** `TypeError` if it names none.

    ```python
    >>> import functape as tf
    >>> tf.as_dtype("float32")
    tf.float32

    ```
    """
    if isinstance(type_value, DType):
        return type_value
    try:
        found = _known.get(type_value)
    except TypeError:
        found = None
    if found is not None:
        return found
    try:
        numpy_dtype = np.dtype(type_value)
    except (TypeError, ValueError):
        numpy_dtype = None
    if numpy_dtype is not None and type_value is not None:
        if numpy_dtype.kind in "SU":
            return string
        found = _known.get(numpy_dtype.newbyteorder("="))
        if found is not None:
            return found
    raise TypeError(
        f"Cannot convert the argument `type_value`: {type_value!r} to a DType. "
        f"Pass one of {', '.join(repr(dtype) for dtype in ALL)}, its name, or the NumPy type."
    )
