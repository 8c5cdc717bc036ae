"""An optimizer's state: one handle to a few arrays, in which every variable's slots have their place."""

from __future__ import annotations

import weakref
from typing import Any

import jax
import numpy as np

from functape._core._convert import from_jax
from functape._core._variable import Variable
from functape._engine._avals import aval, tree_aval
from functape._engine._compat import enable_x64
from functape._engine._recorder import Cell, local, new_tensor
from functape.function._modes import init_scope
from functape.keras.optimizers._host import DerivedVariable
from functape.keras.optimizers._rows import PACKED, Unit
from functape.keras.optimizers._transforms import Rule

UNKNOWN = -1
"""The count of steps while only the state knows it, because a traced function took the last ones."""


class Slots(Cell):
    """The slots of all the variables an optimizer has met.

    **Arguments:**
    - `rule`: which slots there are.
    """

    __slots__ = ("_numbers", "count", "places", "rule", "units", "variables", "weak")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.units: tuple[Unit, ...] = ()
        self.variables: list[Variable] = []
        """The variables by number."""
        self.places: list[tuple[int, int]] = []
        """For each variable its unit and where in its array it begins."""
        self.weak = weakref.ref(self)
        self.count = 0
        """The number of steps taken. The state holds it too: programs read it there, Python here."""
        self._numbers: dict[int, int] = {}
        self._hold({slot: [] for slot in rule.slots})

    def numbers(self, variables: list[Variable]) -> tuple[int, ...]:
        """The numbers of `variables`; those not met before get slots."""
        new = [each for each in dict.fromkeys(map(id, variables)) if each not in self._numbers]
        if new:
            by_id = {id(each): each for each in variables}
            self._grow([by_id[each] for each in new])
        return tuple(self._numbers[id(each)] for each in variables)

    def knows(self, variable: Variable) -> bool:
        """Whether a variable has slots."""
        return id(variable) in self._numbers

    def _grow(self, new: list[Variable]) -> None:
        recorder: Any = local.recorder
        if recorder.tracing and self.rule.slots:
            # As in TensorFlow, a function that made an optimizer's variables is traced once more.
            recorder.created.append(self.weak)
        groups: dict[Any, list[int]] = {}
        for variable in new:
            number = len(self.variables)
            self._numbers[id(variable)] = number
            self.variables.append(variable)
            label = None if self.rule.label is None else self.rule.label(variable)
            alone = variable.aval.size > PACKED or not self.rule.elementwise or not self.rule.slots
            groups.setdefault((number if alone else variable.aval.dtype, label), []).append(number)
        units: list[Unit] = []
        self.places += [(0, 0)] * len(new)
        for (_, label), members in groups.items():
            avals = [self.variables[member].aval for member in members]
            unit = Unit(tuple(members), tuple(each.shape for each in avals), avals[0].dtype.as_numpy_dtype, label)
            start = 0
            for member, size in zip(members, unit.sizes, strict=True):
                self.places[member] = (len(self.units) + len(units), start)
                start += size
            units.append(unit)
        arrays = self.arrays()
        self.units += tuple(units)
        for slot, leaves in self._fresh(units).items():
            arrays[slot] += leaves
        self._hold(arrays)

    def _fresh(self, units: list[Unit]) -> dict[str, list[Any]]:
        # Made by NumPy and sent as they are: JAX would compile a program for each shape of zeros.
        begin = self._values if self.rule.valued else lambda unit: np.zeros(unit.shape, unit.dtype)
        labels = () if self.rule.label is None else (tuple(unit.label for unit in units),)
        state = self.rule.transformation.init(tuple(map(begin, units)), *labels)
        with enable_x64(True):
            return {slot: list(jax.device_put(state[slot])) for slot in self.rule.slots}

    def _values(self, unit: Unit) -> Any:
        """The values of a unit's variables as one array of host memory."""
        with init_scope():
            values = [np.asarray(self.variables[member].numpy()) for member in unit.members]
        return values[0] if len(values) == 1 else np.concatenate([each.ravel() for each in values])

    def change_rule(self, rule: Rule) -> None:
        """Go on under another rule; slots that both have keep their values."""
        kept = self.arrays()
        self.rule = rule
        self._hold(self._fresh(list(self.units)) | {slot: kept[slot] for slot in rule.slots if slot in kept})

    def count_from(self, steps: int) -> None:
        """Go on as after `steps` steps."""
        arrays = self.arrays()
        self.count = steps
        self._hold(arrays)

    def receive(self, tensor: Any) -> None:
        """Take the state that a traced function computed."""
        recorder = local.recorder
        if recorder.tracing:
            recorder.note_write(self, self.tensor)
        else:
            self.count = UNKNOWN
        tensor.variable = self.weak
        self.tensor = tensor

    # ---- the arrays ------------------------------------------------------------------------------------------

    def arrays(self) -> dict[str, list[Any]]:
        """The array of each unit, for each slot."""
        leaves = self.tensor.resolve()
        count = len(self.units)
        return {slot: list(leaves[place * count : (place + 1) * count]) for place, slot in enumerate(self.rule.slots)}

    def _hold(self, arrays: dict[str, list[Any]]) -> None:
        with enable_x64(True):
            count = jax.device_put(np.asarray(self.count, np.int64))
        leaves = (*(leaf for slot in self.rule.slots for leaf in arrays[slot]), count)
        tensor = new_tensor()
        tensor.home = None
        tensor.aval = tree_aval(tuple(aval(leaf.shape, leaf.dtype.type) for leaf in leaves))
        tensor.value = leaves
        tensor.variable = self.weak
        self.tensor = tensor

    def _part(self, number: int, leaf: Any) -> tuple[slice | None, tuple[int, ...]]:
        """Where a variable's slot is in the flat array it is part of, None if that is all of it; and its shape."""
        unit, start = self.places[number]
        if len(self.units[unit].members) == 1:
            return None, leaf.shape
        known = self.variables[number].aval
        return slice(start, start + known.size), known.shape

    def shape(self, slot: str, number: int) -> tuple[int, ...] | None:
        """The shape of one slot of one variable; None if the variable has no such slot."""
        unit = self.places[number][0]
        leaf = self.tensor.aval.leaves[self.rule.slots.index(slot) * len(self.units) + unit]
        shape = self._part(number, leaf)[1]
        return None if shape == (0,) and self.variables[number].aval.size else shape

    def read(self, slot: str, number: int) -> jax.Array:
        """One slot of one variable."""
        leaf = self.arrays()[slot][self.places[number][0]]
        part, shape = self._part(number, leaf)
        with enable_x64(True):
            return leaf if part is None else leaf.ravel()[part].reshape(shape)

    def write(self, slot: str, number: int, value: Any) -> None:
        """Replace one slot of one variable."""
        arrays = self.arrays()
        unit = self.places[number][0]
        leaf = arrays[slot][unit]
        part, _ = self._part(number, leaf)
        with enable_x64(True):
            flat = np.array(leaf).ravel()
            flat[slice(None) if part is None else part] = np.asarray(value).ravel()
            arrays[slot][unit] = jax.device_put(flat.reshape(leaf.shape))
        self._hold(arrays)


class SlotVariable(DerivedVariable):
    """A variable that reads, and when assigned writes, one slot of one variable.

    **Arguments:**
    - `slots`: the state it is part of.
    - `slot`: which of the slots.
    - `number`: of which variable.
    - `name`: its name, scopes included.
    """

    __slots__ = ("_number", "_slot", "_slots")

    def __init__(self, slots: Slots, slot: str, number: int, name: str) -> None:
        super().__init__(name, slots.shape(slot, number) or ())
        self._slots = slots
        self._slot = slot
        self._number = number

    @property
    def tensor(self) -> Any:  # type: ignore[override]
        """The present value as a tensor."""
        return from_jax(self._slots.read(self._slot, self._number))

    def _adopt(self, tensor: Any) -> None:
        self._slots.write(self._slot, self._number, tensor.resolve("an optimizer's slot is assigned"))
