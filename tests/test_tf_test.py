"""`tf.test.TestCase`: the same assertions pass and fail as in TensorFlow's."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import tensorflow

import functape

ASSERTIONS = {
    "close": lambda c, tf: c.assertAllClose(tf.constant([1.0, 2.0]), [1.0, 2.0]),
    "not close": lambda c, tf: c.assertAllClose([1.0], [1.1]),
    "close within": lambda c, tf: c.assertAllClose([1.0], [1.1], rtol=0.2),
    "close dicts": lambda c, tf: c.assertAllClose({"a": [1.0], "b": tf.ones(2)}, {"a": [1.0], "b": [1.0, 1.0]}),
    "dicts differ": lambda c, tf: c.assertAllClose({"a": [1.0]}, {"b": [1.0]}),
    "dict and list": lambda c, tf: c.assertAllClose({"a": [1.0]}, [1.0]),
    "close lists": lambda c, tf: c.assertAllClose([[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0]]),
    "shapes differ": lambda c, tf: c.assertAllClose([1.0], [[1.0]]),
    "nan": lambda c, tf: c.assertAllClose([np.nan], [np.nan]),
    "equal": lambda c, tf: c.assertAllEqual(tf.constant([[1, 2]]), [[1, 2]]),
    "equal nan": lambda c, tf: c.assertAllEqual([np.nan], [np.nan]),
    "not equal": lambda c, tf: c.assertAllEqual([1], [2]),
    "equal shapes": lambda c, tf: c.assertAllEqual([1], [[1]]),
    "equal text": lambda c, tf: c.assertAllEqual(tf.constant(["a"]), [b"a"]),
    "equal ragged": lambda c, tf: c.assertAllEqual(tf.ragged.constant([[1], [2, 3]]), [[1], [2, 3]]),
    "assertNotAllClose": lambda c, tf: c.assertNotAllClose([1.0], [1.0]),
    "assertNotAllEqual": lambda c, tf: c.assertNotAllEqual([1], [1]),
    "half": lambda c, tf: c.assertAllCloseAccordingToType(np.float16([1.0]), np.float16([1.001])),
    "single": lambda c, tf: c.assertAllCloseAccordingToType(np.float32([1.0]), np.float32([1.001])),
    "greater": lambda c, tf: c.assertAllGreater([1, 2], 0),
    "greater fails": lambda c, tf: c.assertAllGreater([1, 2], 1),
    "range": lambda c, tf: c.assertAllInRange([1, 2], 1, 2),
    "open range": lambda c, tf: c.assertAllInRange([1, 2], 1, 2, open_upper_bound=True),
    "set": lambda c, tf: c.assertAllInSet([1, 2, 1], [1, 2]),
    "set fails": lambda c, tf: c.assertAllInSet([1, 3], [1, 2]),
    "near": lambda c, tf: c.assertNear(1.0, 1.05, 0.1),
    "near fails": lambda c, tf: c.assertNear(1.0, 1.5, 0.1),
    "arrays near": lambda c, tf: c.assertArrayNear([1.0], [1.5], 0.1),
    "shape": lambda c, tf: c.assertShapeEqual(np.ones((2, 3)), tf.ones([2, 3])),
    "shape fails": lambda c, tf: c.assertShapeEqual(np.ones((2, 3)), tf.ones([3, 2])),
    "dtype": lambda c, tf: c.assertDTypeEqual(tf.ones(2), tf.float32),
    "dtype fails": lambda c, tf: c.assertDTypeEqual(tf.ones(2), tf.int32),
    "len": lambda c, tf: c.assertLen([1], 2),
    "empty": lambda c, tf: c.assertEmpty([]),
    "items": lambda c, tf: c.assertItemsEqual([1, 2], [2, 1]),
    "between": lambda c, tf: c.assertBetween(3, 1, 2),
    "evaluate": lambda c, tf: c.assertEqual(c.evaluate({"a": tf.constant(3)}), {"a": 3}),
    "session": lambda c, tf: c.cached_session().__enter__() and None,
}


def outcome(tf, name: str) -> str:
    class Case(tf.test.TestCase):
        def runTest(self):
            ASSERTIONS[name](self, tf)

    case = Case()
    case.setUp()
    try:
        ASSERTIONS[name](case, tf)
    except Exception as error:
        return "fails" if isinstance(error, AssertionError) else type(error).__name__
    return "passes"


@pytest.mark.parametrize("name", ASSERTIONS)
def test_assertion(name: str):
    assert outcome(functape, name) == outcome(tensorflow, name)


def test_seeds_are_set_before_each_test():
    case = functape.test.TestCase()
    case.setUp()
    first = functape.random.uniform([2]).numpy()
    case.setUp()
    np.testing.assert_array_equal(functape.random.uniform([2]).numpy(), first)


def test_errors_of_ops():
    case = functape.test.TestCase()
    with case.assertRaisesOpError("Incompatible|fit"):
        functape.ones([2]) + functape.ones([3])
    with pytest.raises(AssertionError), case.assertRaisesOpError("."):
        pass


@pytest.mark.parametrize(
    "name", ["assertAllClose", "assertAllEqual", "assertAllInRange", "assertNear", "evaluate", "assertDTypeEqual"]
)
def test_parameters(name: str):
    theirs, ours = (
        list(inspect.signature(getattr(tf.test.TestCase, name)).parameters) for tf in (tensorflow, functape)
    )
    assert ours == theirs


def test_what_the_machine_has():
    assert functape.test.is_built_with_xla() and isinstance(functape.test.is_gpu_available(), bool)
    assert functape.test.gpu_device_name() in ("", "/device:GPU:0")
