"""The ways of running a workload, one row each."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Step = Callable[[], Any]


class Way(NamedTuple):
    """One way of running workloads.

    **Fields:**
    - `name`: the column's heading.
    - `column`: which of a workload's sources it runs.
    - `package`: what must be installed.
    - `prepare`: makes a step from the source and the workload's size.
    - `wait`: waits until a step's result is computed, on whichever device.
    - `keras`: the backend that Keras 3 must have; a way that needs another than TensorFlow runs in its own process.
    - `apart`: whether its package and TensorFlow cannot be in one process.
    """

    name: str
    column: str
    package: str
    prepare: Callable[[Callable[..., Any], tuple[Any, ...]], Step]
    wait: Callable[[Any], None]
    keras: str = "tensorflow"
    apart: bool = False

    @property
    def alone(self) -> bool:
        """Whether it must run in a process of its own."""
        return self.apart or self.keras != "tensorflow"

    def absent(self) -> str:
        """Why it cannot run here; empty if it can."""
        return "" if importlib.util.find_spec(self.package) else f"{self.package} is not installed"


def _plain(source: Callable[..., Any], size: tuple[Any, ...]) -> Step:
    return source(*size)


def _on(name: str) -> Callable[[Callable[..., Any], tuple[Any, ...]], Step]:
    """The source is given a library's namespace, and runs as it is."""

    def prepare(source: Callable[..., Any], size: tuple[Any, ...]) -> Step:
        made = source(importlib.import_module(name), *size)
        if isinstance(made, tuple):
            function, arguments = made
            return lambda: function(*arguments)
        return made

    return prepare


def _decorated(name: str, **options: Any) -> Callable[[Callable[..., Any], tuple[Any, ...]], Step]:
    """The step is decorated with `tf.function`."""

    def prepare(source: Callable[..., Any], size: tuple[Any, ...]) -> Step:
        tf = importlib.import_module(name)
        made = source(tf, *size)
        function, arguments = made if isinstance(made, tuple) else (made, ())
        decorated = tf.function(function, **options)
        return (lambda: decorated(*arguments)) if arguments else decorated

    return prepare


def _keras(name: str) -> Callable[[Callable[..., Any], tuple[Any, ...]], Step]:
    return lambda source, size: source(importlib.import_module(name), *size)


def _leaves(result: Any) -> list[Any]:
    if isinstance(result, list | tuple):
        return [leaf for each in result for leaf in _leaves(each)]
    return [result]


def last(result: Any) -> Any:
    """The last of a step's results, as a NumPy array."""
    leaf = _leaves(result)[-1]
    if hasattr(leaf, "detach"):
        leaf = leaf.detach().cpu()
    return np.asarray(leaf.numpy() if hasattr(leaf, "numpy") else leaf)


def _wait_jax(result: Any) -> None:
    import jax

    leaves = _leaves(result)
    jax.block_until_ready([each.__jax_array__() if hasattr(each, "__jax_array__") else each for each in leaves])


def _wait_tensorflow(result: Any) -> None:
    # On a CPU TensorFlow returns when it is done.
    import tensorflow

    if tensorflow.config.list_physical_devices("GPU"):
        tensorflow.test.experimental.sync_devices()


def _wait_torch(result: Any) -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _no_wait(result: Any) -> None:
    """The result is Python's."""


HAND = "jax.jit by hand"
TAPE = "functape"
FUNCTION = "functape tf.function"
EAGER = "TensorFlow eager"
TF_FUNCTION = "TensorFlow tf.function"
TF_JIT = "TensorFlow jit_compile=True"
NNX = "flax nnx.jit"
TORCH = "PyTorch eager"
FIT = "functape fit"
JAX_FIT = "Keras 3 on JAX fit"
TF_FIT = "Keras 3 on TensorFlow fit"
GRAIN = "grain"
HELD = "functape, one batch again and again"
FUNCTIONAL = "functape, functionalized"

WAYS = (
    Way(HAND, "by_hand", "jax", _plain, _wait_jax),
    Way(JAX_FIT, "fit", "keras", _keras("keras"), _no_wait, keras="jax"),
    Way(GRAIN, "grain", "grain", _plain, _no_wait),
    Way(HELD, "held", "functape", _on("functape"), _wait_jax),
    Way(TAPE, "tape", "functape", _on("functape"), _wait_jax),
    Way(FUNCTIONAL, "functional", "functape", _plain, _wait_jax),
    Way(FUNCTION, "tape", "functape", _decorated("functape"), _wait_jax),
    Way(FIT, "fit", "functape", _keras("functape.keras"), _no_wait),
    Way(NNX, "nnx", "flax", _plain, _wait_jax),
    Way(EAGER, "tape", "tensorflow", _on("tensorflow"), _wait_tensorflow),
    Way(TF_FUNCTION, "tape", "tensorflow", _decorated("tensorflow"), _wait_tensorflow),
    Way(TF_JIT, "tape", "tensorflow", _decorated("tensorflow", jit_compile=True), _wait_tensorflow),
    Way(TF_FIT, "fit", "tensorflow", _keras("keras"), _no_wait),
    Way(TORCH, "torch", "torch", _plain, _wait_torch, apart=True),
)
"""In a workload's table the first that ran is what the others are compared with."""
BY_NAME = {way.name: way for way in WAYS}


def source(reference: str) -> Callable[..., Any]:
    """What `module.function` names among the sources; its module is imported now."""
    module, name = reference.split(".")
    return getattr(importlib.import_module(f"benchmarks.sources.{module}"), name)


def environment(way: Way) -> dict[str, str]:
    """The variables a process for a way is given.

    Libraries are quiet, reserve nothing on a GPU that others need as well, and are found compiled to bytecode, as where
    pip has installed them: imports would otherwise take several times as long.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept,
        "KERAS_BACKEND": way.keras,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "functape-benchmarks"),
    }
