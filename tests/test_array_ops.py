"""Array ops against TensorFlow: values, dtypes, shapes, gradients, errors, signatures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, compare, each, run

import functape

_draw = np.random.default_rng(3)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape).astype(np.float32)


A, B, C = floats(3, 4), floats(2, 3, 4), floats(5)
TIES = np.array([[3, 1, 2, 1], [0, 5, 5, -2]], np.float32)
WHOLE = np.array([[3, 1, 2], [0, 5, -7]], np.int32)
INDEX = np.array([2, 0, 2], np.int32)
TEXT = [["a", "bc"], ["d", "e"]]
COMPLEX = (floats(2, 3) + 1j * floats(2, 3)).astype(np.complex64)

CREATION = [
    Case("zeros", lambda tf: tf.zeros([2, 3])),
    Case("zeros scalar", lambda tf: tf.zeros([])),
    Case("zeros int shape", lambda tf: tf.zeros(3, tf.int64)),
    Case("zeros bool", lambda tf: tf.zeros([2], tf.bool)),
    Case("zeros string", lambda tf: tf.zeros([2], tf.string)),
    Case("zeros tensor shape", lambda tf: tf.zeros(tf.constant([2, 1]))),
    Case("zeros mixed shape", lambda tf: tf.zeros([tf.constant(2), 1, tf.constant(1)])),
    Case("zeros TensorShape", lambda tf: tf.zeros(tf.TensorShape([2, 1]))),
    Case("zeros numpy", lambda tf: tf.zeros(np.array([1, 2]))),
    Case("zeros of shape", lambda tf, x: tf.zeros(tf.shape(x)), (A,), gradients=0),
    Case("zeros of product", lambda tf, x: tf.zeros([tf.shape(x)[0] * 2 + 1]), (A,), gradients=0),
    Case("ones", lambda tf: tf.ones((2,), "float64")),
    Case("ones bool", lambda tf: tf.ones((2,), tf.bool)),
    Case("ones complex", lambda tf: tf.ones((2,), tf.complex64)),
    Case("zeros_like", lambda tf, x: tf.zeros_like(x), (A,), gradients=1),
    Case("zeros_like dtype", lambda tf, x: tf.zeros_like(x, tf.int32), (A,), gradients=0),
    Case("zeros_like list", lambda tf: tf.zeros_like([1, 2])),
    Case("ones_like", lambda tf, x: tf.ones_like(x) * x, (A,)),
    Case("ones_like variable", lambda tf: tf.ones_like(tf.Variable([1.0, 2.0]))),
    Case("zeros_like strings", lambda tf: tf.zeros_like(["a"])),
    Case("fill", lambda tf, x: tf.fill([2, 3], x), (np.float32(2),)),
    Case("fill int", lambda tf: tf.fill([2], 7)),
    Case("fill string", lambda tf: tf.fill([2], "ab")),
    Case("eye", lambda tf: tf.eye(3)),
    Case("eye columns", lambda tf: tf.eye(2, 3, [2], tf.int64)),
    Case("eye more rows", lambda tf: tf.eye(3, num_columns=1)),
    Case("range", lambda tf: tf.range(5)),
    Case("range limits", lambda tf: tf.range(2, 11, 3)),
    Case("range down", lambda tf: tf.range(5, 0, -2)),
    Case("range empty", lambda tf: tf.range(3, 3)),
    Case("range float", lambda tf: tf.range(0.0, 1.0, 0.1)),
    Case("range float limit", lambda tf: tf.range(2.5)),
    Case("range mixed", lambda tf: tf.range(0, 2.0, 1)),
    Case("range int64", lambda tf: tf.range(tf.constant(3, tf.int64))),
    Case("range float64", lambda tf: tf.range(0.0, tf.constant(1, tf.float64), 0.25)),
    Case("range dtype", lambda tf: tf.range(3, dtype=tf.float32)),
    Case("range dtype int64", lambda tf: tf.range(3, dtype=tf.int64)),
    Case("range float16", lambda tf: tf.range(3, dtype=tf.float16)),
    Case("range tensors", lambda tf: tf.range(tf.constant(1), tf.constant(4))),
    Case("range numpy", lambda tf: tf.range(np.int64(3))),
    Case("linspace", lambda tf, a, b: tf.linspace(a, b, 7), (np.float32(1), np.float32(3))),
    Case("linspace one", lambda tf, a, b: tf.linspace(a, b, 1), (np.float32(1), np.float32(3))),
    Case("linspace two", lambda tf, a, b: tf.linspace(a, b, 2), (np.float32(1), np.float32(3))),
    Case("linspace vectors", lambda tf, a, b: tf.linspace(a, b, 4, axis=-1), (floats(3), floats(3))),
    Case("linspace ints", lambda tf: tf.linspace(0, 10, 5)),
    Case("linspace float64", lambda tf: tf.linspace(tf.constant(0, tf.float64), 1, 11)),
    Case("linspace down", lambda tf: tf.linspace(5.0, -5.0, 101), loosen=5, because="numbers around 5 cancel"),
]

SHAPING = [
    Case("reshape", lambda tf, x: tf.reshape(x, [4, 3]), (A,)),
    Case("reshape rest", lambda tf, x: tf.reshape(x, (2, -1)), (A,)),
    Case("reshape flat int", lambda tf, x: tf.reshape(x, -1), (A,)),
    Case("reshape scalar", lambda tf: tf.reshape([3.0], [])),
    Case("reshape tensor", lambda tf, x: tf.reshape(x, tf.constant([6, 2])), (A,)),
    Case("reshape mixed", lambda tf, x: tf.reshape(x, [tf.shape(x)[1], -1]), (A,)),
    Case("reshape empty", lambda tf: tf.reshape(tf.zeros([0, 3]), [3, 0])),
    Case("reshape strings", lambda tf: tf.reshape(tf.constant(TEXT), [4])),
    Case("reshape int64 shape", lambda tf, x: tf.reshape(x, np.array([2, 6])), (A,)),
    Case("expand_dims", lambda tf, x: [tf.expand_dims(x, axis) for axis in (0, 1, 2, -1, -3)], (A,)),
    Case("squeeze", lambda tf, x: tf.squeeze(x[:, None, :, None]), (A,)),
    Case("squeeze axis", lambda tf, x: [tf.squeeze(x[:, None, :, None], a) for a in (1, -1, [1], [1, 3])], (A,)),
    Case("squeeze nothing", lambda tf, x: tf.squeeze(x[None], []), (A,)),
    Case("transpose", lambda tf, x: tf.transpose(x), (B,)),
    Case("transpose perm", lambda tf, x: tf.transpose(x, [1, 0, 2]), (B,)),
    Case("transpose negative perm", lambda tf, x: tf.transpose(x, perm=(0, -1, 1)), (B,), gradients=0),
    Case("transpose tensor perm", lambda tf, x: tf.transpose(x, tf.constant([2, 0, 1])), (B,)),
    Case("transpose conjugate", lambda tf, x: tf.transpose(x, conjugate=True), (COMPLEX,)),
    Case("transpose scalar", lambda tf: tf.transpose(2.0)),
    Case("transpose strings", lambda tf: tf.transpose(tf.constant(TEXT))),
    Case("matrix_transpose", lambda tf, x: tf.linalg.matrix_transpose(x), (B,)),
    Case("adjoint", lambda tf, x: tf.linalg.adjoint(x), (COMPLEX,)),
    Case("concat", lambda tf, x, y: [tf.concat([x, y], 0), tf.concat([x, y, x], axis=-1)], (A, floats(3, 4))),
    Case("concat one", lambda tf, x: tf.concat([x], 0), (A,)),
    Case("concat tensor", lambda tf, x: tf.concat(x, 0), (A,)),
    Case("concat lists", lambda tf: tf.concat([[1, 2], [3]], 0)),
    Case("concat numbers beside", lambda tf, x: tf.concat([[1, 2], x], 0), (C,)),
    Case("concat strings", lambda tf: tf.concat([["a"], ["b", "c"]], 0)),
    Case("concat axis tensor", lambda tf, x: tf.concat([x, x], tf.constant(1)), (A,)),
    Case("stack", lambda tf, x, y: [tf.stack([x, y], axis) for axis in (0, 1, 2, -1)], (A, floats(3, 4))),
    Case("stack numbers", lambda tf, x: tf.stack([x, 1.0, 2]), (np.float32(3),)),
    Case("stack tensor", lambda tf, x: tf.stack(x, axis=1), (A,)),
    Case("stack python", lambda tf: [tf.stack([1, 2]), tf.stack([1.0, 2]), tf.stack([True])]),
    Case("stack empty", lambda tf: tf.stack([])),
    Case("stack strings", lambda tf: tf.stack(["a", "b"])),
    Case("stack shapes", lambda tf, x: tf.stack([tf.shape(x)[0], 3]), (A,), gradients=0),
    Case("unstack", lambda tf, x: tf.unstack(x), (A,)),
    Case("unstack axis", lambda tf, x: tf.unstack(x, num=4, axis=-1)[1:3], (A,)),
    Case("unstack list", lambda tf: tf.unstack([1, 2])),
    Case("split", lambda tf, x: tf.split(x, 2, axis=1), (A,)),
    Case("split sizes", lambda tf, x: tf.split(x, [1, -1, 1], axis=-1), (A,)),
    Case("split sizes one used", lambda tf, x: tf.split(x, [1, 3], 1)[1], (A,)),
    Case("split tensor sizes", lambda tf, x: tf.split(x, tf.constant([1, 2]), 0, num=2), (A,)),
    Case("split empty part", lambda tf, x: tf.split(x, [0, 3]), (A,)),
    Case("tile", lambda tf, x: [tf.tile(x, [2, 3]), tf.tile(x, tf.constant([1, 0]))], (A,)),
    Case("tile scalar", lambda tf: tf.tile(1.0, [])),
    Case("tile strings", lambda tf: tf.tile(["a", "b"], [2])),
    Case("pad", lambda tf, x: tf.pad(x, [[1, 2], [0, 3]]), (A,)),
    Case("pad value", lambda tf, x, v: tf.pad(x, [[1, 0], [0, 1]], constant_values=v), (A, np.float32(7))),
    Case("pad python value", lambda tf, x: tf.pad(x, tf.constant([[1, 0], [0, 1]]), "constant", -1), (A,)),
    Case("pad ints", lambda tf: tf.pad([[1, 2]], [[1, 1], [0, 1]], constant_values=9)),
    Case("pad bool", lambda tf: tf.pad([True], [[1, 1]])),
    Case("pad reflect", lambda tf, x: tf.pad(x, [[1, 2], [3, 0]], "REFLECT"), (A,)),
    Case("pad symmetric", lambda tf, x: tf.pad(x, [[3, 2], [4, 0]], "symmetric"), (A,)),
    Case("pad strings", lambda tf: tf.pad(["a"], [[1, 2]])),
    Case("pad strings value", lambda tf: tf.pad(["a"], [[1, 2]], constant_values="z")),
    Case("reverse", lambda tf, x: [tf.reverse(x, [0]), tf.reverse(x, [-1, 0]), tf.reverse(x, [])], (B,)),
    Case("reverse strings", lambda tf: tf.reverse(tf.constant(TEXT), [1])),
    Case("roll", lambda tf, x: [tf.roll(x, 1, 0), tf.roll(x, [-1, 6], [0, 1]), tf.roll(x, [1, 1], [1, 1])], (A,)),
    Case("roll tensor shift", lambda tf, x, s: tf.roll(x, s, axis=-1), (A, np.int32(2))),
    Case("repeat", lambda tf, x: [tf.repeat(x, 2), tf.repeat(x, 2, 1), tf.repeat(x, 0, 0)], (A,)),
    Case("repeat each", lambda tf, x: [tf.repeat(x, [1, 0, 2], axis=0), tf.repeat(x, [2], axis=-2)], (A,)),
    Case("repeat scalar", lambda tf: tf.repeat(3, repeats=4)),
    Case("repeat strings", lambda tf: tf.repeat(["a", "b"], [1, 2])),
    Case("broadcast_to", lambda tf, x: [tf.broadcast_to(x, [2, 3, 4]), tf.broadcast_to(x, tf.shape(x))], (A,)),
    Case("broadcast_to scalar", lambda tf, x: tf.broadcast_to(x, [2, 2]), (np.float32(3),)),
    Case("broadcast_to inner", lambda tf, x: tf.broadcast_to(x, (3, 5)), (floats(3, 1),)),
    Case("meshgrid", lambda tf, x, y: tf.meshgrid(x, y), (floats(3), floats(2))),
    Case("meshgrid ij", lambda tf, x, y: tf.meshgrid(x, y, x, indexing="ij"), (floats(3), floats(2))),
    Case("meshgrid three xy", lambda tf, x, y: tf.meshgrid(x, y, x), (floats(3), floats(2))),
    Case("meshgrid one", lambda tf: tf.meshgrid([1, 2])),
    Case("identity", lambda tf, x: [tf.identity(x), tf.identity([1, 2]), tf.identity("a")], (A,)),
    Case("identity_n", lambda tf, x: tf.identity_n([x, x]), (A,)),
    Case("stop_gradient", lambda tf, x: x * tf.stop_gradient(x), (A,), gradients=1),
    Case("stop_gradient alone", lambda tf, x: tf.stop_gradient(x), (A,), gradients=1),
]

MEASURING = [
    Case("shape", lambda tf, x: [tf.shape(x), tf.shape(x, tf.int64), tf.shape(2.0)], (A,), gradients=0),
    Case("shape strings", lambda tf: tf.shape(TEXT)),
    Case("shape arithmetic", lambda tf, x: tf.shape(x)[0] * tf.shape(x)[-1] + 1, (A,), gradients=0),
    Case("shape as float", lambda tf, x: x / tf.cast(tf.shape(x)[0], tf.float32), (A,)),
    Case("shape_n", lambda tf, x: tf.shape_n([x, x[0]]), (A,), gradients=0),
    Case("size", lambda tf, x: [tf.size(x), tf.size(x, tf.int64), tf.size(3)], (A,), gradients=0),
    Case("rank", lambda tf, x: [tf.rank(x), tf.rank(3)], (A,), gradients=0),
    Case("ensure_shape", lambda tf, x: tf.ensure_shape(x, [None, 4]), (A,)),
    Case("broadcast_static_shape", lambda tf: tf.broadcast_static_shape(*map(tf.TensorShape, ([2, 1], [3]))).as_list()),
    Case("broadcast_dynamic_shape", lambda tf: tf.broadcast_dynamic_shape([2, 1], [3])),
]

SIZES = [[], [1], [2, -1], [-1, 1], [1, 2]]
GATHERING = [
    Case("gather", lambda tf, x, i: tf.gather(x, i), (A, INDEX)),
    Case("gather axis", lambda tf, x, i: [tf.gather(x, i, axis=1), tf.gather(x, i, axis=-1)], (A, INDEX)),
    Case("gather scalar", lambda tf, x: [tf.gather(x, 1), tf.gather(x, tf.constant(2, tf.int64), axis=1)], (A,)),
    Case("gather matrix", lambda tf, x: tf.gather(x, [[0, 1], [1, 1]]), (B,)),
    Case("gather matrix axis", lambda tf, x: tf.gather(x, [[0, 1], [1, 1]], axis=1), (B,)),
    Case("gather batch", lambda tf, x: tf.gather(x, [[0, 2], [1, 1]], batch_dims=1), (B,)),
    Case("gather batch axis", lambda tf, x: tf.gather(x, [[0, 3], [1, 1]], batch_dims=1, axis=2), (B,)),
    Case("gather negative batch", lambda tf, x: tf.gather(x, [[0, 2], [1, 1]], batch_dims=-1), (B,)),
    Case("gather empty", lambda tf, x: tf.gather(x, tf.zeros([0], tf.int32)), (A,)),
    Case("gather bool", lambda tf: tf.gather([True, False], [1, 0, 0])),
    Case("gather strings", lambda tf: tf.gather(tf.constant(TEXT), [1, 0], axis=1)),
    Case("gather ints", lambda tf: tf.gather(tf.range(5), [1, 4])),
    Case("gather_nd", lambda tf, x: [tf.gather_nd(x, [[0, 1], [2, 3]]), tf.gather_nd(x, [[1], [1]])], (A,)),
    Case("gather_nd deep", lambda tf, x: tf.gather_nd(x, [[[0, 1]], [[1, 2]]]), (B,)),
    Case("gather_nd one", lambda tf, x: tf.gather_nd(x, [1, 1]), (A,), gradients=0),
    Case("gather_nd nothing", lambda tf, x: tf.gather_nd(x, tf.zeros([2, 0], tf.int32)), (A,), gradients=0),
    Case("gather_nd batch", lambda tf, x: tf.gather_nd(x, [[1, 0], [2, 3]], batch_dims=1), (B,)),
    Case("gather_nd ignore", lambda tf, x: tf.gather_nd(x, [[9, 0], [2, 3]], bad_indices_policy="IGNORE"), (A,)),
    Case("slice", lambda tf, x: [tf.slice(x, [1, 0], [2, 3]), tf.slice(x, [0, 1], [-1, -1])], (A,)),
    Case("slice tensor begin", lambda tf, x, b: tf.slice(x, b, [1, 2]), (A, np.array([1, 2], np.int32))),
    Case("slice pending begin", lambda tf, x, b: tf.slice(x, -b, [1, 2]), (A, np.array([-1, -2], np.int32))),
    Case("slice mixed begin", lambda tf, x, b: tf.slice(x, [b, 0], [1, 2]), (A, np.int32(1))),
    Case("slice strings", lambda tf: tf.slice(tf.constant(TEXT), [0, 1], [2, 1])),
    Case("strided_slice", lambda tf, x: tf.strided_slice(x, [0, 3], [3, 0], [2, -1]), (A,)),
    Case(
        "strided_slice masks", lambda tf, x: tf.strided_slice(x, [1, 1, 1], [2, 3, 2], [1, 1, 1], 2, 1, 0, 4, 0), (A,)
    ),
    Case(
        "strided_slice shrink",
        lambda tf, x: tf.strided_slice(x, [0, 1], [0, 2], ellipsis_mask=1, shrink_axis_mask=2),
        (B,),
    ),
    Case("where", lambda tf, x, y: tf.where(x > 0, x, y), (A, floats(3, 4))),
    Case("where broadcast", lambda tf, x, y: tf.where([[True], [False], [True]], x, y), (A, floats(4))),
    Case("where number", lambda tf, x: [tf.where(x > 0, x, 0.0), tf.where(x > 0, 1.0, x)], (A,)),
    Case("where int number", lambda tf, x: tf.where(x > 0, x, 0), (A,)),
    Case("where numbers", lambda tf: [tf.where([True, False], 1, 2), tf.where(True, 1.0, 2.0)]),
    Case("where safe", lambda tf, x: tf.where(x > 0, x**0.5, 0.0), (TIES,), gradients=1),
    Case("where coordinates", lambda tf, x: tf.where(x > 0), (A,), gradients=0),
    Case("where nonzero", lambda tf: tf.where([[0, 2], [3, 0]])),
    Case("one_hot", lambda tf: tf.one_hot([0, 2, -1, 5], 3)),
    Case("one_hot axis", lambda tf: [tf.one_hot([[0, 2], [1, 1]], 3, axis=axis) for axis in (0, 1, -1)]),
    Case("one_hot values", lambda tf, a, b: tf.one_hot([0, 1], 3, a, b), (np.float32(5), np.float32(-1)), 1),
    Case(
        "one_hot python values",
        lambda tf: [tf.one_hot([1], 3, 5, -1), tf.one_hot([1], 2, 5.0), tf.one_hot([1], 2, True, False)],
    ),
    Case("one_hot dtypes", lambda tf: [tf.one_hot([1], 3, dtype=d) for d in (tf.int32, tf.float64, tf.uint8)]),
    Case("one_hot value dtype", lambda tf: tf.one_hot([1], 3, 2, dtype=tf.float32)),
    Case("one_hot scalar", lambda tf: tf.one_hot(1, depth=tf.constant(3))),
    Case("one_hot int64", lambda tf: tf.one_hot(np.array([1, 0]), 2)),
    Case("one_hot uint8", lambda tf: tf.one_hot(np.array([1, 0], np.uint8), 2)),
    Case("boolean_mask", lambda tf, x: tf.boolean_mask(x, [True, False, True]), (A,)),
    Case("boolean_mask whole", lambda tf, x: tf.boolean_mask(x, x > 0), (A,)),
    Case("boolean_mask axis", lambda tf, x: tf.boolean_mask(x, [True, False, True, True], axis=1), (A,)),
    Case("boolean_mask strings", lambda tf: tf.boolean_mask(["a", "b"], [False, True])),
    Case("sequence_mask", lambda tf: [tf.sequence_mask([1, 3, 2]), tf.sequence_mask([1, 3], 2, tf.float32)]),
    Case("sequence_mask nested", lambda tf: tf.sequence_mask([[1], [0]], tf.constant(3), dtype=tf.int64)),
    Case("sequence_mask scalar", lambda tf: tf.sequence_mask(2, 4)),
    Case("scatter_nd", lambda tf, u: tf.scatter_nd([[0], [2], [2]], u, [4]), (floats(3),)),
    Case("scatter_nd rows", lambda tf, u: tf.scatter_nd([[1], [0]], u, tf.constant([3, 4])), (floats(2, 4),)),
    Case("scatter_nd deep", lambda tf, u: tf.scatter_nd([[[0, 1]], [[2, 1]]], u, [3, 2]), (floats(2, 1),)),
    Case("scatter_nd ignore", lambda tf, u: tf.scatter_nd([[7], [0]], u, [4], "IGNORE"), (floats(2),), gradients=0),
    Case("tensor_scatter_nd_update", lambda tf, x, u: tf.tensor_scatter_nd_update(x, [[1], [0]], u), (A, floats(2, 4))),
    Case("tensor_scatter_nd_add", lambda tf, x, u: tf.tensor_scatter_nd_add(x, [[1, 1], [1, 1]], u), (A, floats(2))),
    Case("tensor_scatter_nd_sub", lambda tf, x, u: tf.tensor_scatter_nd_sub(x, [[1, 1], [0, 1]], u), (A, floats(2))),
    Case("tensor_scatter_nd_update ints", lambda tf: tf.tensor_scatter_nd_update([1, 2, 3], [[0]], [9])),
    Case("dynamic_partition", lambda tf, x: tf.dynamic_partition(x, [1, 0, 1], 3), (A,)),
    Case("dynamic_partition matrix", lambda tf, x: tf.dynamic_partition(x, [[1, 0, 1], [0, 0, 0]], 2), (B,)),
    Case("dynamic_stitch", lambda tf, x, y: tf.dynamic_stitch([[0, 3], [1, 2]], [x, y]), (floats(2, 2), floats(2, 2))),
    Case("dynamic_stitch scalar", lambda tf, x, y: tf.dynamic_stitch([1, [0, 2]], [x, y]), (floats(2), floats(2, 2))),
]

ORDERING = [
    Case("sort", lambda tf, x: [tf.sort(x), tf.sort(x, 0), tf.sort(x, direction="DESCENDING")], (A,)),
    Case("sort ties", lambda tf, x: [tf.sort(x), tf.sort(x, direction="DESCENDING")], (TIES,)),
    Case("sort ints", lambda tf: [tf.sort([3, 1, 2]), tf.sort(np.array([3, 1, 2], np.uint8), direction="DESCENDING")]),
    Case("argsort", lambda tf, x: [tf.argsort(x), tf.argsort(x, axis=0, direction="DESCENDING")], (TIES,), gradients=1),
    Case("argsort stable", lambda tf: tf.argsort([1, 1, 0, 1], stable=True)),
    Case("searchsorted", lambda tf: [tf.searchsorted([1, 3, 3, 5], [0, 3, 9], side) for side in ("left", "right")]),
    Case("searchsorted batch", lambda tf: tf.searchsorted([[1.0, 2.0], [5.0, 6.0]], [[1.5], [7.0]], out_type=tf.int64)),
    Case("unique", lambda tf: tf.unique([3, 1, 3, 2, 1])),
    Case("unique floats", lambda tf: tf.unique([0.5, 0.25, 0.5], out_idx=tf.int64)),
    Case("unique strings", lambda tf: tf.unique(["b", "a", "b"])),
    Case("unique_with_counts", lambda tf: tf.unique_with_counts([3, 1, 3])),
    Case("unique empty", lambda tf: tf.unique(tf.zeros([0]))),
]

VALUES = CREATION + SHAPING + MEASURING + GATHERING + ORDERING


@each(VALUES)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


def test_a_slightly_wrong_value_fails() -> None:
    case = Case("wrong", lambda tf, x: tf.reshape(x, [-1]) * (1.00002 if tf is functape else 1.0), (A,))
    with pytest.raises(AssertionError, match="value"):
        compare(run(tensorflow, case), run(functape, case), case)


@pytest.mark.parametrize(
    "step",
    [
        lambda tf, x, i: tf.one_hot([0, 1], 3, float(i), -float(i)),
        lambda tf, x, i: tf.pad(x, [[1, 1], [0, 0]], constant_values=float(i)),
        lambda tf, x, i: tf.fill([2, 3], float(i)) + 1.0,
        lambda tf, x, i: tf.range(i, i + 3) * 2,
        lambda tf, x, i: tf.range(float(i), i + 3.0) * 2.0,
        lambda tf, x, i: tf.linspace(float(i), 1.0, 5),
        lambda tf, x, i: tf.roll(x, i, 0),
        lambda tf, x, i: tf.slice(x, [i % 3, 0], [1, 2]),
        lambda tf, x, i: tf.gather(x, [i % 3, 0]),
        lambda tf, x, i: tf.where(x > float(i), x, float(i)),
        lambda tf, x, i: tf.tensor_scatter_nd_add(x, [[i % 3, 0]], [float(i)]),
        lambda tf, x, i: x[: tf.shape(x)[0] - 1] * tf.cast(tf.shape(x)[0], tf.float32) * float(i),
    ],
)
def test_numbers_that_change_compile_once(step: Any) -> None:
    from functape._engine._cache import cache

    x = functape.constant(A)
    for number in (1, 2):
        step(functape, x, number).numpy()
    before = cache.compiled
    for number in range(3, 9):
        expected = step(tensorflow, tensorflow.constant(A), number).numpy()
        np.testing.assert_allclose(step(functape, x, number).numpy(), expected, rtol=1e-6)
    assert cache.compiled == before


def test_a_shape_read_in_mid_step_runs_nothing() -> None:
    from functape._engine._cache import cache

    x = functape.Variable(A)
    functape.reshape(x * 1.0, [-1]).numpy()
    before = cache.flushes
    with functape.GradientTape() as tape:
        y = x * 2.0
        rows, columns = functape.shape(y)[0], functape.shape(y)[1]
        z = functape.reshape(y, [rows * columns // 2, 2])
        z = functape.reshape(z, functape.concat([[columns], [rows]], 0))
        z = functape.tile(z, functape.stack([rows - 1, 1]))
    assert z.shape == (8, 3)
    assert cache.flushes == before
    np.testing.assert_array_equal(tape.gradient(z, x).numpy(), np.full((3, 4), 4, np.float32))
