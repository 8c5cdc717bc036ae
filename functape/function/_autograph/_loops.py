"""`while` and `for` statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._api._creation import zeros
from functape._core._constants import constant, convert_to_tensor
from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._trace import ValueNeeded
from functape.function._autograph._conditions import check_condition, is_staged, refuse_data
from functape.function._autograph._loop_state import LoopState, require_iteration
from functape.function._staged import DynamicRange, is_iterable_by_stage, is_tracing, staged_for, staged_while

Thunk = Callable[[], Any]
State = tuple[Any, ...]


def while_stmt(
    test: Thunk,
    body: Thunk,
    get_state: Callable[[], State],
    set_state: Callable[[State], None],
    symbol_names: tuple[str, ...],
    opts: dict[str, Any],
) -> None:
    """A `while` statement.

    **Arguments:**
    - `test`: the condition; where it is a tensor in a trace, the loop is recorded.
    - `body`: one iteration.
    - `get_state`, `set_state`: read and write the variables the loop assigns.
    - `symbol_names`: their names.
    - `opts`: what `set_loop_options` says.

    **Raises:** `ValueError` or `TypeError` if an iteration of a recorded loop changes what a variable is,
    `NotImplementedError` if the condition becomes a tensor only in a later iteration.
    """
    condition = test()
    if not is_staged(condition):
        while condition:
            body()
            condition = test()
            if is_staged(condition):
                raise NotImplementedError(
                    "The condition of the while loop was a Python value at first and became a tensor later: a variable "
                    "changed, or a break or return statement in the loop depends on a tensor. Make it a tensor from "
                    "the start: begin with tf.constant(...), or write `while tf.constant(True)`."
                )
        return
    check_condition(condition, "while loop")
    state = LoopState(get_state, set_state, symbol_names, opts)
    if state.changes_shape:
        raise ValueNeeded(
            "set_loop_options gives shape invariants with unknown lengths: a compiled while loop keeps its shapes. "
            "Collect the values in a tf.TensorArray."
        )

    def staged_test(*values: Any) -> Any:
        set_state(values)
        result = test()
        check_condition(result, "while loop")
        return result

    require_iteration(state.prepare(body), condition)
    with state.restored_on_error():
        after = staged_while(
            staged_test,
            state.iteration(body),
            state.before,
            names=symbol_names,
            maximum_iterations=opts.get("maximum_iterations"),
            shape_invariants=state.invariants,
        )
    set_state(tuple(after))


def for_stmt(
    iter_: Any,
    extra_test: Thunk | None,
    body: Callable[[Any], Any],
    get_state: Callable[[], State],
    set_state: Callable[[State], None],
    symbol_names: tuple[str, ...],
    opts: dict[str, Any],
) -> None:
    """A `for` statement.

    **Arguments:**
    - `iter_`: what is iterated over; a tensor, `tf.range` or `tf.TensorArray` in a trace makes a recorded loop.
    - `extra_test`: a further condition for going on, where the loop has a `break`.
    - `body`: one iteration, given the item.
    - `get_state`, `set_state`, `symbol_names`, `opts`: as in `while_stmt`.

    **Raises:** as `while_stmt`; `NotImplementedError` also if leaving a loop over Python values depends on a tensor.
    """
    tracing = is_tracing()
    hook = getattr(type(iter_), "_staged_for", None) if tracing else None
    if hook is None and not (tracing and is_iterable_by_stage(iter_)):
        if tracing and is_staged(iter_):
            raise ValueError(
                f"Cannot loop over a tensor of shape {iter_.shape}: it has no first axis. Use tf.range(n) to loop n "
                "times."
            )
        if tracing:
            refuse_data(iter_)
        _python_for(iter_, extra_test, body)
        return
    state = LoopState(get_state, set_state, symbol_names, opts)
    if state.changes_shape and hook is None:
        _unrolled(iter_, extra_test, body)
        return
    if hook is None:
        state.start_with(opts.get("iterate_names", ""), lambda: _first_item(iter_))
    first_set = state.prepare(_on_trial(iter_, body, hook))
    length = None if hook is not None else _known_length(iter_)
    limit = opts.get("maximum_iterations")
    if length and extra_test is None and (limit is None or (isinstance(limit, int) and limit > 0)):
        first_set = []
    counted = limit is not None or bool(first_set)

    def staged_body(item: Any, *values: Any) -> State:
        if not counted:
            return state.iteration(lambda: body(item))(*values)
        return (*state.iteration(lambda: body(item))(*values[:-1]), values[-1] + 1)

    def going_on(*values: Any) -> Any:
        within = True if limit is None else values[-1] < limit
        if extra_test is None:
            return convert_to_tensor(within)
        set_state(values[:-1] if counted else values)
        more = convert_to_tensor(extra_test())
        return more if within is True else within & more

    before, names = state.before, symbol_names
    if counted:
        before, names = (*before, constant(0)), (*names, "the number of iterations")
    stop = {} if limit is None and extra_test is None else {"extra_test": going_on}
    with state.restored_on_error():
        if hook is None:
            after = staged_for(iter_, staged_body, before, names=names, **stop)
        else:
            after = hook(iter_, staged_body, before, names=names, **stop)
            if after is NotImplemented:
                set_state(state.entering)
                _python_for(iter_, extra_test, body)
                return
    set_state(tuple(after)[: len(symbol_names)])
    if first_set:
        require_iteration(first_set, after[-1] > 0)


def _python_for(iterable: Any, extra_test: Thunk | None, body: Callable[[Any], Any]) -> None:
    if extra_test is None:
        for item in iterable:
            body(item)
        return
    if not _checked(extra_test()):
        return
    for item in iterable:
        body(item)
        if not _checked(extra_test()):
            break


def _checked(going_on: Any) -> Any:
    if is_staged(going_on):
        raise NotImplementedError(
            "A break or return statement that depends on a tensor cannot leave a loop over Python values, which is "
            "unrolled. Loop over a tensor instead: for i in tf.range(n)."
        )
    return going_on


def _unrolled(iterated: Any, extra_test: Thunk | None, body: Callable[[Any], Any]) -> None:
    """A loop whose variables change their shapes, which a compiled loop cannot: one copy of the body an iteration."""
    length = _known_length(iterated)
    if length is None:
        raise ValueNeeded(
            "set_loop_options gives shape invariants with unknown lengths, and the number of iterations is not known "
            "when the function is compiled. Collect the values in a tf.TensorArray, or loop a fixed number of times."
        )
    _python_for((iterated[index] for index in range(length)), extra_test, body)


def _known_length(iterated: Any) -> int | None:
    return iterated.shape[0] if isinstance(iterated, Tensor | Variable) else None


def _first_item(iterated: Any) -> Any:
    """What the item's variable holds before a recorded loop; None if that is to be found by a trial."""
    if isinstance(iterated, DynamicRange):
        return iterated.start
    if not _known_length(iterated):
        return None
    return zeros(iterated.shape[1:], iterated.dtype)


def _on_trial(iterated: Any, body: Callable[[Any], Any], hook: Any) -> Thunk:
    """One iteration on an item like those of the loop."""

    def take(item: Any) -> tuple[()]:
        body(item)
        return ()

    return lambda: staged_for(iterated, take, ()) if hook is None else hook(iterated, take, ())
