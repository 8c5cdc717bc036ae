"""What optimizers of one's own are made of: variables, and a step written with ops for one variable at a time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from functape._api._clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from functape._api._creation import ones, zeros
from functape._api._elementwise import divide
from functape._core._cast import cast
from functape._core._name_scope import name_scope
from functape._core._variable import Variable
from functape._engine._dtypes import DType, as_dtype
from functape._engine._recorder import local
from functape.function._control_flow import cond
from functape.keras._configuration import floatx
from functape.keras.optimizers._averaging import ACCUMULATOR, AVERAGE
from functape.keras.optimizers._pairs import split_pairs, without_none


class OwnSteps:
    """The part of an optimizer that a subclass with an `update_step` of its own builds on."""

    name: str
    weight_decay: Any
    clipnorm: Any
    clipvalue: Any
    global_clipnorm: Any
    use_ema: Any
    ema_momentum: Any
    ema_overwrite_frequency: Any
    loss_scale_factor: Any
    gradient_accumulation_steps: Any
    learning_rate: Any
    _iterations: Any
    _scope: str
    _own_variables: list[Variable]
    _index_dict: dict[int, int]
    _trainable_variables: list[Variable]
    _around: dict[str, list[Variable]]
    _use_weight_decay: Callable[[Variable], bool]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any = None) -> None:
        """Update one variable: what an optimizer of one's own overrides, with or without the last argument.

        **Arguments:**
        - `gradient`: the gradient, clipped.
        - `variable`: what to assign to.
        - `learning_rate`: the present learning rate.

        **Raises:** `NotImplementedError` unless overridden.
        """
        raise NotImplementedError(
            f"{type(self).__name__} takes its steps for all variables at once. To change the gradients or variables, "
            "do so before or after `apply_gradients`; to write a rule of your own, subclass "
            "tf.keras.optimizers.Optimizer and override `update_step(gradient, variable, learning_rate)`."
        )

    # ---- variables -------------------------------------------------------------------------------------------

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: Any = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Make a variable that is part of the optimizer's state.

        **Arguments:**
        - `shape`: its shape; None for a scalar.
        - `initializer`: an initializer or its name.
        - `dtype`: its dtype, `floatx()` by default. Keras 2 has it before `initializer`, which is understood.
        - `aggregation`, `layout`: accepted for compatibility.
        - `name`: its name.
        """
        if _is_dtype(initializer):
            initializer, dtype = dtype or "zeros", initializer
        value = starting_value(initializer, () if shape is None else tuple(shape), as_dtype(dtype or floatx()))
        variable = Variable(value, trainable=False, name=name)
        self._own_variables.append(variable)
        return variable

    def add_variable_from_reference(
        self,
        reference_variable: Any = None,
        name: str | None = None,
        initializer: Any = "zeros",
        initial_value: Any = None,
        shape: Any = None,
        model_variable: Any = None,
        variable_name: str | None = None,
    ) -> Variable:
        """Make a variable of the shape and dtype of another, such as a momentum.

        **Arguments:**
        - `reference_variable`, or Keras 2's `model_variable`: the other.
        - `name`, or Keras 2's `variable_name`: put before the other's name.
        - `initializer`: an initializer or its name. Keras 2 has `shape` in its place, which is understood.
        - `initial_value`: the value to begin with instead.
        - `shape`: its shape instead of the other's.
        """
        other = model_variable if reference_variable is None else reference_variable
        prefix = name or variable_name or "var"
        if initializer is None or isinstance(initializer, list | tuple) or hasattr(initializer, "as_list"):
            initializer, shape = "zeros", initializer
        full = f"{prefix}/{other.name.removesuffix(':0')}"
        if initial_value is None:
            initial_value = starting_value(initializer, tuple(other.shape if shape is None else shape), other.dtype)
        variable = Variable(initial_value, trainable=False, name=full, dtype=other.dtype)
        self._own_variables.append(variable)
        return variable

    def add_optimizer_variables(self, trainable_variables: Iterable[Any], name: Any, initializer: Any = "zeros") -> Any:
        """Make a variable for each of several, or several for each.

        **Arguments:**
        - `trainable_variables`: the variables.
        - `name`: a name, or a list of them.
        - `initializer`: an initializer, or a list of as many as names.

        **Returns:** a list of variables, or for several names a tuple of lists.

        **Raises:** `ValueError` for another number of initializers than names.
        """
        names = [name] if isinstance(name, str) else list(name)
        starts = list(initializer) if isinstance(initializer, list | tuple) else [initializer] * len(names)
        if len(names) != len(starts):
            raise ValueError(
                "The number of provided names must match the number of provided initializers. "
                f"Received name='{name}', initializer='{initializer}'"
            )
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for each, prefix, start in zip(made, names, starts, strict=True):
                each.append(self.add_variable_from_reference(variable, prefix, start))
        return made[0] if isinstance(name, str) else made

    def assign(self, variable: Any, value: Any) -> None:
        """Assign a value, cast to the variable's dtype."""
        variable.assign(cast(value, variable.dtype))

    def assign_add(self, variable: Any, value: Any) -> None:
        """Add a value, cast to the variable's dtype."""
        variable.assign_add(cast(value, variable.dtype))

    def assign_sub(self, variable: Any, value: Any) -> None:
        """Subtract a value, cast to the variable's dtype."""
        variable.assign_sub(cast(value, variable.dtype))

    def _var_key(self, variable: Any) -> int:
        return id(variable)

    def _get_variable_index(self, variable: Any) -> int:
        return self._index_dict[id(variable)]

    # ---- steps -----------------------------------------------------------------------------------------------

    def _know(self, variables: list[Variable]) -> None:
        """Number the variables, and make what is kept around any rule."""
        self._trainable_variables = variables
        self._index_dict = {id(variable): place for place, variable in enumerate(variables)}
        if self.use_ema:
            self._around[AVERAGE] = [
                self.add_variable_from_reference(each, AVERAGE, initial_value=each.value()) for each in variables
            ]
        if self.gradient_accumulation_steps:
            self._around[ACCUMULATOR] = [self.add_variable_from_reference(each, ACCUMULATOR) for each in variables]

    def _take_own_step(self, grads_and_vars: Iterable[tuple[Any, Variable]], name: str | None = None) -> None:
        """One step with an `update_step` of one's own."""
        gradients, variables = split_pairs(list(grads_and_vars))
        if not gradients:
            return
        with name_scope(name or self.name):
            if not self.built:  # type: ignore[attr-defined]
                self.build(variables)  # type: ignore[attr-defined]
            gradients, variables = without_none(gradients, variables)
            if self.loss_scale_factor is not None:
                gradients = [each / self.loss_scale_factor for each in gradients]
            every = self.gradient_accumulation_steps
            number = self._iterations.value() if local.recorder.tracing else self._iterations.number
            if every:
                self._accumulate(gradients, variables, (number + 1) % every == 0)
            else:
                self._update(gradients, variables)
            if self.use_ema:
                self._average_own(number // (every or 1))
        for variable in variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable))
        self._iterations.add(1)
        local.recorder.flush("an optimizer step")

    def _accumulate(self, gradients: list[Any], variables: list[Variable], full: Any) -> None:
        """Add the gradients to those before; if that makes enough of them, take a step with their mean."""
        sums = [self._kept_for(ACCUMULATOR, variable) for variable in variables]
        for total, gradient in zip(sums, gradients, strict=True):
            total.assign_add(gradient)

        def take() -> None:
            means = [divide(total, float(self.gradient_accumulation_steps)) for total in sums]
            for each in self._around[ACCUMULATOR]:
                each.assign(zeros(each.shape, each.dtype))
            self._update(means, variables)

        cond(full, take, lambda: None)

    def _update(self, gradients: list[Any], variables: list[Variable]) -> None:
        gradients = self._clip_gradients(gradients)
        rate = self.learning_rate
        if self.weight_decay is not None:
            for variable in filter(self._use_weight_decay, variables):
                share = cast(rate, variable.dtype) * cast(self.weight_decay, variable.dtype)
                variable.assign_sub(variable * share)
        takes_rate = _takes_rate(self.update_step)
        for gradient, variable in zip(gradients, variables, strict=True):
            self.update_step(gradient, variable, *((rate,) if takes_rate else ()))

    def _clip_gradients(self, gradients: list[Any]) -> list[Any]:
        if self.clipnorm and self.clipnorm > 0:
            return [clip_by_norm(each, self.clipnorm) for each in gradients]
        if self.global_clipnorm and self.global_clipnorm > 0:
            return list(clip_by_global_norm(gradients, self.global_clipnorm)[0])
        if self.clipvalue and self.clipvalue > 0:
            return [clip_by_value(each, -self.clipvalue, self.clipvalue) for each in gradients]
        return gradients

    def _kept_for(self, slot: str, variable: Variable) -> Variable:
        return self._around[slot][self._index_dict[id(variable)]]

    def _average_own(self, before: Any) -> None:
        pairs = list(zip(self._trainable_variables, self._around[AVERAGE], strict=True))
        for variable, mean in pairs:
            kept = cast(before != 0, variable.dtype) * self.ema_momentum
            mean.assign(kept * mean.value() + (1.0 - kept) * variable.value())

        def overwrite() -> None:
            for variable, mean in pairs:
                variable.assign(mean.value())

        if self.ema_overwrite_frequency:
            cond((before + 1) % self.ema_overwrite_frequency == 0, overwrite, lambda: None)


def adapt(kind: type, base: type) -> None:
    """Give a subclass that overrides part of a step the rest that leads there.

    **Arguments:**
    - `kind`: the subclass. With an `update_step` of its own, steps are taken one variable at a time; with an `apply` of
      its own, `apply_gradients` goes through it, as in Keras 3.
    - `base`: the class that all optimizers share.
    """
    own = vars(kind)
    if "update_step" in own:
        kind._steps_one_by_one = True  # type: ignore[attr-defined]
        if kind.apply_gradients is base.apply_gradients:  # type: ignore[attr-defined]
            kind.apply_gradients = _apply_one_by_one  # type: ignore[attr-defined]
    if "apply" in own and "apply_gradients" not in own:
        kind.apply_gradients = _apply_through_apply  # type: ignore[attr-defined]


def _apply_one_by_one(
    self: Any,
    grads_and_vars: Iterable[tuple[Any, Variable]],
    name: str | None = None,
    skip_gradients_aggregation: bool = False,
    experimental_aggregate_gradients: bool = True,
) -> Variable:
    """Take one step, by `update_step` for each variable; the arguments are those of `Optimizer.apply_gradients`."""
    self._take_own_step(grads_and_vars, name)
    return self._applied


def _apply_through_apply(
    self: Any, grads_and_vars: Iterable[tuple[Any, Variable]], name: str | None = None
) -> Variable:
    """Take one step, by the subclass's `apply`."""
    pairs = list(grads_and_vars)
    if pairs:
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
    return self._applied


def _takes_rate(update_step: Callable[..., Any]) -> bool:
    parameters = inspect.signature(update_step).parameters.values()
    if any(each.kind is each.VAR_POSITIONAL for each in parameters):
        return True
    return sum(each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) for each in parameters) > 2


def _is_dtype(value: Any) -> bool:
    if isinstance(value, DType):
        return True
    if not isinstance(value, str | type):
        return False
    try:
        as_dtype(value)
    except TypeError:
        return False
    return True


_SIMPLE = {"zeros": zeros, "ones": ones}


def starting_value(initializer: Any, shape: tuple[int, ...], dtype: DType) -> Any:
    """What an initializer, or the one of a name, begins with.

    **Arguments:**
    - `initializer`: a name, an initializer or its class.
    - `shape`, `dtype`: of the value.
    """
    if isinstance(initializer, str) and initializer in _SIMPLE:
        return _SIMPLE[initializer](shape, dtype)
    if not callable(initializer) or isinstance(initializer, type):
        from functape.keras.initializers import get

        initializer = get(initializer)
    return initializer(shape, dtype=dtype)
