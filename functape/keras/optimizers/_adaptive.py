"""`tf.keras.optimizers` that scale each element by its own history, and FTRL."""

from __future__ import annotations

from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number, Setting
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._transforms_adaptive import keras_adadelta, keras_adagrad, keras_ftrl, keras_rmsprop


class RMSprop(Optimizer, learning_rate=0.001):
    """Gradients divided by the root of their mean square (`tf.keras.optimizers.RMSprop`).

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `rho`: the share of the mean square that a step keeps.
    - `momentum`: the share of the last step that is added.
    - `epsilon`: keeps the step finite where the mean square vanishes.
    - `centered`: whether to subtract the squared mean from the mean square.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.RMSprop(0.1).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.684

    ```
    """

    rho = Number(0.9)
    momentum = Number(0.0)
    epsilon = Number(1e-7)
    centered = Flag(False)

    def _rule(self) -> Rule:
        return keras_rmsprop(self.momentum > 0 or "momentum" in self._dynamic, self.centered)


class Adagrad(Optimizer, learning_rate=0.001):
    """Gradients divided by the root of the sum of their squares (`tf.keras.optimizers.Adagrad`).

    Duchi et al., "Adaptive subgradient methods for online learning and stochastic optimization", 2011.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `initial_accumulator_value`: where the sum begins.
    - `epsilon`: keeps the step finite where the sum vanishes.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adagrad(0.1).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.901

    ```
    """

    initial_accumulator_value = Setting(0.1)
    epsilon = Number(1e-7)

    def _rule(self) -> Rule:
        return keras_adagrad(float(self.initial_accumulator_value))


class Adadelta(Optimizer, learning_rate=0.001):
    """Steps in proportion to the steps before (`tf.keras.optimizers.Adadelta`).

    Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

    **Arguments:**
    - `learning_rate`: a number, 1 in the paper; a schedule, or a function of the number of iterations.
    - `rho`: the share of the mean squares of gradients and steps that a step keeps.
    - `epsilon`: the size of the first steps, squared.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adadelta(100.0).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.859

    ```
    """

    rho = Number(0.95)
    epsilon = Number(1e-7)

    def _rule(self) -> Rule:
        return keras_adadelta()


_NOT_NEGATIVE = (
    "initial_accumulator_value",
    "l1_regularization_strength",
    "l2_regularization_strength",
    "l2_shrinkage_regularization_strength",
)


class Ftrl(Optimizer, learning_rate=0.001):
    """Follow the regularized leader, for sparse linear models (`tf.keras.optimizers.Ftrl`).

    McMahan et al., "Ad click prediction: a view from the trenches", 2013.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `learning_rate_power`: how the rate falls with the sum of squared gradients; not above 0.
    - `initial_accumulator_value`: where that sum begins.
    - `l1_regularization_strength`: draws small weights to 0.
    - `l2_regularization_strength`: draws all weights towards 0.
    - `l2_shrinkage_regularization_strength`: draws them by way of the gradient.
    - `beta`: a further part of `l2_regularization_strength`, half of this over the learning rate.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    **Raises:** `ValueError` for a negative strength or a positive power.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.keras.optimizers.Ftrl(0.1, l1_regularization_strength=100.0)
    >>> _ = optimizer.apply_gradients([(tf.constant(2.0), w)])
    >>> print(w.numpy())
    0.0

    ```
    """

    learning_rate_power = Number(-0.5)
    initial_accumulator_value = Setting(0.1)
    l1_regularization_strength = Number(0.0)
    l2_regularization_strength = Number(0.0)
    l2_shrinkage_regularization_strength = Number(0.0)
    beta = Number(0.0)

    def _check(self) -> None:
        for name in _NOT_NEGATIVE:
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` needs to be positive or zero. Received: {name}={getattr(self, name)}")
        if self.learning_rate_power > 0:
            raise ValueError(
                "`learning_rate_power` needs to be negative or zero. "
                f"Received: learning_rate_power={self.learning_rate_power}"
            )

    def _rule(self) -> Rule:
        return keras_ftrl(float(self.initial_accumulator_value))
