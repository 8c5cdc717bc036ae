"""Mistakes in calls of array ops raise TensorFlow's exceptions; signatures are TensorFlow's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check_raises, check_signature, each

import functape

_draw = np.random.default_rng(3)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape).astype(np.float32)


A, C = floats(3, 4), floats(5)

ERRORS = [
    Case("zeros negative", lambda tf: tf.zeros([-1])),
    Case("zeros float", lambda tf: tf.zeros([1.5])),
    Case("zeros none", lambda tf: tf.zeros([None, 2])),
    Case("zeros dtype", lambda tf: tf.zeros([1], "float31")),
    Case("ones strings", lambda tf: tf.ones([1], tf.string)),
    Case("fill vector", lambda tf: tf.fill([2], [1, 2])),
    Case("fill negative", lambda tf: tf.fill([-2], 1)),
    Case("eye negative", lambda tf: tf.eye(-1)),
    Case("range zero", lambda tf: tf.range(0, 3, 0)),
    Case("range wrong way", lambda tf: tf.range(3, 0)),
    Case("range vector", lambda tf: tf.range([3, 4])),
    Case("range matrix", lambda tf: tf.range([[3]])),
    Case("linspace nothing", lambda tf: tf.linspace(0.0, 1.0, -1)),
    Case("linspace dtypes", lambda tf: tf.linspace(tf.constant(0.0), tf.constant(1.0, tf.float64), 3)),
    Case("reshape count", lambda tf, x: tf.reshape(x, [5]), (A,)),
    Case("reshape two rests", lambda tf, x: tf.reshape(x, [-1, -1]), (A,)),
    Case("reshape rest count", lambda tf, x: tf.reshape(x, [5, -1]), (A,)),
    Case("reshape negative", lambda tf, x: tf.reshape(x, [-2, 6]), (A,)),
    Case("reshape float", lambda tf, x: tf.reshape(x, [3.0, 4.0]), (A,)),
    Case("expand_dims axis", lambda tf, x: tf.expand_dims(x, 4), (A,)),
    Case("squeeze length", lambda tf, x: tf.squeeze(x, 0), (A,)),
    Case("squeeze axis", lambda tf, x: tf.squeeze(x, 5), (A,)),
    Case("transpose perm", lambda tf, x: tf.transpose(x, [0, 0]), (A,)),
    Case("transpose short", lambda tf, x: tf.transpose(x, [0]), (A,)),
    Case("transpose axis", lambda tf, x: tf.transpose(x, [0, 2]), (A,)),
    Case("concat shapes", lambda tf, x, y: tf.concat([x, y], 0), (A, floats(3, 5))),
    Case("concat ranks", lambda tf, x, y: tf.concat([x, y], 0), (A, floats(3))),
    Case("concat axis", lambda tf, x: tf.concat([x, x], 2), (A,)),
    Case("concat scalars", lambda tf: tf.concat([1.0, 2.0], 0)),
    Case("concat dtypes", lambda tf, x: tf.concat([x, tf.cast(x, tf.int32)], 0), (A,)),
    Case("concat empty", lambda tf: tf.concat([], 0)),
    Case("stack shapes", lambda tf, x: tf.stack([x, x[0]]), (A,)),
    Case("stack axis", lambda tf, x: tf.stack([x, x], 3), (A,)),
    Case("stack dtypes", lambda tf, x: tf.stack([x, tf.cast(x, tf.int32)]), (A,)),
    Case("unstack num", lambda tf, x: tf.unstack(x, 2), (A,)),
    Case("unstack axis", lambda tf, x: tf.unstack(x, axis=2), (A,)),
    Case("unstack scalar", lambda tf: tf.unstack(1.0)),
    Case("split uneven", lambda tf, x: tf.split(x, 2), (A,)),
    Case("split sum", lambda tf, x: tf.split(x, [1, 1]), (A,)),
    Case("split axis", lambda tf, x: tf.split(x, 2, 3), (A,)),
    Case("split num", lambda tf, x: tf.split(x, [1, 2], 0, 3), (A,)),
    Case("split zero", lambda tf, x: tf.split(x, 0), (A,)),
    Case("tile short", lambda tf, x: tf.tile(x, [2]), (A,)),
    Case("tile negative", lambda tf, x: tf.tile(x, [2, -1]), (A,)),
    Case("pad mode", lambda tf, x: tf.pad(x, [[0, 0], [0, 0]], "EDGE"), (A,)),
    Case("pad rows", lambda tf, x: tf.pad(x, [[0, 0]]), (A,)),
    Case("pad negative", lambda tf, x: tf.pad(x, [[-1, 0], [0, 0]]), (A,)),
    Case("pad reflect far", lambda tf, x: tf.pad(x, [[3, 0], [0, 0]], "REFLECT"), (A,)),
    Case("pad symmetric far", lambda tf, x: tf.pad(x, [[4, 0], [0, 0]], "SYMMETRIC"), (A,)),
    Case("reverse axis", lambda tf, x: tf.reverse(x, [2]), (A,)),
    Case("reverse twice", lambda tf, x: tf.reverse(x, [0, -2]), (A,)),
    Case("reverse int", lambda tf, x: tf.reverse(x, 0), (A,)),
    Case("roll axis", lambda tf, x: tf.roll(x, 1, 2), (A,)),
    Case("roll lengths", lambda tf, x: tf.roll(x, [1, 2], 0), (A,)),
    Case("roll scalar", lambda tf: tf.roll(1.0, 1, 0)),
    Case("repeat length", lambda tf, x: tf.repeat(x, [1, 2], axis=0), (A,)),
    Case("repeat axis", lambda tf, x: tf.repeat(x, 2, axis=2), (A,)),
    Case("repeat negative", lambda tf, x: tf.repeat(x, -1), (A,)),
    Case("broadcast_to", lambda tf, x: tf.broadcast_to(x, [3, 5]), (A,)),
    Case("broadcast_to rank", lambda tf, x: tf.broadcast_to(x, [4]), (A,)),
    Case("meshgrid indexing", lambda tf, x: tf.meshgrid(x, indexing="yx"), (C,)),
    Case("meshgrid keyword", lambda tf, x: tf.meshgrid(x, sparse=True), (C,)),
    Case("ensure_shape", lambda tf, x: tf.ensure_shape(x, [3, 5]), (A,)),
    Case("broadcast_static_shape", lambda tf: tf.broadcast_static_shape(tf.TensorShape([2]), tf.TensorShape([3]))),
    Case("broadcast_dynamic_shape", lambda tf: tf.broadcast_dynamic_shape([2], [3])),
    Case("gather range", lambda tf, x: tf.gather(x, [3]), (A,)),
    Case("gather negative", lambda tf, x: tf.gather(x, [-1]), (A,)),
    Case("gather axis", lambda tf, x: tf.gather(x, [0], axis=2), (A,)),
    Case("gather scalar", lambda tf: tf.gather(1.0, [0])),
    Case("gather floats", lambda tf, x: tf.gather(x, tf.constant([0.0])), (A,)),
    Case("gather batch", lambda tf, x: tf.gather(x, [[0], [1]], batch_dims=1), (A,)),
    Case("gather_nd range", lambda tf, x: tf.gather_nd(x, [[3, 0]]), (A,)),
    Case("gather_nd negative", lambda tf, x: tf.gather_nd(x, [[-1, 0]]), (A,)),
    Case("gather_nd deep", lambda tf, x: tf.gather_nd(x, [[0, 0, 0]]), (A,)),
    Case("slice range", lambda tf, x: tf.slice(x, [0, 2], [1, 3]), (A,)),
    Case("slice begin", lambda tf, x: tf.slice(x, [4, 0], [-1, 1]), (A,)),
    Case("slice short", lambda tf, x: tf.slice(x, [0], [1]), (A,)),
    Case("where one", lambda tf, x: tf.where(x > 0, x), (A,)),
    Case("where dtypes", lambda tf, x: tf.where(x > 0, x, tf.cast(x, tf.int32)), (A,)),
    Case("where scalar", lambda tf: tf.where(True)),
    Case("where lists", lambda tf: tf.where([True], [1], [2.5])),
    Case("where number condition", lambda tf: tf.where([1, 0], 1, 2)),
    Case("concat mixed", lambda tf: tf.concat([[1], [2.5]], 0)),
    Case("transpose float perm", lambda tf, x: tf.transpose(x, [0.0, 1.0]), (A,)),
    Case("concat float axis", lambda tf, x: tf.concat([x, x], 1.0), (A,)),
    Case("expand_dims float axis", lambda tf, x: tf.expand_dims(x, 1.0), (A,)),
    Case("split float axis", lambda tf, x: tf.split(x, 1, 1.0), (A,)),
    Case("tile floats", lambda tf, x: tf.tile(x, [1.0, 1.0]), (A,)),
    Case("fill float dims", lambda tf: tf.fill([2.0], 1)),
    Case("eye float", lambda tf: tf.eye(2.5)),
    Case("one_hot float depth", lambda tf: tf.one_hot([1], 3.0)),
    Case("one_hot bool", lambda tf: tf.one_hot([1], 3, dtype=tf.bool)),
    Case("reshape text", lambda tf, x: tf.reshape(x, "ab"), (A,)),
    Case("reshape none", lambda tf, x: tf.reshape(x, None), (A,)),
    Case("reshape nested", lambda tf, x: tf.reshape(x, [[12]]), (A,)),
    Case("pad floats", lambda tf, x: tf.pad(x, [[1.0, 0], [0, 0]]), (A,)),
    Case("fill none", lambda tf: tf.fill([2], None)),
    Case("shape float", lambda tf, x: tf.shape(x, tf.float32), (A,)),
    Case("zeros matrix", lambda tf: tf.zeros(tf.constant([[2]]))),
    Case("where shapes", lambda tf, x: tf.where(x > 0, x, [1.0, 2.0]), (A,)),
    Case("where condition", lambda tf, x: tf.where(x, x, x), (A,)),
    Case("where float number", lambda tf: tf.where([True, False], tf.constant([1, 2]), 0.5)),
    Case("one_hot dtype", lambda tf: tf.one_hot([1], 3, tf.constant(1.0), dtype=tf.int32)),
    Case("one_hot values", lambda tf: tf.one_hot([1], 3, tf.constant(1.0), tf.constant(0))),
    Case("one_hot floats", lambda tf: tf.one_hot(tf.constant([1.0]), 3)),
    Case("one_hot negative", lambda tf: tf.one_hot([1], -1)),
    Case("one_hot axis", lambda tf: tf.one_hot([1], 3, axis=2)),
    Case("boolean_mask shape", lambda tf, x: tf.boolean_mask(x, [True, False]), (A,)),
    Case("boolean_mask scalar", lambda tf, x: tf.boolean_mask(x, True), (A,)),
    Case("sequence_mask maxlen", lambda tf: tf.sequence_mask([1], [2])),
    Case("scatter_nd shapes", lambda tf: tf.scatter_nd([[0], [1]], [1.0], [4])),
    Case("scatter_nd range", lambda tf: tf.scatter_nd([[4]], [1.0], [4])),
    Case("tensor_scatter range", lambda tf, x: tf.tensor_scatter_nd_add(x, [[3, 0]], [1.0]), (A,)),
    Case("tensor_scatter shapes", lambda tf, x: tf.tensor_scatter_nd_update(x, [[0]], [1.0]), (A,)),
    Case("dynamic_partition shape", lambda tf, x: tf.dynamic_partition(x, [0, 1], 2), (A,)),
    Case("dynamic_partition range", lambda tf, x: tf.dynamic_partition(x, [0, 1, 2], 2), (A,)),
    Case("sort direction", lambda tf, x: tf.sort(x, direction="UP"), (A,)),
    Case("sort axis", lambda tf, x: tf.sort(x, axis=2), (A,)),
    Case("searchsorted side", lambda tf: tf.searchsorted([1], [1], "middle")),
    Case("unique matrix", lambda tf, x: tf.unique(x), (A,)),
]


@each(ERRORS)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


TOPICS = (
    "choosing", "creation", "gathering", "joining", "matrix", "measuring", "norms", "ordering", "scattering", "shaping",
    "cast", "constants", "masking",
)  # fmt: skip
MODULES = {f"functape.{layer}._{topic}" for topic in TOPICS for layer in ("_api", "_core")}
NAMES = sorted(name for name, value in vars(functape).items() if getattr(value, "__module__", None) in MODULES)


@pytest.mark.parametrize("name", NAMES)
def test_signature(name: str) -> None:
    check_signature(getattr(tensorflow, name), getattr(functape, name))


def test_every_op_has_its_signature_checked() -> None:
    assert len(NAMES) >= 59
