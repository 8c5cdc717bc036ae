"""Keras's settings (`tf.keras.config`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras._configuration import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from functape.keras._serialization import enable_unsafe_deserialization
from functape.keras.backend._types import backend
from functape.keras.dtype_policies import dtype_policy, set_dtype_policy
from functape.keras.utils._progress import (
    disable_interactive_logging,
    enable_interactive_logging,
    is_interactive_logging_enabled,
)

__all__ = [
    "backend",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]


class _Bounds:
    epochs: int | None = None
    steps: int | None = None


def max_epochs() -> int | None:
    """The largest number of epochs `fit` runs; None for no bound (`tf.keras.config.max_epochs`)."""
    return _Bounds.epochs


def set_max_epochs(max_epochs: int | None) -> None:
    """Bound the number of epochs `fit` runs, whatever its arguments (`tf.keras.config.set_max_epochs`)."""
    _Bounds.epochs = max_epochs


def max_steps_per_epoch() -> int | None:
    """The largest number of steps an epoch has; None for no bound (`tf.keras.config.max_steps_per_epoch`)."""
    return _Bounds.steps


def set_max_steps_per_epoch(max_steps_per_epoch: int | None) -> None:
    """Bound the number of steps of an epoch (`tf.keras.config.set_max_steps_per_epoch`)."""
    _Bounds.steps = max_steps_per_epoch


def set_backend(backend: str) -> None:
    """Accepted for `"tensorflow"`, which functape stands for (`tf.keras.config.set_backend`).

    **Raises:** `ValueError` for another.
    """
    if backend != "tensorflow":
        raise ValueError(f"functape stands for the backend 'tensorflow'. Received: backend={backend!r}")


def is_traceback_filtering_enabled() -> bool:
    """False: tracebacks are shown whole (`tf.keras.config.is_traceback_filtering_enabled`)."""
    return False


def enable_traceback_filtering() -> None:
    """Accepted for Keras's signature: tracebacks are shown whole (`tf.keras.config.enable_traceback_filtering`)."""


def disable_traceback_filtering() -> None:
    """Accepted for Keras's signature: tracebacks are whole (`tf.keras.config.disable_traceback_filtering`)."""


__getattr__ = lazy(__name__, {}, lambda: __all__)
