"""Turning recorded nodes back into one pure function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._gradient import GRADIENT, GradientPlan
from functape._engine._op import Op
from functape._engine._state import Node

Environment = dict[int, Any]
Pullback = Callable[[tuple[Any, ...]], tuple[Any, ...]]


def evaluate(
    nodes: Sequence[Node],
    environment: Environment,
    transform: Callable[[Op, Any], Any] | None = None,
    differentiated: bool = False,
) -> None:
    """Run `nodes`, adding what they return to `environment`.

    Every node that a gradient node walks back through is run once, under `jax.vjp`; its pullback is kept for the walk.
    A gradient of gradients is taken of its region as one function, where it has one that no other gradient walks
    through.

    **Arguments:**
    - `nodes`: as `needed_nodes` gives them.
    - `environment`: value by slot; holds the recording's inputs at first.
    - `transform`: wraps an op's function before it is applied (the op-by-op mode compiles each op by itself).
    - `differentiated`: whether all of it is being differentiated by JAX; what no tape differentiates is then cut off.
    """
    bind = _bind if transform is None else transform
    joint = _joint(nodes)
    inside = {each for node in joint for each in node.statics.region.nodes}
    pulls = {node: _pull_region(node.statics, environment, transform) for node in joint}
    pullbacks: dict[Node, Pullback] = {}
    nodes = [node for node in nodes if node not in inside]
    positions: dict[Node, tuple[int, ...]] = {}
    for node in reversed(nodes):
        # A gradient node that an outer one differentiates runs its walk inside its own pullback instead.
        if node.op is GRADIENT and node not in positions and node not in pulls:
            for step, tracked in node.statics.steps:
                known = positions.get(step, ())
                positions[step] = known + tuple(each for each in tracked if each not in known)
    for node in nodes:
        inputs = tuple(environment[slot] for slot in node.refs)
        if differentiated:
            inputs = _cut(node.op, inputs)
        tracked = positions.get(node)
        if node.op is GRADIENT:
            plan: GradientPlan = node.statics
            seeds = inputs[len(plan.reads) :]
            if node in pulls:
                outputs = pulls[node](seeds)
            elif tracked is None:
                outputs = walk(plan, pullbacks.__getitem__, positions, seeds)
            else:
                outputs, pullbacks[node] = _pull(gradient_function(plan, bind), inputs, tracked)
        elif tracked is None:
            outputs = bind(node.op, node.statics)(*inputs)
        else:
            outputs, pullbacks[node] = _pull(bind(node.op, node.statics), inputs, tracked)
        environment.update(zip(node.outputs, outputs, strict=True))


def _bind(op: Op, statics: Any) -> Callable[..., tuple[Any, ...]]:
    return op.bind(statics)


def gradient_function(plan: GradientPlan, bind: Callable[[Op, Any], Any] = _bind) -> Callable[..., tuple[Any, ...]]:
    """A gradient node as a function of the values its walk reads, so that an outer tape differentiates it."""

    def function(*inputs: Any) -> tuple[Any, ...]:
        reads = dict(zip(plan.reads, inputs, strict=False))
        seeds = inputs[len(plan.reads) :]
        positions = dict(plan.steps)

        def pullback(node: Node) -> Pullback:
            node_inputs = tuple(reads[slot] for slot in node.refs)
            run = gradient_function(node.statics, bind) if node.op is GRADIENT else bind(node.op, node.statics)
            return _pull(run, node_inputs, positions[node])[1]

        return walk(plan, pullback, positions, seeds)

    return function


def _pull(
    function: Callable[..., tuple[Any, ...]], inputs: tuple[Any, ...], tracked: tuple[int, ...]
) -> tuple[tuple[Any, ...], Pullback]:
    """Run `function` and return its outputs with the pullback to the inputs at positions `tracked`."""
    layout: list[bool] = []

    def partial(*active: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        arguments = list(inputs)
        for position, value in zip(tracked, active, strict=True):
            arguments[position] = value
        outputs = function(*arguments)
        layout[:] = [_is_inexact(output) for output in outputs]
        return (
            tuple(output for output, inexact in zip(outputs, layout, strict=True) if inexact),
            tuple(output for output, inexact in zip(outputs, layout, strict=True) if not inexact),
        )

    primals, vjp, others = jax.vjp(partial, *(inputs[position] for position in tracked), has_aux=True)
    inexact_outputs, other_outputs = iter(primals), iter(others)
    outputs = tuple(next(inexact_outputs) if inexact else next(other_outputs) for inexact in layout)
    flags = tuple(layout)

    def pullback(cotangents: tuple[Any, ...]) -> tuple[Any, ...]:
        filled = tuple(
            jax.tree.map(jnp.zeros_like, output) if cotangent is None else cotangent
            for output, cotangent, inexact in zip(outputs, cotangents, flags, strict=True)
            if inexact
        )
        return vjp(filled)

    return outputs, pullback


def _is_inexact(value: Any) -> bool:
    return all(jnp.issubdtype(leaf.dtype, jnp.inexact) for leaf in jax.tree.leaves(value))


def walk(
    plan: GradientPlan,
    pullback: Callable[[Node], Pullback],
    positions: dict[Node, tuple[int, ...]],
    seeds: tuple[Any, ...],
) -> tuple[Any, ...]:
    """Walk the cotangents of the targets back to the sources.

    **Arguments:**
    - `plan`: which nodes to walk through, between which slots.
    - `pullback`: the pullback of a node.
    - `positions`: for each node, the input positions its pullback returns cotangents for.
    - `seeds`: cotangents of the targets where the caller gave them (`output_gradients`), in order.

    **Returns:** one array for each connected source.
    """
    cotangents = _seeded(plan, seeds)
    for node, tracked in reversed(plan.steps):
        arriving = tuple(cotangents.get(slot) for slot in node.outputs)
        if all(cotangent is None for cotangent in arriving):
            continue
        leaving = dict(zip(positions[node], pullback(node)(arriving), strict=True))
        for position in tracked:
            value = leaving[position]
            if node.op.absorbs_zero:
                value = jnp.where(arriving[0] == 0, jnp.zeros((), value.dtype), value)
            _add(cotangents, node.refs[position], value)
    return _gradients(plan, cotangents)


def _add(cotangents: Environment, slot: int, value: Any) -> None:
    known = cotangents.get(slot)
    cotangents[slot] = value if known is None else jnp.add(known, value)


def _seeded(plan: GradientPlan, seeds: tuple[Any, ...]) -> Environment:
    """The cotangents of the targets, by slot."""
    cotangents: Environment = {}
    given = iter(seeds)
    for slot, target, seeded in plan.targets:
        # JAX's complex cotangent is the conjugate of TensorFlow's gradient: conjugated here and again at the sources.
        one = next(given) if seeded else jnp.ones((), target.dtype.as_numpy_dtype)
        seed = jnp.broadcast_to(one, target.shape)
        if slot is not None:
            _add(cotangents, slot, jnp.conj(seed) if target.dtype.is_complex else seed)
    return cotangents


def _gradients(plan: GradientPlan, cotangents: Environment) -> tuple[Any, ...]:
    """The gradients with respect to the sources, from the cotangents that reached them."""
    gradients = []
    for slots, source in plan.sources:
        parts = [cotangents[slot] for slot in slots if slot in cotangents]
        if not parts:
            gradients.append(jnp.zeros(source.shape, source.dtype.as_numpy_dtype))
            continue
        total = parts[0]
        for part in parts[1:]:
            total = jnp.add(total, part)
        gradients.append(jnp.conj(total) if source.dtype.is_complex else total)
    return tuple(gradients)


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


def _pull_region(
    plan: GradientPlan, environment: Environment, transform: Callable[[Op, Any], Any] | None
) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Run a gradient's region, adding what its nodes return to `environment`.

    **Returns:** the function from the cotangents given for the targets to the gradients.
    """
    assert plan.region is not None
    region, sources = plan.region
    targets = tuple(dict.fromkeys(slot for slot, _, _ in plan.targets if slot is not None))

    def function(*active: Any) -> tuple[tuple[Any, ...], Environment]:
        values = environment | dict(zip(sources, active, strict=True))
        evaluate(region, values, transform, differentiated=True)
        return tuple(values[slot] for slot in targets), {slot: values[slot] for node in region for slot in node.outputs}

    _, vjp, made = jax.vjp(function, *(environment[slot] for slot in sources), has_aux=True)
    environment.update(made)

    def pull(seeds: tuple[Any, ...]) -> tuple[Any, ...]:
        cotangents = _seeded(plan, seeds)
        arriving = tuple(cotangents[slot] for slot in targets)
        return _gradients(plan, dict(zip(sources, vjp(arriving), strict=True)))

    return pull


def _cut(op: Op, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The inputs of an op, without derivatives where no tape asks for any."""
    return tuple(
        value if op.differentiable and position not in op.unconnected else jax.tree.map(_constant, value)
        for position, value in enumerate(inputs)
    )


def _constant(value: Any) -> Any:
    return jax.lax.stop_gradient(value) if jnp.issubdtype(value.dtype, jnp.inexact) else value
