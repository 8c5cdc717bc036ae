"""Learning rates that depend on the number of steps (`tf.keras.optimizers.schedules`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.optimizers.schedules._cosines import CosineDecay, CosineDecayRestarts
from functape.keras.optimizers.schedules._decays import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from functape.keras.optimizers.schedules._schedule import LearningRateSchedule, deserialize, serialize

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

__getattr__ = lazy(__name__, {}, lambda: __all__)
