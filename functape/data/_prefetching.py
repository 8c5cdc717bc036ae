"""Elements made ahead of their use, by a thread that ends with the pass."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

from functape.data._positions import Rows
from functape.data._source import Source, Step
from functape.data._structure import Leaves

_AUTOMATIC = 8


class Prefetch(Step):
    """The elements of a source, made ahead.

    Only where it pays: rows in memory are fetched faster than a thread hands them over.

    **Arguments:**
    - `source`: the elements.
    - `size`: how many wait at most; a negative number for a few.
    """

    shown = "_PrefetchDataset"

    def __init__(self, source: Source, size: int) -> None:
        super().__init__(source)
        self._size = _AUTOMATIC if size < 0 else size

    @property
    def spec(self) -> Any:
        """The source's."""
        return self.source.spec

    @spec.setter
    def spec(self, value: Any) -> None:
        """The source decides it."""

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def rows(self) -> Rows | None:
        """The source's."""
        return self.source.rows()

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        pays = self._size and self.source.busy and not getattr(self.source, "ahead", False)
        return ahead(self.source, self._size) if pays else self.source.open()


def ahead(source: Source, size: int) -> Iterator[Leaves]:
    """The elements of a source, made by a thread of their own.

    **Arguments:**
    - `source`: the elements.
    - `size`: how many wait at most.
    """
    ready: queue.Queue[Any] = queue.Queue(size)
    ended = threading.Event()
    thread = threading.Thread(target=_fill, args=(source, ready, ended), name="functape-prefetch", daemon=True)
    thread.start()
    try:
        while True:
            leaves, error = ready.get()
            if error is not None:
                raise error
            if leaves is None:
                return
            yield leaves
    finally:
        ended.set()
        while thread.is_alive():
            # The thread may be waiting for a free place.
            try:
                ready.get_nowait()
            except queue.Empty:
                thread.join(0.01)


def _fill(source: Source, ready: queue.Queue[Any], ended: threading.Event) -> None:
    elements = source.open()
    try:
        for leaves in elements:
            ready.put((leaves, None))
            if ended.is_set():
                return
        ready.put((None, None))
    except BaseException as error:
        ready.put((None, error))
    finally:
        close = getattr(elements, "close", None)
        if close is not None:
            close()
