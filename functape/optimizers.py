"""`tf.optimizers`: another name of `tf.keras.optimizers`."""

from functape.keras.optimizers import SGD, Adam, Optimizer, deserialize, get, serialize

__all__ = ["SGD", "Adam", "Optimizer", "deserialize", "get", "serialize"]
