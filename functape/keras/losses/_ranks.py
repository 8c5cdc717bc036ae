"""Bringing labels and predictions to one rank, as Keras does."""

from __future__ import annotations

from typing import Any

Shape = tuple[int, ...]


def same_rank_shapes(first: Shape, second: Shape, expand_rank_1: bool = True) -> tuple[Shape, Shape]:
    """The shapes two values take where only a last axis of length 1 keeps their ranks apart.

    It is added to a vector, and dropped otherwise.

    **Arguments:**
    - `first`, `second`: shapes.
    - `expand_rank_1`: whether to add the axis to a vector.

    ```python
    >>> same_rank_shapes((4, 1), (4,)), same_rank_shapes((2, 3, 1), (2, 3))
    (((4, 1), (4, 1)), ((2, 3), (2, 3)))

    ```
    """
    if len(first) == len(second) + 1 and first[-1] == 1:
        return (first, (*second, 1)) if len(second) == 1 and expand_rank_1 else (first[:-1], second)
    if len(second) == len(first) + 1 and second[-1] == 1:
        return ((*first, 1), second) if len(first) == 1 and expand_rank_1 else (first, second[:-1])
    return first, second


def same_rank(first: Any, second: Any, expand_rank_1: bool = True) -> tuple[Any, Any]:
    """Two arrays, in the shapes that `same_rank_shapes` gives."""
    shapes = same_rank_shapes(first.shape, second.shape, expand_rank_1)
    return first.reshape(shapes[0]), second.reshape(shapes[1])
