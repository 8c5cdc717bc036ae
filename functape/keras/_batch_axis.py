"""For which batches a model is built while it is trained: those of one length, or of any."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functape._core._nest import flatten
from functape._core._shape import TensorShape


class _Local(threading.local):
    batches: Any = None
    rows: int | None = None


_local = _Local()


@contextmanager
def built_on(batches: Any) -> Iterator[None]:
    """A context in which steps take what `batches` gives: its `vary()` says whether the lengths differ."""
    before = _local.batches
    _local.batches = batches
    try:
        yield
    finally:
        _local.batches = before


@contextmanager
def traced_for(data: Any) -> Iterator[None]:
    """A context in which a step is traced with one batch for all the batches there may be."""
    before = _local.rows
    lengths = (each.shape[0] for each in flatten(data) if each is not None and len(each.shape))
    _local.rows = next(lengths, None)
    try:
        yield
    finally:
        _local.rows = before


def for_all_batches(shape: TensorShape) -> TensorShape:
    """The shape that a layer is built for, given that of its input: what is as long as the batch may have any length
    if batches may."""
    if _local.rows is None or not shape.rank or shape[0] != _local.rows:
        return shape
    if _local.batches is None or not _local.batches.vary():
        return shape
    return TensorShape((None, *tuple(shape)[1:]))
