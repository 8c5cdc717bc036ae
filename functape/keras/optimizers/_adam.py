"""`tf.keras.optimizers.Adam`."""

from __future__ import annotations

from typing import Any

from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number
from functape.keras.optimizers._transforms import Rule, keras_adam


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient and of its square (`tf.keras.optimizers.Adam`).

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014; the step, with `epsilon` where Keras puts it, is
    $w \\leftarrow w - \\eta \\frac{\\sqrt{1 - \\beta_2^t}}{1 - \\beta_1^t} \\frac{m}{\\sqrt v + \\epsilon}$.

    **Arguments:**
    - `learning_rate`: $\\eta$; a number, or a function of the number of iterations.
    - `beta_1`: the share of the gradient's mean $m$ that a step keeps.
    - `beta_2`: the share of its square's mean $v$.
    - `epsilon`: keeps the step finite where $v$ vanishes.
    - `amsgrad`: whether to divide by the largest $v$ so far (Reddi et al., "On the convergence of Adam and beyond").
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

    beta_1 = Number()
    beta_2 = Number()
    epsilon = Number()
    amsgrad = Flag()

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str = "Adam",
        **others: Any,
    ) -> None:
        super().__init__(learning_rate, name, weight_decay, clipnorm, clipvalue, global_clipnorm, **others)
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad

    def _rule(self) -> Rule:
        return keras_adam(self.amsgrad)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        return super().get_config() | {"amsgrad": self.amsgrad}
