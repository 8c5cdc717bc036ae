"""Mistakes with `GradientTape`: exceptions of TensorFlow's types, at the same line."""

from __future__ import annotations

import numpy as np
import pytest
from both_sides import Table, assert_same_error

import functape

mistake = Table()


def used(tf, persistent=False):
    """A tape with a target and a source."""
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=persistent) as tape:
        y = v * v
    return tape, y, v


@mistake
def asked_twice(tf):
    tape, y, v = used(tf)
    tape.gradient(y, v)
    tape.gradient(y, v)


@mistake
def asked_again_inside_the_block(tf):
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = v * v
        tape.gradient(y, v)
        tape.gradient(y, v)


@mistake
def never_entered(tf):
    _, y, v = used(tf)
    tf.GradientTape().gradient(y, v)


@mistake
def entered_twice(tf):
    with tf.GradientTape() as tape, tape:
        pass


@mistake
def watched_before_the_block(tf):
    tf.GradientTape().watch(tf.constant(1.0))


@mistake
def watched_once_used_up(tf):
    tape, y, v = used(tf)
    tape.gradient(y, v)
    tape.watch(tf.constant(1.0))


@mistake
def stopped_outside_the_block(tf):
    tape, _, _ = used(tf)
    with tape.stop_recording():
        pass


@mistake
def stopped_once_used_up(tf):
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = v * v
        tape.gradient(y, v)
        with tape.stop_recording():
            pass


@mistake
def reset_outside_the_block(tf):
    used(tf)[0].reset()


@mistake
def reset_before_the_block(tf):
    tf.GradientTape().reset()


@mistake
def too_many_arguments_to_the_tape(tf):
    tf.GradientTape(True, False, 3)


@mistake
def too_many_arguments_to_gradient(tf):
    tape, y, v = used(tf)
    tape.gradient(y, v, None, "none", 3)


@mistake
def unknown_argument(tf):
    tape, y, v = used(tf)
    tape.gradient(y, v, zeros=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: 1,
        lambda tf: 1.0,
        lambda tf: "a",
        lambda tf: None,
        lambda tf: [1.0],
        lambda tf: np.ones(2),
        lambda tf: object(),
        lambda tf: [tf.constant(1.0), 2.0],
    ],
    ids=["int", "float", "str", "None", "list", "array", "object", "mixed"],
)
def test_watching_what_is_no_tensor(make):
    def program(tf):
        with tf.GradientTape() as tape:
            tape.watch(make(tf))

    assert_same_error(program)


WRONG = {
    "None": lambda tf, y: None,
    "None among others": lambda tf, y: [y, None],
    "float": lambda tf, y: 2.0,
    "str": lambda tf, y: "a",
    "array": lambda tf, y: np.ones(2),
    "generator": lambda tf, y: (each for each in [y]),
    "object": lambda tf, y: object(),
    "set": lambda tf, y: {y.ref()},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_target(wrong):
    def program(tf):
        tape, y, v = used(tf)
        tape.gradient(WRONG[wrong](tf, y), v)

    assert_same_error(program)


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_source(wrong):
    def program(tf):
        tape, y, v = used(tf)
        tape.gradient(y, WRONG[wrong](tf, v))

    assert_same_error(program)


@pytest.mark.parametrize("value", ["neither", None, 1, "ZERO"])
def test_wrong_unconnected_gradients(value):
    def program(tf):
        tape, y, v = used(tf)
        tape.gradient(y, v, unconnected_gradients=value)

    assert_same_error(program)


@pytest.mark.parametrize(
    "make",
    [
        lambda tf: tf.constant([1.0, 2.0, 3.0]),
        lambda tf: tf.constant([[1.0, 2.0], [3.0, 4.0]]),
        lambda tf: tf.constant([1, 2]),
        lambda tf: tf.constant(np.array([1.0, 2.0])),
    ],
    ids=["longer", "matrix", "int", "double"],
)
def test_wrong_output_gradients(make):
    def program(tf):
        tape, y, v = used(tf)
        tape.gradient(y, v, output_gradients=make(tf))

    assert_same_error(program)


@mistake.each()
def test_as_tensorflow(program):
    assert_same_error(program)


@pytest.mark.parametrize("weights", [[2.0, 3.0], [], [1.0, 2.0, 3.0]], ids=str)
def test_wrong_number_of_output_gradients(weights):
    """TensorFlow takes the first and leaves the others out, or fills up with ones, in silence."""
    tape, y, v = used(functape)
    with pytest.raises(ValueError, match="one entry for each of the 1 targets"):
        tape.gradient(y, v, output_gradients=weights)


def test_none_among_output_gradients_stands_for_ones():
    """TensorFlow fails on None as soon as an op uses it."""
    tape, y, v = used(functape, persistent=True)
    ones, weights = functape.constant([1.0, 1.0]), functape.constant([3.0, -1.0])
    for given, wanted in [
        ([None, weights], [ones, weights]),
        ([weights, None], [weights, ones]),
        ([None] * 2, [ones] * 2),
    ]:
        found = tape.gradient([y, y], v, output_gradients=given)
        np.testing.assert_array_equal(found, tape.gradient([y, y], v, output_gradients=wanted))
    np.testing.assert_array_equal(tape.gradient(y, v, output_gradients=[None]), tape.gradient(y, v))


def test_messages_name_the_remedy():
    tape, y, v = used(functape)
    with pytest.raises(TypeError, match="Received: None"):
        tape.gradient(y, [v, None])
    tape.gradient(y, v)
    with pytest.raises(RuntimeError, match="persistent=True"):
        tape.gradient(y, v)


def test_a_failed_program_leaves_the_tape_usable():
    """A program that cannot be compiled is reported; what does not need it can still be asked for."""
    from functape._engine._op import Op
    from functape._engine._recorder import record

    calls = []

    def fails_when_compiled(x):
        calls.append(x)
        if len(calls) > 1:
            raise FloatingPointError("broken")
        return x

    broken = Op("BrokenOnTheSecondTrace", fails_when_compiled)
    v = functape.Variable(3.0)
    with functape.GradientTape(persistent=True) as tape:
        y = v * v
        z = record(broken, (), (y,))
    with pytest.raises(FloatingPointError):
        z.numpy()
    assert tape.gradient(y, v).numpy() == 6.0
