"""What networks are made of: activations, normalization, attention, encodings and losses."""

from __future__ import annotations

import math
from typing import Any

from functape._api import _activations as nn
from functape._api import _elementwise as elementwise
from functape._api import _reductions as reductions
from functape._api import _shaping as shaping
from functape._api._choosing import one_hot
from functape._api._clipping import clip_by_value
from functape._api._cross_entropies import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
)
from functape._api._nn import batch_normalization
from functape._api._norms import norm
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._attention import BIASED_ATTENTION, DOT_PRODUCT_ATTENTION
from functape._ops._normalization import LAYER_NORM, RMS_NORM
from functape.keras._configuration import epsilon as default_epsilon
from functape.keras._configuration import standardize_dtype
from functape.keras.activations import _functions as activations
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, floats, tensor


def _activation(name: str) -> Any:
    kernel = getattr(activations, name)
    return lambda x: kernel(tensor(x))


def _over(kernel: Any, x: Any, axis: Any) -> Any:
    """A function over an axis, or over several as if they were one."""
    given = tensor(x)
    if isinstance(axis, int):
        return kernel(given, axis)
    rank = given.aval.ndim
    joined = [each % rank for each in (range(rank) if axis is None else axis)]
    order = [each for each in range(rank) if each not in joined] + joined
    moved = shaping.transpose(given, order)
    shape = moved.aval.shape
    made = kernel(shaping.reshape(moved, [*shape[: rank - len(joined)], -1]), -1)
    return shaping.transpose(shaping.reshape(made, shape), [order.index(each) for each in range(rank)])


def _encoded(x: Any, count: Any, axis: int, dtype: Any, sparse: bool) -> Any:
    if sparse:
        raise ValueError("sparse=True is not supported: the encoding is dense. Received: sparse=True")
    wanted = standardize_dtype(dtype or "float32")
    return cast(one_hot(tensor(x, "int64"), count, axis=axis, dtype="float32"), wanted)


def _encoded_together(x: Any, count: Any, axis: int, dtype: Any, sparse: bool, others: dict[str, Any]) -> Any:
    wanted = count if count is not None else others.pop("num_tokens", None)
    if wanted is None:
        raise ValueError("Argument `num_classes` must be specified. Received: num_classes=None")
    if others:
        raise TypeError(f"Unrecognized keyword arguments in multi_hot: {sorted(others)}")
    given = tensor(x)
    return reductions.reduce_max(_encoded(given, wanted, axis, dtype, sparse), 1 if given.aval.ndim > 1 else 0)


def _normalized(x: Any, axis: Any, order: Any, epsilon: Any) -> Any:
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"Argument `order` must be an int >= 1. Received: order={order}")
    given = floats(x)
    least = default_epsilon() if epsilon is None else epsilon
    if order == 2:
        squares = reductions.reduce_sum(elementwise.square(given), axis, keepdims=True)
        return given * elementwise.rsqrt(elementwise.maximum(squares, tensor(least**2, given.aval.dtype)))
    length = norm(given, order, axis, keepdims=True)
    return given / elementwise.maximum(length, tensor(least, given.aval.dtype))


def _axes_of(x: Any, axis: Any) -> tuple[int, ...]:
    return tuple(each % x.aval.ndim for each in (axis if isinstance(axis, list | tuple) else [axis]))


def _layer_normalized(x: Any, gamma: Any, beta: Any, axis: Any, epsilon: Any, others: dict[str, Any]) -> Any:
    scaling = others.pop("rms_scaling", False)
    if others:
        raise TypeError(f"Unrecognized keyword arguments in layer_normalization: {sorted(others)}")
    given = floats(x)
    axes = _axes_of(given, axis)
    weights = [None if each is None else tensor(each) for each in (gamma, beta)]
    least = default_epsilon() if epsilon is None else epsilon
    if scaling:
        variance = reductions.reduce_variance(given, list(axes), keepdims=True)
        made = given * elementwise.rsqrt(variance + least)
        return made if weights[0] is None else made * cast(weights[0], given.aval.dtype)
    statics = axes, float(least), gamma is not None, beta is not None
    return record(LAYER_NORM, statics, (given, *(each for each in weights if each is not None)))


def _rms_normalized(x: Any, scale: Any, axis: Any, epsilon: Any) -> Any:
    given = floats(x)
    least = default_epsilon() if epsilon is None else epsilon
    inputs = (given,) if scale is None else (given, tensor(scale, given.aval.dtype))
    return record(RMS_NORM, (_axes_of(given, axis), float(least), scale is not None), inputs)


def _batch_normalized(x: Any, mean: Any, variance: Any, axis: int, offset: Any, scale: Any, epsilon: float) -> Any:
    given = floats(x)
    shape = [1] * given.aval.ndim
    shape[axis] = -1
    middle, spread, moved, scaled = (
        None if each is None else shaping.reshape(tensor(each, given.aval.dtype), shape)
        for each in (mean, variance, offset, scale)
    )
    return batch_normalization(given, middle, spread, moved, scaled, epsilon)


def _attended(
    query: Any, key: Any, value: Any, bias: Any, mask: Any, scale: Any, causal: bool, flash: Any, cap: Any
) -> Any:
    if flash:
        raise ValueError("Flash attention is not supported in the TensorFlow backend. Pass flash_attention=None.")
    if cap is not None:
        raise ValueError(f"attn_logits_soft_cap is not supported. Received: attn_logits_soft_cap={cap}")
    given = common((query, key, value), float)
    for each in given:
        if each.aval.ndim != 4:
            raise ValueError(
                "`dot_product_attention` only supports 4D inputs. Received: "
                f"query.shape={given[0].shape}, key.shape={given[1].shape}, value.shape={given[2].shape}."
            )
    factor = 1 / math.sqrt(given[0].aval.shape[-1]) if scale is None else float(scale)
    kept = () if mask is None else (tensor(mask, "bool"),)
    if bias is None:
        return record(DOT_PRODUCT_ATTENTION, (factor, bool(causal), mask is not None), (*given, *kept))
    return record(BIASED_ATTENTION, (factor, bool(causal), mask is not None), (*given, tensor(bias), *kept))


def _inside(output: Any) -> Any:
    return clip_by_value(output, default_epsilon(), 1.0 - default_epsilon())


def _same_shape(target: Any, output: Any) -> tuple[Any, Any]:
    predicted = floats(output)
    wanted = tensor(target, predicted.aval.dtype)
    if wanted.aval.ndim != predicted.aval.ndim or not wanted.shape.is_compatible_with(predicted.shape):
        raise ValueError(
            "Arguments `target` and `output` must have the same shape. Received: "
            f"target.shape={wanted.shape}, output.shape={predicted.shape}"
        )
    return wanted, predicted


def _binary_entropy(target: Any, output: Any, from_logits: bool) -> Any:
    wanted, predicted = _same_shape(target, output)
    if from_logits:
        return sigmoid_cross_entropy_with_logits(labels=wanted, logits=predicted)
    share = _inside(predicted)
    return -(wanted * elementwise.log(share) + (1.0 - wanted) * elementwise.log(1.0 - share))


def _entropy(target: Any, output: Any, from_logits: bool, axis: int) -> Any:
    wanted, predicted = _same_shape(target, output)
    if predicted.aval.ndim < 1:
        raise ValueError(f"Arguments `target` and `output` must be at least rank 1. Received: {predicted.shape}")
    if from_logits:
        return softmax_cross_entropy_with_logits(labels=wanted, logits=predicted, axis=axis)
    share = _inside(predicted / reductions.reduce_sum(predicted, axis, keepdims=True))
    return -reductions.reduce_sum(wanted * elementwise.log(share), axis)


def _sparse_entropy(target: Any, output: Any, from_logits: bool, axis: int) -> Any:
    if axis not in (-1, tensor(output).aval.ndim - 1):
        raise ValueError(f"Only axis=-1 is currently supported. Received: axis={axis}")
    predicted = floats(output)
    classes = tensor(target, "int64")
    if classes.aval.ndim == predicted.aval.ndim and classes.shape[-1] == 1:
        classes = shaping.squeeze(classes, -1)
    if predicted.aval.ndim < 1 or classes.aval.ndim != predicted.aval.ndim - 1:
        raise ValueError(
            "Argument `output` must have one axis more than `target`. Received: "
            f"target.shape={classes.shape}, output.shape={predicted.shape}"
        )
    logits = predicted if from_logits else elementwise.log(_inside(predicted))
    return sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)


def _connectionist_loss(target: Any, output: Any, target_length: Any, output_length: Any, blank: int) -> Any:
    from functape._api._nn_losses import ctc_loss

    lengths = tensor(target_length, "int32"), tensor(output_length, "int32")
    return ctc_loss(tensor(target, "int32"), floats(output), *lengths, logits_time_major=False, blank_index=blank)


def _peak_ratio(x1: Any, x2: Any, largest: Any) -> Any:
    first, second = common((x1, x2), float)
    if first.shape != second.shape:
        raise ValueError(f"Input shapes {first.shape} and {second.shape} must match for PSNR calculation. ")
    error = reductions.reduce_mean(elementwise.square(first - second))
    peak = tensor(largest, first.aval.dtype)
    return (elementwise.log(peak) * 20.0 - elementwise.log(error) * 10.0) / math.log(10)


def _moved_blocks(name: str, x: Any, size: int, data_format: str) -> Any:
    from functape._api import _nn_blocks as blocks

    if data_format == "channels_last":
        return getattr(blocks, name)(tensor(x), size)
    last = shaping.transpose(tensor(x), (0, 2, 3, 1))
    return shaping.transpose(getattr(blocks, name)(last, size), (0, 3, 1, 2))


_ACTIVATIONS: Rows = {
    **{
        name: (f"The activation {name}", _activation(name))
        for name in (
            "hard_sigmoid", "hard_silu", "hard_tanh", "log_sigmoid", "relu", "relu6", "selu", "sigmoid", "silu",
            "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "tanh_shrink",
        )
    },
    "hard_swish": ("The activation hard_silu", _activation("hard_silu")),
    "swish": ("The activation silu", _activation("silu")),
    "celu": ("The continuous exponential unit", lambda x, alpha=1.0: activations.celu(tensor(x), alpha)),
    "elu": ("The exponential unit", lambda x, alpha=1.0: activations.elu(tensor(x), alpha)),
    "gelu": (
        "`x` times the normal distribution's probability",
        lambda x, approximate=True: nn.gelu(tensor(x), approximate),
    ),
    "glu": ("One half times the sigmoid of the other", lambda x, axis=-1: activations.glu(tensor(x), axis)),
    "hard_shrink": (
        "`x` where it is large, else 0",
        lambda x, threshold=0.5: activations.hard_shrink(tensor(x), threshold),
    ),
    "soft_shrink": ("`x` moved towards 0", lambda x, threshold=0.5: activations.soft_shrink(tensor(x), threshold)),
    "leaky_relu": (
        "`x` where positive, else a part of it",
        lambda x, negative_slope=0.2: activations.leaky_relu(tensor(x), negative_slope),
    ),
    "softmax": ("Shares that sum to 1", lambda x, axis=-1: _over(nn.softmax, x, axis)),
    "log_softmax": ("The logarithm of softmax", lambda x, axis=-1: _over(nn.log_softmax, x, axis)),
    "sparsemax": ("Shares that sum to 1, some of them 0", lambda x, axis=-1: activations.sparsemax(tensor(x), axis)),
    "squareplus": ("A smooth rectifier", lambda x, b=4: activations.squareplus(tensor(x), b)),
    "threshold": (
        "`x` where it is above a threshold, else a value",
        lambda x, threshold, default_value: activations.threshold(tensor(x), threshold, default_value),
    ),
}  # fmt: skip

_REST: Rows = {
    "one_hot": (
        "Classes as vectors with a single 1",
        lambda x, num_classes, axis=-1, dtype=None, sparse=False: _encoded(x, num_classes, axis, dtype, sparse),
    ),
    "multi_hot": (
        "Sets of classes as vectors with a 1 for each",
        lambda inputs, num_classes=None, axis=-1, dtype=None, sparse=False, **kwargs: _encoded_together(
            inputs, num_classes, axis, dtype, sparse, kwargs
        ),
    ),
    "normalize": (
        "Scaled to length 1",
        lambda x, axis=-1, order=2, epsilon=None: _normalized(x, axis, order, epsilon),
    ),
    "layer_normalization": (
        "Each sample with mean 0 and variance 1, scaled and moved",
        lambda x, gamma=None, beta=None, axis=-1, epsilon=None, **kwargs: _layer_normalized(
            x, gamma, beta, axis, epsilon, kwargs
        ),
    ),
    "rms_normalization": (
        "Each sample divided by its root mean square",
        lambda x, scale=None, axis=-1, epsilon=None: _rms_normalized(x, scale, axis, epsilon),
    ),
    "batch_normalization": (
        "Normalized by a given mean and variance",
        lambda x, mean, variance, axis, offset=None, scale=None, epsilon=0.001: _batch_normalized(
            x, mean, variance, axis, offset, scale, epsilon
        ),
    ),
    "dot_product_attention": (
        "Values averaged by how well keys fit queries",
        lambda query, key, value, bias=None, mask=None, scale=None, is_causal=False, flash_attention=None,
        attn_logits_soft_cap=None: _attended(
            query, key, value, bias, mask, scale, is_causal, flash_attention, attn_logits_soft_cap
        ),
    ),
    "binary_crossentropy": (
        "The cross-entropy of each element",
        lambda target, output, from_logits=False: _binary_entropy(target, output, from_logits),
    ),
    "categorical_crossentropy": (
        "The cross-entropy between distributions",
        lambda target, output, from_logits=False, axis=-1: _entropy(target, output, from_logits, axis),
    ),
    "sparse_categorical_crossentropy": (
        "The cross-entropy between classes and distributions",
        lambda target, output, from_logits=False, axis=-1: _sparse_entropy(target, output, from_logits, axis),
    ),
    "ctc_loss": (
        "The loss of connectionist temporal classification",
        lambda target, output, target_length, output_length, mask_index=0: _connectionist_loss(
            target, output, target_length, output_length, mask_index
        ),
    ),
    "psnr": ("The peak signal-to-noise ratio", lambda x1, x2, max_val: _peak_ratio(x1, x2, max_val)),
    "depth_to_space": (
        "Channels spread over blocks of pixels",
        lambda x, block_size, data_format="channels_last": _moved_blocks(
            "depth_to_space", x, block_size, data_format
        ),
    ),
    "space_to_depth": (
        "Blocks of pixels put into channels",
        lambda x, block_size, data_format="channels_last": _moved_blocks(
            "space_to_depth", x, block_size, data_format
        ),
    ),
}  # fmt: skip

FUNCTIONS = described(_ACTIVATIONS | _REST)
