"""Saving the model while it is trained."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from functape.keras.callbacks._monitor import MonitorCallback
from functape.keras.callbacks._saving import Frequency
from functape.keras.utils._progress import print_msg


class ModelCheckpoint(MonitorCallback):
    """Saves the model or its weights (`tf.keras.callbacks.ModelCheckpoint`).

    **Arguments:**
    - `filepath`: the file, with `{epoch}` and the names of metrics filled in; it ends in `.keras` or `.h5`, or in
      `.weights.h5` for weights.
    - `monitor`: the number that tells which model is best.
    - `verbose`: whether to say when the model is saved.
    - `save_best_only`: whether only models better than all before are saved.
    - `save_weights_only`: whether only the weights are saved.
    - `mode`: `"min"`, `"max"` or `"auto"`.
    - `save_freq`: `"epoch"`, or a number of batches.
    - `initial_value_threshold`: what the first model saved must beat.
    - `kwargs`: Keras 2's `period`, a number of epochs, and `options`, which must be None.

    **Raises:** `ValueError` for a file of another kind, or another frequency.
    """

    def __init__(
        self, filepath: Any, monitor: str = "val_loss", verbose: int = 0, save_best_only: bool = False,
        save_weights_only: bool = False, mode: str = "auto", save_freq: Any = "epoch",
        initial_value_threshold: float | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        period = kwargs.pop("period", 1)
        if kwargs.pop("options", None) is not None or kwargs:
            raise TypeError(f"ModelCheckpoint got unexpected keyword arguments: {sorted(kwargs) or ['options']}")
        super().__init__(monitor, mode, initial_value_threshold)
        self.verbose = verbose
        self.filepath = os.fspath(filepath)
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._frequency = Frequency(
            save_freq, f"Unrecognized save_freq: {save_freq}. Expected save_freq are 'epoch' or integer values"
        )
        self._period = period
        self._epoch = 0
        if save_weights_only:
            if not self.filepath.endswith(".weights.h5"):
                raise ValueError(
                    "When using `save_weights_only=True` in `ModelCheckpoint`, the filepath provided must end in "
                    f"`.weights.h5` (Keras weights format). Received: filepath={self.filepath}"
                )
        elif not self.filepath.endswith((".keras", ".h5")):
            raise ValueError(
                "The filepath provided must end in `.keras` (Keras model format). Received: "
                f"filepath={self.filepath}"
            )  # fmt: skip

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the epoch's number."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save the model, if it is saved after so many batches."""
        if self._frequency.is_due(batch):
            self._find_direction()
            self._save(self._epoch, batch, logs or {})

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save the model, if it is saved after epochs."""
        if self.save_best_only:
            self._find_direction()
        if self._frequency.each_epoch and (epoch + 1) % self._period == 0:
            self._save(epoch, None, logs or {})

    def _path(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> str:
        names = {"epoch": epoch + 1, **({} if batch is None else {"batch": batch + 1}), **logs}
        try:
            return self.filepath.format(**names)
        except KeyError as error:
            raise KeyError(f'Failed to format this callback filepath: "{self.filepath}". Reason: {error}') from error

    def _save(self, epoch: int, batch: int | None, logs: dict[str, Any]) -> None:
        path = self._path(epoch, batch, logs)
        if not self._is_worth_saving(epoch, logs, path):
            return
        if os.path.isdir(path):
            raise OSError(
                "Please specify a non-directory filepath for ModelCheckpoint. Filepath used is an existing directory: "
                f"{path}"
            )
        if os.path.dirname(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path, overwrite=True)
        else:
            self.model.save(path, overwrite=True)
        if self.verbose > 0:
            print_msg(f"\nEpoch {epoch + 1}: finished saving model to {path}")

    def _is_worth_saving(self, epoch: int, logs: dict[str, Any], path: str) -> bool:
        prefix = f"\nEpoch {epoch + 1}: "
        if not self.save_best_only:
            self._say(f"{prefix}saving model to {path}")
            return True
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(f"Can save best model only with {self.monitor} available.", stacklevel=3)
            return True
        if np.ndim(current):
            warnings.warn(
                f"Can save best model only when `monitor` is a scalar value. Received: {current}. Falling back to "
                "`save_best_only=False`.",
                stacklevel=3,
            )
            return True
        before = "None" if self.best is None else f"{self.best:.5f}"
        if not self._is_better(current, self.best):
            self._say(f"{prefix}{self.monitor} did not improve from {before}")
            return False
        self._say(f"{prefix}{self.monitor} improved from {before} to {current:.5f}, saving model to {path}")
        self.best = current
        return True

    def _say(self, text: str) -> None:
        if self.verbose > 0:
            print_msg(text)
