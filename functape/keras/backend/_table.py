"""Making the backend's functions from a table: a line of purpose and an expression each."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

_TEXT = "{purpose} (`tf.keras.backend.{name}`).\n\nThe arguments are those of Keras: `{signature}`.\n"


def described(table: dict[str, tuple[str, Callable[..., Any]]], module: str) -> dict[str, Callable[..., Any]]:
    """Functions under the names they have in the table, with their documentation.

    **Arguments:**
    - `table`: for each name a sentence without its full stop, and the function under Keras's parameter names.
    - `module`: the public module.
    """
    for name, (purpose, function) in table.items():
        assert isinstance(function, FunctionType)
        function.__name__ = function.__qualname__ = name
        function.__module__ = module
        parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
        function.__doc__ = _TEXT.format(purpose=purpose, name=name, signature=", ".join(parameters))
    return {name: function for name, (_, function) in table.items()}
