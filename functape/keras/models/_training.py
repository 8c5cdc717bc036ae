"""`fit`, `evaluate` and `predict`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core import _nest as nest
from functape._core._convert import is_tensor_like
from functape.keras import config
from functape.keras.models._adapters import Epochs, batches_of
from functape.keras.models._adapters_arrays import as_arrays, split
from functape.keras.models._adapters_iterables import as_tensors
from functape.keras.models._adapters_weights import class_weight_to_sample_weights
from functape.keras.models._training_steps import Stepping
from functape.keras.utils._packing import pack_x_y_sample_weight, unpack_x_y_sample_weight

_KERAS_2_ARGUMENTS = ("max_queue_size", "workers", "use_multiprocessing")


class Training(Stepping):
    """The part of a model that is trained."""

    _initial_epoch: int | None = None
    _eval_batches: Epochs | None = None

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **kwargs: Any,
    ) -> Any:
        """Train the model (`tf.keras.Model.fit`).

        A step (forward pass, loss, gradients, update, metrics) is one compiled program.

        **Arguments:**
        - `x`, `y`: inputs and labels: arrays, tensors, or lists or dicts of them; or `x` alone, a `tf.data.Dataset`, a
          `PyDataset` or a generator of batches.
        - `batch_size`: rows of a batch of arrays; 32 by default.
        - `epochs`: the number of the last epoch.
        - `verbose`: 0 for silence, 1 or `"auto"` for a progress bar, 2 for a line an epoch.
        - `callbacks`: a list of callbacks.
        - `validation_split`: the fraction of arrays, from their end, to validate on instead of training.
        - `validation_data`: a tuple of inputs, labels and maybe weights, or what else `x` can be.
        - `shuffle`: whether rows come in random order; `"batch"` shuffles within batches.
        - `class_weight`: a dict from class number to weight.
        - `sample_weight`: a weight for each example.
        - `initial_epoch`: the number of the first epoch.
        - `steps_per_epoch`: how many batches make an epoch.
        - `validation_steps`, `validation_batch_size`: as for `evaluate`.
        - `validation_freq`: after how many epochs to validate, or a list of epochs.
        - `kwargs`: Keras 2's `workers`, `use_multiprocessing` and `max_queue_size`, for a `PyDataset`.

        **Returns:** a `History`, whose `history` has a list for each metric.

        **Raises:** `ValueError` before `compile`, or for data that do not fit.

        ```python
        >>> import functape as tf
        >>> model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> history = model.fit(tf.ones((8, 1)), tf.zeros((8, 1)), epochs=2, verbose=0)
        >>> len(history.history["loss"])
        2

        ```
        """
        self._assert_compile_called("fit")
        _take_keras_2_arguments("fit", x, kwargs)
        limit = config.max_epochs()
        if limit and limit < epochs:
            warnings.warn(f"Limiting epochs to {limit}", stacklevel=2)
            epochs = limit
        if validation_split and validation_data is None:
            (x, y, sample_weight), validation_data = split((x, y, sample_weight), validation_split)
        validation = None if validation_data is None else unpack_x_y_sample_weight(validation_data)
        batches = batches_of(x, y, sample_weight, batch_size, steps_per_epoch, shuffle, class_weight)
        runs = Epochs(batches, steps_per_epoch, self.steps_per_execution)
        callbacks = self._callback_list(callbacks, verbose, epochs, runs, add_history=True)
        self.stop_training = False
        self._eval_batches = None
        self._forget_changed_functions()
        self.make_train_function()
        callbacks.on_train_begin()
        logs: Any = {}
        last: Any = None

        def work(begin: int, end: int, iterator: Iterator[Any]) -> bool:
            nonlocal logs
            callbacks.on_train_batch_begin(begin)
            logs = self.train_function(iterator)
            callbacks.on_train_batch_end(end, logs)
            return self.stop_training

        try:
            for epoch in range(self._initial_epoch or initial_epoch, epochs):
                self.reset_metrics()
                callbacks.on_epoch_begin(epoch)
                runs.run(work)
                last = dict(self._results_or(logs))
                if validation is not None and _is_due(epoch, validation_freq):
                    last |= self._validate(validation, validation_batch_size or batch_size, validation_steps, callbacks)
                callbacks.on_epoch_end(epoch, last)
                if self.stop_training:
                    break
        finally:
            self._eval_batches = None
        if hasattr(self.optimizer, "finalize_variable_values") and epochs > 0 and self.optimizer.built:
            self.optimizer.finalize_variable_values(self.trainable_weights)
        callbacks.on_train_end(last)
        return self.history

    def _validate(self, data: Any, batch_size: Any, steps: Any, callbacks: Any) -> dict[str, Any]:
        x, y, sample_weight = data
        if self._eval_batches is None:
            batches = batches_of(x, y, sample_weight, batch_size, steps)
            self._eval_batches = Epochs(batches, steps, self.steps_per_execution)
        logs = self.evaluate(
            x,
            y,
            batch_size=batch_size,
            sample_weight=sample_weight,
            steps=steps,
            callbacks=callbacks,
            return_dict=True,
            _use_cached_eval_dataset=True,
        )
        return {f"val_{name}": value for name, value in logs.items()}

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """The loss and the metrics on some data (`tf.keras.Model.evaluate`).

        **Arguments:**
        - `x`, `y`, `batch_size`, `verbose`, `sample_weight`, `callbacks`, `kwargs`: as for `fit`.
        - `steps`: how many batches; by default a whole pass.
        - `return_dict`: whether to return a dict by name.

        **Returns:** the loss, or a list of the loss and the metrics, or a dict.

        **Raises:** `ValueError` before `compile`, or for data that do not fit.
        """
        self._assert_compile_called("evaluate")
        cached = kwargs.pop("_use_cached_eval_dataset", False)
        _take_keras_2_arguments("evaluate", x, kwargs)
        if cached and self._eval_batches is not None:
            runs = self._eval_batches
            runs._iterator = None
        else:
            batches = batches_of(x, y, sample_weight, batch_size, steps)
            runs = Epochs(batches, steps, self.steps_per_execution)
        callbacks = self._callback_list(callbacks, verbose, 1, runs)
        self._forget_changed_functions()
        self.make_test_function()
        self.stop_evaluating = False
        callbacks.on_test_begin()
        logs: Any = {}
        self.reset_metrics()

        def work(begin: int, end: int, iterator: Iterator[Any]) -> bool:
            nonlocal logs
            callbacks.on_test_batch_begin(begin)
            logs = self.test_function(iterator)
            callbacks.on_test_batch_end(end, logs)
            return self.stop_evaluating

        runs.run(work)
        logs = as_numbers(self._results_or(logs))
        callbacks.on_test_end(logs)
        return logs if return_dict else self._flatten_metrics_in_order(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **kwargs: Any,
    ) -> Any:
        """The outputs for some inputs (`tf.keras.Model.predict`).

        **Arguments:**
        - `x`, `batch_size`, `verbose`, `callbacks`, `kwargs`: as for `fit`.
        - `steps`: how many batches; by default a whole pass.

        **Returns:** a NumPy array, or the structure of the outputs with arrays in it.

        **Raises:** `ValueError` for data that do not fit, or that hold nothing.
        """
        _take_keras_2_arguments("predict", x, kwargs)
        runs = Epochs(batches_of(x, batch_size=batch_size, steps_per_epoch=steps), steps, 1)
        callbacks = self._callback_list(callbacks, verbose, 1, runs)
        self._forget_changed_functions()
        self.make_predict_function()
        self.stop_predicting = False
        callbacks.on_predict_begin()
        found: list[Any] = []

        def work(begin: int, end: int, iterator: Iterator[Any]) -> bool:
            callbacks.on_predict_batch_begin(begin)
            found.append(self.predict_function(iterator))
            callbacks.on_predict_batch_end(end, {"outputs": found[-1]})
            return self.stop_predicting

        runs.run(work, any_batch=False)
        callbacks.on_predict_end()
        if not found:
            raise ValueError(f"There is nothing to predict from: the data hold no batch. Received: x={x!r}")
        flat = [nest.flatten(each) for each in found]
        joined = [
            np.concatenate([_array(each) for each in parts]) if len(parts) > 1 else _array(parts[0])
            for parts in zip(*flat, strict=True)
        ]
        return nest.pack_like(found[0], joined) if nest.is_nested(found[0]) else joined[0]

    # ---- one batch -------------------------------------------------------------------------------------------

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None, return_dict: bool = False,
        reset_metrics: bool = True,
    ) -> Any:  # fmt: skip
        """Train on one batch.

        **Arguments:**
        - `x`, `y`, `sample_weight`, `class_weight`: as for `fit`; arrays or tensors.
        - `return_dict`: whether to return a dict by name.
        - `reset_metrics`: whether the metrics begin anew before.

        **Returns:** as `evaluate`.

        **Raises:** `ValueError` before `compile`, or for both kinds of weights.
        """
        self._assert_compile_called("train_on_batch")
        if class_weight is not None:
            if sample_weight is not None:
                raise ValueError(
                    "Arguments `sample_weight` and `class_weight` cannot be specified at the same time. Received: "
                    f"sample_weight={sample_weight}, class_weight={class_weight}"
                )
            sample_weight = class_weight_to_sample_weights(y, class_weight)
        self._forget_changed_functions()
        return self._on_batch(self.make_train_function(), (x, y, sample_weight), return_dict, reset_metrics)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False, reset_metrics: bool = True
    ) -> Any:
        """Evaluate one batch; arguments and result are as for `train_on_batch`."""
        self._assert_compile_called("test_on_batch")
        self._forget_changed_functions()
        return self._on_batch(self.make_test_function(), (x, y, sample_weight), return_dict, reset_metrics)

    def _on_batch(self, step: Any, data: Any, return_dict: bool, reset: bool) -> Any:
        if reset:
            self.reset_metrics()
        logs = as_numbers(step(iter((self._batch(*data),))))
        return logs if return_dict else self._flatten_metrics_in_order(logs)

    def _batch(self, x: Any, y: Any = None, sample_weight: Any = None) -> Any:
        parts = [None if each is None else as_tensors(_plain(each)) for each in (x, y, sample_weight)]
        return pack_x_y_sample_weight(*parts)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        self._forget_changed_functions()
        outputs = self.make_predict_function()(iter((self._batch(x),)))
        flat = [_array(each) for each in nest.flatten(outputs)]
        return nest.pack_like(outputs, flat) if nest.is_nested(outputs) else flat[0]

    # ---- what these share ------------------------------------------------------------------------------------

    def _forget_changed_functions(self) -> None:
        """Make the functions anew where what they were made for was changed."""
        now = (self.run_eagerly, self.steps_per_execution)
        if self._made_for != now:
            object.__setattr__(self, "_made_for", now)
            self.train_function = self.test_function = self.predict_function = None

    def _callback_list(self, given: Any, verbose: Any, epochs: int, runs: Epochs, add_history: bool = False) -> Any:
        from functape.keras.callbacks import CallbackList

        if isinstance(given, CallbackList):
            return given
        return CallbackList(
            given,
            add_history=add_history,
            add_progbar=verbose != 0,
            verbose=verbose,
            epochs=epochs,
            steps=runs.num_batches,
            model=self,
        )

    def _results_or(self, logs: Any) -> Any:
        """The metrics' results, unless a step of the user's own returned something else."""
        results = self.get_metrics_result()
        return results if isinstance(logs, dict) and set(logs) == set(results) else logs


def _is_due(epoch: int, frequency: Any) -> bool:
    if isinstance(frequency, int):
        return (epoch + 1) % frequency == 0
    if isinstance(frequency, list | tuple | set):
        return epoch + 1 in frequency
    raise ValueError(
        f"Expected `validation_freq` to be a list or int. Received: validation_freq={frequency} of the type "
        f"{type(frequency)}."
    )


def _take_keras_2_arguments(method: str, data: Any, kwargs: dict[str, Any]) -> None:
    """Give a `PyDataset` the settings that Keras 2 passes to the method.

    **Raises:** `TypeError` for an unknown argument.
    """
    unknown = sorted(set(kwargs) - set(_KERAS_2_ARGUMENTS))
    if unknown:
        raise TypeError(f"{method}() got unexpected keyword arguments: {unknown}")
    for name, value in kwargs.items():
        if hasattr(type(data), name):
            setattr(data, name, value)


def as_numbers(logs: Any) -> Any:
    """Logs with tensors as Python numbers, sorted by name; dicts inside are spread."""
    from functape.keras.callbacks._logs import as_numbers as convert

    return convert(logs)


def _plain(value: Any) -> Any:
    """Lists of numbers as arrays."""
    return value if is_tensor_like(value) else as_arrays(value) if isinstance(value, list | tuple) else value


def _array(value: Any) -> Any:
    return value.numpy() if is_tensor_like(value) else np.asarray(value)
