"""`tf.autograph`: how Python's control flow over tensors is recorded in a `tf.function`."""

from __future__ import annotations

from functape.autograph import experimental
from functape.function._autograph import to_code, to_graph
from functape.function._autograph._logging import set_verbosity, trace

__all__ = ["experimental", "set_verbosity", "to_code", "to_graph", "trace"]
