"""A tape's recording as a graph: what depends on what, what the tape tracks, and where a gradient flows."""

from __future__ import annotations

from typing import Any

from functape._core._variable import Variable
from functape._engine._avals import Aval, Kind
from functape._engine._gradient import (
    ENTER,
    EVENTS,
    EXIT,
    GRADIENT,
    GradientRequest,
    plan_gradient,
    tracked_steps,
)
from functape._engine._gradient_node import NO_TAPE, held_ref, owners_of, ref_of, refs_of
from functape._engine._recorder import Cell, Recording, local
from functape._engine._state import Node, slot_avals
from functape._engine._tape import TapeLog


class View:
    """What a tape recorded, as seen from some targets and sources.

    **Arguments:**
    - `log`: the tape's log.
    - `targets`, `sources`: tensors and variables.
    """

    def __init__(self, log: TapeLog, targets: list[Any], sources: list[Any]) -> None:
        self.log = log
        self.home: Any = None
        self.names: dict[int, str] = {}
        """What variables and sources are called, by slot."""
        if log.used and log.home is not local.recorder.outputs:
            self._look_back(log, targets, sources)
        else:
            self._look(log, targets, sources)
        self.avals = slot_avals(self.nodes)
        self.makers = {slot: node for node in self.nodes for slot in node.outputs}
        self.steps, self.tracked = tracked_steps(self.nodes, self.index)
        self.seen = _seen(self.nodes, self.index)
        request = GradientRequest(
            self.index,
            False,
            tuple(_ref(slots, target) for slots, target in zip(self.targets, targets, strict=True)),
            (),
            tuple(_ref(slots, source) for slots, source in zip(self.sources, sources, strict=True)),
        )
        self.plan = plan_gradient(self.nodes, request) if targets and sources else None
        for place, (slots, source) in enumerate(zip(self.sources, sources, strict=True)):
            name = source.name if isinstance(source, Variable) else f"source {place}" if len(sources) > 1 else "source"
            self.names.update({slot: name for slot in slots if slot not in self.names})

    def _look(self, log: TapeLog, targets: list[Any], sources: list[Any]) -> None:
        """See what is pending; what has been run is recorded again first."""
        recorder = local.recorder
        if log.segments:
            log.replay_all()
        for target in targets:
            held_ref(recorder, target, sources)
        self.home, self.aliases = recorder.outputs, recorder.aliases
        self.index = log.index if log.home is recorder.outputs else NO_TAPE
        state = recorder.state
        self.nodes = state.path()
        self.targets = [_slots(ref_of(recorder, target)) for target in targets]
        self.sources = [_slots(refs) for refs in refs_of(recorder, sources)]
        owners = owners_of(recorder)
        for slot, tensor in enumerate(recorder.inputs):
            owner = getattr(tensor, "variable", None)
            self._name(~slot, owner)
        for slot, owner in owners.items():
            self._name(slot, owner)

    def _look_back(self, log: TapeLog, targets: list[Any], sources: list[Any]) -> None:
        """See the recording in which the tape was asked for its last gradient, of which nothing but names is left."""
        self.index, self.home, self.aliases = log.index, log.home, log.aliases
        self.nodes = [] if log.state is None else log.state.path()
        asked = self.nodes[-1].statics.request if self.nodes and self.nodes[-1].op is GRADIENT else None

        def slots(value: Any, among: tuple[Any, ...], place: int, count: int) -> tuple[int, ...]:
            tensor = value.tensor if isinstance(value, Cell) else value
            if tensor.home is log.home:
                return (tensor.slot,)
            found = self._alias(tensor.home, tensor.slot if isinstance(tensor.home, Recording) else -1)
            found = log.slots.get(id(tensor)) if found is None else found
            if found is None and isinstance(value, Cell) and len(among) == count:
                return _slots(among[place])
            return () if found is None else (found,)

        among = (asked.targets, asked.sources) if asked else ((), ())
        self.targets = [slots(each, among[0], place, len(targets)) for place, each in enumerate(targets)]
        self.sources = [slots(each, among[1], place, len(sources)) for place, each in enumerate(sources)]

    def _name(self, slot: int, owner: Any) -> None:
        cell = None if owner is None else owner()
        if cell is not None and hasattr(cell, "name"):
            self.names[slot] = cell.name

    def _alias(self, home: Any, slot: int) -> int | None:
        """The slot of a value that another recording made."""
        if not isinstance(home, Recording):
            return None
        return slot if home is self.home else self.aliases.get((home, slot))

    # ---- questions -------------------------------------------------------------------------------------------

    def ancestors(self, slots: set[int]) -> set[int]:
        """The slots that values in `slots` are computed from, themselves included."""
        found = set(slots)
        for node in reversed(self.nodes):
            if not found.isdisjoint(node.outputs):
                found.update(node.refs)
        return found

    def descendants(self, slots: set[int]) -> set[int]:
        """The slots that are computed from values in `slots`, themselves included."""
        found = set(slots)
        for node in self.nodes:
            if node.op not in EVENTS and not found.isdisjoint(node.refs):
                found.update(node.outputs)
        return found

    def read_at(self, slots: set[int], value: Any) -> str:
        """The line where a value in one of `slots`, or `value` itself, was read under the tape; empty for none."""
        for home, slot, owner, line in self.log.reads:
            if self._alias(home, slot) in slots:
                return line
            tensor = value.tensor if isinstance(value, Cell) else value
            if (home, slot) == (tensor.home, getattr(tensor, "slot", -1)) and isinstance(home, Recording):
                return line
            if owner is not None and owner() is value:
                return line
        return ""

    def enters(self, slot: int) -> Node | None:
        """The node with which a value from outside entered."""
        return next((node for node in self.nodes if slot in node.refs), None)

    def describe(self, slot: int) -> str:
        """A name for the value in a slot."""
        name = self.names.get(slot)
        if name is not None:
            return name
        each = self.avals[slot]
        if slot >= 0:
            return f"%{slot}"
        return "number" if each.kind is Kind.SCALAR else "state" if each.kind is Kind.TREE else "constant"

    def what(self, node: Node) -> str:
        """An op with its inputs."""
        inputs = [slot for slot in node.refs if self.avals[slot].kind is not Kind.TREE]
        return f"{node.op.name}({', '.join(map(self.describe, inputs))})"


def _slots(ref: Any) -> tuple[int, ...]:
    refs = ref if ref.__class__ is tuple else (ref,)
    return tuple(each for each in refs if each.__class__ is int)


def _ref(slots: tuple[int, ...], value: Any) -> Any:
    if not slots:
        return value.aval
    return slots[0] if len(slots) == 1 else slots


def _seen(nodes: list[Node], index: int) -> set[Node]:
    """The nodes recorded while the tape was on."""
    on = False
    seen: set[Node] = set()
    for node in nodes:
        if node.op in (ENTER, EXIT) and node.statics[0] == index:
            on = node.op is ENTER
        elif on and node.op not in EVENTS:
            seen.add(node)
    return seen


def shape_of(each: Aval) -> str:
    """A value's dtype and shape, as they are written."""
    return "state" if each.kind is Kind.TREE else repr(each)
