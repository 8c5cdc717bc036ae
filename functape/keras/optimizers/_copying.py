"""Copies of an optimizer, by `copy.deepcopy` and by `pickle`."""

from __future__ import annotations

import copy
from typing import Any

_REMADE = (
    "_plans", "_applied", "_slots", "_slot_variables", "_schedule", "_rate", "_iterations", "_undecayed",
    "_index_dict", "_trainable_variables", "_tree", "_tree_variables", "_updates",
)  # fmt: skip
"""Attributes that hold variables or compiled programs; a copy makes its own."""


class Copyable:
    """The part of an optimizer that can be copied.

    A copy has the same settings and state. One made by `pickle` waits for variables of the same shapes to be given in
    the same order: in `build`, or in the first step. One made by `copy.deepcopy` goes on with the same variables, or
    with their copies if they were copied before it.
    """

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name not in _REMADE}
        optimizer: Any = self
        state["_restored"] = (
            None if optimizer._rate is None else float(optimizer._rate),
            optimizer._iterations.number,
            None if optimizer._known_variables() is None else [each.numpy() for each in optimizer.variables[1:]],
            optimizer._undecayed[1],
        )
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        optimizer: Any = self
        rate, count, weights, patterns = state.pop("_restored")
        vars(self).update(state)
        optimizer._begin()
        optimizer._set_rate(optimizer._function if rate is None else rate)
        optimizer._iterations.number = count
        optimizer._undecayed = (frozenset(), patterns)
        optimizer._waiting = weights

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        source: Any = self
        copied: Any = type(self).__new__(type(self))
        memo[id(self)] = copied
        copied.__setstate__(copy.deepcopy(self.__getstate__(), memo))
        kept = {id(memo.get(id(each), each)): memo.get(id(each), each) for each in source._kept}
        copied._kept = list(kept.values())
        copied._undecayed = (frozenset(kept), source._undecayed[1])
        known = [memo.get(id(each), each) for each in source._trainable_variables]
        copied._trainable_variables = known
        copied._index_dict = {id(each): place for place, each in enumerate(known)}
        if source._known_variables() is not None:
            copied.build([memo.get(id(each), each) for each in source._known_variables()])
        return copied
