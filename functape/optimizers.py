"""`tf.optimizers`: another name of `tf.keras.optimizers`."""

from functape._namespace import lazy
from functape.keras import optimizers as _optimizers

__getattr__ = lazy(__name__, {name: f"functape.keras.optimizers:{name}" for name in _optimizers.__all__}, list)
