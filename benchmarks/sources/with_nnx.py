"""The workloads as flax programs: `nnx` modules, `nnx.Optimizer` and a step under `nnx.jit`."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from benchmarks.sources import values


def training(model: Any, loss_function: Callable[..., Any], data: tuple[Any, ...], optimizer: Any) -> Any:
    """One step, as flax's documents write it."""
    holder = nnx.Optimizer(model, optimizer, wrt=nnx.Param)
    data = tuple(map(jnp.asarray, data))

    @nnx.jit
    def train(model: Any, holder: Any, *data: Any) -> Any:
        loss, gradients = nnx.value_and_grad(loss_function)(model, *data)
        holder.update(model, gradients)
        return loss

    return lambda: train(model, holder, *data)


def put(layer: Any, kernel: Any, offset: Any = None) -> None:
    """Give a layer its weights."""
    layer.kernel[...] = jnp.asarray(kernel)
    if offset is not None:
        layer.bias[...] = jnp.asarray(offset)


def scalar_quadratic() -> Any:
    """As the tape source of that name."""

    class Holder(nnx.Module):
        def __init__(self) -> None:
            self.x = nnx.Param(jnp.float32(0.0))

    def loss_function(model: Any, a: Any, b: Any, c: Any) -> Any:
        return a * model.x[...] ** 2 + b * model.x[...] + c

    return training(Holder(), loss_function, (np.float32(1.0), np.float32(-2.0), np.float32(1.0)), optax.sgd(0.01))


def _cross_entropy(model: Any, x: Any, y: Any) -> Any:
    return jnp.mean(optax.softmax_cross_entropy(model(x), y))


def perceptron(widths: tuple[int, ...], batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, weights, biases = values.perceptron(widths, batch)

    class Perceptron(nnx.Module):
        def __init__(self) -> None:
            rngs = nnx.Rngs(0)
            self.layers = nnx.List([nnx.Linear(*shape, rngs=rngs) for shape in itertools.pairwise(widths)])

        def __call__(self, x: Any) -> Any:
            for layer in self.layers[:-1]:
                x = jax.nn.relu(layer(x))
            return self.layers[-1](x)

    model = Perceptron()
    for layer, kernel, offset in zip(model.layers, weights, biases, strict=True):
        put(layer, kernel, offset)
    return training(model, _cross_entropy, (inputs, labels), optax.adam(0.001))


def convolutional(batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, parameters = values.convolutional(batch)

    class Net(nnx.Module):
        def __init__(self) -> None:
            rngs = nnx.Rngs(0)
            self.first = nnx.Conv(1, 32, (3, 3), padding="VALID", rngs=rngs)
            self.second = nnx.Conv(32, 64, (3, 3), padding="VALID", rngs=rngs)
            self.logits = nnx.Linear(1600, 10, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            x = nnx.max_pool(jax.nn.relu(self.first(x)), (2, 2), (2, 2))
            x = nnx.max_pool(jax.nn.relu(self.second(x)), (2, 2), (2, 2))
            return self.logits(x.reshape(batch, -1))

    model = Net()
    for number, layer in enumerate((model.first, model.second, model.logits)):
        put(layer, *parameters[2 * number : 2 * number + 2])
    return training(model, _cross_entropy, (inputs, labels), optax.adam(0.001))


def recurrent(steps: int, batch: int) -> Any:
    """As the tape source of that name."""
    inputs, (kernel, recurrent_kernel, bias) = values.recurrent(steps, batch)
    units = recurrent_kernel.shape[0]
    model = nnx.RNN(nnx.LSTMCell(inputs.shape[-1], units, rngs=nnx.Rngs(0)))
    for gate, given, kept, offset in zip(
        "ifgo", *(np.split(each, 4, axis=-1) for each in (kernel, recurrent_kernel, bias)), strict=True
    ):
        put(getattr(model.cell, "if_" if gate == "f" else f"i{gate}"), given)
        put(getattr(model.cell, f"h{gate}"), kept, offset)
    return training(model, lambda model, x: jnp.mean(model(x)[:, -1] ** 2), (inputs,), optax.adam(0.001))


def transformer(layers: int, steps: int, batch: int) -> Any:
    """As the tape source of that name."""
    inputs, targets, parameters = values.transformer(layers, steps, batch)

    class Block(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.attention = nnx.MultiHeadAttention(values.HEADS, values.MODEL, decode=False, rngs=rngs)
            self.first_norm = nnx.LayerNorm(values.MODEL, epsilon=1e-3, rngs=rngs)
            self.inner = nnx.Linear(values.MODEL, values.INNER, rngs=rngs)
            self.outer = nnx.Linear(values.INNER, values.MODEL, rngs=rngs)
            self.second_norm = nnx.LayerNorm(values.MODEL, epsilon=1e-3, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            x = self.first_norm(x + self.attention(x))
            return self.second_norm(x + self.outer(jax.nn.relu(self.inner(x))))

    rngs = nnx.Rngs(0)
    model = nnx.Sequential(*(Block(rngs) for _ in range(layers)))
    for block, (attention, _, inner, outer, _) in zip(model.layers, parameters, strict=True):
        parts = (block.attention.query, block.attention.key, block.attention.value, block.attention.out)
        for number, part in enumerate(parts):
            put(part, *attention[2 * number : 2 * number + 2])
        put(block.inner, *inner)
        put(block.outer, *outer)
    return training(
        model, lambda model, x, wanted: jnp.mean((model(x) - wanted) ** 2), (inputs, targets), optax.adam(0.001)
    )


def large(width: int, count: int, batch: int) -> Any:
    """As the tape source of that name."""

    class Net(nnx.Module):
        def __init__(self) -> None:
            self.kernels = nnx.List([nnx.Param(jnp.asarray(each)) for each in values.large_kernels(width, count)])

    def loss_function(model: Any, x: Any) -> Any:
        for kernel in model.kernels:
            x = jax.nn.relu(x @ kernel[...])
        return jnp.mean(x**2)

    return training(Net(), loss_function, (np.ones((batch, width), np.float32),), optax.adam(0.001))
