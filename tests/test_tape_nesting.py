"""Tapes inside, beside and across each other, to third order, against TensorFlow's."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from both_sides import Table, assert_same_outcome

import functape as tf
from functape._engine import _gradient, _program
from functape._engine._op import Op
from functape._engine._recorder import local, record

program = Table()


@program
def second_order(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * x
        first = inner.gradient(y, x)
    return first, outer.gradient(first, x)


@program
def third_order(tf):
    x = tf.Variable([2.0, -1.0])
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = x * x * x * x
            one = first.gradient(y, x)
        two = second.gradient(one, x)
    return one, two, third.gradient(two, x)


@program
def fourth_order_of_a_transcendental(tf):
    x = tf.Variable(np.float64(0.7))
    tapes = [tf.GradientTape() for _ in range(4)]
    for tape in tapes:
        tape.__enter__()
    y = tf.sin(x) * tf.exp(x)
    found = []
    for tape in reversed(tapes):
        tape.__exit__(None, None, None)
        y = tape.gradient(y, x)
        found.append(y)
    return found


@program
def gradient_penalty(tf):
    w, b = tf.Variable([[0.5, -1.0], [2.0, 0.25]]), tf.Variable([0.1, -0.2])
    x = tf.constant([[1.0, 2.0], [3.0, -1.0], [0.5, 0.5]])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(tf.tanh(x @ w + b))
        slope = inner.gradient(y, x)
        loss = y + tf.reduce_sum(tf.square(tf.sqrt(tf.reduce_sum(slope * slope, axis=1)) - 1.0))
    return loss, outer.gradient(loss, [w, b])


@program
def penalty_on_a_gradient_of_variables(tf):
    w, v = tf.Variable([1.0, 2.0]), tf.Variable([0.5, -0.5])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(w * w * v + tf.sin(v))
        slopes = inner.gradient(y, [w, v])
        loss = tf.reduce_sum(slopes[0] * slopes[0]) + tf.reduce_sum(slopes[1] * slopes[1])
    return loss, outer.gradient(loss, [w, v])


@program
def step_inside_a_step(tf):
    """Differentiation through one step of descent, as meta-learning does it."""
    w, x = tf.Variable([1.0, -2.0]), tf.constant([0.5, 3.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            loss = tf.reduce_sum(tf.square(w * x - 1.0))
        better = w - 0.1 * inner.gradient(loss, w)
        after = tf.reduce_sum(tf.square(better * x - 2.0))
    return outer.gradient(after, w), after


@program
def three_steps_inside_a_step(tf):
    w, rate = tf.Variable([1.0, -2.0]), tf.Variable(0.1)
    with tf.GradientTape() as outer:
        now = w * 1.0
        for _ in range(3):
            with tf.GradientTape() as inner:
                inner.watch(now)
                loss = tf.reduce_sum(tf.exp(now) + now * now)
            now = now - rate * inner.gradient(loss, now)
        after = tf.reduce_sum(now * now)
    return outer.gradient(after, [w, rate]), after


@program
def gradient_inside_a_persistent_tape(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x * x
        first = tape.gradient(y, x)
        second = tape.gradient(first, x)
    return first, second, tape.gradient(second, x), tape.gradient(first, x)


@program
def persistent_inner_used_inside_the_outer(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape(persistent=True) as inner:
            y = x * x * z
            u = y * z
        a = inner.gradient(y, x)
        b = inner.gradient(u, [x, z])
    return a, b, outer.gradient(a, [x, z]), outer.gradient(b[0], [x, z]), outer.gradient(b, [z, y, a])


@program
def hessian_row_by_row(tf):
    x = tf.Variable([1.0, 2.0, -1.0])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(x * x * x) + x[0] * x[1] * x[2]
        first = inner.gradient(y, x)
        parts = [first[index] for index in range(3)]
    return [outer.gradient(part, x) for part in parts]


@program
def hessian_vector_product(tf):
    x, direction = tf.Variable([1.0, 2.0]), tf.constant([0.5, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.exp(x) * x[0])
        first = inner.gradient(y, x)
    return outer.gradient(first, x, output_gradients=direction)


@program
def product_forward_over_backward(tf):
    """The derivative with respect to output_gradients turns a pullback round."""
    x, weights, direction = tf.Variable([1.0, 2.0]), tf.Variable([1.0, 1.0]), tf.constant([0.5, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.sin(x) * x[1]
        pulled = inner.gradient(y, x, output_gradients=weights)
    return outer.gradient(pulled, weights, output_gradients=direction)


@program
def output_gradients_depend_on_the_variable(tf):
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x
        pulled = inner.gradient(y, x, output_gradients=x * 3.0)
    return pulled, outer.gradient(pulled, x)


@program
def inner_opened_before_the_outer_closes(tf):
    x = tf.Variable(2.0)
    first, second = tf.GradientTape(), tf.GradientTape()
    first.__enter__()
    y = x * x
    second.__enter__()
    z = y * x
    first.__exit__(None, None, None)
    u = z * x
    second.__exit__(None, None, None)
    return first.gradient(z, x), second.gradient(u, [x, z, y])


@program
def exits_crossed_with_gradients_between(tf):
    x = tf.Variable(2.0)
    first, second = tf.GradientTape(persistent=True), tf.GradientTape(persistent=True)
    first.__enter__()
    second.__enter__()
    y = x * x * x
    first.__exit__(None, None, None)
    slope = first.gradient(y, x)
    z = slope * x
    second.__exit__(None, None, None)
    return slope, second.gradient(z, x), first.gradient(z, x), second.gradient(slope, x)


@program
def outer_opened_after_the_forward_pass(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as inner:
        y = x * x * x
    with tf.GradientTape() as outer:
        first = inner.gradient(y, x)
    return first, outer.gradient(first, x)


@program
def outer_opened_after_and_watching(tf):
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as inner:
        inner.watch(x)
        y = x * x * x
    with tf.GradientTape() as outer:
        outer.watch(x)
        first = inner.gradient(y, x)
    return first, outer.gradient(first, x)


@program
def outer_paused_over_the_forward_pass(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with outer.stop_recording(), tf.GradientTape() as inner:
            y = x * x * z
        first = inner.gradient(y, x)
        u = first * z
    return first, outer.gradient(u, [x, z])


@program
def outer_paused_over_the_gradient(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * x
        with outer.stop_recording():
            first = inner.gradient(y, x)
        z = first * x + y
    return outer.gradient(z, x)


@program
def inner_watches_less(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape(watch_accessed_variables=False) as inner:
            inner.watch(x)
            y = x * x * z * z
        first = inner.gradient(y, [x, z])
    return first, outer.gradient(first[0], [x, z])


@program
def outer_watches_less(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as outer:
        outer.watch(z)
        with tf.GradientTape() as inner:
            y = x * x * z * z
        first = inner.gradient(y, [x, z])
    return first, outer.gradient(first, [x, z])


@program
def zeros_for_what_the_outer_does_not_watch(tf):
    x, z, n = tf.Variable(2.0), tf.Variable(3.0), tf.Variable(4)
    with tf.GradientTape(watch_accessed_variables=False) as outer:
        outer.watch(z)
        with tf.GradientTape() as inner:
            y = x * x * z * z
            u = y * tf.cast(n, tf.float32)
        first = inner.gradient(u, [x, z, n], unconnected_gradients="zero")
        second = first[0] * first[1]
    return first, outer.gradient(second, [x, z, n, y], unconnected_gradients="zero")


@program
def used_outside_and_inside(tf):
    x, z = tf.Variable([2.0, 1.0]), tf.Variable([3.0, -1.0])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape(persistent=True) as inner:
            y = tf.exp(x) * z
        first = inner.gradient(y, x)
        u = first * first
    one, two = outer.gradient(u, z), inner.gradient(y, z)
    return one, two, first, outer.gradient(y, [x, z])


@program
def comparison_in_the_middle(tf):
    x = tf.Variable([2.0, -1.0, 0.5])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            largest = tf.argmax(x)
            y = tf.reduce_sum(x * x * x[largest] + tf.cast(tf.cast(x * x, tf.int32), tf.float32) * x)
        first = inner.gradient(y, x)
        z = tf.reduce_sum(tf.exp(first) * tf.cast(first > 1.0, tf.float32))
    return first, outer.gradient(z, x)


@program
def outer_watches_in_the_middle(tf):
    x = tf.constant(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = x * x
            outer.watch(x)
            y = y * x
        first = inner.gradient(y, x)
        z = first * x
    return first, outer.gradient(z, x)


@program
def sources_are_intermediates(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = x * x
            z = y * y * y
        first = inner.gradient(z, y)
        second = first * x
    return first, outer.gradient(second, [y, x]), outer.gradient(first, x), outer.gradient(second, [first, y])


@program
def stopped_gradient_between(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * tf.stop_gradient(x * z) * z
        first = inner.gradient(y, [x, z])
        loss = first[0] * tf.stop_gradient(first[1]) + y
    return first, outer.gradient(loss, [x, z])


@program
def assigned_between_the_orders(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * x
        first = inner.gradient(y, x)
        x.assign_sub(0.25 * first)
        z = first * x
    return first, outer.gradient(z, x), x


@program
def looked_at_between_the_orders(tf):
    x = tf.Variable([2.0, -1.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.exp(x) * x
            seen = [y.numpy()]
        first = inner.gradient(y, x)
        seen.append(first.numpy())
        z = first * x
        seen.append(float(z[0]))
    second = outer.gradient(z, x)
    return seen, first, second


@program
def linear_function_has_no_second_gradient(tf):
    x, w = tf.Variable(2.0), tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape(persistent=True) as inner:
            y = 3.0 * x + 1.0
            z = tf.constant([[1.0, -1.0]]) @ w
        first, slopes = inner.gradient(y, x), inner.gradient(z, w)
    return first, slopes, outer.gradient(first, x), outer.gradient(slopes, w), outer.gradient([first, slopes], [x, w])


@program
def bilinear_function(tf):
    x, z = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as outer:
        with tf.GradientTape() as inner:
            y = x * z
        first = inner.gradient(y, [x, z])
    return [outer.gradient(each, [x, z]) for each in first], outer.gradient(first, [x, z])


@program
def quadratic_has_no_third_gradient(tf):
    x = tf.Variable(2.0)
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = x * x
            one = first.gradient(y, x)
        two = second.gradient(one, x)
    return two, third.gradient(two, x)


@program
def zeros_of_unconnected_second_gradients(tf):
    x, z = tf.Variable([2.0, 1.0]), tf.Variable(3.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x
        first = inner.gradient(y, [x, z], unconnected_gradients="zero")
        u = first[0] + first[1] * x
    return first, outer.gradient(u, [x, z], unconnected_gradients="zero")


@program
def matrices(tf):
    w = tf.Variable([[0.5, -1.0], [2.0, 0.25]])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(tf.tanh(w @ w))
        first = inner.gradient(y, w)
        z = tf.reduce_sum(first * first @ w)
    return first, outer.gradient(z, w)


@program
def complex_second_order(tf):
    x = tf.Variable(np.array([1.0 + 2.0j, 0.5 - 1.0j]))
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x * x * x
        first = inner.gradient(y, x)
    return first, outer.gradient(first, x)


@program
def generator_and_critic(tf):
    """Two tapes over one pass, the critic's with a gradient penalty."""
    g, c = tf.Variable([[0.5, -0.5]]), tf.Variable([[1.0], [2.0]])
    noise, real = tf.constant([[1.0], [2.0]]), tf.constant([[1.0, 1.0], [0.0, 2.0]])
    with tf.GradientTape() as generator_tape, tf.GradientTape() as critic_tape:
        fake = tf.tanh(noise @ g)
        score = tf.reduce_mean(tf.tanh(fake @ c))
        mixed = 0.5 * fake + 0.5 * real
        with tf.GradientTape() as penalty_tape:
            penalty_tape.watch(mixed)
            mixed_score = tf.tanh(mixed @ c)
        slope = penalty_tape.gradient(mixed_score, mixed)
        penalty = tf.reduce_mean(tf.square(tf.reduce_sum(slope * slope, axis=1) - 1.0))
        critic_loss = score - tf.reduce_mean(tf.tanh(real @ c)) + 10.0 * penalty
        generator_loss = -score
    return generator_tape.gradient(generator_loss, g), critic_tape.gradient(critic_loss, c), critic_loss


@program
def derivatives_of_a_network_in_its_loss(tf):
    """As networks that solve differential equations do: first and second derivatives of the output in the loss."""
    w1, w2 = tf.Variable([[0.5, -1.0, 0.3]]), tf.Variable([[1.0], [0.5], [-0.7]])
    x = tf.constant([[0.1], [0.4], [0.9]])
    with tf.GradientTape() as training:
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as first:
                first.watch(x)
                u = tf.tanh(x @ w1) @ w2
            slope = first.gradient(u, x)
        curvature = second.gradient(slope, x)
        loss = tf.reduce_mean(tf.square(curvature + u)) + tf.square(u[0, 0])
    return loss, training.gradient(loss, [w1, w2])


@program.each()
def test_as_tensorflow(program):
    assert_same_outcome(program, loosen=4.0)


@program.each()
def test_node_by_node(program, monkeypatch):
    """The general way, for gradients that cannot be differentiated as one function."""
    monkeypatch.setattr(_gradient, "_region", lambda *_: None)
    tf.config.run_op_by_op(False)
    assert_same_outcome(program, loosen=4.0)
    tf.config.run_op_by_op(False)


@pytest.fixture
def programs(monkeypatch):
    """The executables of the programs compiled in a test."""
    made = []
    compile_ahead = _program.compile_ahead

    def remembering(*args):
        made.append(compile_ahead(*args))
        return made[-1]

    monkeypatch.setattr(_program, "compile_ahead", remembering)
    local.recorder.flush("a test begins")
    return made


def loops_in(executable):
    return executable.as_text().count(" while(")


def test_a_loop_in_the_forward_pass_is_not_run_again(programs):
    """A gradient of a gradient through an op with a loop has as many loops as `jax.grad` of `jax.grad`."""

    def loop(x):
        return jax.lax.scan(lambda carry, _: (jnp.sin(carry) * x, None), x, None, length=5)[0]

    op = Op("LoopOfSines", loop)
    start = np.array([0.5, 1.5], np.float32)
    v = tf.Variable(start)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.reduce_sum(record(op, (), (v * 2.0,)) ** 2)
        first = inner.gradient(y, v)
        z = tf.reduce_sum(first * first)
    second = outer.gradient(z, v)
    del y, z
    local.recorder.flush("count")

    def function(x):
        return jnp.sum(loop(x * 2.0) ** 2)

    def squared(x):
        return jnp.sum(jax.grad(function)(x) ** 2)

    hand_written = jax.jit(lambda x: (jax.grad(function)(x), jax.grad(squared)(x))).lower(start).compile()
    only_second = jax.jit(jax.grad(squared)).lower(start).compile()
    np.testing.assert_allclose(first, hand_written(start)[0], rtol=1e-5)
    np.testing.assert_allclose(second, hand_written(start)[1], rtol=1e-5)
    assert loops_in(programs[-1]) == loops_in(only_second) < loops_in(hand_written)


def test_a_gradient_penalty_costs_what_hand_written_does(programs):
    draw = np.random.default_rng(0)
    x, w1, w2 = (draw.normal(size=shape).astype(np.float32) for shape in [(64, 32), (32, 48), (48, 1)])
    v1, v2 = tf.Variable(w1), tf.Variable(w2)
    inputs = tf.constant(x)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            inner.watch(inputs)
            y = tf.reduce_sum(tf.tanh(inputs @ v1) @ v2)
        slope = inner.gradient(y, inputs)
        loss = tf.reduce_sum(slope * slope) + y
    gradients = outer.gradient(loss, [v1, v2])
    del y, slope, loss
    local.recorder.flush("count")
    ours = programs[-1].cost_analysis()["flops"]

    def penalised(w1, w2, x):
        y, slope = jax.value_and_grad(lambda x: jnp.sum(jnp.tanh(x @ w1) @ w2))(x)
        return jnp.sum(slope * slope) + y

    hand_written = jax.jit(jax.grad(penalised, argnums=(0, 1))).lower(w1, w2, x).compile()
    for got, wanted in zip(gradients, hand_written(w1, w2, x), strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-4, atol=1e-4)
    assert ours <= 1.05 * hand_written.cost_analysis()["flops"]
