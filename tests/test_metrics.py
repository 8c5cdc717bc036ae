"""Keras's metrics against both of TensorFlow's Keras: results over batches, weights, resets, configurations, errors."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras
from _sampling import sampled

import functape

f32 = np.float32
RANDOM = np.random.default_rng(5)
METRICS = {"tensorflow": tensorflow.keras.metrics, "tf_keras": tf_keras.metrics, "functape": functape.keras.metrics}


class Data(NamedTuple):
    """What a metric takes."""

    labels: Any
    predictions: Any
    weights: Any


def _batches(make: Callable[[int], tuple[Any, Any]], sizes: tuple[int, ...] = (4, 4, 3)) -> list[Data]:
    """Batches of some sizes, with a weight for each example."""
    return [Data(*make(size), RANDOM.uniform(0.2, 2.0, size).astype(f32)) for size in sizes]


def _uniform(*shape: int) -> Any:
    return RANDOM.uniform(size=shape).astype(f32)


def _shares(*shape: int) -> Any:
    values = _uniform(*shape) + f32(0.05)
    return (values / values.sum(-1, keepdims=True)).astype(f32)


def _one_hot(size: int, classes: int) -> Any:
    return np.eye(classes, dtype=f32)[RANDOM.integers(classes, size=size)]


REAL = _batches(lambda size: (_uniform(size, 3), _uniform(size, 3)))
SIGNED = _batches(lambda size: (_uniform(size, 3) - f32(0.5), _uniform(size, 3) - f32(0.5)))
BITS = _batches(lambda size: (RANDOM.integers(2, size=(size, 3)).astype(f32), _uniform(size, 3)))
FLAT = _batches(lambda size: (RANDOM.integers(2, size=size).astype(f32), _uniform(size)))
COLUMN = _batches(lambda size: (RANDOM.integers(2, size=size).astype(f32), _uniform(size, 1)))
HOT = _batches(lambda size: (_one_hot(size, 4), _shares(size, 4)))
SPARSE = _batches(lambda size: (RANDOM.integers(4, size=size), _shares(size, 4)))
SPARSE_COLUMN = _batches(lambda size: (RANDOM.integers(4, size=(size, 1)), _shares(size, 4)))
STEPS = _batches(lambda size: (RANDOM.integers(4, size=(size, 5)), _shares(size, 5, 4)))
CLASSES = _batches(lambda size: (RANDOM.integers(3, size=size), RANDOM.integers(3, size=size)))
IMAGES = _batches(lambda size: (RANDOM.integers(3, size=(size, 2)), RANDOM.integers(3, size=(size, 2))))


class Case(NamedTuple):
    """A metric, its arguments and its batches."""

    name: str
    batches: list[Data]
    arguments: dict[str, Any] = {}  # noqa: RUF012  (never changed)
    keras_2: bool = True
    """Whether Keras 2 gives the same."""

    @property
    def label(self) -> str:
        where = next(name for name, value in globals().items() if value is self.batches)
        return f"{self.name} {where} {self.arguments or ''}".strip()


CASES = [
    *(Case(name, REAL) for name in ("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError")),
    *(Case(name, REAL) for name in ("MeanSquaredLogarithmicError", "LogCoshError", "RootMeanSquaredError")),
    *(Case(name, HOT) for name in ("KLDivergence", "Poisson", "CategoricalHinge", "CategoricalAccuracy")),
    *(Case(name, BITS) for name in ("Hinge", "SquaredHinge")),
    Case("RootMeanSquaredError", SIGNED),
    Case("CosineSimilarity", SIGNED),
    Case("CosineSimilarity", REAL, {"axis": 1}),
    Case("PearsonCorrelation", SIGNED, {}, False),
    Case("ConcordanceCorrelation", SIGNED, {}, False),
    Case("ConcordanceCorrelation", REAL, {"axis": 1}, False),
    Case("Accuracy", CLASSES),
    Case("Accuracy", IMAGES),
    Case("BinaryAccuracy", BITS),
    Case("BinaryAccuracy", FLAT, {"threshold": 0.3}),
    Case("BinaryAccuracy", COLUMN),
    Case("SparseCategoricalAccuracy", SPARSE),
    Case("SparseCategoricalAccuracy", SPARSE_COLUMN),
    Case("SparseCategoricalAccuracy", STEPS),
    Case("TopKCategoricalAccuracy", HOT, {"k": 2}),
    Case("SparseTopKCategoricalAccuracy", SPARSE, {"k": 2}),
    Case("SparseTopKCategoricalAccuracy", STEPS, {"k": 3}),
    Case("BinaryCrossentropy", BITS),
    Case("BinaryCrossentropy", BITS, {"from_logits": True, "label_smoothing": 0.1}),
    Case("CategoricalCrossentropy", HOT),
    Case("CategoricalCrossentropy", HOT, {"from_logits": True}),
    Case("CategoricalCrossentropy", HOT, {"label_smoothing": 0.2}),
    Case("SparseCategoricalCrossentropy", SPARSE),
    Case("SparseCategoricalCrossentropy", SPARSE, {"from_logits": True}),
    Case("SparseCategoricalCrossentropy", SPARSE, {"ignore_class": 1}, False),
    Case("SparseCategoricalCrossentropy", STEPS),
    *(
        Case(name, batches, arguments)
        for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives", "Precision", "Recall")
        for batches, arguments in (
            (FLAT, {}),
            (BITS, {"thresholds": [0.2, 0.7]}),
            (FLAT, {"thresholds": [0.0, 0.5, 1.0]}),
            (COLUMN, {"thresholds": 0.3}),
        )
        if name in ("TruePositives", "Precision") or batches is BITS
    ),
    *(Case(name, HOT, {"top_k": 2}) for name in ("Precision", "Recall")),
    *(Case(name, HOT, {"top_k": 2, "class_id": 1}) for name in ("Precision", "Recall")),
    *(Case(name, HOT, {"class_id": 2, "thresholds": 0.2}) for name in ("Precision", "Recall")),
    *(
        Case(name, FLAT, {value: level, "num_thresholds": count})
        for name, value in (
            ("SensitivityAtSpecificity", "specificity"),
            ("SpecificityAtSensitivity", "sensitivity"),
            ("PrecisionAtRecall", "recall"),
            ("RecallAtPrecision", "precision"),
        )
        for level, count in ((0.5, 200), (0.8, 7), (0.4, 1))
        if count == 7 or value == "recall"
    ),
    Case("AUC", FLAT),
    Case("AUC", BITS, {"num_thresholds": 11}),
    *(
        Case("AUC", FLAT, {"curve": curve, "summation_method": method, "num_thresholds": 20})
        for curve in ("ROC", "PR")
        for method in ("interpolation", "majoring", "minoring")
    ),
    Case("AUC", FLAT, {"curve": "PRGAIN", "num_thresholds": 20}, False),
    Case("AUC", FLAT, {"thresholds": [0.1, 0.35, 0.6]}),
    Case("AUC", FLAT, {"thresholds": [0.25, 0.5, 0.75], "curve": "PR"}),
    Case("AUC", SIGNED, {"from_logits": True}, False),
    Case("AUC", BITS, {"multi_label": True, "num_thresholds": 30}),
    Case("AUC", BITS, {"multi_label": True, "thresholds": [0.1, 0.35, 0.6], "curve": "PR"}),
    Case("AUC", BITS, {"multi_label": True, "num_labels": 3, "label_weights": [0.5, 1.0, 2.0]}),
    Case("AUC", BITS, {"label_weights": [0.5, 1.0, 2.0], "num_thresholds": 30}),
    *(Case("F1Score", HOT, {"average": average}) for average in (None, "micro", "macro", "weighted")),
    Case("F1Score", BITS, {"threshold": 0.5}),
    Case("FBetaScore", BITS, {"threshold": 0.5, "beta": 2.0, "average": "weighted"}),
    *(
        Case("R2Score", REAL, {"class_aggregation": each})
        for each in (None, "uniform_average", "variance_weighted_average")
    ),
    Case("R2Score", REAL, {"num_regressors": 2}, False),
    Case("MeanIoU", CLASSES, {"num_classes": 3}),
    Case("MeanIoU", IMAGES, {"num_classes": 3, "ignore_class": 1}, False),
    Case("IoU", CLASSES, {"num_classes": 3, "target_class_ids": [0, 2]}),
    Case("IoU", HOT, {"num_classes": 4, "target_class_ids": [0], "sparse_y_true": False, "sparse_y_pred": False}),
    Case("BinaryIoU", BITS, {"threshold": 0.4}),
    Case("BinaryIoU", FLAT, {"target_class_ids": [1]}),
    Case("OneHotIoU", HOT, {"num_classes": 4, "target_class_ids": [0, 1]}),
    Case("OneHotMeanIoU", HOT, {"num_classes": 4}),
]
COUNTS_INTEGERS = ("MeanIoU", "IoU", "BinaryIoU", "OneHotIoU", "OneHotMeanIoU")
each_case = pytest.mark.parametrize("case", sampled("metrics", CASES, 60), ids=lambda case: case.label)


def _run(which: str, case: Case, weighted: bool, convert: bool = True) -> tuple[Any, list[Any]]:
    """Results after each batch, after a reset and another batch; and the final state."""
    tf = functape if which == "functape" else tensorflow
    metric = getattr(METRICS[which], case.name)(**case.arguments)
    results = []
    for labels, predictions, weights in case.batches:
        if case.name in COUNTS_INTEGERS:
            weights = np.ceil(weights).astype(np.int64)
            if labels.ndim > 1 and case.name in ("MeanIoU", "BinaryIoU"):
                weights = np.broadcast_to(weights[:, None], labels.shape)
        given = [tf.constant(each) for each in (labels, predictions)] if convert else [labels, predictions]
        metric.update_state(*given, sample_weight=weights if weighted else None)
        results.append(_value(metric.result()))
    state = [np.asarray(variable) for variable in metric.variables]
    metric.reset_state()
    results.append(_value(metric(*given)))
    return results, state


def _value(result: Any) -> Any:
    return np.asarray(result.numpy() if hasattr(result, "numpy") else result)


def _compare(ours: list[Any], theirs: list[Any], rtol: float = 4e-6, atol: float = 3e-7) -> None:
    assert len(ours) == len(theirs)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape
        np.testing.assert_allclose(mine, other, rtol=rtol, atol=atol)


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@each_case
def test_agrees_with_keras_3(case: Case, weighted: bool) -> None:
    (theirs, their_state), (ours, our_state) = (_run(which, case, weighted) for which in ("tensorflow", "functape"))
    _compare(ours, theirs)
    assert [each.dtype for each in ours] == [each.dtype for each in theirs]
    assert [each.dtype for each in our_state] == [each.dtype for each in their_state]
    if case.name != "R2Score":
        # Sums of some tens, of which one is taken from another.
        _compare(our_state, their_state, atol=4e-6)


@each_case
def test_agrees_with_keras_2(case: Case) -> None:
    if case.keras_2:
        _compare(_run("functape", case, False, convert=False)[0], _run("tf_keras", case, False)[0])


BARE = [case for index, case in enumerate(CASES) if case.name not in [each.name for each in CASES[:index]]]


@pytest.mark.parametrize("case", BARE, ids=[case.name for case in BARE])
def test_configurations_names_and_variables_are_keras_3s(case: Case) -> None:
    needed = {
        name: case.arguments[name]
        for name, each in inspect.signature(getattr(keras.metrics, case.name)).parameters.items()
        if each.default is inspect.Parameter.empty
    }
    theirs, ours = (getattr(module, case.name)(**needed) for module in (keras.metrics, functape.keras.metrics))
    assert type(ours).__name__ == type(theirs).__name__
    mine, other = ours.get_config(), theirs.get_config()
    if not theirs.name[-1].isdigit():
        assert mine | {"name": ""} == other | {"name": ""}
    again = type(ours).from_config(mine)
    assert again.get_config() == mine
    assert functape.keras.metrics.deserialize(functape.keras.metrics.serialize(ours)).get_config() == mine
    assert ours.dtype == theirs.dtype
    assert [each.name for each in ours.variables] == [f"{each.name}:0" for each in theirs.variables]
    assert [each.path.split("/")[1] for each in ours.variables] == [each.name for each in theirs.variables]
    assert [tuple(each.shape) for each in ours.variables] == [tuple(each.shape) for each in theirs.variables]
    assert [each.dtype.name for each in ours.variables] == [each.dtype for each in theirs.variables]
    assert not ours.trainable_variables


@pytest.mark.parametrize("case", BARE, ids=[case.name for case in BARE])
def test_signatures_are_keras_3s(case: Case) -> None:
    ours, theirs = (getattr(module, case.name) for module in (functape.keras.metrics, keras.metrics))
    for method in (lambda kind: kind, lambda kind: kind.update_state):
        expected, given = (list(inspect.signature(method(each)).parameters.values()) for each in (theirs, ours))
        assert [(each.name, each.default) for each in given] == [(each.name, each.default) for each in expected]


FUNCTIONS = {
    "binary_accuracy": [(*BITS[0][:2],), (*COLUMN[0][:2],), (*FLAT[0][:2], 0.2)],
    "categorical_accuracy": [(*HOT[0][:2],)],
    "sparse_categorical_accuracy": [(*SPARSE[0][:2],), (*SPARSE_COLUMN[0][:2],), (*STEPS[0][:2],)],
    "top_k_categorical_accuracy": [(*HOT[0][:2], 2), (HOT[0].labels, np.full((4, 4), 0.25, f32), 2)],
    "sparse_top_k_categorical_accuracy": [
        (*SPARSE[0][:2], 2),
        (*STEPS[0][:2], 1),
        (np.array([0, 1]), np.array([[np.nan, 1.0], [np.inf, 0.0]], f32), 1),
        (np.array([5, -1]), np.array([[0.5, 1.0], [1.0, 0.0]], f32), 2),
        (np.array([1, 3]), np.array([[2, 1, 0], [0, 1, 3]], f32), 2, True),
    ],
    "pearson_correlation": [(*SIGNED[0][:2],), (*SIGNED[0][:2], 0)],
    "concordance_correlation": [(*SIGNED[0][:2],), (*SIGNED[0][:2], 0)],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_agree_with_keras_3(name: str) -> None:
    for inputs in FUNCTIONS[name]:
        theirs, ours = (
            getattr(tf.keras.metrics, name)(*(tf.constant(each) for each in inputs[:2]), *inputs[2:])
            for tf in (tensorflow, functape)
        )
        assert ours.dtype.name == theirs.dtype.name
        _compare([ours.numpy()], [theirs.numpy()])


@pytest.mark.parametrize("which", ["tensorflow", "tf_keras"])
@pytest.mark.parametrize("name", ["Mean", "Sum"])
def test_values_of_every_kind(name: str, which: str) -> None:
    def program(key: str) -> list[Any]:
        tf = functape if key == "functape" else tensorflow
        metric = getattr(METRICS[key], name)()
        results = [metric.result()]
        results.append(metric(3.0))
        results.append(metric([1.0, 5.0]))
        results.append(metric(np.array([2.0, 4.0])))
        results.append(metric(tf.constant([1, 2])))
        results.append(metric([1.0, 3.0], sample_weight=[0.5, 2.0]))
        results.append(metric(tf.constant([[1.0], [3.0]]), sample_weight=np.array([1.0, 0.0])))
        results.append(metric(7))
        metric.reset_state()
        results.append(metric(tf.Variable([1.0, 2.0])))
        return [_value(each) for each in results]

    _compare(program("functape"), program(which))


def test_a_weight_for_all_counts_once_a_batch_as_in_keras_3() -> None:
    results = []
    for tf in (functape, tensorflow):
        metric = tf.keras.metrics.Mean()
        metric.update_state(tf.constant([1.0, 3.0]), 0.25)
        results.append([_value(each) for each in [metric(tf.constant([[1.0], [5.0]]), 2.0), *metric.variables]])
    _compare(*results)


def test_mean_tensor_agrees_with_keras_2() -> None:
    def program(metrics: Any) -> list[Any]:
        metric = metrics.MeanTensor()
        assert metric.total is None
        metric.update_state([[1.0, 2.0], [3.0, 4.0]])
        metric.update_state([[5.0, 1.0], [3.0, 0.0]], sample_weight=[[0.5], [2.0]])
        results = [metric.result(), *metric.variables]
        with pytest.raises(ValueError, match="same shape"):
            metric.update_state([1.0])
        metric.reset_state()
        return [_value(each) for each in [*results, metric.result(), metrics.MeanTensor(shape=(2,)).result()]]

    _compare(program(functape.keras.metrics), program(tf_keras.metrics))
    with pytest.raises(ValueError, match="does not have any value"):
        functape.keras.metrics.MeanTensor().result()


@pytest.mark.parametrize("weights", [None, [0.5, 2.0]])
def test_mean_relative_error_agrees_with_keras_2(weights: Any) -> None:
    def program(metrics: Any) -> list[Any]:
        metric = metrics.MeanRelativeError(normalizer=[1.0, 3.0, 0.0, 2.0])
        metric.update_state([1.0, 3.0, 2.0, 3.0], [2.0, 4.0, 6.0, 8.0])
        return [_value(metric.result())]

    _compare(program(functape.keras.metrics), program(tf_keras.metrics))


def _positives(base: Any, tf: Any, style: str) -> Any:
    class Positives(base):
        def __init__(self, name: str = "positives", **kwargs: Any) -> None:
            super().__init__(name=name, **kwargs)
            make = {
                "names first": lambda: self.add_weight("hits", initializer="zeros"),
                "names": lambda: self.add_weight(name="hits", initializer="zeros"),
                "shapes": lambda: self.add_weight(shape=(), initializer="zeros", name="hits"),
                "variables": lambda: self.add_variable(shape=(), initializer="zeros", name="hits"),
            }
            self.hits = make[style]()
            self.seen = self.add_weight(name="seen", shape=(), initializer="zeros")

        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
            hits = tf.cast(tf.cast(y_true, tf.bool) & (y_pred > 0.5), tf.float32)
            if sample_weight is not None:
                hits *= tf.cast(sample_weight, tf.float32)
            self.hits.assign_add(tf.reduce_sum(hits))
            self.seen.assign(self.seen + tf.cast(tf.size(y_true), tf.float32))

        def result(self) -> Any:
            return self.hits / self.seen

    return Positives()


@pytest.mark.parametrize("style", ["names first", "names", "shapes", "variables"])
def test_subclasses_work_in_either_style(style: str) -> None:
    base, tf = (tf_keras, tensorflow) if style.startswith("names") else (tensorflow.keras, tensorflow)

    def program(keras: Any, tf: Any) -> list[Any]:
        metric = _positives(keras.metrics.Metric, tf, style)
        results = [metric(tf.constant(batch.labels), tf.constant(batch.predictions)) for batch in FLAT]
        metric.update_state(tf.constant(FLAT[0].labels), tf.constant(FLAT[0].predictions), FLAT[0].weights)
        results.append(metric.result())
        metric.reset_state()
        return [_value(each) for each in [*results, *metric.variables]]

    _compare(program(functape.keras, functape), program(base, tf))


def test_keras_2_resets_and_attributes() -> None:
    metrics = functape.keras.metrics
    metric = metrics.Mean()
    metric.update_state([1.0, 3.0])
    assert [weight.tolist() for weight in metric.get_weights()] == [4.0, 2.0]
    metric.set_weights([6.0, 2.0])
    assert metric.result().numpy() == 3.0
    assert metric.weights == metric.variables == metric.non_trainable_variables
    metric.reset_states()
    assert metric.result().numpy() == 0.0

    class Old(metrics.Mean):
        def reset_states(self) -> None:
            self.total.assign(10.0)
            self.count.assign(1.0)

    class Older(metrics.Metric):
        def __init__(self) -> None:
            super().__init__("older", "float32")
            self.state = self.add_weight("state", (2,))

        def reset_states(self) -> None:
            self.state.assign([1.0, 2.0])

    older = Older()
    assert (older.name, older.dtype) == ("older", "float32")
    older.reset_state()
    assert older.state.numpy().tolist() == [1.0, 2.0]


def test_states_are_merged() -> None:
    def program(metrics: Any) -> Any:
        first, second = metrics.Mean(), metrics.Mean()
        first.update_state([1.0, 3.0])
        second.update_state([8.0])
        first.merge_state([second])
        return first.result().numpy()

    assert program(functape.keras.metrics) == program(tf_keras.metrics)
    with pytest.raises(ValueError, match="not compatible"):
        functape.keras.metrics.Mean().merge_state([functape.keras.metrics.Sum()])


def test_state_may_be_passed_by_hand() -> None:
    def program(tf: Any, metrics: Any) -> list[Any]:
        metric = metrics.Precision()
        state = metric.stateless_reset_state()
        state = metric.stateless_update_state(state, tf.constant(FLAT[0].labels), tf.constant(FLAT[0].predictions))
        return [_value(each) for each in [*state, metric.stateless_result(state), *metric.variables]]

    _compare(program(functape, functape.keras.metrics), program(tensorflow, tensorflow.keras.metrics))
    with pytest.raises(ValueError, match="1:1"):
        functape.keras.metrics.Mean().stateless_result([1.0])


def test_functions_are_wrapped_as_in_either_keras() -> None:
    def size(tf: Any) -> Any:
        return lambda y_true, y_pred, scale=1.0: scale * tf.reduce_mean(tf.abs(y_true - y_pred), -1)

    def program(tf: Any, metrics: Any, labels: Any) -> Any:
        metric = metrics.MeanMetricWrapper(size(tf), name="size", scale=2.0)
        metric.update_state(labels, tf.constant(REAL[0].predictions), sample_weight=REAL[0].weights)
        return metric.result().numpy()

    np.testing.assert_allclose(
        program(functape, functape.keras.metrics, functape.constant(REAL[0].labels)),
        program(tensorflow, tensorflow.keras.metrics, tensorflow.constant(REAL[0].labels)),
        rtol=2e-6,
    )
    whole = np.ones((4, 3), np.int64)
    np.testing.assert_allclose(
        program(functape, functape.keras.metrics, functape.constant(whole)),
        program(tensorflow, tf_keras.metrics, tensorflow.constant(whole)),
        rtol=2e-6,
    )


MASK = np.array([[True, True, False, True, False]] * 4)


@pytest.mark.parametrize("name", ["SparseCategoricalAccuracy", "SparseCategoricalCrossentropy"])
@pytest.mark.parametrize("weighted", [False, True])
def test_masks_count(name: str, weighted: bool) -> None:
    def program(tf: Any) -> list[Any]:
        metric = getattr(tf.keras.metrics, name)()
        predictions = tf.constant(STEPS[0].predictions)
        predictions._keras_mask = tf.constant(MASK)
        metric.update_state(STEPS[0].labels, predictions, STEPS[0].weights[:, None] if weighted else None)
        return [_value(each) for each in [metric.result(), *metric.variables]]

    _compare(program(functape), program(tensorflow))


NAMES = ["accuracy", "mse", "MSE", "mae", "bce", "AUC", "auc", "binary_accuracy", "f1_score", "FBetaScore", "r2_score"]


@pytest.mark.parametrize("name", [*NAMES, "cosine_similarity", "kl_divergence", "hinge", "top_k_categorical_accuracy"])
def test_names_stand_for_metrics(name: str) -> None:
    ours, theirs = functape.keras.metrics.get(name), keras.metrics.get(name)
    assert type(ours).__name__ == type(theirs).__name__


def test_what_get_takes() -> None:
    metrics = functape.keras.metrics
    metric = metrics.Mean()
    assert metrics.get(metric) is metric
    assert type(metrics.get(metrics.Mean)) is metrics.Mean
    assert metrics.get(None) is None
    assert type(metrics.get("acc")) is metrics.Accuracy
    assert type(metrics.get({"class_name": "Recall", "config": {"thresholds": 0.4}})) is metrics.Recall
    assert type(metrics.deserialize(keras.metrics.serialize(keras.metrics.AUC()))) is metrics.AUC


def test_names_are_counted() -> None:
    functape.keras.backend.clear_session()
    names = [functape.keras.metrics.AUC().name for _ in range(3)]
    assert names == ["auc", "auc_1", "auc_2"]


ERRORS: dict[str, Callable[[Any], Any]] = {
    "no such metric": lambda metrics: metrics.get("nope"),
    "a number as a metric": lambda metrics: metrics.get(3),
    "a threshold beyond one": lambda metrics: metrics.Precision(thresholds=[0.5, 1.5]),
    "a specificity beyond one": lambda metrics: metrics.SensitivityAtSpecificity(1.5),
    "no thresholds": lambda metrics: metrics.RecallAtPrecision(0.5, num_thresholds=0),
    "one threshold": lambda metrics: metrics.AUC(num_thresholds=1),
    "another curve": lambda metrics: metrics.AUC(curve="nope"),
    "another summation": lambda metrics: metrics.AUC(summation_method="nope"),
    "labels without need": lambda metrics: metrics.AUC(num_labels=2),
    "another average": lambda metrics: metrics.F1Score(average="nope"),
    "an integer beta": lambda metrics: metrics.FBetaScore(beta=2),
    "a negative beta": lambda metrics: metrics.FBetaScore(beta=-1.0),
    "a threshold of zero": lambda metrics: metrics.F1Score(threshold=0.0),
    "a score of vectors": lambda metrics: metrics.F1Score().update_state(*FLAT[0][:2]),
    "another aggregation": lambda metrics: metrics.R2Score(class_aggregation="nope"),
    "fewer than no regressors": lambda metrics: metrics.R2Score(num_regressors=-1),
    "a class beyond": lambda metrics: metrics.IoU(2, [2]),
    "columns for a class": lambda metrics: metrics.Precision(class_id=1).update_state(*FLAT[0][:2]),
    "vectors of labels": lambda metrics: metrics.AUC(multi_label=True).update_state(*FLAT[0][:2]),
    "a metric without update": lambda metrics: metrics.Metric(name="a").update_state(),
    "a metric without result": lambda metrics: metrics.Metric(name="a").result(),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name: str) -> None:
    kinds = []
    for metrics in (tensorflow.keras.metrics, functape.keras.metrics):
        with pytest.raises(Exception) as caught:
            ERRORS[name](metrics)
        kinds.append(caught.type.__name__)
    assert kinds[0] == kinds[1]


def test_a_forgotten_constructor_is_named() -> None:
    class Forgetful(functape.keras.metrics.Metric):
        def __init__(self) -> None:
            self.state = self.add_weight(name="state")

    with pytest.raises(RuntimeError, match="forgot to call"):
        Forgetful()


def test_every_name_of_both_keras_is_there() -> None:
    for theirs in (tensorflow.keras.metrics, tf_keras.metrics):
        names = {name for name in dir(theirs) if not name.startswith("_")} - {"experimental"}
        assert names <= set(functape.keras.metrics.__all__)
        assert names <= set(functape.metrics.__all__)


@pytest.mark.parametrize("name", ["MeanSquaredError", "AUC", "F1Score"])
def test_copies_go_their_own_way(name: str) -> None:
    batch = (HOT if name == "F1Score" else FLAT if name == "AUC" else REAL)[0]
    metric = getattr(functape.keras.metrics, name)()
    metric.update_state(batch.labels, batch.predictions)
    twin = copy.deepcopy(metric)
    before = metric.result().numpy()
    np.testing.assert_array_equal(twin.result().numpy(), before)
    twin.reset_state()
    np.testing.assert_array_equal(metric.result().numpy(), before)
    twin.update_state(batch.labels, batch.predictions)
    np.testing.assert_array_equal(twin.result().numpy(), before)


def test_a_module_finds_a_metrics_variables() -> None:
    module = functape.Module()
    module.metric = functape.keras.metrics.Mean()
    assert [each.name for each in module.variables] == ["total:0", "count:0"]
    assert module.trainable_variables == ()


STEADY = {"Mean": None, "CategoricalAccuracy": HOT, "AUC": FLAT, "Precision": FLAT, "F1Score": HOT, "R2Score": REAL}


@pytest.mark.parametrize("name", STEADY)
def test_an_update_is_one_op_and_stays_pending(name: str) -> None:
    from functape._engine._cache import cache
    from functape._engine._recorder import local

    metric = getattr(functape.keras.metrics, name)()
    for step in range(5):
        inputs = [RANDOM.uniform(size=4)] if STEADY[name] is None else [each.copy() for each in STEADY[name][0][:2]]
        metric.update_state(*inputs)
        if step:
            assert local.recorder.state.depth == 1
        local.recorder.flush("a step ends")
        if step == 2:
            compiled = cache.compiled
    assert cache.compiled == compiled


def test_accuracy_and_cross_entropy_are_resolved_by_shape() -> None:
    from functape.keras.metrics._resolution import resolve_loss, resolve_metric

    shapes = {"Binary": ((8, 1), (8, 1)), "SparseCategorical": ((8,), (8, 3)), "Categorical": ((8, 3), (8, 3))}
    for kind, given in shapes.items():
        metric = resolve_metric("acc", *given)
        assert (type(metric).__name__, metric.name) == (f"{kind}Accuracy", "acc")
        loss = resolve_loss("crossentropy", *given)
        assert loss.fn.__name__.replace("_", "") == f"{kind.lower()}crossentropy"
    assert resolve_metric("mse", (1,), (1,)).name == "mse"
    assert resolve_metric(functape.keras.losses.huber, (1,), (1,)).name == "huber"
    assert resolve_loss(None, (), ()) is None
    assert resolve_loss("mse", (1,), (1,)).name == "mse"


def test_the_tolerance_tells_a_small_error_apart() -> None:
    """A negative control."""
    results, _ = _run("functape", CASES[0], False)
    with pytest.raises(AssertionError):
        _compare([each * f32(1 + 2e-5) for each in results], results)
