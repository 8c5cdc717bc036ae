"""Writing the object graph of a checkpoint."""

from __future__ import annotations

from typing import Any

from functape._core._variable import Variable
from functape.train._objects import Found, graph, slots

VALUE = "VARIABLE_VALUE"
STATE = "OBJECT_STATE"


def _escaped(name: str) -> str:
    return name.replace(".", "..").replace("/", ".S")


def _key(path: tuple[str, ...], attribute: str) -> str:
    return "/".join([*map(_escaped, path), ".ATTRIBUTES", attribute])


def described(root: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a checkpoint of an object holds.

    **Returns:** the object graph, a list of nodes of which the first is the root, and the values by name. The names
    are TensorFlow's: the path through the object graph, then `.ATTRIBUTES/VARIABLE_VALUE`.
    """
    found = graph(root)
    numbers = {id(each.value): number for number, each in enumerate(found)}
    values: dict[str, Any] = {}
    nodes = []
    for each in found:
        node: dict[str, Any] = {"children": each.children}
        if isinstance(each.value, Variable):
            key = _key(each.path, VALUE)
            values[key] = each.value.numpy()
            node |= {"values": {VALUE: key}, "name": each.value.name.removesuffix(":0")}
        elif hasattr(each.value, "_checkpoint_state"):
            key = _key(each.path, STATE)
            values[key] = each.value._checkpoint_state()
            node["values"] = {STATE: key}
        held = _slots(each, found, numbers, values)
        if held:
            node["slots"] = held
        nodes.append(node)
    return nodes, values


def _slots(owner: Found, found: list[Found], numbers: dict[int, int], values: dict[str, Any]) -> list[Any]:
    """An optimizer's slots of variables that are saved too."""
    held = []
    for slot in slots(owner.value):
        number = numbers.get(id(slot.variable))
        if number is None:
            continue
        path = (*found[number].path, *owner.path, slot.name)
        at = len(found[number].path)
        key = "/".join([*map(_escaped, path[:at]), ".OPTIMIZER_SLOT", *map(_escaped, path[at:]), ".ATTRIBUTES", VALUE])
        values[key] = slot.value.numpy()
        held.append([number, slot.name, key])
    return held
