"""Variables made while a function is traced: once, on its first call, with values from outside the trace."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._core._convert import convert, from_jax
from functape._core._holding import is_tensor_like
from functape._engine._compat import enable_x64
from functape._engine._evaluate import evaluate
from functape._engine._gradient import needed_nodes
from functape._engine._recorder import Cell, local
from functape._engine._tensor import BaseTensor
from functape._engine._trace import ValueNeeded
from functape.function._modes import init_scope

_ONCE = (
    "tf.function only supports singleton tf.Variables created on the first call. Make sure the tf.Variable is only "
    "created once or created outside tf.function: keep it in an attribute or a global, and create it if that is None."
)


def initial_value(value: Any, dtype: Any) -> Any:
    """The initial value of a variable made in a trace, as a concrete tensor.

    **Arguments:**
    - `value`: what `tf.Variable` was given.
    - `dtype`: the dtype asked for, or None.

    **Raises:** `ValueError` if the function has been traced before.
    """
    trace: Any = local.recorder
    if not trace.may_create:
        raise ValueError(_ONCE)
    if callable(value) and not is_tensor_like(value):
        with init_scope():
            value = value()
    if isinstance(value, Cell):
        with init_scope():
            return convert(value, dtype)
    tensor = convert(value, dtype)
    if hasattr(tensor, "value"):
        return tensor
    return lifted(tensor)


def lifted(tensor: Any) -> Any:
    """The value of a symbolic tensor, computed now from what it depends on outside the trace.

    **Raises:** `ValueNeeded` if it depends on a symbolic input of the function.
    """
    trace: Any = tensor.home.recorder
    nodes = needed_nodes(trace.state.path(), (tensor.slot,), effects=False)
    environment: dict[int, Any] = {}
    for slot in {ref for node in nodes for ref in node.refs if ref < 0} | ({tensor.slot} if tensor.slot < 0 else set()):
        environment[slot] = _entering(trace, slot)
    with enable_x64(True):
        evaluate(nodes, environment)
        found = jnp.asarray(environment[tensor.slot], tensor.aval.dtype.as_numpy_dtype)
    with init_scope():
        return from_jax(found)


def _entering(trace: Any, slot: int) -> Any:
    value = trace.inputs[~slot]
    aval = next(each for node in trace.state.path() for each, ref in _entered(node, trace) if ref == slot)
    if isinstance(value, BaseTensor):
        if hasattr(value, "value"):
            found = value.resolve()
            return tuple(found) if isinstance(found, tuple) else np.asarray(found, aval.dtype.as_numpy_dtype)
        given = trace.memory.get("arguments", {}).get(slot)
        if given is not None:
            return np.asarray(given.resolve(), aval.dtype.as_numpy_dtype)
        if value.home.recorder is not trace and value.home.recorder.tracing:
            return np.asarray(lifted(value).resolve())
        if value.home.recorder is not trace:
            return np.asarray(value.resolve())
        raise ValueNeeded(
            f"The initial value of a variable depends on {value!r}, an input of the function being traced. Create the "
            "variable outside the function, or with an initial value that does not depend on the function's arguments."
        )
    return np.asarray(value, aval.dtype.as_numpy_dtype)


def _entered(node: Any, trace: Any) -> list[Any]:
    """The avals of what entered with a node, with the slots."""
    number = 0
    for each in trace.state.path():
        if each is node:
            return [(aval, ~(number + place)) for place, aval in enumerate(node.entered)]
        number += len(each.entered)
    return []
