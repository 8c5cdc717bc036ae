"""Callbacks that end training."""

from __future__ import annotations

import math
import warnings
from typing import Any

from functape.keras.callbacks._callback import Callback
from functape.keras.callbacks._monitor import MonitorCallback
from functape.keras.utils._progress import print_msg


class EarlyStopping(MonitorCallback):
    """Ends training when a number gets no better (`tf.keras.callbacks.EarlyStopping`).

    **Arguments:**
    - `monitor`: the number's name in the logs.
    - `min_delta`: the least change that counts as better.
    - `patience`: after how many epochs without it training ends.
    - `verbose`: whether to say so.
    - `mode`: `"min"`, `"max"` or `"auto"`.
    - `baseline`: a value that must be beaten.
    - `restore_best_weights`: whether the model gets the weights of its best epoch back.
    - `start_from_epoch`: the first epoch that counts.

    ```python
    >>> import functape as tf
    >>> stop = tf.keras.callbacks.EarlyStopping(monitor="loss", patience=2)
    >>> stop.patience, stop.stopped_epoch
    (2, 0)

    ```
    """

    def __init__(
        self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, verbose: int = 0, mode: str = "auto",
        baseline: Any = None, restore_best_weights: bool = False, start_from_epoch: int = 0,
    ) -> None:  # fmt: skip
        super().__init__(monitor, mode, None, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.wait = 0
        self.stopped_epoch = 0
        self.restore_best_weights = restore_best_weights
        self.best_weights: Any = None
        self.best_epoch = 0
        self.start_from_epoch = start_from_epoch

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew."""
        self.wait = 0
        self.stopped_epoch = 0
        self.best = None
        self.best_weights = None
        self.best_epoch = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look whether the number got better."""
        self._find_direction()
        current = self.get_monitor_value(logs)
        if current is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if self._is_better(current, self.best):
            self.best = current
            self.best_epoch = epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._is_better(current, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Any = None) -> None:
        """Give the model its best weights, if that was asked for."""
        if self.stopped_epoch > 0 and self.verbose > 0:
            print_msg(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.restore_best_weights and self.best_weights is not None:
            if self.verbose > 0:
                print_msg(f"Restoring model weights from the end of the best epoch: {self.best_epoch + 1}.")
            self.model.set_weights(self.best_weights)

    def get_monitor_value(self, logs: Any) -> Any:
        """The watched number; None, with a warning, if there is none."""
        value = (logs or {}).get(self.monitor)
        if value is None:
            warnings.warn(
                f"Early stopping conditioned on metric `{self.monitor}` which is not available. Available metrics are: "
                f"{','.join(logs or {})}",
                stacklevel=3,
            )
        return value


class TerminateOnNaN(Callback):
    """Ends training when the loss is no finite number (`tf.keras.callbacks.TerminateOnNaN`).

    **Arguments:**
    - `raise_error`: whether to raise a `RuntimeError` instead.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Look at the loss.

        **Raises:** `RuntimeError` if that was asked for.
        """
        loss = (logs or {}).get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"NaN or Inf loss encountered at batch {batch}. Loss value: {loss}. Terminating training immediately."
            )
        print_msg(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
