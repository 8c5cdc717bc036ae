"""What all optimizers share: Keras's interface around one recorded op a step."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._name_scope import current_scope_prefix
from functape._core._nest import flatten
from functape._core._slices import IndexedSlices
from functape._core._tensor import Tensor
from functape._core._variable import UnreadVariable, Variable
from functape._engine._avals import Kind
from functape._engine._dtypes import float32, float64, int64
from functape._engine._recorder import local, record, record_multiple
from functape._ops._updates import ASSIGN
from functape.keras.optimizers._host import HostVariable
from functape.keras.optimizers._rows import APPLY_UPDATE, Update, describe_update
from functape.keras.optimizers._settings import Number, check_settings, check_unsupported
from functape.keras.optimizers._slots import Slots, SlotVariable
from functape.keras.optimizers._transforms import Rule

logger = logging.getLogger("functape")


class Plan:
    """What one tuple of variables needs in every step; made in the first."""

    __slots__ = ("variables", "statics", "numbers", "constrained", "weak")

    def __init__(self, variables: list[Variable], update: Update, numbers: tuple[Any, ...]) -> None:
        self.variables = variables
        self.weak = [variable._weak for variable in variables]
        self.statics = (update,)
        self.numbers = numbers
        """Tensors of the hyperparameters that are inputs."""
        self.constrained = [(place, each) for place, each in enumerate(variables) if each.constraint is not None]


class VariableList(list[Any]):
    """A list of variables that may also be called: `optimizer.variables` and `optimizer.variables()` are both in use."""

    def __call__(self) -> VariableList:
        return self


class Optimizer:
    """The base of the optimizers (`tf.keras.optimizers.Optimizer`).

    **Arguments:**
    - `learning_rate`: a number, a scalar tensor, or a function of the number of iterations (or of nothing) that
      returns one.
    - `name`: the prefix of the names of its variables.
    - `weak_decay` and the others: as the class that is used describes them.
    """

    weight_decay = Number(optional=True)
    clipnorm = Number(optional=True)
    global_clipnorm = Number(optional=True)
    clipvalue = Number(optional=True)
    loss_scale_factor = Number(optional=True)

    _hyperparameters: ClassVar[tuple[str, ...]] = ()
    """Names of the numbers that the rule takes."""
