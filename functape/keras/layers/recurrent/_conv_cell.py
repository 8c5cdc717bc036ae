"""The step of the convolutional LSTM layers."""

from __future__ import annotations

from typing import Any

from functape._api._creation import zeros
from functape._api._joining import split
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record, record_multiple
from functape._ops._fused import CONVOLUTION_LAYER
from functape._ops._recurrent_convolution import CONV_LSTM
from functape.keras._arguments import given_arguments
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers.recurrent._cell import RecurrentCell, forget_gate_of_ones, looked_up
from functape.keras.random import SeedGenerator


class ConvLSTMCell(RecurrentCell):
    """A step of `ConvLSTM1D`, `ConvLSTM2D` or `ConvLSTM3D`.

    **Arguments:**
    - `rank`: the number of spatial axes.
    - the others: as for `ConvLSTM2D`.
    """

    _gates = 4

    def __init__(
        self,
        rank: int,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        given = given_arguments(locals())
        kwargs.pop("implementation", None)
        Layer.__init__(self, **kwargs)
        self.seed_generator = SeedGenerator(seed=seed)
        for name, value in given.items():
            setattr(self, name, looked_up(name, value))
        if rank > 3:
            raise ValueError(f"Rank {rank} convolutions are not currently implemented. Received: rank={rank}")
        self.kernel_size = _numbers(kernel_size, rank, "kernel_size")
        self.strides = _numbers(strides, rank, "strides")
        self.dilation_rate = _numbers(dilation_rate, rank, "dilation_rate")
        self.padding = str(padding).lower()
        if self.padding not in ("valid", "same"):
            raise ValueError(
                f"The `padding` argument must be a list/tuple or one of ('valid', 'same'). Received: {padding}"
            )
        self.data_format = standardize_data_format(data_format)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                "Specifying `strides > 1` is not compatible with `dilation_rate > 1`. Please provide `strides=1` or "
                f"`dilation_rate=1`. Received: strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.dropout = min(1.0, max(0.0, dropout))
        self.recurrent_dropout = min(1.0, max(0.0, recurrent_dropout))
        self.dropout_mask_count = 4
        self.units = filters
        self._given = tuple(name for name in given if name != "rank")
        self.input_spec = InputSpec(ndim=rank + 2)
        self.state_size = -1

    @property
    def _channels_first(self) -> bool:
        return self.data_format == "channels_first"

    def build(self, inputs_shape: Any, states_shape: Any = None) -> None:
        """Make `kernel`, `recurrent_kernel` and `bias`.

        **Raises:** `ValueError` for a shape that is not known but for the batch.
        """
        shape = tuple(inputs_shape)
        self.spatial_dims = shape[2:] if self._channels_first else shape[1:-1]
        channels = shape[1 if self._channels_first else -1]
        if None in self.spatial_dims:
            raise ValueError(
                "ConvLSTM layers only support static input shapes for the spatial dimension. Received invalid input "
                f"shape: input_shape={shape}"
            )
        if channels is None:
            raise ValueError(
                "The channel dimension of the inputs (last axis) should be defined. Found None. Full input shape "
                f"received: input_shape={shape}"
            )
        self.input_dim = channels
        width = 4 * self.filters
        self.kernel = self._weight("kernel", (*self.kernel_size, channels, width), self.kernel_initializer)
        self.recurrent_kernel = self._weight(
            "recurrent_kernel", (*self.kernel_size, self.filters, width), self.recurrent_initializer, "recurrent"
        )
        initializer = self.bias_initializer
        if self.unit_forget_bias:
            initializer = forget_gate_of_ones(initializer, self.filters)
        self.bias = self._weight("bias", (width,), initializer) if self.use_bias else None

    def call(self, inputs: Any, states: Any, training: Any = False) -> Any:
        """The output and the new states.

        **Arguments:**
        - `inputs`: the step's input `[batch, *lengths, channels]`.
        - `states`: hidden and carry state.
        """
        hidden, carry = states[0], states[1]
        kept_inputs, kept = self._kept(training, inputs, hidden)
        kernel, recurrent, bias = self._weights_for_use()
        axis = 1 if self._channels_first else -1
        ones = (1,) * self.rank
        outer = (self.strides, self.padding.upper(), self.dilation_rate, self._channels_first, None)
        inner = (ones, "SAME", ones, self._channels_first, None)
        given = self._gates_of(inputs, kept_inputs, kernel, bias, outer, axis)
        seen = self._gates_of(hidden, kept, recurrent, None, inner, axis)
        i, f, c, o = (a + b for a, b in zip(given, seen, strict=True))
        carry = self.recurrent_activation(f) * carry + self.recurrent_activation(i) * self.activation(c)
        hidden = self.recurrent_activation(o) * self.activation(carry)
        return hidden, [hidden, carry]

    def _gates_of(self, x: Any, kept: Any, kernel: Any, bias: Any, statics: Any, axis: int) -> Any:
        """The four gates' convolutions of an input: one if nothing is dropped."""
        if kept is None:
            arguments = (x, kernel) if bias is None else (x, kernel, bias)
            return split(record(CONVOLUTION_LAYER, statics, arguments), 4, axis)
        kernels = split(kernel, 4, self.rank + 1)
        biases = [()] * 4 if bias is None else [(each,) for each in split(bias, 4, 0)]
        return [
            record(CONVOLUTION_LAYER, statics, (x * kept[at], kernels[at], *biases[at])) for at in range(4)
        ]  # fmt: skip

    def run_sequence(
        self, x: Any, states: Any, mask: Any, training: Any, go_backwards: bool, zero_output_for_mask: bool
    ) -> Any:
        """All steps at once; None if they can only be done one by one."""
        names = self._names()
        if names is None or (training and (self.dropout or self.recurrent_dropout)):
            return None
        kernel, recurrent, bias = self._weights_for_use()
        geometry = (self.strides, self.padding.upper(), self.dilation_rate, self._channels_first)
        statics = (*names, *geometry, bias is not None, mask is not None, go_backwards, zero_output_for_mask)
        optional = [each for each in (bias, mask) if each is not None]
        outputs, last, hidden, carry = record_multiple(CONV_LSTM, statics, (x, *states, kernel, recurrent, *optional))
        return outputs, last, [hidden, carry]

    def output_lengths(self, lengths: tuple[Any, ...]) -> tuple[Any, ...]:
        """The spatial lengths of outputs and states for those of inputs."""
        found = []
        for length, window, stride, dilation in zip(
            lengths, self.kernel_size, self.strides, self.dilation_rate, strict=True
        ):
            if length is not None and self.padding == "valid":
                length -= (window - 1) * dilation
            found.append(None if length is None else -(-length // stride))
        return tuple(found)

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> list[Any]:
        """States of zeros."""
        lengths = self.output_lengths(self.spatial_dims)
        batch = inputs if batch_size is None else batch_size
        shape = (batch, self.filters, *lengths) if self._channels_first else (batch, *lengths, self.filters)
        return [zeros(shape, as_dtype(dtype or self.compute_dtype)) for _ in range(2)]


def _numbers(value: Any, rank: int, name: str) -> tuple[int, ...]:
    numbers = (value,) * rank if isinstance(value, int) else tuple(value)
    if len(numbers) != rank or not all(isinstance(each, int) and each > 0 for each in numbers):
        raise ValueError(
            f"The `{name}` argument must be a positive integer or a tuple of {rank} positive integers. "
            f"Received: {name}={value}"
        )
    return numbers
