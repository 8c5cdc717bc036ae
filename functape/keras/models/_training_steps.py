"""What happens to one batch: the step that trains, the one that tests, the one that predicts."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from functape._core import _nest as nest
from functape.autodiff import GradientTape
from functape.keras._batch_axis import traced_for
from functape.keras.models._training_compile import Compiling
from functape.keras.utils._packing import unpack_x_y_sample_weight as unpack


class Stepping(Compiling):
    """The part of a model that trains on one batch."""

    def train_step(self, data: Any) -> dict[str, Any]:
        """Train on one batch; may be overridden.

        **Arguments:**
        - `data`: what the data give for one batch: inputs, or a tuple of inputs, labels and sample weights.

        **Returns:** the metrics' results by name.
        """
        x, y, sample_weight = unpack(data)
        with GradientTape() as tape:
            y_pred = self._predicted(x, True)
            loss = self._computed_loss(x, y, y_pred, sample_weight, True)
            self._track_loss(loss, x)
            if self.optimizer is not None:
                loss = self.optimizer.scale_loss(loss)
        variables = self.trainable_weights
        # Results before the update, so that without tracing all of it is one program.
        results = self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)
        del y_pred
        if variables:
            gradients = tape.gradient(loss, variables)
            del loss
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=2)
        return results

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluate one batch; may be overridden. The argument and the result are as for `train_step`."""
        x, y, sample_weight = unpack(data)
        y_pred = self._predicted(x, False)
        self._track_loss(self._computed_loss(x, y, y_pred, sample_weight, False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight=sample_weight)

    def predict_step(self, data: Any) -> Any:
        """Predict one batch; may be overridden.

        **Returns:** the outputs.
        """
        return self._predicted(unpack(data)[0], False)

    def _predicted(self, x: Any, training: bool) -> Any:
        return self(x, training=training) if self._spec.takes_training else self(x)

    # ---- losses and metrics ----------------------------------------------------------------------------------

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss of one batch: those of `compile` and those the layers added; may be overridden.

        **Arguments:**
        - `x`, `y`, `y_pred`: inputs, labels and outputs.
        - `sample_weight`: a weight for each example.
        - `training`: whether the model is being trained.

        **Raises:** `ValueError` if there is no loss.
        """
        losses = []
        if self._compile_loss is not None:
            loss = self._compile_loss(y, y_pred, sample_weight)
            losses += [] if loss is None else [loss]
        losses += self.losses
        if not losses:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        total = losses[0]
        for each in losses[1:]:
            total = total + each
        return total

    def _computed_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Any:
        """`compute_loss`, which an older program may have overridden without the argument `training`."""
        if "training" in inspect.signature(self.compute_loss).parameters:
            return self.compute_loss(x, y, y_pred, sample_weight, training=training)
        return self.compute_loss(x, y, y_pred, sample_weight)

    def _track_loss(self, loss: Any, batch: Any) -> None:
        """Take the loss of a batch into the metric `loss`."""
        if loss is None or self._loss_tracker is None:
            return
        first = next((each for each in nest.flatten(batch) if each is not None), None)
        rows = first.shape[0] if first is not None and len(first.shape) else 1
        self._loss_tracker.update_state(loss, sample_weight=float(rows or 0))

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Take a batch into the metrics of `compile`; may be overridden.

        **Returns:** the results of all metrics by name.
        """
        if self._compile_metrics is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    # ---- functions of an iterator ----------------------------------------------------------------------------

    def make_train_function(self, force: bool = False) -> Callable[[Iterator[Any]], Any]:
        """The function that trains on the next batches of an iterator; made once, or anew if `force`."""
        optimizer = self.optimizer
        if optimizer is not None and self.built and not optimizer.built and self.trainable_weights:
            optimizer.build(self.trainable_variables)
        if self.train_function is None or force:
            self.train_function = self._over_batches(self._traced(self.train_step))
        return self.train_function

    def make_test_function(self, force: bool = False) -> Callable[[Iterator[Any]], Any]:
        """The function that evaluates the next batches of an iterator; made once, or anew if `force`."""
        if self.test_function is None or force:
            self.test_function = self._over_batches(self._traced(self.test_step))
        return self.test_function

    def make_predict_function(self, force: bool = False) -> Callable[[Iterator[Any]], Any]:
        """The function that predicts the next batch of an iterator; made once, or anew if `force`."""
        if self.predict_function is None or force:
            step = self._traced(self.predict_step)
            self.predict_function = lambda iterator: step(next(iterator))
        return self.predict_function

    def _traced(self, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """A step as one compiled program, unless it is to run as plain Python."""
        if self.run_eagerly:
            return step
        from functape.function import function

        def one_step(data: Any) -> Any:
            with traced_for(data):
                return step(data)

        return function(one_step, reduce_retracing=True, autograph=False)

    def _over_batches(self, step: Callable[[Any], Any]) -> Callable[[Iterator[Any]], Any]:
        count = self.steps_per_execution
        if count == 1:
            return lambda iterator: step(next(iterator))

        def several(iterator: Iterator[Any]) -> Any:
            results = step(next(iterator))
            for _, data in zip(range(count - 1), iterator, strict=False):
                results = step(data)
            return results

        return several
