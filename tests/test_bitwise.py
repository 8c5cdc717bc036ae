"""`tf.bitwise` against TensorFlow: every type, distances beyond the type's bits, wrong types."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from expressions import assert_same
from oracle import check_signature

import functape

NAMES = ["bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift"]
DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*NAMES, "invert"])
def test_values(name: str, dtype: str):
    limits = np.iinfo(dtype)
    x = np.array([0, 1, 5, limits.max, limits.min, limits.max // 3], dtype)[:, None]
    y = np.array([0, 1, 7, limits.bits - 1, limits.bits, limits.max], dtype)
    y = y if limits.min == 0 else np.append(y, np.array([-1, limits.min], dtype))
    arguments = (x,) if name == "invert" else (x, y)
    ours, theirs = (getattr(tf.bitwise, name)(*arguments).numpy() for tf in (functape, tensorflow))
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


EXPRESSIONS = [
    "tf.bitwise.left_shift([1, -8, 200], [1, 40, -1])",
    "tf.bitwise.right_shift([1, -8, 200], [1, 40, -1])",
    "tf.bitwise.right_shift(tf.constant([200], tf.uint8), tf.constant([1], tf.uint8))",
    "tf.bitwise.left_shift(tf.constant([200], tf.uint8), tf.constant([9], tf.uint8))",
    "tf.bitwise.bitwise_and([1, 2], [[3], [1]])",
    "tf.bitwise.bitwise_and([1, 2], [1, 2, 3])",
    "tf.bitwise.bitwise_or(1.0, 2.0)",
    "tf.bitwise.bitwise_or(True, False)",
    "tf.bitwise.invert(tf.constant([1], tf.uint16))",
    "tf.bitwise.invert(1.0)",
    "tf.bitwise.bitwise_xor(tf.constant(1, tf.int64), tf.constant(3, tf.int32))",
    "tf.bitwise.left_shift(tf.constant(1, tf.int8), tf.constant(7, tf.int8))",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert_same(expression, lambda tf: {})


@pytest.mark.parametrize("name", [*NAMES, "invert"])
def test_signature(name: str):
    check_signature(getattr(functape.bitwise, name), getattr(tensorflow.bitwise, name))


def test_in_a_compiled_function():
    def program(tf: Any) -> Any:
        shifted = tf.function(lambda x, y: tf.bitwise.left_shift(x, y) ^ tf.bitwise.invert(x))
        return shifted(tf.constant([1, 2, 3]), tf.constant([1, 2, 40])).numpy().tolist()

    assert program(functape) == program(tensorflow)
