"""What all optimizers share: Keras's interface around one recorded op a step."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from functape._core import _deferred as deferred
from functape._core._convert import from_jax
from functape._core._tensor import Tensor
from functape._core._variable import UnreadVariable, Variable
from functape._engine._dtypes import int64
from functape._engine._ended import end_step
from functape._engine._hot import adopt
from functape._engine._recorder import local, record_multiple
from functape.keras._serialization import deserialize_keras_object, serialize_keras_object
from functape.keras.optimizers._averaging import AVERAGE, surrounded
from functape.keras.optimizers._copying import Copyable
from functape.keras.optimizers._custom import OwnSteps, adapt
from functape.keras.optimizers._declaring import SHARED, constructor
from functape.keras.optimizers._host import HostVariable
from functape.keras.optimizers._pairs import gradient_pairs, once_each, split_pairs, without_none
from functape.keras.optimizers._plan import Plan, make_plan
from functape.keras.optimizers._rates import Rates
from functape.keras.optimizers._rows import APPLY_UPDATE
from functape.keras.optimizers._settings import (
    Flag,
    Number,
    Setting,
    check_accumulation,
    check_averaging,
    check_clipping,
    check_other_arguments,
    settings_of,
)
from functape.keras.optimizers._slots import Slots, SlotVariable
from functape.keras.optimizers._sparse import magnitudes_by_rows, take_rows
from functape.keras.optimizers._traced import record_traced_step
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._weights import VariableList, load_values, set_values

optimizers: weakref.WeakSet[Optimizer] = weakref.WeakSet()
"""All there are, so that what a step touches can be traced back to its optimizer."""
_TENSORS = {Tensor}
_MAX_PLANS = 256


class Optimizer(Rates, OwnSteps, Copyable):
    """The base of the optimizers (`tf.keras.optimizers.Optimizer`).

    A subclass of one's own overrides `build`, to make its variables, and `update_step`, as in Keras 2 or Keras 3.

    **Arguments:**
    - `learning_rate`: a number, a scalar tensor or variable, or a function of the number of iterations (or of nothing)
      that returns one. A string in its place is the name, as in Keras 2.
    - `weight_decay`: each step also takes this times the learning rate times the variable off it.
    - `clipnorm`: bound on the norm of each gradient.
    - `clipvalue`: bound on the absolute value of each element of a gradient.
    - `global_clipnorm`: bound on the norm of all gradients together. Of the three bounds the first that is given
      counts, in the order `clipnorm`, `global_clipnorm`, `clipvalue`.
    - `use_ema`: whether to keep running means of the variables; `finalize_variable_values` assigns them.
    - `ema_momentum`: the share of a running mean that a step keeps.
    - `ema_overwrite_frequency`: after every so many steps the running means are assigned to the variables.
    - `loss_scale_factor`: what the loss was multiplied by, which gradients are divided by.
    - `gradient_accumulation_steps`: only every so many calls take a step, with the mean of the gradients since the
      last.
    - `name`: the prefix of the names of its variables; the class's name by default.
    - `lr`: the old name of `learning_rate`.
    - `decay`: the learning rate is divided by one more than this times the number of steps taken.
    - `jit_compile`: accepted for compatibility: every step is compiled.

    **Raises:** `ValueError` for arguments that exclude each other, that Keras knows and functape does not support, or
    that neither knows.

    ```python
    >>> import functape as tf
    >>> class SignDescent(tf.keras.optimizers.Optimizer):
    ...     def update_step(self, gradient, variable, learning_rate):
    ...         self.assign_sub(variable, learning_rate * tf.sign(gradient))
    >>> w = tf.Variable([1.0, -2.0])
    >>> _ = SignDescent(0.5).apply_gradients([(w * 3.0, w)])
    >>> print(w.numpy())
    [ 0.5 -1.5]

    ```
    """

    weight_decay = Number()
    clipnorm = Number()
    clipvalue = Number()
    global_clipnorm = Number()
    use_ema = Flag(False)
    ema_momentum = Number(0.99)
    ema_overwrite_frequency = Setting()
    loss_scale_factor = Number()
    gradient_accumulation_steps = Setting()

    _steps_one_by_one = False
    """Whether a subclass updates the variables by an `update_step` of its own."""
    _part_by_part = True
    """Whether the magnitudes of gradients by rows are those of their parts, as in Keras 3, not of the parts' sums."""
    _slot_pattern = "{scope}/{slot}/{variable}"
    """How slots are named."""
    _slot_names: ClassVar[dict[str, str]] = {}
    """What a slot is called where its name is not the rule's."""
    jit_compile = True
    _numbers: dict[str, float | None]
    _settings: dict[str, Any]
    _dynamic: set[str]
    """Names of the numbers that are inputs of the program."""

    def __init_subclass__(cls, learning_rate: float | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if learning_rate is not None:
            cls.__init__ = constructor(cls, Optimizer, learning_rate, SHARED)  # type: ignore[method-assign]
        adapt(cls, Optimizer)

    def __init__(
        self,
        learning_rate: Any = None,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        lr: Any = None,
        decay: float | None = None,
        **kwargs: Any,
    ) -> None:
        kind = type(self).__name__
        if isinstance(learning_rate, str) and name is None:
            learning_rate, name = None, learning_rate
        check_other_arguments(kind, **self._take_others(**kwargs))
        check_clipping(kind, clipnorm, global_clipnorm)
        check_averaging(use_ema, ema_momentum, ema_overwrite_frequency)
        check_accumulation(gradient_accumulation_steps)
        self.name = kind if name is None else name
        self._scope = self.name
        self._begin()
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency or None
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps or None
        self._set_rate(learning_rate if lr is None else lr)
        if decay:
            self.decay = decay

    def _begin(self) -> None:
        """Set what a new optimizer, and a copy of one, begins with."""
        own = vars(self)
        own.setdefault("_numbers", {})
        own.setdefault("_settings", {})
        own.setdefault("_dynamic", set())
        own.setdefault("_own_variables", [])
        own.setdefault("_around", {})
        own.setdefault("_decay", 0.0)
        own.setdefault("_built", False)
        own.setdefault("_kept", [])
        optimizers.add(self)
        self._plans: dict[tuple[Any, ...], Plan] = {}
        """What steps on the same variables need, by their ids, and by which gradients come by rows if any do."""
        self._iterations = HostVariable(0, "iteration", int64)
        self._applied = UnreadVariable(self._iterations)
        self._slots: Slots | None = None
        self._undecayed: tuple[frozenset[int], tuple[str, ...]] = (frozenset(), ())
        self._slot_variables: dict[tuple[str, int], SlotVariable] = {}
        self._index_dict: dict[int, int] = {}
        self._trainable_variables: list[Variable] = []
        self._waiting: list[Any] | None = None
        """Values of the slots of an optimizer that this is a copy of."""

    def _take_others(self, **others: Any) -> dict[str, Any]:
        """Take the arguments that only this class knows out of those that nobody has declared."""
        return others

    def _check(self) -> None:
        """Reject settings that do not fit each other."""

    def _rule(self) -> Rule:
        """The transformation behind this optimizer."""
        raise NotImplementedError(
            f"{type(self).__name__} has no rule: override `update_step(self, gradient, variable, learning_rate)`, or "
            "use an optimizer that has one, such as tf.keras.optimizers.Adam."
        )

    def _whole_rule(self) -> Rule:
        return surrounded(self._rule(), self.use_ema, bool(self.gradient_accumulation_steps))

    # ---- steps -----------------------------------------------------------------------------------------------

    def apply_gradients(
        self,
        grads_and_vars: Iterable[tuple[Any, Variable]],
        name: str | None = None,
        skip_gradients_aggregation: bool = False,
        experimental_aggregate_gradients: bool = True,
    ) -> Variable:
        """Take one step.

        **Arguments:**
        - `grads_and_vars`: pairs of a gradient and its variable, in any iterable. A gradient may be a tensor of the
          variable's shape and dtype, `tf.IndexedSlices`, or None, in which case the variable stays as it is.
        - `name`: prefix of the names of state made in this call; the optimizer's name by default.
        - `skip_gradients_aggregation`, `experimental_aggregate_gradients`: accepted for compatibility; there is one
          copy of each variable and so nothing to aggregate.

        **Returns:** the number of iterations, a variable.

        **Raises:** `ValueError` if every gradient is None; `TypeError` for what is no pair; `InvalidArgumentError` for
        a gradient of another shape or dtype than its variable.
        """
        # What Python still holds when the step is run becomes an output of its program: hold nothing.
        gradients: Any = []
        variables: list[Any] = []
        again: list[tuple[Any, Variable]] = []
        pair: Any = ()
        for pair in grads_and_vars:
            try:
                gradient, variable = pair
            except (TypeError, ValueError):
                split_pairs([*zip(gradients, variables, strict=True), pair])
                raise
            gradients.append(gradient)
            variables.append(variable)
        grads_and_vars = pair = gradient = ()
        plan = self._plans.get(tuple(map(id, variables)))
        if plan is None or not _TENSORS.issuperset(map(type, gradients)):
            if not gradients:
                return self._iterations
            remaining = take_rows(self, list(zip(gradients, variables, strict=True)))
            if not remaining:
                gradients = ()
                self._iterations.add(1)
                end_step(lambda: self._iterations.add(-1))
                return self._applied
            plan, gradients, again = self._prepare(remaining, name)
            del remaining
        self._record(plan, gradients)
        del gradients
        end_step(self._take_back)
        if again:
            # A variable named twice takes both steps, in the same iteration.
            self._iterations.add(-1)
            return self.apply_gradients(again, name)
        return self._applied

    def _take_back(self) -> None:
        """Count one step less: it failed, and the variables and the slots have the values they had."""
        self._slots.count -= 1  # type: ignore[union-attr]
        self._iterations.number -= 1

    def _prepare(
        self, pairs: list[tuple[Any, Any]], name: str | None
    ) -> tuple[Plan, tuple[Any, ...], list[tuple[Any, Variable]]]:
        """The plan and the gradients of a step that is the first of its kind, or has gradients that are no tensors."""
        gradients, variables = split_pairs(pairs)
        if name is not None and self._slots is None:
            self._scope = name
        self.build(variables)
        gradients, present = without_none(gradients, variables)
        again = once_each(gradients, present)
        apart, magnitudes = ((), ()) if again else magnitudes_by_rows(self, pairs, present)
        key: Any = tuple(map(id, present))
        key = (key, apart) if apart else key
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            plan = self._plans[key] = self._plan(present, apart)
        return plan, (*gradients, *magnitudes), again

    def _plan(self, variables: list[Variable], apart: tuple[int, ...]) -> Plan:
        assert self._slots is not None
        rule = self._whole_rule()
        if rule is not self._slots.rule:
            self._slots.change_rule(rule)
            self._slot_variables = {}
        numbers: dict[str, Any] = {name: value for name, value in self._numbers.items() if value is not None}
        for bound in ("clipnorm", "clipvalue", "global_clipnorm"):
            # As in Keras, a bound that is not positive is none.
            if numbers.get(bound, 1) <= 0:
                del numbers[bound]
        if not self.use_ema:
            del numbers["ema_momentum"]
        elif self.ema_overwrite_frequency:
            numbers["ema_frequency"] = self.ema_overwrite_frequency
        if self.gradient_accumulation_steps:
            numbers["accumulation_steps"] = int(self.gradient_accumulation_steps)
        decayed = tuple(self._decay_of(each) if self._use_weight_decay(each) else "" for each in variables)
        return make_plan(self._slots, variables, numbers, self._dynamic, decayed, apart)

    def _decay_of(self, variable: Variable) -> str:
        """The name of the number that is a variable's weight decay."""
        return "weight_decay"

    def _record(self, plan: Plan, gradients: tuple[Any, ...]) -> None:
        """Record the step and give the variables their new values."""
        if local.recorder.tracing:
            record_traced_step(self, plan, gradients)
            return
        slots: Slots = self._slots  # type: ignore[assignment]
        iterations = self._iterations
        if slots.count != iterations.number:
            slots.count_from(iterations.number)
        rate = self._rate.tensor if self._schedule is None else self._scheduled()  # type: ignore[union-attr]
        state = (slots.tensor,) if slots.rule.slots else ()
        values = [variable.tensor for variable in plan.variables]
        new = record_multiple(APPLY_UPDATE, plan.statics, (rate, *state, *plan.numbers, *values, *gradients))
        slots.count += 1
        iterations.number = slots.count
        if state:
            tree = new[-1]
            tree.variable = slots.weak
            slots.tensor = tree
        if plan.adopt is not None:
            plan.adopt(new)
        else:
            adopt(plan.variables, new, plan.weak)
            local.recorder.assigned = True

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step, with gradients and variables in two lists as Keras 3 has them.

        **Arguments:**
        - `grads`: a gradient or None for each variable.
        - `trainable_variables`: the variables; by default those the optimizer was built with.

        **Raises:** `ValueError` if there are not as many gradients as variables; otherwise as `apply_gradients`.
        """
        gradients = list(grads)
        del grads
        if trainable_variables is None and not self.built:
            raise ValueError(
                "`apply(grads)` without variables needs an optimizer that knows them: call "
                "`optimizer.build(trainable_variables)` first, or pass `trainable_variables`."
            )
        known = self._trainable_variables if self._slots is None else self._slots.variables
        variables = list(known if trainable_variables is None else trainable_variables)
        if len(gradients) != len(variables):
            raise ValueError(
                f"`apply` needs a gradient (or None) for each variable. Received {len(gradients)} gradients for "
                f"{len(variables)} variables."
            )
        pairs = zip(gradients, variables, strict=True)
        del gradients
        if self._steps_one_by_one:
            self._take_own_step(pairs)
        else:
            Optimizer.apply_gradients(self, pairs)

    def minimize(
        self,
        loss: Any,
        var_list: Any,
        tape: Any = None,
        grad_loss: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Compute the gradients of `loss` and take one step.

        **Arguments:**
        - `loss`: a function without arguments that returns the loss; or the loss, if `tape` recorded it.
        - `var_list`: the variables, or a function that returns them.
        - `tape`: the tape to record on.
        - `grad_loss`: a weight for each element of the loss.
        - `name`: as for `apply_gradients`.

        **Returns:** as `apply_gradients`.

        **Raises:** `ValueError` for a loss that is a tensor without the tape that recorded it.
        """
        return self.apply_gradients(self.compute_gradients(loss, var_list, tape, grad_loss), name)

    def compute_gradients(
        self, loss: Any, var_list: Any, tape: Any = None, grad_loss: Any = None
    ) -> list[tuple[Any, Variable]]:
        """The pairs that `minimize` applies; the arguments are as there."""
        return gradient_pairs(loss, var_list, tape, grad_loss)

    def aggregate_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> list[tuple[Any, Variable]]:
        """The pairs as they are: there is one copy of each variable, and so nothing to add up."""
        return list(grads_and_vars)

    def get_gradients(self, loss: Any, params: Any) -> Any:
        """Not supported, as in TensorFlow's eager mode.

        **Raises:** `RuntimeError`.
        """
        raise RuntimeError(
            "get_gradients is not supported when eager execution is enabled. Use tf.GradientTape: "
            "with tf.GradientTape() as tape: loss = ...; then tape.gradient(loss, params)."
        )

    def get_updates(self, loss: Any, params: Any) -> Any:
        """Not supported, as `get_gradients`; use `minimize`.

        **Raises:** `RuntimeError`.
        """
        raise RuntimeError(
            "get_updates is not supported when eager execution is enabled. "
            "Use optimizer.minimize(loss_function, params)."
        )

    def build(self, var_list: Iterable[Variable]) -> None:
        """Make the state for variables that have none yet; `apply_gradients` does so by itself."""
        if self._steps_one_by_one:
            if not self._index_dict:
                self._know(list(var_list))
            return
        if self._slots is None:
            self._slots = Slots(self._whole_rule())
        known = len(self._slots.variables)
        self._slots.numbers(list(var_list))
        if known != len(self._slots.variables):
            self._plans.clear()
        if self._waiting is not None:
            waiting, self._waiting = self._waiting, None
            self._slots.count = self._iterations.number
            set_values(self.name, self.variables[1:], waiting)
        if deferred.waiting:
            deferred.has_new_parts(self)

    def _known_variables(self) -> list[Variable] | None:
        """The variables that there are slots for; None if there is no state that a copy would have to be given."""
        return None if self._slots is None else self._slots.variables

    @property
    def built(self) -> bool:
        """Whether there is state for any variable."""
        return self._slots is not None or bool(self._index_dict)

    @built.setter
    def built(self, value: bool) -> None:
        self._built = value

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """With `use_ema`, assign the running means to the variables.

        **Arguments:**
        - `var_list`: variables that the optimizer has updated.

        **Raises:** `ValueError` for others.
        """
        if not self.use_ema:
            return
        variables = list(var_list)
        strange = [each.name for each in variables if not self._knows(each)]
        if strange:
            raise ValueError(
                f"`finalize_variable_values` assigns the running means of variables that the optimizer has updated. "
                f"Received others: {strange}"
            )
        for variable in variables:
            if self._slots is None:
                variable.assign(self._kept_for(AVERAGE, variable).value())
            else:
                (number,) = self._slots.numbers([variable])
                variable.assign(from_jax(self._slots.read(AVERAGE, number)))

    def _knows(self, variable: Variable) -> bool:
        return id(variable) in self._index_dict if self._slots is None else self._slots.knows(variable)

    @property
    def iterations(self) -> Any:
        """How many steps were taken: an int64 variable, which may be assigned."""
        every = self.gradient_accumulation_steps
        return self._iterations // every if every else self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(int(value))

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Exempt variables from `weight_decay`; before the first step.

        **Arguments:**
        - `var_list`: variables.
        - `var_names`: regular expressions, one of which is found in the names of variables.

        **Raises:** `ValueError` after the first step.
        """
        if self.built:
            raise ValueError("`exclude_from_weight_decay()` can only be called before the optimizer is built.")
        self._kept = list(var_list or ())
        self._undecayed = (frozenset(map(id, self._kept)), tuple(var_names or ()))

    def _use_weight_decay(self, variable: Variable) -> bool:
        excluded, patterns = self._undecayed
        return id(variable) not in excluded and not any(re.search(each, variable.name) for each in patterns)

    # ---- state -----------------------------------------------------------------------------------------------

    @property
    def variables(self) -> VariableList:
        """The iteration count and, for each variable the optimizer has met, its slots."""
        return VariableList([self._iterations, *self._own_variables, *self._all_slots()])

    def _all_slots(self) -> Iterable[SlotVariable]:
        slots = self._slots
        if slots is None:
            return
        for group in slots.rule.groups:
            for number in range(len(slots.variables)):
                for slot in group:
                    made = self._slot_variables.get((slot, number))
                    if made is None and slots.shape(slot, number) is not None:
                        called = self._slot_names.get(slot, slot)
                        name = self._slot_pattern.format(
                            scope=self._scope, slot=called, variable=slots.variables[number]._name
                        )
                        made = self._slot_variables[slot, number] = SlotVariable(slots, slot, number, name)
                    if made is not None:
                        yield made

    @property
    def weights(self) -> VariableList:
        """As `variables`."""
        return self.variables

    def get_weights(self) -> list[Any]:
        """The values of `variables` as NumPy arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Set the values of `variables`.

        **Raises:** `ValueError` before there is state, for another number of arrays, or an array of another shape.
        """
        if not self.built:
            raise ValueError(
                f"You are calling `set_weights()` on the optimizer {self.name}, which has no state yet. Call "
                "`optimizer.build(trainable_variables)` before."
            )
        set_values(self.name, self.variables, list(weights))

    def save_own_variables(self, store: Any) -> None:
        """Put the values of `variables` into a mapping, under the names `"0"`, `"1"` and so on."""
        for place, value in enumerate(self.get_weights()):
            store[str(place)] = value

    def load_own_variables(self, store: Any) -> None:
        """Take the values of `variables` from a mapping that `save_own_variables` or Keras 3 filled.

        A mapping with another number of values is left alone, with a warning.
        """
        load_values(self, store)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        config: dict[str, Any] = {
            "name": self.name,
            "learning_rate": self._serialize_hyperparameter(self._learning_rate),
        }
        shared = ["weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum"]
        shared += ["ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps"]
        own = [name for name in settings_of(type(self)) if name not in shared]
        config |= {name: getattr(self, name) for name in (*shared, *own)}
        return config | ({"decay": self._decay} if self._decay else {})

    def _serialize_hyperparameter(self, hyperparameter: Any) -> Any:
        if isinstance(hyperparameter, Variable):
            return float(hyperparameter)
        return serialize_keras_object(hyperparameter) if hasattr(hyperparameter, "get_config") else hyperparameter

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Callable[..., Any]] | None = None) -> Any:
        """An optimizer from what `get_config` returned.

        **Arguments:**
        - `config`: the arguments by name.
        - `custom_objects`: classes of learning-rate schedules by name.
        """
        config = dict(config)
        if "lr" in config:
            config["learning_rate"] = config.pop("lr")
        if isinstance(config.get("learning_rate"), dict):
            config["learning_rate"] = deserialize_keras_object(config["learning_rate"], custom_objects)
        return cls(**config)
