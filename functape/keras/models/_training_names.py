"""Labels, weights and metrics brought into the structure of a model's outputs."""

from __future__ import annotations

from typing import Any

from functape._core import _nest as nest


def arranged(given: Any, y_pred: Any, names: list[str] | None, losses: Any = None) -> Any:
    """Labels, or weights, in the structure of the outputs.

    **Arguments:**
    - `given`: what the user gave: one, or a list or dict of them.
    - `y_pred`: the outputs.
    - `names`: the outputs' names.
    - `losses`: the losses; an output without one may have no label.

    **Raises:** `ValueError` if they do not fit.

    ```python
    >>> arranged({"b": 2, "a": 1}, ["first", "second"], ["a", "b"])
    [1, 2]

    ```
    """
    if not nest.is_nested(y_pred):
        flat = nest.flatten(given) if nest.is_nested(given) else [given]
        if len(flat) == 1:
            return flat[0]
        raise _different(given, y_pred)
    if _same_structure(given, y_pred):
        return given
    _check_keys(given, y_pred, names)
    by_name = isinstance(y_pred, list | tuple) and isinstance(given, dict) and names and len(names) == len(y_pred)
    if by_name and set(given) <= set(names or ()):
        return type(y_pred)([given.get(name) for name in names or ()])
    flat = nest.flatten(given) if nest.is_nested(given) else [given]
    places = nest.flatten(y_pred)
    if len(flat) == len(places):
        return nest.pack_like(y_pred, flat)
    if isinstance(losses, dict) and isinstance(y_pred, list | tuple) and names:
        losses = [losses.get(name) for name in names]
    if nest.is_nested(losses):
        wanted = [each is not None for each in nest.flatten(losses)]
        if sum(wanted) == len(flat) and len(wanted) == len(places):
            remaining = iter(flat)
            return nest.pack_like(y_pred, [next(remaining) if has else None for has in wanted])
    raise _different(given, y_pred)


def _check_keys(given: Any, y_pred: Any, names: list[str] | None) -> None:
    """Refuse a dict with keys that are no outputs."""
    if isinstance(given, dict) and (names or isinstance(y_pred, dict)):
        known = {*(y_pred if isinstance(y_pred, dict) else ()), *(names or ())}
        unknown = sorted(map(str, set(given) - known))
        if unknown:
            raise ValueError(
                f"Labels or weights are given for {unknown}, which are no outputs of the model. "
                f"Its outputs are {sorted(map(str, known))}."
            )


def _same_structure(left: Any, right: Any) -> bool:
    if isinstance(right, dict):
        return (
            isinstance(left, dict)
            and set(left) == set(right)
            and all(_same_structure(left[key], right[key]) for key in right)
        )
    if isinstance(right, list | tuple):
        return (
            isinstance(left, list | tuple)
            and len(left) == len(right)
            and all(_same_structure(one, other) for one, other in zip(left, right, strict=True))
        )
    return not nest.is_nested(left)


def _different(given: Any, y_pred: Any) -> ValueError:
    return ValueError(
        "y_true and y_pred have different structures.\n"
        f"y_true: {_stars(given)}\ny_pred: {_stars(y_pred)}\n"
    )  # fmt: skip


def _stars(structure: Any) -> Any:
    if not nest.is_nested(structure):
        return "*"
    return nest.pack_like(structure, ["*"] * len(nest.flatten(structure)))


def flat_by_names(structure: Any, names: list[str] | None) -> list[Any]:
    """The parts of a structure, those of a dict in the order of the outputs' names where they are its keys."""
    if isinstance(structure, dict) and names and set(names) == set(structure):
        return [structure[name] for name in names]
    return nest.flatten(structure) if nest.is_nested(structure) else [structure]
