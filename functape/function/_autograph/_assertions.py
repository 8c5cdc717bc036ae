"""`assert` statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape.function._autograph._conditions import is_staged


def assert_stmt(expression1: Any, expression2: Callable[[], Any]) -> None:
    """An `assert` statement.

    **Arguments:**
    - `expression1`: the condition; a tensor in a trace is checked each time the function runs.
    - `expression2`: gives the message.

    **Raises:** `AssertionError` if a Python condition is false. A tensor that is false raises
    `tf.errors.InvalidArgumentError` when the function runs.
    """
    if is_staged(expression1):
        from functape import debugging

        debugging.Assert(expression1, [expression2()])
        return
    assert expression1, expression2()
