"""The backend's convolutions, pooling and resizing."""

from __future__ import annotations

from typing import Any

from functape._api import _nn_convolution as convolution
from functape._api import _nn_pooling as pooling
from functape._api import _reductions as reductions
from functape._api import _shaping as shaping
from functape._api._nn import batch_normalization, moments
from functape._api._static import operand
from functape.keras._configuration import standardize_data_format
from functape.keras._local_convolution import local_convolution
from functape.keras.backend._table import described

_PADDINGS = {"same": "SAME", "valid": "VALID"}


def _padding(name: str) -> str:
    if name not in _PADDINGS:
        raise ValueError(f"Invalid padding: {name}")
    return _PADDINGS[name]


def _channels_last(compute: Any, x: Any, data_format: Any) -> Any:
    """A function of channels-last images, of images in either format."""
    given = operand(x)
    if standardize_data_format(data_format) == "channels_last":
        return compute(given)
    rank = given.aval.ndim
    made = compute(shaping.transpose(given, (0, *range(2, rank), 1)))
    return shaping.transpose(made, (0, rank - 1, *range(1, rank - 1)))


def _convolved(x: Any, kernel: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any) -> Any:
    kernel = operand(kernel)
    if padding == "causal":
        before = dilation_rate * (kernel.aval.shape[0] - 1)
        margins = [[0, 0], [before, 0], [0, 0]]
        return _channels_last(
            lambda images: convolution.convolution(shaping.pad(images, margins), kernel, strides, "VALID", None,
                                                   dilation_rate), x, data_format)  # fmt: skip
    return _channels_last(
        lambda images: convolution.convolution(images, kernel, strides, _padding(padding), None, dilation_rate),
        x,
        data_format,
    )


def _transposed(
    x: Any, kernel: Any, output_shape: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any
) -> Any:
    shape = list(output_shape)
    if standardize_data_format(data_format) == "channels_first":
        shape = [shape[0], *shape[2:], shape[1]]
    if shape[0] is None:
        shape[0] = operand(x).aval.shape[0]
    if tuple(dilation_rate) == (1, 1):
        return _channels_last(
            lambda images: convolution.conv2d_transpose(images, kernel, shape, strides, _padding(padding)),
            x,
            data_format,
        )
    if dilation_rate[0] != dilation_rate[1]:
        raise ValueError(
            "Expected the 2 dimensions of the `dilation_rate` argument to be equal to each other. Received: "
            f"dilation_rate={dilation_rate}"
        )
    return _channels_last(
        lambda images: convolution.atrous_conv2d_transpose(images, kernel, shape, dilation_rate[0], _padding(padding)),
        x,
        data_format,
    )


def _pooled(x: Any, pool_size: Any, strides: Any, padding: str, data_format: Any, pool_mode: str, rank: int) -> Any:
    for name, given in (("pool_size", pool_size), ("strides", strides)):
        if len(given) != rank:
            raise ValueError(f"`{name}` must be a tuple of {rank} integers. Received: {name}={given}")
    kinds = {("max", 2): pooling.max_pool2d, ("max", 3): pooling.max_pool3d, ("avg", 2): pooling.avg_pool2d}
    function = (kinds | {("avg", 3): pooling.avg_pool3d}).get((pool_mode, rank))
    if function is None:
        raise ValueError(f"Invalid pooling mode: {pool_mode}")
    return _channels_last(
        lambda images: function(images, list(pool_size), list(strides), _padding(padding)), x, data_format
    )


def _all_strides(strides: Any) -> list[int]:
    return [1, *strides, 1]


def _resized(x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str) -> Any:
    from functape import image

    def resize(images: Any) -> Any:
        height, width = images.shape[1:3]
        return image.resize(images, [height * height_factor, width * width_factor], method=interpolation)

    return _channels_last(resize, x, data_format)


def _repeated(x: Any, factors: tuple[int, ...], data_format: str) -> Any:
    first = 1 if standardize_data_format(data_format) == "channels_last" else 2
    for axis, factor in enumerate(factors, first):
        x = shaping.repeat(x, factor, axis)
    return x


def _normalized(x: Any, gamma: Any, beta: Any, axes: Any, epsilon: float) -> Any:
    given = operand(x)
    mean, variance = moments(given, list(axes))
    rank = given.aval.ndim
    kept = [1 if axis in axes else length for axis, length in enumerate(given.aval.shape)]
    straight = sorted(axes) == list(range(rank))[:-1]
    fused = rank == 4 and list(axes) in ([0, 1, 2], [0, 2, 3])

    def spread(part: Any) -> Any:
        return part if part is None or straight else shaping.reshape(part, kept)

    made = batch_normalization(given, spread(mean), spread(variance), spread(beta), spread(gamma), epsilon)
    if fused:
        # The fused kernel's variance is that of a sample.
        count = reductions.reduce_prod(operand([given.aval.shape[axis] for axis in axes])).numpy()
        variance = variance * (float(count) / max(float(count) - 1.0, 1.0))
    return made, mean, variance


FUNCTIONS = described(
    {
        "conv1d": (
            "A convolution over one axis",
            lambda x, kernel, strides=1, padding="valid", data_format=None, dilation_rate=1: _convolved(
                x, kernel, strides, padding, data_format, dilation_rate
            ),
        ),
        "conv2d": (
            "A convolution over two axes",
            lambda x, kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1): _convolved(
                x, kernel, strides, padding, data_format, dilation_rate
            ),
        ),
        "conv3d": (
            "A convolution over three axes",
            lambda x, kernel, strides=(1, 1, 1), padding="valid", data_format=None, dilation_rate=(1, 1, 1): (
                _convolved(x, kernel, strides, padding, data_format, dilation_rate)
            ),
        ),
        "conv2d_transpose": (
            "The gradient of a convolution over two axes",
            lambda x, kernel, output_shape, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1): (
                _transposed(x, kernel, output_shape, strides, padding, data_format, dilation_rate)
            ),
        ),
        "depthwise_conv2d": (
            "A convolution of each channel by itself",
            lambda x, depthwise_kernel, strides=(1, 1), padding="valid", data_format=None, dilation_rate=(1, 1): (
                _channels_last(
                    lambda images: convolution.depthwise_conv2d(
                        images, depthwise_kernel, _all_strides(strides), _padding(padding), None, list(dilation_rate)
                    ),
                    x,
                    data_format,
                )
            ),
        ),
        "separable_conv2d": (
            "A convolution of each channel by itself, and then of all at each place",
            lambda x, depthwise_kernel, pointwise_kernel, strides=(1, 1), padding="valid", data_format=None,
            dilation_rate=(1, 1): _channels_last(
                lambda images: convolution.separable_conv2d(
                    images, depthwise_kernel, pointwise_kernel, _all_strides(strides), _padding(padding), None,
                    list(dilation_rate),
                ),
                x,
                data_format,
            ),
        ),
        "local_conv1d": (
            "A convolution over one axis with filters for each place",
            lambda inputs, kernel, kernel_size, strides, data_format=None: local_convolution(
                inputs, operand(kernel), tuple(kernel_size), tuple(strides),
                standardize_data_format(data_format) == "channels_first",
            ),
        ),
        "local_conv2d": (
            "A convolution over two axes with filters for each place",
            lambda inputs, kernel, kernel_size, strides, output_shape, data_format=None: local_convolution(
                inputs, operand(kernel), tuple(kernel_size), tuple(strides),
                standardize_data_format(data_format) == "channels_first",
            ),
        ),
        "pool2d": (
            "The largest or the mean of each window of images",
            lambda x, pool_size, strides=(1, 1), padding="valid", data_format=None, pool_mode="max": _pooled(
                x, pool_size, strides, padding, data_format, pool_mode, 2
            ),
        ),
        "pool3d": (
            "The largest or the mean of each window of volumes",
            lambda x, pool_size, strides=(1, 1, 1), padding="valid", data_format=None, pool_mode="max": _pooled(
                x, pool_size, strides, padding, data_format, pool_mode, 3
            ),
        ),
        "resize_images": (
            "Images made larger",
            lambda x, height_factor, width_factor, data_format, interpolation="nearest": _resized(
                x, height_factor, width_factor, data_format, interpolation
            ),
        ),
        "resize_volumes": (
            "Volumes made larger",
            lambda x, depth_factor, height_factor, width_factor, data_format: _repeated(
                x, (depth_factor, height_factor, width_factor), data_format
            ),
        ),
        "normalize_batch_in_training": (
            "A batch normalized, its mean and its variance",
            lambda x, gamma, beta, reduction_axes, epsilon=1e-3: _normalized(x, gamma, beta, reduction_axes, epsilon),
        ),
    },
    "functape.keras.backend",
)  # fmt: skip
