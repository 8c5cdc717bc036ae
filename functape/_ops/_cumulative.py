"""Rows of the running sums and products."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._ops import _checks as checks


def _running(accumulate: Any, neutral: float) -> Any:
    """A running total along an axis; `exclusive` leaves each element out of its own total."""

    def function(x: Any, axis: int, exclusive: bool, reverse: bool) -> Any:
        axis %= x.ndim
        total = accumulate(x, axis, reverse=reverse)
        if not exclusive or not x.shape[axis]:
            return total
        lengths = (*x.shape[:axis], 1, *x.shape[axis + 1 :])
        edge = jnp.full(lengths, neutral, x.dtype)
        if reverse:
            return jnp.concatenate((lax.slice_in_dim(total, 1, None, axis=axis), edge), axis)
        return jnp.concatenate((edge, lax.slice_in_dim(total, 0, -1, axis=axis)), axis)

    return function


def _check_axis(name: str, avals: tuple[Aval, ...], axis: int, **_: Any) -> None:
    rank = avals[0].ndim
    if not -rank <= axis < rank:
        raise InvalidArgumentError(
            message=f"ScanOp: Expected scan axis in the range [{-rank}, {rank}), but got {axis} [Op:{name}]"
        )


def _row(name: str, accumulate: Any, neutral: float, check: Any) -> Op:
    function = _running(accumulate, neutral)
    return Op(name, function, ("axis", "exclusive", "reverse"), check=checks.every(check, _check_axis))


SUM = _row("Cumsum", lax.cumsum, 0, checks.numeric)
PRODUCT = _row("Cumprod", lax.cumprod, 1, checks.numeric)
LOG_SUM_EXP = _row("CumulativeLogsumexp", lax.cumlogsumexp, float("-inf"), checks.real_floating)
