"""Callbacks that pass the results on: to a file, to functions, to a server."""

from __future__ import annotations

import csv
import json
import os
import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from functape.keras.callbacks._callback import Callback


class CSVLogger(Callback):
    """Writes the results of each epoch into a file (`tf.keras.callbacks.CSVLogger`).

    **Arguments:**
    - `filename`: the file.
    - `separator`: what is between two columns.
    - `append`: whether to go on at the file's end.
    """

    def __init__(self, filename: Any, separator: str = ",", append: bool = False) -> None:
        super().__init__()
        self.sep = separator
        self.filename = os.fspath(filename)
        self.append = append
        self.writer: Any = None
        self.keys: list[str] | None = None
        self.append_header = True
        self.csv_file: Any = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Open the file."""
        if self.append and os.path.exists(self.filename):
            self.append_header = os.path.getsize(self.filename) == 0
        self._close()
        self.csv_file = open(self.filename, "a" if self.append else "w", newline="")  # noqa: SIM115
        self.writer = None
        self.keys = None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a row."""
        logs = logs or {}
        if self.keys is None:
            self.keys = sorted(logs)
            if self.keys and not any(key.startswith("val_") for key in self.keys):
                # Columns for validation, which may come after the first epoch.
                self.keys += [f"val_{key}" for key in self.keys]
        if self.writer is None:
            self.writer = csv.DictWriter(self.csv_file, fieldnames=["epoch", *self.keys], delimiter=self.sep)
            if self.append_header:
                self.writer.writeheader()
        self.writer.writerow({"epoch": epoch, **{key: _cell(logs.get(key, "NA")) for key in self.keys}})
        self.csv_file.flush()

    def on_train_end(self, logs: Any = None) -> None:
        """Close the file."""
        self._close()
        self.writer = None

    def _close(self) -> None:
        if self.csv_file is not None and not self.csv_file.closed:
            self.csv_file.close()


def _cell(value: Any) -> Any:
    if isinstance(value, str) or not isinstance(value, Iterable) or (isinstance(value, np.ndarray) and not value.ndim):
        return value
    return f'"[{", ".join(map(str, value))}]"'


class LambdaCallback(Callback):
    """A callback made of functions (`tf.keras.callbacks.LambdaCallback`).

    **Arguments:**
    - `on_epoch_begin`, `on_epoch_end`: functions of an epoch and logs.
    - `on_train_begin`, `on_train_end`: functions of logs.
    - `on_train_batch_begin`, `on_train_batch_end`: functions of a batch and logs.
    - `kwargs`: functions for any other method of a callback, such as `on_batch_end` or `on_test_end`.

    ```python
    >>> import functape as tf
    >>> shout = tf.keras.callbacks.LambdaCallback(on_train_end=lambda logs: print("done"))
    >>> shout.on_train_end(None)
    done

    ```
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        self.__dict__.update({name: each for name, each in given.items() if each is not None})


class RemoteMonitor(Callback):
    """Sends the results of each epoch to a server (`tf.keras.callbacks.RemoteMonitor`).

    **Arguments:**
    - `root`: the server's address.
    - `path`: the path to send to.
    - `field`: the form's field, unless `send_as_json`.
    - `headers`: headers of the request.
    - `send_as_json`: whether the request's body is JSON.
    """

    def __init__(
        self, root: str = "http://localhost:9000", path: str = "/publish/epoch/end/", field: str = "data",
        headers: dict[str, str] | None = None, send_as_json: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.root = root
        self.path = path
        self.field = field
        self.headers = headers
        self.send_as_json = send_as_json

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Send the results; a server that cannot be reached is a warning."""
        from urllib import error, parse, request

        text = json.dumps({"epoch": epoch, **(logs or {})}, default=lambda value: np.asarray(value).tolist())
        headers = dict(self.headers or {})
        if self.send_as_json:
            body = text.encode()
            headers.setdefault("Content-Type", "application/json")
        else:
            body = parse.urlencode({self.field: text}).encode()
        try:
            with request.urlopen(request.Request(self.root + self.path, body, headers), timeout=10):
                pass
        except (error.URLError, OSError) as reason:
            warnings.warn(f"Could not reach RemoteMonitor root server at {self.root}: {reason}", stacklevel=2)
