"""Recording a gradient node: what its targets and sources are called in the present recording, and its edge."""

from __future__ import annotations

from functools import partial
from typing import Any

from functape._engine._avals import Aval
from functape._engine._cache import cache
from functape._engine._dependence import dependence
from functape._engine._gradient import GRADIENT, WATCH, GradientPlan, GradientRequest, Ref, plan_gradient
from functape._engine._recorder import Cell, Recorder, Recording, follow
from functape._engine._report import user_line
from functape._engine._state import Node, State, slot_avals
from functape._engine._walk import gradient_function

NO_TAPE = -1
"""The index, in an event that only makes a value part of the recording."""


def ref_of(recorder: Recorder, value: Any) -> Ref:
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


def held_ref(recorder: Recorder, target: Any, sources: list[Any]) -> Ref:
    """As `ref_of`, but a target that is a source too is made part of the recording."""
    ref = ref_of(recorder, target)
    if ref.__class__ is Aval and any(source is target for source in sources):
        recorder.event(WATCH, (NO_TAPE,), (target.enter(recorder),), target.aval)
        ref = ref_of(recorder, target)
    return ref


def refs_of(recorder: Recorder, values: list[Any]) -> list[Ref | tuple[Ref, ...]]:
    """For each variable every slot under which it was read; for the other values what `ref_of` gives."""
    read: dict[int, list[int]] = {}
    inputs = [(~index, getattr(tensor, "variable", None)) for index, tensor in enumerate(recorder.inputs)]
    for slot, owner in (*inputs, *owners_of(recorder).items()):
        if owner is not None:
            read.setdefault(id(owner()), []).append(slot)
    found: list[Any] = []
    for value in values:
        if isinstance(value, Cell):
            slots = read.get(id(value), [])
            # One slot is written as `ref_of` writes it, so that a step is the same program whether or not a cell was
            # assigned.
            found.append(slots[0] if len(slots) == 1 else tuple(slots) or value.tensor.aval)
        else:
            found.append(ref_of(recorder, value))
    return found


def owners_of(recorder: Recorder) -> dict[int, Any]:
    """For each output slot that is or was a cell's value, a weak reference to the cell."""
    tensors = enumerate(recorder.outputs)
    return recorder.owners | {slot: tensor.variable for slot, tensor in tensors if hasattr(tensor, "variable")}


def record_gradient(recorder: Recorder, request: tuple[Any, ...], entering: tuple[Any, ...]) -> list[Any]:
    """Record a gradient node.

    **Arguments:**
    - `recorder`: the thread's recorder.
    - `request`: what is asked: the fields of a `GradientRequest`.
    - `entering`: refs of the cotangents given for the targets.

    **Returns:** for each source (each target, if what is asked is how they change) a tensor or None, or what stands
    for the rows of a table where its gradient is given by rows.
    """
    key = (GRADIENT, request, entering)
    edge = recorder.state.get(key)
    if edge is None:
        edge = _add_gradient(recorder, key, GradientRequest(*request), entering)
    gradients = follow(recorder, edge)
    if cache.op_by_op and not recorder.replaying:
        recorder.flush("op by op")
    sparse = edge[0].node.statics.sparse
    return gradients if sparse is None else _by_rows(gradients, sparse)


def _by_rows(made: list[Any], plan: GradientPlan) -> list[Any]:
    """What a node made, with the rows of a table and their places put together."""
    remaining = iter(made)
    sources = iter(plan.sources)
    together: list[Any] = []
    for each in plan.results:
        _, source = next(sources) if each else (None, None)
        if len(each) == 2:
            together.append(_settings.slices(next(remaining), next(remaining), source.shape))  # type: ignore[union-attr]
        else:
            together.append(next(remaining))
    return together


class _Settings:
    """What the layer above supplies."""

    slices: Any = None


_settings = _Settings()


def install_slices(make: Any) -> None:
    """Supply what gradients by rows are given as, a function `(rows, places, shape)` of two tensors and the shape of
    the whole."""
    _settings.slices = make


def replay_gradient(recorder: Recorder, request: GradientRequest, entering: tuple[Any, ...]) -> tuple[Any, ...]:
    """Record a gradient node again; its tensors in order."""
    key = (GRADIENT, tuple(request), entering)
    edge = recorder.state.get(key) or _add_gradient(recorder, key, request, entering)
    return tuple(each for each in follow(recorder, edge) if each is not None)


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
    avals = tuple(each for some in plan.results for each in some)
    first = state.outputs
    outputs = tuple(range(first, first + len(avals)))
    node = Node(GRADIENT, plan, plan.reads + tuple(seeds), outputs, avals, entered)
    made = tuple(each for some in plan.results for each in some or (None,))
    node.line = user_line()
    following = State(state, node)
    plan.dependence = partial(_dependence, plan, following)
    edge = (following, made, first)
    cache.add(state, key, edge)
    return edge
