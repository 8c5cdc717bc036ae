"""What `compile` sets: optimizer, losses and metrics, and how training runs."""

from __future__ import annotations

import warnings
from typing import Any

from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_tracking import is_metric
from functape.keras.metrics._mean import Mean
from functape.keras.models._training_losses import CompileLoss
from functape.keras.models._training_metrics import CompileMetrics

_KERAS_2_ARGUMENTS = ("sample_weight_mode", "target_tensors", "pss_evaluation_shards", "run_mode", "distribute")


class Compiling(Layer):
    """The part of a model that knows what it is trained with."""

    _TF_MODULE_IGNORED_PROPERTIES = Layer._TF_MODULE_IGNORED_PROPERTIES | frozenset(
        ("optimizer", "loss", "history", "train_function", "test_function", "predict_function", "_loss_tracker",
         "_compile_loss", "_compile_metrics", "_compile_config", "_eval_batches", "_graph", "loss_weights")
    )  # fmt: skip

    compiled = False
    stop_training = False
    stop_evaluating = False
    stop_predicting = False
    run_eagerly = False
    jit_compile: Any = True
    steps_per_execution = 1
    optimizer: Any = None
    history: Any = None
    train_function: Any = None
    test_function: Any = None
    predict_function: Any = None
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics | None = None
    _loss_tracker: Any = None
    _compile_config: dict[str, Any] | None = None
    _made_for: Any = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool | None = False,
        steps_per_execution: int | None = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        **kwargs: Any,
    ) -> None:
        """Set what the model is trained with (`tf.keras.Model.compile`).

        **Arguments:**
        - `optimizer`: an optimizer, or its name.
        - `loss`: a loss, a function of labels and predictions, or a name; a list or dict of them for several outputs.
          None if the layers' own losses are all.
        - `metrics`: a list of metrics or their names; for several outputs a list of lists, or a dict by output.
        - `loss_weights`: for several outputs, a list or dict of the factors their losses have in the sum.
        - `weighted_metrics`: as `metrics`; they take sample and class weights into account.
        - `run_eagerly`: whether steps run as plain Python instead of being traced.
        - `steps_per_execution`: how many batches are trained on between two calls of callbacks.
        - `jit_compile`: accepted; everything is compiled by XLA in any case.
        - `auto_scale_loss`: whether a model of policy `mixed_float16` scales its loss.
        - `kwargs`: Keras 2's arguments without a meaning here, if they are None.

        **Raises:** `ValueError` for an unknown optimizer, loss or metric; `TypeError` for an unknown argument.

        ```python
        >>> import functape as tf
        >>> model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
        >>> model.compile("sgd", "mse", metrics=["mae"])
        >>> type(model.optimizer).__name__, model.loss
        ('SGD', 'mse')

        ```
        """
        self._check_initialized()
        steps = kwargs.pop("experimental_steps_per_execution", None)
        unknown = sorted(set(kwargs) - set(_KERAS_2_ARGUMENTS))
        if unknown:
            raise TypeError(f"Invalid keyword argument(s) in `compile()`: {unknown}. ")
        meaning = {key: each for key, each in kwargs.items() if each is not None}
        if meaning:
            raise ValueError(f"`compile()` does not support these arguments here. Received: {meaning}")
        if jit_compile is True and run_eagerly:
            warnings.warn(
                "If `run_eagerly` is True, then `jit_compile` cannot also be True. Disabling `jit_compile`.",
                stacklevel=2,
            )
            jit_compile = False
        from functape.keras import optimizers

        found: Any = None if optimizer is None else optimizers.get(optimizer)
        scales = auto_scale_loss and self.dtype_policy.name == "mixed_float16" and found is not None
        if scales and not isinstance(found, optimizers.LossScaleOptimizer):
            found = optimizers.LossScaleOptimizer(found)
        self.optimizer = found
        names = getattr(self, "output_names", None)
        self.loss = loss
        self.loss_weights = loss_weights
        self._compile_loss = None if loss is None else CompileLoss(loss, loss_weights, names)
        given = metrics is not None or weighted_metrics is not None
        self._compile_metrics = CompileMetrics(metrics, weighted_metrics, names) if given else None
        self._loss_tracker = Mean(name="loss")
        self.run_eagerly = bool(run_eagerly)
        self.jit_compile = (not run_eagerly) if jit_compile in ("auto", None) else bool(jit_compile)
        self.steps_per_execution = int(steps or steps_per_execution or 1)
        self.stop_training = False
        self.compiled = True
        self.train_function = self.test_function = self.predict_function = None
        self._compile_config = {
            "optimizer": found,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile,
        }

    def _assert_compile_called(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(f"You must call `compile()` before calling `{method}()`.")

    def get_compile_config(self) -> dict[str, Any]:
        """The arguments of `compile`, as a configuration; empty if it was not called."""
        if not self.compiled or self._compile_config is None:
            return {}
        return {key: serialize_keras_object(each) for key, each in self._compile_config.items()}

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Call `compile` with what `get_compile_config` told."""
        if type(self).compile is not Compiling.compile:
            warnings.warn(
                "`compile()` was not called as part of model loading because the model's `compile()` method is custom. "
                "Override `get_compile_config()` and `compile_from_config(config)` too, or call `compile()` after "
                "loading.",
                stacklevel=2,
            )
            return
        self.compile(**{key: deserialize_keras_object(each) for key, each in config.items()})
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)

    # ---- metrics ---------------------------------------------------------------------------------------------

    @property
    def metrics(self) -> list[Any]:
        """The mean loss, the metrics of `compile`, and those among the attributes of the model and its layers."""
        found: list[Any] = []
        if self.compiled:
            found += [each for each in (self._loss_tracker, self._compile_metrics) if each is not None]
            found += [] if self._compile_loss is None else self._compile_loss.metrics
        compiled = {id(each) for each in found}
        if self._compile_metrics is not None:
            compiled |= set(map(id, self._compile_metrics.metrics))
        for layer in self._flatten_layers():
            if layer is not self and isinstance(layer, Compiling):
                continue
            own = [each for each in layer._inside() if is_metric(each)]
            found += [each for each in own if id(each) not in compiled]
            found += layer.__dict__.get("_added_metrics", {}).values()
        return list({id(each): each for each in found}.values())

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns, in order."""
        return self._ordered(self.get_metrics_result())

    @property
    def compiled_loss(self) -> Any:
        """Keras 2's name of the losses of `compile`, for a `train_step` of one's own.

        A function `(y_true, y_pred, sample_weight=None, regularization_losses=None)` that returns the sum of all and
        keeps its mean as the metric `loss`.
        """
        return _CompiledLoss(self)

    @property
    def compiled_metrics(self) -> Any:
        """Keras 2's name of the metrics of `compile`, with `update_state(y_true, y_pred, sample_weight=None)`."""
        return _NoMetrics() if self._compile_metrics is None else self._compile_metrics

    def reset_metrics(self) -> None:
        """Let all metrics begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The results of all metrics by name."""
        results: dict[str, Any] = {}
        compiled = self._compile_metrics
        for metric in self.metrics:
            if compiled is not None and metric is compiled and not compiled.built:
                continue
            result = metric.result()
            if isinstance(result, dict):
                results.update(result)
            else:
                results[metric.name] = result
        return results

    def _flatten_metrics_in_order(self, logs: dict[str, Any]) -> Any:
        """What `evaluate` returns: the numbers in the order of the metrics, or the only one."""
        values = [logs[name] for name in self._ordered(logs)]
        return values[0] if len(values) == 1 else values

    def _ordered(self, logs: dict[str, Any]) -> list[str]:
        """The names in logs, in the order of the metrics."""
        names: list[str] = []
        compiled = self._compile_metrics
        for metric in self.metrics:
            inner = compiled.metrics if compiled is not None and metric is compiled else [metric]
            names += [each.name for each in inner]
        names = [name for name in dict.fromkeys(names) if name in logs]
        return names + [name for name in sorted(logs) if name not in names]


class _CompiledLoss:
    """The losses of `compile` as Keras 2 has them."""

    def __init__(self, model: Compiling) -> None:
        self._model = model

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None, regularization_losses: Any = None) -> Any:
        model = self._model
        if model._compile_loss is None:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`.")
        total = model._compile_loss(y_true, y_pred, sample_weight)
        for each in regularization_losses or ():
            total = total + each
        model._track_loss(total, y_pred)  # type: ignore[attr-defined]
        return total

    @property
    def metrics(self) -> list[Any]:
        """The mean of the loss, and those of the outputs' losses."""
        own = self._model._compile_loss
        return [self._model._loss_tracker, *([] if own is None else own.metrics)]


class _NoMetrics:
    """The metrics of a model that was compiled without any."""

    metrics: tuple[Any, ...] = ()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Nothing is kept."""
