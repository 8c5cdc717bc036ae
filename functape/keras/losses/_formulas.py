"""The table of losses."""

from __future__ import annotations

from functape.keras.losses import _checks as checks
from functape.keras.losses import _distances as distances
from functape.keras.losses import _entropies as entropies
from functape.keras.losses import _margins as margins
from functape.keras.losses._formula import Formula

MEAN_SQUARED_ERROR = Formula("MeanSquaredError", distances.mean_squared_error, align=True, check=checks.last_axis)
MEAN_ABSOLUTE_ERROR = Formula("MeanAbsoluteError", distances.mean_absolute_error, align=True, check=checks.last_axis)
MEAN_ABSOLUTE_PERCENTAGE_ERROR = Formula(
    "MeanAbsolutePercentageError", distances.mean_absolute_percentage_error, align=True, check=checks.last_axis
)
MEAN_SQUARED_LOGARITHMIC_ERROR = Formula(
    "MeanSquaredLogarithmicError", distances.mean_squared_logarithmic_error, align=True, check=checks.last_axis
)
HUBER = Formula("Huber", distances.huber, align=True, check=checks.last_axis)
LOG_COSH = Formula("LogCosh", distances.log_cosh, align=True, check=checks.last_axis)
COSINE_SIMILARITY = Formula(
    "CosineSimilarity", distances.cosine_similarity, ("axis",), align=True, check=checks.broadcasts_along
)
SIMILARITY = Formula("CosineOfAngle", distances.similarity, ("axis",), align=True, check=checks.broadcasts_along)
POISSON = Formula("PoissonError", distances.poisson, check=checks.last_axis)
KL_DIVERGENCE = Formula("KullbackLeiblerDivergence", distances.kl_divergence, check=checks.last_axis)
HINGE = Formula("Hinge", margins.hinge, check=checks.last_axis)
SQUARED_HINGE = Formula("SquaredHinge", margins.squared_hinge, check=checks.last_axis)
CATEGORICAL_HINGE = Formula("CategoricalHinge", margins.categorical_hinge, check=checks.last_axis)
DICE = Formula("Dice", margins.dice, ("axis",), check=checks.broadcasts_along)
TVERSKY = Formula("Tversky", margins.tversky, ("axis",), check=checks.broadcasts_along)
CIRCLE = Formula("Circle", margins.circle, ("remove_diagonal", "references"), labels=True)
CATEGORICAL = Formula(
    "CategoricalCrossentropy",
    entropies.categorical,
    ("from_logits", "axis"),
    check=checks.several_classes,
    logits="Softmax",
)
CATEGORICAL_FOCAL = Formula(
    "CategoricalFocalCrossentropy",
    entropies.categorical_focal,
    ("from_logits", "axis"),
    check=checks.broadcasting_classes,
)
SPARSE_CATEGORICAL = Formula(
    "SparseCategoricalCrossentropy",
    entropies.sparse_categorical,
    ("from_logits", "axis"),
    check=checks.classes,
    labels=True,
    logits="Softmax",
)
BINARY = Formula(
    "BinaryCrossentropy", entropies.binary, ("from_logits", "axis"), check=checks.same_shape, logits="Sigmoid"
)
BINARY_FOCAL = Formula(
    "BinaryFocalCrossentropy",
    entropies.binary_focal,
    ("apply_class_balancing", "from_logits", "axis"),
    check=checks.same_shape,
    logits="Sigmoid",
)
GENERALIZED = Formula("CategoricalGeneralizedCrossEntropy", entropies.generalized, labels=True)
CTC = Formula("ConnectionistTemporalClassification", entropies.ctc, check=checks.sequences, labels=True)
