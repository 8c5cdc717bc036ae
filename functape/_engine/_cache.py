"""The trie, the programs compiled for it, and the bounds on both."""

from __future__ import annotations

import time
from collections import deque
from typing import Any

from functape._engine._gradient import ENTER, GRADIENT
from functape._engine._hot import Counts
from functape._engine._inline import InlineProgram, takes_tracers
from functape._engine._program import OpByOpProgram, Program
from functape._engine._report import Compilation, logger, user_line
from functape._engine._state import Node, State

Skeleton = tuple[Any, ...]


class Cache:
    """What all recorders share."""

    def __init__(self) -> None:
        self.root = State()
        self.op_by_op = False
        self.log_compilations = False
        self.max_pending = 64
        """Ops recorded outside any tape before a loop that looks at nothing is run unasked."""
        self.max_programs = 1024
        self.max_states = 200_000
        self.storm_programs = 16
        """Programs that differ only in shapes or attributes before their reuse is looked at."""
        self.flushes = 0
        self.ops = 0
        self.compiled = 0
        self.states = 0
        self.log: deque[Compilation] = deque(maxlen=1000)
        self.programs: list[tuple[State, tuple[int, ...], Program]] = []
        self._families: dict[Skeleton, list[Program]] = {}
        self._by_structure: dict[Any, Program] = {}
        """Programs by what they compute: the same recording made on another line is the same program."""
        self._storms: set[Skeleton] = set()

    def add(self, state: State, key: Any, edge: Any) -> None:
        """Add an edge to the trie, unless ops are run one by one. A trie grown past its bound is begun anew."""
        if self.op_by_op:
            return
        state[key] = edge
        self.states += 1
        if self.states > self.max_states:
            self.forget()

    def forget(self) -> None:
        """Drop every state and program; what is pending now still runs."""
        self.root = State()
        self.states = 0
        self.programs.clear()
        self._families.clear()
        self._by_structure.clear()

    def compile(
        self, state: State, live: tuple[int, ...], replaced: tuple[tuple[int, int], ...], reason: str
    ) -> Program:
        """The program for a recording that ends in `state` with the slots `live` returned."""
        nodes = state.path()
        structure = (_structure(nodes), live, replaced, self.op_by_op)
        known = self._by_structure.get(structure)
        if known is not None:
            known.used = self.flushes
            state.ended().by_live[live] = known
            self.programs.append((state, live, known))
            return known
        skeleton = tuple((node.op, node.refs) for node in nodes)
        family = self._families.setdefault(skeleton, [])
        stormy = self._is_storm(skeleton, family)
        began = time.perf_counter()
        kind = OpByOpProgram if self.op_by_op or stormy else Program
        if takes_tracers(nodes):
            kind = InlineProgram
        program = kind(nodes, live, replaced)
        program.used = self.flushes
        seconds = time.perf_counter() - began
        entry = Compilation(reason, user_line(), state.outputs, len(live), seconds, kind is not Program)
        self.compiled += 1
        self.log.append(entry)
        if self.log_compilations:
            logger.warning("%s", entry)
        family.append(program)
        self._by_structure[structure] = program
        state.ended().by_live[live] = program
        self.programs.append((state, live, program))
        if len(self.programs) > self.max_programs:
            self.trim()
        return program

    def _is_storm(self, skeleton: Skeleton, family: list[Program]) -> bool:
        """Whether the same lines keep producing programs that are hardly run again."""
        if len(family) < self.storm_programs or sum(each.runs for each in family) >= 2 * len(family):
            return False
        if skeleton not in self._storms:
            self._storms.add(skeleton)
            logger.warning(
                "%s has produced %d programs that differ only in shapes or attributes and were hardly run again: "
                "from here on such recordings run op by op. Pad or bucket the inputs to a few shapes to keep them "
                "compiled whole.",
                user_line(),
                len(family),
            )
        return True

    def trim(self) -> None:
        """Drop the programs that were not run for longest, down to half the bound."""
        self.programs.sort(key=lambda entry: entry[2].used)
        surplus = len(self.programs) - max(self.max_programs // 2, 1)
        for state, live, _ in self.programs[:surplus]:
            ends = state.ended()
            ends.by_live.pop(live, None)
            ends.programs.clear()
        del self.programs[:surplus]
        kept = {id(program) for _, _, program in self.programs}
        self._by_structure = {key: each for key, each in self._by_structure.items() if id(each) in kept}
        for skeleton, family in list(self._families.items()):
            family[:] = [program for program in family if id(program) in kept]
            if not family:
                del self._families[skeleton]

    def remember(self, state: State, counts: Counts, program: Program) -> None:
        """Let a flush with these reference counts find the program at once."""
        programs = state.ended().programs
        if len(programs) >= 64:
            programs.clear()
        programs[counts] = program


def _structure(nodes: list[Node]) -> tuple[Any, ...]:
    """What a recording computes, wherever it was made."""
    return tuple((node.op, _attributes(node), node.refs, node.outputs, node.entered) for node in nodes)


def _attributes(node: Node) -> Any:
    if node.op is GRADIENT:
        return node.statics.request
    return node.statics[:2] if node.op is ENTER else node.statics


cache = Cache()
