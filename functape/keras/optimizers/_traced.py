"""An optimizer's step while a function is traced: the count of steps is part of the traced program's state."""

from __future__ import annotations

from typing import Any

from functape._engine._avals import Kind
from functape._engine._op import Op
from functape._engine._recorder import record, record_multiple
from functape.keras.optimizers._plan import Plan
from functape.keras.optimizers._rows import APPLY_UPDATE

WITH_COUNT = Op(
    "OptimizerWithCount",
    lambda state, count: (*state[:-1], count),
    differentiable=False,
    kinds=lambda: (Kind.TREE,),
)
"""`(state, count)`: an optimizer's state, with another number of steps taken."""


def record_traced_step(optimizer: Any, plan: Plan, gradients: tuple[Any, ...]) -> None:
    """Record a step of `optimizer` in the function being traced.

    **Arguments:**
    - `optimizer`: a built optimizer.
    - `plan`: the plan of the step.
    - `gradients`: a tensor for each of the plan's variables.
    """
    slots, iterations = optimizer._slots, optimizer._iterations
    rate = optimizer._rate if optimizer._schedule is None else optimizer._scheduled()
    # The number of steps is the variable's, which may have been assigned since the last step.
    state = (record(WITH_COUNT, (), (slots.tensor, iterations)),) if slots.rule.slots else ()
    values = [variable.tensor for variable in plan.variables]
    new = record_multiple(APPLY_UPDATE, plan.statics, (rate, *state, *plan.numbers, *values, *gradients))
    iterations.add(1)
    if state:
        slots.receive(new[-1])
    if plan.adopt is not None:
        plan.adopt(new)
    else:
        for variable, tensor in zip(plan.variables, new, strict=False):
            variable.receive(tensor)
