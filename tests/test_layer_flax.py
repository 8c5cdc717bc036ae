"""Flax modules as layers, against the modules themselves."""

from __future__ import annotations

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import functape as tf

X = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


class Block(nnx.Module):
    def __init__(self, rngs):
        self.linear = nnx.Linear(3, 4, rngs=rngs)
        self.norm = nnx.BatchNorm(4, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x):
        return self.dropout(self.norm(self.linear(x)))


class LinenBlock(nn.Module):
    @nn.compact
    def __call__(self, x, train=False):
        x = nn.BatchNorm(use_running_average=not train)(nn.Dense(4)(x))
        return nn.Dropout(0.5, deterministic=not train)(x)


def test_an_nnx_module_is_a_layer():
    layer, module = tf.keras.layers.FlaxLayer(Block(nnx.Rngs(0))), Block(nnx.Rngs(0))
    module.train()
    for _ in range(3):
        np.testing.assert_allclose(layer(X, training=True).numpy(), module(X), rtol=1e-5, atol=1e-6)
    module.eval()
    np.testing.assert_allclose(layer(X).numpy(), module(X), rtol=1e-5, atol=1e-6)
    assert (len(layer.trainable_weights), len(layer.non_trainable_weights)) == (4, 4)


def test_its_gradients_are_jaxs():
    layer, module = tf.keras.layers.FlaxLayer(nnx.Linear(3, 2, rngs=nnx.Rngs(1))), nnx.Linear(3, 2, rngs=nnx.Rngs(1))
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(X) ** 2)
    gradients = tape.gradient(loss, layer.trainable_weights)
    wanted = nnx.grad(lambda module: jnp.sum(module(X) ** 2))(module)
    for mine, theirs in zip(gradients, jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs, rtol=1e-5)


def test_a_linen_module_is_a_layer():
    layer = tf.keras.layers.FlaxLayer(LinenBlock(), seed=3)
    inputs = tf.keras.Input((3,))
    model = tf.keras.Model(inputs, layer(inputs))
    assert tuple(model.output_shape) == (None, 4)
    moving = layer.non_trainable_weights[0].numpy()
    assert np.mean(model(X, training=True).numpy() == 0) > 0.1
    assert not np.array_equal(layer.non_trainable_weights[0].numpy(), moving)
    np.testing.assert_array_equal(model(X).numpy(), model(X).numpy())
    assert not np.array_equal(model(X, training=True).numpy(), model(X, training=True).numpy())


def test_what_is_no_module_is_refused():
    with pytest.raises(ValueError, match="flax"):
        tf.keras.layers.FlaxLayer(3)
