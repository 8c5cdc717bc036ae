"""Random ops in branches and loops of traced functions: each body numbers its ops for itself, as in TensorFlow."""

from __future__ import annotations

from both_sides import Table, assert_same_outcome

programs = Table()


def drawn(tf, function):
    """Two runs of a function after the seed was set."""
    tf.random.set_seed(42)
    run = tf.function(function)
    return [run(), run()]


@programs
def in_a_branch(tf):
    def f():
        first = tf.random.uniform([])
        return first, tf.cond(first >= 0.0, lambda: tf.random.uniform([]), lambda: first), tf.random.uniform([])

    return drawn(tf, f)


@programs
def in_the_second_branch(tf):
    def f(x=-1.0):
        x = tf.constant(x) + 0.0
        if x > 0.0:
            y = tf.random.uniform([2])
        else:
            y = tf.random.normal([2])
            y = tf.stack([y, tf.random.uniform([2])])
            y = y[0]
        return y

    return drawn(tf, f)


@programs
def in_one_of_several(tf):
    draw = lambda: tf.random.uniform([])  # noqa: E731
    return drawn(tf, lambda: tf.switch_case(tf.constant(1) + 0, [draw, draw, draw]))


@programs
def in_a_loop_and_after_it(tf):
    def f():
        total, first = tf.constant(0.0), tf.random.uniform([])
        for _ in tf.range(3):
            total += tf.random.uniform([])
        return first, total, tf.random.uniform([])

    return drawn(tf, f)


@programs
def in_a_loop_that_fills_an_array(tf):
    def f():
        found = tf.TensorArray(tf.int64, size=0, dynamic_size=True)
        for step in tf.range(6):
            found = found.write(step, tf.random.categorical([[0.0, 0.0, 0.0, 0.0]], 1)[0, 0])
        return found.stack()

    return drawn(tf, f)


@programs
def in_a_loops_condition(tf):
    def f():
        return tf.while_loop(
            lambda i, x: (i < 3) & (tf.random.uniform([]) < 2.0),
            lambda i, x: (i + 1, x + tf.random.uniform([])),
            (0, 0.0),
        )[1]

    return drawn(tf, f)


@programs
def in_a_branch_of_a_loop(tf):
    def f():
        total = tf.constant(0.0)
        for i in tf.range(4):
            if i % 2 == 0:
                total += tf.random.uniform([])
            else:
                total -= tf.random.uniform([]) * 2.0
        return total

    return drawn(tf, f)


@programs
def in_a_loop_of_a_loop(tf):
    def f():
        total = tf.constant(0.0)
        for i in tf.range(2):
            for j in tf.range(2):
                total += tf.random.uniform([]) * tf.cast(i * 2 + j + 1, tf.float32)
            total += tf.random.uniform([]) * 100.0
        return total

    return drawn(tf, f)


@programs
def with_seeds_of_their_own(tf):
    def f():
        total = tf.constant(0.0)
        for _ in tf.range(3):
            total += tf.random.uniform([], seed=7) + tf.random.normal([], seed=8)
        return total

    return drawn(tf, f)


@programs.each()
def test_the_numbers_are_tensorflows(program):
    assert_same_outcome(program)
