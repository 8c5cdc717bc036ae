"""Rows of recurrent layers: a whole sequence as one op, with Keras's weights and gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._fused import activation_named

Step = Callable[[Any, tuple[Any, ...]], tuple[Any, ...]]
"""From what the input contributes and the states to the new states, of which the first is the output."""


def _projected(x: Any, kernel: Any, bias: Any) -> Any:
    """What the input contributes to the gates, for all steps at once."""
    flat = x.reshape((-1, x.shape[-1])) @ kernel
    flat = flat if bias is None else flat + bias
    return flat.reshape((*x.shape[:-1], kernel.shape[-1]))


def _lstm_step(recurrent: Any, activation: str, recurrent_activation: str, dropped: Any) -> Step:
    act, gate = activation_named(activation), activation_named(recurrent_activation)

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        hidden, carry = states
        seen = hidden if dropped is None else hidden * dropped
        i, f, c, o = jnp.split(x + seen @ recurrent, 4, axis=-1)
        carry = gate(f) * carry + gate(i) * act(c)
        return gate(o) * act(carry), carry

    return step


def _gru_step(
    recurrent: Any, bias: Any, activation: str, recurrent_activation: str, reset_after: bool, dropped: Any
) -> Step:
    act, gate = activation_named(activation), activation_named(recurrent_activation)
    units = recurrent.shape[0]

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        (hidden,) = states
        seen = hidden if dropped is None else hidden * dropped
        x_gates, x_candidate = x[..., : 2 * units], x[..., 2 * units :]
        if reset_after:
            inner = seen @ recurrent
            inner = inner if bias is None else inner + bias
            z, r = jnp.split(gate(x_gates + inner[..., : 2 * units]), 2, axis=-1)
            candidate = act(x_candidate + r * inner[..., 2 * units :])
        else:
            z, r = jnp.split(gate(x_gates + seen @ recurrent[:, : 2 * units]), 2, axis=-1)
            candidate = act(x_candidate + (r * seen) @ recurrent[:, 2 * units :])
        return (z * hidden + (1 - z) * candidate,)

    return step


def _simple_step(recurrent: Any, activation: str, dropped: Any) -> Step:
    act = activation_named(activation)

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        (hidden,) = states
        return (act(x + (hidden if dropped is None else hidden * dropped) @ recurrent),)

    return step


def _run(
    step: Step, inputs: Any, states: tuple[Any, ...], mask: Any, go_backwards: bool, zero_output_for_mask: bool
) -> tuple[Any, ...]:
    """Outputs `[batch, time, units]`, the last of them and the final states."""
    inputs = jnp.moveaxis(inputs, 1, 0)
    if mask is None:

        def advance(states: Any, x: Any) -> Any:
            new = step(x, states)
            return new, new[0]

        final, outputs = lax.scan(advance, states, inputs, reverse=go_backwards)
    else:

        def masked(carry: Any, given: Any) -> Any:
            before, states = carry
            x, real = given
            new = step(x, states)
            output = jnp.where(real, new[0], jnp.zeros_like(before) if zero_output_for_mask else before)
            return (output, tuple(map(lambda a, b: jnp.where(real, a, b), new, states))), output

        real = jnp.moveaxis(mask, 1, 0)[..., None]
        start = (jnp.zeros_like(states[0]), states)
        (_, final), outputs = lax.scan(masked, start, (inputs, real), reverse=go_backwards)
    if go_backwards:
        outputs = jnp.flip(outputs, 0)
    last = outputs[-1] if outputs.shape[0] else jnp.zeros_like(states[0])
    return jnp.moveaxis(outputs, 0, 1), last, *final


def _optional(rest: tuple[Any, ...], *given: bool) -> list[Any]:
    """The optional inputs in order, None for those not given."""
    following = iter(rest)
    return [next(following) if each else None for each in given]


def _lstm(
    x: Any,
    hidden: Any,
    carry: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    has_bias: bool,
    has_mask: bool,
    has_dropout: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask, dropped = _optional(rest, has_bias, has_mask, has_dropout)
    step = _lstm_step(recurrent, activation, recurrent_activation, dropped)
    return _run(step, _projected(x, kernel, bias), (hidden, carry), mask, go_backwards, zero_output_for_mask)


def _lstm_cell(
    x: Any,
    hidden: Any,
    carry: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    has_bias: bool,
    has_dropout: bool,
) -> tuple[Any, ...]:
    bias, dropped = _optional(rest, has_bias, has_dropout)
    step = _lstm_step(recurrent, activation, recurrent_activation, dropped)
    return step(_projected(x, kernel, bias), (hidden, carry))


def _gru_biases(bias: Any, reset_after: bool) -> tuple[Any, Any]:
    return (bias[0], bias[1]) if reset_after and bias is not None else (bias, None)


def _gru(
    x: Any,
    hidden: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    reset_after: bool,
    has_bias: bool,
    has_mask: bool,
    has_dropout: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask, dropped = _optional(rest, has_bias, has_mask, has_dropout)
    outer, inner = _gru_biases(bias, reset_after)
    step = _gru_step(recurrent, inner, activation, recurrent_activation, reset_after, dropped)
    return _run(step, _projected(x, kernel, outer), (hidden,), mask, go_backwards, zero_output_for_mask)


def _gru_cell(
    x: Any,
    hidden: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    reset_after: bool,
    has_bias: bool,
    has_dropout: bool,
) -> Any:
    bias, dropped = _optional(rest, has_bias, has_dropout)
    outer, inner = _gru_biases(bias, reset_after)
    step = _gru_step(recurrent, inner, activation, recurrent_activation, reset_after, dropped)
    return step(_projected(x, kernel, outer), (hidden,))[0]


def _simple_rnn(
    x: Any,
    hidden: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    has_bias: bool,
    has_mask: bool,
    has_dropout: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask, dropped = _optional(rest, has_bias, has_mask, has_dropout)
    step = _simple_step(recurrent, activation, dropped)
    return _run(step, _projected(x, kernel, bias), (hidden,), mask, go_backwards, zero_output_for_mask)


def _simple_rnn_cell(
    x: Any, hidden: Any, kernel: Any, recurrent: Any, *rest: Any, activation: str, has_bias: bool, has_dropout: bool
) -> Any:
    bias, dropped = _optional(rest, has_bias, has_dropout)
    return _simple_step(recurrent, activation, dropped)(_projected(x, kernel, bias), (hidden,))[0]


def _check(states: int, gates: int, rank: int) -> Callable[..., None]:
    """A check that input, states and kernels of a recurrent row fit."""

    def refuse(name: str, what: str, shape: Any, wanted: Any) -> None:
        raise checks.InvalidArgumentError(
            message=f"{what} must have the shape {wanted}. Received: {list(shape)} [Op:{name}]"
        )

    def check(name: str, avals: tuple[Aval, ...], **attributes: Any) -> None:
        checks.same_dtype(name, avals[: 3 + states])
        x, kernel, recurrent = avals[0], avals[1 + states], avals[2 + states]
        if x.ndim != rank:
            refuse(name, "The input", x.shape, "[batch, time, features]" if rank == 3 else "[batch, features]")
        if recurrent.ndim != 2 or recurrent.shape[1] != gates * recurrent.shape[0]:
            refuse(name, "The recurrent kernel", recurrent.shape, f"[units, {gates} * units]")
        if kernel.shape != (x.shape[-1], recurrent.shape[1]):
            refuse(name, "The kernel", kernel.shape, [x.shape[-1], recurrent.shape[1]])
        for state in avals[1 : 1 + states]:
            if state.shape != (x.shape[0], recurrent.shape[0]):
                refuse(name, "A state", state.shape, [x.shape[0], recurrent.shape[0]])
        if attributes.get("has_mask"):
            mask = avals[3 + states + attributes["has_bias"]]
            checks.boolean(name, (mask,))
            if mask.shape != x.shape[:2]:
                refuse(name, "The mask", mask.shape, list(x.shape[:2]))

    return check


_GATES = ("activation", "recurrent_activation")
_CELL = ("has_bias", "has_dropout")
_SEQUENCE = ("has_bias", "has_mask", "has_dropout", "go_backwards", "zero_output_for_mask")

LSTM = Op("LSTM", _lstm, (*_GATES, *_SEQUENCE), multiple=True, check=_check(2, 4, 3))
"""`(x, hidden, carry, kernel, recurrent, [bias], [mask], [dropout mask])`: outputs, the last one, both states."""
LSTM_CELL = Op("LSTMCell", _lstm_cell, (*_GATES, *_CELL), multiple=True, check=_check(2, 4, 2))
"""`(x, hidden, carry, kernel, recurrent, [bias], [dropout mask])`: both states."""
GRU = Op("GRU", _gru, (*_GATES, "reset_after", *_SEQUENCE), multiple=True, check=_check(1, 3, 3))
"""`(x, hidden, kernel, recurrent, [bias], [mask], [dropout mask])`: outputs, the last one, the state."""
GRU_CELL = Op("GRUCell", _gru_cell, (*_GATES, "reset_after", *_CELL), check=_check(1, 3, 2))
"""`(x, hidden, kernel, recurrent, [bias], [dropout mask])`: the state."""
SIMPLE_RNN = Op("SimpleRNN", _simple_rnn, ("activation", *_SEQUENCE), multiple=True, check=_check(1, 1, 3))
"""As `GRU`."""
SIMPLE_RNN_CELL = Op("SimpleRNNCell", _simple_rnn_cell, ("activation", *_CELL), check=_check(1, 1, 2))
"""As `GRU_CELL`."""
