"""`tf.keras.optimizers` that look at a variable as a whole: Adafactor, LAMB and Muon."""

from __future__ import annotations

from functape._core._variable import Variable
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._settings import Flag, Number, Setting
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._transforms_matrix import keras_adafactor, keras_lamb, keras_muon


class Adafactor(Optimizer, learning_rate=0.001):
    """Adaptive steps with little state: mean squares of rows and columns (`tf.keras.optimizers.Adafactor`).

    Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018.

    **Arguments:**
    - `learning_rate`: the size of a step relative to the variable; it is never above one over the root of the number
      of steps. A number, a schedule, or a function of the number of iterations.
    - `beta_2_decay`: $d$ of $\\beta_2 = 1 - t^d$, the share of the mean squares that a step keeps.
    - `epsilon_1`: what is added to squared gradients.
    - `epsilon_2`: the least size of a variable that counts.
    - `clip_threshold`: the largest root mean square of a step, relative to the learning rate.
    - `relative_step`: kept for Keras's signature: it bounds the learning rate where it is bounded anyway.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable([[1.0, 1.0]])
    >>> optimizer = tf.keras.optimizers.Adafactor(0.5)
    >>> _ = optimizer.apply_gradients([(tf.constant([[2.0, -2.0]]), w)])
    >>> print(w.numpy())
    [[0.5 1.5]]

    ```
    """

    beta_2_decay = Number(-0.8)
    epsilon_1 = Number(1e-30)
    epsilon_2 = Number(1e-3)
    clip_threshold = Number(1.0)
    relative_step = Flag(True)

    def _rule(self) -> Rule:
        return keras_adafactor()


class Lamb(Optimizer, learning_rate=0.001):
    """Adam with steps in proportion to each variable's norm (`tf.keras.optimizers.Lamb`).

    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2019.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `beta_1`: the share of the gradient's mean that a step keeps.
    - `beta_2`: the share of its square's mean.
    - `epsilon`: keeps the step finite where that vanishes.
    - `weight_decay`, `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(4.0)
    >>> _ = tf.keras.optimizers.Lamb(0.25).apply_gradients([(tf.constant(2.0), w)])
    >>> print(f"{w.numpy():.3f}")
    3.000

    ```
    """

    beta_1 = Number(0.9)
    beta_2 = Number(0.999)
    epsilon = Number(1e-7)

    def _rule(self) -> Rule:
        return keras_lamb()


class Muon(Optimizer, learning_rate=0.001):
    """Orthogonalised momentum for matrices, Adam for all else (`tf.keras.optimizers.Muon`).

    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.

    **Arguments:**
    - `learning_rate`: a number, a schedule, or a function of the number of iterations.
    - `adam_beta_1`, `adam_beta_2`, `epsilon`: as for `Adam`.
    - `adam_weight_decay`: the weight decay of what takes Adam's steps.
    - `weight_decay`: that of the matrices.
    - `exclude_layers`: regular expressions; variables in whose names one is found take Adam's steps.
    - `exclude_embeddings`: whether variables with "embedding" in their names do.
    - `muon_a`, `muon_b`, `muon_c`: coefficients of the iteration that makes the momentum orthogonal.
    - `adam_lr_ratio`: how many times the learning rate Adam's steps have.
    - `momentum`: the share of the momentum that a step keeps.
    - `ns_steps`: how many iterations.
    - `nesterov`: whether the step looks ahead.
    - `rms_rate`: the root mean square of a matrix's step relative to the learning rate; None leaves its norm alone.
    - `clipnorm`, `clipvalue`, `global_clipnorm`, `name` and others: as for `Optimizer`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable([[1.0, 0.0], [0.0, 1.0]])
    >>> _ = tf.keras.optimizers.Muon(0.1, weight_decay=None).apply_gradients([(w * 2.0, w)])
    >>> print(f"{w.numpy()[0, 0]:.2f}")
    0.97

    ```
    """

    adam_beta_1 = Number(0.9)
    adam_beta_2 = Number(0.999)
    adam_weight_decay = Number(0.004)
    epsilon = Number(1e-7)
    weight_decay = Number(0.004)
    exclude_layers = Setting(None, last=True)
    exclude_embeddings = Flag(True, last=True)
    muon_a = Number(3.4445, last=True)
    muon_b = Number(-4.775, last=True)
    muon_c = Number(2.0315, last=True)
    adam_lr_ratio = Number(1, last=True)
    momentum = Number(0.95, last=True)
    ns_steps = Setting(5, last=True)
    nesterov = Flag(True, last=True)
    rms_rate = Number(0.2, last=True)

    def _check(self) -> None:
        self.exclude_layers = list(self.exclude_layers or ())

    def _rule(self) -> Rule:
        return keras_muon(
            int(self.ns_steps),
            self.nesterov,
            self.rms_rate is not None,
            self.exclude_embeddings,
            tuple(self.exclude_layers),
        )

    def _decay_of(self, variable: Variable) -> str:
        label = self._rule().label
        assert label is not None
        return "adam_weight_decay" if label(variable) else "weight_decay"
