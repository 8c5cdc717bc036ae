"""The progress bar of `fit`, `evaluate` and `predict`."""

from __future__ import annotations

import time
from typing import Any

from functape.keras.callbacks._callback import Callback
from functape.keras.callbacks._logs import as_numbers
from functape.keras.utils._progress import Progbar, print_msg


class ProgbarLogger(Callback):
    """Shows how far training is (`tf.keras.callbacks.ProgbarLogger`); `fit` adds one unless `verbose=0`.

    **Arguments:**
    - `count_mode`, `stateful_metrics`: Keras 2's arguments; steps are counted.

    **Raises:** `ValueError` for another mode.
    """

    def __init__(self, count_mode: str = "steps", stateful_metrics: Any = None) -> None:
        super().__init__()
        if count_mode not in ("steps", "samples"):
            raise ValueError(f"Unknown `count_mode`: {count_mode}. Expected values are ['samples', 'steps']")
        self.seen = 0
        self.progbar: Any = None
        self.target: int | None = None
        self.verbose: Any = 1
        self.epochs = 1
        self._in_fit = False
        self._shown = 0.0

    def set_params(self, params: dict[str, Any]) -> None:
        """Take `verbose`, `epochs` and `steps`."""
        verbose = params["verbose"]
        self.verbose = 1 if verbose == "auto" else int(verbose)
        self.epochs = params["epochs"]
        self.target = params["steps"]

    def on_train_begin(self, logs: Any = None) -> None:
        """Note that what is evaluated from here on is part of training."""
        self._in_fit = True

    def on_train_end(self, logs: Any = None) -> None:
        """The opposite."""
        self._in_fit = False

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin a bar."""
        self._begin()
        if self.verbose and self.epochs > 1:
            print_msg(f"Epoch {epoch + 1}/{self.epochs}")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """End the bar."""
        self._end(logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin a bar, unless there is one for training."""
        if not self._in_fit:
            self._begin()

    def on_test_end(self, logs: Any = None) -> None:
        """End the bar."""
        if not self._in_fit:
            self._end(logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin a bar."""
        self._begin()

    def on_predict_end(self, logs: Any = None) -> None:
        """End the bar."""
        self._end(logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar."""
        self._move(batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar, unless it is that of training."""
        if not self._in_fit:
            self._move(batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Move the bar."""
        self._move(batch, None)

    def _begin(self) -> None:
        self.seen = 0
        self._shown = 0.0
        self.progbar = Progbar(target=self.target, verbose=self.verbose, unit_name="step")

    def _move(self, batch: int, logs: Any) -> None:
        self.seen = batch + 1
        if self.verbose != 1:
            return
        now = time.time()
        if now - self._shown < self.progbar.interval and self._shown and self.seen != 1:
            # Nothing would be shown: the results stay on the device.
            return
        self._shown = now
        self.progbar.update(self.seen, list(as_numbers(logs).items()), finalize=False)

    def _end(self, logs: Any) -> None:
        if self.target is None:
            self.target = self.seen
        self.progbar.target = self.target
        self.progbar.update(self.target, list(as_numbers(logs).items()), finalize=True)
