"""What recurrent layers ask of a cell, whoever wrote it."""

from __future__ import annotations

import inspect
from typing import Any

from functape._api._creation import zeros
from functape._core._shape import TensorShape, make_shape
from functape._engine._dtypes import as_dtype
from functape.keras.layers._layer import Layer


def output_size_of(cell: Any) -> Any:
    """The length of a cell's output: its `output_size`, or that of its first state."""
    size = getattr(cell, "output_size", None)
    if size is None:
        size = cell.state_size
        while isinstance(size, list | tuple) and not isinstance(size, TensorShape):
            size = size[0]
    return size


def step_shape(batch: Any, size: Any) -> TensorShape:
    """The shape of a step's output."""
    rest = tuple(size) if isinstance(size, TensorShape | list | tuple) else (size,)
    return make_shape((batch, *rest))


def state_sizes(cell: Any) -> Any:
    """The sizes of a cell's states, as a list.

    **Raises:** `ValueError` if the cell does not tell.
    """
    size = getattr(cell, "state_size", None)
    if size is None:
        raise ValueError("state_size must be specified as property on the RNN cell.")
    if isinstance(size, TensorShape):
        return [size]
    if isinstance(size, list | tuple):
        return list(size)
    if isinstance(size, int):
        return [size]
    raise ValueError("state_size must be an integer, or a list/tuple of integers (one for each state tensor).")


def initial_state_of(cell: Any, batch_size: Any, dtype: Any) -> Any:
    """A cell's first states: what its `get_initial_state` makes, or zeros."""
    make = getattr(cell, "get_initial_state", None)
    if make is None:
        return _zeros(cell.state_size, batch_size, as_dtype(dtype))
    # Keras 2 passes all three by name, Keras 3 the batch size alone.
    known = {"inputs": None, "batch_size": batch_size, "dtype": as_dtype(dtype)}
    parameters = inspect.signature(make).parameters
    given = {name: each for name, each in known.items() if name in parameters}
    if isinstance(cell, Layer) and parameters.get("dtype") is not None and parameters["dtype"].default is None:
        given.pop("dtype", None)
    return make(**given)


def _zeros(size: Any, batch_size: Any, dtype: Any) -> Any:
    if isinstance(size, list | tuple) and not isinstance(size, TensorShape):
        return [_zeros(each, batch_size, dtype) for each in size]
    return zeros(tuple(step_shape(batch_size, size)), dtype)


def call_cell(cell: Any, inputs: Any, states: Any, training: Any, others: dict[str, Any]) -> tuple[Any, Any]:
    """A step of a cell.

    **Arguments:**
    - `cell`: a layer, or any object with `call`.
    - `inputs`, `states`: what its `call` takes.
    - `training`: passed on to a layer that takes it.
    - `others`: further keyword arguments, such as `constants`.

    **Returns:** the output and the new states.
    """
    if isinstance(cell, Layer):
        if cell._spec.takes_training:
            others = {**others, "training": training}
        output, after = cell(inputs, states, **others)
    else:
        function = cell if callable(cell) else cell.call
        output, after = function(inputs, states, **others)
    return output, after
