"""The backend's arithmetic: a thin layer over the operations, under Keras's names and conventions."""

from __future__ import annotations

import math
from typing import Any

from functape._api import _activations as nn
from functape._api import _clipping as clipping
from functape._api import _counting as counting
from functape._api import _creation as creation
from functape._api import _cumulative as cumulative
from functape._api import _elementwise as elementwise
from functape._api import _gathering as gathering
from functape._api import _joining as joining
from functape._api import _matrix as matrix
from functape._api import _nn as layers
from functape._api import _reductions as reductions
from functape._api import _shaping as shaping
from functape._api._static import operand
from functape._core._cast import cast
from functape._engine import _dtypes as dtypes
from functape.keras._configuration import floatx, standardize_data_format
from functape.keras.activations import _functions as activations
from functape.keras.backend._table import described


def _numbers(x: Any) -> Any:
    """What means and sums are taken of: truth values count as numbers."""
    given = operand(x)
    return cast(given, floatx()) if given.aval.dtype.is_bool else given


def _truths(x: Any) -> Any:
    return cast(operand(x), dtypes.bool_)


def _variance(x: Any, axis: Any, keepdims: bool) -> Any:
    given = _numbers(x)
    away = given - reductions.reduce_mean(given, axis, keepdims=True)
    return reductions.reduce_mean(elementwise.square(away), axis, keepdims)


def _root(x: Any) -> Any:
    given = operand(x)
    return elementwise.sqrt(clipping.clip_by_value(given, 0.0, math.inf))


def _clip(x: Any, min_value: Any, max_value: Any) -> Any:
    if isinstance(min_value, int | float) and isinstance(max_value, int | float):
        max_value = max(max_value, min_value)
    given = operand(x)
    kind = given.aval.dtype
    low = -math.inf if min_value is None else cast(min_value, kind)
    high = math.inf if max_value is None else cast(max_value, kind)
    return clipping.clip_by_value(given, low, high)


def _dot(x: Any, y: Any) -> Any:
    left, right = operand(x), operand(y)
    if left.aval.ndim > 2 or right.aval.ndim > 2:
        return matrix.tensordot(left, right, [[left.aval.ndim - 1], [max(right.aval.ndim - 2, 0)]])
    return matrix.matmul(left, right)


def _batch_dot(x: Any, y: Any, axes: Any) -> Any:
    left, right = operand(x), operand(y)
    ranks = left.aval.ndim, right.aval.ndim
    if min(ranks) < 2:
        raise ValueError(f"Cannot do batch_dot on inputs with rank < 2. Received shapes: {left.shape}, {right.shape}")
    if axes is None:
        axes = [ranks[0] - 1, ranks[1] - 1 if ranks[1] == 2 else ranks[1] - 2]
    pair = [axes, axes] if isinstance(axes, int) else list(axes)
    places = [axis % rank for axis, rank in zip(pair, ranks, strict=True)]
    if 0 in places:
        raise ValueError(f"Cannot perform batch_dot over axis 0: it is the batch. Received: axes={axes}")
    lengths = [each.aval.shape[place] for each, place in zip((left, right), places, strict=True)]
    if lengths[0] != lengths[1]:
        raise ValueError(
            f"Cannot do batch_dot on inputs with shapes {left.shape} and {right.shape} with axes={axes}: the lengths "
            f"{lengths[0]} and {lengths[1]} differ."
        )
    letters = iter("cdefghijklmnopqrstuvw")
    names = [["b" if axis == 0 else "a" if axis == place else next(letters) for axis in range(rank)]
             for rank, place in zip(ranks, places, strict=True)]  # fmt: skip
    kept = [name for name in names[0] + names[1] if name not in "ab"]
    result = matrix.einsum(f"{''.join(names[0])},{''.join(names[1])}->b{''.join(kept)}", left, right)
    return shaping.expand_dims(result, 1) if not kept else result


def _bias_add(x: Any, bias: Any, data_format: Any) -> Any:
    given, offset = operand(x), operand(bias)
    channels_first = standardize_data_format(data_format) == "channels_first"
    rank = given.aval.ndim
    if offset.aval.ndim not in (1, rank - 1):
        raise ValueError(
            f"Unexpected bias dimensions {offset.aval.ndim}. Expected it to be 1 or {rank - 1} dimensions."
        )
    shape = tuple(offset.aval.shape)
    if len(shape) == 1:
        return layers.bias_add(given, offset, "NCHW" if channels_first else "NHWC")
    wanted = (1, shape[-1], *shape[:-1]) if channels_first else (1, *shape)
    return given + shaping.reshape(offset, wanted)


def _batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int, epsilon: float) -> Any:
    given = operand(x)
    rank, place = given.aval.ndim, axis % given.aval.ndim
    wanted = [1] * rank
    wanted[place] = -1
    mean, var, beta, gamma = (
        None if each is None else shaping.reshape(operand(each), wanted) if operand(each).aval.ndim == 1 else each
        for each in (mean, var, beta, gamma)
    )
    return layers.batch_normalization(given, mean, var, beta, gamma, epsilon)


def _hard_sigmoid(x: Any) -> Any:
    return clipping.clip_by_value(operand(x) * 0.2 + 0.5, 0.0, 1.0)


FUNCTIONS = described(
    {
        "abs": ("Absolute values", lambda x: elementwise.abs(x)),
        "all": (
            "Whether all are true",
            lambda x, axis=None, keepdims=False: reductions.reduce_all(_truths(x), axis, keepdims),
        ),
        "any": (
            "Whether any is true",
            lambda x, axis=None, keepdims=False: reductions.reduce_any(_truths(x), axis, keepdims),
        ),
        "argmax": ("Where the largest is", lambda x, axis=-1: reductions.argmax(x, axis)),
        "argmin": ("Where the smallest is", lambda x, axis=-1: reductions.argmin(x, axis)),
        "batch_dot": ("Products of the matrices of two batches", lambda x, y, axes=None: _batch_dot(x, y, axes)),
        "batch_normalization": (
            "`(x - mean) / sqrt(var + epsilon) * gamma + beta`",
            lambda x, mean, var, beta, gamma, axis=-1, epsilon=1e-3: _batch_normalization(
                x, mean, var, beta, gamma, axis, epsilon
            ),
        ),
        "bias_add": ("A bias added to each channel", lambda x, bias, data_format=None: _bias_add(x, bias, data_format)),
        "cast": ("A tensor of another dtype", lambda x, dtype: cast(x, dtype)),
        "clip": ("Values moved into bounds", lambda x, min_value=None, max_value=None: _clip(x, min_value, max_value)),
        "cos": ("Cosines", lambda x: elementwise.cos(x)),
        "cumprod": ("Products up to each place", lambda x, axis=0: cumulative.cumprod(x, axis)),
        "cumsum": ("Sums up to each place", lambda x, axis=0: cumulative.cumsum(x, axis)),
        "dot": (
            "The product of matrices, over the last axis of one and the last but one of the other",
            lambda x, y: _dot(x, y),
        ),
        "elu": ("`x` where positive, else `alpha * (exp(x) - 1)`", lambda x, alpha=1.0: activations.elu(x, alpha)),
        "equal": ("Whether elements are equal", lambda x, y: elementwise.equal(x, y)),
        "exp": ("Exponentials", lambda x: elementwise.exp(x)),
        "gather": ("Slices by number", lambda reference, indices: gathering.gather(reference, indices)),
        "greater": ("Whether elements are greater", lambda x, y: elementwise.greater(x, y)),
        "greater_equal": ("Whether elements are not less", lambda x, y: elementwise.greater_equal(x, y)),
        "hard_sigmoid": ("`0.2 * x + 0.5` clipped to 0 to 1", lambda x: _hard_sigmoid(x)),
        "in_top_k": (
            "Whether targets are among the largest predictions",
            lambda predictions, targets, k: counting.in_top_k(targets, predictions, k),
        ),
        "l2_normalize": ("A tensor divided by its norm", lambda x, axis=None: layers.l2_normalize(x, axis)),
        "less": ("Whether elements are less", lambda x, y: elementwise.less(x, y)),
        "less_equal": ("Whether elements are not greater", lambda x, y: elementwise.less_equal(x, y)),
        "log": ("Logarithms", lambda x: elementwise.log(x)),
        "max": (
            "The largest of elements",
            lambda x, axis=None, keepdims=False: reductions.reduce_max(x, axis, keepdims),
        ),
        "maximum": ("The larger of two elements", lambda x, y: elementwise.maximum(x, y)),
        "mean": (
            "The mean of elements",
            lambda x, axis=None, keepdims=False: reductions.reduce_mean(_numbers(x), axis, keepdims),
        ),
        "min": (
            "The smallest of elements",
            lambda x, axis=None, keepdims=False: reductions.reduce_min(x, axis, keepdims),
        ),
        "minimum": ("The smaller of two elements", lambda x, y: elementwise.minimum(x, y)),
        "not_equal": ("Whether elements differ", lambda x, y: elementwise.not_equal(x, y)),
        "pow": ("Powers", lambda x, a: elementwise.pow(x, a)),
        "prod": (
            "The product of elements",
            lambda x, axis=None, keepdims=False: reductions.reduce_prod(x, axis, keepdims),
        ),
        "relu": (
            "`x` where positive, with the bounds one wants",
            lambda x, alpha=0.0, max_value=None, threshold=0.0: activations.relu(x, alpha, max_value, threshold),
        ),
        "round": ("The nearest integers", lambda x: elementwise.round(x)),
        "sigmoid": ("`1 / (1 + exp(-x))`", lambda x: elementwise.sigmoid(x)),
        "sign": ("Signs", lambda x: elementwise.sign(x)),
        "sin": ("Sines", lambda x: elementwise.sin(x)),
        "softmax": ("Exponentials, scaled to sum to one", lambda x, axis=-1: nn.softmax(x, axis)),
        "softplus": ("`log(1 + exp(x))`", lambda x: elementwise.softplus(x)),
        "softsign": ("`x / (1 + abs(x))`", lambda x: nn.softsign(x)),
        "sqrt": ("Square roots; that of a negative number is 0", lambda x: _root(x)),
        "square": ("Squares", lambda x: elementwise.square(x)),
        "std": (
            "The standard deviation of elements",
            lambda x, axis=None, keepdims=False: elementwise.sqrt(_variance(x, axis, keepdims)),
        ),
        "stop_gradient": (
            "A tensor, or a list of them, that counts as constant",
            lambda variables: (
                [joining.stop_gradient(each) for each in variables]
                if isinstance(variables, list | tuple)
                else joining.stop_gradient(variables)
            ),
        ),
        "sum": ("The sum of elements", lambda x, axis=None, keepdims=False: reductions.reduce_sum(x, axis, keepdims)),
        "tanh": ("The hyperbolic tangent", lambda x: elementwise.tanh(x)),
        "var": ("The variance of elements", lambda x, axis=None, keepdims=False: _variance(x, axis, keepdims)),
        "ones_like": ("Ones of a tensor's shape", lambda x, dtype=None, name=None: creation.ones_like(x, dtype)),
        "zeros_like": ("Zeros of a tensor's shape", lambda x, dtype=None, name=None: creation.zeros_like(x, dtype)),
    },
    "functape.keras.backend",
)
