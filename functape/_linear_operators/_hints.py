"""What is promised of an operator without looking at its elements: combining the promises of several."""

from __future__ import annotations

from typing import Any, NamedTuple

Hint = bool | None
"""True or False for a promise, None for no promise either way."""


class Hints(NamedTuple):
    """The promises that every operator takes."""

    is_non_singular: Hint = None
    is_self_adjoint: Hint = None
    is_positive_definite: Hint = None
    is_square: Hint = None


def arguments(local_names: dict[str, Any]) -> dict[str, Any]:
    """What a constructor was called with, of its `locals()`."""
    return {name: value for name, value in local_names.items() if name not in ("self", "__class__")}


def surely(given: Hint, message: str) -> bool:
    """True, for what always holds.

    **Raises:** `ValueError` if the contrary was promised.
    """
    if given is False:
        raise ValueError(f"{message} Leave the hint out, or pass True.")
    return True


def implied(given: Hint, holds: Any, message: str) -> Hint:
    """True if `holds`, and else what was promised.

    **Raises:** `ValueError` if it holds and the contrary was promised.
    """
    return surely(given, message) if holds else given


def shared(operator: Any, name: str, given: Hint, relation: str) -> Hint:
    """The promise `name` of an operator and of one that must share it.

    **Raises:** `ValueError` if they contradict each other.
    """
    held = getattr(operator, name)
    if None not in (held, given) and bool(held) != bool(given):
        raise ValueError(f"An operator and its {relation} share {name}, but it is {held} and {given}.")
    return held if given is None else given


def both_non_singular(left: Any, right: Any) -> Hint:
    """Whether a product is promised to be non-singular."""
    if left.is_non_singular is False or right.is_non_singular is False:
        return False
    return left.is_non_singular and right.is_non_singular


def commuting(left: Any, right: Any) -> Hints:
    """The promises of a product whose factors commute."""
    adjoint: Hint = None
    if left.is_self_adjoint and right.is_self_adjoint:
        adjoint = True
    elif {left.is_self_adjoint, right.is_self_adjoint} == {True, False}:
        adjoint = False
    both = (left.is_positive_definite, left.is_self_adjoint, right.is_positive_definite, right.is_self_adjoint)
    return Hints(both_non_singular(left, right), adjoint, True if all(both) else None, True)


def of_product(left: Any, right: Any) -> Hints:
    """The promises of any product."""
    if left.range_dimension != right.domain_dimension:
        return Hints(False, False, False, False)
    return Hints(both_non_singular(left, right), is_square=True)


def inherited(operator: Any) -> dict[str, Any]:
    """The promises of an operator, for one that shares them all."""
    return {name: getattr(operator, name) for name in Hints._fields}
