"""Attention layers, against Keras 3 and Keras 2."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import assert_close, flatten

import functape

RANDOM = np.random.default_rng(6)
Q = RANDOM.normal(size=(2, 4, 8)).astype(np.float32)
V = RANDOM.normal(size=(2, 6, 8)).astype(np.float32)
DEEP = RANDOM.normal(size=(2, 3, 4, 8)).astype(np.float32)
SEEN = RANDOM.random((2, 4, 6)) > 0.3
Q_MASK, V_MASK = RANDOM.random((2, 4)) > 0.3, np.array([[1, 1, 0, 1, 1, 0], [1, 0, 0, 1, 1, 1]], bool)
KERAS_3, KERAS_2 = tensorflow.keras, tf_keras

LAYERS = {
    "dot": (lambda k: k.layers.Attention(), lambda a, q, v: a([q, v])),
    "sums, masks, shares": (
        lambda k: k.layers.Attention(use_scale=True, score_mode="concat"),
        lambda a, q, v: a([q, v], mask=[Q_MASK, V_MASK], return_attention_scores=True),
    ),
    "causal with a mask": (
        lambda k: k.layers.Attention(use_scale=True),
        lambda a, q, v: a([q, v], mask=[None, V_MASK], use_causal_mask=True),
    ),
    "dropout": (lambda k: k.layers.Attention(dropout=0.3, seed=3), lambda a, q, v: a([q, v], training=True)),
    "additive": (lambda k: k.layers.AdditiveAttention(), lambda a, q, v: a([q, v, v], mask=[Q_MASK, V_MASK])),
    "heads": (lambda k: k.layers.MultiHeadAttention(2, 4), lambda a, q, v: a(q, v)),
    "heads, own values": (
        lambda k: k.layers.MultiHeadAttention(2, 4, value_dim=5, output_shape=7, use_bias=False),
        lambda a, q, v: a(q, v, use_causal_mask=True),
    ),
    "heads, shares": (
        lambda k: k.layers.MultiHeadAttention(2, 4),
        lambda a, q, v: a(q, v, attention_mask=SEEN, return_attention_scores=True),
    ),
    "heads, dropout": (
        lambda k: k.layers.MultiHeadAttention(2, 4, dropout=0.4),
        lambda a, q, v: a(q, v, use_causal_mask=True, training=True),
    ),
    "heads, gate": (lambda k: k.layers.MultiHeadAttention(2, 4, use_gate=True), lambda a, q, v: a(q, v)),
    "heads, window": (lambda k: k.layers.MultiHeadAttention(2, 4, sliding_window=2), lambda a, q, v: a(q, v)),
    "heads, two axes": (
        lambda k: k.layers.MultiHeadAttention(2, 4, attention_axes=(1, 2)),
        lambda a, q, v: a(DEEP, DEEP),
    ),
    "heads, the second axis": (
        lambda k: k.layers.MultiHeadAttention(2, 4, attention_axes=2),
        lambda a, q, v: a(DEEP, DEEP, return_attention_scores=True),
    ),
    "groups": (lambda k: k.layers.GroupQueryAttention(4, 4, 2), lambda a, q, v: a(q, v, attention_mask=SEEN)),
    "groups, shares": (
        lambda k: k.layers.GroupQueryAttention(4, 4, 2, use_gate=True, dropout=0.2),
        lambda a, q, v: a(q, v, use_causal_mask=True, return_attention_scores=True, training=True),
    ),
}


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS_3.utils.clear_session(free_memory=False)
    for keras in (functape.keras, KERAS_2):
        keras.backend.reset_uids()


def run(tf, k, make, call):
    """A seeded layer, its outputs, and the gradients of the first for query, value and weights."""
    k.utils.set_random_seed(3)
    layer = make(k)
    q, v = tf.constant(Q), tf.constant(V)
    with tf.GradientTape() as tape:
        tape.watch([q, v])
        outputs = call(layer, q, v)
        first = outputs[0] if isinstance(outputs, list | tuple) else outputs
        loss = tf.reduce_sum(first**2)
    gradients = tape.gradient(loss, [q, v, *layer.trainable_variables])
    return layer, [each.numpy() for each in [*flatten(outputs), *gradients] if each is not None]


@pytest.mark.parametrize("name", LAYERS)
def test_seeded_layers_agree(name):
    (theirs, wanted), (ours, got) = (
        run(tf, k, *LAYERS[name]) for tf, k in ((tensorflow, KERAS_3), (functape, functape.keras))
    )
    assert len(got) == len(wanted)
    for a, b in zip(got, wanted, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=2e-5)
    assert [w.name.removesuffix(":0") for w in ours.weights] == [w.path for w in theirs.weights]
    assert ours.get_config() == theirs.get_config()


def test_keras_2_agrees():
    theirs, ours = KERAS_2.layers.MultiHeadAttention(2, 4), functape.keras.layers.MultiHeadAttention(2, 4)
    theirs(Q, V), ours(Q, V)
    ours.set_weights(theirs.get_weights())
    assert_close(ours(Q, V, attention_mask=SEEN).numpy(), theirs(Q, V, attention_mask=SEEN).numpy(), "heads", 16)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


def test_a_wrong_mask_would_be_found():
    layer = functape.keras.layers.Attention()
    with pytest.raises(AssertionError):
        assert_close(layer([Q, V], mask=[None, V_MASK]).numpy(), layer([Q, V]).numpy(), "masked", 100)


def test_masks_come_with_the_tensors():
    found = []
    numbers = np.array([[1, 2, 0, 0], [3, 1, 2, 0]])
    for k in (KERAS_3, functape.keras):
        k.utils.set_random_seed(1)
        embedded = k.layers.Embedding(5, 8, mask_zero=True)(numbers)
        layer = k.layers.MultiHeadAttention(2, 4)
        outputs = layer(embedded, embedded)
        found.append((np.asarray(outputs), np.asarray(outputs._keras_mask)))
    assert_close(found[1][0], found[0][0], "masked", 16)
    np.testing.assert_array_equal(found[1][1], found[0][1])


def test_functional_models_hold_them():
    k = functape.keras
    inputs = k.Input((None, 8))
    outputs, shares = k.layers.MultiHeadAttention(2, 4)(
        inputs, inputs, return_attention_scores=True, use_causal_mask=True
    )
    model = k.Model(inputs, [outputs, k.layers.Attention()([outputs, inputs])])
    assert [tuple(each.shape) for each in model(Q)] == [(2, 4, 8), (2, 4, 8)]
    assert len(shares.shape) == 4


ERRORS = {
    "no heads": lambda k: k.layers.MultiHeadAttention(0, 4),
    "no list": lambda k: k.layers.Attention()(Q),
    "a mode there is not": lambda k: k.layers.Attention(score_mode="product"),
    "heads that do not divide": lambda k: k.layers.GroupQueryAttention(4, 3, 2),
    "keys of another length": lambda k: k.layers.MultiHeadAttention(2, 4)(Q, V, Q),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    with pytest.raises(Exception) as theirs:
        ERRORS[name](KERAS_3)
    with pytest.raises(theirs.type):
        ERRORS[name](functape.keras)
