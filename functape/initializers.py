"""`tf.initializers`: another name of `tf.keras.initializers`."""

from functape._namespace import lazy
from functape.keras import initializers as _initializers
from functape.keras.initializers import *  # noqa: F403
from functape.keras.initializers import __all__ as __all__

__getattr__ = lazy(__name__, {}, lambda: _initializers.__all__)
