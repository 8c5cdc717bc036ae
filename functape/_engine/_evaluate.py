"""Turning recorded nodes back into one pure function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._gradient import GRADIENT, JVP, GradientPlan
from functape._engine._op import Op
from functape._engine._pull import Pullback, derivative, pull
from functape._engine._state import Node
from functape._engine._walk import (
    Environment,
    arrived,
    bind,
    gathered,
    gradient_function,
    seeded,
    spread,
    tangents,
    walk,
)

BACKWARD = "backward"
FORWARD = "forward"


def evaluate(
    nodes: Sequence[Node],
    environment: Environment,
    transform: Callable[[Op, Any], Any] | None = None,
    differentiated: str | None = None,
) -> None:
    """Run `nodes`, adding what they return to `environment`.

    Every node that a gradient node walks back through is run once, under `jax.vjp`; its pullback is kept for the walk.
    A gradient of gradients is taken of its region as one function, where it has one that no other gradient walks
    through.

    **Arguments:**
    - `nodes`: as `needed_nodes` gives them.
    - `environment`: value by slot; holds the recording's inputs at first.
    - `transform`: wraps an op's function before it is applied (the op-by-op mode compiles each op by itself).
    - `differentiated`: how all of it is being differentiated by JAX, if it is; what no tape differentiates is then cut
      off.
    """
    apply = bind if transform is None else transform
    joint = _joint(nodes)
    pulls: dict[Node, Callable[[tuple[Any, ...]], tuple[Any, ...]]] = {}
    inside: set[Node] = set()
    for node in joint:
        found = _differentiate_region(node.statics, environment, transform)
        if found is not None:
            pulls[node] = found
            inside.update(node.statics.region.nodes)
    pullbacks: dict[Node, Pullback] = {}
    nodes = [node for node in nodes if node not in inside]
    present = set(nodes)
    positions: dict[Node, tuple[int, ...]] = {}
    shared: set[Node] = set()
    for node in reversed(nodes):
        # A gradient node that an outer one differentiates runs its walk inside its own pullback instead, and so does
        # one whose steps are not here.
        if node.op is GRADIENT and node not in positions and node not in pulls and node.statics.request.mode != JVP:
            if not all(step in present for step, _ in node.statics.steps):
                continue
            shared.add(node)
            for step, tracked in node.statics.steps:
                known = positions.get(step, ())
                positions[step] = known + tuple(each for each in tracked if each not in known)
    for node in nodes:
        inputs = tuple(environment[slot] for slot in node.refs)
        if differentiated:
            inputs = _cut(node.op, inputs)
        tracked = positions.get(node)
        if node in pulls:
            outputs = pulls[node](inputs[len(node.statics.reads) :])
        elif node in shared:
            plan: GradientPlan = node.statics
            seeds = inputs[len(plan.reads) :]
            outputs = walk(plan, pullbacks.__getitem__, positions, seeds, environment.__getitem__)
        elif differentiated == FORWARD and node.op.carries is not None and tracked is None:
            outputs = tuple(inputs[position] for position in node.op.carries(node.statics, (), True))
        else:
            function = gradient_function(node.statics, apply) if node.op is GRADIENT else apply(node.op, node.statics)
            if tracked is None:
                outputs = function(*inputs)
            else:
                outputs, pullbacks[node] = pull(function, inputs, tracked)
        environment.update(zip(node.outputs, outputs, strict=True))


# ---- a gradient of gradients, as one function ------------------------------------------------------------------------


def _joint(nodes: Sequence[Node]) -> list[Node]:
    """The gradient nodes whose regions are differentiated as one function each: no other gradient walks through them,
    which would run their nodes again."""
    walked: set[Node] = set()
    outermost: list[Node] = []
    for node in reversed(nodes):
        if node.op is GRADIENT and node not in walked:
            outermost.append(node)
            walked.update(step for step, _ in node.statics.steps)
    chosen: list[Node] = []
    taken: set[Node] = set()
    for node in outermost:
        region = frozenset(node.statics.region.nodes if node.statics.region else ())
        others = [each for each in outermost if each is not node and each not in region]
        free = region.isdisjoint(step for each in others for step, _ in each.statics.steps)
        if region and free and taken.isdisjoint(region) and node not in taken:
            chosen.append(node)
            taken |= region
    return chosen


def _differentiate_region(
    plan: GradientPlan, environment: Environment, transform: Callable[[Op, Any], Any] | None
) -> Callable[[tuple[Any, ...]], tuple[Any, ...]] | None:
    """Run a gradient's region, adding what its nodes return to `environment`.

    **Returns:** the function from the cotangents given for the targets (the changes given for the sources) to what the
    gradient node returns; None for changes through an op that has a rule for gradients only.
    """
    assert plan.region is not None
    region, sources = plan.region
    targets = tuple(dict.fromkeys(slot for slot, _, _ in plan.targets if slot is not None))
    forward = plan.request.mode == JVP

    def function(*active: Any) -> tuple[tuple[Any, ...], Environment]:
        values = environment | dict(zip(sources, active, strict=True))
        evaluate(region, values, transform, FORWARD if forward else BACKWARD)
        return tuple(values[slot] for slot in targets), {slot: values[slot] for node in region for slot in node.outputs}

    active = tuple(environment[slot] for slot in sources)
    if forward:
        try:
            with derivative.taken(forward=True):
                _, change, made = jax.linearize(function, *active, has_aux=True)
        except TypeError as error:
            if "custom_vjp" not in str(error):
                raise
            return None
        environment.update(made)

        def carry(seeds: tuple[Any, ...]) -> tuple[Any, ...]:
            begun = tangents(plan, seeds)
            return arrived(plan, begun | dict(zip(targets, change(*(begun[slot] for slot in sources)), strict=True)))

        return carry

    with derivative.taken(forward=False):
        _, vjp, made = jax.vjp(function, *active, has_aux=True)
    environment.update(made)

    def back(seeds: Any) -> tuple[Any, ...]:
        cotangents = seeded(plan, seeds)
        arriving = tuple(cotangents[slot] for slot in targets)
        return gathered(plan, dict(zip(sources, vjp(arriving), strict=True)), environment.__getitem__)

    return lambda seeds: spread(plan, back, seeds)


def _cut(op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs of an op, without derivatives where no tape asks for any."""
    return tuple(
        value if op.differentiable and position not in op.unconnected else jax.tree.map(_constant, value)
        for position, value in enumerate(inputs)
    )


def _constant(value: Any) -> Any:
    return jax.lax.stop_gradient(value) if jnp.issubdtype(value.dtype, jnp.inexact) else value
