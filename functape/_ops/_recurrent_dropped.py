"""Rows of recurrent layers with dropout that differs from gate to gate, as Keras has it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._engine._op import Op
from functape._ops._fused import activation_named
from functape._ops._recurrent import _SEQUENCE, Step, _optional, _projected, _run


def _parts(matrix: Any, gates: int) -> list[Any]:
    return jnp.split(matrix, gates, axis=-1)


def _input_gates(x: Any, kernel: Any, bias: Any, kept: Any, gates: int) -> Any:
    """What the input contributes to the gates; `kept` has a mask `[batch, features]` for each gate."""
    if kept is None:
        return _projected(x, kernel, bias)
    biases = [None] * gates if bias is None else _parts(bias, gates)
    kernels = _parts(kernel, gates)
    made = [_projected(x * kept[at][:, None], kernels[at], biases[at]) for at in range(gates)]
    return jnp.concatenate(made, axis=-1)


def _seen(hidden: Any, kept: Any, gates: int) -> list[Any]:
    """The state as each gate sees it."""
    return [hidden if kept is None else hidden * kept[at] for at in range(gates)]


def _lstm_step(recurrent: Any, activation: str, recurrent_activation: str, kept: Any) -> Step:
    act, gate = activation_named(activation), activation_named(recurrent_activation)
    kernels = _parts(recurrent, 4)

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        hidden, carry = states
        i, f, c, o = (
            given + seen @ kernel
            for given, seen, kernel in zip(_parts(x, 4), _seen(hidden, kept, 4), kernels, strict=True)
        )
        carry = gate(f) * carry + gate(i) * act(c)
        return gate(o) * act(carry), carry

    return step


def _gru_step(
    recurrent: Any, bias: Any, activation: str, recurrent_activation: str, reset_after: bool, kept: Any
) -> Step:
    act, gate = activation_named(activation), activation_named(recurrent_activation)
    kernels = _parts(recurrent, 3)
    biases = [jnp.zeros((), recurrent.dtype)] * 3 if bias is None else _parts(bias, 3)

    def step(x: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
        (hidden,) = states
        seen = _seen(hidden, kept, 3)
        given = _parts(x, 3)
        z, r = (gate(given[at] + seen[at] @ kernels[at] + biases[at]) for at in range(2))
        if reset_after:
            candidate = act(given[2] + r * (seen[2] @ kernels[2] + biases[2]))
        else:
            candidate = act(given[2] + (r * seen[2]) @ kernels[2])
        return (z * hidden + (1 - z) * candidate,)

    return step


def _lstm(
    x: Any,
    hidden: Any,
    carry: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    has_inputs_kept: bool,
    has_states_kept: bool,
    has_bias: bool,
    has_mask: bool,
    has_dropout: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask, inputs, states = _optional(rest, has_bias, has_mask, has_inputs_kept, has_states_kept)
    step = _lstm_step(recurrent, activation, recurrent_activation, states)
    x = _input_gates(x, kernel, bias, inputs, 4)
    return _run(step, x, (hidden, carry), mask, go_backwards, zero_output_for_mask)


def _gru(
    x: Any,
    hidden: Any,
    kernel: Any,
    recurrent: Any,
    *rest: Any,
    activation: str,
    recurrent_activation: str,
    reset_after: bool,
    has_inputs_kept: bool,
    has_states_kept: bool,
    has_bias: bool,
    has_mask: bool,
    has_dropout: bool,
    go_backwards: bool,
    zero_output_for_mask: bool,
) -> tuple[Any, ...]:
    bias, mask, inputs, states = _optional(rest, has_bias, has_mask, has_inputs_kept, has_states_kept)
    outer, inner = (bias[0], bias[1]) if reset_after and bias is not None else (bias, None)
    step = _gru_step(recurrent, inner, activation, recurrent_activation, reset_after, states)
    x = _input_gates(x, kernel, outer, inputs, 3)
    return _run(step, x, (hidden,), mask, go_backwards, zero_output_for_mask)


_KEPT = ("has_inputs_kept", "has_states_kept")

LSTM_DROPPED = Op("LSTMWithDropout", _lstm, ("activation", "recurrent_activation", *_KEPT, *_SEQUENCE), multiple=True)
"""`(x, hidden, carry, kernel, recurrent, [bias], [mask], [inputs kept], [states kept])`: as `LSTM`.

What is kept is a factor for each gate, `[4, batch, features]` and `[4, batch, units]`."""
GRU_DROPPED = Op(
    "GRUWithDropout", _gru, ("activation", "recurrent_activation", "reset_after", *_KEPT, *_SEQUENCE), multiple=True
)
"""`(x, hidden, kernel, recurrent, [bias], [mask], [inputs kept], [states kept])`: as `GRU`; three gates."""
