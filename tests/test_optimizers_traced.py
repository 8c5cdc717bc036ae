"""Optimizers inside `tf.function`: they count, average and scale in the traced program, as Keras does step by step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import optax
import pytest
import tensorflow

import functape

STEPS = 20
TOLERANCE = 1e-6
INPUTS = np.random.RandomState(0).randn(STEPS, 4, 2).astype(np.float32)


def _own(tf: Any, **arguments: Any) -> Any:
    """An optimizer of one's own whose step depends on the number of steps taken."""

    class Fading(tf.keras.optimizers.Optimizer):
        def build(self, variables: Any) -> None:
            super().build(variables)
            self.moments = [self.add_variable_from_reference(each, "moment") for each in variables]

        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            moment = self.moments[self._get_variable_index(variable)]
            self.assign(moment, 0.9 * moment + gradient)
            self.assign_sub(variable, learning_rate * moment / tf.cast(self.iterations + 1, tf.float32))

    return Fading(0.05, **arguments)


def _of(name: str, **arguments: Any) -> Callable[[Any], Any]:
    return lambda tf: getattr(tf.keras.optimizers, name)(**{"learning_rate": 0.05} | arguments)


AVERAGES = {"use_ema": True, "ema_momentum": 0.7, "ema_overwrite_frequency": 3}
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    **{
        name: _of(name)
        for name in (
            "SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Ftrl", "Lion", "Adafactor",
            "Lamb",
        )
    },
    "momentum": _of("SGD", momentum=0.9, nesterov=True),
    "amsgrad": _of("Adam", amsgrad=True),
    "centered": _of("RMSprop", centered=True, momentum=0.5),
    "averages": _of("SGD", **AVERAGES),
    "accumulation": _of("Adam", gradient_accumulation_steps=3),
    "averages of accumulated": _of("Adam", gradient_accumulation_steps=3, **AVERAGES),
    "clipped": _of("AdamW", weight_decay=0.1, global_clipnorm=1.0),
    "schedule": lambda tf: tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.1, 10)),
    "loss scale": lambda tf: tf.keras.optimizers.LossScaleOptimizer(_of("Adam")(tf), 8.0, dynamic_growth_steps=4),
    "own": _own,
    "own averages": lambda tf: _own(tf, **AVERAGES),
    "own accumulation": lambda tf: _own(tf, gradient_accumulation_steps=3, weight_decay=0.1, clipnorm=2.0, **AVERAGES),
}  # fmt: skip
OURS: dict[str, Callable[[Any], Any]] = {
    "optax": lambda tf: tf.keras.optimizers.Optax(optax.adam(0.05)),
    "optax several": lambda tf: tf.keras.optimizers.Optax(optax.MultiSteps(optax.adam(0.05), 3)),
    "multi": lambda tf: tf.keras.optimizers.MultiOptimizer(
        tf.keras.optimizers.OptimizerMap(_of("Adam")(tf), {"bias": _of("SGD")(tf)})
    ),
    "legacy": lambda tf: tf.keras.optimizers.legacy.Nadam(0.05),
    "schedule free": _of("ScheduleFreeAdamW"),
    "muon": _of("Muon"),
}


class _Fit:
    """A small problem with its own variables and optimizer."""

    def __init__(self, tf: Any, make: Callable[[Any], Any]) -> None:
        self.tf = tf
        kernel = np.linspace(-0.7, 1.0, 6, dtype=np.float32).reshape(2, 3)
        self.variables = [tf.Variable(kernel, name="kernel"), tf.Variable([0.3, -2.0, 1.0], name="bias")]
        self.optimizer = make(tf)

    def step(self, batch: Any, weight: Any = 1.0) -> None:
        kernel, bias = self.variables
        with self.tf.GradientTape() as tape:
            loss = self.tf.reduce_sum((self.tf.matmul(batch, kernel) + bias) ** 2) * weight
            loss = self.optimizer.scale_loss(loss)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.variables), self.variables, strict=True))

    def state(self) -> np.ndarray:
        return np.concatenate([each.numpy().ravel() for each in self.variables])


def _at_once(tf: Any, table: dict[str, Callable[[Any], Any]]) -> dict[str, list[np.ndarray]]:
    """The variables after each step, eagerly."""
    found = {}
    for name, make in table.items():
        fit = _Fit(tf, make)
        found[name] = []
        for batch in INPUTS:
            fit.step(tf.constant(batch))
            found[name].append(fit.state())
        assert int(fit.optimizer.iterations) == STEPS // (fit.optimizer.gradient_accumulation_steps or 1)
    return found


@pytest.fixture(scope="module")
def expected() -> dict[str, list[np.ndarray]]:
    return _at_once(tensorflow, OPTIMIZERS) | _at_once(functape, OURS)


def _compare(name: str, ours: np.ndarray, theirs: np.ndarray) -> None:
    np.testing.assert_allclose(ours, theirs, TOLERANCE, TOLERANCE, err_msg=name)


def test_a_function_called_each_step(expected: dict[str, list[np.ndarray]]) -> None:
    tf = functape
    fits = {name: _Fit(tf, make) for name, make in (OPTIMIZERS | OURS).items()}

    @tf.function
    def step(batch: Any) -> None:
        for fit in fits.values():
            fit.step(batch)

    for place, batch in enumerate(INPUTS):
        step(tf.constant(batch))
        for name, fit in fits.items():
            _compare(name, fit.state(), expected[name][place])
    for fit in fits.values():
        assert int(fit.optimizer.iterations) == STEPS // (fit.optimizer.gradient_accumulation_steps or 1)


def test_a_loop_in_a_function(expected: dict[str, list[np.ndarray]]) -> None:
    tf = functape
    fits = {name: _Fit(tf, make) for name, make in (OPTIMIZERS | OURS).items()}
    for fit in fits.values():
        fit.optimizer.build(fit.variables)
    batches = tf.constant(INPUTS)

    @tf.function
    def train(count: Any) -> None:
        for number in tf.range(count):
            for fit in fits.values():
                fit.step(batches[number])

    train(tf.constant(STEPS))
    for name, fit in fits.items():
        _compare(name, fit.state(), expected[name][-1])


def test_traced_and_eager_steps_take_turns(expected: dict[str, list[np.ndarray]]) -> None:
    names = ("averages of accumulated", "Nadam", "own accumulation", "loss scale", "optax several")
    for name in names:
        fit = _Fit(functape, (OPTIMIZERS | OURS)[name])
        traced = functape.function(fit.step)
        for place, batch in enumerate(INPUTS[:9]):
            (traced if place // 2 % 2 else fit.step)(functape.constant(batch))
        _compare(name, fit.state(), expected[name][8])


def test_a_step_that_is_not_finite() -> None:
    def run(tf: Any, staged: bool) -> list[Any]:
        fit = _Fit(tf, OPTIMIZERS["loss scale"])
        fit.optimizer.build(fit.variables)
        step = tf.function(fit.step) if staged else fit.step
        found: list[Any] = []
        for place, batch in enumerate(INPUTS[:9]):
            step(tf.constant(batch), tf.constant(np.float32(np.inf if place in (2, 3) else 1.0)))
            found += [fit.state(), int(fit.optimizer.step_counter), float(fit.optimizer.dynamic_scale)]
        return [*found, int(fit.optimizer.iterations)]

    theirs = run(tensorflow, True)
    for staged in (False, True):
        for ours, wanted in zip(run(functape, staged), theirs, strict=True):
            np.testing.assert_allclose(ours, wanted, TOLERANCE, TOLERANCE)


def test_the_tolerance_tells_a_step_count_apart(expected: dict[str, list[np.ndarray]]) -> None:
    fit = _Fit(functape, OPTIMIZERS["Nadam"])
    for batch in INPUTS:
        fit.optimizer.iterations = 0
        fit.step(functape.constant(batch))
    with pytest.raises(AssertionError):
        _compare("Nadam", fit.state(), expected["Nadam"][-1])


def test_rows_in_a_function() -> None:
    def run(tf: Any) -> list[Any]:
        table = tf.Variable(np.ones((4, 2), np.float32))
        optimizer = tf.keras.optimizers.SGD(0.1)
        optimizer.build([table])

        @tf.function
        def step(places: Any) -> None:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(tf.gather(table, places) ** 2)
            optimizer.apply_gradients([(tape.gradient(loss, table), table)])

        for _ in range(3):
            step(tf.constant([0, 2, 2]))
        return [table.numpy(), int(optimizer.iterations)]

    for ours, theirs in zip(run(functape), run(tensorflow), strict=True):
        np.testing.assert_allclose(ours, theirs, TOLERANCE)
