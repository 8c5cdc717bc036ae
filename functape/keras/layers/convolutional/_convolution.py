"""Convolutions over one to three axes."""

from __future__ import annotations

from typing import Any

from functape._ops._fused import CONVOLUTION_LAYER
from functape.keras.layers.convolutional._convolving import Convolving, positive


class Convolution(Convolving):
    """The base of `Conv1D`, `Conv2D` and `Conv3D`.

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `groups`: into how many groups the channels are dealt, each with filters of its own.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of `kernel` `[*window, in / groups, filters]` and `bias` `[filters]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.
    """

    _row = CONVOLUTION_LAYER

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive(filters, "filters")
        self.groups = groups
        self.use_bias = use_bias
        if groups <= 0:
            raise ValueError(f"The number of groups must be a positive integer. Received: groups={groups}.")
        if filters is not None and filters % groups:
            raise ValueError(
                "The number of filters must be evenly divisible by the number of groups. Received: "
                f"groups={groups}, filters={filters}."
            )
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self._take_weight_settings(given)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`.

        **Raises:** `ValueError` if the channels do not fit the groups, or the inputs are shorter than the window.
        """
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is "
                f"{tuple(input_shape)})."
            )
        self._check_lengths(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, channels // self.groups, self.filters))
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            **self._window_config(),
            "groups": self.groups,
            **self._weights_config(),
        }


class Conv1D(Convolution):
    """A convolution over one axis: `[batch, steps, channels]` (`tf.keras.layers.Conv1D`).

    The arguments are as for `Conv2D`, and `padding` may be `"causal"` too: no output depends on later inputs.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Conv1D(5, 3, padding="causal")(tf.ones((2, 9, 4))).shape
    TensorShape([2, 9, 5])

    ```
    """

    rank = 1
    _allows_causal = True


class Conv2D(Convolution):
    """A convolution over two axes: `[batch, rows, columns, channels]` (`tf.keras.layers.Conv2D`).

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `groups`: into how many groups the channels are dealt, each with filters of its own.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of `kernel` `[*window, in / groups, filters]` and `bias` `[filters]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.Conv2D(5, 3, activation="relu")
    >>> layer(tf.ones((2, 9, 9, 4))).shape, layer.kernel.shape
    (TensorShape([2, 7, 7, 5]), TensorShape([3, 3, 4, 5]))

    ```
    """

    rank = 2


class Conv3D(Convolution):
    """A convolution over three axes: `[batch, depth, rows, columns, channels]` (`tf.keras.layers.Conv3D`).

    The arguments are as for `Conv2D`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Conv3D(5, 3)(tf.ones((2, 4, 4, 4, 1))).shape
    TensorShape([2, 2, 2, 2, 5])

    ```
    """

    rank = 3
