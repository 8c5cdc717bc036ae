"""Methods under `tf.function`: they live no longer than their objects."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable
from typing import Any


class WeakMethod:
    """A method bound to an object that it does not keep alive.

    **Arguments:**
    - `function`: the function that the class defines.
    - `instance`: the object.
    """

    def __init__(self, function: Callable[..., Any], instance: Any) -> None:
        self.__func__ = function
        self._reference = weakref.ref(instance)
        functools.update_wrapper(self, function, updated=())
        signature = inspect.signature(function)
        self.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])

    @property
    def __self__(self) -> Any:
        return self._reference()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        instance = self._reference()
        if instance is None:
            raise ReferenceError("The object whose method was called no longer exists.")
        return self.__func__(instance, *args, **kwargs)
