"""Convolutions, pooling and other moving windows."""

from __future__ import annotations

from typing import Any

from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape._ops._convolution import CONVOLUTION, CONVOLUTION_TRANSPOSE, DEPTHWISE
from functape._ops._keras_pooling import ADAPTIVE_AVERAGE, ADAPTIVE_MAXIMUM
from functape._ops._pooling import AVERAGE_POOL, MAX_POOL
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer_windows import integers, padding_name
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, tensor


def _first(data_format: Any) -> bool:
    return standardize_data_format(data_format) == "channels_first"


def _pooled(row: Op, inputs: Any, size: Any, strides: Any, padding: str, data_format: Any) -> Any:
    given = tensor(inputs)
    rank = given.aval.ndim - 2
    window = integers(size, rank, "pool_size")
    steps = window if strides is None else integers(strides, rank, "strides")
    return record(row, (window, steps, padding_name(padding).upper(), _first(data_format)), (given,))


def _pooling(row: Op) -> Any:
    return lambda inputs, pool_size, strides=None, padding="valid", data_format=None: _pooled(
        row, inputs, pool_size, strides, padding, data_format
    )


def _adaptive(row: Op) -> Any:
    def function(inputs, output_size, data_format=None):  # type: ignore[no-untyped-def]
        given = tensor(inputs)
        size = integers(output_size, given.aval.ndim - 2, "output_size")
        return record(row, (size, _first(data_format)), (given,))

    return function


def _moved(row: Op, inputs: Any, kernel: Any, strides: Any, padding: str, data_format: Any, dilation: Any) -> Any:
    given, filters = common((inputs, kernel))
    rank = given.aval.ndim - 2
    steps, holes = integers(strides, rank, "strides"), integers(dilation, rank, "dilation_rate")
    return record(row, (steps, padding_name(padding).upper(), holes, _first(data_format)), (given, filters))


def _convolving(row: Op) -> Any:
    return lambda inputs, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1: _moved(
        row, inputs, kernel, strides, padding, data_format, dilation_rate
    )


def _separated(
    inputs: Any, depthwise: Any, pointwise: Any, strides: Any, padding: str, data_format: Any, dilation: Any
) -> Any:
    parted = _moved(DEPTHWISE, inputs, depthwise, strides, padding, data_format, dilation)
    return _moved(CONVOLUTION, parted, pointwise, 1, "valid", data_format, 1)


def _transposed(
    inputs: Any, kernel: Any, strides: Any, padding: str, extra: Any, data_format: Any, dilation: Any
) -> Any:
    given, filters = common((inputs, kernel))
    rank = given.aval.ndim - 2
    first = _first(data_format)
    steps, holes = integers(strides, rank, "strides"), integers(dilation, rank, "dilation_rate")
    name = padding_name(padding)
    more = None if extra is None else integers(extra, rank, "output_padding", 0)
    shape = given.aval.shape
    lengths = []
    for axis, length in enumerate(shape[2:] if first else shape[1:-1]):
        span = (filters.aval.shape[axis] - 1) * holes[axis] + 1
        if more is not None:
            cut = 2 * (span // 2) if name == "same" else 0
            lengths.append((length - 1) * steps[axis] + span - cut + more[axis])
        else:
            lengths.append(length * steps[axis] + (0 if name == "same" else max(span - steps[axis], 0)))
    statics = (tuple(lengths), steps, name.upper(), holes, first)
    return record(CONVOLUTION_TRANSPOSE, statics, (given, filters))


def _unfolded(x: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    statics = _sliding(kernel_size, dilation, padding, stride)
    return record(rows.UNFOLD, statics, (tensor(x),))


def _folded(x: Any, output_size: Any, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> Any:
    size = integers(output_size, 2, "output_size")
    return record(rows.FOLD, (size, *_sliding(kernel_size, dilation, padding, stride)), (tensor(x),))


def _sliding(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Any, ...]:
    return (
        integers(kernel_size, 2, "kernel_size"),
        integers(dilation, 2, "dilation"),
        integers(padding, 2, "padding", 0),
        integers(stride, 2, "stride"),
    )


_WINDOWS: Rows = {
    "average_pool": ("The mean of each window", _pooling(AVERAGE_POOL)),
    "max_pool": ("The maximum of each window", _pooling(MAX_POOL)),
    "adaptive_average_pool": ("The means of so many windows", _adaptive(ADAPTIVE_AVERAGE)),
    "adaptive_max_pool": ("The maxima of so many windows", _adaptive(ADAPTIVE_MAXIMUM)),
    "conv": ("A convolution", _convolving(CONVOLUTION)),
    "depthwise_conv": ("A convolution of each channel by itself", _convolving(DEPTHWISE)),
    "separable_conv": (
        "A convolution of each channel by itself, and then of all at each place",
        lambda inputs, depthwise_kernel, pointwise_kernel, strides=1, padding="valid", data_format=None,
        dilation_rate=1: _separated(
            inputs, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
        ),
    ),
    "conv_transpose": (
        "The gradient of a convolution",
        lambda inputs, kernel, strides=1, padding="valid", output_padding=None, data_format=None, dilation_rate=1: (
            _transposed(inputs, kernel, strides, padding, output_padding, data_format, dilation_rate)
        ),
    ),
    "unfold": (
        "The windows of images as columns",
        lambda x, kernel_size, dilation=1, padding=0, stride=1: _unfolded(x, kernel_size, dilation, padding, stride),
    ),
    "fold": (
        "Columns added up to the images whose windows they are",
        lambda x, output_size, kernel_size, dilation=1, padding=0, stride=1: _folded(
            x, output_size, kernel_size, dilation, padding, stride
        ),
    ),
}  # fmt: skip

FUNCTIONS = described(_WINDOWS)
