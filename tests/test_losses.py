"""Keras's functional losses against TensorFlow's: values, gradients, dtypes, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import Case, check, check_raises, compare, each, run

import functape

f32, f64 = np.float32, np.float64
TRUE = np.array([[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]], f32)
PREDICTED = np.array([[0.1, 0.7, 0.2], [0.3, 0.3, 0.4]], f32)
LOGITS = np.array([[-1.5, 0.25, 2.0], [0.5, -0.75, 1.25]], f32)
EDGES = np.array([[0.0, 1e-8, 0.3, 1.0, 0.7]], f32)
EDGE_TRUE = np.array([[1.0, 0.0, 1.0, 1.0, 0.0]], f32)
COLUMN, ROW = np.array([[1.0], [2.0], [4.0]], f32), np.array([1.5, 2.5, 2.0], f32)


def _call(name: str, **arguments: Any) -> Any:
    return lambda tf, *inputs: getattr(tf.losses, name)(*inputs, **arguments)


MEANS = ["MSE", "MAE"]
PROBABILITIES = ["categorical_crossentropy", "binary_crossentropy"]
CASES = [
    *(Case(name, _call(name), (TRUE, PREDICTED)) for name in MEANS),
    *(Case(f"{name} at equality", _call(name), (TRUE, TRUE), gradients=1) for name in MEANS),
    *(Case(f"{name} float64", _call(name), (TRUE.astype(f64), PREDICTED.astype(f64))) for name in MEANS),
    *(Case(f"{name} of two dtypes", _call(name), (TRUE.astype(f64), PREDICTED), gradients=1) for name in MEANS),
    *(Case(f"{name} of ints", _call(name), (np.array([1, 2]), np.array([3, 5])), gradients=0) for name in MEANS),
    *(Case(f"{name} of a column and a row", _call(name), (COLUMN, ROW), gradients=1) for name in MEANS),
    *(Case(f"{name} of a row and a column", _call(name), (ROW, COLUMN), gradients=1) for name in MEANS),
    *(Case(f"{name} that broadcasts", _call(name), (COLUMN, np.ones((3, 4), f32)), gradients=1) for name in MEANS),
    *(
        Case(f"{name} of three axes", _call(name), (TRUE[None], PREDICTED[None, :, :, None]), gradients=1)
        for name in MEANS
    ),
    Case("MSE of bools", _call("MSE"), (np.array([True, False]), np.array([0.5, 0.25], f32)), gradients=1),
    Case("MSE of lists", lambda tf: tf.losses.MSE([1, 2], [3.0, 4.5]), gradients=0),
    *(Case(name, _call(name), (TRUE, PREDICTED)) for name in PROBABILITIES),
    *(Case(f"{name} at edges", _call(name), (EDGE_TRUE, EDGES), gradients=1) for name in PROBABILITIES),
    *(Case(f"{name} of logits", _call(name, from_logits=True), (TRUE, LOGITS), gradients=1) for name in PROBABILITIES),
    *(
        Case(f"{name} smoothed", _call(name, label_smoothing=0.2), (TRUE, PREDICTED), gradients=1)
        for name in PROBABILITIES
    ),
    *(
        Case(
            f"{name} of smoothed logits",
            _call(name, label_smoothing=0.1, from_logits=True),
            (TRUE, LOGITS),
            gradients=1,
        )
        for name in PROBABILITIES
    ),
    *(
        Case(f"{name} along the first axis", _call(name, axis=0), (TRUE, PREDICTED), gradients=1)
        for name in PROBABILITIES
    ),
    *(
        Case(f"{name} of int labels", _call(name), (np.array([[0, 1, 0], [1, 0, 0]]), PREDICTED), gradients=1)
        for name in PROBABILITIES
    ),
    *(Case(f"{name} of vectors", _call(name), (TRUE[0], PREDICTED[0]), gradients=1) for name in PROBABILITIES),
    Case("sparse", _call("sparse_categorical_crossentropy"), (np.array([2, 0]), PREDICTED)),
    Case("sparse at edges", _call("sparse_categorical_crossentropy"), (np.array([0]), EDGES), gradients=1),
    Case(
        "sparse of a column", _call("sparse_categorical_crossentropy"), (np.array([[2], [0]]), PREDICTED), gradients=1
    ),
    Case(
        "sparse of floating labels",
        lambda tf, predicted: tf.losses.sparse_categorical_crossentropy(np.array([2.0, 0.0], f32), predicted),
        (PREDICTED,),
        gradients=1,
    ),
    Case("sparse of logits", _call("sparse_categorical_crossentropy", from_logits=True), (np.array([2, 0]), LOGITS)),
    Case(
        "sparse of three axes",
        _call("sparse_categorical_crossentropy"),
        (np.array([[2, 0]]), PREDICTED[None]),
        gradients=1,
    ),
    *(
        Case(
            f"sparse that ignores {ignored}",
            _call("sparse_categorical_crossentropy", ignore_class=ignored, from_logits=from_logits),
            (np.array([ignored, 1]), PREDICTED),
            gradients=1,
        )
        for ignored in (0, 2, -1)
        for from_logits in (False,)
    ),
    Case(
        "sparse of logits that ignores",
        _call("sparse_categorical_crossentropy", ignore_class=2, from_logits=True),
        (np.array([2, 1]), LOGITS),
        gradients=1,
    ),
]


@each(CASES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


WRONG = [
    Case("MSE of scalars", _call("MSE"), (f32(1), f32(2))),
    Case("MSE of other shapes", _call("MSE"), (ROW, np.ones(4, f32))),
    Case("categorical of other shapes", _call("categorical_crossentropy"), (TRUE[:, :2], PREDICTED)),
    Case("categorical of other ranks", _call("categorical_crossentropy"), (TRUE[0], PREDICTED)),
    Case("categorical along no axis", _call("categorical_crossentropy", axis=2), (TRUE, PREDICTED)),
    Case("binary of other shapes", _call("binary_crossentropy"), (TRUE[:1], PREDICTED)),
    Case("binary of other ranks", _call("binary_crossentropy"), (ROW, COLUMN)),
    Case("sparse of other shapes", _call("sparse_categorical_crossentropy"), (np.array([0, 1, 2]), PREDICTED)),
    Case(
        "sparse of a class that is not there", _call("sparse_categorical_crossentropy"), (np.array([0, 3]), PREDICTED)
    ),
]


@each(WRONG)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


def test_sparse_along_another_axis_as_keras_2_has_it() -> None:
    ours = functape.losses.sparse_categorical_crossentropy([2, 0], PREDICTED.T, axis=0)
    theirs = tf_keras.losses.sparse_categorical_crossentropy(np.array([2, 0]), tensorflow.constant(PREDICTED.T), axis=0)
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=2e-6)


def test_a_class_only_known_later_gives_nan() -> None:
    labels = functape.constant([0, 1, 2]) + functape.constant([0, 0, 7])
    loss = functape.losses.sparse_categorical_crossentropy(labels, np.full((3, 3), 0.3, f32))
    assert np.isnan(loss.numpy()).tolist() == [False, False, True]


def test_a_smoothing_that_changes_compiles_nothing() -> None:
    from functape._engine._cache import cache

    for step in range(6):
        functape.losses.categorical_crossentropy(TRUE, PREDICTED, label_smoothing=0.05 * step).numpy()
        if step == 1:
            before = cache.compiled
    assert cache.compiled == before


def test_the_tolerance_tells_keras_2_apart() -> None:
    """A negative control: Keras 2 adds its epsilon elsewhere, which changes the sixth digit."""
    case = next(case for case in CASES if case.name == "binary_crossentropy at edges")
    theirs, ours = run(tensorflow, case), run(functape, case)
    compare(theirs, ours, case)
    ours.values = [tf_keras.losses.binary_crossentropy(EDGE_TRUE, EDGES).numpy()]
    with pytest.raises(AssertionError):
        compare(theirs, ours, case)
