"""Structures of lists, tuples and dicts, under Keras's names (`tf.keras.tree`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from functape._core._structures import assert_same_structure as _same_structure
from functape._core._structures import flatten, is_nested, pack_sequence_as
from functape._core._structures import map_structure as _map_structure
from functape._namespace import lazy

__all__ = [
    "MAP_TO_NONE", "assert_same_paths", "assert_same_structure", "flatten", "flatten_with_path", "is_nested",
    "lists_to_tuples", "map_shape_structure", "map_structure", "map_structure_up_to", "pack_sequence_as", "traverse",
]  # fmt: skip


class MAP_TO_NONE:
    """What the function given to `traverse` returns to have None in its place (`tf.keras.tree.MAP_TO_NONE`)."""


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """A structure with a function applied to its leaves (`tf.keras.tree.map_structure`).

    **Arguments:**
    - `func`: takes a leaf of each structure.
    - `structures`: structures alike.
    - `none_is_leaf`: whether None is a leaf, or stays as it is.

    ```python
    >>> import functape as tf
    >>> tf.keras.tree.map_structure(lambda x, y: x + y, {"a": 1}, {"a": 2})
    {'a': 3}

    ```
    """
    if none_is_leaf:
        return _map_structure(func, *structures)
    return _map_structure(lambda *leaves: None if leaves[0] is None else func(*leaves), *structures)


def assert_same_structure(a: Any, b: Any) -> None:
    """Fail unless two structures are alike (`tf.keras.tree.assert_same_structure`).

    **Raises:** `ValueError` for other places, `TypeError` for other types.
    """
    _same_structure(a, b)


def _places(structure: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(structure, dict):
        for key in sorted(structure):
            yield from _places(structure[key], (*path, key))
    elif isinstance(structure, list | tuple):
        for place, each in enumerate(structure):
            yield from _places(each, (*path, place))
    else:
        yield path, structure


def flatten_with_path(structure: Any) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves of a structure, each with the keys that lead there (`tf.keras.tree.flatten_with_path`).

    ```python
    >>> import functape as tf
    >>> tf.keras.tree.flatten_with_path({"a": [1, 2]})
    [(('a', 0), 1), (('a', 1), 2)]

    ```
    """
    return list(_places(structure, ()))


def assert_same_paths(a: Any, b: Any) -> None:
    """Fail unless the same keys lead to the leaves of two structures (`tf.keras.tree.assert_same_paths`).

    **Raises:** `ValueError`.
    """
    first, second = ({path for path, _ in flatten_with_path(each)} for each in (a, b))
    if first != second:
        raise ValueError(f"`a` and `b` don't have the same paths: {sorted(first ^ second, key=str)} are in one only.")


def lists_to_tuples(structure: Any) -> Any:
    """A structure with tuples in place of lists (`tf.keras.tree.lists_to_tuples`).

    ```python
    >>> import functape as tf
    >>> tf.keras.tree.lists_to_tuples({"a": [1, [2]]})
    {'a': (1, (2,))}

    ```
    """
    if isinstance(structure, dict):
        return {key: lists_to_tuples(each) for key, each in structure.items()}
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*map(lists_to_tuples, structure))
    return tuple(map(lists_to_tuples, structure)) if isinstance(structure, list | tuple) else structure


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """A structure of shapes with a function applied to each (`tf.keras.tree.map_shape_structure`).

    **Arguments:**
    - `func`: takes a shape: a tuple or list of lengths and Nones.
    - `structure`: the structure.
    """
    if isinstance(structure, list | tuple) and all(each is None or isinstance(each, int) for each in structure):
        return func(structure)
    if isinstance(structure, dict):
        return {key: map_shape_structure(func, each) for key, each in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure)(map_shape_structure(func, each) for each in structure)
    raise ValueError(f"Cannot map function to unknown objects {structure}")


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """As `map_structure`, down to the leaves of a shallow structure (`tf.keras.tree.map_structure_up_to`).

    ```python
    >>> import functape as tf
    >>> tf.keras.tree.map_structure_up_to([0, 0], len, [[1, 2], [3]])
    [2, 1]

    ```
    """
    if isinstance(shallow_structure, dict):
        return {
            key: map_structure_up_to(each, func, *(structure[key] for structure in structures))
            for key, each in shallow_structure.items()
        }
    if isinstance(shallow_structure, list | tuple):
        if any(len(structure) != len(shallow_structure) for structure in structures):
            raise ValueError("The structures have another length than the shallow one.")
        made = [
            map_structure_up_to(each, func, *(structure[place] for structure in structures))
            for place, each in enumerate(shallow_structure)
        ]
        kind = type(shallow_structure)
        return kind(*made) if hasattr(shallow_structure, "_fields") else kind(made)
    return func(*structures)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """A structure with its parts replaced by what a function returns for them (`tf.keras.tree.traverse`).

    **Arguments:**
    - `func`: takes a structure or leaf, and returns what to put there, `MAP_TO_NONE` for None, or None to go on into
      it or leave it.
    - `structure`: the structure.
    - `top_down`: whether parts are visited before what is in them.

    ```python
    >>> import functape as tf
    >>> tf.keras.tree.traverse(lambda x: tuple(x) if isinstance(x, list) else None, {"a": [1, 2]})
    {'a': (1, 2)}

    ```
    """
    if top_down:
        made = func(structure)
        if made is not None:
            return None if made is MAP_TO_NONE else made
    if isinstance(structure, dict):
        inner: Any = {key: traverse(func, each, top_down) for key, each in structure.items()}
    elif isinstance(structure, tuple) and hasattr(structure, "_fields"):
        inner = type(structure)(*(traverse(func, each, top_down) for each in structure))
    elif isinstance(structure, list | tuple):
        inner = type(structure)(traverse(func, each, top_down) for each in structure)
    else:
        inner = structure
    if not top_down:
        made = func(inner)
        if made is not None:
            return None if made is MAP_TO_NONE else made
    return inner


__getattr__ = lazy(__name__, {}, lambda: __all__)
