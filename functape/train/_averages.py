"""`tf.train.ExponentialMovingAverage`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functape._api._elementwise import minimum, subtract
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._variable import Variable
from functape._engine._dtypes import float32


class ExponentialMovingAverage:
    """Averages of variables in which what is further back counts less (`tf.train.ExponentialMovingAverage`).

    **Arguments:**
    - `decay`: how much of the average stays at each step, a little below 1.
    - `num_updates`: the number of steps so far, if the first ones are to count more: `decay` is then at most
      `(1 + num_updates) / (10 + num_updates)`.
    - `zero_debias`: as in TensorFlow's eager mode, of no account: averages begin with the variables' values.
    - `name`: the end of the averages' names.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(0.0)
    >>> average = tf.train.ExponentialMovingAverage(decay=0.75)
    >>> average.apply([w])
    >>> _ = w.assign(4.0)
    >>> average.apply([w])
    >>> average.average(w).numpy()
    np.float32(1.0)

    ```
    """

    def __init__(
        self, decay: Any, num_updates: Any = None, zero_debias: bool = False, name: str = "ExponentialMovingAverage"
    ) -> None:
        self._decay, self._num_updates, self._name = decay, num_updates, name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        """The end of the averages' names."""
        return self._name

    def apply(self, var_list: Sequence[Variable] | None = None) -> None:
        """Take the variables' present values into account; for a new one the average begins with it.

        **Arguments:**
        - `var_list`: floating variables.

        **Raises:** `TypeError` for anything else.
        """
        variables = list(var_list or ())
        for each in variables:
            if not isinstance(each, Variable):
                raise TypeError(f"The variables must be variables to average. Received: {each!r}. Use tf.Variable.")
            if not each.dtype.is_floating:
                raise TypeError(f"The variables must be half, float, or double: {each.name}. Cast a copy of it.")
        kept = self._kept()
        for each in variables:
            average = self._averages.get(each.ref())
            if average is None:
                average = Variable(each.read_value(), trainable=False, name=self.average_name(each))
                self._averages[each.ref()] = average
            average.assign_sub(subtract(average, each) * cast(1.0 - kept, each.dtype))

    def _kept(self) -> Any:
        decay = convert(self._decay, hint=float32)
        if self._num_updates is None:
            return decay
        steps = cast(self._num_updates, float32)
        return minimum(decay, (1.0 + steps) / (10.0 + steps))

    def average(self, var: Variable) -> Variable | None:
        """The average of a variable; None if `apply` never had it."""
        return self._averages.get(var.ref())

    def average_name(self, var: Variable) -> str:
        """What the average of a variable is called."""
        return f"{var.name.partition(':')[0]}/{self._name}"

    def variables_to_restore(self, moving_avg_variables: Sequence[Variable] | None = None) -> dict[str, Variable]:
        """By the averages' names, the variables to read the averages into.

        **Arguments:**
        - `moving_avg_variables`: the variables; those that `apply` had by default.
        """
        held = [each.deref() for each in self._averages] if moving_avg_variables is None else moving_avg_variables
        return {self.average_name(each): each for each in held}
