"""`GradientTape` against TensorFlow's: what is watched, what is asked for, and what comes back."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from both_sides import Table, assert_same_outcome

program = Table()


class Pair(NamedTuple):
    first: Any
    second: Any


# ---- what is asked for -----------------------------------------------------------------------------------------------


@program
def tensor_watched(tf):
    x = tf.constant([1.0, -2.0, 3.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x * x
    return y, tape.gradient(y, x)


@program
def tensor_not_watched(tf):
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = x * x
    return tape.gradient(y, x)


@program
def watched_after_its_use(tf):
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        y = x * x
        tape.watch(x)
        z = y + x
    return tape.gradient(z, x)


@program
def variable_watched_by_reading(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v + 2.0 * v
    return tape.gradient(y, v)


@program
def structures_of_sources(tf):
    a, b, c = tf.Variable(1.0), tf.Variable([2.0, 3.0]), tf.Variable(4.0)
    with tf.GradientTape(persistent=True) as tape:
        y = a * b * c
    return [
        tape.gradient(y, [a, b, c]),
        tape.gradient(y, (c, [b, (a,)])),
        tape.gradient(y, {"z": a, "b": b, "a": [c]}),
        tape.gradient(y, Pair(a, Pair(b, c))),
        tape.gradient(y, [[a, b], [c]]),
        tape.gradient(y, []),
    ]


@program
def same_source_twice(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, [v, v])


@program
def structures_of_targets(tf):
    a, b = tf.Variable(1.5), tf.Variable(2.5)
    with tf.GradientTape(persistent=True) as tape:
        y = a * a * b
        z = b * b
    return [
        tape.gradient([y, z], [a, b]),
        tape.gradient({"y": y, "z": z}, b),
        tape.gradient((y, [z, z]), [a, b]),
        tape.gradient(Pair(y, z), b),
        tape.gradient([y, y], a),
    ]


@program
def target_of_many_elements_is_summed(tf):
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    x = tf.constant([[1.0, -1.0]])
    with tf.GradientTape() as tape:
        y = x @ w
    return tape.gradient(y, w)


@program
def source_is_an_intermediate(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        z = y * y * v
    return tape.gradient(z, [y, v])


@program
def sources_upstream_of_each_other(tf):
    w1, w2 = tf.Variable(2.0), tf.Variable(5.0)
    with tf.GradientTape(persistent=True) as tape:
        y1 = w1 * 3.0
        y2 = y1 * y1 * w2
        y3 = y2 * y1
    return tape.gradient(y3, [y1, w1]), tape.gradient(y3, [w1, y2, w2, y1]), tape.gradient([y3, y1], [y1, w1])


@program
def source_is_the_target(tf):
    v, x = tf.Variable([1.0, 2.0]), tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = v * v * x
    return tape.gradient(y, y), tape.gradient(v, v), tape.gradient(x, x), tape.gradient([y, v], [v, y])


@program
def source_is_an_unwatched_target(tf):
    x = tf.constant(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    n, text, untouched = tf.constant(3), tf.constant("a"), tf.Variable([1.0, 2.0])
    return [
        tape.gradient(y, y),
        tape.gradient(x, x),
        tape.gradient(n, n),
        tape.gradient(n, [n, x]),
        tape.gradient([n, y], [n, y], unconnected_gradients="zero"),
        tape.gradient(untouched, [untouched, x]),
        tape.gradient(untouched, untouched, output_gradients=tf.constant([3.0, 4.0])),
        tape.gradient(y, [text, x], unconnected_gradients="zero"),
    ]


@program
def target_made_outside(tf):
    v = tf.Variable(3.0)
    y = v * v
    with tf.GradientTape() as tape:
        z = v * 2.0
    return z, tape.gradient(y, v)


@program
def target_made_after_the_block(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    z = y * 2.0
    return tape.gradient(z, v)


@program
def source_read_only_after_the_block(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        y = v * v
    y = y * w
    return tape.gradient(y, [v, w])


@program
def source_downstream_of_the_target(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        z = y * y
    return tape.gradient(y, [z, v])


@program
def stale_copy_of_a_source(tf):
    x = tf.constant(2.0)
    same = tf.identity(x)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = same * x
        inside = tf.identity(x)
        z = inside * inside
    return tape.gradient(y, [x, same]), tape.gradient(z, [x, inside])


@program
def integer_targets_and_sources(tf):
    v, n = tf.Variable(3.0), tf.Variable(2)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        whole = tf.cast(y, tf.int32)
        back = tf.cast(whole, tf.float32) * v
        count = n * n
        text = tf.constant("a")
        truth = y > 2.0
    return (
        tape.gradient(whole, v),
        tape.gradient(back, v),
        tape.gradient(count, n),
        tape.gradient(text, v),
        tape.gradient(truth, v),
        tape.gradient([whole, y], v),
        tape.gradient(y, [n, v]),
        tape.gradient(y, [text, truth, v]),
        tape.gradient(whole, v, unconnected_gradients="zero"),
        tape.gradient(y, n, unconnected_gradients="zero"),
    )


@program
def unconnected(tf):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(np.ones((2, 3)))
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = w + 1.0
    ask = [tape.gradient(y, [v, w], unconnected_gradients=each) for each in ("none", "zero")]
    ask += [
        tape.gradient(y, {"v": v, "w": w}, unconnected_gradients=each)
        for each in (tf.UnconnectedGradients.NONE, tf.UnconnectedGradients.ZERO)
    ]
    return ask, tape.gradient(z, v), tape.gradient(z, v, unconnected_gradients=tf.UnconnectedGradients.ZERO)


@program
def unconnected_beside_an_empty_tape(tf):
    v = tf.Variable(2.0)
    y = v * v
    with tf.GradientTape(persistent=True) as tape:
        pass
    return tape.gradient(y, v), tape.gradient(y, [v], unconnected_gradients="zero"), tape.gradient(y, y)


@program
def stopped_gradient(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        held = tf.stop_gradient(v * v)
        y = held * v
    return tape.gradient(y, v), tape.gradient(held, v), tape.gradient(y, [held, v])


# ---- output_gradients ------------------------------------------------------------------------------------------------


@program
def output_gradients(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = v * v * v
    weights, more = tf.constant([3.0, -1.0]), tf.constant([0.5, 0.25])
    return [
        tape.gradient(y, v, output_gradients=weights),
        tape.gradient([y], v, output_gradients=[weights]),
        tape.gradient([y, z], v, output_gradients=[weights, more]),
        tape.gradient([y, z], [v, y], output_gradients=[weights, more]),
        tape.gradient(y, v, output_gradients=v),
        tape.gradient(y, v, output_gradients=tf.constant(2.0)),
        tape.gradient({"y": y, "z": z}, v, output_gradients={"y": weights, "z": more}),
    ]


@program
def output_gradient_of_the_source_itself(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
    weights = tf.constant([3.0, -1.0])
    return tape.gradient(y, y, output_gradients=weights), tape.gradient(v, v, output_gradients=weights)


@program
def output_gradient_computed_from_the_tape(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        z = y * v
    return tape.gradient(y, v, output_gradients=tape.gradient(z, y))


# ---- what is watched -------------------------------------------------------------------------------------------------


@program
def not_watching_variables(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(w)
        y = v * v * w
    return [v.numpy() for v in tape.watched_variables()], tape.gradient(y, [v, w])


@program
def not_trainable(tf):
    v, w = tf.Variable(3.0, trainable=False), tf.Variable(4.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * w
    with tf.GradientTape() as second:
        second.watch(v)
        z = v * v
    return tape.gradient(y, [v, w]), second.gradient(z, v), len(tape.watched_variables())


@program
def watching_structures(tf):
    a, b, c = tf.constant(1.0), tf.constant(2.0), tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        tape.watch([a, {"b": b}, (c,)])
        y = a * b * c
    return tape.gradient(y, [a, b, c]), len(tape.watched_variables())


@program
def watching_what_has_no_gradient(tf):
    x, n, text = tf.constant(2.0), tf.constant(3), tf.constant("a")
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, n, text])
        y = x * tf.cast(n, tf.float32)
    return tape.gradient(y, [x, n, text])


@program
def watched_variables_in_order(tf):
    names = "abcdef"
    a, b, c, d, e, f = (tf.Variable(float(index), name=name) for index, name in enumerate(names))
    with tf.GradientTape() as tape:
        y = c * b
        tape.watch(e)
        y = y + a * c + tf.cast(1, tf.float32) * f.read_value()
        d.assign_add(1.0)
    return [variable.name for variable in tape.watched_variables()], tape.gradient(y, [a, b, c, d, e, f])


@program
def watched_variables_after_everything(tf):
    v, w = tf.Variable(1.0, name="v"), tf.Variable(2.0, name="w")
    with tf.GradientTape() as tape:
        y = w * v
        before = [each.name for each in tape.watched_variables()]
    inside = [each.name for each in tape.watched_variables()]
    tape.gradient(y, [v, w])
    return before, inside, [each.name for each in tape.watched_variables()]


@program
def stop_recording(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        with tape.stop_recording():
            hidden = y * w
        z = y * hidden
        with tape.stop_recording():
            inner = tape.gradient(z, v)
        z = z + inner * v
    return tape.gradient(z, [v, w]), inner, [each.numpy() for each in tape.watched_variables()]


@program
def stop_recording_twice(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        with tape.stop_recording():
            pass
        y = v * v
        with tape.stop_recording():
            z = v * y
    return tape.gradient(y, v), tape.gradient(z, v)


@program
def reset(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        tape.reset()
        z = y * w
    return tape.gradient(z, [v, w]), tape.gradient(y, v), [each.numpy() for each in tape.watched_variables()]


@program
def reset_after_a_watch(tf):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
        tape.reset()
        tape.watch(x)
        z = y + 2.0 * x
    return tape.gradient(z, x)


@program
def entered_again(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = v * v
    between = y * w
    with tape:
        z = y * v
        u = between * w
    return tape.gradient(z, [v, w]), tape.gradient(u, [v, w])


@program
def used_up_and_entered_again(tf):
    v = tf.Variable(3.0)
    tape = tf.GradientTape()
    found = []
    for power in range(3):
        with tape:
            y = v * v * float(power)
        found.append(tape.gradient(y, v))
    return found


@program
def asked_inside_the_block(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        first = tape.gradient(y, v)
        y = y * v
    with tf.GradientTape(persistent=True) as kept:
        y = v * v
        one = kept.gradient(y, v)
        y = y * v * one
        two = kept.gradient(y, v)
    return first, one, two, kept.gradient(two, v)


@program
def exception_while_not_recording(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        try:
            with tape.stop_recording():
                raise KeyError("x")
        except KeyError:
            y = y * v
    return tape.gradient(y, v)


@program
def asked_again_after_an_error(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
    failed = []
    for target, source, unconnected in [(y, None, "none"), (None, v, "none"), (y, v, "neither")]:
        try:
            tape.gradient(target, source, unconnected_gradients=unconnected)
        except (TypeError, ValueError) as error:
            failed.append(type(error).__name__)
    return failed, tape.gradient(y, v)


@program
def tape_without_a_block(tf):
    v = tf.Variable(3.0)
    tape = tf.GradientTape()
    tape.__enter__()
    y = v * v
    tape.__exit__(None, None, None)
    return tape.gradient(y, v)


# ---- how often -------------------------------------------------------------------------------------------------------


@program
def asked_twenty_times(tf):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * w
        z = y * y * v
    found = []
    for turn in range(20):
        found.append(tape.gradient(z if turn % 2 else y, [v, w] if turn % 3 else y))
        if turn % 5 == 0:
            found.append(float(found[-1][0] if isinstance(found[-1], tf.Tensor) else found[-1][0][0]))
    return found


@program
def two_tapes_over_one_pass(tf):
    v, w = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as first, tf.GradientTape() as second:
        y = v * v * w
        z = y * w
    return first.gradient(y, [v, w]), second.gradient(z, [v, w])


@program
def two_tapes_one_peek(tf):
    v, w = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape() as first, tf.GradientTape() as second:
        y = v * v * w
        seen = float(y)
        z = y * w
    one = first.gradient(y, [v, w])
    return seen, [float(each) for each in one], second.gradient(z, [v, w])


@program
def one_tape_over_two_passes(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        one = v * v * 2.0
        two = v * v * 3.0
    return tape.gradient([one, two], v)


@program
def target_kept_over_tapes(tf):
    v = tf.Variable(2.0)
    with tf.GradientTape() as first:
        y = v * v
    with tf.GradientTape() as second:
        second.watch(y)
        z = y * v
    return second.gradient(z, [v, y]), first.gradient(y, v)


@program
def tape_dropped(tf):
    v = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
    first = tape.gradient(y, v)
    del tape
    return first, y


@program
def early_return(tf):
    v = tf.Variable(2.0)

    def loss_of():
        with tf.GradientTape() as tape:
            return tape, v * v * v

    tape, y = loss_of()
    return tape.gradient(y, v)


@program
def exception_in_the_block(tf):
    v = tf.Variable(2.0)
    tape = tf.GradientTape()
    try:
        with tape:
            y = v * v
            raise KeyError("x")
    except KeyError:
        z = y * v
    return tape.gradient(y, v), z


@program
def failing_op_in_the_block(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
        try:
            y @ tf.constant([1.0, 2.0, 3.0])
        except Exception as error:
            failed = type(error).__name__
        z = y * 3.0
    return failed, tape.gradient(z, v)


@program
def tape_in_a_generator(tf):
    v = tf.Variable(2.0)

    def steps():
        with tf.GradientTape() as tape:
            y = v * v
            yield y
            z = y * v
            yield z
        yield tape.gradient(z, v)

    def consume():
        generator = steps()
        y = next(generator)
        shown = y * 10.0
        return [y, shown, *generator]

    return consume()


@program
def generator_abandoned(tf):
    v = tf.Variable(2.0)

    def endless():
        with tf.GradientTape() as tape:
            while True:
                y = v * v
                yield tape, y

    generator = endless()
    tape, y = next(generator)
    generator.close()
    return tape.gradient(y, v)


@program
def variable_freed_in_the_block(tf):
    x = tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        w = tf.Variable(3.0)
        y = x * w * x
        del w
    return tape.gradient(y, x)


# ---- state -----------------------------------------------------------------------------------------------------------


@program
def assigned_between_reads(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v * v
        v.assign(5.0)
        z = y + v * v * v
    return tape.gradient(z, v), v.numpy()


@program
def assigned_from_a_differentiable_value(tf):
    v, w = tf.Variable(3.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = v * w
        v.assign(y)
        z = v * v
    return tape.gradient(z, [v, w, y]), v


@program
def assigned_by_adding(tf):
    v, w = tf.Variable([3.0, 1.0]), tf.Variable([2.0, 4.0])
    with tf.GradientTape() as tape:
        y = v * w
        v.assign_add(y)
        v.assign_sub([1.0, 1.0])
        z = v * w
    return tape.gradient([y, z], [v, w]), v


@program
def result_of_an_assignment(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = v.assign_add(2.0) * 4.0
    return tape.gradient(y, v), v


@program
def sliced_assignment(tf):
    v = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = v * v
        v[1].assign(7.0)
        z = y + v
    return tape.gradient(z, v), v


@program
def assigned_before_the_block(tf):
    v = tf.Variable(3.0)
    v.assign(4.0)
    v.assign_add(1.0)
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


@program
def assigned_after_the_block(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * w
    v.assign(100.0)
    first = tape.gradient(y, [v, w])
    w.assign_add(1.0)
    v.assign(first[0])
    return first, tape.gradient(y, [v, w]), v, w


@program
def unread_variable_assigned(tf):
    v, w = tf.Variable(3.0), tf.Variable(4.0)
    with tf.GradientTape() as tape:
        v.assign(w * w)
        y = v * w
    return tape.gradient(y, [v, w]), len(tape.watched_variables())


@program
def all_variables_updated_and_read(tf):
    variables = [tf.Variable(np.full((2, 2), 1.0 + index, np.float32)) for index in range(3)]
    with tf.GradientTape(persistent=True) as tape:
        y = variables[0] @ variables[1] @ variables[2]
        gradients = tape.gradient(y, variables)
        for variable, gradient in zip(variables, gradients, strict=True):
            variable.assign_sub(0.1 * gradient)
        z = variables[0] @ variables[1]
    return gradients, tape.gradient(z, variables), tape.gradient([y, z], variables), [v.numpy() for v in variables]


@program
def value_read_before_an_assignment(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        old = v.read_value()
        v.assign(4.0)
        new = v.value()
        y = old * new
    return tape.gradient(y, [v, old, new])


@program
def ten_steps_of_descent(tf):
    w, b = tf.Variable([[0.5], [-0.5]]), tf.Variable([0.1])
    x, wanted = tf.constant([[1.0, 2.0], [3.0, -1.0]]), tf.constant([[1.0], [2.0]])
    losses = []
    for step in range(10):
        with tf.GradientTape() as tape:
            error = x @ w + b - wanted
            loss = tf.reduce_sum(error * error)
        for variable, gradient in zip([w, b], tape.gradient(loss, [w, b]), strict=True):
            variable.assign_sub(0.1 / (step + 1.0) * gradient)
        losses.append(loss)
    return losses, w, b


# ---- dtypes ----------------------------------------------------------------------------------------------------------


@program
def casts(tf):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable(np.array([3.0, 4.0]))
    with tf.GradientTape() as tape:
        y = tf.cast(v, tf.float64) * w
        z = tf.cast(y * y, tf.float32) * v
    return z, tape.gradient(z, [v, w, y])


@program
def half_precision(tf):
    v = tf.Variable(np.array([1.0, 2.0], np.float16))
    with tf.GradientTape() as tape:
        y = v * v * tf.cast(3.0, tf.float16)
    return tape.gradient(y, v)


@program
def complex_numbers(tf):
    v = tf.Variable(np.array([1.0 + 2.0j, -0.5 + 0.25j], np.complex64))
    with tf.GradientTape(persistent=True) as tape:
        y = v * v * (2.0 - 1.0j)
        z = abs(v) * abs(v)
        real = tf.cast(v * v, tf.float32)
    weights = tf.constant(np.array([1.0 - 1.0j, 2.0j], np.complex64))
    return [
        tape.gradient(y, v),
        tape.gradient(y, v, output_gradients=weights),
        tape.gradient(z, v),
        tape.gradient(real, v),
        tape.gradient(y, y, output_gradients=weights),
        tape.gradient(v, [v, y]),
    ]


@program
def complex_of_real(tf):
    a, b = tf.Variable([1.0, 2.0]), tf.Variable([3.0, -1.0])
    with tf.GradientTape() as tape:
        z = tf.complex(a, b)
        y = abs(z * z)
    return tape.gradient(y, [a, b, z])


# ---- larger programs -------------------------------------------------------------------------------------------------


@program
def long_chain(tf):
    v = tf.Variable(np.float64(0.5))
    with tf.GradientTape() as tape:
        y = v * 1.0
        for _ in range(1000):
            y = y * 0.999 + 0.001
    return y, tape.gradient(y, v)


@program
def control_flow_on_values(tf):
    v = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = v * 1.5
        while y < 20.0:
            y = y * v + 1.0 if y > 5.0 else y * y
        if float(y) % 2.0 > 1.0:
            y = y * v
    return y, tape.gradient(y, v)


@program
def tensors_iterated_over(tf):
    v = tf.Variable([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = 1.0
        for each in v * v:
            y = y * each
        first, *others = v
        y = y + first * others[1]
    return y, tape.gradient(y, v)


@program
def reductions_and_slices(tf):
    w = tf.Variable(np.linspace(-1.0, 1.0, 12).reshape(3, 4).astype(np.float32))
    with tf.GradientTape() as tape:
        y = tf.tanh(w[1:, ::2]) * tf.exp(w[0, 1]) + tf.reduce_mean(w, axis=0, keepdims=True)[:, 1:3]
        z = tf.reduce_sum(tf.concat([y, w[:1, :2]], axis=0) * tf.stack([w[2, 0], w[2, 1]]))
    return z, tape.gradient(z, w)


@program
def several_outputs_of_one_op(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape(persistent=True) as tape:
        a, b, c = tf.unstack(v * v)
        y = a * c
    return tape.gradient(y, v), tape.gradient(b, v), tape.gradient([a, b], [a, v])


@program.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


def peeks():
    """Ways to look at a value."""
    return {
        "float": lambda tf, y: float(tf.reduce_sum(y)),
        "numpy": lambda tf, y: y.numpy(),
        "repr": lambda tf, y: repr(y),
        "truth": lambda tf, y: bool(tf.reduce_sum(y) > 0.0),
        "iteration": lambda tf, y: [each.numpy() for each in y],
    }


@pytest.mark.parametrize("peek", peeks())
@pytest.mark.parametrize(
    "places", [(place,) for place in range(8)] + [(0, 1, 2, 3, 4, 5, 6, 7), (1, 4), (2, 3, 7)], ids=str
)
def test_looking_changes_nothing(peek, places):
    look = peeks()[peek]

    def six_ops(tf, places):
        v, w = tf.Variable([1.0, -2.0]), tf.Variable([0.5, 3.0])
        x = tf.constant([2.0, 2.0])

        def here(place, y):
            if place in places:
                look(tf, y)

        with tf.GradientTape() as outer:
            outer.watch(x)
            with tf.GradientTape(persistent=True) as tape:
                here(0, v.read_value())
                a = v * x
                here(1, a)
                b = a + w
                here(2, a)
                c = b * b
                here(3, c)
                w.assign_add([1.0, 1.0])
                d = c * w
                here(4, b)
                e = d - v * 3.0
                here(5, e)
                f = tf.reduce_sum(e * e)
                here(6, d)
            first = tape.gradient(f, [v, w, b])
            here(7, first[0])
            again = tape.gradient(e, [v, d])
        second = outer.gradient(first, [x, v, w])
        return f, first, again, second, w

    def looking(tf):
        return six_ops(tf, places)

    def not_looking(tf):
        return six_ops(tf, ())

    assert_same_outcome(looking)
    assert_same_outcome(not_looking)


def test_a_wrong_gradient_is_noticed():
    """The comparison itself: one part in ten thousand is too much."""
    import functape

    def slightly_wrong(tf):
        v = tf.Variable(3.0)
        with tf.GradientTape() as tape:
            y = v * v
        return tape.gradient(y, v) * (1.0001 if tf is functape else 1.0)

    with pytest.raises(AssertionError, match="slightly_wrong"):
        assert_same_outcome(slightly_wrong)


def test_none_is_not_zero():
    import functape

    def zero_for_none(tf):
        v, w = tf.Variable(3.0), tf.Variable(4.0)
        with tf.GradientTape() as tape:
            y = v * v
        return tape.gradient(y, w, unconnected_gradients="zero" if tf is functape else "none")

    with pytest.raises(AssertionError, match="zero_for_none"):
        assert_same_outcome(zero_for_none)
