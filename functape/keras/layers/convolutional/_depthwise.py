"""Convolutions of each channel by itself."""

from __future__ import annotations

from typing import Any

from functape._ops._fused import DEPTHWISE_LAYER
from functape.keras.layers.convolutional._convolving import Convolving, positive


class DepthwiseConvolution(Convolving):
    """The base of `DepthwiseConv1D` and `DepthwiseConv2D`.

    **Arguments:**
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `depth_multiplier`: how many output channels each input channel has.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `depthwise_initializer`, `bias_initializer`: of the kernel `[*window, in, depth_multiplier]` and of `bias`.
    - `depthwise_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `depthwise_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.
    """

    _row = DEPTHWISE_LAYER
    _weight_names = ("depthwise", "bias")
    _strides_and_dilations = True

    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")
        self.use_bias = use_bias
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self._take_weight_settings(given)

    def build(self, input_shape: Any) -> None:
        """Make the kernel and `bias`.

        **Raises:** `ValueError` if the inputs are shorter than the window.
        """
        channels = self._channels(input_shape)
        self._check_lengths(input_shape)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.kernel = self._add("depthwise", shape, "depthwise_kernel")
        self.bias = self._add("bias", (channels * self.depth_multiplier,)) if self.use_bias else None

    @property
    def depthwise_kernel(self) -> Any:
        """Keras 2's name of `kernel`."""
        return self.kernel

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "depth_multiplier": self.depth_multiplier,
            **self._window_config(),
            **self._weights_config(),
        }


class DepthwiseConv1D(DepthwiseConvolution):
    """A convolution over one axis, each channel by itself (`tf.keras.layers.DepthwiseConv1D`).

    The arguments are as for `DepthwiseConv2D`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.DepthwiseConv1D(3)(tf.ones((2, 9, 4))).shape
    TensorShape([2, 7, 4])

    ```
    """

    rank = 1


class DepthwiseConv2D(DepthwiseConvolution):
    """A convolution over two axes, each channel by itself (`tf.keras.layers.DepthwiseConv2D`).

    **Arguments:**
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `depth_multiplier`: how many output channels each input channel has.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `depthwise_initializer`, `bias_initializer`: of the kernel `[*window, in, depth_multiplier]` and of `bias`.
    - `depthwise_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `depthwise_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.DepthwiseConv2D(3, depth_multiplier=2)(tf.ones((2, 9, 9, 4))).shape
    TensorShape([2, 7, 7, 8])

    ```
    """

    rank = 2
