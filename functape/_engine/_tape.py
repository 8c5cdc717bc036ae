"""The log of a tape: which recordings it saw, and the gradients recorded from it."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any, NamedTuple

from functape._engine._avals import Aval
from functape._engine._cache import cache
from functape._engine._dependence import dependence
from functape._engine._evaluate import gradient_function
from functape._engine._gradient import (
    ENTER,
    EVENTS,
    EXIT,
    GRADIENT,
    RESET,
    WATCH,
    GradientPlan,
    GradientRequest,
    Ref,
    plan_gradient,
    watched_slots,
)
from functape._engine._recorder import (
    Cell,
    Recorder,
    Recording,
    local,
    record,
    record_multiple,
)
from functape._engine._state import Node, State, slot_avals
from functape._engine._tensor import BaseTensor

_serials = itertools.count()

NO_TAPE = -1
"""The index, in an event that only makes a value part of the recording."""


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


class TapeLog:
    """What one tape recorded: a stretch of the present recording, and segments of earlier ones.

    **Arguments:**
    - `watch_accessed`: whether reading a trainable variable watches it.
    """

    __slots__ = ("watch_accessed", "serial", "index", "home", "on", "used", "segments", "__weakref__")

    def __init__(self, watch_accessed: bool) -> None:
        self.watch_accessed = watch_accessed
        self.serial = next(_serials)
        self.index = -1
        self.home: Recording | None = None
        """The outputs of the recording in which `index` numbers this tape."""
        self.on = False
        self.used = False
        """Whether nothing more will be asked of it."""
        self.segments: list[Segment] = []

    # ---- events ----------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start or resume recording."""
        recorder = local.recorder
        if recorder.state.assigned and not recorder.open_tapes:
            recorder.flush("a step began while variables had pending values")
        self.on = True
        recorder.open_tapes.append(self)
        self.resume(recorder)

    def resume(self, recorder: Recorder) -> None:
        """Record that this tape is on."""
        if self.home is not recorder.outputs:
            self._join(recorder)
        recorder.event(ENTER, (self.index, self.watch_accessed))

    def _join(self, recorder: Recorder) -> None:
        """Become one of the tapes of the present recording."""
        self.home = recorder.outputs
        self.index = len(recorder.tapes)
        recorder.tapes.append(self)

    def stop(self) -> None:
        """Stop recording."""
        recorder = local.recorder
        self.on = False
        if recorder.open_tapes and recorder.open_tapes[-1] is self:
            recorder.open_tapes.pop()
        elif self in recorder.open_tapes:
            recorder.open_tapes.remove(self)
        if self.home is recorder.outputs:
            recorder.event(EXIT, (self.index,))

    def watch(self, tensor: Any) -> None:
        """Watch a tensor, or the present value of a variable."""
        recorder = local.recorder
        ref = tensor.slot if tensor.home is recorder.outputs else tensor.enter(recorder)
        recorder.event(WATCH, (self.index,), (ref,), ref if ref.__class__ is Aval else None)

    def reset(self) -> None:
        """Forget all that was recorded and watched."""
        self.segments = []
        recorder = local.recorder
        if self.home is recorder.outputs:
            recorder.event(RESET, (self.index,))

    def save(self, recorder: Recorder) -> None:
        """Keep the recording that is ending, so that a gradient can be replayed from its inputs."""
        self.segments.append(
            Segment(
                recorder.state,
                recorder.outputs,
                list(recorder.inputs),
                recorder.slots,
                recorder.kept,
                tuple(log.serial for log in recorder.tapes),
                recorder.aliases,
                _owners(recorder),
            )
        )

    def watched_cells(self) -> list[Cell]:
        """The cells whose values this tape watches, in the order in which it began to."""
        found: dict[int, Cell] = {}
        recorder = local.recorder
        stretches = [(part.state, part.tapes.index(self.serial), part.inputs, part.owners) for part in self.segments]
        if self.home is recorder.outputs:
            stretches.append((recorder.state, self.index, recorder.inputs, _owners(recorder)))
        for state, index, inputs, owners in stretches:
            for slot in watched_slots(state.path(), index):
                owner = owners.get(slot) if slot >= 0 else getattr(inputs[~slot], "variable", None)
                cell = None if owner is None else owner()
                if cell is not None:
                    found.setdefault(id(cell), cell)
        return list(found.values())

    # ---- gradients -------------------------------------------------------------------------------------------

    def gradient(self, targets: list[Any], sources: list[Any], seeds: list[Any], zero: bool) -> list[Any]:
        """Record the gradient of the sum of `targets` with respect to each of `sources`.

        **Arguments:**
        - `targets`: tensors or variables.
        - `sources`: tensors or variables.
        - `seeds`: for each target a tensor to weight it with, or None; empty for none at all.
        - `zero`: whether an unconnected source gets zeros.

        **Returns:** a tensor, or None where unconnected, for each source.
        """
        recorder = local.recorder
        if self.segments:
            # The tape's other recordings join this one, which then holds all it saw.
            replay(self, recorder)
        home = recorder.outputs
        if self.home is not home:
            self._join(recorder)
        target_refs = tuple([_ref(recorder, target) for target in targets])
        if Aval in map(type, target_refs):
            target_refs = tuple([_held(recorder, target, sources) for target in targets])
        # What entered the recording and was not assigned in it is found at once.
        known = recorder.slots
        source_refs: list[Any] = [known.get(id(each.tensor if isinstance(each, Cell) else each)) for each in sources]
        if recorder.assigned or recorder.aliases:
            source_refs = [_refs(recorder, source) for source in sources]
        elif None in source_refs:
            source_refs = [_ref(recorder, source) for source in sources]
        given: tuple[bool, ...] = ()
        entering: tuple[Any, ...] = ()
        if seeds:
            given = tuple(seed is not None for seed in seeds)
            seeds = [seed for seed in seeds if seed is not None]
            entering = tuple([s.slot if s.home is home else s.enter(recorder) for s in seeds])
        return record_gradient(recorder, (self.index, zero, target_refs, given, tuple(source_refs)), entering)


def _ref(recorder: Recorder, value: Any) -> Ref:
    """The slot of a tensor, or of a variable's present value; its aval if the recording does not hold it."""
    tensor = value.tensor if isinstance(value, Cell) else value
    home = tensor.home
    if home is recorder.outputs:
        return tensor.slot
    slot = recorder.slots.get(id(tensor))
    if slot is None and recorder.aliases and isinstance(home, Recording):
        slot = recorder.aliases.get((home, tensor.slot))
    return tensor.aval if slot is None else slot


def _dependence(plan: GradientPlan, state: State) -> tuple[frozenset[int], ...]:
    """For each gradient that ends in `state`, the positions of the inputs it varies with."""
    avals = slot_avals(state.path())
    node = state.node
    return dependence(gradient_function(plan), [avals[slot].struct for slot in node.refs])  # type: ignore[union-attr]


def _held(recorder: Recorder, target: Any, sources: list[Any]) -> Ref:
    """As `_ref`, but a target that is a source too is made part of the recording."""
    ref = _ref(recorder, target)
    if ref.__class__ is Aval and any(source is target for source in sources):
        recorder.event(WATCH, (NO_TAPE,), (target.enter(recorder),), target.aval)
        ref = _ref(recorder, target)
    return ref


def _refs(recorder: Recorder, value: Any) -> Ref | tuple[Ref, ...]:
    """Every slot under which a variable was read; otherwise as `_ref`."""
    if not isinstance(value, Cell):
        return _ref(recorder, value)
    slots = [
        ~index
        for index, tensor in enumerate(recorder.inputs)
        if (owner := getattr(tensor, "variable", None)) is not None and owner() is value
    ]
    slots += [slot for slot, owner in _owners(recorder).items() if owner() is value]
    # One slot is written as `_ref` writes it, so that a step is the same program whether or not a cell was assigned.
    return slots[0] if len(slots) == 1 else tuple(slots) or value.tensor.aval


def _owners(recorder: Recorder) -> dict[int, Any]:
    """For each output slot that is or was a cell's value, a weak reference to the cell."""
    tensors = enumerate(recorder.outputs)
    return recorder.owners | {slot: tensor.variable for slot, tensor in tensors if hasattr(tensor, "variable")}


def record_gradient(recorder: Recorder, request: tuple[Any, ...], entering: tuple[Any, ...]) -> list[Any]:
    """Record a gradient node.

    **Arguments:**
    - `recorder`: the thread's recorder.
    - `request`: what is asked: the fields of a `GradientRequest`.
    - `entering`: refs of the cotangents given for the targets.

    **Returns:** a tensor or None for each source.
    """
    key = (GRADIENT, request, entering)
    edge = recorder.state.get(key)
    if edge is None:
        edge = _add_gradient(recorder, key, GradientRequest(*request), entering)
    gradients = list(recorder.follow(edge))
    if cache.op_by_op and not recorder.replaying:
        recorder.flush("op by op")
    return gradients


def _add_gradient(recorder: Recorder, key: Any, request: GradientRequest, entering: tuple[Any, ...]) -> Any:
    """Plan a gradient node and add its edge to the trie."""
    state = recorder.state
    plan = plan_gradient(state.path(), request)
    entered = tuple(ref for ref in entering if ref.__class__ is Aval)
    count = state.inputs
    seeds = []
    for ref in entering:
        if ref.__class__ is int:
            seeds.append(ref)
        else:
            seeds.append(~count)
            count += 1
    avals = tuple(each for _, each in plan.sources)
    first = state.outputs
    outputs = tuple(range(first, first + len(avals)))
    node = Node(GRADIENT, plan, plan.reads + tuple(seeds), outputs, avals, entered)
    reached = iter(avals)
    made = tuple(next(reached) if each or request.zero else None for each in plan.connected)
    following = State(state, node)
    plan.dependence = partial(_dependence, plan, following)
    edge = (following, made, first)
    cache.add(state, key, edge)
    return edge


def replay(log: TapeLog, recorder: Recorder) -> None:
    """Record again, in the present recording, all that `log` saw in earlier ones.

    What was pending is run first, so that the new recording holds the replay and nothing that refers to values the
    replay computes anew.
    """
    recorder.flush("a tape is replayed")
    segments, log.segments = log.segments, []
    if log.home is not recorder.outputs:
        log._join(recorder)
    indices = {log.serial: log.index}
    made: dict[int, Any] = {}
    recorder.replaying = True
    try:
        for segment in segments:
            _Replay(recorder, segment, indices, made).run()
    finally:
        recorder.replaying = False
    if log.on:
        recorder.event(ENTER, (log.index, log.watch_accessed))


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
            if node.op.multiple:
                return record_multiple(node.op, node.statics, args)
            return (record(node.op, node.statics, args),)
        asked: GradientRequest = node.statics.request
        request = asked._replace(
            tape=self._tape(asked.tape),
            targets=tuple(self._request_ref(ref) for ref in asked.targets),
            sources=tuple(self._request_ref(ref) for ref in asked.sources),
        )
        seeds = tuple(self._ref(values[slot]) for slot in node.refs[len(node.statics.reads) :])
        gradients = record_gradient(self.recorder, request, seeds)
        return tuple(each for each in gradients if each is not None)

    def _tape(self, index: int) -> int:
        """The index here of a tape of the segment's."""
        if index == NO_TAPE:
            return index
        serial = self.segment.tapes[index]
        if serial not in self.indices:
            self.indices[serial] = len(self.recorder.tapes)
            stand_in = TapeLog(True)
            stand_in.used = True
            self.recorder.tapes.append(stand_in)
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
