"""Windows that move over spatial axes: how layers read sizes, strides and paddings."""

from __future__ import annotations

from typing import Any

import numpy as np


def integers(value: Any, count: int, name: str, least: int = 1) -> tuple[int, ...]:
    """A number for each spatial axis, from one for all or one for each.

    **Arguments:**
    - `value`: an integer, or a sequence of `count` of them.
    - `count`: how many axes there are.
    - `name`: the argument's name, for the message.
    - `least`: the smallest number allowed.

    **Raises:** `ValueError` for anything else.
    """
    plain = isinstance(value, int | np.integer)
    try:
        given = (int(value),) * count if plain else tuple(int(each) for each in value)
    except (TypeError, ValueError):
        given = ()
    if len(given) != count:
        raise ValueError(f"The `{name}` argument must be a tuple of {count} integers. Received {name}={value}")
    small = {each for each in given if each < least}
    if small:
        relation = "> 0" if least == 1 else f">= {least}"
        raise ValueError(
            f"The `{name}` argument must be a tuple of {count} integers. Received {name}={value}, including values "
            f"{small} that do not satisfy `value {relation}`"
        )
    return given


def pairs(value: Any, count: int, name: str) -> tuple[tuple[int, int], ...]:
    """How much is done before and after along each spatial axis.

    **Arguments:**
    - `value`: an integer for all, or for each axis an integer or a pair of them.
    - `count`: how many axes there are.
    - `name`: the argument's name, for the message.

    **Raises:** `ValueError` for anything else.
    """
    if isinstance(value, int | np.integer):
        return (integers(value, 2, name, 0),) * count  # type: ignore[return-value]
    if not hasattr(value, "__len__"):
        raise ValueError(
            f"`{name}` should be either an int, a tuple of {count} ints (the same before and after each axis), or a "
            f"tuple of {count} tuples of 2 ints. Received: {name}={value}."
        )
    if len(value) != count:
        raise ValueError(f"`{name}` should have {count} elements. Received: {name}={value}.")
    return tuple(
        integers(each, 2, f"entry {place} of {name}", 0)  # type: ignore[misc]
        for place, each in enumerate(value)
    )


def padding_name(padding: Any, causal: bool = False) -> str:
    """A padding's name in lower case.

    **Raises:** `ValueError` for one that is not known.
    """
    lower = padding.lower() if isinstance(padding, str) else padding
    known = ("same", "valid", "causal") if causal else ("same", "valid")
    if lower not in known:
        raise ValueError(f"The `padding` argument must be one of {known}. Received: padding={padding}")
    return lower
