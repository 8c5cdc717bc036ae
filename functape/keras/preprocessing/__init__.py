"""Preparing images, sequences and texts (`tf.keras.preprocessing`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    **{name: f"functape.keras.preprocessing.{name}" for name in ("image", "sequence", "text")},
    **{
        name: f"functape.keras.utils:{name}"
        for name in ("image_dataset_from_directory", "text_dataset_from_directory", "timeseries_dataset_from_array")
    },
}

__getattr__ = lazy(__name__, _LAZY, list)
