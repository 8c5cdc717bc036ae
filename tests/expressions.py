"""Expressions evaluated with TensorFlow and with functape: what they give, or the kind of error they raise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow

import functape

Names = Callable[[Any], dict[str, Any]]


def assert_same(expression: str, names: Names) -> None:
    """Fail unless an expression gives the same, printed form included, or raises an error of the same name.

    **Arguments:**
    - `expression`: Python code.
    - `names`: from the module called `tf` to what else the expression may name.
    """
    theirs, ours = (outcome(expression, tf, names(tf)) for tf in (tensorflow, functape))
    assert ours == theirs, expression


def outcome(expression: str, tf: Any, names: dict[str, Any]) -> Any:
    """What an expression gives, described, or the name of the error it raises."""
    try:
        found = eval(expression, {"tf": tf, "np": np, **names})
    except Exception as error:
        assert str(error), f"{expression} raises {error!r}, which says nothing"
        return type(error).__name__
    return described(found)


def described(found: Any) -> Any:
    if isinstance(found, dict):
        return {key: described(found[key]) for key in sorted(found)}
    if isinstance(found, tuple) and hasattr(found, "_fields"):
        return repr(found)
    if isinstance(found, list | tuple):
        return [described(each) for each in found]
    if hasattr(found, "nested_row_splits"):
        splits = [(each.dtype.name, each.numpy().tolist()) for each in found.nested_row_splits]
        return repr(found), str(found.shape), found.dtype.name, splits
    return repr(found)
