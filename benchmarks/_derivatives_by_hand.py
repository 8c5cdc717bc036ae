"""The same derivatives by hand: `jax.jit` of `jax.jacrev`, `jax.jvp` and `jax.hessian`."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from benchmarks._derivative_sources import hessian_values, sigmoid_layer_values, tanh_net_values


def sigmoid_jacobian() -> Any:
    """As the tape source of that name."""
    x, kernel, offset = map(jnp.asarray, sigmoid_layer_values())
    derive = jax.jit(jax.jacrev(lambda kernel, x, offset: jax.nn.sigmoid(x @ kernel + offset)))
    return lambda: derive(kernel, x, offset)


def hessian_vector_product() -> Any:
    """As the tape source of that name."""
    x, kernels, directions = jax.tree.map(jnp.asarray, tanh_net_values())

    def loss(kernels: Any, x: Any) -> Any:
        return jnp.mean(jnp.tanh(jnp.tanh(x @ kernels[0]) @ kernels[1]) ** 2)

    derive = jax.jit(
        lambda kernels, directions, x: jax.jvp(lambda k: jax.grad(loss)(k, x), (kernels,), (directions,))[1]
    )
    return lambda: derive(kernels, directions, x)


def full_hessian() -> Any:
    """As the tape source of that name."""
    x, w = map(jnp.asarray, hessian_values())

    def loss(w: Any, x: Any) -> Any:
        first, offset, second = w[:48].reshape(6, 8), w[48:56], w[56:].reshape(8, 1)
        return jnp.mean(jnp.tanh(jnp.tanh(x @ first + offset) @ second) ** 2)

    derive = jax.jit(jax.hessian(loss))
    return lambda: derive(w, x)
