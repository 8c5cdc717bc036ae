"""A step with large gradients waits until they are dropped, so that they are no outputs of its program; what the
program computes, and what anybody sees, is as if it had been run at once."""

from __future__ import annotations

import gc
import threading

import numpy as np
import optax
import pytest
import tensorflow

import functape as tf
from functape._engine._bundle import PACKED_ELEMENTS
from functape._engine._cache import cache
from functape._engine._compat import HELD_ONCE
from functape._engine._recorder import local

WIDTH = 65
assert WIDTH**2 > PACKED_ELEMENTS

pytestmark = pytest.mark.skipif(HELD_ONCE is None, reason="what is held cannot be told from reference counts")


@pytest.fixture(autouse=True)
def new_trie():
    """What one test's steps have shown says nothing about the next one's."""
    local.recorder.flush("a test begins")
    cache.forget()
    local.recorder.restart()


class Net:
    """Square kernels under an optimizer, in either library."""

    def __init__(self, library, optimizer=None):
        random = np.random.default_rng(0)
        kernels = random.normal(size=(3, WIDTH, WIDTH)).astype(np.float32) / 8
        self.library = library
        self.x = library.constant(random.normal(size=(4, WIDTH)).astype(np.float32))
        self.kernels = [library.Variable(kernel) for kernel in kernels]
        self.optimizer = optimizer or library.keras.optimizers.SGD(0.1)
        self.seen = []

    def gradients(self, persistent=False):
        with self.library.GradientTape(persistent=persistent) as tape:
            hidden = self.x
            for kernel in self.kernels:
                hidden = self.library.nn.relu(hidden @ kernel)
            loss = self.library.reduce_mean(hidden**2)
        return loss, tape.gradient(loss, self.kernels), tape

    def apply(self, gradients):
        self.optimizer.apply_gradients(zip(gradients, self.kernels, strict=True))

    def values(self):
        return [kernel.numpy() for kernel in self.kernels]


def in_list(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    return loss


def in_dict(net):
    loss, gradients, _ = net.gradients()
    named = dict(enumerate(gradients))
    del gradients
    net.optimizer.apply_gradients([(named[number], kernel) for number, kernel in enumerate(net.kernels)])
    return loss


def clipped(net):
    loss, gradients, _ = net.gradients()
    net.apply(net.library.clip_by_global_norm(gradients, 0.5)[0])
    return loss


def one_kept(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    net.seen = gradients[1:2]
    return loss


def not_held(net):
    loss, gradients, _ = net.gradients()
    pairs = list(zip(gradients, net.kernels, strict=True))
    del gradients
    net.optimizer.apply_gradients(pairs.pop() for _ in range(3))
    return loss


def looked_at(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    net.seen = [float(loss), gradients[0].numpy()]
    return loss


def kept_tape(net):
    loss, gradients, tape = net.gradients(persistent=True)
    net.apply(gradients)
    net.seen = [tape.gradient(loss, net.kernels[0]).numpy()]
    return loss


def assigned_after(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    net.kernels[0].assign(net.kernels[0] * 0.5)
    return loss


def replaced_after(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    net.kernels[2].assign(np.full((WIDTH, WIDTH), 0.01, np.float32))
    return loss


def called_after(net):
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    if not hasattr(net, "total"):
        net.total = net.library.function(lambda: net.library.add_n(net.kernels))
    net.seen = [net.total().numpy()]
    return loss


def twice(net):
    _, first, _ = net.gradients()
    loss, second, _ = net.gradients()
    net.apply(first)
    net.apply(second)
    return loss


STEPS = [
    in_list, in_dict, clipped, one_kept, not_held, looked_at, kept_tape, assigned_after, replaced_after, called_after,
    twice,
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_what_a_step_computes_is_tensorflows(step):
    ours, theirs = Net(tf), Net(tensorflow)
    for _ in range(4):
        loss, expected = step(ours), step(theirs)
        np.testing.assert_allclose(loss.numpy(), expected.numpy(), rtol=1e-4)
    for made, expected in zip(ours.values(), theirs.values(), strict=True):
        np.testing.assert_allclose(made, expected, atol=1e-5)
    for made, expected in zip(ours.seen, theirs.seen, strict=True):
        np.testing.assert_allclose(made, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_loop_compiles_its_program_once(step):
    net = Net(tf)
    step(net).numpy()
    step(net).numpy()
    before = cache.compiled
    for _ in range(4):
        step(net).numpy()
    assert cache.compiled == before


def last_program():
    return max((program for _, _, program in cache.programs), key=lambda program: program.used)


@pytest.mark.parametrize(("step", "large"), [(in_list, 3), (in_dict, 3), (clipped, 3), (one_kept, 4), (looked_at, 6)])
def test_gradients_that_die_with_the_step_are_no_outputs(step, large):
    net = Net(tf)
    step(net)
    for _ in range(3):
        loss = step(net)
        # The program has been handed to the device, whether or not anybody asks for the loss.
        assert hasattr(loss, "value")
    net.values()
    assert len(last_program().live) == large + 1


class Table:
    """An embedding whose gradient comes by rows, in either library."""

    def __init__(self, library):
        self.library = library
        self.table = library.Variable(np.linspace(-1, 1, 500 * 16, dtype=np.float32).reshape(500, 16))
        self.numbers = library.constant((np.arange(PACKED_ELEMENTS // 8) * 7 % 300).astype(np.int32))
        self.optimizer = library.keras.optimizers.SGD(0.5)

    def step(self):
        return self.kept_step()[0]

    def kept_step(self):
        with self.library.GradientTape() as tape:
            loss = self.library.reduce_sum(self.library.gather(self.table, self.numbers) ** 2)
        gradients = tape.gradient(loss, [self.table])
        self.optimizer.apply_gradients(zip(gradients, [self.table], strict=True))
        return loss, gradients


def test_gradients_by_rows_are_waited_for():
    here, there = Table(tf), Table(tensorflow)
    for number in range(4):
        np.testing.assert_allclose(here.step().numpy(), there.step().numpy(), rtol=1e-5)
        assert here.optimizer.iterations.numpy() == there.optimizer.iterations.numpy() == number + 1
    np.testing.assert_allclose(here.table.numpy(), there.table.numpy(), rtol=1e-5, atol=1e-6)
    # The table and the loss.
    assert len(last_program().live) == 2


def test_a_step_by_rows_that_fails_is_taken_back(monkeypatch):
    made = Table(tf)
    made.step().numpy()
    before = made.table.numpy()
    loss, gradients = made.kept_step()
    ended = local.recorder.ended
    assert made.optimizer.iterations.numpy() == 2
    monkeypatch.setattr(type(ended), "_find_program", lambda *_: Broken())
    ended.state.ended().programs.clear()
    del gradients
    with pytest.raises(RuntimeError, match="out of memory"):
        loss.numpy()
    monkeypatch.undo()
    np.testing.assert_array_equal(made.table.numpy(), before)
    assert made.optimizer.iterations.numpy() == 1


def test_a_loop_that_keeps_its_gradients_stops_waiting():
    net = Net(tf)
    waited = []
    for _ in range(4):
        loss, gradients, _ = net.gradients()
        net.apply(gradients)
        waited.append(local.recorder.ended is not None)
    assert waited == [True, True, False, False]
    assert np.isfinite(loss.numpy())
    assert np.isfinite(gradients[2].numpy()).all()


def test_a_loop_that_looks_now_and_then_goes_on_waiting():
    net = Net(tf)
    waited = []
    for number in range(9):
        loss, gradients, _ = net.gradients()
        net.apply(gradients)
        waited.append(local.recorder.ended is not None)
        if number % 3 == 0:
            assert np.isfinite(float(loss))
        del gradients
    assert waited == [True] * 9
    programs = {id(program) for _, _, program in cache.programs if len(program.live) > 3}
    assert len(programs) == 2


@pytest.mark.parametrize("lengths", [(PACKED_ELEMENTS + 1,), (PACKED_ELEMENTS // 8,) * 9])
def test_many_small_gradients_are_waited_for_like_a_large_one(lengths):
    ws = [tf.Variable(np.ones(length, np.float32)) for length in lengths]
    optimizer = tf.keras.optimizers.SGD(0.1)

    def step():
        with tf.GradientTape() as tape:
            loss = tf.add_n([tf.reduce_sum(w * w) for w in ws])
        gradients = tape.gradient(loss, ws)
        optimizer.apply_gradients(zip(gradients, ws, strict=True))
        return loss

    for _ in range(3):
        loss = step()
    assert hasattr(loss, "value")
    assert len(last_program().live) == len(ws) + 1


def test_small_gradients_are_not_waited_for():
    w = tf.Variable(np.ones(PACKED_ELEMENTS, np.float32))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w)
    gradients = tape.gradient(loss, [w])
    tf.keras.optimizers.SGD(0.1).apply_gradients(zip(gradients, [w], strict=True))
    assert local.recorder.ended is None
    assert hasattr(loss, "value")


def test_optax_optimizers_wait_too():
    ours = Net(tf, tf.keras.optimizers.Optax(optax.sgd(0.1)))
    plain = Net(tf)
    for _ in range(3):
        np.testing.assert_allclose(in_list(ours).numpy(), in_list(plain).numpy(), rtol=1e-6)
    assert len(last_program().live) == 4
    assert ours.optimizer.iterations.numpy() == 3


def test_a_step_waiting_in_one_thread_is_run_by_another():
    net, alone = Net(tf), Net(tf)
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    assert local.recorder.ended is not None
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(net.kernels[0].numpy())) for _ in range(4)]
    for thread in threads:
        thread.start()
    del gradients
    for thread in threads:
        thread.join()
    expected = in_list(alone)
    assert loss.numpy() == expected.numpy()
    for each in seen:
        np.testing.assert_array_equal(each, alone.kernels[0].numpy())


def test_gradients_in_a_cycle_are_collected_any_time():
    net, alone = Net(tf), Net(tf)
    for _ in range(3):
        loss, gradients, _ = net.gradients()
        net.apply(gradients)
        gradients.append(gradients)
        del gradients
        gc.collect()
        assert loss.numpy() == in_list(alone).numpy()
    for made, expected in zip(net.values(), alone.values(), strict=True):
        np.testing.assert_array_equal(made, expected)


class Broken:
    """Stands for a program that cannot be run."""

    used = 0

    def run(self, inputs, outputs):
        raise RuntimeError("out of memory")


@pytest.mark.parametrize("ends", ["dropped", "needed"])
def test_a_step_that_fails_raises_where_its_values_are_needed(ends, monkeypatch):
    net = Net(tf, tf.keras.optimizers.Adam(0.1))
    for _ in range(3):
        in_list(net)
    before = net.values()
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    ended = local.recorder.ended
    monkeypatch.setattr(type(ended), "_find_program", lambda *_: Broken())
    ended.state.ended().programs.clear()
    if ends == "dropped":
        del gradients
    with pytest.raises(RuntimeError, match="out of memory"):
        loss.numpy()
    monkeypatch.undo()
    for now, then in zip(net.values(), before, strict=True):
        np.testing.assert_array_equal(now, then)
    assert net.optimizer.iterations.numpy() == 3
    with pytest.raises(tf.errors.InternalError, match="lost"):
        loss.numpy()
    alone = Net(tf, tf.keras.optimizers.Adam(0.1))
    for _ in range(4):
        expected = in_list(alone).numpy()
    assert in_list(net).numpy() == expected


def test_an_interrupt_while_a_step_is_run_is_not_lost(monkeypatch):
    net = Net(tf)
    in_list(net)
    loss, gradients, _ = net.gradients()
    net.apply(gradients)
    ended = local.recorder.ended

    def interrupted(*_):
        raise KeyboardInterrupt

    ended.state.ended().programs.clear()
    monkeypatch.setattr(type(ended), "_find_program", interrupted)
    del gradients
    monkeypatch.undo()
    with pytest.raises(KeyboardInterrupt):
        net.gradients()
    assert np.isfinite(loss.numpy())
