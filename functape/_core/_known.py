"""Values that are known without running anything pending: what shapes are computed from."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._recorder import Cell, local
from functape._engine._state import State
from functape._engine._tensor import BaseTensor
from functape._engine._trace import ValueNeeded
from functape._ops._lengths import has_open

LARGEST = 64
"""Elements of the largest pending tensor whose value is computed on the host."""


def host_array(value: Any) -> np.ndarray[Any, Any] | None:
    """The value of a tensor if it lies on the host already, else None."""
    if isinstance(value, Cell):
        if local.recorder.tracing:
            return None
        value = value.tensor
    tensor = value
    known = getattr(tensor, "value", None)
    if known.__class__ is np.ndarray:
        return known
    if known is not None and tensor.aval.kind is Kind.SCALAR:
        return np.asarray(known, tensor.aval.dtype.as_numpy_dtype)
    return None


def read(value: Any) -> np.ndarray[Any, Any]:
    """The value of a tensor, as a NumPy array that must not be written to.

    A small integer tensor that is pending and was computed from values the host knows (`tf.shape(x)[0] * 2`) is
    computed here, so that a shape read in the middle of a step does not cut the step in two.
    """
    if isinstance(value, Cell):
        if local.recorder.tracing:
            raise ValueNeeded(
                f"The value of {getattr(value, 'name', 'a variable')!r} is needed while a function is traced, where "
                "it is not known: it decides a shape or an argument that must be static. Pass a Python number."
            )
        value = value.tensor
    tensor = value
    known = without_running(tensor)
    return np.asarray(tensor.resolve()) if known is None else known


def without_running(tensor: Any) -> np.ndarray[Any, Any] | None:
    """The value of a tensor if the host knows it, or can tell; else None."""
    known = host_array(tensor)
    if known is None and not hasattr(tensor, "value") and tensor.home is local.recorder.outputs:
        return _fold(local.recorder.state, tensor.slot, {}) if _is_small(tensor.aval) else None
    return known


def _is_small(aval: Aval) -> bool:
    return aval.dtype.is_integer and aval.size <= LARGEST


def _fold(state: State, slot: int, folded: dict[int, Any]) -> np.ndarray[Any, Any] | None:
    """The value in a slot of the present recording, or None where the host cannot tell."""
    if slot in folded:
        return folded[slot]
    if slot < 0:
        entered = local.recorder.inputs[~slot]
        if hasattr(entered, "variable") and local.recorder.tracing:
            return None
        value = host_array(entered) if isinstance(entered, BaseTensor) else np.asarray(entered)
        return None if value is None or value.size > LARGEST else value
    while state.parent is not None and state.parent.outputs > slot:
        state = state.parent
    node = state.node
    if node is None or state.parent is None:
        return None
    function = HOST_FUNCTIONS.get(node.op.name)
    if function is None or not _is_small(node.avals[0]):
        return None
    inputs = []
    for ref in node.refs:
        value = _fold(state.parent, ref, folded)
        if value is None:
            return None
        inputs.append(value)
    made = function(*inputs, *node.statics)
    for output, each, given in zip(node.outputs, made if node.op.multiple else [made], node.avals, strict=True):
        folded[output] = _cast(np.asarray(each), given.dtype.as_numpy_dtype)
    return folded[slot]


def slice_on_host(x: np.ndarray[Any, Any], starts: np.ndarray[Any, Any], spec: tuple[Any, ...]) -> Any:
    """What the `StridedSlice` row computes."""
    sizes, strides, reverse, shape, places = spec
    entries = []
    for length, size, stride, place in zip(x.shape, sizes, strides, places, strict=True):
        begin = 0 if place is None else min(max(int(starts[place]), 0), length - size)
        entries.append(slice(begin, begin + size, stride))
    return np.flip(x[tuple(entries)], reverse).reshape(shape) if reverse else x[tuple(entries)].reshape(shape)


def _cast(x: np.ndarray[Any, Any], dtype: Any) -> np.ndarray[Any, Any]:
    return x if x.dtype == object and has_open(x.flat) else x.astype(dtype)


HOST_FUNCTIONS: dict[str, Any] = {
    "AddV2": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "FloorDiv": np.floor_divide,
    "FloorMod": np.mod,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Neg": np.negative,
    "Identity": lambda x: x,
    "StopGradient": lambda x: x,
    "Cast": _cast,
    "Lengths": lambda lengths, dtype: np.array(lengths, object),
    "StridedSlice": slice_on_host,
    "Reshape": np.reshape,
    "Pack": lambda *values_and_axis: np.stack(values_and_axis[:-1], values_and_axis[-1]),
    "Unpack": lambda x, axis: list(np.moveaxis(x, axis, 0)),
    "ConcatV2": lambda *values_and_axis: np.concatenate(values_and_axis[:-1], values_and_axis[-1]),
}
"""NumPy's equivalents, by op name, of the ops that shapes are computed with."""
