"""Learning rates that fall: exponentially, in inverse proportion, polynomially, or in steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functape._api._choosing import where
from functape._api._elementwise import ceil, floor
from functape._core._cast import cast
from functape._core._convert import convert
from functape.keras.optimizers.schedules._schedule import LearningRateSchedule, check_steps
from functape.math import minimum
from functape.math import pow as power


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

    TensorFlow's `tf.keras.optimizers.schedules.ExponentialDecay`.

    **Arguments:**
    - `initial_learning_rate`: the learning rate of step 0.
    - `decay_steps`: after how many steps it is multiplied by `decay_rate`.
    - `decay_rate`: by how much.
    - `staircase`: whether it stays the same in between.
    - `name`: its name.

    **Raises:** `ValueError` for a number of steps that is not positive.

    ```python
    >>> import functape as tf
    >>> float(tf.keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.25)(5))
    0.5

    ```
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str | None = "ExponentialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.decay_rate = decay_rate
        self.staircase = staircase
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        rate = convert(self.initial_learning_rate)
        passed = cast(step, rate.dtype) / cast(self.decay_steps, rate.dtype)
        return rate * power(cast(self.decay_rate, rate.dtype), floor(passed) if self.staircase else passed)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


class InverseTimeDecay(ExponentialDecay):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

    TensorFlow's `tf.keras.optimizers.schedules.InverseTimeDecay`; the arguments are those of `ExponentialDecay`.

    ```python
    >>> import functape as tf
    >>> float(tf.keras.optimizers.schedules.InverseTimeDecay(1.0, 10, 1.0)(10))
    0.5

    ```
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        decay_rate: Any,
        staircase: bool = False,
        name: str | None = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        rate = convert(self.initial_learning_rate)
        passed = cast(step, rate.dtype) / cast(self.decay_steps, rate.dtype)
        return rate / (
            cast(1, rate.dtype) + cast(self.decay_rate, rate.dtype) * (floor(passed) if self.staircase else passed)
        )


class PolynomialDecay(LearningRateSchedule):
    """From one learning rate to another along a power of the steps that are left.

    TensorFlow's `tf.keras.optimizers.schedules.PolynomialDecay`:
    `(initial_learning_rate - end_learning_rate) * (1 - step / decay_steps) ** power + end_learning_rate`.

    **Arguments:**
    - `initial_learning_rate`: the learning rate of step 0.
    - `decay_steps`: after how many steps it is at its end.
    - `end_learning_rate`: the learning rate from then on.
    - `power`: 1 for a straight line.
    - `cycle`: whether, after its end, to begin anew with twice as many steps, then three times as many.
    - `name`: its name.

    **Raises:** `ValueError` for a number of steps that is not positive.

    ```python
    >>> import functape as tf
    >>> float(tf.keras.optimizers.schedules.PolynomialDecay(1.0, 10, 0.0)(5))
    0.5

    ```
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        end_learning_rate: Any = 0.0001,
        power: Any = 1.0,
        cycle: bool = False,
        name: str | None = "PolynomialDecay",
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.end_learning_rate = end_learning_rate
        self.power = power
        self.cycle = cycle
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        rate = convert(self.initial_learning_rate)
        end, steps = cast(self.end_learning_rate, rate.dtype), cast(self.decay_steps, rate.dtype)
        now = cast(step, rate.dtype)
        if self.cycle:
            steps = steps * where(now == 0, cast(1, rate.dtype), ceil(now / steps))
        else:
            now = minimum(now, steps)
        left = cast(1, rate.dtype) - now / steps
        return (rate - end) * power(left, cast(self.power, rate.dtype)) + end

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }


class PiecewiseConstantDecay(LearningRateSchedule):
    """One learning rate up to each boundary (`tf.keras.optimizers.schedules.PiecewiseConstantDecay`).

    **Arguments:**
    - `boundaries`: increasing numbers of steps; each is the last of its stretch.
    - `values`: the learning rates, one more than boundaries.
    - `name`: its name.

    **Raises:** `ValueError` for another number of values.

    ```python
    >>> import functape as tf
    >>> schedule = tf.keras.optimizers.schedules.PiecewiseConstantDecay([10, 20], [1.0, 0.5, 0.25])
    >>> [float(schedule(step)) for step in (10, 11, 20, 21)]
    [1.0, 0.5, 0.5, 0.25]

    ```
    """

    def __init__(
        self, boundaries: Sequence[Any], values: Sequence[Any], name: str | None = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. "
                f"Received: boundaries={boundaries} of length {len(boundaries)}, "
                f"and values={values} of length {len(values)}."
            )
        self.boundaries = boundaries
        self.values = values
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        now = convert(step)
        values = [convert(each) for each in self.values]
        rate = values[-1]
        for boundary, value in reversed(list(zip(self.boundaries, values[:-1], strict=True))):
            rate = where(now <= cast(boundary, now.dtype), value, rate)
        return rate

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one."""
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
