"""Which calls of a function share a trace: TensorFlow's rules, as keys of dicts."""

from __future__ import annotations

import dataclasses
import enum
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from functape._core._convert import convert, from_jax
from functape._core._dispatch import CompositeTensor
from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec, TypeSpec
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._avals import Kind
from functape._engine._dtypes import DType
from functape.function._structure import composite_of

_VALUES = (
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type(None),
    enum.Enum,
    DType,
    TensorShape,
    TypeSpec,
    type,
    range,
    slice,
)


class Identity:
    """Stands for an object that cannot be hashed, and is let go with it."""

    __slots__ = ("reference", "number", "__weakref__")

    def __init__(self, value: Any) -> None:
        self.number = id(value)
        self.reference: Any = weakref.ref(value)

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Identity):
            return False
        mine = self.reference()
        return mine is not None and mine is other.reference()


class Reading:
    """The arguments of one call, read: its key, and the tensors among them.

    The key holds the aval of each tensor, what variables look like and which of them are the same, Python values as
    they are, and other objects by weak references.
    """

    __slots__ = ("tensors", "variables", "layouts", "open")

    def __init__(self) -> None:
        self.tensors: list[Any] = []
        self.variables: list[Variable] = []
        self.layouts: list[Any] = []
        """How the values of the ragged and sparse tensors are laid out."""
        self.open: set[int] = set()
        """The tensors whose first length a signature leaves open: those values."""

    def specs(self) -> tuple[TensorSpec, ...]:
        """The specs of the tensors."""
        return tuple(
            TensorSpec([None, *each.aval.shape[1:]] if place in self.open else each.aval.shape, each.aval.dtype)
            for place, each in enumerate(self.tensors)
        )

    def key(self, value: Any) -> Any:
        """The part of the key that stands for one argument."""
        cls = value.__class__
        if cls is Tensor:
            return self._tensor(value)
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, Variable):
            same = [index for index, known in enumerate(self.variables) if known is value]
            index = same[0] if same else len(self.variables)
            if not same:
                self.variables.append(value)
            each = value.aval
            return ("variable", each.shape, each.dtype, value.trainable, index)
        if isinstance(value, slice):
            return ("slice", value.start, value.stop, value.step)
        if isinstance(value, _VALUES):
            return value
        if isinstance(value, np.ndarray | np.generic | jax.Array):
            return self._tensor(convert(value) if not isinstance(value, jax.Array) else from_jax(value))
        if isinstance(value, list | tuple):
            return (cls, *[self.key(each) for each in value])
        if isinstance(value, Mapping):
            try:
                keys = sorted(value)
            except TypeError:
                keys = list(value)
            return (cls, tuple(keys), *[self.key(value[each]) for each in keys])
        found = composite_of(value)
        if found is not None:
            rest, parts = found[0](value)
            return self._composite(value, rest, parts)
        if hasattr(value, "__tf_flatten__"):
            metadata, parts = value.__tf_flatten__()
            return (cls, self.key(metadata), *[self.key(each) for each in parts])
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [getattr(value, field.name) for field in dataclasses.fields(value) if field.init]
            if _holds_tensor(fields):
                return (cls, *[self.key(each) for each in fields])
        return self._object(value)

    def _composite(self, value: Any, rest: Any, parts: list[Any]) -> Any:
        first = len(self.tensors)
        key = (value.__class__, rest, *[self.key(each) for each in parts])
        if isinstance(value, CompositeTensor):
            self.layouts.append(rest)
            self.open.update(range(first, len(self.tensors)))
        return key

    def _tensor(self, tensor: Any) -> Any:
        each = tensor.aval
        if each.kind is Kind.HOST:
            return ("text", each.shape, tuple(np.ravel(tensor.numpy()).tolist()))
        self.tensors.append(tensor)
        return each

    def _object(self, value: Any) -> Any:
        try:
            reference = weakref.ref(value)
        except TypeError:
            try:
                hash(value)
            except TypeError:
                raise TypeError(
                    f"A tf.function was called with {value!r} of type {type(value).__name__}, which cannot be hashed "
                    "and holds no tensors it could be told apart by. Pass tensors, Python values, or objects of a "
                    "class."
                ) from None
            return value
        try:
            hash(reference)
        except TypeError:
            return Identity(value)
        return reference


def _holds_tensor(values: Any) -> bool:
    if isinstance(values, list | tuple):
        return any(map(_holds_tensor, values))
    if isinstance(values, Mapping):
        return any(map(_holds_tensor, values.values()))
    return isinstance(values, Tensor)


def replace_tensors(value: Any, following: Callable[[Any], Any], describe: bool = False) -> Any:
    """A structure of arguments with `following(tensor)` for each tensor or array in it, in the order of `Reading`.

    **Arguments:**
    - `value`: the structure.
    - `following`: from a tensor to what takes its place.
    - `describe`: whether ragged and sparse tensors become specs.
    """
    if isinstance(value, Tensor):
        return value if value.aval.kind is Kind.HOST else following(value)
    if isinstance(value, Variable | TypeSpec) or value is None:
        return value
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return following(value) if isinstance(value, jax.Array) or value.dtype.kind not in "OSU" else convert(value)
    if isinstance(value, list | tuple) and not isinstance(value, TensorShape):
        parts = [replace_tensors(each, following, describe) for each in value]
        if hasattr(value, "_fields"):
            return type(value)(*parts)
        return parts if type(value) is list else type(value)(parts)
    if isinstance(value, Mapping):
        try:
            keys = sorted(value)
        except TypeError:
            keys = list(value)
        made = {each: replace_tensors(value[each], following, describe) for each in keys}
        ordered = {each: made[each] for each in value}
        if type(value) is dict:
            return ordered
        if hasattr(value, "default_factory"):
            return type(value)(value.default_factory, ordered)  # type: ignore[call-arg]
        return type(value)(ordered)  # type: ignore[call-arg]
    found = composite_of(value)
    if found is not None:
        rest, parts = found[0](value)
        replaced = [replace_tensors(each, following, describe) for each in parts]
        return value._type_spec if describe and isinstance(value, CompositeTensor) else found[1](rest, replaced)
    if hasattr(value, "__tf_flatten__") and not isinstance(value, type):
        metadata, parts = value.__tf_flatten__()
        return type(value).__tf_unflatten__(
            metadata, tuple(replace_tensors(each, following, describe) for each in parts)
        )
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if field.init]
        fields = [getattr(value, name) for name in names]
        if _holds_tensor(fields):
            made = {name: replace_tensors(each, following, describe) for name, each in zip(names, fields, strict=True)}
            return type(value)(**made)
    return value
