"""`tf.keras.optimizers.SGD`."""

from __future__ import annotations

from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._transforms_momentum import keras_sgd


class SGD(Optimizer, learning_rate=0.01):
    """Gradient descent, with momentum if asked (`tf.keras.optimizers.SGD`).

    $w \\leftarrow w - \\eta g$; with momentum $\\mu$: $v \\leftarrow \\mu v - \\eta g$, $w \\leftarrow w + v$.

    **Arguments:**
    - `learning_rate`: $\\eta$; a number, a schedule, or a function of the number of iterations.
    - `momentum`: $\\mu$, between 0 and 1.
    - `nesterov`: whether the step looks ahead: $w \\leftarrow w + \\mu v - \\eta g$.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    **Raises:** `ValueError` for a momentum outside 0 to 1.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0, name="w")
    >>> optimizer = tf.keras.optimizers.SGD(0.1)
    >>> optimizer.minimize(lambda: w**2, [w])
    <tf.Variable 'UnreadVariable' shape=() dtype=int64, numpy=1>
    >>> print(f"{w.numpy():.1f}")
    0.8

    ```
    """

    momentum = Number(0.0)
    nesterov = Flag(False)

    def _check(self) -> None:
        if not 0 <= self.momentum <= 1:
            raise ValueError(f"`momentum` must be a number between 0 and 1. Received: momentum={self.momentum!r}")

    def _rule(self) -> Rule:
        return keras_sgd(bool(self.momentum) or "momentum" in self._dynamic, self.nesterov)
