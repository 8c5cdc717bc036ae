"""`tf.function` beside TensorFlow: values, traces counted, errors, state, and no second trace for the same "
"signature."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome

import functape
from functape.function import _function

programs = Table()
failures = Table()
Pair = namedtuple("Pair", "first second")


def counted(tf: Any, function: Any, calls: list[Any], **options: Any) -> list[int]:
    """How often a function is traced in total after each of some calls."""
    traced = tf.function(function, autograph=False, **options)
    counts = []
    for args in calls:
        traced(*args)
        counts.append(traced.experimental_get_tracing_count())
    return counts


@programs
def structures_in_and_out(tf):
    @tf.function(autograph=False)
    def f(x, pair, *rest, scale=2.0, **named):
        return {"a": x * scale, "b": [pair.first + pair.second, None, Pair(rest[0], named["z"])], "c": (1, 2.5)}

    return f(tf.constant(1.0), Pair(tf.constant([1, 2]), tf.constant(3)), tf.constant(4.0), z=tf.constant([True]))


@programs
def traces_by_spec_and_value(tf):
    one, two = tf.constant(1.0), tf.constant([1.0, 2.0])
    calls = [(one,), (tf.constant(5.0),), (two,), (np.float32(3),), (np.ones(2, np.float32),), (np.ones(2),)]
    calls += [
        (1,),
        (1.0,),
        (True,),
        (2,),
        ("a",),
        (None,),
        ((1, 2),),
        ([1, 2],),
        ([1, 2],),
        ({"a": one},),
        ({"a": two},),
    ]
    return counted(tf, lambda x: 0, calls)


@programs
def traces_by_identity_of_objects(tf):
    class Thing:
        pass

    a, b = Thing(), Thing()
    return counted(tf, lambda x: 0, [(a,), (b,), (a,), (len,), (len,), (tf.float32,), (tf.float32,)])


@programs
def traces_of_variables(tf):
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    counts = counted(tf, lambda x, y=None: 0, [(v,), (w,), (v, w), (v, v), (w, v)])
    double = tf.function(lambda x: x * 2.0, autograph=False)
    return counts, double(v), double(w)


@programs
def traces_of_keywords(tf):
    traced = tf.function(lambda x, y=None: 0, autograph=False)
    counts = []
    for call in (
        lambda: traced(tf.constant(3), y=tf.constant(3)),
        lambda: traced(y=tf.constant(4), x=tf.constant(3)),
        lambda: traced(tf.constant(1), tf.constant(2)),
        lambda: traced(tf.constant(1)),
        lambda: traced(tf.constant(1), None),
    ):
        call()
        counts.append(traced.experimental_get_tracing_count())
    return counts


@programs
def reduced_retracing(tf):
    return counted(tf, lambda x: x * 2, [(tf.ones(n),) for n in range(1, 6)], reduce_retracing=True)


@programs
def input_signature(tf):
    f = tf.function(lambda x: x * 2.0, input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False)
    made = [f(tf.ones(2)), f(tf.ones(5)), f([1, 2]), f(np.ones(3))]
    return made, f.experimental_get_tracing_count()


@programs
def concrete_functions(tf):
    f = tf.function(lambda x, n: x * n, autograph=False)
    g = f.get_concrete_function(tf.TensorSpec([2], tf.float32), 3)
    return g(tf.constant([1.0, 2.0])), g(x=tf.constant([1.0, 2.0])), f.experimental_get_tracing_count()


@programs
def effects_happen_once_a_trace(tf):
    seen = []

    @tf.function(autograph=False)
    def f(x):
        seen.append("traced")
        return x + 1

    return [f(tf.constant(1)), f(tf.constant(2)), f(tf.constant(1.0))], seen


@programs
def variables_are_read_and_written(tf):
    v = tf.Variable([1.0, 2.0])
    w = tf.Variable(3, dtype=tf.int64)

    @tf.function(autograph=False)
    def f(x):
        v.assign_add(x)
        w.assign(7)
        v[0].assign(10.0)
        return v * 2.0, v

    return f(tf.constant([1.0, 1.0])), f(tf.constant([1.0, 1.0])), v, w


@programs
def variables_made_on_the_first_call(tf):
    class Layer(tf.Module):
        def __init__(self):
            super().__init__()
            self.w = None

        @tf.function(autograph=False)
        def __call__(self, x):
            if self.w is None:
                self.w = tf.Variable(tf.ones([2]) * 3.0)
                self.b = tf.Variable(lambda: tf.zeros([2]))
            return x * self.w + self.b

    layer, other = Layer(), Layer()
    first = layer(tf.constant([1.0, 2.0]))
    return (
        first,
        layer(tf.constant(2.0)),
        layer.__call__.experimental_get_tracing_count(),
        len(layer.variables),
        other.w,
    )


@programs
def gradients_through_a_function(tf):
    v = tf.Variable(3.0)
    x = tf.constant(2.0)
    inner = tf.function(lambda x: v * x**3, autograph=False)
    outer = tf.function(lambda x: inner(x) * inner(x + 1.0), autograph=False)
    with tf.GradientTape(persistent=True) as second:
        second.watch(x)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = outer(x)
        gradients = tape.gradient(y, [x, v])
    return y, gradients, second.gradient(gradients[0], [x, v]), second.gradient(gradients[1], [x, v])


@programs
def a_tape_inside(tf):
    v = tf.Variable(3.0)

    @tf.function(autograph=False)
    def f(x):
        with tf.GradientTape() as second:
            second.watch(x)
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.sin(x) * v
            first = tape.gradient(y, x)
        return first, second.gradient(first, [x, v])

    return f(tf.constant(0.5))


@programs
def unconnected_inputs(tf):
    v = tf.Variable(3.0)
    f = tf.function(
        lambda x, y, z: (x * v, tf.stop_gradient(y), tf.cast(tf.argmax([z, x]), tf.float32)), autograph=False
    )
    x, y, z = tf.constant(1.0), tf.constant(2.0), tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch([x, y, z])
        a, b, c = f(x, y, z)
    return tape.gradient([a, b, c], [x, y, z, v])


@programs
def a_variable_assigned_between_reads(tf):
    v, w = tf.Variable(3.0), tf.Variable(2.0)

    @tf.function(autograph=False)
    def f():
        before = v * w
        v.assign(v * 10.0)
        return before + v * v * w

    with tf.GradientTape() as tape:
        y = f() + v
    return y, tape.gradient(y, [v, w])


@programs
def captured_tensors(tf):
    big = tf.reshape(tf.range(200.0), [2, 100])
    small = tf.constant(2.0)
    f = tf.function(lambda x: big * x + small, autograph=False)
    with tf.GradientTape() as tape:
        tape.watch([big, small])
        y = f(tf.constant(3.0))
    return y, tape.gradient(y, [big, small])


@programs
def functions_of_several_kinds(tf):
    import functools

    class Callable:
        def __call__(self, x):
            return x + 1

        @tf.function(autograph=False)
        def method(self, x):
            return x * 2

    item = Callable()
    made = [
        tf.function(each, autograph=False)(tf.constant(3)) for each in (item, item.method, functools.partial(pow, 2))
    ]
    return made, item.method(tf.constant(1)), tf.function(autograph=False)(lambda x: x)(tf.constant(1))


@programs
def random_numbers(tf):
    @tf.function(autograph=False)
    def f():
        return (
            tf.random.uniform([2]),
            tf.random.normal([3]),
            tf.random.uniform([1], seed=3),
            tf.random.shuffle(tf.range(5)),
        )

    tf.random.set_seed(5)
    first, second = f(), f()
    tf.random.set_seed(5)
    return first, second, f()


@programs
def modes(tf):
    inside = []

    @tf.function(autograph=False)
    def f():
        inside.append((tf.executing_eagerly(), tf.inside_function()))
        with tf.init_scope():
            inside.append(tf.executing_eagerly())
        return 0

    f()
    tf.config.run_functions_eagerly(True)
    try:
        f()
    finally:
        tf.config.run_functions_eagerly(False)
    return inside, tf.executing_eagerly(), tf.inside_function()


@programs
def names_of_symbolic_tensors(tf):
    shown = []

    @tf.function(autograph=False)
    def f(x):
        shown.extend([str(x), repr(x), repr(x + 1.0), repr(x * 2.0), repr(x * 3.0), x.name])
        return x

    f(tf.constant([1.0]))
    return shown


@programs
def an_optimizer_inside(tf):
    w = tf.Variable([1.0, 2.0])
    optimizer = tf.keras.optimizers.Adam(0.1)
    traces = []

    @tf.function(autograph=False)
    def step(x):
        traces.append(1)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum((w * x - 1.0) ** 2)
        gradients = tape.gradient(loss, [w])
        optimizer.apply_gradients(zip(gradients, [w], strict=True))
        return loss

    losses = [step(tf.constant(3.0)) for _ in range(5)]
    optimizer.learning_rate = 0.5
    losses += [step(tf.constant(3.0)) for _ in range(2)]
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w)
    optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    return losses, step(tf.constant(3.0)), w, optimizer.iterations.numpy(), len(traces)


@programs.each()
def test_a_program_does_as_in_tensorflow(program):
    assert_same_outcome(program)


def traced(body):
    """A program that calls `body(tf, x)` in a function being traced, `x` a symbolic scalar."""

    def program(tf):
        return tf.function(lambda x: body(tf, x), autograph=False)(tf.constant(1.0))

    program.__name__ = body.__name__
    return program


@failures
@traced
def bool_of_symbolic(tf, x):
    return 1 if x > 0 else 2


@failures
@traced
def iteration_of_symbolic(tf, x):
    return list(tf.stack([x, x]))


@failures
@traced
def float_of_symbolic(tf, x):
    return float(x)


@failures
@traced
def int_of_symbolic(tf, x):
    return int(x)


@failures
@traced
def length_of_symbolic(tf, x):
    return len(tf.stack([x, x]))


@failures
@traced
def numpy_of_symbolic(tf, x):
    return x.numpy()


@failures
@traced
def array_of_symbolic(tf, x):
    return np.sin(x)


@failures
@traced
def index_with_symbolic(tf, x):
    return [1, 2][tf.cast(x, tf.int32)]


@failures
@traced
def range_of_symbolic(tf, x):
    return range(tf.cast(x, tf.int32))


@failures
@traced
def membership_of_symbolic(tf, x):
    return x in [1.0]


@failures
@traced
def an_object_returned(tf, x):
    return object()


@failures
@traced
def a_variable_made_each_time(tf, x):
    return tf.Variable(1.0) + x


@failures
@traced
def a_variables_numpy(tf, x):
    v = tf.Variable(1.0)
    return v.numpy()


@failures
def a_leaked_tensor(tf):
    leaked = []
    tf.function(lambda x: leaked.append(x + 1) or x, autograph=False)(tf.constant(1.0))
    return leaked[0] + 1


@failures
def a_leaked_tensor_in_another_function(tf):
    leaked = []
    tf.function(lambda x: leaked.append(x + 1) or x, autograph=False)(tf.constant(1.0))
    return tf.function(lambda x: leaked[0] + x, autograph=False)(tf.constant(1.0))


@failures
def too_many_arguments(tf):
    return tf.function(lambda x: x, autograph=False)(1, 2)


@failures
def an_argument_missing(tf):
    return tf.function(lambda x: x, autograph=False)()


@failures
def a_shape_the_signature_excludes(tf):
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False)
    return f(tf.ones([2, 2]))


@failures
def a_dtype_the_signature_excludes(tf):
    f = tf.function(lambda x: x, input_signature=[tf.TensorSpec([None], tf.float32)], autograph=False)
    return f(tf.ones([2], tf.int32))


@failures
def a_signature_that_is_none(tf):
    return tf.function(lambda x: x, input_signature=tf.TensorSpec([None], tf.float32), autograph=False)


@failures
def a_concrete_function_without_arguments(tf):
    return tf.function(lambda x: x, autograph=False).get_concrete_function()


@failures.each()
def test_a_mistake_raises_what_tensorflow_raises(program):
    def named(tf):
        return program(tf)

    theirs, ours = [], []
    for tf, found in ((tensorflow, theirs), (functape, ours)):
        try:
            named(tf)
        except Exception as error:
            found.append(error)
    assert theirs and ours, f"TensorFlow: {theirs}; functape: {ours}"
    names = [each.__name__ for each in type(ours[0]).__mro__]
    assert type(theirs[0]).__name__ in names and str(ours[0])


def test_the_tables_would_notice_a_difference():
    def wrong(tf):
        return tf.constant(1.0) if tf is functape else tf.constant(1.001)

    with pytest.raises(AssertionError):
        assert_same_outcome(wrong)
    with pytest.raises(AssertionError):
        assert_same_error(lambda tf: None)


def test_the_steady_state_neither_traces_nor_compiles():
    v = functape.Variable([1.0, 2.0])
    optimizer = functape.keras.optimizers.Adam(0.1)

    @functape.function(autograph=False)
    def step(x):
        with functape.GradientTape() as tape:
            loss = functape.reduce_sum((v * x) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, v), v)])
        return loss

    x = functape.constant([1.0, 2.0])
    for _ in range(3):
        step(x)
    before, traces = functape.config.counters().programs_compiled, step.experimental_get_tracing_count()
    for _ in range(20):
        step(functape.constant([3.0, 4.0]) if _ % 2 else x)
    assert functape.config.counters().programs_compiled == before
    assert step.experimental_get_tracing_count() == traces


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_failing_trace_leaves_variables_and_recorder_as_they_were(where):
    v, w = functape.Variable(1.0), functape.Variable(5)
    x = functape.constant(2.0) * 3.0

    @functape.function(autograph=False)
    def f():
        v.assign_add(x)
        w.assign(6)
        if where == "before":
            raise KeyError("stop")
        return functape.matmul(functape.ones([2, 3]), functape.ones([2, 3]))

    with pytest.raises((KeyError, ValueError)):
        f()
    assert (float(v), int(w), float(x)) == (1.0, 5, 6.0)
    assert float(v + 1.0) == 2.0


def test_a_failed_assertion_leaves_the_variables_as_they_were():
    v = functape.Variable(1.0)

    @functape.function(autograph=False)
    def f(x):
        v.assign_add(x)
        functape.debugging.assert_positive(x, message="too small")
        return v * 2.0

    assert float(f(functape.constant(1.0))) == 4.0
    with pytest.raises(functape.errors.InvalidArgumentError, match="too small"):
        f(functape.constant(-1.0))
    assert float(v) == 2.0
    assert float(f(functape.constant(1.0))) == 6.0


def test_data_dependent_shapes_run_as_plain_python(caplog):
    @functape.function(autograph=False)
    def f(x):
        return functape.reduce_sum(functape.boolean_mask(x, x > 0))

    assert float(f(functape.constant([1.0, -2.0, 3.0]))) == 4.0
    assert float(f(functape.constant([1.0, 2.0, 3.0]))) == 6.0
    assert sum("plain Python" in record.message for record in caplog.records) == 1


def test_many_traces_are_worth_one_warning(caplog):
    f = functape.function(lambda x: x, autograph=False)
    for number in range(_function.MANY_TRACES + 3):
        f(number)
    assert sum("retracing" in record.message for record in caplog.records) == 1


def test_symbolic_tensors_say_what_to_write_instead():
    said = []

    @functape.function(autograph=False)
    def f(x):
        for attempt in (bool, list, float, int, len, np.asarray, lambda x: x.numpy()):
            try:
                attempt(x)
            except Exception as error:
                said.append(str(error))
        return x

    f(functape.constant([1.0, 2.0]))
    assert len(said) == 7 and all("tf." in each or "x.shape" in each for each in said)
