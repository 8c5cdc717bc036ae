"""Public functions made from op rows: one table entry each, instead of one copy of the same wrapper each."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record

_ARGUMENTS = """
**Arguments:**
{arguments}
- `name`: accepted for compatibility; ops have no names here.

**Returns:** {returns}

**Raises:** TensorFlow's error where {parameters} of a dtype or shape the op does not take.

```python
>>> import functape as tf
>>> {example}

```
"""


def unary(op: Op, name: str, purpose: str, example: str, parameter: str = "x", alias: str = "tf.math") -> Any:
    """The public function of a one-input row.

    **Arguments:**
    - `op`: the row; without attributes.
    - `name`: the function's name.
    - `purpose`: one sentence on what it computes, without the full stop.
    - `example`: a doctest: an expression and, on the next line, what it prints.
    - `parameter`: what TensorFlow calls the input.
    - `alias`: the module under which TensorFlow has it.
    """

    def function(x: Any, name: str | None = None) -> Any:
        return record(op, (), (x,))

    return _dressed(
        function, (parameter, "name"), name, purpose, example, alias, [f"- `{parameter}`: a tensor of any shape."],
        f"a tensor of the shape of `{parameter}`.",
    )  # fmt: skip


def binary(
    op: Op, name: str, purpose: str, example: str, parameters: tuple[str, str] = ("x", "y"), alias: str = "tf.math"
) -> Any:
    """The public function of a two-input elementwise row; as `unary` otherwise."""

    def function(x: Any, y: Any, name: str | None = None) -> Any:
        return record(op, (), (x, y))

    first, second = parameters
    described = [f"- `{first}`: a tensor.", f"- `{second}`: a tensor of its dtype whose shape broadcasts with it."]
    return _dressed(
        function, (first, second, "name"), name, purpose, example, alias, described, "a tensor of the broadcast shape."
    )


def _dressed(
    function: Callable[..., Any],
    parameters: tuple[str, ...],
    name: str,
    purpose: str,
    example: str,
    alias: str,
    arguments: list[str],
    returns: str,
) -> Any:
    """`function` under TensorFlow's parameter names, with its documentation."""
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_varnames=parameters)
    function.__name__ = function.__qualname__ = name
    function.__annotations__ = {parameter: Any for parameter in parameters[:-1]} | {"name": "str | None", "return": Any}
    function.__doc__ = f"{purpose} (`{alias}.{name}`).\n" + _ARGUMENTS.format(
        arguments="\n".join(arguments),
        returns=returns,
        parameters=" or ".join(f"`{parameter}`" for parameter in parameters[:-1]) + (" is" if len(parameters) == 2 else " are"),
        example=example,
    )
    return function
