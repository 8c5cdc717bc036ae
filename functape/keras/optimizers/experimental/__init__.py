"""The optimizers under the name they had in TensorFlow 2.10 (`tf.keras.optimizers.experimental`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.optimizers._adam import Adam, Adamax, AdamW, Lion, Nadam
from functape.keras.optimizers._adaptive import Adadelta, Adagrad, Ftrl, RMSprop
from functape.keras.optimizers._matrix import Adafactor
from functape.keras.optimizers._optimizer import Optimizer
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
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
]

__getattr__ = lazy(__name__, {}, lambda: __all__)
