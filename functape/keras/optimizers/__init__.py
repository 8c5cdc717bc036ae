"""Optimizers under Keras's names (`tf.keras.optimizers`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.keras.optimizers._adam import Adam
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._registry import deserialize, get, serialize
from functape.keras.optimizers._sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]

__getattr__ = lazy(__name__, {}, lambda: __all__)
