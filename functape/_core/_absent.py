"""Attributes that people look for on a tensor and that it does not have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Absent:
    """Looking this attribute up is an `AttributeError` that says what to use instead.

    A `__getattr__` would do, but would slow down the look-up of every attribute of the class, and those of tensors are
    the recorder's hot path.

    **Arguments:**
    - `message`: makes the text of the error from the object.
    """

    __slots__ = ("_message", "_name")

    def __init__(self, message: Callable[[Any], str]) -> None:
        self._message = message

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute {self._name!r}")  # type: ignore[union-attr]
        raise AttributeError(self._message(instance), name=self._name, obj=instance)
