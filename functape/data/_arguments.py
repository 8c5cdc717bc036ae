"""What the methods of a dataset are given, checked."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec, TypeSpec
from functape._engine._errors import InvalidArgumentError
from functape.data._structure import flatten_element, host_value, with_lists_as_components


def integer(value: Any, argument: str) -> int:
    """A number given as an int or as a scalar integer tensor.

    **Raises:** `ValueError` or `TypeError` naming the argument, for anything else.
    """
    if value.__class__ is int:
        return value  # type: ignore[no-any-return]
    array = np.asarray(host_value(value))
    if array.ndim or array.dtype.kind not in "iu":
        raise TypeError(f"`{argument}` must be an integer. Received: {argument}={value!r}")
    return int(array)


def positive(value: Any, argument: str) -> int:
    """A number as `integer` takes it.

    **Raises:** `InvalidArgumentError` if it is not positive.
    """
    number = integer(value, argument)
    if number < 1:
        raise InvalidArgumentError(message=f"{argument} must be greater than zero. Received: {number}")
    return number


def flat_padded_shapes(structure: Any, specs: list[Any], given: Any) -> list[TensorShape]:
    """The shapes to pad to, one for each component.

    **Raises:** `ValueError` if they are not known, or do not fit the elements.
    """
    if given is None:
        for spec in specs:
            if spec.shape.rank is None:
                raise ValueError(
                    f"You must provide `padded_shapes` argument because component {spec} has unknown rank."
                )
        return [spec.shape for spec in specs]
    shapes = [_shape(each) for each in _flat_shapes(structure, given)]
    for spec, shape in zip(specs, shapes, strict=True):
        if spec.shape.rank is not None and spec.shape.rank != shape.rank:
            raise ValueError(
                f"The padded shape {shape} is not compatible with the shape {spec.shape} of the corresponding input "
                f"component."
            )
    return shapes


def _flat_shapes(structure: Any, given: Any) -> list[Any]:
    if isinstance(structure, TypeSpec):
        return [given]
    if isinstance(structure, dict):
        return [each for key in sorted(structure) for each in _flat_shapes(structure[key], given[key])]
    if len(structure) != len(given):
        raise ValueError(f"`padded_shapes` must have the structure of the elements, {structure}. Received: {given}")
    return [each for part, shape in zip(structure, given, strict=True) for each in _flat_shapes(part, shape)]


def _shape(given: Any) -> TensorShape:
    if isinstance(given, TensorShape):
        return given
    return TensorShape([None if size is None or int(size) == -1 else int(size) for size in given])


def flat_padding_values(structure: Any, specs: list[Any], given: Any) -> list[Any]:
    """The values to pad with, one for each component.

    **Raises:** `ValueError` or `TypeError` if they do not fit the elements.
    """
    if given is None or not isinstance(given, tuple | dict):
        values = [given] * len(specs)
    else:
        values = flatten_element(given)
        if len(values) != len(specs):
            raise ValueError(f"`padding_values` must have the structure of the elements. Received: {given}")
    return [_padding(value, spec) for value, spec in zip(values, specs, strict=True)]


def _padding(value: Any, spec: TensorSpec) -> Any:
    if value is None:
        return b"" if spec.dtype.name == "string" else 0
    host = host_value(value)
    array = np.asarray(host)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if array.dtype != object and np.dtype(spec.dtype.as_numpy_dtype) != array.dtype:
        raise TypeError(
            f"Mismatched type between padding value {value!r} and input dataset's component of dtype {spec.dtype.name}."
        )
    return host


def filled(structure: Any, shapes: Any, size: int) -> Any:
    """The padded shapes with what they leave open set to `size`."""
    given = [spec.shape for spec in flatten_element(structure)] if shapes is None else _flat_shapes(structure, shapes)
    filled = [TensorShape([size if each is None else each for each in _shape(shape)]) for shape in given]
    return with_lists_as_components(structure, filled)
