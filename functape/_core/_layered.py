"""Functions that, given a tensor with no value, become a layer of the model it belongs to."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])

LAYERED: dict[str, Callable[..., Any]] = {}
"""The functions by their public names, without what becomes a layer."""


def layered(name: str) -> Callable[[Function], Function]:
    """A function that stand-ins for tensors take over as a whole, rather than each op that it records.

    What depends on a length or a value that is not known yet has no ops to record before it is: which there are, or
    what they are given, is decided anew each time the model runs.

    **Arguments:**
    - `name`: the function's public name.
    """

    def decorate(function: Function) -> Function:
        LAYERED[name] = function

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            taker = _taker((*args, *kwargs.values()) if kwargs else args)
            return function(*args, **kwargs) if taker is None else taker(name, args, kwargs)

        return call  # type: ignore[return-value]

    return decorate


def _taker(values: Any) -> Any:
    for each in values:
        kind = each.__class__
        found = _taker(each) if kind is tuple or kind is list else getattr(kind, "call_with_stand_in", None)
        if found is not None:
            return found
        if kind is dict:
            found = _taker(each.values())
            if found is not None:
                return found
    return None
