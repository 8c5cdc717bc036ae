"""The workloads by hand: a donated `jax.jit` step with optax."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

from benchmarks.sources import values


def training(parameters: Any, loss_function: Callable[..., Any], data: tuple[Any, ...], optimizer: Any) -> Any:
    """One step of an optimizer on the parameters, whose old buffers are given up.

    **Arguments:**
    - `parameters`: a pytree of arrays.
    - `loss_function`: of the parameters and the data.
    - `data`: what else the step is given.
    - `optimizer`: optax's.
    """
    parameters = jax.tree.map(jnp.asarray, parameters)
    data = jax.tree.map(jnp.asarray, data)
    state = optimizer.init(parameters)

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Any, state: Any, *data: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(parameters, *data)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    def step() -> Any:
        nonlocal parameters, state
        parameters, state, loss = update(parameters, state, *data)
        return loss

    return step


def scalar_quadratic() -> Any:
    """As the tape source of that name."""
    numbers = jnp.float32(1.0), jnp.float32(-2.0), jnp.float32(1.0)
    return training(jnp.float32(0.0), lambda x, a, b, c: a * x**2 + b * x + c, numbers, optax.sgd(0.01))


def perceptron(widths: tuple[int, ...], batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, weights, biases = values.perceptron(widths, batch)

    def loss_function(parameters: Any, x: Any, y: Any) -> Any:
        hidden = x
        for kernel, offset in parameters[:-1]:
            hidden = jax.nn.relu(hidden @ kernel + offset)
        kernel, offset = parameters[-1]
        return jnp.mean(optax.softmax_cross_entropy(hidden @ kernel + offset, y))

    parameters = list(zip(weights, biases, strict=True))
    return training(parameters, loss_function, (inputs, labels), optax.adam(0.001))


def convolutional(batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, parameters = values.convolutional(batch)

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

    return training(parameters, loss_function, (inputs, labels), optax.adam(0.001))


def recurrent(steps: int, batch: int) -> Any:
    """As the tape source of that name, with `jax.lax.scan`."""
    inputs, weights = values.recurrent(steps, batch)

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

    return training(weights, loss_function, (inputs,), optax.adam(0.001))


def transformer(layers: int, steps: int, batch: int) -> Any:
    """As the tape source of that name."""
    inputs, targets, parameters = values.transformer(layers, steps, batch)

    def normalized(x: Any, scale: Any, offset: Any) -> Any:
        mean, variance = jnp.mean(x, -1, keepdims=True), jnp.var(x, -1, keepdims=True)
        return (x - mean) * jax.lax.rsqrt(variance + 1e-3) * scale + offset

    def attention(x: Any, weights: Any) -> Any:
        kernels, offsets = weights[:6:2], weights[1:6:2]
        query, key, value = (jnp.einsum("btd,dhk->bthk", x, k) + b for k, b in zip(kernels, offsets, strict=True))
        scores = jnp.einsum("bthk,bshk->bhts", query / jnp.sqrt(query.shape[-1]), key)
        mixed = jnp.einsum("bhts,bshk->bthk", jax.nn.softmax(scores), value)
        return jnp.einsum("bthk,hkd->btd", mixed, weights[6]) + weights[7]

    def loss_function(parameters: Any, x: Any, wanted: Any) -> Any:
        for weights, first_norm, inner, outer, second_norm in parameters:
            x = normalized(x + attention(x, weights), *first_norm)
            hidden = jax.nn.relu(x @ inner[0] + inner[1])
            x = normalized(x + hidden @ outer[0] + outer[1], *second_norm)
        return jnp.mean((x - wanted) ** 2)

    return training(parameters, loss_function, (inputs, targets), optax.adam(0.001))


def embedding(rows: int, width: int, looked_up: int) -> Any:
    """As the tape source of that name: the gradient of the rows that were looked up is added to them in place."""
    indices, wanted = map(jnp.asarray, values.embedding(rows, width, looked_up))
    table = jnp.zeros((rows, width))

    @partial(jax.jit, donate_argnums=0)
    def update(table: Any, indices: Any, wanted: Any) -> Any:
        loss, gradient = jax.value_and_grad(lambda found: jnp.mean((found - wanted) ** 2))(table[indices])
        return table.at[indices].add(-0.1 * gradient), loss

    def step() -> Any:
        nonlocal table
        table, loss = update(table, indices, wanted)
        return loss

    return step


def large(width: int, count: int, batch: int) -> Any:
    """As the tape source of that name."""
    return training(*_large(width, count, batch), optax.adam(0.001))


def large_keeping(width: int, count: int, batch: int) -> Any:
    """As `large`; the step returns the gradients too, and the program keeps them until the next step, as a tape program
    does that gives them a name."""
    parameters, loss_function, data = _large(width, count, batch)
    optimizer = optax.adam(0.001)
    state = optimizer.init(parameters)

    @partial(jax.jit, donate_argnums=(0, 1))
    def update(parameters: Any, state: Any, *data: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_function)(parameters, *data)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss, gradients

    kept: Any = None

    def step() -> Any:
        nonlocal parameters, state, kept
        kept = None
        parameters, state, loss, kept = update(parameters, state, *data)
        return loss

    return step


def _large(width: int, count: int, batch: int) -> tuple[Any, Callable[..., Any], tuple[Any, ...]]:
    def loss_function(parameters: Any, x: Any) -> Any:
        for kernel in parameters:
            x = jax.nn.relu(x @ kernel)
        return jnp.mean(x**2)

    return (
        [jnp.asarray(value) for value in values.large_kernels(width, count)],
        loss_function,
        (jnp.ones((batch, width)),),
    )


def loop(steps: int, shape: tuple[int, ...]) -> Any:
    """As the tape source of that name, with `jax.lax.fori_loop`."""
    wanted = jnp.ones(shape)
    optimizer = optax.adam(0.01)

    def loss_function(w: Any) -> Any:
        return jnp.sum((w - wanted) ** 2)

    def body(_: Any, carried: Any) -> Any:
        w, state = carried
        updates, state = optimizer.update(jax.grad(loss_function)(w), state, w)
        return optax.apply_updates(w, updates), state

    @partial(jax.jit, donate_argnums=(0, 1))
    def train(w: Any, state: Any) -> Any:
        w, state = jax.lax.fori_loop(0, steps, body, (w, state))
        return w, state, loss_function(w)

    w = jnp.zeros(shape)
    state = optimizer.init(w)

    def run() -> Any:
        nonlocal w, state
        w, state, loss = train(w, state)
        return loss

    return run


def many_ops(count: int) -> Any:
    """As the tape source of that name."""

    def chain(x: Any, a: Any, b: Any) -> Any:
        for _ in range(count // 2):
            x = x * a + b
        return x

    derive = jax.jit(jax.grad(chain))
    numbers = jnp.float32(0.5), jnp.float32(0.999), jnp.float32(0.001)
    return lambda: derive(*numbers)


def many_variables(count: int) -> Any:
    """As the tape source of that name."""
    parameters = [jnp.full(4, 1.0 + number / count) for number in range(count)]
    return training(parameters, lambda each: sum(jnp.sum(p * p) for p in each), (), optax.sgd(0.001))


def smallest_call() -> Any:
    """As the tape source of that name."""
    call, x = jax.jit(lambda x: x + 1.0), jnp.float32(1.0)
    return lambda: call(x)


def uniforms(count: int) -> Any:
    """As many random numbers, JAX's own."""
    key = jax.random.key(0)

    @jax.jit
    def draw(key: Any) -> Any:
        key, now = jax.random.split(key)
        return key, jax.random.uniform(now, (count,))

    def step() -> Any:
        nonlocal key
        key, numbers = draw(key)
        return numbers

    return step


def jacobian() -> Any:
    """As the tape source of that name, with `jax.jacrev`."""
    x, kernel, offset = map(jnp.asarray, values.sigmoid_layer())
    derive = jax.jit(jax.jacrev(lambda kernel, x, offset: jax.nn.sigmoid(x @ kernel + offset)))
    return lambda: derive(kernel, x, offset)


def hessian_vector_product() -> Any:
    """As the tape source of that name, with `jax.jvp` of `jax.grad`."""
    x, kernels, directions = jax.tree.map(jnp.asarray, values.tanh_net())

    def loss_function(kernels: Any, x: Any) -> Any:
        return jnp.mean(jnp.tanh(jnp.tanh(x @ kernels[0]) @ kernels[1]) ** 2)

    derive = jax.jit(
        lambda kernels, directions, x: jax.jvp(lambda k: jax.grad(loss_function)(k, x), (kernels,), (directions,))[1]
    )
    return lambda: derive(kernels, directions, x)


def hessian() -> Any:
    """As the tape source of that name, with `jax.hessian`."""
    x, w = map(jnp.asarray, values.small_net())

    def loss_function(w: Any, x: Any) -> Any:
        first, offset, second = w[:48].reshape(6, 8), w[48:56], w[56:].reshape(8, 1)
        return jnp.mean(jnp.tanh(jnp.tanh(x @ first + offset) @ second) ** 2)

    derive = jax.jit(jax.hessian(loss_function))
    return lambda: derive(w, x)
