"""Which activation functions a row of ops can compute by itself."""

from __future__ import annotations

import functools
from typing import Any


@functools.cache
def _fused() -> dict[Any, str]:
    from functape import nn
    from functape._api import _elementwise as elementwise
    from functape._ops._fused import ACTIVATIONS
    from functape.keras import activations

    found: dict[Any, str] = {}
    for name in ACTIVATIONS:
        for module in (activations, nn):
            function = getattr(module, name, None) if name in dir(module) or name in vars(module) else None
            if function is not None:
                found.setdefault(function, name)
    found[elementwise.tanh], found[elementwise.sigmoid], found[elementwise.exp] = "tanh", "sigmoid", "exponential"
    return found


@functools.cache
def _with_logits() -> frozenset[Any]:
    """Activations that remember what they were given, for the sake of cross-entropies."""
    from functape.keras import activations

    return frozenset((activations.sigmoid, activations.softmax))


def split_activation(activation: Any, inner: bool = False) -> tuple[str | None, Any]:
    """What of an activation goes into a row, and what is to be done after it.

    **Arguments:**
    - `activation`: a function, or None.
    - `inner`: whether no loss can see what comes out of it, such as a gate.

    **Returns:** the row's name for it and None; or None and the function, if no row has it.
    """
    if activation is None:
        return None, None
    try:
        name = _fused().get(activation)
    except TypeError:
        name = None
    if name is None or (not inner and activation in _with_logits()):
        return None, activation
    return (None if name == "linear" else name), None
