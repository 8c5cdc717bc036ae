"""The callbacks of one call of `fit`, `evaluate` or `predict`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functape._core import _nest as nest
from functape.keras.callbacks._callback import Callback, History, overrides
from functape.keras.callbacks._logs import as_numbers
from functape.keras.callbacks._progress import ProgbarLogger

_BATCH_METHODS = {
    "on_train_batch_begin": ("on_train_batch_begin", "on_batch_begin"),
    "on_train_batch_end": ("on_train_batch_end", "on_batch_end"),
    "on_test_batch_begin": ("on_test_batch_begin",),
    "on_test_batch_end": ("on_test_batch_end",),
    "on_predict_batch_begin": ("on_predict_batch_begin",),
    "on_predict_batch_end": ("on_predict_batch_end",),
}
"""For each method called with every batch, those that a callback may override to be called."""


class CallbackList(Callback):
    """Several callbacks as one (`tf.keras.callbacks.CallbackList`).

    A batch's results are read from the device only if a callback looks at each batch.

    **Arguments:**
    - `callbacks`: the callbacks, in a structure or alone.
    - `add_history`, `add_progbar`: whether to add a `History` and a `ProgbarLogger` if there is none.
    - `model`: the model.
    - `params`: `verbose`, `epochs` and `steps`.
    """

    def __init__(
        self, callbacks: Any = None, add_history: bool = False, add_progbar: bool = False, model: Any = None,
        **params: Any,
    ) -> None:  # fmt: skip
        super().__init__()
        given = [] if callbacks is None else nest.flatten(callbacks) if nest.is_nested(callbacks) else [callbacks]
        self.callbacks: list[Any] = [each for each in given if each is not None]
        self._history = next((each for each in self.callbacks if isinstance(each, History)), None)
        progress = any(isinstance(each, ProgbarLogger) for each in self.callbacks)
        if add_history and self._history is None:
            self._history = History()
            self.callbacks.append(self._history)
        if add_progbar and not progress:
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
        if params:
            self.set_params(params)
        self._sort_out()

    def _sort_out(self) -> None:
        self._by_method = {
            method: [each for each in self.callbacks if overrides(each, *alternatives)]
            for method, alternatives in _BATCH_METHODS.items()
        }

    def append(self, callback: Any) -> None:
        """Add a callback."""
        self.callbacks.append(callback)
        self._sort_out()

    def set_params(self, params: dict[str, Any]) -> None:
        """Pass on `verbose`, `epochs` and `steps`."""
        self.params = params
        for each in self.callbacks:
            each.set_params(params)

    def set_model(self, model: Any) -> None:
        """Pass on the model, which also gets the history."""
        super().set_model(model)
        if self._history is not None:
            model.history = self._history
        for each in self.callbacks:
            each.set_model(model)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.callbacks)

    # ---- batches ---------------------------------------------------------------------------------------------

    def _begin_batch(self, method: str, batch: int, logs: Any) -> None:
        for each in self._by_method[method]:
            getattr(each, method)(batch, logs={} if logs is None else logs)

    def _end_batch(self, method: str, batch: int, logs: Any) -> None:
        interested = self._by_method[method]
        if not interested:
            return
        numbers: Any = None
        for each in interested:
            if type(each) is ProgbarLogger:
                getattr(each, method)(batch, logs)
                continue
            if numbers is None:
                numbers = as_numbers(logs) if method != "on_predict_batch_end" else logs
            getattr(each, method)(batch, logs=numbers)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._begin_batch("on_train_batch_begin", batch, logs)

    on_batch_begin = on_train_batch_begin

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._end_batch("on_train_batch_end", batch, logs)

    on_batch_end = on_train_batch_end

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._begin_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._end_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._begin_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Tell the callbacks that want to know."""
        self._end_batch("on_predict_batch_end", batch, logs)

    # ---- epochs, and whole runs ------------------------------------------------------------------------------

    def _tell(self, method: str, *args: Any, logs: Any) -> None:
        numbers = as_numbers(logs)
        for each in self.callbacks:
            getattr(each, method)(*args, numbers)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_epoch_end", epoch, logs=logs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_train_begin", logs=logs)

    def on_train_end(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_train_end", logs=logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_test_begin", logs=logs)

    def on_test_end(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_test_end", logs=logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_predict_begin", logs=logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """Tell the callbacks."""
        self._tell("on_predict_end", logs=logs)
