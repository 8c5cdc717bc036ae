"""`tf.keras.layers.ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D`."""

from __future__ import annotations

from typing import Any, ClassVar

from functape.keras._arguments import given_arguments
from functape.keras.layers.recurrent._built_in import BuiltIn
from functape.keras.layers.recurrent._conv_cell import ConvLSTMCell

_ARGUMENTS = """
    **Arguments:**
    - `filters`: the number of channels of the outputs and the state.
    - `kernel_size`, `strides`, `padding`, `data_format`, `dilation_rate`: of the inputs' convolution, as for
      `Conv2D`; that of the state has stride 1 and `"same"` padding.
    - `activation`, `recurrent_activation`: functions or their names, of the candidate and of the gates.
    - `use_bias`, `unit_forget_bias`: whether to add a bias, and whether the forget gate's begins at one.
    - `kernel_initializer`, `recurrent_initializer`, `bias_initializer`: of the weights.
    - `kernel_regularizer`, `recurrent_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from a
      weight or the outputs to a loss.
    - `kernel_constraint`, `recurrent_constraint`, `bias_constraint`: functions that optimizers apply after an update.
    - `dropout`, `recurrent_dropout`, `seed`: which part of inputs and state to set to zero in training.
    - `return_sequences`, `return_state`, `go_backwards`, `stateful`: as for `RNN`.
"""


class ConvLSTM(BuiltIn):
    """The base of the convolutional LSTM layers."""

    _rank: ClassVar[int]
    """The number of spatial axes."""
    _casts_integers = True

    def __init__(
        self,
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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        **kwargs: Any,
    ) -> None:
        self.__dict__["_steps_rank"] = self._rank + 3
        given = {"rank": self._rank, **given_arguments(locals())}
        super().__init__(ConvLSTMCell, "conv_lstm_cell", given, kwargs)
        # A cell tells one number for its two states.
        self.state_size = [-1, -1]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        return {name: each for name, each in config.items() if name != "rank"}


class ConvLSTM1D(ConvLSTM):
    __doc__ = f"""Long short-term memory of 1D images, with convolutions (`tf.keras.layers.ConvLSTM1D`).
{_ARGUMENTS}
    ```python
    >>> import functape as tf
    >>> tf.keras.layers.ConvLSTM1D(4, 3, padding="same")(tf.ones((2, 3, 6, 1))).shape
    TensorShape([2, 6, 4])

    ```
    """

    _rank = 1


class ConvLSTM2D(ConvLSTM):
    __doc__ = f"""Long short-term memory of 2D images, with convolutions (`tf.keras.layers.ConvLSTM2D`).
{_ARGUMENTS}
    ```python
    >>> import functape as tf
    >>> tf.keras.layers.ConvLSTM2D(4, 3, padding="same")(tf.ones((2, 3, 6, 5, 1))).shape
    TensorShape([2, 6, 5, 4])

    ```
    """

    _rank = 2


class ConvLSTM3D(ConvLSTM):
    __doc__ = f"""Long short-term memory of 3D images, with convolutions (`tf.keras.layers.ConvLSTM3D`).
{_ARGUMENTS}
    ```python
    >>> import functape as tf
    >>> tf.keras.layers.ConvLSTM3D(4, 3, padding="same")(tf.ones((1, 3, 4, 4, 4, 1))).shape
    TensorShape([1, 4, 4, 4, 4])

    ```
    """

    _rank = 3
