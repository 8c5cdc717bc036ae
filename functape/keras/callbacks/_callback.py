"""What is told about training: the base of the callbacks, and the one that keeps its history."""

from __future__ import annotations

from typing import Any


class Callback:
    """The base of the callbacks (`tf.keras.callbacks.Callback`): subclasses override what they need.

    `model` is the model being trained, `params` a dict of `verbose`, `epochs` and `steps`. `logs` holds numbers by
    name.

    ```python
    >>> import functape as tf
    >>> class Epochs(tf.keras.callbacks.Callback):
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         print(epoch, sorted(logs))
    >>> model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> _ = model.fit(tf.ones((4, 1)), tf.ones((4, 1)), epochs=2, verbose=0, callbacks=[Epochs()])
    0 ['loss']
    1 ['loss']

    ```
    """

    def __init__(self) -> None:
        self.params: Any = None
        self._model: Any = None
        self.validation_data: Any = None

    params: Any = None
    _model: Any = None

    @property
    def model(self) -> Any:
        """The model being trained."""
        return self._model

    @model.setter
    def model(self, model: Any) -> None:
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called with `verbose`, `epochs` and `steps`."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Called with the model."""
        self._model = model

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """As `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """As `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before an epoch of training."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after an epoch of training, with its results, those of validation as `val_...`."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of training."""
        self.on_batch_begin(batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of training, with the results since the epoch began."""
        self.on_batch_end(batch, logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of evaluation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of evaluation, with the results so far."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before a batch of prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after a batch of prediction, with its `outputs`."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Called before training."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called after training, with the results of the last epoch."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Called before evaluation."""

    def on_test_end(self, logs: Any = None) -> None:
        """Called after evaluation, with its results."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called before prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Called after prediction."""


class History(Callback):
    """Keeps the results of all epochs (`tf.keras.callbacks.History`); `fit` returns one.

    `history` has a list for each metric, `epoch` the numbers of the epochs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin to count epochs."""
        self.epoch = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the results."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self


def overrides(callback: Any, *names: str) -> bool:
    """Whether a callback does something in one of these methods."""
    for name in names:
        method = getattr(callback, name, None)
        if method is None:
            continue
        plain = getattr(Callback, name)
        if name in vars(callback) or getattr(type(callback), name, plain) is not plain:
            return True
    return False
