"""`tf.optimizers`: another name of `tf.keras.optimizers`."""

from functape._namespace import lazy
from functape.keras import optimizers as _optimizers
from functape.keras.optimizers import *  # noqa: F403

__all__ = _optimizers.__all__

__getattr__ = lazy(__name__, _optimizers._LAZY, lambda: __all__)
