"""Strategies of one replica, under TensorFlow's names (`tf.distribute`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.distribute._context import (
    ReplicaContext,
    get_replica_context,
    get_strategy,
    has_strategy,
    in_cross_replica_context,
)
from functape.distribute._options import (
    CrossDeviceOps,
    HierarchicalCopyAllReduce,
    InputContext,
    InputOptions,
    NcclAllReduce,
    ReduceOp,
    ReductionToOneDevice,
    RunOptions,
)
from functape.distribute._strategy import MirroredStrategy, OneDeviceStrategy, Strategy, StrategyExtended

__all__ = [
    "CrossDeviceOps",
    "HierarchicalCopyAllReduce",
    "InputContext",
    "InputOptions",
    "MirroredStrategy",
    "NcclAllReduce",
    "OneDeviceStrategy",
    "ReduceOp",
    "ReductionToOneDevice",
    "ReplicaContext",
    "RunOptions",
    "Strategy",
    "StrategyExtended",
    "get_replica_context",
    "get_strategy",
    "has_strategy",
    "in_cross_replica_context",
]
_LAZY = {"cluster_resolver": "functape.distribute.cluster_resolver"}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
