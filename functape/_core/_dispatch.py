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
    """Base of the tensors made of several tensors, and of what stands for a matrix."""

    __slots__ = ()


class CompositeTensor(Composite):
    """A ragged or sparse tensor: what is recorded and differentiated is the tensor of its values, and how these are
    laid out decides shapes."""

    __slots__ = ()
    _takes_gradients = True
    """Whether a tape's gradient can be asked for with respect to it, rather than to its values."""

    @property
    def _type_spec(self) -> Any:
        """The description of this tensor."""
        raise NotImplementedError

    def _apart(self) -> tuple[Any, list[Any]]:
        """The layout, which is hashable, and the tensors it arranges."""
        raise NotImplementedError

    @classmethod
    def _together(cls, layout: Any, members: list[Any]) -> Any:
        """What `_apart` took apart, with other tensors."""
        raise NotImplementedError

    @property
    def _differentiated(self) -> Any:
        """The tensor that stands for this one where derivatives are asked for."""
        raise NotImplementedError

    def _with_differentiated(self, values: Any) -> Any:
        """The same layout of another such tensor."""
        raise NotImplementedError


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
            result = handed_over(name, *args, **kwargs)
            if result is NotImplemented:
                raise
            return result

    return call  # type: ignore[return-value]


def handed_over(name: str, *args: Any, **kwargs: Any) -> Any:
    """What a handler makes of a call of the function called `name`; NotImplemented if there is none for it."""
    if _holds_composite((*args, *kwargs.values())):
        for handler in HANDLERS.get(name, ()):
            result = handler(*args, **kwargs)
            if result is not NotImplemented:
                return result
    return NotImplemented


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
