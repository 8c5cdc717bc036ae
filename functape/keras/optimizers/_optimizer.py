"""What all optimizers share: Keras's interface around one recorded op a step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._tensor import Tensor
from functape._core._variable import UnreadVariable, Variable
from functape._engine._dtypes import int64
from functape._engine._recorder import local, record_multiple
from functape.keras.optimizers._host import HostVariable
from functape.keras.optimizers._pairs import gradient_pairs, once_each, split_pairs, without_none
from functape.keras.optimizers._plan import Plan, make_plan
from functape.keras.optimizers._rows import APPLY_UPDATE
from functape.keras.optimizers._settings import Number, check_clipping, check_other_arguments, learning_rate_of
from functape.keras.optimizers._slots import Slots, SlotVariable
from functape.keras.optimizers._transforms import Rule
from functape.keras.optimizers._weights import VariableList, set_values

_TENSORS = {Tensor}
_MAX_PLANS = 256


class Optimizer:
    """The base of the optimizers (`tf.keras.optimizers.Optimizer`).

    **Arguments:**
    - `learning_rate`: a number, a scalar tensor or variable, or a function of the number of iterations (or of nothing)
      that returns one.
    - `name`: the prefix of the names of its variables.
    - `weight_decay`: each step also takes this times the learning rate times the variable off it.
    - `clipnorm`: bound on the norm of each gradient.
    - `clipvalue`: bound on the absolute value of each element of a gradient.
    - `global_clipnorm`: bound on the norm of all gradients together.
    - `loss_scale_factor`: what the loss was multiplied by, which gradients are divided by.
    - `lr`: the old name of `learning_rate`.

    **Raises:** `ValueError` for arguments that exclude each other, that Keras knows and functape does not support
    (`use_ema`, `gradient_accumulation_steps`, `decay`), or that neither knows.
    """

    weight_decay = Number()
    clipnorm = Number()
    clipvalue = Number()
    global_clipnorm = Number()
    loss_scale_factor = Number()

    def __init__(
        self,
        learning_rate: Any,
        name: str | None = None,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        loss_scale_factor: float | None = None,
        lr: Any = None,
        **others: Any,
    ) -> None:
        kind = type(self).__name__
        check_other_arguments(kind, **others)
        check_clipping(kind, clipnorm, global_clipnorm)
        self.name = kind if name is None else name
        self._numbers: dict[str, float | None] = {}
        self._dynamic: set[str] = set()
        """Names of the numbers that are inputs of the program."""
        self._plans: dict[tuple[int, ...], Plan] = {}
        """What steps on the same variables need, by their ids."""
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.loss_scale_factor = loss_scale_factor
        self._rate, self._schedule = learning_rate_of(learning_rate if lr is None else lr)
        self._iterations = HostVariable(0, "iteration", int64)
        self._applied = UnreadVariable(self._iterations)
        self._slots: Slots | None = None
        self._undecayed: tuple[frozenset[int], tuple[str, ...]] = (frozenset(), ())
        self._slot_variables: list[SlotVariable] = []
        self._scope = self.name

    def _rule(self) -> Rule:
        """The transformation behind this optimizer."""
        raise NotImplementedError("An optimizer overrides `_rule`.")

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
        pairs = list(grads_and_vars)
        del grads_and_vars
        try:
            gradients, variables = zip(*pairs, strict=True)
            plan = self._plans.get(tuple(map(id, variables)))
            del variables
        except (TypeError, ValueError):
            plan, gradients = None, ()
        again: list[tuple[Any, Variable]] = []
        if plan is None or set(map(type, gradients)) != _TENSORS:
            if not pairs:
                return self._iterations
            plan, gradients, again = self._prepare(pairs, name)
        del pairs
        self._record(plan, gradients)
        del gradients
        try:
            local.recorder.flush("an optimizer step")
        except Exception:
            # The variables and the slots have the values they had, and so must the count.
            self._slots.count -= 1  # type: ignore[union-attr]
            self._iterations.number -= 1
            raise
        if again:
            # A variable named twice takes both steps, in the same iteration.
            self._iterations.number -= 1
            return self.apply_gradients(again, name)
        return self._applied

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
        plan = self._plan(present)
        if len(present) == len(variables) and all(
            left is right for left, (_, right) in zip(present, pairs, strict=True)
        ):
            if len(self._plans) >= _MAX_PLANS:
                self._plans.clear()
            self._plans[tuple(map(id, present))] = plan
        return plan, tuple(gradients), again

    def _plan(self, variables: list[Variable]) -> Plan:
        assert self._slots is not None
        rule = self._rule()
        if rule is not self._slots.rule:
            self._slots.change_rule(rule)
            self._slot_variables = []
        numbers = {name: value for name, value in self._numbers.items() if value is not None}
        for bound in ("clipnorm", "clipvalue", "global_clipnorm"):
            # As in Keras, a bound that is not positive is none.
            if numbers.get(bound, 1) <= 0:
                del numbers[bound]
        decayed = tuple(map(self._use_weight_decay, variables))
        return make_plan(self._slots, variables, numbers, self._dynamic, decayed)

    def _record(self, plan: Plan, gradients: tuple[Any, ...]) -> None:
        """Record the step and give the variables their new values."""
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
            for variable, weak, tensor in zip(plan.variables, plan.weak, new, strict=False):
                tensor.variable = weak
                variable.tensor = tensor
            local.recorder.assigned = True

    def _scheduled(self) -> Any:
        rate = self._schedule(self._iterations)  # type: ignore[misc]
        return rate if is_tensor_like(rate) else float(np.float32(rate))

    def apply(self, grads: Iterable[Any], trainable_variables: Iterable[Variable] | None = None) -> None:
        """Take one step, with gradients and variables in two lists as Keras 3 has them.

        **Arguments:**
        - `grads`: a gradient or None for each variable.
        - `trainable_variables`: the variables; by default those the optimizer was built with.

        **Raises:** `ValueError` if there are not as many gradients as variables; otherwise as `apply_gradients`.
        """
        gradients = list(grads)
        del grads
        if trainable_variables is None and self._slots is None:
            raise ValueError(
                "`apply(grads)` without variables needs an optimizer that knows them: call "
                "`optimizer.build(trainable_variables)` first, or pass `trainable_variables`."
            )
        variables = list(self._slots.variables if trainable_variables is None else trainable_variables)  # type: ignore[union-attr]
        if len(gradients) != len(variables):
            raise ValueError(
                f"`apply` needs a gradient (or None) for each variable. Received {len(gradients)} gradients for "
                f"{len(variables)} variables."
            )
        pairs = zip(gradients, variables, strict=True)
        del gradients
        self.apply_gradients(pairs)

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

    def build(self, var_list: Iterable[Variable]) -> None:
        """Make the state for variables that have none yet; `apply_gradients` does so by itself."""
        if self._slots is None:
            self._slots = Slots(self._rule())
        known = len(self._slots.variables)
        self._slots.numbers(list(var_list))
        if known != len(self._slots.variables):
            self._plans.clear()

    @property
    def built(self) -> bool:
        """Whether there is state for any variable."""
        return self._slots is not None

    def scale_loss(self, loss: Any) -> Any:
        """The loss times `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    # ---- hyperparameters -------------------------------------------------------------------------------------

    @property
    def learning_rate(self) -> Any:
        """The learning rate, a variable that may be assigned; with a schedule, its present value."""
        return self._rate if self._schedule is None else convert(self._scheduled())

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        rate, schedule = learning_rate_of(value)
        if schedule is not None:
            self._rate, self._schedule = None, schedule
        elif self._schedule is not None:
            raise TypeError(
                "This optimizer was created with a learning-rate schedule as its `learning_rate`, so the learning rate "
                f"cannot be set to a number. Received: {value!r}. Assign another schedule, or make the optimizer with "
                "a number."
            )
        elif isinstance(value, Variable):
            self._rate = rate
        else:
            self._rate.assign(value)  # type: ignore[union-attr]

    lr = learning_rate

    @property
    def iterations(self) -> Variable:
        """How many steps were taken: an int64 variable, which may be assigned."""
        return self._iterations

    @iterations.setter
    def iterations(self, value: Any) -> None:
        self._iterations.assign(int(value))

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Exempt variables from `weight_decay`; before the first step.

        **Arguments:**
        - `var_list`: variables.
        - `var_names`: parts of the names of variables.

        **Raises:** `ValueError` after the first step.
        """
        if self._slots is not None:
            raise ValueError("`exclude_from_weight_decay()` can only be called before the optimizer is built.")
        self._kept = list(var_list or ())
        self._undecayed = (frozenset(map(id, self._kept)), tuple(var_names or ()))

    def _use_weight_decay(self, variable: Variable) -> bool:
        excluded, parts = self._undecayed
        return id(variable) not in excluded and not any(part in variable.name for part in parts)

    # ---- state -----------------------------------------------------------------------------------------------

    @property
    def variables(self) -> VariableList:
        """The iteration count and, for each variable the optimizer has met, its slots."""
        made = self._slot_variables
        if self._slots is not None:
            slots = self._slots
            count = len(slots.rule.slots)
            for number in range(len(made) // count if count else 0, len(slots.variables) if count else 0):
                for slot in slots.rule.slots:
                    made.append(
                        SlotVariable(slots, slot, number, f"{self._scope}/{slot}/{slots.variables[number]._name}")
                    )
        return VariableList([self._iterations, *made])

    @property
    def weights(self) -> VariableList:
        """As `variables`."""
        return self.variables

    def get_weights(self) -> list[Any]:
        """The values of `variables` as NumPy arrays."""
        return [variable.numpy() for variable in self.variables]

    def set_weights(self, weights: Iterable[Any]) -> None:
        """Set the values of `variables`.

        **Raises:** `ValueError` for another number of arrays, or an array of another shape.
        """
        set_values(self.name, self.variables, list(weights))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one."""
        rate = self._schedule if self._rate is None else float(self._rate)
        return {"name": self.name, "learning_rate": rate, **self._numbers}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Callable[..., Any]] | None = None) -> Any:
        """An optimizer from what `get_config` returned.

        **Arguments:**
        - `config`: the arguments by name.
        - `custom_objects`: accepted for compatibility; the arguments hold no names of classes.
        """
        return cls(**config)
