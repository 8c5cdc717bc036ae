"""Checks on variables that go through branches and loops; the messages name the variable and the way out."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._constants import convert_to_tensor
from functape._core._nest import is_nested
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape.function._autograph._undefined import Undefined, UndefinedReturnValue

_NUMBERS = (bool, int, float, complex, np.ndarray, np.generic)


def check_branch(outcome: tuple[Any, ...], names: tuple[str, ...], branch: str) -> None:
    """Refuse a variable that a branch leaves undefined.

    **Raises:** `ValueError`.
    """
    for name, value in zip(names, outcome, strict=True):
        if value.__class__ is Undefined:
            raise ValueError(
                f"'{name}' must also be initialized in the {branch} branch. Give it a value before the if statement, "
                "of the dtype and shape that the other branch gives it."
            )
        if value.__class__ is UndefinedReturnValue:
            raise ValueError(
                f"the {branch} branch must also have a return statement. Assign the value to a variable in both "
                "branches and return it after the if statement."
            )


def check_branches(main: tuple[Any, ...], otherwise: tuple[Any, ...], names: tuple[str, ...]) -> None:
    """Refuse a variable that comes out of two branches differently.

    **Raises:** `ValueError` for a None, `TypeError` for another dtype or structure.
    """
    for name, ours, theirs in zip(names, main, otherwise, strict=True):
        for value, branch in ((ours, "main"), (theirs, "else")):
            if value is None:
                raise ValueError(
                    f"'{name}' is None at the end of the {branch} branch. Both branches of an if statement whose "
                    "condition is a tensor must give it a tensor; use a tensor as the sign for no value."
                )
        difference = _structural_difference(ours, theirs)
        if difference:
            raise TypeError(f"'{name}' must have the same nested structure in the main and else branches: {difference}")
        for part, mine, other in _leaves(name, ours, theirs):
            _check_pair(part, mine, other)


def _check_pair(name: str, mine: Any, other: Any) -> None:
    dtypes = dtype_of(mine), dtype_of(other)
    if None in dtypes:
        return
    if dtypes[0] is not dtypes[1]:
        raise TypeError(
            f"'{name}' has dtype {dtypes[0].name} in the main branch, but dtype {dtypes[1].name} in the else branch. "
            "Convert one with tf.cast, or write a Python number as the other kind: 1.0 for 1."
        )


def check_iteration(before: tuple[Any, ...], after: tuple[Any, ...], names: tuple[str, ...], free: set[int]) -> None:
    """Refuse a variable that an iteration leaves different from what it was.

    **Arguments:**
    - `before`, `after`: the variables at the start and at the end of the iteration.
    - `names`: their names.
    - `free`: positions of variables whose shape may change.

    **Raises:** `ValueError` for a None or another shape, `TypeError` for another dtype or structure.
    """
    for index, (name, first, last) in enumerate(zip(names, before, after, strict=True)):
        if first.__class__ is Undefined or last.__class__ is Undefined or (first is None and last is None):
            continue
        if last is None:
            raise ValueError(
                f"'{name}' is None at the end of the iteration. A variable of a loop over tensors must stay a tensor; "
                "use a tensor as the sign for no value."
            )
        difference = _structural_difference(first, last)
        if difference:
            raise TypeError(
                f"'{name}' does not have the same nested structure after one iteration: {difference}. To collect "
                "values in a loop over tensors, use tf.TensorArray."
            )
        for part, old, new in _leaves(name, first, last):
            dtypes = dtype_of(old), dtype_of(new)
            if None in dtypes:
                continue
            if dtypes[0] is not dtypes[1]:
                raise TypeError(
                    f"'{part}' has dtype {dtypes[0].name} before the loop, but dtype {dtypes[1].name} after one "
                    "iteration. Start with a value of the dtype it gets: 0.0 for 0, or tf.cast."
                )
            shapes = shape_of(old), shape_of(new)
            if index not in free and shapes[0] != shapes[1] and None not in shapes:
                raise ValueError(
                    f"'{part}' has shape {shapes[0]} before the loop, but shape {shapes[1]} after one iteration. "
                    "Use tf.autograph.experimental.set_loop_options to set shape invariants, or tf.TensorArray to "
                    "collect values."
                )


def is_value(value: Any) -> bool:
    """Whether `value` is, or becomes, a tensor."""
    return isinstance(value, (Tensor, Variable, *_NUMBERS))


def dtype_of(value: Any) -> Any:
    """The dtype of a value as a tensor; None for other objects."""
    if isinstance(value, Tensor | Variable):
        return value.dtype
    return convert_to_tensor(value).dtype if isinstance(value, _NUMBERS) else None


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of a value as a tensor; None for other objects."""
    if isinstance(value, Tensor | Variable):
        return tuple(value.aval.shape)
    return np.shape(value) if isinstance(value, _NUMBERS) else None


def _structural_difference(one: Any, other: Any) -> str:
    """How the structures of two values differ; nothing if they do not."""
    if not is_nested(one) and not is_nested(other):
        return ""
    if is_nested(one) != is_nested(other) or isinstance(one, dict) != isinstance(other, dict):
        return f"one is a {type(one).__name__}, the other a {type(other).__name__}"
    if isinstance(one, dict):
        if set(one) != set(other):
            return f"their keys are {sorted(map(str, one))} and {sorted(map(str, other))}"
        pairs = [(one[key], other[key]) for key in one]
    else:
        if len(one) != len(other):
            return f"they have {len(one)} and {len(other)} elements"
        pairs = list(zip(one, other, strict=True))
    return next((found for found in (_structural_difference(*pair) for pair in pairs) if found), "")


def _leaves(name: str, one: Any, other: Any) -> list[tuple[str, Any, Any]]:
    """The pairs of leaves of two structures alike, each with the name of its place."""
    if isinstance(one, dict):
        return [each for key in one for each in _leaves(f"{name}[{key!r}]", one[key], other[key])]
    if is_nested(one):
        pairs = enumerate(zip(one, other, strict=True))
        return [each for index, (mine, theirs) in pairs for each in _leaves(f"{name}[{index}]", mine, theirs)]
    return [(name, one, other)]
