"""Conditions: which values are staged as conditions, and what they must be."""

from __future__ import annotations

import sys
from typing import Any

from functape._core._tensor import Tensor
from functape._core._variable import Variable
from functape._engine._trace import ValueNeeded
from functape.function._staged import is_symbolic, is_tracing


def is_staged(value: Any) -> bool:
    """Whether control flow that depends on `value` is recorded rather than run: a tensor or variable in a trace."""
    return isinstance(value, Tensor | Variable) and (is_symbolic(value) or is_tracing())


def check_condition(condition: Any, statement: str) -> None:
    """Refuse a tensor that is no condition.

    **Arguments:**
    - `condition`: a tensor or variable.
    - `statement`: what it is the condition of, for the message.

    **Raises:** `ValueError` unless it is a scalar of dtype bool.
    """
    advice = ""
    if not condition.dtype.is_bool:
        advice = "; to use its truth value, compare it, or use `tf.cast(x, tf.bool)`"
    elif condition.shape.rank:
        advice = "; to ask about all or any of its elements, use `tf.reduce_all` or `tf.reduce_any`"
    if advice:
        raise ValueError(
            f"condition of {statement} expected to be `tf.bool` scalar, got a tensor of shape {condition.shape} and "
            f"dtype {condition.dtype.name}{advice}; to check for None, use `is not None`"
        )


def refuse_data(*values: Any) -> None:
    """Refuse a dataset, or a pass over one, in a trace: its elements are not part of the program.

    **Raises:** `ValueNeeded`, upon which the function as a whole runs as Python does.
    """
    data: Any = sys.modules.get("functape.data")
    if data is not None and any(isinstance(value, data.Dataset | data.Iterator) for value in values):
        raise ValueNeeded(
            "The elements of a tf.data.Dataset are read while the function runs. Loop over it outside the function, "
            "and pass the elements as arguments."
        )
