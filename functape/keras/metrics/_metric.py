"""What all metrics share: state in variables, updates, results."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._module import Module
from functape._core._shape import TensorShape
from functape._core._variable import Variable, VariableAggregation, VariableSynchronization
from functape._engine._dtypes import as_dtype
from functape._engine._op import Op
from functape._engine._recorder import record_multiple
from functape.keras._configuration import floatx, standardize_dtype
from functape.keras._naming import unique_name


class Metric(Module):
    """The base of the metrics (`tf.keras.metrics.Metric`).

    A subclass makes its state with `add_weight`, changes it in `update_state` and computes from it in `result`.

    **Arguments:**
    - `dtype`: the dtype of the result; `float32` unless `set_floatx` says otherwise.
    - `name`: the name; the class's in snake case by default.

    Keras 2's order, `Metric(name, dtype)`, is understood too.

    ```python
    >>> import functape as tf
    >>> class Largest(tf.keras.metrics.Metric):
    ...     def __init__(self, name="largest", **kwargs):
    ...         super().__init__(name=name, **kwargs)
    ...         self.largest = self.add_weight(name="largest", initializer="zeros")
    ...     def update_state(self, values, sample_weight=None):
    ...         self.largest.assign(tf.maximum(self.largest, tf.reduce_max(values)))
    ...     def result(self):
    ...         return self.largest.value()
    >>> metric = Largest()
    >>> metric.update_state([1.0, 3.0])
    >>> print(metric([2.0]).numpy())
    3.0

    ```
    """

    def __init__(self, dtype: Any = None, name: Any = None, **others: Any) -> None:
        if isinstance(dtype, str) and not _names_dtype(dtype):
            dtype, name = name, dtype
        unknown = set(others) - {"trainable", "dynamic", "autocast"}
        if unknown:
            raise TypeError(
                f"{type(self).__name__} takes `name` and `dtype`. Received unknown arguments: {sorted(unknown)}"
            )
        self.name = unique_name(type(self).__name__) if name is None else name
        self._dtype = standardize_dtype(getattr(dtype, "compute_dtype", dtype))
        self._variables: list[Variable] = []
        self.trainable = True
        self.stateful = True
        self.built = True

    name: Any = None

    # ---- what subclasses define ------------------------------------------------------------------------------

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch; a subclass defines it."""
        raise NotImplementedError("A metric defines `update_state(self, ...)`.")

    def result(self) -> Any:
        """The metric's value so far; a subclass defines it."""
        raise NotImplementedError("A metric defines `result(self)`.")

    def reset_state(self) -> None:
        """Begin anew: every variable becomes zero."""
        if type(self).reset_states is not Metric.reset_states and type(self).reset_state is Metric.reset_state:
            self.reset_states()
        else:
            self._clear()

    def reset_states(self) -> None:
        """Keras 2's name of `reset_state`."""
        if type(self).reset_state is Metric.reset_state:
            self._clear()
        else:
            self.reset_state()

    def _clear(self) -> None:
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape.as_list(), variable.dtype.as_numpy_dtype))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch, and give the value so far."""
        self._check_initialized()
        self.update_state(*args, **kwargs)
        return self.result()

    # ---- state -----------------------------------------------------------------------------------------------

    def add_variable(
        self, shape: Any, initializer: Any, dtype: Any = None, aggregation: Any = "sum", name: str | None = None
    ) -> Variable:
        """Make a variable of the metric's state.

        **Arguments:**
        - `shape`: its shape.
        - `initializer`: a name such as `"zeros"`, or a function of a shape and a dtype.
        - `dtype`: its dtype; the default floating dtype if none is given.
        - `aggregation`: how a distributed variable's copies are combined.
        - `name`: its name.
        """
        self._check_initialized()
        kind = as_dtype(standardize_dtype(dtype))
        lengths: Any = tuple(TensorShape(shape).as_list())
        variable = Variable(
            _initial(initializer, lengths, kind),
            trainable=False,
            name=name,
            dtype=kind,
            aggregation=_aggregation(aggregation),
            synchronization=VariableSynchronization.ON_READ,
        )
        variable.path = f"{self.name.replace('/', '>')}/{name}"  # type: ignore[attr-defined]
        self._variables.append(variable)
        return variable

    def add_weight(self, *args: Any, **kwargs: Any) -> Variable:
        """Make a variable of the metric's state, with the arguments of Keras 3 or Keras 2 (`Metric.add_weight`).

        **Arguments:**
        - `shape`: its shape; a scalar by default.
        - `initializer`: as for `add_variable`; zeros by default.
        - `dtype`: its dtype.
        - `name`: its name. A name in the first place is Keras 2's order: `name`, `shape`, `aggregation`,
          `synchronization`, `initializer`, `dtype`.

        **Raises:** `TypeError` for other arguments.
        """
        order = _KERAS_2_ORDER if args and isinstance(args[0], str) else _KERAS_3_ORDER
        given = dict(zip(order, args, strict=False)) | kwargs
        if len(args) > len(order) or not set(given) <= set(_KERAS_2_ORDER):
            raise TypeError(f"add_weight takes {', '.join(_KERAS_2_ORDER)}. Received: {args}, {kwargs}")
        return self.add_variable(
            given.get("shape", ()),
            given.get("initializer") or "zeros",
            given.get("dtype"),
            given.get("aggregation", "sum"),
            given.get("name"),
        )

    def _check_initialized(self) -> None:
        if "_variables" not in vars(self):
            raise RuntimeError(f"You forgot to call `super().__init__()` in `{type(self).__name__}.__init__`.")

    def _change(self, op: Op, statics: tuple[Any, ...], variables: Iterable[Variable], args: tuple[Any, ...]) -> None:
        """Record an update: the row's outputs become the variables' values.

        **Arguments:**
        - `op`: a row `(*values, *args) -> values`.
        - `statics`: its attributes.
        - `variables`: the variables.
        - `args`: its further inputs.
        """
        for variable in variables:
            variable._settle()
        values = record_multiple(op, statics, (*[variable.tensor for variable in variables], *args))
        for variable, value in zip(variables, values, strict=True):
            variable._adopt(value)

    @property
    def dtype(self) -> str:
        """The name of the metric's dtype."""
        return self._dtype

    @property
    def variables(self) -> list[Any]:  # type: ignore[override]
        """The variables of the state, those of metrics among the attributes included."""
        found = list(self._variables)
        for value in vars(self).values():
            _collect(value, found)
        return found

    weights = variables

    @property
    def trainable_variables(self) -> list[Any]:  # type: ignore[override]
        """The variables that tapes watch; none."""
        return [each for each in self.variables if each.trainable]

    trainable_weights = trainable_variables

    @property
    def non_trainable_variables(self) -> list[Any]:  # type: ignore[override]
        """All variables."""
        return [each for each in self.variables if not each.trainable]

    non_trainable_weights = non_trainable_variables

    def get_weights(self) -> list[Any]:
        """The values of the variables, as arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the values of the variables.

        **Raises:** `ValueError` for another number of arrays.
        """
        variables = self.variables
        if len(weights) != len(variables):
            raise ValueError(f"{self!r} has {len(variables)} variables. Received: {len(weights)} arrays for them.")
        for variable, value in zip(variables, weights, strict=True):
            variable.assign(np.asarray(value, variable.dtype.as_numpy_dtype))

    def merge_state(self, metrics: Iterable[Metric]) -> list[Any]:
        """Add the state of other metrics of the same kind.

        **Arguments:**
        - `metrics`: the others.

        **Returns:** what the assignments return.

        **Raises:** `ValueError` for a metric with another number of variables.
        """
        merged = []
        for metric in metrics:
            if len(metric.variables) != len(self.variables):
                raise ValueError(f"Metric {metric} is not compatible with {self}: it has other variables.")
            for mine, others in zip(self.variables, metric.variables, strict=True):
                merged.append(mine.assign_add(others.value()))
        return merged

    # ---- without side effects --------------------------------------------------------------------------------

    def stateless_update_state(self, metric_variables: Sequence[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """As `update_state`, from the values of the variables to their new values."""
        twin = self._with(metric_variables)
        twin.update_state(*args, **kwargs)
        return [variable.value() for variable in twin.variables]

    def stateless_result(self, metric_variables: Sequence[Any]) -> Any:
        """As `result`, of the values of the variables."""
        return self._with(metric_variables).result()

    def stateless_reset_state(self) -> list[Any]:
        """The values that the variables begin with."""
        twin = self._with([variable.value() for variable in self.variables])
        twin.reset_state()
        return [variable.value() for variable in twin.variables]

    def _with(self, values: Sequence[Any]) -> Any:
        """A copy of the metric whose variables have the given values."""
        variables = self.variables
        if len(values) != len(variables):
            raise ValueError(
                f"Argument `metric_variables` must be a list of tensors corresponding 1:1 to "
                f"{type(self).__name__}().variables. Received list with length {len(values)}, but expected "
                f"{len(variables)} variables."
            )
        copies: dict[int, Any] = {
            id(old): Variable(convert(value), trainable=False, name=old._name)
            for old, value in zip(variables, values, strict=True)
        }
        return _replaced(self, copies)

    # ---- configuration ---------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The metric that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    __str__ = __repr__


_KERAS_3_ORDER = ("shape", "initializer", "dtype", "name")
_KERAS_2_ORDER = ("name", "shape", "aggregation", "synchronization", "initializer", "dtype")


def _names_dtype(text: str) -> bool:
    try:
        standardize_dtype(text)
    except ValueError:
        return False
    return True


def _initial(initializer: Any, shape: tuple[int, ...], kind: Any) -> Any:
    """The first value of a variable."""
    simple = {"zeros": np.zeros, "zero": np.zeros, "ones": np.ones, "one": np.ones}.get(str(initializer).lower())
    if simple is not None:
        return simple(shape, kind.as_numpy_dtype)
    if not callable(initializer) or isinstance(initializer, type):
        from functape.keras import initializers

        initializer = initializers.get(initializer)
    return initializer(shape, dtype=kind)


def _aggregation(value: Any) -> VariableAggregation:
    if isinstance(value, VariableAggregation):
        return value
    names = {None: "NONE", "none": "NONE", "sum": "SUM", "mean": "MEAN", "only_first_replica": "ONLY_FIRST_REPLICA"}
    return VariableAggregation[names.get(value, "SUM")]


def _collect(value: Any, found: list[Any]) -> None:
    """Add the variables in an attribute that are not there yet."""
    if isinstance(value, Variable):
        if not any(each is value for each in found):
            found.append(value)
    elif isinstance(value, Metric):
        for each in value.variables:
            _collect(each, found)
    elif isinstance(value, list | tuple):
        for each in value:
            _collect(each, found)
    elif isinstance(value, dict):
        for each in value.values():
            _collect(each, found)


def _replaced(value: Any, copies: dict[int, Any]) -> Any:
    """An attribute with other variables in place of its own."""
    if id(value) in copies:
        return copies[id(value)]
    if isinstance(value, Metric):
        twin = copies[id(value)] = copy.copy(value)
        for name, each in vars(value).items():
            vars(twin)[name] = _replaced(each, copies)
        return twin
    if type(value) in (list, tuple):
        return type(value)(_replaced(each, copies) for each in value)
    if type(value) is dict:
        return {key: _replaced(each, copies) for key, each in value.items()}
    return value


def default_floating() -> Any:
    """The NumPy type of the default floating dtype."""
    return as_dtype(floatx()).as_numpy_dtype
