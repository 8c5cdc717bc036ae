"""Jacobians and Hessians: every case against TensorFlow, and against JAX's own derivatives."""

from __future__ import annotations

import inspect

import chex
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from both_sides import Table, assert_same_error, assert_same_outcome
from both_sides import described as numbers_of
from oracle import assert_close

import functape

CASES = Table()
ERRORS = Table()

X = np.array([[0.5, -1.0], [2.0, 0.25]], np.float32)


def derived(tf, function, *values, what="jacobian", persistent=False, sources=None, **options):
    tensors = [tf.constant(value) for value in values]
    with tf.GradientTape(persistent=persistent) as tape:
        for tensor in tensors:
            tape.watch(tensor)
        y = function(*tensors)
    asked = tensors[0] if sources is None else sources(*tensors)
    return getattr(tape, what)(y, asked, **options)


@CASES
def of_a_product_with_itself(tf):
    return derived(tf, lambda x: x @ x, X)


@CASES
def of_a_scalar(tf):
    return derived(tf, lambda x: tf.reduce_sum(tf.sin(x)), X)


@CASES
def of_an_elementwise_function(tf):
    return derived(tf, lambda x: tf.exp(x) * x, X)


@CASES
def of_a_softmax(tf):
    return derived(tf, tf.nn.softmax, X)


@CASES
def several_sources(tf):
    return derived(tf, lambda x, y: tf.tensordot(x, y, 1) * x, X, X + 1, sources=lambda x, y: [x, y])


@CASES
def nested_sources(tf):
    return derived(tf, lambda x, y: x @ y, X, X + 1, sources=lambda x, y: {"b": (x,), "a": [y, x]})


@CASES
def an_unconnected_source(tf):
    return derived(tf, lambda x: x * x, X, sources=lambda x: [x, tf.constant([1.0])])


@CASES
def zeros_for_an_unconnected_source(tf):
    return derived(tf, lambda x: x * x, X, sources=lambda x: tf.constant([1.0]), unconnected_gradients="zero")


@CASES
def the_enumeration(tf):
    return derived(
        tf, lambda x: x[0], X, sources=lambda x: tf.ones([2, 1]), unconnected_gradients=tf.UnconnectedGradients.ZERO
    )


@CASES
def element_by_element(tf):
    return derived(tf, lambda x: x * x, X, persistent=True, experimental_use_pfor=False, parallel_iterations=2)


@CASES
def of_a_source_itself(tf):
    return derived(tf, lambda x: x, X)


@CASES
def of_integers(tf):
    return derived(tf, lambda x: tf.cast(x, tf.int32), X)


@CASES
def in_double_precision(tf):
    return derived(tf, lambda x: tf.sqrt(tf.abs(x)) @ x, X.astype(np.float64))


@CASES
def of_complex_numbers(tf):
    return derived(tf, lambda z: z * z * 2.0, np.array([1 + 2j, 3 - 1j], np.complex64))


@CASES
def of_a_complex_part(tf):
    return derived(tf, lambda z: tf.math.real(z * z), np.array([1 + 2j, 3 - 1j], np.complex64))


@CASES
def of_an_absolute_value_of_complex_numbers(tf):
    return derived(tf, lambda z: tf.abs(z * z), np.array([1 + 2j, 3 - 1j], np.complex64))


@CASES
def of_rows_of_a_table(tf):
    return derived(tf, lambda x: tf.gather(x, [1, 1, 0]), X)


@CASES
def with_respect_to_variables(tf):
    w, b = tf.Variable(X), tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = tf.sigmoid(tf.constant(X) @ w + b)
    return tape.jacobian(y, [w, b])


@CASES
def with_respect_to_an_intermediate(tf):
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        z = x * 3.0
        y = z @ x
    return tape.jacobian(y, z), tape.jacobian(y, x), tape.jacobian(z, x), tape.jacobian(y, [z, x])


@CASES
def of_a_tape_that_is_still_on(tf):
    x = tf.constant(X)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        return tape.jacobian(x * x, x)


@CASES
def after_a_value_was_read(tf):
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = x * x
        z.numpy()
        y = z @ x
    return tape.jacobian(y, x)


@CASES
def rows(tf):
    return derived(tf, lambda x: x * x, X, what="batch_jacobian")


@CASES
def rows_of_more_axes(tf):
    values = np.arange(12, dtype=np.float32).reshape(2, 3, 2) / 7
    return derived(tf, lambda x: tf.reduce_sum(x, 2) ** 2, values, what="batch_jacobian")


@CASES
def rows_that_mix(tf):
    return derived(tf, lambda x: x @ tf.reverse(x, [0]), X, what="batch_jacobian")


@CASES
def rows_of_another_number(tf):
    return derived(tf, lambda x: tf.ones([2, 3]), X, what="batch_jacobian")


@CASES
def rows_one_by_one(tf):
    options = {"persistent": True, "experimental_use_pfor": False}
    return derived(tf, lambda x: x**3, X, what="batch_jacobian", **options)


@CASES
def rows_through_a_layer(tf):
    w = tf.constant([[1.0, 0.2, 0.3], [0.5, 0.25, -0.1]])
    return derived(tf, lambda x: tf.tanh(x @ w), X, what="batch_jacobian")


@CASES
def gradient_of_a_jacobian(tf):
    x = tf.constant(X)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x @ x * x
        jacobian = inner.jacobian(y, x)
    return jacobian, outer.gradient(jacobian, x)


@CASES
def jacobian_of_a_jacobian(tf):
    x = tf.constant([0.5, 1.5])
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.exp(x) * tf.reduce_sum(x**2)
        jacobian = inner.jacobian(y, x)
    return outer.jacobian(jacobian, x)


@CASES
def gradient_of_a_batch_jacobian(tf):
    x = tf.constant(X)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.sin(x) * x
        jacobian = inner.batch_jacobian(y, x)
    return outer.gradient(jacobian, x)


@CASES
def hessian(tf):
    x = tf.Variable(X)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.sin(x) @ x)
        gradient = inner.gradient(y, x)
    return outer.jacobian(gradient, x)


@CASES
def hessian_of_a_layer(tf):
    x = tf.constant(X)
    first, second = tf.Variable([[0.5, 1.0, -1.0], [1.0, 2.0, 0.5]]), tf.Variable([0.1, 0.2, 0.3])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            loss = tf.reduce_mean(tf.tanh(x @ first + second) ** 2)
        gradients = inner.gradient(loss, [first, second])
    return [outer.jacobian(gradient, [first, second]) for gradient in gradients]


@CASES
def third_order(tf):
    x = tf.constant([0.5, 1.5])
    with tf.GradientTape() as third:
        third.watch(x)
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                y = tf.reduce_sum(x**4) * x[0]
            gradient = first.gradient(y, x)
        hessian = second.jacobian(gradient, x)
    return third.jacobian(hessian, x)


@CASES.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


@CASES.each()
def test_again_without_compiling(program):
    for _ in range(3):
        before = functape.config.counters().programs_compiled
        numbers_of(program(functape))
    assert functape.config.counters().programs_compiled == before


@ERRORS
def one_by_one_without_persistence(tf):
    derived(tf, lambda x: x * x, X, experimental_use_pfor=False)


@ERRORS
def rows_one_by_one_without_persistence(tf):
    derived(tf, lambda x: x * x, X, what="batch_jacobian", experimental_use_pfor=False)


@ERRORS
def twice(tf):
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    tape.jacobian(y, x)
    tape.jacobian(y, x)


@ERRORS
def a_list_of_targets(tf):
    derived(tf, lambda x: [x, x], X)


@ERRORS
def an_unknown_value_for_unconnected(tf):
    derived(tf, lambda x: x, X, unconnected_gradients="nothing")


@ERRORS
def an_unknown_value_for_unconnected_rows(tf):
    derived(tf, lambda x: x, X, what="batch_jacobian", unconnected_gradients="nothing")


@ERRORS
def rows_of_a_vector(tf):
    derived(tf, lambda x: tf.reduce_sum(x, 1), X, what="batch_jacobian")


@ERRORS
def rows_of_a_scalar(tf):
    derived(tf, tf.reduce_sum, X, what="batch_jacobian")


@ERRORS
def rows_with_respect_to_a_scalar(tf):
    derived(tf, lambda x: x, X, what="batch_jacobian", sources=lambda x: tf.constant(1.0))


@ERRORS
def rows_of_other_batches(tf):
    derived(tf, lambda x: x[:1], X, what="batch_jacobian")


@ERRORS
def rows_of_a_list(tf):
    derived(tf, lambda x: x, X, what="batch_jacobian", sources=lambda x: [x])


@ERRORS.each()
def test_errors_as_tensorflow(program):
    assert_same_error(program)


@pytest.mark.parametrize("name", ["jacobian", "batch_jacobian"])
def test_signatures(name):
    import tensorflow

    theirs, ours = (getattr(tf.GradientTape, name) for tf in (tensorflow, functape))
    assert described(theirs) == described(ours)


def described(function):
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.kind, getattr(each.default, "name", each.default)) for each in parameters]


FUNCTIONS = {
    "tanh of a product": (lambda tf, x: tf.tanh(x @ x), lambda x: jnp.tanh(x @ x)),
    "log of a sum of exponentials": (lambda tf, x: tf.reduce_logsumexp(x, 1), lambda x: jax.nn.logsumexp(x, axis=1)),
    "a quotient": (lambda tf, x: x / (1.0 + x * x), lambda x: x / (1.0 + x * x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_as_jax(name):
    ours, theirs = FUNCTIONS[name]
    made = derived(functape, lambda x: ours(functape, x), X)
    for jacobian in (jax.jacrev, jax.jacfwd):
        chex.assert_trees_all_close(made.numpy(), np.asarray(jacobian(theirs)(jnp.asarray(X))), rtol=2e-5, atol=1e-6)


def hessian_of(tf, function, value):
    x = tf.constant(value)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(function(x))
        gradient = inner.gradient(y, x)
    return outer.jacobian(gradient, x)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_hessian_as_jax(name):
    ours, theirs = FUNCTIONS[name]
    made = hessian_of(functape, lambda x: ours(functape, x), X)
    wanted = np.asarray(jax.hessian(lambda x: jnp.sum(theirs(x)))(jnp.asarray(X)))
    chex.assert_trees_all_close(made.numpy(), wanted, rtol=5e-5, atol=5e-6)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_finite_differences_to_second_order(name):
    ours, _ = FUNCTIONS[name]
    x = X.astype(np.float64)
    change = np.random.default_rng(3).normal(size=x.shape)
    step = 1e-4

    def at(value):
        return derived(functape, lambda x: ours(functape, x), value).numpy()

    def value(value):
        return ours(functape, functape.constant(value)).numpy()

    first = (value(x + step * change) - value(x - step * change)) / (2 * step)
    np.testing.assert_allclose(np.tensordot(at(x), change, 2), first, rtol=1e-6, atol=1e-7)
    gradient = (at(x + step * change) - at(x - step * change)) / (2 * step)
    hessian = hessian_of(functape, lambda x: ours(functape, x), x).numpy()
    summed = gradient.sum(tuple(range(gradient.ndim - 2)))
    np.testing.assert_allclose(np.tensordot(hessian, change, 2), summed, rtol=1e-6, atol=1e-7)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(np.tensordot(hessian * 1.0001, change, 2), summed, rtol=1e-6, atol=1e-7)


def test_a_slightly_wrong_jacobian_is_found():
    made = derived(functape, lambda x: x @ x, X).numpy()
    with pytest.raises(AssertionError):
        assert_close(made * np.float32(1.0005), made)
