"""`tf.keras.optimizers.Adam` and its relatives."""

from __future__ import annotations

from typing import Any

from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._transforms_momentum import (
    keras_adam,
    keras_adamax,
    keras_lion,
    keras_nadam,
    keras_schedule_free,
)


class Adam(Optimizer, learning_rate=0.001):
    """Adam: steps scaled by running means of the gradient and of its square (`tf.keras.optimizers.Adam`).

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014; the step, with `epsilon` where Keras puts it, is
    $w \\leftarrow w - \\eta \\frac{\\sqrt{1 - \\beta_2^t}}{1 - \\beta_1^t} \\frac{m}{\\sqrt v + \\epsilon}$.

    **Arguments:**
    - `learning_rate`: $\\eta$; a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the gradient's mean $m$ that a step keeps.
    - `beta_2`: the share of its square's mean $v$.
    - `epsilon`: keeps the step finite where $v$ vanishes.
    - `amsgrad`: whether to divide by the largest $v$ so far (Reddi et al., "On the convergence of Adam and beyond").
    - `adaptive_epsilon`: whether `epsilon` is corrected for the bias as $v$ is; by name only.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0, name="w")
    >>> optimizer = tf.keras.optimizers.Adam(0.1)
    >>> optimizer.apply_gradients([(tf.constant(2.0), w)])
    <tf.Variable 'UnreadVariable' shape=() dtype=int64, numpy=1>
    >>> print(f"{w.numpy():.3f}")
    0.900

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)
    amsgrad = Flag(False)

    _adaptive_epsilon = False

    def _take_others(self, adaptive_epsilon: bool = False, **others: Any) -> dict[str, Any]:
        self._adaptive_epsilon = adaptive_epsilon
        return others

    def _rule(self) -> Rule:
        return keras_adam(self.amsgrad, self._adaptive_epsilon)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        return super().get_config() | ({"adaptive_epsilon": True} if self._adaptive_epsilon else {})


class AdamW(Adam, learning_rate=0.001):
    """Adam with decoupled weight decay (`tf.keras.optimizers.AdamW`).

    Loshchilov and Hutter, "Decoupled weight decay regularization", 2019: before Adam's step,
    $w \\leftarrow w - \\eta \\lambda w$.

    **Arguments:**
    - `learning_rate`: $\\eta$; a number, a schedule, or a function of the number of iterations.
    - `weight_decay`: $\\lambda$.
    - `beta_1`, `beta_2`, `epsilon`, `amsgrad` and others: as for `Adam`.

    **Raises:** `ValueError` without a weight decay.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.AdamW(0.1, weight_decay=0.5).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.850

    ```
    """

    weight_decay = Number(0.004)

    def _check(self) -> None:
        if self.weight_decay is None:
            raise ValueError("Argument `weight_decay` must be a float. Received: weight_decay=None")


class Adamax(Optimizer, learning_rate=0.001):
    """Adam with the largest gradient in place of the mean square (`tf.keras.optimizers.Adamax`).

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014, section 7.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the gradient's mean that a step keeps.
    - `beta_2`: the share of the largest absolute gradient.
    - `epsilon`: keeps the step finite where that vanishes.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Adamax(0.25).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.750

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)

    def _rule(self) -> Rule:
        return keras_adamax()


class Nadam(Optimizer, learning_rate=0.001):
    """Adam with Nesterov's momentum (`tf.keras.optimizers.Nadam`).

    Dozat, "Incorporating Nesterov momentum into Adam", 2016.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the gradient's mean that a step keeps.
    - `beta_2`: the share of its square's mean.
    - `epsilon`: keeps the step finite where that vanishes.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Nadam(0.1).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.894

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)

    def _rule(self) -> Rule:
        return keras_nadam()


class Lion(Optimizer, learning_rate=0.001):
    """Steps of one size in each direction: the sign of a momentum (`tf.keras.optimizers.Lion`).

    Chen et al., "Symbolic discovery of optimization algorithms", 2023.

    **Arguments:**
    - `learning_rate`: the size of a step; a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the momentum in the direction of the step.
    - `beta_2`: the share of the momentum that a step keeps.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    **Raises:** `ValueError` for a `beta_1` that is not above 0 and up to 1.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.Lion(0.25).apply_gradients([(tf.constant(2.0), w)])
    >>> print(w.numpy())
    0.75

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.99)

    def _check(self) -> None:
        if not 0 < self.beta_1 <= 1:
            raise ValueError(
                "Argument `beta_1` must be above 0 and up to 1: at 0 every step is the gradient's sign. "
                f"Received: beta_1={self.beta_1}"
            )

    def _rule(self) -> Rule:
        return keras_lion()


class ScheduleFreeAdamW(Optimizer, learning_rate=0.0025):
    """Adam that needs no learning-rate schedule (`tf.keras.optimizers.ScheduleFreeAdamW`).

    Defazio et al., "The road less scheduled", 2024.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the mean of all steps in the variable.
    - `beta_2`: the share of the squared gradient's mean that a step keeps.
    - `epsilon`: keeps the step finite where that vanishes.
    - `warmup_steps`: over how many steps the learning rate rises from 0.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> _ = tf.keras.optimizers.ScheduleFreeAdamW(0.25).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    0.750

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-8)
    warmup_steps = Number(0)

    def _rule(self) -> Rule:
        return keras_schedule_free()
