"""Tapes that saw many short recordings: their gradients are walked back from one to the one before it, so that episodes
of any length share their programs."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_outcome

import functape
from functape._engine import _chained, _tape
from functape._engine._cache import cache

program = Table()


def variables(tf):
    return tf.Variable([1.0, 2.0]), tf.Variable([[0.1, 0.2], [0.3, 0.4]]), tf.Variable(3.0)


def episode(tf, w, v, steps, start=None):
    """Each step looks at a value, as an environment does."""
    logs, state = [], tf.constant([1.0, 1.0])
    hidden = tf.constant([0.1, 0.2]) if start is None else start
    for _ in range(steps):
        hidden = tf.tanh(tf.linalg.matvec(v, hidden) + state)
        likely = tf.nn.softmax(w * state + hidden)
        action = int(np.argmax(likely.numpy()))
        logs.append(tf.math.log(likely[action]))
        state = tf.constant(np.tanh(state.numpy() + action).astype(np.float32))
    return logs, hidden


@program
def the_sum_of_an_episode(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as tape:
        logs, _ = episode(tf, w, v, 9)
        loss = -tf.reduce_sum(tf.stack(logs))
    return tape.gradient(loss, [w, v, u])


@program
def targets_of_several_recordings_with_weights(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as tape:
        logs, hidden = episode(tf, w, v, 6)
        last = hidden * u
    targets = [logs[0], logs[3], last, logs[3]]
    weights = [tf.constant(2.0), None, tf.constant([1.0, -1.0]), tf.constant(0.5)]
    weights[1] = tf.ones([])
    return tape.gradient(targets, [w, v, u], output_gradients=weights)


@program
def no_weights(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as tape:
        logs, hidden = episode(tf, w, v, 6)
    return tape.gradient([*logs, hidden], {"w": w, "u": u, "v": v})


@program
def a_value_that_every_recording_uses(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as tape:
        shared = tf.sin(u) * w
        total = 0.0
        for step in range(6):
            total = total + tf.reduce_sum(shared * v * float(step))
            if total.numpy() > 1e9:
                break
    return tape.gradient(total, [w, v, u])


@program
def a_persistent_tape_asked_twice(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape(persistent=True) as tape:
        logs, hidden = episode(tf, w, v, 7)
        loss = tf.add_n(logs)
    first = tape.gradient(loss, [w, v])
    w.assign([5.0, 5.0])
    return first, tape.gradient(loss, [w, v]), tape.gradient(hidden, v)


@program
def variables_assigned_before_the_gradient_is_asked(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape() as tape:
        logs, _ = episode(tf, w, v, 6)
        loss = tf.add_n(logs)
    w.assign(w * 10.0)
    v.assign_add(v)
    return tape.gradient(loss, [w, v])


@program
def a_variable_assigned_on_the_way(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape() as tape:
        logs, hidden = episode(tf, w, v, 3)
        w.assign(w * 0.5)
        more, _ = episode(tf, w, v, 3, hidden)
        loss = tf.add_n(logs + more)
    return tape.gradient(loss, [w, v])


@program
def recording_stopped_on_the_way(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape() as tape:
        logs, hidden = episode(tf, w, v, 3)
        with tape.stop_recording():
            between, hidden = episode(tf, w, v, 3, hidden)
        more, _ = episode(tf, w, v, 3, hidden)
        loss = tf.add_n(logs + between + more)
    return tape.gradient(loss, [w, v])


@program
def stop_gradient_on_the_way(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape() as tape:
        logs, hidden = episode(tf, w, v, 4)
        more, _ = episode(tf, w, v, 4, tf.stop_gradient(hidden))
        loss = tf.add_n(logs[:1] + more)
    return tape.gradient(loss, [w, v])


@program
def two_tapes(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as actor, tf.GradientTape() as critic:
        logs, hidden = episode(tf, w, v, 6)
        one, other = tf.add_n(logs) * u, tf.reduce_sum(hidden * w) * u
    return actor.gradient(one, [w, u]), critic.gradient(other, [v, w])


@program
def a_tape_around(tf):
    w, v, _ = variables(tf)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            logs, _ = episode(tf, w, v, 5)
            loss = tf.add_n(logs)
        gradient = inner.gradient(loss, w)
        norm = tf.reduce_sum(gradient**2)
    return gradient, outer.gradient(norm, [w, v])


@program
def watched_by_name(tf):
    w, v, u = variables(tf)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(v)
        logs, hidden = episode(tf, w, v, 6)
        loss = tf.add_n(logs) * tf.reduce_sum(hidden) * u
    return tape.gradient(loss, [w, v, u])


@program
def not_trainable_but_watched(tf):
    w, v, _ = variables(tf)
    fixed = tf.Variable([0.3, -0.2], trainable=False)
    with tf.GradientTape() as tape:
        tape.watch(fixed)
        logs, _ = episode(tf, w * fixed, v, 6)
        loss = tf.add_n(logs)
    return tape.gradient(loss, [fixed, w])


@program
def rows_of_a_table(tf):
    table = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    with tf.GradientTape() as tape:
        total = 0.0
        for step in range(6):
            total = total + tf.reduce_sum(tf.nn.embedding_lookup(table, [step % 3, 0]) ** 2)
            if float(total) < 0:
                break
    return tf.convert_to_tensor(tape.gradient(total, table))


@program
def sources_that_are_no_variables(tf):
    x, (w, v, _) = tf.constant([0.1, 0.4]), variables(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        logs, hidden = episode(tf, w * x, v, 6)
        loss = tf.add_n(logs) + tf.reduce_sum(hidden)
    return tape.gradient(loss, [x, w])


@program
def zeros_where_unconnected(tf):
    w, v, u = variables(tf)
    with tf.GradientTape() as tape:
        loss = tf.add_n(episode(tf, w, v, 6)[0])
    return tape.gradient(loss, [w, u], unconnected_gradients=tf.UnconnectedGradients.ZERO)


@program
def whole_numbers_on_the_way(tf):
    w, _, _ = variables(tf)
    with tf.GradientTape() as tape:
        count, total = tf.constant(0), tf.constant(0.0)
        for _ in range(6):
            count = count + 1
            total = total + tf.cast(count, tf.float32) * tf.reduce_sum(w)
            if int(count) > 100:
                break
    return tape.gradient(total, w)


@pytest.mark.parametrize("case", program, ids=lambda case: case.__name__)
def test_the_gradient_is_tensorflows(case):
    assert_same_outcome(case)


CHAINED = {
    "the_sum_of_an_episode", "targets_of_several_recordings_with_weights", "no_weights",
    "a_value_that_every_recording_uses", "a_persistent_tape_asked_twice",
    "recording_stopped_on_the_way", "stop_gradient_on_the_way", "two_tapes", "whole_numbers_on_the_way",
}  # fmt: skip


@pytest.mark.parametrize("case", program, ids=lambda case: case.__name__)
def test_which_gradients_go_from_recording_to_recording(case, monkeypatch):
    calls = []

    def counted(*arguments):
        calls.append(arguments)
        return _chained.chained_gradient(*arguments)

    monkeypatch.setattr(_tape, "chained_gradient", counted)
    case(functape)
    assert bool(calls) == (case.__name__ in CHAINED)


def test_episodes_of_any_length_share_their_programs():
    w, v, _ = variables(functape)

    def run(tf, w, v, steps):
        with tf.GradientTape() as tape:
            logs, hidden = episode(tf, w, v, steps)
        return [each.numpy() for each in tape.gradient([*logs[-1:], hidden], [w, v])]

    for steps in (6, 7):
        run(functape, w, v, steps)
    before = cache.compiled
    for steps in (31, 9, 20):
        found = run(functape, w, v, steps)
    assert cache.compiled == before
    expected = run(tensorflow, tensorflow.Variable(w.numpy()), tensorflow.Variable(v.numpy()), 20)
    for each, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(each, other, rtol=1e-4)
