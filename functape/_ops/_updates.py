"""Rows of the ops that give a variable a new value in some places."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Kind
from functape._engine._op import Op
from functape._ops import _checks as checks


def _update_slice(x: Any, starts: Any, value: Any, spec: tuple[Any, ...], trainable: bool) -> Any:
    """The inverse of the `StridedSlice` row: `x` with the selected part replaced."""
    sizes, strides, reverse, shape, which = spec
    zero = jnp.zeros((), starts.dtype)
    begin = [zero if place is None else starts[place] for place in which]
    counts = tuple(-(-size // stride) for size, stride in zip(sizes, strides, strict=True))
    part = jnp.broadcast_to(value, shape).reshape(counts)
    if reverse:
        part = lax.rev(part, reverse)
    if any(stride != 1 for stride in strides):
        block = lax.dynamic_slice(x, begin, sizes)
        part = block.at[tuple(slice(None, None, stride) for stride in strides)].set(part)
    return lax.dynamic_update_slice(x, part, begin)


def _scatter(method: str) -> Any:
    def function(x: Any, indices: Any, updates: Any, trainable: bool) -> Any:
        return getattr(x.at[indices], method)(updates, mode="drop")

    return function


def _scatter_nd(method: str) -> Any:
    def function(x: Any, indices: Any, updates: Any, trainable: bool) -> Any:
        places = tuple(indices[..., position] for position in range(indices.shape[-1]))
        return getattr(x.at[places], method)(updates, mode="drop")

    return function


def _row(name: str, function: Any, attributes: tuple[str, ...] = (), check: Any = None) -> Op:
    """A row whose output becomes a variable's value; its last attribute says whether the variable is trainable."""
    return Op(name, function, (*attributes, "trainable"), check=check, differentiable=False, kinds=_kinds)


def _kinds(trainable: bool, **_: Any) -> tuple[Kind, ...]:
    return (Kind.VARIABLE if trainable else Kind.ARRAY,)


_METHODS = {
    "Add": "add", "Sub": "subtract", "Mul": "multiply", "Div": "divide", "Max": "max", "Min": "min", "Update": "set",
}  # fmt: skip

_PAIR = checks.every(checks.same_dtype, checks.numeric)

ASSIGN = _row("Assign", lambda value, trainable: value)
ASSIGN_ADD = _row("AssignAddVariableOp", lambda x, y, trainable: jnp.add(x, y), check=_PAIR)
ASSIGN_SUBTRACT = _row("AssignSubVariableOp", lambda x, y, trainable: jnp.subtract(x, y), check=_PAIR)
UPDATE_SLICE = _row("StridedSliceAssign", _update_slice, ("spec",))
SCATTER = {name.lower(): _row(f"ResourceScatter{name}", _scatter(method)) for name, method in _METHODS.items()}
"""By what is done: `add`, `sub`, `mul`, `div`, `max`, `min`, `update`."""
SCATTER_ND = {name.lower(): _row(f"ResourceScatterNd{name}", _scatter_nd(method)) for name, method in _METHODS.items()}
"""As `SCATTER`, for indices of several dimensions."""
