"""Optimizers under Keras's names (`tf.keras.optimizers`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.optimizers._adam import Adam, Adamax, AdamW, Lion, Nadam, ScheduleFreeAdamW
from functape.keras.optimizers._adaptive import Adadelta, Adagrad, Ftrl, RMSprop
from functape.keras.optimizers._loss_scale import LossScaleOptimizer
from functape.keras.optimizers._matrix import Adafactor, Lamb, Muon
from functape.keras.optimizers._multi import MultiOptimizer, OptimizerMap
from functape.keras.optimizers._optax import Optax
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._registry import deserialize, get, serialize
from functape.keras.optimizers._sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "LossScaleOptimizer",
    "MultiOptimizer",
    "Muon",
    "Nadam",
    "Optax",
    "Optimizer",
    "OptimizerMap",
    "RMSprop",
    "ScheduleFreeAdamW",
    "deserialize",
    "get",
    "serialize",
]

_LAZY = {
    "experimental": "functape.keras.optimizers.experimental",
    "legacy": "functape.keras.optimizers.legacy",
    "schedules": "functape.keras.optimizers.schedules",
}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
