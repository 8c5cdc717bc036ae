"""An optimizer's hyperparameters and the arguments that set them."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._convert import is_tensor_like
from functape._core._variable import Variable
from functape._engine._dtypes import float32
from functape.keras.optimizers._host import HostVariable

logger = logging.getLogger("functape")

Schedule = Callable[[Any], Any]


class Setting:
    """A hyperparameter: an attribute of the optimizer, an argument of its constructor and a key of its configuration.

    **Arguments:**
    - `default`: what the constructor takes it to be.
    - `last`: whether it stands behind the arguments that all optimizers share.
    """

    def __init__(self, default: Any = None, last: bool = False) -> None:
        self.default = default
        self.last = last

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        if optimizer is None:
            return self
        try:
            return optimizer._settings[self._name]
        except KeyError:
            raise AttributeError(
                f"{type(optimizer).__name__} has no {self._name!r} yet: call super().__init__()."
            ) from None

    def __set__(self, optimizer: Any, value: Any) -> None:
        optimizer._settings[self._name] = value
        optimizer._plans.clear()


class Number(Setting):
    """A hyperparameter that is a number or None.

    The value it is constructed with is part of the compiled program. One given later is an input from then on, so that
    a schedule of one's own compiles once more and never again.
    """

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        return self if optimizer is None else optimizer._numbers[self._name]

    def __set__(self, optimizer: Any, value: Any) -> None:
        if value is not None:
            try:
                value = float(value)
            except (TypeError, ValueError) as error:
                raise TypeError(
                    f"`{self._name}` of {type(optimizer).__name__} must be a number. Received: {value!r}"
                ) from error
        old = optimizer._numbers.get(self._name)
        optimizer._numbers[self._name] = value
        if old is not None and value is not None and value != old:
            optimizer._dynamic.add(self._name)
        optimizer._plans.clear()


class Flag(Setting):
    """A hyperparameter that is yes or no: a change of it is another program."""

    def __set__(self, optimizer: Any, value: Any) -> None:
        super().__set__(optimizer, bool(value))


def settings_of(kind: type) -> dict[str, Setting]:
    """The hyperparameters of a class, its own first and then those it inherits."""
    found: dict[str, Setting] = {}
    for each in kind.__mro__:
        for name, value in vars(each).items():
            if isinstance(value, Setting):
                found.setdefault(name, value)
    return found


def learning_rate_of(value: Any) -> tuple[Variable | None, Schedule | None]:
    """The variable that holds a learning rate, or the function that gives it for a number of iterations.

    **Arguments:**
    - `value`: a number, scalar tensor or variable, or a function of the iterations or of nothing.

    **Raises:** `ValueError` for anything else.
    """
    if isinstance(value, Variable):
        return value, None
    if callable(value) and not is_tensor_like(value):
        return None, value
    if isinstance(value, str | bytes) or value is None or np.ndim(value):
        raise ValueError(
            "Argument `learning_rate` must be a number, a scalar tensor, a learning-rate schedule, or a function that "
            f"takes the number of iterations. Received: learning_rate={value!r}"
        )
    return HostVariable(float(value), "learning_rate", float32), None


def as_schedule(function: Any) -> Schedule:
    """A function of the iterations or of nothing, as a function of the iterations."""
    required = [
        each
        for each in inspect.signature(function).parameters.values()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD, each.VAR_POSITIONAL)
        and each.default is each.empty
    ]
    return function if required else lambda iterations: function()


def check_clipping(optimizer: str, clipnorm: Any, global_clipnorm: Any) -> None:
    """Reject clipping by both norms.

    **Raises:** `ValueError`.
    """
    if clipnorm is not None and global_clipnorm is not None:
        raise ValueError(
            f"At most one of `clipnorm` and `global_clipnorm` can be set for {optimizer}. "
            f"Received: clipnorm={clipnorm}, global_clipnorm={global_clipnorm}"
        )


def check_averaging(use_ema: bool, ema_momentum: Any, ema_overwrite_frequency: Any) -> None:
    """Reject what cannot be averaged with.

    **Raises:** `ValueError`.
    """
    if not use_ema:
        return
    if not 0 <= ema_momentum <= 1:
        raise ValueError(f"`ema_momentum` must be in the range [0, 1]. Received: ema_momentum={ema_momentum}")
    if ema_overwrite_frequency and (not isinstance(ema_overwrite_frequency, int) or ema_overwrite_frequency < 1):
        raise ValueError(
            "`ema_overwrite_frequency` must be an integer >= 1 or None. "
            f"Received: ema_overwrite_frequency={ema_overwrite_frequency}"
        )


def check_accumulation(steps: Any) -> None:
    """Reject a number of steps that is no number of steps.

    **Raises:** `ValueError`.
    """
    if steps and (not isinstance(steps, int | np.integer) or steps < 2):
        raise ValueError(
            f"`gradient_accumulation_steps` must be an integer >= 2. Received: gradient_accumulation_steps={steps}"
        )


_OBSOLETE = {
    "gradient_aggregator": "Aggregate the gradients before apply_gradients.",
    "gradient_transformers": "Transform the gradients before apply_gradients, or use tf.keras.optimizers.legacy.",
}


def check_other_arguments(
    optimizer: str, jit_compile: bool | str = True, is_legacy_optimizer: bool = False, mesh: Any = None, **others: Any
) -> None:
    """Reject what Keras knows and this does not, and what neither knows.

    `jit_compile` and `is_legacy_optimizer` have no effect: every step is compiled, and there is one kind of optimizer.

    **Raises:** `ValueError`.
    """
    if mesh is not None:
        raise ValueError(f"`mesh` is not supported by {optimizer}. Received: mesh={mesh!r}")
    for name, value in others.items():
        if name in _OBSOLETE:
            raise ValueError(f"`{name}` is no argument of {optimizer} any more. {_OBSOLETE[name]} Received: {value!r}")
        raise ValueError(f"Argument(s) not recognized by {optimizer}: {name}={value!r}")
