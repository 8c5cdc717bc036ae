"""Planning a gradient: which recorded nodes lie between sources and targets, as one tape saw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from functape._engine._avals import Aval, Kind, aval
from functape._engine._dtypes import int64
from functape._engine._op import Op
from functape._engine._state import Node, slot_avals


def _event(*_: Any, **__: Any) -> Any:
    raise RuntimeError("An event of a tape is no computation.")


ENTER = Op("TapeEnter", _event, ("index", "watch_accessed"), differentiable=False)
"""A tape starts or resumes recording."""
EXIT = Op("TapeExit", _event, ("index",), differentiable=False)
"""A tape stops recording."""
WATCH = Op("TapeWatch", _event, ("index",), differentiable=False)
"""A tape watches a value."""
RESET = Op("TapeReset", _event, ("index",), differentiable=False)
"""A tape forgets what it recorded."""
GRADIENT = Op("Gradient", _event, ("plan",), multiple=True)
"""The walk back from targets to sources."""


EVENTS = (ENTER, EXIT, WATCH, RESET)

WHOLE = -2
"""The index that stands for no tape: everything in the recording counts, as if the sources had been watched from the
beginning."""

GRADIENTS = "gradient"
"""The gradient of the sum of the targets, for each source."""
JACOBIAN = "jacobian"
"""The derivative of each element of the one target, for each source."""
BATCH_JACOBIAN = "batch_jacobian"
"""As `JACOBIAN`, row by row of a batch: rows of the target depend on the same rows of the source only."""
JVP = "jvp"
"""The change of each target, given one of each source."""

Ref = int | Aval
"""A slot, or the aval of a value that the recording does not hold."""


class GradientRequest(NamedTuple):
    """What was asked of a tape."""

    tape: int
    """Which of the recording's tapes."""
    zero: bool
    """Whether an unconnected source gets zeros instead of None."""
    targets: tuple[Ref, ...]
    given: tuple[bool, ...]
    """For each target, whether its cotangent is given; empty if none is."""
    sources: tuple[Ref | tuple[Ref, ...], ...]
    """For each source its ref, or all the refs that a variable was read under."""
    mode: str = GRADIENTS
    """What to make of the derivative: one of the modes above."""
    stopped: tuple[Ref, ...] = ()
    """Values taken as constants."""


class Region(NamedTuple):
    """A stretch of a recording that is differentiated as one function."""

    nodes: tuple[Node, ...]
    """All that the targets depend on."""
    sources: tuple[int, ...]
    """Slots of the inputs that a gradient reaches."""


class Lookup(NamedTuple):
    """One look-up of rows of a table."""

    rows: int
    """Slot of the rows found."""
    places: int
    """Slot of their numbers."""


@dataclass(eq=False)
class GradientPlan:
    """What a gradient node does."""

    request: GradientRequest
    steps: tuple[tuple[Node, tuple[int, ...]], ...]
    """The nodes to walk back through, in recorded order, with the input positions that receive a cotangent."""
    reads: tuple[int, ...]
    """Slots whose values the steps read."""
    targets: tuple[tuple[int | None, Aval, bool], ...]
    """Slot (None if it does not reach the sources), aval and whether its cotangent is given, for each target."""
    sources: tuple[tuple[tuple[int, ...], Aval], ...]
    """Slots (a variable may have been read more than once) and aval of each source that gets a gradient."""
    connected: tuple[bool, ...]
    """For each source asked for, whether a gradient reaches it."""
    results: tuple[tuple[Aval, ...], ...] = ()
    """For each source asked for (each target, if what is asked is how they change) the avals of what the node returns
    for it: one, two for rows of a table and their places, or none."""
    lookups: tuple[tuple[Lookup, ...], ...] = ()
    """For each of `sources`, the look-ups that are all the targets depend on it by; its gradient is given by rows."""
    region: Region | None = None
    """Where the walk passes through other gradients: what to differentiate as one function instead, if that can be."""
    dependence: Callable[[], tuple[frozenset[int], ...]] | None = None
    """Finds `varying`."""

    @cached_property
    def sparse(self) -> GradientPlan | None:
        """The plan itself, if a gradient is given by rows."""
        return self if any(len(each) == 2 for each in self.results) else None

    @cached_property
    def varying(self) -> tuple[frozenset[int], ...]:
        """For each gradient, the positions of the inputs it varies with: `reads`, then the cotangents given."""
        assert self.dependence is not None
        return self.dependence()


def flows(node: Node, positions: tuple[int, ...]) -> list[tuple[int, tuple[int, ...]]]:
    """The outputs of a node that vary with its inputs at `positions`, each with those of the positions it varies with.

    An op's outputs are taken to vary with all of its inputs, unless it says otherwise. What a gradient node returns
    often does not: the gradient of a linear function is the same everywhere.
    """
    inexact = [slot for slot, each in zip(node.outputs, node.avals, strict=True) if each.differentiable]
    if node.op is GRADIENT:
        varying = node.statics.varying
    elif node.op.varying is None:
        return [(slot, positions) for slot in inexact]
    else:
        varying = node.op.varying(*node.statics)
    found = []
    for slot in inexact:
        some = tuple(position for position in positions if position in varying[node.outputs.index(slot)])
        if some:
            found.append((slot, some))
    return found


def tracked_steps(
    nodes: list[Node], index: int, watched: Iterable[int] = ()
) -> tuple[list[tuple[Node, tuple[int, ...]]], set[int]]:
    """What tape number `index` of this recording saw.

    **Arguments:**
    - `nodes`: the recording.
    - `index`: of the tape; `WHOLE` for all that was recorded.
    - `watched`: slots watched from the beginning.

    **Returns:** the differentiable nodes recorded while it was on that depend on something watched, with the input
    positions that do; and the slots it tracks.
    """
    avals = slot_avals(nodes)
    on, watch_accessed = index == WHOLE, False
    tracked: set[int] = set(watched)
    steps: list[tuple[Node, tuple[int, ...]]] = []
    inner: list[int] = []
    """Tapes and accumulators that were opened after this one and are on."""
    seen: dict[Node, frozenset[int]] = {}
    for node in nodes:
        op = node.op
        if op is ENTER:
            if node.statics[0] == index:
                on, watch_accessed = True, node.statics[1]
                inner.clear()
            else:
                inner.append(node.statics[0])
        elif op is EXIT:
            if node.statics[0] == index:
                on = False
            elif node.statics[0] in inner:
                inner.remove(node.statics[0])
        elif op is WATCH:
            if node.statics[0] == index:
                tracked.add(node.refs[0])
        elif op is RESET:
            if node.statics[0] == index:
                tracked.clear()
                steps.clear()
        elif on or op is GRADIENT:
            if op is GRADIENT and node.statics.request.mode == JVP:
                # TensorFlow has computed this change as the nodes on the way were recorded.
                around = frozenset().union(*(seen.get(step, ()) for step, _ in node.statics.steps))
                if node.statics.request.tape not in around:
                    continue
                seen[node] = around
            elif on:
                seen[node] = frozenset(inner)
            else:
                continue
            if watch_accessed and op is not GRADIENT:
                tracked.update(slot for slot in node.refs if avals[slot].kind is Kind.VARIABLE)
            if not op.differentiable:
                continue
            positions = tuple(
                position
                for position, slot in enumerate(node.refs)
                if slot in tracked and position not in op.unconnected and avals[slot].differentiable
            )
            if positions:
                steps.append((node, positions))
                tracked.update(slot for slot, _ in flows(node, positions))
    return steps, tracked


def watched_slots(nodes: list[Node], index: int) -> list[int]:
    """The slots tape number `index` watches, in the order in which it began to."""
    avals = slot_avals(nodes)
    on = watch_accessed = False
    watched: dict[int, None] = {}
    for node in nodes:
        op, mine = node.op, node.op in EVENTS and node.statics[0] == index
        if op is ENTER and mine:
            on, watch_accessed = True, node.statics[1]
        elif op is EXIT and mine:
            on = False
        elif op is WATCH and mine:
            watched[node.refs[0]] = None
        elif op is RESET and mine:
            watched.clear()
        elif on and watch_accessed and op is not GRADIENT:
            watched.update(dict.fromkeys(slot for slot in node.refs if avals[slot].kind is Kind.VARIABLE))
    return list(watched)


def plan_gradient(nodes: list[Node], request: GradientRequest) -> GradientPlan:
    """Plan the walk from the targets of `request` back to its sources.

    **Arguments:**
    - `nodes`: the recording so far.
    - `request`: what was asked.
    """
    avals = slot_avals(nodes)
    sources = [_slots(ref, avals) for ref in request.sources]
    targets = [_slots(ref, avals) for ref in request.targets]
    asked = {slot for slots, _ in sources for slot in slots}
    from_the_start = request.tape == WHOLE or request.mode == JVP
    steps, tracked = tracked_steps(nodes, request.tape, asked if from_the_start else ())
    stopped = {slot for ref in request.stopped for slot in _slots(ref, avals)[0]}
    wanted = {slot for slots, _ in targets for slot in slots}
    # The gradient of a value with respect to itself is one, watched or not.
    downstream = {
        slot for slots, each in sources for slot in slots if slot in wanted or each.differentiable and slot in tracked
    }
    forward: list[tuple[Node, tuple[int, ...]]] = []
    for node, positions in steps:
        carries = node.op.carries
        carrying = positions if carries is None else carries(node.statics, positions, request.mode == JVP)
        reached = tuple(each for each in positions if each in carrying and node.refs[each] in downstream)
        if reached:
            forward.append((node, reached))
            downstream.update(slot for slot, _ in flows(node, reached) if slot not in stopped)
    upstream = {slot for slots, _ in targets for slot in slots if slot in downstream}
    walked: list[tuple[Node, tuple[int, ...]]] = []
    for node, positions in reversed(forward):
        made = upstream - stopped
        useful = {position for slot, some in flows(node, positions) if slot in made for position in some}
        if useful:
            walked.append((node, tuple(position for position in positions if position in useful)))
            upstream.update(node.refs[position] for position in useful)
    walked.reverse()
    reached_slots = upstream & downstream
    connected = tuple(not reached_slots.isdisjoint(slots) for slots, _ in sources)
    kept = [(slots, each) for (slots, each), on in zip(sources, connected, strict=True) if on or request.zero]
    lookups: tuple[tuple[Lookup, ...], ...] = ((),) * len(kept)
    if request.mode == GRADIENTS:
        lookups, walked = find_lookups(walked, kept, wanted, avals)
    region = None
    if (request.mode == JVP or any(node.op is GRADIENT for node, _ in walked)) and not any(lookups) and not stopped:
        ends = [{slot for slots, _ in each for slot in slots} & reached_slots for each in (targets, sources)]
        region = _region(nodes, avals, ends[0], ends[1], dict(forward), downstream)
    given = request.given or (False,) * len(targets)
    reads = [slot for node, _ in walked for slot in node.refs]
    reads += [each.places for some in lookups for each in some]
    plan = GradientPlan(
        request=request,
        steps=tuple(walked),
        reads=tuple(dict.fromkeys(reads)),
        targets=tuple(
            (next((slot for slot in slots if slot in reached_slots), None), each, seeded)
            for (slots, each), seeded in zip(targets, given, strict=True)
        ),
        sources=tuple(sources if request.mode == JVP else kept),
        connected=connected,
        lookups=lookups,
        region=region,
    )
    plan.results = _results(plan, avals)
    return plan


def _results(plan: GradientPlan, avals: dict[int, Aval]) -> tuple[tuple[Aval, ...], ...]:
    """What the node returns for each thing asked about."""
    request = plan.request
    if request.mode == JVP:
        zero = request.zero
        return tuple(
            (each,) if slot is not None or zero and each.differentiable else () for slot, each, _ in plan.targets
        )
    shape = plan.targets[0][1].shape if request.mode in (JACOBIAN, BATCH_JACOBIAN) else ()
    made: list[tuple[Aval, ...]] = []
    for (_, source), lookups in zip(plan.sources, plan.lookups, strict=True):
        if lookups:
            count = sum(avals[each.places].size for each in lookups)
            dtypes = {avals[each.places].dtype for each in lookups}
            places = dtypes.pop() if len(dtypes) == 1 else int64
            made.append((aval((count, *source.shape[1:]), source.dtype), aval((count,), places)))
        else:
            rest = source.shape[1:] if request.mode == BATCH_JACOBIAN else source.shape
            made.append((aval((*shape, *rest), source.dtype),))
    remaining = iter(made)
    return tuple(next(remaining) if on or request.zero else () for on in plan.connected)


def find_lookups(
    walked: list[tuple[Node, tuple[int, ...]]],
    sources: list[tuple[tuple[int, ...], Aval]],
    wanted: set[int],
    avals: dict[int, Aval],
) -> tuple[tuple[tuple[Lookup, ...], ...], list[tuple[Node, tuple[int, ...]]]]:
    """The sources that the targets depend on through look-ups of rows only.

    **Returns:** for each source its look-ups, none if a dense gradient is called for; and the steps without them.
    """
    shared = [slot for slots, _ in sources for slot in slots]
    dropped: set[Node] = set()
    found: list[tuple[Lookup, ...]] = []
    for slots, _ in sources:
        table = set(slots)
        lookups: list[Lookup] = []
        passed: list[Node] = []
        for node, positions in walked:
            using = [position for position in positions if node.refs[position] in table]
            if not using:
                continue
            if positions == (0,) and node.op.passes:
                table.update(node.outputs)
            elif positions == (0,) and node.op.lookup is not None and node.op.lookup(node.statics, avals, node.refs):
                lookups.append(Lookup(node.outputs[0], node.refs[1]))
            else:
                lookups.clear()
                break
            passed.append(node)
        elsewhere = any(shared.count(slot) > 1 if slot in slots else slot in table for slot in shared)
        if not lookups or elsewhere or not table.isdisjoint(wanted):
            found.append(())
        else:
            found.append(tuple(lookups))
            dropped.update(passed)
    return tuple(found), [(node, positions) for node, positions in walked if node not in dropped]


def _region(
    nodes: list[Node],
    avals: dict[int, Aval],
    targets: set[int],
    sources: set[int],
    carrying: dict[Node, tuple[int, ...]],
    downstream: set[int],
) -> Region | None:
    """The nodes that the targets depend on, if differentiating them as one function is what the tape asks for.

    It is where everything that depends on the sources was recorded by this tape, and the sources entered from outside.
    The gradient of a gradient then costs what `jax.grad` of `jax.grad` does: nothing is computed twice.
    """
    if any(slot >= 0 for slot in sources) or not all(avals[slot].differentiable for slot in targets | sources):
        return None
    inside = needed_nodes(nodes, targets)
    for node in inside:
        if node.op is GRADIENT:
            open_positions = frozenset().union(*node.statics.varying)
        elif node.op.varying is not None:
            open_positions = frozenset().union(*node.op.varying(*node.statics))
        else:
            open_positions = frozenset(range(len(node.refs))) if node.op.differentiable else frozenset()
        expected = {
            position
            for position in open_positions.difference(node.op.unconnected)
            if node.refs[position] in downstream and avals[node.refs[position]].differentiable
        }
        if expected != open_positions.intersection(carrying.get(node, ())):
            return None
    return Region(tuple(inside), tuple(sorted(sources)))


def needed_nodes(nodes: list[Node], wanted: Iterable[int], effects: bool = True) -> list[Node]:
    """The nodes that the values in the slots `wanted` depend on, in order; also those with effects, if `effects`."""
    alive = set(wanted)
    kept: list[Node] = []
    for node in reversed(nodes):
        acts = effects and node.op.effects is not None and node.op.effects(*node.statics)
        if acts or not alive.isdisjoint(node.outputs):
            kept.append(node)
            alive.update(node.refs)
            if node.op is GRADIENT:
                for step, _ in node.statics.steps:
                    alive.update(step.outputs)
    kept.reverse()
    return kept


def _slots(ref: Any, avals: dict[int, Aval]) -> tuple[tuple[int, ...], Aval]:
    """The slots a reference stands for, and the aval of a gradient with respect to it."""
    refs = ref if ref.__class__ is tuple else (ref,)
    slots = tuple(dict.fromkeys(each for each in refs if each.__class__ is int))
    known = avals[slots[0]] if slots else refs[0]
    return slots, known.as_kind(Kind.ARRAY)
