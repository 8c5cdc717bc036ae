"""From a loss for each element to the loss: weights, masks and means, as functions of arrays."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._ops._lengths import as_number
from functape.keras.losses._ranks import same_rank

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none", None, "auto")
_MEANS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "auto")


class Reduction:
    """The names of the reductions (`tf.keras.losses.Reduction`)."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"

    @classmethod
    def all(cls) -> tuple[str, ...]:
        """All of them."""
        return (cls.AUTO, cls.NONE, cls.SUM, cls.SUM_OVER_BATCH_SIZE)

    @classmethod
    def validate(cls, key: str) -> None:
        """Check that `key` is one of them.

        **Raises:** `ValueError`.
        """
        if key not in cls.all():
            raise ValueError(f"Invalid Reduction Key: {key}. Expected keys are {cls.all()}")


def check_reduction(reduction: Any) -> Any:
    """`reduction` itself.

    **Raises:** `ValueError` if it names none.
    """
    if reduction not in REDUCTIONS:
        raise ValueError(
            f"Invalid value for argument `reduction`. Expected one of {set(REDUCTIONS[:-1])}. "
            f"Received: reduction={reduction}"
        )
    return reduction


def safe_quotient(total: Any, count: Any) -> Any:
    """`total / count`, and 0 where `count` is 0."""
    empty = count == 0
    return jnp.where(empty, jnp.zeros((), total.dtype), total / jnp.where(empty, jnp.ones((), count.dtype), count))


def masked_weight(weight: Any, mask: Any, dtype: Any, reduction: Any) -> Any:
    """A sample weight that is 0 where a mask is.

    **Arguments:**
    - `weight`: an array, or None for ones.
    - `mask`: an array.
    - `dtype`: the dtype of the result.
    - `reduction`: where it is a mean over all elements, the rest weighs more, so that it is the mean over the rest.
    """
    kept = mask.astype(dtype)
    if reduction in ("mean", "sum_over_batch_size", "auto"):
        share = safe_quotient(as_number(mask.size, dtype), jnp.sum(kept))
        kept = jnp.where(mask.astype(bool), share, jnp.zeros((), dtype))
    if weight is None:
        return kept
    kept, weight = same_rank(kept, weight.astype(dtype))
    return weight * kept


def reduced(values: Any, weight: Any, mask: Any, reduction: Any) -> Any:
    """The loss.

    **Arguments:**
    - `values`: the loss of each element.
    - `weight`: an array that broadcasts with it, or None.
    - `mask`: an array, or None.
    - `reduction`: the reduction's name.
    """
    if mask is not None:
        weight = masked_weight(weight, mask, values.dtype, reduction)
    if weight is not None:
        values, weight = same_rank(values, weight.astype(values.dtype))
        values = values * weight
    if reduction in (None, "none") or values.shape in ((), (0,)):
        return values
    total = jnp.sum(values)
    if reduction not in _MEANS:
        return total
    if reduction == "mean_with_sample_weight" and weight is not None:
        return safe_quotient(total, jnp.sum(weight))
    return total / as_number(values.size, values.dtype) if values.size else jnp.zeros((), values.dtype)
