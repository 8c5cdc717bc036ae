"""Recording again what earlier recordings held, so that a gradient can be taken of all of it."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

from functape._engine._avals import Aval
from functape._engine._effects import without_effects
from functape._engine._gradient import EVENTS, GRADIENT, GradientRequest
from functape._engine._gradient_node import replay_gradient
from functape._engine._recorder import Recorder, Recording, record, record_multiple
from functape._engine._state import Node, State
from functape._engine._tensor import BaseTensor


class Segment(NamedTuple):
    """A recording that ended while a tape still needed it."""

    state: State
    home: Recording
    inputs: list[Any]
    slots: dict[int, int]
    kept: list[BaseTensor]
    tapes: tuple[int, ...]
    """Serial numbers of the tapes that recorded here, by index."""
    aliases: dict[tuple[Recording, int], int]
    """Slot here of each value that was replayed from an earlier recording, by its place there."""
    owners: dict[int, Any]
    """For each output slot given to a cell, a weak reference to the cell."""


class StandIn:
    """Takes the place of a tape in a recording that replays what it saw; nothing is asked of it."""

    __slots__ = ("serial",)

    used = True

    def __init__(self, serial: int) -> None:
        self.serial = serial


known_logs: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
"""By serial number, the logs of tapes around accumulators: what these are asked for later counts as part of what the
tapes saw, also if it is recorded in a replay."""


def replay(recorder: Recorder, segments: Sequence[Segment], indices: dict[int, int]) -> None:
    """Record `segments` again, in the present recording.

    **Arguments:**
    - `recorder`: the thread's recorder.
    - `segments`: in the order in which they were recorded.
    - `indices`: index in the present recording of each tape, by serial number; added to.
    """
    made: dict[int, Any] = {}
    recorder.replaying = True
    try:
        for segment in segments:
            _Replay(recorder, segment, indices, made).run()
    finally:
        recorder.replaying = False


class _Replay:
    """The replay of one segment.

    **Arguments:**
    - `recorder`: the thread's recorder.
    - `segment`: what to replay.
    - `indices`: index in the present recording of each tape, by serial number; added to.
    - `made`: what was replayed so far, by slot in the present recording; added to.
    """

    def __init__(self, recorder: Recorder, segment: Segment, indices: dict[int, int], made: dict[int, Any]) -> None:
        self.recorder = recorder
        self.segment = segment
        self.indices = indices
        self.made = made
        self.values: dict[int, Any] = {}
        """What stands for each of the segment's slots."""
        scalars = {segment.slots[id(tensor)]: tensor for tensor in segment.kept}
        for index, value in enumerate(segment.inputs):
            tensor = scalars.get(~index, value)
            self.values[~index] = self._known(tensor) if isinstance(tensor, BaseTensor) else tensor
        # A value that the segment had itself replayed, and that has been replayed here already, is the same value.
        for place, slot in segment.aliases.items():
            known = recorder.aliases.get(place)
            if known is not None:
                self.values[slot] = made[known]

    def _known(self, tensor: BaseTensor) -> Any:
        if not isinstance(tensor.home, Recording):
            return tensor
        slot = self.recorder.aliases.get((tensor.home, tensor.slot))
        return tensor if slot is None else self.made[slot]

    def run(self) -> None:
        """Record the segment's nodes, and note what its values are called here."""
        segment, recorder, values = self.segment, self.recorder, self.values
        for node in segment.state.path():
            if node.op in EVENTS:
                self._event(node)
            elif not all(slot in values for slot in node.outputs):
                values.update(zip(node.outputs, self._record(node), strict=True))
                made = recorder.state.node
                if made is not None and made.op is node.op:
                    made.line = node.line
        places = {(segment.home, slot): slot for slot in values if slot >= 0} | segment.aliases
        for place, slot in places.items():
            known = self._slot(values[slot])
            recorder.aliases[place] = known
            self.made[known] = values[slot]
        for slot, owner in segment.owners.items():
            recorder.owners[values[slot].slot] = owner

    def _event(self, node: Node) -> None:
        index = self._tape(node.statics[0])
        refs = tuple(self._ref(self.values[slot]) for slot in node.refs)
        entered = next((ref for ref in refs if ref.__class__ is Aval), None)
        self.recorder.event(node.op, (index, *node.statics[1:]), refs, entered)

    def _record(self, node: Node) -> tuple[Any, ...]:
        values = self.values
        if node.op is not GRADIENT:
            args = tuple(values[slot] for slot in node.refs)
            statics = node.statics
            if node.op.effects is not None and node.op.effects(*statics):
                statics = without_effects(statics)
            if node.op.multiple:
                return record_multiple(node.op, statics, args)
            return (record(node.op, statics, args),)
        asked: GradientRequest = node.statics.request
        request = asked._replace(
            tape=self._tape(asked.tape),
            targets=tuple(self._request_ref(ref) for ref in asked.targets),
            sources=tuple(self._request_ref(ref) for ref in asked.sources),
            stopped=tuple(self._request_ref(ref) for ref in asked.stopped),
        )
        seeds = tuple(self._ref(values[slot]) for slot in node.refs[len(node.statics.reads) :])
        return replay_gradient(self.recorder, request, seeds)

    def _tape(self, index: int) -> int:
        """The index here of a tape of the segment's."""
        if index < 0:
            return index
        serial = self.segment.tapes[index]
        if serial not in self.indices:
            self.indices[serial] = len(self.recorder.tapes)
            self.recorder.tapes.append(known_logs.get(serial) or StandIn(serial))
        return self.indices[serial]

    def _ref(self, value: Any) -> Any:
        return value.slot if value.home is self.recorder.outputs else value.enter(self.recorder)

    def _slot(self, value: Any) -> int:
        ref = self._ref(value)
        return ref if ref.__class__ is int else self.recorder.slots[id(value)]

    def _request_ref(self, ref: Any) -> Any:
        if ref.__class__ is tuple:
            return tuple(self._request_ref(each) for each in ref)
        return self._slot(self.values[ref]) if ref.__class__ is int else ref
