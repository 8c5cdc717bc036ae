"""Learning rates that fall along a cosine."""

from __future__ import annotations

import math
from typing import Any

from functape._api._choosing import where
from functape._api._elementwise import cos, floor, log
from functape._core._cast import cast
from functape._core._convert import convert
from functape.keras.optimizers.schedules._schedule import LearningRateSchedule, check_steps
from functape.math import minimum
from functape.math import pow as power


class CosineDecay(LearningRateSchedule):
    """Down half a cosine, after a rise along a line if asked (`tf.keras.optimizers.schedules.CosineDecay`).

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    **Arguments:**
    - `initial_learning_rate`: the learning rate of step 0.
    - `decay_steps`: how many steps it falls for.
    - `alpha`: the share of it that is left in the end.
    - `name`: its name.
    - `warmup_target`: the learning rate to rise to first; None for no rise.
    - `warmup_steps`: how many steps it rises for.

    **Raises:** `ValueError` for a number of steps that is not positive.

    ```python
    >>> import functape as tf
    >>> round(float(tf.keras.optimizers.schedules.CosineDecay(1.0, 10)(5)), 4)
    0.5

    ```
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        decay_steps: Any,
        alpha: Any = 0.0,
        name: str | None = "CosineDecay",
        warmup_target: Any = None,
        warmup_steps: Any = 0,
    ) -> None:
        check_steps("decay_steps", decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.decay_steps = decay_steps
        self.alpha = alpha
        self.name = name
        self.warmup_target = warmup_target
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        rate = convert(self.initial_learning_rate)
        steps, now = cast(self.decay_steps, rate.dtype), cast(step, rate.dtype)
        if self.warmup_target is None:
            return self._fallen(rate, minimum(now, steps) / steps)
        top, rise = cast(self.warmup_target, rate.dtype), cast(self.warmup_steps, rate.dtype)
        now = minimum(now, steps + rise)
        risen = (top - rate) * (now / rise) + rate
        return where(now < rise, risen, self._fallen(top, (now - rise) / steps))

    def _fallen(self, rate: Any, completed: Any) -> Any:
        cosine = 0.5 * (1.0 + cos(math.pi * completed))
        return rate * ((1 - self.alpha) * cosine + self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


class CosineDecayRestarts(LearningRateSchedule):
    """Down half a cosine again and again (`tf.keras.optimizers.schedules.CosineDecayRestarts`).

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2017.

    **Arguments:**
    - `initial_learning_rate`: the learning rate of step 0.
    - `first_decay_steps`: how many steps the first fall takes.
    - `t_mul`: how many times as long each fall takes as the one before.
    - `m_mul`: how many times as high each begins.
    - `alpha`: the share of the initial learning rate that is left in the end of each.
    - `name`: its name.

    **Raises:** `ValueError` for a number of steps that is not positive.

    ```python
    >>> import functape as tf
    >>> schedule = tf.keras.optimizers.schedules.CosineDecayRestarts(1.0, 10)
    >>> [round(float(schedule(step)), 3) for step in (5, 10, 20)]
    [0.5, 1.0, 0.5]

    ```
    """

    def __init__(
        self,
        initial_learning_rate: Any,
        first_decay_steps: Any,
        t_mul: Any = 2.0,
        m_mul: Any = 1.0,
        alpha: Any = 0.0,
        name: str | None = "SGDRDecay",
    ) -> None:
        check_steps("first_decay_steps", first_decay_steps)
        self.initial_learning_rate = initial_learning_rate
        self.first_decay_steps = first_decay_steps
        self._t_mul = t_mul
        self._m_mul = m_mul
        self.alpha = alpha
        self.name = name

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step, a tensor."""
        rate = convert(self.initial_learning_rate)
        one = cast(1, rate.dtype)
        longer, higher, least = (cast(each, rate.dtype) for each in (self._t_mul, self._m_mul, self.alpha))
        completed = cast(step, rate.dtype) / cast(self.first_decay_steps, rate.dtype)
        even = longer == 1
        # The growth by which the lengths of the falls are summed; any number but 1 will do where it is not used.
        growth = where(even, cast(2, rate.dtype), longer)
        rounds = floor(log(one - completed * (one - growth)) / log(growth))
        begun = (one - power(growth, rounds)) / (one - growth)
        number = where(even, floor(completed), rounds)
        completed = where(even, completed - floor(completed), (completed - begun) / power(growth, rounds))
        cosine = 0.5 * power(higher, number) * (1.0 + cos(math.pi * completed))
        return rate * ((one - least) * cosine + least)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a schedule like this one."""
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self._t_mul,
            "m_mul": self._m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
