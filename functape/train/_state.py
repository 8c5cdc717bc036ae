"""The file `checkpoint` of a directory: which checkpoints there are, and which is the latest."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from functape.train._format import index_path, replace_text

_LINE = re.compile(r'^\s*(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|([-+\w.]+))\s*$')


class CheckpointState:
    """What the file says.

    **Arguments:**
    - `model_checkpoint_path`: the latest checkpoint.
    - `all_model_checkpoint_paths`: all, oldest first.
    - `all_model_checkpoint_timestamps`: when each was written.
    - `last_preserved_timestamp`: when the last one that is to stay for good was written.
    """

    def __init__(
        self,
        model_checkpoint_path: str = "",
        all_model_checkpoint_paths: list[str] | None = None,
        all_model_checkpoint_timestamps: list[float] | None = None,
        last_preserved_timestamp: float = 0.0,
    ) -> None:
        self.model_checkpoint_path = model_checkpoint_path
        self.all_model_checkpoint_paths = list(all_model_checkpoint_paths or ())
        self.all_model_checkpoint_timestamps = list(all_model_checkpoint_timestamps or ())
        self.last_preserved_timestamp = last_preserved_timestamp

    def __repr__(self) -> str:
        lines = [f'model_checkpoint_path: "{_escaped(self.model_checkpoint_path)}"']
        lines += [f'all_model_checkpoint_paths: "{_escaped(each)}"' for each in self.all_model_checkpoint_paths]
        lines += [f"all_model_checkpoint_timestamps: {each!r}" for each in self.all_model_checkpoint_timestamps]
        if self.last_preserved_timestamp:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "".join(line + "\n" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def write_state(directory: str, state: CheckpointState, name: str = "checkpoint") -> None:
    """Write the file, with paths relative to the directory."""
    here = os.path.abspath(directory)

    def relative(path: str) -> str:
        return os.path.relpath(os.path.abspath(path), here) if path else path

    relative_state = CheckpointState(
        relative(state.model_checkpoint_path),
        [relative(each) for each in state.all_model_checkpoint_paths],
        state.all_model_checkpoint_timestamps,
        state.last_preserved_timestamp,
    )
    replace_text(os.path.join(directory, name), repr(relative_state))


def get_checkpoint_state(checkpoint_dir: Any, latest_filename: str | None = None) -> CheckpointState | None:
    """What a directory's `checkpoint` file says (`tf.train.get_checkpoint_state`).

    **Arguments:**
    - `checkpoint_dir`: the directory.
    - `latest_filename`: the file's name, `checkpoint` by default.

    **Returns:** an object with `model_checkpoint_path` and `all_model_checkpoint_paths`; None without such a file.
    """
    directory = os.fspath(checkpoint_dir)
    try:
        with open(os.path.join(directory, latest_filename or "checkpoint")) as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    state = CheckpointState()
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        name, text, number = match.groups()
        if name in ("model_checkpoint_path", "all_model_checkpoint_paths"):
            path = _plain(text or "")
            path = path if not path or os.path.isabs(path) else os.path.join(directory, path)
            if name == "model_checkpoint_path":
                state.model_checkpoint_path = path
            else:
                state.all_model_checkpoint_paths.append(path)
        elif name == "all_model_checkpoint_timestamps":
            state.all_model_checkpoint_timestamps.append(float(number))
        elif name == "last_preserved_timestamp":
            state.last_preserved_timestamp = float(number)
    return state if state.model_checkpoint_path else None


def latest_checkpoint(checkpoint_dir: Any, latest_filename: str | None = None) -> str | None:
    """The path of a directory's latest checkpoint (`tf.train.latest_checkpoint`).

    **Arguments:**
    - `checkpoint_dir`: the directory.
    - `latest_filename`: the name of the file that tells it, `checkpoint` by default.

    **Returns:** the path, without ending; None if there is none.
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not os.path.exists(index_path(state.model_checkpoint_path)):
        return None
    return state.model_checkpoint_path


def checkpoints_iterator(
    checkpoint_dir: Any,
    min_interval_secs: float = 0,
    timeout: float | None = None,
    timeout_fn: Callable[[], Any] | None = None,
) -> Iterator[str]:
    """A directory's latest checkpoints as they come (`tf.train.checkpoints_iterator`).

    **Arguments:**
    - `checkpoint_dir`: the directory.
    - `min_interval_secs`: at least so long between two.
    - `timeout`: how long to wait for the next; for ever if None.
    - `timeout_fn`: called when that time is over; true stops waiting.
    """
    seen: str | None = None
    while True:
        deadline = None if timeout is None else time.monotonic() + timeout
        begun = time.monotonic()
        while (found := latest_checkpoint(checkpoint_dir)) is None or found == seen:
            if deadline is not None and time.monotonic() >= deadline:
                if timeout_fn is None or timeout_fn():
                    return
                deadline = time.monotonic() + (timeout or 0.0)
            time.sleep(0.01 if timeout is None else min(0.01, timeout or 0.01))
        seen = found
        yield found
        rest = min_interval_secs - (time.monotonic() - begun)
        if rest > 0:
            time.sleep(rest)
