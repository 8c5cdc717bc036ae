"""F-scores: means of precision and recall."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._api._static import operand
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras.losses._arithmetic import number, small
from functape.keras.metrics._mean import inputs
from functape.keras.metrics._metric import Metric
from functape.keras.metrics._wrapped import documented

_COUNTS = ("true_positives", "false_positives", "false_negatives", "intermediate_weights")
AVERAGES = (None, "micro", "macro", "weighted")


def _count(*arrays: Any, thresholded: bool, given: tuple[bool]) -> Any:
    """New values of the counts; further arrays are predictions, labels, the threshold and the sample weight."""
    counts, (output, target, *rest) = arrays[:4], arrays[4:]
    dtype = counts[0].dtype
    output, target = output.astype(dtype), target.astype(dtype)
    if thresholded:
        positive = output > rest.pop(0).astype(dtype)
    else:
        positive = (output >= jnp.max(output, -1, keepdims=True)) & (jnp.abs(output) > np.asarray(1e-9, dtype))
    positive = positive.astype(dtype)
    one = jnp.ones((), dtype)
    weight = rest[0].astype(dtype)[:, None] if given[0] else one
    axis = 0 if counts[0].ndim else None
    products = (positive * target, positive * (one - target), (one - positive) * target, target)
    return tuple(
        count + jnp.sum(jnp.broadcast_to(product * weight, output.shape), axis)
        for count, product in zip(counts, products, strict=True)
    )


def _score(tp: Any, fp: Any, fn: Any, weights: Any, beta: Any, average: str | None) -> Any:
    precision, recall = tp / (tp + fp + small(tp)), tp / (tp + fn + small(tp))
    square = jnp.square(beta.astype(tp.dtype))
    score = precision * recall / (square * precision + recall + small(tp)) * (number(1, tp) + square)
    if average == "weighted":
        return jnp.sum(score * (weights / (jnp.sum(weights) + small(tp))))
    return score if average is None else jnp.mean(score)


COUNT = Op("CountForFScore", _count, ("thresholded", "given"), multiple=True, differentiable=False)
SCORE = Op("FScore", _score, ("average",), differentiable=False)


_ARGUMENTS = """`average`: None for a score by class, `"micro"` for one of all decisions, `"macro"` for the mean over
    classes, `"weighted"` for their mean by the number of labels.
    `threshold`: predictions above it count as positive; by default the greatest of each row does."""
_ARGUMENTS = _ARGUMENTS.replace("over\n    classes", "over classes")


@documented(
    "The F-score: the mean of precision and recall, the latter counting `beta` times as much",
    "[1. 0. 0.]",
    f"{_ARGUMENTS}\n`beta`: that weight.",
    "beta=2.0",
    "[[1, 0, 0], [0, 1, 0]], [[0.9, 0.1, 0.0], [0.2, 0.1, 0.7]]",
)
class FBetaScore(Metric):
    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in AVERAGES:
            raise ValueError(
                f"Invalid `average` argument value. Expected one of: {AVERAGES}. Received: average={average}"
            )
        if not isinstance(beta, float):
            raise ValueError(
                "Invalid `beta` argument value. It should be a Python float. "
                f"Received: beta={beta} of type '{type(beta)}'"
            )
        if beta <= 0.0:
            raise ValueError(f"Invalid `beta` argument value. It should be > 0. Received: beta={beta}")
        if threshold is not None:
            if not isinstance(threshold, float):
                raise ValueError(
                    "Invalid `threshold` argument value. It should be a Python float. "
                    f"Received: threshold={threshold} of type '{type(threshold)}'"
                )
            if threshold > 1.0 or threshold <= 0.0:
                raise ValueError(
                    "Invalid `threshold` argument value. It should verify 0 < threshold <= 1. "
                    f"Received: threshold={threshold}"
                )
        self.average = average
        self.beta = beta
        self.threshold = threshold
        self.axis = None if average == "micro" else 0
        self._counts: tuple[Any, ...] = ()

    def _build(self, y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> None:
        if len(y_pred) != 2 or len(y_true) != 2:
            raise ValueError(
                "FBetaScore expects 2D inputs with shape (batch_size, output_dim). Received input shapes: "
                f"y_pred.shape={y_pred} and y_true.shape={y_true}."
            )
        shape = () if self.average == "micro" else (y_pred[-1],)
        self._counts = tuple(self.add_variable(shape, "zeros", dtype=self.dtype, name=name) for name in _COUNTS)
        for name, variable in zip(_COUNTS, self._counts, strict=True):
            setattr(self, name, variable)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels and predictions `[batch, classes]`, and a weight for each example."""
        target, predicted = operand(y_true), operand(y_pred)
        if not self._counts:
            self._build(target.aval.shape, predicted.aval.shape)
        given, rest = inputs(sample_weight)
        level = () if self.threshold is None else (float(self.threshold),)
        self._change(COUNT, (bool(level), given), self._counts, (predicted, target, *level, *rest))

    def result(self) -> Any:
        """The score so far, by class if `average` is None."""
        if not self._counts:
            raise AttributeError(f"{self!r} has no variables yet: it makes them for the classes of the first batch.")
        return record(SCORE, (self.average,), (*(each.tensor for each in self._counts), float(self.beta)))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {"average": self.average, "beta": self.beta, "threshold": self.threshold}


@documented(
    "The F1-score: the harmonic mean of precision and recall",
    "[0.667 0.    0.   ]",
    _ARGUMENTS,
    "",
    "[[1, 0, 0], [0, 1, 0]], [[0.9, 0.1, 0.0], [0.7, 0.1, 0.2]]",
)
class F1Score(FBetaScore):
    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return {name: value for name, value in super().get_config().items() if name != "beta"}
