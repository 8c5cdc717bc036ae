"""`tf.data.Options`: how a pipeline is to be run."""

from __future__ import annotations

import enum
from typing import Any


class AutoShardPolicy(enum.IntEnum):
    """How a dataset is split among workers (`tf.data.experimental.AutoShardPolicy`)."""

    OFF = -1
    AUTO = 0
    FILE = 1
    DATA = 2
    HINT = 3


class AutotuneAlgorithm(enum.Enum):
    """How TensorFlow's tuner searches (`tf.data.experimental.AutotuneAlgorithm`)."""

    DEFAULT = 0
    HILL_CLIMB = 1
    GRADIENT_DESCENT = 2
    MAX_PARALLELISM = 3
    STAGE_BASED = 4


class ExternalStatePolicy(enum.Enum):
    """What becomes of state outside a dataset (`tf.data.experimental.ExternalStatePolicy`)."""

    WARN = 0
    IGNORE = 1
    FAIL = 2


class _Group:
    """Named settings, all None until they are set. An unknown name is an error."""

    _names: tuple[str, ...] = ()

    def __init__(self) -> None:
        for name in self._names:
            object.__setattr__(self, name, None)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._names:
            raise AttributeError(
                f"Cannot set the property {name} on {type(self).__name__}. It has: {', '.join(self._names)}."
            )
        object.__setattr__(self, name, value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(type(self))

    def _merged(self, other: Any) -> Any:
        made = type(self)()
        for name in self._names:
            ours, theirs = getattr(self, name), getattr(other, name)
            value = ours._merged(theirs) if isinstance(ours, _Group) else ours if theirs is None else theirs
            object.__setattr__(made, name, value)
        return made


class AutotuneOptions(_Group):
    """Settings of TensorFlow's tuner (`tf.data.experimental.AutotuneOptions`)."""

    _names = ("enabled", "cpu_budget", "ram_budget", "autotune_algorithm", "initial_parallelism", "min_parallelism")


class DistributeOptions(_Group):
    """Settings of distributed datasets (`tf.data.experimental.DistributeOptions`)."""

    _names = ("auto_shard_policy", "num_devices")


class OptimizationOptions(_Group):
    """Settings of TensorFlow's rewriting of pipelines (`tf.data.experimental.OptimizationOptions`)."""

    _names = (
        "apply_default_optimizations", "filter_fusion", "filter_parallelization", "inject_prefetch",
        "map_and_batch_fusion", "map_and_filter_fusion", "map_fusion", "map_parallelization", "noop_elimination",
        "parallel_batch", "seq_interleave_prefetch", "shuffle_and_repeat_fusion",
    )  # fmt: skip


class ThreadingOptions(_Group):
    """Settings of the threads (`tf.data.ThreadingOptions`)."""

    _names = ("max_intra_op_parallelism", "private_threadpool_size")


class Options(_Group):
    """How a pipeline is to be run (`tf.data.Options`).

    Settings that concern TensorFlow's own runtime are accepted and have nothing to act on here.
    """

    _names = (
        "autotune", "dataset_name", "deterministic", "distribute", "experimental_deterministic",
        "experimental_distribute", "experimental_external_state_policy", "experimental_optimization",
        "experimental_slack", "experimental_symbolic_checkpoint", "experimental_threading",
        "experimental_warm_start", "framework_type", "threading",
    )  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        for name, group in (
            ("autotune", AutotuneOptions), ("experimental_distribute", DistributeOptions),
            ("experimental_optimization", OptimizationOptions), ("threading", ThreadingOptions),
            ("distribute", DistributeOptions), ("experimental_threading", ThreadingOptions),
        ):  # fmt: skip
            object.__setattr__(self, name, group())

    def merge(self, options: Options) -> Options:
        """These options with those that `options` sets instead."""
        merged: Options = self._merged(options)
        return merged
