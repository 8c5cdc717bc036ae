"""Learning-rate schedules against both generations of TensorFlow's Keras."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras

import functape
from functape._engine._cache import cache

CASES: dict[str, tuple[str, tuple[Any, ...], dict[str, Any]]] = {
    "exponential": ("ExponentialDecay", (0.1, 7, 0.5), {}),
    "exponential staircase": ("ExponentialDecay", (0.1, 7, 0.5), {"staircase": True}),
    "inverse time": ("InverseTimeDecay", (0.1, 7, 0.5), {}),
    "inverse time staircase": ("InverseTimeDecay", (0.1, 7, 0.5, True), {}),
    "polynomial": ("PolynomialDecay", (0.1, 9), {}),
    "polynomial root": ("PolynomialDecay", (0.1, 9, 0.01, 0.5), {}),
    "polynomial cycle": ("PolynomialDecay", (0.1, 9, 0.01), {"power": 2.0, "cycle": True}),
    "piecewise": ("PiecewiseConstantDecay", ([3, 8, 9], [1.0, 0.5, 0.25, 0.1]), {}),
    "piecewise one boundary": ("PiecewiseConstantDecay", ([3], [1.0, 0.5]), {}),
    "cosine": ("CosineDecay", (0.1, 9), {}),
    "cosine alpha": ("CosineDecay", (0.1, 9, 0.2), {}),
    "cosine warmup": ("CosineDecay", (0.1, 9), {"alpha": 0.1, "warmup_target": 0.5, "warmup_steps": 4}),
    "cosine no warmup steps": ("CosineDecay", (0.1, 9), {"warmup_target": 0.5}),
    "restarts": ("CosineDecayRestarts", (0.1, 3), {}),
    "restarts other": ("CosineDecayRestarts", (0.1, 3, 1.5, 0.9, 0.1), {}),
    "restarts of one length": ("CosineDecayRestarts", (0.1, 3), {"t_mul": 1.0, "m_mul": 0.5}),
}
GENERATIONS = {"keras 2": tf_keras, "keras 3": keras}
STEPS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 14, 18, 19, 27, 40, 1000]


def _make(optimizers: Any, name: str) -> Any:
    kind, arguments, named = CASES[name]
    return getattr(optimizers.schedules, kind)(*arguments, **named)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize("name", CASES)
def test_values(name: str, generation: str) -> None:
    ours, theirs = _make(functape.keras.optimizers, name), _make(GENERATIONS[generation].optimizers, name)
    for step in STEPS:
        wanted = theirs(step).numpy()
        for given in (step, functape.constant(step, functape.int64), functape.Variable(float(step))):
            got = ours(given)
            assert isinstance(got, functape.Tensor)
            assert got.dtype == functape.float32
            np.testing.assert_allclose(got.numpy(), wanted, rtol=2e-6, atol=2e-7, err_msg=f"step {step}")


def test_the_tolerance_tells_steps_apart() -> None:
    """A negative control."""
    ours, theirs = _make(functape.keras.optimizers, "exponential"), _make(keras.optimizers, "exponential")
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(ours(3.0001).numpy(), theirs(3.0).numpy(), rtol=2e-6, atol=2e-7)


def test_double_precision() -> None:
    rate = np.float64(0.1)
    ours = functape.keras.optimizers.schedules.ExponentialDecay(functape.constant(rate), 7, 0.5)(3)
    theirs = keras.optimizers.schedules.ExponentialDecay(tensorflow.constant(rate), 7, 0.5)(3)
    assert ours.dtype.name == theirs.dtype.name == "float64"
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_configurations(name: str) -> None:
    schedules = functape.keras.optimizers.schedules
    ours, theirs = _make(functape.keras.optimizers, name), _make(keras.optimizers, name)
    assert ours.get_config() == theirs.get_config()
    described = schedules.serialize(ours)
    assert described == keras.optimizers.schedules.serialize(theirs)
    legacy = schedules.serialize(ours, use_legacy_format=True)
    for config in (json.loads(json.dumps(described)), legacy):
        again = schedules.deserialize(config)
        assert type(again) is type(ours)
        assert again.get_config() == json.loads(json.dumps(ours.get_config()))
        np.testing.assert_array_equal(again(5).numpy(), ours(5).numpy())
    for copied in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert copied.get_config() == ours.get_config()


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("ExponentialDecay", (0.1, 0, 0.5)),
        ("InverseTimeDecay", (0.1, -1, 0.5)),
        ("PolynomialDecay", (0.1, 0)),
        ("CosineDecay", (0.1, 0)),
        ("CosineDecayRestarts", (0.1, 0)),
        ("PiecewiseConstantDecay", ([1, 2], [0.1, 0.2])),
    ],
)
def test_refusals(kind: str, arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError):
        getattr(keras.optimizers.schedules, kind)(*arguments)
    with pytest.raises(ValueError, match="Received"):
        getattr(functape.keras.optimizers.schedules, kind)(*arguments)


@pytest.mark.parametrize("generation", GENERATIONS)
@pytest.mark.parametrize(
    "name", ["exponential staircase", "piecewise", "cosine warmup", "restarts", "polynomial cycle"]
)
def test_in_an_optimizer(name: str, generation: str) -> None:
    def run(tf: Any, optimizers: Any) -> list[Any]:
        w = tf.Variable([4.0, -1.0])
        optimizer = optimizers.Adam(_make(optimizers, name), weight_decay=0.1)
        path = []
        for _ in range(20):
            optimizer.apply_gradients([(w * 1.0, w)])
            path += [w.numpy(), np.float32(float(optimizer.learning_rate))]
        return path

    theirs = run(tensorflow, GENERATIONS[generation].optimizers)
    ours = run(functape, functape.keras.optimizers)
    if generation == "keras 2":
        # Keras 2 reports the learning rate of the last step, Keras 3 that of the next.
        ours, theirs = ours[::2], theirs[::2]
    for mine, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-6)


def test_no_step_compiles_for_its_rate() -> None:
    tf = functape
    w = tf.Variable([4.0, -1.0])
    optimizer = tf.keras.optimizers.SGD(tf.keras.optimizers.schedules.CosineDecay(0.1, 50))
    for _ in range(3):
        optimizer.apply_gradients([(w * 1.0, w)])
    before = cache.compiled
    for _ in range(20):
        optimizer.apply_gradients([(w * 1.0, w)])
    assert cache.compiled == before


class _Warmup(functape.keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate of "Attention is all you need"."""

    def __init__(self, width: int, warmup_steps: int = 4000) -> None:
        super().__init__()
        self.width = width
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        tf = functape
        step = tf.cast(step, dtype=tf.float32)
        return tf.math.rsqrt(tf.cast(self.width, tf.float32)) * tf.math.minimum(
            tf.math.rsqrt(step), step * (self.warmup_steps**-1.5)
        )

    def get_config(self) -> dict[str, Any]:
        return {"width": self.width, "warmup_steps": self.warmup_steps}


def test_a_schedule_of_ones_own() -> None:
    tf = functape
    optimizers = tf.keras.optimizers
    schedule = _Warmup(128)
    assert float(schedule(100)) == pytest.approx(128**-0.5 * 100 * 4000**-1.5, rel=1e-5)
    optimizer = optimizers.Adam(schedule, beta_2=0.98, epsilon=1e-9)
    w = tf.Variable([1.0, 2.0])
    for _ in range(3):
        optimizer.apply_gradients([(w * 1.0, w)])
    assert float(optimizer.learning_rate) == pytest.approx(float(schedule(3)))
    described = json.loads(json.dumps(optimizers.serialize(optimizer)))
    again = optimizers.deserialize(described, custom_objects={"_Warmup": _Warmup})
    assert again.get_config()["learning_rate"]["config"] == {"width": 128, "warmup_steps": 4000}


def test_what_a_subclass_must_override() -> None:
    class Bare(functape.keras.optimizers.schedules.LearningRateSchedule):
        pass

    with pytest.raises(NotImplementedError, match="__call__"):
        Bare()(1)
    with pytest.raises(NotImplementedError, match="get_config"):
        Bare().get_config()
