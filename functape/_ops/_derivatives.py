"""Giving a row's function the derivative that TensorFlow defines for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.custom_derivatives import SymbolicZero

Function = Callable[..., Any]


def with_partials(function: Function, *partials: Function | None) -> Function:
    """`function` with its own partial derivatives, for both modes and any order.

    **Arguments:**
    - `function`: an elementwise function of arrays that broadcast together.
    - `partials`: one for each input, a function `(output, *inputs) -> array` that broadcasts with the output; None
      for an input that the output does not depend on as far as derivatives go.

    **Returns:** a function of the same arguments. An input that is not varied contributes nothing, where a zero
    tangent times an infinite partial derivative would contribute a NaN.
    """
    wrapped = jax.custom_jvp(function)

    def rule(primals: Any, tangents: Any) -> Any:
        output = wrapped(*primals)
        total = None
        for partial, tangent in zip(partials, tangents, strict=True):
            if partial is None or isinstance(tangent, SymbolicZero):
                continue
            term = partial(output, *primals) * tangent
            total = term if total is None else total + term
        if total is None:
            return output, jnp.zeros_like(output)
        return output, jnp.broadcast_to(total, output.shape)

    wrapped.defjvp(rule, symbolic_zeros=True)
    return wrapped


def selecting(function: Function, takes_first: Function) -> Function:
    """A two-input function that returns one of its inputs at each place, with the derivative of that input.

    **Arguments:**
    - `function`: the elementwise function `(x, y)`.
    - `takes_first`: `(x, y) -> bool array`: where the derivative is that of `x`.
    """

    def first(output: Any, x: Any, y: Any) -> Any:
        return takes_first(x, y).astype(output.dtype)

    def second(output: Any, x: Any, y: Any) -> Any:
        return jnp.logical_not(takes_first(x, y)).astype(output.dtype)

    return with_partials(function, first, second)
