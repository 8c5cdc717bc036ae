"""Callbacks that write: TensorBoard's event files, checkpoints and backups, of a model with Dropout."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import functape

X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
Y = X.sum(1, keepdims=True)


def _model(k: Any) -> Any:
    k.utils.set_random_seed(3)
    layers = [k.Input((3,)), k.layers.Dense(4, activation="tanh"), k.layers.Dropout(0.5), k.layers.Dense(1)]
    model = k.Sequential(layers)
    model.compile(k.optimizers.Adam(0.05), "mse", metrics=["mae"])
    return model


def _fit(model: Any, callbacks: list[Any], epochs: int = 2, **others: Any) -> dict[str, Any]:
    found = model.fit(X, Y, batch_size=8, epochs=epochs, verbose=0, shuffle=False, callbacks=callbacks, **others)
    return found.history


def _scalars(folder: Path) -> dict[str, list[int]]:
    found = {}
    for part in ("train", "validation"):
        events = EventAccumulator(str(folder / part)).Reload()
        for tag in (*events.Tags()["scalars"], *events.Tags()["tensors"]):
            series = events.Tensors(tag) if tag in events.Tags()["tensors"] else events.Scalars(tag)
            found[f"{part}/{tag}"] = [each.step for each in series]
    return found


def test_tensorboard_reads_what_keras_writes_and_what_functape_writes(tmp_path: Path) -> None:
    written = {}
    for name, k in (("theirs", tensorflow.keras), ("ours", functape.keras)):
        folder = tmp_path / name
        board = k.callbacks.TensorBoard(folder, update_freq="epoch", write_graph=False)
        _fit(_model(k), [board], validation_data=(X, Y))
        written[name] = {tag: steps for tag, steps in _scalars(folder).items() if "epoch" in tag or "learning" in tag}
    assert written["ours"] == written["theirs"]
    assert glob.glob(str(tmp_path / "ours" / "train" / "events*"))


def test_dropout_draws_keras_numbers_in_fit() -> None:
    histories = [_fit(_model(k), []) for k in (tensorflow.keras, functape.keras)]
    for name in histories[0]:
        np.testing.assert_allclose(histories[1][name], histories[0][name], 1e-4)


def test_a_checkpoint_of_the_best_model_is_read_back(tmp_path: Path) -> None:
    k = functape.keras
    path = tmp_path / "best.keras"
    model = _model(k)
    history = _fit(model, [k.callbacks.ModelCheckpoint(path, monitor="loss", save_best_only=True)], 3)
    again = k.models.load_model(path)
    evaluated = again.evaluate(X, Y, verbose=0, return_dict=True)
    assert set(evaluated) == {"loss", "mae"}
    if int(np.argmin(history["loss"])) == 2:
        np.testing.assert_allclose(again(X).numpy(), model(X).numpy(), 1e-6)
    # The optimizer's state is there too: training goes on as it would have.
    assert int(again.optimizer.iterations) == 2 * (1 + int(np.argmin(history["loss"])))


def test_weights_that_keras_reads(tmp_path: Path) -> None:
    path = tmp_path / "model.weights.h5"
    model = _model(functape.keras)
    _fit(model, [functape.keras.callbacks.ModelCheckpoint(path, save_weights_only=True)])
    theirs = _model(tensorflow.keras)
    theirs.load_weights(path)
    np.testing.assert_allclose(theirs(X).numpy(), model(X).numpy(), 1e-5, 1e-6)


def test_training_goes_on_after_an_interruption(tmp_path: Path) -> None:
    k = functape.keras

    class Interruption(k.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            if epoch == 2:
                raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        _fit(_model(k), [k.callbacks.BackupAndRestore(tmp_path), Interruption()], 4)
    resumed = _model(k)
    history = _fit(resumed, [k.callbacks.BackupAndRestore(tmp_path)], 4)
    assert len(history["loss"]) == 2
    assert int(resumed.optimizer.iterations) == 8
