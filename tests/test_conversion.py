"""`tf.constant`, `tf.convert_to_tensor` and `tf.Variable` against TensorFlow over a table of values."""

from __future__ import annotations

import collections
import decimal
import fractions
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises

import functape

PAIR = collections.namedtuple("PAIR", "a b")


class _WithArray:
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return np.array([1.0, 2.0], dtype or np.float64)


VALUES: dict[str, Any] = {
    "int": lambda tf: 3,
    "negative int": lambda tf: -3,
    "large int": lambda tf: 2**31,
    "larger int": lambda tf: 2**63,
    "largest int": lambda tf: 2**64,
    "float": lambda tf: 2.5,
    "large float": lambda tf: 1e300,
    "infinity": lambda tf: float("inf"),
    "nan": lambda tf: float("nan"),
    "bool": lambda tf: True,
    "complex": lambda tf: 1 + 2j,
    "text": lambda tf: "abc",
    "unicode": lambda tf: "日本",
    "bytes": lambda tf: b"ab\xff",
    "bytearray": lambda tf: bytearray(b"ab"),
    "empty text": lambda tf: "",
    "none": lambda tf: None,
    "object": lambda tf: object(),
    "dict": lambda tf: {"a": 1},
    "set": lambda tf: {1, 2},
    "generator": lambda tf: (each for each in (1, 2)),
    "ellipsis": lambda tf: ...,
    "function": lambda tf: len,
    "decimal": lambda tf: decimal.Decimal("1.5"),
    "fraction": lambda tf: fractions.Fraction(1, 2),
    "ints": lambda tf: [1, 2, 3],
    "large ints": lambda tf: [1, 2**40],
    "floats": lambda tf: [1.0, 2.5],
    "ints and floats": lambda tf: [1, 2.5],
    "floats and ints": lambda tf: [2.5, 1],
    "bools": lambda tf: [True, False],
    "bools and ints": lambda tf: [True, 2],
    "ints and bools": lambda tf: [2, True],
    "bools and floats": lambda tf: [True, 2.0],
    "complexes and floats": lambda tf: [1 + 2j, 2.0],
    "floats and complexes": lambda tf: [2.0, 1 + 2j],
    "ints and complexes": lambda tf: [2, 1 + 2j],
    "texts": lambda tf: ["a", "bcd"],
    "texts and bytes": lambda tf: ["a", b"bcd"],
    "texts and ints": lambda tf: ["a", 1],
    "ints and texts": lambda tf: [1, "a"],
    "floats and none": lambda tf: [1.0, None],
    "empty": lambda tf: [],
    "empty inside": lambda tf: [[], []],
    "tuple": lambda tf: (1, 2),
    "named tuple": lambda tf: PAIR(1, 2),
    "range": lambda tf: range(4),
    "nested": lambda tf: [[1, 2], [3, 4]],
    "nested tuples": lambda tf: ([1, 2], (3.0, 4)),
    "deep": lambda tf: [[[1.0], [2.0]], [[3.0], [4.0]]],
    "ragged": lambda tf: [[1, 2], [3]],
    "ragged depth": lambda tf: [1, [2]],
    "ragged deeper": lambda tf: [[1], 2],
    "texts nested": lambda tf: [["a"], ["b"]],
    "numpy int": lambda tf: np.int64(3),
    "numpy int32": lambda tf: np.int32(3),
    "numpy float": lambda tf: np.float64(2.5),
    "numpy float32": lambda tf: np.float32(2.5),
    "numpy bool": lambda tf: np.bool_(True),
    "numpy text": lambda tf: np.str_("abc"),
    "numpy bytes": lambda tf: np.bytes_(b"abc"),
    "array float64": lambda tf: np.array([1.0, 2.5]),
    "array float32": lambda tf: np.array([1.0, 2.5], np.float32),
    "array float16": lambda tf: np.array([1.0, 2.5], np.float16),
    "array int64": lambda tf: np.array([1, 2]),
    "array int8": lambda tf: np.array([1, -2], np.int8),
    "array uint8": lambda tf: np.array([1, 200], np.uint8),
    "array uint16": lambda tf: np.array([1, 200], np.uint16),
    "array uint64": lambda tf: np.array([1, 2**63], np.uint64),
    "array bool": lambda tf: np.array([True, False]),
    "array complex": lambda tf: np.array([1 + 2j]),
    "array text": lambda tf: np.array(["a", "bc"]),
    "array bytes": lambda tf: np.array([b"a", b"bc"]),
    "array object": lambda tf: np.array(["a", b"bc"], object),
    "array object ints": lambda tf: np.array([1, 2], object),
    "array object mixed": lambda tf: np.array([1, "a"], object),
    "array object none": lambda tf: np.array([None], object),
    "array scalar": lambda tf: np.array(3.5),
    "array empty": lambda tf: np.zeros([0, 3]),
    "array transposed": lambda tf: np.arange(6).reshape(2, 3).T,
    "array strided": lambda tf: np.arange(6)[::-2],
    "array big endian": lambda tf: np.array([1.0, 2.5], ">f4"),
    "array column-major": lambda tf: np.array([[1.0, 2.5], [3.0, 4.0]], np.float32, order="F"),
    "array reversed": lambda tf: np.array([1.0, 2.5], np.float32)[::-1],
    "array broadcast": lambda tf: np.broadcast_to(np.float32(2.5), (2, 2)),
    "matrix": lambda tf: np.array([[1.0, 2.5]], np.float32).view(np.matrix),
    "array longdouble": lambda tf: np.array([1.0], np.longdouble),
    "array datetime": lambda tf: np.array(["2020-01-01"], "datetime64[D]"),
    "array structured": lambda tf: np.zeros(1, [("a", int)]),
    "arrays in a list": lambda tf: [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
    "arrays of two dtypes": lambda tf: [np.array([1, 2], np.int32), np.array([3.0, 4.0])],
    "arrays of two lengths": lambda tf: [np.array([1.0]), np.array([3.0, 4.0])],
    "array and list": lambda tf: [np.array([1.0, 2.0]), [3.0, 4.0]],
    "numpy numbers": lambda tf: [np.float32(1), np.float32(2)],
    "numpy numbers mixed": lambda tf: [np.int32(1), np.float64(2)],
    "numpy and python": lambda tf: [np.float64(1), 2.0],
    "python and numpy": lambda tf: [1.0, np.float64(2)],
    "python int and numpy": lambda tf: [1, np.int64(2)],
    "with __array__": lambda tf: _WithArray(),
    "jax": lambda tf: jnp.array([1.0, 2.0]),
    "jax int": lambda tf: jnp.array(3),
    "memoryview": lambda tf: memoryview(np.array([1, 2], np.int32)),
    "tensor": lambda tf: tf.constant([1.0, 2.0]),
    "tensor int": lambda tf: tf.constant(3),
    "tensor text": lambda tf: tf.constant("a"),
    "variable": lambda tf: tf.Variable([1.0, 2.0]),
    "tensors": lambda tf: [tf.constant(1.0), tf.constant(2.0)],
    "tensors nested": lambda tf: [[tf.constant(1.0), 2.0], [3.0, 4]],
    "tensor and float": lambda tf: [tf.constant(1.0), 2.0],
    "float and tensor": lambda tf: [1.0, tf.constant(2.0)],
    "int and tensor": lambda tf: [1, tf.constant(2.0)],
    "float and int tensor": lambda tf: [1.5, tf.constant(2)],
    "tensors of two dtypes": lambda tf: [tf.constant(1.0), tf.constant(2)],
    "tensor and array": lambda tf: [tf.constant([1.0]), np.array([2.0])],
    "tensors of two shapes": lambda tf: [tf.constant([1.0]), tf.constant(2.0)],
    "variables": lambda tf: [tf.Variable(1.0), tf.Variable(2.0)],
    "text tensors": lambda tf: [tf.constant("a"), "b"],
    "shape": lambda tf: tf.TensorShape([2, 3]),
    "shape partial": lambda tf: tf.TensorShape([2, None]),
    "shape unknown": lambda tf: tf.TensorShape(None),
    "dtype": lambda tf: tf.float32,
    "slices": lambda tf: tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([1]), tf.constant([3, 1])),
}
DTYPES = [None, "float32", "float64", "float16", "int32", "int64", "uint8", "bool", "complex64", "string"]


def _comparison(name: str, function: Any) -> None:
    """Compare values where TensorFlow gives any, exceptions where it raises."""
    case = Case(name, function, gradients=0)
    try:
        function(tensorflow)
    except Exception:
        check_raises(case)
    else:
        check(case)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_constant(name: str, dtype: str | None) -> None:
    _comparison(name, lambda tf: tf.constant(VALUES[name](tf), dtype))


@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int32", "int64", "string"])
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_convert_to_tensor(name: str, dtype: str | None) -> None:
    _comparison(name, lambda tf: tf.convert_to_tensor(VALUES[name](tf), dtype))


@pytest.mark.parametrize("hint", ["float64", "int64", "float16", "string"])
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_convert_to_tensor_with_a_hint(name: str, hint: str) -> None:
    _comparison(name, lambda tf: tf.convert_to_tensor(VALUES[name](tf), dtype_hint=hint))


@pytest.mark.parametrize("dtype", [None, "float32", "float64", "int32"])
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::numpy.exceptions.ComplexWarning")
def test_variable(name: str, dtype: str | None) -> None:
    def value(tf: Any) -> Any:
        variable = tf.Variable(VALUES[name](tf), dtype=dtype)
        return [variable.read_value(), variable.dtype.name, variable.shape.as_list(), variable.trainable]

    _comparison(name, value)


SHAPED: dict[str, Any] = {
    "repeated": (2.0, [2, 3]),
    "list repeated": ([2.0], [2, 3]),
    "reshaped": ([1, 2, 3, 4], [2, 2]),
    "the same": ([1, 2], [2]),
    "scalar": ([1], []),
    "text repeated": ("a", [2]),
    "bool repeated": (True, [2]),
    "empty": ([], [0, 3]),
    "empty from one": (1.0, [0]),
    "int": (1.0, 3),
    "TensorShape": (1.0, tensorflow.TensorShape([2])),
    "too few": ([1, 2], [3]),
    "too many": ([1, 2, 3], [2]),
    "nothing for something": ([], [2]),
    "unknown": ([1, 2], [None]),
}


@pytest.mark.parametrize("name", SHAPED)
def test_constant_with_a_shape(name: str) -> None:
    value, shape = SHAPED[name]
    _comparison(name, lambda tf: tf.constant(value, shape=shape if isinstance(shape, int | list) else list(shape)))


def test_a_constant_does_not_follow_its_array() -> None:
    for tf in (tensorflow, functape):
        array = np.array([1.0, 2.0], np.float32)
        tensor, variable = tf.constant(array), tf.Variable(array)
        array[0] = 9.0
        assert tensor.numpy()[0] == 1.0
        assert variable.numpy()[0] == 1.0


def test_numpy_gives_an_array_of_its_own() -> None:
    tensor = functape.constant([1.0, 2.0])
    tensor.numpy()[0] = 9.0
    assert tensor.numpy()[0] == 1.0


def test_a_jax_array_is_shared_and_given_back() -> None:
    array = jnp.arange(3.0)
    tensor = functape.convert_to_tensor(array)
    assert tensor.dtype == functape.float32
    np.testing.assert_array_equal(jnp.asarray(tensor), array)


def test_a_tracer_has_no_value() -> None:
    with pytest.raises(TypeError, match="traced array"):
        jax.jit(lambda x: functape.convert_to_tensor(x).numpy())(1.0)


def test_is_tensor() -> None:
    for value in (1, [1], np.ones(1), None, "a"):
        assert functape.is_tensor(value) is tensorflow.is_tensor(value)
    for make in (lambda tf: tf.constant(1), lambda tf: tf.Variable(1), lambda tf: VALUES["slices"](tf)):
        assert functape.is_tensor(make(functape)) is tensorflow.is_tensor(make(tensorflow))
