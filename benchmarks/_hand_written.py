"""The same workloads by hand: a donated `jax.jit` step with optax."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks._tape_sources import convolutional_values, perceptron_values, recurrent_values


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


def convolutional(batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, values = jax.tree.map(jnp.asarray, convolutional_values(batch))
    optimizer = optax.adam(0.001)

    def convolution(x: Any, kernel: Any, offset: Any) -> Any:
        layout = ("NHWC", "HWIO", "NHWC")
        y = jax.lax.conv_general_dilated(x, kernel, (1, 1), "VALID", dimension_numbers=layout)
        return jax.nn.relu(y + offset)

    def max_pool(x: Any) -> Any:
        return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss_function(parameters: Any, x: Any, y: Any) -> Any:
        first, first_offset, second, second_offset, kernel, offset = parameters
        hidden = max_pool(convolution(x, first, first_offset))
        hidden = max_pool(convolution(hidden, second, second_offset))
        logits = hidden.reshape(batch, -1) @ kernel + offset
        return jnp.mean(optax.softmax_cross_entropy(logits, y))

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Any, state: Any, x: Any, y: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(parameters, x, y)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    parameters = values
    state = optimizer.init(parameters)

    def step() -> Any:
        nonlocal parameters, state
        parameters, state, loss = update(parameters, state, inputs, labels)
        return loss

    return step


def recurrent(steps: int, batch: int) -> Any:
    """As the tape source of that name, with `jax.lax.scan`."""
    values, weights = recurrent_values(steps, batch)
    inputs, parameters = jnp.asarray(values), list(map(jnp.asarray, weights))
    optimizer = optax.adam(0.001)

    def loss_function(parameters: Any, x: Any) -> Any:
        kernel, recurrent_kernel, bias = parameters
        given = jnp.moveaxis(x @ kernel + bias, 1, 0)

        def advance(states: Any, z: Any) -> Any:
            hidden, carry = states
            i, f, c, o = jnp.split(z + hidden @ recurrent_kernel, 4, axis=-1)
            carry = jax.nn.sigmoid(f) * carry + jax.nn.sigmoid(i) * jnp.tanh(c)
            hidden = jax.nn.sigmoid(o) * jnp.tanh(carry)
            return (hidden, carry), None

        zeros = jnp.zeros((x.shape[0], recurrent_kernel.shape[0]))
        (hidden, _), _ = jax.lax.scan(advance, (zeros, zeros), given)
        return jnp.mean(hidden**2)

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Any, state: Any, x: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(parameters, x)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    state = optimizer.init(parameters)

    def step() -> Any:
        nonlocal parameters, state
        parameters, state, loss = update(parameters, state, inputs)
        return loss

    return step
