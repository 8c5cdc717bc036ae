"""`tf.nest`: structures of lists, tuples and mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from functape._core import _nest
from functape._core._dispatch import Composite


def is_nested(seq: Any) -> bool:
    """Whether `seq` is a list, tuple, mapping or the like, as against a leaf (`tf.nest.is_nested`).

    ```python
    >>> import functape as tf
    >>> tf.nest.is_nested([1]), tf.nest.is_nested("ab")
    (True, False)

    ```
    """
    return _nest.is_nested(seq)


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves of a structure; a mapping's in the order of its sorted keys (`tf.nest.flatten`).

    **Arguments:**
    - `structure`: nested lists, tuples and mappings; anything else is a leaf.
    - `expand_composites`: whether ragged and sparse tensors give the tensors they consist of.

    ```python
    >>> import functape as tf
    >>> tf.nest.flatten({"b": 1, "a": [2, (3,)]})
    [2, 3, 1]

    ```
    """
    leaves = _nest.flatten(structure)
    return [part for each in leaves for part in _parts(each)] if expand_composites else leaves


def _parts(leaf: Any) -> list[Any]:
    if hasattr(leaf, "nested_row_splits"):
        return [leaf.flat_values, *leaf.nested_row_splits]
    if isinstance(leaf, Composite) or hasattr(leaf, "dense_shape"):
        return [each for each in (leaf.indices, leaf.values, leaf.dense_shape) if each is not None]
    return [leaf]


def _joined(leaf: Any, parts: list[Any]) -> Any:
    if hasattr(leaf, "nested_row_splits"):
        return type(leaf).from_nested_row_splits(parts[0], parts[1:])
    if isinstance(leaf, Composite) or hasattr(leaf, "dense_shape"):
        if isinstance(leaf, Composite):
            return type(leaf)(*parts)
        return type(leaf)(parts[1], parts[0], *parts[2:])
    return parts[0]


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """A structure like `structure` with other leaves (`tf.nest.pack_sequence_as`).

    **Arguments:**
    - `structure`: the pattern.
    - `flat_sequence`: as many leaves, in the order of `flatten`.
    - `expand_composites`: as for `flatten`.

    **Raises:** `ValueError` if there are more or fewer; `TypeError` if they are no sequence.

    ```python
    >>> import functape as tf
    >>> tf.nest.pack_sequence_as({"b": 0, "a": [0]}, [1, 2])
    {'b': 2, 'a': [1]}

    ```
    """
    if not _nest.is_nested(flat_sequence) or isinstance(flat_sequence, Mapping):
        raise TypeError(
            f"Attempted to pack value:\n  {flat_sequence}\ninto a structure, but found incompatible type "
            f"`{type(flat_sequence)}` instead."
        )
    leaves = list(flat_sequence)
    pattern = _nest.flatten(structure)
    counts = [len(_parts(each)) if expand_composites else 1 for each in pattern]
    if sum(counts) != len(leaves):
        raise ValueError(
            f"Could not pack sequence. Structure had {sum(counts)} atoms, but flat_sequence had {len(leaves)} items. "
            f"Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    if expand_composites:
        remaining = iter(leaves)
        leaves = [
            _joined(each, [next(remaining) for _ in range(count)]) for each, count in zip(pattern, counts, strict=True)
        ]
    return _nest.pack_like(structure, leaves)


def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """`func` of the leaves of one or several like structures (`tf.nest.map_structure`).

    **Arguments:**
    - `func`: takes a leaf of each structure.
    - `structure`: structures like each other.
    - `kwargs`: `check_types`, whether the sequences must have the same types too, True by default;
      `expand_composites`, as for `flatten`.

    **Returns:** a structure like the first.

    **Raises:** `TypeError` if `func` is no function; `ValueError` or `TypeError` if the structures differ.

    ```python
    >>> import functape as tf
    >>> tf.nest.map_structure(lambda a, b: a + b, [1, (2,)], [10, (20,)])
    [11, (22,)]

    ```
    """
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    check_types, expand = kwargs.pop("check_types", True), kwargs.pop("expand_composites", False)
    if kwargs:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: "
            f"`{'`, `'.join(map(str, kwargs))}`"
        )
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types, expand)
    columns = zip(*(flatten(each, expand) for each in structure), strict=True)
    return pack_sequence_as(structure[0], [func(*each) for each in columns], expand)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Raise unless two structures are alike (`tf.nest.assert_same_structure`).

    **Arguments:**
    - `nest1`, `nest2`: the structures.
    - `check_types`: whether the sequences must have the same types too.
    - `expand_composites`: as for `flatten`.

    **Raises:** `ValueError` if the numbers or places of leaves differ; `TypeError` if types or keys do.

    ```python
    >>> import functape as tf
    >>> tf.nest.assert_same_structure([1, (2,)], [3, (4,)])

    ```
    """
    try:
        _same(nest1, nest2, check_types)
    except (ValueError, TypeError) as error:
        raise type(error)(
            f"{error}\nEntire first structure:\n{_dotted(nest1)}\nEntire second structure:\n{_dotted(nest2)}"
        ) from None


def _same(first: Any, second: Any, check_types: bool) -> None:
    nested = _nest.is_nested(first)
    if nested != _nest.is_nested(second):
        raise ValueError(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: type={type(first).__name__} str={first}\n\n"
            f"Second structure: type={type(second).__name__} str={second}"
        )
    if not nested:
        return
    if check_types and type(first) is not type(second) and not _like(first, second):
        raise TypeError(
            "The two structures don't have the same sequence type. First structure has type "
            f"{type(first)}, while second structure has type {type(second)}."
        )
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        if not check_types and set(first) != set(second):
            pairs = zip(flatten(first), flatten(second), strict=False)
            if len(first) == len(second) and all(_nest.is_nested(a) == _nest.is_nested(b) for a, b in pairs):
                return
        if set(first) != set(second):
            raise ValueError(
                f"The two dictionaries don't have the same set of keys. First structure has keys {list(first)}, while "
                f"second structure has keys {list(second)}"
            )
        for key in first:
            _same(first[key], second[key], check_types)
        return
    if len(first) != len(second):
        raise ValueError(
            "The two structures don't have the same number of elements.\n\n"
            f"First structure: {first}\n\nSecond structure: {second}"
        )
    values = (list(each.values()) if isinstance(each, Mapping) else list(each) for each in (first, second))
    for one, two in zip(*values, strict=True):
        _same(one, two, check_types)


def _like(first: Any, second: Any) -> bool:
    """Whether two types count as one: mappings of any kind, and named tuples of one name and fields."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        return True
    fields = getattr(first, "_fields", None)
    return fields is not None and fields == getattr(second, "_fields", None) and (
        type(first).__name__ == type(second).__name__
    )  # fmt: skip


def _dotted(structure: Any) -> str:
    return str(_nest.pack_like(structure, ["."] * len(_nest.flatten(structure))) if _nest.is_nested(structure) else ".")
