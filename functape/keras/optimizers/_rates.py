"""The learning rate of an optimizer: a variable, or a function of the number of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._variable import Variable
from functape._engine._dtypes import float32
from functape.keras.optimizers._settings import Schedule, as_schedule, learning_rate_of


class Rates:
    """The part of an optimizer that knows its learning rate."""

    _iterations: Any
    _rate: Variable | None
    """The variable that holds it; None if a function gives it."""
    _function: Callable[..., Any] | None
    """The function as given."""
    _schedule: Schedule | None
    """What to ask in each step; None if it is just the variable."""
    _decay: float

    def _set_rate(self, value: Any) -> None:
        self._rate, self._function = (None, None) if value is None else learning_rate_of(value)
        if self._decay:
            self._schedule = self._decayed
        else:
            self._schedule = None if self._function is None else as_schedule(self._function)

    def _decayed(self, iterations: Any) -> Any:
        rate = self._rate if self._function is None else as_schedule(self._function)(iterations)
        return rate / (1.0 + self._decay * cast(iterations, float32))

    def _scheduled(self) -> Any:
        rate = self._schedule(self._iterations)  # type: ignore[misc]
        return rate if is_tensor_like(rate) else float(np.float32(rate))

    @property
    def learning_rate(self) -> Any:
        """The learning rate, a variable that may be assigned; with a schedule, its present value.

        **Raises:** `ValueError` if the optimizer was given none.
        """
        if self._rate is not None:
            return self._rate
        if self._function is None:
            raise ValueError(
                "Missing learning rate: pass `learning_rate` to super().__init__(), or set "
                "`self._learning_rate = self._build_learning_rate(learning_rate)` in the constructor."
            )
        return convert(self._scheduled())

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        _, function = learning_rate_of(value)
        if function is not None or isinstance(value, Variable) or self._rate is None and self._function is None:
            self._set_rate(value)
        elif self._rate is None:
            raise TypeError(
                "This optimizer was created with a learning-rate schedule as its `learning_rate`, so the learning rate "
                f"cannot be set to a number. Received: {value!r}. Assign another schedule, or make the optimizer with "
                "a number."
            )
        else:
            self._rate.assign(value)

    lr = learning_rate

    @property
    def decay(self) -> float:
        """How fast the learning rate falls: it is divided by one more than this times the number of steps."""
        return self._decay

    @decay.setter
    def decay(self, value: float) -> None:
        self._decay = _checked_decay(value)
        self._set_rate(self._rate if self._function is None else self._function)

    # ---- names of Keras's own that subclasses use ------------------------------------------------------------

    @property
    def _learning_rate(self) -> Any:
        return self._rate if self._function is None else self._function

    @_learning_rate.setter
    def _learning_rate(self, value: Any) -> None:
        self._set_rate(value)

    def _build_learning_rate(self, learning_rate: Any) -> Any:
        rate, function = learning_rate_of(learning_rate)
        return rate if function is None else function

    def _get_current_learning_rate(self) -> Any:
        return self.learning_rate

    def _decayed_lr(self, var_dtype: Any) -> Any:
        return cast(self._rate if self._schedule is None else self._scheduled(), var_dtype)


def _checked_decay(value: float | None) -> float:
    if value is not None and value < 0:
        raise ValueError(f"`decay` cannot be less than 0. Received: decay={value}")
    return float(value or 0.0)
