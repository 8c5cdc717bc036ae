"""Layers under the names they had before they were finished (`tf.keras.layers.experimental`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "EinsumDense": "functape.keras.layers:EinsumDense",
    "SyncBatchNormalization": "functape.keras.layers.normalization._batch:BatchNormalization",
    "preprocessing": "functape.keras.layers.experimental.preprocessing",
}

__getattr__ = lazy(__name__, _LAZY, list)
