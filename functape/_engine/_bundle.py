"""Small results that come back from a program in one vector."""

from __future__ import annotations

import itertools
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval
from functape._engine._gradient import GRADIENT
from functape._engine._state import Node

PACKED_ELEMENTS = 4096
"""Up to this size a gradient that is still held when its step ends comes back in one vector with the others."""


class Bundled:
    """The value of a tensor that came back in one vector with others; each output of a program costs a microsecond,
    and gradients are seldom looked at once they are applied."""

    __slots__ = ("vector", "start", "aval")

    def __init__(self, vector: Any, start: int, aval: Aval) -> None:
        self.vector = vector
        self.start = start
        self.aval = aval

    def open(self) -> np.ndarray[Any, Any]:
        """The value, as a view of the vector on the host."""
        stop = self.start + self.aval.size
        return np.asarray(self.vector)[self.start : stop].reshape(self.aval.shape)


class Bundle:
    """The live gradients of one dtype that a program returns as one vector."""

    __slots__ = ("slots", "starts", "avals")

    def __init__(self, slots: tuple[int, ...], avals: dict[int, Aval]) -> None:
        self.slots = slots
        self.avals = tuple(avals[slot] for slot in slots)
        ends = itertools.accumulate(each.size for each in self.avals)
        self.starts = (0, *ends)[:-1]

    def pack(self, environment: dict[int, Any]) -> Any:
        """The vector, inside the program."""
        return jnp.concatenate([jnp.ravel(environment[slot]) for slot in self.slots])

    def unpack(self, vector: Any, outputs: Any) -> None:
        """Give the tensors their parts of the vector."""
        for slot, start, each in zip(self.slots, self.starts, self.avals):  # noqa: B905
            outputs[slot].value = Bundled(vector, start, each)


def bundles(nodes: list[Node], live: tuple[int, ...], avals: dict[int, Aval]) -> tuple[Bundle, ...]:
    """How the live gradients of a recording come back."""
    gradients = {slot for node in nodes if node.op is GRADIENT for slot in node.outputs}
    by_dtype: dict[Any, list[int]] = {}
    for slot in live:
        if slot in gradients and 0 < avals[slot].size <= PACKED_ELEMENTS:
            by_dtype.setdefault(avals[slot].dtype, []).append(slot)
    return tuple(Bundle(tuple(slots), avals) for slots in by_dtype.values() if len(slots) > 1)
