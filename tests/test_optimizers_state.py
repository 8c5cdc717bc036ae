"""Optimizers' names, state, configurations and copies, and optimizers of one's own, against TensorFlow's Keras."""

from __future__ import annotations

import copy
import inspect
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

NAMES = (
    "SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Ftrl", "Lion", "Adafactor",
)  # fmt: skip
KERAS_3 = (*NAMES, "Lamb", "Muon", "ScheduleFreeAdamW")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "SGD": {"momentum": 0.9},
    "Adam": {"amsgrad": True},
    "RMSprop": {"momentum": 0.5, "centered": True},
}
TOLERANCE = 1e-6
optimizers = functape.keras.optimizers


def _variables(tf: Any) -> list[Any]:
    return [tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w"), tf.Variable([1.0, -1.0], name="b")]


def _step(optimizer: Any, variables: list[Any], scale: float = 1.0) -> None:
    optimizer.apply_gradients([(variable * scale, variable) for variable in variables])


@pytest.mark.parametrize("name", KERAS_3)
def test_constructors_take_what_keras_3s_take(name: str) -> None:
    ours, theirs = (
        inspect.signature(getattr(each, name)).parameters.values() for each in (optimizers, keras.optimizers)
    )
    assert [(each.name, each.kind, each.default) for each in ours] == [
        (each.name, each.kind, each.default) for each in theirs
    ]


@pytest.mark.parametrize("name", NAMES)
def test_names_order_and_values_of_state(name: str) -> None:
    described = []
    for tf, kind in ((functape, optimizers), (tensorflow, tf_keras.optimizers)):
        variables = _variables(tf)
        optimizer = getattr(kind, name)(0.01, **ARGUMENTS.get(name, {}))
        for _ in range(3):
            _step(optimizer, variables)
        described.append(
            [(each.name, tuple(each.shape), each.dtype.name, each.numpy()) for each in optimizer.variables]
        )
    ours, theirs = described
    assert [each[:3] for each in ours] == [each[:3] for each in theirs]
    for mine, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine[3], wanted[3], rtol=TOLERANCE, atol=1e-7, err_msg=mine[0])


@pytest.mark.parametrize("name", KERAS_3)
def test_configurations_are_keras_3s(name: str) -> None:
    arguments = ARGUMENTS.get(name, {}) | {"learning_rate": 0.25, "clipnorm": 2.0, "use_ema": True, "name": "mine"}
    ours, theirs = (getattr(each, name)(**arguments) for each in (optimizers, keras.optimizers))
    assert ours.get_config() == theirs.get_config()
    assert list(ours.get_config())[:11] == list(theirs.get_config())[:11]
    described = optimizers.serialize(ours)
    assert described == keras.optimizers.serialize(theirs)
    for config in (json.loads(json.dumps(described)), optimizers.serialize(ours, use_legacy_format=True)):
        again = optimizers.deserialize(config)
        assert type(again) is type(ours)
        assert again.get_config() == ours.get_config()
    assert type(optimizers.get(name.upper())) is type(ours)


@pytest.mark.parametrize("name", NAMES)
def test_configurations_of_keras_2_are_understood(name: str) -> None:
    theirs = getattr(tf_keras.optimizers, name)(learning_rate=0.25, weight_decay=0.5)
    config = getattr(optimizers, name).from_config(theirs.get_config()).get_config()
    for key, value in theirs.get_config().items():
        if key not in ("jit_compile", "is_legacy_optimizer"):
            assert config[key] == value, key


def test_get() -> None:
    assert optimizers.get(None) is None
    made = optimizers.Adam()
    assert optimizers.get(made) is made
    for wrong in ("unheard_of", 3, {"class_name": "unheard_of", "config": {}}):
        with pytest.raises((ValueError, TypeError)):
            optimizers.get(wrong)


@pytest.mark.parametrize("name", KERAS_3)
def test_the_second_step_compiles_nothing(name: str) -> None:
    variables = _variables(functape)
    optimizer = getattr(optimizers, name)(**ARGUMENTS.get(name, {}), use_ema=True)
    for _ in range(2):
        _step(optimizer, variables)
    before = cache.compiled
    for _ in range(3):
        _step(optimizer, variables)
    assert cache.compiled == before


@pytest.mark.parametrize("how", ["weights", "own variables", "deepcopy", "pickle"])
@pytest.mark.parametrize("name", KERAS_3)
def test_state_goes_on_elsewhere(name: str, how: str) -> None:
    arguments = ARGUMENTS.get(name, {}) | {"use_ema": True, "gradient_accumulation_steps": 2}
    ours = _variables(functape)
    first = getattr(optimizers, name)(0.1, **arguments)
    for _ in range(3):
        _step(first, ours)
    copies = [functape.Variable(each.numpy()) for each in ours]
    if how == "weights":
        second = getattr(optimizers, name)(0.1, **arguments)
        second.build(copies)
        second.set_weights(first.get_weights())
    elif how == "own variables":
        store: dict[str, Any] = {}
        first.save_own_variables(store)
        second = getattr(optimizers, name)(0.1, **arguments)
        second.build(copies)
        second.load_own_variables(store)
    elif how == "deepcopy":
        held = copy.deepcopy({"variables": ours, "optimizer": first})
        copies, second = held["variables"], held["optimizer"]
    else:
        second = pickle.loads(pickle.dumps(first))
    assert second.get_config() == first.get_config()
    for _ in range(3):
        _step(first, ours)
        _step(second, copies)
    for left, right in zip(ours, copies, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy())


def test_values_saved_by_keras_3_are_loaded() -> None:
    theirs_w, ours_w = keras.Variable([1.0, 2.0], name="w"), functape.Variable([1.0, 2.0])
    theirs, ours = keras.optimizers.Adam(0.1), optimizers.Adam(0.5)
    ours.build([ours_w])
    for _ in range(3):
        theirs.apply_gradients([(tensorflow.constant([1.0, -1.0]), theirs_w)])
    store: dict[str, Any] = {}
    theirs.save_own_variables(store)
    ours.load_own_variables(store)
    ours_w.assign(theirs_w.numpy())
    theirs.apply_gradients([(tensorflow.constant([1.0, -1.0]), theirs_w)])
    ours.apply_gradients([(functape.constant([1.0, -1.0]), ours_w)])
    np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)
    assert float(ours.learning_rate) == pytest.approx(0.1)


def test_values_that_do_not_fit_are_left(caplog: pytest.LogCaptureFixture) -> None:
    optimizers.Adam().load_own_variables({"0": 1, "1": 2, "2": 3})
    assert "left as they are" in caplog.text


def test_averages_are_assigned_in_the_end() -> None:
    theirs_w, ours_w = keras.Variable([1.0, 2.0]), functape.Variable([1.0, 2.0])
    theirs, ours = (
        keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5),
        optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5),
    )
    for _ in range(4):
        theirs.apply_gradients([(theirs_w * 2.0, theirs_w)])
        ours.apply_gradients([(ours_w * 2.0, ours_w)])
    np.testing.assert_allclose(
        ours.variables[1].numpy(), theirs._model_variables_moving_average[0].numpy(), rtol=TOLERANCE
    )
    theirs.finalize_variable_values([theirs_w])
    ours.finalize_variable_values([ours_w])
    np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)
    with pytest.raises(ValueError, match="Received"):
        ours.finalize_variable_values([functape.Variable(1.0, name="stranger")])


def test_accumulated_steps_are_counted_as_in_keras() -> None:
    theirs_w, ours_w = keras.Variable([1.0]), functape.Variable([1.0])
    theirs = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
    ours = optimizers.SGD(0.1, gradient_accumulation_steps=2)
    for _ in range(5):
        theirs.apply_gradients([(theirs_w * 2.0, theirs_w)])
        ours.apply_gradients([(ours_w * 2.0, ours_w)])
        assert int(ours.iterations) == int(theirs.iterations)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("rate", [0.5, "schedule"])
def test_decay_is_that_of_the_legacy_optimizers(rate: Any, decay: float) -> None:
    def given(kind: Any) -> Any:
        return kind.schedules.ExponentialDecay(0.5, 2, 0.5) if rate == "schedule" else rate

    theirs_w, ours_w = tensorflow.Variable([1.0, 2.0]), functape.Variable([1.0, 2.0])
    theirs = tf_keras.optimizers.legacy.SGD(given(tf_keras.optimizers), momentum=0.5, decay=decay)
    ours = optimizers.SGD(given(optimizers), momentum=0.5, decay=decay)
    for _ in range(5):
        theirs.apply_gradients([(theirs_w * 2.0, theirs_w)])
        ours.apply_gradients([(ours_w * 2.0, ours_w)])
    np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)
    assert optimizers.SGD.from_config(ours.get_config()).decay == decay


def test_the_old_name_of_the_learning_rate() -> None:
    optimizer = optimizers.Adam(lr=0.25)
    assert float(optimizer.lr) == float(optimizer.learning_rate) == 0.25
    optimizer.lr = 0.5
    assert float(optimizer.learning_rate) == 0.5


def test_schedule_free_is_the_papers() -> None:
    """TensorFlow's Keras reads the momentum after it has changed it; this is the rule as published."""
    rate, beta_1, beta_2, epsilon = 0.1, 0.9, 0.999, 1e-8
    w = functape.Variable([1.0, -2.0])
    optimizer = optimizers.ScheduleFreeAdamW(rate)
    z = x = y = np.array([1.0, -2.0])
    v = np.zeros(2)
    for t in range(1, 21):
        gradient = y * 2.0 + t
        optimizer.apply_gradients([(w * 2.0 + float(t), w)])
        v = beta_2 * v + (1 - beta_2) * gradient**2
        z = z - rate * gradient / (np.sqrt(v / (1 - beta_2**t)) + epsilon)
        x = (1 - 1 / t) * x + z / t
        y = (1 - beta_1) * z + beta_1 * x
        np.testing.assert_allclose(w.numpy(), y, rtol=1e-5, atol=1e-5)


def _own_optimizers(tf: Any, kind: Any, generation: int) -> dict[str, Any]:
    """Optimizers of one's own as Keras's guides write them."""
    if generation == 2:

        class Momentum(kind.Optimizer):
            def __init__(
                self, learning_rate: Any = 0.1, momentum: float = 0.9, name: str = "Own", **kwargs: Any
            ) -> None:
                super().__init__(name, **kwargs)
                self._learning_rate = self._build_learning_rate(learning_rate)
                self.momentum = momentum

            def build(self, var_list: Any) -> None:
                super().build(var_list)
                if hasattr(self, "_built") and self._built:
                    return
                self.momentums = [
                    self.add_variable_from_reference(model_variable=each, variable_name="m") for each in var_list
                ]
                self._built = True

            def update_step(self, gradient: Any, variable: Any) -> None:
                rate = tf.cast(self.learning_rate, variable.dtype)
                m = self.momentums[self._index_dict[self._var_key(variable)]]
                m.assign(m * self.momentum - gradient * rate)
                variable.assign_add(m)

    else:

        class Momentum(kind.Optimizer):  # type: ignore[no-redef]
            def __init__(self, learning_rate: Any = 0.1, momentum: float = 0.9, **kwargs: Any) -> None:
                super().__init__(learning_rate=learning_rate, **kwargs)
                self.momentum = momentum

            def build(self, variables: Any) -> None:
                if self.built:
                    return
                super().build(variables)
                self.momentums = self.add_optimizer_variables(variables, "momentum")

            def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
                rate = tf.cast(learning_rate, variable.dtype)
                m = self.momentums[self._get_variable_index(variable)]
                self.assign(m, m * self.momentum - gradient * rate)
                self.assign_add(variable, m)

    return {
        "plain": lambda: Momentum(0.1),
        "clipped and decayed": lambda: Momentum(0.1, clipnorm=0.5, weight_decay=0.1),
        "global": lambda: Momentum(0.1, global_clipnorm=0.5),
        "by value": lambda: Momentum(0.1, clipvalue=0.5),
        "scheduled": lambda: Momentum(kind.schedules.ExponentialDecay(0.1, 2, 0.5)),
    } | (
        {
            "accumulated": lambda: Momentum(0.1, gradient_accumulation_steps=2),
            "averaged": lambda: Momentum(0.1, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3),
            "scaled": lambda: Momentum(0.1, loss_scale_factor=4.0),
        }
        if generation == 3
        else {}
    )


@pytest.mark.parametrize(
    ("name", "generation"),
    [
        (name, generation)
        for generation in (2, 3)
        for name in _own_optimizers(functape, functape.keras.optimizers, generation)
    ],
)
def test_an_optimizer_of_ones_own(name: str, generation: int) -> None:
    lib = tf_keras if generation == 2 else keras
    theirs = _own_optimizers(tensorflow, lib.optimizers, generation)[name]()
    ours = _own_optimizers(functape, optimizers, generation)[name]()
    paths = []
    for tf, optimizer, make in (
        (functape, ours, functape.Variable),
        (tensorflow, theirs, tensorflow.Variable if generation == 2 else keras.Variable),
    ):
        variables = [make([[1.0, 2.0], [3.0, 4.0]], name="w"), make([1.0, -1.0], name="b")]
        path = []
        for step in range(6):
            gradients = [tf.constant(each.numpy() * 0.5 + step) for each in variables]
            optimizer.apply_gradients(zip(gradients, variables, strict=True))
            path += [each.numpy() for each in variables]
        assert int(optimizer.iterations) == (3 if name == "accumulated" else 6)
        paths.append(path)
    for mine, wanted in zip(*paths, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=TOLERANCE, atol=1e-6)
    if generation == 2:
        assert [each.name for each in ours.variables] == [each.name for each in theirs.variables]


def test_steps_of_ones_own_compile_once() -> None:
    optimizer = _own_optimizers(functape, optimizers, 3)["plain"]()
    variables = _variables(functape)
    for _ in range(3):
        _step(optimizer, variables)
    before = cache.compiled
    for _ in range(5):
        _step(optimizer, variables)
    assert cache.compiled == before


def test_gradients_changed_in_a_subclass() -> None:
    """An `apply` or `apply_gradients` of one's own is gone through in both directions."""

    class Centred(optimizers.SGD):
        def apply(self, grads: Any, trainable_variables: Any = None) -> None:
            super().apply([each - functape.reduce_mean(each) for each in grads], trainable_variables)

    class Doubled(optimizers.Adam):
        def apply_gradients(self, grads_and_vars: Any, **kwargs: Any) -> Any:
            return super().apply_gradients([(g * 2.0, v) for g, v in grads_and_vars], **kwargs)

    w = functape.Variable([1.0, 2.0])
    Centred(1.0).apply_gradients([(functape.constant([1.0, 3.0]), w)])
    np.testing.assert_array_equal(w.numpy(), [2.0, 1.0])
    optimizer = Doubled(0.5)
    optimizer.apply_gradients([(functape.constant([1.0, 3.0]), w)])
    np.testing.assert_allclose(optimizer.variables[1].numpy(), [0.2, 0.6], rtol=1e-6)
    with pytest.raises(NotImplementedError, match="update_step"):
        optimizer.update_step(w, w, 0.1)
    with pytest.raises(NotImplementedError, match="update_step"):
        optimizers.Optimizer(0.1).apply_gradients([(w * 1.0, w)])


def test_old_ways_to_gradients_say_what_to_use() -> None:
    for method in (optimizers.SGD().get_gradients, optimizers.SGD().get_updates):
        with pytest.raises(RuntimeError, match=r"GradientTape|minimize"):
            method(None, [])


@pytest.mark.parametrize("function", [False, True], ids=["eager", "function"])
def test_loss_scale_optimizer_in_keras_2_spelling(function: bool) -> None:
    def steps(tf: Any, optimizer: Any) -> list[float]:
        w = tf.Variable(3.0)

        def step(factor: Any) -> None:
            with tf.GradientTape() as tape:
                loss = optimizer.get_scaled_loss(w * w)
            (gradient,) = optimizer.get_unscaled_gradients(tape.gradient(loss, [w]))
            optimizer.apply_gradients([(tf.clip_by_norm(gradient * factor, 3.0), w)])

        step = tf.function(step) if function else step
        values = []
        for factor in (1.0, 0.5, float("inf"), 1.0, 1.0):
            step(tf.constant(factor))
            values.append(float(w.numpy()))
        return values

    theirs = tf_keras.mixed_precision.LossScaleOptimizer(tf_keras.optimizers.SGD(0.25), initial_scale=8.0)
    ours = optimizers.LossScaleOptimizer(optimizers.SGD(0.25), initial_scale=8.0)
    np.testing.assert_allclose(steps(functape, ours), steps(tensorflow, theirs), rtol=1e-6)
    assert float(ours.loss_scale) == float(theirs.loss_scale) == 4.0


def test_loss_scale_optimizer() -> None:
    theirs_w, ours_w = keras.Variable([1.0, 2.0]), functape.Variable([1.0, 2.0])
    theirs = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.1), initial_scale=8.0, dynamic_growth_steps=3)
    ours = optimizers.LossScaleOptimizer(optimizers.Adam(0.1), initial_scale=8.0, dynamic_growth_steps=3)
    theirs.build([theirs_w])
    for step in range(9):
        bad = np.inf if step == 4 else 1.0
        theirs.apply_gradients([(tensorflow.constant([bad, 2.0]) * theirs.scale_loss(1.0), theirs_w)])
        ours.apply_gradients([(functape.constant([bad, 2.0]) * ours.scale_loss(1.0), ours_w)])
        np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)
        assert float(ours.dynamic_scale) == float(theirs.dynamic_scale.numpy())
        assert int(ours.iterations) == int(theirs.iterations.numpy())
    config = ours.get_config()
    assert optimizers.LossScaleOptimizer.from_config(config).get_config() == config
    with pytest.raises(TypeError, match="inner_optimizer"):
        optimizers.LossScaleOptimizer(3)


def test_multi_optimizer() -> None:
    def run(kind: Any, make: Any, tf: Any) -> list[Any]:
        a, b = make([1.0, 2.0], name="a"), make([1.0, 2.0], name="b")
        chosen = kind.OptimizerMap(kind.SGD(0.1), {"b": kind.Adam(0.5)})
        both = kind.MultiOptimizer(chosen)
        for _ in range(3):
            both.apply_gradients([(tf.constant([1.0, 2.0]), a), (tf.constant([1.0, 2.0]), b)])
        with pytest.raises(AttributeError):
            _ = both.learning_rate
        return [a.numpy(), b.numpy(), np.asarray(both.iterations.numpy())]

    ours = run(optimizers, functape.Variable, functape)
    theirs = run(keras.optimizers, keras.Variable, tensorflow)
    for mine, wanted in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=TOLERANCE)
