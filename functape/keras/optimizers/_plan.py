"""What a step on given variables needs; worked out once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from functape._core._convert import convert
from functape._core._variable import Variable
from functape._engine._avals import Kind
from functape._engine._dtypes import float64
from functape._engine._recorder import new_tensor, record
from functape._engine._scalars import scalar_aval
from functape._ops._updates import ASSIGN
from functape.keras.optimizers._host import DerivedVariable
from functape.keras.optimizers._rows import Update, describe_update
from functape.keras.optimizers._slots import Slots


class Plan:
    """What every step on one tuple of variables needs.

    **Arguments:**
    - `variables`: what is updated.
    - `update`: the static part of the step.
    - `numbers`: the hyperparameters that are inputs, as tensors.
    """

    __slots__ = ("adopt", "numbers", "statics", "variables", "weak")

    def __init__(self, variables: list[Variable], update: Update, numbers: tuple[Any, ...]) -> None:
        self.variables = tuple(variables)
        self.numbers = numbers
        self.statics = (update,)
        plain = all(each.constraint is None and not isinstance(each, DerivedVariable) for each in variables)
        self.weak = tuple(each._weak for each in variables) if plain else ()
        """The variables' references to themselves."""
        self.adopt: Callable[[Iterable[Any]], None] | None = None if plain else self._adopt
        """How the variables take their new values, where it is not by holding them."""

    def _adopt(self, new: Iterable[Any]) -> None:
        values = []
        for variable, tensor in zip(self.variables, new, strict=False):
            if variable.constraint is not None:
                constrained = convert(variable.constraint(tensor), variable.dtype)
                tensor = record(ASSIGN, (variable._trainable_kind(constrained.aval),), (constrained,))
            values.append(tensor)
        for variable, tensor in zip(self.variables, values, strict=True):
            variable._adopt(tensor)


def make_plan(
    slots: Slots,
    variables: list[Variable],
    numbers: dict[str, float],
    dynamic: set[str],
    decayed: tuple[str, ...],
    apart: tuple[int, ...],
) -> Plan:
    """Plan the steps on `variables`.

    **Arguments:**
    - `slots`: the optimizer's state, which has a place for each of them.
    - `variables`: each at most once.
    - `numbers`: the hyperparameters.
    - `dynamic`: names of those that are inputs of the program.
    - `decayed`: for each variable, the name of the number that is its weight decay, or an empty string.
    - `apart`: the places of the variables whose gradients' magnitudes come beside the gradients.
    """
    update = describe_update(
        slots.rule,
        slots.units,
        slots.numbers(variables),
        tuple(Kind.VARIABLE if each._trainable_kind(each.aval) else Kind.ARRAY for each in variables),
        tuple(name if name in numbers else "" for name in decayed),
        tuple((name, None if name in dynamic else value) for name, value in sorted(numbers.items())),
        apart,
    )
    return Plan(variables, update, tuple(_input(numbers[name]) for name in update.dynamic))


def _input(number: float) -> Any:
    """A number as an input of the program, of double precision like the Python numbers that are part of programs."""
    tensor = new_tensor()
    tensor.home = None
    tensor.aval = scalar_aval(float64)
    tensor.value = number
    return tensor
