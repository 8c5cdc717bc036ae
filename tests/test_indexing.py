"""`x[...]` and `v[...].assign` against TensorFlow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, each

import functape
from functape._engine._cache import cache

_draw = np.random.default_rng(5)
CUBE = _draw.normal(size=(3, 4, 5)).astype(np.float32)
ROW = _draw.normal(size=6).astype(np.float32)

INDICES: dict[str, Callable[[Any], Any]] = {
    "int": lambda tf: 1,
    "last": lambda tf: -1,
    "first of all": lambda tf: -3,
    "two ints": lambda tf: (0, 2),
    "all ints": lambda tf: (2, 3, -5),
    "numpy int": lambda tf: np.int64(1),
    "slice": lambda tf: slice(1, 3),
    "open slice": lambda tf: slice(None, 2),
    "whole": lambda tf: slice(None),
    "negative slice": lambda tf: (slice(-2, None), slice(None, -1)),
    "far slice": lambda tf: (slice(-9, 9), slice(2, 100)),
    "empty slice": lambda tf: slice(2, 1),
    "past the end": lambda tf: slice(7, 9),
    "step": lambda tf: (slice(None), slice(0, 4, 2), slice(1, None, 3)),
    "step down": lambda tf: (slice(None, None, -1), slice(None), slice(3, 0, -2)),
    "step down from the end": lambda tf: (slice(None), slice(-1, None, -1)),
    "step down empty": lambda tf: slice(0, 2, -1),
    "step down past the ends": lambda tf: (slice(None), slice(9, -9, -3)),
    "int and slice": lambda tf: (1, slice(1, 3), 2),
    "new axis": lambda tf: (None, 1),
    "new axes": lambda tf: (slice(None), None, 1, None),
    "tf.newaxis": lambda tf: (Ellipsis, tf.newaxis),
    "ellipsis": lambda tf: (Ellipsis, 1),
    "ellipsis inside": lambda tf: (0, Ellipsis, slice(1, 3)),
    "ellipsis alone": lambda tf: Ellipsis,
    "ellipsis for nothing": lambda tf: (1, 2, Ellipsis, 3),
    "ellipsis and new axis": lambda tf: (Ellipsis, None, 2),
    "nothing": lambda tf: (),
    "tensor": lambda tf: tf.constant(1),
    "tensor int64": lambda tf: tf.constant(2, tf.int64),
    "negative tensor": lambda tf: tf.constant(-1),
    "pending tensor": lambda tf: tf.constant(1) + tf.constant(1),
    "pending negative tensor": lambda tf: tf.constant(1) - tf.constant(2),
    "tensor and int": lambda tf: (tf.constant(1) * 2, 3),
    "tensor and slice": lambda tf: (slice(0, 2), tf.constant(2) - 1, slice(None, None, 2)),
    "tensor bounds": lambda tf: slice(tf.constant(1), tf.constant(1) + 1),
    "variable": lambda tf: tf.Variable(1),
    "list": lambda tf: [0, 1],
    "list of slices": lambda tf: [slice(0, 1), 1],
    "mask": lambda tf: tf.constant([True, False, True]),
    "mask array": lambda tf: np.array([True, False, True]),
    "mask of two axes": lambda tf: np.arange(12).reshape(3, 4) % 3 == 0,
    "mask of nothing": lambda tf: tf.constant([False, False, False]),
    "shape": lambda tf: tf.shape(tf.zeros([1, 2]))[1],
}


@each(Case(name, lambda tf, x, index=index: x[index(tf)], (CUBE,)) for name, index in INDICES.items())
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


@each(
    [
        Case("of a computed mask", lambda tf, x: x[x > 0], (CUBE,)),
        Case("twice", lambda tf, x: x[1:][0, ::2][1], (CUBE,)),
        Case("of a variable", lambda tf: tf.Variable(CUBE)[1, ..., 2]),
        Case("of ints", lambda tf: tf.constant([[1, 2], [3, 4]])[:, 1]),
        Case("of one int", lambda tf: tf.constant([1, 2, 3])[-1]),
        Case("of strings", lambda tf: tf.constant([["a", "b"], ["c", "d"]])[::-1, 1]),
        Case("of one string", lambda tf: tf.constant(["a", "b"])[1]),
        Case("of bools", lambda tf: tf.constant([True, False])[0]),
        Case("of a shape", lambda tf, x: [tf.shape(x)[0], tf.shape(x)[1:], tf.shape(x)[::-1]], (CUBE,), gradients=0),
        Case("of a scalar", lambda tf, x: [x[...], x[None], x[()]], (np.float32(3),)),
        Case("of nothing", lambda tf: tf.zeros([0, 3])[:, 1]),
        Case("unpacked", lambda tf, x: [*x[0, :2]], (CUBE,)),
        Case("accumulated", lambda tf, x: x[0] * x[0] + x[-1], (ROW,)),
    ]
)
def test_more_agrees_with_tensorflow(case: Case) -> None:
    check(case)


ERRORS: dict[str, Callable[[Any], Any]] = {
    "past the end": lambda tf: 3,
    "before the beginning": lambda tf: -4,
    "past the second end": lambda tf: (0, 4),
    "tensor past the end": lambda tf: tf.constant(3),
    "too many": lambda tf: (0, 0, 0, 0),
    "too many with ellipsis": lambda tf: (0, 0, 0, Ellipsis, 0),
    "float": lambda tf: 1.0,
    "float in a tuple": lambda tf: (0, 1.0),
    "text": lambda tf: "a",
    "step zero": lambda tf: slice(0, 2, 0),
    "float bound": lambda tf: slice(0.0, 2),
    "list inside": lambda tf: ([0, 1], 1),
    "vector tensor": lambda tf: tf.constant([0, 1]),
    "float tensor": lambda tf: tf.constant(1.0),
    "array": lambda tf: np.array([0, 1]),
    "True": lambda tf: True,
    "mask of another length": lambda tf: tf.constant([True, False]),
    "two ellipses": lambda tf: (Ellipsis, 0, Ellipsis),
    "dict": lambda tf: {},
}


@each(Case(name, lambda tf, x, index=index: x[index(tf)], (CUBE,)) for name, index in ERRORS.items())
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


@each(
    [
        Case("scalar int", lambda tf: tf.constant(1.0)[0]),
        Case("iteration over a scalar", lambda tf: list(tf.constant(1.0))),
        Case("length of a scalar", lambda tf: len(tf.constant(1.0))),
        Case("assignment", lambda tf: tf.constant([1.0]).__setitem__(0, 2.0)),
    ]
)
def test_more_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


ASSIGNED = {
    name: INDICES[name]
    for name in (
        "int", "last", "two ints", "all ints", "slice", "open slice", "whole", "negative slice", "step", "step down",
        "step down past the ends", "int and slice", "ellipsis", "ellipsis inside", "tensor", "pending tensor",
        "tensor and slice", "tensor bounds",
    )
}  # fmt: skip


@pytest.mark.parametrize("name", ASSIGNED)
def test_sliced_assignment(name: str) -> None:
    values = []
    for tf in (tensorflow, functape):
        variable = tf.Variable(CUBE)
        index = ASSIGNED[name](tf)
        part = variable[index]
        part.assign(-2.0 * part)
        variable[index].assign(variable[index] + 1.0)
        values.append(variable.numpy())
    np.testing.assert_array_equal(values[1], values[0])
    assert not np.array_equal(values[0], CUBE)


def test_sliced_assignment_broadcasts() -> None:
    values = []
    for tf in (tensorflow, functape):
        variable = tf.Variable(CUBE)
        variable[1:3].assign(0.5 * tf.ones([2, 4, 5]))
        variable[0, 1:3].assign(tf.zeros([2, 5]))
        values.append(variable.numpy())
    np.testing.assert_array_equal(values[1], values[0])


@each(
    [
        Case("shape", lambda tf: tf.Variable(CUBE)[0].assign(tf.zeros([3]))),
        Case("dtype", lambda tf: tf.Variable(CUBE)[0, 0, 0].assign(tf.constant(1))),
        Case("of a tensor's slice", lambda tf: tf.constant(CUBE)[0].assign(1.0)),
    ]
)
def test_sliced_assignment_raises(case: Case) -> None:
    check_raises(case)


@pytest.mark.parametrize(
    "loop",
    [
        lambda x, i: x[i],
        lambda x, i: x[-1 - i],
        lambda x, i: x[i : i + 2],
        lambda x, i: x[i, None, ..., ::2],
        lambda x, i: x[functape.constant(i)],
        lambda x, i: x[functape.constant(i) + 0],
        lambda x, i: functape.gather(x, i),
    ],
)
def test_a_loop_over_an_index_compiles_once(loop: Any) -> None:
    x = functape.constant(_draw.normal(size=(9, 3)).astype(np.float32))
    for index in range(2):
        loop(x, index).numpy()
    before = cache.compiled
    for index in range(2, 7):
        loop(x, index).numpy()
    assert cache.compiled == before


def test_iteration_gives_the_rows() -> None:
    x = functape.constant(CUBE)
    rows = [row.numpy() for row in x]
    np.testing.assert_array_equal(np.stack(rows), CUBE)


def test_a_mask_gradient_is_zero_elsewhere() -> None:
    gradients = []
    for tf in (tensorflow, functape):
        x = tf.Variable(ROW)
        with tf.GradientTape() as tape:
            y = x[x > 0] ** 2
        gradients.append(tf.convert_to_tensor(tape.gradient(y, x)).numpy())
    np.testing.assert_allclose(gradients[1], gradients[0], rtol=1e-6)
    wrong = np.where(ROW > 0, 2 * ROW, 1e-6)
    assert not np.allclose(wrong, gradients[0], rtol=1e-6, atol=0)
