"""The walk through recorded nodes that a gradient node stands for, back from targets or forward from sources."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._gradient import BATCH_JACOBIAN, GRADIENT, JACOBIAN, JVP, GradientPlan
from functape._engine._op import Op
from functape._engine._pull import Pullback, pull, push
from functape._engine._state import Node

Environment = dict[int, Any]
Bind = Callable[[Op, Any], Callable[..., tuple[Any, ...]]]


def bind(op: Op, statics: Any) -> Callable[..., tuple[Any, ...]]:
    """An op as a function of arrays."""
    return op.bind(statics)


def gradient_function(plan: GradientPlan, bind: Bind = bind) -> Callable[..., tuple[Any, ...]]:
    """A gradient node as a function of the values its walk reads, so that an outer tape differentiates it."""

    def function(*inputs: Any) -> tuple[Any, ...]:
        reads = dict(zip(plan.reads, inputs, strict=False))
        seeds = inputs[len(plan.reads) :]
        positions = dict(plan.steps)

        def of(node: Node) -> tuple[Callable[..., tuple[Any, ...]], tuple[Any, ...]]:
            run = gradient_function(node.statics, bind) if node.op is GRADIENT else bind(node.op, node.statics)
            return run, tuple(reads[slot] for slot in node.refs)

        if plan.request.mode == JVP:
            return _push(plan, lambda node, *others: push(*of(node), *others), seeds)
        pullbacks: dict[Node, Pullback] = {}

        def pullback(node: Node) -> Pullback:
            if node not in pullbacks:
                pullbacks[node] = pull(*of(node), positions[node])[1]
            return pullbacks[node]

        return walk(plan, pullback, positions, seeds, reads.__getitem__)

    return function


def walk(
    plan: GradientPlan,
    pullback: Callable[[Node], Pullback],
    positions: dict[Node, tuple[int, ...]],
    seeds: tuple[Any, ...],
    value: Callable[[int], Any],
) -> tuple[Any, ...]:
    """Walk the cotangents of the targets back to the sources.

    **Arguments:**
    - `plan`: which nodes to walk through, between which slots.
    - `pullback`: the pullback of a node.
    - `positions`: for each node, the input positions its pullback returns cotangents for.
    - `seeds`: cotangents of the targets where the caller gave them (`output_gradients`), in order.
    - `value`: the value in a slot that the plan reads.

    **Returns:** what the node returns.
    """
    # A pullback is made before the walk is vectorised, so that what is computed once is no batch.
    known = {node: pullback(node) for node, _ in plan.steps}

    def back(seeds: Sequence[Any]) -> tuple[Any, ...]:
        cotangents = seeded(plan, seeds)
        for node, tracked in reversed(plan.steps):
            arriving = tuple(cotangents.get(slot) for slot in node.outputs)
            if all(cotangent is None for cotangent in arriving):
                continue
            leaving = dict(zip(positions[node], known[node](arriving), strict=True))
            for position in tracked:
                cotangent = leaving[position]
                if node.op.absorbs_zero:
                    cotangent = jnp.where(arriving[0] == 0, jnp.zeros((), cotangent.dtype), cotangent)
                _add(cotangents, node.refs[position], cotangent)
        return gathered(plan, cotangents, value)

    return spread(plan, back, seeds)


def spread(
    plan: GradientPlan, back: Callable[[Sequence[Any]], tuple[Any, ...]], seeds: tuple[Any, ...]
) -> tuple[Any, ...]:
    """What is asked for, from the function `back` that takes cotangents of the targets to gradients: all of them at
    once, or vectorised over the elements of the target."""
    mode = plan.request.mode
    if mode not in (JACOBIAN, BATCH_JACOBIAN):
        return back(seeds)
    _, target, _ = plan.targets[0]
    shape = target.shape if mode == JACOBIAN else target.shape[1:]
    count = math.prod(shape)
    each = jnp.eye(count, dtype=target.dtype.as_numpy_dtype).reshape((count, *shape))
    if mode == JACOBIAN:
        derivatives = jax.vmap(lambda seed: back((seed,)))(each)
        return tuple(some.reshape((*shape, *some.shape[1:])) for some in derivatives)
    derivatives = jax.vmap(lambda seed: back((jnp.broadcast_to(seed, target.shape),)), out_axes=1)(each)
    return tuple(some.reshape((*target.shape, *some.shape[2:])) for some in derivatives)


def _add(cotangents: Environment, slot: int, value: Any) -> None:
    known = cotangents.get(slot)
    cotangents[slot] = value if known is None else jnp.add(known, value)


def seeded(plan: GradientPlan, seeds: Sequence[Any]) -> Environment:
    """The cotangents of the targets, by slot."""
    cotangents: Environment = {}
    given = iter(seeds)
    each_given = plan.request.mode in (JACOBIAN, BATCH_JACOBIAN)
    for slot, target, seeded in plan.targets:
        # JAX's complex cotangent is the conjugate of TensorFlow's gradient: conjugated here and again at the sources.
        one = next(given) if seeded or each_given else jnp.ones((), target.dtype.as_numpy_dtype)
        seed = jnp.broadcast_to(one, target.shape)
        if slot is not None:
            _add(cotangents, slot, jnp.conj(seed) if target.dtype.is_complex else seed)
    return cotangents


def gathered(plan: GradientPlan, cotangents: Environment, value: Callable[[int], Any]) -> tuple[Any, ...]:
    """The gradients with respect to the sources, from the cotangents that reached them."""
    gradients = []
    for (slots, source), lookups in zip(plan.sources, plan.lookups, strict=True):
        dtype = source.dtype.as_numpy_dtype
        if lookups:
            rows, places = [], []
            for each in lookups:
                numbers = value(each.places).reshape(-1)
                shape = (numbers.shape[0], *source.shape[1:])
                found = cotangents.get(each.rows)
                rows.append(jnp.zeros(shape, dtype) if found is None else found.reshape(shape))
                places.append(numbers)
            same = len({each.dtype for each in places}) == 1
            total = rows[0] if len(rows) == 1 else jnp.concatenate(rows)
            gradients.append(jnp.conj(total) if source.dtype.is_complex else total)
            places = places if same else [each.astype(np.int64) for each in places]
            gradients.append(places[0] if len(places) == 1 else jnp.concatenate(places))
            continue
        parts = [cotangents[slot] for slot in slots if slot in cotangents]
        if not parts:
            gradients.append(jnp.zeros(source.shape, dtype))
            continue
        total = parts[0]
        for part in parts[1:]:
            total = jnp.add(total, part)
        gradients.append(jnp.conj(total) if source.dtype.is_complex else total)
    return tuple(gradients)


def _push(plan: GradientPlan, change: Callable[..., tuple[Any, ...]], seeds: tuple[Any, ...]) -> tuple[Any, ...]:
    """Take the changes of the sources forward to the targets, node by node.

    **Arguments:**
    - `change`: `(node, positions, changes of the inputs there)` to the changes of the node's outputs.
    """
    changes = tangents(plan, seeds)
    for node, tracked in plan.steps:
        carrying = tuple(position for position in tracked if node.refs[position] in changes)
        if not carrying:
            continue
        if node.op.carries is None:
            made = change(node, carrying, tuple(changes[node.refs[position]] for position in carrying))
        else:
            made = tuple(changes.get(node.refs[each]) for each in node.op.carries(node.statics, (), True))
        changes.update((slot, each) for slot, each in zip(node.outputs, made, strict=True) if each is not None)
    return arrived(plan, changes)


def tangents(plan: GradientPlan, seeds: tuple[Any, ...]) -> Environment:
    """The changes of the sources, by slot."""
    changes: Environment = {}
    for (slots, source), seed in zip(plan.sources, seeds, strict=True):
        changes.update(dict.fromkeys(slots, jnp.broadcast_to(seed, source.shape)))
    return changes


def arrived(plan: GradientPlan, changes: Environment) -> tuple[Any, ...]:
    """The changes of the targets that have one, or that are to get zeros."""
    made = []
    for (slot, target, _), some in zip(plan.targets, plan.results, strict=True):
        if some:
            change = changes.get(slot) if slot is not None else None
            made.append(jnp.zeros(target.shape, target.dtype.as_numpy_dtype) if change is None else change)
    return tuple(made)
