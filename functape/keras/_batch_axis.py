"""Whether a model that is built while it is trained sees batches of one length, or of any."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Local(threading.local):
    batches: Any = None


_local = _Local()


@contextmanager
def built_on(batches: Any) -> Iterator[None]:
    """A context in which layers are built for what `batches` gives: its `vary()` says whether the lengths differ."""
    before = _local.batches
    _local.batches = batches
    try:
        yield
    finally:
        _local.batches = before


def batches_vary() -> bool:
    """Whether layers are being built for batches of any length."""
    return _local.batches is not None and _local.batches.vary()
