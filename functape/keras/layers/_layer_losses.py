"""The losses and metrics that layers add to what a model is trained on, and dtype policies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape.keras.layers._layer_calls import calls, leaves_of, usage
from functape.keras.layers._layer_tracking import is_metric
from functape.keras.layers._layer_weights import Weights, _regularizer


class Losses(Weights):
    """The part of a layer that holds losses and metrics."""

    _call_losses: list[Any]
    _leaf: bool

    def add_loss(self, losses: Any = None, **kwargs: Any) -> None:
        """Add to the losses of the model that holds this layer (`tf.keras.layers.Layer.add_loss`).

        **Arguments:**
        - `losses`: a scalar tensor, a function without arguments that returns one, or a list of these. A tensor added
          in `call` is forgotten at the next outermost call; a function stays.
        - `kwargs`: `inputs`, Keras 2's argument, which has no meaning here.

        **Raises:** `TypeError` for another keyword.
        """
        unknown = set(kwargs) - {"inputs", "loss"}
        if unknown:
            raise TypeError(f"Unknown keyword arguments: {sorted(unknown)}")
        for loss in leaves_of(kwargs.get("loss", losses)):
            if loss is None:
                continue
            if callable(loss) and not is_tensor_like(loss):
                self.__dict__.setdefault("_callable_losses", []).append(loss)
                continue
            self._add_call_loss(loss)

    def _add_call_loss(self, loss: Any) -> None:
        from functape.keras._symbolic import KerasTensor

        if calls.abstract:
            return
        if isinstance(loss, KerasTensor):
            self._add_symbolic_loss(loss)
            return
        usage.losses_used = True
        object.__setattr__(self, "_adds_losses", True)
        object.__setattr__(self, "_leaf", False)
        self._call_losses.append(loss if is_tensor_like(loss) else convert(loss))

    def _add_symbolic_loss(self, loss: Any) -> None:
        raise ValueError(
            f"A symbolic loss can be added to a functional model only, built from its inputs. Received: {loss!r} for "
            f"layer {self.name!r}."
        )

    def _regularize_activity(self, outputs: Any) -> None:
        for output in leaves_of(outputs):
            if is_tensor_like(output):
                loss = self.activity_regularizer(output)  # type: ignore[attr-defined]
                batch = output.shape[0] if output.shape.rank else 1
                if not calls.abstract:
                    self._add_call_loss(loss / cast(batch, loss.dtype) if batch else loss)

    def _clear_losses(self) -> None:
        for layer in self._flatten_layers():
            if layer._call_losses:
                layer._call_losses.clear()

    @property
    def losses(self) -> list[Any]:
        """The losses added by this layer and those inside in the latest call, and those of weight regularizers."""
        found: list[Any] = []
        layers = list(self._flatten_layers())
        for layer in layers:
            found += layer._call_losses
            found += [loss() for loss in layer.__dict__.get("_callable_losses", ())]
        seen: set[int] = set()
        for layer in layers:
            if not layer._trainable:
                continue
            for variable, regularizer in layer._regularized:
                if variable.trainable and id(variable) not in seen:
                    seen.add(id(variable))
                    found.append(regularizer(variable))
        return found

    def _get_regularization_losses(self) -> list[Any]:
        return self.losses

    # ---- metrics ---------------------------------------------------------------------------------------------

    def add_metric(self, value: Any, name: str | None = None, **kwargs: Any) -> None:
        """Keep the mean of a value over the batches as a metric (Keras 2's `Layer.add_metric`).

        **Arguments:**
        - `value`: a tensor.
        - `name`: the metric's name; needed unless a metric made the value.
        - `kwargs`: `aggregation`, as in old versions; only the mean is known.

        **Raises:** `ValueError` without a name; `TypeError` for another keyword.
        """
        unknown = set(kwargs) - {"aggregation"}
        if unknown:
            raise TypeError(f"Unknown keyword arguments: {sorted(unknown)}")
        if name is None:
            raise ValueError(
                "Please provide a name for your metric: self.add_metric(tf.reduce_sum(inputs), name='mean_activation')"
            )
        if calls.abstract:
            return
        added = self.__dict__.setdefault("_added_metrics", {})
        if name not in added:
            from functape.keras import metrics

            added[name] = metrics.Mean(name=name)
        added[name].update_state(value)

    @property
    def metrics(self) -> list[Any]:
        """The metrics among the attributes of this layer and those inside."""
        found = []
        for layer in self._flatten_layers():
            found += [each for each in layer._inside() if is_metric(each)]
            found += layer.__dict__.get("_added_metrics", {}).values()
        return list({id(each): each for each in found}.values())


def policy_of(dtype: Any) -> Any:
    """The dtype policy a layer's `dtype` argument stands for."""
    from functape.keras import dtype_policies

    return dtype_policies.get(dtype)


def policy_config(policy: Any) -> Any:
    """A policy as Keras writes it in a layer's configuration."""
    from functape.keras import dtype_policies

    return dtype_policies.serialize(policy)


def regularizer_of(given: Any) -> Callable[[Any], Any] | None:
    """A regularizer from its name, its configuration or itself."""
    return _regularizer(given)
