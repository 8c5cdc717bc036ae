"""What stands for a variable that has no value yet, so that blocks of a program can be functions of all they touch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Undefined:
    """Stands for a local variable that was not assigned."""

    __slots__ = ("symbol_name",)

    def __init__(self, symbol_name: str) -> None:
        self.symbol_name = symbol_name

    def read(self) -> Any:
        """Raise what Python raises for the variable."""
        raise UnboundLocalError(f"'{self.symbol_name}' is used before assignment")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self.read()

    def __getitem__(self, index: Any) -> Any:
        return self.read()

    def __repr__(self) -> str:
        return f"<undefined {self.symbol_name}>"


class UndefinedReturnValue:
    """Stands for the value of a function that has not returned."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<no return value>"


def is_undefined(value: Any) -> bool:
    """Whether `value` stands for a variable or a return value that is not there."""
    return value.__class__ is Undefined or value.__class__ is UndefinedReturnValue


def ld(value: Any) -> Any:
    """The value of a variable that is read.

    **Raises:** `UnboundLocalError` if it was not assigned.
    """
    return value.read() if value.__class__ is Undefined else value


def ldu(load: Callable[[], Any], name: str) -> Any:
    """The value of an attribute or item, or an `Undefined` if it is not there."""
    try:
        return load()
    except (KeyError, IndexError, AttributeError, NameError):
        return Undefined(name)
