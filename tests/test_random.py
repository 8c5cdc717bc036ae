"""`tf.random`: TensorFlow's numbers after `set_seed`, its argument rules, and a fresh draw each call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_error
from oracle import check_signature

import functape
from functape._engine._cache import cache

EXACT = 0.0
NORMAL = 5e-7
"""The last bits of sine and logarithm differ between XLA and Eigen."""

DRAWS: dict[str, tuple[Any, float]] = {
    "normal": (lambda tf: tf.random.normal([5, 3]), NORMAL),
    "normal, moved": (lambda tf: tf.random.normal([7], mean=3.0, stddev=0.5), NORMAL),
    "normal, seeded": (lambda tf: tf.random.normal([7], seed=9), NORMAL),
    "normal, float64": (lambda tf: tf.random.normal([5], 1, 2, tf.float64), NORMAL),
    "normal, float16": (lambda tf: tf.random.normal([5], dtype=tf.float16), 1e-3),
    "normal, parameters that broadcast": (
        lambda tf: tf.random.normal([2, 3], mean=[1.0, 2.0, 3.0], stddev=tf.constant([[1.0], [0.0]])),
        NORMAL,
    ),
    "normal, parameters that widen": (lambda tf: tf.random.normal([1], mean=[1.0, 2.0, 3.0]), NORMAL),
    "normal, shape as a tensor": (lambda tf: tf.random.normal(tf.constant([2, 2])), NORMAL),
    "normal, shape as a TensorShape": (lambda tf: tf.random.normal(tf.TensorShape([4])), NORMAL),
    "normal, shape with a tensor in it": (lambda tf: tf.random.normal([tf.constant(2), 3]), NORMAL),
    "normal, shape as an array": (lambda tf: tf.random.normal(np.array([3])), NORMAL),
    "normal, scalar": (lambda tf: tf.random.normal([]), NORMAL),
    "normal, empty": (lambda tf: tf.random.normal([0, 3]), NORMAL),
    "truncated_normal": (lambda tf: tf.random.truncated_normal([50]), NORMAL),
    "truncated_normal, moved": (lambda tf: tf.random.truncated_normal([20], 1.0, 0.5, seed=2), NORMAL),
    "uniform": (lambda tf: tf.random.uniform([5, 3]), EXACT),
    "uniform, bounds": (lambda tf: tf.random.uniform([9], -3.0, 5.0), EXACT),
    "uniform, only minval": (lambda tf: tf.random.uniform([9], minval=-1), EXACT),
    "uniform, bounds the wrong way round": (lambda tf: tf.random.uniform([9], minval=5, maxval=3), EXACT),
    "uniform, vector bounds": (lambda tf: tf.random.uniform([2], maxval=[3.0, 4.0]), EXACT),
    "uniform, float64": (lambda tf: tf.random.uniform([9], dtype=tf.float64), EXACT),
    "uniform, bfloat16": (lambda tf: tf.cast(tf.random.uniform([9], dtype=tf.bfloat16), tf.float32), EXACT),
    "uniform, seeded": (lambda tf: tf.random.uniform([9], seed=4), EXACT),
    "uniform, seed that is no integer": (lambda tf: tf.random.uniform([9], seed=1.5), EXACT),
    "uniform, int32": (lambda tf: tf.random.uniform([9], maxval=100, dtype=tf.int32), EXACT),
    "uniform, int64": (lambda tf: tf.random.uniform([9], -(10**12), 10**12, dtype=tf.int64), EXACT),
    "uniform, int32 seeded": (lambda tf: tf.random.uniform([9], 5, 50, dtype=tf.int32, seed=4), EXACT),
    "uniform, bounds as tensors": (lambda tf: tf.random.uniform([9], maxval=tf.constant(7), dtype=tf.int32), EXACT),
    "uniform, empty range of nothing": (lambda tf: tf.random.uniform([0], 5, 3, dtype=tf.int32), EXACT),
    "shuffle": (lambda tf: tf.random.shuffle(tf.range(20)), EXACT),
    "shuffle, rows": (lambda tf: tf.random.shuffle([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], seed=3), EXACT),
    "shuffle, scalar": (lambda tf: tf.random.shuffle(1), EXACT),
    "stateless_normal": (lambda tf: tf.random.stateless_normal([5], [1, 2], mean=2.0, stddev=3.0), NORMAL),
    "stateless_normal, seed as a tensor": (
        lambda tf: tf.random.stateless_normal([5], tf.constant([1, 2], tf.int64)),
        NORMAL,
    ),
    "stateless_truncated_normal": (lambda tf: tf.random.stateless_truncated_normal([5], [1, 2]), NORMAL),
    "stateless_uniform": (lambda tf: tf.random.stateless_uniform([5], [3, 4], alg="philox"), EXACT),
    "stateless_uniform, bounds": (lambda tf: tf.random.stateless_uniform([5], [3, 4], -2.0, 2.0), EXACT),
    "stateless_uniform, int32": (lambda tf: tf.random.stateless_uniform([5], [3, 4], 2, 9, tf.int32), EXACT),
    "stateless_uniform, whole range": (
        lambda tf: tf.random.stateless_uniform([5], [3, 4], None, None, tf.int64),
        EXACT,
    ),
    "stateless_uniform, uint32": (lambda tf: tf.random.stateless_uniform([5], [3, 4], None, None, tf.uint32), EXACT),
}


def _drawn(tf: Any, draw: Any) -> list[Any]:
    """Two draws and what follows them, so that each must leave the generators as TensorFlow's does."""
    tf.random.set_seed(1234)
    results = [draw(tf).numpy(), draw(tf).numpy(), tf.random.uniform([2]).numpy()]
    tf.random.set_seed(None)
    return results


@pytest.mark.parametrize("name", DRAWS)
def test_tensorflows_numbers(name: str) -> None:
    draw, tolerance = DRAWS[name]
    for ours, theirs in zip(_drawn(functape, draw), _drawn(tensorflow, draw), strict=True):
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype
        assert np.shape(ours) == np.shape(theirs)
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def test_the_tolerance_tells_another_seed_apart() -> None:
    """A negative control."""
    functape.random.set_seed(1)
    ours = functape.random.normal([4]).numpy()
    tensorflow.random.set_seed(2)
    assert not np.allclose(ours, tensorflow.random.normal([4]).numpy(), atol=NORMAL)


def test_shuffled_strings() -> None:
    def draw(tf: Any) -> list[bytes]:
        tf.random.set_seed(5)
        return tf.random.shuffle(["a", "b", "c", "d"]).numpy().tolist()

    assert draw(functape) == draw(tensorflow)


def test_each_call_draws_afresh_and_compiles_nothing() -> None:
    tf = functape
    tf.random.set_seed(0)
    draws = [tf.random.normal([3]).numpy() for _ in range(2)]
    before = cache.compiled
    draws += [tf.random.normal([3], mean=float(place), seed=None).numpy() - place for place in range(1)]
    draws += [tf.random.normal([3]).numpy() for _ in range(10)]
    assert cache.compiled == before
    assert len({draw.tobytes() for draw in draws}) == len(draws)


def test_no_seed_at_all() -> None:
    functape.random.set_seed(None)
    first, second = (functape.random.uniform([4]).numpy() for _ in range(2))
    assert not np.array_equal(first, second)
    functape.random.set_seed(None)
    assert not np.array_equal(functape.random.uniform([4]).numpy(), first)


def test_gradients_reach_the_parameters() -> None:
    def run(tf: Any) -> list[Any]:
        tf.random.set_seed(3)
        mean, scale = tf.Variable(1.0), tf.Variable(2.0)
        low, high = tf.Variable(0.5), tf.Variable(2.5)
        with tf.GradientTape() as tape:
            y = tf.random.normal([4], mean, scale) * tf.random.uniform([4], low, high)
        return [each.numpy() for each in tape.gradient(y, [mean, scale, low, high])]

    np.testing.assert_allclose(run(functape), run(tensorflow), rtol=2e-6)


wrong = Table()


@wrong
def integers_without_maxval(tf: Any) -> Any:
    return tf.random.uniform([2], dtype=tf.int32)


@wrong
def no_integers_between(tf: Any) -> Any:
    return tf.random.uniform([2], 5, 5, dtype=tf.int32)


@wrong
def integers_below_a_float(tf: Any) -> Any:
    return tf.random.uniform([2], maxval=3.5, dtype=tf.int32)


@wrong
def integers_below_a_vector(tf: Any) -> Any:
    return tf.random.uniform([2], maxval=[3, 4], dtype=tf.int32)


@wrong
def bounds_of_another_dtype(tf: Any) -> Any:
    return tf.random.uniform([2], maxval=tf.constant(3, tf.int64), dtype=tf.int32)


@wrong
def uniform_bytes(tf: Any) -> Any:
    return tf.random.uniform([2], maxval=3, dtype=tf.uint8)


@wrong
def uniform_bools(tf: Any) -> Any:
    return tf.random.uniform([2], dtype=tf.bool)


@wrong
def normal_integers(tf: Any) -> Any:
    return tf.random.normal([2], dtype=tf.int32)


@wrong
def negative_length(tf: Any) -> Any:
    return tf.random.normal([-2])


@wrong
def scalar_shape(tf: Any) -> Any:
    return tf.random.normal(2)


@wrong
def floating_shape(tf: Any) -> Any:
    return tf.random.normal([2.0])


@wrong
def unknown_length(tf: Any) -> Any:
    return tf.random.normal([None])


@wrong
def mean_of_another_dtype(tf: Any) -> Any:
    return tf.random.normal([2], mean=tf.constant(1.0, tf.float64))


@wrong
def seed_of_text(tf: Any) -> Any:
    return tf.random.normal([2], seed="a")


@wrong
def stateless_seed_of_three(tf: Any) -> Any:
    return tf.random.stateless_normal([2], [1, 2, 3])


@wrong
def stateless_seed_of_floats(tf: Any) -> Any:
    return tf.random.stateless_normal([2], [1.0, 2.0])


@wrong
def stateless_with_one_bound(tf: Any) -> Any:
    return tf.random.stateless_uniform([2], [1, 2], maxval=None, dtype=tf.int32)


@wrong
def stateless_unsigned_with_bounds(tf: Any) -> Any:
    return tf.random.stateless_uniform([2], [1, 2], maxval=3, dtype=tf.uint32)


@wrong
def stateless_with_no_integers_between(tf: Any) -> Any:
    return tf.random.stateless_uniform([2], [1, 2], 3, 3, dtype=tf.int32)


@wrong
def unheard_of_algorithm(tf: Any) -> Any:
    return tf.random.stateless_uniform([2], [1, 2], alg="unheard of")


@wrong.each()
def test_raises_as_tensorflow(program: Any) -> None:
    assert_same_error(program)


def test_threefry_is_refused() -> None:
    with pytest.raises(ValueError, match="alg"):
        functape.random.stateless_normal([2], [1, 2], alg="threefry")


@pytest.mark.parametrize("name", [name for name in functape.random.__all__ if name != "experimental"])
def test_signatures_are_tensorflows(name: str) -> None:
    check_signature(getattr(tensorflow.random, name), getattr(functape.random, name))
