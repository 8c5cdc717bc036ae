"""The area under a curve of rates."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._api._static import operand
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras._configuration import epsilon
from functape.keras.losses._reduction import safe_quotient
from functape.keras.metrics._confusion import are_even
from functape.keras.metrics._counts import ALL, CountingMetric

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATIONS = ("interpolation", "majoring", "minoring")


def _curve(tp: Any, fp: Any, tn: Any, fn: Any, curve: str) -> tuple[Any, Any]:
    """Abscissas and ordinates, by threshold."""
    recall = safe_quotient(tp, tp + fn)
    if curve == "ROC":
        return safe_quotient(fp, fp + tn), recall
    if curve == "PR":
        return recall, safe_quotient(tp, tp + fp)
    one, zero = jnp.ones((), tp.dtype), jnp.zeros((), tp.dtype)
    scale = safe_quotient(tp + fn, tn + fp)
    recall_gain = one - scale * safe_quotient(fn, tp)
    precision_gain = one - scale * safe_quotient(fp, tp)
    nothing = tp == 0
    return jnp.maximum(jnp.where(nothing, zero, recall_gain), zero), jnp.where(nothing, one, precision_gain)


def _interpolated(tp: Any, fp: Any, fn: Any) -> Any:
    """The area under each stretch of a precision-recall curve, along which true positives grow linearly."""
    zero = jnp.zeros((), tp.dtype)
    positives = tp + fp
    gained = tp[:-1] - tp[1:]
    slope = safe_quotient(gained, jnp.maximum(positives[:-1] - positives[1:], zero))
    intercept = tp[1:] - slope * positives[1:]
    both = (positives[:-1] > 0) & (positives[1:] > 0)
    ratio = jnp.where(both, safe_quotient(positives[:-1], jnp.maximum(positives[1:], zero)), jnp.ones_like(tp[1:]))
    area = slope * (gained + intercept * jnp.log(ratio))
    return safe_quotient(area, jnp.maximum(tp[1:] + fn[1:], zero))


def _area(tp: Any, fp: Any, tn: Any, fn: Any, *label_weights: Any, curve: str, summation: str) -> Any:
    if curve == "PR" and summation == "interpolation":
        parts = _interpolated(tp, fp, fn)
    else:
        x, y = _curve(tp, fp, tn, fn, curve)
        before, after = y[:-1], y[1:]
        if summation == "interpolation":
            heights = (before + after) / np.asarray(2, y.dtype)
        else:
            heights = (jnp.minimum if summation == "minoring" else jnp.maximum)(before, after)
        parts = (x[:-1] - x[1:]) * heights
    if parts.ndim == 1:
        return jnp.sum(parts)
    areas = jnp.sum(parts, 0)
    if not label_weights:
        return jnp.mean(areas)
    weights = label_weights[0].astype(areas.dtype)
    return safe_quotient(jnp.sum(areas * weights), jnp.sum(weights))


AREA = Op("AreaUnderCurve", _area, ("curve", "summation"), differentiable=False)


class AUC(CountingMetric):
    """The area under a curve of rates (`tf.keras.metrics.AUC`), from counts at thresholds.

    **Arguments:**
    - `num_thresholds`: how many thresholds, at equal distances from 0 to 1.
    - `curve`: `"ROC"` (sensitivity by false positive rate), `"PR"` (precision by recall) or `"PRGAIN"`.
    - `summation_method`: `"interpolation"`, `"minoring"` (from below) or `"majoring"` (from above).
    - `name`, `dtype`: as for `Metric`.
    - `thresholds`: thresholds to use between 0 and 1 instead.
    - `multi_label`: whether each label, a column, has an area of its own; the result is their mean.
    - `num_labels`: how many, if the metric is to have its variables at once.
    - `label_weights`: a weight for each label.
    - `from_logits`: whether predictions are logits rather than probabilities.

    **Raises:** `ValueError` for fewer than two thresholds, or another curve or summation.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.AUC(num_thresholds=3)
    >>> print(metric([0, 0, 1, 1], [0.0, 0.5, 0.3, 0.9]).numpy())
    0.75

    ```
    """

    def __init__(
        self,
        num_thresholds: int = 200,
        curve: Any = "ROC",
        summation_method: Any = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Any = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        self._init_from_thresholds = thresholds is not None
        if thresholds is not None:
            inner = sorted(float(each) for each in thresholds)
            evenly = are_even(np.array([0.0, *inner, 1.0]))
        else:
            if num_thresholds <= 1:
                raise ValueError(
                    f"Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={num_thresholds}"
                )
            inner = [place * 1.0 / (num_thresholds - 1) for place in range(1, num_thresholds - 1)]
            evenly = True
        self.num_thresholds = len(inner) + 2
        self._thresholds = np.array([0.0 - epsilon(), *inner, 1.0 + epsilon()])
        self.curve = _one_of(getattr(curve, "value", curve), CURVES, "AUC curve")
        self.summation_method = _one_of(
            getattr(summation_method, "value", summation_method), SUMMATIONS, "AUC summation method"
        )
        super().__init__(self._thresholds, (self.num_thresholds, True) if evenly else None, ALL, name, dtype)
        self.multi_label = bool(multi_label)
        self.num_labels = num_labels
        self.label_weights = None if label_weights is None else convert(label_weights, hint=as_dtype(self.dtype))
        self._from_logits = bool(from_logits)
        if not self.multi_label:
            if num_labels:
                raise ValueError("`num_labels` is needed only when `multi_label` is True.")
            self._make_counts((self.num_thresholds,))
        elif num_labels:
            self._make_counts((self.num_thresholds, num_labels))

    @property
    def thresholds(self) -> list[float]:
        """The thresholds, the first below 0 and the last above 1."""
        return list(self._thresholds)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in labels, predictions from 0 to 1, and a weight for each example.

        **Raises:** `ValueError` if `multi_label` and there are no columns.
        """
        predicted = operand(y_pred)
        if not self._counts:
            shape = predicted.aval.shape
            if len(shape) != 2:
                raise ValueError(
                    f"`y_pred` must have rank 2 when `multi_label=True`. Found rank {len(shape)}. Full shape received "
                    f"for `y_pred`: {shape}"
                )
            self._make_counts((self.num_thresholds, shape[1]))
        weights = None if self.multi_label else self.label_weights
        self._count(y_true, predicted, sample_weight, self.multi_label, self._from_logits, weights)

    def result(self) -> Any:
        """The area so far."""
        if not self._counts:
            self._raise_unbuilt()
        counts = tuple(each.tensor for each in self._counts)
        weights = (self.label_weights,) if self.multi_label and self.label_weights is not None else ()
        return record(AREA, (self.curve, self.summation_method), (*counts, *weights))

    def _raise_unbuilt(self) -> None:
        raise AttributeError(
            f"{self!r} has no variables yet: with `multi_label=True` it learns the number of labels from the first "
            "batch. Pass `num_labels`, or call `update_state` first."
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        weights = self.label_weights
        config = super().get_config() | {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if weights is None else weights.numpy().tolist(),
            "from_logits": self._from_logits,
        }
        return config | ({"thresholds": self.thresholds[1:-1]} if self._init_from_thresholds else {})


def _one_of(value: Any, known: tuple[str, ...], what: str) -> str:
    for each in known:
        if value in (each, each.lower(), each.capitalize()):
            return each
    raise ValueError(f'Invalid {what} value: "{value}". Expected values are {list(known)}')
