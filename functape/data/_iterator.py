"""Passes over a dataset, as users see them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._spec import TypeSpec
from functape._engine._errors import OutOfRangeError
from functape._engine._trace import ValueNeeded, is_tracing
from functape.data._structure import Leaves, Packer


class OwnedIterator:
    """A pass over a dataset (`tf.data.Iterator`).

    **Arguments:**
    - `elements`: the pass.
    - `spec`: of its elements.
    - `open`: begins another pass.
    """

    def __init__(self, elements: Iterator[Leaves], spec: Any, open: Callable[[], Iterator[Leaves]]) -> None:
        self._elements = elements
        self._spec = spec
        self._open = open
        self._taken = 0
        self._tensors = Packer(spec).tensors

    @property
    def element_spec(self) -> Any:
        """The spec of the elements."""
        return self._spec

    def __iter__(self) -> OwnedIterator:
        return self

    def __next__(self) -> Any:
        if is_tracing():
            raise ValueNeeded("an element of a dataset")
        self._taken += 1
        return self._tensors(next(self._elements))

    def _staged_for(self, *_: Any, **__: Any) -> Any:
        """A loop over it in a function being traced: the function runs as plain Python instead, since elements differ
        from call to call."""
        raise ValueNeeded("a loop over a dataset")

    def next(self) -> Any:
        """The next element."""
        return self.__next__()

    def get_next_as_optional(self) -> Any:
        """The next element as a `tf.experimental.Optional`, which is empty after the last."""
        from functape.data._optional import Optional

        try:
            return Optional(self.__next__(), self._spec)
        except StopIteration:
            return Optional(None, self._spec, False)

    # ---- checkpoints -----------------------------------------------------------------------------------------

    def _checkpoint_state(self) -> Any:
        return np.asarray(self._taken, np.int64)

    def _restore_checkpoint_state(self, taken: Any) -> None:
        self._elements = iter(self._open())
        self._taken = sum(1 for _ in itertools.islice(self._elements, int(taken)))

    def get_next(self) -> Any:
        """The next element.

        **Raises:** `OutOfRangeError` after the last.
        """
        try:
            return self.__next__()
        except StopIteration:
            raise OutOfRangeError(message="End of sequence") from None


class NumpyIterator:
    """A pass over a dataset whose elements hold NumPy arrays.

    **Arguments:**
    - `elements`: the pass.
    - `pack`: makes an element of its components.
    """

    def __init__(self, elements: Iterator[Leaves], pack: Callable[[list[Any]], Any]) -> None:
        self._elements = elements
        self._pack = pack

    def __iter__(self) -> NumpyIterator:
        return self

    def __repr__(self) -> str:
        return f"NumpyIterator(iterator={self._elements!r})"

    def __next__(self) -> Any:
        return self._pack([_numpy(each) for each in next(self._elements)])

    def next(self) -> Any:
        """The next element."""
        return self.__next__()


def _numpy(value: Any) -> Any:
    if hasattr(value, "_type_spec"):
        return value
    return value.copy() if getattr(value, "ndim", 0) else value[()] if isinstance(value, np.ndarray) else value


class IteratorSpec(TypeSpec):
    """The spec of a pass over a dataset (`tf.data.IteratorSpec`).

    **Arguments:**
    - `element_spec`: of its elements.
    """

    __slots__ = ("_element_spec",)

    def __init__(self, element_spec: Any) -> None:
        self._element_spec = element_spec

    @property
    def value_type(self) -> type:
        """The class of iterators."""
        return OwnedIterator

    @property
    def element_spec(self) -> Any:
        """The spec of the elements."""
        return self._element_spec

    def _parts(self) -> tuple[Any, ...]:
        return (self._element_spec,)
