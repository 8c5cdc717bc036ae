"""What goes wrong in converted functions: TensorFlow's exception types, the variable's name, the user's own line."""

from __future__ import annotations

import inspect
import traceback

import numpy as np
import pytest
from flows import Flows, errors

import functape

flow = Flows()
ONE = np.float32(1.0)
PAIR = np.array([1.0, 2.0], np.float32)
FLAGS = np.array([True, False])

NAMED: dict[str, tuple[str, ...]] = {}
"""For a program, what functape's message must say."""


def says(*parts):
    """A decorator for what functape's message must say besides the file of this test."""

    def add(build):
        NAMED[build.__name__] = parts
        return build

    return add


@says("'y' must also be initialized in the else branch", "if x > 0:  # here")
@flow(ONE)
def undefined_in_one_branch(tf):
    def function(x):
        if x > 0:  # here
            y = x
        return y

    return function


@says("'y' must also be initialized in the main branch")
@flow(ONE)
def undefined_in_the_main_branch(tf):
    def function(x):
        if x > 0:
            pass
        else:
            y = x
        return y

    return function


@says("else branch must also have a return statement")
@flow(ONE)
def return_in_one_branch(tf):
    def function(x):
        if x > 0:
            return x

    return function


@says("'y' is None at the end of the else branch")
@flow(ONE)
def none_in_one_branch(tf):
    def function(x):
        if x > 0:
            y = x
        else:
            y = None
        return y

    return function


@says("'y' is None at the end of the main branch")
@flow(ONE)
def none_in_both_branches(tf):
    def function(x):
        y = None
        if x > 0:
            y = None
        return y

    return function


@says("'y' has dtype int32 in the main branch, but dtype float32 in the else branch", "tf.cast")
@flow(ONE)
def dtype_differs_between_branches(tf):
    def function(x):
        if x > 0:
            y = tf.constant(1)
        else:
            y = tf.constant(1.0)
        return y

    return function


@says("'y' has dtype int32 in the main branch, but dtype float32 in the else branch")
@flow(ONE)
def python_numbers_differ_between_branches(tf):
    def function(x):
        if x > 0:
            y = 1
        else:
            y = 2.0
        return y

    return function


@says("'y' must have the same nested structure", "2 and 3 elements")
@flow(ONE)
def structure_differs_between_branches(tf):
    def function(x):
        if x > 0:
            y = (1, 2)
        else:
            y = (1, 2, 3)
        return y

    return function


@says("y['b']", "must also be initialized in the else branch")
@flow(ONE)
def new_item_in_one_branch(tf):
    def function(x):
        y = {"a": x}
        if x > 0:
            y["b"] = x
        return y

    return function


@says("'x > 0' has dtype int32 in the main branch")
@flow(ONE)
def conditional_expression_of_two_dtypes(tf):
    def function(x):
        return 1 if x > 0 else 2.0

    return function


@says("'x > 0' is None at the end of the else branch")
@flow(ONE)
def conditional_expression_with_none(tf):
    def function(x):
        return x if x > 0 else None

    return function


@says("condition of if statement expected to be `tf.bool` scalar", "tf.cast")
@flow(ONE)
def condition_is_a_number(tf):
    def function(x):
        if x:
            return x
        return x + 1.0

    return function


@says("condition of if statement expected to be `tf.bool` scalar", "tf.reduce_all")
@flow(FLAGS)
def condition_is_no_scalar(tf):
    def function(x):
        if x:
            return 1
        return 2

    return function


@says("condition of while loop expected to be `tf.bool` scalar")
@flow(ONE)
def loop_condition_is_a_number(tf):
    def function(x):
        while x:
            x = x - 1.0
        return x

    return function


@says("`and`")
@flow(ONE)
def and_of_two_dtypes(tf):
    def function(x):
        return x > 0 and x

    return function


@flow(ONE)
def not_of_a_number(tf):
    def function(x):
        return not x

    return function


@says(
    "'x' has shape (2,) before the loop, but shape (4,) after one iteration", "shape invariants", "for _ in tf.range(3)"
)
@flow(PAIR)
def shape_changes_in_a_loop(tf):
    def function(x):
        for _ in tf.range(3):
            x = tf.concat([x, x], 0)
        return x

    return function


@says("'x' has dtype float32 before the loop, but dtype int32 after one iteration")
@flow(ONE)
def dtype_changes_in_a_loop(tf):
    def function(x):
        for _ in tf.range(3):
            x = tf.cast(x, tf.int32)
        return x

    return function


@says("total")
@flow(ONE)
def python_int_meets_a_float_tensor_in_a_loop(tf):
    def function(x):
        total = 0
        for _ in tf.range(3):
            total = total + x
        return total

    return function


@says("'s' does not have the same nested structure after one iteration")
@flow(ONE)
def structure_changes_in_a_loop(tf):
    def function(x):
        s = (x, x)
        for _ in tf.range(3):
            s = (x, x, x)
        return s

    return function


@says("'values' does not have the same nested structure after one iteration", "tf.TensorArray")
@flow(ONE)
def list_grows_in_a_loop(tf):
    def function(x):
        values = [x]
        for _ in tf.range(3):
            values = values + [x]
        return values

    return function


@says("'x' is None at the end of the iteration")
@flow(ONE)
def none_after_an_iteration(tf):
    def function(x):
        for _ in tf.range(3):
            x = None
        return x

    return function


@says("return statement cannot be placed inside this loop")
@flow(ONE)
def return_in_a_tensor_loop(tf):
    def function(x):
        for _ in tf.range(3):
            if x > 0:
                return x
            x = x + 1.0
        return x

    return function


@says("must iterate at least once to initialize y")
@flow(ONE)
def first_value_in_a_loop_that_does_not_run(tf):
    def function(x):
        while x < 0.0:
            y = x
            x = x + 1.0
        return y

    return function


@says("must iterate at least once to initialize y")
@flow(np.int32(0))
def first_value_in_a_for_loop_that_does_not_run(tf):
    def function(n):
        for i in tf.range(n):
            y = i
        return y

    return function


@says("became a tensor later")
@flow(np.int32(1))
def while_condition_becomes_a_tensor(tf):
    def function(x):
        i = 0
        while i < 3:
            i = i + x
        return i

    return function


@says("became a tensor later")
@flow(np.int32(1))
def while_true_with_a_tensor_break(tf):
    def function(x):
        i = 0
        while True:
            i += 1
            if i > x:
                break
        return i

    return function


@says("tf.range(n)")
@flow(np.int32(1))
def python_loop_with_a_tensor_break(tf):
    def function(x):
        i = 0
        for _ in range(3):
            i += 1
            if i > x:
                break
        return i

    return function


@flow(ONE)
def iterating_over_a_scalar(tf):
    def function(x):
        for y in x:
            x = x + y
        return x

    return function


@flow(PAIR)
def enumerating_a_tensor(tf):
    def function(x):
        for i, y in enumerate(x):
            x = x + y * i
        return x

    return function


@flow(PAIR)
def comprehension_over_a_tensor(tf):
    def function(x):
        return [y * 2.0 for y in x]

    return function


@flow(PAIR)
def maximum_of_a_tensor(tf):
    def function(x):
        return max(x)

    return function


@flow(ONE)
def deleted_variable(tf):
    def function(x):
        del x
        return x  # noqa: F821

    return function


@says('raise ValueError("negative")  # here')
@flow(ONE)
def raise_in_a_recorded_branch(tf):
    def function(x):
        if x < 0:
            raise ValueError("negative")  # here
        return x

    return function


@flow(ONE)
def unconverted_function(tf):
    @tf.autograph.experimental.do_not_convert
    def plain(x):
        return x if x > 0 else -x

    def function(x):
        return plain(x)

    return function


@says("deep(x)  # here", "missing_name", "return deeper(x)")
@flow(ONE)
def error_in_a_called_function(tf):
    def deeper(x):
        for _ in tf.range(2):
            x = x + missing_name  # noqa: F821
        return x

    def deep(x):
        return deeper(x)

    def function(x):
        return deep(x)  # here

    return function


@flow.each()
def test_both_raise(build, calls):
    theirs, ours = errors(build, calls)
    assert theirs is not None, "TensorFlow raises nothing"
    assert type(ours).__name__ == type(theirs).__name__, f"TensorFlow raises {theirs!r}; functape {ours!r}"
    for part in NAMED.get(build.__name__, ()):
        assert part in str(ours), str(ours)
    if "initialize" not in str(theirs) or "branch" in str(theirs):
        assert "in user code:" in str(ours)
        assert __file__ in str(ours), "the message points at the user's file"
        assert __file__ in [frame.filename for frame in traceback.extract_tb(ours.__traceback__)]


def test_the_message_has_the_line_of_the_mistake():
    def function(x):
        y = x
        for _ in functape.range(3):
            if y > 0:
                y = functape.matmul(y, y)
        return y

    with pytest.raises(Exception, match="in user code") as caught:
        functape.function(function)(functape.constant(1.0))
    first = inspect.getsourcelines(function)[1]
    assert f"line {first + 4}, in function  *\n        y = functape.matmul(y, y)" in str(caught.value)
    lines = [frame.lineno for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename == __file__]
    assert first + 4 in lines


def test_an_exception_of_the_users_own_keeps_its_class_and_attributes():
    class Special(Exception):
        def __init__(self, code, text):
            super().__init__(code, text)
            self.code = code

    def function(x):
        raise Special(3, "text")

    with pytest.raises(Special) as caught:
        functape.function(function)(functape.constant(1.0))
    assert caught.value.code == 3
    assert caught.value.args == (3, "text")
    assert any("in user code" in note for note in caught.value.__notes__)


def test_a_failure_leaves_variables_and_objects_as_they_were():
    class Box:
        value = 1.0

    v = functape.Variable(1.0)
    box = Box()

    def function(x):
        if x > 0:
            v.assign(5.0)
            box.value = x
            raise ValueError("no")
        return x

    with pytest.raises(ValueError, match="no"):
        functape.function(function)(functape.constant(1.0))
    assert v.numpy() == 1.0
    assert box.value == 1.0
