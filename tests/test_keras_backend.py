"""`tf.keras.backend`, `tf.keras.config`, dtype policies: as Keras's."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import assert_close

import functape

K = functape.keras.backend
OLD = tf_keras.backend
X = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
Y = np.random.default_rng(2).normal(size=(4, 2)).astype(np.float32)
P = np.random.default_rng(3).uniform(0.05, 0.95, size=(3, 4)).astype(np.float32)
P /= P.sum(-1, keepdims=True)
T = np.eye(4, dtype=np.float32)[[0, 2, 3]]
CUBE = np.random.default_rng(4).normal(size=(3, 4, 5)).astype(np.float32)
IMAGE = np.random.default_rng(5).normal(size=(2, 3, 4, 2)).astype(np.float32)
KERNEL = np.random.default_rng(6).normal(size=(2, 2, 2, 3)).astype(np.float32)
LOCAL = np.random.default_rng(7).normal(size=(6, 10, 2)).astype(np.float32)
SPOKEN = np.random.default_rng(8).uniform(0.05, 0.95, size=(2, 5, 4)).astype(np.float32)
SPOKEN /= SPOKEN.sum(-1, keepdims=True)

VALUES: dict[str, Any] = {
    "abs": lambda K: K.abs(X),
    "all": lambda K: K.all(K.constant([[1, 0], [1, 1]]), axis=1),
    "any": lambda K: K.any(K.constant([[1, 0], [0, 0]]), axis=1, keepdims=True),
    "arange": lambda K: K.arange(2, 9, 3),
    "arange of one": lambda K: K.arange(4),
    "argmax": lambda K: K.argmax(K.constant(X)),
    "argmin": lambda K: K.argmin(K.constant(X), axis=0),
    "batch_dot": lambda K: K.batch_dot(K.constant(CUBE), K.constant(CUBE.transpose(0, 2, 1))),
    "batch_dot of vectors": lambda K: K.batch_dot(K.constant(X), K.constant(X), axes=1),
    "batch_dot of axes": lambda K: K.batch_dot(K.constant(CUBE), K.constant(X), axes=(1, 1)),
    "batch_dot of an axis": lambda K: K.batch_dot(K.constant(CUBE), K.constant(CUBE), axes=2),
    "batch_flatten": lambda K: K.batch_flatten(K.constant(CUBE)),
    "batch_get_value": lambda K: K.batch_get_value([K.variable(1.0), K.variable(2.0)]),
    "batch_normalization": lambda K: K.batch_normalization(
        K.constant(IMAGE),
        K.constant([0.1, 0.2]),
        K.constant([1.0, 2.0]),
        K.constant([3.0, 4.0]),
        K.constant([5.0, 6.0]),
    ),
    "bias_add": lambda K: K.bias_add(K.constant(X), K.constant([1.0, 2.0, 3.0, 4.0])),
    "bias_add, whole": lambda K: K.bias_add(K.constant(CUBE), K.constant(CUBE[0])),
    "binary_crossentropy": lambda K: K.binary_crossentropy(K.constant(T), K.constant(P)),
    "binary_crossentropy of logits": lambda K: K.binary_crossentropy(K.constant(T), K.constant(X), from_logits=True),
    "binary_focal_crossentropy": lambda K: K.binary_focal_crossentropy(K.constant(T), K.constant(P), True),
    "categorical_crossentropy": lambda K: K.categorical_crossentropy(K.constant(T), K.constant(P)),
    "categorical_focal_crossentropy": lambda K: K.categorical_focal_crossentropy(K.constant(T), K.constant(P)),
    "sparse_categorical_crossentropy": lambda K: K.sparse_categorical_crossentropy(
        K.constant([0, 2, 3]), K.constant(P)
    ),
    "cast": lambda K: K.cast(K.constant(X), "int32"),
    "cast_to_floatx": lambda K: K.cast_to_floatx([1, 2]),
    "cast_to_floatx of a tensor": lambda K: K.cast_to_floatx(K.constant([1, 2], dtype="int32")),
    "clip": lambda K: K.clip(K.constant(X), -0.5, 0.5),
    "clip, bounds the wrong way round": lambda K: K.clip(K.constant(X), 0.5, -0.5),
    "concatenate": lambda K: K.concatenate([K.constant(X), K.constant(X)]),
    "constant": lambda K: K.constant([1, 2]),
    "constant, shape": lambda K: K.constant(3, shape=(2, 2), dtype="int32"),
    "cos": lambda K: K.cos(K.constant(X)),
    "count_params": lambda K: K.count_params(K.zeros((2, 3))),
    "cumprod": lambda K: K.cumprod(K.constant(X), axis=1),
    "cumsum": lambda K: K.cumsum(K.constant(X)),
    "dot": lambda K: K.dot(K.constant(X), K.constant(Y)),
    "dot of three axes": lambda K: K.dot(K.constant(CUBE.transpose(0, 2, 1)), K.constant(Y)),
    "dtype": lambda K: K.dtype(K.zeros((2,))),
    "elu": lambda K: K.elu(K.constant(X), 2.0),
    "equal": lambda K: K.equal(K.constant([1.0, 2.0]), K.constant([1.0, 3.0])),
    "eval": lambda K: K.eval(K.variable([1.0, 2.0])),
    "exp": lambda K: K.exp(K.constant(X)),
    "expand_dims": lambda K: K.expand_dims(K.constant(X)),
    "eye": lambda K: K.eye(3),
    "flatten": lambda K: K.flatten(K.constant(CUBE)),
    "foldl": lambda K: K.foldl(lambda a, b: 2 * a + b, K.constant(X)),
    "foldr": lambda K: K.foldr(lambda a, b: 2 * a + b, K.constant(X), K.constant([1.0, 1.0, 1.0, 1.0])),
    "gather": lambda K: K.gather(K.constant(X), K.constant([2, 0], dtype="int32")),
    "greater": lambda K: K.greater(K.constant(X), 0.0),
    "greater_equal": lambda K: K.greater_equal(K.constant(X), 0.0),
    "hard_sigmoid": lambda K: K.hard_sigmoid(K.constant(3 * X)),
    "in_test_phase": lambda K: K.in_test_phase(K.constant(1.0), K.constant(2.0)),
    "in_train_phase": lambda K: K.in_train_phase(lambda: K.constant(1.0), K.constant(2.0), training=True),
    "in_top_k": lambda K: K.in_top_k(K.constant(P), K.constant([0, 2, 3], dtype="int32"), 2),
    "int_shape": lambda K: K.int_shape(K.zeros((2, 3))),
    "l2_normalize": lambda K: K.l2_normalize(K.constant(X), axis=1),
    "less": lambda K: K.less(K.constant(X), 0.0),
    "less_equal": lambda K: K.less_equal(K.constant(X), 0.0),
    "log": lambda K: K.log(K.constant(P)),
    "map_fn": lambda K: K.map_fn(lambda x: x * 2, K.constant(X)),
    "max": lambda K: K.max(K.constant(X), axis=1, keepdims=True),
    "maximum": lambda K: K.maximum(K.constant(X), 0.0),
    "mean": lambda K: K.mean(K.constant(X), axis=[0, 1]),
    "mean of truth": lambda K: K.mean(K.greater(K.constant(X), 0.0)),
    "min": lambda K: K.min(K.constant(X), axis=0),
    "minimum": lambda K: K.minimum(K.constant(X), 0.0),
    "ndim": lambda K: K.ndim(K.zeros((2, 3))),
    "not_equal": lambda K: K.not_equal(K.constant([1.0, 2.0]), K.constant([1.0, 3.0])),
    "one_hot": lambda K: K.one_hot(K.constant([0, 2], dtype="int32"), 3),
    "ones": lambda K: K.ones((2, 3)),
    "ones_like": lambda K: K.ones_like(K.constant(X)),
    "permute_dimensions": lambda K: K.permute_dimensions(K.constant(CUBE), (2, 0, 1)),
    "pow": lambda K: K.pow(K.constant(P), 3.0),
    "prod": lambda K: K.prod(K.constant(X), axis=1),
    "relu": lambda K: K.relu(K.constant(3 * X), alpha=0.1, max_value=2.0, threshold=0.5),
    "repeat": lambda K: K.repeat(K.constant(X), 2),
    "repeat_elements": lambda K: K.repeat_elements(K.constant(X), 2, axis=1),
    "reshape": lambda K: K.reshape(K.constant(X), (2, 6)),
    "reverse": lambda K: K.reverse(K.constant(X), 1),
    "round": lambda K: K.round(K.constant(X)),
    "shape": lambda K: K.shape(K.constant(X)),
    "sigmoid": lambda K: K.sigmoid(K.constant(X)),
    "sign": lambda K: K.sign(K.constant(X)),
    "sin": lambda K: K.sin(K.constant(X)),
    "softmax": lambda K: K.softmax(K.constant(X)),
    "softplus": lambda K: K.softplus(K.constant(X)),
    "softsign": lambda K: K.softsign(K.constant(X)),
    "spatial_2d_padding": lambda K: K.spatial_2d_padding(K.constant(IMAGE), ((1, 0), (0, 2))),
    "sqrt": lambda K: K.sqrt(K.constant(X)),
    "square": lambda K: K.square(K.constant(X)),
    "squeeze": lambda K: K.squeeze(K.ones((2, 1, 3)), 1),
    "stack": lambda K: K.stack([K.constant(X), K.constant(X)], axis=1),
    "std": lambda K: K.std(K.constant(X), axis=1),
    "stop_gradient": lambda K: K.stop_gradient(K.constant(X)),
    "sum": lambda K: K.sum(K.constant(X), axis=-1, keepdims=True),
    "switch": lambda K: K.switch(K.greater(K.constant(X), 0.0), K.constant(X), K.constant(-X)),
    "switch of functions": lambda K: K.switch(
        K.constant(True, dtype="bool"), lambda: K.constant(X), lambda: K.constant(-X)
    ),
    "tanh": lambda K: K.tanh(K.constant(X)),
    "temporal_padding": lambda K: K.temporal_padding(K.constant(CUBE), (1, 2)),
    "tile": lambda K: K.tile(K.constant(X), (2, 1)),
    "transpose": lambda K: K.transpose(K.constant(X)),
    "var": lambda K: K.var(K.constant(X), axis=0),
    "variable": lambda K: K.variable([[1, 2], [3, 4]]),
    "variable, dtype": lambda K: K.variable([1, 2], dtype="int32"),
    "zeros": lambda K: K.zeros((2, 3), dtype="float64"),
    "zeros_like": lambda K: K.zeros_like(K.constant(X), dtype="int32"),
    "random_normal": lambda K: K.random_normal((2, 3), 1.0, 2.0, seed=5),
    "random_uniform": lambda K: K.random_uniform((2, 3), -1.0, 2.0, seed=5),
    "truncated_normal": lambda K: K.truncated_normal((2, 3), seed=5),
    "random_bernoulli": lambda K: K.random_bernoulli((2, 30), 0.3, seed=5),
    "random_normal_variable": lambda K: K.random_normal_variable((2, 3), 1.0, 2.0, seed=5),
    "random_uniform_variable": lambda K: K.random_uniform_variable((2, 3), 1.0, 2.0, seed=5),
    "dropout": lambda K: K.dropout(K.ones((4, 5)), 0.4, seed=5),
    "conv1d": lambda K: K.conv1d(K.constant(CUBE), K.constant(CUBE[:2].transpose(0, 2, 1)), strides=2),
    "conv1d, causal": lambda K: K.conv1d(
        K.constant(CUBE), K.constant(CUBE[:2].transpose(0, 2, 1)), padding="causal", dilation_rate=2
    ),
    "conv2d": lambda K: K.conv2d(K.constant(IMAGE), K.constant(KERNEL), padding="same"),
    "conv2d, channels first": lambda K: K.conv2d(
        K.constant(IMAGE.transpose(0, 3, 1, 2)), K.constant(KERNEL), strides=(2, 1), data_format="channels_first"
    ),
    "conv3d": lambda K: K.conv3d(K.constant(IMAGE[:, None]), K.constant(KERNEL[None])),
    "conv2d_transpose": lambda K: K.conv2d_transpose(
        K.constant(IMAGE), K.constant(KERNEL.transpose(0, 1, 3, 2)), (2, 6, 8, 3), strides=(2, 2), padding="same"
    ),
    "depthwise_conv2d": lambda K: K.depthwise_conv2d(K.constant(IMAGE), K.constant(KERNEL)),
    "separable_conv2d": lambda K: K.separable_conv2d(
        K.constant(IMAGE), K.constant(KERNEL), K.constant(IMAGE[:1, :2, :3].reshape(1, 1, 6, 2))
    ),
    "local_conv1d": lambda K: K.local_conv1d(K.constant(CUBE), K.constant(LOCAL[:3, :10]), (2,), (1,), "channels_last"),
    "local_conv2d": lambda K: K.local_conv2d(
        K.constant(IMAGE), K.constant(LOCAL[:6, :8]), (2, 2), (1, 1), (2, 3), "channels_last"
    ),
    "local_conv2d, channels first": lambda K: K.local_conv2d(
        K.constant(IMAGE.transpose(0, 3, 1, 2)), K.constant(LOCAL[:6, :8]), (2, 2), (1, 1), (2, 3), "channels_first"
    ),
    "pool2d": lambda K: K.pool2d(K.constant(IMAGE), (2, 2)),
    "pool2d, means": lambda K: K.pool2d(K.constant(IMAGE), (2, 2), (2, 2), "same", pool_mode="avg"),
    "pool3d": lambda K: K.pool3d(K.constant(IMAGE[:, None]), (1, 2, 2), pool_mode="avg"),
    "resize_images": lambda K: K.resize_images(K.constant(IMAGE), 2, 3, "channels_last"),
    "resize_images, smoothly": lambda K: K.resize_images(
        K.constant(IMAGE.transpose(0, 3, 1, 2)), 2, 2, "channels_first", "bilinear"
    ),
    "resize_volumes": lambda K: K.resize_volumes(K.constant(IMAGE[:, None]), 2, 1, 2, "channels_last"),
    "normalize_batch_in_training": lambda K: K.normalize_batch_in_training(
        K.constant(IMAGE), K.constant([1.0, 2.0]), K.constant([0.0, 1.0]), [0, 1, 2]
    ),
    "normalize_batch_in_training, rows": lambda K: K.normalize_batch_in_training(
        K.constant(X), K.constant([1.0, 2.0, 3.0, 4.0]), K.constant([0.0, 1.0, 0.0, 1.0]), [0]
    ),
    "rnn": lambda K: K.rnn(
        lambda x, states: (x + states[0] * 0.5, [x + states[0] * 0.5]), K.constant(CUBE), [K.constant(CUBE[:, 0])]
    ),
    "rnn, masked and backwards": lambda K: K.rnn(
        lambda x, states: (x + states[0] * 0.5, [x * states[0]]),
        K.constant(CUBE),
        [K.constant(CUBE[:, 0])],
        go_backwards=True,
        mask=K.cast(K.constant([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0]]), "bool"),
    ),
    "ctc_batch_cost": lambda K: K.ctc_batch_cost(
        K.constant([[0, 1], [1, 0]]), K.constant(SPOKEN), K.constant([[5], [4]]), K.constant([[2], [1]])
    ),
    "ctc_decode": lambda K: K.ctc_decode(K.constant(SPOKEN), K.constant([5, 4])),
    "ctc_decode, beams": lambda K: K.ctc_decode(K.constant(SPOKEN), K.constant([5, 4]), False, 4, 2),
}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return np.asarray(value.numpy()) if hasattr(value, "numpy") else value


@pytest.mark.parametrize("name", VALUES)
def test_as_keras_2(name: str) -> None:
    for tf in (tensorflow, functape):
        tf.random.set_seed(3)
    _compare(_plain(VALUES[name](K)), _plain(VALUES[name](OLD)), name)


def _compare(ours: Any, theirs: Any, name: str) -> None:
    if isinstance(theirs, list):
        for mine, wanted in zip(ours, theirs, strict=True):
            _compare(mine, wanted, name)
    elif isinstance(theirs, np.ndarray):
        assert_close(ours, theirs, name, loosen=4)
    else:
        assert ours == theirs


def test_a_slightly_wrong_value_is_seen() -> None:
    with pytest.raises(AssertionError):
        assert_close(K.std(X).numpy() * np.float32(1.00002), OLD.std(tensorflow.constant(X)).numpy(), loosen=4)


@pytest.mark.parametrize("name", sorted({name.split(",")[0].split(" of ")[0] for name in VALUES}))
def test_arguments(name: str) -> None:
    theirs, ours = (list(inspect.signature(getattr(module, name)).parameters) for module in (OLD, K))
    assert ours == theirs


def test_updates() -> None:
    x = K.variable([1.0, 2.0])
    K.update_add(x, [1.0, 1.0])
    K.update_sub(x, [0.5, 0.5])
    K.update(x, x * 2)
    K.set_value(x, K.get_value(x) + 1)
    K.batch_set_value([(x, K.get_value(x) + 1)])
    assert K.get_value(x).tolist() == [5, 7]
    K.moving_average_update(x, K.constant([0.0, 0.0]), 0.5)
    assert K.get_value(x).tolist() == [2.5, 3.5]


def test_keras_numbers_without_a_seed_follow_numpys() -> None:
    def drawn(tf: Any, backend: Any) -> Any:
        tf.random.set_seed(1)
        np.random.seed(2)
        return [backend.random_uniform((3,)).numpy(), backend.random_uniform((3,)).numpy()]

    np.testing.assert_array_equal(drawn(functape, K), drawn(tensorflow, OLD))


def test_settings() -> None:
    assert (K.floatx(), K.epsilon(), K.image_data_format()) == ("float32", 1e-7, "channels_last")
    try:
        K.set_floatx("float64")
        K.set_epsilon(1e-5)
        K.set_image_data_format("channels_first")
        assert K.zeros((2,)).dtype == functape.float64
        assert functape.keras.initializers.Ones()((2,)).dtype == functape.float64
        assert functape.keras.config.epsilon() == 1e-5
        assert functape.keras.config.dtype_policy().name == "float64"
        assert functape.keras.utils.img_to_array(np.zeros((2, 3))).shape == (1, 2, 3)
    finally:
        K.set_floatx("float32")
        K.set_epsilon(1e-7)
        K.set_image_data_format("channels_last")
    for setter, value in ((K.set_floatx, "int32"), (K.set_image_data_format, "sideways")):
        with pytest.raises(ValueError, match=str(value)):
            setter(value)


def test_the_settings_file_is_read(tmp_path: Any, monkeypatch: Any) -> None:
    from functape.keras import _configuration

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text('{"floatx": "float16", "epsilon": 0.001}')
    _configuration._settings.cache_clear()
    try:
        assert (K.floatx(), K.epsilon()) == ("float16", 0.001)
    finally:
        _configuration._settings.cache_clear()


def test_phases_and_names() -> None:
    assert K.learning_phase() == 0
    with K.learning_phase_scope(1):
        assert K.learning_phase() == 1
    with pytest.raises(ValueError, match="0 or 1"):
        K.set_learning_phase(2)
    K.clear_session()
    assert [K.get_uid("dense"), K.get_uid("dense"), K.get_uid("conv")] == [1, 2, 1]
    K.reset_uids()
    assert K.get_uid("dense") == 1
    K.clear_session()


def test_graph_functions_say_what_to_write() -> None:
    with pytest.raises(RuntimeError, match="GradientTape"):
        K.gradients(None, None)
    with pytest.raises(RuntimeError, match="Input"):
        K.placeholder((2,))


TYPES = [
    ("int32", "float16"),
    ("int32", float),
    ("int64", int),
    (int, float),
    (),
    ("float16", "bfloat16"),
    ("uint8", "int8"),
    ("bool", "int32"),
    ("float64", int),
    ("bfloat16", float),
    ("int64", float),
    ("uint32", "int32"),
]


@pytest.mark.parametrize("dtypes", TYPES, ids=str)
def test_result_types(dtypes: Any) -> None:
    assert K.result_type(*dtypes) == tensorflow.keras.backend.result_type(*dtypes)


@pytest.mark.parametrize("dtype", [None, "float32", "int", int, float, bool, np.float64, "bfloat16", np.dtype("int8")])
def test_standard_dtypes(dtype: Any) -> None:
    assert functape.keras.utils.standardize_dtype(dtype) == tensorflow.keras.utils.standardize_dtype(dtype)
    assert K.is_float_dtype(dtype) == tensorflow.keras.backend.is_float_dtype(dtype)
    assert K.is_int_dtype(dtype) == tensorflow.keras.backend.is_int_dtype(dtype)


@pytest.mark.parametrize("name", ["float32", "float64", "mixed_float16", "mixed_bfloat16", "int8"])
def test_policies(name: str) -> None:
    theirs, ours = (tf.keras.mixed_precision.Policy(name) for tf in (tensorflow, functape))
    assert (ours.compute_dtype, ours.variable_dtype) == (theirs.compute_dtype, theirs.variable_dtype)
    assert repr(ours) == repr(theirs)
    assert functape.keras.dtype_policies.serialize(ours) == tensorflow.keras.dtype_policies.serialize(theirs)
    assert functape.keras.dtype_policies.get(tensorflow.keras.dtype_policies.serialize(theirs)) == ours


def test_the_global_policy() -> None:
    policies = functape.keras.mixed_precision
    policies.set_global_policy("mixed_bfloat16")
    assert policies.global_policy().compute_dtype == functape.keras.DTypePolicy().compute_dtype == "bfloat16"
    functape.keras.backend.clear_session()
    assert policies.global_policy().name == "float32"
    for wrong, error in (("nonsense", ValueError), (7, ValueError)):
        with pytest.raises(error):
            policies.set_global_policy(wrong)
        with pytest.raises(error):
            tensorflow.keras.mixed_precision.set_global_policy(wrong)


def test_policies_by_path() -> None:
    def found(keras: Any) -> Any:
        policies = keras.dtype_policies.DTypePolicyMap("float32")
        policies["head"] = keras.dtype_policies.DTypePolicy("float64")
        return [policies[path].name for path in ("head", "body")]

    assert found(functape.keras) == found(tensorflow.keras)
