"""`tf.saved_model`: the same program saved and loaded by TensorFlow and by functape, each with its own files."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import jax
import numpy as np
import pytest
import tensorflow
from oracle import assert_close

import functape

X = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
LIBRARIES = {"tensorflow": tensorflow, "functape": functape}


def module(tf):
    """A module with variables of many kinds and functions of many forms."""

    class Program(tf.Module):
        def __init__(self):
            super().__init__()
            self.kernel = tf.Variable(np.arange(8.0, dtype=np.float32).reshape(4, 2) / 8, name="kernel")
            self.calls = tf.Variable(0, dtype=tf.int64, trainable=False, name="calls")
            self.parts = [tf.Variable(3.0), tf.Variable(4.0)]
            self.table = {"a": tf.Variable(5.0)}
            self.half = tf.Variable([1.5, -2.0], dtype=tf.bfloat16)
            self.inner = tf.Module()
            self.inner.offset = tf.Variable([9.0, -9.0])
            self.note = "not saved"

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="x")])
        def __call__(self, x):
            self.calls.assign_add(1)
            y = tf.matmul(x, self.kernel) + self.inner.offset
            return {"y": y, "rows": tf.shape(x)[0], "best": tf.argmax(y, axis=1)}

        @tf.function
        def scaled(self, x, by=2, negative=False):
            return -x * by if negative else (x * by, self.half)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32), tf.TensorSpec([None], tf.float64)])
        def two(self, a, b):
            return tf.cast(a, tf.float64) + b, tf.reduce_sum(b)

        @tf.function
        def never(self, x):
            return x

    made = Program()
    made.scaled(tf.constant([1.0, 1.0]))
    made.scaled(tf.constant([1, 2, 3]), by=3, negative=True)
    return made


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """For each library what it loads of the program that it saved."""
    found = {}
    for name, tf in LIBRARIES.items():
        folder = str(tmp_path_factory.mktemp(name))
        tf.saved_model.save(module(tf), folder)
        assert tf.saved_model.contains_saved_model(folder)
        found[name] = tf.saved_model.load(folder)
    return found


def gradients(tf, program):
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(program(x)["y"] ** 2)
    return tape.gradient(loss, [x, program.kernel, program.inner.offset, program.calls])


def trained(tf, program):
    for _ in range(2):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(program(tf.constant(X))["y"] ** 2)
        program.kernel.assign_sub(0.01 * tape.gradient(loss, program.kernel))
    return program.kernel, program(tf.constant(X))["y"]


USES = {
    "call": lambda tf, p: p(tf.constant(X)),
    "another length": lambda tf, p: p(tf.constant(X[:1])),
    "an array": lambda tf, p: p(X),
    "keywords": lambda tf, p: p(x=tf.constant(X)),
    "variables": lambda tf, p: [p.kernel, p.parts[1], p.table["a"], p.inner.offset, tf.cast(p.half, tf.float32)],
    "a default": lambda tf, p: p.scaled(tf.constant([1.0, 2.0]))[0],
    "bfloat16": lambda tf, p: tf.cast(p.scaled(tf.constant([1.0, 2.0]))[1], tf.float32),
    "python values": lambda tf, p: p.scaled(tf.constant([4, 5, 6]), 3, negative=True),
    "64 bits": lambda tf, p: p.two(1.5, np.array([1.0, 1e-12])),
    "a signature": lambda tf, p: p.signatures["chosen"](a=tf.constant(1.0), b=tf.constant([2.0], tf.float64)),
    "signature of one": lambda tf, p: p.signatures["serving_default"](tf.constant(X)),
    "gradients": lambda tf, p: [each for each in gradients(tf, p) if each is not None],
    "training": trained,
    "inside a function": lambda tf, p: tf.function(lambda x: p(x)["y"] * 2.0)(tf.constant(X)),
}


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """As `loaded`, with signatures."""
    found = {}
    for name, tf in LIBRARIES.items():
        folder = str(tmp_path_factory.mktemp(name))
        program = module(tf)
        tf.saved_model.save(program, folder, signatures={"chosen": program.two, "serving_default": program.__call__})
        found[name] = tf.saved_model.load(folder)
    return found


@pytest.mark.parametrize("use", USES)
def test_a_loaded_program_does_what_tensorflows_does(signed, use):
    wanted, got = (USES[use](tf, signed[name]) for name, tf in LIBRARIES.items())
    plain = [LIBRARIES[name].nest.flatten(each) for name, each in zip(LIBRARIES, (wanted, got), strict=True)]
    assert len(plain[0]) == len(plain[1])
    for theirs, ours in zip(*plain, strict=True):
        assert theirs.dtype.name == ours.dtype.name
        assert_close(ours.numpy(), theirs.numpy(), loosen=16)


def test_calls_assign_the_loaded_variables(loaded):
    for program in loaded.values():
        before = int(program.calls.numpy())
        program(X)
        assert int(program.calls.numpy()) == before + 1
        assert not program.calls.trainable and program.kernel.name == "kernel:0"


ERRORS = {
    "no such form": lambda tf, p: p.scaled(tf.constant([1.0, 2.0, 3.0])),
    "never called": lambda tf, p: p.never(tf.constant(1.0)),
    "an attribute": lambda tf, p: p.note,
    "a signature without arguments": lambda tf, p: p.signatures["serving_default"](),
    "nothing there": lambda tf, p: tf.saved_model.load("/no/such/folder"),
    "no object": lambda tf, p: tf.saved_model.save(3, "/tmp"),
    "no signature": lambda tf, p: tf.saved_model.save(tf.Module(), "/tmp", signatures=lambda x: x),
    "an open signature": lambda tf, p: tf.saved_model.save(tf.Module(), "/tmp", signatures=tf.function(lambda x: x)),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_tensorflows(loaded, case):
    found = []
    for name, tf in LIBRARIES.items():
        with pytest.raises(Exception) as caught:
            ERRORS[case](tf, loaded[name])
        found.append(caught.value)
    assert isinstance(found[1], type(found[0])) and type(found[1]).__name__ == type(found[0]).__name__


def test_tags(tmp_path):
    functape.saved_model.save(functape.Module(), tmp_path)
    functape.saved_model.load(tmp_path, tags="serve")
    with pytest.raises(ValueError, match="incompatible argument to `tags`"):
        functape.saved_model.load(tmp_path, tags="train")


def test_signature_structures(signed):
    for key in ("chosen", "serving_default"):
        theirs, ours = (signed[name].signatures[key] for name in LIBRARIES)
        for mine, their in (
            (ours.structured_input_signature[1], theirs.structured_input_signature[1]),
            (ours.structured_outputs, theirs.structured_outputs),
        ):
            assert set(mine) == set(their)
            for name in mine:
                assert (mine[name].shape, mine[name].dtype.name) == (tuple(their[name].shape), their[name].dtype.name)


def test_one_function_with_a_signature_is_the_default(tmp_path):
    made = []
    for name, tf in LIBRARIES.items():
        scope = tf.Module()
        scope.double = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None])])
        scope.other = tf.function(lambda x: x)
        tf.saved_model.save(scope, str(tmp_path / name))
        made.append(list(tf.saved_model.load(str(tmp_path / name)).signatures))
    assert made[0] == made[1] == ["serving_default"]


def test_saved_again(loaded, tmp_path):
    program = loaded["functape"]
    program.kernel.assign(program.kernel * 2.0)
    functape.saved_model.save(program, tmp_path)
    again = functape.saved_model.load(tmp_path)
    np.testing.assert_array_equal(again(X)["y"].numpy(), program(X)["y"].numpy())
    assert list(again.signatures) == list(program.signatures)


def test_shared_variables_stay_shared_and_saving_overwrites(tmp_path):
    scope = functape.Module()
    scope.a = scope.b = functape.Variable(1.0)
    (tmp_path / "mine.txt").write_text("kept")
    for value in (1.0, 2.0):
        scope.a.assign(value)
        functape.saved_model.save(scope, tmp_path)
    again = functape.saved_model.load(tmp_path)
    assert again.a is again.b and again.a.numpy() == 2.0
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_optimizer_state_and_random_state_are_saved(tmp_path):
    tf = functape
    tf.random.set_seed(3)
    w, optimizer = tf.Variable([1.0, -2.0]), tf.keras.optimizers.Adam(0.1)

    @tf.function(input_signature=[])
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(w**2)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
        return loss, tf.random.normal([2])

    step()
    scope = tf.Module()
    scope.w, scope.step = w, step
    tf.saved_model.save(scope, tmp_path)
    again = tf.saved_model.load(tmp_path)
    noises = []
    for _ in range(3):
        loss, noise = again.step()
        np.testing.assert_allclose(loss.numpy(), step()[0].numpy(), rtol=1e-6)
        noises.append(tuple(noise.numpy()))
    assert len(set(noises)) == 3, "a stream of its own, which goes on"
    np.testing.assert_allclose(again.w.numpy(), w.numpy(), rtol=1e-6)


def test_an_asset_goes_along(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("one two")
    scope = functape.Module()
    scope.vocabulary = functape.saved_model.Asset(str(words))
    functape.saved_model.save(scope, tmp_path / "saved")
    words.unlink()
    path = pathlib.Path(functape.saved_model.load(tmp_path / "saved").vocabulary.asset_path.numpy().decode())
    assert path.parent == tmp_path / "saved" / "assets" and path.read_text() == "one two"


def test_a_function_that_prints_is_left_out_with_the_reason(tmp_path, caplog):
    tf = functape
    scope = tf.Module()
    scope.show = tf.function(lambda x: tf.print(x) or x, input_signature=[tf.TensorSpec([None])])
    scope.fine = tf.function(lambda x: x + 1.0, input_signature=[tf.TensorSpec([None])])
    tf.saved_model.save(scope, tmp_path, signatures=scope.fine)
    assert "show is not saved" in caplog.text
    again = tf.saved_model.load(tmp_path)
    assert again.fine(np.float32([1.0])).numpy() == [2.0]
    with pytest.raises(NotImplementedError, match=r"calls Python while it runs \(tf.print"):
        again.show(np.float32([1.0]))
    with pytest.raises(NotImplementedError, match=r"tf.print"):
        tf.saved_model.save(scope, tmp_path, signatures=scope.show)


def test_tensorflows_own_folder_is_refused(tmp_path):
    tensorflow.saved_model.save(tensorflow.Module(), str(tmp_path))
    assert functape.saved_model.contains_saved_model(tmp_path)
    with pytest.raises(NotImplementedError, match="SavedModel of TensorFlow's"):
        functape.saved_model.load(tmp_path)
    functape.saved_model.save(functape.Module(), tmp_path / "ours")
    with pytest.raises(OSError, match=r"saved_model\.pb"):
        tensorflow.saved_model.load(str(tmp_path / "ours"))


def test_options(tmp_path):
    options = functape.saved_model.SaveOptions(save_debug_info=True)
    functape.saved_model.save(functape.Module(), tmp_path, options=options)
    functape.saved_model.load(tmp_path, options=functape.saved_model.LoadOptions())
    with pytest.raises(ValueError, match="function_aliases"):
        functape.saved_model.SaveOptions(function_aliases={"a": None})
    with pytest.raises(TypeError, match="SaveOptions"):
        functape.saved_model.save(functape.Module(), tmp_path, options=3)


# ---- Keras -----------------------------------------------------------------------------------------------------------


def subclassed(tf):
    class Net(tf.keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = tf.keras.layers.Dense(5, activation="relu")
            self.norm = tf.keras.layers.BatchNormalization()
            self.drop = tf.keras.layers.Dropout(0.5)

        def call(self, x, training=False):
            return self.drop(self.norm(self.hidden(x), training=training), training=training)

    model = Net()
    model(tf.constant(X))
    return model


def functional(tf):
    layers = tf.keras.layers
    a, b = tf.keras.Input((4,), name="a"), tf.keras.Input((2,), name="b")
    return tf.keras.Model([a, b], {"sum": layers.Dense(3)(layers.Concatenate()([a, b])), "b": b * 2.0})


MODELS = {
    "sequential": (lambda tf: tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(2)]), [X]),
    "subclassed": (subclassed, [X]),
    "functional": (functional, [X, X[:, :2]]),
    "recurrent": (
        lambda tf: tf.keras.Sequential([tf.keras.Input((7, 4)), tf.keras.layers.LSTM(3)]),
        [np.random.default_rng(1).normal(size=(2, 7, 4)).astype(np.float32)],
    ),
    "convolution": (
        lambda tf: tf.keras.Sequential(
            [
                tf.keras.Input((6, 6, 3)),
                tf.keras.layers.Conv2D(4, 3),
                tf.keras.layers.Flatten(),
                tf.keras.layers.Dense(2),
            ]
        ),
        [np.random.default_rng(1).normal(size=(2, 6, 6, 3)).astype(np.float32)],
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_models(name, tmp_path, capsys):
    make, inputs = MODELS[name]
    model = make(functape)
    model.export(tmp_path, verbose=True)
    assert "Endpoint 'serve'" in capsys.readouterr().out
    again = functape.saved_model.load(tmp_path)
    wanted = model(inputs[0] if len(inputs) == 1 else inputs, training=False)
    for got in (again.serve(*inputs), again(inputs[0] if len(inputs) == 1 else inputs)):
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-6), got, wanted)
    one = [each[:1] for each in inputs]
    assert functape.nest.flatten(again.serve(*one))[0].shape[0] == 1
    assert [each.name for each in again.variables] == [each.name for each in model.variables]
    assert len(again.trainable_variables) == len(model.trainable_variables)
    assert set(again.signatures) == {"serve", "serving_default"}


def test_training_goes_on_with_a_loaded_model(tmp_path):
    tf = functape
    model = subclassed(tf)
    tf.saved_model.save(model, tmp_path)
    again = tf.saved_model.load(tmp_path)
    optimizer = tf.keras.optimizers.Adam(0.05)
    losses = []
    for _ in range(10):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((again(X, training=True) - 1.0) ** 2)
        optimizer.apply_gradients(
            zip(tape.gradient(loss, again.trainable_variables), again.trainable_variables, strict=True)
        )
        losses.append(float(loss))
    moving = next(each for each in again.variables if "moving_mean" in each.name)
    before = next(each for each in model.variables if "moving_mean" in each.name)
    assert not np.allclose(moving.numpy(), before.numpy()), "batch statistics are assigned"
    assert np.mean(losses[-3:]) < np.mean(losses[:3])


def test_export_says_what_it_needs(tmp_path):
    model = functape.keras.Sequential([functape.keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="inputs of the model"):
        model.export(tmp_path)
    model.export(tmp_path, input_signature=[functape.TensorSpec([None, 3])], verbose=False)
    assert functape.saved_model.load(tmp_path).serve(X[:, :3]).shape == (3, 2)
    with pytest.raises(ValueError, match="Unrecognized format"):
        model.export(tmp_path, format="onnx")
    with pytest.raises(ValueError, match=r"tf.saved_model.load"):
        functape.keras.models.load_model(tmp_path)


def test_it_loads_where_the_code_is_not(tmp_path):
    functape.saved_model.save(module(functape), tmp_path)
    code = (
        "import sys, functape as tf, numpy as np; program = tf.saved_model.load(sys.argv[1]);"
        "print(program(np.ones((2, 4), np.float32))['y'].numpy().tolist())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(functape.__file__))},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert eval(done.stdout) == module(functape)(np.ones((2, 4), np.float32))["y"].numpy().tolist()
