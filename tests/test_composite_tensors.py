"""Ragged and sparse tensors as arguments, results and captures of functions, and under tapes, against TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome

import functape

PROGRAMS = Table()


def ragged(tf: Any, dtype: Any = np.float32) -> Any:
    return tf.RaggedTensor.from_row_splits(tf.constant(np.array([1, 2, 3, 4], dtype)), [0, 2, 2, 4])


def sparse(tf: Any) -> Any:
    return tf.SparseTensor([[0, 1], [2, 0]], tf.constant([3.0, 4.0]), [3, 2])


def parts(value: Any) -> Any:
    """A ragged or sparse tensor, or a structure of them, as the tensors it is made of."""
    if isinstance(value, list | tuple):
        return [parts(each) for each in value]
    if hasattr(value, "flat_values"):
        return ["ragged", value.flat_values, *value.nested_row_splits]
    if hasattr(value, "dense_shape"):
        return ["sparse", value.indices, value.values, value.dense_shape]
    return value


@PROGRAMS
def ragged_argument_and_result(tf):
    @tf.function
    def double(x):
        return x * 2.0, tf.reduce_sum(x, axis=1)

    return parts(double(ragged(tf)))


@PROGRAMS
def nested_ragged(tf):
    x = tf.ragged.constant([[[1.0], [2.0, 3.0]], [], [[4.0]]])
    return parts(tf.function(lambda x: (x + 1.0, tf.reduce_sum(x, axis=2)))(x))


@PROGRAMS
def made_inside(tf):
    @tf.function
    def rows(values):
        return tf.RaggedTensor.from_row_lengths(values, [1, 0, 2])

    return parts(rows(tf.constant([1.0, 2.0, 3.0])))


@PROGRAMS
def captured(tf):
    x, s = ragged(tf), sparse(tf)

    @tf.function
    def scaled(factor):
        return x * factor, tf.sparse.sparse_dense_matmul(s, tf.ones([2, 1]) * factor)

    return parts(scaled(tf.constant(3.0)))


@PROGRAMS
def sparse_argument_and_result(tf):
    @tf.function
    def double(x):
        return tf.sparse.to_dense(x), x * 2.0, tf.sparse.reduce_sum(x, axis=1)

    return parts(double(sparse(tf)))


@PROGRAMS
def in_structures(tf):
    @tf.function
    def total(batch, scale):
        return {"sum": tf.reduce_sum(batch["ids"], axis=1) * scale, "same": [batch["adjacency"]]}

    made = total({"ids": ragged(tf), "adjacency": sparse(tf)}, tf.constant(2.0))
    return made["sum"], parts(made["same"])


@PROGRAMS
def one_trace_for_each_spec(tf):
    traces = []

    @tf.function
    def sums(x):
        traces.append(None)
        return tf.reduce_sum(x, axis=1)

    results = [
        sums(tf.ragged.constant(rows))
        for rows in ([[1.0], [2.0, 3.0]], [[1.0, 2.0], []], [[4.0], [5.0, 6.0]], [[1.0], [2.0], [3.0]])
    ]
    results.append(sums(tf.ragged.constant([[1], [2, 3]])))
    return results, sums.experimental_get_tracing_count()


@PROGRAMS
def signatures(tf):
    @tf.function(input_signature=[tf.RaggedTensorSpec([None, None], tf.float32), tf.SparseTensorSpec([3, 2])])
    def both(x, s):
        return tf.reduce_sum(x), tf.sparse.to_dense(s)

    return both(ragged(tf), sparse(tf))


@PROGRAMS
def concrete(tf):
    function = tf.function(lambda x: x + 1.0)
    made = function.get_concrete_function(tf.RaggedTensorSpec([None, None], tf.float32))
    return parts(made(ragged(tf)))


@PROGRAMS
def watched(tf):
    x, s = ragged(tf), sparse(tf)
    with tf.GradientTape() as tape:
        tape.watch([x, s])
        y = tf.reduce_sum(x * x) + tf.reduce_sum(tf.sparse.to_dense(s) ** 2)
    return parts(tape.gradient(y, [x, x.flat_values, s.values]))


@PROGRAMS
def one_source(tf):
    x = ragged(tf)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x * x
    return parts(tape.gradient(y, x))


@PROGRAMS
def weighted_target(tf):
    x = ragged(tf)
    with tf.GradientTape() as tape:
        tape.watch(x.flat_values)
        y = x * x
    return tape.gradient(y, x.flat_values, output_gradients=x)


@PROGRAMS
def sparse_target(tf):
    s = sparse(tf)
    with tf.GradientTape() as tape:
        tape.watch(s.values)
        y = tf.sparse.to_dense(tf.sparse.map_values(tf.multiply, s, 3.0))
    return tape.gradient(y, s.values)


@PROGRAMS
def unconnected(tf):
    x, other = ragged(tf), tf.constant(2.0)
    with tf.GradientTape() as tape:
        tape.watch([x, other])
        y = other * other
    return tape.gradient(y, {"x": x, "other": other})


@PROGRAMS
def through_functions(tf):
    w = tf.Variable([[1.0], [2.0]])

    @tf.function
    def model(x, s):
        return tf.reduce_sum(x * x) * tf.reduce_sum(tf.sparse.sparse_dense_matmul(s, w))

    x, s = ragged(tf), sparse(tf)
    with tf.GradientTape() as tape:
        tape.watch([x, s])
        y = model(x, s)
    return y, parts(tape.gradient(y, [x, s.values, w]))


@PROGRAMS
def tape_inside_a_function(tf):
    @tf.function
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(tf.exp(x), axis=1)
        return tape.gradient(y, x)

    return parts(slope(ragged(tf)))


@PROGRAMS
def twice(tf):
    x = ragged(tf, np.float64)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(x * x * x)
        first = inner.gradient(y, x)
    return parts([first, outer.gradient(first, x)])


@PROGRAMS
def text(tf):
    x = tf.ragged.constant([["a", "b"], [], ["c"]])
    return parts(tf.function(lambda x, y: (x, y + 1))(x, tf.constant(1)))


@PROGRAMS.each()
def test_programs(program: Any):
    assert_same_outcome(program)


@pytest.mark.parametrize("what", ["target", "sources"])
def test_sparse_tensors_have_no_gradients_themselves(what: str):
    def program(tf):
        s = sparse(tf)
        with tf.GradientTape() as tape:
            tape.watch(s)
            y = tf.reduce_sum(tf.sparse.to_dense(s))
        return tape.gradient(s if what == "target" else y, s.values if what == "target" else s)

    assert_same_error(program)


def test_a_signature_of_another_dtype_is_refused():
    def other(tf):
        tf.function(lambda x: x, input_signature=[tf.RaggedTensorSpec([None, None], tf.int32)])(ragged(tf))

    assert_same_error(other)


@pytest.mark.parametrize("make", [ragged, sparse])
def test_equal_layouts_share_a_program(make: Any):
    """Other values in the same layout, and the same values again, neither trace nor compile."""
    function = functape.function(lambda x: x * 2.0)
    first = function(make(functape))
    for _ in range(2):
        function(make(functape))
    (concrete,) = (each for _, _, each in function._concrete)
    assert len(concrete.variants) == 1
    assert type(first) is type(make(functape))


def test_negative_control():
    with pytest.raises(AssertionError):
        assert_same_outcome(lambda tf: parts(ragged(tf) * (2.0 if tf is tensorflow else 3.0)))
