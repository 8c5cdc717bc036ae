"""The same workloads by hand: a donated `jax.jit` step with optax."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks._tape_sources import perceptron_values


def scalar_quadratic() -> Any:
    """As the tape source of that name."""
    optimizer = optax.sgd(0.01)

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(x: Any, state: Any, a: Any, b: Any, c: Any) -> Any:
        y, gradient = jax.value_and_grad(lambda x: a * x**2 + b * x + c)(x)
        updates, state = optimizer.update(gradient, state, x)
        return optax.apply_updates(x, updates), state, y

    x = jnp.float32(0.0)
    state = optimizer.init(x)
    a, b, c = jnp.float32(1.0), jnp.float32(-2.0), jnp.float32(1.0)

    def step() -> Any:
        nonlocal x, state
        x, state, y = update(x, state, a, b, c)
        return y

    return step


def perceptron(widths: tuple[int, ...], batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, weights, biases = jax.tree.map(jnp.asarray, perceptron_values(widths, batch))
    optimizer = optax.adam(0.001)

    def loss_function(parameters: Any, x: Any, y: Any) -> Any:
        hidden = x
        for kernel, offset in parameters[:-1]:
            hidden = jax.nn.relu(hidden @ kernel + offset)
        kernel, offset = parameters[-1]
        return jnp.mean(optax.softmax_cross_entropy(hidden @ kernel + offset, y))

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Any, state: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(parameters, x, y)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    parameters = list(zip(weights, biases, strict=True))
    state = optimizer.init(parameters)

    def step() -> Any:
        nonlocal parameters, state
        parameters, state, loss = update(parameters, state, inputs, labels)
        return loss

    return step
