"""Convolutions, poolings, normalizations, merges and the like, against both Keras 3 and Keras 2."""

from __future__ import annotations

import re

import numpy as np
import pytest
import tensorflow
import tf_keras
from _sampling import sampled
from layer_cases import CASES, IMAGES, NORMALIZATIONS, SEQUENCE, LayerCase, of_each_class
from oracle import assert_close

import functape

KERAS = {3: tensorflow.keras, 2: tf_keras}
PAIRS = [pytest.param(case, version, id=f"{case.name}-keras{version}") for case in CASES for version in case.keras]


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS[3].utils.clear_session(free_memory=False)
    for keras in (functape.keras, KERAS[2]):
        keras.backend.reset_uids()


def tensors(tf, x, dtype=None):
    """Arrays as tensors."""
    if isinstance(x, list):
        return [tensors(tf, each, dtype) for each in x]
    return tf.constant(x if dtype is None else x.astype(dtype))


def extra(tf, case: LayerCase, dtype=None):
    return {key: tf.constant(value) for key, value in (case.call or {}).items()}


def outcome(tf, layer, case: LayerCase, dtype=None, gradients=True, **others):
    """The outputs, and the gradients of their weighted sum for inputs and weights that are trained."""
    x = tensors(tf, case.x, dtype)
    given = {**extra(tf, case, dtype), **others}
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, **given)
        weights = np.random.default_rng(1).uniform(0.1, 0.3, y.shape).astype(y.dtype.as_numpy_dtype)
        loss = tf.reduce_sum(y * tf.constant(weights))
    if not gradients:
        return [y]
    sources = [*(x if isinstance(x, list) else [x]), *layer.trainable_variables]
    return [y, *tape.gradient(loss, sources)]


def pair(case: LayerCase, version: int, **others):
    """Their layer and ours, with the same weights; those that begin as zeros or ones are disturbed."""
    sides = []
    for module in (KERAS[version], functape.keras):
        layer = case.make(module.layers) if not others else with_dtype(case, module, **others)
        sides.append(layer)
    theirs, ours = sides
    dtype = np.dtype(others["dtype"]) if others.get("dtype") in ("float16", "float64") else None
    theirs(tensors(tensorflow, case.x, dtype), **extra(tensorflow, case))
    ours(tensors(functape, case.x, dtype), **extra(functape, case))
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    random = np.random.default_rng(7)
    values = [value + random.uniform(0.1, 0.4, value.shape).astype(value.dtype) for value in theirs.get_weights()]
    theirs.set_weights(values)
    ours.set_weights(values)
    return theirs, ours


def with_dtype(case: LayerCase, module, dtype):
    """The case's layer with a dtype policy, by its configuration."""
    layer = case.make(module.layers)
    policy = dtype if module is not tf_keras else tf_keras.mixed_precision.Policy(dtype)
    return type(layer).from_config({**layer.get_config(), "dtype": policy})


def compare(case, wanted, got, loosen=None):
    assert len(wanted) == len(got)
    for theirs, ours in zip(wanted, got, strict=True):
        assert (theirs is None) == (ours is None)
        if theirs is not None:
            assert theirs.dtype.name == ours.dtype.name
            assert_close(ours.numpy(), theirs.numpy(), case.name, loosen or case.loosen)


@pytest.mark.parametrize("case, version", sampled("layers", PAIRS, 90))
def test_outputs_and_gradients(case, version):
    theirs, ours = pair(case, version)
    compare(
        case,
        outcome(tensorflow, theirs, case, gradients=case.gradients),
        outcome(functape, ours, case, gradients=case.gradients),
    )


@pytest.mark.parametrize("case, version", sampled("layer names", PAIRS, 40))
def test_names_are_keras_2s(case, version):
    if version != 2:
        assert 2 in case.keras or case.make(functape.keras.layers).name == case.make(KERAS[3].layers).name
        return
    theirs, ours = pair(case, 2)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert ours.name == theirs.name


@pytest.mark.parametrize("case", [case for case in NORMALIZATIONS if 3 in case.keras], ids=lambda case: case.name)
def test_training(case):
    theirs, ours = pair(case, 3)
    for _ in range(3):
        wanted = outcome(tensorflow, theirs, case, training=True)
        got = outcome(functape, ours, case, training=True)
        compare(case, wanted, got, 40)
        for a, b in zip(ours.weights, theirs.weights, strict=True):
            assert_close(a.numpy(), b.numpy(), b.name, 8)


@pytest.mark.parametrize(
    "case", sampled("layer configurations", [case for case in CASES if 3 in case.keras], 40), ids=lambda case: case.name
)
def test_configurations_are_keras_3s(case):
    theirs, ours = case.make(KERAS[3].layers), case.make(functape.keras.layers)
    if "own activation" in case.name:
        return
    assert ours.get_config() == theirs.get_config()
    ours(tensors(functape, case.x), **extra(functape, case)), theirs(tensors(tensorflow, case.x))
    assert ours.get_config() == theirs.get_config()
    again = type(ours).from_config(ours.get_config())
    again(tensors(functape, case.x), **extra(functape, case))
    again.set_weights(ours.get_weights())
    np.testing.assert_array_equal(
        again(tensors(functape, case.x), **extra(functape, case)).numpy(),
        ours(tensors(functape, case.x), **extra(functape, case)).numpy(),
    )


# TensorFlow's CPU kernels pool volumes in single precision only.
DOUBLE = of_each_class(
    [case for case in CASES if 3 in case.keras and not re.search("own|(max|average|Max|Average) 3d", case.name)]
)


@pytest.mark.parametrize("case", sampled("layers in double precision", DOUBLE, 25), ids=lambda case: case.name)
def test_double_precision(case):
    theirs, ours = pair(case, 3, dtype="float64")
    gradients = case.gradients
    wanted = outcome(tensorflow, theirs, case, np.float64, gradients)
    got = outcome(functape, ours, case, np.float64, gradients)
    if any(name in case.name for name in ("enlarge",)):
        # TensorFlow resizes in single precision.
        assert_close(got[0].numpy().astype(np.float32), wanted[0].numpy().astype(np.float32), case.name, 8)
        return
    compare(case, wanted, got)


HALF = [case for case in DOUBLE if case.half]


@pytest.mark.parametrize("case", sampled("layers in half precision", HALF, 20), ids=lambda case: case.name)
def test_half_precision(case):
    theirs, ours = pair(case, 3, dtype="mixed_float16")
    wanted = outcome(tensorflow, theirs, case, gradients=False)
    got = outcome(functape, ours, case, gradients=False)
    compare(case, wanted, got)
    assert all(variable.dtype == "float32" for variable in ours.weights)


@pytest.mark.parametrize(
    "case", sampled("layer shapes", [case for case in CASES if 3 in case.keras], 40), ids=lambda case: case.name
)
def test_symbolic_shapes(case):
    theirs, ours = case.make(KERAS[3].layers), case.make(functape.keras.layers)
    shapes = []
    for keras, layer in ((KERAS[3], theirs), (functape.keras, ours)):
        one = not isinstance(case.x, list)
        inputs = [keras.Input(each.shape[1:]) for each in ([case.x] if one else case.x)]
        shapes.append(tuple(layer(inputs[0] if one else inputs).shape))
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("case", sampled("layers called twice", of_each_class(CASES), 12), ids=lambda case: case.name)
def test_a_second_call_compiles_nothing_and_staging_agrees(case):
    layer = case.make(functape.keras.layers)
    x, others = tensors(functape, case.x), extra(functape, case)
    plain = layer(x, **others).numpy()
    layer(x, **others).numpy()
    before = functape.config.counters().programs_compiled
    repeated = layer(x, **others).numpy()
    assert functape.config.counters().programs_compiled == before
    np.testing.assert_array_equal(plain, repeated)
    staged = functape.function(lambda x: layer(x, **others))
    np.testing.assert_allclose(staged(x).numpy(), plain, rtol=1e-5, atol=1e-6)


def test_a_wrong_weight_would_be_found():
    case = next(case for case in CASES if case.name == "conv2d")
    theirs, ours = pair(case, 3)
    ours.set_weights([weight * (1 + 1e-3) for weight in ours.get_weights()])
    with pytest.raises(AssertionError):
        compare(case, outcome(tensorflow, theirs, case), outcome(functape, ours, case))


FIRST = {
    "conv1d": lambda k, layout: k.Conv1D(5, 3, data_format=layout),
    "conv1d causal": lambda k, layout: k.Conv1D(5, 3, padding="causal", data_format=layout),
    "conv2d": lambda k, layout: k.Conv2D(5, 3, data_format=layout, activation="relu"),
    "transpose": lambda k, layout: k.Conv2DTranspose(5, 3, strides=2, data_format=layout),
    "depthwise": lambda k, layout: k.DepthwiseConv2D(3, data_format=layout),
    "separable": lambda k, layout: k.SeparableConv2D(5, 3, data_format=layout),
    "max": lambda k, layout: k.MaxPooling2D(2, data_format=layout),
    "average": lambda k, layout: k.AveragePooling2D((2, 3), data_format=layout),
    "global": lambda k, layout: k.GlobalMaxPooling2D(layout, keepdims=True),
    "adaptive": lambda k, layout: k.AdaptiveAveragePooling2D(3, data_format=layout),
    "bilinear": lambda k, layout: k.UpSampling2D(2, layout, "bilinear"),
}


@pytest.mark.parametrize("name", FIRST)
def test_channels_may_come_first(name):
    """TensorFlow's CPU kernels know the other layout only, which tells what must come out."""
    x = SEQUENCE if "1d" in name else IMAGES
    last, first = (FIRST[name](functape.keras.layers, f"channels_{where}") for where in ("last", "first"))
    wanted = last(x).numpy()
    got = first(np.moveaxis(x, -1, 1))
    if last.weights:
        first.set_weights(last.get_weights())
        got = first(np.moveaxis(x, -1, 1))
    np.testing.assert_allclose(np.moveaxis(got.numpy(), 1, -1), wanted, rtol=1e-5, atol=1e-5)


def test_a_dilated_transpose_is_the_transpose():
    """TensorFlow's CPU kernels cannot dilate it: `<convolved(x), y> == <x, transposed(y)>` tells."""
    convolved = functape.keras.layers.Conv2D(5, 3, dilation_rate=2, use_bias=False)
    transposed = functape.keras.layers.Conv2DTranspose(4, 3, dilation_rate=2, use_bias=False)
    outputs = convolved(IMAGES).numpy()
    y = np.random.default_rng(2).normal(size=outputs.shape).astype(np.float32)
    transposed(y)
    transposed.set_weights(convolved.get_weights())
    np.testing.assert_allclose((outputs * y).sum(), (IMAGES * transposed(y).numpy()).sum(), rtol=1e-4)
