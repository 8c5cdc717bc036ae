"""Values looked at in the middle of a tape: what it keeps, what it gives back, and that the gradient stays right."""

from __future__ import annotations

import gc
import weakref

import jax
import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_outcome

import functape
from functape._engine._cache import cache
from functape._engine._recorder import local

program = Table()
tape_of = functape.GradientTape


@program
def assigned_after_a_look(tf):
    v, w = tf.Variable([3.0, 1.0]), tf.Variable([2.0, -1.0])
    with tf.GradientTape() as tape:
        y = v * w
        seen = y.numpy()
        v.assign([10.0, 20.0])
        z = y * v
    return seen, tape.gradient(z, [v, w]), v


@program
def updated_after_the_block_and_a_look(tf):
    """The gradient is at the values the tape saw, whatever the variables hold by then."""
    v, w = tf.Variable([3.0, 1.0]), tf.Variable([2.0, -1.0])
    with tf.GradientTape(persistent=True) as tape:
        y = tf.reduce_sum(v * v * w)
    found = []
    for _ in range(3):
        gradients = tape.gradient(y, [v, w])
        v.assign_sub(0.1 * gradients[0])
        w.assign_sub(0.1 * gradients[1])
        found.append([float(y), v.numpy(), w.numpy(), gradients])
    return found


@program
def assigned_over_and_over(tf):
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        total = 0.0 * v
        for turn in range(5):
            total = total + v * v * float(turn + 1)
            v.assign_add([1.0, -1.0])
            if turn % 2:
                total.numpy()
    return tape.gradient(total, v), v, total


@program
def second_order_after_looks(tf):
    x = tf.Variable([2.0, -1.0])
    seen = []
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.exp(x) * x
            seen.append(y.numpy())
            z = tf.sin(y)
            seen.append(float(z[0]))
        first = inner.gradient(z, x)
        seen.append(first.numpy())
        u = first * x + y
        seen.append(repr(u))
    return seen[:3], first, outer.gradient(u, x)


@program
def third_order_after_looks(tf):
    x = tf.Variable(np.float64(1.5))
    with tf.GradientTape() as third:
        with tf.GradientTape() as second:
            with tf.GradientTape() as first:
                y = x * x * x * x
                float(y)
            one = first.gradient(y, x)
            float(one)
        two = second.gradient(one, x)
        float(two)
        z = two * one
    return one, two, third.gradient(z, x)


@program
def persistent_with_looks_between_the_questions(tf):
    v, w = tf.Variable([3.0, 1.0]), tf.Variable([2.0, -1.0])
    with tf.GradientTape(persistent=True) as tape:
        y = v * w
        y.numpy()
        z = y * y
    found = []
    for target, source in [(y, v), (z, w), (z, [v, y]), (y, [w, v]), (z, z)]:
        gradient = tape.gradient(target, source)
        found.append(gradient)
        repr(gradient)
    return found


@program
def watched_tensor_and_a_look(tf):
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = x * 2.0
        y.numpy()
        tape.watch(y)
        z = y * y
        z.numpy()
        tape.watch(x)
        u = z * x
    return tape.gradient(u, [x, y, z])


@program
def reset_after_a_look(tf):
    v = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        float(y)
        tape.reset()
        z = y * v
        float(z)
    return tape.gradient(z, v), tape.gradient(y, v)


@program
def paused_over_a_look(tf):
    v, w = tf.Variable(3.0), tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = v * v
        with tape.stop_recording():
            hidden = y * w
            float(hidden)
            more = hidden * w
        z = y * more
        float(z)
    return tape.gradient(z, [v, w]), tape.gradient(more, [v, w])


@program
def two_tapes_looked_at_in_turn(tf):
    v = tf.Variable(2.0)
    first, second = tf.GradientTape(persistent=True), tf.GradientTape(persistent=True)
    with first:
        y = v * v
        with second:
            z = y * v
            float(z)
        u = z * y
        float(u)
    found = []
    for _ in range(2):
        found += [first.gradient(u, v), second.gradient(z, [v, y])]
        [float(each) for each in found if isinstance(each, tf.Tensor)]
    return found


@program
def tape_entered_again_after_a_look(tf):
    v = tf.Variable(2.0)
    tape = tf.GradientTape(persistent=True)
    with tape:
        y = v * v
    float(y)
    v.assign(5.0)
    with tape:
        z = y * v
    float(z)
    return tape.gradient(z, v), tape.gradient(y, v)


@program
def watched_variables_after_looks(tf):
    v, w, u = tf.Variable(2.0, name="v"), tf.Variable(3.0, name="w"), tf.Variable(4.0, name="u")
    with tf.GradientTape() as tape:
        y = w * 2.0
        float(y)
        y = y * v
        float(y)
        inside = [each.name for each in tape.watched_variables()]
    y = y * u
    return inside, [each.name for each in tape.watched_variables()]


@program
def several_outputs_and_a_look(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        a, b = tf.unstack(v * v)
        a.numpy()
        c = a * b
        c.numpy()
    return tape.gradient(c, [v, a, b])


@program
def integers_and_looks(tf):
    v = tf.Variable([1.0, 5.0, 3.0])
    with tf.GradientTape() as tape:
        best = tf.argmax(v)
        position = int(best)
        y = v[position] * v[best] * tf.cast(best, tf.float32)
    return position, y, tape.gradient(y, v)


@program
def python_numbers_that_change(tf):
    v = tf.Variable(2.0)
    found = []
    for rate in [0.5, 0.25, 3]:
        with tf.GradientTape() as tape:
            y = v * rate * v
            float(y)
            z = y * rate
        found.append(tape.gradient(z, v))
    return found


@program.each()
def test_as_tensorflow(program):
    assert_same_outcome(program, loosen=2.0)


@pytest.fixture
def v():
    return functape.Variable(np.arange(4.0, dtype=np.float32))


def test_memory_is_released_with_the_tape(v):
    """Intermediates that only the tape keeps alive go when it does."""
    with tape_of(persistent=True) as tape:
        y = v * v
        z = y + 1.0
        z.numpy()
    kept = [weakref.ref(each) for each in tape._log.segments[0].inputs if isinstance(each, functape.Tensor)]
    held, target = weakref.ref(tape), weakref.ref(y)
    assert all(each() is not None for each in kept)
    v.assign(v * 2.0)
    del tape, y, z
    local.recorder.flush("the tape is gone")
    gc.collect()
    assert held() is None
    assert target() is None
    assert not any(each() is not None for each in kept)


def test_a_used_tape_keeps_nothing(v):
    with tape_of() as tape:
        y = v * v
        y.numpy()
        z = y * y
    gradient = tape.gradient(z, v)
    assert tape._log.segments == ()
    gradient.numpy()
    assert tape._log.segments == ()


def test_a_dropped_tape_keeps_no_recordings(v):
    """In a loop that never asks its tapes, memory does not grow."""
    for _ in range(3):
        with tape_of():
            (v * v).numpy()
    before = _live_buffers()
    for _ in range(20):
        with tape_of() as tape:
            y = v * v
            y.numpy()
    del tape, y
    gc.collect()
    assert _live_buffers() <= before + 1


def _live_buffers():
    gc.collect()
    return len(jax.live_arrays())


def test_the_tape_holds_the_values_it_saw(v):
    """Updates that reuse a variable's buffer do not touch the value that a tape still needs."""
    start = v.numpy()
    with tape_of(persistent=True) as tape:
        y = v * v * v
        y.numpy()
    for _ in range(3):
        v.assign_add(functape.constant(np.ones(4, np.float32)))
        v.numpy()
    np.testing.assert_array_equal(v.numpy(), start + 3.0)
    np.testing.assert_allclose(tape.gradient(y, v), 3.0 * start**2, rtol=1e-6)
    np.testing.assert_allclose(tape.gradient(y, v), 3.0 * start**2, rtol=1e-6)


def test_a_replay_computes_nothing_anew_for_those_who_hold_values(v):
    with tape_of(persistent=True) as tape:
        y = v * v
    held = y.__jax_array__()
    tape.gradient(y, v).numpy()
    assert y.__jax_array__() is held


def test_steady_state_with_looks_compiles_nothing(v):
    def step(rate):
        with tape_of() as tape:
            y = v * rate
            y.numpy()
            z = functape.cast(y * v, functape.float32)
        gradient = tape.gradient(z, v)
        v.assign_sub(gradient * 0.01)
        return z.numpy()

    for rate in (0.5, 0.6, 0.7):
        step(rate)
    before = functape.config.counters().programs_compiled
    for turn in range(10):
        step(0.1 * turn)
    assert functape.config.counters().programs_compiled == before


def test_tapes_of_two_threads(v):
    """Each thread has its own recording; a value pending in one can be used in the other's tape."""
    import threading

    found = {}

    def work(name, scale):
        with tape_of() as tape:
            y = v * v * scale
            y.numpy()
            z = y * v
        found[name] = tape.gradient(z, v).numpy()

    threads = [threading.Thread(target=work, args=(name, float(name + 1))) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, 3.0 * (name + 1) * v.numpy() ** 2, rtol=1e-6)
    assert len(found) == 4


@pytest.mark.parametrize("looks", [1, 3])
def test_a_replay_longer_than_what_may_be_pending_is_one_recording(looks):
    pending = cache.max_pending
    functape.config.set_cache_bounds(pending=8)
    try:
        results = []
        for library in (functape, tensorflow):
            w, switch = library.Variable([1.0, 2.0]), library.constant(0)
            with library.GradientTape() as tape:
                scale, loss = library.constant([1.0, 1.0]), 0.0
                for step in range(12):
                    y = library.nn.softmax(w * scale)
                    for _ in range(4):
                        y = y * 1.01
                    loss = loss + y[0]
                    scale = scale * 0.9
                    if step % (12 // looks) == 0 and library.cast(switch, library.bool):
                        break
            results.append(tape.gradient(loss, w).numpy())
        np.testing.assert_allclose(*results, rtol=1e-5)
    finally:
        cache.max_pending = pending
