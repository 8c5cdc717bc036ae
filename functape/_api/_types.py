"""Top-level names about types, scopes and logging."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np

from functape._api._joining import stack
from functape._core._convert import convert, is_tensor_like
from functape._core._name_scope import current_scope_prefix
from functape._core._spec import TensorSpec
from functape._engine._recorder import local, record
from functape._ops._operators import IDENTITY


class AggregationMethod:
    """How gradients are added up (`tf.AggregationMethod`): XLA decides."""

    ADD_N = 0
    DEFAULT = 0
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


def is_symbolic_tensor(tensor: Any) -> bool:
    """Whether a tensor belongs to a function that is being traced (`tf.is_symbolic_tensor`)."""
    return is_tensor_like(tensor) and local.recorder.tracing and not hasattr(tensor, "numpy")


def type_spec_from_value(value: Any) -> Any:
    """The description of a value (`tf.type_spec_from_value`).

    **Raises:** `TypeError` if it has none.

    ```python
    >>> import functape as tf
    >>> tf.type_spec_from_value(tf.constant([1]))
    TensorSpec(shape=(1,), dtype=tf.int32, name=None)

    ```
    """
    spec = getattr(value, "_type_spec", None)
    if spec is not None:
        return spec
    if is_tensor_like(value):
        return TensorSpec(value.shape, value.dtype)
    if isinstance(value, np.ndarray | np.generic | int | float | bool | str | bytes | list | tuple):
        tensor = convert(value)
        return TensorSpec(tensor.shape, tensor.dtype)
    raise TypeError(f"Could not build a TypeSpec for {value!r} with type {type(value).__name__}")


def get_logger() -> logging.Logger:
    """The logger called `tensorflow` (`tf.get_logger`)."""
    return logging.getLogger("tensorflow")


def no_gradient(op_type: str) -> None:
    """Accepted: an op's row tells whether it has a gradient (`tf.no_gradient`)."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")


def get_current_name_scope() -> str:
    """The name scopes that are open, joined by `/` (`tf.get_current_name_scope`)."""
    return current_scope_prefix().removesuffix("/")


def tuple(tensors: Any, control_inputs: Any = None, name: str | None = None) -> list[Any]:
    """The tensors themselves (`tf.tuple`): what comes before them is done anyway."""
    if not tensors:
        raise ValueError("No tensors or operations were provided.")
    return [None if each is None else convert(each) for each in tensors]


def parallel_stack(values: Any, name: str = "parallel_stack") -> Any:
    """The tensors stacked along a new first axis, inside a `tf.function` (`tf.parallel_stack`).

    **Arguments:**
    - `values`: tensors of one shape and dtype.
    - `name`: accepted for compatibility.

    **Raises:** `RuntimeError` outside a `tf.function`: use `tf.stack`.

    ```python
    >>> import functape as tf
    >>> tf.function(lambda x: tf.parallel_stack([x, x + 1]))(tf.constant([1, 2])).numpy().tolist()
    [[1, 2], [2, 3]]

    ```
    """
    if not local.recorder.tracing:
        raise RuntimeError("tf.parallel_stack() is not compatible with eager execution. Use tf.stack(values).")
    return stack(values)


def guarantee_const(input: Any, name: str | None = None) -> Any:
    """The tensor itself: XLA finds out what is constant (`tf.guarantee_const`)."""
    return record(IDENTITY, (), (convert(input),))
