"""The convolutions of `tf.nn`."""

from __future__ import annotations

from typing import Any

from functape._api._nn_windows import channels_first, entries, listed, padding_of, spatial
from functape._api._static import as_int, operand
from functape._engine._recorder import record
from functape._ops import _convolution as rows


def pair(x: Any, filters: Any) -> tuple[Any, Any]:
    """Two tensors, the second of the first's dtype where it has none of its own."""
    given = operand(x)
    return given, operand(filters, hint=given.aval.dtype)


def _convolve(x: Any, filters: Any, strides: Any, padding: Any, first: bool, dilations: Any, rank: int, op: str) -> Any:
    steps = spatial(strides, rank, first, "strides", op)
    holes = (1,) * rank if dilations is None else spatial(dilations, rank, first, "dilations", op)
    pads = padding_of(padding, rank, first, op, explicit=rank == 2)
    return record(rows.CONVOLUTION, (steps, pads, holes, first), pair(x, filters))


def conv2d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution over two axes (`tf.nn.conv2d`).

    **Arguments:**
    - `input`: `[..., height, width, channels]`, or `[..., channels, height, width]` for `"NCHW"`.
    - `filters`: `[height, width, channels / groups, outputs]`.
    - `strides`: how far the window moves: an int, or a list of 1, 2 or 4.
    - `padding`: `"SAME"`, `"VALID"`, or a list of 4 pairs.
    - `data_format`: `"NHWC"` or `"NCHW"`.
    - `dilations`: how far apart the window's elements lie; as `strides`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., height, width, outputs]`.

    **Raises:** `InvalidArgumentError` for shapes or dtypes that do not fit; `ValueError` for lists of a wrong length.

    ```python
    >>> import functape as tf
    >>> tf.nn.conv2d(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), strides=1, padding="VALID").shape
    TensorShape([1, 3, 3, 4])

    ```
    """
    first = channels_first(data_format, 2, "Conv2D")
    return _convolve(input, filters, strides, padding, first, dilations, 2, "Conv2D")


def conv1d(
    input: Any,
    filters: Any,
    stride: Any,
    padding: Any,
    data_format: Any = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution over one axis (`tf.nn.conv1d`). The arguments are as for `conv2d`, with one spatial axis.

    ```python
    >>> import functape as tf
    >>> tf.nn.conv1d(tf.ones([1, 5, 2]), tf.ones([3, 2, 4]), stride=1, padding="SAME").shape
    TensorShape([1, 5, 4])

    ```
    """
    # TensorFlow takes the names of two axes here too.
    named = {"NHWC": "NWC", "NCHW": "NCW"}.get(data_format, data_format)
    first = channels_first(named, 1, "Conv1D", ValueError)
    return _convolve(input, filters, stride, padding, first, dilations, 1, "Conv1D")


def conv3d(
    input: Any,
    filters: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution over three axes (`tf.nn.conv3d`).

    The arguments are as for `conv2d`, with three spatial axes; `strides` and `dilations` are lists of 5.

    ```python
    >>> import functape as tf
    >>> x, filters = tf.ones([1, 4, 4, 4, 1]), tf.ones([2, 2, 2, 1, 3])
    >>> tf.nn.conv3d(x, filters, strides=[1, 1, 1, 1, 1], padding="VALID").shape
    TensorShape([1, 3, 3, 3, 3])

    ```
    """
    first = channels_first(data_format, 3, "Conv3D")
    steps = listed(strides, 3, first, "strides", "conv3d")
    holes = (1, 1, 1) if dilations is None else listed(dilations, 3, first, "dilations", "conv3d")
    pads = padding_of(padding, 3, first, "Conv3D", explicit=False)
    return record(rows.CONVOLUTION, (steps, pads, holes, first), pair(input, filters))


def convolution(
    input: Any,
    filters: Any,
    strides: Any = None,
    padding: Any = "VALID",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution over one, two or three axes, as many as the filters have (`tf.nn.convolution`).

    **Arguments:**
    - `input`: `[..., *lengths, channels]`, or `[..., channels, *lengths]` for a format that begins with `"NC"`.
    - `filters`: `[*window, channels / groups, outputs]`.
    - `strides`, `dilations`: an int, or a number for each spatial axis; not both above 1.
    - `padding`: `"SAME"`, `"VALID"`, or a list of pairs.
    - `data_format`: None for channels last, or a name.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` if strides and dilations are both above 1, or the rank is none of these.

    ```python
    >>> import functape as tf
    >>> tf.nn.convolution(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4])).shape
    TensorShape([1, 3, 3, 4])

    ```
    """
    x, kernel = pair(input, filters)
    rank = kernel.aval.ndim - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"`filters` must have 1, 2 or 3 spatial axes. Received: filters.shape={kernel.aval.shape}")
    if x.aval.ndim < rank + 2:
        raise ValueError(
            f"`input` must have at least {rank + 2} axes for these filters. Received: input.shape={x.aval.shape}"
        )
    first = isinstance(data_format, str) and data_format.startswith("NC")
    steps = (1,) * rank if strides is None else spatial(strides, rank, first, "strides", "Convolution")
    holes = (1,) * rank if dilations is None else spatial(dilations, rank, first, "dilations", "Convolution")
    if max(steps) > 1 and max(holes) > 1:
        raise ValueError(
            f"`strides > 1` not supported in conjunction with `dilations > 1`. "
            f"Received: strides={strides} and dilations={dilations}"
        )
    pads = padding_of(padding, rank, first, "Convolution")
    return record(rows.CONVOLUTION, (steps, pads, holes, first), (x, kernel))


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None) -> Any:
    """A convolution whose window has holes (`tf.nn.atrous_conv2d`).

    **Arguments:**
    - `value`: `[batch, height, width, channels]`.
    - `filters`: `[height, width, channels, outputs]`.
    - `rate`: how far apart the window's elements lie: an int.
    - `padding`: `"SAME"` or `"VALID"`.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for another padding.

    ```python
    >>> import functape as tf
    >>> tf.nn.atrous_conv2d(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), rate=2, padding="VALID").shape
    TensorShape([1, 1, 1, 4])

    ```
    """
    if padding not in ("SAME", "VALID") and as_int(rate, "rate") > 1:
        raise ValueError(f"`padding` must be 'SAME' or 'VALID'. Received: padding={padding!r}")
    return convolution(value, filters, padding=padding, dilations=[rate, rate])


def _transpose(
    x: Any, filters: Any, output_shape: Any, strides: Any, padding: Any, first: bool, dilations: Any, rank: int, op: str
) -> Any:
    given, kernel = pair(x, filters)
    steps = spatial(strides, rank, first, "strides", op)
    holes = (1,) * rank if dilations is None else spatial(dilations, rank, first, "dilations", op)
    pads = padding_of(padding, rank, first, op, explicit=rank == 2)
    shape = entries(output_shape, "output_shape")
    if len(shape) != rank + 2:
        raise rows.checks.InvalidArgumentError(
            message=f"`output_shape` must have {rank + 2} entries [Op:{op}]. Received: output_shape={output_shape}"
        )
    lengths = shape[2:] if first else shape[1:-1]
    output = record(rows.CONVOLUTION_TRANSPOSE, (lengths, steps, pads, holes, first), (given, kernel))
    if output.aval.shape != shape:
        rows.refuse(op, f"`output_shape` is {list(shape)}, but input and filters make {list(output.aval.shape)}")
    return output


def conv2d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: Any = "NHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose of a convolution over two axes (`tf.nn.conv2d_transpose`): its gradient, used as a layer.

    **Arguments:**
    - `input`: `[batch, height, width, channels]`, or `[batch, channels, height, width]` for `"NCHW"`.
    - `filters`: `[height, width, outputs, channels]`.
    - `output_shape`: the shape of the result: 4 ints or a tensor.
    - `strides`: how far apart the input's elements come to lie: an int, or a list of 1, 2 or 4.
    - `padding`, `data_format`, `dilations`: as for `conv2d`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of `output_shape`.

    **Raises:** `InvalidArgumentError` if the convolution of `output_shape` would not have the shape of `input`.

    ```python
    >>> import functape as tf
    >>> tf.nn.conv2d_transpose(tf.ones([1, 4, 4, 2]), tf.ones([3, 3, 5, 2]), [1, 8, 8, 5], strides=2).shape
    TensorShape([1, 8, 8, 5])

    ```
    """
    first = channels_first(data_format, 2, "Conv2DBackpropInput")
    return _transpose(input, filters, output_shape, strides, padding, first, dilations, 2, "Conv2DBackpropInput")


def conv1d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: Any = "NWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose of a convolution over one axis (`tf.nn.conv1d_transpose`); otherwise as `conv2d_transpose`.

    ```python
    >>> import functape as tf
    >>> tf.nn.conv1d_transpose(tf.ones([1, 4, 2]), tf.ones([3, 5, 2]), [1, 8, 5], strides=2).shape
    TensorShape([1, 8, 5])

    ```
    """
    first = channels_first(data_format, 1, "Conv1DTranspose", ValueError)
    return _transpose(input, filters, output_shape, strides, padding, first, dilations, 1, "Conv1DTranspose")


def conv3d_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: Any = "NDHWC",
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose of a convolution over three axes (`tf.nn.conv3d_transpose`); otherwise as `conv2d_transpose`.

    ```python
    >>> import functape as tf
    >>> x, filters = tf.ones([1, 2, 2, 2, 2]), tf.ones([3, 3, 3, 5, 2])
    >>> tf.nn.conv3d_transpose(x, filters, [1, 4, 4, 4, 5], strides=2).shape
    TensorShape([1, 4, 4, 4, 5])

    ```
    """
    first = channels_first(data_format, 3, "Conv3DBackpropInputV2")
    return _transpose(input, filters, output_shape, strides, padding, first, dilations, 3, "Conv3DBackpropInputV2")


def conv_transpose(
    input: Any,
    filters: Any,
    output_shape: Any,
    strides: Any,
    padding: Any = "SAME",
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """The transpose of a convolution, over as many axes as `output_shape` has (`tf.nn.conv_transpose`).

    The arguments are as for `conv2d_transpose`.

    ```python
    >>> import functape as tf
    >>> tf.nn.conv_transpose(tf.ones([1, 4, 2]), tf.ones([3, 5, 2]), [1, 8, 5], strides=2).shape
    TensorShape([1, 8, 5])

    ```
    """
    rank = len(entries(output_shape, "output_shape")) - 2
    if rank not in (1, 2, 3):
        raise ValueError(f"`output_shape` must have 3, 4 or 5 entries. Received: output_shape={output_shape}")
    first = isinstance(data_format, str) and data_format.startswith("NC")
    return _transpose(input, filters, output_shape, strides, padding, first, dilations, rank, "ConvTranspose")


def atrous_conv2d_transpose(
    value: Any, filters: Any, output_shape: Any, rate: Any, padding: Any, name: str | None = None
) -> Any:
    """The transpose of a convolution whose window has holes (`tf.nn.atrous_conv2d_transpose`).

    **Arguments:**
    - `value`: `[batch, height, width, channels]`.
    - `filters`: `[height, width, outputs, channels]`.
    - `output_shape`: the shape of the result.
    - `rate`: how far apart the window's elements lie: an int.
    - `padding`: `"SAME"` or `"VALID"`.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` for another padding.

    ```python
    >>> import functape as tf
    >>> tf.nn.atrous_conv2d_transpose(tf.ones([1, 4, 4, 2]), tf.ones([3, 3, 5, 2]), [1, 8, 8, 5], 2, "VALID").shape
    TensorShape([1, 8, 8, 5])

    ```
    """
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"`padding` must be 'SAME' or 'VALID'. Received: padding={padding!r}")
    return _transpose(value, filters, output_shape, 1, padding, False, [rate, rate], 2, "AtrousConv2DTranspose")


def depthwise_conv2d(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution of each channel by itself (`tf.nn.depthwise_conv2d`).

    **Arguments:**
    - `input`: `[batch, height, width, channels]`, or `[batch, channels, height, width]` for `"NCHW"`.
    - `filter`: `[height, width, channels, multiplier]`.
    - `strides`: a list of 4; those of height and width are equal.
    - `padding`: `"SAME"`, `"VALID"` or a list of 4 pairs.
    - `data_format`: `"NHWC"`, the default, or `"NCHW"`.
    - `dilations`: an int or two; above 1 only if the strides are 1.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch, height, width, channels * multiplier]`.

    **Raises:** `InvalidArgumentError` for shapes or strides that do not fit.

    ```python
    >>> import functape as tf
    >>> x, filters = tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4])
    >>> tf.nn.depthwise_conv2d(x, filters, strides=[1, 1, 1, 1], padding="VALID").shape
    TensorShape([1, 3, 3, 8])

    ```
    """
    statics = _depthwise_statics(strides, padding, data_format, dilations)
    return record(rows.DEPTHWISE, statics, pair(input, filter))


def _depthwise_statics(strides: Any, padding: Any, data_format: Any, dilations: Any) -> tuple[Any, ...]:
    op = "depthwise_conv2d_native"
    first = channels_first(data_format, 2, op)
    steps = listed(strides, 2, first, "strides", op)
    holes = (1, 1) if dilations is None else spatial(dilations, 2, first, "dilations", op)
    if steps[0] != steps[1]:
        rows.refuse(op, f"Only equal strides along height and width are supported. Received: strides={strides}")
    if max(steps) > 1 and max(holes) > 1:
        raise ValueError(
            f"`strides` above 1 and `dilations` above 1 do not go together. "
            f"Received: strides={strides} and dilations={dilations}"
        )
    return steps, padding_of(padding, 2, first, op), holes, first


def separable_conv2d(
    input: Any,
    depthwise_filter: Any,
    pointwise_filter: Any,
    strides: Any,
    padding: Any,
    data_format: Any = None,
    dilations: Any = None,
    name: str | None = None,
) -> Any:
    """A convolution of each channel by itself, then one that mixes the channels (`tf.nn.separable_conv2d`).

    **Arguments:**
    - `depthwise_filter`: `[height, width, channels, multiplier]`.
    - `pointwise_filter`: `[1, 1, channels * multiplier, outputs]`.
    - The others are as for `depthwise_conv2d`.

    **Raises:** `ValueError` for a pointwise filter that is larger than 1.

    ```python
    >>> import functape as tf
    >>> x, depthwise, pointwise = tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), tf.ones([1, 1, 8, 3])
    >>> tf.nn.separable_conv2d(x, depthwise, pointwise, strides=[1, 1, 1, 1], padding="SAME").shape
    TensorShape([1, 5, 5, 3])

    ```
    """
    given, pointwise = pair(input, pointwise_filter)
    if pointwise.aval.ndim != 4 or pointwise.aval.shape[:2] != (1, 1):
        raise ValueError(
            f"`pointwise_filter` must have the shape [1, 1, channels, outputs]. "
            f"Received: pointwise_filter.shape={pointwise.aval.shape}"
        )
    between = depthwise_conv2d(given, depthwise_filter, strides, padding, data_format, dilations)
    first = channels_first(data_format, 2, "SeparableConv2D")
    return record(rows.CONVOLUTION, ((1, 1), "VALID", (1, 1), first), (between, pointwise))


def depthwise_conv2d_backprop_input(
    input_sizes: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006
    name: str | None = None,
) -> Any:
    """The gradient of `depthwise_conv2d` for its input (`tf.nn.depthwise_conv2d_backprop_input`).

    **Arguments:**
    - `input_sizes`: the shape of the input.
    - `filter`: as for `depthwise_conv2d`.
    - `out_backprop`: the gradient for its output.
    - The others are as for `depthwise_conv2d`.

    **Returns:** a tensor of the shape `input_sizes`.

    ```python
    >>> import functape as tf
    >>> filters, gradient = tf.ones([3, 3, 2, 1]), tf.ones([1, 3, 3, 2])
    >>> tf.nn.depthwise_conv2d_backprop_input([1, 5, 5, 2], filters, gradient, [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 5, 5, 2])

    ```
    """
    statics = _depthwise_statics(strides, padding, data_format, dilations)
    gradient, kernel = pair(out_backprop, filter)
    return record(rows.DEPTHWISE_BACKPROP_INPUT, (entries(input_sizes, "input_sizes"), *statics), (kernel, gradient))


def depthwise_conv2d_backprop_filter(
    input: Any,
    filter_sizes: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    data_format: Any = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006
    name: str | None = None,
) -> Any:
    """The gradient of `depthwise_conv2d` for its filters (`tf.nn.depthwise_conv2d_backprop_filter`).

    **Arguments:**
    - `input`: as for `depthwise_conv2d`.
    - `filter_sizes`: the shape of the filters.
    - `out_backprop`: the gradient for its output.
    - The others are as for `depthwise_conv2d`.

    **Returns:** a tensor of the shape `filter_sizes`.

    ```python
    >>> import functape as tf
    >>> x, gradient = tf.ones([1, 5, 5, 2]), tf.ones([1, 3, 3, 2])
    >>> tf.nn.depthwise_conv2d_backprop_filter(x, [3, 3, 2, 1], gradient, [1, 1, 1, 1], "VALID").shape
    TensorShape([3, 3, 2, 1])

    ```
    """
    statics = _depthwise_statics(strides, padding, data_format, dilations)
    x, gradient = pair(input, out_backprop)
    return record(rows.DEPTHWISE_BACKPROP_FILTER, (entries(filter_sizes, "filter_sizes"), *statics), (x, gradient))
