"""Results as event files that TensorBoard shows."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from functape.keras.callbacks._callback import Callback
from functape.keras.callbacks._rates import _optimizers, _rate


class TensorBoard(Callback):
    """Writes the results for TensorBoard (`tf.keras.callbacks.TensorBoard`).

    **Arguments:**
    - `log_dir`: the folder, in which `train` and `validation` are made.
    - `histogram_freq`: after how many epochs the weights' histograms are written; 0 for never.
    - `write_graph`: accepted; there is no TensorFlow graph to write.
    - `write_images`: whether weights are written as images too, beside their histograms.
    - `write_steps_per_second`: whether the speed is written.
    - `update_freq`: `"epoch"`, `"batch"` or a number of batches: when results are written.
    - `profile_batch`: 0; use `jax.profiler` for profiles.
    - `embeddings_freq`: after how many epochs the weights are saved for the projector; 0 for never.
    - `embeddings_metadata`: not supported; must be None.

    **Raises:** `ValueError` for another frequency, or an argument that is not supported.
    """

    def __init__(
        self, log_dir: Any = "logs", histogram_freq: int = 0, write_graph: bool = True, write_images: bool = False,
        write_steps_per_second: bool = False, update_freq: Any = "epoch", profile_batch: Any = 0,
        embeddings_freq: int = 0, embeddings_metadata: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        unknown = sorted(set(kwargs) - {"batch_size", "write_grads"})
        if unknown:
            raise ValueError(f"Unrecognized arguments in `TensorBoard` Callback: {unknown}")
        if embeddings_metadata is not None:
            raise ValueError("`embeddings_metadata` is not supported: write the projector's configuration yourself.")
        if update_freq not in ("epoch", "batch") and not isinstance(update_freq, int):
            raise ValueError(f"`update_freq` must be 'epoch', 'batch' or a number. Received: {update_freq!r}")
        if profile_batch not in (0, None, False):
            raise ValueError(
                f"Profiles are taken with jax.profiler. Received: profile_batch={profile_batch} (must be 0)"
            )
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_images = write_images
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_freq = embeddings_freq
        self._writers: dict[str, Any] = {}
        self._batches = {"train": 0, "validation": 0}
        self._epoch_began = self._batch_began = 0.0
        self._iterations = 0.0

    def set_model(self, model: Any) -> None:
        """Begin with new files."""
        super().set_model(model)
        self._writers = {}

    def _write(self, part: str, values: dict[str, Any], step: int) -> None:
        from functape import summary

        if part not in self._writers:
            self._writers[part] = summary.create_file_writer(os.path.join(self.log_dir, part))
        with self._writers[part].as_default():
            for name, value in values.items():
                summary.scalar(name, value, step=step)

    def _writes_batch(self, part: str) -> bool:
        return self.update_freq != "epoch" and self._batches[part] % self.update_freq == 0

    # ---- training --------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        """Count batches anew."""
        self._batches["train"] = 0

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Count the batch."""
        self._batches["train"] += 1
        self._batch_began = time.time()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Write the results so far, if they are written so often."""
        if not self._writes_batch("train"):
            return
        values = {f"batch_{name}": value for name, value in (logs or {}).items()}
        if self.write_steps_per_second:
            values["batch_steps_per_second"] = 1.0 / max(time.time() - self._batch_began, 1e-9)
        self._write("train", values, self._batches["train"])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Note the time."""
        self._epoch_began = time.time()
        if self.write_steps_per_second:
            self._iterations = float(np.asarray(self.model.optimizer.iterations))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the results, and what else is due."""
        logs = logs or {}
        train = {name: value for name, value in logs.items() if not name.startswith("val_")}
        validation = {name[4:]: value for name, value in logs.items() if name.startswith("val_")}
        if train:
            for suffix, optimizer in _optimizers(self.model):
                train[f"learning_rate{suffix}"] = _rate(optimizer)
            if self.write_steps_per_second:
                steps = float(np.asarray(self.model.optimizer.iterations)) - self._iterations
                train["steps_per_second"] = steps / max(time.time() - self._epoch_began, 1e-9)
            self._write("train", {f"epoch_{name}": value for name, value in train.items()}, epoch)
        if validation:
            self._write("validation", {f"epoch_{name}": value for name, value in validation.items()}, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            folder = os.path.join(self.log_dir, "train")
            os.makedirs(folder, exist_ok=True)
            self.model.save_weights(os.path.join(folder, f"keras_embedding.ckpt-{epoch}.weights.h5"))

    def on_train_end(self, logs: Any = None) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

    # ---- evaluation ------------------------------------------------------------------------------------------

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Count the batch."""
        self._batches["validation"] += 1

    def on_test_end(self, logs: Any = None) -> None:
        """Write the results against the optimizer's steps."""
        if self.model.optimizer is not None and logs:
            step = int(np.asarray(self.model.optimizer.iterations))
            values = {f"evaluation_{name}_vs_iterations": value for name, value in logs.items()}
            self._write("validation", values, step)

    # ---- weights ---------------------------------------------------------------------------------------------

    def _write_weights(self, epoch: int) -> None:
        from functape import summary

        with self._writers["train"].as_default():
            for layer in self.model.layers:
                for weight in layer.weights:
                    name = getattr(weight, "path", weight.name).replace(":", "_")
                    summary.histogram(f"{name}/histogram", weight, step=epoch)
                    image = _as_image(weight.numpy()) if self.write_images else None
                    if image is not None:
                        summary.image(f"{name}/image", image, step=epoch)
            self._writers["train"].flush()


def _as_image(weight: Any) -> Any:
    """A weight as pictures, float[count, height, width, 1]; None if it is none."""
    squeezed = np.squeeze(weight)
    if squeezed.ndim == 1:
        return squeezed.reshape(1, -1, 1, 1)
    if squeezed.ndim == 2:
        squeezed = squeezed.T if squeezed.shape[0] > squeezed.shape[1] else squeezed
        return squeezed[None, :, :, None]
    return np.moveaxis(squeezed, 2, 0)[..., None] if squeezed.ndim == 3 else None
