"""The search for NaNs, and settings of `tf.debugging`."""

from __future__ import annotations

import pytest

import functape as tf


@pytest.fixture
def searching():
    tf.debugging.enable_check_numerics()
    yield
    tf.debugging.disable_check_numerics()


@pytest.mark.parametrize(("value", "word"), [(0.0, "Inf"), (-1.0, "NaN")])
@pytest.mark.usefixtures("searching")
def test_the_op_and_the_line_are_named(value: float, word: str):
    x = tf.constant([1.0, value])
    y = x * 1.0
    with pytest.raises(tf.errors.InvalidArgumentError, match=rf"{word}.*'Log'.*test_debugging.py:\d+"):
        tf.math.log(y)


@pytest.mark.usefixtures("searching")
def test_also_the_ninth_time_round():
    x = tf.Variable(9.0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="Inf"):
        for _ in range(20):
            x.assign_sub(1.0)
            tf.math.reciprocal(x)


def test_it_ends():
    tf.debugging.enable_check_numerics()
    tf.debugging.disable_check_numerics()
    assert not tf.config.is_op_by_op()
    assert float(tf.math.log(tf.constant(0.0))) == float("-inf")


def test_settings():
    tf.debugging.disable_traceback_filtering()
    assert not tf.debugging.is_traceback_filtering_enabled()
    tf.debugging.enable_traceback_filtering()
    assert tf.debugging.is_traceback_filtering_enabled()
    assert not tf.debugging.get_log_device_placement()
