"""Transposed convolutions over one to three axes."""

from __future__ import annotations

from typing import Any

from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._fused import CONVOLUTION_TRANSPOSE_LAYER
from functape.keras.layers._layer_windows import integers
from functape.keras.layers.convolutional._convolving import Convolving, positive


class ConvolutionTranspose(Convolving):
    """The base of `Conv1DTranspose`, `Conv2DTranspose` and `Conv3DTranspose`.

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves over the outputs.
    - `padding`: `"valid"` or `"same"`, of the convolution that is transposed.
    - `output_padding`: how much longer the outputs are than they need to be, less than the strides.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of `kernel` `[*window, filters, in]` and `bias` `[filters]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.
    """

    _row = CONVOLUTION_TRANSPOSE_LAYER

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
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
        self.use_bias = use_bias
        self._take_window(kernel_size, strides, padding, data_format, dilation_rate, activation)
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = integers(output_padding, self.rank, "output_padding", 0)
            if any(extra >= stride for extra, stride in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    "`output_padding` must be strictly less than `strides` for all dimensions. Received: "
                    f"output_padding={self.output_padding}, strides={self.strides}"
                )
        self._take_weight_settings(given)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`."""
        channels = self._channels(input_shape)
        self.kernel = self._add("kernel", (*self.kernel_size, self.filters, channels))
        self.bias = self._add("bias", (self.filters,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        settled = self._settled
        if settled is None:
            settled = self._settle()
        statics, after, casts = settled
        kernel, bias = self.kernel, self.bias
        if casts is not None:
            kernel, bias = cast(kernel, casts), None if bias is None else cast(bias, casts)
        shape = inputs.aval.shape
        lengths = self._output_lengths(shape[2:] if statics[3] else shape[1:-1])
        outputs = record(self._row, (lengths, *statics), (inputs, kernel) if bias is None else (inputs, kernel, bias))
        return outputs if after is None else after(outputs)

    def _output_lengths(self, lengths: tuple[int, ...]) -> tuple[int, ...]:
        """The outputs' lengths over the spatial axes: the least that the convolution makes the inputs' lengths of."""
        found = []
        for axis, length in enumerate(lengths):
            stride = self.strides[axis]
            span = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
            same = self.padding == "same"
            if self.output_padding is not None:
                cut = 2 * (span // 2) if same else 0
                found.append((length - 1) * stride + span - cut + self.output_padding[axis])
            else:
                found.append(length * stride + (0 if same else max(span - stride, 0)))
        return tuple(found)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "filters": self.filters,
            **self._window_config(),
            "output_padding": self.output_padding,
            **self._weights_config(),
        }


class Conv1DTranspose(ConvolutionTranspose):
    """The transpose of a convolution over one axis (`tf.keras.layers.Conv1DTranspose`).

    The arguments are as for `Conv2DTranspose`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Conv1DTranspose(5, 3, strides=2)(tf.ones((2, 4, 3))).shape
    TensorShape([2, 9, 5])

    ```
    """

    rank = 1


class Conv2DTranspose(ConvolutionTranspose):
    """The transpose of a convolution over two axes (`tf.keras.layers.Conv2DTranspose`).

    **Arguments:**
    - `filters`: the number of output channels.
    - `kernel_size`: the window, a number or one for each axis.
    - `strides`: how far it moves over the outputs.
    - `padding`: `"valid"` or `"same"`, of the convolution that is transposed.
    - `output_padding`: how much longer the outputs are than they need to be, less than the strides.
    - `data_format`: `"channels_last"` or `"channels_first"`.
    - `dilation_rate`: how far apart the window's elements are.
    - `activation`: a function or its name; none by default.
    - `use_bias`: whether to add a bias.
    - `kernel_initializer`, `bias_initializer`: of `kernel` `[*window, filters, in]` and `bias` `[filters]`.
    - `kernel_regularizer`, `bias_regularizer`, `activity_regularizer`: functions from weights or outputs to a loss.
    - `kernel_constraint`, `bias_constraint`: functions that optimizers apply after an update.

    **Raises:** `ValueError` for numbers that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Conv2DTranspose(5, 3, strides=2, padding="same")(tf.ones((2, 4, 4, 3))).shape
    TensorShape([2, 8, 8, 5])

    ```
    """

    rank = 2


class Conv3DTranspose(ConvolutionTranspose):
    """The transpose of a convolution over three axes (`tf.keras.layers.Conv3DTranspose`).

    The arguments are as for `Conv2DTranspose`, but `data_format` comes before `output_padding`.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Conv3DTranspose(5, 3)(tf.ones((2, 4, 4, 4, 3))).shape
    TensorShape([2, 6, 6, 6, 5])

    ```
    """

    rank = 3

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = (1, 1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: Any = None,
        dilation_rate: Any = (1, 1, 1),
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, output_padding, data_format, dilation_rate, *args, **kwargs
        )
