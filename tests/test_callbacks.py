"""Callbacks against tf.keras: what they are told, when they stop training, and what they write."""

from __future__ import annotations

import csv

import numpy as np
import pytest
import tensorflow as tf

import functape as ft

SIDES = (tf, ft)
X = np.random.RandomState(0).rand(40, 4).astype("float32")
Y = np.random.RandomState(1).rand(40, 1).astype("float32")


def _fit(side, callbacks, rate=0.05, epochs=6, loss="mse", **given):
    side.keras.utils.set_random_seed(3)
    model = side.keras.Sequential([side.keras.Input((4,)), side.keras.layers.Dense(1)])
    model.compile(side.keras.optimizers.SGD(rate), loss, metrics=["mae"])
    given = {"epochs": epochs, "verbose": 0, "batch_size": 10, **given}
    return model, model.fit(X, Y, callbacks=callbacks(side.keras.callbacks), **given)


def _told(log):
    def make(callbacks):
        class Told(callbacks.Callback):
            pass

        def teller(name):
            def method(self, *args, **kwargs):
                logs = kwargs.get("logs", args[-1] if args and isinstance(args[-1], dict) else None)
                place = [each for each in args if isinstance(each, int)]
                log.append((name, *place, tuple(logs or ())))

            return method

        for what in ("train", "test", "predict"):
            for when in ("begin", "end"):
                setattr(Told, f"on_{what}_{when}", teller(f"on_{what}_{when}"))
                setattr(Told, f"on_{what}_batch_{when}", teller(f"on_{what}_batch_{when}"))
        for when in ("begin", "end"):
            setattr(Told, f"on_epoch_{when}", teller(f"on_epoch_{when}"))
        return [Told()]

    return make


def test_what_callbacks_are_told():
    logs = []
    for side in SIDES:
        log = []
        model, _ = _fit(side, _told(log), epochs=2, validation_split=0.5)
        told = _told(log)(side.keras.callbacks)
        model.evaluate(X, Y, verbose=0, callbacks=told)
        model.predict(X, verbose=0, callbacks=told)
        logs.append(log)
    assert logs[1] == logs[0]


SETTINGS = {
    "early stopping": (lambda c: [c.EarlyStopping("loss", min_delta=0.01, patience=1)], {}),
    "early stopping, best weights": (
        lambda c: [c.EarlyStopping("val_loss", patience=2, restore_best_weights=True)],
        {"rate": 0.9, "validation_split": 0.5},
    ),
    "early stopping, mode": (lambda c: [c.EarlyStopping("mae", mode="max", patience=1)], {}),
    "early stopping, metric": (lambda c: [c.EarlyStopping("mae", patience=1, min_delta=0.05)], {}),
    "early stopping, baseline": (lambda c: [c.EarlyStopping("loss", baseline=0.0001, patience=2)], {}),
    "early stopping, later": (lambda c: [c.EarlyStopping("loss", min_delta=1.0, start_from_epoch=3)], {}),
    "schedule": (lambda c: [c.LearningRateScheduler(lambda epoch, rate: rate * 0.5)], {}),
    "schedule of the epoch": (lambda c: [c.LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))], {}),
    "plateau": (lambda c: [c.ReduceLROnPlateau("loss", patience=1, min_delta=0.05, factor=0.5)], {}),
    "plateau, cooldown": (
        lambda c: [c.ReduceLROnPlateau("loss", patience=1, min_delta=0.5, cooldown=1, min_lr=0.02)],
        {},
    ),
    "nan": (lambda c: [c.TerminateOnNaN()], {"rate": 1e30}),
    "averages": (lambda c: [], {}),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", SETTINGS)
def test_training_with(name, capsys):
    callbacks, given = SETTINGS[name]
    (theirs, wanted), (mine, found) = (_fit(side, callbacks, **given) for side in SIDES)
    assert found.epoch == wanted.epoch
    assert list(found.history) == list(wanted.history)
    for key, values in wanted.history.items():
        np.testing.assert_allclose(found.history[key], values, rtol=1e-3, atol=1e-5, err_msg=key)
    for left, right in zip(mine.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-3, atol=1e-5)


def test_messages(capsys):
    def run(side):
        def callbacks(known):
            return [
                known.LearningRateScheduler(lambda epoch, rate: rate * 0.5, verbose=1),
                known.ReduceLROnPlateau("loss", patience=1, min_delta=5.0, factor=0.5, verbose=1),
                known.EarlyStopping("loss", min_delta=5.0, patience=2, verbose=1, restore_best_weights=True),
            ]

        capsys.readouterr()
        _fit(side, callbacks, rate=0.5)
        return capsys.readouterr().out

    theirs, mine = map(run, SIDES)
    assert mine == theirs


def test_one_line_an_epoch(capsys):
    def run(side):
        capsys.readouterr()
        _fit(side, lambda known: [], epochs=2, verbose=2, validation_split=0.5)
        lines = capsys.readouterr().out.splitlines()
        return [
            [part for part in line.split(" - ") if not part.endswith("step") and part[-1:] != "s"] for line in lines
        ]

    theirs, mine = map(run, SIDES)
    assert mine == theirs


def test_a_progress_bar(capsys):
    _fit(ft, lambda known: [], epochs=2, verbose=1)
    shown = capsys.readouterr().out
    assert "Epoch 1/2" in shown and "4/4" in shown and "loss: " in shown and "━" in shown


def test_csv_logger(tmp_path):
    rows = []
    for place, side in enumerate(SIDES):
        path = tmp_path / f"{place}.csv"
        _fit(side, lambda known, path=path: [known.CSVLogger(path)], epochs=2)
        _fit(side, lambda known, path=path: [known.CSVLogger(path, append=True)], epochs=1)
        with open(path) as file:
            rows.append(list(csv.DictReader(file)))
    assert len(rows[0]) == len(rows[1]) == 3
    for left, right in zip(rows[1], rows[0], strict=True):
        assert list(left) == list(right)
        np.testing.assert_allclose(float(left["loss"]), float(right["loss"]), rtol=1e-3)
        assert left["val_loss"] == right["val_loss"] == "NA"


def test_lambda_callback():
    for side in SIDES:
        seen = []
        made = side.keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs, seen=seen: seen.append((epoch, sorted(logs))),
            on_train_batch_end=lambda batch, logs, seen=seen: seen.append(batch),
        )
        _fit(side, lambda known, made=made: [made], epochs=1)
        assert seen == [0, 1, 2, 3, (0, ["loss", "mae"])]


class _Saves(ft.keras.Sequential):
    """A model that notes what it is told to save."""

    saved: tuple = ()

    def save(self, filepath, overwrite=True, **kwargs):
        object.__setattr__(self, "saved", (*self.saved, filepath))

    def save_weights(self, filepath, overwrite=True, **kwargs):
        object.__setattr__(self, "saved", (*self.saved, filepath))
        with open(filepath, "wb") as file:
            np.savez(file, *self.get_weights())

    def load_weights(self, filepath, **kwargs):
        with np.load(filepath) as stored:
            self.set_weights([stored[name] for name in stored.files])


def _saving(callback, epochs=3, **given):
    ft.keras.utils.set_random_seed(3)
    model = _Saves([ft.keras.Input((4,)), ft.keras.layers.Dense(1)])
    model.compile(ft.keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    history = model.fit(X, Y, epochs=epochs, batch_size=10, verbose=0, callbacks=[callback], **given)
    return model, history


def test_model_checkpoint(tmp_path):
    known = ft.keras.callbacks
    model, _ = _saving(known.ModelCheckpoint(tmp_path / "m-{epoch:02d}.keras"))
    assert [each.rsplit("/", 1)[1] for each in model.saved] == ["m-01.keras", "m-02.keras", "m-03.keras"]
    best = known.ModelCheckpoint(str(tmp_path / "{epoch}.keras"), monitor="mae", mode="max", save_best_only=True)
    model, history = _saving(best)
    assert len(model.saved) == 1 and best.best == max(history.history["mae"])
    often = known.ModelCheckpoint(str(tmp_path / "{epoch}-{batch}.keras"), save_freq=3)
    model, _ = _saving(often)
    assert [each.rsplit("/", 1)[1] for each in model.saved] == ["1-3.keras", "2-2.keras", "3-1.keras", "3-4.keras"]


def test_backup_and_restore(tmp_path):
    folder = tmp_path / "backup"
    known = ft.keras.callbacks

    class Interrupt(known.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    ft.keras.utils.set_random_seed(3)
    _, expected = _saving(known.BackupAndRestore(folder, delete_checkpoint=False), epochs=4)
    for path in folder.iterdir():
        path.unlink()
    backup = known.BackupAndRestore(folder)
    ft.keras.utils.set_random_seed(3)
    model = _Saves([ft.keras.Input((4,)), ft.keras.layers.Dense(1)])
    model.compile(ft.keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=4, batch_size=10, verbose=0, callbacks=[backup, Interrupt()])
    _, history = _saving(known.BackupAndRestore(folder), epochs=4)
    assert history.epoch == [2, 3] and not folder.exists()
    np.testing.assert_allclose(history.history["loss"], expected.history["loss"][2:], rtol=1e-5)


def test_averages_of_weights():
    def run(side):
        side.keras.utils.set_random_seed(3)
        model = side.keras.Sequential([side.keras.Input((4,)), side.keras.layers.Dense(1)])
        model.compile(side.keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "mse")
        swap = side.keras.callbacks.SwapEMAWeights()
        history = model.fit(X, Y, epochs=3, verbose=0, batch_size=10, validation_data=(X, Y), callbacks=[swap])
        return history.history, model.get_weights()

    (wanted, weights), (found, mine) = map(run, SIDES)
    for key in wanted:
        np.testing.assert_allclose(found[key], wanted[key], rtol=1e-4)
    for left, right in zip(mine, weights, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-6)


ERRORS = {
    "factor": lambda known: known.ReduceLROnPlateau(factor=1.0),
    "weights file": lambda known: known.ModelCheckpoint("a.keras", save_weights_only=True),
    "model file": lambda known: known.ModelCheckpoint("a"),
    "frequency": lambda known: known.ModelCheckpoint("a.keras", save_freq="x"),
    "folder": lambda known: known.BackupAndRestore(""),
    "backup frequency": lambda known: known.BackupAndRestore("a", save_freq="x"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    for side in SIDES:
        with pytest.raises(ValueError):
            ERRORS[name](side.keras.callbacks)


def test_a_metric_without_a_direction_is_an_error():
    for side in SIDES:
        with pytest.raises(ValueError, match="mode='max'"):
            _fit(side, lambda known: [known.EarlyStopping("nothing")], epochs=1)


def test_remote_monitor_warns_when_nobody_listens():
    with pytest.warns(UserWarning, match="Could not reach"):
        _fit(ft, lambda known: [known.RemoteMonitor("http://127.0.0.1:9")], epochs=1)
