"""Ragged tensors against TensorFlow: what expressions give, and what they raise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow

import functape


def values(tf: Any) -> dict[str, Any]:
    return {
        "tf": tf,
        "np": np,
        "r": tf.ragged.constant([[1, 2], [], [3, 4, 5]]),
        "q": tf.ragged.constant([[0.1, 2e-7], [1 / 3]]),
        "n": tf.ragged.constant([[[1, 2], [3]], [], [[4, 5, 6]]]),
        "s": tf.ragged.constant([["a"], ["b", "c"]]),
    }


EXPRESSIONS = [
    "tf.ragged.constant([1,2])",
    "tf.ragged.constant([[1,2],[3,4]])",
    "tf.ragged.constant([])",
    "tf.ragged.constant([[]])",
    "tf.ragged.constant([[[1,2]],[[3,4],[5,6]]],ragged_rank=1)",
    "tf.ragged.constant([[1],2])",
    "r[0]",
    "r[5]",
    "r[0,1]",
    "r[:,0]",
    "r[:,:1]",
    "r[::2]",
    "n[:,:,:1]",
    "n[0,:,:1]",
    "r[tf.newaxis]",
    "r[...,:1]",
    "r[:,::-1]",
    "r[-1]",
    "r[:,tf.newaxis]",
    "n[0]",
    "tf.reduce_sum(r,1,keepdims=True)",
    "tf.reduce_any(r>2,1)",
    "tf.reduce_variance(q,1)",
    "tf.math.reduce_std(q,1)",
    "r+1",
    "r+r",
    "r*[[1],[2],[3]]",
    "r+q",
    "r==r",
    "r+tf.ragged.constant([[1],[2],[3]])",
    "r+tf.ragged.constant([[1,2,3],[2],[3]])",
    "1-r",
    "-r",
    "r//2",
    "r==3",
    "tf.concat([r,r],0)",
    "tf.concat([r,r],1)",
    "tf.stack([r,r])",
    "tf.stack([r,r],1)",
    "tf.ragged.stack([r,[1,2]])",
    "tf.ragged.stack([[1,2],[3]])",
    "tf.expand_dims(r,0)",
    "tf.expand_dims(r,1)",
    "tf.expand_dims(r,2)",
    "tf.gather(r,[2,0])",
    "tf.gather(r,[[0],[1]])",
    "tf.tile(r,[2,1])",
    "tf.size(r)",
    "tf.rank(r)",
    "tf.reverse(r,[1])",
    "tf.where(r>2,r,-r)",
    "tf.where(r>2)",
    "tf.one_hot(r,3)",
    "tf.squeeze(tf.expand_dims(r,0),0)",
    "tf.ones_like(r)",
    "tf.cast(r,tf.float32)",
    "tf.ragged.boolean_mask([[1,2],[3,4]],[[True,False],[True,True]])",
    "tf.convert_to_tensor(r)",
    "tf.identity(r)",
    "tf.is_tensor(r)",
    "len(r)",
    "[x for x in r]",
    "r.bounding_shape()",
    "r.nested_row_lengths()",
    "n.row_lengths(2)",
    "n.merge_dims(0,1)",
    "tf.RaggedTensorSpec.from_value(n)",
    "n.shape",
    "tf.RaggedTensor.from_uniform_row_length(r,3)",
    "tf.RaggedTensor.from_row_splits([1,2],[0,3])",
    "tf.RaggedTensor.from_row_lengths([1,2],[1])",
    "tf.ragged.range([1,2,3])",
    "tf.ragged.range([0,5],[3,10],2)",
    "tf.ragged.stack_dynamic_partitions([1,2,3],[0,2,0],3)",
    "tf.ragged.cross([r,[[1],[2],[3]]])",
    "tf.RaggedTensor.from_tensor([[1,2,0],[3,0,0]],padding=0)",
    "r.to_tensor(shape=[2,2])",
    "hash(r)",
    "bool(r)",
    "tf.nn.relu(r)",
    "tf.split(r,[1,2])",
    "r.dtype",
    "r",
    "q",
    "n",
    "s",
    "r.shape",
    "n.shape",
    "r.to_list()",
    "r.to_sparse()",
    "tf.reduce_sum(r, None)",
    "tf.reduce_sum(r, 0)",
    "tf.reduce_sum(r, 1)",
    "tf.reduce_sum(r, -1)",
    "tf.reduce_max(r, None)",
    "tf.reduce_max(r, 0)",
    "tf.reduce_max(r, 1)",
    "tf.reduce_max(r, -1)",
    "tf.reduce_min(r, None)",
    "tf.reduce_min(r, 0)",
    "tf.reduce_min(r, 1)",
    "tf.reduce_min(r, -1)",
    "tf.reduce_mean(r, None)",
    "tf.reduce_mean(r, 0)",
    "tf.reduce_mean(r, 1)",
    "tf.reduce_mean(r, -1)",
    "tf.reduce_prod(r, None)",
    "tf.reduce_prod(r, 0)",
    "tf.reduce_prod(r, 1)",
    "tf.reduce_prod(r, -1)",
    "tf.reduce_sum(n, 0)",
    "tf.reduce_sum(n, 1)",
    "tf.reduce_sum(n, 2)",
    "tf.reduce_sum(n, [1, 2])",
    "tf.reduce_sum(n, [0, 1])",
    "tf.reduce_max(n, 0)",
    "tf.reduce_max(n, 1)",
    "tf.reduce_max(n, 2)",
    "tf.reduce_max(n, [1, 2])",
    "tf.reduce_max(n, [0, 1])",
    "r.to_tensor()",
    "n.to_tensor(-1)",
    "n.to_tensor(shape=[2, None, 2])",
    "q.to_tensor(0.5)",
    "s.to_tensor()",
    "r.row_splits",
    "r.row_starts()",
    "r.row_limits()",
    "r.value_rowids()",
    "n.nested_row_splits",
    "n.flat_values",
    "n.values",
    "r.with_values([1, 2, 3, 4, 6])",
    "r.with_flat_values([1, 2])",
    "r.nrows()",
    "r.ragged_rank",
    "n.bounding_shape(1)",
    "r.with_row_splits_dtype(tf.int32).row_splits",
    "tf.RaggedTensor.from_value_rowids([1, 2, 3], [0, 0, 2], nrows=5)",
    "tf.RaggedTensor.from_value_rowids([1, 2, 3], [0, 2, 1])",
    "tf.RaggedTensor.from_row_starts([1, 2, 3], [0, 2])",
    "tf.RaggedTensor.from_row_limits([1, 2, 3], [1, 3])",
    "tf.RaggedTensor.from_nested_row_lengths([1, 2, 3], [[2, 0], [1, 2]])",
    "tf.RaggedTensor.from_tensor([[1, 2], [3, 4]], lengths=[1, 2])",
    "tf.RaggedTensor.from_tensor([[[1], [2]], [[3], [4]]], ragged_rank=2)",
    "n.merge_dims(1, 2)",
    "n.merge_dims(0, 2)",
    "tf.ragged.map_flat_values(tf.square, n)",
    "tf.ragged.row_splits_to_segment_ids([0, 2, 2, 3])",
    "tf.ragged.segment_ids_to_row_splits([0, 0, 2])",
    "tf.gather(r, r % 3)",
    "tf.nn.embedding_lookup(tf.eye(3), r % 3)",
    "tf.nn.embedding_lookup(tf.eye(3), r % 3, max_norm=0.5)",
    "tf.sqrt(q)",
    "tf.math.maximum(r, 2)",
    "r & r",
    "tf.clip_by_value(r, 2, 3)",
    "tf.RaggedTensorSpec([None, None], tf.int32).is_compatible_with(r)",
    "n[1:, :1]",
    "r[1:][0]",
    "n[0, 0, 1]",
    "n[2][0]",
]


def outcome(tf: Any, expression: str) -> Any:
    try:
        found = eval(expression, values(tf))
    except Exception as error:
        return type(error).__name__
    return described(found)


def described(found: Any) -> Any:
    if isinstance(found, list | tuple):
        return [described(each) for each in found]
    if hasattr(found, "nested_row_splits"):
        splits = [(each.dtype.name, each.numpy().tolist()) for each in found.nested_row_splits]
        return repr(found), str(found.shape), found.dtype.name, splits
    if hasattr(found, "numpy") and hasattr(found, "dtype"):
        return repr(found)
    return repr(found)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert outcome(functape, expression) == outcome(tensorflow, expression)


def test_gradients_flow_through_the_values():
    def program(tf: Any) -> list[Any]:
        x = tf.constant([1.0, 2.0, 3.0, 4.0])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            ragged = tf.RaggedTensor.from_row_lengths(x, [1, 0, 3])
            targets = [
                tf.reduce_sum(ragged.to_tensor(5.0) ** 3),
                tf.reduce_sum(tf.reduce_max(ragged * ragged, axis=0)),
                tf.reduce_sum(tf.reduce_mean(ragged[::2], axis=1) ** 2),
                tf.reduce_sum(tf.concat([ragged, ragged * 2.0], axis=1).flat_values ** 2),
                tf.reduce_sum(tf.gather(ragged, [2, 2]).flat_values ** 2),
            ]
        return [tf.convert_to_tensor(tape.gradient(target, x)).numpy().tolist() for target in targets]

    assert program(functape) == program(tensorflow)


@pytest.mark.parametrize("name", ["constant", "range", "stack", "boolean_mask", "cross", "stack_dynamic_partitions"])
def test_signature(name: str):
    import inspect

    theirs, ours = (list(inspect.signature(getattr(tf.ragged, name)).parameters) for tf in (tensorflow, functape))
    assert ours == theirs
