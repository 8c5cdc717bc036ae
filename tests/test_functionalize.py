"""`functionalize`: the pure form of a step, under each of JAX's transformations, against the step itself."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import tensorflow
from jax.sharding import AxisType, PartitionSpec

import functape as tf

X = np.random.default_rng(0).normal(size=(16, 5)).astype(np.float32)
Y = np.random.default_rng(1).integers(0, 3, 16).astype(np.int32)


def everything(seed=0):
    """A step with a model, batch statistics, dropout, an optimizer, a metric and random numbers."""
    tf.keras.utils.set_random_seed(seed)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [layers.Dense(8, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.3, seed=1), layers.Dense(3)]
    )
    model(X)
    optimizer = tf.keras.optimizers.Adam(0.01)
    metric = tf.keras.metrics.SparseCategoricalAccuracy()
    loss_function = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def step(x, y):
        with tf.GradientTape() as tape:
            logits = model(x, training=True)
            loss = loss_function(y, logits)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        metric.update_state(y, logits)
        return {"loss": loss, "best": tf.argmax(logits, 1), "noise": tf.random.normal([2])}

    return step, model, optimizer, metric


def descent():
    w = tf.Variable(2.0, name="w")

    def step(x):
        with tf.GradientTape() as tape:
            loss = (w * x - 1.0) ** 2
        w.assign_sub(0.1 * tape.gradient(loss, w))
        return loss

    return step, w


def close(a, b, **tolerance):
    jax.tree.map(lambda x, y: np.testing.assert_allclose(np.asarray(x), np.asarray(y), **tolerance), a, b)


def test_a_step_with_everything_agrees_with_the_traced_step():
    step, *_ = everything()
    pure, state = tf.functionalize(step, X, Y)
    assert all(isinstance(leaf, jax.Array) for leaf in jax.tree.leaves(state))
    traced, run = tf.function(step), jax.jit(pure)
    for _ in range(4):
        state, outputs = run(state, X, Y)
        wanted = traced(X, Y)
        close(outputs, {name: each.numpy() for name, each in wanted.items()}, rtol=1e-5, atol=1e-6)
        # The traced step's random ops have a state of their own.
        close(state | {"random": 0}, tf.pytree(pure) | {"random": 0}, rtol=1e-5, atol=1e-6)


def test_nothing_is_run_and_no_variable_changes():
    step, model, *_ = everything()
    before = tf.pytree(model)
    tf.functionalize(step, X, Y)
    close(tf.pytree(model), before, rtol=0)


def test_state_goes_back():
    step, model, optimizer, _ = everything()
    pure, state = tf.functionalize(step, X, Y)
    for _ in range(3):
        state, _ = jax.jit(pure, donate_argnums=0)(jax.tree.map(jnp.copy, state), X, Y)
    tf.load_state(pure, state)
    close(tf.pytree(pure), state, rtol=0)
    assert optimizer.iterations.numpy() == 3
    wanted = pure(state, X, Y)[1]["loss"]
    np.testing.assert_allclose(tf.function(step)(X, Y)["loss"].numpy(), wanted, rtol=1e-6)
    tf.load_state(model, tf.functionalize(step, X, Y)[1])


def test_transformations():
    step, *_ = everything()
    pure, state = tf.functionalize(step, X, Y)
    wanted = pure(state, X, Y)[1]["loss"]
    trainable, others = pure.split(state)

    def loss(trainable):
        return pure(pure.join(trainable, others), X, Y)[1]["loss"]

    gradient = jax.grad(loss)(trainable)
    assert jax.tree.structure(gradient) == jax.tree.structure(trainable)
    close(jax.grad(jax.checkpoint(loss))(trainable), gradient, rtol=1e-5, atol=1e-6)
    batched = jax.vmap(pure, in_axes=(None, 0, 0))(state, np.stack([X, X]), np.stack([Y, Y]))[1]["loss"]
    np.testing.assert_allclose(batched, [wanted, wanted], rtol=1e-5)
    losses = jax.lax.scan(lambda s, _: (lambda made: (made[0], made[1]["loss"]))(pure(s, X, Y)), state, None, length=3)
    after, _ = pure(state, X, Y)
    np.testing.assert_allclose(losses[1][:2], [wanted, pure(after, X, Y)[1]["loss"]], rtol=1e-5)
    mesh = jax.make_mesh((1,), ("data",), axis_types=(AxisType.Auto,))
    rows, all_ = PartitionSpec("data"), PartitionSpec()
    sharded = jax.shard_map(
        lambda s, x, y: jax.lax.pmean(pure(s, x, y)[1]["loss"], "data"),
        mesh=mesh, in_specs=(all_, rows, rows), out_specs=all_, check_vma=False,
    )  # fmt: skip
    np.testing.assert_allclose(sharded(state, X, Y), wanted, rtol=1e-5)
    exported = jax.export.export(jax.jit(pure))(state, X, Y)
    again = jax.export.deserialize(exported.serialize())
    np.testing.assert_allclose(again.call(state, X, Y)[1]["loss"], wanted, rtol=1e-5)


def test_gradients_are_those_of_the_tape():
    _, w = descent()
    pure, state = tf.functionalize(lambda x: (w * x - 1.0) ** 2, 3.0)
    gradient = jax.grad(lambda s: pure(s, 3.0)[1])(state)
    with tf.GradientTape() as tape:
        loss = (w * 3.0 - 1.0) ** 2
    np.testing.assert_allclose(gradient["w"], tape.gradient(loss, w).numpy(), rtol=1e-6)


def test_an_alias_is_there_once():
    _, w = descent()
    holder = {"a": w, "b": w}
    _, state = tf.functionalize(lambda: holder["a"] + holder["b"])
    assert list(state) == ["w"] and jax.tree.structure(tf.pytree(holder)) == jax.tree.structure(state)


def test_names_that_clash_are_told_apart():
    first, second, third = tf.Variable(1.0, name="a"), tf.Variable(2.0, name="a"), tf.Variable(3.0, name="a/b")
    pure, state = tf.functionalize(lambda: first + second + third)
    assert len(jax.tree.leaves(state)) == 3 and float(pure(state)[1]) == 6.0


def test_a_variable_made_inside_is_reported_with_its_line():
    def step(x):
        w = tf.Variable(1.0)
        return w * x

    with pytest.raises(ValueError, match=r"test_functionalize\.py:\d+ in step"):
        tf.functionalize(step, 2.0)


def test_a_value_needed_in_python_is_reported_with_its_line():
    def step(x):
        return tf.zeros([int(tf.reduce_sum(x))])

    with pytest.raises((TypeError, NotImplementedError)):
        tf.functionalize(step, tf.constant([1.0]))


def test_python_values_are_part_of_the_step():
    w = tf.Variable([1.0, 2.0], name="w")

    def step(x, training, count):
        return tf.reshape(w * x, [count, -1]) if training else w

    pure, state = tf.functionalize(step, 2.0, True, 2)
    assert jax.jit(pure, static_argnums=(2, 3))(state, 3.0, True, 2)[1].shape == (2, 1)
    with pytest.raises(ValueError, match="functionalized with the Python value True"):
        pure(state, 3.0, False, 2)
    with pytest.raises(TypeError, match="structure"):
        pure(state, 3.0)


def test_other_shapes_trace_anew():
    step, *_ = everything()
    pure, state = tf.functionalize(step, X, Y)
    assert pure(state, X[:4], Y[:4])[1]["best"].shape == (4,)


def test_missing_and_misshapen_states():
    step, _ = descent()
    pure, state = tf.functionalize(step, 1.0)
    with pytest.raises(ValueError, match="has no 'w'"):
        pure({}, 1.0)
    with pytest.raises(ValueError, match="shape"):
        tf.load_state(pure, {"w": np.zeros(3, np.float32)})
    with pytest.raises(TypeError, match="tracer"):
        jax.jit(lambda s: tf.load_state(pure, s))(state)
    with pytest.raises(TypeError, match="no variables"):
        tf.pytree(3)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: tf.keras.optimizers.SGD(0.1),
        lambda: tf.keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        lambda: tf.keras.optimizers.RMSprop(0.01),
        lambda: tf.keras.optimizers.AdamW(0.01, clipnorm=1.0),
        lambda: tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
        lambda: tf.keras.optimizers.Optax(optax.adam(0.01)),
    ],
    ids=["sgd", "momentum", "rmsprop", "adamw", "schedule", "optax"],
)
def test_optimizers(optimizer):
    def make():
        first, second = tf.Variable([1.0, -2.0], name="first"), tf.Variable([[3.0]], name="second")
        chosen = optimizer()

        def step(x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((first * x) ** 2) + tf.reduce_sum(second**2)
            gradients = tape.gradient(loss, [first, second])
            chosen.apply_gradients(zip(gradients, [first, second], strict=True))
            return loss

        return step, first, second

    step, first, second = make()
    pure, state = tf.functionalize(step, 2.0)
    for _ in range(3):
        state, loss = pure(state, 2.0)
        np.testing.assert_allclose(loss, step(2.0).numpy(), rtol=1e-6)
    close([state["first"], state["second"]], [first.numpy(), second.numpy()], rtol=2e-6)
    close(tf.pytree(pure), state, rtol=2e-6)


def test_under_64_bits_nothing_is_narrowed():
    w = tf.Variable(np.float64(1.0) / 3.0, name="w")
    with jax.enable_x64(True):
        pure, state = tf.functionalize(lambda x: w * x, np.float64(3.0))
        assert pure(state, np.float64(3.0))[1].dtype == np.float64
    assert tf.functionalize(lambda x: w * x, np.float64(3.0))[1]["w"].dtype == np.float32


def test_it_agrees_with_tensorflow():
    def losses(tf):
        w = tf.Variable([[0.5], [-0.25]])
        optimizer = tf.keras.optimizers.Adam(0.1)

        def step(x):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(tf.matmul(x, w) - 1.0))
            optimizer.apply_gradients([(tape.gradient(loss, w), w)])
            return loss

        return step

    x = X[:, :2]
    pure, state = tf.functionalize(losses(tf), x)
    theirs = losses(tensorflow)
    for _ in range(5):
        state, loss = pure(state, x)
        np.testing.assert_allclose(loss, theirs(tensorflow.constant(x)).numpy(), rtol=1e-5)
