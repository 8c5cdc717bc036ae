"""Strategies of `tf.distribute` with one replica, against TensorFlow's."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow
from both_sides import compare, described

import functape

STRATEGIES = {
    "default": lambda tf: tf.distribute.get_strategy(),
    "one device": lambda tf: tf.distribute.OneDeviceStrategy("/cpu:0"),
    "mirrored": lambda tf: tf.distribute.MirroredStrategy(),
    "mirrored on a device": lambda tf: tf.distribute.MirroredStrategy(
        ["/cpu:0"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    ),
}
PROGRAMS = {}


def program(function):
    PROGRAMS[function.__name__] = function
    return function


def place(tf, strategy):
    """All that can be asked about where code is."""
    d = tf.distribute
    replica = d.get_replica_context()
    asked = replica is not None and (replica.num_replicas_in_sync, int(replica.replica_id_in_sync_group))
    return d.get_strategy() is strategy, d.has_strategy(), d.in_cross_replica_context(), asked


@program
def places(tf, strategy):
    found = [place(tf, strategy), strategy.num_replicas_in_sync]
    with strategy.scope() as scoped:
        found += [scoped is strategy, place(tf, strategy)]
        with tf.distribute.get_strategy().scope():
            found.append(place(tf, strategy))
    found += [strategy.run(lambda: place(tf, strategy)), place(tf, strategy)]

    def merged(inner, x):
        return inner is strategy, x, place(tf, strategy)

    found.append(strategy.run(lambda: tf.distribute.get_replica_context().merge_call(merged, args=(3,))))
    try:
        strategy.run(lambda: 1 / 0)
    except ZeroDivisionError:
        found.append(place(tf, strategy))
    return found


@program
def reductions(tf, strategy):
    x = tf.constant([[1.0, 2.0], [3.0, 6.0]])
    d = tf.distribute
    return [
        strategy.reduce(how, x, axis=axis)
        for how in ("SUM", "mean", d.ReduceOp.SUM, d.ReduceOp.MEAN)
        for axis in (None, 0, 1)
    ]


@program
def exchanges(tf, strategy):
    x = tf.constant([1.0, 2.0])

    def replica():
        context = tf.distribute.get_replica_context()
        summed = context.all_reduce(tf.distribute.ReduceOp.SUM, {"a": x, "b": [x * 2.0]})
        return summed, context.all_gather(x, axis=0), context.all_reduce("MEAN", tf.constant(3.0))

    return strategy.run(replica), strategy.gather(x, axis=0), strategy.experimental_local_results(x)


@program
def a_training_loop(tf, strategy):
    x, y = np.arange(8, dtype=np.float32).reshape(4, 2) / 8, np.ones((4, 1), np.float32)
    dataset = strategy.experimental_distribute_dataset(tf.data.Dataset.from_tensor_slices((x, y)).batch(2))
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones")])
        optimizer = tf.keras.optimizers.SGD(0.1)

    def step(x, y, scale=1.0):
        with tf.GradientTape() as tape:
            each = tf.reduce_mean((model(x) - y) ** 2, axis=1) * scale
            if tf.reduce_sum(each) > 100.0:
                each = each / 2.0
            loss = tf.nn.compute_average_loss(each, global_batch_size=2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    @tf.function
    def distributed_step(x, y):
        return strategy.reduce(
            tf.distribute.ReduceOp.SUM, strategy.run(step, args=(x, y), kwargs={"scale": 2.0}), axis=None
        )

    losses = [distributed_step(*batch) for _ in range(2) for batch in dataset]
    return losses, [each.numpy() for each in model.trainable_variables]


@program
def fitting(tf, strategy):
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones")])
        model.compile("sgd", "mse")
    model.fit(np.ones((8, 2), np.float32), np.zeros((8, 1), np.float32), epochs=2, verbose=0)
    return model.get_weights()


@program
def inputs(tf, strategy):
    def made(context):
        size = context.get_per_replica_batch_size(4)
        return tf.data.Dataset.range(8).shard(context.num_input_pipelines, context.input_pipeline_id).batch(size)

    return [each.numpy() for each in strategy.distribute_datasets_from_function(made)]


@program
def what_libraries_ask(tf, strategy):
    with strategy.scope():
        v = tf.Variable(1.0)
    extended = strategy.extended
    with strategy.scope():
        with extended.colocate_vars_with(v):
            pass
        if tf.distribute.in_cross_replica_context():
            extended.update(v, lambda variable, x: variable.assign_add(x), args=(2.0,))
        created = extended.variable_created_in_scope(v)
    return v.numpy(), created, extended.experimental_require_static_shapes


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_program_does_as_in_tensorflow(strategy, name):
    theirs, ours = (described(PROGRAMS[name](tf, STRATEGIES[strategy](tf))) for tf in (tensorflow, functape))
    compare(ours, theirs, name)


MISTAKES = {
    "another strategy": lambda tf: _nested(tf, tf.distribute.OneDeviceStrategy("/cpu:0")),
    "the default inside another": lambda tf: _nested(tf, tf.distribute.get_strategy()),
    "no such reduction": lambda tf: tf.distribute.get_strategy().reduce("MOST", tf.constant(1.0), axis=None),
    "no axis": lambda tf: tf.distribute.get_strategy().reduce("SUM", tf.constant(1.0)),
    "an uneven batch": lambda tf: tf.distribute.InputContext(1, 0, 3).get_per_replica_batch_size(4),
    "no TPU": lambda tf: tf.distribute.cluster_resolver.TPUClusterResolver(),
}


def _nested(tf, inner):
    with tf.distribute.MirroredStrategy(["/cpu:0"]).scope(), inner.scope():
        pass


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_raises_what_tensorflow_raises(name):
    found = []
    for tf in (tensorflow, functape):
        with pytest.raises(Exception) as error:
            MISTAKES[name](tf)
        found.append(error.type.__name__)
    assert found[0] == found[1]


def test_several_devices_are_refused_with_the_way_instead():
    with pytest.raises(NotImplementedError, match="one replica"):
        functape.distribute.MirroredStrategy(["GPU:0", "GPU:1"])
