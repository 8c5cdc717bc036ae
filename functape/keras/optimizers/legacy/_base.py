"""The optimizers of TensorFlow before 2.11: their names, their order of state, their clipping, their `decay`."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from functape._api._clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from functape._core._cast import cast
from functape._core._name_scope import name_scope
from functape._core._variable import Variable
from functape._engine._dtypes import float32
from functape._engine._recorder import local
from functape.keras.optimizers._custom import starting_value
from functape.keras.optimizers._declaring import constructor
from functape.keras.optimizers._optimizer import Optimizer as Present
from functape.keras.optimizers._pairs import split_pairs, without_none
from functape.keras.optimizers._transforms import Rule

_ALLOWED = ("clipnorm", "clipvalue", "decay", "global_clipnorm", "lr")


@functools.cache
def _as_before(rule: Rule) -> Rule:
    return rule._replace(clips_in_turn=True, order=rule.order or tuple((slot,) for slot in rule.slots))


class Optimizer(Present):
    """The base of the legacy optimizers (`tf.keras.optimizers.legacy.Optimizer`).

    A subclass of one's own overrides `_create_slots`, to call `add_slot` for each variable, and
    `_resource_apply_dense`, which assigns to one variable.

    **Arguments:**
    - `name`: the prefix of the names of its variables.
    - `gradient_aggregator`, `gradient_transformers`: functions that take pairs of gradients and variables, and return
      them with other gradients.
    - `clipnorm`, `clipvalue`, `global_clipnorm`: bounds on gradients; all that are given count.
    - `decay`: the learning rate is divided by one more than this times the number of steps taken.
    - `lr`: the old name of `learning_rate`.

    **Raises:** `TypeError` for other arguments; `ValueError` for negative ones.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0, name="w")
    >>> optimizer = tf.keras.optimizers.legacy.SGD(0.5, momentum=0.5)
    >>> _ = optimizer.apply_gradients([(tf.constant(1.0), w)])
    >>> print([each.name for each in optimizer.weights], w.numpy())
    ['SGD/iter:0', 'SGD/w/momentum:0'] 0.5

    ```
    """

    _slot_pattern = "{scope}/{variable}/{slot}"
    _part_by_part = False

    def __init_subclass__(cls, learning_rate: float | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if learning_rate is not None:
            cls.__init__ = constructor(cls, Optimizer, learning_rate, {"name": cls.__name__})  # type: ignore[method-assign]
        if "_resource_apply_dense" in vars(cls):
            cls._steps_one_by_one = True

    def __init__(
        self,
        name: str | None = None,
        gradient_aggregator: Callable[..., Any] | None = None,
        gradient_transformers: list[Callable[..., Any]] | None = None,
        learning_rate: Any = None,
        **kwargs: Any,
    ) -> None:
        for key, value in kwargs.items():
            if key not in _ALLOWED:
                raise TypeError(
                    f"Unexpected keyword argument passed to optimizer: {key}. Allowed kwargs are {sorted(_ALLOWED)}."
                )
            if value is not None and value < 0:
                raise ValueError(f"Expected {key} >= 0, received: {value}")
        if "lr" in kwargs:
            warnings.warn("The `lr` argument is deprecated, use `learning_rate` instead.", stacklevel=3)
        self._hyper: dict[str, Any] = {}
        self._slot_table: dict[tuple[int, str], Variable] = {}
        self._initial_decay = kwargs.get("decay", 0.0)
        super().__init__(learning_rate, name=name, **kwargs)
        self.gradient_aggregator = gradient_aggregator
        self.gradient_transformers = list(gradient_transformers or ())

    def _begin(self) -> None:
        super()._begin()
        self._iterations._name = f"{self.name}/iter"

    def _set_rate(self, value: Any) -> None:
        super()._set_rate(value)
        if self._rate is not None and self._rate is not value:
            self._rate._name = f"{self.name}/learning_rate"

    def _whole_rule(self) -> Rule:
        return _as_before(super()._whole_rule())

    def apply_gradients(  # type: ignore[override]
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        experimental_aggregate_gradients: bool = True,
    ) -> Variable:
        """Take one step; the arguments are as for `tf.keras.optimizers.Optimizer.apply_gradients`."""
        if experimental_aggregate_gradients and self.gradient_aggregator is not None:
            grads_and_vars = self.gradient_aggregator(list(grads_and_vars))
        for transform in self.gradient_transformers:
            grads_and_vars = transform(list(grads_and_vars))
        if self._steps_one_by_one:
            self._apply_dense(list(grads_and_vars))
            return self._applied
        return super().apply_gradients(grads_and_vars, name)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        config = super().get_config()
        for name in ("weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency", "loss_scale_factor"):
            del config[name]
        del config["gradient_accumulation_steps"]
        for name in ("clipnorm", "clipvalue", "global_clipnorm"):
            if config[name] is None:
                del config[name]
        if self._steps_one_by_one:
            del config["learning_rate"]
            return config
        return config | {"decay": self._decay}

    # ---- slots -----------------------------------------------------------------------------------------------

    def get_slot_names(self) -> list[str]:
        """The names of the slots."""
        if self._steps_one_by_one:
            return list(dict.fromkeys(slot for _, slot in self._slot_table))
        return [self._slot_names.get(slot, slot) for slot in self._whole_rule().slots]

    def get_slot(self, var: Variable, slot_name: str) -> Any:
        """One slot of a variable, which may be assigned.

        **Raises:** `KeyError` if there is none.
        """
        if self._steps_one_by_one:
            return self._slot_table[id(var), slot_name]
        for made in self._all_slots():
            if self._slots.variables[made._number] is var and made._name.endswith(f"/{slot_name}"):  # type: ignore[union-attr]
                return made
        raise KeyError(f"{slot_name!r} of {var.name}")

    def add_slot(self, var: Variable, slot_name: str, initializer: Any = "zeros", shape: Any = None) -> Variable:
        """Make a slot for a variable, in `_create_slots`.

        **Arguments:**
        - `var`: the variable.
        - `slot_name`: the slot's name.
        - `initializer`: an initializer, its name, or a value.
        - `shape`: the slot's shape; the variable's by default.
        """
        key = id(var), slot_name
        if key not in self._slot_table:
            size = tuple(var.shape if shape is None else shape)
            named = isinstance(initializer, str) or callable(initializer)
            value = starting_value(initializer, size, var.dtype) if named else initializer
            slot = Variable(value, trainable=False, name=f"{var.name.removesuffix(':0')}/{slot_name}", dtype=var.dtype)
            self._slot_table[key] = slot
            self._own_variables.append(slot)
        return self._slot_table[key]

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = "zeros",
        trainable: bool | None = None,
        **_: Any,
    ) -> Variable:
        """Make a variable that is part of the optimizer's state; see `add_variable`."""
        return self.add_variable(shape, initializer, dtype or float32, name=name)

    # ---- a step of one's own ---------------------------------------------------------------------------------

    def _create_slots(self, var_list: list[Variable]) -> None:
        """Make the slots of variables: what a subclass overrides."""

    def _resource_apply_dense(self, grad: Any, var: Variable, apply_state: Any = None) -> Any:
        """Assign to one variable: what a subclass overrides."""
        raise NotImplementedError("`_resource_apply_dense` must be implemented in subclasses.")

    def _apply_dense(self, pairs: list[tuple[Any, Variable]]) -> None:
        gradients, variables = split_pairs(pairs)
        gradients, variables = without_none(gradients, variables)
        with name_scope(self.name):
            self._create_slots(variables)
        if self.clipvalue is not None:
            gradients = [clip_by_value(each, -self.clipvalue, self.clipvalue) for each in gradients]
        if self.clipnorm is not None:
            gradients = [clip_by_norm(each, self.clipnorm) for each in gradients]
        if self.global_clipnorm is not None:
            gradients = clip_by_global_norm(gradients, self.global_clipnorm)[0]
        state: dict[Any, Any] = {}
        for place in dict.fromkeys((each.device, each.dtype) for each in variables):
            state[place] = {}
            self._prepare_local(*place, state)
        takes_state = "apply_state" in inspect.signature(self._resource_apply_dense).parameters
        for gradient, variable in zip(gradients, variables, strict=True):
            self._resource_apply_dense(gradient, variable, **({"apply_state": state} if takes_state else {}))
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.add(1)
        local.recorder.flush("an optimizer step")

    def _prepare_local(self, var_device: Any, var_dtype: Any, apply_state: dict[Any, Any]) -> None:
        known = apply_state.setdefault((var_device, var_dtype), {})
        if self._learning_rate is not None:
            known["lr_t"] = self._decayed_lr(var_dtype)

    def _fallback_apply_state(self, var_device: Any, var_dtype: Any) -> dict[str, Any]:
        state: dict[Any, Any] = {}
        self._prepare_local(var_device, var_dtype, state)
        return state[var_device, var_dtype]

    def _set_hyper(self, name: str, value: Any) -> None:
        if name == "learning_rate":
            self._learning_rate = value
        elif name != "decay":
            self._hyper[name] = value

    def _get_hyper(self, name: str, dtype: Any = None) -> Any:
        value = self._learning_rate if name == "learning_rate" else self._hyper[name]
        if callable(value) and not hasattr(value, "get_config") and not isinstance(value, Variable):
            value = value()
        return cast(value, dtype) if dtype is not None else value

    def _serialize_hyperparameter(self, hyperparameter: Any) -> Any:
        if isinstance(hyperparameter, str):
            hyperparameter = self._get_hyper(hyperparameter)
        return super()._serialize_hyperparameter(hyperparameter)

    def __getattr__(self, name: str) -> Any:
        hyper = vars(self).get("_hyper", {})
        if name in hyper:
            return hyper[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in vars(self).get("_hyper", {}):
            self._hyper[name] = value
        else:
            super().__setattr__(name, value)
