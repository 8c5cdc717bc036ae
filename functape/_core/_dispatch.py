"""Functions of dense tensors that ragged and sparse tensors can be given to as well."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from functape._engine._errors import OpError

Function = TypeVar("Function", bound=Callable[..., Any])

HANDLERS: dict[str, list[Callable[..., Any]]] = {}
"""By the function's name, what may take its call over; a handler returns NotImplemented for arguments not its own."""


class Composite:
    """Base of the tensors made of several tensors."""

    __slots__ = ()


def composite(function: Function) -> Function:
    """A function that hands a call with ragged or sparse arguments to whoever knows them.

    The dense way is tried first, so that it costs dense arguments next to nothing.

    **Arguments:**
    - `function`: a public function; its name is the key in `HANDLERS`.
    """
    name = function.__name__

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except (TypeError, ValueError, AttributeError, OpError):
            if _holds_composite((*args, *kwargs.values())):
                for handler in HANDLERS.get(name, ()):
                    result = handler(*args, **kwargs)
                    if result is not NotImplemented:
                        return result
            raise

    return call  # type: ignore[return-value]


def _holds_composite(values: Any) -> bool:
    return any(
        isinstance(each, Composite) or (isinstance(each, list | tuple) and _holds_composite(each)) for each in values
    )


def handles(name: str) -> Callable[[Function], Function]:
    """Register a handler for the calls of the function called `name`."""

    def register(handler: Function) -> Function:
        HANDLERS.setdefault(name, []).append(handler)
        return handler

    return register
