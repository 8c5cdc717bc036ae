"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from functape._api._static import operand
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._lengths import as_number
from functape.keras.losses._ranks import same_rank, same_rank_shapes
from functape.keras.metrics._mean import inputs
from functape.keras.metrics._metric import Metric
from functape.keras.metrics._wrapped import documented

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")
_PARTS = {"squared_sum": "squared_sum", "sum": "sum", "total_mse": "residual", "count": "count"}
"""Attributes and the names of their variables."""


def _add(
    squares: Any, total: Any, residual: Any, count: Any, number: Any, output: Any, target: Any, *weight: Any
) -> Any:
    dtype = total.dtype
    target, output = same_rank(target.astype(dtype), output.astype(dtype))
    share = weight[0].astype(dtype) if weight else jnp.ones((), dtype)
    share = jnp.broadcast_to(share[:, None] if share.ndim == 1 else share, target.shape)
    weighted = target * share
    return (
        squares + jnp.sum(target * weighted, 0),
        total + jnp.sum(weighted, 0),
        residual + jnp.sum(jnp.square(target - output) * share, 0),
        count + jnp.sum(share, 0),
        number + as_number(target.size, number.dtype),
    )


def _score(squares: Any, total: Any, residual: Any, count: Any, aggregation: str | None) -> Any:
    variance = squares - total * (total / count)
    scores = jnp.ones((), total.dtype) - residual / variance
    scores = jnp.where(jnp.isinf(scores), jnp.zeros((), total.dtype), scores)
    if aggregation == "uniform_average":
        return jnp.mean(scores)
    return scores if aggregation is None else jnp.sum(variance * scores) / jnp.sum(variance)


ADD = Op("AddToDetermination", _add, multiple=True, differentiable=False)
SCORE = Op("Determination", _score, ("aggregation",), differentiable=False)


@documented(
    "The coefficient of determination: the share of the labels' variance that predictions explain",
    "0.571",
    """`class_aggregation`: `"uniform_average"`, `"variance_weighted_average"`, or None for a score by column.
    `num_regressors`: the number of independent variables, for the adjusted score; 0 for the plain one.""",
    "",
    "[[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]",
)
class R2Score(Metric):
    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in AGGREGATIONS:
            raise ValueError(
                f"Invalid value for argument `class_aggregation`. Expected one of {AGGREGATIONS}. "
                f"Received: class_aggregation={class_aggregation}"
            )
        if num_regressors < 0:
            raise ValueError(
                "Invalid value for argument `num_regressors`. Expected a value >= 0. "
                f"Received: num_regressors={num_regressors}"
            )
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.num_samples = self.add_variable((), "zeros", name="num_samples")
        self._sums: tuple[Any, ...] = ()

    def _build(self, y_true: tuple[int, ...], y_pred: tuple[int, ...]) -> None:
        if len(y_pred) != 2 or len(y_true) != 2:
            raise ValueError(
                "R2Score expects 2D inputs with shape (batch_size, output_dim). Received input shapes: "
                f"y_pred.shape={y_pred} and y_true.shape={y_true}."
            )
        self._sums = tuple(self.add_variable((y_pred[-1],), "zeros", name=name) for name in _PARTS.values())
        for name, variable in zip(_PARTS, self._sums, strict=True):
            setattr(self, name, variable)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels and predictions `[batch, columns]`, and a weight for each example."""
        target, predicted = operand(y_true), operand(y_pred)
        if not self._sums:
            self._build(*same_rank_shapes(target.aval.shape, predicted.aval.shape))
        rest = inputs(sample_weight)[1]
        self._change(ADD, (), (*self._sums, self.num_samples), (predicted, target, *rest))

    def result(self) -> Any:
        """The score so far, by column if `class_aggregation` is None."""
        if not self._sums:
            raise AttributeError(f"{self!r} has no variables yet: it makes them for the columns of the first batch.")
        score = record(SCORE, (self.class_aggregation,), tuple(each.tensor for each in self._sums))
        if not self.num_regressors:
            return score
        samples = float(self.num_samples)
        if self.num_regressors >= samples - 1:
            reason = "Division by zero" if self.num_regressors == samples - 1 else "More predictors than data points"
            warnings.warn(
                f"{reason} in the adjusted R2 score. Falling back to the standard R2 score.", UserWarning, stacklevel=2
            )
            return score
        return 1.0 - (1.0 - score) * (samples - 1.0) / (samples - self.num_regressors - 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {
            "class_aggregation": self.class_aggregation,
            "num_regressors": self.num_regressors,
        }
