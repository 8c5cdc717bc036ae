"""Steps that put elements together and take them apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec
from functape._engine._errors import DataLossError, InvalidArgumentError
from functape.data._positions import Rows
from functape.data._source import INFINITE, UNKNOWN, Source, Step
from functape.data._structure import Leaves, batched_spec, flatten_element, map_specs, unbatched_spec


class Batch(Step):
    """Consecutive elements stacked.

    **Arguments:**
    - `source`: the elements.
    - `size`: how many to stack.
    - `drop_remainder`: whether to leave out a last batch that is smaller.
    """

    def __init__(self, source: Source, size: int, drop_remainder: bool) -> None:
        known = size if drop_remainder or source.length() == INFINITE else None
        super().__init__(source, map_specs(source.spec, lambda spec: batched_spec(spec, known)))
        self._size = size
        self._drop = drop_remainder

    def length(self) -> int:
        """The number of batches."""
        return batches(self.source.length(), self._size, self._drop)

    def open(self) -> Iterator[Leaves]:
        """The batches."""
        rows = self.source.rows()
        if rows is not None:
            return self._fetched(rows)
        return (tuple(map(_stack, zip(*group, strict=True))) for group in self._groups(self.source.open()))

    def _groups(self, elements: Iterator[Any]) -> Iterator[list[Any]]:
        while True:
            group = list(itertools.islice(elements, self._size))
            if not group or (self._drop and len(group) < self._size):
                return
            yield group

    def _fetched(self, rows: Rows) -> Iterator[Leaves]:
        return map(rows.fetch, self._groups(rows.open()))


def batches(length: int, size: int, drop_remainder: bool) -> int:
    """How many batches `length` elements make."""
    if length < 0:
        return length
    return length // size if drop_remainder else -(-length // size)


def _stack(values: tuple[Any, ...]) -> Any:
    first = values[0]
    if hasattr(first, "_type_spec"):
        return first._stack(values)
    try:
        if isinstance(first, bytes):
            stacked = np.empty(len(values), object)
            stacked[:] = values
            return stacked
        return np.stack(values)
    except ValueError as error:
        shapes = [np.shape(each) for each in values]
        other = next((number for number, shape in enumerate(shapes) if shape != shapes[0]), 0)
        raise InvalidArgumentError(
            message=f"Cannot batch tensors with different shapes. First element had shape {list(shapes[0])} and "
            f"element {other} had shape {list(shapes[other])}. Use padded_batch, or make them alike in a map."
        ) from error


class PaddedBatch(Step):
    """Consecutive elements padded to one shape and stacked.

    **Arguments:**
    - `source`: the elements.
    - `size`: how many to stack.
    - `shapes`: for each component the shape to pad to; None in it stands for the largest in the batch.
    - `padding`: for each component the value to pad with.
    - `drop_remainder`: whether to leave out a last batch that is smaller.
    """

    def __init__(
        self, source: Source, size: int, shapes: list[TensorShape], padding: list[Any], drop_remainder: bool
    ) -> None:
        known = size if drop_remainder or source.length() == INFINITE else None
        remaining = iter(shapes)
        super().__init__(source, map_specs(source.spec, lambda spec: TensorSpec([known, *next(remaining)], spec.dtype)))
        self._size = size
        self._drop = drop_remainder
        self._shapes = [list(shape) for shape in shapes]
        self._padding = padding

    def length(self) -> int:
        """The number of batches."""
        return batches(self.source.length(), self._size, self._drop)

    def open(self) -> Iterator[Leaves]:
        """The batches."""
        elements = self.source.open()
        while True:
            group = list(itertools.islice(elements, self._size))
            if not group or (self._drop and len(group) < self._size):
                return
            yield tuple(map(_padded, zip(*group, strict=True), self._shapes, self._padding))


def _padded(values: tuple[Any, ...], shape: list[int | None], padding: Any) -> Any:
    arrays = [np.asarray(each, object) if isinstance(each, bytes) else np.asarray(each) for each in values]
    largest = [max(sizes) for sizes in zip(*(each.shape for each in arrays), strict=True)]
    wanted = [found if size is None else size for size, found in zip(shape, largest, strict=True)]
    if any(found > size for size, found in zip(wanted, largest, strict=True)):
        raise DataLossError(
            message=f"Attempted to pad to a smaller size than the input element: to {wanted} from {largest}. Name a "
            f"larger `padded_shapes`, or None for the largest of the batch."
        )
    padded = np.full([len(arrays), *wanted], padding, arrays[0].dtype)
    for place, array in enumerate(arrays):
        padded[(place, *map(slice, array.shape))] = array  # type: ignore[index]
    return padded


class Unbatch(Step):
    """The rows of each element."""

    def __init__(self, source: Source) -> None:
        super().__init__(source, map_specs(source.spec, unbatched_spec))

    def length(self) -> int:
        """Known where all elements have a known number of rows."""
        length = self.source.length()
        shapes = [spec.shape for spec in flatten_element(self.source.spec)]
        sizes = {shape[0] for shape in shapes if shape.rank}
        if len(sizes) != 1 or None in sizes:
            return length if length in (0, INFINITE) else UNKNOWN
        return length if length < 0 else length * int(sizes.pop())

    def open(self) -> Iterator[Leaves]:
        """The rows."""
        for leaves in self.source.open():
            if len({len(leaf) for leaf in leaves}) > 1:
                raise InvalidArgumentError(
                    message=f"Input element must have the same batch size in each component. Received sizes "
                    f"{[len(leaf) for leaf in leaves]}."
                )
            yield from zip(*leaves, strict=True)


class Windows(Step):
    """Consecutive elements as small datasets.

    **Arguments:**
    - `source`: the elements.
    - `size`, `shift`, `stride`: of each window how many elements, between windows' starts, between elements.
    - `drop_remainder`: whether to leave out last windows that are smaller.
    - `spec`: of the windows.
    - `hold`: makes the dataset of one component's values.
    """

    shown = "_WindowDataset"

    def __init__(
        self, source: Source, size: int, shift: int, stride: int, drop_remainder: bool, spec: Any, hold: Any
    ) -> None:
        super().__init__(source, spec)
        self._size, self._shift, self._stride = size, shift, stride
        self._drop = drop_remainder
        self._hold = hold

    def length(self) -> int:
        """The number of windows."""
        length = self.source.length()
        if length < 0:
            return length
        if self._drop:
            reach = (self._size - 1) * self._stride + 1
            return max((length - reach) // self._shift + 1, 0) if length >= reach else 0
        return -(-length // self._shift)

    def open(self) -> Iterator[Leaves]:
        """The windows."""
        elements = self.source.open()
        specs = flatten_element(self.source.spec)
        reach = (self._size - 1) * self._stride + 1
        held: list[Leaves] = list(itertools.islice(elements, reach))
        while held:
            if len(held) < reach and self._drop:
                return
            chosen = held[:: self._stride]
            yield tuple(self._hold([leaves[place] for leaves in chosen], spec) for place, spec in enumerate(specs))
            if self._shift < len(held):
                del held[: self._shift]
            else:
                for _ in itertools.islice(elements, self._shift - len(held)):
                    pass
                held = []
            held += itertools.islice(elements, reach - len(held))
