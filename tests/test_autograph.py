"""Python's control flow over tensors in `tf.function`: values, gradients and traces are TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest
from flows import Flows, check, outcome

import functape

flow = Flows()
ONE, TWO, MINUS, ZERO = (np.float32(each) for each in (1.0, 2.0, -1.5, 0.0))
FIVE = np.int32(5)
ROW = np.array([1.0, -2.0, 3.0], np.float32)
TABLE = np.array([[1.0, 2.0], [3.0, -4.0]], np.float32)


# ---- if ---------------------------------------------------------------------------------------------------------


@flow(ONE, MINUS, ZERO)
def if_assigns(tf):
    def function(x):
        y = x
        if x > 0:
            y = x * x
        return y

    return function


@flow(ONE, MINUS, ZERO, np.float32(7.0))
def if_elif_else(tf):
    def function(x):
        if x > 5:
            y = x * 2.0
            z = 1
        elif x > 0:
            y = x * x
            z = 2
        elif x < 0:
            y = -x
            z = 3
        else:
            y = x + 100.0
            z = 4
        return y, z

    return function


@flow(ONE, MINUS)
def early_return(tf):
    def function(x):
        if x > 0:
            return x * 3.0
        x = x + 10.0
        return x * x

    return function


@flow(ONE, MINUS, ZERO)
def early_returns_nested(tf):
    def function(x):
        if x > 0:
            if x > 5:
                return x
            return x * 3.0
        else:
            return x + 1.0

    return function


@flow(ONE, MINUS)
def return_of_structures(tf):
    def function(x):
        if x > 0:
            return {"a": x, "b": [x * 2.0, 1]}
        else:
            return {"a": -x, "b": [x, 2]}

    return function


@flow(ONE, MINUS)
def python_numbers_in_branches(tf):
    def function(x):
        if x > 0:
            n, flag = 3, True
        else:
            n, flag = 4, False
        return n, flag, tf.cast(n, tf.float32) * x

    return function


@flow((ONE, None), (ONE, 3), (MINUS, 3))
def python_conditions_choose_while_tracing(tf):
    def function(x, n):
        if n is None:
            return x
        if n > 2 and x > 0:
            x = x * float(n)
        return x

    return function


@flow(ONE, MINUS)
def unused_local_in_one_branch(tf):
    def function(x):
        if x > 0:
            unused = x
            x = unused * 2.0
        else:
            other = 3.0
            x = x * other
        return x

    return function


@flow(ONE, MINUS)
def item_of_a_dict(tf):
    def function(x):
        values = {"a": x, "b": x}
        if x > 0:
            values["a"] = x + 1.0
        return values

    return function


class Box:
    def __init__(self, value):
        self.value = value


@flow(ONE, MINUS)
def attribute_of_an_object(tf):
    def function(x):
        box = Box(x)
        if x > 0:
            box.value = box.value * 4.0
        for _ in tf.range(3):
            box.value = box.value + x
        return box.value

    return function


@flow(ONE, MINUS)
def variables_in_branches(tf):
    v = tf.Variable(2.0)
    w = tf.Variable(5.0)

    def function(x):
        if x > 0:
            v.assign(v * x * 3.0)
        else:
            w.assign_sub(1.0)
        return v * w * x

    function.variables = [v, w]
    return function


@flow(ONE, MINUS)
def variable_as_a_condition(tf):
    flag = tf.Variable(True)
    v = tf.Variable(3.0)

    def function(x):
        while v > 0.0:
            v.assign_sub(1.0)
            x = x + 1.0
        if flag:
            x = x * 10.0
        return x, tf.stop_gradient(v)

    return function


# ---- expressions ------------------------------------------------------------------------------------------------


@flow(ONE, MINUS, ZERO, np.float32(0.5))
def logical_operators(tf):
    def function(x):
        return x > 0 and x < 2, x > 0 or x < -2, not (x > 0), 0.0 < x < 1.0, x > 0 and True, -1.0 < x <= 0.0

    return function


@flow(ONE, MINUS)
def logical_with_python_values(tf):
    def function(x):
        rank = x.shape.rank == 0 and x > 0
        return rank, x.shape.rank == 1 and x > 0, None or x, 0 or x, 3 and x, not None

    return function


@flow((FIVE, np.array([1, 2, 3], np.int32)), (np.int32(1), np.array([1, 2, 3], np.int32)))
def lazy_and_guards_an_index(tf):
    def function(i, values):
        found = -1
        if i < 3 and values[tf.minimum(i, 2)] > 1:
            found = values[i]
        return found

    return function


@flow(ONE, MINUS)
def conditional_expressions(tf):
    def function(x):
        y = x * 2.0 if x > 0 else -x
        z = (x, 1) if x > 0 else (x, 2)
        return y, z, 3 if x.shape.rank == 0 else 4

    return function


@flow(ONE, ROW)
def builtin_functions(tf):
    def function(x):
        y = tf.reshape(x, [-1])
        return int(y[0]), float(y[0]), abs(x), len(y), max(1, 2), min([3.0, 1.0]), sum([y[0], y[0]]), sorted(y)

    return function


@flow(FIVE, np.int32(0))
def range_of_a_tensor(tf):
    def function(n):
        total = 0
        for i in range(n):
            total += i * i
        return total

    return function


# ---- while ------------------------------------------------------------------------------------------------------


@flow(ONE, MINUS, np.float32(50.0))
def while_with_a_tensor(tf):
    def function(x):
        while x < 20.0:
            x = x * 2.0 + 3.0
        return x

    return function


@flow(ONE, MINUS)
def while_counts_in_python_numbers(tf):
    def function(x):
        n = 0
        while tf.less(n, 5):
            n += 1
            x = x * 2.0
        return x, n

    return function


@flow(ONE, MINUS)
def while_break_continue(tf):
    def function(x):
        y = x
        while y < 10.0 and y > -5.0 or y == 3.0:
            y = y + 1.0
            if y > 7.0:
                break
            if y < 0.0:
                continue
            y = y * 1.5
        return y

    return function


@flow(ONE)
def while_true_over_a_tensor(tf):
    def function(x):
        while tf.constant(True):
            x = x + 1.0
            if x > 10.0:
                break
        return x

    return function


@flow(ONE)
def python_while(tf):
    def function(x):
        n = 0
        while n < 3:
            n += 1
            if n == 2:
                continue
            x = x * 2.0
        return x, n

    return function


@flow(np.float32(27.0), np.float32(2.0))
def newton(tf):
    def function(x):
        guess = x / 2.0
        step = 0
        while tf.abs(guess * guess - x) > 1e-3:
            guess = (guess + x / guess) / 2.0
            step += 1
        return guess, step

    return function


@flow(np.int32(27), np.int32(1))
def collatz(tf):
    def function(n):
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        return steps

    return function


# ---- for --------------------------------------------------------------------------------------------------------


@flow(ONE, MINUS)
def for_over_a_range(tf):
    def function(x):
        for i in tf.range(4):
            x = x * 1.5 + tf.cast(i, tf.float32)
        return x

    return function


@flow((ONE, FIVE), (ONE, np.int32(0)), (MINUS, np.int32(2)))
def for_over_a_range_of_unknown_length(tf):
    def function(x, n):
        total = 0.0
        for i in tf.range(n):
            total += x * tf.cast(i, tf.float32)
        return total

    return function


@flow((np.int32(2), np.int32(11), np.int32(3)), (np.int32(9), np.int32(1), np.int32(-2)))
def for_over_a_range_with_a_step(tf):
    def function(start, limit, step):
        total = 0
        for i in tf.range(start, limit, step):
            total = total * 10 + i
        return total

    return function


@flow(ROW, np.zeros([0], np.float32))
def for_over_a_tensor(tf):
    def function(xs):
        total = 0.0
        for x in xs:
            total += x * x
        return total

    return function


@flow(TABLE)
def for_over_rows_and_columns(tf):
    def function(table):
        total = 0.0
        for row in table:
            for x in row:
                if x > 0:
                    total += x * x
        return total

    return function


@flow(FIVE, np.int32(3), np.int32(1))
def for_break_continue(tf):
    def function(n):
        total = 0
        for i in tf.range(n + 4):
            if i == 5:
                break
            if i % 2 == 0:
                continue
            total += i
        return total

    return function


@flow(ONE)
def for_break_keeps_the_item(tf):
    def function(x):
        for i in tf.range(10):
            x = x * 2.0
            if x > 20.0:
                break
        return x, i

    return function


@flow(ONE)
def nested_loops_with_break(tf):
    def function(x):
        for i in tf.range(4):
            for j in tf.range(i):
                if j > 1:
                    break
                x += tf.cast(j, tf.float32) * x
            if i == 2:
                continue
            x += 1.0
        return x

    return function


@flow(ONE)
def first_value_in_the_loop(tf):
    def function(x):
        for i in tf.range(3):
            y = x * tf.cast(i, tf.float32)
        return y, i

    return function


@flow(FIVE, np.int32(0))
def item_after_the_loop(tf):
    def function(n):
        for i in tf.range(n):
            pass
        for j in tf.range(2, n + 2):
            n = j
        return i, j, n

    return function


@flow(ONE)
def none_before_the_loop(tf):
    def function(x):
        last = None
        while x < 10.0:
            last = x
            x = x * 2.0
        return last

    return function


@flow(np.int32(1), np.int32(3))
def swapped_variables(tf):
    def function(x):
        a, b = x, x
        for _ in tf.range(7):
            a, b = b, a + b
        return a, b

    return function


@flow(ONE)
def tuple_and_dict_as_loop_variables(tf):
    def function(x):
        pair, named = (x, 0), {"u": x, "n": 1}
        for _ in tf.range(3):
            pair = (pair[0] * 2.0, pair[1] + 1)
            named = {"u": named["u"] + pair[0], "n": named["n"] * 2}
        return pair, named

    return function


@flow(ONE)
def items_of_a_dict_and_a_list_in_a_loop(tf):
    def function(x):
        named, listed = {"a": x, "b": 1}, [x, x]
        for _ in tf.range(3):
            named["a"] = named["a"] + 1.0
            listed[0] = listed[0] * 2.0
        return named, listed

    return function


@flow(ONE, MINUS)
def python_loops_are_unrolled(tf):
    def function(x):
        for i in range(3):
            if i == 1:
                continue
            x = x + float(i) * x
        for name, value in {"a": 1.0, "b": x}.items():
            x = x + value if name == "a" else x * value
        for i, (a, b) in enumerate(zip([x, x], (1.0, 2.0), strict=True)):
            x = a * b + i
        return x

    return function


@flow(ONE)
def comprehensions_and_generators(tf):
    def powers(x, n):
        for i in range(n):
            yield x**i

    def function(x):
        values = [p * 2.0 for p in powers(x, 3)]
        total = 0.0
        for p in powers(x, 2):
            total += p
        return values, {k: k * x for k in (1.0, 2.0)}, total

    return function


@flow(FIVE, np.int32(2))
def tensor_array_in_a_loop(tf):
    def function(n):
        values = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        for i in tf.range(5):
            values = values.write(i, tf.cast(i * n, tf.float32))
        return values.stack()

    return function


@flow(ONE)
def variable_in_a_loop(tf):
    v = tf.Variable(1.0)

    def function(x):
        for _ in tf.range(3):
            v.assign_add(v * x)
        return v * x

    function.variables = [v]
    return function


@flow(np.float32(0.1))
def tape_and_optimizer_in_a_loop(tf):
    w = tf.Variable([1.0, -2.0])
    optimizer = tf.keras.optimizers.Adam(0.1)
    optimizer.build([w])

    def function(x):
        loss = 0.0
        for _ in tf.range(20):
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum((w - x) ** 2)
            optimizer.apply_gradients(zip(tape.gradient(loss, [w]), [w], strict=True))
        return tf.stop_gradient(loss), tf.identity(w)

    return function


@flow(ONE, MINUS)
def tape_around_control_flow(tf):
    def function(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x if x > 0 else -x
            for _ in tf.range(3):
                if y > 2.0:
                    y = y * x
                else:
                    y = y + x
        return tape.gradient(y, x)

    return function


# ---- calls ------------------------------------------------------------------------------------------------------


def rectified(x):
    if x > 0:
        return x
    return 0.0 * x


@flow(ONE, MINUS)
def called_functions(tf):
    scale = 3.0

    def helper(x, *rest, power=1, **more):
        if x > 1:
            return x * scale
        for r in rest:
            x += r
        return x**power + sum(more.values())

    class Layer:
        def __init__(self, k):
            self.k = k

        def __call__(self, x):
            return self.method(x) if x > 0 else x

        def method(self, x):
            while x < 10.0:
                x = x * self.k
            return x

        @staticmethod
        def static(x):
            return x if x > 0 else x * 2.0

        @classmethod
        def of(cls, x):
            return cls(2.0)(x)

    layer = Layer(3.0)

    def function(x):
        absolute = lambda z: z if z > 0 else -z  # noqa: E731

        def inner(z):
            if z > 1.0:
                return absolute(z)
            return scale * z

        parts = [helper(x, 1.0, x, power=2, extra=x), inner(x), absolute(x), layer(x), layer.method(absolute(x))]
        return parts, Layer.static(x), Layer.of(x), rectified(x), tuple(map(absolute, [x, -x]))

    return function


def down(x, n):
    if n == 0:
        return x
    if x > 0:
        return down(x - 1.0, n - 1)
    return down(x + 1.5, n - 1)


@flow((ONE, 4), (MINUS, 3))
def recursion(tf):
    def function(x, n):
        return down(x, n)

    return function


@flow(ONE, MINUS)
def inheritance(tf):
    class Base:
        def value(self, x):
            if x > 0:
                return x * 2.0
            return x

    class Derived(Base):
        __scale = 5.0

        def value(self, x):
            y = super().value(x)
            if y > 1.0:
                y = y * 1.5
            return y * 2.0

    thing = Derived()

    def function(x):
        return thing.value(x)

    return function


@flow(ONE, MINUS)
def decorated_methods(tf):
    class Thing:
        @tf.function
        def value(self, x):
            if x > 0:
                return self.helped(x)
            return self(x)

        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def __call__(self, x):
            for _ in tf.range(3):
                x = x * 2.0
            return x

        def helped(self, x):
            while x < 10.0:
                x = x * 3.0
            return x

    class Module(tf.Module):
        @tf.function
        def __call__(self, x):
            return x * 2.0 if x > 0 else -x

    thing, module = Thing(), Module()

    def function(x):
        return thing.value(x), thing(x), module(x)

    outside = [thing.value(tf.constant(2.0)), thing(tf.constant(2.0)), module(tf.constant(-1.0))]

    def with_results_outside(x):
        return function(x), outside

    return with_results_outside


@flow(ONE, MINUS)
def partial_and_callbacks(tf):
    import functools

    def chosen(k, x):
        return x * k if x > 0 else x

    def function(x):
        part = functools.partial(chosen, 4.0)
        mapped = tf.map_fn(lambda z: z * z if z > 0 else -z, tf.stack([x, -x]))
        either = tf.cond(x > 0, lambda: rectified(x) + 1.0, lambda: rectified(-x))
        return part(x), mapped, either

    return function


@flow(ONE, MINUS)
def function_in_a_function(tf):
    @tf.function
    def inner(x):
        if x > 0:
            return x * x
        return -x

    def function(x):
        total = inner(x)
        for _ in tf.range(2):
            total += inner(total)
        return total

    return function


@flow(ONE, MINUS)
def module_with_a_name_scope(tf):
    class Rectify(tf.Module):
        @tf.Module.with_name_scope
        def __call__(self, x):
            if x > 0:
                return x
            return -x * 3.0

    module = Rectify()

    def function(x):
        return module(x)

    return function


# ---- statements -------------------------------------------------------------------------------------------------


@flow(ONE, MINUS)
def exceptions_in_python(tf):
    def function(x):
        text = ""
        try:
            y = x + 1.0
            raise KeyError("missing")
        except (KeyError, IndexError) as error:
            y = x + 2.0
            text = error.args[0]
        finally:
            z = 1.0
        if y > 0:
            y = y * 2.0
        return y * z, len(text)

    return function


@flow(ONE, MINUS)
def try_around_a_branch(tf):
    def function(x):
        try:
            if x > 0:
                y = x * 2.0
            else:
                y = -x
        finally:
            z = 1.0
        return y + z

    return function


@flow(ONE, MINUS)
def local_names(tf):
    def function(x, *args, k=2.0, **kwargs):
        import math

        class Constants:
            half = 0.5

        if x > 0:
            x = x * math.pi * Constants.half
        del args
        x += k
        return x

    return function


@flow(ONE)
def loop_options(tf):
    def function(x):
        for _ in tf.range(10):
            tf.autograph.experimental.set_loop_options(maximum_iterations=3)
            x = x + 1.0
        n = 0
        while n < tf.constant(9):
            tf.autograph.experimental.set_loop_options(maximum_iterations=4, parallel_iterations=1)
            n += 1
        return x, n

    return function


@flow(np.array([1.0], np.float32))
def shape_invariants(tf):
    def function(x):
        for _ in tf.range(3):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            x = tf.concat([x, x * 2.0], 0)
        return x

    return function


@flow.each()
def test_a_program_comes_out_the_same(build, calls):
    check(build, calls)


def test_a_slightly_wrong_program_is_found():
    def right(tf):
        return lambda x: x * 2.0 if x > 0 else -x

    def wrong(tf):
        factor = 2.0 if tf is not functape else 2.0001
        return lambda x: x * factor if x > 0 else -x

    check(right, ((ONE,), (MINUS,)))
    with pytest.raises(AssertionError):
        check(wrong, ((ONE,),))


def test_a_body_is_traced_once_a_signature():
    count = []

    def build(tf):
        def function(x):
            count.append(1)
            for _ in tf.range(3):
                x = x + 1.0
            return x

        return function

    outcome(functape, build, ((ONE,), (TWO,), (MINUS,)))
    assert len(count) == 1


def test_returns_after_elif():
    """TensorFlow asks for an else here."""

    def function(x):
        if x > 0:
            if x > 5:
                return x
            return x * 3.0
        elif x < 0:
            return -x
        return x + 1.0

    converted = functape.function(function)
    for x in (7.0, 1.0, -2.0, 0.0):
        assert converted(functape.constant(x)).numpy() == function(x)


def test_nested_conditional_expressions():
    def function(x):
        return 1.0 if x > 0 else 2.0 if x < -1 else 3.0

    converted = functape.function(function)
    for x in (7.0, -2.0, 0.0):
        assert converted(functape.constant(x)).numpy() == function(x)


def test_a_trial_of_the_body_draws_no_random_numbers():
    def drawn(first):
        functape.random.set_seed(3)

        @functape.function
        def function(n):
            values = first
            for _ in functape.range(n):
                values = functape.random.uniform([2])
            return values, functape.random.uniform([])

        return [each.numpy() for each in function(functape.constant(2))]

    for one, other in zip(drawn(None), drawn(functape.zeros([2])), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_loop_over_a_dataset_reads_it_each_time():
    """What reads data cannot be part of the program: the function runs as Python does."""
    dataset = functape.data.Dataset.from_tensor_slices(np.arange(4.0, dtype=np.float32))
    v = functape.Variable(1.0)

    @functape.function
    def function(x):
        for each in dataset:
            v.assign_add(each * x)
        for i, each in enumerate(dataset):
            v.assign_add(each * float(i))
        return v.read_value()

    assert function(functape.constant(2.0)).numpy() == 1.0 + 12.0 + 14.0
    assert function(functape.constant(1.0)).numpy() == 27.0 + 6.0 + 14.0
