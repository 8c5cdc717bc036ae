"""`tf.keras.layers.StackedRNNCells`."""

from __future__ import annotations

from typing import Any

from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers.recurrent._protocol import call_cell, initial_state_of, output_size_of, step_shape


class StackedRNNCells(Layer):
    """Several cells as one: each takes the output of the one before (`tf.keras.layers.StackedRNNCells`).

    **Arguments:**
    - `cells`: the cells.

    **Raises:** `ValueError` for a cell without `call` or `state_size`.

    ```python
    >>> import functape as tf
    >>> cells = tf.keras.layers.StackedRNNCells([tf.keras.layers.LSTMCell(4), tf.keras.layers.GRUCell(5)])
    >>> cells.state_size, tf.keras.layers.RNN(cells)(tf.ones((2, 3, 6))).shape
    ([[4, 4], 5], TensorShape([2, 5]))

    ```
    """

    def __init__(self, cells: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for cell in cells:
            for name, what in (("call", "method"), ("state_size", "attribute")):
                if not hasattr(cell, name):
                    raise ValueError(f"All cells must have a `{name}` {what}. Received cell without it: {cell}")
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of each cell's states."""
        return [_plain(cell.state_size) for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The length of the last cell's output."""
        return output_size_of(self.cells[-1])

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> list[Any]:
        """Each cell's first states.

        **Arguments:**
        - `inputs`, `batch_size`, `dtype`: as for `LSTMCell`.
        """
        if batch_size is None:
            batch_size = inputs if isinstance(inputs, int) else inputs.aval.shape[0]
        return [initial_state_of(cell, batch_size, dtype or self.compute_dtype) for cell in self.cells]

    def call(self, inputs: Any, states: Any, training: Any = False, **kwargs: Any) -> Any:
        """The last cell's output, and the new states of all.

        **Arguments:**
        - `inputs`: the step's input.
        - `states`: the states of each cell.
        - `kwargs`: `constants` for cells that take them.
        """
        made = []
        for cell, given in zip(self.cells, states, strict=True):
            nested = isinstance(given, list | tuple)
            inputs, after = call_cell(cell, inputs, list(given) if nested else [given], training, kwargs)
            if not nested and isinstance(after, list | tuple) and len(after) == 1:
                after = after[0]
            made.append(after)
        return inputs, made[0] if len(made) == 1 else made

    def build(self, input_shape: Any) -> None:
        """Build the cells."""
        for cell in self.cells:
            if isinstance(cell, Layer) and not cell.built:
                with cell.name_scope:
                    cell.build(input_shape)
                cell.built = True
            input_shape = step_shape(input_shape[0], output_size_of(cell))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "cells": [serialize_keras_object(cell) for cell in self.cells]}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> StackedRNNCells:
        """The cells that `get_config` described."""
        config = dict(config)
        cells = [deserialize_keras_object(each, custom_objects) for each in config.pop("cells")]
        return cls(cells, **config)


def _plain(size: Any) -> Any:
    return list(size) if isinstance(size, list | tuple) else size
