"""The steps of beginners' notebooks as emitted modules, all run in one process where functape cannot be imported."""

from __future__ import annotations

import pickle
import subprocess
import sys

import jax
import numpy as np
import pytest
from seed_steps import STEPS

import functape as tf

ALONE = """
import importlib.util, pathlib, pickle, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("functape", "tensorflow", "keras", "flax", "optax", "equinox"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
import jax
folder = pathlib.Path(sys.argv[1])
for name, (step, state, arguments) in pickle.loads((folder / "given.pickle").read_bytes()).items():
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    run, made = jax.jit(getattr(module, step)), []
    for _ in range(3):
        state, outputs = run(state, *arguments)
        made.append(jax.device_get(outputs))
    (folder / f"{name}.pickle").write_bytes(pickle.dumps((jax.device_get(state), made)))
assert "functape" not in sys.modules
"""


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """For each step its source, the pure step with its first state, and what the module alone makes of three runs."""
    folder = tmp_path_factory.mktemp("emitted")
    found, given = {}, {}
    for name, make in STEPS.items():
        step, arguments = make(tf)
        source = tf.to_jax_source(step, *arguments)
        (folder / f"{name}.py").write_text(source)
        pure, state = tf.functionalize(step, *arguments)
        given[name] = step.__name__, jax.device_get(state), arguments
        found[name] = source, pure, state, arguments
    (folder / "given.pickle").write_bytes(pickle.dumps(given))
    done = subprocess.run([sys.executable, "-c", ALONE, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name: (*each, pickle.loads((folder / f"{name}.pickle").read_bytes())) for name, each in found.items()}


@pytest.mark.parametrize("name", STEPS)
def test_an_emitted_step_agrees(emitted, name):
    source, pure, state, arguments, (last, outputs) = emitted[name]
    assert "import functape" not in source
    for made in outputs:
        state, wanted = jax.jit(pure)(state, *arguments)
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6), made, jax.device_get(wanted))
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6, atol=1e-6), last, jax.device_get(state))


def test_sources_have_the_users_names(emitted):
    source = emitted["descent"][0]
    for line in ("y = ", "a * ", "dy_dx", 'x = state["x"]', "a = np.float32(1.0)"):
        assert line in source
    assert "np.arange(0, 1000, 1, np.int32)" in emitted["descent_in_a_function"][0]
    assert "loss_value" in emitted["training_loop"][0] and "def train_step(" in emitted["training_loop"][0]
