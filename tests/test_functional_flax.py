"""Models' variables as flax's states and parameters, optimizers' as optax's, and back."""

from __future__ import annotations

import flax.linen
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

import functape as tf

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def ours():
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(5, activation="relu"), tf.keras.layers.Dense(2)])
    model(X)
    return model


class Linen(flax.linen.Module):
    """The same model."""

    @flax.linen.compact
    def __call__(self, x):
        x = jax.nn.relu(flax.linen.Dense(5)(x))
        return flax.linen.Dense(2)(x)


class Nnx(nnx.Module):
    """The same model."""

    def __init__(self, rngs):
        self.first = nnx.Linear(4, 5, rngs=rngs)
        self.second = nnx.Linear(5, 2, rngs=rngs)

    def __call__(self, x):
        return self.second(jax.nn.relu(self.first(x)))


def named(params):
    """Linen's parameters under the names of our variables."""
    return {"dense": params["Dense_0"], "dense_1": params["Dense_1"]}


def test_linen_parameters_go_in_by_name_and_come_out():
    module, model = Linen(), ours()
    params = module.init(jax.random.key(1), X)["params"]
    tf.functional.from_flax(model, named(params))
    np.testing.assert_allclose(model(X).numpy(), module.apply({"params": params}, X), rtol=1e-5, atol=1e-6)
    out = tf.functional.to_flax(model)
    back = {"Dense_0": out["dense"], "Dense_1": out["dense_1"]}
    jax.tree.map(np.testing.assert_array_equal, back, dict(params))


def test_an_nnx_state_goes_in_and_out_in_order():
    model = ours()
    module = Nnx(nnx.Rngs(0))
    graph, state = nnx.split(module)
    # nnx's order is of names: the bias before the kernel.
    variables = [model.layers[i].weights[j] for i in (0, 1) for j in (1, 0)]
    tf.functional.from_flax(variables, state)
    np.testing.assert_allclose(model(X).numpy(), module(X), rtol=1e-5, atol=1e-6)
    for variable in variables:
        variable.assign(variable * 2.0)
    made = tf.functional.to_flax(variables, like=state)
    assert isinstance(made, nnx.State) and jax.tree.structure(made) == jax.tree.structure(state)
    np.testing.assert_allclose(nnx.merge(graph, made)(X), model(X).numpy(), rtol=1e-5, atol=1e-6)


def test_shapes_must_agree():
    model = ours()
    params = Linen().init(jax.random.key(1), X)["params"]
    with pytest.raises(ValueError, match="shapes"):
        tf.functional.to_flax(model, like=params)
    with pytest.raises(ValueError, match="shapes"):
        tf.functional.from_flax(model, [np.zeros(3)])
    before = model.get_weights()
    with pytest.raises(ValueError, match="shapes"):
        tf.functional.from_flax(model, [np.zeros(5), *map(np.asarray, before[1:])])
    jax.tree.map(np.testing.assert_array_equal, model.get_weights(), before)


def test_optax_state_goes_out_and_in():
    w = tf.Variable([1.0, -2.0], name="w")
    transformation = optax.adam(0.1)
    optimizer = tf.keras.optimizers.Optax(transformation)
    parameters = jnp.asarray([1.0, -2.0])
    state = transformation.init(parameters)
    for _ in range(2):
        optimizer.apply_gradients([(2.0 * w, w)])
        updates, state = transformation.update(2.0 * parameters, state, parameters)
        parameters = optax.apply_updates(parameters, updates)
    np.testing.assert_allclose(w.numpy(), parameters, rtol=1e-5)
    moments = [each for path, each in jax.tree_util.tree_flatten_with_path(tf.pytree(optimizer))[0] if each.shape]
    for mine, theirs in zip(moments, (state[0].mu, state[0].nu), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-5)
    saved = tf.pytree([w, optimizer])
    optimizer.apply_gradients([(2.0 * w, w)])
    wanted = w.numpy()
    tf.load_state([w, optimizer], saved)
    optimizer.apply_gradients([(2.0 * w, w)])
    np.testing.assert_allclose(w.numpy(), wanted, rtol=1e-5)


def test_an_optax_loop_on_the_variables_of_a_model():
    model = ours()
    pure, state = tf.functionalize(lambda x: tf.reduce_mean(model(x) ** 2), X)
    transformation = optax.adam(0.01)
    trainable, others = pure.split(state)
    moments = transformation.init(trainable)

    @jax.jit
    def step(trainable, moments):
        loss, gradients = jax.value_and_grad(lambda some: pure(pure.join(some, others), X)[1])(trainable)
        updates, moments = transformation.update(gradients, moments, trainable)
        return optax.apply_updates(trainable, updates), moments, loss

    first = None
    for _ in range(30):
        trainable, moments, loss = step(trainable, moments)
        first = loss if first is None else first
    tf.load_state(model, pure.join(trainable, others))
    assert float(tf.reduce_mean(model(X) ** 2)) < 0.7 * float(first)
