"""`tf.group`, `tf.control_dependencies`, `tf.no_op`, `tf.timestamp`: programs keep the order in which they are "
"written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._engine._avals import aval
from functape._engine._dtypes import float64
from functape._engine._recorder import record_multiple
from functape._engine._trace import is_tracing
from functape.function._effects import HOST_CALL, HostCall


def group(*inputs: Any, **kwargs: Any) -> None:
    """Several operations as one (`tf.group`): they have been recorded in their order already.

    **Arguments:**
    - `*inputs`: tensors, variables or None, or lists of them.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for another keyword.

    ```python
    >>> import functape as tf
    >>> tf.group(tf.constant(1), tf.constant(2))

    ```
    """
    kwargs.pop("name", None)
    if kwargs:
        raise ValueError(f"Unknown keyword arguments: {', '.join(kwargs)}. tf.group takes `name` only.")


def no_op(name: str | None = None) -> None:
    """Does nothing (`tf.no_op`)."""


@contextmanager
def control_dependencies(control_inputs: Any) -> Iterator[None]:
    """A block that runs after other operations (`tf.control_dependencies`): programs keep the order of their lines.

    **Arguments:**
    - `control_inputs`: a list of tensors or operations, or None.

    ```python
    >>> import functape as tf
    >>> with tf.control_dependencies([tf.constant(1)]):
    ...     print(tf.identity(2).numpy())
    2

    ```
    """
    if control_inputs is not None:
        for each in control_inputs:
            if callable(each) and not hasattr(each, "dtype"):
                each()
    yield


def timestamp(name: str | None = None) -> Any:
    """The seconds since 1970 when the program comes here, a float64 scalar tensor (`tf.timestamp`)."""
    if not is_tracing():
        return convert(time.time(), float64)
    work = HostCall(lambda: (np.asarray(time.time(), np.float64),), (aval((), float64),), None, True, 0)
    return record_multiple(HOST_CALL, (work,), ())[0]
