"""`tf.random.Generator` and the other distributions: TensorFlow's numbers where promised, moments elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import assert_close, check_signature

import functape

LOGITS = np.log([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])

STREAMS = {
    "uniform": lambda tf, g: [g.uniform([5]), g.uniform([2, 2], 1.0, 3.0), g.uniform([3], dtype=tf.float64)],
    "integers": lambda tf, g: [g.uniform([5], 0, 10, tf.int32), g.uniform([5], None, None, tf.int64)],
    "normal": lambda tf, g: [g.normal([5]), g.normal([2], 1.0, 2.0), g.truncated_normal([7])],
    "full": lambda tf, g: [g.uniform_full_int([5]), g.uniform_full_int([2], tf.int32), g.normal([2])],
    "seeds": lambda tf, g: [g.make_seeds(2), g.normal([1])],
    "skip": lambda tf, g: [g.skip(7), g.normal([2]), g.state],
    "split": lambda tf, g: [each.normal([2]) for each in g.split(2)] + [g.normal([1])],
    "reset": lambda tf, g: [g.normal([2]), g.reset_from_seed(3), g.normal([2]), g.reset([1, 2, 3]), g.normal([2])],
    "key": lambda tf, g: [g.key, g.algorithm, tf.random.Generator.from_key_counter(7, [5, 6], "philox").normal([2])],
    "copy": lambda tf, g: [tf.random.Generator(g).normal([2]), g.normal([2])],
}
STATELESS = {
    "categorical": lambda tf: tf.random.stateless_categorical(LOGITS, 6, [1, 2]),
    "split": lambda tf: tf.random.split([1, 2], 3),
    "fold_in": lambda tf: tf.random.fold_in([1, 2], 3),
    "experimental": lambda tf: tf.random.experimental.stateless_split([3, 4]),
}


def numbers(values: Any) -> Any:
    return [each.numpy() if hasattr(each, "numpy") else each for each in values]


@pytest.mark.parametrize("seed", [1234, 2**70 + 5, [1, 2], -5])
@pytest.mark.parametrize("name", STREAMS)
def test_a_generator_gives_tensorflows_numbers(name: str, seed: Any):
    ours, theirs = (numbers(STREAMS[name](tf, tf.random.Generator.from_seed(seed))) for tf in (functape, tensorflow))
    for one, two in zip(ours, theirs, strict=True):
        if isinstance(two, np.ndarray | np.generic):
            assert_close(one, two)
        else:
            assert one == two


@pytest.mark.parametrize("name", STATELESS)
def test_stateless_numbers(name: str):
    np.testing.assert_array_equal(STATELESS[name](functape).numpy(), STATELESS[name](tensorflow).numpy())


def test_categorical_gives_tensorflows_numbers():
    def draw(tf: Any) -> Any:
        tf.random.set_seed(3)
        return tf.random.categorical(LOGITS, 50).numpy()

    np.testing.assert_array_equal(draw(functape), draw(tensorflow))


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda r: r.gamma([20000], 3.0, 2.0), 1.5, 0.75),
        (lambda r: r.stateless_gamma([20000], [1, 2], 3.0, 2.0), 1.5, 0.75),
        (lambda r: r.poisson([20000], 4.0), 4.0, 4.0),
        (lambda r: r.stateless_poisson([20000], [1, 2], 4.0), 4.0, 4.0),
        (lambda r: r.stateless_binomial([20000], [1, 2], 10.0, 0.3), 3.0, 2.1),
        (lambda r: r.stateless_parameterized_truncated_normal([20000], [1, 2], 1.0, 2.0, -100.0, 100.0), 1.0, 4.0),
    ],
    ids=["gamma", "stateless_gamma", "poisson", "stateless_poisson", "binomial", "bounded normal"],
)
def test_moments(draw: Any, mean: float, variance: float):
    functape.random.set_seed(0)
    found = draw(functape.random).numpy().astype(float)
    # Five standard errors of the mean; the variance to a tenth.
    assert abs(found.mean() - mean) < 5 * (variance / len(found)) ** 0.5
    assert abs(found.var() - variance) < 0.1 * variance


def test_a_gamma_sample_has_derivatives():
    alpha = functape.constant(3.0)
    with functape.GradientTape() as tape:
        tape.watch(alpha)
        mean = functape.reduce_mean(functape.random.stateless_gamma([20000], [1, 2], alpha))
    assert abs(float(tape.gradient(mean, alpha)) - 1) < 0.05


def test_an_index_shuffle_is_a_permutation():
    found = functape.random.experimental.index_shuffle(np.arange(11), [1, 2], 10).numpy()
    assert sorted(found.tolist()) == list(range(11)) and found.tolist() != list(range(11))


@pytest.mark.parametrize(
    "name",
    [
        "categorical",
        "create_rng_state",
        "fold_in",
        "gamma",
        "get_global_generator",
        "poisson",
        "set_global_generator",
        "split",
        "stateless_binomial",
        "stateless_categorical",
        "stateless_gamma",
        "stateless_parameterized_truncated_normal",
        "stateless_poisson",
    ],
)
def test_signature(name: str):
    check_signature(getattr(tensorflow.random, name), getattr(functape.random, name))
