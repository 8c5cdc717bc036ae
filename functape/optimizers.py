"""`tf.optimizers`: another name of `tf.keras.optimizers`."""

from functape._namespace import lazy
from functape.keras.optimizers import SGD, Adam, Optimizer, deserialize, get, serialize

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]

__getattr__ = lazy(__name__, {}, lambda: __all__)
