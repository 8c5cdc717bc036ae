"""The optimizers and the step counter of `tf.compat.v1.train`, with tapes, against TensorFlow's."""

from __future__ import annotations

import pytest
import tensorflow
from both_sides import Table, assert_same_error, assert_same_outcome

import functape

OPTIMIZERS = {
    "gradient descent": lambda train: train.GradientDescentOptimizer(0.1),
    "a rate that is a function": lambda train: train.GradientDescentOptimizer(lambda: 0.1),
    "Adam": lambda train: train.AdamOptimizer(0.1),
    "Adam with other settings": lambda train: train.AdamOptimizer(0.05, beta1=0.8, beta2=0.9, epsilon=0.1),
}
mistakes = Table()


@pytest.mark.parametrize("traced", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps(name, traced):
    def program(tf):
        optimizer = OPTIMIZERS[name](tf.compat.v1.train)
        count = tf.Variable(0, dtype=tf.int64)
        v, table = tf.Variable([1.0, 2.0]), tf.Variable(tf.ones([3, 2]))
        unused = tf.Variable(1.0)

        def step():
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(v * v) + tf.reduce_sum(tf.gather(table, [0, 0, 2]) ** 2)
            pairs = zip(tape.gradient(loss, [v, table, unused]), [v, table, unused], strict=True)
            optimizer.apply_gradients(pairs, global_step=count)
            return loss

        run = tf.function(step) if traced else step
        losses = [run() for _ in range(3)]
        optimizer.minimize(lambda: tf.reduce_sum(v * v), global_step=count)
        optimizer.minimize(lambda: tf.reduce_sum(v * v) + tf.reduce_sum(table), var_list=[table])
        ((gradient, variable),) = optimizer.compute_gradients(lambda: v * v, [v])
        same = variable is v
        return losses, v.numpy(), table.numpy(), count.numpy(), gradient, same, optimizer.get_name()

    assert_same_outcome(program, loosen=4.0)


@mistakes
def no_variables(tf):
    tf.compat.v1.train.AdamOptimizer().apply_gradients([])


@mistakes
def no_gradients(tf):
    tf.compat.v1.train.AdamOptimizer().apply_gradients([(None, tf.Variable(1.0))])


@mistakes
def a_loss_that_is_a_tensor(tf):
    tf.compat.v1.train.AdamOptimizer().minimize(tf.constant(1.0))


@mistakes
def a_second_step_counter(tf):
    tf.compat.v1.train.get_or_create_global_step()
    tf.compat.v1.train.create_global_step()


@mistakes.each()
def test_a_mistake_raises_what_tensorflow_raises(program):
    assert_same_error(program)


def test_the_step_counter_is_one():
    for tf in (tensorflow, functape):
        train = tf.compat.v1.train
        step = train.get_or_create_global_step()
        assert step is train.get_or_create_global_step() is train.get_global_step()
        assert step.dtype == tf.int64
        assert step.shape == []
        before = int(step)
        step.assign_add(2)
        assert int(train.get_global_step()) == before + 2
        assert not step.trainable


def test_what_is_not_there_says_what_to_use():
    with pytest.raises(AttributeError, match=r"Use tf\.keras\.optimizers\.SGD with momentum") as error:
        _ = functape.compat.v1.train.MomentumOptimizer
    assert "TensorFlow 2.21" not in str(error.value)
    assert functape.compat.v1.train.Checkpoint is functape.train.Checkpoint
