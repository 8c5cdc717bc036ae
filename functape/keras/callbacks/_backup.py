"""Going on with training that was interrupted."""

from __future__ import annotations

import json
import os
import shutil
from typing import Any

from functape.keras.callbacks._callback import Callback
from functape.keras.callbacks._saving import Frequency


class BackupAndRestore(Callback):
    """Saves the state of training, and goes on from there if training was interrupted
    (`tf.keras.callbacks.BackupAndRestore`).

    **Arguments:**
    - `backup_dir`: the folder; nothing else may use it.
    - `save_freq`: `"epoch"`, or a number of batches.
    - `double_checkpoint`: whether the state before the last one is kept too.
    - `delete_checkpoint`: whether the folder is removed when training has ended.
    - `save_before_preemption`: Keras 2's argument; must be False.

    **Raises:** `ValueError` without a folder, or for another frequency.
    """

    def __init__(
        self, backup_dir: Any, save_freq: Any = "epoch", double_checkpoint: bool = False,
        delete_checkpoint: bool = True, save_before_preemption: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if not backup_dir:
            raise ValueError("Empty `backup_dir` argument passed")
        if save_before_preemption:
            raise ValueError("`save_before_preemption` is not supported: there is no cluster that announces it.")
        self.backup_dir = os.fspath(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._frequency = Frequency(
            save_freq,
            f"Invalid value for argument `save_freq`. Received: save_freq={save_freq}. Expected either 'epoch' or an "
            "integer value.",
        )
        self._weights = os.path.join(self.backup_dir, "latest.weights.h5")
        self._state = os.path.join(self.backup_dir, "training_metadata.json")
        self._epoch = 0
        self._batch = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Take the saved state, if there is one.

        **Raises:** `ValueError` if the model has no weights yet.
        """
        try:
            self._load()
        except OSError:
            if not os.path.exists(f"{self._weights}.bkp"):
                raise
            shutil.copy(f"{self._weights}.bkp", self._weights)
            if os.path.exists(f"{self._state}.bkp"):
                shutil.copy(f"{self._state}.bkp", self._state)
            self._load()

    def _load(self) -> None:
        model = self.model
        if not model.built:
            raise ValueError(
                "To use the BackupAndRestore callback, your model must be built before you call `fit()`. Model "
                f"{model} is unbuilt. You can build it beforehand by calling it on a batch of data."
            )
        if os.path.exists(self._weights):
            if model.optimizer is not None and not model.optimizer.built:
                model.optimizer.build(model.trainable_variables)
            model.load_weights(self._weights)
        if os.path.exists(self._state):
            with open(self._state) as file:
                object.__setattr__(model, "_initial_epoch", json.load(file)["epoch"])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Save the state, if it is saved after epochs."""
        self._epoch = epoch + 1
        self._batch = 0
        if self._frequency.each_epoch:
            self._save()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Save the state, if it is saved after so many batches."""
        if self._frequency.is_due(batch):
            self._batch = batch
            self._save()

    def _save(self) -> None:
        os.makedirs(self.backup_dir, exist_ok=True)
        if self.double_checkpoint:
            for path in (self._weights, self._state):
                if os.path.exists(path):
                    shutil.copy(path, f"{path}.bkp")
        self.model.save_weights(self._weights, overwrite=True)
        with open(self._state, "w") as file:
            json.dump({"epoch": self._epoch, "batch": self._batch}, file)

    def on_train_end(self, logs: Any = None) -> None:
        """Remove the folder, if that was asked for."""
        object.__setattr__(self.model, "_initial_epoch", None)
        if self.delete_checkpoint and os.path.exists(self.backup_dir):
            shutil.rmtree(self.backup_dir)
