"""How a layer finds the variables and layers among its attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functape._core._module import Module
from functape._core._variable import UnreadVariable, Variable


class Structure:
    """Counts the changes to any layer's structure, so that what is gathered from it can be kept until the next one."""

    __slots__ = ("version",)

    def __init__(self) -> None:
        self.version = 0


structure = Structure()


def changed() -> None:
    """Note that some layer has other weights, or other layers inside, than before."""
    structure.version += 1


class TrackedList(list[Any]):
    """A list among a layer's attributes: layers added to it later are found too."""


class TrackedDict(dict[Any, Any]):
    """A dict among a layer's attributes: layers added to it later are found too."""


def _noting(kind: type, name: str) -> Any:
    plain = getattr(kind, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        structure.version += 1
        return plain(self, *args, **kwargs)

    method.__name__, method.__doc__ = name, plain.__doc__
    return method


for _name in ("append", "extend", "insert", "pop", "remove", "clear", "sort", "reverse",
              "__setitem__", "__delitem__", "__iadd__"):  # fmt: skip
    setattr(TrackedList, _name, _noting(list, _name))
for _name in ("update", "pop", "popitem", "clear", "setdefault", "__setitem__", "__delitem__", "__ior__"):
    setattr(TrackedDict, _name, _noting(dict, _name))


def track(value: Any) -> Any:
    """What a layer keeps for an attribute's value: lists and dicts, also inside others, note their changes."""
    kind = type(value)
    if kind is list:
        return TrackedList([track(each) for each in value])
    if kind is dict:
        return TrackedDict({key: track(each) for key, each in value.items()})
    if kind is tuple and any(type(each) in (list, dict, tuple) for each in value):
        return tuple([track(each) for each in value])
    return value


def is_trackable(value: Any) -> bool:
    """Whether an attribute's value is searched for variables and layers."""
    if isinstance(value, tuple):
        return next(found_in(value), None) is not None
    return isinstance(value, Module | list | dict) or is_metric(value)


def is_metric(value: Any) -> bool:
    """Whether a value is a metric, whose state is not among the weights."""
    return hasattr(type(value), "update_state") and hasattr(type(value), "result")


def found_in(value: Any) -> Iterator[Any]:
    """The modules and variables in a tracked value."""
    if isinstance(value, Variable | Module) or is_metric(value):
        if not isinstance(value, UnreadVariable):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from found_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from found_in(each)
