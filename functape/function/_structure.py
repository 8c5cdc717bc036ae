"""Structures of tensors and other objects, taken apart and put together again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jax
import numpy as np

from functape._core._dispatch import CompositeTensor
from functape._core._holding import is_tensor_like
from functape._core._slices import IndexedSlices
from functape._engine._avals import Kind


class _Tensor:
    """The place of a tensor in a template."""

    def __repr__(self) -> str:
        return "a tensor"


TENSOR: Any = _Tensor()


class Template:
    """A structure without its tensors.

    **Arguments:**
    - `kind`: what puts the parts together: a class, or a class with what else it needs.
    - `parts`: templates, `TENSOR`, or `Static` objects.
    - `make`: from the list of parts to the object.
    """

    __slots__ = ("kind", "parts", "make")

    def __init__(self, kind: Any, parts: tuple[Any, ...], make: Callable[[list[Any]], Any]) -> None:
        self.kind = kind
        self.parts = parts
        self.make = make

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Template) and self.kind == other.kind and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((self.kind, self.parts))

    def __repr__(self) -> str:
        name = getattr(self.kind[0], "__name__", self.kind[0])
        return f"{name}({', '.join(map(repr, self.parts))})"


class Static:
    """An object that is no tensor: the same on every way through."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return False
        if self.value is other.value:
            return True
        try:
            return type(self.value) is type(other.value) and bool(self.value == other.value)
        except Exception:
            return False

    def __hash__(self) -> int:
        return hash(type(self.value))

    def __repr__(self) -> str:
        return repr(self.value)


composites: dict[type, tuple[Callable[[Any], tuple[Any, list[Any]]], Callable[[Any, list[Any]], Any]]] = {}
"""For classes of objects made of tensors: what takes one apart, into what it is apart from its tensors and these; and
what puts it together from the same."""


def composite_of(value: Any) -> Any:
    """What takes an object made of tensors apart, and what puts it together; None for any other object."""
    found = composites.get(type(value))
    if found is None and isinstance(value, CompositeTensor):
        return type(value)._apart, type(value)._together
    return found


def is_number(value: Any) -> bool:
    """Whether `value` is a Python or NumPy number or array, or a JAX array: what converts to a numeric tensor."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "biufcV"
    return isinstance(value, bool | int | float | complex | jax.Array)


def take_apart(structure: Any, tensors: list[Any], numbers: bool = False) -> Any:
    """The template of a structure; its tensors are appended to `tensors`.

    **Arguments:**
    - `structure`: nested lists, tuples, named tuples, mappings, dataclasses with tensors in them, `IndexedSlices` and
      other objects made of tensors.
    - `tensors`: receives the tensors and variables, in order; of a mapping in the order of its sorted keys.
    - `numbers`: whether numbers and arrays count as tensors.
    """
    if is_tensor_like(structure):
        if structure.aval.kind is Kind.HOST:
            return Static(structure)
        tensors.append(structure)
        return TENSOR
    if structure is None:
        return _NONE
    if numbers and is_number(structure):
        tensors.append(structure)
        return TENSOR
    if isinstance(structure, list | tuple):
        parts = tuple([take_apart(each, tensors, numbers) for each in structure])
        return Template((type(structure),), parts, _sequence_maker(type(structure)))
    if isinstance(structure, Mapping):
        keys = tuple(_sorted(structure))
        parts = tuple([take_apart(structure[key], tensors, numbers) for key in keys])
        return Template((type(structure), keys), parts, _mapping_maker(structure, keys))
    found = composite_of(structure)
    if found is not None:
        rest, members = found[0](structure)
        parts = tuple([take_apart(each, tensors, numbers) for each in members])
        make = found[1]
        return Template((type(structure), rest), parts, lambda values: make(rest, values))
    if hasattr(structure, "__tf_flatten__") and not isinstance(structure, type):
        metadata, components = structure.__tf_flatten__()
        parts = tuple([take_apart(each, tensors, numbers) for each in components])
        cls = type(structure)
        return Template((cls, _hashable(metadata)), parts, lambda values: cls.__tf_unflatten__(metadata, tuple(values)))
    if dataclasses.is_dataclass(structure) and not isinstance(structure, type):
        return _dataclass(structure, tensors, numbers)
    return Static(structure)


_NONE = Static(None)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return repr(value)
    return value


def _dataclass(structure: Any, tensors: list[Any], numbers: bool) -> Any:
    """A dataclass with tensors in its fields; one without is an object like any other."""
    names = [field.name for field in dataclasses.fields(structure) if field.init]
    inside: list[Any] = []
    parts = tuple([take_apart(getattr(structure, name), inside, numbers) for name in names])
    if not any(map(is_tensor_like, inside)):
        return Static(structure)
    tensors += inside
    cls = type(structure)
    return Template((cls,), parts, lambda values: cls(**dict(zip(names, values, strict=True))))


def _sequence_maker(cls: type) -> Callable[[list[Any]], Any]:
    if cls is list:
        return lambda values: values
    if hasattr(cls, "_fields"):
        return lambda values: cls(*values)
    return cls


def _mapping_maker(mapping: Mapping[Any, Any], keys: tuple[Any, ...]) -> Callable[[list[Any]], Any]:
    order = list(mapping)
    cls = type(mapping)

    def make(values: list[Any]) -> Any:
        by_key = dict(zip(keys, values, strict=True))
        ordered = {key: by_key[key] for key in order}
        if cls is dict:
            return ordered
        if hasattr(mapping, "default_factory"):
            return cls(mapping.default_factory, ordered)  # type: ignore[call-arg]
        return cls(ordered)  # type: ignore[call-arg]

    return make


def _sorted(mapping: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(mapping)
    except TypeError:
        return list(mapping)


def put_together(template: Any, tensors: Iterator[Any]) -> Any:
    """The structure of a template, with other tensors."""
    if template is TENSOR:
        return next(tensors)
    if template.__class__ is Static:
        return template.value
    return template.make([put_together(each, tensors) for each in template.parts])


def count_tensors(template: Any) -> int:
    """How many tensors a template has places for."""
    if template is TENSOR:
        return 1
    if template.__class__ is Static:
        return 0
    return sum(map(count_tensors, template.parts))


def _slices_apart(slices: Any) -> tuple[Any, list[Any]]:
    return None, [slices.values, slices.indices, slices.dense_shape]


composites[IndexedSlices] = (_slices_apart, lambda rest, parts: IndexedSlices(*parts))
