"""`tf.keras.optimizers.legacy` against tf_keras, step by step."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras

import functape

CONFIGURATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"learning_rate": 0.05}),
    "sgd decay": ("SGD", {"learning_rate": 0.05, "decay": 0.1, "momentum": 0.9, "nesterov": True}),
    "adam": ("Adam", {"learning_rate": 0.05}),
    "adam lr": ("Adam", {"lr": 0.05, "decay": 0.01}),
    "amsgrad": ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
    "adamax": ("Adamax", {"learning_rate": 0.05}),
    "nadam": ("Nadam", {"learning_rate": 0.05}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.02, "epsilon": 1e-2}),
    "rmsprop momentum": ("RMSprop", {"learning_rate": 0.02, "epsilon": 1e-2, "momentum": 0.5}),
    "rmsprop centered": ("RMSprop", {"learning_rate": 0.02, "epsilon": 1e-2, "centered": True}),
    "rmsprop all": ("RMSprop", {"learning_rate": 0.02, "epsilon": 1e-2, "centered": True, "momentum": 0.5}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1, "epsilon": 1e-2}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1, "l1_regularization_strength": 0.1, "l2_regularization_strength": 0.1}),
    "ftrl shrinkage": ("Ftrl", {"learning_rate": 0.1, "l2_shrinkage_regularization_strength": 0.1, "beta": 0.1}),
    "clip by value and norm": ("SGD", {"learning_rate": 0.1, "clipvalue": 0.5, "clipnorm": 0.6}),
    "clip by global norm": ("Adam", {"learning_rate": 0.1, "global_clipnorm": 0.6}),
}
STEPS = 100


@pytest.mark.filterwarnings("ignore:The `lr` argument")
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_trajectory(configuration: str) -> None:
    name, arguments = CONFIGURATIONS[configuration]
    paths, optimizers = [], []
    for tf, legacy in ((functape, functape.keras.optimizers.legacy), (tensorflow, tf_keras.optimizers.legacy)):
        optimizer = getattr(legacy, name)(**arguments)
        w, b = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w"), tf.Variable([1.0, -1.0], name="b")
        generator = np.random.default_rng(1)
        path = []
        for _ in range(STEPS):
            gradients = [generator.normal(size=tuple(each.shape)).astype(np.float32) for each in (w, b)]
            optimizer.apply_gradients([(tf.constant(gradients[0]), w), (tf.constant(gradients[1]), b)])
            path += [w.numpy(), b.numpy()]
        paths.append(path)
        optimizers.append(optimizer)
    for mine, wanted in zip(*paths, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5, atol=1e-5)
    ours, theirs = optimizers
    states = [[(each.name, each.numpy()) for each in optimizer.weights] for optimizer in optimizers]
    # Nadam's product of momenta follows from the step count here.
    states[1] = [each for each in states[1] if "momentum_cache" not in each[0]]
    assert [name for name, _ in states[0]] == [name for name, _ in states[1]]
    for (each, mine), (_, wanted) in zip(*states, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-4, atol=1e-5, err_msg=each)
    config = theirs.get_config()
    assert set(ours.get_config()) == set(config)
    for key, value in config.items():
        wanted = value if isinstance(value, str) else pytest.approx(value, rel=1e-6)
        assert ours.get_config()[key] == wanted, key
    again = type(ours).from_config(theirs.get_config())
    assert again.get_config().keys() == config.keys()
    assert repr(ours.lr) == repr(theirs.lr)


@pytest.mark.parametrize("name", sorted({name for name, _ in CONFIGURATIONS.values()} - {"Nadam"}))
def test_constructors_take_what_kerass_take(name: str) -> None:
    ours, theirs = (
        inspect.signature(getattr(each, name)).parameters.values()
        for each in (functape.keras.optimizers.legacy, tf_keras.optimizers.legacy)
    )
    assert [(each.name, each.kind, each.default) for each in ours] == [
        (each.name, each.kind, each.default) for each in theirs
    ]


def test_slots() -> None:
    w = functape.Variable([1.0, 2.0], name="w")
    optimizer = functape.keras.optimizers.legacy.RMSprop(0.1, momentum=0.5)
    optimizer.apply_gradients([(w * 1.0, w)])
    assert optimizer.get_slot_names() == ["rms", "momentum"]
    assert optimizer.get_slot(w, "rms").name == "RMSprop/w/rms:0"
    np.testing.assert_allclose(optimizer.get_slot(w, "rms").numpy(), [0.1, 0.4], rtol=1e-6)
    with pytest.raises(KeyError):
        optimizer.get_slot(w, "m")


def _own(tf: Any, optimizers: Any) -> Any:
    class Momentum(optimizers.legacy.Optimizer):
        """As guides of TensorFlow 2.0 to 2.10 write optimizers."""

        def __init__(self, learning_rate: Any = 0.1, momentum: float = 0.9, name: str = "Own", **kwargs: Any) -> None:
            super().__init__(name, **kwargs)
            self._set_hyper("learning_rate", kwargs.get("lr", learning_rate))
            self._set_hyper("decay", self._initial_decay)
            self._set_hyper("momentum", momentum)

        def _create_slots(self, var_list: Any) -> None:
            for var in var_list:
                self.add_slot(var, "m")

        def _resource_apply_dense(self, grad: Any, var: Any, apply_state: Any = None) -> Any:
            device, dtype = var.device, var.dtype.base_dtype
            known = (apply_state or {}).get((device, dtype)) or self._fallback_apply_state(device, dtype)
            m = self.get_slot(var, "m")
            new = m * self._get_hyper("momentum", dtype) - known["lr_t"] * grad
            m.assign(new)
            return var.assign_add(new)

        def get_config(self) -> dict[str, Any]:
            config = super().get_config()
            config.update(
                {
                    "learning_rate": self._serialize_hyperparameter("learning_rate"),
                    "momentum": self._serialize_hyperparameter("momentum"),
                }
            )
            return config

    return Momentum


@pytest.mark.parametrize(
    "arguments", [{}, {"decay": 0.1, "clipvalue": 0.5}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}]
)
def test_an_optimizer_of_ones_own(arguments: dict[str, Any]) -> None:
    paths = []
    for tf, optimizers in ((functape, functape.keras.optimizers), (tensorflow, tf_keras.optimizers)):
        optimizer = _own(tf, optimizers)(0.1, **arguments)
        w = tf.Variable([1.0, 2.0], name="w")
        path = []
        for step in range(6):
            optimizer.apply_gradients([(w * 0.5 + float(step), w)])
            if step == 3:
                optimizer.learning_rate = 0.05
                optimizer.momentum = 0.5
            path.append(w.numpy())
        paths.append([*path, optimizer.get_slot(w, "m").numpy()])
        assert optimizer.get_config()["momentum"] == 0.5
    np.testing.assert_allclose(*paths, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"unheard_of": 1}, TypeError),
        ({"clipnorm": -1.0}, ValueError),
        ({"decay": -1.0}, ValueError),
        ({"momentum": 2.0}, ValueError),
    ],
)
def test_refusals(arguments: dict[str, Any], error: type[Exception]) -> None:
    for kind in (tf_keras.optimizers.legacy.SGD, functape.keras.optimizers.legacy.SGD):
        with pytest.raises(error):
            kind(**arguments)


def test_names_of_2_10() -> None:
    assert functape.keras.optimizers.experimental.Adam is functape.keras.optimizers.Adam
    assert functape.optimizers.legacy.Adam is functape.keras.optimizers.legacy.Adam
    legacy = functape.keras.optimizers.legacy.Adam(0.5)
    described = functape.keras.optimizers.serialize(legacy)
    assert isinstance(functape.keras.optimizers.deserialize(described), functape.keras.optimizers.legacy.Adam)
