"""`tf.train.CheckpointOptions`."""

from __future__ import annotations

from typing import Any


class CheckpointOptions:
    """How a checkpoint is written (`tf.train.CheckpointOptions`).

    Checkpoints are written from the host, at once, under the names of the object graph; options that ask for something
    else of TensorFlow's own runtime are accepted and have nothing to act on here.

    **Arguments:**
    - `experimental_io_device`, `experimental_sharding_callback`, `experimental_enable_async_checkpoint`,
      `enable_async`: accepted for compatibility.
    - `experimental_write_callbacks`: functions called after a checkpoint was written, with its path or with nothing.
    - `experimental_skip_slot_variables`: whether a restore leaves the optimizers' slots as they are.
    """

    __slots__ = (
        "enable_async", "experimental_enable_async_checkpoint", "experimental_io_device",
        "experimental_sharding_callback", "experimental_skip_slot_variables", "experimental_write_callbacks",
    )  # fmt: skip

    def __init__(
        self,
        experimental_io_device: str | None = None,
        experimental_enable_async_checkpoint: bool = False,
        experimental_write_callbacks: Any = None,
        enable_async: bool = False,
        experimental_skip_slot_variables: bool = False,
        experimental_sharding_callback: Any = None,
    ) -> None:
        self.experimental_io_device = experimental_io_device
        self.enable_async = enable_async or experimental_enable_async_checkpoint
        self.experimental_enable_async_checkpoint = self.enable_async
        self.experimental_write_callbacks = experimental_write_callbacks
        self.experimental_skip_slot_variables = experimental_skip_slot_variables
        self.experimental_sharding_callback = experimental_sharding_callback
