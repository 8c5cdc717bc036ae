"""`tf.autograph.experimental`."""

from __future__ import annotations

from functape.function._autograph import do_not_convert
from functape.function._autograph._directives import set_loop_options
from functape.function._autograph._transpiler import Feature

__all__ = ["Feature", "do_not_convert", "set_loop_options"]
