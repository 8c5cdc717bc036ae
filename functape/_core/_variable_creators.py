"""`tf.variable_creator_scope`: functions that take part in the making of variables."""

from __future__ import annotations

import contextlib
import functools
import inspect
import threading
from collections.abc import Callable, Iterator
from typing import Any


class _Local(threading.local):
    creators: tuple[Callable[..., Any], ...] = ()


_local = _Local()


class Creatable(type):
    """The class of `tf.Variable`: a call goes through the creators of the open scopes, the innermost first."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _local.creators or not vars(cls).get("_asks_creators"):
            return super().__call__(*args, **kwargs)
        bound = inspect.signature(vars(cls)["__init__"]).bind(None, *args, **kwargs)
        bound.apply_defaults()
        _, *given = bound.arguments.items()
        make: Callable[..., Any] = super().__call__
        for creator in _local.creators:
            make = functools.partial(creator, make)
        return make(**dict(given))


@contextlib.contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """A context in which a function makes the variables, or has others make them (`tf.variable_creator_scope`).

    **Arguments:**
    - `variable_creator`: a function `(next_creator, **kwargs)` that returns a variable. `kwargs` are the arguments of
      `tf.Variable`; `next_creator(**kwargs)` makes the variable, by way of the creators of the scopes around.

    ```python
    >>> import functape as tf
    >>> def frozen(next_creator, **kwargs):
    ...     return next_creator(**{**kwargs, "trainable": False})
    >>> with tf.variable_creator_scope(frozen):
    ...     print(tf.Variable(1.0).trainable)
    False

    ```
    """
    before = _local.creators
    _local.creators = (*before, variable_creator)
    try:
        yield
    finally:
        _local.creators = before
