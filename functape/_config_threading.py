"""`tf.config.threading`: numbers of threads."""

from __future__ import annotations

from functape._config_devices import (
    get_inter_op_parallelism_threads,
    get_intra_op_parallelism_threads,
    set_inter_op_parallelism_threads,
    set_intra_op_parallelism_threads,
)
from functape._namespace import lazy

__all__ = [
    "get_inter_op_parallelism_threads",
    "get_intra_op_parallelism_threads",
    "set_inter_op_parallelism_threads",
    "set_intra_op_parallelism_threads",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
