"""What strategies are told: how to reduce, and choices that one replica does not need."""

from __future__ import annotations

import enum
from typing import Any


class ReduceOp(enum.Enum):
    """How values of several replicas become one (`tf.distribute.ReduceOp`)."""

    SUM = "SUM"
    MEAN = "MEAN"

    @staticmethod
    def of(value: Any) -> ReduceOp:
        """A `ReduceOp`, given as one or as text.

        **Raises:** `ValueError` for anything else.
        """
        try:
            return value if isinstance(value, ReduceOp) else ReduceOp(value.upper())
        except (AttributeError, ValueError):
            raise ValueError(
                f"`reduce_op` must be 'SUM', 'MEAN' or a tf.distribute.ReduceOp. Received: {value!r}"
            ) from None


class InputContext:
    """Which part of the data a pipeline is to make: all of it (`tf.distribute.InputContext`).

    **Arguments:**
    - `num_input_pipelines`, `input_pipeline_id`: how many pipelines there are, and which this one is.
    - `num_replicas_in_sync`: how many replicas share a batch.
    """

    def __init__(self, num_input_pipelines: int = 1, input_pipeline_id: int = 0, num_replicas_in_sync: int = 1) -> None:
        self.num_input_pipelines = num_input_pipelines
        self.input_pipeline_id = input_pipeline_id
        self.num_replicas_in_sync = num_replicas_in_sync

    def get_per_replica_batch_size(self, global_batch_size: int) -> int:
        """A replica's part of a batch.

        **Raises:** `ValueError` if it cannot be split evenly.
        """
        if global_batch_size % self.num_replicas_in_sync != 0:
            raise ValueError(
                f"The `global_batch_size` {global_batch_size} is not divisible by `num_replicas_in_sync` "
                f"{self.num_replicas_in_sync}."
            )
        return global_batch_size // self.num_replicas_in_sync


class CrossDeviceOps:
    """How devices exchange values (`tf.distribute.CrossDeviceOps`): with one of them it does not matter."""


class ReductionToOneDevice(CrossDeviceOps):
    """Sums on one device (`tf.distribute.ReductionToOneDevice`).

    **Arguments:**
    - `reduce_to_device`, `accumulation_fn`: accepted for compatibility.
    """

    def __init__(self, reduce_to_device: Any = None, accumulation_fn: Any = None) -> None:
        pass


class _AllReduce(CrossDeviceOps):
    def __init__(self, num_packs: int = 1) -> None:
        if num_packs < 0:
            raise ValueError(f"The number of packs must be a non-negative number. Received: num_packs={num_packs}")


class NcclAllReduce(_AllReduce):
    """Sums by NCCL (`tf.distribute.NcclAllReduce`).

    **Arguments:**
    - `num_packs`: accepted for compatibility.
    """


class HierarchicalCopyAllReduce(_AllReduce):
    """Sums by copies (`tf.distribute.HierarchicalCopyAllReduce`).

    **Arguments:**
    - `num_packs`: accepted for compatibility.
    """


class RunOptions:
    """How `run` is to run a function (`tf.distribute.RunOptions`).

    **Arguments:**
    - `experimental_enable_dynamic_batch_size`, `experimental_bucketizing_dynamic_shape`, `experimental_xla_options`:
      accepted for compatibility.
    """

    def __init__(
        self,
        experimental_enable_dynamic_batch_size: bool = True,
        experimental_bucketizing_dynamic_shape: bool = False,
        experimental_xla_options: Any = None,
    ) -> None:
        pass


class InputOptions:
    """How elements come to the replicas (`tf.distribute.InputOptions`).

    **Arguments:**
    - `experimental_fetch_to_device`, `experimental_replication_mode`, `experimental_place_dataset_on_device`,
      `experimental_per_replica_buffer_size`: accepted for compatibility.
    """

    def __init__(
        self,
        experimental_fetch_to_device: Any = None,
        experimental_replication_mode: Any = None,
        experimental_place_dataset_on_device: bool = False,
        experimental_per_replica_buffer_size: int = 1,
    ) -> None:
        pass
