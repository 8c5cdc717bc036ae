"""The rows that layers record, against Keras's own layers with the same weights: outputs and gradients."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import assert_close

import functape as tf
from functape._engine._recorder import record, record_multiple
from functape._ops import _fused as fused
from functape._ops import _normalization as normalization
from functape._ops import _recurrent as recurrent

f32 = np.float32
RANDOM = np.random.default_rng(17)
LOOSE = 100
"""Times the tables' tolerances: sums over time steps, batches and channels, in another order."""


def draw(*shape: int, dtype: Any = f32) -> Any:
    return RANDOM.uniform(-1, 1, shape).astype(dtype)


def compared(layer: Any, arrays: list[Any], row: Any, call: dict[str, Any] | None = None) -> None:
    """Fail unless a row agrees with a Keras layer in its outputs and in the gradients for input and weights.

    **Arguments:**
    - `layer`: a Keras layer.
    - `arrays`: the layer's input, as the only entry.
    - `row`: a function of the input and the weights that returns the same outputs.
    - `call`: further arguments of the layer's call.
    """
    (array,) = arrays
    layer.build(array.shape)
    layer.set_weights([draw(*weight.shape, dtype=array.dtype) for weight in layer.weights])
    x = tensorflow.constant(array)
    with tensorflow.GradientTape() as tape:
        tape.watch(x)
        outputs = tensorflow.nest.flatten(layer(x, **(call or {})))
        total = sum(tensorflow.reduce_sum(each * each) for each in outputs)
    weights = [tensorflow.Variable(each) if not hasattr(each, "value") else each.value for each in layer.weights]
    theirs = [*outputs, *tape.gradient(total, [x, *weights])]
    mine = tf.constant(array)
    parameters = [tf.Variable(weight.numpy()) for weight in layer.weights]
    with tf.GradientTape() as tape:
        tape.watch(mine)
        results = row(mine, *parameters)
        total = sum(tf.reduce_sum(each * each) for each in results)
    ours = [*results, *tape.gradient(total, [mine, *parameters])]
    for position, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        assert_close(one.numpy(), other.numpy(), f"output or gradient {position}", LOOSE)


MASK = np.array([[1, 1, 0, 1, 0], [0, 1, 1, 1, 1], [1, 1, 1, 1, 1]], bool)
RECURRENT = list(itertools.product(["LSTM", "GRU", "GRU before", "SimpleRNN"], [False, True], [False, True]))


@pytest.mark.parametrize("kind, backwards, masked", RECURRENT)
@pytest.mark.parametrize("zero", [False, True])
def test_a_sequence_is_kerass(kind: str, backwards: bool, masked: bool, zero: bool) -> None:
    if zero and not masked:
        backwards = not backwards
    settings: dict[str, Any] = {"reset_after": kind == "GRU"} if kind.startswith("GRU") else {}
    layer = getattr(tensorflow.keras.layers, kind.split()[0])(
        4, return_sequences=True, return_state=True, go_backwards=backwards, zero_output_for_mask=zero, **settings
    )
    extra = (tf.constant(MASK),) if masked else ()
    sequence = (True, masked, False, backwards, zero)

    def row(x: Any, *weights: Any) -> Any:
        start = tf.zeros([3, 4])
        if kind == "LSTM":
            given = (recurrent.LSTM, ("tanh", "sigmoid", *sequence), (x, start, start, *weights, *extra))
        elif kind == "SimpleRNN":
            given = (recurrent.SIMPLE_RNN, ("tanh", *sequence), (x, start, *weights, *extra))
        else:
            after = settings["reset_after"]
            given = (recurrent.GRU, ("tanh", "sigmoid", after, *sequence), (x, start, *weights, *extra))
        outputs, last, *states = record_multiple(*given)
        np.testing.assert_array_equal(last.numpy(), outputs.numpy()[:, -1])
        return [outputs, *states]

    compared(layer, [draw(3, 5, 2)], row, {"mask": tensorflow.constant(MASK)} if masked else {})


def test_cells_are_steps_of_sequences() -> None:
    x, start, other = draw(3, 1, 2), draw(3, 4), draw(3, 4)
    kernel, inner, bias = draw(2, 16), draw(4, 16), draw(16)
    _, _, *whole = record_multiple(
        recurrent.LSTM, ("tanh", "sigmoid", True, False, False, False, False), (x, start, other, kernel, inner, bias)
    )
    step = record_multiple(
        recurrent.LSTM_CELL, ("tanh", "sigmoid", True, False), (x[:, 0], start, other, kernel, inner, bias)
    )
    for one, each in zip(whole, step, strict=True):
        assert_close(each.numpy(), one.numpy(), "state", 10)
    kernel, inner, bias = draw(2, 12), draw(4, 12), draw(2, 12)
    _, _, whole = record_multiple(
        recurrent.GRU, ("tanh", "sigmoid", True, True, False, False, False, False), (x, start, kernel, inner, bias)
    )
    step = record(recurrent.GRU_CELL, ("tanh", "sigmoid", True, True, False), (x[:, 0], start, kernel, inner, bias))
    assert_close(step.numpy(), whole.numpy(), "state", 10)


def test_recurrent_dropout_multiplies_what_the_recurrent_kernel_sees() -> None:
    x, start, kernel, inner = draw(3, 1, 2), draw(3, 4), draw(2, 4), draw(4, 4)
    dropped = np.array([[0.0, 2.0, 2.0, 0.0]] * 3, f32)
    statics = ("linear", False, False, True, False, False)
    _, _, state = record_multiple(recurrent.SIMPLE_RNN, statics, (x, start, kernel, inner, dropped))
    assert_close(state.numpy(), x[:, 0] @ kernel + (start * dropped) @ inner, "state", 10)


def test_wrong_shapes_are_refused() -> None:
    statics = ("tanh", True, False, False, False, False)
    with pytest.raises(tf.errors.InvalidArgumentError, match="kernel must have the shape"):
        record_multiple(recurrent.SIMPLE_RNN, statics, (draw(3, 5, 2), draw(3, 4), draw(3, 4), draw(4, 4), draw(4)))
    with pytest.raises(tf.errors.InvalidArgumentError, match="incompatible"):
        record(fused.DENSE, (None,), (draw(2, 3), draw(4, 5)))


@pytest.mark.parametrize("activation", [None, "relu", "tanh", "softmax", "gelu", "elu", "silu", "selu", "softplus"])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4)])
def test_dense(activation: Any, shape: Any) -> None:
    layer = tensorflow.keras.layers.Dense(5, activation=activation)
    compared(layer, [draw(*shape)], lambda *inputs: [record(fused.DENSE, (activation,), inputs)])


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("strides", [1, 2])
def test_convolution_layers(padding: str, strides: int) -> None:
    layers = tensorflow.keras.layers
    moving = ((strides, strides), padding.upper(), (1, 1), False)
    layer = layers.Conv2D(5, 3, strides, padding, activation="relu")
    compared(layer, [draw(2, 6, 7, 3)], lambda *x: [record(fused.CONVOLUTION_LAYER, (*moving, "relu"), x)])
    layer = layers.DepthwiseConv2D(3, strides, padding, depth_multiplier=2, activation="tanh")
    compared(layer, [draw(2, 6, 7, 3)], lambda *x: [record(fused.DEPTHWISE_LAYER, (*moving, "tanh"), x)])
    layer = layers.Conv2DTranspose(5, 3, strides, padding, activation="relu")
    size = tuple(each * strides + (2 if padding == "valid" and strides == 1 else padding == "valid") for each in (6, 7))
    compared(
        layer, [draw(2, 6, 7, 3)], lambda *x: [record(fused.CONVOLUTION_TRANSPOSE_LAYER, (size, *moving, "relu"), x)]
    )


def test_layer_and_group_normalization() -> None:
    layers = tensorflow.keras.layers
    layer = layers.LayerNormalization(axis=[1, -1])
    compared(layer, [draw(3, 4, 5, 6)], lambda *x: [record(normalization.LAYER_NORM, ((1, -1), 1e-3, True, True), x)])
    layer = layers.GroupNormalization(groups=3)
    compared(layer, [draw(3, 4, 5, 6)], lambda *x: [record(normalization.GROUP_NORM, (3, -1, 1e-3, True, True), x)])


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_batch_normalization(axis: int, masked: bool, dtype: str) -> None:
    if masked and axis == 1:
        axis = -1
    layer = tensorflow.keras.layers.BatchNormalization(axis=axis, momentum=0.9, dtype=dtype)
    x, mask = draw(6, 5, 4).astype(dtype), RANDOM.integers(0, 2, (6, 5)).astype(bool)
    layer.build(x.shape)
    layer.set_weights([np.abs(draw(*weight.shape)) for weight in layer.weights])
    gamma, beta, mean, variance = (each.numpy() for each in layer.weights)
    wanted = layer(tensorflow.constant(x), training=False)
    ours = record(normalization.BATCH_NORM_INFER, (axis, 1e-3, True, True), (x, mean, variance, gamma, beta))
    loose = LOOSE if dtype == "float32" else 2
    assert_close(ours.numpy().astype(wanted.dtype.as_numpy_dtype), wanted.numpy(), "inference", loose)
    arguments = {"mask": tensorflow.constant(mask)} if masked else {}
    wanted = layer(tensorflow.constant(x), training=True, **arguments)
    output, _, _, *moved = record_multiple(
        normalization.BATCH_NORM_TRAIN,
        (axis, 0.9, 1e-3, True, True, masked, False),
        (x, mean, variance, gamma, beta, *([mask] if masked else [])),
    )
    assert_close(output.numpy().astype(wanted.dtype.as_numpy_dtype), wanted.numpy(), "training", loose)
    for one, other in zip(moved, layer.weights[2:], strict=True):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=2e-6 if dtype == "float32" else 2e-3)


def test_a_layer_is_one_op_with_the_parts_gradients() -> None:
    """The activation's gradient at its edge is that of its own op."""
    x, kernel = np.zeros((1, 1), f32), np.ones((1, 1), f32)

    def gradient(function: Any) -> float:
        given = tf.constant(x)
        with tf.GradientTape() as tape:
            tape.watch(given)
            y = function(given)
        return float(tape.gradient(y, given)[0, 0])

    for name in ("relu", "relu6", "elu", "selu", "leaky_relu"):
        one = gradient(lambda x, name=name: record(fused.DENSE, (name,), (x, kernel)))
        other = gradient(lambda x, name=name: getattr(tf.nn, name)(x @ kernel))
        assert one == other
