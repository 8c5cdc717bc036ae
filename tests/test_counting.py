"""Ranking, counting and reductions by segment against TensorFlow's."""

from __future__ import annotations

import numpy as np
from oracle import Case, check, check_raises, each

INF, NAN = float("inf"), float("nan")

X = np.array([[1.0, 4.0, 3.0, 3.0], [0.5, -2.0, 0.25, 8.0]], np.float32)
SCORES = np.array([[1.0, 2.0, 2.0], [INF, 1.0, 0.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], np.float32)
DATA = np.array([[1.0, -2.0], [3.0, 0.5], [0.25, 4.0], [3.0, 4.0]], np.float32)
IDS = np.array([0, 0, 2, 2], np.int32)
UNSORTED = np.array([2, 0, 2, -1], np.int32)

SEGMENTS = ("sum", "mean", "prod", "max", "min")
UNSORTED_SEGMENTS = (*SEGMENTS, "sqrt_n")


def math(name, *arguments, **options):
    return lambda tf, *inputs: getattr(tf.math, name)(*inputs, *arguments, **options)


def ranking_cases():
    for k in (0, 1, 3):
        yield Case(f"top_k-{k}", lambda tf, x, k=k: tuple(tf.math.top_k(x, k)), (X,))
    yield Case("top_k-default", lambda tf, x: tf.math.top_k(x).indices, (X,))
    yield Case("top_k-nan", math("top_k", 2), (np.array([1.0, 3.0, NAN, 3.0], np.float32),))
    yield Case("top_k-int64", lambda tf, x: tf.math.top_k(x, 2, index_type=tf.int64), (X,), 0)
    yield Case("top_k-integers", math("top_k", 2), (np.array([3, 1, 2], np.int32),))
    yield Case("top_k-tensor", lambda tf, x: tf.math.top_k(x, tf.constant(2)), (X,))
    for k in (1, 2):
        yield Case(f"in_top_k-{k}", math("in_top_k", k), (np.array([1, 0, 5, -1], np.int32), SCORES))
    yield Case("in_top_k-int64", math("in_top_k", 1), (np.array([1, 0, 2, 0]), SCORES))
    yield Case("invert_permutation", math("invert_permutation"), (np.array([2, 0, 3, 1], np.int32),))


def counting_cases():
    values, rows = np.array([1, 1, 3], np.int32), np.array([[1, 1, 3], [0, 0, 1]], np.int32)
    weights = np.array([1.0, 2.0, 0.5], np.float32)
    options = {
        "plain": {},
        "minlength": {"minlength": 6},
        "maxlength": {"maxlength": 2},
        "axis": {"axis": -1},
        "binary": {"binary_output": True},
    }
    for described, given in options.items():
        yield Case(f"bincount-{described}", math("bincount", **given), (values,))
        yield Case(f"bincount-rows-{described}", math("bincount", **given), (rows,))
    yield Case("bincount-dtype", lambda tf, v: tf.math.bincount(v, dtype=tf.float32), (values,))
    yield Case("bincount-int64", math("bincount"), (values.astype(np.int64),))
    yield Case("bincount-empty", math("bincount"), (np.zeros(0, np.int32),))
    yield Case("bincount-weights", lambda tf, v: tf.math.bincount(v, weights=weights), (values,))
    labels, predictions = np.array([1, 2, 4], np.int32), np.array([2, 2, 4], np.int32)
    yield Case("confusion_matrix", math("confusion_matrix"), (labels, predictions))
    yield Case("confusion_matrix-classes", math("confusion_matrix", 6), (labels, predictions))
    yield Case(
        "confusion_matrix-weights",
        lambda tf, a, b: tf.math.confusion_matrix(a, b, weights=[1.0, 2.0, 3.0], dtype=tf.float32),
        (labels, predictions),
    )


def segment_cases():
    for kind in SEGMENTS:
        gradients = 1 if kind == "prod" else 2
        yield Case(f"segment_{kind}", math(f"segment_{kind}"), (DATA, IDS), gradients)
        yield Case(f"segment_{kind}-int", math(f"segment_{kind}"), ((DATA * 4).astype(np.int32), IDS))
        yield Case(f"segment_{kind}-vector", math(f"segment_{kind}"), (DATA[:, 0], IDS.astype(np.int64)), gradients)
    for kind in ("prod", "max", "min"):
        zeros = np.array([0.0, 2.0, 0.0, 0.0, 3.0], np.float32)
        yield Case(
            f"{kind}-zeros", math(f"unsorted_segment_{kind}", 3), (zeros, np.array([0, 0, 1, 1, 2], np.int32)), 1
        )
    for kind in UNSORTED_SEGMENTS:
        name = f"unsorted_segment_{kind}"
        yield Case(name, math(name, 4), (DATA, UNSORTED))
        if kind != "sqrt_n":
            yield Case(f"{name}-int", math(name, 4), ((DATA * 4).astype(np.int32), UNSORTED))
        yield Case(f"{name}-matrix-ids", math(name, 2), (DATA, np.array([[0, 1], [1, 1], [0, -1], [1, 0]], np.int32)))
        yield Case(
            f"{name}-tensor-size", lambda tf, x, i, n=name: getattr(tf.math, n)(x, i, tf.constant(3)), (DATA, UNSORTED)
        )


@each([*ranking_cases(), *counting_cases(), *segment_cases()])
def test_counting(case):
    check(case)


def wrong():
    yield Case("top_k-too-many", math("top_k", 5), (X,))
    yield Case("top_k-negative", math("top_k", -1), (X,))
    yield Case("top_k-scalar", math("top_k", 1), (np.float32(1),))
    yield Case("top_k-index-type", lambda tf, x: tf.math.top_k(x, 1, index_type=tf.float32), (X,))
    yield Case("in_top_k-shapes", math("in_top_k", 1), (np.array([1], np.int32), SCORES))
    yield Case("invert_permutation-float", math("invert_permutation"), (np.array([1.0, 0.0]),))
    yield Case("invert_permutation-rank", math("invert_permutation"), (np.array([[0]], np.int32),))
    yield Case("invert_permutation-twice", math("invert_permutation"), (np.array([0, 0], np.int32),))
    yield Case("bincount-negative", math("bincount"), (np.array([-1, 1], np.int32),))
    yield Case("bincount-axis", math("bincount", axis=1), (np.array([[1]], np.int32),))
    yield Case("bincount-weights", lambda tf, v: tf.math.bincount(v, weights=[1.0]), (np.array([1, 1], np.int32),))
    yield Case("confusion_matrix-range", lambda tf: tf.math.confusion_matrix([1, 4], [1, 2], 3))
    yield Case("confusion_matrix-negative", lambda tf: tf.math.confusion_matrix([1, -4], [1, 2]))
    yield Case("unsorted_segment_sqrt_n-int", math("unsorted_segment_sqrt_n", 3), (IDS, IDS))
    for kind in SEGMENTS:
        yield Case(f"segment_{kind}-order", math(f"segment_{kind}"), (DATA, np.array([0, 2, 1, 3], np.int32)))
        yield Case(f"segment_{kind}-length", math(f"segment_{kind}"), (DATA, np.array([0, 1], np.int32)))
        name = f"unsorted_segment_{kind}"
        yield Case(f"{name}-range", math(name, 2), (DATA, np.array([0, 1, 2, 0], np.int32)))
        yield Case(f"{name}-length", math(name, 2), (DATA, np.array([0, 1], np.int32)))


@each(wrong())
def test_errors(case):
    check_raises(case)
