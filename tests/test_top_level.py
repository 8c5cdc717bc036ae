"""Top-level functions that are seldom needed, `tf.config`, `tf.device` and `tf.compat`, against TensorFlow."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, each

import functape

X = np.random.default_rng(1).normal(size=(3, 4))

CASES = [
    Case("bitcast", lambda tf: [tf.bitcast(tf.constant([1.0, 2.0]), tf.int32)]),
    Case("bitcast up", lambda tf: tf.bitcast(tf.constant([[1, 2]]), tf.int64)),
    Case("bitcast down", lambda tf: tf.bitcast(tf.constant([1, 2]), tf.uint8)),
    Case("reverse_sequence", lambda tf, x: tf.reverse_sequence(x, [2, 0, 4], seq_axis=1, batch_axis=0), (X,)),
    Case("reverse_sequence 0", lambda tf, x: tf.reverse_sequence(x, [2, 0, 3, 1], seq_axis=0, batch_axis=1), (X,)),
    Case("histogram", lambda tf: tf.histogram_fixed_width([-1.0, 0.0, 1.5, 2, 5, 15], [0.0, 5.0], nbins=5)),
    Case("histogram bins", lambda tf: tf.histogram_fixed_width_bins([-1.0, 0.0, 1.5, 2, 5, 15], [0.0, 5.0], nbins=5)),
    Case("saturate", lambda tf: [tf.saturate_cast([300.0, -5.0, 3.7], tf.uint8)]),
    Case("saturate integers", lambda tf: tf.saturate_cast([300, -300], tf.int8)),
    Case("saturate large", lambda tf: tf.saturate_cast([1e30, -1e30], tf.int32)),
    Case("scatter max", lambda tf, x: tf.tensor_scatter_nd_max(x, [[0], [2]], tf.zeros([2, 4], tf.float64)), (X,), 0),
    Case("scatter min", lambda tf, x: tf.tensor_scatter_nd_min(x, [[0], [2]], tf.zeros([2, 4], tf.float64)), (X,), 0),
    Case("truncatediv", lambda tf: [tf.truncatediv([-7, 7], [2, -2]), tf.truncatemod([-7, 7], [2, -2])]),
    Case("realdiv", lambda tf, x: tf.realdiv(x, x + 3), (X,)),
    Case("unravel_index", lambda tf: tf.unravel_index([2, 5], [3, 2])),
    Case("paddings", lambda tf: tf.required_space_to_batch_paddings([5, 4], [2, 3], [[0, 1], [1, 0]])),
    Case("tuple", lambda tf, x: tf.tuple([x, x + 1]), (X,), 1),
    Case("eigvals", lambda tf: tf.math.real(tf.eigvals(tf.constant([[2.0]])))),
    Case(
        "edit_distance",
        lambda tf: [
            tf.edit_distance(
                tf.SparseTensor([[0, 0], [1, 0]], ["a", "b"], [2, 1]),
                tf.SparseTensor([[0, 0], [0, 1], [1, 0]], ["a", "c", "b"], [2, 2]),
                normalize=normalize,
            )
            for normalize in (True, False)
        ],
    ),
]  # fmt: skip


@each(CASES)
def test_values(case: Case):
    check(case)


@each(
    [
        Case("unravel", lambda tf: tf.unravel_index([9], [3, 2])),
        Case("reverse_sequence", lambda tf: tf.reverse_sequence([[1, 2]], [1, 2], seq_axis=1)),
        Case("bins", lambda tf: tf.histogram_fixed_width([1.0], [2.0, 1.0])),
        Case("device", lambda tf: tf.device("/nothing").__enter__()),
        Case("device function", lambda tf: tf.device(lambda op: "")),
        Case(
            "memory growth",
            lambda tf: tf.config.experimental.set_memory_growth(tf.config.list_physical_devices("CPU")[0], True),
        ),
        Case("unknown device", lambda tf: tf.config.experimental.get_memory_growth("nothing")),
        Case("device spec", lambda tf: tf.DeviceSpec.from_string("/nothing:0")),
        Case("as_bytes", lambda tf: tf.compat.as_bytes(1)),
    ]
)
def test_errors(case: Case):
    check_raises(case)


def test_devices():
    def program(tf):
        with tf.device("/CPU:0"), tf.device(None), tf.device(tf.DeviceSpec(device_type="CPU", device_index=0)):
            total = tf.constant(1) + 1
        spec = tf.DeviceSpec.from_string("/job:worker/task:1/device:GPU:0")
        merged = spec.make_merged_spec(tf.DeviceSpec(task=2, device_type="cpu"))
        names = [
            spec.to_string(),
            merged.to_string(),
            tf.DeviceSpec.from_string("cpu:1").to_string(),
            spec.replace(task=3).task,
        ]
        cpu = tf.config.list_physical_devices("CPU")[0]
        return (
            int(total),
            names,
            cpu.name,
            cpu.device_type,
            len(tf.config.get_visible_devices("CPU")),
            spec == spec.replace(),
        )

    assert program(functape) == program(tensorflow)


def test_settings_are_kept():
    functape.config.threading.set_inter_op_parallelism_threads(3)
    assert functape.config.threading.get_inter_op_parallelism_threads() == 3
    functape.config.set_soft_device_placement(False)
    assert functape.config.get_soft_device_placement() is False
    functape.config.optimizer.set_jit(True)
    assert functape.config.optimizer.get_jit() == "autoclustering"


def test_compat():
    def program(tf):
        v1 = tf.compat.v1
        v1.enable_eager_execution()
        v1.logging.set_verbosity(v1.logging.ERROR)
        return (
            tf.compat.as_text(b"a"),
            tf.compat.as_bytes("a"),
            tf.compat.as_str_any(3),
            v1.executing_eagerly_outside_functions(),
        )

    assert program(functape) == program(tensorflow)
    with pytest.raises(AttributeError, match="GradientTape"):
        _ = functape.compat.v1.placeholder


def test_versions():
    assert functape.__version__ == functape.version.VERSION
    assert functape.errors.INVALID_ARGUMENT == tensorflow.errors.INVALID_ARGUMENT == 3


@pytest.mark.parametrize(
    "path",
    [
        "bitcast",
        "edit_distance",
        "get_static_value",
        "histogram_fixed_width",
        "histogram_fixed_width_bins",
        "reverse_sequence",
        "saturate_cast",
        "tensor_scatter_nd_max",
        "tensor_scatter_nd_min",
        "truncatediv",
        "truncatemod",
        "unravel_index",
        "tuple",
        "type_spec_from_value",
        "is_symbolic_tensor",
        "random_index_shuffle",
        "device",
        "get_logger",
        "config.set_visible_devices",
        "config.experimental.set_memory_growth",
        "config.set_logical_device_configuration",
    ],
)
def test_parameters(path: str):
    def parameters(tf):
        found = tf
        for name in path.split("."):
            found = getattr(found, name)
        return [(each.name, each.default is each.empty) for each in inspect.signature(found).parameters.values()]

    assert parameters(functape) == parameters(tensorflow)
