"""The C extension of the recording hot path: it is there wherever it can be built, and does what Python does."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import sysconfig
import weakref
from pathlib import Path

import numpy as np
import pytest

import functape as tf
from functape._engine import _recorder
from functape._engine._avals import aval
from functape._engine._cache import cache
from functape._engine._compat import HELD_ONCE
from functape._engine._hot import in_python, native
from functape._engine._recorder import local, new_tensor
from functape._ops import _operators as rows

NAMES = ("values", "unshared", "give", "share", "references", "adopt")
PYTHON = dict(zip(NAMES, in_python, strict=True))
IMPLEMENTATIONS = [PYTHON] + ([] if native is None else [{name: getattr(native, name) for name in NAMES}])
ROOT = Path(__file__).parent.parent
STAND_ON_IT = ("recorder", "steady_state", "tape", "tape_replay", "operators", "variables", "budgets")
"""Tests of what the extension does, run without it too."""


def a_compiler_is_here():
    compiler = (sysconfig.get_config_var("CC") or "").split()[:1]
    return (
        bool(compiler)
        and shutil.which(compiler[0]) is not None
        and (Path(sysconfig.get_path("include")) / "Python.h").exists()
    )


def test_it_is_built_wherever_there_is_a_compiler():
    if os.environ.get("FUNCTAPE_NATIVE") == "0":
        assert native is None
    elif a_compiler_is_here():
        assert native is not None


STRICT = "-Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers"


def built(folder, **variables):
    """What building the extension in a folder of its own says."""
    (folder / "functape" / "_engine").mkdir(parents=True)
    for path in ("hatch_build.py", "functape/_engine/_native.c"):
        shutil.copy(ROOT / path, folder / path)
    done = subprocess.run(
        [sys.executable, "-c", "import hatch_build; print(hatch_build.compile_extension())"],
        env={**os.environ, **variables},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[-2], done.stderr, list(folder.rglob("_native.*"))


@pytest.mark.skipif(not a_compiler_is_here(), reason="there is no compiler here: nothing to build with")
def test_it_builds_without_a_warning(tmp_path):
    said, errors, files = built(tmp_path, CFLAGS=STRICT)
    assert said.startswith(str(Path("functape") / "_engine" / "_native.")), errors
    assert [str(path.relative_to(tmp_path)) for path in files if path.suffix != ".c"] == [said]


def test_without_a_compiler_nothing_is_built(tmp_path):
    said, _, files = built(tmp_path, CC=str(tmp_path / "no-compiler"))
    assert said == "None"
    assert [path.suffix for path in files if path.suffix != ".c"] == []


def without(*command):
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "FUNCTAPE_NATIVE": "0"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_recording_is_the_same_without_it():
    files = [f"tests/test_{name}.py" for name in STAND_ON_IT]
    done = without("-m", "pytest", "-p", "no:cacheprovider", *files)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "100%" in done.stdout


def test_the_environment_leaves_it_out():
    done = without("-c", "from functape._engine._hot import native; print(native)")
    assert done.stdout.strip() == "None"


@pytest.mark.skipif(native is None, reason="there is no compiler here: nothing to compare with Python")
def test_one_of_another_version_is_left_out():
    """What was built from another source must not be used: it would read fields that are elsewhere now."""
    code = (
        "import functape._engine._native as built, logging; logging.basicConfig(format='%(message)s'); "
        "built.VERSION = 0; import sys; [sys.modules.pop(name) for name in list(sys.modules) "
        "if name.startswith('functape') and name != 'functape._engine._native']; "
        "from functape._engine._hot import native; print(native)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == "None"
    assert "Install functape again" in done.stderr


# ---- tensors ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(native is None, reason="there is no compiler here: nothing to count")
def test_tensors_are_no_new_objects_to_the_garbage_collector():
    """What a step makes and drops again must not bring the next full collection nearer."""
    w = tf.Variable([1.0])
    optimizer = tf.keras.optimizers.SGD(0.1)

    def step():
        with tf.GradientTape() as tape:
            y = w * 2.0
            for _ in range(2 * gc.get_threshold()[0]):
                y = y + 0.5
        optimizer.apply_gradients([(tape.gradient(y, w), w)])

    for _ in range(4):
        step()
    gc.collect()
    before = gc.get_stats()[0]["collections"]
    for _ in range(5):
        step()
    assert gc.get_stats()[0]["collections"] == before


def test_a_tensor_made_where_another_was_knows_nothing_of_it():
    w = tf.Variable([1.0, 2.0, 3.0])
    for _ in range(3):
        used = [w[:2], w.read_value(), tf.constant([1.0]) * 2.0]
        assert all(len(each.numpy()) for each in used)
        ends = [weakref.ref(each) for each in used]
        del used
        gc.collect()
        assert [end() for end in ends] == [None] * 3
        made = [new_tensor() for _ in range(8)]
        slots = ("aval", "home", "slot", "value", "variable", "origin")
        assert not [name for each in made for name in slots if hasattr(each, name)]
        assert [weakref.getweakrefcount(each) for each in made] == [0] * 8


def test_a_class_of_tensors_of_ones_own_ends_as_others_do():
    class Marked(tf.Tensor):
        """A tensor with a field more."""

    made = Marked.__new__(Marked)
    made.mark = [made]
    end = weakref.ref(made)
    del made
    gc.collect()
    assert end() is None


@pytest.mark.skipif(native is None, reason="there is no compiler here: nothing that stays behind")
def test_the_package_can_be_imported_again():
    """The extension stays loaded when the package is imported anew, and then serves the new classes."""
    code = (
        "import sys, functape as old; kept = old.constant([1.0]) * 2.0; more = [kept + 1.0 for _ in range(100)]; "
        "[sys.modules.pop(name) for name in list(sys.modules) if name.startswith('functape')]; "
        "import functape as new; assert new is not old; x = new.Variable([3.0]); made = (x * 2.0 + 1.0).numpy(); "
        "del more, kept; again = [x * 2.0 for _ in range(300)]; print(made, again[-1].numpy())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.strip() == "[7.] [6.]", done.stderr


# ---- recording -------------------------------------------------------------------------------------------------------


def operands():
    """Arguments of a binary op, by name: what is pending, what enters, what converts and what cannot."""
    x, w = tf.constant([1.0, 2.0]), tf.Variable([3.0, 4.0])
    y = x * 2.0
    return {
        "pending": (y, y),
        "pending and entering": (y, x),
        "entering twice": (x, x),
        "variable": (w, y),
        "variable twice": (w, w),
        "read variable": (w.assign_add([1.0, 1.0]), y),
        "float": (y, 2.0),
        "int": (y, 3),
        "bool": (tf.constant([True, False]), True),
        "number first": (2.0, w),
        "array": (y, np.array([1.0, 2.0], np.float32)),
        "array of doubles": (y, np.array([1.0, 2.0])),
        "list": (y, [1.0, 2.0]),
        "host array twice": (tf.constant(np.ones(2)), tf.constant(np.ones(2))),
        "none": (y, None),
        "string": (y, "text"),
        "string tensor": (y, tf.constant("text")),
        "object": (y, object()),
        "other dtype": (y, tf.constant([1, 2])),
        "other shape": (y, tf.constant([1.0, 2.0, 3.0])),
        "keras input": (tf.keras.Input([2]), y),
        "ragged": (tf.ragged.constant([[1.0], [2.0, 3.0]]), 2.0),
    }


CASES = sorted(operands())


def outcome(record, case, op):
    """What recording gives: the place in the trie and the value, or the error; and what it leaves behind."""
    local.recorder.flush("a case begins")
    states, args = None, operands()[case]
    local.recorder.flush("its arguments are there")
    try:
        made = record(op, (), args)
        state = local.recorder.state
        result = made.to_list() if isinstance(made, tf.RaggedTensor) else getattr(made, "numpy", lambda: repr(made))()
        return state, cache.states, repr(result)
    except Exception as error:
        recorder = local.recorder
        left = len(recorder.outputs), len(recorder.inputs), len(recorder.slots)
        return states, type(error), str(error).split(" at 0x")[0], left


@pytest.mark.parametrize("op", [rows.ADD, rows.MULTIPLY, rows.LESS], ids=lambda op: op.name)
@pytest.mark.parametrize("case", CASES)
def test_an_op_is_recorded_as_in_python(case, op):
    def first(op, statics, args):
        return _recorder.record_in_python(op, statics, args)

    # Recorded once, so that the second and third time take the way that exists.
    outcome(first, case, op)
    assert outcome(_recorder.record, case, op) == outcome(first, case, op)


def test_an_op_of_several_outputs_is_recorded_as_in_python():
    from functape._ops._shaping import SPLIT

    x = tf.constant([1.0, 2.0, 3.0, 4.0])

    def split(record):
        local.recorder.flush("a case begins")
        made = record(SPLIT, ((2, 2), 0), (x,))
        state = local.recorder.state
        return state, [each.slot for each in made], [each.numpy().tolist() for each in made], type(made)

    split(_recorder.record_multiple_in_python)
    assert split(_recorder.record_multiple) == split(_recorder.record_multiple_in_python)


def test_attributes_that_are_lists_are_frozen():
    x = tf.constant([[1.0, 2.0]])
    for record in (_recorder.record, _recorder.record_in_python):
        assert record(rows.CAST, (np.float64,), (x,)).dtype is tf.float64
    assert tf.transpose(x, [1, 0]).shape == [2, 1]
    assert tf.reshape(x, [2]).numpy().tolist() == [1.0, 2.0]


def test_operators_bind_like_methods():
    x = tf.constant([1.0, 2.0])
    add = x.__add__
    assert add(1.0).numpy().tolist() == [2.0, 3.0]
    assert tf.Tensor.__mul__(x, 2.0).numpy().tolist() == [2.0, 4.0]
    assert tf.Variable.__sub__(tf.Variable(3.0), 1.0).numpy() == 2.0
    with pytest.raises(TypeError):
        tf.Tensor.__add__(x)


def test_nothing_recorded_is_kept_for_ever():
    w, x = tf.Variable([1.0, 2.0]), tf.constant([3.0, 4.0])
    optimizer = tf.keras.optimizers.Adam(0.1)
    probes = []

    def step():
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.tanh(w * x + 1.0))
        (gradient,) = tape.gradient(y, [w])
        optimizer.apply_gradients([(gradient, w)])
        probes[:] = [weakref.ref(each) for each in (y, gradient)]

    for _ in range(5):
        step()
    assert [probe() for probe in probes] == [None, None]
    watched = [rows.MULTIPLY, w.tensor.aval, x.aval, x, w, tf.Tensor, local.recorder]
    gc.collect()
    before = [sys.getrefcount(each) for each in watched], len(gc.get_objects())
    for _ in range(500):
        step()
    gc.collect()
    after = [sys.getrefcount(each) for each in watched], len(gc.get_objects())
    assert after[0] == before[0]
    assert after[1] - before[1] < 50


# ---- running ---------------------------------------------------------------------------------------------------------


def held(value):
    tensor = new_tensor()
    tensor.aval = aval((), np.float32)
    tensor.home = None
    tensor.value = value
    return tensor


@pytest.fixture(params=IMPLEMENTATIONS, ids=["Python", "C"][: len(IMPLEMENTATIONS)])
def hot(request):
    return request.param


def test_values(hot):
    tensors = [held(each) for each in ("a", "b", "c")]
    assert hot["values"](tensors, (2, 0)) == ["c", "a"]
    assert hot["values"](tensors, ()) == []
    del tensors[1].value
    with pytest.raises(AttributeError):
        hot["values"](tensors, (0, 1))
    with pytest.raises(IndexError):
        hot["values"](tensors, (3,))


class Buffer:
    """Stands for an array."""


def test_unshared(hot):
    inputs = [held(Buffer()), 1.0, held((Buffer(), Buffer()))]
    arguments = ["first", inputs[0].value, inputs[2].value]

    def unshared():
        return hot["unshared"](inputs, (0, 2), arguments, (1, 2))

    assert unshared()
    holder = inputs[0]
    assert not unshared()
    del holder
    assert unshared()
    value = arguments[1]
    assert not unshared()
    del value
    leaf = arguments[2][1]
    assert not unshared()
    del leaf
    assert unshared()


@pytest.mark.parametrize("kind", [list, dict])
def test_give_and_share(hot, kind):
    tensors = [held(None) for _ in range(4)]
    outputs = tensors if kind is list else dict(enumerate(tensors))
    hot["give"](outputs, (3, 0), ("x", "y", "not asked for"))
    assert [each.value for each in tensors] == ["y", None, None, "x"]
    hot["share"](outputs, (1, 2), "z")
    assert [each.value for each in tensors] == ["y", "z", "z", "x"]
    with pytest.raises((IndexError, KeyError)):
        hot["give"](outputs, (4,), ("x",))


def test_references(hot):
    outputs = [held(None) for _ in range(3)]
    kept = outputs[1]
    many = [outputs[2]] * 300
    counts = hot["references"](outputs)
    assert (counts[0], counts[1]) == (HELD_ONCE, HELD_ONCE + 1)
    assert counts[2] > HELD_ONCE + 1
    assert counts == hot["references"](outputs)
    assert hash(counts) == hash(hot["references"](outputs))
    assert kept is many[0] or len(many) == 300


def test_adopt(hot):
    variables = tf.Variable(1.0), tf.Variable(2.0)
    tensors = tuple(held(np.float32(each)) for each in (3.0, 4.0, 5.0))
    hot["adopt"](variables, tensors, tuple(each._weak for each in variables))
    assert [each.numpy() for each in variables] == [3.0, 4.0]
    assert [each.variable() for each in tensors[:2]] == list(variables)
    assert not hasattr(tensors[2], "variable")


@pytest.mark.skipif(native is None, reason="there is no compiler here: nothing to misuse")
@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("record", (rows.ADD,)),
        ("record_one", ()),
        ("record_multiple", (rows.ADD, ())),
        ("follow", (None, (1, 2, 3))),
        ("binary", (rows.ADD,)),
        ("values", ([], [])),
        ("unshared", ([], (0,), [], ())),
        ("give", ([], (), None)),
        ("share", ([], [], None)),
        ("references", ((),)),
        ("adopt", ((1,), (2,), (3,))),
        ("install", (None, (int,) * 9, None, (None,) * 4, 1)),
    ],
)
def test_misuse_is_an_error(name, args):
    with pytest.raises((TypeError, AttributeError)):
        getattr(native, name)(*args)
    assert (tf.constant(2.0) * 3.0).numpy() == 6.0
