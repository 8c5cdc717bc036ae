"""`and`, `or`, `not`, `==` and `!=`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._constants import convert_to_tensor
from functape._engine._recorder import record
from functape._ops import _operators as rows
from functape.function._autograph._conditions import is_staged
from functape.function._staged import staged_cond

Thunk = Callable[[], Any]


def and_(a: Thunk, b: Thunk) -> Any:
    """`a and b`; the second operand is evaluated only if the first is true."""
    first = a()
    if is_staged(first):
        return _either(first, b, lambda: first, "and")
    return first and b()


def or_(a: Thunk, b: Thunk) -> Any:
    """`a or b`; the second operand is evaluated only if the first is false."""
    first = a()
    if is_staged(first):
        return _either(first, lambda: first, b, "or")
    return first or b()


def _either(first: Any, if_true: Thunk, if_false: Thunk, operator: str) -> Any:
    if not first.dtype.is_bool or first.shape.rank:
        raise TypeError(
            f"The first operand of `{operator}` must be a scalar of dtype bool. Received a tensor of shape "
            f"{first.shape} and dtype {first.dtype.name}. Compare it first, or use tf.logical_{operator} for all "
            "elements at once."
        )
    outcomes: list[Any] = []

    def run(operand: Thunk) -> Any:
        value = convert_to_tensor(operand())
        outcomes.append(value)
        if len(outcomes) == 2 and outcomes[0].dtype is not outcomes[1].dtype:
            raise TypeError(
                f"The operands of `{operator}` must have one dtype where the first is a tensor. Received: "
                f"{outcomes[0].dtype.name} and {outcomes[1].dtype.name}. Compare numbers first."
            )
        return value

    return staged_cond(first, lambda: run(if_true), lambda: run(if_false))


def not_(a: Any) -> Any:
    """`not a`.

    **Raises:** `TypeError` for a tensor of another dtype than bool.
    """
    if not is_staged(a):
        return not a
    if not a.dtype.is_bool:
        raise TypeError(
            f"`not` takes a tensor of dtype bool. Received one of dtype {a.dtype.name}. Compare it first: x == 0."
        )
    return record(rows.LOGICAL_NOT, (), (a,))


def eq(a: Any, b: Any) -> Any:
    """`a == b`."""
    return a == b


def not_eq(a: Any, b: Any) -> Any:
    """`a != b`."""
    return a != b
