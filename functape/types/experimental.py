"""`tf.types.experimental`: the classes of traced functions, and what converts to a tensor."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from functape._core._tensor import Operators
from functape._namespace import lazy
from functape.function._concrete import ConcreteFunction
from functape.function._function import Function as PolymorphicFunction

GenericFunction = PolymorphicFunction
TensorLike = (
    Operators | int | float | bool | str | bytes | complex | tuple[Any, ...] | list[Any] | np.ndarray | np.generic
)
"""What `tf.convert_to_tensor` takes, for annotations."""


class Callable(abc.ABC):
    """A function that runs traced: the class of what `tf.function` makes and of each of its concrete functions
    (`tf.types.experimental.Callable`).

    ```python
    >>> import functape as tf
    >>> isinstance(tf.function(lambda x: x), tf.types.experimental.Callable)
    True

    ```
    """

    @abc.abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run it."""


Callable.register(PolymorphicFunction)
Callable.register(ConcreteFunction)

__all__ = ["Callable", "ConcreteFunction", "GenericFunction", "PolymorphicFunction", "TensorLike"]
__getattr__ = lazy(__name__, {}, lambda: __all__)
