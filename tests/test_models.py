"""Subclassed, sequential and functional models, against both Keras 3 and Keras 2."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import assert_close

import functape

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(5, 4)).astype(np.float32)
OTHER = RANDOM.normal(size=(5, 3)).astype(np.float32)
IMAGES = RANDOM.normal(size=(5, 6, 4)).astype(np.float32)
KERAS_3, KERAS_2 = tensorflow.keras, tf_keras


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS_3.utils.clear_session(free_memory=False)
    for keras in (functape.keras, KERAS_2):
        keras.backend.reset_uids()


def subclassed(k):
    class MyModel(k.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.first = k.layers.Dense(3, activation="relu")
            self.second = k.layers.Dense(2)

        def call(self, inputs):
            return self.second(self.first(inputs))

    return MyModel()


def deferred(k):
    return k.Sequential([k.layers.Dense(3, activation="tanh"), k.layers.Dense(2)])


def with_input(k):
    return k.Sequential([k.Input((4,)), k.layers.Dense(3), k.layers.Activation("relu"), k.layers.Dense(2)])


def functional(k):
    x = k.Input((4,))
    return k.Model(x, k.layers.Dense(2)(k.layers.Dense(3, activation="relu")(x)))


def of_subclassed(k):
    x = k.Input((4,))
    return k.Model(x, subclassed(k)(x))


def shared(k):
    x = k.Input((4,))
    dense = k.layers.Dense(4)
    return k.Model(x, dense(k.layers.Activation("relu")(dense(x))))


def nested(k):
    x = k.Input((4,))
    inner = k.Sequential([k.layers.Dense(3, activation="relu")])
    return k.Model(x, k.layers.Dense(2)(inner(x)))


def holding_sequential(k):
    class Outer(k.Model):
        def __init__(self):
            super().__init__()
            self.inner = k.Sequential([k.layers.Dense(3), k.layers.Dense(2)])
            self.more = [k.layers.Dense(2)]

        def call(self, inputs):
            return self.more[0](self.inner(inputs))

    return Outer()


SINGLE = [subclassed, deferred, with_input, functional, of_subclassed, shared, nested, holding_sequential]


@pytest.mark.parametrize("oracle", [KERAS_3, KERAS_2], ids=["keras3", "keras2"])
@pytest.mark.parametrize("make", SINGLE, ids=lambda make: make.__name__)
def test_models_agree(make, oracle):
    theirs, ours = make(oracle), make(functape.keras)
    theirs(X), ours(X)
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert ours.name == theirs.name or oracle is KERAS_2
    layers = [type(layer).__name__ for layer in theirs.layers]
    assert [type(layer).__name__ for layer in ours.layers] == layers
    ours.set_weights(theirs.get_weights())
    for tf, model, found in ((tensorflow, theirs, wanted := []), (functape, ours, got := [])):
        for _ in range(2):
            with tf.GradientTape() as tape:
                y = model(X, training=True)
                loss = tf.reduce_mean(y**2)
        found += [y, loss, *tape.gradient(loss, model.trainable_variables)]
    for a, b in zip(got, wanted, strict=True):
        assert_close(a.numpy(), b.numpy(), make.__name__, 4)


@pytest.mark.parametrize("make", SINGLE, ids=lambda make: make.__name__)
def test_names_are_keras_2s(make):
    theirs, ours = make(KERAS_2), make(functape.keras)
    theirs(X), ours(X)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


@pytest.mark.parametrize("make", SINGLE, ids=lambda make: make.__name__)
@pytest.mark.parametrize("options", [{}, {"show_trainable": True, "expand_nested": True}, {"line_length": 64}], ids=str)
def test_summaries_are_keras_3s(make, options):
    printed = []
    for k in (KERAS_3, functape.keras):
        model = make(k)
        for _ in range(2):
            model.summary(print_fn=lambda text, **_: printed.append(text.rstrip("\n")), **options)
            model(X)
    assert printed[2:] == printed[:2]


def recurrent_with_a_state(tf, k):
    class Translating(k.Model):
        def __init__(self):
            super().__init__(name="translating")
            self.gru = k.layers.GRU(8, return_sequences=True, return_state=True, name="gru")
            self.dense = k.layers.Dense(3, name="dense")

        def call(self, x):
            return self.dense(self.gru(x, initial_state=tf.zeros([tf.shape(x)[0], 8]))[0])

    return Translating()


def recurrent_with_all_states(tf, k):
    inputs = k.Input((6, 4), name="in")
    return k.Model(inputs, k.layers.LSTM(8, return_state=True, name="lstm")(inputs), name="model")


def two_outputs(k, structure):
    inputs = k.Input((6, 4), name="in")
    parts = [k.layers.Dense(2, name="first")(inputs), k.layers.Flatten(name="second")(inputs)]
    return k.Model(inputs, structure(parts), name="inner")


def nested_with_two_outputs(tf, k):
    outer = k.Input((6, 4), name="outer")
    return k.Model(outer, two_outputs(k, list)(outer), name="model")


def nested_with_named_outputs(tf, k):
    outer = k.Input((6, 4), name="outer")
    return k.Model(outer, two_outputs(k, lambda parts: dict(zip("ab", parts, strict=True)))(outer), name="model")


@pytest.mark.parametrize(
    "make",
    [recurrent_with_a_state, recurrent_with_all_states, nested_with_two_outputs, nested_with_named_outputs],
    ids=lambda make: make.__name__,
)
def test_summaries_of_layers_with_several_outputs(make):
    printed = []
    for tf, k in ((tensorflow, KERAS_3), (functape, functape.keras)):
        model = make(tf, k)
        model(IMAGES)
        model.summary(line_length=78, print_fn=lambda text, **_: printed.append(text.rstrip("\n")))
    assert printed[1] == printed[0]


@pytest.mark.parametrize("scheduled", [False, True])
def test_summaries_count_the_optimizers_variables(scheduled):
    printed = []
    for k in (KERAS_3, functape.keras):
        rate = k.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9) if scheduled else 0.1
        model = k.Sequential([k.layers.Input((3,), name="in"), k.layers.Dense(2, name="out")], name="model")
        model.compile(k.optimizers.Adam(rate), "mse")
        model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
        model.summary(print_fn=lambda text, **_: printed.append(text.rstrip("\n")))
    assert printed[1] == printed[0]


def test_several_inputs_and_outputs_and_ops():
    def make(tf, k):
        a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
        dense = k.layers.Dense(3, name="dense")
        hidden = dense(a) + b * 2.0
        joined = tf.concat([hidden, dense(a)], -1)
        part = tf.reshape(joined[:, 1:], (-1, 5))
        return k.Model([a, b], [part, tf.reduce_mean(hidden, 1), {"again": 1.0 - hidden}])

    theirs, ours = make(tensorflow, KERAS_2), make(functape, functape.keras)
    ours.set_weights(theirs.get_weights())
    wanted, got = theirs([X, OTHER]), ours([X, OTHER])
    named = ours({"b": OTHER, "a": X})
    for results in (got, named):
        for mine, other in zip(results[:2], wanted[:2], strict=True):
            assert_close(mine.numpy(), other.numpy(), "outputs", 4)
        assert_close(results[2]["again"].numpy(), wanted[2]["again"].numpy(), "outputs", 4)
    assert ours([X[:2], OTHER[:2]])[0].shape == (2, 5)
    copied = type(ours).from_config(json.loads(json.dumps(ours.get_config())))
    copied.set_weights(ours.get_weights())
    np.testing.assert_array_equal(copied([X, OTHER])[0].numpy(), got[0].numpy())


def test_unknown_lengths_follow_the_inputs():
    k = functape.keras
    x = k.Input((None, 4))
    last, shifted = x[:, -1], x[:, 1:] * 2.0
    flat = functape.reshape(x, (functape.shape(x)[0], functape.shape(x)[1] * 4))
    model = k.Model(x, [last, shifted, flat])
    assert [tuple(each.shape) for each in model.outputs] == [(None, 4), (None, None, 4), (None, None)]
    for steps in (6, 3):
        values = IMAGES[:, :steps]
        outputs = model(values)
        np.testing.assert_array_equal(outputs[0].numpy(), values[:, -1])
        np.testing.assert_array_equal(outputs[1].numpy(), values[:, 1:] * 2)
        np.testing.assert_array_equal(outputs[2].numpy(), values.reshape(5, -1))
    thirds = k.Model(x, x[:, ::3])
    np.testing.assert_array_equal(thirds(IMAGES).numpy(), IMAGES[:, ::3])
    with pytest.raises(ValueError, match="Lambda"):
        thirds(IMAGES[:, :5])
    with pytest.raises(ValueError, match="Lambda"):
        x[:, ::5]


@pytest.mark.parametrize("make", [deferred, with_input, functional, shared, nested], ids=lambda make: make.__name__)
def test_models_come_back_from_configurations(make):
    ours = make(functape.keras)
    ours(X)
    for again in (
        type(ours).from_config(ours.get_config()),
        functape.keras.models.clone_model(ours),
        functape.keras.models.model_from_json(ours.to_json()),
    ):
        assert [layer.name for layer in again.layers] == [layer.name for layer in ours.layers]
        again(X)
        again.set_weights(ours.get_weights())
        np.testing.assert_array_equal(again(X).numpy(), ours(X).numpy())


@pytest.mark.parametrize("make", [with_input, functional, shared], ids=lambda make: make.__name__)
def test_configurations_are_keras_3s(make):
    assert make(functape.keras).get_config() == make(KERAS_3).get_config()


def test_sequential_grows_and_shrinks():
    for k in (KERAS_3, functape.keras):
        model = k.Sequential()
        model.add(k.Input((4,)))
        model.add(k.layers.Dense(3))
        assert (model.built, tuple(model.output_shape)) == (True, (None, 3))
        model.add(k.layers.Dense(2))
        assert tuple(model.output_shape) == (None, 2)
        model.pop()
        assert tuple(model.output_shape) == (None, 3)
        assert len(model.weights) == 2


def test_keras_2s_first_layer():
    model = functape.keras.Sequential(
        [functape.keras.layers.Dense(3, input_shape=(4,)), functape.keras.layers.Dense(2)]
    )
    assert model.built and model.input_shape == (None, 4)
    assert functape.keras.Sequential([functape.keras.layers.Dense(3, input_dim=4)]).count_params() == 15


def test_trainable_switches_reach_inside():
    model = nested(functape.keras)
    assert len(model.trainable_variables) == 4
    model.layers[1].trainable = False
    assert len(model.trainable_variables) == 2 and len(model.non_trainable_variables) == 2
    model.trainable = False
    assert model.trainable_variables == []


ERRORS = {
    "two layers of one name": lambda k: k.Sequential([k.layers.Dense(1, name="a"), k.layers.Dense(1, name="a")]),
    "no layer": lambda k: k.Sequential([3]),
    "wrong shape": lambda k: functional(k)(OTHER),
    "disconnected": lambda k: k.Model(k.Input((2,)), k.layers.Dense(1)(k.Input((2,)))),
    "no such layer": lambda k: functional(k).get_layer("nobody"),
    "no layer asked for": lambda k: functional(k).get_layer(),
    "missing input": lambda k: k.Model([a := k.Input((4,), name="a"), b := k.Input((4,), name="b")], a + b)({"a": X}),
    "not symbolic": lambda k: k.Model(X, X),
    "pop of nothing": lambda k: k.Sequential().pop(),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    kinds = []
    for k in (KERAS_3, functape.keras):
        try:
            ERRORS[name](k)
        except Exception as error:
            kinds.append(type(error).__name__)
            assert str(error)
    assert len(kinds) == 2 and kinds[0] == kinds[1], kinds


def test_symbolic_tensors_have_no_value():
    x = functape.keras.Input((4,))
    for use in (bool, float, lambda t: t.numpy(), len, list):
        with pytest.raises(TypeError):
            use(x)
    assert repr(x) == repr(KERAS_3.Input((4,)))


def test_steady_state_compiles_nothing():
    model, optimizer = subclassed(functape.keras), functape.keras.optimizers.Adam()

    def step():
        with functape.GradientTape() as tape:
            loss = functape.reduce_mean(model(X, training=True) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    for _ in range(3):
        step()
    before = functape.config.counters()
    for _ in range(5):
        step()
    after = functape.config.counters()
    assert after.programs_compiled == before.programs_compiled
    assert after.flushes - before.flushes == 5


@pytest.mark.parametrize("theirs", [tensorflow.keras, tf_keras], ids=["keras3", "keras2"])
def test_a_sequential_model_brings_its_input_to_the_rank_it_was_built_for(theirs):
    def run(k):
        shapes = []
        for shape, given in (((1,), np.ones(4, np.float32)), ((3,), np.ones((4, 3, 1), np.float32))):
            model = k.Sequential([k.Input(shape), k.layers.Dense(2, kernel_initializer="ones")])
            model.compile("sgd", "mse")
            shapes += [model(given).shape, model.predict(given, verbose=0).shape]
            shapes.append(model.fit(given, np.ones((4, 2)), verbose=0).history["loss"])
        return shapes

    assert run(functape.keras) == run(theirs)
