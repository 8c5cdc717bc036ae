"""The ops that work on strings too: on the host, at once, outside of every program."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from functape._core._convert import convert, convert_arguments
from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._dtypes import string
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import Cell
from functape._engine._tensor import BaseTensor

Array = np.ndarray[Any, Any]


def run_on_host(op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> Any:
    """What an op gives for arguments some of which are strings.

    **Raises:** `InvalidArgumentError` if it computes with numbers only, or for shapes that do not fit.
    """
    function = HOST_FUNCTIONS.get(op.name)
    if not all(isinstance(each, BaseTensor | Cell) for each in args):
        args = tuple(map(convert, args)) if op.name == "SelectV2" else convert_arguments(op, args)
    if function is None:
        raise InvalidArgumentError(
            message=f"Value for attr 'T' of string is not in the list of allowed values: {op.name} computes with "
            f"numbers. Use tf.strings, or the tensor's value: x.numpy() [Op:{op.name}]."
        )
    dtypes = {each.aval.dtype for each in args}
    if op.name in _OF_ONE_DTYPE and dtypes != {string}:
        raise InvalidArgumentError(
            message=f"cannot compute {op.name} of {' and '.join(each.spoken for each in dtypes)}: both must be strings "
            f"[Op:{op.name}]"
        )
    try:
        return from_numpy(np.asarray(function(*map(read, args), *statics)))
    except (ValueError, IndexError) as error:
        raise InvalidArgumentError(message=f"Incompatible shapes: {error} [Op:{op.name}]") from None


def _joined(x: Array, y: Array) -> Array:
    return np.asarray(np.add(x, y), object)


def _equal(x: Array, y: Array) -> Any:
    return np.asarray(np.equal(*np.broadcast_arrays(x, y)), bool)


def _compared(x: Array, y: Array) -> Any:
    """As `==` between tensors, where shapes that do not broadcast are unequal."""
    try:
        return _equal(x, y)
    except ValueError:
        return np.array(False)


def _select(condition: Array, x: Array, y: Array) -> Array:
    return np.where(condition, x, y)


def _scatter(places: Array, updates: Array, shape: tuple[int, ...]) -> Array:
    return _updated(np.full(shape, b"", object), places, updates, operator.add)


def _update(whole: Array, places: Array, updates: Array) -> Array:
    return _updated(whole.copy(), places, updates, lambda old, new: new)


def _updated(whole: Array, places: Array, updates: Array, join: Any) -> Array:
    depth = places.shape[-1]
    number = places.size // depth if depth else int(np.prod(places.shape[:-1]))
    flat = places.reshape(number, depth)
    parts = updates.reshape(number, *whole.shape[depth:])
    for place, part in zip(flat, parts, strict=True):
        if np.any(place < 0) or np.any(place >= whole.shape[:depth]):
            raise IndexError(f"indices {place.tolist()} do not index into shape {list(whole.shape)}")
        whole[tuple(place)] = join(whole[tuple(place)], part)
    return whole


HOST_FUNCTIONS: dict[str, Any] = {
    "AddV2": _joined,
    "Equal": _compared,
    "NotEqual": lambda x, y: np.logical_not(_compared(x, y)),
    "BroadcastEqual": _equal,
    "BroadcastNotEqual": lambda x, y: np.logical_not(_equal(x, y)),
    "SelectV2": _select,
    "ScatterNd": _scatter,
    "TensorScatterUpdate": _update,
    "Identity": lambda x: x,
    "StopGradient": lambda x: x,
}
"""What ops do with strings, by op name."""
_OF_ONE_DTYPE = {"AddV2", "Equal", "NotEqual", "BroadcastEqual", "BroadcastNotEqual"}
