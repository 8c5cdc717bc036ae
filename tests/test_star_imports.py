"""`from module import *` binds TensorFlow's names, as far as functape has them."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import subprocess
import sys

import pytest
import tensorflow  # noqa: F401
import tf_keras  # noqa: F401

from functape._missing import tensorflow_names

OWN = {
    "autodiff": "UnconnectedGradients custom_gradient grad_pass_through gradients hessians recompute_grad",
    "config": "Compilation Counters compilations counters is_op_by_op log_compilations run_op_by_op set_cache_bounds",
    "errors": "InaccessibleTensorError",
    "keras.optimizers": "Optax",
    "keras.optimizers.experimental": "Lion",
    "test": "mock",
}
"""Names of functape's own, and such as TensorFlow has elsewhere."""


def star(module: str) -> set[str]:
    names: dict[str, object] = {}
    exec(f"from {module} import *", names)
    return {name for name in names if not name.startswith("_")}


def attributes(module: str) -> set[str]:
    """The public names that can be asked for, also those that load on first touch."""
    found = importlib.import_module(module)
    return {name for name in tensorflow_names()[module.partition(".")[2]] if hasattr(found, name)}


def modules() -> list[str]:
    found = []
    for path in tensorflow_names():
        with contextlib.suppress(ImportError):
            importlib.import_module(f"functape.{path}".rstrip("."))
            found.append(path)
    return found


def theirs(path: str) -> set[str]:
    """What TensorFlow's star import binds with either generation of Keras; `tf.losses` counts as `tf.keras.losses`."""
    names: set[str] = theirs(f"keras.{path}") if path in ("losses", "metrics", "initializers", "optimizers") else set()
    for root in ("tensorflow", "tf_keras"):
        inside = path.removeprefix("keras").lstrip(".") if root == "tf_keras" else path
        if root == "tensorflow" or path.startswith("keras"):
            with contextlib.suppress(ImportError):
                names |= star(f"{root}.{inside}".rstrip("."))
    return names


@pytest.mark.parametrize("path", modules())
def test_a_star_import_binds_tensorflows_names(path: str) -> None:
    ours = star(f"functape.{path}".rstrip("."))
    assert attributes(f"functape.{path}".rstrip(".")) <= ours
    assert ours - theirs(path) - tensorflow_names()[path] == set(OWN.get(path, "").split()) & ours
    assert {name for name in ours if hasattr(builtins, name)} <= theirs(path)


def test_many_modules_are_compared() -> None:
    assert len(modules()) > 70
    assert {"Sequential", "Model", "load_model"} <= star("functape.keras.models")
    assert {"constant", "keras", "Variable", "GradientTape"} <= star("functape")
    assert not {"install", "wrap", "draw", "explain"} & star("functape")


def test_a_program_with_star_imports_runs(tmp_path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from tensorflow import *\n"
        "from tensorflow.keras.layers import *\n"
        "from tensorflow.keras.models import *\n"
        "from tensorflow.keras.optimizers import *\n"
        "model = Sequential([Input((2,)), Dense(1)])\n"
        "model.compile(SGD(), 'mse')\n"
        "assert len(range(3).shape) == 1\n"
        "import sys\n"
        "sys.stdout.write(f'{model(constant([[1.0, 2.0]])).shape} {__version__}')\n"
    )
    command = [sys.executable, "-m", "functape", "run", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"(1, 1) {importlib.import_module('functape').__version__}"
