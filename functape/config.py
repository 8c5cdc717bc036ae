"""`tf.config`: devices, and functape's own view of its recorder."""

from __future__ import annotations

from functape._config_devices import (
    LogicalDevice,
    LogicalDeviceConfiguration,
    PhysicalDevice,
    get_logical_device_configuration,
    get_soft_device_placement,
    get_visible_devices,
    list_logical_devices,
    list_physical_devices,
    set_logical_device_configuration,
    set_soft_device_placement,
    set_visible_devices,
)
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
from functape._namespace import lazy

__all__ = [
    "Compilation",
    "Counters",
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "compilations",
    "counters",
    "get_logical_device_configuration",
    "get_soft_device_placement",
    "get_visible_devices",
    "is_op_by_op",
    "list_logical_devices",
    "list_physical_devices",
    "log_compilations",
    "run_op_by_op",
    "set_cache_bounds",
    "set_logical_device_configuration",
    "set_soft_device_placement",
    "set_visible_devices",
]


__getattr__ = lazy(
    __name__,
    {
        "experimental": "functape._config_experimental",
        "experimental_connect_to_cluster": "functape._config_devices:no_cluster",
        "experimental_connect_to_host": "functape._config_devices:no_cluster",
        "experimental_functions_run_eagerly": "functape.function:functions_run_eagerly",
        "experimental_run_functions_eagerly": "functape.function:run_functions_eagerly",
        "optimizer": "functape._config_optimizer",
        "threading": "functape._config_threading",
        "functions_run_eagerly": "functape.function:functions_run_eagerly",
        "run_functions_eagerly": "functape.function:run_functions_eagerly",
    },
    lambda: __all__,
)
