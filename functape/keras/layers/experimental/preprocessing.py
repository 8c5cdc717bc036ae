"""Preprocessing layers under the names they had before TensorFlow 2.6
(`tf.keras.layers.experimental.preprocessing`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    **{
        name: f"functape.keras.layers:{name}"
        for name in (
            "CategoryEncoding", "CenterCrop", "Discretization", "HashedCrossing", "Hashing", "IntegerLookup",
            "Normalization", "RandomContrast", "RandomCrop", "RandomFlip", "RandomRotation", "RandomTranslation",
            "RandomZoom", "Rescaling", "Resizing", "StringLookup", "TextVectorization",
        )
    },
    "PreprocessingLayer": "functape.keras.layers:Layer",
}  # fmt: skip

__getattr__ = lazy(__name__, _LAZY, list)
