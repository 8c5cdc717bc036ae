"""Random programs give the same values and gradients however they are run.

Recorded, op by op, with looks at values in between, by TensorFlow, by `jax.grad` written by hand, and by finite
differences to second order. `FUNCTAPE_EXAMPLES=1000` runs a larger sweep.
"""

from __future__ import annotations

import os
from typing import Any

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow
from hypothesis import HealthCheck, given, settings, strategies
from random_programs import STEEP, RandomProgram, Step, programs

import functape

EXAMPLES = int(os.environ.get("FUNCTAPE_EXAMPLES", "0"))


def sweep(examples: int) -> Any:
    """Settings for `examples` programs, or as many as the environment asks for; the same ones on every run."""
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


CLOSE = {"rtol": 1e-9, "atol": 1e-11}
"""Float64 throughout: a few hundred thousand units in the last place, after some tens of ops to second order."""


def run_tape(program: RandomProgram, tf: Any, look: Any = lambda place, value: None) -> dict[str, Any]:
    """Value, gradients and second gradients (of the squared gradients' sum) by tapes."""
    inputs = [
        tf.Variable(value) if variable else tf.constant(value)
        for value, variable in zip(program.inputs, program.variables, strict=True)
    ]
    with tf.GradientTape() as outer:
        outer.watch(inputs)
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            value = program.run(tf, inputs, look)
        gradients = inner.gradient(value, inputs)
        look(-1, gradients[0])
        squared = tf.reduce_sum(gradients[0] * gradients[0])
        for gradient in gradients[1:]:
            squared = squared + tf.reduce_sum(gradient * gradient)
    seconds = outer.gradient(squared, inputs)
    return {
        "value": value.numpy(),
        "gradients": [each.numpy() for each in gradients],
        "seconds": [each.numpy() for each in seconds],
    }


def run_by_hand(program: RandomProgram) -> dict[str, Any]:
    """The same with `jax.grad` of `jax.grad`."""
    every = tuple(range(len(program.inputs)))

    def squared(*inputs: Any) -> Any:
        return sum(jnp.sum(each * each) for each in jax.grad(program.by_hand, every)(*inputs))

    def everything(*inputs: Any) -> Any:
        value, gradients = jax.value_and_grad(program.by_hand, every)(*inputs)
        return {"value": value, "gradients": list(gradients), "seconds": list(jax.grad(squared, every)(*inputs))}

    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(everything)(*map(jnp.asarray, program.inputs)))


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    chex.assert_trees_all_equal_shapes_and_dtypes(ours, theirs)
    chex.assert_trees_all_close(ours, theirs, **CLOSE)


@given(programs())
@sweep(20)
def test_as_written_by_hand(program):
    same(run_tape(program, functape), run_by_hand(program))


@given(programs())
@sweep(5)
def test_op_by_op(program):
    recorded = run_tape(program, functape)
    functape.config.run_op_by_op(True)
    try:
        same(run_tape(program, functape), recorded)
    finally:
        functape.config.run_op_by_op(False)


@given(programs(longest=5))
@sweep(15)
def test_as_tensorflow(program):
    same(run_tape(program, functape), run_tape(program, tensorflow))


@given(programs(longest=5), strategies.sets(strategies.integers(-1, 5), min_size=1), strategies.booleans())
@sweep(8)
def test_looking_changes_nothing(program, places, as_text):
    def look(place, value):
        if place in places:
            (repr if as_text else np.asarray)(value)

    same(run_tape(program, functape, look), run_tape(program, functape))


@given(programs(longest=6), strategies.integers(0, 2**16))
@sweep(8)
def test_second_run_of_a_program_takes_other_inputs(program, seed):
    """The second run is nothing but look-ups; the values are its own."""
    run_tape(program, functape)
    generator = np.random.default_rng(seed)
    other = RandomProgram(
        tuple(np.asarray(generator.uniform(-1.0, 1.0, each.shape)) for each in program.inputs),
        program.variables,
        tuple(step._replace(number=step.number * 0.5) for step in program.steps),
    )
    compiled = functape.config.counters().programs_compiled
    ours = run_tape(other, functape)
    assert functape.config.counters().programs_compiled == compiled
    same(ours, run_by_hand(other))


# ---- finite differences ----------------------------------------------------------------------------------------------


def directional(program: RandomProgram, direction: list[Any]) -> tuple[float, float]:
    """First and second derivative along `direction`, by central differences of the value, with Richardson's step."""

    def value(step: float) -> float:
        moved = [each + step * along for each, along in zip(program.inputs, direction, strict=True)]
        inputs = [functape.constant(each) for each in moved]
        return float(program.run(functape, inputs).numpy())

    def first(h: float) -> float:
        return (value(h) - value(-h)) / (2 * h)

    def second(h: float) -> float:
        return (value(h) - 2 * value(0.0) + value(-h)) / h**2

    return tuple((4 * of(h / 2) - of(h)) / 3 for of, h in ((first, 2e-3), (second, 1e-2)))  # type: ignore[return-value]


def along(program: RandomProgram, direction: list[Any], wrong: float = 0.0) -> tuple[float, float]:
    """The same by tapes; `wrong` is what part of the derivatives to add to them."""
    inputs = [functape.Variable(value) for value in program.inputs]
    weights = [functape.constant(each) for each in direction]
    with functape.GradientTape() as outer:
        with functape.GradientTape() as inner:
            value = program.run(functape, inputs)
        first = projected(inner.gradient(value, inputs), weights)
    second = projected(outer.gradient(first, inputs), weights)
    return float(first) * (1 + wrong), float(second) * (1 + wrong)


def projected(gradients: list[Any], weights: list[Any]) -> Any:
    total = 0.0
    for gradient, weight in zip(gradients, weights, strict=True):
        total = functape.reduce_sum(gradient * weight) + total
    return total


def check_differences(program: RandomProgram, seed: int, wrong: float = 0.0) -> None:
    generator = np.random.default_rng(seed)
    direction = [np.asarray(generator.normal(size=each.shape)) for each in program.inputs]
    wanted = directional(program, direction)
    chex.assert_trees_all_close(along(program, direction, wrong), wanted, rtol=2e-5, atol=2e-5)


@given(programs(longest=6, without=("stop", *STEEP)), strategies.integers(0, 2**16))
@sweep(10)
def test_finite_differences(program, seed):
    check_differences(program, seed)


@given(programs(longest=2, without=("stop",)), strategies.integers(0, 2**16))
@sweep(6)
def test_finite_differences_of_steep_functions(program, seed):
    check_differences(program, seed)


FIXED = RandomProgram(
    (np.array([[0.5, -1.0], [0.25, 1.5]]), np.array([1.0, -0.5])),
    (True, False),
    (Step("matmul", (0, 0), 1.0), Step("tanh", (2,), 1.0), Step("multiply", (3, 1), 1.0), Step("exp", (4,), 1.0)),
)


def test_a_wrong_gradient_fails_the_differences():
    check_differences(FIXED, 0)
    with pytest.raises(AssertionError):
        check_differences(FIXED, 0, wrong=1e-3)


@pytest.mark.parametrize("which", ["value", "gradients", "seconds"])
def test_a_slightly_wrong_result_fails_the_comparison(which):
    right = run_by_hand(FIXED)
    same(run_tape(FIXED, functape), right)
    wrong = {**right, which: jax.tree.map(lambda each: each * (1 + 1e-7), right[which])}
    with pytest.raises(AssertionError):
        same(run_tape(FIXED, functape), wrong)
