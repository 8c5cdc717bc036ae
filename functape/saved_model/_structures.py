"""Arguments and results of saved functions: structures of specs and Python values, and JSON for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec
from functape._engine._dtypes import as_dtype
from functape.function._structure import TENSOR, Static, Template


def plain(structure: Any) -> Any:
    """A structure of dicts, lists and tuples alone: what JSON and JAX's trees keep apart."""
    if isinstance(structure, Mapping):
        return {key: plain(each) for key, each in structure.items()}
    if isinstance(structure, list):
        return [plain(each) for each in structure]
    if isinstance(structure, tuple):
        return tuple(plain(each) for each in structure)
    return structure


def encoded(structure: Any, name: str) -> Any:
    """JSON for a plain structure.

    **Raises:** `ValueError` for a value that JSON has no form of.
    """
    match structure:
        case TensorSpec():
            shape = structure.shape
            lengths = None if shape.rank is None else shape.as_list()
            return {"tensor": [lengths, structure.dtype.name, structure.name]}
        case dict():
            return {"dict": [[encoded(key, name), encoded(each, name)] for key, each in structure.items()]}
        case list():
            return {"list": [encoded(each, name) for each in structure]}
        case tuple():
            return {"tuple": [encoded(each, name) for each in structure]}
        case None | bool() | int() | float() | str():
            return {"value": structure}
    raise ValueError(
        f"The function {name!r} was called with {structure!r} of type {type(structure).__name__}, which cannot be "
        "saved. Give it tensors and plain Python values, and keep such an object in an attribute or a global."
    )


def decoded(form: Any) -> Any:
    """The structure that `encoded` made JSON of."""
    ((kind, value),) = form.items()
    if kind == "tensor":
        shape, dtype, name = value
        return TensorSpec(TensorShape(shape), as_dtype(dtype), name)
    if kind == "dict":
        return {decoded(key): decoded(each) for key, each in value}
    if kind == "value":
        return value
    return (list if kind == "list" else tuple)(map(decoded, value))


def outline(template: Any, specs: Any, name: str) -> Any:
    """A function's results, with specs in place of tensors.

    **Arguments:**
    - `template`: the structure of the results.
    - `specs`: an iterator of the specs.
    - `name`: the function's, for messages.

    **Raises:** `NotImplementedError` for results that are neither tensors nor None, in plain structures.
    """
    if template is TENSOR:
        return next(specs)
    if isinstance(template, Static) and template.value is None:
        return None
    if isinstance(template, Template):
        kind = template.kind[0]
        parts = [outline(part, specs, name) for part in template.parts]
        if issubclass(kind, Mapping):
            return dict(zip(template.kind[1], parts, strict=True))
        if issubclass(kind, list | tuple):
            return parts if kind is list else tuple(parts)
    raise NotImplementedError(
        f"The function {name!r} returns something other than tensors in lists, tuples and dicts, which cannot be saved "
        f"here: {template!r}. Return its tensors."
    )


def filled(structure: Any, tensors: Any) -> Any:
    """A structure with tensors, from an iterator, in place of its specs."""
    match structure:
        case TensorSpec():
            return next(tensors)
        case dict():
            return {key: filled(each, tensors) for key, each in structure.items()}
        case list():
            return [filled(each, tensors) for each in structure]
        case tuple():
            return tuple(filled(each, tensors) for each in structure)
    return structure


def specs_in(structure: Any) -> list[TensorSpec]:
    """The specs in a structure, in order."""
    match structure:
        case TensorSpec():
            return [structure]
        case dict():
            parts: Any = structure.values()
        case list() | tuple():
            parts = structure
        case _:
            parts = ()
    return [spec for each in parts for spec in specs_in(each)]
