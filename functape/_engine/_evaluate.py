"""Turning recorded nodes back into one pure function of arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._gradient import GRADIENT, GradientPlan
from functape._engine._op import Op
from functape._engine._state import Node

Environment = dict[int, Any]
Pullback = Callable[[tuple[Any, ...]], tuple[Any, ...]]


def needed_nodes(nodes: list[Node], wanted: Iterable[int]) -> list[Node]:
    """The nodes that the values in the slots `wanted` depend on, in order."""
    alive = set(wanted)
    kept: list[Node] = []
    for node in reversed(nodes):
        if not alive.isdisjoint(node.outputs):
            kept.append(node)
            alive.update(node.refs)
            if node.op is GRADIENT:
                for step, _ in node.statics.steps:
                    alive.update(step.outputs)
    kept.reverse()
    return kept


def evaluate(nodes: list[Node], environment: Environment, transform: Callable[[Op, Any], Any] | None = None) -> None:
    """Run `nodes`, adding what they return to `environment`.

    Every node that a gradient node walks back through is run once, under `jax.vjp`; its pullback is kept for the walk.

    **Arguments:**
    - `nodes`: as `needed_nodes` gives them.
    - `environment`: value by slot; holds the recording's inputs at first.
    - `transform`: wraps an op's function before it is applied (the op-by-op mode compiles each op by itself).
    """
    bind = _bind if transform is None else transform
    positions: dict[Node, tuple[int, ...]] = {}
    for node in reversed(nodes):
        # A gradient node that an outer one differentiates runs its walk inside its own pullback instead.
        if node.op is GRADIENT and node not in positions:
            for step, tracked in node.statics.steps:
                known = positions.get(step, ())
                positions[step] = known + tuple(each for each in tracked if each not in known)
    pullbacks: dict[Node, Pullback] = {}
    for node in nodes:
        inputs = tuple(environment[slot] for slot in node.refs)
        tracked = positions.get(node)
        if node.op is GRADIENT:
            plan: GradientPlan = node.statics
            seeds = inputs[len(plan.reads) :]
            if tracked is None:
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
    cotangents: dict[int, Any] = {}

    def add(slot: int, value: Any) -> None:
        known = cotangents.get(slot)
        cotangents[slot] = value if known is None else jnp.add(known, value)

    given = iter(seeds)
    for slot, target, seeded in plan.targets:
        # JAX's complex cotangent is the conjugate of TensorFlow's gradient: conjugated here and again at the sources.
        one = next(given) if seeded else jnp.ones((), target.dtype.as_numpy_dtype)
        seed = jnp.broadcast_to(one, target.shape)
        if slot is not None:
            add(slot, jnp.conj(seed) if target.dtype.is_complex else seed)
    for node, tracked in reversed(plan.steps):
        arriving = tuple(cotangents.get(slot) for slot in node.outputs)
        if all(cotangent is None for cotangent in arriving):
            continue
        leaving = dict(zip(positions[node], pullback(node)(arriving), strict=True))
        for position in tracked:
            add(node.refs[position], leaving[position])
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
