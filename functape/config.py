"""`tf.config`: devices, and functape's own view of its recorder."""

from __future__ import annotations

from typing import NamedTuple

import jax

from functape._engine._report import Compilation
from functape._engine._settings import (
    Counters,
    compilations,
    counters,
    is_op_by_op,
    log_compilations,
    run_op_by_op,
    set_cache_bounds,
)

__all__ = [
    "Compilation",
    "Counters",
    "LogicalDevice",
    "PhysicalDevice",
    "compilations",
    "counters",
    "is_op_by_op",
    "list_logical_devices",
    "list_physical_devices",
    "log_compilations",
    "run_op_by_op",
    "set_cache_bounds",
]


class PhysicalDevice(NamedTuple):
    """A device of this machine (`tf.config.PhysicalDevice`)."""

    name: str
    device_type: str


class LogicalDevice(NamedTuple):
    """A device programs run on (`tf.config.LogicalDevice`)."""

    name: str
    device_type: str


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """The devices JAX sees (`tf.config.list_physical_devices`).

    **Arguments:**
    - `device_type`: `"CPU"`, `"GPU"` or `"TPU"`; all by default.

    ```python
    >>> import functape as tf
    >>> tf.config.list_physical_devices("CPU")[0].device_type
    'CPU'

    ```
    """
    return [PhysicalDevice(f"/physical_device:{kind}:{index}", kind) for kind, index in _devices(device_type)]


def list_logical_devices(device_type: str | None = None) -> list[LogicalDevice]:
    """The devices programs run on (`tf.config.list_logical_devices`); as `list_physical_devices`."""
    return [LogicalDevice(f"/device:{kind}:{index}", kind) for kind, index in _devices(device_type)]


def _devices(device_type: str | None) -> list[tuple[str, int]]:
    found = [("CPU", device.id) for device in jax.devices("cpu")]
    if jax.default_backend() != "cpu":
        found += [(device.platform.upper(), device.id) for device in jax.devices()]
    return [each for each in found if device_type is None or each[0] == device_type]
