"""Learning-rate schedules under the names they had before they were finished (`tf.keras.experimental`)."""

from __future__ import annotations

from functape._namespace import lazy

_LAZY = {
    "CosineDecay": "functape.keras.optimizers.schedules:CosineDecay",
    "CosineDecayRestarts": "functape.keras.optimizers.schedules:CosineDecayRestarts",
}

__getattr__ = lazy(__name__, _LAZY, list)
