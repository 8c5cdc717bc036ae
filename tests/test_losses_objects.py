"""Keras's losses as objects against TensorFlow's: values, gradients, reductions, weights, masks, configurations."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import Case, assert_close, check, check_raises, compare, each, run

import functape

f32, f64 = np.float32, np.float64
TRUE = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]], f32)
PREDICTED = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], f32)
LOGITS = np.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.25]], f32)
EDGES = np.array([[0.0, 1e-8, 0.3, 1.0, 0.7]], f32)
EDGE_TRUE = np.array([[1.0, 0.0, 1.0, 1.0, 0.0]], f32)
BINARY = np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]], f32)
CLASSES = np.array([2, 0])
COUNTS = np.array([[1.0, 0.0, 3.0], [2.0, 1.0, 0.0]], f32)
POSITIVE = np.array([[0.5, 0.25, 2.0], [1.5, 0.75, 1.25]], f32)
UNIT = np.array([[0.6, 0.8], [0.8, 0.6], [1.0, 0.0], [0.0, 1.0]], f32)

PAIRS: dict[str, tuple[Any, Any]] = {
    "MeanSquaredError": (TRUE, LOGITS),
    "MeanAbsoluteError": (TRUE, LOGITS),
    "MeanAbsolutePercentageError": (COUNTS, LOGITS),
    "MeanSquaredLogarithmicError": (COUNTS, POSITIVE),
    "LogCosh": (TRUE, LOGITS),
    "Huber": (TRUE, LOGITS),
    "CosineSimilarity": (TRUE, LOGITS),
    "Poisson": (COUNTS, POSITIVE),
    "KLDivergence": (TRUE, PREDICTED),
    "Hinge": (BINARY, LOGITS),
    "SquaredHinge": (BINARY, LOGITS),
    "CategoricalHinge": (BINARY, LOGITS),
    "BinaryCrossentropy": (TRUE, PREDICTED),
    "BinaryFocalCrossentropy": (TRUE, PREDICTED),
    "CategoricalCrossentropy": (TRUE, PREDICTED),
    "CategoricalFocalCrossentropy": (TRUE, PREDICTED),
    "SparseCategoricalCrossentropy": (CLASSES, PREDICTED),
    "CategoricalGeneralizedCrossEntropy": (CLASSES, PREDICTED),
    "Dice": (BINARY, PREDICTED),
    "Tversky": (BINARY, PREDICTED),
}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "Huber": [{"delta": 0.5}, {"delta": 3.0}],
    "CosineSimilarity": [{"axis": 0}],
    "BinaryCrossentropy": [
        {"from_logits": True},
        {"label_smoothing": 0.2},
        {"axis": 0},
        {"from_logits": True, "label_smoothing": 0.1},
    ],
    "BinaryFocalCrossentropy": [
        {"apply_class_balancing": True, "alpha": 0.4},
        {"gamma": 3.0},
        {"from_logits": True},
        {"label_smoothing": 0.2},
    ],
    "CategoricalCrossentropy": [
        {"from_logits": True},
        {"label_smoothing": 0.2},
        {"axis": 0},
        {"from_logits": True, "axis": 0},
    ],
    "CategoricalFocalCrossentropy": [
        {"alpha": 0.5, "gamma": 1.5},
        {"from_logits": True},
        {"label_smoothing": 0.2},
        {"alpha": [0.2, 0.3, 0.5]},
    ],
    "SparseCategoricalCrossentropy": [{"from_logits": True}, {"ignore_class": 0}, {"ignore_class": -1}],
    "CategoricalGeneralizedCrossEntropy": [{"q": 0.9}],
    "Dice": [{"axis": -1}, {"axis": (0, 1)}],
    "Tversky": [{"alpha": 0.3, "beta": 0.7}, {"axis": 1}],
}
SECOND = {"Hinge": 1, "CategoricalHinge": 1, "KLDivergence": 2}
"""How often a loss is differentiated where it is not twice: TensorFlow's second derivative is None here and there."""


def _loss(name: str, *, weight: Any = None, **arguments: Any) -> Any:
    def function(tf: Any, *inputs: Any) -> Any:
        return getattr(tf.keras.losses, name)(**arguments)(
            *inputs, **({} if weight is None else {"sample_weight": weight})
        )

    return function


def _logits(name: str, arguments: dict[str, Any]) -> tuple[Any, Any]:
    return (PAIRS[name][0], LOGITS) if arguments.get("from_logits") else PAIRS[name]


WEIGHTS = {"by example": np.array([0.5, 2.0], f32), "one": 3.0, "a column": np.array([[0.5], [2.0]], f32)}
REDUCTIONS = ["sum", "none", None, "mean", "mean_with_sample_weight"]
IN_FLOAT32 = "the loss is computed in float32: so are the gradients of float64 inputs"
LOOSE = {
    "BinaryFocalCrossentropy": 8.0,
    "CategoricalFocalCrossentropy": 8.0,
    "LogCosh": 8.0,
    "CosineSimilarity": 4.0,
    "KLDivergence": 4.0,
    "Poisson": 4.0,
    "CategoricalGeneralizedCrossEntropy": 4.0,
    "Tversky": 4.0,
    "Dice": 4.0,
    "MeanSquaredLogarithmicError": 4.0,
}


def _case(label: str, name: str, function: Any, inputs: Any, gradients: int = 2) -> Case:
    loosen = LOOSE.get(name, 1.0)
    because = "Eigen and XLA round its logarithms and powers differently" if name in LOOSE else ""
    return Case(label, function, inputs, min(gradients, SECOND.get(name, 2)), loosen, because)


CASES = [
    *(_case(name, name, _loss(name), pair) for name, pair in PAIRS.items()),
    *(
        _case(f"{name} {arguments}", name, _loss(name, **arguments), _logits(name, arguments), 1)
        for name, several in OPTIONS.items()
        for arguments in several
    ),
    *(
        _case(f"{name} {reduction}", name, _loss(name, reduction=reduction), pair, 1)
        for name, pair in PAIRS.items()
        for reduction in REDUCTIONS[1:2]
    ),
    *(
        _case(
            f"{name} {reduction} weighted {kind}", name, _loss(name, reduction=reduction, weight=weight), PAIRS[name], 1
        )
        for name in ("MeanSquaredError", "SparseCategoricalCrossentropy", "BinaryCrossentropy")
        for reduction in ["sum_over_batch_size", *REDUCTIONS]
        for kind, weight in WEIGHTS.items()
        if kind == "by example" or reduction == "sum_over_batch_size"
    ),
    *(
        _case(f"{name} {dtype}", name, _loss(name, dtype=dtype), pair, 1)
        for name, pair in list(PAIRS.items())
        for dtype in ("float64",)
    ),
    *(
        Case(f"{name} of float64 labels", _loss(name), (TRUE.astype(f64), PREDICTED), 1, 1e6, IN_FLOAT32)
        for name in ("MeanSquaredError", "CategoricalCrossentropy", "BinaryCrossentropy")
    ),
    *(
        Case(f"{name} of float64", _loss(name), (TRUE.astype(f64), PREDICTED.astype(f64)), 1, 1e6, IN_FLOAT32)
        for name in ("MeanSquaredError", "CategoricalCrossentropy", "BinaryCrossentropy")
    ),
    *(
        Case(f"{name} at edges", _loss(name), (EDGE_TRUE, EDGES), gradients=1)
        for name in ("BinaryCrossentropy", "CategoricalCrossentropy", "KLDivergence")
    ),
    Case("MeanAbsoluteError at equality", _loss("MeanAbsoluteError"), (TRUE, TRUE), gradients=1),
    Case("Hinge at its corner", _loss("Hinge"), (np.array([[1.0, -1.0]], f32), np.array([[1.0, -1.0]], f32)), 1),
    Case("Huber at its corner", _loss("Huber"), (np.array([[0.0, 0.0]], f32), np.array([[1.0, -1.0]], f32)), 1),
    Case("CosineSimilarity of nothing", _loss("CosineSimilarity"), (np.zeros((1, 3), f32), PREDICTED[:1]), 1),
    Case("Hinge of other labels", _loss("Hinge"), (np.array([[-1.0, 0.5]], f32), np.array([[0.5, 0.25]], f32)), 1),
    Case("labels of one axis less", _loss("BinaryCrossentropy"), (BINARY[0], PREDICTED[0][:, None]), gradients=1),
    Case("labels of one axis more", _loss("MeanSquaredError"), (BINARY[0][:, None], PREDICTED[0]), gradients=1),
    Case("sparse labels in a column", _loss("SparseCategoricalCrossentropy"), (CLASSES[:, None], PREDICTED), 1),
    Case("sparse labels that are floats", _loss("SparseCategoricalCrossentropy"), (CLASSES.astype(f32), PREDICTED), 0),
    Case("integer labels", _loss("MeanSquaredError"), (np.array([[1, 2]]), np.array([[0.5, 1.0]], f32)), gradients=1),
    Case("integers", _loss("Huber"), (np.array([[1, 2]]), np.array([[3, 4]])), gradients=0),
    Case("lists", lambda tf: tf.keras.losses.MeanSquaredError()([[1.0], [2.0]], [[3.0], [5.0]]), gradients=0),
    Case("NumPy labels", lambda tf, p: tf.keras.losses.MeanSquaredError()(TRUE.astype(f64), p), (PREDICTED,)),
    Case(
        "weights by element",
        _loss("BinaryCrossentropy", weight=np.array([[0.5, 1.0], [2.0, 0.0]], f32)),
        (np.ones((2, 2, 3), f32), np.full((2, 2, 3), 0.25, f32)),
        gradients=1,
    ),
    Case(
        "weights of zero",
        _loss("MeanSquaredError", reduction="mean_with_sample_weight", weight=[0.0, 0.0]),
        (TRUE, PREDICTED),
        gradients=1,
    ),
    Case("an empty batch", _loss("MeanSquaredError"), (np.zeros((0, 3), f32), np.zeros((0, 3), f32)), gradients=0),
    Case("Circle", _loss("Circle"), (np.array([0, 0, 1, 1]), UNIT), 1, 8.0, "its scale of 80 multiplies roundings"),
    Case(
        "Circle of another margin",
        _loss("Circle", gamma=20.0, margin=0.25, remove_diagonal=False),
        (np.array([0, 0, 1, 1]), UNIT),
        1,
        8.0,
        "its scale multiplies roundings",
    ),
    Case(
        "CTC",
        _loss("CTC"),
        (np.array([[1, 2, 0], [2, 2, 1]]), np.random.default_rng(3).normal(size=(2, 6, 4)).astype(f32)),
        1,
        16.0,
        "sums of logarithms along the steps are taken in another order",
    ),
    Case(
        "circle of references",
        lambda tf, labels, embeddings, keys: tf.keras.losses.circle(
            labels, embeddings, ref_labels=np.array([0, 1, 1]), ref_embeddings=keys, remove_diagonal=False
        ),
        (np.array([0, 1]), UNIT[:2], UNIT[:3]),
        1,
        8.0,
        "its scale multiplies roundings",
    ),
]


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


WRONG = [
    Case("another reduction", _loss("MeanSquaredError", reduction="average"), (TRUE, PREDICTED)),
    Case("other shapes", _loss("MeanSquaredError"), (TRUE, PREDICTED[:, :2])),
    Case("other shapes of categories", _loss("CategoricalCrossentropy"), (TRUE[:, :2], PREDICTED)),
    Case("other shapes of probabilities", _loss("BinaryCrossentropy"), (TRUE[:, :2], PREDICTED)),
    Case("a class that is not there", _loss("SparseCategoricalCrossentropy"), (np.array([0, 3]), PREDICTED)),
    Case("weights of another length", _loss("MeanSquaredError", weight=[1.0, 2.0, 3.0]), (TRUE, PREDICTED)),
    Case("sequences of one axis", _loss("CTC"), (CLASSES, PREDICTED)),
    Case("q out of range", lambda tf: tf.keras.losses.CategoricalGeneralizedCrossEntropy(q=1.5)),
    Case("no such loss", lambda tf: tf.keras.losses.get("nope")),
    Case("a number as a loss", lambda tf: tf.keras.losses.get(3)),
    Case("a loss without call", lambda tf: tf.keras.losses.Loss()([1.0], [2.0])),
]


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


KERAS_2 = [name for name in PAIRS if hasattr(tf_keras.losses, name)]


@pytest.mark.parametrize("name", KERAS_2)
def test_keras_2_agrees_but_for_its_epsilon(name: str) -> None:
    true, predicted = PAIRS[name]
    theirs = getattr(tf_keras.losses, name)()(tensorflow.constant(true), tensorflow.constant(predicted))
    ours = getattr(functape.keras.losses, name)(reduction="auto")(true, predicted)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-6, atol=1e-7)


def _squared(tf: Any, **arguments: Any) -> Any:
    class Squared(tf.keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return tf.reduce_mean(tf.square(y_pred - y_true), -1)

    return Squared(**arguments)


CUSTOM = [
    Case("a subclass", lambda tf, y, p: _squared(tf)(y, p), (TRUE, PREDICTED)),
    Case("its weights", lambda tf, y, p: _squared(tf)(y, p, sample_weight=[1.0, 0.5]), (TRUE, PREDICTED)),
    Case("its values", lambda tf, y, p: _squared(tf, reduction="none", name="mine")(y, p), (TRUE, PREDICTED)),
    Case("its dtype", lambda tf, y, p: _squared(tf, dtype="float64")(y, p), (TRUE, PREDICTED), gradients=1),
    Case("integer labels", lambda tf, p: _squared(tf)(np.array([[1, 0, 1]]), p), (PREDICTED[:1],)),
    Case("its name", lambda tf: [_squared(tf, name="mine").name, _squared(tf, name="a").get_config()], gradients=0),
    Case("a changed reduction", lambda tf, y, p: _changed(tf)(y, p), (TRUE, PREDICTED), gradients=1),
]


def _changed(tf: Any) -> Any:
    loss = tf.keras.losses.MeanSquaredError()
    loss.reduction = "sum"
    return loss


@each(CUSTOM)
def test_subclasses_agree_with_tensorflow(case: Case) -> None:
    check(case)


def test_a_structure_of_outputs_is_passed_to_call() -> None:
    def program(tf: Any) -> Any:
        class Both(tf.keras.losses.Loss):
            def call(self, y_true: Any, y_pred: Any) -> Any:
                return tf.reduce_mean(y_pred["a"] - y_true["a"], -1) + tf.reduce_mean(y_pred["b"], -1)

        return Both()({"a": TRUE, "b": TRUE}, {"a": tf.constant(PREDICTED), "b": tf.constant(LOGITS)}).numpy()

    np.testing.assert_allclose(program(functape), program(tensorflow), rtol=2e-6)


def test_integer_labels_stay_so_where_a_subclass_needs_them() -> None:
    """As in Keras 2; Keras 3 casts them, and `one_hot` then fails."""

    def program(tf: Any, losses: Any) -> Any:
        class Sparse(losses.Loss):
            def call(self, y_true: Any, y_pred: Any) -> Any:
                return -tf.reduce_sum(tf.one_hot(y_true, 3) * tf.math.log(y_pred), -1)

        return Sparse()(tf.constant(CLASSES), tf.constant(PREDICTED)).numpy()

    theirs = program(tensorflow, tf_keras.losses)
    np.testing.assert_allclose(program(functape, functape.keras.losses), theirs, rtol=2e-6)


MASK = np.array([[True, True, False], [True, False, False]])
SEQUENCE_TRUE, SEQUENCE = np.ones((2, 3, 2), f32), np.arange(12, dtype=f32).reshape(2, 3, 2) / 10


@pytest.mark.parametrize("weight", [None, np.array([1.0, 3.0], f32)[:, None]], ids=["plain", "weighted"])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "none", "mean_with_sample_weight"])
@pytest.mark.parametrize("name", ["MeanSquaredError", "custom"])
def test_a_mask_counts(name: str, reduction: str, weight: Any) -> None:
    def program(tf: Any) -> Any:
        arguments = {"reduction": reduction}
        loss = _squared(tf, **arguments) if name == "custom" else getattr(tf.keras.losses, name)(**arguments)
        predicted = tf.constant(SEQUENCE)
        predicted._keras_mask = tf.constant(MASK)
        return loss(SEQUENCE_TRUE, predicted, sample_weight=weight).numpy()

    assert_close(program(functape), program(tensorflow))


def test_an_ignored_class_is_not_in_the_mean() -> None:
    def program(tf: Any) -> Any:
        function = tf.keras.losses.sparse_categorical_crossentropy

        class Wrapped(tf.keras.losses.Loss):
            def call(self, y_true: Any, y_pred: Any) -> Any:
                return function(y_true, y_pred, ignore_class=0)

        return Wrapped()(CLASSES, tf.constant(PREDICTED)).numpy()

    assert_close(program(functape), program(tensorflow))


@pytest.mark.parametrize("name", [*PAIRS, "Circle", "CTC"])
def test_configurations_are_keras_3s(name: str) -> None:
    theirs, ours = getattr(keras.losses, name)(), getattr(functape.keras.losses, name)()
    assert ours.get_config() == theirs.get_config()
    assert (ours.name, ours.reduction, ours.dtype) == (theirs.name, theirs.reduction, theirs.dtype)
    assert functape.keras.losses.serialize(ours) == keras.losses.serialize(theirs)
    own = {key: value for key, value in vars(theirs).items() if not key.startswith("_") and key != "fn"}
    assert {key: getattr(ours, key) for key in own} == own
    again = functape.keras.losses.deserialize(keras.losses.serialize(theirs))
    assert type(again) is type(ours)
    assert again.get_config() == ours.get_config()


@pytest.mark.parametrize("name", KERAS_2)
def test_configurations_of_keras_2_are_understood(name: str) -> None:
    theirs = getattr(tf_keras.losses, name)(reduction="sum")
    stored = tf_keras.losses.serialize(theirs, use_legacy_format=True)
    ours = functape.keras.losses.deserialize(stored)
    assert (ours.name, ours.reduction) == (theirs.name, "sum")
    true, predicted = PAIRS[name]
    again = functape.keras.losses.deserialize(functape.keras.losses.serialize(ours, use_legacy_format=True))
    np.testing.assert_array_equal(again(true, predicted).numpy(), ours(true, predicted).numpy())


def test_arguments_come_back_from_a_configuration() -> None:
    for name, several in OPTIONS.items():
        for arguments in several:
            loss = getattr(functape.keras.losses, name)(**arguments, reduction="sum", name="mine")
            again = type(loss).from_config(loss.get_config())
            inputs = _logits(name, arguments)
            np.testing.assert_array_equal(again(*inputs).numpy(), loss(*inputs).numpy())


NAMES = ["mse", "MSE", "mae", "MAE", "mape", "msle", "kld", "KLD", "bce", "BCE", "mean_squared_error", "huber", "hinge"]


@pytest.mark.parametrize("name", NAMES)
def test_names_stand_for_functions(name: str) -> None:
    ours, theirs = functape.keras.losses.get(name), keras.losses.get(name)
    assert ours.__name__ == theirs.__name__
    assert functape.keras.losses.serialize(ours) == keras.losses.serialize(theirs)
    assert functape.keras.losses.deserialize(keras.losses.serialize(theirs)) is ours


@pytest.mark.parametrize("name", PAIRS)
def test_names_of_classes_stand_for_objects(name: str) -> None:
    kind = getattr(functape.keras.losses, name)
    assert type(functape.keras.losses.get(name)) is kind
    assert type(functape.keras.losses.get(kind)) is kind
    loss = kind()
    assert functape.keras.losses.get(loss) is loss
    assert functape.keras.losses.get(None) is None


def test_every_name_of_both_keras_is_there() -> None:
    for theirs in (tensorflow.keras.losses, tf_keras.losses):
        names = {name for name in dir(theirs) if not name.startswith("_")}
        assert names <= set(functape.keras.losses.__all__)
        assert names <= set(functape.losses.__all__)


def test_custom_objects_are_found() -> None:
    @functape.keras.utils.register_keras_serializable("tests")
    class Mine(functape.keras.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return y_pred - y_true

    stored = functape.keras.losses.serialize(Mine(name="mine"))
    assert stored["registered_name"] == "tests>Mine"
    assert type(functape.keras.losses.deserialize(stored)) is Mine
    given = {"class_name": "Other", "config": {"name": "b"}}
    assert functape.keras.losses.deserialize(given, custom_objects={"Other": Mine}).name == "b"


def test_keras_2_order_of_arguments() -> None:
    losses = functape.keras.losses
    assert losses.Loss("sum", "mine").get_config() == {"name": "mine", "reduction": "sum"}
    assert losses.SparseCategoricalCrossentropy(False, None, "sum", "mine").name == "mine"
    assert losses.Reduction.all() == tensorflow.keras.losses.Reduction.all()
    with pytest.raises(ValueError, match="Invalid Reduction Key"):
        losses.Reduction.validate("average")


@pytest.mark.parametrize("name", ["BinaryCrossentropy", "MeanSquaredError", "SparseCategoricalCrossentropy"])
def test_copies_compute_the_same(name: str) -> None:
    loss = getattr(functape.keras.losses, name)()
    true, predicted = PAIRS[name]
    for twin in (copy.deepcopy(loss), copy.copy(loss), pickle.loads(pickle.dumps(loss))):
        np.testing.assert_array_equal(twin(true, predicted).numpy(), loss(true, predicted).numpy())


def test_a_step_is_one_op_and_new_labels_compile_nothing() -> None:
    from functape._engine._cache import cache

    loss = functape.keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    random = np.random.default_rng(0)
    predicted = functape.constant(PREDICTED)
    for step in range(6):
        before = cache.ops
        loss(random.uniform(size=(2, 3)), predicted).numpy()
        if step == 1:
            compiled = cache.compiled
        assert cache.ops - before == 1
    assert cache.compiled == compiled


@pytest.mark.parametrize("name", functape.keras.losses.__all__)
def test_signatures_are_keras_3s(name: str) -> None:
    theirs = getattr(keras.losses, name, None) or getattr(tf_keras.losses, name)
    ours = getattr(functape.keras.losses, name)
    assert getattr(functape.losses, name) is ours
    if name == "Reduction":
        return
    expected, given = (list(inspect.signature(each).parameters.values()) for each in (theirs, ours))
    given = [parameter for parameter in given if parameter.name != "use_legacy_format"]
    assert [(each.name, each.default) for each in given] == [(each.name, each.default) for each in expected]


def test_the_tolerance_tells_another_epsilon_apart() -> None:
    """A negative control: the loosest of the cases with an epsilon that is a little larger must fail."""
    case = next(case for case in CASES if case.name == "KLDivergence at edges")
    theirs, ours = run(tensorflow, case), run(functape, case)
    compare(theirs, ours, case)
    ours.values = [np.asarray(each * f32(1 + 1e-4)) for each in ours.values]
    with pytest.raises(AssertionError):
        compare(theirs, ours, case)
