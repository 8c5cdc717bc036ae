"""The optimizers of `tf.keras.optimizers.legacy`."""

from __future__ import annotations

from typing import Any, ClassVar

from functape.keras.optimizers._settings import Flag, Number, Setting
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._transforms_adaptive import keras_adadelta, keras_adagrad, keras_ftrl, keras_rmsprop
from functape.keras.optimizers._transforms_momentum import keras_adam, keras_adamax, keras_nadam, keras_sgd
from functape.keras.optimizers.legacy._base import Optimizer


class SGD(Optimizer, learning_rate=0.01):
    """`tf.keras.optimizers.legacy.SGD`: as `tf.keras.optimizers.SGD`."""

    momentum = Number(0.0)
    nesterov = Flag(False)
    _slot_names: ClassVar[dict[str, str]] = {"m": "momentum"}

    def _check(self) -> None:
        _check_momentum(self.momentum)

    def _rule(self) -> Rule:
        return keras_sgd(bool(self.momentum) or "momentum" in self._dynamic, self.nesterov)


class Adam(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Adam`: as `tf.keras.optimizers.Adam`."""

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)
    amsgrad = Flag(False)

    def _rule(self) -> Rule:
        return keras_adam(self.amsgrad)._replace(order=(("m",), ("v",), ("vhat",))[: 2 + self.amsgrad])


class Adamax(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Adamax`: as `tf.keras.optimizers.Adamax`."""

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)
    _slot_names: ClassVar[dict[str, str]] = {"u": "v"}

    def _rule(self) -> Rule:
        return keras_adamax()


class Nadam(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Nadam`: as `tf.keras.optimizers.Nadam`, but its momentum decays more slowly.

    **Arguments:**
    - `schedule_decay`: how fast, relative to that.
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)
    schedule_decay = Number(0.004, last=True)

    def _check(self) -> None:
        # Its `decay` is not the learning rate's.
        self.decay = 0.0

    def _rule(self) -> Rule:
        return keras_nadam()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one; `decay` is what it calls `schedule_decay`."""
        config = super().get_config()
        return config | {"decay": config.pop("schedule_decay")}


class RMSprop(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.RMSprop`: as `tf.keras.optimizers.RMSprop`, but without momentum `epsilon` is added
    to the root instead of what is below it.
    """

    rho = Number(0.9)
    momentum = Number(0.0)
    epsilon = Number(1e-7)
    centered = Flag(False)
    _slot_names: ClassVar[dict[str, str]] = {"velocity": "rms", "average_gradient": "mg"}

    def _check(self) -> None:
        _check_momentum(self.momentum)

    def _rule(self) -> Rule:
        momentum = self.momentum > 0 or "momentum" in self._dynamic
        return keras_rmsprop(momentum, self.centered, epsilon_outside=not momentum)


class Adagrad(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Adagrad`: as `tf.keras.optimizers.Adagrad`, but `epsilon` is added to the root
    instead of what is below it.
    """

    initial_accumulator_value = Setting(0.1)
    epsilon = Number(1e-7)

    def _check(self) -> None:
        if self.initial_accumulator_value < 0:
            raise ValueError(f"initial_accumulator_value must be non-negative: {self.initial_accumulator_value}")

    def _rule(self) -> Rule:
        return keras_adagrad(float(self.initial_accumulator_value), epsilon_outside=True)


class Adadelta(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Adadelta`: as `tf.keras.optimizers.Adadelta`."""

    rho = Number(0.95)
    epsilon = Number(1e-7)
    _slot_names: ClassVar[dict[str, str]] = {"accumulated_grad": "accum_grad", "accumulated_delta_var": "accum_var"}

    def _rule(self) -> Rule:
        return keras_adadelta()


class Ftrl(Optimizer, learning_rate=0.001):
    """`tf.keras.optimizers.legacy.Ftrl`: as `tf.keras.optimizers.Ftrl`."""

    learning_rate_power = Number(-0.5)
    initial_accumulator_value = Setting(0.1)
    l1_regularization_strength = Number(0.0)
    l2_regularization_strength = Number(0.0)
    l2_shrinkage_regularization_strength = Number(0.0, last=True)
    beta = Number(0.0, last=True)

    def _check(self) -> None:
        for name in ("initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength"):
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` needs to be positive or zero. Received: {name}={getattr(self, name)}")
        if self.learning_rate_power > 0:
            raise ValueError(
                "`learning_rate_power` needs to be negative or zero. "
                f"Received: learning_rate_power={self.learning_rate_power}"
            )

    def _rule(self) -> Rule:
        return keras_ftrl(float(self.initial_accumulator_value))._replace(order=(("accumulator", "linear"),))


def _check_momentum(momentum: float) -> None:
    if not 0 <= momentum <= 1:
        raise ValueError(f"`momentum` must be between [0, 1]. Received: momentum={momentum}")
