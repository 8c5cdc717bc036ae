"""The row of indexing with arrays."""

from __future__ import annotations

from typing import Any

from functape._engine._op import Op


def _at(x: Any, *places: Any, spec: tuple[Any, ...]) -> Any:
    """`x[spec]`, with the next of `places` for each entry `"array"`."""
    following = iter(places)
    index = tuple(
        next(following) if entry == "array" else slice(*entry[1:]) if isinstance(entry, tuple) else entry
        for entry in spec
    )
    return x[index]


AT = Op("AdvancedIndex", _at, ("spec",))
