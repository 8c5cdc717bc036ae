"""`tf.compat.v1.train`: `tf.train`, and the optimizers and the step counter that programs with tapes may still use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import functape.train as train
from functape._core._variable import Variable
from functape._missing import missing_attribute
from functape.autodiff import GradientTape
from functape.function import init_scope
from functape.keras.optimizers import legacy

__all__ = [
    "AdamOptimizer",
    "GradientDescentOptimizer",
    "Optimizer",
    "create_global_step",
    "get_global_step",
    "get_or_create_global_step",
]

_steps: list[Variable] = []


def get_global_step(graph: Any = None) -> Variable | None:
    """The step counter of the process (`tf.compat.v1.train.get_global_step`); None if none was made.

    **Arguments:**
    - `graph`: accepted for compatibility.
    """
    return _steps[0] if _steps else None


def create_global_step(graph: Any = None) -> Variable:
    """Make the step counter of the process (`tf.compat.v1.train.create_global_step`): an int64 variable.

    **Arguments:**
    - `graph`: accepted for compatibility.

    **Raises:** `ValueError` if there is one.
    """
    if _steps:
        raise ValueError('"global_step" already exists.')
    with init_scope():
        _steps.append(Variable(0, trainable=False, dtype="int64", name="global_step"))
    return _steps[0]


def get_or_create_global_step(graph: Any = None) -> Variable:
    """The step counter of the process, made if need be (`tf.compat.v1.train.get_or_create_global_step`).

    **Arguments:**
    - `graph`: accepted for compatibility.
    """
    return _steps[0] if _steps else create_global_step()


class Optimizer:
    """TensorFlow 1's interface to an optimizer (`tf.compat.v1.train.Optimizer`), without graphs.

    **Arguments:**
    - `rule`: the optimizer that takes the steps.
    - `name`: its name.
    """

    def __init__(self, rule: legacy.Optimizer, name: str) -> None:
        self._rule = rule
        self._name = name

    def get_name(self) -> str:
        """Its name."""
        return self._name

    def get_slot_names(self) -> list[str]:
        """The names of what is kept for each variable."""
        return list(self._rule.get_slot_names())

    def get_slot(self, var: Any, name: str) -> Any:
        """What is kept for a variable; None if nothing of that name is."""
        return self._rule.get_slot(var, name) if name in self.get_slot_names() else None

    def compute_gradients(self, loss: Callable[[], Any], var_list: Any = None, **_: Any) -> list[tuple[Any, Any]]:
        """Gradients with their variables.

        **Arguments:**
        - `loss`: a function that returns the loss.
        - `var_list`: the variables; those that `loss` reads by default.

        **Raises:** `RuntimeError` for a loss that is no function.
        """
        if not callable(loss):
            raise RuntimeError(
                "`loss` passed to Optimizer.compute_gradients should be a function when eager execution is enabled. "
                f"Received: loss={loss!r}"
            )
        with GradientTape() as tape:
            value = loss()
        variables = list(tape.watched_variables() if var_list is None else var_list)
        return list(zip(tape.gradient(value, variables), variables, strict=True))

    def apply_gradients(
        self, grads_and_vars: Iterable[tuple[Any, Any]], global_step: Any = None, name: str | None = None
    ) -> None:
        """Take a step.

        **Arguments:**
        - `grads_and_vars`: gradients with their variables; a gradient may be None.
        - `global_step`: a variable to add 1 to.
        - `name`: accepted for compatibility.

        **Raises:** `ValueError` if there are no variables, or no gradients.
        """
        pairs = list(grads_and_vars)
        if not pairs:
            raise ValueError("No variables provided.")
        given = [(gradient, variable) for gradient, variable in pairs if gradient is not None]
        if not given:
            raise ValueError(f"No gradients provided for any variable: {[str(variable) for _, variable in pairs]}.")
        self._rule.apply_gradients(given)
        if global_step is not None:
            global_step.assign_add(1)

    def minimize(
        self, loss: Callable[[], Any], global_step: Any = None, var_list: Any = None, name: str | None = None, **_: Any
    ) -> None:
        """Compute gradients and take a step.

        **Arguments:**
        - `loss`, `var_list`: as for `compute_gradients`.
        - `global_step`, `name`: as for `apply_gradients`.
        """
        self.apply_gradients(self.compute_gradients(loss, var_list), global_step)


class GradientDescentOptimizer(Optimizer):
    """Steps against the gradient (`tf.compat.v1.train.GradientDescentOptimizer`).

    **Arguments:**
    - `learning_rate`: a number, or a function that returns it.
    - `use_locking`: accepted for compatibility.
    - `name`: its name.
    """

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(legacy.SGD(learning_rate), name)


class AdamOptimizer(Optimizer):
    """Adam (`tf.compat.v1.train.AdamOptimizer`).

    **Arguments:**
    - `learning_rate`: a number, or a function that returns it.
    - `beta1`, `beta2`: how much of the moments is kept from step to step.
    - `epsilon`: added to the denominator.
    - `use_locking`, `use_own_namescope_for_non_slot_vars`: accepted for compatibility.
    - `name`: its name.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> optimizer = tf.compat.v1.train.AdamOptimizer(0.1)
    >>> optimizer.minimize(lambda: w * w, global_step=tf.compat.v1.train.get_or_create_global_step())
    >>> print(f"{w.numpy():.2f}")
    0.90

    ```
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        use_locking: bool = False,
        name: str = "Adam",
        use_own_namescope_for_non_slot_vars: bool = False,
    ) -> None:
        super().__init__(legacy.Adam(learning_rate, beta_1=beta1, beta_2=beta2, epsilon=epsilon), name)


def __getattr__(name: str) -> Any:
    if hasattr(train, name):
        return getattr(train, name)
    raise missing_attribute("functape.compat.v1.train", name, __all__)
