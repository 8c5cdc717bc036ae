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


class Number:
    """A hyperparameter that is a number or None.

    The value it is constructed with is part of the compiled program. One given later is an input from then on, so that
    a schedule of one's own compiles once more and never again.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

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


class Flag:
    """A hyperparameter that is yes or no: a change of it is another program."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}"

    def __get__(self, optimizer: Any, owner: type | None = None) -> Any:
        return self if optimizer is None else getattr(optimizer, self._name)

    def __set__(self, optimizer: Any, value: Any) -> None:
        setattr(optimizer, self._name, bool(value))
        optimizer._plans.clear()


def learning_rate_of(value: Any) -> tuple[Variable | None, Schedule | None]:
    """The variable that holds a learning rate, or the function that gives it for a number of iterations.

    **Arguments:**
    - `value`: a number, scalar tensor or variable, or a function of the iterations or of nothing.

    **Raises:** `ValueError` for anything else.
    """
    if isinstance(value, Variable):
        return value, None
    if callable(value) and not is_tensor_like(value):
        return None, _schedule(value)
    if isinstance(value, str | bytes) or value is None or np.ndim(value):
        raise ValueError(
            "Argument `learning_rate` must be a number, a scalar tensor, a learning-rate schedule, or a function that "
            f"takes the number of iterations. Received: learning_rate={value!r}"
        )
    return HostVariable(float(value), "learning_rate", float32), None


def _schedule(function: Any) -> Schedule:
    """`function` as a function of the iterations."""
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


_OBSOLETE = {
    "decay": "Pass a function of the iterations as the learning rate: lambda step: rate / (1 + decay * step).",
    "gradient_aggregator": "Aggregate the gradients before apply_gradients.",
    "gradient_transformers": "Transform the gradients before apply_gradients.",
}


def check_other_arguments(
    optimizer: str,
    use_ema: bool = False,
    ema_momentum: float = 0.99,
    ema_overwrite_frequency: int | None = None,
    gradient_accumulation_steps: int | None = None,
    jit_compile: bool | str = True,
    is_legacy_optimizer: bool = False,
    **others: Any,
) -> None:
    """Reject what Keras knows and this does not, and what neither knows.

    `jit_compile` and `is_legacy_optimizer` have no effect: every step is compiled, and there is one kind of optimizer.
    The two `ema_` arguments have none in Keras either without `use_ema`.

    **Raises:** `ValueError`.
    """
    if use_ema:
        raise ValueError(
            f"`use_ema=True` is not supported by {optimizer}. Keep an average yourself after each step: "
            f"average.assign({ema_momentum} * average + (1 - {ema_momentum}) * variable)."
        )
    if gradient_accumulation_steps is not None:
        raise ValueError(
            f"`gradient_accumulation_steps` is not supported by {optimizer}: sum the gradients of several batches and "
            f"apply their mean. Received: gradient_accumulation_steps={gradient_accumulation_steps}"
        )
    for name, value in others.items():
        if name in _OBSOLETE:
            raise ValueError(f"`{name}` is no argument of {optimizer} any more. {_OBSOLETE[name]} Received: {value!r}")
        raise ValueError(f"Argument(s) not recognized by {optimizer}: {name}={value!r}")
