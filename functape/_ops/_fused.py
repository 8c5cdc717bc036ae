"""Rows of whole layers: a product or convolution, a bias and an activation recorded as one op."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _activations as activations
from functape._ops import _checks as checks
from functape._ops._convolution import (
    CONVOLUTION,
    CONVOLUTION_TRANSPOSE,
    DEPTHWISE,
    convolution,
    convolution_transpose,
    depthwise,
)
from functape._ops._derivatives import with_partials

Function = Callable[..., Any]


def _number(value: Any, x: Any) -> Any:
    return jnp.asarray(value, x.dtype)


def _row(name: str, *statics: Any) -> Function:
    """The function of an activation's own row, with its attributes given."""
    row = getattr(activations, name)
    attributes = dict(zip(row.attributes, statics, strict=True))
    return lambda x: row.function(x, **attributes)


def _leaky(slope: float) -> Function:
    return lambda x: activations.LEAKY_RELU.function(x, _number(np.float32(slope), x))


def _between(low: float, high: float) -> Function:
    """`x` clipped, with a gradient of 1 at the bounds as TensorFlow's clip has it."""
    return with_partials(
        lambda x: jnp.clip(x, _number(low, x), _number(high, x)),
        lambda output, x: ((x >= _number(low, x)) & (x <= _number(high, x))).astype(x.dtype),
    )


_zero_to_one, _minus_one_to_one = _between(0, 1), _between(-1, 1)

sigmoid = jax.nn.sigmoid


ACTIVATIONS: dict[str, Function] = {
    "linear": lambda x: x,
    "relu": activations.relu,
    "relu6": _row("RELU6"),
    "sigmoid": sigmoid,
    "tanh": jnp.tanh,
    "hard_sigmoid": lambda x: _row("RELU6")(x + _number(3, x)) / _number(6, x),
    "hard_sigmoid_keras2": lambda x: _zero_to_one(_number(0.2, x) * x + _number(0.5, x)),
    "hard_tanh": _minus_one_to_one,
    "hard_silu": lambda x: x * ACTIVATIONS["hard_sigmoid"](x),
    "softmax": _row("SOFTMAX", -1),
    "log_softmax": _row("LOG_SOFTMAX", -1),
    "softplus": jax.nn.softplus,
    "softsign": _row("SOFTSIGN"),
    "elu": _row("ELU"),
    "selu": _row("SELU"),
    "gelu": _row("GELU", False),
    "gelu_tanh": _row("GELU", True),
    "silu": lambda x: x * sigmoid(x),
    "exponential": jnp.exp,
    "leaky_relu": _leaky(0.2),
    "leaky_relu_keras2": _leaky(0.3),
    "log_sigmoid": lambda x: -jax.nn.softplus(-x),
    "mish": lambda x: x * jnp.tanh(jax.nn.softplus(x)),
    "tanh_shrink": lambda x: x - jnp.tanh(x),
}
"""Activations by the name that a row's attribute gives."""
ACTIVATIONS["swish"] = ACTIVATIONS["silu"]
ACTIVATIONS["hard_swish"] = ACTIVATIONS["hard_silu"]


def activation_named(name: str | None) -> Function:
    """The activation that an attribute names; None names the identity."""
    return ACTIVATIONS["linear" if name is None else name]


def _dense(x: Any, kernel: Any, *bias: Any, activation: str | None) -> Any:
    if x.ndim == 2:
        output = x @ kernel
    else:
        # One large product is quicker than a batch of small ones.
        output = (x.reshape((-1, x.shape[-1])) @ kernel).reshape((*x.shape[:-1], kernel.shape[-1]))
    if bias:
        output = output + bias[0]
    return activation_named(activation)(output)


def _check_dense(name: str, avals: tuple[Aval, ...], activation: str | None) -> None:
    checks.same_dtype(name, avals)
    checks.floating(name, avals)
    x, kernel = avals[:2]
    if not x.ndim or kernel.ndim != 2 or x.shape[-1] != kernel.shape[0]:
        raise checks.InvalidArgumentError(
            message=f"Matrix size-incompatible: In[0]: {list(x.shape)}, In[1]: {list(kernel.shape)} [Op:{name}]"
        )
    _check_bias(name, avals, kernel.shape[-1])


def _check_bias(name: str, avals: tuple[Aval, ...], channels: int) -> None:
    if len(avals) > 2 and avals[2].shape != (channels,):
        raise checks.InvalidArgumentError(
            message=f"A bias for each of {channels} channels is needed. Received: {list(avals[2].shape)} [Op:{name}]"
        )


def _layer(function: Function, row: Op, channels_of: Callable[[Aval, Aval, bool], int], name: str) -> Op:
    """The row of a convolution with bias and activation."""

    def layer(x: Any, kernel: Any, *bias: Any, activation: str | None, **attributes: Any) -> Any:
        output = function(x, kernel, **attributes)
        if bias:
            offset = bias[0]
            first = attributes["channels_first"]
            output = output + (offset.reshape((-1,) + (1,) * (kernel.ndim - 2)) if first else offset)
        return activation_named(activation)(output)

    def check(name: str, avals: tuple[Aval, ...], activation: str | None, **attributes: Any) -> None:
        assert row.check is not None
        row.check(name, avals[:2], **attributes)
        checks.same_dtype(name, avals)
        _check_bias(name, avals, channels_of(avals[0], avals[1], attributes["channels_first"]))

    return Op(name, layer, (*row.attributes, "activation"), check=check)


def _transposed_channels(x: Aval, kernel: Aval, channels_first: bool) -> int:
    channels = x.shape[1 if channels_first else -1]
    return channels // kernel.shape[-1] * kernel.shape[-2]


DENSE = Op("Dense", _dense, ("activation",), check=_check_dense)
"""`(x, kernel, [bias])`: `activation(x @ kernel + bias)` over the last axis of `x`."""
CONVOLUTION_LAYER = _layer(convolution, CONVOLUTION, lambda x, kernel, first: kernel.shape[-1], "ConvolutionLayer")
CONVOLUTION_TRANSPOSE_LAYER = _layer(
    convolution_transpose, CONVOLUTION_TRANSPOSE, _transposed_channels, "ConvolutionTransposeLayer"
)
DEPTHWISE_LAYER = _layer(
    depthwise, DEPTHWISE, lambda x, kernel, first: kernel.shape[-1] * kernel.shape[-2], "DepthwiseLayer"
)
"""This and the two before: `(x, kernel, [bias])`."""
