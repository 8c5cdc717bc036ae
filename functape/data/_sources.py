"""Where pipelines begin: values in memory, ranges, generators."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec, TypeSpec
from functape._engine._dtypes import as_dtype
from functape.data._positions import Rows, Slices
from functape.data._random import SeedSource, draws
from functape.data._source import INFINITE, UNKNOWN, Source
from functape.data._structure import (
    Leaves,
    element_of,
    flatten_element,
    host_value,
    map_specs,
    spec_of,
    unbatched_spec,
    with_lists_as_components,
)


class TensorSlices(Source):
    """The rows of arrays.

    **Arguments:**
    - `tensors`: a structure of arrays of one length.

    **Raises:** `ValueError` for scalars and for arrays of different lengths.
    """

    shown = "_TensorSliceDataset"

    def __init__(self, tensors: Any) -> None:
        spec, leaves = element_of(tensors)
        if not leaves:
            raise ValueError("Invalid `tensors`. `tensors` should not be empty.")
        for leaf in leaves:
            if np.ndim(leaf) == 0 and not hasattr(leaf, "_type_spec"):
                raise ValueError(
                    f"Unbatching a tensor is only supported for rank >= 1. Received a scalar: {leaf!r}. "
                    f"Use tf.data.Dataset.from_tensors for one element."
                )
        # The user's arrays may be written to later.
        self._arrays = tuple(np.array(leaf) if isinstance(leaf, np.ndarray) else leaf for leaf in leaves)
        lengths = [len(leaf) for leaf in self._arrays]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"Dimensions {lengths[0]} and {next(n for n in lengths if n != lengths[0])} are not compatible: all "
                f"components need the same number of rows. Received lengths {lengths}."
            )
        super().__init__(map_specs(spec, unbatched_spec))
        self._count = lengths[0]

    def length(self) -> int:
        """The number of rows."""
        return self._count

    def rows(self) -> Rows:
        """The rows in order."""
        return Rows(Slices(self._arrays), lambda: iter(range(self._count)))

    def open(self) -> Iterator[Leaves]:
        """The rows in order."""
        return zip(*self._arrays, strict=True)


class Single(Source):
    """One element.

    **Arguments:**
    - `tensors`: the element.
    """

    shown = "_TensorDataset"

    def __init__(self, tensors: Any) -> None:
        spec, leaves = element_of(tensors)
        super().__init__(spec)
        self._leaves = tuple(np.array(leaf) if isinstance(leaf, np.ndarray) else leaf for leaf in leaves)

    def length(self) -> int:
        """One."""
        return 1

    def open(self) -> Iterator[Leaves]:
        """The element."""
        return iter((self._leaves,))


class Range(Source):
    """Integers at equal steps.

    **Arguments:**
    - `bounds`: as for Python's `range`.
    - `output_type`: their dtype.

    **Raises:** `ValueError` for other than one to three bounds.
    """

    def __init__(self, bounds: tuple[Any, ...], output_type: Any) -> None:
        if not 1 <= len(bounds) <= 3:
            raise ValueError(f"Invalid `args`. The length of `args` should be between 1 and 3. Received: {bounds}")
        self._dtype = as_dtype(output_type)
        super().__init__(TensorSpec((), self._dtype))
        self._range = range(*(int(host_value(each)) for each in bounds))

    def length(self) -> int:
        """The number of integers."""
        return len(self._range)

    def rows(self) -> Rows:
        """The integers."""
        kind = self._dtype.as_numpy_dtype
        return Rows(lambda positions: (np.asarray(positions, kind),), lambda: iter(self._range))

    def open(self) -> Iterator[Leaves]:
        """The integers."""
        kind = self._dtype.as_numpy_dtype
        return ((kind(each),) for each in self._range)


class Counting(Source):
    """Integers at equal steps, without end.

    **Arguments:**
    - `start`, `step`: the first, and how far apart they are.
    - `dtype`: theirs.
    """

    shown = "CounterV2"

    def __init__(self, start: int, step: int, dtype: Any) -> None:
        self._dtype = as_dtype(dtype)
        super().__init__(TensorSpec((), self._dtype))
        self._start, self._step = start, step

    def length(self) -> int:
        """Infinite."""
        return INFINITE

    def rows(self) -> Rows:
        """The integers."""
        kind = self._dtype.as_numpy_dtype
        return Rows(lambda positions: (np.asarray(positions, kind),), lambda: itertools.count(self._start, self._step))

    def open(self) -> Iterator[Leaves]:
        """The integers."""
        kind = self._dtype.as_numpy_dtype
        return ((kind(each),) for each in itertools.count(self._start, self._step))


class RandomNumbers(Source):
    """Random int64s below 2**32, without end.

    **Arguments:**
    - `seed`: a number, or None.
    - `renew`: whether each pass has numbers of its own; by default not.
    """

    shown = "_RandomDataset"

    def __init__(self, seed: Any, renew: bool | None) -> None:
        super().__init__(TensorSpec((), "int64"))
        self._seeds = SeedSource(seed, bool(renew))

    def length(self) -> int:
        """Infinite."""
        return INFINITE

    def open(self) -> Iterator[Leaves]:
        """The numbers."""
        return ((np.int64(each),) for each in draws(*self._seeds.next()))


class Elements(Source):
    """Elements in memory.

    **Arguments:**
    - `elements`: their components.
    - `spec`: theirs.
    """

    def __init__(self, elements: list[Any], spec: Any) -> None:
        super().__init__(spec)
        self._held = elements

    def length(self) -> int:
        """How many there are."""
        return len(self._held)

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return iter(self._held)


class FromGenerator(Source):
    """What a generator yields.

    **Arguments:**
    - `generator`: a function that returns an iterable.
    - `spec`: a structure of specs that what it yields must fit.
    - `args`: passed to `generator` as NumPy arrays.
    """

    shown = "_FlatMapDataset"

    busy = True

    def __init__(self, generator: Callable[..., Any], spec: Any, args: tuple[Any, ...]) -> None:
        super().__init__(spec)
        self._generator = generator
        self._args = args
        self._specs: list[Any] = flatten_element(spec)

    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    def open(self) -> Iterator[Leaves]:
        """A pass over a new generator, which is closed with it."""
        made = iter(self._generator(*(host_value(each) for each in self._args)))
        try:
            for value in made:
                yield self._checked(value)
        finally:
            close = getattr(made, "close", None)
            if close is not None:
                close()

    def _checked(self, value: Any) -> Leaves:
        values = _as_structure(self.spec, value)
        return tuple(_fitted(each, spec) for each, spec in zip(values, self._specs, strict=True))


def _as_structure(spec: Any, value: Any) -> list[Any]:
    """The components of what a generator yielded; a list may stand for a tuple."""
    if isinstance(spec, TypeSpec):
        return [value]
    if isinstance(spec, tuple) and isinstance(value, list | tuple) and len(spec) == len(value):
        return list(itertools.chain.from_iterable(map(_as_structure, spec, value)))
    if isinstance(spec, dict) and isinstance(value, dict) and set(spec) == set(value):
        return list(itertools.chain.from_iterable(_as_structure(spec[key], value[key]) for key in sorted(spec)))
    raise TypeError(
        f"`generator` yielded an element that did not match the expected structure. The expected structure was {spec}, "
        f"but the yielded element was {value!r}."
    )


def _fitted(value: Any, spec: Any) -> Any:
    if not isinstance(spec, TensorSpec):
        return value
    from functape._core._convert import convert

    try:
        host = convert(value, spec.dtype).numpy() if spec.dtype.name == "string" else _as_array(value, spec)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`generator` yielded an element that could not be converted to the expected type. The expected type was "
            f"{spec.dtype.name}, but the yielded element was {value!r}."
        ) from error
    if not spec.shape.is_compatible_with(np.shape(host)):
        raise TypeError(
            f"`generator` yielded an element of shape {np.shape(host)} where an element of shape {spec.shape} was "
            f"expected."
        )
    return host


def _as_array(value: Any, spec: TensorSpec) -> Any:
    given = host_value(value)
    array = np.asarray(given)
    wanted = np.dtype(spec.dtype.as_numpy_dtype)
    if array.dtype == wanted:
        return array.copy() if isinstance(given, np.ndarray) and given.ndim else given
    if isinstance(value, np.ndarray | np.generic) and not np.can_cast(array.dtype, wanted, "same_kind"):
        raise TypeError(f"an array of dtype {array.dtype}")
    return array.astype(wanted)


def generator_spec(output_types: Any, output_shapes: Any, output_signature: Any) -> Any:
    """The spec of `from_generator`, from its three arguments.

    **Raises:** `TypeError` and `ValueError` where they exclude each other or are incomplete.
    """
    if output_signature is not None:
        if output_types is not None or output_shapes is not None:
            raise TypeError(
                "The `output_types` and `output_shapes` arguments cannot be used together with `output_signature`."
            )
        for spec in flatten_element(output_signature):
            if not isinstance(spec, TypeSpec):
                raise TypeError(
                    f"`output_signature` must contain objects that are subclass of `tf.TypeSpec` but found "
                    f"{type(spec)} which is not."
                )
        return output_signature
    if output_types is None:
        raise TypeError(
            "To specify the output signature you need to provide either the `output_signature` argument or the "
            "`output_types` argument."
        )
    types = flatten_element(_tuples(output_types))
    if output_shapes is None:
        shapes: list[Any] = [None] * len(types)
    else:
        shapes = _shapes_like(_tuples(output_types), output_shapes)
    specs = [TensorSpec(TensorShape(shape), kind) for kind, shape in zip(types, shapes, strict=True)]
    return with_lists_as_components(_tuples(output_types), specs)


def _tuples(structure: Any) -> Any:
    return tuple(map(_tuples, structure)) if isinstance(structure, list) else structure


def _shapes_like(types: Any, shapes: Any) -> list[Any]:
    if isinstance(types, dict):
        return list(itertools.chain.from_iterable(_shapes_like(types[key], shapes[key]) for key in sorted(types)))
    if isinstance(types, tuple):
        return list(itertools.chain.from_iterable(map(_shapes_like, types, shapes)))
    return [shapes]


__all__ = [
    "FromGenerator", "RandomNumbers", "Range", "Single", "TensorSlices", "generator_spec", "spec_of",
]  # fmt: skip
