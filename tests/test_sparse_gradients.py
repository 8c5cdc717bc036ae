"""Gradients of tables by rows: where TensorFlow gives IndexedSlices, and what can be done with them."""

from __future__ import annotations

import jax
import numpy as np
import pytest
import tensorflow
import tf_keras
from both_sides import Table, assert_same_outcome

import functape

CASES = Table()
TABLE = np.arange(10, dtype=np.float32).reshape(5, 2) / 4


def parts(gradient):
    """What a gradient is, and its parts."""
    if hasattr(gradient, "dense_shape"):
        return "by rows", gradient.values, gradient.indices, gradient.dense_shape, gradient.shape.as_list()
    return "dense", gradient


def gradient_of(tf, function, value=TABLE, variable=True):
    table = tf.Variable(value) if variable else tf.constant(value)
    with tf.GradientTape() as tape:
        tape.watch(table)
        y = function(table)
    return tape.gradient(y, table)


@CASES
def of_a_variable(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [3, 1, 3]) ** 2))


@CASES
def of_a_tensor(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [3, 1, 3]) ** 2, variable=False))


@CASES
def of_more_axes(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [[3, 1], [0, 0]]) ** 2))


@CASES
def of_one_row(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, 1) ** 2))


@CASES
def of_a_vector(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [1, 2]) ** 2, TABLE.reshape(-1)))


@CASES
def by_long_numbers(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, tf.constant([1, 2], tf.int64)) ** 2))


@CASES
def by_an_embedding_look_up(tf):
    return parts(gradient_of(tf, lambda table: tf.nn.embedding_lookup(table, [[0, 2]]) ** 2))


@CASES
def with_a_largest_norm(tf):
    return parts(gradient_of(tf, lambda table: tf.nn.embedding_lookup(table, [0, 2], max_norm=1.0)))


@CASES
def by_coordinates(tf):
    return parts(gradient_of(tf, lambda table: tf.gather_nd(table, [[1], [0]]) ** 2))


@CASES
def by_longer_coordinates(tf):
    return parts(gradient_of(tf, lambda table: tf.gather_nd(table, [[1, 1], [0, 1]]) ** 2))


@CASES
def by_the_method(tf):
    return parts(gradient_of(tf, lambda table: table.sparse_read([2, 0]) ** 2))


@CASES
def along_another_axis(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [0, 0], axis=1) ** 2))


@CASES
def with_batch_axes(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table, [[0], [1], [1], [0], [1]], batch_dims=1) ** 2))


@CASES
def of_an_identity(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(tf.identity(table), [0, 2]) ** 2))


@CASES
def of_a_value(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(tf.convert_to_tensor(table), [0, 2]) ** 2))


@CASES
def of_something_computed(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(table * 2.0, [0, 2]) ** 2))


@CASES
def of_a_reshaped_table(tf):
    return parts(gradient_of(tf, lambda table: tf.gather(tf.reshape(table, [2, 5]), [1]) ** 2))


@CASES
def of_an_index(tf):
    return parts(gradient_of(tf, lambda table: table[1] ** 2))


@CASES
def of_several_look_ups(tf):
    kind, values, indices, shape, static = parts(
        gradient_of(tf, lambda table: [tf.gather(table, [0, 1]) * 2.0, tf.gather(table, [1, 4]) * 3.0])
    )
    order = np.lexsort((values.numpy()[:, 0], indices.numpy()))
    return kind, values.numpy()[order], indices.numpy()[order], shape, static


@CASES
def of_look_ups_by_different_numbers(tf):
    def function(table):
        return [tf.gather(table, [0, 1]) * 2.0, tf.gather(table, tf.constant([1, 4], tf.int64)) * 3.0]

    gradient = gradient_of(tf, function)
    return tf.convert_to_tensor(gradient), gradient.indices.dtype.name


@CASES
def beside_a_dense_use(tf):
    return parts(gradient_of(tf, lambda table: [tf.gather(table, [0, 1]) * 2.0, table * 3.0]))


@CASES
def unconnected_beside_it(tf):
    table, other = tf.Variable(TABLE), tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.gather(table, [1]))
    first, second = tape.gradient(y, [table, other], unconnected_gradients="zero")
    return parts(first), parts(second)


@CASES
def weighted(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.gather(table, [1, 1])
    return parts(tape.gradient(y, table, tf.constant([[1.0, 2.0], [3.0, 4.0]])))


@CASES
def of_a_look_up_itself(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape(persistent=True) as tape:
        rows = tf.gather(table, [1, 2])
        y = rows * rows
    return parts(tape.gradient(y, table)), parts(tape.gradient(y, rows)), parts(tape.gradient(rows, table))


@CASES
def to_second_order(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.gather(table, [0, 1]) ** 3
        gradient = inner.gradient(y, table)
        z = tf.reduce_sum(gradient.values**2)
    return parts(gradient), parts(outer.gradient(z, table))


@CASES
def densified_to_second_order(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = tf.gather(table, [0, 1, 1]) ** 3
        gradient = tf.convert_to_tensor(inner.gradient(y, table))
    return tf.convert_to_tensor(outer.gradient(gradient, table))


@CASES
def in_a_jacobian(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.gather(table, [0, 1, 1])
    return parts(tape.jacobian(y, table))


@CASES
def after_a_value_was_read(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        rows = tf.gather(table, [0, 1, 1])
        rows.numpy()
        y = rows**2
    return parts(tape.gradient(y, table))


@CASES
def in_a_function(tf):
    table = tf.Variable(TABLE)

    @tf.function
    def step(numbers):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, numbers) ** 2)
        return tape.gradient(y, table)

    return tf.convert_to_tensor(step(tf.constant([1, 1, 3])))


@CASES
def what_functions_make_of_it(tf):
    gradient = gradient_of(tf, lambda table: tf.gather(table, [3, 1, 3]) ** 2)
    clipped, norm = tf.clip_by_global_norm([gradient, None, tf.ones([2])], 1.0)
    return {
        "dense": tf.convert_to_tensor(gradient),
        "sum": tf.add_n([gradient, gradient]),
        "sum with a tensor": tf.add_n([gradient, tf.ones([5, 2])]),
        "clipped": parts(tf.clip_by_norm(gradient, 1.0)),
        "clipped by value": parts(tf.clip_by_value(gradient, -1.0, 1.0)),
        "clipped together": [parts(clipped[0]), clipped[2], norm],
        "scaled": parts(tf.math.scalar_mul(2.0, gradient)),
        "negated": parts(-gradient),
        "identity": parts(tf.identity(gradient)),
        "cast": parts(tf.cast(gradient, tf.float64)),
        "shape": tf.shape(gradient),
        "norm": tf.linalg.global_norm([gradient]),
        "square": tf.square(gradient),
        "is a tensor": tf.is_tensor(gradient),
        "text": str(gradient),
    }


@CASES
def assigned(tf):
    table = tf.Variable(TABLE)
    with tf.GradientTape() as tape:
        y = tf.gather(table, [3, 1, 3]) ** 2
    gradient = tape.gradient(y, table)
    table.scatter_sub(tf.IndexedSlices(gradient.values * 0.5, gradient.indices))
    table.assign_sub(gradient)
    return tf.convert_to_tensor(table)


def classes_sampled(tf, name, labels, hits, wrap=lambda weights: weights):
    loss = getattr(tf.nn, name)
    weights, biases = tf.Variable(np.sin(np.arange(36, dtype=np.float32)).reshape(9, 4)), tf.Variable(tf.ones([9]))
    x = tf.Variable(np.cos(np.arange(8, dtype=np.float32)).reshape(2, 4))
    sampled = tf.constant([3, 7, 1], tf.int64), tf.fill(np.shape(labels), 0.4), tf.constant([0.1, 0.2, 0.3])
    optimizer = tf.keras.optimizers.SGD(0.1)
    with tf.GradientTape() as tape:
        y = loss(
            wrap(weights), biases, labels, x, 3, 9, len(labels[0]), sampled_values=sampled, remove_accidental_hits=hits
        )
    gradients = tape.gradient(y, [weights, biases, x])
    optimizer.apply_gradients(zip(gradients, [weights, biases, x], strict=True))
    return y, [parts(each) for each in gradients], [tf.convert_to_tensor(each) for each in (weights, biases, x)]


@CASES
def of_the_weights_of_sampled_classes(tf):
    return [
        classes_sampled(tf, name, labels, hits)
        for name in ("nce_loss", "sampled_softmax_loss")
        for labels in (np.array([[1], [4]]), np.array([[1, 4], [7, 0]], np.int32))
        for hits in (True, False)
    ]


@CASES
def of_listed_weights_of_sampled_classes(tf):
    return classes_sampled(tf, "sampled_softmax_loss", np.array([[1], [4]]), True, lambda weights: [weights])


def trained(tf, optimizer, steps=3):
    table, other = tf.Variable(TABLE), tf.Variable([1.0, 2.0])
    for step in range(steps):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [1, 3, step]) ** 2 * other)
        optimizer.apply_gradients(zip(tape.gradient(y, [table, other]), [table, other], strict=True))
    return tf.convert_to_tensor(table), tf.convert_to_tensor(other), int(optimizer.iterations)


@CASES
def gradient_descent(tf):
    return trained(tf, tf.keras.optimizers.SGD(0.1))


@CASES
def gradient_descent_with_repeated_rows(tf):
    table = tf.Variable(TABLE)
    optimizer = tf.keras.optimizers.SGD(0.1)
    for _ in range(2):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [1, 1, 3]) ** 2)
        optimizer.apply_gradients([(tape.gradient(y, table), table)])
    return tf.convert_to_tensor(table), int(optimizer.iterations)


@CASES
def gradient_descent_with_momentum(tf):
    return trained(tf, tf.keras.optimizers.SGD(0.1, momentum=0.9))


@CASES
def gradient_descent_with_decay(tf):
    return trained(tf, tf.keras.optimizers.SGD(0.1, weight_decay=0.1))


@CASES
def adam_on_rows_that_differ(tf):
    table = tf.Variable(TABLE)
    optimizer = tf.keras.optimizers.Adam(0.1)
    for step in range(3):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [4, 3, step]) ** 2)
        optimizer.apply_gradients([(tape.gradient(y, table), table)])
    return tf.convert_to_tensor(table)


@CASES.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


def moved_by_repeated_rows(tf, optimizer, dense):
    table = tf.Variable(TABLE)
    for _ in range(3):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [1, 3, 1, 4, 3, 3]) ** 2)
        gradient = tape.gradient(y, table)
        optimizer.apply_gradients([(tf.convert_to_tensor(gradient) if dense else gradient, table)])
    return table.numpy()


@pytest.mark.parametrize(
    "name", ["SGD", "Adam", "AdamW", "Adamax", "Nadam", "RMSprop", "Adagrad", "Adadelta", "Ftrl", "Adafactor"]
)
def test_repeated_rows_move_as_in_keras_3(name):
    """Keras 3 squares the parts of a row's gradient one by one; of a dense gradient, their sum."""
    for dense in (False, True):
        mine = moved_by_repeated_rows(functape, getattr(functape.keras.optimizers, name)(0.1), dense)
        oracle = moved_by_repeated_rows(tensorflow, getattr(tensorflow.keras.optimizers, name)(0.1), dense)
        np.testing.assert_allclose(mine, oracle, rtol=1e-6, atol=1e-6)
        apart = moved_by_repeated_rows(functape, getattr(functape.keras.optimizers, name)(0.101), dense)
        assert not np.allclose(apart, oracle, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ["Adam", "RMSprop", "Adagrad"])
def test_repeated_rows_move_as_in_keras_2_with_its_optimizers(name):
    mine = moved_by_repeated_rows(functape, getattr(functape.keras.optimizers.legacy, name)(0.1), dense=False)
    oracle = moved_by_repeated_rows(tensorflow, getattr(tf_keras.optimizers.legacy, name)(0.1), dense=False)
    np.testing.assert_allclose(mine, oracle, rtol=1e-5, atol=1e-5)


def test_repeated_rows_move_alike_inside_a_function_and_beside_dense_gradients():
    def run(tf, decorate):
        table, other = tf.Variable(TABLE), tf.Variable([1.0, 2.0])
        optimizer = tf.keras.optimizers.Adam(0.1)

        def step():
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(tf.gather(table, [1, 3, 1]) ** 2 * other)
            optimizer.apply_gradients(zip(tape.gradient(y, [table, other]), [table, other], strict=True))

        step = tf.function(step) if decorate else step
        for _ in range(3):
            step()
        return np.concatenate([table.numpy().ravel(), other.numpy()])

    oracle = run(tensorflow, decorate=True)
    for decorate in (False, True):
        np.testing.assert_allclose(run(functape, decorate), oracle, rtol=1e-6, atol=1e-6)


def equations(jaxpr):
    """Every equation of a program, those of the programs inside it included."""
    for equation in jaxpr.eqns:
        inner = [each.jaxpr for each in equation.params.values() if hasattr(each, "jaxpr")]
        for each in inner:
            yield from equations(each)
        if not inner:
            yield equation


def test_a_large_table_is_not_touched_as_a_whole():
    tf = functape
    rows, width, batch = 1_000_000, 64, 1024
    table = tf.Variable(np.ones((rows, width), np.float32))
    optimizer = tf.keras.optimizers.SGD(0.25)
    numbers = [tf.constant(np.random.default_rng(seed).integers(0, rows, batch)) for seed in range(3)]

    def step(which):
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.nn.embedding_lookup(table, which) ** 2)
        optimizer.apply_gradients([(tape.gradient(y, table), table)])

    step(numbers[0])
    before = table.tensor.value.unsafe_buffer_pointer()
    for which in numbers:
        step(which)
    assert table.tensor.value.unsafe_buffer_pointer() == before, "the step is taken in place"
    pure, state = functape.functionalize(step, numbers[0])
    whole = jax.make_jaxpr(pure)(state, numbers[0].numpy()).jaxpr
    large = [each for each in equations(whole) if any(out.aval.size >= rows for out in each.outvars)]
    computing = [each.primitive.name for each in large if each.primitive.name != "stop_gradient"]
    assert computing == ["scatter-add"], "only the rows are computed with"
    untouched = np.setdiff1d(np.arange(2000), np.concatenate([each.numpy() for each in numbers]))
    assert (np.asarray(table.tensor.value[:2000])[untouched] == 1.0).all()


def test_rows_that_do_not_fit_are_refused():
    table = functape.Variable(TABLE)
    gradient = functape.IndexedSlices(functape.ones([2, 3]), functape.constant([0, 1]))
    with pytest.raises(functape.errors.InvalidArgumentError, match="does not fit"):
        functape.keras.optimizers.SGD(0.1).apply_gradients([(gradient, table)])
    assert np.array_equal(table.numpy(), TABLE)
