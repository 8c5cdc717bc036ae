"""`tf.train.CheckpointManager`."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._core._variable import Variable
from functape.train import _format
from functape.train._state import CheckpointState, get_checkpoint_state, write_state


class CheckpointManager:
    """Keeps the last checkpoints of a directory and removes older ones (`tf.train.CheckpointManager`).

    **Arguments:**
    - `checkpoint`: a `tf.train.Checkpoint`.
    - `directory`: where to save.
    - `max_to_keep`: how many to keep; all if None.
    - `keep_checkpoint_every_n_hours`: keep one that would be removed if it is so much younger than the last one kept
      for good.
    - `checkpoint_name`: what the names of checkpoints begin with.
    - `step_counter`: a variable with the number of steps, for `checkpoint_interval`.
    - `checkpoint_interval`: the least number of steps between two saves.
    - `init_fn`: called by `restore_or_initialize` if there is nothing to restore.
    - `last_checkpoint_step`: at which step the last save was, for `checkpoint_interval`.

    **Raises:** `ValueError` for a `max_to_keep` that is not positive, or an interval without a counter.

    ```python
    >>> import os, tempfile, functape as tf
    >>> folder = tempfile.TemporaryDirectory()
    >>> manager = tf.train.CheckpointManager(tf.train.Checkpoint(w=tf.Variable(1.0)), folder.name, max_to_keep=2)
    >>> saved = [manager.save() for _ in range(3)]
    >>> [os.path.basename(path) for path in manager.checkpoints]
    ['ckpt-2', 'ckpt-3']
    >>> folder.cleanup()

    ```
    """

    def __init__(
        self,
        checkpoint: Any,
        directory: Any,
        max_to_keep: int | None,
        keep_checkpoint_every_n_hours: float | None = None,
        checkpoint_name: str = "ckpt",
        step_counter: Variable | None = None,
        checkpoint_interval: int | None = None,
        init_fn: Callable[[], Any] | None = None,
        last_checkpoint_step: int | None = None,
    ) -> None:
        self._checkpoint = checkpoint
        if max_to_keep is not None and max_to_keep <= 0:
            raise ValueError(f"Expected a positive integer or `None` for `max_to_keep`, got {max_to_keep}.")
        if checkpoint_interval is not None and step_counter is None:
            raise ValueError("`step_counter` should be passed if `checkpoint_interval` is not None.")
        self._max_to_keep = max_to_keep
        self._keep_every = keep_checkpoint_every_n_hours
        self._directory = os.fspath(directory)
        self._prefix = os.path.join(self._directory, checkpoint_name)
        self._step_counter = step_counter
        self._interval = checkpoint_interval
        self._init_fn = init_fn
        self._last_step = last_checkpoint_step
        self._kept: dict[str, float] = {}
        """The checkpoints that may be removed, oldest first, and when they were written."""
        self._latest: str | None = None
        now = time.time()
        self._preserved = now
        state = get_checkpoint_state(self._directory)
        if state is not None:
            self._take_over(state, now)

    def _take_over(self, state: CheckpointState, now: float) -> None:
        paths = [each for each in state.all_model_checkpoint_paths if os.path.exists(_format.index_path(each))]
        times = dict(zip(state.all_model_checkpoint_paths, state.all_model_checkpoint_timestamps, strict=False))
        self._kept = {path: times.get(path, now) for path in paths}
        if paths:
            self._latest = paths[-1]
        if state.last_preserved_timestamp:
            self._preserved = state.last_preserved_timestamp

    @property
    def directory(self) -> str:
        """Where checkpoints are saved."""
        return self._directory

    @property
    def checkpoint(self) -> Any:
        """The `tf.train.Checkpoint`."""
        return self._checkpoint

    @property
    def checkpoint_interval(self) -> int | None:
        """The least number of steps between two saves."""
        return self._interval

    @property
    def latest_checkpoint(self) -> str | None:
        """The path of the latest checkpoint; None if there is none."""
        return self._latest

    @property
    def checkpoints(self) -> list[str]:
        """The paths of the checkpoints that are managed, oldest first."""
        return list(self._kept)

    def save(self, checkpoint_number: Any = None, check_interval: bool = True, options: Any = None) -> str | None:
        """Save a checkpoint and remove those that are too many.

        **Arguments:**
        - `checkpoint_number`: its number, an int or a scalar; the checkpoint's `save_counter` by default.
        - `check_interval`: whether to do nothing if the last save is less than `checkpoint_interval` steps ago.
        - `options`: a `tf.train.CheckpointOptions`.

        **Returns:** the path, or None if nothing was saved.
        """
        if self._interval is not None and check_interval:
            step = int(np.asarray(self._step_counter.numpy()))  # type: ignore[union-attr]
            if self._last_step is not None and step - self._last_step < self._interval:
                return None
        number = None if checkpoint_number is None else _number(checkpoint_number)
        counter = self._checkpoint.save_counter
        if number is None:
            counter.assign_add(1)
            number = int(counter.numpy())
            try:
                path = self._checkpoint.write(f"{self._prefix}-{number}", options)
            except BaseException:
                counter.assign_sub(1)
                raise
        else:
            counter.assign_add(1)
            path = self._checkpoint.write(f"{self._prefix}-{number}", options)
        if self._interval is not None:
            self._last_step = int(np.asarray(self._step_counter.numpy()))  # type: ignore[union-attr]
        self._latest = path
        self._kept.pop(path, None)
        self._kept[path] = time.time()
        # The list names the new checkpoint before an old one goes: the latest is whole at any moment.
        removed = self._too_many()
        self._note()
        for each in removed:
            _format.remove(each)
        return path

    def _too_many(self) -> list[str]:
        removed: list[str] = []
        if self._max_to_keep is None:
            return removed
        while len(self._kept) > self._max_to_keep:
            path, written = next(iter(self._kept.items()))
            del self._kept[path]
            if self._keep_every is not None and written - self._keep_every * 3600.0 >= self._preserved:
                self._preserved = written
                continue
            removed.append(path)
        return removed

    def _note(self) -> None:
        write_state(
            self._directory,
            CheckpointState(self._latest or "", list(self._kept), list(self._kept.values()), self._preserved),
        )

    def restore_or_initialize(self) -> str | None:
        """Restore the latest checkpoint, or call `init_fn` if there is none.

        **Returns:** the path of what was restored; None if nothing was.
        """
        if self._latest is not None:
            self._checkpoint.restore(self._latest)
            if self._step_counter is not None:
                self._last_step = int(np.asarray(self._step_counter.numpy()))
            return self._latest
        if self._init_fn is not None:
            self._init_fn()
        return None

    def sync(self) -> None:
        """Wait for saves under way: there are none, each is complete when it returns."""


def _number(value: Any) -> int:
    given = value.numpy() if hasattr(value, "numpy") else value
    array = np.asarray(given)
    if array.ndim or array.dtype.kind not in "iu":
        found = re.sub(r"\s+", " ", repr(value))
        raise TypeError(f"`checkpoint_number` must be an integer or a scalar integer tensor. Received: {found}")
    return int(array)
