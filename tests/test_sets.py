"""`tf.sets` against TensorFlow: dense and sparse operands, what they raise."""

from __future__ import annotations

import pytest
import tensorflow
from expressions import assert_same
from oracle import check_signature

import functape

EXPRESSIONS = [
    "tf.sets.intersection([[1, 2, 2], [3, 4, 5]], [[2, 1, 9], [3, 3, 6]])",
    "tf.sets.union([[1, 2, 2], [3, 4, 5]], [[2, 1, 9], [3, 3, 6]])",
    "tf.sets.difference([[1, 2, 2], [3, 4, 5]], [[2, 1, 9], [3, 3, 6]])",
    "tf.sets.difference([[1, 2, 2], [3, 4, 5]], [[2, 1, 9], [3, 3, 6]], aminusb=False)",
    "tf.sets.intersection([['a', 'b']], [['b', 'c']])",
    "tf.sets.intersection([1, 2], [2, 3])",
    "tf.sets.union([3, 1, 2], [2, 0])",
    "tf.sets.union([[3, 1, 2]], [[2, 0]])",
    "tf.sets.union([[3, 1, 2]], [[2, 0], [1, 1]])",
    "tf.sets.union([[1.0]], [[2.0]])",
    "tf.sets.union([[1]], tf.constant([[2]], tf.int64))",
    "tf.sets.union(tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]), tf.sparse.from_dense([[1, 5, 0], [0, 0, 7]]))",
    "tf.sets.union([[1, 2, 0], [3, 0, 0]], tf.sparse.from_dense([[1, 5, 0], [0, 0, 7]]))",
    "tf.sets.union(tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]), [[1, 5, 0], [0, 0, 7]])",
    "tf.sets.difference(tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]), [[1, 5, 0], [0, 0, 7]])",
    "tf.sets.difference(tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]), [[1, 5, 0], [0, 0, 7]], aminusb=False)",
    "tf.sets.difference([[1, 5, 0], [0, 0, 7]], tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]))",
    "tf.sets.intersection(tf.sparse.from_dense([[1, 2, 0], [0, 0, 0]]), tf.sparse.from_dense([[1, 5, 0], [0, 0, 7]]))",
    "tf.sets.size(tf.sparse.from_dense([[1, 2, 2], [3, 0, 0], [0, 0, 0]]))",
    "tf.sets.size([[1, 2]])",
    "tf.sets.size(tf.sparse.from_dense([[[1, 2, 2], [3, 0, 0]], [[0, 0, 0], [4, 4, 4]]]))",
    "tf.sets.intersection([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], [[[1, 9], [4, 3]], [[0, 0], [8, 8]]])",
    "tf.sets.union(tf.zeros([2, 0], tf.int32), tf.zeros([2, 0], tf.int32))",
    "tf.sets.union(tf.zeros([0, 2], tf.int32), tf.zeros([0, 2], tf.int32))",
    "tf.sets.size(tf.sparse.from_dense([1, 2]))",
    "tf.sets.union([[1]], 1)",
    "tf.sets.union(unordered, tf.sparse.from_dense([[1, 5]]))",
    "tf.sets.union(unordered, tf.sparse.from_dense([[1, 5]]), validate_indices=False)",
    "tf.sets.size(unordered)",
    "tf.sets.union(tf.sparse.from_dense([[1, 2, 0], [3, 0, 0]]), tf.sparse.from_dense([[1, 5, 0]]))",
    "tf.sets.union(tf.constant([[1]], tf.uint8), tf.constant([[2]], tf.uint8))",
    "tf.sets.union(tf.constant([[1]], tf.uint32), tf.constant([[2]], tf.uint32))",
    "tf.sets.union([[True]], [[False]])",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert_same(expression, lambda tf: {"unordered": tf.SparseTensor([[0, 1], [0, 0]], [1, 2], [1, 2])})


@pytest.mark.parametrize("name", ["difference", "intersection", "size", "union"])
def test_signature(name: str):
    check_signature(getattr(functape.sets, name), getattr(tensorflow.sets, name))
