"""`functape port` on scripts in the style of well-known tutorials: the emitted steps, against the pure ones."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

SCRIPTS = sorted((pathlib.Path(__file__).parent / "port_scripts").glob("*.py"))

RUN = """
import pathlib, sys
import jax, numpy as np
import functape as tf
from functape._port._command import _run

for path in map(pathlib.Path, sys.argv[2:]):
    steps = {}
    _run(path, (), (), steps)
    for captured in steps.values():
        args, kwargs = captured.arguments
        source = tf.to_jax_source(captured.fn, *args, **kwargs)
        pathlib.Path(sys.argv[1], f"{path.stem}.py").write_text(source)
        module = {}
        exec(source, module)
        pure, state = tf.functionalize(captured.fn, *args, **kwargs)
        mine = state
        emitted = jax.jit(module[captured.name])
        for _ in range(2):
            state, wanted = pure(state, *args, **kwargs)
            mine, made = emitted(mine, *map(np.asarray, args), **kwargs)
            close = lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-5)
            jax.tree.map(close, (made, mine), (wanted, state))
        print(path.stem, captured.name)
"""


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """The folder of the emitted sources, and what was found to agree."""
    folder = tmp_path_factory.mktemp("emitted")
    done = subprocess.run(
        [sys.executable, "-c", RUN, folder, *SCRIPTS], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(pathlib.Path(__file__).parent.parent)},
    )  # fmt: skip
    return folder, done


def test_emitted_steps_agree(emitted):
    _, done = emitted
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == [f"{path.stem} train_step" for path in SCRIPTS]


NAMES = {
    "actor": ("probs", "action_probs", "advantage", "actor_loss", "critic_loss"),
    "gan": ("noise", "generated", "fake_output", "disc_loss", "batch_normalization"),
    "pinn": ("u_x", "u_xx", "phi = ", "boundary = "),
    "rnn": ("embeddings", "learning_rate"),
    "vae": ("logpx_z", "cross_ent", "eps", "\n    def "),
}


@pytest.mark.parametrize("name", NAMES)
def test_sources_have_the_users_names(emitted, name):
    source = (emitted[0] / f"{name}.py").read_text()
    missing = [each for each in NAMES[name] if each not in source]
    assert not missing
    assert "def train_step(state, " in source
    assert source.count("base64") <= 3, "large constants only"
