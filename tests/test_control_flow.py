"""Control flow beside TensorFlow, where code runs at once and in functions being traced: values, gradients, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import Table, assert_same_outcome

import functape

programs = Table()
failures = Table()
WAYS = {"at once": lambda tf, function: function, "traced": lambda tf, function: tf.function(function, autograph=False)}


@programs
def choices(tf, way):
    def f(x):
        first = tf.cond(x > 0.0, lambda: x * 2.0, lambda: x * 3.0)
        second = tf.cond(x > 5.0, true_fn=lambda: (x, [x + 1.0]), false_fn=lambda: (x * x, [x]))
        return (
            first,
            second,
            tf.cond(tf.reduce_all([x > 0.0, x < 9.0]), lambda: tf.constant([1, 2]), lambda: tf.constant([3, 4])),
        )

    return [way(f)(tf.constant(value)) for value in (1.0, -1.0, 6.0)]


@programs
def switches(tf, way):
    def f(i, x):
        branches = [lambda: x, lambda: x * x, lambda: -x]
        return (
            tf.switch_case(i, branches),
            tf.switch_case(i, {0: branches[0], 1: branches[2]}, default=branches[1]),
            tf.case(
                [(x > 2.0, lambda: tf.constant(1)), (x > 0.0, lambda: tf.constant(2))], default=lambda: tf.constant(3)
            ),
        )

    return [way(f)(tf.constant(i), tf.constant(x)) for i, x in ((0, 1.0), (1, 3.0), (2, -1.0), (7, 2.5), (-1, 0.0))]


@programs
def loops(tf, way):
    def f(n, x):
        i, total = tf.while_loop(
            lambda i, s: i < n, lambda i, s: (i + 1, s + x * tf.cast(i, tf.float32)), (tf.constant(0), x)
        )
        bounded = tf.while_loop(
            lambda i, s: i < 100, lambda i, s: [i + 1, s * 2.0], [tf.constant(0), x], maximum_iterations=3
        )
        return i, total, bounded

    return [way(f)(tf.constant(n), tf.constant(1.5)) for n in (0, 1, 5)]


@programs
def gradients_of_loops(tf, way):
    v = tf.Variable(1.3)

    def f(n, x):
        return tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s * x + v), (tf.constant(0), x))[1]

    def choose(x):
        return tf.cond(x > 1.0, lambda: x * x * v, lambda: v * 3.0)

    made = []
    for function, args in (
        (f, (tf.constant(4), tf.constant(1.2))),
        (choose, (tf.constant(2.0),)),
        (choose, (tf.constant(0.5),)),
    ):
        x = args[-1]
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = way(function)(*args)
        made.append((y, tape.gradient(y, [x, v], unconnected_gradients="zero")))
    return made


@programs
def second_gradients_of_maps_and_folds(tf, way):
    xs = tf.constant([0.5, 1.5, -2.0])
    made = []
    for function in (
        lambda x: tf.foldl(lambda a, e: a * e + tf.sin(e), x),
        lambda x: tf.reduce_sum(tf.scan(lambda a, e: a * e, x, initializer=tf.constant(1.0)) ** 2),
        lambda x: tf.reduce_sum(tf.map_fn(lambda e: e**3, x)),
        lambda x: tf.reduce_sum(tf.vectorized_map(lambda e: e**3, x)),
    ):
        with tf.GradientTape() as second:
            second.watch(xs)
            with tf.GradientTape() as first:
                first.watch(xs)
                y = way(function)(xs)
            gradient = first.gradient(y, xs)
        made.append((y, gradient, second.gradient(gradient, xs)))
    return made


@programs
def maps(tf, way):
    def f(x, y):
        return (
            tf.map_fn(lambda e: e * 2, x),
            tf.map_fn(lambda e: (e[0] * 2, e[1]), (x, y)),
            tf.map_fn(lambda e: tf.cast(e, tf.float32), x, fn_output_signature=tf.float32),
            tf.map_fn(lambda e: {"a": e, "b": 1}, x, fn_output_signature={"a": tf.int32, "b": tf.int32}),
            tf.vectorized_map(lambda e: (tf.reduce_sum(e), 2.0 * e[0]), tf.reshape(y, [3, 1])),
            tf.scan(lambda a, e: a + e, x),
            tf.scan(lambda a, e: (a[0] + e, a[1] * 2), x, initializer=(0, 1), reverse=True),
            tf.scan(lambda a, e: a + e, x, reverse=True),
            tf.foldl(lambda a, e: a - e, x),
            tf.foldr(lambda a, e: a - e, x),
            tf.foldl(lambda a, e: a - e[0] * e[1], (x, x), initializer=5),
        )

    return way(f)(tf.constant([1, 2, 3]), tf.constant([1.0, 2.0, 3.0]))


@programs
def variables_in_branches_and_loops(tf, way):
    v = tf.Variable(1.0)
    count = tf.Variable(0, dtype=tf.int64)

    def f(x):
        def grow():
            v.assign_add(x)
            return tf.constant(1)

        chosen = tf.cond(x > 0.0, grow, lambda: tf.constant(0))

        def body(i):
            count.assign_add(2)
            v.assign(v * 1.5)
            return i + 1

        last = tf.while_loop(lambda i: i < 3, lambda i: (body(i),), (tf.constant(0),))
        return chosen, last, v * 2.0

    g = way(f)
    return g(tf.constant(1.0)), g(tf.constant(-1.0)), v, count


@programs
def the_gradient_of_a_loop_that_assigns(tf, way):
    v, w = tf.Variable(2.0), tf.Variable(1.5)

    def f():
        def body(i, a):
            v.assign_add(w * 1.0)
            return i + 1, a * v

        return tf.while_loop(lambda i, a: i < 3, body, (tf.constant(0), w * 1.0))[1]

    with tf.GradientTape() as tape:
        y = way(f)() + v
    return y, tape.gradient(y, [v, w])


@programs
def random_numbers_in_a_loop(tf, way):
    def f():
        draws = tf.TensorArray(tf.float32, size=3)
        return tf.while_loop(
            lambda i, d: i < 3, lambda i, d: (i + 1, d.write(i, tf.random.uniform([], seed=4))), (tf.constant(0), draws)
        )[1].stack()

    tf.random.set_seed(3)
    g = way(f)
    # TensorFlow may run several iterations at a time: which draws what is open, but not what is drawn.
    return [sorted(g().numpy().tolist()) for _ in range(2)]


@programs
def order_and_grouping(tf, way):
    v = tf.Variable(1.0)

    def f():
        first = v.assign(5.0)
        with tf.control_dependencies([first]):
            made = tf.identity(v)
        tf.group(v.assign_add(1.0), v.assign_add(1.0))
        tf.no_op()
        return made, v + 0.0

    return way(f)()


@programs
def python_functions(tf, way):
    calls = []

    def double(x):
        calls.append(float(x))
        return x * 2.0

    def f(x):
        return (
            tf.py_function(double, [x], tf.float32),
            tf.py_function(lambda a, b: [a.numpy() + 1, b], [x, x], [tf.float32, tf.float32]),
            tf.numpy_function(lambda a: np.sin(a).astype(np.float32), [x], tf.float32),
        )

    g = way(f)
    first = g(tf.constant(1.0))
    return first, g(tf.constant(3.0)), calls


@programs
def the_gradient_of_a_python_function(tf, way):
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = way(lambda x: tf.py_function(lambda a: a * a, [x], tf.float32) * x)(x)
    return y, tape.gradient(y, x)


@programs
def decorated_python_functions(tf, way):
    @tf.numpy_function(Tout=[tf.float32, tf.int32])
    def both(a, b):
        "Two results."
        return a + b, np.int32(a > b)

    @tf.py_function(Tout=tf.float32)
    def square(a):
        return a * a

    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = way(lambda x: square(x) * x)(x)
    return y, tape.gradient(y, x), way(lambda x: list(both(x, x)))(x), both.__name__, both.__doc__


@programs
def tensor_arrays(tf, way):
    def f(x):
        plain = tf.TensorArray(tf.float32, size=3)
        for i in range(3):
            plain = plain.write(i, x * i)
        grown = tf.TensorArray(tf.float32, size=0, dynamic_size=True).write(2, 1.0)
        parts = tf.TensorArray(tf.float32, size=2, infer_shape=False).split(tf.constant([1.0, 2.0, 3.0]), [1, 2])
        filled = tf.TensorArray(tf.float32, size=3, clear_after_read=False).unstack([1.0, 2.0, 3.0])
        return (
            plain.size(),
            plain.stack(),
            grown.stack(),
            parts.read(0),
            parts.read(1),
            filled.gather([2, 0]),
            filled.concat() if tf is None else filled.read(1),
            tf.TensorArray(tf.float32, size=3).scatter([2, 0, 1], [1.0, 2.0, 3.0]).stack(),
            tf.TensorArray(tf.float32, size=2, element_shape=[2]).stack(),
        )

    return way(f)(tf.constant(2.0))


def _seen_thrice(tf, see, clears):
    array = tf.TensorArray(tf.int64, size=0, dynamic_size=True, clear_after_read=clears)
    found = []
    for i in range(3):
        array = array.write(i, [i + 1])
        found += [see(array), see(array)]
    return [*found, array.read(1)]


@programs
def what_does_not_clear_a_tensor_array(tf, way):
    sights = {
        "stack": lambda array: array.stack(),
        "gather": lambda array: array.gather([0]),
        "gather a tensor": lambda array: array.gather(tf.constant([0, 0])),
        "concat": lambda array: array.concat(),
    }
    return {
        (name, clears): way(lambda see=see, clears=clears: _seen_thrice(tf, see, clears))()
        for name, see in sights.items()
        for clears in (None, True, False)
    }


@programs
def elements_read_again(tf, way):
    def f(x):
        kept = tf.TensorArray(tf.float32, size=2, clear_after_read=False).unstack([x, x])
        written_again = tf.TensorArray(tf.float32, size=1).write(0, x)
        first = written_again.read(0)
        written_again = written_again.write(0, x + 1.0)
        return kept.read(0) + kept.read(0), kept.stack(), first, written_again.stack(), written_again.read(0)

    return way(f)(tf.constant(2.0))


@pytest.mark.parametrize("see", ["stack", "gather", "concat"])
def test_a_cleared_element_is_zeros_for_whoever_takes_all(see):
    def program(tf):
        array = tf.TensorArray(tf.float32, size=2).scatter([0, 1], [[1.0], [2.0]])
        first = array.read(0)
        return first, array.gather([0, 1]) if see == "gather" else getattr(array, see)(), array.read(0)

    assert_same_outcome(program)


@programs
def a_tensor_array_in_a_loop(tf, way):
    v = tf.Variable(1.1)

    def f(x):
        array = tf.TensorArray(tf.float32, size=4)

        def body(i, a, s):
            s = s * v
            return i + 1, a.write(i, s), s

        _, array, last = tf.while_loop(lambda i, a, s: i < 4, body, (tf.constant(0), array, x))
        return tf.reduce_sum(array.stack() ** 2) + last

    x = tf.constant([1.0, 2.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = way(f)(x)
    return y, tape.gradient(y, [x, v])


@pytest.mark.parametrize("way", WAYS)
@programs.each()
def test_a_program_does_as_in_tensorflow(program, way):
    def whole(tf):
        return program(tf, lambda function: WAYS[way](tf, function))

    whole.__name__ = program.__name__
    assert_same_outcome(whole)


@failures
def a_branch_that_is_no_function(tf):
    return tf.cond(tf.constant(True), 1, lambda: 2)


@failures
def a_python_condition(tf):
    return tf.function(lambda: tf.cond(True, lambda: 1, lambda: 2), autograph=False)()


@failures
def branches_of_two_dtypes(tf):
    return tf.function(lambda: tf.cond(tf.constant(True), lambda: 1, lambda: 2.0), autograph=False)()


@failures
def branch_numbers_with_gaps(tf):
    return tf.switch_case(tf.constant(0), {0: lambda: 1, 3: lambda: 2})


@failures
def a_float_branch_number(tf):
    return tf.switch_case(tf.constant(0.0), [lambda: 1])


@failures
def a_case_without_tensors(tf):
    return tf.case([(True, lambda: 1)], default=lambda: 2)


@failures
def no_case_holds(tf):
    return tf.case([(tf.constant(False), lambda: 1), (tf.constant(False), lambda: 2)])


@failures
def no_case_holds_in_a_function(tf):
    return tf.function(
        lambda: tf.case([(tf.constant(False), lambda: 1), (tf.constant(False), lambda: 2)]), autograph=False
    )()


@failures
def a_loop_without_variables(tf):
    return tf.while_loop(lambda: True, lambda: 1, [])


def in_a_function(body: Any, *state: Any) -> Any:
    def program(tf):
        first = (tf.constant(0), tf.ones(1))
        return tf.function(
            lambda: tf.while_loop(lambda i, x: i < 3, lambda i, x: body(tf, i, x), first), autograph=False
        )()

    program.__name__ = body.__name__
    return program


@failures
@in_a_function
def a_shape_that_changes(tf, i, x):
    return i + 1, tf.concat([x, x], 0)


@failures
@in_a_function
def a_dtype_that_changes(tf, i, x):
    return i + 1, tf.cast(x, tf.float64)


@failures
@in_a_function
def a_structure_that_changes(tf, i, x):
    return i + 1, (x, x)


@failures
@in_a_function
def a_value_that_goes_missing(tf, i, x):
    return (i + 1,)


@failures
def map_of_scalars(tf):
    return tf.map_fn(lambda x: x, tf.constant(1))


@failures
def map_to_another_dtype(tf):
    return tf.map_fn(lambda x: tf.cast(x, tf.float32), tf.constant([1, 2]))


@failures
def map_to_another_structure(tf):
    return tf.map_fn(lambda x: (x, x), tf.constant([1, 2]))


@failures
def a_python_function_that_fails(tf):
    return tf.py_function(lambda x: 1 / 0, [tf.constant(1.0)], tf.float32)


@failures
def a_numpy_function_that_fails_in_a_function(tf):
    return tf.function(lambda: tf.numpy_function(lambda x: 1 / 0, [tf.constant(1.0)], tf.float32), autograph=False)()


@failures
def a_numpy_function_of_another_dtype(tf):
    f = tf.function(
        lambda: tf.numpy_function(lambda x: x.astype(np.float64), [tf.constant(1.0)], tf.float32), autograph=False
    )
    return f()


@failures
def a_decorator_without_dtypes(tf):
    return tf.py_function()(lambda x: x)


@failures
def a_decorator_with_inputs(tf):
    return tf.numpy_function(inp=[1.0], Tout=tf.float32)


@failures
def a_python_function_without_inputs(tf):
    return tf.py_function(lambda x: x, Tout=tf.float32)


@failures
def an_element_beyond_the_end(tf):
    return tf.TensorArray(tf.float32, size=3).write(5, 1.0)


@failures
def an_element_of_another_dtype(tf):
    return tf.TensorArray(tf.float32, size=3).write(0, tf.constant(1))


@failures
def an_element_read_twice(tf):
    array = tf.TensorArray(tf.float32, size=2).unstack([1.0, 2.0])
    return array.read(0) + array.read(0)


@failures
def an_element_read_again_after_stacking(tf):
    array = tf.TensorArray(tf.float32, size=2).unstack([1.0, 2.0])
    array.stack()
    return array.read(0) + array.read(0)


@failures
def an_assertion(tf):
    tf.debugging.assert_less(tf.constant([1, 2]), tf.constant(2), message="too large")


@failures
def an_assertion_in_a_function(tf):
    def f(x):
        tf.debugging.assert_less(x, 2, message="too large")
        return x

    tf.function(f, autograph=False)(tf.constant([1, 2]))


@failures
def numerics_in_a_function(tf):
    tf.function(lambda x: tf.debugging.check_numerics(x / 0.0, "wrong"), autograph=False)(tf.constant([1.0]))


@failures
def a_rank(tf):
    tf.debugging.assert_rank(tf.constant([1, 2]), 2)


@failures
def a_type(tf):
    tf.debugging.assert_type(tf.constant([1, 2]), tf.float32)


@failures
def shapes(tf):
    tf.debugging.assert_shapes([(tf.ones([2]), ("N",)), (tf.ones([3]), ("N",))])


@failures.each()
def test_a_mistake_raises_what_tensorflow_raises(program):
    found = []
    for tf in (tensorflow, functape):
        try:
            program(tf)
        except Exception as error:
            found.append(error)
    assert len(found) == 2, found
    assert type(found[0]).__name__ in [each.__name__ for each in type(found[1]).__mro__], found
    assert str(found[1])


def test_printing_in_a_function_happens_each_time_it_runs(capfd):
    @functape.function(autograph=False)
    def f(x):
        functape.print("x is", x, "and twice that", [x * 2.0])
        return functape.while_loop(
            lambda i: i < 2, lambda i: (functape.print("i", i), i + 1)[1:], (functape.constant(0),)
        )

    for value in (1.0, 2.0):
        f(functape.constant(value))
    printed = capfd.readouterr().err.splitlines()
    assert printed == ["x is 1 and twice that [2]", "i 0", "i 1", "x is 2 and twice that [4]", "i 0", "i 1"]


def test_a_growing_shape_with_invariants_runs_as_plain_python(caplog):
    def f(tf):
        shapes = (tf.TensorShape([]), tf.TensorShape([None]))
        loop = tf.function(
            lambda: tf.while_loop(
                lambda i, x: i < 3, lambda i, x: (i + 1, tf.concat([x, x], 0)), (tf.constant(0), tf.ones(1)), shapes
            ),
            autograph=False,
        )
        return loop()

    assert_same_outcome(f)
    assert any("plain Python" in record.message for record in caplog.records)


def test_the_tables_would_notice_a_difference():
    with pytest.raises(AssertionError):
        assert_same_outcome(lambda tf: tf.map_fn(lambda x: x * (2.0 if tf is functape else 2.001), tf.constant([1.0])))
