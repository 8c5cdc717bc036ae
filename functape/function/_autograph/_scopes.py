"""The scope of a converted function, and whether calls made from here are converted."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable
from typing import Any

from functape.function._autograph._undefined import UndefinedReturnValue


class Status(enum.Enum):
    """Whether functions that are called are converted."""

    UNSPECIFIED = 0
    ENABLED = 1
    DISABLED = 2


class _Local(threading.local):
    def __init__(self) -> None:
        self.statuses: list[tuple[Status, Any]] = [(Status.UNSPECIFIED, None)]


_local = _Local()


def status() -> Status:
    """The present status in this thread."""
    return _local.statuses[-1][0]


def options_in_force() -> Any:
    """The conversion options of the innermost enclosing conversion; None outside one."""
    return _local.statuses[-1][1]


class Converting:
    """A context in which calls are converted, or not."""

    __slots__ = ("_entry",)

    def __init__(self, status: Status, options: Any = None) -> None:
        self._entry = (status, options)

    def __enter__(self) -> Converting:
        _local.statuses.append(self._entry)
        return self

    def __exit__(self, *error: Any) -> None:
        _local.statuses.pop()


class FunctionScope:
    """Wraps the body of a converted function."""

    def __init__(self, function_name: str, scope_name: str, options: Any) -> None:
        self.function_name = function_name
        self.name = scope_name
        """The variable that holds this scope in the converted function."""
        self.options = options
        self.callopts = options.call_options()
        """The options for the functions it calls."""
        self._converting = Converting(Status.ENABLED, options) if options.user_requested else None

    def __enter__(self) -> FunctionScope:
        if self._converting is not None:
            self._converting.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        if self._converting is not None:
            self._converting.__exit__(*error)

    def ret(self, value: Any, did_return: Any) -> Any:
        """What the function returns."""
        return None if value.__class__ is UndefinedReturnValue else value


def with_function_scope(thunk: Callable[[FunctionScope], Any], scope_name: str, options: Any) -> Any:
    """The value of a converted lambda's body."""
    with FunctionScope("lambda_", scope_name, options) as scope:
        return thunk(scope)
