"""What compiled code does besides computing: once, in order, and what fails in it is raised at the call."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import tensorflow

import functape


def printed(tf, program, capsys):
    """What a program prints, and what it returns."""
    found = program(tf)
    return capsys.readouterr().out, [float(each) for each in found]


def under_a_tape(tf):
    v = tf.Variable(1.0)

    @tf.function
    def f(x):
        tf.print("running", x, output_stream=sys.stdout)
        v.assign_add(x)
        return x * x * v

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        print("before")
        y = f(x)
        print("after")
    return tape.gradient(y, x), y, v


def second_derivatives(tf):
    @tf.function
    def f(x):
        tf.print("running", x, output_stream=sys.stdout)
        return x**3

    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = f(x)
        gradient = inner.gradient(y, x)
    return outer.gradient(gradient, x), outer.gradient(y, x)


def in_a_loop(tf):
    @tf.function
    def f(x, n):
        i = 0
        while i < n:
            tf.print("round", i, output_stream=sys.stdout)
            x = x * x
            i += 1
        return x

    @tf.function
    def gradient(x, n):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x, n)
        return tape.gradient(y, x)

    x, n = tf.constant(1.1), tf.constant(3)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x, n)
    return tape.gradient(y, x), gradient(x, n)


def ragged(tf):
    @tf.function
    def f(r, x):
        tf.print("rows", r * 2.0, x, {"r": r}, output_stream=sys.stdout)
        return tf.reduce_sum(r)

    x = tf.constant([1.0, 2.0])
    return f(tf.ragged.constant([[1.0, 2.0], [3.0]]), x), f(tf.ragged.constant([[1.0], [2.0, 3.0, 4.0], []]), x)


@pytest.mark.parametrize("program", [under_a_tape, second_derivatives, in_a_loop, ragged])
def test_a_gradient_does_not_act_again(program, capfd):
    tensorflow.print("", output_stream=sys.stdout)
    capfd.readouterr()
    theirs, ours = (printed(tf, program, capfd) for tf in (tensorflow, functape))
    assert ours[0] == theirs[0]
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-6)


@pytest.mark.parametrize("tf", [tensorflow, functape])
def test_what_fails_under_a_tape_is_raised_at_the_call(tf):
    v, other = tf.Variable(1.0), tf.Variable(5.0)

    @tf.function
    def f(x):
        tf.debugging.Assert(x > 0.0, ["not positive", x])
        v.assign_add(x)
        return x * v

    x = tf.Variable(-1.0)
    with tf.GradientTape() as tape:
        other.assign_add(1.0)
        before = other * x
        with pytest.raises(tf.errors.InvalidArgumentError):
            f(x)
    # TensorFlow runs the assignment beside the check; here a call that fails leaves no trace.
    assert float(v) == 1.0 or tf is tensorflow
    v.assign(1.0)
    assert float(other) == 6.0
    assert float(before) == -6.0
    assert float(tape.gradient(before, x)) == 6.0
    x.assign(2.0)
    assert float(f(x)) == 6.0


WIDE = [
    np.int64(2**40),
    np.array([[1, -(2**40)]], np.int64),
    np.array([2**63], np.uint64),
    np.float64(1 / 3),
    np.zeros(0, np.float64),
    np.array([1 / 3 + 2j / 3]),
]


@pytest.mark.parametrize("value", WIDE, ids=lambda value: f"{value.dtype.name}{value.shape}")
def test_python_called_by_a_program_sees_all_of_a_64_bit_number(value, capsys):
    seen = []

    def double(array):
        seen.append(array)
        return array * 2

    def f(tf, x):
        tf.print(x, output_stream=sys.stdout)
        return tf.numpy_function(double, [x], x.dtype)

    eager = f(functape, functape.constant(value)).numpy(), capsys.readouterr().out
    compiled = functape.function(f)(functape, functape.constant(value)).numpy(), capsys.readouterr().out
    theirs = tensorflow.function(f)(tensorflow, tensorflow.constant(value)).numpy()
    for mine in (eager[0], compiled[0]):
        assert mine.dtype == theirs.dtype and np.array_equal(mine, theirs)
    assert compiled[1] == eager[1]
    for each in seen:
        assert each.dtype == value.dtype and np.array_equal(each, value)
