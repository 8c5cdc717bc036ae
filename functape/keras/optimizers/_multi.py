"""`tf.keras.optimizers.MultiOptimizer`: several optimizers, each for its own variables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import Any

from functape._core._variable import Variable
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.optimizers._loss_scale import LossScaleOptimizer
from functape.keras.optimizers._optimizer import Optimizer
from functape.keras.optimizers._weights import VariableList


class OptimizerMap(MutableMapping[str, Optimizer]):
    """Optimizers by the names of the variables they update (`tf.keras.optimizers.OptimizerMap`).

    **Arguments:**
    - `default_optimizer`: for variables that no key names.
    - `optimizer_map`: optimizers by key: a variable's name, or a regular expression that matches the whole of it.

    **Raises:** `TypeError` for a default that is no optimizer, or a map that is no dict.

    ```python
    >>> import functape as tf
    >>> optimizers = tf.keras.optimizers
    >>> chosen = optimizers.OptimizerMap(optimizers.SGD(), {"encoder/.*": optimizers.Adam()})
    >>> chosen["encoder/kernel"].name, chosen["decoder/kernel"].name
    ('Adam', 'SGD')

    ```
    """

    def __init__(self, default_optimizer: Optimizer, optimizer_map: dict[str, Optimizer] | None = None) -> None:
        if not isinstance(default_optimizer, Optimizer):
            raise TypeError(f"default_optimizer must be a Keras Optimizer instance. Received: {default_optimizer!r}")
        if optimizer_map is not None and not isinstance(optimizer_map, dict):
            raise TypeError(f"optimizer_map must be a dictionary. Received: {optimizer_map!r}")
        self.default_optimizer = default_optimizer
        self._optimizers = dict(optimizer_map or {})

    def __getitem__(self, key: str) -> Optimizer:
        if key in self._optimizers:
            return self._optimizers[key]
        matching = [pattern for pattern in self._optimizers if re.fullmatch(pattern, key)]
        if len(matching) > 1:
            raise ValueError(f"Multiple optimizers assigned to variable {key}: by {matching}.")
        return self._optimizers[matching[0]] if matching else self.default_optimizer

    def __setitem__(self, key: str, optimizer: Optimizer) -> None:
        if key in self._optimizers:
            raise ValueError(f"{key!r} is in the OptimizerMap already, with {self._optimizers[key]}.")
        if not isinstance(key, str):
            raise ValueError(f"key must be a string. Received: {key!r}")
        _check_inner(optimizer)
        self._optimizers[key] = optimizer

    def __delitem__(self, key: str) -> None:
        del self._optimizers[key]

    def __len__(self) -> int:
        return len(self._optimizers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._optimizers)

    def __call__(self, variable: Variable) -> Optimizer:
        return self[variable.name.removesuffix(":0")]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make a map like this one."""
        return {
            "default_optimizer": serialize_keras_object(self.default_optimizer),
            "optimizer_map": serialize_keras_object(self._optimizers),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> OptimizerMap:
        """A map from what `get_config` returned."""
        return cls(**{name: deserialize_keras_object(each, custom_objects) for name, each in config.items()})


def _check_inner(optimizer: Any) -> None:
    if not isinstance(optimizer, Optimizer) or isinstance(optimizer, LossScaleOptimizer | MultiOptimizer):
        raise ValueError(
            "Each variable is updated by a Keras optimizer other than LossScaleOptimizer and MultiOptimizer. "
            f"Received: {optimizer!r}"
        )


class MultiOptimizer(Optimizer):
    """Several optimizers, each for its own variables (`tf.keras.optimizers.MultiOptimizer`).

    **Arguments:**
    - `optimizer_map`: an `OptimizerMap`, or a function from a variable to its optimizer.
    - `loss_scale_factor`: what the loss was multiplied by; replaces that of the optimizers.
    - `name`: its name.

    **Raises:** `ValueError` in the first step, for what is no optimizer or not allowed here.

    ```python
    >>> import functape as tf
    >>> optimizers = tf.keras.optimizers
    >>> a, b = tf.Variable(1.0, name="a"), tf.Variable(1.0, name="b")
    >>> both = optimizers.MultiOptimizer(optimizers.OptimizerMap(optimizers.SGD(0.5), {"b": optimizers.SGD(0.25)}))
    >>> _ = both.apply_gradients([(tf.constant(1.0), a), (tf.constant(1.0), b)])
    >>> print(a.numpy(), b.numpy())
    0.5 0.75

    ```
    """

    def __init__(
        self,
        optimizer_map: OptimizerMap | Callable[[Variable], Optimizer],
        loss_scale_factor: float | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(0.0, name=name)
        self._optimizer_map = optimizer_map
        self._inner: list[Optimizer] = []
        self._chosen: dict[int, Optimizer] = {}
        for optimizer in getattr(optimizer_map, "values", list)():
            self._add(optimizer)
        if isinstance(optimizer_map, OptimizerMap):
            self._add(optimizer_map.default_optimizer)
        self.loss_scale_factor = loss_scale_factor

    def _add(self, optimizer: Optimizer) -> None:
        _check_inner(optimizer)
        if not any(optimizer is each for each in self._inner):
            self._inner.append(optimizer)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "loss_scale_factor":
            for optimizer in vars(self).get("_inner", ()):
                optimizer.loss_scale_factor = value

    def build(self, var_list: Iterable[Variable]) -> None:
        """Choose the optimizers of variables, and make their state."""
        groups: dict[int, list[Variable]] = {}
        for variable in var_list:
            if id(variable) not in self._index_dict:
                optimizer = self._optimizer_map(variable)
                self._add(optimizer)
                optimizer.loss_scale_factor = self.loss_scale_factor
                self._index_dict[id(variable)] = len(self._trainable_variables)
                self._trainable_variables.append(variable)
                self._chosen[id(variable)] = optimizer
                groups.setdefault(id(optimizer), []).append(variable)
        for optimizer in self._inner:
            if id(optimizer) in groups:
                optimizer.build(groups[id(optimizer)])

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Variable:
        """Take one step with each optimizer; as `Optimizer.apply_gradients`."""
        pairs = list(grads_and_vars)
        if pairs:
            self.build([variable for _, variable in pairs])
            for optimizer in self._inner:
                own = [pair for pair in pairs if self._chosen[id(pair[1])] is optimizer]
                if own:
                    optimizer.apply_gradients(own, name)
            self._iterations.add(1)
        return self._applied

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step, with gradients and variables in two lists; as `Optimizer.apply`."""
        variables = self._trainable_variables if trainable_variables is None else list(trainable_variables)
        MultiOptimizer.apply_gradients(self, zip(grads, variables, strict=True))

    @property
    def optimizers(self) -> list[Optimizer]:
        """The optimizers."""
        return self._inner

    @property
    def variables(self) -> VariableList:
        """The iteration count, and the variables of all the optimizers."""
        return VariableList([self._iterations, *(each for inner in self._inner for each in inner.variables)])

    @property
    def learning_rate(self) -> Any:
        """None in common: ask the optimizers."""
        raise AttributeError("A MultiOptimizer has no learning rate: each of its `optimizers` has its own.")

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        raise AttributeError("A MultiOptimizer has no learning rate: set that of each of its `optimizers`.")

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """As `Optimizer.finalize_variable_values`."""
        variables = list(var_list)
        for optimizer in self._inner:
            own = [each for each in variables if self._chosen[id(each)] is optimizer]
            if own:
                optimizer.finalize_variable_values(own)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        return {
            "optimizer_map": serialize_keras_object(self._optimizer_map),
            "loss_scale_factor": self.loss_scale_factor,
            "name": self.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """An optimizer from what `get_config` returned; the arguments are as for `Optimizer.from_config`."""
        return cls(**{**config, "optimizer_map": deserialize_keras_object(config["optimizer_map"], custom_objects)})
