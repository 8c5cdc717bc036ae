"""`tf.train`: what is saved comes back, to objects made before and after; a killed save destroys nothing."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import WHOLE
from oracle import check_signature

import functape

# orbax leaves coroutines and futures behind, which complain when they are collected, in whatever test that happens.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SIDES = pytest.mark.parametrize("tf", [functape, tensorflow], ids=["functape", "tensorflow"])


class Layered:
    """A small trained model with its optimizer, under either library."""

    def __init__(self, rate: float = 0.01) -> None:
        tf = functape
        self.model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1)])
        self.optimizer = tf.keras.optimizers.Adam(rate)
        self.step = tf.Variable(0)
        self.checkpoint = tf.train.Checkpoint(model=self.model, optimizer=self.optimizer, step=self.step)

    def train(self, steps: int) -> None:
        inputs = np.linspace(-1, 1, 12, dtype=np.float32).reshape(4, 3)
        for _ in range(steps):
            with functape.GradientTape() as tape:
                loss = functape.reduce_mean((self.model(inputs) - 1.0) ** 2)
            variables = self.model.trainable_variables
            self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
            self.step.assign_add(1)

    def state(self) -> list[Any]:
        return [each.numpy() for each in [*self.model.variables, *self.optimizer.variables, self.step]]


def same(left: list[Any], right: list[Any]) -> bool:
    return len(left) == len(right) and all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def test_training_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    first = Layered()
    first.train(3)
    path = first.checkpoint.save(tmp_path / "ckpt")
    first.train(2)
    second = Layered(rate=0.5)
    status = second.checkpoint.restore(path)
    with pytest.raises(AssertionError, match="model"):
        status.assert_consumed()
    second.train(2)
    status.assert_consumed().assert_existing_objects_matched()
    assert same(second.state(), first.state())
    third = Layered()
    third.train(2)
    assert not same(third.state(), first.state())


def test_restoring_in_place(tmp_path: Path) -> None:
    trained = Layered()
    trained.train(2)
    before = trained.state()
    path = trained.checkpoint.write(tmp_path / "once")
    trained.train(1)
    assert not same(trained.state(), before)
    trained.checkpoint.read(path).assert_consumed()
    assert same(trained.state(), before)


@pytest.mark.parametrize("decorated", [False, True])
def test_variables_made_later_get_their_values(tmp_path: Path, decorated: bool) -> None:
    class Late(functape.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale: Any = None
            self.parts: list[Any] = []

        def __call__(self, x: Any) -> Any:
            if self.scale is None:
                self.scale = functape.Variable(1.0)
            return self.scale * x

    saved = Late()
    saved(1.0)
    saved.scale.assign(7.0)
    saved.parts.append(functape.Variable([1.0, 2.0]))
    path = functape.train.Checkpoint(root=saved).save(tmp_path / "late")
    fresh = Late()
    status = functape.train.Checkpoint(root=fresh).restore(path)
    call = functape.function(fresh.__call__) if decorated else fresh
    assert float(call(functape.constant(2.0))) == 14.0
    fresh.parts.append(functape.Variable([0.0, 0.0]))
    status.assert_consumed()
    assert fresh.parts[0].numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float64", "complex64", "int8", "uint64", "bool", "string"])
@pytest.mark.parametrize("shape", [(), (0, 2), (3,)])
def test_all_dtypes_come_back(tmp_path: Path, name: str, shape: tuple[int, ...]) -> None:
    value = functape.constant("text") if name == "string" else functape.cast(5, name)
    value = functape.fill(shape, value) if name != "string" or not shape else functape.constant(["a", "", "\xff"])
    variable = functape.Variable(value)
    path = functape.train.Checkpoint(v=variable).save(tmp_path / "ckpt")
    other = functape.Variable(value if name == "string" else functape.zeros(shape, name))
    functape.train.Checkpoint(v=other).restore(path).assert_consumed()
    np.testing.assert_array_equal(other.numpy(), variable.numpy())
    assert other.dtype.name == name


def saved_pair(tf: Any, folder: Path) -> tuple[Any, str]:
    checkpoint = tf.train.Checkpoint(a=tf.Variable(1.0), d={"b": [tf.Variable([2.0, 3.0])]})
    return checkpoint, checkpoint.save(str(folder / "pair"))


@SIDES
def test_names_shapes_and_values_can_be_listed(tf: Any, tmp_path: Path) -> None:
    _, path = saved_pair(tf, tmp_path)
    assert tf.train.list_variables(path) == [
        ("_CHECKPOINTABLE_OBJECT_GRAPH", []),
        ("a/.ATTRIBUTES/VARIABLE_VALUE", []),
        ("d/b/0/.ATTRIBUTES/VARIABLE_VALUE", [2]),
        ("save_counter/.ATTRIBUTES/VARIABLE_VALUE", []),
    ]
    assert tf.train.load_variable(str(tmp_path), "d/b/0/.ATTRIBUTES/VARIABLE_VALUE").tolist() == [2.0, 3.0]
    reader = tf.train.load_checkpoint(path)
    assert reader.has_tensor("a/.ATTRIBUTES/VARIABLE_VALUE") and not reader.has_tensor("a")
    assert reader.get_variable_to_dtype_map()["save_counter/.ATTRIBUTES/VARIABLE_VALUE"].name == "int64"
    assert tf.train.latest_checkpoint(str(tmp_path)) == path
    assert tf.train.get_checkpoint_state(str(tmp_path)).all_model_checkpoint_paths[0] == path
    assert tf.train.latest_checkpoint(str(tmp_path / "nowhere")) is None


def outcome(function: Any) -> str:
    try:
        function()
    except Exception as error:
        return type(error).__name__
    return ""


MISTAKES: dict[str, Any] = {
    "no such checkpoint": lambda tf, c, path: c.restore(path + "0"),
    "no such checkpoint to read": lambda tf, c, path: c.read(path + "0"),
    "a number": lambda tf, c, path: tf.train.Checkpoint(v=3),
    "nothing to restore": lambda tf, c, path: c.restore(None).assert_consumed(),
    "another shape": lambda tf, c, path: tf.train.Checkpoint(a=tf.Variable([1.0])).restore(path),
    "another dtype": lambda tf, c, path: tf.train.Checkpoint(a=tf.Variable(1)).restore(path),
    "too many objects": lambda tf, c, path: (
        tf.train.Checkpoint(a=tf.Variable(1.0), z=tf.Variable(1.0)).restore(path).assert_existing_objects_matched()
    ),
    "too few objects": lambda tf, c, path: tf.train.Checkpoint(a=tf.Variable(1.0)).restore(path).assert_consumed(),
    "too few objects, expected": lambda tf, c, path: (
        tf.train.Checkpoint(a=tf.Variable(1.0)).restore(path).expect_partial().assert_existing_objects_matched()
    ),
    "nothing in common": lambda tf, c, path: (
        tf.train.Checkpoint(q=tf.Variable(1.0)).read(path).assert_nontrivial_match()
    ),
    "no such value": lambda tf, c, path: tf.train.load_checkpoint(path).get_tensor("q"),
    "no such file to list": lambda tf, c, path: tf.train.list_variables(path + "0"),
    "none to keep": lambda tf, c, path: tf.train.CheckpointManager(c, path, max_to_keep=0),
    "an interval of what": lambda tf, c, path: tf.train.CheckpointManager(c, path, 1, checkpoint_interval=2),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_raise_what_tensorflow_raises(name: str, tmp_path: Path) -> None:
    found = []
    for tf in (functape, tensorflow):
        checkpoint, path = saved_pair(tf, tmp_path / tf.__name__)
        found.append(outcome(lambda: MISTAKES[name](tf, checkpoint, path)))  # noqa: B023
    assert found[0] == found[1]


def test_signatures_are_tensorflows() -> None:
    for name in ("Checkpoint", "CheckpointManager"):
        ours, theirs = getattr(functape.train, name), getattr(tensorflow.train, name)
        for method in [each for each in dir(theirs) if not each.startswith("_")] + ["__init__"]:
            if callable(getattr(theirs, method)):
                check_signature(getattr(theirs, method), getattr(ours, method))
    for name in ("latest_checkpoint", "list_variables", "load_checkpoint", "load_variable", "get_checkpoint_state"):
        check_signature(getattr(tensorflow.train, name), getattr(functape.train, name))


@SIDES
def test_a_manager_keeps_the_last_ones(tf: Any, tmp_path: Path) -> None:
    step = tf.Variable(0)
    checkpoint = tf.train.Checkpoint(step=step)
    manager = tf.train.CheckpointManager(
        checkpoint, str(tmp_path), max_to_keep=2, step_counter=step, checkpoint_interval=2
    )
    assert manager.restore_or_initialize() is None
    saved = []
    for _ in range(7):
        saved.append(manager.save())
        step.assign_add(1)
    names = [None if each is None else os.path.basename(each) for each in saved]
    assert names == ["ckpt-1", None, "ckpt-2", None, "ckpt-3", None, "ckpt-4"]
    assert [os.path.basename(each) for each in manager.checkpoints] == ["ckpt-3", "ckpt-4"]
    indexes = sorted(each.name for each in tmp_path.glob("*.index"))
    assert indexes == ["ckpt-3.index", "ckpt-4.index"]
    again = tf.train.CheckpointManager(checkpoint, str(tmp_path), max_to_keep=2)
    assert again.latest_checkpoint == manager.latest_checkpoint
    assert again.restore_or_initialize() == saved[-1] and int(step) == 6
    assert os.path.basename(again.save(checkpoint_number=20)) == "ckpt-20"


def test_a_damaged_checkpoint_is_an_error(tmp_path: Path) -> None:
    checkpoint, path = saved_pair(functape, tmp_path)
    data = Path(path + ".data-00000-of-00001")
    for file in [each for each in data.rglob("d/*") if each.is_file()]:
        file.write_bytes(bytes(each ^ 0x5A for each in file.read_bytes()))
    with pytest.raises(functape.errors.DataLossError, match="pair"):
        checkpoint.restore(path)
    Path(path + ".index").write_text('{"format": "functape')
    with pytest.raises(functape.errors.DataLossError, match="index"):
        checkpoint.restore(path)


def test_a_checkpoint_of_tensorflow_is_a_clear_error(tmp_path: Path) -> None:
    path = tensorflow.train.Checkpoint(v=tensorflow.Variable(1.0)).save(str(tmp_path / "ckpt"))
    with pytest.raises(functape.errors.UnimplementedError, match="written by TensorFlow"):
        functape.train.Checkpoint(v=functape.Variable(0.0)).restore(path)


SAVING = """
import sys, numpy as np, functape as tf
number, weights = tf.Variable(0), tf.Variable(np.zeros((64, 64), np.float32))
checkpoint = tf.train.Checkpoint(number=number, weights=weights)
manager = tf.train.CheckpointManager(checkpoint, sys.argv[1], max_to_keep=2)
checkpoint.restore(manager.latest_checkpoint)
while True:
    number.assign_add(1)
    weights.assign(tf.fill([64, 64], tf.cast(number, tf.float32)))
    manager.save()
    checkpoint.write(sys.argv[1] + "/same")
    print(int(number), flush=True)
"""


def test_a_killed_save_leaves_the_previous_one(tmp_path: Path) -> None:
    chance = random.Random(1)
    seen = 0
    for _ in range(50 if WHOLE else 3):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVING, str(tmp_path)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        number, weights = functape.Variable(0), functape.Variable(np.zeros((64, 64), np.float32))
        checkpoint = functape.train.Checkpoint(number=number, weights=weights)
        for path in (functape.train.latest_checkpoint(tmp_path), tmp_path / "same"):
            checkpoint.restore(path)
            assert int(number) > seen and (weights.numpy() == int(number)).all()
        assert not rest or int(number) >= int(rest[-1])
        checkpoint.restore(functape.train.latest_checkpoint(tmp_path))
        seen = int(number) - 1


def test_the_arrays_are_an_orbax_checkpoint(tmp_path: Path) -> None:
    import orbax.checkpoint

    _, path = saved_pair(functape, tmp_path)
    arrays = orbax.checkpoint.PyTreeCheckpointer().restore(path + ".data-00000-of-00001")
    assert arrays["d/b/0/.ATTRIBUTES/VARIABLE_VALUE"].tolist() == [2.0, 3.0]


def test_an_iterator_goes_on_where_it_was(tmp_path: Path) -> None:
    dataset = functape.data.Dataset.range(10).batch(2)
    elements = iter(dataset)
    next(elements)
    path = functape.train.Checkpoint(elements=elements).save(tmp_path / "ckpt")
    other = iter(dataset)
    functape.train.Checkpoint(elements=other).restore(path).assert_consumed()
    assert next(other).numpy().tolist() == [2, 3]
