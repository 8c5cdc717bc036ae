"""The losses as classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from functape.keras._arguments import given_arguments
from functape.keras.losses import _classification as classification
from functape.keras.losses import _functions as functions
from functape.keras.losses import _overlaps as overlaps
from functape.keras.losses._loss import LossFunctionWrapper

MEAN = "sum_over_batch_size"

_SHARED = """    - `reduction`, `name`, `dtype`: as for `Loss`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.{kind}({given})({example}).numpy().round(3))
    {printed}

    ```
    """


def _documented(purpose: str, arguments: str = "", given: str = "", example: str = "", printed: str = "") -> Any:
    """A decorator that writes a class's documentation."""

    def decorator(kind: type) -> type:
        listed = "".join(f"    - {line.strip()}\n" for line in arguments.strip().splitlines())
        kind.__doc__ = (
            f"{purpose} (`tf.keras.losses.{kind.__name__}`).\n\n    **Arguments:**\n{listed}"
            + _SHARED.format(
                kind=kind.__name__, given=given, example=example or "[[0.0, 1.0]], [[0.5, 0.75]]", printed=printed
            )
        )
        return kind

    return decorator


def _simple(kind: str, function: Callable[..., Any], purpose: str, printed: str, name: str = "", **others: Any) -> Any:
    """The class of a function without arguments.

    **Arguments:**
    - `kind`: the class's name.
    - `function`: the function.
    - `purpose`: what the loss is.
    - `printed`: what its example prints.
    - `name`: the name of its objects, if it is not the function's.
    """
    usual = name or function.__name__

    def __init__(self: Any, reduction: Any = MEAN, name: str | None = usual, dtype: Any = None) -> None:
        LossFunctionWrapper.__init__(self, function, reduction=reduction, name=name, dtype=dtype)

    __init__.__qualname__ = f"{kind}.__init__"
    made = type(kind, (LossFunctionWrapper,), {"__init__": __init__, "__module__": __name__, "__qualname__": kind})
    return _documented(purpose, printed=printed, **others)(made)


MeanSquaredError = _simple("MeanSquaredError", functions.mean_squared_error, "The mean of squared differences", "0.156")
MeanAbsoluteError = _simple(
    "MeanAbsoluteError", functions.mean_absolute_error, "The mean of absolute differences", "0.375"
)
MeanAbsolutePercentageError = _simple(
    "MeanAbsolutePercentageError",
    functions.mean_absolute_percentage_error,
    "The mean of absolute differences, in percent of the labels",
    "37.5",
    example="[[1.0, 2.0]], [[0.5, 1.5]]",
)
MeanSquaredLogarithmicError = _simple(
    "MeanSquaredLogarithmicError",
    functions.mean_squared_logarithmic_error,
    "The mean of squared differences of `log(1 + y)`",
    "0.091",
)
LogCosh = _simple("LogCosh", functions.log_cosh, "The mean log of the hyperbolic cosine of the differences", "0.076")
Poisson = _simple("Poisson", functions.poisson, "The mean of `y_pred - y_true * log(y_pred)`", "0.769")
KLDivergence = _simple("KLDivergence", functions.kl_divergence, "The Kullback-Leibler divergence", "0.288")
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
CTC = _simple(
    "CTC",
    overlaps.ctc,
    "The connectionist temporal classification loss",
    "0.693",
    example="[[1]], [[[0.0, 0.0]]]",
)


@_documented(
    "Half the squares of small differences, and the size of large ones",
    "`delta`: where it becomes linear.",
    "delta=2.0",
    printed="0.078",
)
class Huber(LossFunctionWrapper):
    _shown_if_changed: ClassVar[dict[str, Any]] = {"delta": 1.0}

    def __init__(
        self, delta: float = 1.0, reduction: Any = MEAN, name: str | None = "huber_loss", dtype: Any = None
    ) -> None:
        super().__init__(functions.huber, **given_arguments(locals()))


@_documented(
    "The negative cosine of the angle between labels and predictions, least (-1) where they agree",
    "`axis`: the axis of the vectors.",
    printed="-0.832",
)
class CosineSimilarity(LossFunctionWrapper):
    _shown_if_changed: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(
        self, axis: Any = -1, reduction: Any = MEAN, name: str | None = "cosine_similarity", dtype: Any = None
    ) -> None:
        super().__init__(functions.cosine_similarity, **given_arguments(locals()))


_LOGITS = """`from_logits`: whether predictions are logits rather than probabilities.
    `label_smoothing`: the share by which labels are moved towards {towards}.
    `axis`: the axis {along}."""
_BINARY = _LOGITS.format(towards="a half", along="a mean is taken over first")
_CATEGORICAL = _LOGITS.format(towards="an even distribution", along="of the classes")


@_documented("The cross-entropy of labels that do not exclude each other", _BINARY, printed="0.49")
class BinaryCrossentropy(LossFunctionWrapper):
    _shown = ("from_logits", "label_smoothing", "axis")

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: Any = -1,
        reduction: Any = MEAN,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(classification.binary_crossentropy, **given_arguments(locals()))


@_documented(
    "The cross-entropy of labels that do not exclude each other, with little weight on what is right already",
    f"""`apply_class_balancing`: whether positive labels weigh `alpha`, and negative ones `1 - alpha`.
    `alpha`: that weight.
    `gamma`: how steeply the weight falls.
    {_BINARY}""",
    printed="0.096",
)
class BinaryFocalCrossentropy(LossFunctionWrapper):
    _shown = ("from_logits", "label_smoothing", "axis", "apply_class_balancing", "alpha", "gamma")

    def __init__(
        self,
        apply_class_balancing: bool = False,
        alpha: float = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: Any = -1,
        reduction: Any = MEAN,
        name: str | None = "binary_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(classification.binary_focal_crossentropy, **given_arguments(locals()))


@_documented("The cross-entropy of one-hot labels or distributions", _CATEGORICAL, printed="0.511")
class CategoricalCrossentropy(LossFunctionWrapper):
    _shown = ("from_logits", "label_smoothing", "axis")

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: Any = -1,
        reduction: Any = MEAN,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(classification.categorical_crossentropy, **given_arguments(locals()))


@_documented(
    "The cross-entropy of one-hot labels or distributions, with little weight on what is right already",
    f"""`alpha`: a factor; a list has one for each class.
    `gamma`: how steeply the weight falls.
    {_CATEGORICAL}""",
    printed="0.02",
)
class CategoricalFocalCrossentropy(LossFunctionWrapper):
    _shown = ("from_logits", "label_smoothing", "axis", "alpha", "gamma")

    def __init__(
        self,
        alpha: Any = 0.25,
        gamma: float = 2.0,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: Any = -1,
        reduction: Any = MEAN,
        name: str | None = "categorical_focal_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(classification.categorical_focal_crossentropy, **given_arguments(locals()))


@_documented(
    "The cross-entropy of class numbers",
    """`from_logits`: whether predictions are logits rather than probabilities.
    `ignore_class`: a class number that does not count.
    `axis`: the axis of the classes. A name in this place, where Keras 2 has it, is understood too.""",
    example="[1], [[0.5, 0.75]]",
    printed="0.511",
)
class SparseCategoricalCrossentropy(LossFunctionWrapper):
    _shown = ("from_logits", "ignore_class")
    _shown_if_changed: ClassVar[dict[str, Any]] = {"axis": -1}

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: Any = MEAN,
        axis: Any = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
    ) -> None:
        if isinstance(axis, str):
            axis, name = -1, axis
        super().__init__(classification.sparse_categorical_crossentropy, **given_arguments(locals()))


@_documented(
    "`(1 - p^q) / q` of the probability of the right class, which forgives wrong labels",
    "`q`: between 0, which gives the cross-entropy, and 1, which gives the absolute error.",
    example="[1], [[0.75, 0.25]]",
    printed="1.0",
)
class CategoricalGeneralizedCrossEntropy(LossFunctionWrapper):
    _shown = ("q",)

    def __init__(
        self,
        q: float = 0.5,
        reduction: Any = MEAN,
        name: str | None = "categorical_generalized_cross_entropy",
        dtype: Any = None,
    ) -> None:
        if not 0 < q < 1:
            raise ValueError(f"q must be in the interval (0, 1). Received: q={q}")
        super().__init__(classification.categorical_generalized_cross_entropy, **given_arguments(locals()))


@_documented(
    "One minus twice the overlap over the sum of both areas",
    "`axis`: the axes the areas lie along; all by default.",
    printed="0.333",
)
class Dice(LossFunctionWrapper):
    _shown = ("axis",)

    def __init__(self, reduction: Any = MEAN, name: str | None = "dice", axis: Any = None, dtype: Any = None) -> None:
        super().__init__(overlaps.dice, **given_arguments(locals()))


@_documented(
    "One minus the overlap over itself and a weighted sum of what either lacks",
    """`alpha`: the weight of what predictions miss.
    `beta`: the weight of their surplus.
    `axis`: the axes the areas lie along; all by default.""",
    printed="0.333",
)
class Tversky(LossFunctionWrapper):
    _shown = ("alpha", "beta", "axis")

    def __init__(
        self,
        alpha: float = 0.5,
        beta: float = 0.5,
        reduction: Any = MEAN,
        name: str | None = "tversky",
        axis: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(overlaps.tversky, **given_arguments(locals()))


@_documented(
    "The circle loss of embeddings of unit length",
    """`gamma`: the scale.
    `margin`: the margin.
    `remove_diagonal`: whether an example is not compared with itself.""",
    example="[0, 0, 1], [[0.6, 0.8], [0.8, 0.6], [1.0, 0.0]]",
    printed="14.546",
)
class Circle(LossFunctionWrapper):
    _shown = ("gamma", "margin", "remove_diagonal")

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: Any = MEAN,
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        super().__init__(overlaps.circle, **given_arguments(locals()))
