"""What running a recording does again and again: in C where the extension was built, in Python otherwise.

`FUNCTAPE_NATIVE=0` in the environment leaves the extension out.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Sequence
from operator import attrgetter
from sys import getrefcount
from typing import Any

from functape._engine._compat import HELD_ONCE
from functape._engine._report import logger

VERSION = 2
"""Of what the extension and this package exchange."""

Counts = bytes | tuple[int, ...]
"""How often each tensor of a recording is referred to."""


def _find_native() -> Any:
    """The extension; None where there is none, or reference counts cannot be trusted."""
    if HELD_ONCE is None or os.environ.get("FUNCTAPE_NATIVE") == "0":
        return None
    try:
        found = importlib.import_module("functape._engine._native")
    except ImportError:
        return None
    if found.VERSION != VERSION:
        logger.warning(
            "The C extension was built from another version of functape and is left out, so that recording takes "
            "longer. Install functape again: pip install -e ."
        )
        return None
    return found


native = _find_native()
"""The recording hot path in C, or None."""


_value = attrgetter("value")


def values(inputs: list[Any], places: Iterable[int]) -> list[Any]:
    """The values of the tensors at some places."""
    return list(map(_value, map(inputs.__getitem__, places)))


def unshared(inputs: list[Any], donated: Sequence[int], arguments: list[Any], positions: Sequence[int]) -> bool:
    """Whether nobody else holds what a program is about to take over.

    **Arguments:**
    - `inputs`: a recording's; the only holder of those at the places `donated`.
    - `donated`: places.
    - `arguments`: a program's; at `positions` the values of those inputs, held by them and this list only.
    - `positions`: places.
    """
    alone = HELD_ONCE or 0
    return (
        max(map(getrefcount, map(inputs.__getitem__, donated))) <= alone
        and max(map(getrefcount, map(arguments.__getitem__, positions))) <= alone + 1
        and all(
            max(map(getrefcount, arguments[position]), default=0) <= alone
            for position in positions
            if arguments[position].__class__ is tuple
        )
    )


def give(outputs: Any, slots: tuple[int, ...], results: Sequence[Any]) -> None:
    """Give the tensors in some slots their values; there may be more results than slots."""
    for slot, result in zip(slots, results, strict=False):
        outputs[slot].value = result


def share(outputs: Any, slots: tuple[int, ...], value: Any) -> None:
    """Give the tensors in some slots one value together."""
    for slot in slots:
        outputs[slot].value = value


def references(outputs: list[Any]) -> Counts:
    """How often each tensor of a recording is referred to."""
    return tuple(map(getrefcount, outputs))


def adopt(cells: tuple[Any, ...], tensors: tuple[Any, ...], owners: tuple[Any, ...]) -> None:
    """Make the first of the tensors the values of the cells; `owners` are weak references to these."""
    for cell, tensor, owner in zip(cells, tensors, owners, strict=False):
        tensor.variable = owner
        cell.tensor = tensor


in_python = (values, unshared, give, share, references, adopt)
if native is not None:
    values, unshared, give, share, references, adopt = (
        native.values,
        native.unshared,
        native.give,
        native.share,
        native.references,
        native.adopt,
    )
