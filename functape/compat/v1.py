"""`tf.compat.v1`: the few names of TensorFlow 1 that still occur in TensorFlow 2 scripts."""

from __future__ import annotations

import logging as _logging
import types
from collections.abc import Iterator
from typing import Any

from functape._namespace import lazy
from functape._seeds import set_seed

__all__ = [
    "disable_v2_behavior",
    "enable_eager_execution",
    "enable_resource_variables",
    "enable_tensor_equality",
    "enable_v2_behavior",
    "enable_v2_tensorshape",
    "executing_eagerly_outside_functions",
    "get_default_session",
    "logging",
    "set_random_seed",
]


def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Nothing to do: programs run as they are written."""


def enable_v2_behavior() -> None:
    """Nothing to do: it is TensorFlow 2's."""


def enable_resource_variables() -> None:
    """Nothing to do: variables are objects."""


def enable_tensor_equality() -> None:
    """Nothing to do: `==` compares elements."""


def enable_v2_tensorshape() -> None:
    """Nothing to do: lengths are ints and None."""


def disable_v2_behavior() -> None:
    """Not possible.

    **Raises:** `NotImplementedError`.
    """
    raise NotImplementedError(
        "TensorFlow 1's graphs and sessions are not supported. Delete the call, and write steps with tf.GradientTape."
    )


def executing_eagerly_outside_functions() -> bool:
    """True: programs run as they are written."""
    return True


def get_default_session() -> None:
    """None: there are no sessions."""
    return


def set_random_seed(seed: Any) -> None:
    """As `tf.random.set_seed`."""
    set_seed(seed)


def _logger(name: str) -> Any:
    def log(message: Any, *args: Any, **kwargs: Any) -> None:
        getattr(_logging.getLogger("tensorflow"), name)(message, *args, **kwargs)

    log.__name__, log.__doc__ = name, f"Log a message as `{name}`."
    return log


def _names() -> Iterator[tuple[str, Any]]:
    yield from ((name, getattr(_logging, name)) for name in ("DEBUG", "ERROR", "FATAL", "INFO"))
    yield "WARN", _logging.WARNING
    yield from ((name, _logger(name)) for name in ("debug", "error", "fatal", "info", "warning"))
    yield "warn", _logger("warning")
    yield "set_verbosity", lambda level: _logging.getLogger("tensorflow").setLevel(level)
    yield "get_verbosity", lambda: _logging.getLogger("tensorflow").getEffectiveLevel()


logging = types.SimpleNamespace(**dict(_names()))
"""`tf.compat.v1.logging`, over the logger called `tensorflow`."""

_SAME = {
    "io": "functape.io", "train": "functape.compat._v1_train", "keras": "functape.keras", "gfile": "functape.io:gfile",
    "GradientTape": "functape:GradientTape", "Variable": "functape:Variable", "Tensor": "functape:Tensor",
    "SparseTensor": "functape.sparse:SparseTensor", "TensorShape": "functape:TensorShape", "Assert": "functape:Assert",
    "executing_eagerly": "functape.function:executing_eagerly", "nn": "functape.nn", "math": "functape.math",
    "random": "functape.random", "data": "functape.data", "errors": "functape.errors", "image": "functape.image",
    "float32": "functape:float32", "float64": "functape:float64", "int32": "functape:int32", "int64": "functape:int64",
}  # fmt: skip
__getattr__ = lazy(__name__, _SAME, lambda: __all__)
