"""The row of convolutional long short-term memory: a whole sequence as one op."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._engine._op import Op
from functape._ops._convolution import convolution
from functape._ops._fused import activation_named
from functape._ops._recurrent import _optional, _run


def _conv_lstm(
    x: Any,
    hidden: Any,
    carry: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    strides: tuple[int, ...],
    padding: str,
    dilations: tuple[int, ...],
    channels_first: bool,
    has_bias: bool,
    has_mask: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask = _optional(rest, has_bias, has_mask)
    act, gate = activation_named(activation), activation_named(recurrent_activation)
    rank = kernel.ndim - 2
    axis = 1 if channels_first else -1
    ones = (1,) * rank
    given = convolution(x, kernel, strides, padding, dilations, channels_first)
    if bias is not None:
        given = given + (bias.reshape((-1, *ones)) if channels_first else bias)

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        hidden, carry = states
        seen = convolution(hidden, recurrent, ones, "SAME", ones, channels_first)
        i, f, c, o = jnp.split(x + seen, 4, axis=axis)
        carry = gate(f) * carry + gate(i) * act(c)
        return gate(o) * act(carry), carry

    if mask is not None:
        mask = mask.reshape((*mask.shape, *ones))
    return _run(step, given, (hidden, carry), mask, go_backwards, zero_output_for_mask)


CONV_LSTM = Op(
    "ConvLSTM",
    _conv_lstm,
    ("activation", "recurrent_activation", "strides", "padding", "dilations", "channels_first",
     "has_bias", "has_mask", "go_backwards", "zero_output_for_mask"),
    multiple=True,
)  # fmt: skip
"""`(x, hidden, carry, kernel, recurrent, [bias], [mask])`: outputs `[batch, time, ...]`, the last one, both states."""
