"""Metrics of decisions at thresholds: counts, precision and recall."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from functape._api._static import operand
from functape._core._convert import convert
from functape._engine._dtypes import float32
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras.losses._reduction import safe_quotient
from functape.keras.metrics._confusion import COUNT, NEVER, are_even, thresholds_of
from functape.keras.metrics._mean import inputs
from functape.keras.metrics._metric import Metric
from functape.keras.metrics._wrapped import documented

LONG_NAMES = {
    "tp": "true_positives",
    "fp": "false_positives",
    "tn": "true_negatives",
    "fn": "false_negatives",
}


class CountingMetric(Metric):
    """What the metrics of decisions share.

    **Arguments:**
    - `thresholds`: the thresholds.
    - `even`: their number and whether they reach beyond 0 and 1, if they lie at equal distances; None otherwise.
    - `counted`: which decisions are counted: `"tp"`, `"fp"`, `"tn"`, `"fn"`.
    - `name`, `dtype`: as for `Metric`.
    - `top_k`, `class_id`: as for `Precision`.
    """

    def __init__(
        self,
        thresholds: Any,
        even: tuple[int, bool] | None,
        counted: tuple[str, ...],
        name: str | None,
        dtype: Any,
        top_k: int | None = None,
        class_id: int | None = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self._counted = counted
        self._even = even
        self._levels = None if even else convert([float(each) for each in thresholds], float32)
        self._selection = (None if top_k is None else int(top_k), None if class_id is None else int(class_id))
        self._counts: tuple[Any, ...] = ()

    def _make_counts(self, shape: tuple[int, ...], names: dict[str, str] = LONG_NAMES) -> None:
        made = []
        for each in self._counted:
            made.append(self.add_variable(shape, "zeros", name=names[each]))
            setattr(self, names[each], made[-1])
        self._counts = tuple(made)

    def _count(
        self,
        y_true: Any,
        y_pred: Any,
        sample_weight: Any,
        multi_label: bool = False,
        from_logits: bool = False,
        label_weights: Any = None,
    ) -> None:
        predicted, target = operand(y_pred), operand(y_true)
        given, rest = inputs(sample_weight, label_weights)
        levels = () if self._even else (self._levels,)
        statics = (self._counted, self._even, *self._selection, multi_label, from_logits, given)
        self._change(COUNT, statics, self._counts, (predicted, target, *levels, *rest))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels, predictions, and a weight for each example."""
        self._count(y_true, y_pred, sample_weight)


def first_of_one(values: Any) -> Any:
    """The value of a vector that has only one; otherwise the vector."""
    return values[0] if values.shape[0] == 1 else values


COUNTED = Op("CountedDecisions", first_of_one, differentiable=False)
SHARE = Op("ShareOfDecisions", lambda x, y: first_of_one(safe_quotient(x, x + y)), differentiable=False)


def even_levels(thresholds: list[float]) -> tuple[int, bool] | None:
    """What a `CountingMetric` takes as `even`."""
    return (len(thresholds), False) if are_even(thresholds) else None


def _counting(kind: str, counted: str, purpose: str, printed: str) -> Any:
    """The class that counts one sort of decision."""

    def __init__(self: Any, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        self.init_thresholds = thresholds
        self.thresholds = thresholds_of(thresholds)
        CountingMetric.__init__(self, self.thresholds, even_levels(self.thresholds), (counted,), name, dtype)
        self._make_counts((len(self.thresholds),), {counted: "accumulator"})

    def result(self: Any) -> Any:
        """The number so far, one for each threshold if there are several."""
        return record(COUNTED, (), (self.accumulator.tensor,))

    def get_config(self: Any) -> dict[str, Any]:
        """The arguments of the constructor."""
        return Metric.get_config(self) | {"thresholds": self.init_thresholds}

    members: dict[str, Any] = {"__init__": __init__, "result": result, "get_config": get_config}
    for name, member in members.items():
        member.__qualname__ = f"{kind}.{name}"
    made = type(kind, (CountingMetric,), members | {"__module__": __name__, "__qualname__": kind})
    return documented(
        purpose,
        printed,
        "`thresholds`: a number or several from 0 to 1; predictions above it count as positive.",
        example="[0, 1, 1, 1], [0, 0, 1, 1]",
    )(made)


TruePositives = _counting("TruePositives", "tp", "The number of positive labels predicted as such", "2.0")
FalsePositives = _counting("FalsePositives", "fp", "The number of negative labels predicted as positive", "0.0")
TrueNegatives = _counting("TrueNegatives", "tn", "The number of negative labels predicted as such", "1.0")
FalseNegatives = _counting("FalseNegatives", "fn", "The number of positive labels predicted as negative", "1.0")


class _Share(CountingMetric):
    """The share of the true positives in them and another count."""

    def __init__(self, other: str, thresholds: Any, top_k: Any, class_id: Any, name: str | None, dtype: Any) -> None:
        self.init_thresholds = thresholds
        self.top_k = top_k
        self.class_id = class_id
        self.thresholds = thresholds_of(thresholds, 0.5 if top_k is None else NEVER)
        even = even_levels(self.thresholds)
        super().__init__(self.thresholds, even, ("tp", other), name, dtype, top_k, class_id)
        self._make_counts((len(self.thresholds),))

    def result(self) -> Any:
        """The share so far, one for each threshold if there are several."""
        return record(SHARE, (), tuple(each.tensor for each in self._counts))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {
            "thresholds": self.init_thresholds,
            "top_k": self.top_k,
            "class_id": self.class_id,
        }


_SELECTION = """`thresholds`: a number or several from 0 to 1; predictions above it count as positive.
    `top_k`: count the predictions among the `k` best of a row as positive instead.
    `class_id`: the one class to look at."""


@documented("The share of right decisions among the positive ones", "1.0", _SELECTION, "", "[0, 1, 1, 1], [0, 0, 1, 1]")
class Precision(_Share):
    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("fp", thresholds, top_k, class_id, name, dtype)


@documented("The share of positive labels predicted as such", "0.667", _SELECTION, "", "[0, 1, 1, 1], [0, 0, 1, 1]")
class Recall(_Share):
    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("fn", thresholds, top_k, class_id, name, dtype)


ALL = ("tp", "fp", "tn", "fn")

_RATES: dict[str, Callable[..., Any]] = {
    "sensitivity": lambda tp, fp, tn, fn: safe_quotient(tp, tp + fn),
    "specificity": lambda tp, fp, tn, fn: safe_quotient(tn, tn + fp),
    "precision": lambda tp, fp, tn, fn: safe_quotient(tp, tp + fp),
    "recall": lambda tp, fp, tn, fn: safe_quotient(tp, tp + fn),
}


def _best(*arrays: Any, sought: str, given: str) -> Any:
    """The best `sought` rate at the thresholds where the `given` one reaches a value, the last of the arrays."""
    *counts, value = arrays
    sought_rates, given_rates = (_RATES[each](*counts) for each in (sought, given))
    zero = jnp.zeros((), sought_rates.dtype)
    return jnp.max(jnp.where(given_rates >= value.astype(given_rates.dtype), sought_rates, zero), initial=0)


BEST_RATE = Op("BestRate", _best, ("sought", "given"), differentiable=False)


class SensitivitySpecificityBase(CountingMetric):
    """What the metrics of one rate at a value of another share."""

    _rates: tuple[str, str]
    """The rate that is given, and the one that is sought."""

    def __init__(self, value: float, num_thresholds: int, class_id: Any, name: str | None, dtype: Any) -> None:
        given = self._rates[0]
        if not 0 <= value <= 1:
            raise ValueError(f"Argument `{given}` must be in the range [0, 1]. Received: {given}={value}")
        if num_thresholds <= 0:
            raise ValueError(
                f"Argument `num_thresholds` must be an integer > 0. Received: num_thresholds={num_thresholds}"
            )
        self.value = value
        self.class_id = class_id
        self.num_thresholds = num_thresholds
        setattr(self, given, value)
        last = num_thresholds - 1
        self.thresholds = [0.5] if not last else [0.0, *(place * 1.0 / last for place in range(1, last)), 1.0]
        even = (num_thresholds, False) if last else None
        super().__init__(self.thresholds, even, ALL, name, dtype, class_id=class_id)
        self._make_counts((num_thresholds,))

    def result(self) -> Any:
        """The best rate so far."""
        given, sought = self._rates
        counts = tuple(each.tensor for each in self._counts)
        return record(BEST_RATE, (sought, given), (*counts, float(self.value)))

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {
            "class_id": self.class_id,
            "num_thresholds": self.num_thresholds,
            self._rates[0]: self.value,
        }


_LEVELS = """`num_thresholds`: how many thresholds are tried.
    `class_id`: the one class to look at."""


@documented(
    "The best sensitivity where the specificity reaches a value",
    "0.667",
    f"`specificity`: that value.\n{_LEVELS}",
    "0.5",
    "[0, 1, 1, 1], [0.1, 0.0, 0.6, 0.9]",
)
class SensitivityAtSpecificity(SensitivitySpecificityBase):
    _rates = ("specificity", "sensitivity")

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(specificity, num_thresholds, class_id, name, dtype)


@documented(
    "The best specificity where the sensitivity reaches a value",
    "1.0",
    f"`sensitivity`: that value.\n{_LEVELS}",
    "0.5",
    "[0, 1, 1, 1], [0.1, 0.0, 0.6, 0.9]",
)
class SpecificityAtSensitivity(SensitivitySpecificityBase):
    _rates = ("sensitivity", "specificity")

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(sensitivity, num_thresholds, class_id, name, dtype)


@documented(
    "The best precision where the recall reaches a value",
    "1.0",
    f"`recall`: that value.\n{_LEVELS}",
    "0.5",
    "[0, 1, 1, 1], [0.1, 0.0, 0.6, 0.9]",
)
class PrecisionAtRecall(SensitivitySpecificityBase):
    _rates = ("recall", "precision")

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(recall, num_thresholds, class_id, name, dtype)


@documented(
    "The best recall where the precision reaches a value",
    "0.667",
    f"`precision`: that value.\n{_LEVELS}",
    "0.8",
    "[0, 1, 1, 1], [0.1, 0.0, 0.6, 0.9]",
)
class RecallAtPrecision(SensitivitySpecificityBase):
    _rates = ("precision", "recall")

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(precision, num_thresholds, class_id, name, dtype)
