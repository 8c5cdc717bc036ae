"""`functape.explain` names the right cause and the right line, for each cause, before and after the gradient."""

from __future__ import annotations

import inspect
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import functape as tf
from functape._engine._recorder import local

WRONG = "# the line to blame"
"""Marks, in each program, the line that `explain` must name."""


def not_watched():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x  # the line to blame
    return tape, y, x, "not watched"


def not_trainable():
    x = tf.Variable(3.0, trainable=False)
    with tf.GradientTape() as tape:
        y = x * x  # the line to blame
    return tape, y, x, "not watched"


def without_accessed_variables():
    x = tf.Variable(3.0)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        y = x * x  # the line to blame
    return tape, y, x, "not watched"


def watched_too_late():
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        y = x * x  # the line to blame
        tape.watch(x)
    return tape, y, x, "not watched"


def numpy_in_the_middle():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        z = tf.constant(np.sin(y.numpy()))  # the line to blame
        w = z * 2.0
    return tape, w, x, "went through NumPy"


def numpy_at_once():
    x = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        total = np.sum(x)  # the line to blame
        w = tf.square(tf.constant(total))
    return tape, w, x, "went through NumPy"


def a_python_number():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        n = float(x)  # the line to blame
        w = tf.ones([2]) * n
    return tape, w, x, "went through NumPy"


def a_target_made_of_a_number():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        w = tf.constant(float(x) ** 2)  # the line to blame
    return tape, w, x, "went through NumPy"


def integers_on_the_way():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.cast(x * x, tf.int32)  # the line to blame
        w = tf.cast(y, tf.float32) * 2.0
    return tape, w, x, "integer dtype"


def an_index_of_the_largest():
    x = tf.Variable([3.0, 1.0])
    with tf.GradientTape() as tape:
        place = tf.argmax(x)  # the line to blame
        w = tf.cast(place, tf.float32) * 2.0
    return tape, w, x, "integer dtype"


def an_integer_source():
    x = tf.Variable(3)
    with tf.GradientTape() as tape:
        w = tf.cast(x, tf.float32) * 2.0  # the line to blame
    return tape, w, x, "integer dtype"


def before_the_tape():
    x = tf.Variable(3.0)
    y = x * x  # the line to blame
    with tf.GradientTape() as tape:
        w = y * 2.0
    return tape, w, x, "recorded outside the tape"


def after_the_tape():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    w = y * 2.0  # the line to blame
    return tape, w, x, "recorded outside the tape"


def while_it_was_paused():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        with tape.stop_recording():
            z = y * 2.0  # the line to blame
        w = z + 1.0
    return tape, w, x, "recorded outside the tape"


def stopped():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = tf.stop_gradient(x * x)  # the line to blame
        w = y * 2.0
    return tape, w, x, "stopped"


def a_flat_function():
    x = tf.Variable([3.5, 1.0])
    with tf.GradientTape() as tape:
        y = tf.floor(x)  # the line to blame
        w = tf.reduce_sum(y)
    return tape, w, x, "stopped"


def a_gradient_of_none():
    x = tf.Variable(3.0)
    function = tf.custom_gradient(lambda x: (x * 2.0, lambda upstream: None))
    with tf.GradientTape() as tape:
        y = function(x)  # the line to blame
        w = y * 3.0
    return tape, w, x, "stopped"


def not_used():
    x, z = tf.Variable(3.0), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        w = z * z  # the line to blame
    return tape, w, x, "not used"


PROGRAMS = [
    not_watched, not_trainable, without_accessed_variables, watched_too_late, numpy_in_the_middle, numpy_at_once,
    a_python_number, a_target_made_of_a_number, integers_on_the_way, an_index_of_the_largest, an_integer_source,
    before_the_tape, after_the_tape, while_it_was_paused, stopped, a_flat_function, a_gradient_of_none, not_used,
]  # fmt: skip


def blamed(program):
    """The number of the line that is marked."""
    lines, first = inspect.getsourcelines(program)
    return first + next(number for number, line in enumerate(lines) if line.rstrip().endswith(WRONG))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda each: each.__name__)
def test_each_cause(program):
    wanted = f"{__file__}:{blamed(program)} in {program.__name__}"
    for _ in range(2):
        tape, target, source, cause = program()
        explanations = [tf.explain(tape, target, source)]
        assert tape.gradient(target, source) is None
        explanations.append(tf.explain(tape, target, source))
        local.recorder.flush("the step ends")
        explanations.append(tf.explain(tape, target, source))
        for found in explanations:
            assert found.cause.value == cause, found
            assert found.line == wanted, found
            assert wanted.split("/")[-1] in found
            assert repr(found) == str(found)


def test_persistent_tapes_and_structures_of_ops_that_are_the_same():
    """Two programs that record the same are told apart by their lines."""
    lines = set()
    for program in (not_watched, watched_too_late):
        tape, target, source, _ = program()
        lines.add(tf.explain(tape, target, source).line)
    assert len(lines) == 2


def test_what_is_connected_is_said_to_be():
    x = tf.Variable(3.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
    assert tf.explain(tape, y, x).cause.value == "connected"
    assert tape.gradient(y, x).numpy() == 6.0
    assert tf.explain(tape, y, x).cause.value == "connected"


def test_what_is_no_tensor():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert tf.explain(tape, y.numpy(), x).cause.value == "not a tensor"
    assert tf.explain(tape, y, 3.0).cause.value == "not a tensor"
    assert tf.explain(tf.GradientTape(), y, x).cause.value == "recorded outside the tape"


def test_explaining_changes_no_gradient():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
        y.numpy()
        z = y * x
    tf.explain(tape, z, x)
    assert tape.gradient(z, x).numpy() == 27.0


# ---- pictures --------------------------------------------------------------------------------------------------------


def layer():
    w, b, unused = (tf.Variable(value, name=name) for value, name in (([[1.0], [2.0]], "w"), ([0.5], "b"), (1.0, "u")))
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        h = tf.tanh(x @ w + b)
        loss = tf.reduce_mean(tf.stop_gradient(h) * h)
    return tape, loss, [w, b, unused]


def test_text():
    text = str(tf.draw(*layer()))
    lines = text.splitlines()
    assert any("MatMul" in line and "float32[2, 1]" in line and "*" in line for line in lines)
    assert any("StopGradient" in line and "*" not in line for line in lines)
    assert any("w:0" in line and "variable" in line and "watched" in line and "source" in line for line in lines)
    assert any("Mean" in line and "target" in line for line in lines)
    assert any("constant" in line and "float32[2, 2]" in line for line in lines)
    place = next(number for number, line in enumerate(lines) if "u:0" in line)
    assert "no gradient: The target does not depend on 'u:0'" in lines[place + 1]


def test_drawing():
    picture = tf.draw(*layer())
    root = ElementTree.fromstring(picture._repr_svg_())
    boxes = root.findall("{http://www.w3.org/2000/svg}g")
    assert len(boxes) == len(picture.boxes) == 10
    assert root.tag.endswith("svg") and picture.svg == picture._repr_svg_()
    hints = [box.find("{http://www.w3.org/2000/svg}title").text or "" for box in boxes]
    assert any("test_explain.py" in hint for hint in hints)
    assert any("does not depend on 'u:0'" in hint for hint in hints)


def test_pictures_after_the_gradient():
    tape, loss, sources = layer()
    before = str(tf.draw(tape, loss, sources))
    tape.gradient(loss, sources)
    local.recorder.flush("the step ends")
    after = str(tf.draw(tape, loss, sources))
    assert [line for line in after.splitlines() if "*" in line] == [line for line in before.splitlines() if "*" in line]


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="never on"):
        tf.draw(tf.GradientTape(), tf.constant(1.0), tf.constant(2.0))
    tape, loss, _ = layer()
    with pytest.raises(TypeError, match="Only tensors"):
        tf.draw(tape, loss, [1.0])
