"""Ops that only move elements about, for tensors that programs cannot hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from functape._core._holding import from_numpy
from functape._core._known import read
from functape._engine._avals import Kind
from functape._engine._op import Op
from functape._engine._recorder import Cell, local, record, record_multiple
from functape._engine._tensor import BaseTensor


def arrange(op: Op, statics: tuple[Any, ...], operands: tuple[Any, ...], others: tuple[Any, ...] = ()) -> Any:
    """Record an op that moves elements of `operands` about.

    Strings never enter a program. The op is run on the numbers of their elements instead, and the strings are then
    put where the numbers went.

    **Arguments:**
    - `op`: the row.
    - `statics`: its attributes.
    - `operands`: the tensors whose elements move; all of one dtype.
    - `others`: the op's further inputs.
    """
    run = record_multiple if op.multiple else record
    if not operands or operands[0].aval.kind is not Kind.HOST:
        return run(op, statics, (*operands, *others))
    pieces = [(each.tensor if isinstance(each, Cell) else each).resolve() for each in operands]
    numbers, count = [], 0
    for piece in pieces:
        numbers.append(from_numpy(np.arange(count, count + piece.size, dtype=np.int32).reshape(piece.shape)))
        count += piece.size
    strings = np.concatenate([piece.reshape(-1) for piece in pieces])
    if local.recorder.tracing:
        # The strings are known while a function is traced, and so must be where they go.
        others = tuple(from_numpy(read(each)) if isinstance(each, BaseTensor | Cell) else each for each in others)
    with outside():
        moved = run(op, statics, (*numbers, *others))
        if op.multiple:
            return tuple(_picked(strings, each) for each in moved)
        return _picked(strings, moved)


@contextmanager
def outside() -> Iterator[None]:
    """A block whose ops run at once, outside of all functions being traced; for tensors that have values only."""
    recorder: Any = local.recorder
    eager = recorder
    while eager.tracing:
        eager = eager.outer
    local.recorder = eager
    try:
        yield
    finally:
        local.recorder = recorder


def _picked(strings: np.ndarray[Any, Any], numbers: Any) -> Any:
    places = np.asarray(numbers.numpy())
    picked = np.empty(places.shape, object)
    for index, place in np.ndenumerate(places):
        picked[index] = strings[place]
    return from_numpy(picked)
