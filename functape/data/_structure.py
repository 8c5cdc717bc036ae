"""Elements: structures of host arrays inside a pipeline, of tensors outside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._holding import from_numpy, is_tensor_like
from functape._core._nest import pack_like
from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec, TypeSpec
from functape._engine._dtypes import as_dtype

Leaves = tuple[Any, ...]
"""An element inside a pipeline: its components in order, as NumPy arrays or scalars (`Dataset`s for windows)."""


def flatten_element(structure: Any) -> list[Any]:
    """The components of an element. Unlike elsewhere a list is a component: it becomes one tensor."""
    return list(_components(structure)) if isinstance(structure, Mapping | tuple) else [structure]


def _components(structure: Any) -> Iterator[Any]:
    if isinstance(structure, Mapping):
        for key in sorted(structure):
            yield from _components(structure[key])
    elif isinstance(structure, tuple):
        for each in structure:
            yield from _components(each)
    else:
        yield structure


def with_lists_as_components(structure: Any, components: list[Any]) -> Any:
    """A structure like `structure`, which may have lists for components, of other components."""
    remaining = iter(components)

    def rebuild(part: Any) -> Any:
        if isinstance(part, Mapping):
            values = {key: rebuild(part[key]) for key in sorted(part)}
            ordered = {key: values[key] for key in part}
            return ordered if type(part) is dict else type(part)(ordered)  # type: ignore[call-arg]
        if isinstance(part, tuple):
            parts = [rebuild(each) for each in part]
            return type(part)(*parts) if hasattr(part, "_fields") else type(part)(parts)
        return next(remaining)

    return rebuild(structure)


def host_value(component: Any) -> Any:
    """A component as a pipeline holds it."""
    if isinstance(component, np.ndarray | np.generic) and component.dtype.kind in "biufc":
        return component
    if hasattr(component, "element_spec") or hasattr(component, "_type_spec"):
        return component
    if not is_tensor_like(component):
        component = convert(component)
    held = getattr(component, "value", None)
    # Nobody writes to a tensor's own array.
    return held if held.__class__ is np.ndarray else component.numpy()


def spec_of(value: Any) -> TypeSpec:
    """What a component is."""
    spec = getattr(value, "_type_spec", None)
    if spec is not None:
        return spec  # type: ignore[no-any-return]
    if is_tensor_like(value):
        return TensorSpec(value.shape, value.dtype)
    if isinstance(value, bytes | str):
        return TensorSpec((), "string")
    array = np.asarray(value)
    return TensorSpec(array.shape, "string" if array.dtype == object else as_dtype(array.dtype.type))


def element_of(structure: Any) -> tuple[Any, Leaves]:
    """The spec and the components of a value given by the user.

    **Raises:** `ValueError` or `TypeError`, as `tf.convert_to_tensor`, for what cannot be a tensor.
    """
    values = host_values(structure)
    return with_lists_as_components(structure, [spec_of(each) for each in values]), values


def host_values(structure: Any) -> Leaves:
    """The components alone; as `element_of`."""
    return tuple([host_value(each) for each in flatten_element(structure)])


def to_tensor(value: Any) -> Any:
    """The tensor of a component."""
    if value.__class__ is np.ndarray:
        return from_numpy(value)
    if isinstance(value, np.generic):
        return from_numpy(np.asarray(value))
    if hasattr(value, "element_spec") or hasattr(value, "_type_spec"):
        return value
    return convert(value)


class Packer:
    """Makes elements of one structure.

    **Arguments:**
    - `spec`: the element's spec.
    """

    __slots__ = ("_flat", "_spec")

    def __init__(self, spec: Any) -> None:
        self._spec = spec
        self._flat = type(spec) is tuple and all(isinstance(each, TypeSpec) for each in spec)

    def tensors(self, leaves: Leaves) -> Any:
        """The element with tensors for components."""
        return self.pack([to_tensor(each) for each in leaves])

    def pack(self, components: list[Any]) -> Any:
        """The element of these components."""
        if self._flat:
            return tuple(components)
        if isinstance(self._spec, TypeSpec):
            return components[0]
        return pack_like(self._spec, components)


def map_specs(spec: Any, function: Any) -> Any:
    """The structure with `function` applied to each component's spec."""
    return with_lists_as_components(spec, [function(each) for each in flatten_element(spec)])


def batched_spec(spec: Any, size: int | None) -> TypeSpec:
    """The spec of a batch of components."""
    if not isinstance(spec, TensorSpec):
        return spec._batch(size)  # type: ignore[no-any-return]
    shape = spec.shape
    return TensorSpec(None if shape.rank is None else [size, *shape], spec.dtype)


def unbatched_spec(spec: Any) -> TypeSpec:
    """The spec of one component of a batch.

    **Raises:** `ValueError` for scalars.
    """
    if not isinstance(spec, TensorSpec):
        return spec._unbatch()  # type: ignore[no-any-return]
    shape = spec.shape
    if shape.rank == 0:
        raise ValueError(f"Cannot split a scalar into elements. Received a component of spec {spec}.")
    return TensorSpec(None if shape.rank is None else shape[1:], spec.dtype)


def common_shape(left: Any, right: Any) -> TensorShape:
    """The most specific shape that covers both."""
    return TensorShape(left).most_specific_compatible_shape(TensorShape(right))
