"""`functape.export`: steps and models as `jax.export` programs, with lengths left open, against the code itself."""

from __future__ import annotations

import jax
import numpy as np
import pytest
from _sampling import sampled
from layer_cases import CASES
from test_functionalize import X, Y, close, descent, everything

import functape as tf

L = tf.keras.layers


def both(function, *arrays):
    """What a function gives for more rows than it was exported for, exported and not."""
    specs = [tf.TensorSpec([None, *each.shape[1:]], each.dtype) for each in arrays]
    exported = tf.export(function, *specs)
    assert "stablehlo" in exported.mlir_module() or "func.func" in exported.mlir_module()
    again = jax.export.deserialize(exported.serialize())
    longer = [np.concatenate([each, each[:1]]) for each in arrays]
    step, state = tf.functionalize(function, *longer)
    close(again.call(state, *longer), step(state, *longer), rtol=1e-4, atol=1e-5)


PLAIN = [case for case in CASES if not case.call and not isinstance(case.x, list)]


@pytest.mark.parametrize("case", sampled("export", PLAIN, 12), ids=lambda case: case.name)
def test_layers_for_any_batch(case):
    layer = case.make(L)
    layer(tf.constant(case.x))
    both(lambda x: layer(x), case.x)


def lengths(x):
    count = tf.shape(x)[0]
    noise = tf.random.stateless_normal(tf.shape(x), [1, 2])
    return [
        x / tf.cast(count, tf.float32), tf.zeros([count, 2]), tf.range(count), tf.range(1, count, 2), x[-1], x[:2],
        x[::-1], x[1:], x[: count - 1], x[::2], tf.tile(x[:1], [count, 1]), tf.size(x), tf.reshape(x, [count * 2, -1]),
        tf.one_hot(tf.zeros([x.shape[0]], tf.int32), 3), tf.reduce_mean(x), tf.math.reduce_variance(x, 0),
        tf.nn.moments(x, [0]), tf.convert_to_tensor(x.shape), x + noise, tf.broadcast_to(x[0], tf.shape(x)),
        tf.concat([x, x], 0), tf.pad(x, [[1, 2], [0, 0]]), tf.einsum("bi,bj->ij", x, x), tf.math.top_k(x, 2).values,
    ]  # fmt: skip


def test_lengths_as_values():
    both(lengths, X[:, :4])


def test_control_flow():
    @tf.function
    def total(x):
        sums = tf.zeros([4])
        for row in x:
            sums = sums + row if tf.reduce_sum(row) > 0.0 else sums * 0.5
        return sums, tf.map_fn(lambda row: row * 2.0, x), tf.scan(lambda a, row: a + row, x, sums)

    both(total, X[:, :4])


@pytest.mark.parametrize(
    "name",
    ["MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy", "Huber", "KLDivergence", "CosineSimilarity"],
)
def test_losses(name):
    loss = getattr(tf.keras.losses, name)()
    probabilities = np.abs(X) / np.abs(X).sum(1, keepdims=True)
    both(lambda a, b: loss(a, b), probabilities, probabilities[::-1].copy())


def test_a_training_step_for_any_batch():
    step, *_ = everything()
    exported = tf.export(step, tf.TensorSpec([None, 5]), tf.TensorSpec([None], tf.int32))
    pure, state = tf.functionalize(step, X, Y)
    made, wanted = exported.call(state, X[:3], Y[:3]), pure(state, X[:3], Y[:3])
    close(made[1] | {"noise": 0}, wanted[1] | {"noise": 0}, rtol=1e-4, atol=1e-5)
    close(made[0] | {"random": 0}, wanted[0] | {"random": 0}, rtol=1e-4, atol=1e-5)


def test_a_functionalized_step_is_exported_as_it_was():
    step, _ = descent()
    pure, state = tf.functionalize(step, 3.0)
    exported = tf.export(pure)
    close(exported.call(state, np.float32(3.0)), pure(state, 3.0), rtol=1e-6)
    again = jax.export.deserialize(exported.serialize(vjp_order=1))
    wanted = jax.grad(lambda state: pure(state, 3.0)[1])(state)
    close(jax.grad(lambda state: again.call(state, np.float32(3.0))[1])(state), wanted, rtol=1e-6)


def test_models_and_platforms():
    model = tf.keras.Sequential([tf.keras.Input((4,)), L.Dense(3, activation="relu"), L.Dense(2)])
    exported = tf.export(model, tf.TensorSpec([None, 4]), platforms=("cpu", "cuda", "tpu"))
    assert exported.platforms == ("cpu", "cuda", "tpu")
    close(exported.call(tf.pytree(model), X[:, :4])[1], model(X[:, :4]).numpy(), rtol=1e-5)


def test_lengths_that_must_agree_are_tied():
    exported = tf.export(lambda x, y: x * y, tf.TensorSpec([None, 3]), tf.TensorSpec([None, 1]))
    assert exported.call({}, X[:, :3], X[:, :1])[1].shape == (16, 3)
    free = tf.export(lambda x, y: tf.concat([x, y], 0), tf.TensorSpec([None]), tf.TensorSpec([None]))
    assert free.call({}, X[0], X[0, :2])[1].shape == (7,)


def test_python_values_are_none_in_the_program():
    exported = tf.export(lambda x, negative: -x if negative else x, tf.TensorSpec([2]), True)
    np.testing.assert_array_equal(exported.call({}, X[0, :2], None)[1], -X[0, :2])


@pytest.mark.parametrize(
    ("function", "error", "message"),
    [
        (lambda x: tf.print(x), NotImplementedError, r"tf\.print"),
        (lambda x: x if x.shape[0] > 3 else -x, ValueError, "lengths left open"),
        (lambda x: tf.reshape(x, [2, -1]), ValueError, r"tf\.shape"),
        (3, TypeError, "`fn`"),
    ],
    ids=["print", "a choice", "a factor", "no function"],
)
def test_errors(function, error, message):
    with pytest.raises(error, match=message):
        tf.export(function, tf.TensorSpec([None]))


def test_a_rank_is_needed():
    with pytest.raises(ValueError, match="rank"):
        tf.export(lambda x: x, tf.TensorSpec(None))
