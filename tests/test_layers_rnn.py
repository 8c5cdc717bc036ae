"""Recurrent layers and their wrappers, against Keras 3 and Keras 2."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
import tf_keras
from _sampling import sampled
from oracle import assert_close, flatten

import functape
from functape._engine._cache import cache

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(3, 7, 4)).astype(np.float32)
MASK = np.array([[1, 1, 0, 1, 1, 0, 0], [0, 0, 1, 1, 1, 1, 1], [1] * 7], bool)
FRAMES = RANDOM.normal(size=(2, 4, 5, 5, 2)).astype(np.float32)
KERAS_3, KERAS_2 = tensorflow.keras, tf_keras


def _half(x):
    return x * 0.5


def _two_cells(k):
    return [k.layers.LSTMCell(5), k.layers.GRUCell(3)]


KINDS = ("SimpleRNN", "LSTM", "GRU")
OPTIONS = {
    "plain": {},
    "sequences and states": {"return_sequences": True, "return_state": True},
    "backwards": {"go_backwards": True, "return_sequences": True},
    "own activation": {"activation": _half},
    "unrolled": {"unroll": True},
    "without bias": {"use_bias": False, "activation": "relu"},
    "zero output": {"zero_output_for_mask": True, "return_sequences": True},
}
LAYERS = {
    **{
        f"{kind} {name}": (lambda k, kind=kind, options=options: getattr(k.layers, kind)(5, **options), X)
        for kind in KINDS
        for name, options in OPTIONS.items()
    },
    "GRU reset before": (lambda k: k.layers.GRU(5, reset_after=False, recurrent_activation="hard_sigmoid"), X),
    "LSTM without forget bias": (lambda k: k.layers.LSTM(5, unit_forget_bias=False), X),
    "RNN of a cell": (lambda k: k.layers.RNN(k.layers.LSTMCell(5), return_state=True), X),
    "RNN of two cells": (lambda k: k.layers.RNN(_two_cells(k), return_sequences=True, return_state=True), X),
    "both ways": (lambda k: k.layers.Bidirectional(k.layers.LSTM(4, return_sequences=True)), X),
    "both ways, average": (lambda k: k.layers.Bidirectional(k.layers.GRU(4), merge_mode="ave"), X),
    "both ways, none": (lambda k: k.layers.Bidirectional(k.layers.SimpleRNN(4, return_state=True), merge_mode=None), X),
    "each step": (lambda k: k.layers.TimeDistributed(k.layers.Dense(3, activation="tanh")), X),
    "each step, lambda": (lambda k: k.layers.TimeDistributed(k.layers.Lambda(_half)), X),
    "convolutional 1d": (lambda k: k.layers.ConvLSTM1D(3, 3, strides=2, padding="same"), FRAMES[..., 0]),
    "convolutional 2d": (lambda k: k.layers.ConvLSTM2D(3, 3, return_sequences=True, return_state=True), FRAMES),
    "convolutional 3d": (lambda k: k.layers.ConvLSTM3D(2, 2, padding="same"), FRAMES[..., None]),
}


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS_3.utils.clear_session(free_memory=False)
    for keras in (functape.keras, KERAS_2):
        keras.backend.reset_uids()


def run(tf, layer, x, mask=None, **kwargs):
    """Outputs, and the gradients of the first one for input and weights."""
    x = tf.constant(x)
    given = {} if mask is None else {"mask": tf.constant(mask)}
    layer(x, **given, **kwargs)
    with tf.GradientTape() as tape:
        tape.watch(x)
        outputs = layer(x, **given, **kwargs)
        first = outputs[0] if isinstance(outputs, list | tuple) else outputs
        loss = tf.reduce_sum(first**2)
    gradients = tape.gradient(loss, [x, *layer.trainable_variables])
    return [each.numpy() for each in [*flatten(outputs), *gradients] if each is not None]


def pair(make, oracle=KERAS_3, x=X):
    theirs, ours = make(oracle), make(functape.keras)
    theirs(x), ours(x)
    ours.set_weights(theirs.get_weights())
    return theirs, ours


@pytest.mark.parametrize("name", sampled("recurrent layers", LAYERS, 20))
def test_layers_agree(name):
    make, x = LAYERS[name]
    theirs, ours = pair(make, x=x)
    masked = x is X and "none" not in name
    for mask in (None, MASK) if masked else (None,):
        wanted, got = run(tensorflow, theirs, x, mask), run(functape, ours, x, mask)
        assert len(got) == len(wanted)
        for a, b in zip(got, wanted, strict=True):
            assert_close(a, b, name, 16)
    assert [w.name.removesuffix(":0") for w in ours.weights] == [w.path for w in theirs.weights]
    shape = (None, *x.shape[1:])
    assert str(flatten(ours.compute_output_shape(shape))).count("None") > 0
    if "own" not in name and "lambda" not in name:
        assert ours.get_config() == theirs.get_config()
        again = type(ours).from_config(ours.get_config())
        again(x)
        again.set_weights(ours.get_weights())
        for a, b in zip(flatten(again(x)), flatten(ours(x)), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.parametrize("kind", KINDS)
def test_keras_2_agrees(kind):
    theirs, ours = pair(lambda k: getattr(k.layers, kind)(5, return_sequences=True, return_state=True), KERAS_2)
    for a, b in zip(run(functape, ours, X, MASK), run(tensorflow, theirs, X, MASK), strict=True):
        assert_close(a, b, kind, 16)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


def test_a_wrong_weight_would_be_found():
    theirs, ours = pair(lambda k: k.layers.LSTM(5))
    ours.set_weights([weight * (1 + 1e-3) for weight in theirs.get_weights()])
    with pytest.raises(AssertionError):
        assert_close(ours(X).numpy(), theirs(X).numpy(), "scaled", 16)


@pytest.mark.parametrize("dropout, recurrent", [(0.5, 0.0), (0.0, 0.3), (0.4, 0.3)])
@pytest.mark.parametrize("kind", KINDS)
def test_seeded_weights_and_dropout_are_keras_3s(kind, dropout, recurrent):
    found = []
    for k in (KERAS_3, functape.keras):
        k.utils.set_random_seed(7)
        layer = getattr(k.layers, kind)(5, dropout=dropout, recurrent_dropout=recurrent)
        found.append([np.asarray(layer(X, training=training)) for training in (True, False, True)])
    for a, b in zip(*found, strict=True):
        assert_close(b, a, kind, 16)


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_carried(kind):
    theirs, ours = pair(lambda k: getattr(k.layers, kind)(5, stateful=True))
    for layer in (theirs, ours):
        layer.reset_states()
    for _ in range(2):
        assert_close(ours(X).numpy(), theirs(X).numpy(), kind, 16)
    inside = functape.function(lambda x: ours(x))
    assert_close(inside(functape.constant(X)).numpy(), theirs(X).numpy(), kind, 16)
    ours.reset_state(), theirs.reset_state()
    assert_close(ours(X).numpy(), theirs(X).numpy(), kind, 16)
    with pytest.raises(ValueError, match="batch size"):
        ours(X[:2])


def test_initial_states_are_taken():
    theirs, ours = pair(lambda k: k.layers.LSTM(5))
    first = [np.full((3, 5), 0.3, np.float32), np.full((3, 5), -0.2, np.float32)]
    wanted = theirs(X, initial_state=[tensorflow.constant(each) for each in first]).numpy()
    states = [functape.constant(each) for each in first]
    assert_close(ours(X, initial_state=states).numpy(), wanted, "initial_state", 16)
    assert_close(ours([functape.constant(X), *states]).numpy(), wanted, "Keras 2's list", 16)


def user_cell(tf, k):
    class Cell(k.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = self.state_size = units

        def build(self, input_shape):
            self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
            self.recurrent = self.add_weight(shape=(self.units, self.units), name="recurrent")

        def call(self, inputs, states):
            hidden = tf.tanh(tf.matmul(inputs, self.kernel) + tf.matmul(states[0], self.recurrent))
            return hidden, [hidden]

    return Cell(5)


@pytest.mark.parametrize("unroll", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["whole", "masked"])
def test_own_cells_run(unroll, mask):
    layers = [
        k.layers.RNN(user_cell(tf, k), return_sequences=True, return_state=True, unroll=unroll)
        for tf, k in ((tensorflow, KERAS_3), (functape, functape.keras))
    ]
    for layer in layers:
        layer(X)
    theirs, ours = layers
    ours.set_weights(theirs.get_weights())
    for a, b in zip(run(functape, ours, X, mask), run(tensorflow, theirs, X, mask), strict=True):
        assert_close(a, b, "own cell", 16)
    inside = functape.function(lambda x: ours(x)[0])
    assert_close(inside(functape.constant(X)).numpy(), theirs(X)[0].numpy(), "in a function", 16)


@pytest.mark.parametrize("make", [lambda k: k.layers.LSTM(5), lambda k: k.layers.RNN(user_cell(functape, k))])
def test_the_third_step_compiles_nothing(make):
    layer = make(functape.keras)
    for _ in range(3):
        run(functape, layer, X)
    before = cache.compiled
    run(functape, layer, X)
    assert cache.compiled == before


ERRORS = {
    "no units": lambda k: k.layers.LSTM(0),
    "a matrix": lambda k: k.layers.GRU(3)(X[0]),
    "no cell": lambda k: k.layers.RNN(3),
    "both ways through what has no direction": lambda k: k.layers.Bidirectional(k.layers.Dense(2)),
    "no such mode": lambda k: k.layers.Bidirectional(k.layers.LSTM(3), merge_mode="most"),
    "no layer": lambda k: k.layers.TimeDistributed(3),
    "no steps": lambda k: k.layers.TimeDistributed(k.layers.Dense(3))(X[0]),
    "unknown argument": lambda k: k.layers.LSTM(3, colour="red"),
    "stateful without batch": lambda k: k.layers.LSTM(3, stateful=True)(k.Input((5, 2))),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    with pytest.raises(Exception) as theirs:
        ERRORS[name](KERAS_3)
    with pytest.raises(theirs.type):
        ERRORS[name](functape.keras)


def test_functional_models_hold_them():
    k = functape.keras
    inputs = k.Input((None, 4))
    outputs = k.layers.Bidirectional(k.layers.LSTM(3, return_sequences=True))(inputs)
    outputs = k.layers.RNN(user_cell(functape, k))(k.layers.TimeDistributed(k.layers.Dense(2))(outputs))
    model = k.Model(inputs, outputs)
    assert tuple(model.output_shape) == (None, 5)
    assert model(X).shape == (3, 5)
    assert model(X[:, :5]).shape == (3, 5)
