"""Kernels that TensorFlow has at its top level, beside the functions of `tf.nn` that are made of them."""

from __future__ import annotations

from typing import Any

from functape._api._nn_choosing import ApproxTopK, approximate
from functape._api._nn_convolution import pair
from functape._api._nn_windows import channels_first, entries, inner, listed, padding_of
from functape._api._static import as_int, invalid, operand
from functape._engine._recorder import record
from functape._ops import _convolution as rows
from functape._ops import _patches


def approx_top_k(
    input: Any,
    k: Any,
    reduction_dimension: Any = -1,
    recall_target: Any = 0.95,
    is_max_k: Any = True,
    reduction_input_size_override: Any = -1,
    aggregate_to_topk: Any = True,
    name: str | None = None,
) -> ApproxTopK:
    """The largest or smallest elements along an axis, found approximately where that is quicker (`tf.approx_top_k`).

    **Arguments:**
    - `input`: a floating tensor.
    - `is_max_k`: whether the largest, rather than the smallest.
    - The others are as for `tf.nn.approx_max_k`.

    **Returns:** values and places.

    ```python
    >>> import functape as tf
    >>> tf.approx_top_k([1.0, 3.0, 2.0], k=2).values.numpy().tolist()
    [3.0, 2.0]

    ```
    """
    return approximate(
        input,
        k,
        reduction_dimension,
        recall_target,
        reduction_input_size_override,
        aggregate_to_topk,
        bool(is_max_k),
    )


def conv(
    input: Any,
    filter: Any,
    strides: Any,
    padding: Any,
    explicit_paddings: Any = [],  # noqa: B006
    data_format: Any = "CHANNELS_LAST",
    dilations: Any = [],  # noqa: B006
    batch_dims: Any = 1,
    groups: Any = 1,
    name: str | None = None,
) -> Any:
    """A convolution over two or three axes (`tf.conv`).

    **Arguments:**
    - `input`: `[*batch, *lengths, channels]`, or `[*batch, channels, *lengths]`.
    - `filter`: `[*window, channels / groups, outputs]`.
    - `strides`, `dilations`: one number for each axis of `[batch, *lengths, channels]`.
    - `padding`: `"SAME"`, `"VALID"` or `"EXPLICIT"`.
    - `explicit_paddings`: for the last, two numbers for each axis, in one list.
    - `data_format`: `"CHANNELS_LAST"` or `"CHANNELS_FIRST"`.
    - `batch_dims`: how many axes the batch has.
    - `groups`: into how many groups the channels are divided.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for shapes or lists that do not fit.

    ```python
    >>> import functape as tf
    >>> tf.conv(tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 3, 3, 4])

    ```
    """
    x, filters = pair(input, filter)
    rank = filters.aval.ndim - 2
    if rank not in (2, 3):
        raise invalid(f"The input must have 2 or 3 spatial dimensions but got {rank} [Op:Conv]")
    if data_format not in ("CHANNELS_LAST", "CHANNELS_FIRST"):
        raise invalid(f"data_format must be 'CHANNELS_LAST' or 'CHANNELS_FIRST' [Op:Conv]. Received: {data_format!r}")
    first = data_format == "CHANNELS_FIRST"
    if x.aval.ndim != rank + 1 + as_int(batch_dims, "batch_dims"):
        raise invalid(
            f"input must have batch_dims + {rank + 1} axes [Op:Conv]. Received: input.shape={list(x.aval.shape)}, "
            f"batch_dims={batch_dims}"
        )
    channels, taken = x.aval.shape[-rank - 1 if first else -1], filters.aval.shape[-2]
    if channels != taken * as_int(groups, "groups"):
        raise invalid(
            f"Input depth must be equal to filter depth: {channels} vs {taken} in {groups} group(s) [Op:Conv]"
        )
    steps = listed(list(entries(strides, "strides")), rank, first, "strides", "Conv")
    holes = listed(list(dilations), rank, first, "dilations", "Conv") if len(dilations) else (1,) * rank
    pads = _paddings(padding, explicit_paddings, rank, first, "Conv")
    return record(rows.CONVOLUTION, (steps, pads, holes, first), (x, filters))


def _paddings(padding: Any, explicit: Any, rank: int, first: bool, op: str) -> rows.Padding:
    if padding != "EXPLICIT":
        return padding_of(padding, rank, first, op)
    numbers = entries(explicit, "explicit_paddings")
    if len(numbers) != 2 * (rank + 2):
        raise invalid(f"explicit_paddings must have {2 * (rank + 2)} numbers [Op:{op}]. Received: {explicit}")
    return padding_of(list(zip(numbers[::2], numbers[1::2], strict=True)), rank, first, op)


def conv2d_backprop_input_v2(
    input: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: Any = True,
    explicit_paddings: Any = [],  # noqa: B006
    data_format: Any = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006
    name: str | None = None,
) -> Any:
    """The gradient of `tf.nn.conv2d` for its input (`tf.conv2d_backprop_input_v2`).

    **Arguments:**
    - `input`: a tensor of the input's shape; its values do not matter.
    - `filter`: as for `tf.nn.conv2d`.
    - `out_backprop`: the gradient for its output.
    - `strides`, `padding`, `explicit_paddings`, `dilations`: as for `tf.conv`.
    - `use_cudnn_on_gpu`: accepted for compatibility: XLA chooses.
    - `data_format`: `"NHWC"` or `"NCHW"`.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> x, filters, gradient = tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), tf.ones([1, 3, 3, 4])
    >>> tf.conv2d_backprop_input_v2(x, filters, gradient, [1, 1, 1, 1], "VALID").shape
    TensorShape([1, 5, 5, 2])

    ```
    """
    gradient, filters = pair(out_backprop, filter)
    statics = (operand(input).aval.shape, *_statics(strides, padding, explicit_paddings, data_format, dilations))
    return record(rows.CONVOLUTION_BACKPROP_INPUT, statics, (filters, gradient))


def conv2d_backprop_filter_v2(
    input: Any,
    filter: Any,
    out_backprop: Any,
    strides: Any,
    padding: Any,
    use_cudnn_on_gpu: Any = True,
    explicit_paddings: Any = [],  # noqa: B006
    data_format: Any = "NHWC",
    dilations: Any = [1, 1, 1, 1],  # noqa: B006
    name: str | None = None,
) -> Any:
    """The gradient of `tf.nn.conv2d` for its filters (`tf.conv2d_backprop_filter_v2`).

    The arguments are as for `conv2d_backprop_input_v2`; of `filter` the shape matters, not the values.

    ```python
    >>> import functape as tf
    >>> x, filters, gradient = tf.ones([1, 5, 5, 2]), tf.ones([3, 3, 2, 4]), tf.ones([1, 3, 3, 4])
    >>> tf.conv2d_backprop_filter_v2(x, filters, gradient, [1, 1, 1, 1], "VALID").shape
    TensorShape([3, 3, 2, 4])

    ```
    """
    x, gradient = pair(input, out_backprop)
    statics = (operand(filter).aval.shape, *_statics(strides, padding, explicit_paddings, data_format, dilations))
    return record(rows.CONVOLUTION_BACKPROP_FILTER, statics, (x, gradient))


def _statics(strides: Any, padding: Any, explicit: Any, data_format: Any, dilations: Any) -> tuple[Any, ...]:
    first = channels_first(data_format, 2, "Conv2D")
    steps = listed(list(entries(strides, "strides")), 2, first, "strides", "Conv2D")
    holes = listed(list(entries(dilations, "dilations")), 2, first, "dilations", "Conv2D")
    return steps, _paddings(padding, explicit, 2, first, "Conv2D"), holes, first


def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: Any, name: str | None = None) -> Any:
    """What lies in a window at each of its places, as channels (`tf.extract_volume_patches`).

    **Arguments:**
    - `input`: a real tensor `[batch, depth, height, width, channels]`.
    - `ksizes`, `strides`: five numbers, 1 for batch and channels.
    - `padding`: `"SAME"` or `"VALID"`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor `[batch, *places, window * channels]`.

    **Raises:** `InvalidArgumentError` for a window that does not fit.

    ```python
    >>> import functape as tf
    >>> tf.extract_volume_patches(tf.ones([1, 3, 3, 3, 2]), [1, 2, 2, 2, 1], [1, 1, 1, 1, 1], "VALID").shape
    TensorShape([1, 2, 2, 2, 16])

    ```
    """
    op = "ExtractVolumePatches"
    numbers = [entries(each, what) for each, what in ((ksizes, "ksizes"), (strides, "strides"))]
    for each, what in zip(numbers, ("ksizes", "strides"), strict=True):
        if len(each) != 5:
            raise invalid(f"Length for attr {what!r} of {len(each)} must be 5 [Op:{op}]. Received: {what}={each}")
    window, steps = (inner(each, False, what, op) for each, what in zip(numbers, ("ksizes", "strides"), strict=True))
    return record(_patches.VOLUME_PATCHES, (window, steps, padding_of(padding, 3, False, op)), (operand(input),))
