"""The metrics that are the mean of a function's values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._convert import convert
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._elementwise import DIVIDE_NO_NAN, SQRT
from functape.keras._arguments import given_arguments
from functape.keras.losses import _checks as checks
from functape.keras.losses import _classification as classification
from functape.keras.losses import _formulas as formulas
from functape.keras.losses import _functions as functions
from functape.keras.losses._arithmetic import absolute
from functape.keras.losses._bound import Bound, axis_of, binds, evaluate
from functape.keras.losses._formula import Formula
from functape.keras.losses._reduction import safe_quotient
from functape.keras.metrics import _scores as scores
from functape.keras.metrics._mean import Mean, MeanMetricWrapper

_TEXT = """{purpose} (`tf.keras.metrics.{kind}`).

    **Arguments:**
{arguments}    - `name`, `dtype`: as for `Metric`.

    ```python
    >>> import functape as tf
    >>> metric = tf.keras.metrics.{kind}({given})
    >>> print(metric({example}).numpy().round(3))
    {printed}

    ```
    """
_EXAMPLE = "[[0.0, 1.0]], [[0.5, 0.75]]"


def documented(purpose: str, printed: str, arguments: str = "", given: str = "", example: str = _EXAMPLE) -> Any:
    """A decorator that writes a class's documentation."""

    def decorator(kind: type) -> type:
        listed = "".join(f"    - {line.strip()}\n" for line in arguments.strip().splitlines())
        kind.__doc__ = _TEXT.format(
            purpose=purpose, kind=kind.__name__, arguments=listed, given=given, example=example, printed=printed
        )
        return kind

    return decorator


def _simple(kind: str, function: Callable[..., Any], purpose: str, printed: str, name: str = "", **others: Any) -> Any:
    """The class of a function without arguments.

    **Arguments:**
    - `kind`: the class's name.
    - `function`: the function.
    - `purpose`, `printed`, `others`: as for `documented`.
    - `name`: the name of its objects, if it is not the function's.
    """
    usual = name or function.__name__

    def __init__(self: Any, name: str | None = usual, dtype: Any = None) -> None:
        MeanMetricWrapper.__init__(self, function, name=name, dtype=dtype)

    __init__.__qualname__ = f"{kind}.__init__"
    made = type(kind, (MeanMetricWrapper,), {"__init__": __init__, "__module__": __name__, "__qualname__": kind})
    return documented(purpose, printed, **others)(made)


Accuracy = _simple(
    "Accuracy", scores.accuracy, "How often predictions equal labels", "0.5", example="[[1], [2]], [[1], [3]]"
)
CategoricalAccuracy = _simple(
    "CategoricalAccuracy",
    scores.categorical_accuracy,
    "How often the greatest prediction is that of the one-hot label",
    "1.0",
)
SparseCategoricalAccuracy = _simple(
    "SparseCategoricalAccuracy",
    scores.sparse_categorical_accuracy,
    "How often the greatest prediction is that of the right class",
    "0.5",
    example="[1, 0], [[0.5, 0.75], [0.1, 0.9]]",
)
MeanSquaredError = _simple("MeanSquaredError", functions.mean_squared_error, "The mean of squared errors", "0.156")
MeanAbsoluteError = _simple("MeanAbsoluteError", functions.mean_absolute_error, "The mean of absolute errors", "0.375")
MeanAbsolutePercentageError = _simple(
    "MeanAbsolutePercentageError",
    functions.mean_absolute_percentage_error,
    "The mean of absolute errors, in percent of the labels",
    "37.5",
    example="[[1.0, 2.0]], [[0.5, 1.5]]",
)
MeanSquaredLogarithmicError = _simple(
    "MeanSquaredLogarithmicError",
    functions.mean_squared_logarithmic_error,
    "The mean of squared errors of `log(1 + y)`",
    "0.091",
)
LogCoshError = _simple(
    "LogCoshError", functions.log_cosh, "The mean log of the hyperbolic cosine of the errors", "0.076", "logcosh"
)
Hinge = _simple("Hinge", functions.hinge, "The mean of `max(1 - y_true * y_pred, 0)`", "0.875")
SquaredHinge = _simple(
    "SquaredHinge", functions.squared_hinge, "The mean of the square of `max(1 - y_true * y_pred, 0)`", "1.156"
)
CategoricalHinge = _simple(
    "CategoricalHinge",
    functions.categorical_hinge,
    "How much less than one the right class is above the best of the others",
    "0.75",
)
KLDivergence = _simple("KLDivergence", functions.kl_divergence, "The Kullback-Leibler divergence", "0.288")
Poisson = _simple("Poisson", functions.poisson, "The mean of `y_pred - y_true * log(y_pred)`", "0.769")


@documented(
    "How often predictions are on the labels' side of a threshold",
    "1.0",
    "`threshold`: predictions above it count as 1.",
)
class BinaryAccuracy(MeanMetricWrapper):
    _shown = ("threshold",)

    def __init__(self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5) -> None:
        if threshold is not None and not 0 <= threshold <= 1:
            raise ValueError(
                f"Invalid value for argument `threshold`. Expected a value in interval [0, 1]. "
                f"Received: threshold={threshold}"
            )
        super().__init__(scores.binary_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold


@documented("How often the right class is among the best", "1.0", "`k`: how many of the best.", "k=1")
class TopKCategoricalAccuracy(MeanMetricWrapper):
    _shown = ("k",)

    def __init__(self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(scores.top_k_categorical_accuracy, name=name, dtype=dtype, k=k)
        self.k = k


@documented(
    "How often the right class is among the best",
    "1.0",
    """`k`: how many of the best.
    `from_sorted_ids`: whether predictions are class numbers, the best first.""",
    "k=1",
    "[1], [[0.5, 0.75]]",
)
class SparseTopKCategoricalAccuracy(MeanMetricWrapper):
    _shown = ("k",)

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            scores.sparse_top_k_categorical_accuracy, name=name, dtype=dtype, k=k, from_sorted_ids=from_sorted_ids
        )
        self.k = k
        self.from_sorted_ids = from_sorted_ids

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | ({"from_sorted_ids": True} if self.from_sorted_ids else {})


_LOGITS = """`from_logits`: whether predictions are logits rather than probabilities.
    `label_smoothing`: the share by which labels are moved towards {}."""


@documented("The cross-entropy of labels that do not exclude each other", "0.49", _LOGITS.format("a half"))
class BinaryCrossentropy(MeanMetricWrapper):
    _shown = ("from_logits", "label_smoothing")

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(classification.binary_crossentropy, **given_arguments(locals()))


@documented(
    "The cross-entropy of one-hot labels or distributions",
    "0.511",
    _LOGITS.format("an even distribution") + "\n`axis`: the axis of the classes.",
)
class CategoricalCrossentropy(MeanMetricWrapper):
    _shown = ("from_logits", "label_smoothing", "axis")

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: Any = -1,
    ) -> None:
        super().__init__(classification.categorical_crossentropy, **given_arguments(locals()))


@documented(
    "The cross-entropy of class numbers",
    "0.511",
    """`from_logits`: whether predictions are logits rather than probabilities.
    `ignore_class`: a class number whose loss is 0.
    `axis`: the axis of the classes.""",
    example="[1], [[0.5, 0.75]]",
)
class SparseCategoricalCrossentropy(MeanMetricWrapper):
    _shown = ("from_logits", "ignore_class", "axis")

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: Any = -1,
    ) -> None:
        super().__init__(classification.sparse_categorical_crossentropy, **given_arguments(locals()))


def cosine_similarity(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """The cosine of the angle between vectors: as a metric it is greatest, 1, where they agree."""
    return evaluate(_bind_cosine(axis), y_true, y_pred)


@binds(cosine_similarity)
def _bind_cosine(axis: Any = -1) -> Bound:
    return Bound(formulas.SIMILARITY, (axis_of(axis),))


class _AlongAxis(MeanMetricWrapper):
    """A metric whose function has an axis."""

    def __init__(self, function: Callable[..., Any], name: str | None, dtype: Any, axis: Any) -> None:
        super().__init__(function, name=name, dtype=dtype, axis=axis)
        self.axis = axis

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The metric that `get_config` described."""
        return cls(**config)


@documented(
    "The cosine of the angle between labels and predictions, greatest (1) where they agree",
    "0.832",
    "`axis`: the axis of the vectors.",
)
class CosineSimilarity(_AlongAxis):
    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: Any = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | ({} if self.axis == -1 else {"axis": self.axis})


@documented("Pearson's correlation", "1.0", "`axis`: the axis it is taken along.")
class PearsonCorrelation(_AlongAxis):
    _shown = ("axis",)

    def __init__(self, name: str | None = "pearson_correlation", dtype: Any = None, axis: Any = -1) -> None:
        super().__init__(scores.pearson_correlation, name, dtype, axis)


@documented(
    "The concordance correlation: Pearson's, less for a difference in mean or scale",
    "0.444",
    "`axis`: the axis it is taken along.",
)
class ConcordanceCorrelation(_AlongAxis):
    _shown = ("axis",)

    def __init__(self, name: str | None = "concordance_correlation", dtype: Any = None, axis: Any = -1) -> None:
        super().__init__(scores.concordance_correlation, name, dtype, axis)


def _squared(target: Any, output: Any) -> Any:
    return (output - target) * (output - target)


def _relative(target: Any, output: Any, normalizer: Any) -> Any:
    # As in Keras, a last axis of length 1 may be all that keeps the ranks apart.
    if output.ndim == normalizer.ndim + 1 and output.shape[-1] == 1:
        target, output = target[..., 0], output[..., 0]
    return safe_quotient(absolute(target - output), normalizer.astype(output.dtype) + 0 * output)


SQUARED_ERRORS = Formula("SquaredErrors", _squared, align=True, check=checks.broadcasts)
RELATIVE_ERRORS = Formula("RelativeErrors", _relative, align=True, check=checks.broadcasts)


@documented("The square root of the mean of squared errors", "0.395")
class RootMeanSquaredError(Mean):
    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in labels, predictions, and a weight for each example."""
        self._take(Bound(SQUARED_ERRORS), y_true, y_pred, sample_weight)

    def result(self) -> Any:
        """The root of the mean so far."""
        mean = record(DIVIDE_NO_NAN, (), (self.total.tensor, self.count.tensor))
        return record(SQRT, (), (mean,))


@documented(
    "The mean of absolute errors in terms of a normalizer (of Keras 2)",
    "0.438",
    "`normalizer`: what errors are divided by, for each element of a prediction.",
    "normalizer=[1.0, 2.0]",
    "[[0.0, 1.0]], [[0.5, 0.25]]",
)
class MeanRelativeError(Mean):
    def __init__(self, normalizer: Any, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.normalizer = convert(normalizer, hint=as_dtype(self.dtype))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in labels, predictions, and a weight for each example."""
        self._take(Bound(RELATIVE_ERRORS, (), (self.normalizer,)), y_true, y_pred, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {"normalizer": self.normalizer.numpy()}
