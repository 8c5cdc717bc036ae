"""`tf.metrics`: another name of `tf.keras.metrics`."""

from functape._namespace import lazy
from functape.keras.metrics import *  # noqa: F403
from functape.keras.metrics import __all__ as __all__

__getattr__ = lazy(__name__, {}, lambda: __all__)
