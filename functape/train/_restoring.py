"""Giving saved values to objects: to those that exist at once, to those made later when they are made."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from functape._core._deferred import await_parts
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype
from functape._engine._errors import InvalidArgumentError
from functape.train._objects import children, slots
from functape.train._reader import CheckpointReader
from functape.train._saving import STATE, VALUE

_CONTAINERS = (list, tuple, Mapping)


class Restoration:
    """One checkpoint being given to objects.

    **Arguments:**
    - `reader`: of the checkpoint.
    - `with_slots`: whether optimizers get their slots.
    """

    def __init__(self, reader: CheckpointReader, with_slots: bool = True) -> None:
        self.nodes = reader.nodes
        self._values = reader.values()
        self._with_slots = with_slots
        self._objects: dict[int, Callable[[], Any]] = {}
        """By number the objects that were found; they are not kept alive."""
        self._numbers: dict[int, int] = {}
        self.given: set[str] = set()
        """The names of the values that were given to an object."""
        self.slotted: set[int] = set()
        """The ids of slots that were given their value."""

    def found(self) -> list[tuple[int, Any]]:
        """The objects that were found and still exist, by number."""
        known = ((number, reference()) for number, reference in list(self._objects.items()))
        return [(number, value) for number, value in known if value is not None]

    def number_of(self, value: Any) -> int | None:
        """The number an object was found under."""
        number = self._numbers.get(id(value))
        return number if number is not None and self._objects[number]() is value else None

    def bind(self, value: Any, number: int) -> None:
        """Give an object, and all that is reached from it, what is saved under a number."""
        pending, bound = [(value, number)], []
        while pending:
            owner, at = pending.pop()
            if not isinstance(owner, _CONTAINERS) and (at in self._objects or self.number_of(owner) is not None):
                # The first way that leads to an object decides. Lists are gone through again: they may have grown.
                continue
            self._objects[at] = _reference(owner)
            self._numbers[id(owner)] = at
            self._give(owner, self.nodes[at])
            pending += self._matched(owner, at)
            bound.append((owner, at))
        for owner, at in bound:
            if not isinstance(owner, _CONTAINERS):
                await_if(self, owner, at)

    def _matched(self, owner: Any, at: int) -> list[tuple[Any, int]]:
        wanted = self.nodes[at]["children"]
        parts = children(owner)
        return [(parts[name], number) for name, number in wanted.items() if name in parts]

    def misses(self, at: int) -> bool:
        """Whether parts of an object that was found, or slots of an optimizer, are still missing."""
        node = self.nodes[at]
        for number in node["children"].values():
            reference = self._objects.get(number)
            if reference is None or isinstance(reference(), _CONTAINERS) and self.misses(number):
                return True
        return any(key not in self.given for _, _, key in self._slots_of(node))

    def new_parts(self, owner: Any, at: int) -> bool:
        """Look at an object again; returns whether parts of it are still missing."""
        for part, number in self._matched(owner, at):
            self.bind(part, number)
        self._give_slots(owner, self.nodes[at])
        return self.misses(at)

    def look_again(self) -> None:
        """Look at all objects again."""
        for number, owner in self.found():
            if self.misses(number):
                self.new_parts(owner, number)

    def _slots_of(self, node: dict[str, Any]) -> list[Any]:
        return node.get("slots", []) if self._with_slots else []

    # ---- values ----------------------------------------------------------------------------------------------

    def _give(self, owner: Any, node: dict[str, Any]) -> None:
        held = node.get("values", {})
        if VALUE in held and isinstance(owner, Variable):
            give(owner, self._values[held[VALUE]], held[VALUE])
            self.given.add(held[VALUE])
        elif STATE in held and hasattr(owner, "_restore_checkpoint_state"):
            owner._restore_checkpoint_state(self._values[held[STATE]])
            self.given.add(held[STATE])
        self._give_slots(owner, node)

    def _give_slots(self, owner: Any, node: dict[str, Any]) -> None:
        wanted = {(number, name): key for number, name, key in self._slots_of(node) if key not in self.given}
        if not wanted:
            return
        for slot in slots(owner):
            number = self.number_of(slot.variable)
            key = None if number is None else wanted.get((number, slot.name))
            if key is not None:
                give(slot.value, self._values[key], key)
                self.given.add(key)
                self.slotted.add(id(slot.value))

    # ---- what is left ----------------------------------------------------------------------------------------

    def left(self) -> list[str]:
        """The names of saved values that no object has taken."""
        keys = [key for node in self.nodes for key in node.get("values", {}).values()]
        keys += [key for node in self.nodes for _, _, key in self._slots_of(node)]
        return [key for key in keys if key not in self.given]


def give(variable: Any, value: Any, name: str) -> None:
    """Give a variable a saved value, also while a function is being traced.

    **Raises:** `ValueError` for another shape, `InvalidArgumentError` for another dtype; the variable keeps its value.
    """
    from functape.function import init_scope

    array = np.asarray(value, object) if isinstance(value, bytes) else np.asarray(value)
    found = "string" if array.dtype == object else as_dtype(array.dtype.type).name
    if found != variable.dtype.name:
        raise InvalidArgumentError(
            message=f"tensor_name = {name}; expected dtype {variable.dtype.name} does not equal original dtype {found}"
        )
    if not variable.shape.is_compatible_with(array.shape):
        raise ValueError(
            f"Received incompatible tensor with shape {array.shape} when attempting to restore variable with shape "
            f"{variable.shape} and name {variable.name}."
        )
    with init_scope():
        variable.assign(array[()] if array.dtype == object and not array.ndim else array)


def await_if(restoration: Restoration, owner: Any, number: int) -> None:
    """Wait for an object's parts if any are missing, and if it can tell when it gets one."""
    if restoration.misses(number) and isinstance(_reference(owner), weakref.ref):
        await_parts(owner, lambda value: restoration.new_parts(value, number))


def _reference(value: Any) -> Callable[[], Any]:
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value
