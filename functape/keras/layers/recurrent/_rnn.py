"""`tf.keras.layers.RNN`: a cell run over the steps of a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._creation import zeros_like
from functape._api._shaping import broadcast_to, expand_dims, reshape, transpose
from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape._core._name_scope import name_scope
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype, bool_
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls, leaves_of, map_leaves
from functape.keras.layers.recurrent._cells import GRUCell, LSTMCell, SimpleRNNCell
from functape.keras.layers.recurrent._conv_cell import ConvLSTMCell
from functape.keras.layers.recurrent._loop import Loops
from functape.keras.layers.recurrent._protocol import call_cell, initial_state_of, state_sizes
from functape.keras.layers.recurrent._stacked import StackedRNNCells

_WHOLE = (SimpleRNNCell.call, LSTMCell.call, GRUCell.call, ConvLSTMCell.call)
"""The steps that rows know; a subclass with another is run step by step."""


class RNN(Layer):
    """A cell run over the steps of sequences (`tf.keras.layers.RNN`).

    **Arguments:**
    - `cell`: what does a step: `call(inputs, states)` returns the output and the new states, `state_size` tells their
      lengths. A list of cells is stacked.
    - `return_sequences`: whether the outputs of all steps are returned, or the last one.
    - `return_state`: whether the final states are returned too.
    - `go_backwards`: whether to begin with the last step.
    - `stateful`: whether the next batch begins with the states that this one ends with.
    - `unroll`: whether each step is a part of the program, in place of a loop.
    - `zero_output_for_mask`: whether the output of a masked step is zero; by default it is the one before it.
    - `time_major`: Keras 2's: whether the steps are the first axis.

    **Raises:** `ValueError` for a cell without `call` or `state_size`.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.RNN(tf.keras.layers.LSTMCell(4), return_sequences=True, return_state=True)
    >>> outputs, hidden, carry = layer(tf.ones((2, 5, 3)))
    >>> outputs.shape, hidden.shape
    (TensorShape([2, 5, 4]), TensorShape([2, 4]))

    ```
    """

    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | {"states", "_loops"}

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        time_major: bool = False,
        **kwargs: Any,
    ) -> None:
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell)
        if not hasattr(cell, "call"):
            raise ValueError(f"Argument `cell` should have a `call` method. Received: cell={cell}")
        sizes = state_sizes(cell)
        super().__init__(**kwargs)
        self.zero_output_for_mask = zero_output_for_mask
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.time_major = time_major
        self.supports_masking = True
        self.states: Any = None
        self._expected_batch_size: int | None = None
        self.state_size = sizes
        self.single_state = len(sizes) == 1 and not isinstance(cell.state_size, list | tuple)
        self._loops = Loops(self)

    # ---- building and states ---------------------------------------------------------------------------------

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell, and make the variables of a stateful layer."""
        shape = sequences_shape
        if isinstance(shape, list):
            shape = shape[0]
        batch = shape[1] if self.time_major else shape[0]
        cell = self.cell
        if isinstance(cell, Layer) and not cell.built:
            with cell.name_scope:
                cell.build(type(shape)((batch, *tuple(shape)[2:])))
            cell.built = True
        if self.stateful:
            if self.states is not None:
                self.reset_state()
                return
            if batch is None:
                raise ValueError(
                    "When using `stateful=True` in a RNN, the batch size must be static. Found dynamic batch size: "
                    f"sequence.shape={tuple(shape)}. Pass `batch_shape` to the Input."
                )
            self._make_states(batch)

    def _make_states(self, batch: int) -> None:
        def variable(value: Any) -> Variable:
            return Variable(value, trainable=False, dtype=as_dtype(self.variable_dtype), name="rnn_state")

        with name_scope(f"{self.name}/"):
            self.states = map_leaves(variable, self.get_initial_state(batch))
        self._expected_batch_size = batch

    def get_initial_state(self, batch_size: Any = None) -> list[Any]:
        """The first states for a number of examples, or for inputs `[batch, time, ...]`."""
        if is_tensor_like(batch_size):
            batch_size = batch_size.aval.shape[1 if self.time_major else 0]
        made = initial_state_of(self.cell, batch_size, getattr(self.cell, "compute_dtype", self.compute_dtype))
        return list(made) if isinstance(made, list | tuple) else [made]

    def reset_state(self) -> None:
        """Set the states of a stateful layer to zero."""
        for variable in leaves_of(self.states) if self.states is not None else []:
            variable.assign(zeros_like(variable))

    def reset_states(self, states: Any = None) -> None:
        """As `reset_state`; Keras 2 also takes the values to set.

        **Arguments:**
        - `states`: an array for each state.

        **Raises:** `AttributeError` if the layer is not stateful; `ValueError` for another number of arrays.
        """
        if states is None:
            self.reset_state()
            return
        if not self.stateful:
            raise AttributeError("Layer must be stateful.")
        given = leaves_of(states if isinstance(states, list | tuple) else [states])
        if self.states is None:
            self._make_states(np.shape(given[0])[0])
        variables = leaves_of(self.states)
        if len(given) != len(variables):
            raise ValueError(
                f"Layer {self.name} expects {len(variables)} states, but it received {len(given)} state values. "
                f"Input received: {states}"
            )
        for variable, value in zip(variables, given, strict=True):
            variable.assign(value)

    # ---- calls -----------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The outputs.

        **Arguments:**
        - `sequences`: `[batch, time, ...]`; as in Keras 2, a list that begins with it may go on with the initial
          states and the constants.
        - `initial_state`: the first states, zeros by default.
        - `mask`: `[batch, time]`, False for steps to leave out.
        - `training`: whether to drop inputs and states.
        - `constants`: passed on to the cell.
        """
        if args and isinstance(args[0], list | tuple) and len(args[0]) > 1 and hasattr(args[0][0], "shape"):
            first, *rest = args[0]
            if len(first.shape) > 2:
                count = len(self.state_size)
                if rest[:count] and kwargs.get("initial_state") is None:
                    kwargs["initial_state"] = list(rest[:count])
                if rest[count:] and kwargs.get("constants") is None:
                    kwargs["constants"] = list(rest[count:])
                args = (first, *args[1:])
        return super().__call__(*args, **kwargs)

    def call(
        self, sequences: Any, initial_state: Any = None, mask: Any = None, training: Any = False, constants: Any = None
    ) -> Any:
        """The outputs; the arguments are those of a call of the layer."""
        if isinstance(mask, list | tuple):
            mask = mask[0]
        if self.time_major:
            sequences = _swapped(sequences)
        batch = sequences.aval.shape[0]
        states = self._states_to_begin_with(initial_state, batch)
        mask = _mask_for_steps(mask)
        others = {} if constants is None else {"constants": constants}
        try:
            outputs, last, states = self._run(sequences, states, mask, training, others)
        finally:
            self._reset_dropout_masks(self.cell)
        dtype = as_dtype(self.compute_dtype)
        output = cast(outputs if self.return_sequences else last, dtype)
        states = map_leaves(lambda each: cast(each, dtype), list(states))
        if self.stateful and not calls.abstract:
            for variable, state in zip(leaves_of(self.states), leaves_of(states), strict=True):
                variable.assign(cast(state, variable.dtype))
        if self.time_major and self.return_sequences:
            output = _swapped(output)
        return (output, *states) if self.return_state else output

    def _states_to_begin_with(self, initial_state: Any, batch: int) -> list[Any]:
        if initial_state is None:
            initial_state = self.states if self.stateful else self.get_initial_state(batch)
        if self.stateful and self._expected_batch_size not in (None, batch) and not calls.abstract:
            raise ValueError(
                "If an RNN is stateful, the batch size of the input sequences must be the same as the batch size of "
                f"the initial state. Expected batch size: {self._expected_batch_size}. Received batch size: {batch}. "
                "Call `reset_states()` on a layer built for that size."
            )
        if not isinstance(initial_state, list | tuple):
            initial_state = [initial_state]
        dtype = as_dtype(getattr(self.cell, "compute_dtype", self.compute_dtype))
        return map_leaves(lambda each: cast(each, dtype), list(initial_state))

    def _run(
        self, sequences: Any, states: list[Any], mask: Any, training: Any, others: dict[str, Any]
    ) -> tuple[Any, Any, Any]:
        """The outputs of all steps, the last one, and the final states."""
        if not others and getattr(type(self.cell), "call", None) in _WHOLE:
            made = self.cell.run_sequence(
                sequences, states, mask, training, bool(self.go_backwards), bool(self.zero_output_for_mask)
            )
            if made is not None:
                return made
        if calls.abstract:
            return self._run_abstractly(sequences, states, training, others)
        self._configure_dropout_masks(self.cell, sequences, states)
        return self._loops.run(sequences, states, mask, training, others)

    def _run_abstractly(self, sequences: Any, states: list[Any], training: Any, others: Any) -> tuple[Any, Any, Any]:
        """One step: all have the same shapes."""
        output, after = call_cell(self.cell, sequences[:, 0], states, training, others)
        batch, time = sequences.aval.shape[:2]
        shape = output.aval.shape
        outputs = broadcast_to(expand_dims(output, 1), (batch, time, *shape[1:])) if self.return_sequences else output
        return outputs, output, after if isinstance(after, list | tuple) else [after]

    # ---- dropout ---------------------------------------------------------------------------------------------

    def _configure_dropout_masks(self, cell: Any, sequences: Any, states: Any) -> None:
        """Let the cells choose what to drop before the loop, so that it is the same in all steps."""
        if any(_drops(each) for each in _cells_of(cell)):
            self._configure(cell, sequences[:, 0], states)

    def _configure(self, cell: Any, step_input: Any, states: Any) -> None:
        state = states[0] if isinstance(states, list | tuple) else states
        if _drops(cell):
            cell.get_dropout_mask(step_input)
            cell.get_recurrent_dropout_mask(state)
        if isinstance(cell, StackedRNNCells):
            for each, given in zip(cell.cells, states, strict=True):
                self._configure(each, step_input, given)
                given = list(given) if isinstance(given, list | tuple) else [given]
                step_input, _ = call_cell(each, step_input, given, False, {})

    def _reset_dropout_masks(self, cell: Any) -> None:
        for each in _cells_of(cell):
            if _drops(each):
                each.reset_dropout_mask()
                each.reset_recurrent_dropout_mask()

    # ---- the rest --------------------------------------------------------------------------------------------

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: that of the inputs, if there is an output for each step."""
        mask = leaves_of(mask)[0] if mask is not None else None
        passed = mask if self.return_sequences else None
        return [passed, *(None for _ in self.state_size)] if self.return_state else passed

    def _masks_nothing(self) -> bool:
        return True

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = {
            **super().get_config(),
            "return_sequences": self.return_sequences,
            "return_state": self.return_state,
            "go_backwards": self.go_backwards,
            "stateful": self.stateful,
            "unroll": self.unroll,
            "zero_output_for_mask": self.zero_output_for_mask,
            "cell": serialize_keras_object(self.cell),
        }
        return {**config, "time_major": True} if self.time_major else config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described."""
        config = dict(config)
        cell = deserialize_keras_object(config.pop("cell"), custom_objects)
        return cls(cell, **config)


def _cells_of(cell: Any) -> list[Any]:
    if isinstance(cell, StackedRNNCells):
        return [each for inner in cell.cells for each in _cells_of(inner)]
    return [cell]


def _drops(cell: Any) -> bool:
    return hasattr(cell, "reset_dropout_mask") and hasattr(cell, "reset_recurrent_dropout_mask")


def _swapped(tensor: Any) -> Any:
    """A tensor with its first two axes in the other order."""
    return transpose(tensor, (1, 0, *range(2, len(tensor.aval.shape))))


def _mask_for_steps(mask: Any) -> Any:
    """A mask as bools `[batch, time]`."""
    if mask is None:
        return None
    shape = mask.aval.shape
    if len(shape) > 2:
        mask = reshape(mask, shape[:2])
    return cast(mask, bool_)
