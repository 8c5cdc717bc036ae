"""Functions of `tf.experimental.numpy` made from rows: a kernel and the rule for its dtypes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._cast import cast
from functape._engine._dtypes import as_dtype, int8, int64, uint64
from functape.experimental.numpy._types import (
    as_tensor,
    float_dtype,
    given_dtype,
    is_inexact,
    promoted,
    result_type,
)

Kernel = Callable[..., Any]


def named(function: Kernel, name: str, purpose: str) -> Any:
    """`function` under a name, with a docstring."""
    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{purpose} (`tf.experimental.numpy.{name}`), by NumPy's rules."
    return function


def unary(name: str, kernel: Kernel, purpose: str, floats: bool = False, on_bool: Kernel | None = None) -> Any:
    """A function of one array.

    **Arguments:**
    - `name`: the function's name.
    - `kernel`: what it computes of a tensor.
    - `purpose`: one sentence on that, without the full stop.
    - `floats`: whether integers and bools are made floats first.
    - `on_bool`: the kernel for bool, if it is another.
    """

    def function(x: Any) -> Any:
        tensor = as_tensor(x)
        if floats and not is_inexact(tensor.dtype):
            tensor = cast(tensor, float_dtype())
        return on_bool(tensor) if on_bool is not None and tensor.dtype.is_bool else kernel(tensor)

    return named(function, name, purpose)


def binary(name: str, kernel: Kernel, purpose: str, on_bool: Any = None) -> Any:
    """A function of two arrays of one dtype.

    **Arguments:**
    - `name`, `kernel`, `purpose`: as for `unary`.
    - `on_bool`: the kernel for bools, `"int8"` or `"float"` if they are made that first, or None if they are not
      special.
    """

    def function(x1: Any, x2: Any) -> Any:
        first, second = promoted(x1, x2)
        if on_bool is None or not first.dtype.is_bool:
            return kernel(first, second)
        if callable(on_bool):
            return on_bool(first, second)
        dtype = int8 if on_bool == "int8" else float_dtype()
        return kernel(cast(first, dtype), cast(second, dtype))

    return named(function, name, purpose)


def logical(name: str, kernel: Kernel, purpose: str) -> Any:
    """A function of two arrays taken as bools."""

    def function(x1: Any, x2: Any) -> Any:
        return kernel(as_tensor(x1, bool), as_tensor(x2, bool))

    return named(function, name, purpose)


def comparison(name: str, kernel: Kernel, purpose: str, ordered: bool = True) -> Any:
    """A comparison of two arrays; bools that are `ordered` count as 0 and 1."""

    def function(x1: Any, x2: Any) -> Any:
        first, second = promoted(x1, x2)
        if ordered and first.dtype.is_bool:
            first, second = cast(first, "int32"), cast(second, "int32")
        return kernel(first, second)

    return named(function, name, purpose)


def reduced(
    kernel: Kernel,
    a: Any,
    axis: Any,
    dtype: Any,
    keepdims: Any,
    integers: str | None = "wide",
    on_bool: Kernel | None = None,
    keeps_bool: bool = False,
) -> Any:
    """A reduction.

    **Arguments:**
    - `kernel`: the reduction of a tensor `(x, axis, keepdims)`.
    - `a`, `axis`, `dtype`, `keepdims`: as NumPy's.
    - `integers`: what integers and bools become: `"wide"` for 64 bits, `"float"`, or None to stay.
    - `on_bool`: the kernel for bools that stay such: because `dtype` is bool, or `keeps_bool`.
    """
    wanted = given_dtype(dtype)
    tensor = as_tensor(a, wanted)
    kind = tensor.dtype
    if on_bool is not None and kind.is_bool and (wanted is not None or keeps_bool):
        return on_bool(tensor, axis, bool(keepdims))
    if wanted is None and not is_inexact(kind):
        if integers == "wide" and kind.size < 8:
            tensor = cast(tensor, uint64 if kind.is_unsigned else int64)
        elif integers == "float":
            tensor = cast(tensor, float_dtype())
    return kernel(tensor, axis, bool(keepdims))


def wide_integers(tensor: Any) -> Any:
    """A tensor whose integers have at least NumPy's default width."""
    if not tensor.dtype.is_integer:
        return tensor
    return cast(tensor, as_dtype(result_type(tensor.dtype, int)))
