"""The log of a tape: which recordings it saw, and the gradients recorded from it."""

from __future__ import annotations

import itertools
import sys
from typing import Any

from functape._engine._avals import Aval
from functape._engine._cache import cache
from functape._engine._chained import can_be_chained, chained_gradient
from functape._engine._gradient import ENTER, EXIT, JVP, RESET, WATCH, watched_slots
from functape._engine._gradient_node import held_ref, owners_of, record_gradient, ref_of, refs_of
from functape._engine._recorder import Cell, Recorder, Recording, local
from functape._engine._replay import Segment, known_logs, replay
from functape._engine._report import user_line
from functape._engine._state import State

_serials = itertools.count()


def note_read(tensor: Any) -> None:
    """Let the tapes that are on remember that a value left the recording."""
    read = getattr(tensor, "home", None), getattr(tensor, "slot", -1), getattr(tensor, "variable", None), user_line()
    for log in local.recorder.open_tapes:
        if len(log.reads) < _MAX_READS:
            log.reads = (*log.reads, read)


_MAX_READS = 64
_NOWHERE = ("", 0, 0)
_NOTHING: dict[Any, Any] = {}
"""What a tape that nothing was asked of knows. Never changed, and shared: most tapes need no more."""


class TapeLog:
    """What one tape recorded: a stretch of the present recording, and segments of earlier ones.

    **Arguments:**
    - `watch_accessed`: whether reading a trainable variable watches it.
    """

    __slots__ = (
        "watch_accessed", "serial", "index", "home", "on", "used", "segments",
        "place", "state", "slots", "aliases", "reads", "__weakref__",
    )  # fmt: skip

    def __init__(self, watch_accessed: bool) -> None:
        self.watch_accessed = watch_accessed
        self.serial = next(_serials)
        self.index = -1
        self.home: Recording | None = None
        """The outputs of the recording in which `index` numbers this tape."""
        self.on = False
        self.used = False
        """Whether nothing more will be asked of it."""
        self.segments: tuple[Segment, ...] = ()
        self.place: tuple[str, int, int] = _NOWHERE
        """Where in the user's code it was started."""
        self.state: State | None = None
        """Where the last gradient was recorded."""
        self.slots: dict[int, int] = _NOTHING
        """The slots of what had entered that recording, by id."""
        self.aliases: dict[tuple[Recording, int], int] = _NOTHING
        """Its `aliases`."""
        self.reads: tuple[tuple[Any, int, Any, str], ...] = ()
        """What was read while this tape was on: recording and slot of the value, or its cell; and the user's line."""

    # ---- events ----------------------------------------------------------------------------------------------

    def start(self, depth: int = 2) -> None:
        """Start or resume recording.

        **Arguments:**
        - `depth`: how many calls away the user's line is.
        """
        recorder = local.recorder
        frame = sys._getframe(depth)
        code = frame.f_code
        # Tapes of different lines take different ways through the trie, so that what was recorded first on a way names
        # the lines of everything recorded on it.
        self.place = (code.co_filename, code.co_firstlineno, frame.f_lasti)
        open_tapes = recorder.open_tapes
        if recorder.ended is not None:
            recorder.finish_ended()
        if recorder.state.assigned and not open_tapes:
            recorder.flush("a step began while variables had pending values")
        elif recorder.aliases and not open_tapes:
            recorder.flush("a step began while a replay was pending")
        elif recorder.state.depth >= cache.max_pending and not open_tapes and self._comes_round(recorder.state):
            recorder.flush("too much pending")
        self.on = True
        open_tapes.append(self)
        self.resume(recorder)

    def _comes_round(self, state: State) -> bool:
        """Whether a tape of the same line was on before in this recording."""
        statics = (self.watch_accessed, self.place)
        return any(node.op is ENTER and node.statics[1:] == statics for node in state.path())

    def start_forward(self) -> None:
        """As `start`, for an accumulator: tapes around it see the changes it computes, whenever they are asked for."""
        known_logs.update((log.serial, log) for log in local.recorder.open_tapes)
        self.start(3)

    def resume(self, recorder: Recorder) -> None:
        """Record that this tape is on."""
        if self.home is not recorder.outputs:
            self._join(recorder)
        statics = (self.index, self.watch_accessed, self.place)
        following = recorder.state.get((ENTER, statics))
        if following is None:
            recorder.event(ENTER, statics)
        else:
            recorder.state = following

    def _join(self, recorder: Recorder) -> None:
        """Become one of the tapes of the present recording."""
        self.home = recorder.outputs
        self.index = len(recorder.tapes)
        recorder.tapes.append(self)

    def stop(self) -> None:
        """Stop recording."""
        recorder = local.recorder
        self.on = False
        open_tapes = recorder.open_tapes
        if open_tapes and open_tapes[-1] is self:
            del open_tapes[-1]
        elif self in open_tapes:
            open_tapes.remove(self)
        if self.home is recorder.outputs:
            following = recorder.state.get((EXIT, (self.index,)))
            if following is None:
                recorder.event(EXIT, (self.index,))
            else:
                recorder.state = following

    def watch(self, tensor: Any) -> None:
        """Watch a tensor, or the present value of a variable."""
        recorder = local.recorder
        ref = tensor.slot if tensor.home is recorder.outputs else tensor.enter(recorder)
        recorder.event(WATCH, (self.index,), (ref,), ref if ref.__class__ is Aval else None)

    def reset(self) -> None:
        """Forget all that was recorded and watched."""
        self.segments = ()
        recorder = local.recorder
        if self.home is recorder.outputs:
            recorder.event(RESET, (self.index,))

    def save(self, recorder: Recorder) -> None:
        """Keep the recording that is ending, so that a gradient can be replayed from its inputs."""
        segment = Segment(
            recorder.state,
            recorder.outputs,
            list(recorder.inputs),
            recorder.slots,
            recorder.kept,
            tuple(log.serial for log in recorder.tapes),
            recorder.aliases,
            owners_of(recorder),
        )
        self.segments = (*self.segments, segment)

    def watched_cells(self) -> list[Cell]:
        """The cells whose values this tape watches, in the order in which it began to."""
        found: dict[int, Cell] = {}
        recorder = local.recorder
        stretches = [(part.state, part.tapes.index(self.serial), part.inputs, part.owners) for part in self.segments]
        if self.home is recorder.outputs:
            stretches.append((recorder.state, self.index, recorder.inputs, owners_of(recorder)))
        for state, index, inputs, owners in stretches:
            for slot in watched_slots(state.path(), index):
                owner = owners.get(slot) if slot >= 0 else getattr(inputs[~slot], "variable", None)
                cell = None if owner is None else owner()
                if cell is not None:
                    found.setdefault(id(cell), cell)
        return list(found.values())

    # ---- gradients -------------------------------------------------------------------------------------------

    def gradient(
        self, targets: list[Any], sources: list[Any], seeds: list[Any], zero: bool, mode: str | None = None
    ) -> list[Any]:
        """Record the gradient of the sum of `targets` with respect to each of `sources`.

        **Arguments:**
        - `targets`: tensors or variables.
        - `sources`: tensors or variables.
        - `seeds`: for each target a tensor to weight it with, or None; empty for none at all.
        - `zero`: whether an unconnected source gets zeros.
        - `mode`: what to record instead, one of the modes of a `GradientRequest`. For `JVP` the `seeds` are the changes
          of the sources.

        **Returns:** a tensor, or None where unconnected, for each source; for `JVP` for each target.
        """
        recorder = local.recorder
        if self.segments:
            recorder.flush("a tape is replayed")
            plain = mode is None and not zero and not recorder.open_tapes
            if plain and can_be_chained(self.segments, targets, sources):
                return chained_gradient(recorder, self.segments, self.serial, self._alike, targets, sources, seeds)
            self._replay(recorder)
        home = recorder.outputs
        if self.home is not home:
            self._join(recorder)
        target_refs: tuple[Any, ...]
        if len(targets) == 1 and targets[0].home is home:
            target_refs = (targets[0].slot,)
        else:
            target_refs = tuple([ref_of(recorder, target) for target in targets])
            if Aval in map(type, target_refs):
                target_refs = tuple([held_ref(recorder, target, sources) for target in targets])
        source_refs: list[Any]
        if recorder.assigned or recorder.aliases:
            source_refs = refs_of(recorder, sources)
        else:
            # What entered the recording and was not assigned in it is found at once.
            known = recorder.slots
            source_refs = [known.get(id(each.tensor if isinstance(each, Cell) else each)) for each in sources]
            if None in source_refs:
                source_refs = [ref_of(recorder, source) for source in sources]
        given: tuple[bool, ...] = ()
        entering: tuple[Any, ...] = ()
        if seeds:
            given = tuple(seed is not None for seed in seeds)
            seeds = [seed for seed in seeds if seed is not None]
            entering = tuple([s.slot if s.home is home else s.enter(recorder) for s in seeds])
        self.slots, self.aliases = recorder.slots, recorder.aliases
        if mode is not None:
            # Changes are given for all sources and none of the targets.
            given = () if mode == JVP else given
            request: tuple[Any, ...] = (self.index, zero, target_refs, given, tuple(source_refs), mode)
        else:
            request = (self.index, zero, target_refs, given, tuple(source_refs))
        made = record_gradient(recorder, request, entering)
        self.state = recorder.state
        return made

    def _alike(self) -> TapeLog:
        """A log for the present recording that is like this one, and asked one thing only."""
        made = TapeLog(self.watch_accessed)
        made.place, made.used = self.place, True
        made._join(local.recorder)
        return made

    def replay_all(self) -> None:
        """Record again, in the present recording, what this tape saw in earlier ones."""
        self._replay(local.recorder)

    def _replay(self, recorder: Recorder) -> None:
        """Record again, in the present recording, all that this tape saw in earlier ones.

        What was pending is run first, so that the new recording holds the replay and nothing that refers to values the
        replay computes anew.
        """
        recorder.flush("a tape is replayed")
        segments, self.segments = self.segments, ()
        if self.home is not recorder.outputs:
            self._join(recorder)
        replay(recorder, segments, {self.serial: self.index})
        if self.on:
            recorder.event(ENTER, (self.index, self.watch_accessed, self.place))
