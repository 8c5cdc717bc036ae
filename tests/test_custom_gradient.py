"""Gradients that the user writes, `tf.recompute_grad`, `tf.gradients` and the rest: every case against TensorFlow."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from both_sides import Table, assert_same_error, assert_same_outcome
from both_sides import described as numbers_of
from oracle import check_signature

import functape

CASES = Table()
ERRORS = Table()


def start(tf):
    return tf.constant([1.0, 2.0])


def gradient_of(tf, function, *sources):
    sources = sources or (start(tf),)
    with tf.GradientTape() as tape:
        for source in sources:
            tape.watch(source)
        y = function(*sources)
    return y, tape.gradient(y, list(sources))


def with_gradient(tf, gradient, function=lambda *xs: xs[0] * 2.0):
    @tf.custom_gradient
    def decorated(*args):
        return function(*args), gradient

    return decorated


@CASES
def of_one_argument(tf):
    return gradient_of(tf, with_gradient(tf, lambda upstream: upstream * 10.0))


@CASES
def in_a_list(tf):
    return gradient_of(tf, with_gradient(tf, lambda upstream: [upstream * 10.0]))


@CASES
def of_none(tf):
    return gradient_of(tf, with_gradient(tf, lambda upstream: None))


@CASES
def of_one_argument_of_two(tf):
    function = with_gradient(tf, lambda upstream: (None, upstream * 3.0), lambda a, b: a * b)
    return gradient_of(tf, function, start(tf), start(tf) + 1.0)


@CASES
def of_several_results(tf):
    return gradient_of(tf, with_gradient(tf, lambda a, b: a * 10.0 + b, lambda x: (x, x * 2.0)))


@CASES
def of_results_in_a_dictionary(tf):
    return gradient_of(tf, with_gradient(tf, lambda a, b: a * 10.0 + b, lambda x: {"b": x, "a": x * 2.0}))


@CASES
def of_one_result_of_two(tf):
    function = with_gradient(tf, lambda a, b: a * 10.0 + b * 7.0, lambda x: (x, x * 2.0))
    return gradient_of(tf, lambda x: function(x)[1])


@CASES
def beside_an_integer_result(tf):
    function = with_gradient(tf, lambda a, b: a * 10.0, lambda x: (x, tf.constant(1)))
    return gradient_of(tf, lambda x: function(x)[0])


@CASES
def of_a_log_of_a_sum_of_exponentials(tf):
    @tf.custom_gradient
    def log1pexp(x):
        e = tf.exp(x)
        return tf.math.log(1.0 + e), lambda upstream: upstream * (1.0 - 1.0 / (1.0 + e))

    return gradient_of(tf, log1pexp, tf.constant(100.0))


@CASES
def with_a_variable_as_argument(tf):
    w = tf.Variable([3.0, 4.0])

    @tf.custom_gradient
    def function(x, w):
        return x * w, lambda upstream: (upstream, upstream * 5.0)

    return gradient_of(tf, function, start(tf), w)


@CASES
def with_a_variable_that_is_captured(tf):
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def function(x):
        def gradient(upstream, variables=None):
            return upstream * w, [tf.reduce_sum(upstream * x) * float(len(variables))]

        return x * w, gradient

    x = start(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, [x, w])


@CASES
def with_variables_by_any_name(tf):
    w = tf.Variable(3.0)

    @tf.custom_gradient
    def function(x):
        return x * w, lambda upstream, **others: (upstream, [tf.constant(float(len(others["variables"])))])

    with tf.GradientTape() as tape:
        y = function(start(tf))
    return tape.gradient(y, w)


@CASES
def with_a_keyword(tf):
    @tf.custom_gradient
    def function(x, *, scale=1.0):
        return x * scale, lambda upstream: upstream * 100.0

    return gradient_of(tf, lambda x: function(x, scale=3.0))


@CASES
def with_a_structure_of_arguments(tf):
    @tf.custom_gradient
    def function(both):
        return both["a"] * both["b"], lambda upstream: (upstream, upstream * 2.0)

    return gradient_of(tf, lambda x: function({"a": x, "b": x * 1.0}))


@CASES
def with_a_number(tf):
    @tf.custom_gradient
    def function(x, n):
        return x * n, lambda upstream: (upstream * 10.0, None)

    return gradient_of(tf, lambda x: function(x, 3.0))


@CASES
def with_a_number_changing(tf):
    @tf.custom_gradient
    def reverse(x, strength):
        return tf.identity(x), lambda upstream: (-strength * upstream, None)

    return [gradient_of(tf, lambda x, n=n: reverse(x, n)) for n in (1.0, 2.0, 3.0)]


@CASES
def clipped(tf):
    @tf.custom_gradient
    def function(x):
        return x, lambda upstream: tf.clip_by_norm(upstream, 0.5)

    return gradient_of(tf, lambda x: function(x) ** 2)


@CASES
def decorated_with_parentheses(tf):
    @tf.custom_gradient()
    def function(x):
        return x * 2.0, lambda upstream: upstream * 9.0

    return gradient_of(tf, function)


@CASES
def without_a_tape(tf):
    def refuse(upstream):
        raise AssertionError("nobody asks for a gradient")

    return with_gradient(tf, refuse)(start(tf))


@CASES
def to_second_order(tf):
    @tf.custom_gradient
    def function(x):
        e = tf.exp(x)
        return e, lambda upstream: upstream * e * x

    x = start(tf)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@CASES
def nested_for_second_order(tf):
    @tf.custom_gradient
    def function(x):
        @tf.custom_gradient
        def first(upstream, x):
            return upstream * 2.0 * x, lambda second: (second * 77.0, second * 5.0)

        return x * x, lambda upstream: first(upstream, x)

    x = start(tf)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@CASES
def nested_on_the_upstream_only(tf):
    @tf.custom_gradient
    def function(x):
        @tf.custom_gradient
        def first(upstream):
            return upstream * 2.0 * x, lambda second: second * 77.0

        return x * x, first

    x = start(tf)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@CASES
def with_a_tape_in_the_gradient(tf):
    @tf.custom_gradient
    def function(x):
        def gradient(upstream):
            with tf.GradientTape() as tape:
                tape.watch(x)
                z = tf.sin(x) * 3.0
            return tape.gradient(z, x, upstream)

        return tf.sin(x), gradient

    return gradient_of(tf, function)


@CASES
def in_a_jacobian(tf):
    function = with_gradient(tf, lambda upstream: upstream * 10.0)
    x = start(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x) * tf.reduce_sum(x)
    return tape.jacobian(y, x)


@CASES
def of_complex_numbers(tf):
    @tf.custom_gradient
    def function(z):
        return z * z, lambda upstream: upstream * tf.math.conj(3.0 * z)

    z = tf.constant([1 + 2j, 0.5 - 1j])
    return gradient_of(tf, lambda z: function(z) * (1 + 1j), z)


@CASES
def going_forward(tf):
    function = with_gradient(tf, lambda upstream: upstream * 10.0)
    x = start(tf)
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 2.0])) as accumulator:
        y = function(x) * x
    return accumulator.jvp(y)


@CASES
def going_forward_around_a_tape(tf):
    function = with_gradient(tf, lambda upstream: upstream * start(tf) * 3.0)
    x = start(tf)
    with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 2.0])) as accumulator:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x) ** 2
        gradient = tape.gradient(y, x)
    return gradient, accumulator.jvp(gradient)


@CASES
def in_a_function(tf):
    function = with_gradient(tf, lambda upstream: upstream * 10.0)
    return gradient_of(tf, tf.function(lambda x: function(x) * x))


@CASES
def with_the_tape_in_a_function(tf):
    function = with_gradient(tf, lambda upstream: upstream * 10.0)
    return tf.function(lambda x: gradient_of(tf, function, x))(start(tf))


@CASES
def in_a_loop(tf):
    function = with_gradient(tf, lambda upstream: upstream * 3.0)

    @tf.function
    def loop(x):
        for _ in range(3):
            x = function(x)
        return x

    return gradient_of(tf, loop)


@CASES
def after_a_value_was_read(tf):
    function = with_gradient(tf, lambda upstream: upstream * 10.0)
    x = start(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
        y.numpy()
        z = y * x
    return tape.gradient(z, x)


@CASES
def passed_through(tf):
    return gradient_of(tf, tf.grad_pass_through(tf.round)), gradient_of(tf, tf.grad_pass_through(lambda x: x**5))


@CASES
def passed_through_with_a_variable(tf):
    w = tf.Variable(3.0)
    x = start(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.grad_pass_through(lambda x: x * x * w)(x)
    return tape.gradient(y, [x, w])


@CASES
def computed_again(tf):
    w = tf.Variable(3.0)
    x = start(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.recompute_grad(lambda x: tf.sin(x) * w)(x) ** 2
    return y, tape.gradient(y, [x, w])


@CASES
def of_a_number_that_is_captured(tf):
    x = tf.constant(3.0)

    @tf.custom_gradient
    def function(x):
        return x * x, lambda upstream: upstream * 2.0 * x * x

    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x), gradient_of(tf, tf.recompute_grad(tf.sin), x)


@CASES
def computed_again_to_second_order(tf):
    function = tf.recompute_grad(lambda x: tf.sin(x) * x)
    x = start(tf)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = function(x)
        gradient = inner.gradient(y, x)
    return gradient, outer.gradient(gradient, x)


@CASES
def computed_again_with_several_results(tf):
    function = tf.recompute_grad(lambda x, k=1.0: (x * 2.0, x * x * k))
    return gradient_of(tf, lambda x: function(x, k=2.0))


@CASES
def computed_again_in_a_function(tf):
    function = tf.recompute_grad(lambda x: tf.sin(x) * x)
    return gradient_of(tf, tf.function(lambda x: function(x) * x))


@CASES
def stopped(tf):
    return gradient_of(tf, lambda x: x * tf.stop_gradient(x) + tf.stop_gradient(x * x))


@CASES
def gradients_in_a_function(tf):
    return tf.function(lambda x: tf.gradients([x * x, tf.sin(x)], [x, tf.constant(1.0)]))(start(tf))


@CASES
def gradients_of_a_variable(tf):
    w = tf.Variable([3.0, 4.0])
    return tf.function(lambda x: tf.gradients(x * w * w, [w, x]))(start(tf))


@CASES
def gradients_with_zeros(tf):
    options = {"unconnected_gradients": "zero"}
    return tf.function(lambda x: tf.gradients(x * x, [x, tf.constant([1.0, 2.0, 3.0])], **options))(start(tf))


@CASES
def gradients_with_weights(tf):
    return tf.function(lambda x: tf.gradients([x * x, x], x, grad_ys=[tf.constant([1.0, 3.0]), None]))(start(tf))


@CASES
def gradients_that_stop(tf):
    def compute(x):
        a = x * 2.0
        return tf.gradients(a * a + x, [x, a], stop_gradients=[a])

    return tf.function(compute)(start(tf))


@CASES
def gradients_of_gradients(tf):
    return tf.function(lambda x: tf.gradients(tf.gradients(x**3, x)[0], x))(start(tf))


@CASES
def hessians_in_a_function(tf):
    return tf.function(lambda x: tf.hessians(tf.reduce_sum(tf.sin(x) * x[0]), x))(start(tf))


@CASES
def hessians_of_several(tf):
    def compute(x):
        y = tf.reshape(x, [2, 1]) * 2.0
        return tf.hessians(tf.reduce_sum(y * y * y) + tf.reduce_prod(x), [x, y])

    return tf.function(compute)(start(tf))


@CASES
def derivatives_checked(tf):
    exact, _ = tf.test.compute_gradient(lambda a, b: a * b, [[1.0, 2.0], [3.0, 4.0]])
    return exact


@CASES
def complex_derivatives_checked(tf):
    exact, _ = tf.test.compute_gradient(lambda z: z * z, [tf.constant([1 + 2j, 0.5j], tf.complex128)])
    return exact


@CASES
def derivatives_of_an_integer_argument(tf):
    exact, _ = tf.test.compute_gradient(lambda a: tf.gather(a, [1, 0, 1]), [tf.constant([1.0, 2.0], tf.float64)])
    return exact


@CASES.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


@pytest.mark.parametrize("program", [clipped, computed_again, with_a_number_changing, nested_for_second_order])
def test_again_without_compiling(program):
    for _ in range(3):
        numbers_of(program(functape))


def test_a_step_with_a_gradient_of_its_own_compiles_once():
    @functape.custom_gradient
    def function(x):
        e = functape.exp(x)
        return e, lambda upstream: upstream * e * 0.5

    x = start(functape)
    for step in range(4):
        if step == 2:
            before = functape.config.counters().programs_compiled
        numbers_of(gradient_of(functape, function, x))
    assert functape.config.counters().programs_compiled == before


def test_differences_are_close_and_a_wrong_gradient_is_found():
    x = np.array([0.5, 1.5])
    exact, differences = functape.test.compute_gradient(functape.sin, [x])
    np.testing.assert_allclose(exact[0], differences[0], atol=1e-9)
    wrong = with_gradient(functape, lambda upstream: upstream * 0.999, functape.identity)
    exact, differences = functape.test.compute_gradient(wrong, [x])
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(exact[0], differences[0], atol=1e-9)


@ERRORS
def too_many_gradients(tf):
    gradient_of(tf, with_gradient(tf, lambda upstream: (upstream, upstream)))


@ERRORS
def no_pair(tf):
    gradient_of(tf, tf.custom_gradient(lambda x: x))


@ERRORS
def variables_that_are_not_taken(tf):
    w = tf.Variable(2.0)
    gradient_of(tf, with_gradient(tf, lambda upstream: upstream, lambda x: x * w))


@ERRORS
def too_few_gradients_of_variables(tf):
    w = tf.Variable(2.0)
    gradient_of(tf, with_gradient(tf, lambda upstream, variables: (upstream, []), lambda x: x * w))


@ERRORS
def keywords_in_a_function(tf):
    function = tf.custom_gradient(lambda x, k=1.0: (x * k, lambda upstream: upstream))
    tf.function(lambda x: function(x, k=2.0))(start(tf))


@ERRORS
def gradients_outside_a_function(tf):
    tf.gradients(start(tf), start(tf))


@ERRORS
def hessians_outside_a_function(tf):
    tf.hessians(start(tf), start(tf))


@ERRORS
def hessians_of_what_does_not_depend(tf):
    tf.function(lambda x: tf.hessians(tf.constant(1.0), x))(start(tf))


@ERRORS
def checking_without_a_list(tf):
    tf.test.compute_gradient(lambda x: x, tf.constant(1.0))


@ERRORS
def checking_integers(tf):
    tf.test.compute_gradient(lambda a, b: tf.gather(a, b), [tf.constant([1.0]), tf.constant([0])])


@ERRORS.each()
def test_errors_as_tensorflow(program):
    assert_same_error(program)


@pytest.mark.parametrize("name", ["custom_gradient", "recompute_grad", "grad_pass_through", "hessians"])
def test_signatures(name):
    import tensorflow

    check_signature(getattr(tensorflow, name), getattr(functape, name))


def test_signature_of_gradients():
    import tensorflow

    assert list(inspect.signature(tensorflow.gradients).parameters) == list(
        inspect.signature(functape.gradients).parameters
    )
