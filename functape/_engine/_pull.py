"""One function of arrays, differentiated with respect to some of its inputs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import jax
import jax.numpy as jnp

Function = Callable[..., tuple[Any, ...]]
Pullback = Callable[[tuple[Any, ...]], tuple[Any, ...]]


class _Derivative(threading.local):
    forward = False
    """Whether what is being computed is differentiated forwards, further out."""
    reverse = False
    """Whether it is differentiated in reverse, further in than that."""

    @contextmanager
    def taken(self, forward: bool) -> Iterator[None]:
        """A context in which a derivative is taken of what is computed."""
        before = self.forward, self.reverse
        self.forward, self.reverse = forward or self.forward, not forward
        try:
            yield
        finally:
            self.forward, self.reverse = before


derivative = _Derivative()
"""Which derivatives are being taken, for functions whose rules for the two directions exclude each other."""


def is_inexact(value: Any) -> bool:
    """Whether derivatives of an array, or of a tuple of arrays, are anything but zero."""
    return all(jnp.issubdtype(leaf.dtype, jnp.inexact) for leaf in jax.tree.leaves(value))


def _inexact_outputs(function: Function, inputs: tuple[Any, ...], tracked: tuple[int, ...]) -> tuple[Any, list[bool]]:
    """`function` of the inputs at `tracked` alone, returning its inexact outputs and the others; and which are which,
    known once it has run."""
    layout: list[bool] = []

    def partial(*active: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        arguments = list(inputs)
        for position, value in zip(tracked, active, strict=True):
            arguments[position] = value
        outputs = function(*arguments)
        layout[:] = [is_inexact(output) for output in outputs]
        return (
            tuple(output for output, inexact in zip(outputs, layout, strict=True) if inexact),
            tuple(output for output, inexact in zip(outputs, layout, strict=True) if not inexact),
        )

    return partial, layout


def _merged(layout: list[bool], inexact: Any, others: Any) -> tuple[Any, ...]:
    first, second = iter(inexact), iter(others)
    return tuple(next(first) if each else next(second) for each in layout)


def pull(function: Function, inputs: tuple[Any, ...], tracked: tuple[int, ...]) -> tuple[tuple[Any, ...], Pullback]:
    """Run `function` and return its outputs with the pullback to the inputs at positions `tracked`."""
    partial, layout = _inexact_outputs(function, inputs, tracked)
    with derivative.taken(forward=False):
        primals, vjp, others = jax.vjp(partial, *(inputs[position] for position in tracked), has_aux=True)
    outputs = _merged(layout, primals, others)
    flags = tuple(layout)

    def pullback(cotangents: tuple[Any, ...]) -> tuple[Any, ...]:
        filled = tuple(
            jax.tree.map(jnp.zeros_like, output) if cotangent is None else cotangent
            for output, cotangent, inexact in zip(outputs, cotangents, flags, strict=True)
            if inexact
        )
        return vjp(filled)

    return outputs, pullback


def push(
    function: Function, inputs: tuple[Any, ...], tracked: tuple[int, ...], tangents: tuple[Any, ...]
) -> tuple[Any, ...]:
    """How the outputs of `function` change with its inputs at positions `tracked`; None for an output of integers.

    A function that has a rule for gradients only is differentiated through the transpose of its pullback.
    """
    partial, layout = _inexact_outputs(function, inputs, tracked)
    active = tuple(inputs[position] for position in tracked)
    try:
        with derivative.taken(forward=True):
            _, changes, _ = jax.jvp(partial, active, tangents, has_aux=True)
    except TypeError as error:
        if "custom_vjp" not in str(error):
            raise
        primals, vjp, _ = jax.vjp(partial, *active, has_aux=True)
        (changes,) = jax.linear_transpose(vjp, primals)(tangents)
    made = iter(changes)
    return tuple(next(made) if inexact else None for inexact in layout)
