"""Writers of event files, and which of them is the default."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

_numbers = itertools.count()


class State(threading.local):
    """The default writer, the step and the condition of the present thread."""

    def __init__(self) -> None:
        self.writer: SummaryWriter | None = None
        self.step: Any = None
        self.condition: Any = True


state = State()


class SummaryWriter:
    """What summaries are written with (`tf.summary.SummaryWriter`)."""

    def set_as_default(self, step: Any = None) -> None:
        """Make this the default writer of the thread.

        **Arguments:**
        - `step`: if given, the step of what is written without one.
        """
        self._check_open()
        state.writer = self
        if step is not None:
            state.step = step

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Make this the default writer within a block.

        **Arguments:**
        - `step`: if given, the step within the block of what is written without one.

        **Raises:** `RuntimeError` if the writer was closed.
        """
        self._check_open()
        before, before_step = state.writer, state.step
        state.writer = self
        if step is not None:
            state.step = step
        try:
            yield self
        finally:
            if not self.closed:
                self.flush()
            state.writer, state.step = before, (before_step if step is not None else state.step)

    def _check_open(self) -> None:
        if self.closed:
            raise RuntimeError(f"SummaryWriter {self!r} is already closed")

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return False

    def init(self) -> None:
        """Nothing is left to do: the file is there from the start."""

    def flush(self) -> None:
        """Bring what was written to the disk."""

    def close(self) -> None:
        """Bring what was written to the disk, and write no more."""

    def write(self, step: int, summary: Any) -> None:
        """Write a summary.

        **Arguments:**
        - `step`: its step.
        - `summary`: a `Summary` message.
        """


class NoopSummaryWriter(SummaryWriter):
    """Writes nothing."""

    def set_as_default(self, step: Any = None) -> None:
        """Nothing changes."""

    @contextlib.contextmanager
    def as_default(self, step: Any = None) -> Iterator[SummaryWriter]:
        """Nothing changes."""
        yield self


class FileWriter(SummaryWriter):
    """Writes an event file.

    **Arguments:**
    - `logdir`: the directory, made if it is not there.
    - `max_queue`: after how many summaries they are handed to the operating system.
    - `flush_millis`: after how many milliseconds at the latest.
    - `suffix`: what the file's name ends with.
    """

    def __init__(self, logdir: str, max_queue: int, flush_millis: int, suffix: str) -> None:
        from tensorboardX.proto import event_pb2

        os.makedirs(logdir, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_numbers)}"
        self._records = _records(os.path.join(logdir, name + suffix))
        self._lock = threading.Lock()
        self._limit = max_queue
        self._interval = flush_millis / 1000.0
        self._waiting = 0
        self._handed_over = time.monotonic()
        self._finish = weakref.finalize(self, _close, self._records)
        self._event = event_pb2.Event
        self._add(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2"))
        self._records.hand_over()

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return not self._finish.alive

    def _add(self, event: Any) -> None:
        with self._lock:
            self._records.write(event.SerializeToString())
            self._waiting += 1
            now = time.monotonic()
            if self._waiting > self._limit or now - self._handed_over > self._interval:
                self._waiting, self._handed_over = 0, now
                self._records.hand_over()

    def write(self, step: int, summary: Any) -> None:
        """Write a summary; nothing happens once the writer is closed."""
        if not self.closed:
            self._add(self._event(wall_time=time.time(), step=step, summary=summary))

    def flush(self) -> None:
        """Bring what was written to the disk; of compiled functions that are running too."""
        if self.closed:
            return
        jax.effects_barrier()
        with self._lock:
            self._waiting, self._handed_over = 0, time.monotonic()
            self._records.hand_over()

    def close(self) -> None:
        """Bring what was written to the disk, and write no more."""
        if not self.closed:
            self.flush()
            self._finish()


def _records(path: str) -> Any:
    from tensorboardX.record_writer import RecordWriter

    class Records(RecordWriter):  # type: ignore[misc]
        """tensorboardX's writer of records."""

        def hand_over(self) -> None:
            """Hand what was written to the operating system, where it survives the process."""
            self._writer.flush()

    return Records(path)


def _close(records: Any) -> None:
    records.flush()
    records.close()


def create_file_writer(
    logdir: Any,
    max_queue: Any = None,
    flush_millis: Any = None,
    filename_suffix: Any = None,
    name: str | None = None,
    experimental_trackable: bool = False,
    experimental_mesh: Any = None,
) -> SummaryWriter:
    """A writer of an event file, which TensorBoard shows (`tf.summary.create_file_writer`).

    **Arguments:**
    - `logdir`: the directory, made if it is not there.
    - `max_queue`: after how many summaries they are handed to the operating system; 10 by default.
    - `flush_millis`: after how many milliseconds at the latest; two minutes by default.
    - `filename_suffix`: what the file's name ends with, `.v2` by default.
    - `name`, `experimental_trackable`, `experimental_mesh`: accepted for compatibility.

    **Returns:** a `tf.summary.SummaryWriter`.

    **Raises:** `ValueError` without a directory.

    ```python
    >>> import tempfile, functape as tf
    >>> folder = tempfile.TemporaryDirectory()
    >>> writer = tf.summary.create_file_writer(folder.name)
    >>> with writer.as_default():
    ...     for step in range(3):
    ...         _ = tf.summary.scalar("loss", 1.0 / (step + 1), step=step)
    >>> writer.close()
    >>> folder.cleanup()

    ```
    """
    if logdir is None:
        raise ValueError("Argument `logdir` cannot be None")
    return FileWriter(
        _text(logdir),
        10 if max_queue is None else int(_plain(max_queue)),
        120_000 if flush_millis is None else int(_plain(flush_millis)),
        ".v2" if filename_suffix is None else _text(filename_suffix),
    )


def create_noop_writer() -> SummaryWriter:
    """A writer that writes nothing (`tf.summary.create_noop_writer`)."""
    return NoopSummaryWriter()


def flush(writer: SummaryWriter | None = None, name: str | None = None) -> None:
    """Bring what was written to the disk (`tf.summary.flush`).

    **Arguments:**
    - `writer`: the writer, by default the default one; nothing happens if there is none.
    - `name`: accepted for compatibility.
    """
    found = state.writer if writer is None else writer
    if found is not None:
        found.flush()


def _plain(value: Any) -> Any:
    return value.numpy() if hasattr(value, "numpy") else value


def _text(value: Any) -> str:
    found = _plain(value)
    if isinstance(found, np.ndarray):
        found = found.item()
    return found.decode() if isinstance(found, bytes) else os.fspath(found)
