"""`tf.losses`: another name of `tf.keras.losses`."""

from functape._namespace import lazy
from functape.keras.losses import *  # noqa: F403
from functape.keras.losses import __all__ as __all__

__getattr__ = lazy(__name__, {}, lambda: __all__)
