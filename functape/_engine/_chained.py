"""The gradient of what one tape saw in many recordings, one recording after another.

A tape whose values are looked at again and again, as in an episode of reinforcement learning, saw many short recordings
that are mostly alike. Recorded again as one they would be a new program for each number of them. Here the cotangents
are walked back from each to the one before it, so that those that are alike share a program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from functape._engine._gradient import GRADIENT, RESET, WATCH
from functape._engine._op import Op
from functape._engine._recorder import Cell, Recorder, record
from functape._engine._replay import Segment, replay
from functape._engine._tensor import BaseTensor

MANY = 4
"""From this many recordings on they are differentiated one by one."""

SUM = Op("GradientSum", lambda one, other: jnp.add(one, other))
"""Two parts of a gradient together."""


def can_be_chained(segments: tuple[Segment, ...], targets: list[Any], sources: list[Any]) -> bool:
    """Whether the gradient is a plain one of variables, for which going from recording to recording is as good.

    **Arguments:**
    - `segments`: what a tape saw, in the order in which it was recorded.
    - `targets`: tensors or variables.
    - `sources`: tensors or variables.
    """
    if len(segments) < MANY or not all(isinstance(source, Cell) for source in sources):
        return False
    homes = {segment.home for segment in segments}
    if any(isinstance(target, Cell) or target.home not in homes for target in targets):
        return False
    for segment in segments:
        if segment.aliases or segment.owners:
            return False
        for node in segment.state.path():
            if node.op in (GRADIENT, RESET) or node.op.lookup is not None:
                return False
            if node.op is WATCH and _is_of_a_cell(segment, node.refs[0]):
                return False
    return True


def _is_of_a_cell(segment: Segment, slot: int) -> bool:
    """Whether a variable is watched by name: the recordings after this one do not say so."""
    return slot < 0 and hasattr(segment.inputs[~slot], "variable")


def chained_gradient(
    recorder: Recorder,
    segments: tuple[Segment, ...],
    serial: int,
    new_log: Callable[[], Any],
    targets: list[Any],
    sources: list[Any],
    seeds: list[Any],
) -> list[Any]:
    """The gradient of the sum of `targets` with respect to each of `sources`; the last part of it stays pending.

    **Arguments:**
    - `recorder`: the thread's recorder, with nothing pending.
    - `segments`: what the tape saw, in the order in which it was recorded.
    - `serial`: of the tape.
    - `new_log`: makes a log like the tape's.
    - `targets`: tensors of the segments.
    - `sources`: variables.
    - `seeds`: for each target a tensor to weight it with, or None; empty for none at all.

    **Returns:** a tensor, or None where unconnected, for each source.
    """
    places = {segment.home: number for number, segment in enumerate(segments)}
    arriving: list[list[tuple[BaseTensor, Any]]] = [[] for _ in segments]
    for target, seed in zip(targets, seeds or [None] * len(targets), strict=True):
        arriving[places[target.home]].append((target, seed))
    cotangents: dict[int, tuple[BaseTensor, Any]] = {}
    totals: list[Any] = [None] * len(sources)
    for number in reversed(range(len(segments))):
        segment = segments[number]
        mine = [key for key, (tensor, _) in cotangents.items() if tensor.home is segment.home]
        pairs = arriving[number] + [cotangents.pop(key) for key in mine]
        if not pairs:
            continue
        recorder.flush("a tape is replayed")
        recorder.replaying = True
        try:
            entering = [
                tensor
                for tensor in segment.inputs
                if isinstance(tensor, BaseTensor) and tensor.home in places and tensor.aval.differentiable
            ]
            log = new_log()
            for tensor in entering:
                log.watch(tensor)
            replay(recorder, (segment,), {serial: log.index})
            given = [cotangent for _, cotangent in pairs]
            asked = [tensor for tensor, _ in pairs]
            found = log.gradient(asked, [*sources, *entering], given, False)
            totals = [_together(total, part) for total, part in zip(totals, found, strict=False)]
            for tensor, part in zip(entering, found[len(sources) :], strict=True):
                _, known = cotangents.get(id(tensor), (tensor, None))
                cotangents[id(tensor)] = (tensor, _together(known, part))
            cotangents = {key: pair for key, pair in cotangents.items() if pair[1] is not None}
        finally:
            recorder.replaying = False
    return totals


def _together(total: Any, part: Any) -> Any:
    if total is None or part is None:
        return part if total is None else total
    return record(SUM, (), (total, part))
