"""Emitted modules: run where functape cannot be imported, against the pure step."""

from __future__ import annotations

import pathlib
import pickle
import subprocess
import sys

import jax
import numpy as np
import pytest
from test_functionalize import X, Y, descent, everything

import functape as tf

ALONE = """
import importlib.util, pickle, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("functape", "tensorflow", "flax", "optax", "equinox"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
spec = importlib.util.spec_from_file_location("emitted", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
import jax
state, arguments, name = pickle.load(open(sys.argv[2], "rb"))
step, made = jax.jit(getattr(module, name)), []
for _ in range(3):
    state, outputs = step(state, *arguments)
    made.append(jax.device_get(outputs))
pickle.dump((jax.device_get(state), made), open(sys.argv[3], "wb"))
assert jax.tree.structure(module.zeros_state()) == jax.tree.structure(state)
"""


def alone(step, arguments, folder):
    """The source, and what the emitted step makes of three runs in a process of its own."""
    source = tf.to_jax_source(step, *arguments)
    _, state = tf.functionalize(step, *arguments)
    module, given, taken = (folder / name for name in ("emitted.py", "given.pickle", "taken.pickle"))
    module.write_text(source)
    given.write_bytes(pickle.dumps((jax.device_get(state), arguments, getattr(step, "__name__", "step"))))
    done = subprocess.run(
        [sys.executable, "-c", ALONE, module, given, taken], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + source
    return source, pickle.loads(taken.read_bytes())


def agree(step, arguments, folder):
    source, (state, outputs) = alone(step, arguments, folder)
    pure, mine = tf.functionalize(step, *arguments)
    for made in outputs:
        mine, wanted = jax.jit(pure)(mine, *arguments)
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6), made, wanted)
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6), state, jax.device_get(mine))
    return source


def test_a_step_with_everything(tmp_path):
    step, *_ = everything()
    source = agree(step, (X, Y), tmp_path)
    assert "functape" not in source.replace("Written by functape", "")
    assert "jax.value_and_grad(loss_function" in source and "dense/kernel: float32[5, 8], trainable" in source
    assert "logits = " in source, "the user's own names"


def second_derivative():
    w = tf.Variable([1.0, -2.0], name="w")

    def step(x):
        with tf.GradientTape() as outer:
            with tf.GradientTape() as inner:
                y = tf.reduce_sum(tf.tanh(w * x) ** 3)
            first = inner.gradient(y, w)
            size = tf.reduce_sum(first**2)
        w.assign_sub(0.1 * outer.gradient(size, w))
        return y, size

    return step, (np.float32([0.5, 2.0]),)


def intermediate_source():
    w = tf.Variable(2.0, name="w")

    def step(x):
        with tf.GradientTape(persistent=True) as tape:
            hidden = w * x
            y = hidden * hidden + tf.stop_gradient(hidden) * w
        return tape.gradient(y, hidden), tape.gradient(y, [w, hidden])

    return step, (np.float32(3.0),)


def loop_and_branch():
    w = tf.Variable(1.0, name="w")

    @tf.function
    def step(x):
        total = tf.constant(0.0)
        for row in x:
            if row > 0.0:
                total += row * w
            else:
                total -= row
        w.assign_add(total)
        return total

    return step, (np.float32([1.0, -2.0, 3.0]),)


def jacobian():
    w = tf.Variable([1.0, 2.0], name="w")

    def step(x):
        with tf.GradientTape() as tape:
            y = tf.sin(w * x)
        return tape.jacobian(y, w)

    return step, (np.float32(0.5),)


def custom_kinks():
    w = tf.Variable([-1.0, 0.0, 2.0], name="w")

    def step(x):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.abs(w * x) + tf.nn.leaky_relu(w) + tf.maximum(w, x))
        return tape.gradient(y, w)

    return step, (np.float32(0.0),)


@pytest.mark.parametrize(
    "make", [descent, second_derivative, intermediate_source, loop_and_branch, jacobian, custom_kinks],
    ids=lambda make: make.__name__,
)  # fmt: skip
def test_steps(make, tmp_path):
    step, arguments = make()
    agree(step, arguments if isinstance(arguments, tuple) else (np.float32(3.0),), tmp_path)


SCRIPT = """
import tensorflow as tf
w = tf.Variable(1.0, name="w")
@tf.function
def train(x):
    w.assign_add(x)
    return w * 2.0
def plain(x):
    return train(x) + 1.0
for _ in range(2):
    plain(tf.constant(0.5))
"""


def test_the_port_command(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    run = [sys.executable, "-m", "functape", "port"]
    done = subprocess.run([*run, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "def train(state, x):" in (tmp_path / "script_train_jax.py").read_text()
    done = subprocess.run(
        [*run, "--step", "plain", "--output", tmp_path / "out", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert pathlib.Path(tmp_path / "out" / "script_plain_jax.py").exists()
    missing = subprocess.run([*run, "--step", "absent", script], capture_output=True, text=True, check=False)
    assert missing.returncode == 1 and "absent" in missing.stderr
