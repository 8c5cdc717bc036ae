"""The log of a tape: which recordings it saw, and the gradients recorded from it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._cache import cache
from functape._engine._gradient import ENTER, EXIT, GRADIENT, RESET, WATCH, GradientRequest, Ref, plan_gradient
from functape._engine._recorder import (
    Cell,
    Recorder,
    Recording,
    local,
    new_tensor,
    record,
    record_multiple,
)
from functape._engine._state import Node, State
from functape._engine._tensor import BaseTensor

class Segment(NamedTuple):
    """A recording that ended while a tape still needed it."""

    state: State
    home: Recording
    inputs: list[Any]
    slots: dict[int, int]
    kept: list[BaseTensor]
    index: int
    """Which of the recording's tapes this one was."""
    aliases: dict[tuple[Recording, int], int]
    """Slot here of each value that was replayed from an earlier recording, by its place there."""
    owners: dict[int, Any]
    """For each output slot given to a cell, a weak reference to the cell."""


class TapeLog:
    """What one tape recorded: a stretch of the present recording, and segments of earlier ones.

    **Arguments:**
    - `watch_accessed`: whether reading a trainable variable watches it.
    """

    __slots__ = ("watch_accessed", "index", "home", "on", "used", "segments", "aliases", "owners", "__weakref__")

    def __init__(self, watch_accessed: bool) -> None:
        self.watch_accessed = watch_accessed
        self.index = -1
        self.home: Recording | None = None
        """The outputs of the recording in which `index` numbers this tape."""
        self.on = False
        self.used = False
        """Whether nothing more will be asked of it."""
        self.segments: list[Segment] = []
        self.aliases: dict[tuple[Recording, int], int] = {}
        self.owners: dict[int, Any] = {}

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
            self.home = recorder.outputs
            self.index = len(recorder.tapes)
            recorder.tapes.append(self)
        recorder.event(ENTER, (self.index, self.watch_accessed))

    def stop(self) -> None:
        """Stop recording."""
        recorder = local.recorder
        self.on = False
        if self in recorder.open_tapes:
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
        self.segments, self.aliases, self.owners = [], {}, {}
        recorder = local.recorder
        if self.home is recorder.outputs:
            recorder.event(RESET, (self.index,))

    def save(self, recorder: Recorder) -> None:
        """Keep the recording that is ending, so that a gradient can be replayed from its inputs."""
        self.segments.append(
            Segment(
                recorder.state,
                recorder.outputs,
                recorder.inputs,
                recorder.slots,
                recorder.kept,
                self.index,
                self.aliases,
                _owners(recorder.outputs) | self.owners,
            )
        )
        self.aliases = {}
        self.owners = {}

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
        home = self.home
        if home is not recorder.outputs:
            return [zeros_like(source) if zero else None for source in sources]
        target_refs = tuple([self._ref(recorder, target) for target in targets])
        if recorder.assigned or self.owners:
            source_refs: tuple[Any, ...] = tuple([self._refs(recorder, source) for source in sources])
        else:
            source_refs = tuple([self._ref(recorder, source) for source in sources])
        given: tuple[bool, ...] = ()
        entering: tuple[Any, ...] = ()
        if seeds:
            given = tuple(seed is not None for seed in seeds)
            seeds = [seed for seed in seeds if seed is not None]
            entering = tuple([s.slot if s.home is home else s.enter(recorder) for s in seeds])
        key = (GRADIENT, self.index, zero, target_refs, given, source_refs, entering)
        edge = recorder.state.get(key)
        if edge is None:
            request = GradientRequest(self.index, zero, target_refs, given, source_refs)
            edge = add_gradient(recorder, key, request, entering)
        return list(recorder.follow(edge))

    def _ref(self, recorder: Recorder, value: Any) -> Ref:
        """The slot of a tensor, or of a variable's present value; its aval if the recording does not hold it."""
        tensor = value.tensor if isinstance(value, Cell) else value
        home = tensor.home
        if home is recorder.outputs:
            return tensor.slot
        slot = recorder.slots.get(id(tensor))
        if slot is None and self.aliases and home:
            slot = self.aliases.get((home, tensor.slot))
        return tensor.aval if slot is None else slot

    def _refs(self, recorder: Recorder, value: Any) -> Ref | tuple[Ref, ...]:
        """Every slot under which a variable was read; otherwise as `_ref`."""
        if not isinstance(value, Cell):
            return self._ref(recorder, value)
        slots = [
            ~index
            for index, tensor in enumerate(recorder.inputs)
            if (owner := getattr(tensor, "variable", None)) is not None and owner() is value
        ]
        slots += [slot for slot, owner in _owners(recorder.outputs).items() if owner() is value]
        slots += [slot for slot, owner in self.owners.items() if owner() is value]
        return tuple(dict.fromkeys(slots)) or value.tensor.aval


def _owners(outputs: Recording) -> dict[int, Any]:
    return {slot: tensor.variable for slot, tensor in enumerate(outputs) if hasattr(tensor, "variable")}


def add_gradient(recorder: Recorder, key: Any, request: GradientRequest, entering: tuple[Any, ...]) -> Any:
    """Plan a gradient node and add it to the trie.

    **Arguments:**
    - `recorder`: the thread's recorder.
    - `key`: the new edge's key.
    - `request`: what is asked.
    - `entering`: refs of the cotangents given for the targets.

    **Returns:** the edge.
    """
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
    edge = (State(state, node), made, first)
    cache.add(state, key, edge)
    return edge


def zeros_like(value: Any) -> BaseTensor:
    """A tensor of zeros with the shape and dtype of a tensor or variable."""
    source = value.tensor if isinstance(value, Cell) else value
    tensor = new_tensor()
    tensor.aval = source.aval.as_kind(Kind.ARRAY)
    tensor.home = None
    tensor.value = np.zeros(tensor.aval.shape, tensor.aval.dtype.as_numpy_dtype)
    return tensor


def replay(log: TapeLog, recorder: Recorder) -> None:
    """Record again, in the present recording, all that `log` saw in earlier ones.

    What was pending is run first, so that the new recording holds the replay and nothing that refers to values the
    replay computes anew.
    """
    recorder.flush("a tape is replayed")
    segments, log.segments = log.segments, []
    if log.home is not recorder.outputs:
        log.home = recorder.outputs
        log.index = len(recorder.tapes)
        recorder.tapes.append(log)
    aliases: dict[tuple[Recording, int], int] = {}
    made: dict[int, BaseTensor] = {}
    log.owners = {}
    for segment in segments:
        _replay_segment(segment, log, recorder, aliases, made)
    log.aliases = aliases
    if log.on:
        recorder.event(ENTER, (log.index, log.watch_accessed))


def _replay_segment(
    segment: Segment,
    log: TapeLog,
    recorder: Recorder,
    aliases: dict[tuple[Recording, int], int],
    made: dict[int, BaseTensor],
) -> None:
    """Replay one segment.

    **Arguments:**
    - `aliases`: slot in the present recording of each earlier place; added to.
    - `made`: tensor by slot in the present recording; added to.
    """
    scalars = {segment.slots[id(tensor)]: tensor for tensor in segment.kept}
    indices = {segment.index: log.index}
    values: dict[int, Any] = {}
    for index, value in enumerate(segment.inputs):
        tensor = scalars.get(~index, value)
        known = None
        if isinstance(tensor, BaseTensor) and tensor.home:
            known = aliases.get((tensor.home, tensor.slot))
        values[~index] = tensor if known is None else made[known]

    def tape(index: int) -> int:
        if index not in indices:
            indices[index] = len(recorder.tapes)
            recorder.tapes.append(TapeLog(True))
        return indices[index]

    def ref(value: Any) -> Any:
        return value.slot if value.home is recorder.outputs else value.enter(recorder)

    def request_ref(slot: Any) -> Any:
        if slot.__class__ is tuple:
            return tuple(request_ref(each) for each in slot)
        if slot.__class__ is not int:
            return slot
        found = ref(values[slot])
        return found if found.__class__ is int else recorder.slots[id(values[slot])]

    for node in segment.state.path():
        op = node.op
        if op is ENTER:
            recorder.event(ENTER, (tape(node.statics[0]), node.statics[1]))
        elif op is EXIT or op is RESET:
            recorder.event(op, (tape(node.statics[0]),))
        elif op is WATCH:
            entering = ref(values[node.refs[0]])
            aval = entering if entering.__class__ is Aval else None
            recorder.event(WATCH, (tape(node.statics[0]),), (entering,), aval)
        elif op is GRADIENT:
            old: GradientRequest = node.statics.request
            request = GradientRequest(
                tape(old.index),
                old.zero,
                tuple(request_ref(each) for each in old.targets),
                old.given,
                tuple(request_ref(each) for each in old.sources),
            )
            seeds = tuple(ref(values[slot]) for slot in node.refs[len(node.statics.reads) :])
            key = (GRADIENT, request.index, request.zero, request.targets, request.given, request.sources, seeds)
            edge = recorder.state.get(key) or add_gradient(recorder, key, request, seeds)
            made_here = [each for each in recorder.follow(edge) if each is not None]
            values.update(zip(node.outputs, made_here, strict=True))
        else:
            args = tuple(values[slot] for slot in node.refs)
            results = record_multiple(op, node.statics, args) if op.multiple else (record(op, node.statics, args),)
            values.update(zip(node.outputs, results, strict=True))
    for (home, slot), target in segment.aliases.items():
        value = values[target]
        aliases[home, slot] = ref(value) if value.home is recorder.outputs else recorder.slots[id(value)]
    for slot, value in values.items():
        if slot >= 0:
            aliases[segment.home, slot] = value.slot
            made[value.slot] = value
    for slot, owner in segment.owners.items():
        log.owners[values[slot].slot] = owner
