"""`tf.keras.optimizers.SGD`."""

from __future__ import annotations

from typing import Any

from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number
from functape.keras.optimizers._transforms import Rule, keras_sgd


class SGD(Optimizer):
    """Gradient descent, with momentum if asked (`tf.keras.optimizers.SGD`).

    $w \\leftarrow w - \\eta g$; with momentum $\\mu$: $v \\leftarrow \\mu v - \\eta g$, $w \\leftarrow w + v$.

    **Arguments:**
    - `learning_rate`: $\\eta$; a number, or a function of the number of iterations.
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

    momentum = Number()
    nesterov = Flag()

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "SGD",
        **others: Any,
    ) -> None:
        if not isinstance(momentum, int | float) or not 0 <= momentum <= 1:
            raise ValueError(f"`momentum` must be a number between 0 and 1. Received: momentum={momentum!r}")
        super().__init__(learning_rate, name, weight_decay, clipnorm, clipvalue, global_clipnorm, **others)
        self.momentum = momentum
        self.nesterov = nesterov

    def _rule(self) -> Rule:
        return keras_sgd(bool(self.momentum) or "momentum" in self._dynamic, self.nesterov)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        return super().get_config() | {"nesterov": self.nesterov}
