"""Variables whose value stays on the host as a Python number: an optimizer's step count and learning rate.

They enter programs as scalars, so a new value each step costs neither a compilation nor a transfer of its own.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from functape._core._shape import TensorShape
from functape._core._variable import Variable, VariableAggregation, VariableSynchronization
from functape._engine._dtypes import DType
from functape._engine._recorder import local, new_tensor, record
from functape._engine._scalars import scalar_aval
from functape._ops._operators import ADD


class DerivedVariable(Variable):
    """A variable that keeps its value elsewhere than in a tensor of its own.

    **Arguments:**
    - `name`: its name, scopes included.
    - `shape`: its shape.
    """

    __slots__ = ()

    def __init__(self, name: str, shape: tuple[int, ...]) -> None:
        self._weak = weakref.ref(self)
        self._name = name
        self._trainable = False
        self._shape = TensorShape(shape)
        self._constraint = None
        self._synchronization = VariableSynchronization.AUTO
        self._aggregation = VariableAggregation.NONE

    def _settle(self) -> None:
        """Nothing is ever pending: an assignment is carried out at once."""


class HostVariable(DerivedVariable):
    """A scalar variable of host memory.

    **Arguments:**
    - `value`: its value.
    - `name`: its name.
    - `dtype`: its dtype.
    """

    __slots__ = ("_aval", "_made", "_number")

    def __init__(self, value: float, name: str, dtype: DType) -> None:
        super().__init__(name, ())
        self._aval = scalar_aval(dtype)
        self._made: Any = None
        self._number = value

    @property
    def tensor(self) -> Any:  # type: ignore[override]
        """The present value as a tensor, made when it is first asked for."""
        tensor = self._made
        if tensor is None:
            tensor = self._made = new_tensor()
            tensor.aval = self._aval
            tensor.home = None
            tensor.value = self._number
            tensor.variable = self._weak
        return tensor

    @tensor.setter
    def tensor(self, tensor: Any) -> None:
        self._made = tensor
        value = getattr(tensor, "value", None)
        self._number = value if value.__class__ in (int, float) else None  # type: ignore[assignment]

    @property
    def number(self) -> Any:
        """The present value as a Python number."""
        if self._number is None:
            self.number = np.asarray(self._made.resolve("a value kept on the host is read")).item()
        return self._number

    @number.setter
    def number(self, value: Any) -> None:
        self._number = value
        self._made = None

    def receive(self, tensor: Any) -> None:
        """Take the value that a traced function computed, without waiting for it."""
        recorder = local.recorder
        if recorder.tracing:
            recorder.note_write(self, self.tensor)
        tensor.variable = self._weak
        self.tensor = tensor

    def add(self, amount: int) -> None:
        """Add a Python number: in a function being traced each time the function runs."""
        if local.recorder.tracing:
            self.receive(record(ADD, (), (self, amount)))
        else:
            self.number += amount

    def _adopt(self, tensor: Any) -> None:
        if local.recorder.tracing:
            self.receive(tensor)
            return
        self.number = np.asarray(tensor.resolve("a value kept on the host is assigned")).item()
