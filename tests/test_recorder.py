"""The recorder: what compiles, when it runs, what it keeps and what it gives back."""

from __future__ import annotations

import contextlib
import gc
import threading
import weakref

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import functape as tf
from functape._engine import _compat
from functape._engine._cache import cache
from functape._engine._recorder import local

compiled_by_jax = [0]


def _count(event, duration, **details):
    if event == _compat.COMPILE_EVENT:
        compiled_by_jax[0] += 1


jax.monitoring.register_event_duration_secs_listener(_count)


@contextlib.contextmanager
def compilations(expected):
    """Exactly `expected` programs reach XLA in the block, by JAX's own events and by functape's counter."""
    before, counted = compiled_by_jax[0], tf.config.counters().programs_compiled
    yield
    assert tf.config.counters().programs_compiled - counted == expected
    assert compiled_by_jax[0] - before == expected


@pytest.fixture
def bounds():
    """Restores the recorder's bounds."""
    kept = cache.max_programs, cache.max_states, cache.max_pending, cache.storm_programs
    yield tf.config.set_cache_bounds
    cache.max_programs, cache.max_states, cache.max_pending, cache.storm_programs = kept


def linear_step(w, x, rate):
    with tf.GradientTape() as tape:
        y = w * x + 1.0
        loss = y * y
    w.assign_sub(rate * tape.gradient(loss, w))
    return loss


# ---- what compiles -------------------------------------------------------------------------------------------------


def test_a_loop_compiles_one_program_whatever_its_scalars_do():
    w, x = tf.Variable(2.0), tf.constant([1.0, 2.0])
    w = tf.Variable([2.0, 2.0])
    for step in range(3):
        loss = linear_step(w, x, 0.01 * (step + 1))
    local.recorder.flush("end of warm-up")
    with compilations(0):
        for step in range(200):
            loss = linear_step(w, x, 0.01 / (step + 1))
        local.recorder.flush("end of the loop")
    assert np.isfinite(loss.numpy()).all()


def test_a_python_scalar_is_an_input_of_the_program():
    x = tf.constant([1.0, 2.0])
    (x * 3.0 + 1).numpy()
    with compilations(0):
        for factor in range(50):
            got = (x * float(factor) + factor).numpy()
            assert got.tolist() == [2.0 * factor, 3.0 * factor]


def test_scalars_keep_their_sign_and_nan():
    x = tf.constant([1.0])
    for scalar in (0.0, -0.0, 0.0, float("nan"), float("nan"), -0.0, -0.0):
        with np.errstate(divide="ignore"):
            expected = np.float32([1.0]) / np.float32(scalar)
        np.testing.assert_array_equal((x / scalar).numpy(), expected)


def test_a_short_last_batch_costs_one_program_more():
    w = tf.Variable([1.0, 2.0])
    full, short = tf.constant(np.ones((8, 2), np.float32)), tf.constant(np.ones((3, 2), np.float32))

    def epoch():
        for batch in (full, full, full, short):
            with tf.GradientTape() as tape:
                loss = (batch * w)[0, 0]
            w.assign_sub(0.1 * tape.gradient(loss, w))
        local.recorder.flush("end of the epoch")

    linear_step(w, tf.constant([1.0, 1.0]), 0.1)
    epoch()
    with compilations(0):
        for _ in range(5):
            epoch()


def test_looking_at_values_now_and_then_adds_a_fixed_number_of_programs():
    w, x = tf.Variable([2.0, 2.0]), tf.constant([1.0, 2.0])

    def run(steps):
        for step in range(steps):
            loss = linear_step(w, x, 0.01)
            if step % 10 == 0:
                assert loss.numpy().shape == (2,)
        local.recorder.flush("end")

    run(25)
    with compilations(0):
        run(200)


def test_ten_thousand_steps_unseen_keep_memory_and_programs():
    w, x = tf.Variable([2.0, 2.0]), tf.constant([1.0, 2.0])
    for _ in range(50):
        linear_step(w, x, 0.0)
    gc.collect()
    states, arrays, objects = cache.states, len(jax.live_arrays()), len(gc.get_objects())
    with compilations(0):
        for _ in range(10_000):
            linear_step(w, x, 0.0)
    gc.collect()
    assert cache.states == states
    assert len(jax.live_arrays()) <= arrays + 5
    assert len(gc.get_objects()) <= objects + 200


def test_a_loop_without_variables_that_is_never_looked_at_is_cut(bounds):
    bounds(pending=64)
    x = tf.constant([1.0])
    before = tf.config.counters()
    for _ in range(1000):
        x = x * 0.5 + 1.0
    after = tf.config.counters()
    assert len(local.recorder.outputs) <= 130
    assert 2000 // 130 <= after.flushes - before.flushes <= 2000 // 64 + 1
    assert after.programs_compiled - before.programs_compiled <= 3
    assert x.numpy() == pytest.approx([2.0])


def test_a_loop_of_tapes_that_is_never_looked_at_is_cut_where_a_tape_begins(bounds):
    bounds(pending=16)
    w, x = tf.constant([2.0]), tf.constant([1.0])
    before = tf.config.counters()
    for _ in range(200):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = w * x * x
        x = x - 0.1 * tape.gradient(y, x)
    after = tf.config.counters()
    # The first cut ends what came before the loop; the others are alike, for as long as a value from before is needed.
    assert after.programs_compiled - before.programs_compiled <= 3
    assert after.flushes - before.flushes >= 200 * 7 // 32
    assert x.numpy() == pytest.approx([0.6**200], abs=1e-30)


def test_only_what_python_holds_is_returned():
    x = tf.constant([3.0])
    kept = x * 2.0
    chain = kept * 3.0 * 4.0 * 5.0
    assert chain.numpy() == [360.0]
    assert tf.config.compilations()[-1].outputs == 2
    assert kept.numpy() == [6.0]


def test_the_log_names_reason_and_line():
    x = tf.constant([1.0, 7.0, 2.5])
    float((x * 2.0 - 9.0)[0])
    entry = tf.config.compilations()[-1]
    assert entry.reason == "value needed"
    assert "test_recorder.py" in entry.line and "test_the_log_names_reason_and_line" in entry.line
    assert entry.ops == 3


# ---- shapes and dtypes ---------------------------------------------------------------------------------------------


def test_mistakes_show_at_the_line_that_makes_them_and_leave_no_trace():
    a, b = tf.constant([1.0, 2.0]), tf.constant([1.0, 2.0, 3.0])
    c = a * 2.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Incompatible shapes: \[2\] vs. \[3\]"):
        c * b
    with pytest.raises(tf.errors.InvalidArgumentError, match="double"):
        a + tf.constant([1.0], tf.float64)
    with pytest.raises(TypeError, match=r"2\.5"):
        tf.constant([1]) * 2.5
    assert (c + 1.0).numpy().tolist() == [3.0, 5.0]


def test_64_bit_tensors_are_real_and_the_users_configuration_is_left_alone():
    assert not jax.config.jax_enable_x64
    x = tf.constant(np.array([1e-300, 1.0]), tf.float64) * 2.0
    n = tf.constant(2**40) + 1
    assert x.dtype == tf.float64 and x.numpy()[0] == 2e-300
    assert n.dtype == tf.int64 and n.numpy() == 2**40 + 1
    assert not jax.config.jax_enable_x64
    assert jnp.ones(1).dtype == jnp.float32
    with jax.enable_x64(True):
        assert (tf.constant([1.0]) * 2.0).dtype == tf.float32


@pytest.mark.parametrize("dtype", [tf.int64, tf.float64, tf.uint64, tf.int8, tf.float16, tf.bfloat16, tf.bool])
def test_scalars_of_every_width_travel_packed(dtype):
    value = tf.constant(1, dtype) if dtype is not tf.bool else tf.constant(True)
    again = tf.constant(1, dtype) if dtype is not tf.bool else tf.constant(True)
    assert bool((value == again).numpy())


def test_host_arrays_are_copied_on_entry():
    array = np.array([1.0, 2.0], np.float32)
    x = tf.constant(array)
    y = x * 2.0
    array[:] = 99.0
    assert y.numpy().tolist() == [2.0, 4.0]
    assert x.numpy().tolist() == [1.0, 2.0]


# ---- donation ------------------------------------------------------------------------------------------------------


def test_old_values_of_variables_are_donated_and_aliases_survive():
    w = tf.Variable(np.zeros(1000, np.float32))
    x = tf.constant(np.ones(1000, np.float32))
    for _ in range(3):
        linear_step(w, x, 0.1)
    local.recorder.flush("settled")
    buffer = w.tensor.value
    linear_step(w, x, 0.1)
    local.recorder.flush("settled")
    # This test's own reference to the buffer is an alias: it was copied, not donated.
    assert not buffer.is_deleted()
    alias, view, kept = w.tensor.__jax_array__(), np.asarray(w.tensor.value), w.numpy()
    del buffer
    linear_step(w, x, 0.1)
    local.recorder.flush("settled")
    np.testing.assert_array_equal(np.asarray(alias), kept)
    np.testing.assert_array_equal(view, kept)
    reference = weakref.ref(w.tensor.value)
    linear_step(w, x, 0.1)
    local.recorder.flush("settled")
    assert reference() is None


def test_copying_an_alias_compiles_nothing_new():
    w, x = tf.Variable(np.zeros(10, np.float32)), tf.constant(np.ones(10, np.float32))
    for _ in range(3):
        linear_step(w, x, 0.1)
    local.recorder.flush("settled")
    held = w.tensor.value
    linear_step(w, x, 0.1)
    local.recorder.flush("settled")  # the first copy compiles JAX's own copy
    before = tf.config.counters().programs_compiled
    for _ in range(5):
        held = w.tensor.value
        linear_step(w, x, 0.1)
        local.recorder.flush("settled")
    assert tf.config.counters().programs_compiled == before
    assert not held.is_deleted()


# ---- bounds and storms ---------------------------------------------------------------------------------------------


def test_a_storm_of_shapes_runs_op_by_op_and_says_so_once(bounds, caplog):
    bounds(storm=4)
    with caplog.at_level("WARNING", logger="functape"):
        for length in range(1, 20):
            x = tf.constant(np.arange(length, dtype=np.float32))
            y = (x * 2.0 + 1.0) * x - 0.25
            np.testing.assert_allclose(y.numpy(), (np.arange(length) * 2 + 1) * np.arange(length) - 0.25)
    said = [record for record in caplog.records if "op by op" in record.message]
    assert len(said) == 1
    assert "Pad or bucket" in said[0].message
    assert tf.config.compilations()[-1].op_by_op
    for _ in range(12):
        y = (x * 2.0 + 1.0) * x - 0.25
        y.numpy()
    program = next(each for _, _, each in reversed(cache.programs))
    assert program.runs >= 12


def test_programs_and_states_are_bounded(bounds):
    bounds(programs=8, states=60)
    x = tf.constant([2.0, 3.0])
    for depth in range(1, 30):
        y = x
        for _ in range(depth):
            y = y * 1.5
        np.testing.assert_allclose(y.numpy(), np.float32([2.0, 3.0]) * np.float32(1.5) ** depth, rtol=1e-6)
        assert len(cache.programs) <= 9
        assert cache.states <= 61


# ---- threads and exceptions ----------------------------------------------------------------------------------------


def test_threads_record_apart_and_share_values():
    results, errors = {}, []
    shared = tf.constant([1.0, 2.0]) * 3.0
    variable = tf.Variable([1.0, 1.0])
    variable.assign_add(shared)

    def work(number):
        try:
            x = tf.constant([float(number), 1.0])
            for _ in range(200):
                x = x * 1.01 + shared * 0.0 + variable * 0.0
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = x * shared
            results[number] = (x, tape.gradient(y, x))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for number, (x, gradient) in results.items():
        assert x.numpy()[0] == pytest.approx(number * 1.01**200, rel=1e-5)
        assert gradient.numpy().tolist() == [3.0, 6.0]
    assert variable.numpy().tolist() == [4.0, 7.0]


def test_tapes_of_one_thread_do_not_see_another():
    x = tf.Variable(3.0)
    seen = {}

    def work():
        seen["product"] = x * x

    with tf.GradientTape() as tape:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        y = x * 2.0
    assert seen["product"].numpy() == 9.0
    assert tape.gradient(y, x).numpy() == 2.0


class Interrupting:
    """An operand whose conversion is interrupted."""

    def __array__(self, dtype=None, copy=None):
        raise KeyboardInterrupt


def test_an_interrupted_op_leaves_the_recorder_as_it_was():
    w = tf.Variable([1.0, 2.0])
    y = w * 2.0
    fresh = tf.constant([5.0, 6.0])
    with pytest.raises(KeyboardInterrupt):
        fresh * Interrupting()
    z = y + fresh
    w.assign_add(z)
    assert z.numpy().tolist() == [7.0, 10.0]
    assert w.numpy().tolist() == [8.0, 12.0]


def test_a_program_that_fails_leaves_variables_as_they_were(monkeypatch):
    w = tf.Variable([1.0, 2.0])
    w.assign_add([1.0, 1.0])
    w.numpy()
    lost = w * 3.0
    w.assign_add([5.0, 5.0])

    def fail(*_, **__):
        raise RuntimeError("out of memory")

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match="out of memory"):
        patch.setattr("functape._engine._program.compile_ahead", fail)
        (w * 7.0).numpy()
    assert w.numpy().tolist() == [2.0, 3.0]
    with pytest.raises(tf.errors.InternalError, match="lost"):
        lost.numpy()
    w.assign_add([1.0, 1.0])
    assert w.numpy().tolist() == [3.0, 4.0]


# ---- op by op ------------------------------------------------------------------------------------------------------


def test_op_by_op_gives_the_same_and_runs_each_op_at_its_line():
    def program():
        w = tf.Variable([1.0, 2.0])
        with tf.GradientTape() as outer:
            with tf.GradientTape() as tape:
                y = w * w * w + 1.0
            first = tape.gradient(y, w)
        second = outer.gradient(first, w)
        w.assign_sub(0.5 * first)
        return y, first, second, w

    whole = [each.numpy() for each in program()]
    tf.config.run_op_by_op(True)
    try:
        assert tf.config.is_op_by_op()
        flushes = tf.config.counters().flushes
        single = program()
        assert tf.config.counters().flushes - flushes >= 7
        assert hasattr(single[0], "value")
        for expected, got in zip(whole, single, strict=True):
            np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)
    finally:
        tf.config.run_op_by_op(False)


def test_ops_may_run_inside_jax_jit():
    assert int(jax.jit(lambda x: tf.cast(x, tf.int32))(jnp.ones(()))) == 1


@pytest.mark.parametrize("make", [tf.keras.optimizers.SGD, lambda: tf.keras.optimizers.Optax(optax.sgd(0.1))])
def test_a_long_step_is_one_program(bounds, make):
    bounds(pending=4)
    w, optimizer = tf.Variable(0.5), make()

    def step():
        with tf.GradientTape() as tape:
            y = w
            for _ in range(20):
                y = tf.sin(y)
        optimizer.apply_gradients([(tape.gradient(y, w), w)])

    step()
    before = tf.config.counters().flushes
    for _ in range(3):
        step()
    assert tf.config.counters().flushes - before == 3
