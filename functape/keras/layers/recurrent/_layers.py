"""`tf.keras.layers.SimpleRNN`, `LSTM` and `GRU`."""

from __future__ import annotations

from typing import Any

from functape.keras._arguments import given_arguments
from functape.keras.layers.recurrent._built_in import LAYER_ARGUMENTS, BuiltIn
from functape.keras.layers.recurrent._cell import CELL_ARGUMENTS
from functape.keras.layers.recurrent._cells import GRUCell, LSTMCell, SimpleRNNCell


class SimpleRNN(BuiltIn):
    __doc__ = f"""A layer whose output goes back into it (`tf.keras.layers.SimpleRNN`).
{CELL_ARGUMENTS}{LAYER_ARGUMENTS}
    ```python
    >>> import functape as tf
    >>> tf.keras.layers.SimpleRNN(4)(tf.ones((2, 5, 3))).shape
    TensorShape([2, 4])

    ```
    """

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(SimpleRNNCell, "simple_rnn_cell", given_arguments(locals()), kwargs)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as Keras tells them: without the seed."""
        return {name: each for name, each in super().get_config().items() if name != "seed"}


class LSTM(BuiltIn):
    __doc__ = f"""Long short-term memory (`tf.keras.layers.LSTM`).
{CELL_ARGUMENTS}{LAYER_ARGUMENTS}    - `unit_forget_bias`: whether the forget gate's bias begins at one.
    - `use_cudnn`: `"auto"`, True or False: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.LSTM(4, return_sequences=True)(tf.ones((2, 5, 3))).shape
    TensorShape([2, 5, 4])

    ```
    """

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
        unroll: bool = False,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(LSTMCell, "lstm_cell", given_arguments(locals()), kwargs)


class GRU(BuiltIn):
    __doc__ = f"""Gated recurrent unit (`tf.keras.layers.GRU`).
{CELL_ARGUMENTS}{LAYER_ARGUMENTS}    - `reset_after`: whether the reset gate comes after the recurrent kernel's product.
    - `use_cudnn`: `"auto"`, True or False: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.GRU(4)(tf.ones((2, 5, 3))).shape
    TensorShape([2, 4])

    ```
    """

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
        unroll: bool = False,
        reset_after: bool = True,
        use_cudnn: Any = "auto",
        **kwargs: Any,
    ) -> None:
        super().__init__(GRUCell, "gru_cell", given_arguments(locals()), kwargs)
