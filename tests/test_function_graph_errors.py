"""What goes wrong while a function is traced: the exception types of TensorFlow's graphs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import functape

F = np.array([1.0, 2.0, 3.0], np.float32)
I = np.array([1, 2, 3], np.int32)  # noqa: E741
M = np.ones((2, 3), np.float32)
MISTAKES: dict[str, tuple[Any, Any]] = {
    "index past the end": (lambda tf, x: x[5], F),
    "index before the beginning": (lambda tf, x: x[-7], F),
    "too many indices": (lambda tf, x: x[0, 0], F),
    "squeeze a length of 2": (lambda tf, x: tf.squeeze(x, 0), M),
    "squeeze an axis there is not": (lambda tf, x: tf.squeeze(x, 5), M),
    "reshape": (lambda tf, x: tf.reshape(x, [4, 4]), M),
    "matmul shapes": (lambda tf, x: tf.matmul(x, x), M),
    "matmul dtypes": (lambda tf, x: tf.matmul(x, tf.ones([3, 2], tf.float64)), M),
    "add dtypes": (lambda tf, x: x + tf.constant([1, 2, 3]), F),
    "add a float to integers": (lambda tf, x: x + 1.5, I),
    "add shapes": (lambda tf, x: x + tf.ones([2]), F),
    "concat shapes": (lambda tf, x: tf.concat([x, tf.ones([2, 2])], 0), M),
    "concat dtypes": (lambda tf, x: tf.concat([x, tf.ones([2, 3], tf.int32)], 0), M),
    "stack shapes": (lambda tf, x: tf.stack([x, tf.ones([3])]), M),
    "split": (lambda tf, x: tf.split(x, 2), F),
    "unstack": (lambda tf, x: tf.unstack(x, num=2), F),
    "transpose": (lambda tf, x: tf.transpose(x, [0]), M),
    "reduce": (lambda tf, x: tf.reduce_sum(x, axis=3), M),
    "gather axis": (lambda tf, x: tf.gather(x, 0, axis=4), M),
    "gather by floats": (lambda tf, x: tf.gather(x, [0.5]), M),
    "one_hot of floats": (lambda tf, x: tf.one_hot(x, 3), F),
    "expand_dims": (lambda tf, x: tf.expand_dims(x, 5), F),
    "tile": (lambda tf, x: tf.tile(x, [2]), M),
    "where dtypes": (lambda tf, x: tf.where(x > 0, x, tf.constant([1, 2, 3])), F),
    "logical_and of floats": (lambda tf, x: tf.logical_and(x, x), F),
    "sqrt of integers": (lambda tf, x: tf.sqrt(x), I),
    "einsum": (lambda tf, x: tf.einsum("ij,jk->ik", x, x), M),
    "fill a negative length": (lambda tf, x: tf.fill([-1], x[0]), F),
    "ensure_shape": (lambda tf, x: tf.ensure_shape(x, [4]), F),
    "in": (lambda tf, x: 1.0 in x, F),
    "bool": (lambda tf, x: 1 if x[0] > 0 else 2, F),
    "float": (lambda tf, x: float(x[0]), F),
    "iteration": (lambda tf, x: list(x), F),
    "numpy": (lambda tf, x: x.numpy(), F),
    "NumPy": (lambda tf, x: np.sin(x), F),
    "range": (lambda tf, x: range(x[0]), I),
    "an object is returned": (lambda tf, x: object(), F),
}


def _raised(function: Any) -> Any:
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return None


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_in_a_traced_function(mistake):
    build, value = mistake
    theirs, ours = (
        _raised(lambda tf=tf: tf.function(lambda x: build(tf, x), autograph=False)(tf.constant(value)))
        for tf in (tensorflow, functape)
    )
    assert theirs is not None
    assert ours == theirs


def _leaks(tf: Any) -> dict[str, Any]:
    leaked: list[Any] = []
    tf.function(lambda x: leaked.append(x * 2.0), autograph=False)(tf.constant(F))

    def of_a_branch(x: Any) -> Any:
        found: list[Any] = []
        tf.cond(x[0] > 0, lambda: found.append(x * 2.0) or x, lambda: x)
        return found[0] + 1.0

    def of_a_loop(x: Any) -> Any:
        found: list[Any] = []
        tf.while_loop(lambda i: i < 3, lambda i: (found.append(x * 2.0), [i + 1])[1], [tf.constant(0)])
        return found[0] + 1.0

    def of_a_function(x: Any) -> Any:
        found: list[Any] = []
        tf.function(lambda y: found.append(y * 2.0), autograph=False)(x)
        return found[0] + 1.0

    def traced(function: Any) -> Any:
        return lambda: tf.function(function, autograph=False)(tf.constant(F))

    return {
        "computed with": lambda: leaked[0] + 1.0,
        "numpy": lambda: leaked[0].numpy(),
        "bool": lambda: bool(leaked[0][0] > 0),
        "assigned": lambda: tf.Variable(F).assign(leaked[0]),
        "an argument": lambda: tf.function(lambda x: x)(leaked[0]),
        "in another function": traced(lambda x: x + leaked[0]),
        "returned by another function": traced(lambda x: leaked[0]),
        "of a branch": traced(of_a_branch),
        "of a loop": traced(of_a_loop),
        "of a function": traced(of_a_function),
    }


def test_tensors_that_left_their_function():
    theirs, ours = ({name: _raised(use) for name, use in _leaks(tf).items()} for tf in (tensorflow, functape))
    assert ours == theirs


def test_what_a_python_function_raises_is_no_mistake_of_the_traced_one():
    def fail(x: Any) -> Any:
        raise ValueError("no")

    for tf in (tensorflow, functape):
        function = tf.function(lambda x, tf=tf: tf.py_function(fail, [x], tf.float32))
        with pytest.raises(tf.errors.InvalidArgumentError):
            function(tf.constant(F))
