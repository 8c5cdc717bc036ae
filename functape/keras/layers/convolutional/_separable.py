"""Convolutions of each channel by itself, followed by a mixture of the channels."""

from __future__ import annotations

from typing import Any

from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._convolution import DEPTHWISE
from functape._ops._fused import CONVOLUTION_LAYER
from functape.keras.layers.convolutional._convolving import Convolving, positive


class SeparableConvolution(Convolving):
    """The base of `SeparableConv1D` and `SeparableConv2D`.

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `depth_multiplier`: how many channels each input channel has before they are mixed.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `depthwise_initializer`, `pointwise_initializer`, `bias_initializer`: of `depthwise_kernel`
      `[*window, in, depth_multiplier]`, `pointwise_kernel` `[1, ..., in * depth_multiplier, filters]` and `bias`.
    - `depthwise_regularizer`, `pointwise_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from
      weights or outputs to a loss.
    - `depthwise_constraint`, `pointwise_constraint`, `bias_constraint`: functions that optimizers apply after an
      update.

    **Raises:** `ValueError` for numbers that do not fit.
    """

    _row = CONVOLUTION_LAYER
    _weight_names = ("depthwise", "pointwise", "bias")
    _strides_and_dilations = True

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        given = dict(locals())
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.filters = positive(filters, "filters")
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier")
        self.use_bias = use_bias
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self._take_weight_settings(given)

    def build(self, input_shape: Any) -> None:
        """Make `depthwise_kernel`, `pointwise_kernel` and `bias`.

        **Raises:** `ValueError` if the inputs are shorter than the window.
        """
        channels = self._channels(input_shape)
        self._check_lengths(input_shape)
        between = channels * self.depth_multiplier
        self.depthwise_kernel = self._add(
            "depthwise", (*self.kernel_size, channels, self.depth_multiplier), "depthwise_kernel"
        )
        self.pointwise_kernel = self._add("pointwise", (*(1,) * self.rank, between, self.filters), "pointwise_kernel")
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        settled = self._settled
        if settled is None:
            settled = self._settle()
        (first, second), after, casts = settled
        depthwise, pointwise, bias = self.depthwise_kernel, self.pointwise_kernel, self.bias
        if casts is not None:
            depthwise, pointwise = cast(depthwise, casts), cast(pointwise, casts)
            bias = None if bias is None else cast(bias, casts)
        between = record(DEPTHWISE, first, (inputs, depthwise))
        outputs = record(
            CONVOLUTION_LAYER, second, (between, pointwise) if bias is None else (between, pointwise, bias)
        )
        return outputs if after is None else after(outputs)

    def _statics(self, activation: str | None) -> tuple[Any, ...]:
        ones, channels_first = (1,) * self.rank, self.data_format == "channels_first"
        first = self.strides, self._row_padding, self.dilation_rate, channels_first
        return first, (ones, "VALID", ones, channels_first, activation)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "depth_multiplier": self.depth_multiplier,
            **self._window_config(),
            **self._weights_config(),
        }


class SeparableConv1D(SeparableConvolution):
    """A separable convolution over one axis (`tf.keras.layers.SeparableConv1D`).

    The arguments are as for `SeparableConv2D`, and `padding` may be `"causal"` too, as in Keras 2.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.SeparableConv1D(5, 3)(tf.ones((2, 9, 4))).shape
    TensorShape([2, 7, 5])

    ```
    """

    rank = 1
    _allows_causal = True


class SeparableConv2D(SeparableConvolution):
    """A separable convolution over two axes (`tf.keras.layers.SeparableConv2D`).

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves.
    - `padding`: `"valid"` for none or `"same"` for as many outputs as inputs, per stride.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `depth_multiplier`: how many channels each input channel has before they are mixed.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `depthwise_initializer`, `pointwise_initializer`, `bias_initializer`: of `depthwise_kernel`
      `[*window, in, depth_multiplier]`, `pointwise_kernel` `[1, 1, in * depth_multiplier, filters]` and `bias`.
    - `depthwise_regularizer`, `pointwise_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from
      weights or outputs to a loss.
    - `depthwise_constraint`, `pointwise_constraint`, `bias_constraint`: functions that optimizers apply after an
      update.

    **Raises:** `ValueError` for numbers that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.SeparableConv2D(5, 3)(tf.ones((2, 9, 9, 4))).shape
    TensorShape([2, 7, 7, 5])

    ```
    """

    rank = 2
