"""Small results that come back from a program in one vector."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval
from functape._engine._gradient import GRADIENT
from functape._engine._state import Node

PACKED_ELEMENTS = 4096
"""Up to this size a gradient that is still held when its step ends comes back in one vector with the others."""


class Bundle:
    """The live gradients of one dtype that a program returns as one vector."""

    __slots__ = ("slots", "places")

    def __init__(self, slots: tuple[int, ...], avals: dict[int, Aval]) -> None:
        self.slots = slots
        self.places: dict[int, tuple[slice, tuple[int, ...]]] = {}
        """Where in the vector each slot's part is, and its shape."""
        start = 0
        for slot in slots:
            stop = start + avals[slot].size
            self.places[slot] = slice(start, stop), avals[slot].shape
            start = stop

    def pack(self, environment: dict[int, Any]) -> Any:
        """The vector, inside the program."""
        return jnp.concatenate([jnp.ravel(environment[slot]) for slot in self.slots])


class Bundled:
    """The value of the tensors that came back in one vector; each output of a program costs a microsecond, and
    gradients are seldom looked at once they are applied."""

    __slots__ = ("bundle", "vector")

    def __init__(self, bundle: Bundle, vector: Any) -> None:
        self.bundle = bundle
        self.vector = vector

    def open(self, slot: int) -> np.ndarray[Any, Any]:
        """The value of the tensor in `slot`, as a view of the vector on the host."""
        part, shape = self.bundle.places[slot]
        return np.asarray(self.vector)[part].reshape(shape)


def bundles(nodes: list[Node], live: tuple[int, ...], avals: dict[int, Aval]) -> tuple[Bundle, ...]:
    """How the live gradients of a recording come back."""
    gradients = {slot for node in nodes if node.op is GRADIENT for slot in node.outputs}
    by_dtype: dict[Any, list[int]] = {}
    for slot in live:
        if slot in gradients and 0 < avals[slot].size <= PACKED_ELEMENTS:
            by_dtype.setdefault(avals[slot].dtype, []).append(slot)
    return tuple(Bundle(tuple(slots), avals) for slots in by_dtype.values() if len(slots) > 1)
