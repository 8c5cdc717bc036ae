"""The base of layers and the core layers, against both Keras 3 and Keras 2."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import tensorflow
import tf_keras
from oracle import assert_close

import functape
from functape.keras.layers._layer_calls import calls

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(5, 4)).astype(np.float32)
SEQUENCE = RANDOM.normal(size=(5, 6, 4)).astype(np.float32)
KERAS_3, KERAS_2 = tensorflow.keras, tf_keras


@pytest.fixture(autouse=True)
def fresh_names():
    KERAS_3.utils.clear_session(free_memory=False)
    for keras in (functape.keras, KERAS_2):
        keras.backend.reset_uids()


def gradients_of(tf, layer, x):
    """Outputs, and the gradients of their weighted sum for input and weights."""
    x = tf.constant(x)
    layer(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
        weights = np.random.default_rng(1).uniform(0.1, 0.3, y.shape).astype(y.numpy().dtype)
        loss = tf.reduce_sum(y * tf.constant(weights))
    return [y, *tape.gradient(loss, [x, *layer.trainable_variables])]


LAYERS = {
    "dense": (lambda k: k.layers.Dense(3), X),
    "dense relu": (lambda k: k.layers.Dense(3, activation="relu"), X),
    "dense softmax": (lambda k: k.layers.Dense(3, "softmax"), X),
    "dense own activation": (lambda k: k.layers.Dense(3, activation=lambda x: x * 2), X),
    "dense without bias": (lambda k: k.layers.Dense(3, use_bias=False, activation="tanh"), X),
    "dense on a sequence": (lambda k: k.layers.Dense(3, activation="gelu"), SEQUENCE),
    "dense float64": (lambda k: k.layers.Dense(3, dtype="float64"), X.astype(np.float64)),
    "activation": (lambda k: k.layers.Activation("elu"), X),
    "flatten": (lambda k: k.layers.Flatten(), SEQUENCE),
    "flatten channels first": (lambda k: k.layers.Flatten(data_format="channels_first"), SEQUENCE),
    "flatten a vector": (lambda k: k.layers.Flatten(), X[:, 0]),
    "reshape": (lambda k: k.layers.Reshape((2, -1)), SEQUENCE),
    "permute": (lambda k: k.layers.Permute((2, 1)), SEQUENCE),
    "repeat vector": (lambda k: k.layers.RepeatVector(3), X),
    "lambda": (lambda k: k.layers.Lambda(lambda x: x**2), X),
    "masking": (lambda k: k.layers.Masking(), np.maximum(SEQUENCE, 0) * (SEQUENCE[..., :1] > 0)),
    "einsum dense": (lambda k: k.layers.EinsumDense("abc,cd->abd", (6, 5), bias_axes="d"), SEQUENCE),
    "einsum dense over two": (lambda k: k.layers.EinsumDense("abc,bcd->ad", 5, "relu", bias_axes="d"), SEQUENCE),
    "einsum dense, dots": (lambda k: k.layers.EinsumDense("...x,xy->...y", 3, bias_axes="y"), SEQUENCE),
}


@pytest.mark.parametrize("oracle", [KERAS_3, KERAS_2], ids=["keras3", "keras2"])
@pytest.mark.parametrize("name", LAYERS)
def test_layers_agree(name, oracle):
    make, x = LAYERS[name]
    theirs, ours = make(oracle), make(functape.keras)
    theirs(x), ours(x)
    assert [tuple(w.shape) for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    wanted, got = gradients_of(tensorflow, theirs, x), gradients_of(functape, ours, x)
    assert len(wanted) == len(got)
    for a, b in zip(got, wanted, strict=True):
        assert_close(a.numpy(), b.numpy(), name, 4)
    if oracle is KERAS_3:
        shape = (None, *x.shape[1:])
        assert tuple(ours.compute_output_shape(shape)) == tuple(theirs.compute_output_shape(shape))


def test_a_wrong_weight_would_be_found():
    theirs, ours = KERAS_3.layers.Dense(3), functape.keras.layers.Dense(3)
    theirs(X), ours(X)
    ours.set_weights([weight * (1 + 1e-4) for weight in theirs.get_weights()])
    with pytest.raises(AssertionError):
        assert_close(ours(X).numpy(), theirs(X).numpy(), "scaled", 4)


@pytest.mark.parametrize("name", [name for name in LAYERS if "lambda" not in name and "own" not in name])
def test_configurations_are_keras_3s(name):
    make, x = LAYERS[name]
    theirs, ours = make(KERAS_3), make(functape.keras)
    ours(x)
    assert ours.get_config() == theirs.get_config()
    again = type(ours).from_config(ours.get_config())
    again(x)
    again.set_weights(ours.get_weights())
    np.testing.assert_array_equal(again(x).numpy(), ours(x).numpy())


def composite(tf):
    k = tf.keras if tf is functape else tf

    class Block(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.stack = [k.layers.Dense(2), k.layers.Dense(3)]
            self.named = {"one": k.layers.Dense(1)}

        def build(self, input_shape):
            self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
            self.seen = self.add_weight(name="seen", shape=(), initializer="zeros", trainable=False)

        def call(self, inputs, training=None):
            return self.named["one"](self.stack[1](self.stack[0](inputs * self.scale)))

    return Block()


def test_names_are_keras_2s():
    theirs, ours = composite(KERAS_2), composite(functape)
    theirs(X), ours(X)
    assert [w.name for w in ours.trainable_weights] == [w.name for w in theirs.trainable_weights]
    assert [w.name for w in ours.non_trainable_weights] == [w.name for w in theirs.non_trainable_weights]
    assert ours.name == theirs.name == "block"
    assert functape.keras.layers.Dense(1).name == KERAS_2.layers.Dense(1).name


def test_weights_are_in_keras_3s_order():
    theirs, ours = composite(KERAS_3), composite(functape)
    theirs(X), ours(X)
    assert [w.name.removesuffix(":0") for w in ours.weights] == [w.path for w in theirs.weights]
    assert ours.count_params() == theirs.count_params()
    assert ours.trainable is True
    theirs.trainable = ours.trainable = False
    assert len(ours.trainable_weights) == len(theirs.trainable_weights) == 0
    assert len(ours.non_trainable_weights) == len(theirs.non_trainable_weights)
    assert ours.stack[0].trainable is False
    ours.stack[0].trainable = True
    ours.trainable = True
    assert len(ours.trainable_weights) == 7


def test_layers_added_to_a_list_later_are_found():
    layer = composite(functape)
    layer(X)
    before = len(layer.trainable_variables)
    extra = functape.keras.layers.Dense(2)
    extra(X)
    layer.stack.append(extra)
    assert len(layer.trainable_variables) == before + 2
    layer.stack.pop()
    layer.named["two"] = extra
    assert len(layer.trainable_variables) == before + 2
    layer.named = {}
    assert len(layer.trainable_variables) == before - 2


def test_both_signatures_of_add_weight():
    layer = functape.keras.layers.Layer()
    made = [
        layer.add_weight("a", (2, 3), "float32", "zeros"),
        layer.add_weight((2, 3), "zeros", "float32", name="b"),
        layer.add_weight(name="c", shape=[2, 3], initializer=functape.keras.initializers.Ones()),
        layer.add_weight(shape=(), trainable=False),
        layer.add_weight("d"),
    ]
    assert [tuple(w.shape) for w in made] == [(2, 3), (2, 3), (2, 3), (), ()]
    assert [w.name for w in made] == ["a:0", "b:0", "c:0", "Variable:0", "d:0"]
    assert [w.trainable for w in layer.weights] == [True, True, True, True, False]
    with pytest.raises(TypeError, match="colour"):
        layer.add_weight("e", colour="red")
    with pytest.raises(ValueError, match="fully known"):
        layer.add_weight("f", (None, 2))


@pytest.mark.parametrize(
    "x", [X, X.astype(np.float64), X.tolist(), functape.constant(X), X.astype(np.int32)], ids=lambda x: type(x).__name__
)
def test_inputs_become_tensors_of_the_layers_dtype(x):
    layer = functape.keras.layers.Dense(3)
    assert layer(x).dtype == functape.float32
    assert layer(x).shape == (5, 3)


def test_training_reaches_the_layers_inside():
    seen = []

    class Inner(functape.keras.layers.Layer):
        def call(self, inputs, training=None):
            seen.append(training)
            return inputs

    class Outer(functape.keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = Inner()

        def call(self, inputs):
            return self.inner(inputs)

    outer = Outer()
    x = functape.constant(X)
    for _ in range(2):
        outer(x, training=True), outer(x), outer(x, training=False), outer.inner(x)
    assert seen == [True, False, False, False] * 2
    assert calls.depth == 0 and calls.training is None


def test_a_failing_call_leaves_the_context_as_it_was():
    class Failing(functape.keras.layers.Layer):
        def call(self, inputs, training=None):
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        Failing()(X, training=True)
    assert calls.depth == 0 and calls.training is None


def losing(tf):
    k = tf.keras

    class Losing(k.layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = k.layers.Dense(2, kernel_regularizer="l2", kernel_initializer="ones")

        def call(self, inputs):
            self.add_loss(0.1 * tf.reduce_sum(inputs))
            return self.dense(inputs)

    return Losing()


def test_losses_are_of_the_latest_call():
    theirs, ours = losing(tensorflow), losing(functape)
    for _ in range(3):
        theirs(X), ours(X)
        assert len(ours.losses) == len(theirs.losses) == 2
    assert [float(loss) for loss in ours.losses] == pytest.approx([float(loss) for loss in theirs.losses])


def test_activity_regularizers_add_losses():
    for k in (KERAS_3, functape.keras):
        layer = k.layers.Dense(2, kernel_initializer="ones", activity_regularizer="l2")
        layer(X), layer(X)
        assert len(layer.losses) == 1
        assert float(layer.losses[0]) == pytest.approx(0.01 * np.sum(np.square(X.sum(1))) * 2 / 5, rel=1e-5)


@pytest.mark.parametrize("theirs", [KERAS_3, KERAS_2], ids=["keras3", "keras2"])
def test_the_attribute_of_a_mask_is_there_where_a_mask_is(theirs):
    def seen(tf, k):
        ids, found = tf.constant([[1, 0]]), []
        embedding = k.layers.Embedding(5, 2, mask_zero=True)
        masked = embedding(ids)
        for value in (ids, masked, embedding(k.Input((2,)))):
            found.append(hasattr(value, "_keras_mask"))
        del masked._keras_mask
        found += [hasattr(masked, "_keras_mask"), hasattr(k.layers.Dense(2)(masked), "_keras_mask")]
        with pytest.raises(AttributeError, match="_keras_mask"):
            del masked._keras_mask
        masked._keras_mask = None
        return [*found, masked._keras_mask]

    assert seen(functape, functape.keras) == seen(tensorflow, theirs)


def test_a_mask_that_a_model_drops_in_its_call_does_not_reach_the_loss():
    def loss(tf):
        class Dropping(tf.keras.Model):
            def __init__(self):
                super().__init__()
                self.embedding = tf.keras.layers.Embedding(5, 2, mask_zero=True, embeddings_initializer="ones")

            def call(self, ids):
                embedded = self.embedding(ids)
                del embedded._keras_mask
                return embedded

        model = Dropping()
        model.compile("sgd", "mse")
        return model.fit(np.array([[1, 0, 0]]), np.array([[[1.0, 2], [3, 4], [5, 6]]]), verbose=0).history["loss"]

    assert loss(functape) == pytest.approx(loss(tensorflow))


def test_masks_pass_through():
    k = functape.keras
    x = np.maximum(SEQUENCE, 0) * (SEQUENCE[..., :1] > 0)
    masked = k.layers.Masking()(x)
    wanted = (x != 0).any(-1)
    np.testing.assert_array_equal(masked._keras_mask.numpy(), wanted)
    np.testing.assert_array_equal(k.layers.Dense(2)(masked)._keras_mask.numpy(), wanted)

    class Taking(k.layers.Layer):
        def call(self, inputs, mask=None):
            self.seen = mask
            return inputs * 1.0

    taking = Taking()
    taking(masked)
    np.testing.assert_array_equal(taking.seen.numpy(), wanted)
    taking(functape.constant(x))
    assert taking.seen is None
    with pytest.warns(UserWarning, match="does not support masking"):
        k.layers.Flatten()(masked)


ERRORS = {
    "wrong length": lambda k: build_and_call(k.layers.Dense(3), X, X[:, :2]),
    "wrong rank": lambda k: k.layers.Dense(3)(X[0]),
    "negative units": lambda k: k.layers.Dense(-1),
    "no super": lambda k: subclass_without_init(k)(X),
    "too few weights": lambda k: build_and_call(k.layers.Dense(3), X).set_weights([np.ones((4, 3))]),
    "weight of another shape": lambda k: build_and_call(k.layers.Dense(3), X).set_weights(
        [np.ones((4, 4)), np.ones(3)]
    ),
    "count before build": lambda k: k.layers.Dense(3).count_params(),
    "bad permutation": lambda k: k.layers.Permute((1, 3)),
    "reshape that does not fit": lambda k: k.layers.Reshape((7, 7))(X),
    "unknown argument": lambda k: k.layers.Dense(3, colour="red"),
    "unknown activation": lambda k: k.layers.Dense(3, activation="no such"),
    "repeat a matrix": lambda k: k.layers.RepeatVector(3)(SEQUENCE),
    "wrapper of nothing": lambda k: k.layers.Wrapper(3),
    "call not written": lambda k: k.layers.Layer()(X),
}


def build_and_call(layer, *inputs):
    for x in inputs:
        layer(x)
    return layer


def subclass_without_init(k):
    class Careless(k.layers.Layer):
        def __init__(self):
            self.number = 3

        def call(self, inputs):
            return inputs

    return Careless()


@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_keras_3s(name):
    if name == "call not written":
        with pytest.raises(NotImplementedError):
            ERRORS[name](functape.keras)
        return
    kinds = []
    for k in (KERAS_3, functape.keras):
        try:
            ERRORS[name](k)
        except Exception as error:
            kinds.append(type(error).__name__)
            assert str(error)
    assert kinds[0] in kinds[1:] or kinds == ["AssertionError", "ValueError"], kinds


def test_copies_are_independent():
    layer = composite(functape)
    layer(X)
    twin = copy.deepcopy(layer)
    np.testing.assert_array_equal(twin(X).numpy(), layer(X).numpy())
    twin.weights[0].assign(twin.weights[0] * 2.0)
    assert not np.allclose(twin(X).numpy(), layer(X).numpy())


def test_user_layers_tell_their_arguments():
    class Power(functape.keras.layers.Layer):
        def __init__(self, exponent, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.exponent, self.factor = exponent, factor

        def call(self, inputs):
            return self.factor * inputs**self.exponent

    layer = Power(3, name="cube")
    again = Power.from_config(layer.get_config())
    assert (again.exponent, again.name) == (3, "cube")
