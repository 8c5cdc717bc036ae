"""`tf.train.ExponentialMovingAverage` against TensorFlow."""

from __future__ import annotations

from typing import Any

import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome
from oracle import check_signature

import functape

programs, mistakes = Table(), Table()


@programs
def averages_over_steps(tf: Any) -> Any:
    v, w = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3.0, dtype=tf.float64)
    average = tf.train.ExponentialMovingAverage(0.9)
    found = []
    for step in range(3):
        average.apply([v, w])
        found.append([tf.identity(average.average(v)), tf.identity(average.average(w))])
        v.assign_add([float(step), 0.5])
        w.assign(w * 0.7)
    return [found, average.average(tf.Variable(1.0)), average.name, average.average_name(v), average.average(v).name]


@programs
def fewer_steps_so_far(tf: Any) -> Any:
    v, steps = tf.Variable(1.0), tf.Variable(0)
    average = tf.train.ExponentialMovingAverage(0.99, num_updates=steps, zero_debias=True, name="mean")
    found = []
    for _ in range(3):
        average.apply([v])
        found.append(tf.identity(average.average(v)))
        v.assign_add(1.0)
        steps.assign_add(1)
    return [found, average.average(v).trainable]


@programs
def in_a_function(tf: Any) -> Any:
    v = tf.Variable(1.0)
    average = tf.train.ExponentialMovingAverage(tf.constant(0.5))
    average.apply([v])

    @tf.function
    def step(x: Any) -> Any:
        v.assign(x)
        average.apply([v])
        return average.average(v) * 1.0

    return [step(tf.constant(2.0)), step(tf.constant(4.0))]


@mistakes
def an_integer_variable(tf: Any) -> Any:
    tf.train.ExponentialMovingAverage(0.9).apply([tf.Variable(1)])


@mistakes
def a_tensor(tf: Any) -> Any:
    tf.train.ExponentialMovingAverage(0.9).apply([tf.constant(1.0)])


@programs.each()
def test_program(program: Any):
    assert_same_outcome(program)


@mistakes.each()
def test_mistake(program: Any):
    assert_same_error(program)


@pytest.mark.parametrize("name", ["__init__", "apply", "average", "average_name", "variables_to_restore"])
def test_signature(name: str):
    check_signature(
        getattr(functape.train.ExponentialMovingAverage, name),
        getattr(tensorflow.train.ExponentialMovingAverage, name),
    )


def test_variables_to_restore():
    v = functape.Variable(1.0, name="v")
    average = functape.train.ExponentialMovingAverage(0.9)
    average.apply([v])
    assert average.variables_to_restore() == {"v/ExponentialMovingAverage": v}
