"""`tf.version`: the level of TensorFlow's interface. functape's own version is `tf.functape_version`."""

from __future__ import annotations

from functape._namespace import lazy

VERSION = "2.21.0"
GRAPH_DEF_VERSION = 2474
GRAPH_DEF_VERSION_MIN_CONSUMER = 0
GRAPH_DEF_VERSION_MIN_PRODUCER = 0

__all__ = ["GRAPH_DEF_VERSION", "GRAPH_DEF_VERSION_MIN_CONSUMER", "GRAPH_DEF_VERSION_MIN_PRODUCER", "VERSION"]
__getattr__ = lazy(__name__, {}, lambda: __all__)
