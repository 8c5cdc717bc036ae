"""Tensors and variables as nodes of JAX's pytrees, so that transformed functions take and return them."""

from __future__ import annotations

from typing import Any

import jax

from functape._core._holding import from_jax
from functape._engine._recorder import new_tensor


def _flatten(value: Any) -> tuple[tuple[Any], None]:
    return (value.__jax_array__(),), None


def _unflatten(_: None, children: Any) -> Any:
    (child,) = children
    if isinstance(child, jax.Array):
        return from_jax(child)
    # JAX builds trees of all kinds of things, such as places and shapes.
    tensor = new_tensor()
    tensor.home = None
    tensor.value = child
    return tensor


def register(cls: type) -> None:
    """Let JAX take objects of `cls` apart into their array; what it puts together is a tensor."""
    jax.tree_util.register_pytree_node(cls, _flatten, _unflatten)
