"""What layers do inside when they are called on symbolic tensors: loops, tapes, lengths that nobody knows yet."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import assert_close

import functape

RANDOM = np.random.default_rng(8)
ROWS = RANDOM.normal(size=(3, 4)).astype(np.float32)
POINTS = RANDOM.normal(size=(6, 2)).astype(np.float32)
TENSORFLOW, OURS = (tensorflow, tf_keras), (functape, functape.keras)


@pytest.fixture(autouse=True)
def fresh_names():
    for keras in (functape.keras, tf_keras):
        keras.backend.reset_uids()


def shape_of(tensor):
    return tuple(tensor.shape)


def layer(call):
    """A layer made of a function of TensorFlow, Keras, and the inputs."""

    def make(tf, k):
        class Made(k.layers.Layer):
            def call(self, x):
                return call(tf, k, x)

        return Made()

    return make


def written_in_a_loop(tf, k, x):
    rows = tf.TensorArray(tf.float32, size=tf.shape(x)[0])
    for row in tf.range(tf.shape(x)[0]):
        rows = rows.write(row, x[row] * tf.cast(row, tf.float32))
    return rows.stack()


def counted_backwards(tf, k, x):
    total = tf.zeros([4])
    for row in tf.range(tf.shape(x)[0] - 1, -1, -1):
        total = total * 0.5 + x[row]
    return total + x


def rows_of_an_array(tf, k, x):
    rows = tf.TensorArray(tf.float32, size=tf.shape(x)[0]).unstack(x)
    total = tf.zeros_like(x[0])
    for row in tf.range(tf.shape(x)[0]):
        total += rows.read(row)
    return total * x


def doubled_where_many(tf, k, x):
    if tf.shape(x)[0] > 2:
        x = x * 2.0
    return x


def until_small(tf, k, x):
    while tf.reduce_max(tf.abs(x)) > 0.5:
        x = x * 0.5
    return x


LOOPS = {
    "map_fn": lambda tf, k: k.layers.Lambda(lambda x: tf.map_fn(lambda row: row * 2.0, x)),
    "vectorized_map": lambda tf, k: k.layers.Lambda(lambda x: tf.vectorized_map(tf.nn.softmax, x)),
    "scan": layer(lambda tf, k, x: tf.scan(lambda total, row: total + row, x)),
    "foldl": layer(lambda tf, k, x: x + tf.foldl(lambda total, row: total * 0.5 + row, x)),
    "range": layer(lambda tf, k, x: x + tf.cast(tf.range(tf.shape(x)[0]), tf.float32)[:, None]),
    "one_hot": layer(lambda tf, k, x: tf.matmul(tf.one_hot(tf.range(tf.shape(x)[0]), tf.shape(x)[0]), x)),
    "noise": layer(lambda tf, k, x: x + 0.0 * tf.random.normal(tf.shape(x))),
    "mean by hand": layer(lambda tf, k, x: tf.reduce_sum(x, 0) / tf.cast(tf.shape(x)[0], tf.float32) + x),
    "TensorArray": layer(written_in_a_loop),
    "unstacked TensorArray": layer(rows_of_an_array),
    "backwards": layer(counted_backwards),
    "if": layer(doubled_where_many),
    "while": layer(until_small),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_over_the_unknown_batch_are_traced(name):
    def run(tf, k):
        inputs = k.Input((4,))
        outputs = LOOPS[name](tf, k)(inputs)
        return outputs.shape[-1], np.array(k.Model(inputs, outputs)(ROWS))

    ours, theirs = run(*OURS), run(*TENSORFLOW)
    assert ours[0] == theirs[0]
    assert_close(ours[1], theirs[1])


def net(k):
    inputs = k.Input((2,))
    hidden = k.layers.Dense(4, "tanh", kernel_initializer="ones")(inputs)
    return k.Model(inputs, k.layers.Dense(1, kernel_initializer="ones")(hidden))


def first_order(tf, k, x, model):
    with tf.GradientTape() as tape:
        tape.watch(x)
        u = model(x)
    return u, tape.gradient(u, x)


def second_order(tf, k, x, model):
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            u = model(x)
        first = inner.batch_jacobian(u, x)[..., 0, :]
    return u, outer.batch_jacobian(first, x)


@pytest.mark.parametrize("call", [first_order, second_order])
def test_tapes_in_layers_of_functional_models(call):
    def run(tf, k):
        class Derivatives(k.layers.Layer):
            def __init__(self):
                super().__init__()
                self.model = net(k)

            def call(self, x):
                return call(tf, k, x, self.model)

        inputs = k.Input((2,))
        outputs = Derivatives()(inputs)
        model = k.Model(inputs, outputs)
        before = [np.array(each) for each in model(POINTS)]
        model.compile(k.optimizers.SGD(0.01), "mse")
        model.fit(POINTS, [np.zeros_like(each) for each in before], batch_size=2, shuffle=False, verbose=0)
        return [shape_of(each) for each in outputs], [*before, *(np.array(each) for each in model(POINTS))]

    ours, theirs = run(*OURS), run(*TENSORFLOW)
    assert ours[0] == theirs[0]
    for mine, other in zip(ours[1], theirs[1], strict=True):
        assert_close(mine, other, loosen=10.0)


def test_what_call_assigns_and_draws_while_shapes_are_worked_out_is_undone():
    def run(tf, k):
        class Counting(k.layers.Layer):
            def __init__(self):
                super().__init__()
                self.count = tf.Variable(0, trainable=False)

            def call(self, x):
                self.count.assign_add(1)
                return x

        counting = Counting()
        counting(k.Input((4,)))
        return int(counting.count.numpy())

    assert run(*OURS) == run(*TENSORFLOW) == 0


def test_shapes_in_call_have_none_for_what_is_unknown():
    def run(tf, k):
        seen = []

        class Looking(k.layers.Layer):
            def call(self, x):
                seen.append(tuple(x.shape))
                seen.append(tuple((x[:, 1:] * 2.0).shape))
                x.set_shape((5, None))
                seen.append(tuple((x + 1.0).shape))
                return tf.map_fn(lambda row: seen.append(tuple(row.shape)) or row, x)

        Looking()(k.Input((4,)))
        return seen

    assert run(*OURS) == run(*TENSORFLOW)


def nested(tf, k, x):
    inputs = k.Input((4,))
    inner = k.Model(inputs, tf.reshape(tf.concat([inputs, tf.zeros_like(inputs)], 0), [tf.shape(inputs)[0], -1]))
    return inner(x * 2.0)


BY_SHAPE = {
    "zeros": lambda tf, k, x: x + tf.zeros([tf.shape(x)[0], 4]),
    "ones of a stacked shape": lambda tf, k, x: x * tf.ones(tf.stack([tf.shape(x)[0], 4])),
    "zeros_like": lambda tf, k, x: tf.where(x > 0.0, x, tf.zeros_like(x)),
    "ones_like": lambda tf, k, x: x + tf.ones_like(x),
    "fill": lambda tf, k, x: tf.concat([x, tf.fill([tf.shape(x)[0], 1], 2.0)], 1),
    "eye": lambda tf, k, x: tf.matmul(tf.eye(tf.shape(x)[0]), x),
    "range": lambda tf, k, x: x + tf.cast(tf.range(tf.shape(x)[0]), tf.float32)[:, None],
    "number": lambda tf, k, x: x / tf.cast(tf.shape(x)[0], tf.float32),
    "size": lambda tf, k, x: x / tf.cast(tf.size(x), tf.float32),
    "sums": lambda tf, k, x: tf.concat([x, tf.zeros([2 * tf.shape(x)[0] + 1, 4])], 0),
    "unstacked": lambda tf, k, x: tf.reshape(x, [tf.unstack(tf.shape(x))[0], 2, 2]),
    "tile": lambda tf, k, x: x + tf.tile(tf.constant([[1.0, 2.0, 3.0, 4.0]]), [tf.shape(x)[0], 1]),
    "broadcast_to": lambda tf, k, x: x + tf.broadcast_to(tf.constant([[1.0, 2.0, 3.0, 4.0]]), tf.shape(x)),
    "pad": lambda tf, k, x: tf.pad(x, [[0, tf.shape(x)[0]], [0, 0]]),
    "one_hot": lambda tf, k, x: tf.matmul(tf.one_hot(tf.range(tf.shape(x)[0]), tf.shape(x)[0]), x),
    "scan": lambda tf, k, x: tf.scan(lambda total, row: total + row, x),
    "foldl": lambda tf, k, x: x + tf.foldl(lambda total, row: total + row, x),
    "nested": nested,
}


@pytest.mark.parametrize("name", BY_SHAPE)
def test_what_an_unknown_shape_decides_is_a_layer(name):
    def run(tf, k):
        inputs = k.Input((4,))
        model = k.Model(inputs, BY_SHAPE[name](tf, k, inputs))
        return model.output_shape, [np.array(model(ROWS)), model.predict(ROWS[:2], verbose=0)]

    ours, theirs = run(*OURS), run(*TENSORFLOW)
    assert len(ours[0]) == len(theirs[0])
    assert all(known in (None, own) for own, known in zip(ours[0][1:], theirs[0][1:], strict=True))
    for mine, other in zip(ours[1], theirs[1], strict=True):
        assert_close(mine, other)


def test_map_fn_of_a_symbolic_tensor():
    def run(tf, k, apply):
        inputs = k.Input((4,))
        return np.array(k.Model(inputs, apply(lambda x: tf.map_fn(lambda row: row * 2.0, x), inputs))(ROWS))

    ours = run(*OURS, lambda function, x: function(x))
    assert_close(ours, run(*TENSORFLOW, lambda function, x: tf_keras.layers.Lambda(function)(x)))


def test_random_layers_of_functions_draw_anew():
    k = functape.keras
    inputs = k.Input((4,))
    model = k.Model(inputs, functape.random.normal(functape.shape(inputs)))
    first, second = np.array(model(ROWS)), np.array(model(ROWS))
    assert first.shape == ROWS.shape and np.abs(first - second).min() > 0.0


def test_the_state_to_begin_with_may_be_zeros_of_an_unknown_batch():
    def run(tf, k):
        inputs = k.Input((None, 4))
        state = tf.zeros([tf.shape(inputs)[0], 5])
        lstm = k.layers.LSTM(5, kernel_initializer="ones", recurrent_initializer="zeros")
        model = k.Model(inputs, lstm(inputs, initial_state=[state, state]))
        return np.array(model(ROWS[:, None]))

    assert_close(run(*OURS), run(*TENSORFLOW))


@pytest.mark.parametrize("name", ["zeros", "fill", "tile", "number"])
def test_layers_of_functions_are_stored(name, tmp_path):
    k = functape.keras
    inputs = k.Input((4,))
    model = k.Model(inputs, BY_SHAPE[name](functape, k, inputs))
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(k.models.load_model(tmp_path / "model.keras")(ROWS), model(ROWS))


def unet(k, x):
    skips = []
    for filters in (2, 3, 3, 3, 3, 3, 3, 3):
        x = k.layers.Conv2D(filters, 4, strides=2, padding="same")(x)
        skips.append(x)
    for skip in reversed(skips[:-1]):
        x = k.layers.Conv2DTranspose(3, 4, strides=2, padding="same")(x)
        x = k.layers.Concatenate()([x, skip])
    return k.layers.Conv2DTranspose(3, 4, strides=2, padding="same")(x)


BACK = {
    "pooled": ((None, None, 3), 8, lambda k, x: [k.layers.UpSampling2D()(k.layers.MaxPooling2D()(x)), x]),
    "transposed": (
        (None, None, 3),
        8,
        lambda k, x: [
            k.layers.Conv2DTranspose(3, 3, strides=2, padding="same")(
                k.layers.Conv2D(3, 3, strides=2, padding="same")(x)
            ),
            x,
        ],
    ),
    "by three": ((None, 3), 9, lambda k, x: [k.layers.UpSampling1D(3)(k.layers.AveragePooling1D(3)(x)), x]),
    "U-Net": ((None, None, 3), 256, lambda k, x: [unet(k, x), x]),
}


@pytest.mark.parametrize("join", ["Concatenate", "Add"])
@pytest.mark.parametrize("name", BACK)
def test_unknown_lengths_come_back_from_down_and_up(name, join):
    shape, length, branches = BACK[name]

    def run(k):
        inputs = k.Input(shape)
        model = k.Model(inputs, getattr(k.layers, join)()(branches(k, inputs)))
        given = np.ones((1, *(length if each is None else each for each in shape)), np.float32)
        return model.output_shape, shape_of(model(given))

    assert run(functape.keras) == run(tf_keras)


MISTAKES = {
    "matmul": lambda tf, k, x: tf.matmul(x, tf.ones((5, 2))),
    "concat": lambda tf, k, x: tf.concat([x, tf.ones((2, 5))], 0),
    "reshape": lambda tf, k, x: tf.reshape(x, (3, 3)),
    "add": lambda tf, k, x: x + tf.ones((2, 3)),
}


@pytest.mark.parametrize("in_layer", [True, False], ids=["in a layer", "by itself"])
@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told_without_the_numbers_that_stand_for_unknown_lengths(name, in_layer):
    def error(tf, k):
        inputs = k.Input((4,))
        with pytest.raises(ValueError) as caught:
            layer(MISTAKES[name])(tf, k)(inputs) if in_layer else MISTAKES[name](tf, k, inputs)
        return str(caught.value)

    ours, theirs = error(*OURS), error(*TENSORFLOW)
    for text in (ours, theirs):
        assert not [number for number in re.findall(r"\d+", text) if int(number) > 10**5], text
    assert "None" in ours or "?" not in theirs


def test_large_numbers_of_the_users_own_stay_in_messages():
    class Refusing(functape.keras.layers.Layer):
        def call(self, x):
            raise ValueError("Received 20240131 and 0.123456789.")

    with pytest.raises(ValueError, match=r"Received 20240131 and 0\.123456789\."):
        Refusing()(functape.keras.Input((4,)))
