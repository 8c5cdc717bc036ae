"""`tf.initializers`, `tf.keras.initializers` and `tf.keras.random`: Keras's numbers, given the same seeds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import Table, assert_same_error
from oracle import assert_close

import functape
from functape.keras.random import SeedGenerator

NORMAL = 5e-7
"""Relative: the last bits of sine and logarithm differ between XLA and Eigen."""
EXACT = 0.0

RANDOM = {
    "GlorotUniform": EXACT,
    "HeUniform": EXACT,
    "LecunUniform": EXACT,
    "RandomUniform": EXACT,
    "GlorotNormal": NORMAL,
    "HeNormal": NORMAL,
    "LecunNormal": NORMAL,
    "RandomNormal": NORMAL,
    "TruncatedNormal": NORMAL,
    "VarianceScaling": NORMAL,
}
SHAPES = [(), (3,), (4, 5), (5, 4), (3, 3, 2, 4), (1, 2, 3), (0, 4)]
SEEDS = [0, 1, 42, 10**9, 2**31 - 1, 2**40, -5]
BOTH = (tensorflow, functape)


def assert_equal(ours: Any, theirs: Any, relative: float) -> None:
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=relative, atol=relative)


@pytest.mark.parametrize("name", RANDOM)
def test_seeded_values_are_kerass(name: str) -> None:
    for seed in SEEDS:
        for shape in ((4, 5), (3, 3, 2, 4)):
            theirs, ours = (getattr(tf.keras.initializers, name)(seed=seed)(shape).numpy() for tf in BOTH)
            assert_equal(ours, theirs, RANDOM[name])


@pytest.mark.parametrize("name", RANDOM)
def test_every_shape(name: str) -> None:
    for shape in SHAPES:
        theirs, ours = (getattr(tf.keras.initializers, name)(seed=3)(shape).numpy() for tf in BOTH)
        assert_equal(ours, theirs, RANDOM[name])


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
def test_every_floating_dtype(dtype: str) -> None:
    for name in ("GlorotUniform", "HeNormal", "RandomNormal", "Zeros", "Ones"):
        kwargs = {} if name in ("Zeros", "Ones") else {"seed": 3}
        theirs, ours = (getattr(tf.keras.initializers, name)(**kwargs)((6, 7), dtype=dtype).numpy() for tf in BOTH)
        assert_close(ours, theirs)


def test_the_same_global_seed_gives_the_same_weights() -> None:
    def weights(tf: Any) -> list[Any]:
        tf.keras.utils.set_random_seed(0)
        made = [tf.keras.initializers.get(name) for name in ("glorot_uniform", "zeros", "glorot_uniform", "he_normal")]
        values = [initializer((4, 3)).numpy() for initializer in made]
        return [*values, tf.keras.initializers.Orthogonal()((4, 4)).numpy(), tf.random.uniform([3]).numpy()]

    for ours, theirs in zip(weights(functape), weights(tensorflow), strict=True):
        assert_equal(ours, theirs, 2e-6)


def test_another_seed_gives_other_weights() -> None:
    values = []
    for seed in (0, 1):
        functape.keras.utils.set_random_seed(seed)
        values.append(functape.keras.initializers.GlorotUniform()((4, 3)).numpy())
    assert not np.allclose(*values, atol=1e-3)


@pytest.mark.parametrize("shape", [(4, 5), (5, 4), (3, 3, 2, 8), (1, 1)])
def test_orthogonal(shape: Any) -> None:
    theirs, ours = (tf.keras.initializers.Orthogonal(1.5, seed=2)(shape).numpy() for tf in BOTH)
    assert_equal(ours, theirs, 3e-6)
    with pytest.raises(AssertionError):
        assert_equal(ours * np.float32(1.00002), theirs, 3e-6)


CONSTANT = {
    "zeros": lambda tf: tf.keras.initializers.Zeros()((2, 3)),
    "zeros of int32": lambda tf: tf.keras.initializers.zeros()([2], dtype="int32"),
    "ones of bool": lambda tf: tf.keras.initializers.Ones()((2,), dtype="bool"),
    "ones of a dtype": lambda tf: tf.keras.initializers.Ones()((2,), dtype=tf.float64),
    "constant": lambda tf: tf.keras.initializers.Constant(3.5)((2, 2)),
    "constant of ints": lambda tf: tf.keras.initializers.Constant(3)((2, 2), dtype="int64"),
    "constant list": lambda tf: tf.keras.initializers.Constant([1.0, 2.0])((3, 2)),
    "constant array": lambda tf: tf.keras.initializers.Constant(np.arange(6.0).reshape(2, 3))((2, 3)),
    "identity": lambda tf: tf.keras.initializers.Identity(2.0)((2, 3)),
    "stft": lambda tf: tf.keras.initializers.STFT()((16, 1, 9)),
    "stft, imaginary": lambda tf: tf.keras.initializers.STFT("imag", "hamming", "spectrum", True)((16, 1, 9)),
    "stft, no window": lambda tf: tf.keras.initializers.STFT("imag", None, None)((8, 1, 5)),
    "values": lambda tf: tf.keras.initializers.get(np.arange(6.0).reshape(2, 3))((2, 3)),
    "scaling, fan_out uniform": lambda tf: tf.keras.initializers.VarianceScaling(2.0, "fan_out", "uniform", 1)((4, 3)),
    "scaling, untruncated": lambda tf: tf.keras.initializers.VarianceScaling(
        2.0, "fan_avg", "untruncated_normal", seed=1
    )((4, 3)),
    "scaling, axes": lambda tf: tf.keras.initializers.GlorotUniform(seed=1, input_axes=[0], output_axes=[1, 2])(
        (4, 3, 2)
    ),
    "tf.zeros_initializer": lambda tf: tf.zeros_initializer()([2, 3], tf.int32),
    "tf.ones_initializer": lambda tf: tf.ones_initializer()((2,)),
    "tf.constant_initializer": lambda tf: tf.constant_initializer(2)([2]),
    "tf.constant_initializer of a list": lambda tf: tf.constant_initializer([1.0, 2.0, 3.0, 4.0])((2, 2)),
    "tf.random_normal_initializer": lambda tf: tf.random_normal_initializer(1.0, 2.0, seed=3)([4, 5]),
    "tf.random_uniform_initializer": lambda tf: tf.random_uniform_initializer(1.0, 2.0, seed=3)([4, 5], tf.float64),
    "tf.random_uniform_initializer of ints": lambda tf: tf.random_uniform_initializer(1, 20, seed=3)([9], tf.int32),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_values(name: str) -> None:
    theirs, ours = (np.asarray(CONSTANT[name](tf).numpy()) for tf in BOTH)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours.astype(np.float64), theirs.astype(np.float64), rtol=1e-6, atol=3e-7)


def test_tensorflows_own_follow_the_global_seed() -> None:
    def drawn(tf: Any) -> list[Any]:
        tf.random.set_seed(5)
        normal, uniform = tf.random_normal_initializer(), tf.random_uniform_initializer()
        return [normal([3]).numpy(), uniform([3]).numpy(), normal([3]).numpy()]

    for ours, theirs in zip(drawn(functape), drawn(tensorflow), strict=True):
        assert_equal(ours, theirs, NORMAL)


def test_an_initializer_gives_the_same_values_each_time_unless_its_seed_counts() -> None:
    plain = functape.keras.initializers.HeNormal()
    assert (plain((3,)).numpy() == plain((3,)).numpy()).all()
    for tf in BOTH:
        counting = tf.keras.initializers.RandomUniform(seed=tf.keras.random.SeedGenerator(7))
        assert (counting((3,)).numpy() != counting((3,)).numpy()).any()


DRAWS = {
    "normal": lambda random, seed: random.normal((3, 4), 1.0, 2.0, seed=seed),
    "truncated_normal": lambda random, seed: random.truncated_normal((3, 4), dtype="float64", seed=seed),
    "uniform": lambda random, seed: random.uniform((3, 4), -1, 2, seed=seed),
    "randint": lambda random, seed: random.randint((3, 4), 0, 100, seed=seed),
    "randint of int8": lambda random, seed: random.randint((3, 4), 0, 100, dtype="int8", seed=seed),
    "dropout": lambda random, seed: random.dropout(np.ones((5, 6), np.float32), 0.3, seed=seed),
    "dropout, rows": lambda random, seed: random.dropout(np.ones((5, 6), np.float32), 0.5, (5, 1), seed=seed),
    "dropout of all": lambda random, seed: random.dropout(np.ones((5, 6), np.float32), 1.0, seed=seed),
    "shuffle": lambda random, seed: random.shuffle(np.arange(12).reshape(3, 4), axis=1, seed=seed),
}


@pytest.mark.parametrize("name", DRAWS)
def test_draws(name: str) -> None:
    def drawn(tf: Any) -> list[Any]:
        tf.keras.utils.set_random_seed(11)
        generator = tf.keras.random.SeedGenerator(5)
        seeds = [3, None, None, generator, generator, tf.keras.random.SeedGenerator()]
        return [np.asarray(DRAWS[name](tf.keras.random, seed)) for seed in seeds]

    for ours, theirs in zip(drawn(functape), drawn(tensorflow), strict=True):
        assert_equal(ours, theirs, NORMAL if ours.dtype.kind == "f" else 0)


def test_a_seed_generator_is_a_variable_that_counts() -> None:
    ours, theirs = SeedGenerator(7, name="mine"), tensorflow.keras.random.SeedGenerator(7, name="mine")
    for ordered in (True, False, True):
        assert ours.next(ordered).numpy().tolist() == np.asarray(theirs.next(ordered)).tolist()
    assert ours.state.numpy().tolist() == np.asarray(theirs.state).tolist()
    assert ours.state.dtype == functape.int64
    assert ours.get_config() == theirs.get_config()
    assert SeedGenerator.from_config(ours.get_config()).next().numpy().tolist() == [7, 0]


def test_nothing_is_missing() -> None:
    for module in (tensorflow.keras.initializers, tf_keras.initializers):
        public = {name for name in dir(module) if not name.startswith("_")}
        assert public <= set(functape.keras.initializers.__all__)
    assert {name for name in dir(tensorflow.initializers) if not name.startswith("_")} <= set(
        dir(functape.initializers)
    )


@pytest.mark.parametrize("name", ["Constant", "Orthogonal", "STFT", "Zeros", *RANDOM])
def test_configurations(name: str) -> None:
    theirs, ours = (getattr(tf.keras.initializers, name)() for tf in BOTH)
    assert ours.get_config() == theirs.get_config()
    stored = tensorflow.keras.initializers.serialize(theirs)
    assert functape.keras.initializers.serialize(ours) == stored
    again = functape.keras.initializers.deserialize(stored)
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()
    assert type(ours.clone()) is type(ours)


NAMES = (
    "glorot_uniform GlorotUniform he_normal zeros ones one zero normal uniform random_normal truncated_normal "
    "orthogonal identity variance_scaling lecun_uniform OrthogonalInitializer"
)


@pytest.mark.parametrize("name", NAMES.split())
def test_names(name: str) -> None:
    theirs, ours = (tf.keras.initializers.get(name) for tf in BOTH)
    assert type(ours).__name__ == type(theirs).__name__


def test_identifiers() -> None:
    get = functape.keras.initializers.get
    assert get(None) is None
    assert isinstance(get(functape.keras.initializers.Zeros), functape.keras.initializers.Zeros)
    function = lambda shape, dtype=None: functape.ones(shape, dtype)  # noqa: E731
    assert get(function) is function
    assert get({"class_name": "HeNormal", "config": {"seed": 3}}).seed == 3
    legacy = tf_keras.initializers.serialize(tf_keras.initializers.VarianceScaling(seed=3), use_legacy_format=True)
    assert get(legacy).seed == 3
    nested = functape.keras.initializers.RandomNormal(seed=SeedGenerator(4, name="mine"))
    again = functape.keras.initializers.deserialize(functape.keras.initializers.serialize(nested))
    assert (again((3,)).numpy() == functape.keras.initializers.RandomNormal(seed=SeedGenerator(4))((3,)).numpy()).all()


def test_a_class_of_ones_own() -> None:
    @functape.keras.utils.register_keras_serializable("mine")
    class Sevens(functape.keras.initializers.Initializer):
        def __init__(self, factor: float = 1.0) -> None:
            self.factor = factor

        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return 7 * self.factor * functape.ones(shape)

        def get_config(self) -> Any:
            return {"factor": self.factor}

    stored = functape.keras.initializers.serialize(Sevens(2.0))
    assert stored["registered_name"] == "mine>Sevens"
    assert functape.keras.initializers.get(stored)((1,)).numpy() == 14
    assert type(functape.keras.initializers.get("mine>Sevens")) is Sevens


def test_keras_2_arguments() -> None:
    assert functape.keras.initializers.Zeros()((4, 4), partition_shape=(2, 4)).shape == (2, 4)
    with pytest.raises(ValueError, match="layout"):
        functape.keras.initializers.Zeros()((4, 4), layout=object())


wrong = Table()


@wrong
def no_such_name(tf: Any) -> Any:
    return tf.keras.initializers.get("no such thing")


@wrong
def a_number(tf: Any) -> Any:
    return tf.keras.initializers.get(7)


@wrong
def identity_of_a_vector(tf: Any) -> Any:
    return tf.keras.initializers.Identity()((3,))


@wrong
def orthogonal_of_a_vector(tf: Any) -> Any:
    return tf.keras.initializers.Orthogonal()((3,))


@wrong
def negative_scale(tf: Any) -> Any:
    return tf.keras.initializers.VarianceScaling(-1.0)


@wrong
def no_such_mode(tf: Any) -> Any:
    return tf.keras.initializers.VarianceScaling(mode="sideways")


@wrong
def no_such_distribution(tf: Any) -> Any:
    return tf.keras.initializers.VarianceScaling(distribution="cauchy")


@wrong
def seed_of_text(tf: Any) -> Any:
    return tf.keras.initializers.HeNormal(seed="seven")


@wrong
def seed_generator_of_text(tf: Any) -> Any:
    return tf.keras.random.SeedGenerator("seven")


@wrong
def global_seed_of_text(tf: Any) -> Any:
    tf.keras.utils.set_random_seed("seven")


@wrong
def values_of_another_shape(tf: Any) -> Any:
    return tf.keras.initializers.get(np.zeros((2, 2)))((3, 3))


@wrong
def no_call(tf: Any) -> Any:
    return tf.keras.initializers.Initializer()((3,))


@wrong
def uniform_of_ints(tf: Any) -> Any:
    return tf.keras.random.uniform((3,), dtype="int32")


@wrong
def randint_of_floats(tf: Any) -> Any:
    return tf.keras.random.randint((3,), 0, 3, dtype="float32")


@wrong
def side_of_nothing(tf: Any) -> Any:
    return tf.keras.initializers.STFT("left")


@wrong
def constant_of_a_set(tf: Any) -> Any:
    return tf.constant_initializer({1, 2})


@wrong
def normal_of_ints(tf: Any) -> Any:
    return tf.random_normal_initializer()([2], tf.int32)


@wrong
def unknown_argument(tf: Any) -> Any:
    return tf.zeros_initializer()([2], colour="red")


@wrong.each()
def test_raises_as_tensorflow(program: Any) -> None:
    assert_same_error(program)
