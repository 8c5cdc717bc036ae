"""Public functions made from op rows: one table entry each, instead of one copy of the same wrapper each."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record, record_one

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


_INPUTS = {2: "`{}` is", 3: "`{}` or `{}` are", 4: "`{}` is", 5: "`{}` is"}


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
        return record_one(op, (), x)

    return dressed(
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
    return dressed(
        function, (first, second, "name"), name, purpose, example, alias, described, "a tensor of the broadcast shape."
    )


def reduction(op: Op, as_axes: Callable[[Any], Any], name: str, purpose: str, example: str) -> Any:
    """The public function of a reduction's row.

    **Arguments:**
    - `op`: the row; its attributes are `axis` and `keepdims`.
    - `as_axes`: makes the attribute of what users pass as `axis`.
    - `name`, `purpose`, `example`: as for `unary`.
    """

    def function(input_tensor: Any, axis: Any = None, keepdims: bool = False, name: str | None = None) -> Any:
        if axis is None and not keepdims:
            return record_one(op, _WHOLE, input_tensor)
        return record_one(op, (as_axes(axis), bool(keepdims)), input_tensor)

    described = [
        "- `input_tensor`: a tensor of any shape.",
        "- `axis`: the axes to reduce over: an int, a list or a tensor; all by default.",
        "- `keepdims`: whether those axes stay, with length 1.",
    ]
    returns = "a tensor without the axes reduced over."
    return dressed(
        function, ("input_tensor", "axis", "keepdims", "name"), name, purpose, example, "tf.math", described, returns
    )


_WHOLE = (None, False)


def dressed(
    function: Callable[..., Any],
    parameters: tuple[str, ...],
    name: str,
    purpose: str,
    example: str,
    alias: str,
    arguments: list[str],
    returns: str,
) -> Any:
    """`function` under TensorFlow's parameter names, with its documentation.

    **Arguments:**
    - `function`: takes its arguments under any names.
    - `parameters`: TensorFlow's names of them.
    - `name`, `purpose`, `example`, `alias`: as for `unary`.
    - `arguments`: a line on each parameter but `name`.
    - `returns`: what it returns.
    """
    assert isinstance(function, FunctionType)
    code = function.__code__
    function.__code__ = code.replace(co_varnames=(*parameters, *code.co_varnames[len(parameters) :]))
    function.__name__ = function.__qualname__ = name
    annotations = {"name": "str | None", "keepdims": "bool", "return": Any}
    function.__annotations__ = {each: annotations.get(each, Any) for each in (*parameters, "return")}
    function.__doc__ = f"{purpose} (`{alias}.{name}`).\n" + _ARGUMENTS.format(
        arguments="\n".join(arguments),
        returns=returns,
        parameters=_INPUTS[len(parameters)].format(*parameters),
        example=example,
    )
    return function
