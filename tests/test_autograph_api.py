"""`tf.autograph`: names, signatures, what is converted and what is not."""

from __future__ import annotations

import functools
import inspect
import logging
import textwrap

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome

import functape
from functape.function._autograph import convert, convert_callback
from functape.function._autograph._rules import is_builtin, is_library, runs_unconverted

program = Table()
error = Table()


def absolute(x):
    """Its docstring."""
    if x > 0:
        return x
    return -x


@pytest.mark.parametrize("name", ["to_graph", "to_code", "trace", "set_verbosity"])
def test_signatures(name):
    theirs, ours = (inspect.signature(getattr(tf.autograph, name)) for tf in (tensorflow, functape))
    assert [(p.name, p.kind, p.default) for p in ours.parameters.values()] == [
        (p.name, p.kind, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize("name", ["do_not_convert", "set_loop_options"])
def test_experimental_signatures(name):
    theirs, ours = (inspect.signature(getattr(tf.autograph.experimental, name)) for tf in (tensorflow, functape))
    assert list(ours.parameters) == list(theirs.parameters)


def test_features():
    theirs, ours = (tf.autograph.experimental.Feature for tf in (tensorflow, functape))
    assert [(each.name, each.value) for each in ours] == [(each.name, each.value) for each in theirs]
    assert {each.name for each in ours.all_but([ours.LISTS])} == {each.name for each in theirs.all_but([theirs.LISTS])}
    assert [each.name for each in ours.all()] == [each.name for each in theirs.all()]


@program
def converted_functions_run_eagerly(tf):
    made = tf.autograph.to_graph(absolute)
    return made(tf.constant(-2.0)), made(tf.constant(2.0)), made(-3), made.__name__, made.__doc__


@program
def converted_loops_run_eagerly(tf):
    def function(n):
        total = 0
        for i in tf.range(n):
            if i == 3:
                break
            total += i
        while total < 100:
            total = total * 2 + 1
        return total

    return tf.autograph.to_graph(function)(tf.constant(10))


@program
def the_first_line_of_the_code(tf):
    return tf.autograph.to_code(absolute).splitlines()[0], tf.autograph.to_code(lambda x: x)[:12]


@program
def do_not_convert_as_decorator_with_and_without_call(tf):
    @tf.autograph.experimental.do_not_convert
    def one(x):
        return x * 2

    @tf.autograph.experimental.do_not_convert()
    def two(x, k=3):
        return x * k

    class Thing:
        @tf.autograph.experimental.do_not_convert
        def method(self, x):
            return x + 1

    function = tf.function(lambda x: (one(x), two(x), two(x, k=5), Thing().method(x)))
    return function(tf.constant(2)), one.__name__


@program
def functions_without_autograph(tf):
    @tf.function(autograph=False)
    def function(x, flag):
        return x * 2 if flag else x

    return function(tf.constant(2), True), function(tf.constant(2), False)


@program
def functions_of_a_list_feature(tf):
    def function(x):
        values = [x, x]
        values.append(x * 2.0)
        last = values.pop()
        values[0] = last
        return values[0] + values[1]

    return tf.autograph.to_graph(function)(tf.constant(2.0))


@program
def run_functions_eagerly(tf):
    function = tf.function(absolute)
    tf.config.run_functions_eagerly(True)
    try:
        return function(tf.constant(-2.0)), tf.config.functions_run_eagerly()
    finally:
        tf.config.run_functions_eagerly(False)


@program.each()
def test_programs(program):
    assert_same_outcome(program)


@error
def to_graph_of_a_number(tf):
    tf.autograph.to_graph(3)


@error
def to_graph_of_a_builtin(tf):
    tf.autograph.to_graph(len)


@error
def to_code_of_a_function_object(tf):
    tf.autograph.to_code(tf.function(absolute))


@error
def a_condition_without_autograph(tf):
    tf.function(absolute, autograph=False)(tf.constant(1.0))


@error
def a_condition_in_a_function_left_as_it_is(tf):
    tf.function(tf.autograph.experimental.do_not_convert(absolute))(tf.constant(1.0))


@error
def a_condition_in_a_call_without_autograph(tf):
    helper = tf.autograph.experimental.do_not_convert(lambda x: absolute(x))
    tf.function(lambda x: helper(x))(tf.constant(1.0))


@error.each()
def test_errors(program):
    assert_same_error(program)


def test_trace_prints_while_tracing(capsys):
    @functape.function
    def function(x):
        functape.autograph.trace("tracing", x.dtype.name)
        return x

    function(functape.constant(1.0))
    function(functape.constant(2.0))
    assert capsys.readouterr().out == "tracing float32\n"


def test_verbosity(caplog, capsys):
    functape.autograph.set_verbosity(2, alsologtostdout=True)
    try:
        with caplog.at_level(logging.INFO, logger="functape"):
            functape.autograph.to_graph(lambda q: q + 1)
        assert any("becomes" in record.getMessage() for record in caplog.records)
        assert "ag__" in capsys.readouterr().out
    finally:
        functape.autograph.set_verbosity(0)


def test_the_code_is_python_that_can_be_read():
    code = functape.autograph.to_code(absolute)
    compile(textwrap.dedent(code), "<code>", "exec")
    assert "ag__.if_stmt(" in code


def test_a_function_is_converted_once_whatever_its_closure():
    from functape.function._autograph._calls import transpiler

    def made(k):
        def function(x):
            return x * k

        return function

    one, two = made(2), made(3)
    assert convert(one)(5) == 10
    known = dict(transpiler()._converted[one])
    assert convert(two)(5) == 15
    assert dict(transpiler()._converted[two]) == known


def test_the_shared_rules_of_the_library_are_untouched():
    from malt.core import config
    from malt.impl import api

    convert(absolute)(3)
    assert not any("functape" in str(rule) for rule in config.CONVERSION_RULES)
    assert not api._TRANSPILER._cache.has(absolute, None)


class User(functape.Module):
    def __call__(self, x):
        return absolute(x)


@pytest.mark.parametrize(
    ("function", "as_it_is"),
    [
        (absolute, False),
        (User().__call__, False),
        (functape.reduce_sum, True),
        (np.mean, True),
        (textwrap.dedent, True),
        (logging.getLogger("x").info, True),
    ],
)
def test_what_is_a_library(function, as_it_is):
    assert is_library(getattr(function, "__func__", function)) is as_it_is


def test_what_runs_as_it_is():
    def generator():
        yield 1

    async def coroutine():
        return 1

    @functools.lru_cache
    def cached(x):
        return x

    for each in (generator, coroutine, cached, User, dict, functape.function(absolute), functape.keras.losses.Loss):
        assert runs_unconverted(each) or is_builtin(each), each
    assert not runs_unconverted(absolute)
    assert not runs_unconverted(User())


def test_callbacks_are_converted_where_the_caller_is():
    seen = []

    def apply(function, x):
        seen.append(convert_callback(function) is not function)
        return convert_callback(function)(x)

    converted = functape.function(lambda x: apply(absolute, x))
    assert converted(functape.constant(-2.0)).numpy() == 2.0
    assert seen == [True]
    assert convert_callback(absolute) is absolute


def test_options_reach_the_functions_called():
    def outer(x):
        return absolute(x)

    made = functape.autograph.to_graph(outer, recursive=False)
    with pytest.raises(functape.errors.OperatorNotAllowedInGraphError):
        functape.function(made)(functape.constant(1.0))


@pytest.mark.parametrize("feature", list(functape.autograph.experimental.Feature))
def test_every_feature(feature):
    def function(x):
        values = [x]
        values.append(x + 1.0)
        if values[1] == 3.0 and x != 1.0:
            x = x * 10.0
        return x + values[0]

    converted = functape.function(function, experimental_autograph_options=feature)
    assert converted(functape.constant(2.0)).numpy() == 22.0


def test_print_as_a_feature(capfd):
    feature = functape.autograph.experimental.Feature.BUILTIN_FUNCTIONS

    @functape.function(experimental_autograph_options=feature)
    def function(x):
        print("value", x, "and", 2, sep="; ")
        return x

    function(functape.constant(1.0))
    function(functape.constant(2.0))
    assert capfd.readouterr().out == "value; 1; and; 2\nvalue; 2; and; 2\n"
