"""Callbacks that change the learning rate."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape.keras.callbacks._callback import Callback
from functape.keras.callbacks._monitor import MonitorCallback
from functape.keras.utils._progress import print_msg


def _optimizers(model: Any) -> Iterator[tuple[str, Any]]:
    """The optimizers of a model, each with the suffix its learning rate has in the logs."""
    several = getattr(model.optimizer, "optimizers", None)
    if several is None:
        yield "", model.optimizer
    else:
        for each in several:
            yield f"_{each.name}", each


def _rate(optimizer: Any) -> float:
    return float(np.asarray(optimizer.learning_rate))


def _log_rates(model: Any, logs: Any) -> None:
    for suffix, optimizer in _optimizers(model):
        logs[f"learning_rate{suffix}"] = _rate(optimizer)


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch (`tf.keras.callbacks.LearningRateScheduler`).

    **Arguments:**
    - `schedule`: a function of the epoch's number and the present rate, or of the number alone, that returns a float.
    - `verbose`: whether to say so.

    ```python
    >>> import functape as tf
    >>> halve = tf.keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    >>> model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    >>> model.compile(tf.keras.optimizers.SGD(0.5), "mse")
    >>> history = model.fit(tf.ones((4, 1)), tf.ones((4, 1)), epochs=2, verbose=0, callbacks=[halve])
    >>> history.history["learning_rate"]
    [0.25, 0.125]

    ```
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the rate.

        **Raises:** `ValueError` if there is none to set, or the schedule returns no float.
        """
        for suffix, optimizer in _optimizers(self.model):
            if not hasattr(optimizer, "learning_rate"):
                raise ValueError('Optimizer must have a "learning_rate" attribute.')
            try:
                rate = self.schedule(epoch, _rate(optimizer))
            except TypeError:
                rate = self.schedule(epoch)
            if hasattr(rate, "numpy"):
                rate = rate.numpy()
            if not isinstance(rate, float | np.floating) and not (
                isinstance(rate, np.ndarray) and rate.ndim == 0 and rate.dtype.kind == "f"
            ):
                raise ValueError(f"The output of the `schedule` function should be a float. Got: {rate}")
            optimizer.learning_rate = float(rate)
            if self.verbose > 0:
                whose = f"{suffix[1:]} " if suffix else ""
                print_msg(f"\nEpoch {epoch + 1}: LearningRateScheduler setting {whose}learning rate to {rate}.")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the rate into the logs."""
        _log_rates(self.model, {} if logs is None else logs)


class ReduceLROnPlateau(MonitorCallback):
    """Lowers the learning rate when a number gets no better (`tf.keras.callbacks.ReduceLROnPlateau`).

    **Arguments:**
    - `monitor`: the number's name in the logs.
    - `factor`: what the rate is multiplied by; below 1.
    - `patience`: after how many epochs.
    - `verbose`: whether to say so.
    - `mode`: `"min"`, `"max"` or `"auto"`.
    - `min_delta`: the least change that counts as better.
    - `cooldown`: epochs to wait after lowering it.
    - `min_lr`: the lowest rate.
    - `kwargs`: Keras 2's `epsilon`, the old name of `min_delta`.

    **Raises:** `ValueError` for a factor of 1 or more.
    """

    def __init__(
        self, monitor: str = "val_loss", factor: float = 0.1, patience: int = 10, verbose: int = 0, mode: str = "auto",
        min_delta: float = 1e-4, cooldown: int = 0, min_lr: float = 0.0, **kwargs: Any,
    ) -> None:  # fmt: skip
        min_delta = kwargs.pop("epsilon", min_delta)
        if kwargs:
            raise TypeError(f"ReduceLROnPlateau got unexpected keyword arguments: {sorted(kwargs)}")
        super().__init__(monitor, mode, None, min_delta)
        if factor >= 1.0:
            raise ValueError(f"ReduceLROnPlateau does not support a factor >= 1.0. Received factor={factor}")
        self.factor = factor
        self.min_lr = min_lr
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.cooldown_counter = 0
        self.wait = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew."""
        self.best = None
        self.cooldown_counter = 0
        self.wait = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look whether the number got better."""
        self._find_direction()
        logs = {} if logs is None else logs
        _log_rates(self.model, logs)
        current = logs.get(self.monitor)
        if current is None:
            warnings.warn(
                f"Learning rate reduction is conditioned on metric `{self.monitor}` which is not available. Available "
                f"metrics are: {','.join(logs)}.",
                stacklevel=2,
            )
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._is_better(current, self.best):
            self.best = current
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                reduced = [self._reduce(*each, epoch) for each in _optimizers(self.model)]
                if any(reduced):
                    self.cooldown_counter = self.cooldown
                    self.wait = 0

    def _reduce(self, suffix: str, optimizer: Any, epoch: int) -> bool:
        old = _rate(optimizer)
        if old <= np.float32(self.min_lr):
            return False
        new = max(old * self.factor, self.min_lr)
        optimizer.learning_rate = new
        if self.verbose > 0:
            whose = f" {suffix[1:]}" if suffix else ""
            print_msg(f"\nEpoch {epoch + 1}: ReduceLROnPlateau reducing{whose} learning rate to {new}.")
        return True

    def in_cooldown(self) -> bool:
        """Whether it waits after having lowered the rate."""
        return self.cooldown_counter > 0
