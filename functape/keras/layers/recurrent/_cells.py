"""`tf.keras.layers.SimpleRNNCell`, `LSTMCell` and `GRUCell`: one step of the recurrent layers."""

from __future__ import annotations

from typing import Any

from functape._api._joining import split, stack
from functape._api._matrix import matmul
from functape._api._shaping import expand_dims
from functape._engine._recorder import record, record_multiple
from functape._ops._recurrent import GRU, GRU_CELL, LSTM, LSTM_CELL, SIMPLE_RNN, SIMPLE_RNN_CELL
from functape._ops._recurrent_dropped import GRU_DROPPED, LSTM_DROPPED
from functape.keras._arguments import given_arguments
from functape.keras.layers.recurrent._cell import CELL_ARGUMENTS, RecurrentCell, forget_gate_of_ones

Run = tuple[Any, Any, list[Any]]
"""The outputs of all steps, the last of them, and the final states."""


def _present(*values: Any) -> tuple[Any, ...]:
    return tuple(each for each in values if each is not None)


def _over_time(kept: Any) -> Any:
    """Factors of a step's input for all steps of a sequence."""
    return expand_dims(kept, 1)


def _gates_of(kept: Any, gates: int) -> list[Any]:
    """The factors for each gate."""
    return list(kept) if isinstance(kept, list | tuple) else [kept] * gates


def _times(value: Any, factor: Any) -> Any:
    return value if factor is None else value * factor


class SimpleRNNCell(RecurrentCell):
    __doc__ = f"""A step of `SimpleRNN` (`tf.keras.layers.SimpleRNNCell`).
{CELL_ARGUMENTS}
    ```python
    >>> import functape as tf
    >>> output, states = tf.keras.layers.SimpleRNNCell(4)(tf.ones((2, 3)), [tf.zeros((2, 4))])
    >>> output.shape
    TensorShape([2, 4])

    ```
    """
    _seeds_first = True

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(given_arguments(locals()), kwargs)

    def call(self, sequence: Any, states: Any, training: Any = False) -> Any:
        """The output and the new state.

        **Arguments:**
        - `sequence`: the step's input `[batch, features]`.
        - `states`: the state `[batch, units]`, alone or in a list.
        """
        nested = isinstance(states, list | tuple)
        hidden = states[0] if nested else states
        inputs, kept = self._kept(training, sequence, hidden)
        kernel, recurrent, bias = self._weights_for_use()
        names = self._names()
        statics = (None if names is None else names[0], bias is not None, kept is not None)
        arguments = (_times(sequence, inputs), hidden, kernel, recurrent, *_present(bias, kept))
        output = record(SIMPLE_RNN_CELL, statics, arguments)
        if names is None:
            output = self.activation(output)
        return output, [output] if nested else output

    def run_sequence(
        self, x: Any, states: Any, mask: Any, training: Any, go_backwards: bool, zero_output_for_mask: bool
    ) -> Run | None:
        """All steps at once; None if they can only be done one by one."""
        names = self._names()
        if names is None:
            return None
        inputs, kept = self._kept(training, x[:, 0] if self.dropout else None, states[0])
        if inputs is not None:
            x = x * _over_time(inputs)
        kernel, recurrent, bias = self._weights_for_use()
        statics = (*names, bias is not None, mask is not None, kept is not None, go_backwards, zero_output_for_mask)
        arguments = (x, states[0], kernel, recurrent, *_present(bias, mask, kept))
        outputs, last, hidden = record_multiple(SIMPLE_RNN, statics, arguments)
        return outputs, last, [hidden]


class LSTMCell(RecurrentCell):
    __doc__ = f"""A step of `LSTM` (`tf.keras.layers.LSTMCell`).
{CELL_ARGUMENTS}    - `unit_forget_bias`: whether the forget gate's bias begins at one.

    ```python
    >>> import functape as tf
    >>> output, states = tf.keras.layers.LSTMCell(4)(tf.ones((2, 3)), [tf.zeros((2, 4)), tf.zeros((2, 4))])
    >>> output.shape, len(states)
    (TensorShape([2, 4]), 2)

    ```
    """
    _gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(given_arguments(locals()), kwargs)
        self.state_size = [self.units, self.units]

    def _bias_initializer(self) -> Any:
        return (
            forget_gate_of_ones(self.bias_initializer, self.units) if self.unit_forget_bias else self.bias_initializer
        )

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """The output and the new states.

        **Arguments:**
        - `inputs`: the step's input `[batch, features]`.
        - `states`: hidden and carry state, each `[batch, units]`.
        """
        hidden, carry = states[0], states[1]
        kept_inputs, kept = self._kept(training, inputs, hidden)
        kernel, recurrent, bias = self._weights_for_use()
        names = self._names()
        if names is not None and kept is None and not isinstance(kept_inputs, list):
            arguments = (_times(inputs, kept_inputs), hidden, carry, kernel, recurrent, *_present(bias))
            hidden, carry = record_multiple(LSTM_CELL, (*names, bias is not None, False), arguments)
            return hidden, [hidden, carry]
        xs = [_times(inputs, each) for each in _gates_of(kept_inputs, 4)]
        hs = [_times(hidden, each) for each in _gates_of(kept, 4)]
        biases = [None] * 4 if bias is None else split(bias, 4, 0)
        given = zip(xs, hs, split(kernel, 4, 1), split(recurrent, 4, 1), biases, strict=True)
        i, f, c, o = (_affine(x, k, b) + matmul(h, r) for x, h, k, r, b in given)
        carry = self.recurrent_activation(f) * carry + self.recurrent_activation(i) * self.activation(c)
        hidden = self.recurrent_activation(o) * self.activation(carry)
        return hidden, [hidden, carry]

    def run_sequence(
        self, x: Any, states: Any, mask: Any, training: Any, go_backwards: bool, zero_output_for_mask: bool
    ) -> Run | None:
        """All steps at once; None if they can only be done one by one."""
        names = self._names()
        if names is None:
            return None
        inputs, kept = self._kept(training, x[:, 0] if self.dropout else None, states[0])
        kernel, recurrent, bias = self._weights_for_use()
        flags = (bias is not None, mask is not None, False, go_backwards, zero_output_for_mask)
        if isinstance(inputs, list) or kept is not None:
            both = [None if each is None else stack(each) for each in (inputs, kept)]
            statics = (*names, *(each is not None for each in both), *flags)
            arguments = (x, *states, kernel, recurrent, *_present(bias, mask, *both))
            outputs, last, hidden, carry = record_multiple(LSTM_DROPPED, statics, arguments)
        else:
            x = x if inputs is None else x * _over_time(inputs)
            arguments = (x, *states, kernel, recurrent, *_present(bias, mask))
            outputs, last, hidden, carry = record_multiple(LSTM, (*names, *flags), arguments)
        return outputs, last, [hidden, carry]


class GRUCell(RecurrentCell):
    __doc__ = f"""A step of `GRU` (`tf.keras.layers.GRUCell`).
{CELL_ARGUMENTS}    - `reset_after`: whether the reset gate comes after the product with the recurrent kernel.

    ```python
    >>> import functape as tf
    >>> output, states = tf.keras.layers.GRUCell(4)(tf.ones((2, 3)), [tf.zeros((2, 4))])
    >>> output.shape
    TensorShape([2, 4])

    ```
    """
    _gates = 3

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        reset_after: bool = True,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(given_arguments(locals()), kwargs)

    def _bias_shape(self) -> tuple[int, ...]:
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """The output and the new state.

        **Arguments:**
        - `inputs`: the step's input `[batch, features]`.
        - `states`: the state `[batch, units]`, alone or in a list.
        """
        nested = isinstance(states, list | tuple)
        hidden = states[0] if nested else states
        kept_inputs, kept = self._kept(training, inputs, hidden)
        kernel, recurrent, bias = self._weights_for_use()
        names = self._names()
        if names is not None and kept is None and not isinstance(kept_inputs, list):
            arguments = (_times(inputs, kept_inputs), hidden, kernel, recurrent, *_present(bias))
            output = record(GRU_CELL, (*names, self.reset_after, bias is not None, False), arguments)
        else:
            output = self._gate_by_gate(inputs, hidden, kept_inputs, kept, (kernel, recurrent, bias))
        return output, [output] if nested else output

    def _gate_by_gate(self, inputs: Any, hidden: Any, kept_inputs: Any, kept: Any, weights: Any) -> Any:
        kernel, recurrent, bias = weights
        outer, inner = (bias[0], bias[1]) if self.reset_after and bias is not None else (bias, None)
        biases = [[None] * 3 if each is None else split(each, 3, 0) for each in (outer, inner)]
        kernels, recurrents = split(kernel, 3, 1), split(recurrent, 3, 1)
        xs = [_times(inputs, each) for each in _gates_of(kept_inputs, 3)]
        hs = [_times(hidden, each) for each in _gates_of(kept, 3)]
        given = [_affine(x, k, b) for x, k, b in zip(xs, kernels, biases[0], strict=True)]
        z, r = (
            self.recurrent_activation(given[at] + _affine(hs[at], recurrents[at], biases[1][at])) for at in range(2)
        )
        after = self.reset_after
        seen = r * _affine(hs[2], recurrents[2], biases[1][2]) if after else matmul(r * hs[2], recurrents[2])
        return z * hidden + (1 - z) * self.activation(given[2] + seen)

    def run_sequence(
        self, x: Any, states: Any, mask: Any, training: Any, go_backwards: bool, zero_output_for_mask: bool
    ) -> Run | None:
        """All steps at once; None if they can only be done one by one."""
        names = self._names()
        if names is None:
            return None
        inputs, kept = self._kept(training, x[:, 0] if self.dropout else None, states[0])
        kernel, recurrent, bias = self._weights_for_use()
        flags = (bias is not None, mask is not None, False, go_backwards, zero_output_for_mask)
        if isinstance(inputs, list) or kept is not None:
            both = [None if each is None else stack(each) for each in (inputs, kept)]
            statics = (*names, self.reset_after, *(each is not None for each in both), *flags)
            arguments = (x, states[0], kernel, recurrent, *_present(bias, mask, *both))
            outputs, last, hidden = record_multiple(GRU_DROPPED, statics, arguments)
        else:
            x = x if inputs is None else x * _over_time(inputs)
            arguments = (x, states[0], kernel, recurrent, *_present(bias, mask))
            outputs, last, hidden = record_multiple(GRU, (*names, self.reset_after, *flags), arguments)
        return outputs, last, [hidden]


def _affine(x: Any, kernel: Any, bias: Any) -> Any:
    product = matmul(x, kernel)
    return product if bias is None else product + bias
