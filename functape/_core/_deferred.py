"""Objects that wait for saved values: what is made of them later gets its value when it is made."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

waiting: dict[int, tuple[weakref.ref[Any], list[Callable[[Any], bool]]]] = {}
"""By id, an object and what to call when it has got a new part: a function that tells whether to go on waiting."""


def await_parts(owner: Any, call: Callable[[Any], bool]) -> None:
    """Call a function whenever an object gets a new part, until the function returns false.

    **Arguments:**
    - `owner`: the object. It is not kept alive.
    - `call`: takes the object.
    """
    known = waiting.get(id(owner))
    if known is not None and known[0]() is owner:
        known[1].append(call)
        return
    key = id(owner)
    waiting[key] = (weakref.ref(owner, lambda _, known=waiting: known.pop(key, None)), [call])  # type: ignore[misc]


def has_new_parts(owner: Any) -> None:
    """Tell those who wait for it that an object has got a new part."""
    known = waiting.get(id(owner))
    if known is None or known[0]() is not owner:
        return
    calls = known[1]
    calls[:] = [call for call in list(calls) if call(owner)]
    if not calls:
        waiting.pop(id(owner), None)
