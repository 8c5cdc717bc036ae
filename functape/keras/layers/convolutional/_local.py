"""`tf.keras.layers.LocallyConnected1D` and `tf.keras.layers.LocallyConnected2D`, of Keras 2."""

from __future__ import annotations

import math
from typing import Any

from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._engine._dtypes import as_dtype
from functape.keras._local_convolution import local_convolution
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers.convolutional._convolving import Convolving, positive


class LocallyConnected(Convolving):
    """The base of `LocallyConnected1D` and `LocallyConnected2D`.

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"`.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of `kernel` `[positions, window * in, filters]` and `bias`
      `[*lengths, filters]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.
    - `implementation`: 1: the layout of the weights; those of 2 and 3 are not supported.

    **Raises:** `ValueError` for another padding or implementation, or numbers that do not fit.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        implementation: int = 1,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive(filters, "filters")
        self.use_bias = use_bias
        self.implementation = implementation
        if implementation != 1:
            raise ValueError(
                f"`implementation` must be 1. Received: implementation={implementation}. The others hold the same "
                "filters in a sparse layout."
            )
        self._take_window(kernel_size, strides, padding, data_format, 1, activation)
        if self.padding != "valid":
            raise ValueError(
                f'Invalid border mode for {type(self).__name__} (only "valid" is supported if implementation is 1): '
                f"{padding}"
            )
        self._take_weight_settings(given)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`.

        **Raises:** `ValueError` if the lengths of the inputs are not known, or shorter than the window.
        """
        channels = self._channels(input_shape)
        first = self.data_format == "channels_first"
        lengths = tuple(input_shape)[2:] if first else tuple(input_shape)[1:-1]
        if None in lengths:
            raise ValueError(
                f"The spatial dimensions of the inputs to {type(self).__name__} should be fully-defined, but the "
                f"inputs shape is {tuple(input_shape)}"
            )
        self._check_lengths(input_shape)
        windows = zip(lengths, self.kernel_size, self.strides, strict=True)
        positions = tuple((length - size) // step + 1 for length, size, step in windows)
        self.kernel = self._add("kernel", (math.prod(positions), math.prod(self.kernel_size) * channels, self.filters))
        self.bias = self._add("bias", (*positions, self.filters)) if self.use_bias else None
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: channels})

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        dtype = as_dtype(self.compute_dtype)
        first = self.data_format == "channels_first"
        made = local_convolution(inputs, cast(self.kernel, dtype), self.kernel_size, self.strides, first)
        if self.bias is not None:
            bias = cast(self.bias, dtype)
            # As in Keras, where the channels come first the bias is read in that order, not moved.
            made = made + (reshape(bias, made.aval.shape[1:]) if first else bias)
        return made if self.activation is None else self.activation(made)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        window = self._window_config()
        del window["dilation_rate"]
        own = {"filters": self.filters, **window, **self._weights_config(), "implementation": self.implementation}
        return {**super().get_config(), **own}


class LocallyConnected1D(LocallyConnected):
    """A convolution over one axis whose every position has filters of its own
    (`tf.keras.layers.LocallyConnected1D`, Keras 2); the arguments are as for `LocallyConnected2D`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.LocallyConnected1D(5, 3)(tf.ones((2, 9, 4))).shape
    TensorShape([2, 7, 5])

    ```
    """

    rank = 1


class LocallyConnected2D(LocallyConnected):
    """A convolution over two axes whose every position has filters of its own
    (`tf.keras.layers.LocallyConnected2D`, Keras 2).

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"`.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`, their regularizers and constraints, `activity_regularizer`: as for
      `Conv2D`.
    - `implementation`: 1: the layout of the weights; those of 2 and 3 are not supported.

    **Raises:** `ValueError` for another padding or implementation, or numbers that do not fit.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.LocallyConnected2D(5, 3)
    >>> layer(tf.ones((2, 6, 6, 4))).shape, layer.kernel.shape
    (TensorShape([2, 4, 4, 5]), TensorShape([16, 36, 5]))

    ```
    """

    rank = 2
