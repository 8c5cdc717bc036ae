"""`tf.train`: checkpoints, and the messages that examples are."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "Checkpoint": "functape.train._checkpoint:Checkpoint",
    "CheckpointManager": "functape.train._manager:CheckpointManager",
    "CheckpointOptions": "functape.train._options:CheckpointOptions",
    "CheckpointView": "functape.train._reader:CheckpointView",
    "ExponentialMovingAverage": "functape.train._averages:ExponentialMovingAverage",
    "TrackableView": "functape.train._objects:TrackableView",
    "checkpoints_iterator": "functape.train._state:checkpoints_iterator",
    "get_checkpoint_state": "functape.train._state:get_checkpoint_state",
    "latest_checkpoint": "functape.train._state:latest_checkpoint",
    "list_variables": "functape.train._reader:list_variables",
    "load_checkpoint": "functape.train._reader:load_checkpoint",
    "load_variable": "functape.train._reader:load_variable",
    **{
        name: f"functape.io._messages:{name}"
        for name in (
            "BytesList", "Example", "Feature", "FeatureList", "FeatureLists", "Features", "FloatList", "Int64List",
            "SequenceExample",
        )
    },
}  # fmt: skip
__all__ = list(_LAZY)

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
