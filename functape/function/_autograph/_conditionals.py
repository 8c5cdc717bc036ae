"""`if` statements and conditional expressions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape.function._autograph._conditions import check_condition, is_staged
from functape.function._autograph._symbols import check_branch, check_branches
from functape.function._staged import staged_cond

Thunk = Callable[[], Any]
State = tuple[Any, ...]


def if_stmt(
    cond: Any,
    body: Thunk,
    orelse: Thunk,
    get_state: Callable[[], State],
    set_state: Callable[[State], None],
    symbol_names: tuple[str, ...],
    nouts: int,
) -> None:
    """An `if` statement.

    **Arguments:**
    - `cond`: the condition; a tensor in a trace makes the statement a recorded one.
    - `body`, `orelse`: the branches. They read and write the variables of the function around them.
    - `get_state`, `set_state`: read and write the variables that a branch assigns.
    - `symbol_names`: their names.
    - `nouts`: how many of them, from the first, are used afterwards.

    **Raises:** `ValueError` or `TypeError` if a variable used afterwards does not come out alike of both branches.
    """
    if not is_staged(cond):
        if cond:
            body()
        else:
            orelse()
        return
    check_condition(cond, "if statement")
    before, names = get_state(), symbol_names[:nouts]
    outcomes: dict[str, State] = {}

    def run(block: Thunk, branch: str) -> State:
        set_state(before)
        block()
        outcomes[branch] = outcome = get_state()[:nouts]
        check_branch(outcome, names, branch)
        if len(outcomes) == 2:
            check_branches(outcomes["main"], outcomes["else"], names)
        return outcome

    try:
        after = staged_cond(cond, lambda: run(body, "main"), lambda: run(orelse, "else"), names=names)
    except BaseException:
        set_state(before)
        raise
    set_state((*after, *before[nouts:]))


def if_exp(cond: Any, if_true: Thunk, if_false: Thunk, expr_repr: str) -> Any:
    """A conditional expression.

    **Arguments:**
    - `cond`: the condition.
    - `if_true`, `if_false`: the operands.
    - `expr_repr`: the condition's source, for messages.

    **Raises:** `ValueError` or `TypeError` if the operands of a recorded expression differ in kind.
    """
    if not is_staged(cond):
        return if_true() if cond else if_false()
    check_condition(cond, "conditional expression")
    outcomes: list[Any] = []

    def run(operand: Thunk) -> Any:
        outcomes.append(operand())
        if len(outcomes) == 2:
            check_branches((outcomes[0],), (outcomes[1],), (expr_repr,))
        return (outcomes[-1],)

    return staged_cond(cond, lambda: run(if_true), lambda: run(if_false), names=(expr_repr,))[0]
