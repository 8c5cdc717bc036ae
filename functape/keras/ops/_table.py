"""Making the functions of `tf.keras.ops` from tables: a line of purpose and an expression each."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from functape._api._elementwise import logical_not
from functape.keras.ops._types import common, floats, tensor, without_bools

Rows = dict[str, tuple[str, Callable[..., Any]]]
_TEXT = "{purpose} (`tf.{module}.{name}`).\n\nThe arguments are those of Keras: `{signature}`.\n"


def described(table: Rows, module: str = "keras.ops") -> dict[str, Callable[..., Any]]:
    """Functions under the names they have in the table, with their documentation.

    **Arguments:**
    - `table`: for each name a sentence without its full stop, and the function under Keras's parameter names.
    - `module`: the public module.
    """
    for name, (purpose, function) in table.items():
        assert isinstance(function, FunctionType)
        function.__name__ = function.__qualname__ = name
        function.__module__ = f"functape.{module}"
        signature = str(inspect.signature(function))[1:-1].replace("'Any', ", "")
        function.__doc__ = _TEXT.format(purpose=purpose, module=module, name=name, signature=signature)
    return {name: function for name, (_, function) in table.items()}


def unary(kernel: Callable[[Any], Any], on_bool: Any = None) -> Callable[..., Any]:
    """A function of one tensor of any dtype.

    **Arguments:**
    - `kernel`: computes it.
    - `on_bool`: the kernel for bools, or `"int32"` if they are made that first.
    """

    def function(x):  # type: ignore[no-untyped-def]
        if on_bool is None:
            return kernel(tensor(x))
        given = without_bools(x) if on_bool == "int32" else tensor(x)
        return on_bool(given) if given.aval.dtype.is_bool else kernel(given)

    return function


def of_floats(kernel: Callable[[Any], Any], prepare: Callable[[Any], Any] = floats) -> Callable[..., Any]:
    """A function of one tensor whose integers and bools are made floats, by `prepare`."""
    return lambda x: kernel(prepare(x))


def binary(kernel: Callable[[Any, Any], Any], on_bool: Any = None, strict: tuple[int, ...] = ()) -> Callable[..., Any]:
    """A function of two tensors of the dtype they have together.

    **Arguments:**
    - `kernel`: computes it.
    - `on_bool`: as for `unary`.
    - `strict`: the positions in which a Python number has a dtype like a tensor's.
    """

    def function(x1, x2):  # type: ignore[no-untyped-def]
        first, second = common([tensor(each) if place in strict else each for place, each in enumerate((x1, x2))])
        if on_bool is None or not first.aval.dtype.is_bool:
            return kernel(first, second)
        if on_bool == "int32":
            return kernel(tensor(first, "int32"), tensor(second, "int32"))
        return on_bool(first, second)

    return function


def binary_of_floats(kernel: Callable[[Any, Any], Any], strict: bool = False) -> Callable[..., Any]:
    """A function of two tensors of the dtype they have together with Python's floats; `strict` is for both."""
    if strict:
        return lambda x1, x2: kernel(*common((tensor(x1), tensor(x2)), float))
    return lambda x1, x2: kernel(*common((x1, x2), float))


def logical(kernel: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """A function of two tensors taken as bools."""
    return lambda x1, x2: kernel(tensor(x1, "bool"), tensor(x2, "bool"))


def negated(x: Any) -> Any:
    """Whether elements are false."""
    return logical_not(tensor(x, "bool"))


BOTH = (0, 1)


def bitwise(
    kernel: Callable[[Any, Any], Any], on_bool: Any = None, strict: tuple[int, ...] = BOTH
) -> Callable[..., Any]:
    """As `binary`, under the parameter names of the functions of bits."""
    function = binary(kernel, on_bool, strict)
    return lambda x, y: function(x, y)


def reduction(kernel: Callable[..., Any], prepare: Callable[[Any], Any] = tensor) -> Callable[..., Any]:
    """A reduction.

    **Arguments:**
    - `kernel`: computes it of a tensor, an axis or axes (all for None), and whether they stay.
    - `prepare`: makes the tensor of what is passed.
    """
    return lambda x, axis=None, keepdims=False: kernel(prepare(x), axis, bool(keepdims))


def accumulation(kernel: Callable[..., Any], flatten: Callable[[Any], Any]) -> Callable[..., Any]:
    """A running reduction, of all elements as a vector without an axis."""

    def function(x, axis=None, dtype=None):  # type: ignore[no-untyped-def]
        given = without_bools(x) if dtype is None else tensor(x, dtype)
        return kernel(flatten(given), 0) if axis is None else kernel(given, axis)

    return function
