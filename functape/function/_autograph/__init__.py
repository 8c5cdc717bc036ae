"""AutoGraph: Python's control flow over tensors, recorded.

A function is rewritten once so that its `if`, `while`, `for`, `and`, ... are calls of the operators in `_operators`.
Those run Python values as Python does, and hand tensors of a trace to `functape.function._staged`.
"""

from functape.function._autograph._calls import autograph_off
from functape.function._autograph._entry import (
    ConversionError,
    convert,
    convert_callback,
    converting,
    do_not_convert,
    is_unconverted,
    to_code,
    to_graph,
)

__all__ = [
    "ConversionError",
    "autograph_off",
    "convert",
    "convert_callback",
    "converting",
    "do_not_convert",
    "is_unconverted",
    "to_code",
    "to_graph",
]
