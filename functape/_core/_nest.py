"""Structures of tensors: nested lists, tuples, dicts and dataclass-like objects, flattened in TensorFlow's order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, tuple or mapping, as against a leaf."""
    return isinstance(structure, list | tuple | Mapping)


def flatten(structure: Any) -> list[Any]:
    """The leaves of a structure; a mapping's in the order of its sorted keys.

    **Arguments:**
    - `structure`: nested lists, tuples, named tuples and mappings; anything else is a leaf.
    """
    return list(_leaves(structure))


def _leaves(structure: Any) -> Iterator[Any]:
    if isinstance(structure, Mapping):
        for key in _sorted(structure):
            yield from _leaves(structure[key])
    elif isinstance(structure, list | tuple):
        for each in structure:
            yield from _leaves(each)
    elif hasattr(structure, "__iter__") and hasattr(structure, "__next__"):
        raise TypeError(f"A structure must be a list, tuple or mapping. Received: {structure!r}. Pass list(...) of it.")
    else:
        yield structure


def pack_like(structure: Any, leaves: list[Any]) -> Any:
    """A structure like `structure` with other leaves, in `flatten`'s order.

    **Raises:** `ValueError` if there are more or fewer leaves than places.
    """
    remaining = iter(leaves)
    packed = _pack(structure, remaining)
    if next(remaining, remaining) is not remaining:
        raise ValueError(f"The structure has fewer places than the {len(leaves)} leaves given.")
    return packed


def _pack(structure: Any, leaves: Iterator[Any]) -> Any:
    if isinstance(structure, Mapping):
        values = {key: _pack(structure[key], leaves) for key in _sorted(structure)}
        ordered = {key: values[key] for key in structure}
        return ordered if type(structure) is dict else type(structure)(ordered)  # type: ignore[call-arg]
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(_pack(each, leaves) for each in structure))
    if isinstance(structure, list | tuple):
        packed = [_pack(each, leaves) for each in structure]
        return packed if type(structure) is list else type(structure)(packed)
    try:
        return next(leaves)
    except StopIteration:
        raise ValueError("The structure has more places than there are leaves.") from None


def _sorted(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        raise TypeError(f"The keys of a structure's mapping must sort. Received keys: {list(mapping)}") from None
