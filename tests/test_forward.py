"""`tf.autodiff.ForwardAccumulator`: every case against TensorFlow."""

from __future__ import annotations

import inspect

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from both_sides import Table, assert_same_error, assert_same_outcome
from both_sides import described as numbers_of

import functape

CASES = Table()
ERRORS = Table()


def values(tf):
    return tf.constant([1.0, 2.0]), tf.constant([1.0, 0.5])


def changes(tf, function, *arguments, **options):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        y = function(x)
    return accumulator.jvp(y, *arguments, **options)


@CASES
def of_a_power(tf):
    return changes(tf, lambda x: x**3)


@CASES
def of_a_constant(tf):
    return changes(tf, lambda x: tf.constant(1.0))


@CASES
def zeros_for_a_constant(tf):
    return changes(tf, lambda x: tf.constant(1.0), "zero")


@CASES
def zeros_by_the_enumeration(tf):
    return changes(tf, lambda x: tf.ones([2, 2]), unconnected_gradients=tf.UnconnectedGradients.ZERO)


@CASES
def of_a_structure(tf):
    return changes(tf, lambda x: {"a": x, "b": [x * 2.0, tf.constant(1.0)], "c": (tf.exp(x),)})


@CASES
def of_integers(tf):
    return changes(tf, lambda x: [tf.cast(x, tf.int32), tf.argmax(x), tf.floor(x)])


@CASES
def past_a_stop(tf):
    return changes(tf, lambda x: [tf.stop_gradient(x) * x, tf.stop_gradient(x)])


@CASES
def of_a_broadcast_product(tf):
    return changes(tf, lambda x: tf.linalg.matvec(tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), x) * x[0])


@CASES
def of_the_primal(tf):
    x, tangent = values(tf)
    return tf.autodiff.ForwardAccumulator(x, tangent).jvp(x)


@CASES
def of_variables(tf):
    w, b = tf.Variable([[1.0, 2.0]]), tf.Variable(0.5)
    tangents = [tf.constant([[0.5, 0.25]]), tf.constant(2.0)]
    with tf.autodiff.ForwardAccumulator([w, b], tangents) as accumulator:
        y = tf.tanh(w * w + b)
    return accumulator.jvp(y), accumulator.jvp(w), accumulator.jvp([b, y])


@CASES
def of_a_dictionary(tf):
    x, tangent = values(tf)
    y = x * 3.0
    with tf.autodiff.ForwardAccumulator({"a": x, "b": [y]}, {"a": tangent, "b": [tangent * 2.0]}) as accumulator:
        z = x * y
    return accumulator.jvp(z)


@CASES
def asked_inside_the_block(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        y = tf.sin(x)
        first = accumulator.jvp(y)
        z = y * x
        return first, accumulator.jvp(z), accumulator.jvp(first)


@CASES
def entered_twice(tf):
    x, tangent = values(tf)
    accumulator = tf.autodiff.ForwardAccumulator(x, tangent)
    with accumulator:
        y = x * 2.0
    outside = x * 5.0
    with accumulator:
        z = y * x
    return accumulator.jvp(y), accumulator.jvp(z), accumulator.jvp(outside)


@CASES
def after_a_value_was_read(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        y = x * x
        y.numpy()
        z = y * x
    return accumulator.jvp(z)


@CASES
def of_an_assigned_variable(tf):
    w = tf.Variable([1.0, 2.0])
    with tf.autodiff.ForwardAccumulator(w, tf.constant([1.0, 0.0])) as accumulator:
        w.assign(w * w)
        y = w * 3.0
    return accumulator.jvp(y), accumulator.jvp(w)


@CASES
def nested(tf):
    x, tangent = values(tf)
    forward = tf.autodiff.ForwardAccumulator
    with forward(x, tangent) as outer, forward(x, tangent * 2.0) as inner:
        y = x**3 * tf.reduce_sum(x)
        first = inner.jvp(y)
        twice = inner.jvp(first)
    return first, twice, outer.jvp(first), outer.jvp(inner.jvp(y)), inner.jvp(outer.jvp(y)), outer.jvp(y)


@CASES
def three_deep(tf):
    x, tangent = values(tf)
    forward = tf.autodiff.ForwardAccumulator
    with forward(x, tangent) as third, forward(x, tangent) as second, forward(x, tangent) as first:
        y = x**5
    return third.jvp(second.jvp(first.jvp(y)))


@CASES
def around_a_tape(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(x**4) * x[0]
        gradient = tape.gradient(y, x)
    return gradient, accumulator.jvp(gradient), accumulator.jvp(y)


@CASES
def around_a_tape_asked_later(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator, tf.GradientTape() as tape:
        tape.watch(x)
        y = x**4
    return accumulator.jvp(tape.gradient(y, x))


@CASES
def inside_a_tape(tf):
    x, tangent = values(tf)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, tangent])
        with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
            y = x**3
        change = accumulator.jvp(y)
    return tape.gradient(change, x), tape.gradient(change, tangent)


@CASES
def inside_a_tape_asked_later(tf):
    x, tangent = values(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
            y = x**3
    return tape.gradient(accumulator.jvp(y), x)


@CASES
def inside_a_tape_after_a_value_was_read(tf):
    x, tangent = values(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
            y = x**3
    y.numpy()
    return tape.gradient(accumulator.jvp(y), x)


@CASES
def around_a_tape_that_does_not_see_it(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator, tf.GradientTape() as tape:
        tape.watch(x)
        y = x**3
    return tape.gradient(accumulator.jvp(y), x)


@CASES
def hessian_vector_product(tf):
    w, v = tf.Variable([[0.5, 1.0], [-1.0, 0.25]]), tf.constant([[1.0, 0.5], [0.0, 2.0]])
    x = tf.constant([[1.0, 2.0], [0.5, -1.0]])
    with tf.autodiff.ForwardAccumulator(w, v) as accumulator:
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.tanh(x @ w) ** 2)
        gradient = tape.gradient(loss, w)
    return accumulator.jvp(gradient)


@CASES
def hessian_vector_product_by_two_tapes(tf):
    w, v = tf.Variable([[0.5, 1.0], [-1.0, 0.25]]), tf.constant([[1.0, 0.5], [0.0, 2.0]])
    x = tf.constant([[1.0, 2.0], [0.5, -1.0]])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = tf.reduce_sum(tf.tanh(x @ w) ** 2)
        gradient = inner.gradient(loss, w)
    return outer.gradient(gradient, w, v)


@CASES
def of_a_jacobian(tf):
    x, tangent = values(tf)
    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.sin(x) * tf.reduce_prod(x)
        jacobian = tape.jacobian(y, x)
    return accumulator.jvp(jacobian)


@CASES
def around_a_function(tf):
    x, tangent = values(tf)

    @tf.function
    def compute(x):
        return tf.tanh(x) * tf.reduce_sum(x)

    with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
        y = compute(x)
    return accumulator.jvp(y)


@CASES
def inside_a_function(tf):
    @tf.function
    def compute(x, tangent):
        with tf.autodiff.ForwardAccumulator(x, tangent) as accumulator:
            y = tf.tanh(x) * tf.reduce_sum(x)
        return accumulator.jvp(y)

    return compute(*values(tf))


@CASES
def of_complex_numbers(tf):
    z, tangent = tf.constant([1 + 2j, 0.5 - 1j]), tf.constant([0.5 + 1j, 1j])
    with tf.autodiff.ForwardAccumulator(z, tangent) as accumulator:
        y = z * z * z
    return accumulator.jvp(y)


@CASES
def through_rows_of_a_table(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.autodiff.ForwardAccumulator(table, tf.constant([[1.0, 0.0], [0.5, 0.25]])) as accumulator:
        y = tf.gather(table, [1, 1, 0]) ** 2
    return accumulator.jvp(y)


@CASES.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


@pytest.mark.parametrize("program", [nested, hessian_vector_product, inside_a_tape], ids=lambda each: each.__name__)
def test_again_without_compiling(program):
    for _ in range(3):
        before = functape.config.counters().programs_compiled
        numbers_of(program(functape))
    assert functape.config.counters().programs_compiled == before


@ERRORS
def another_shape(tf):
    with tf.autodiff.ForwardAccumulator(tf.constant([1.0, 2.0]), tf.constant([1.0])) as accumulator:
        y = tf.constant([1.0, 2.0]) * 2.0
    accumulator.jvp(y)
    raise ValueError("TensorFlow only raises where the tangent is used")


@ERRORS
def another_dtype(tf):
    tf.autodiff.ForwardAccumulator(tf.constant([1.0]), tf.constant([1.0], tf.float64))


@ERRORS
def another_structure(tf):
    tf.autodiff.ForwardAccumulator([tf.constant(1.0)], tf.constant(1.0))


@ERRORS
def fewer_tangents(tf):
    tf.autodiff.ForwardAccumulator([tf.constant(1.0), tf.constant(2.0)], [tf.constant(1.0)])


@ERRORS
def a_primal_named_twice(tf):
    x = tf.constant(1.0)
    tf.autodiff.ForwardAccumulator([x, x], [x, x])


@ERRORS
def a_primal_that_is_no_tensor(tf):
    tf.autodiff.ForwardAccumulator(1.0, 1.0)


@ERRORS
def no_tangent(tf):
    tf.autodiff.ForwardAccumulator([tf.constant(1.0)], [None])


@ERRORS
def entered_while_it_is_on(tf):
    accumulator = tf.autodiff.ForwardAccumulator(tf.constant(1.0), tf.constant(1.0))
    with accumulator, accumulator:
        pass


@ERRORS
def an_unknown_value_for_unconnected(tf):
    changes(tf, lambda x: x, "nothing")


@ERRORS.each()
def test_errors_as_tensorflow(program):
    assert_same_error(program)


def test_signatures():
    import tensorflow

    for name in ("__init__", "jvp"):
        theirs, ours = (getattr(tf.autodiff.ForwardAccumulator, name) for tf in (tensorflow, functape))
        assert list(inspect.signature(theirs).parameters) == list(inspect.signature(ours).parameters)


FUNCTIONS = {
    "a softmax": (lambda tf, x: tf.nn.softmax(x), jax.nn.softmax),
    "a cumulative sum": (lambda tf, x: tf.cumsum(x * x), lambda x: jnp.cumsum(x * x)),
    "a logarithm": (lambda tf, x: tf.math.log1p(x * x), lambda x: jnp.log1p(x * x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_jax(name):
    ours, theirs = FUNCTIONS[name]
    made = changes(functape, lambda x: ours(functape, x))
    x, tangent = jnp.array([1.0, 2.0]), jnp.array([1.0, 0.5])
    wanted = jax.jvp(theirs, (x,), (tangent,))[1]
    chex.assert_trees_all_close(made.numpy(), np.asarray(wanted), rtol=2e-6)
    with pytest.raises(AssertionError):
        chex.assert_trees_all_close(made.numpy() * 1.0001, np.asarray(wanted), rtol=2e-6)
