"""Tensors and variables in JAX, JAX's arrays and tracers in functape."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import functape as tf

T = np.float32([1.0, 2.0])


@pytest.mark.parametrize("make", [tf.constant, tf.Variable], ids=["tensor", "variable"])
@pytest.mark.parametrize(
    "use",
    [
        jnp.sin, jax.jit(jnp.sin), jax.vmap(jnp.sin), jax.grad(lambda x: jnp.sum(x**2)), jnp.asarray, np.asarray,
        jnp.from_dlpack, np.from_dlpack, lambda x: jnp.ones((2, 2)) @ x,
    ],
    ids=["jnp", "jit", "vmap", "grad", "asarray", "numpy", "dlpack", "numpy_dlpack", "matmul"],
)  # fmt: skip
def test_jax_takes_them(make, use):
    np.testing.assert_allclose(np.asarray(use(make(T))), np.asarray(use(jnp.asarray(T))), rtol=1e-6)


def test_code_inside_transformations():
    w = tf.Variable([3.0, -1.0])

    def gradient(x):
        x = tf.convert_to_tensor(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.nn.relu(x * w) * x)
        return tape.gradient(y, x)

    wanted = gradient(T).numpy()
    np.testing.assert_allclose(np.asarray(jax.jit(gradient)(T)), wanted)
    np.testing.assert_allclose(np.asarray(jax.vmap(gradient)(np.stack([T, T]))), [wanted, wanted])
    np.testing.assert_allclose((w * 2.0).numpy(), [6.0, -2.0])


def test_assigning_inside_says_what_to_do():
    w = tf.Variable(T)

    @jax.jit
    def step(x):
        w.assign_add(x)
        return w * 1.0

    with pytest.raises(TypeError, match="functionalize"):
        step(T)
    np.testing.assert_array_equal(w.numpy(), T)


def test_wrap():
    function = tf.wrap(lambda tree: {"y": jnp.cumsum(tree["x"]) ** 2})
    x = tf.Variable(T)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(function({"x": x})["y"])
        first = tape.gradient(y, x)
    np.testing.assert_allclose(first.numpy(), jax.grad(lambda x: jnp.sum(jnp.cumsum(x) ** 2))(T))
    assert outer.gradient(first, x) is not None
    with pytest.raises(TypeError, match="jax_fn"):
        tf.wrap(3)


def test_a_python_int_reaches_a_wrapped_function():
    assert tf.wrap(lambda x, n: jnp.tile(x, n))(T, 2).shape == (4,)
