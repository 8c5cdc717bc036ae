"""Counting right and wrong decisions at thresholds, as functions of arrays."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape.keras._configuration import epsilon
from functape.keras.losses._ranks import same_rank, same_rank_shapes

NEVER = -1e10
"""What stands for a prediction that is not among the best."""


def thresholds_of(thresholds: Any, usual: float = 0.5) -> list[float]:
    """Thresholds as a list.

    **Arguments:**
    - `thresholds`: a number, several, or None.
    - `usual`: the one that None stands for.

    **Raises:** `ValueError` for one outside 0 to 1.
    """
    if thresholds is None:
        return [usual]
    given = list(thresholds) if isinstance(thresholds, list | tuple | np.ndarray) else [thresholds]
    wrong = [each for each in given if each is None or each < 0 or each > 1]
    if wrong:
        raise ValueError(f"Threshold values must be in [0, 1]. Received: {wrong}")
    return given


def are_even(thresholds: Any) -> bool:
    """Whether thresholds lie at equal distances from 0 to 1."""
    count = len(thresholds)
    return count >= 3 and np.allclose(thresholds, np.arange(count, dtype=np.float32) / (count - 1), atol=epsilon())


def _best_only(output: Any, k: int) -> Any:
    """Predictions, those that are not among the `k` best of their row replaced."""
    _, places = lax.top_k(output, k)
    best = jnp.sum(jax.nn.one_hot(places, output.shape[-1], dtype=output.dtype), -2)
    return output * best + jnp.asarray(NEVER, output.dtype) * (jnp.ones((), output.dtype) - best)


def _bucketed(target: Any, output: Any, weights: Any, count: int, from_zero: bool) -> tuple[Any, Any, Any, Any]:
    """True and false positives at even thresholds, of columns of labels and predictions, and both totals.

    Each prediction falls between two thresholds, so that one pass over them does for all.
    """
    one = jnp.ones((), output.dtype)
    output = jnp.clip(output, jnp.zeros((), output.dtype), one)
    target = (target != 0).astype(output.dtype)
    right, wrong = target * weights, (one - target) * weights
    bucket = (jnp.ceil(output * np.asarray(count - 1, output.dtype)) - one).astype(np.int32)
    bucket = jnp.maximum(bucket, np.int32(0)) if from_zero else jnp.where(bucket < 0, np.int32(count), bucket)
    columns = jnp.broadcast_to(jnp.arange(output.shape[1], dtype=np.int32), output.shape)
    empty = jnp.zeros((count, output.shape[1]), output.dtype)
    above = [
        jnp.flip(jnp.cumsum(jnp.flip(empty.at[bucket, columns].add(each, mode="drop"), 0), 0), 0)
        for each in (right, wrong)
    ]
    return above[0], above[1], jnp.sum(right, 0), jnp.sum(wrong, 0)


def _compared(target: Any, output: Any, weights: Any, thresholds: Any) -> tuple[Any, Any, Any, Any]:
    """As `_bucketed`, at any thresholds, which may differ by column."""
    target = target != 0
    positive = output[None] > thresholds.reshape(thresholds.shape[0], 1, -1)
    zero = jnp.zeros((), output.dtype)
    right, wrong = jnp.where(target, weights, zero), jnp.where(target, zero, weights)
    above = [jnp.sum(jnp.where(positive, each[None], zero), 1) for each in (right, wrong)]
    return above[0], above[1], jnp.sum(right, 0), jnp.sum(wrong, 0)


def _count(
    *arrays: Any,
    counted: tuple[str, ...],
    even: tuple[int, bool] | None,
    top_k: int | None,
    class_id: int | None,
    multi_label: bool,
    from_logits: bool,
    given: tuple[bool, bool],
) -> Any:
    """New values of the counts.

    `arrays` are the counts, predictions, labels, the thresholds unless they are `even`, and where they are `given` the
    sample weight and the weights of the labels.
    """
    counts, (output, target, *rest) = arrays[: len(counted)], arrays[len(counted) :]
    dtype = counts[0].dtype
    thresholds = None if even else rest.pop(0).astype(dtype)
    output, target = same_rank(output.astype(dtype), target.astype(dtype))
    if from_logits:
        output = lax.logistic(output)
    weights = jnp.ones((), dtype)
    if given[0]:
        weight = rest.pop(0).astype(dtype)[..., None]
        weights = same_rank(target, weight, expand_rank_1=False)[1]
    if top_k is not None:
        output = _best_only(output, top_k)
    if class_id is not None:
        output, target = output[..., class_id, None], target[..., class_id, None]
    weights = jnp.broadcast_to(weights, output.shape)
    if given[1]:
        weights = weights * rest.pop(0).astype(dtype)[None]
    if not multi_label:
        output, target, weights = (each.reshape(-1, 1) for each in (output, target, weights))
    if even:
        right, wrong, all_right, all_wrong = _bucketed(target, output, weights, *even)
    else:
        right, wrong, all_right, all_wrong = _compared(target, output, weights, thresholds)
    made = {"tp": right, "fp": wrong, "fn": all_right - right, "tn": all_wrong - wrong}
    return tuple(each + made[name].reshape(each.shape) for each, name in zip(counts, counted, strict=True))


def _check_count(
    name: str, avals: tuple[Aval, ...], counted: tuple[str, ...], class_id: int | None, **attributes: Any
) -> None:
    output, target = (each.shape for each in avals[len(counted) :][:2])
    output, target = same_rank_shapes(output, target)
    if output != target:
        raise ValueError(f"Shapes of y_pred and y_true are incompatible: y_pred.shape={output}, y_true.shape={target}")
    if class_id is not None and len(output) == 1:
        raise ValueError(
            "When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes), found shape: "
            f"{output}"
        )


COUNT = Op(
    "CountDecisions",
    _count,
    ("counted", "even", "top_k", "class_id", "multi_label", "from_logits", "given"),
    multiple=True,
    differentiable=False,
    check=_check_count,
)
