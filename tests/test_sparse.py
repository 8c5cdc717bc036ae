"""Sparse tensors against TensorFlow: what expressions give, and what they raise."""

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
        "a": tf.SparseTensor([[0, 1], [1, 0], [2, 2]], [1.0, 2, 3], [3, 3]),
        "b": tf.SparseTensor([[0, 1], [2, 0]], [5.0, -6], [3, 3]),
        "u": tf.SparseTensor([[1, 0], [0, 1]], [1.0, 2], [2, 2]),
        "d": np.arange(9.0, dtype=np.float32).reshape(3, 3),
    }


EXPRESSIONS = [
    "a.shape",
    "tf.sparse.to_dense(a)",
    "tf.sparse.to_dense(u)",
    "tf.sparse.to_dense(u,validate_indices=False)",
    "tf.sparse.to_dense(a,9)",
    "tf.sparse.from_dense(d)",
    "tf.sparse.add(a,b)",
    "tf.sparse.add(a,b,threshold=2.5)",
    "tf.sparse.add(a,d)",
    "tf.sparse.add(d,a)",
    "tf.sparse.add(d,d)",
    "tf.sparse.sparse_dense_matmul(a,d[:2])",
    "tf.sparse.concat(0,[a,b])",
    "tf.sparse.concat(1,[a,b])",
    "tf.sparse.concat(-1,[a,u])",
    "tf.sparse.concat(0,[a,u],expand_nonconcat_dims=True)",
    "tf.sparse.expand_dims(a)",
    "tf.sparse.expand_dims(a,0)",
    "tf.sparse.eye(2)",
    "tf.sparse.eye(2,3,tf.int32)",
    "tf.sparse.fill_empty_rows(tf.SparseTensor([[0,1],[2,0]],[5,6],[4,2]),9)",
    "tf.sparse.map_values(tf.square,a)",
    "tf.sparse.map_values(tf.add,a,a)",
    "tf.sparse.map_values(tf.add,a,b)",
    "tf.sparse.maximum(a,b)",
    "tf.sparse.minimum(a,b)",
    "tf.sparse.reorder(u)",
    "tf.sparse.reset_shape(b)",
    "tf.sparse.reset_shape(b,[4,5])",
    "tf.sparse.reset_shape(b,[1,5])",
    "tf.sparse.reshape(a,[-1])",
    "tf.sparse.reshape(a,[9,1])",
    "tf.sparse.reshape(a,[2,-1])",
    "tf.sparse.retain(a,[True,False,True])",
    "tf.sparse.slice(a,[1,0],[2,2])",
    "tf.sparse.slice(a,[1,0],[9,9])",
    "tf.sparse.softmax(tf.sparse.concat(1,[a,b]))",
    "tf.sparse.split(a,2,1)",
    "tf.sparse.split(sp_input=a,num_split=3,axis=0)",
    "tf.sparse.to_indicator(tf.SparseTensor([[0,0],[1,1]],[1,2],[2,2]),3)",
    "tf.sparse.transpose(a)",
    "tf.sparse.transpose(a,[0,1])",
    "tf.sparse.segment_sum(d,[0,2,1],[0,0,1])",
    "tf.sparse.segment_mean(d,[0,2,1],[0,0,1],num_segments=3)",
    "tf.sparse.segment_sqrt_n(d,[0,2,1],[0,0,1])",
    "tf.sparse.bincount([1,1,3])",
    "tf.sparse.bincount([[1,1,3],[0,1,1]],axis=-1)",
    "tf.sparse.bincount([1,1,3],weights=[1.,2.,3.])",
    "tf.sparse.bincount([1,1,3],minlength=6,maxlength=2)",
    "a*d",
    "a/2.",
    "a*2.",
    "tf.abs(b)",
    "tf.cast(a,tf.int32)",
    "tf.square(a)",
    "tf.SparseTensor([[0]],[1,2],[3])",
    "tf.SparseTensor([[0]],[1],[3,3])",
    "tf.SparseTensorSpec([2,None])",
    "tf.is_tensor(a)",
    "tf.sparse.mask(tf.IndexedSlices(tf.constant([[1.],[2]]),tf.constant([3,5]),tf.constant([9,1])),[3]).values",
    "a.with_values([1,2,3])",
    "tf.RaggedTensor.from_sparse(tf.SparseTensor([[0,0],[0,1],[2,0]],[1,2,3],[3,3]))",
    "tf.shape(a)",
    "tf.sparse.reduce_sum(a,5)",
    "tf.size(a)",
    "tf.rank(a)",
    "tf.identity(a)",
    "a",
    "a.shape",
    "tf.sparse.sparse_dense_matmul(a, d, False, False)",
    "tf.sparse.sparse_dense_matmul(a, d, False, True)",
    "tf.sparse.sparse_dense_matmul(a, d, True, False)",
    "tf.sparse.sparse_dense_matmul(a, d, True, True)",
    "tf.sparse.sparse_dense_matmul(tf.constant(d), a, False, False)",
    "tf.sparse.sparse_dense_matmul(tf.constant(d), a, False, True)",
    "tf.sparse.sparse_dense_matmul(tf.constant(d), a, True, False)",
    "tf.sparse.sparse_dense_matmul(tf.constant(d), a, True, True)",
    "tf.sparse.cross([tf.SparseTensor([[0, 0], [1, 1]], ['a', 'b'], [2, 2]), tf.constant([['c'], ['d']])])",
    "tf.sparse.reduce_sum(a, None, False)",
    "tf.sparse.reduce_sum(a, None, False, True)",
    "tf.sparse.reduce_sum(a, None, True)",
    "tf.sparse.reduce_sum(a, None, True, True)",
    "tf.sparse.reduce_sum(a, 0, False)",
    "tf.sparse.reduce_sum(a, 0, False, True)",
    "tf.sparse.reduce_sum(a, 0, True)",
    "tf.sparse.reduce_sum(a, 0, True, True)",
    "tf.sparse.reduce_sum(a, -1, False)",
    "tf.sparse.reduce_sum(a, -1, False, True)",
    "tf.sparse.reduce_sum(a, -1, True)",
    "tf.sparse.reduce_sum(a, -1, True, True)",
    "tf.sparse.reduce_sum(a, [0, 1], False)",
    "tf.sparse.reduce_sum(a, [0, 1], False, True)",
    "tf.sparse.reduce_sum(a, [0, 1], True)",
    "tf.sparse.reduce_sum(a, [0, 1], True, True)",
    "tf.sparse.reduce_sum(b, None, False)",
    "tf.sparse.reduce_sum(b, None, False, True)",
    "tf.sparse.reduce_sum(b, None, True)",
    "tf.sparse.reduce_sum(b, None, True, True)",
    "tf.sparse.reduce_sum(b, 0, False)",
    "tf.sparse.reduce_sum(b, 0, False, True)",
    "tf.sparse.reduce_sum(b, 0, True)",
    "tf.sparse.reduce_sum(b, 0, True, True)",
    "tf.sparse.reduce_sum(b, -1, False)",
    "tf.sparse.reduce_sum(b, -1, False, True)",
    "tf.sparse.reduce_sum(b, -1, True)",
    "tf.sparse.reduce_sum(b, -1, True, True)",
    "tf.sparse.reduce_sum(b, [0, 1], False)",
    "tf.sparse.reduce_sum(b, [0, 1], False, True)",
    "tf.sparse.reduce_sum(b, [0, 1], True)",
    "tf.sparse.reduce_sum(b, [0, 1], True, True)",
    "tf.sparse.reduce_max(a, None, False)",
    "tf.sparse.reduce_max(a, None, True)",
    "tf.sparse.reduce_max(a, 0, False)",
    "tf.sparse.reduce_max(a, 0, True)",
    "tf.sparse.reduce_max(a, -1, False)",
    "tf.sparse.reduce_max(a, -1, True)",
    "tf.sparse.reduce_max(a, [0, 1], False)",
    "tf.sparse.reduce_max(a, [0, 1], True)",
    "tf.sparse.reduce_max(b, None, False)",
    "tf.sparse.reduce_max(b, None, True)",
    "tf.sparse.reduce_max(b, 0, False)",
    "tf.sparse.reduce_max(b, 0, True)",
    "tf.sparse.reduce_max(b, -1, False)",
    "tf.sparse.reduce_max(b, -1, True)",
    "tf.sparse.reduce_max(b, [0, 1], False)",
    "tf.sparse.reduce_max(b, [0, 1], True)",
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
    if hasattr(found, "dense_shape") and hasattr(found, "indices"):
        parts = (found.indices, found.values, found.dense_shape)
        return [(each.numpy().tolist(), each.dtype.name) for each in parts]
    if hasattr(found, "numpy") and hasattr(found, "dtype"):
        return found.dtype.name, np.round(found.numpy(), 6).tolist() if found.dtype.is_floating else repr(found)
    return repr(found)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expression(expression: str):
    assert outcome(functape, expression) == outcome(tensorflow, expression)


def test_gradients_flow_through_the_values():
    def program(tf: Any) -> list[Any]:
        x = tf.constant([1.0, 2.0, 3.0])
        dense = values(tf)["d"]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            sparse = tf.SparseTensor([[0, 1], [1, 0], [2, 2]], x, [3, 3])
            targets = [
                tf.reduce_sum(tf.sparse.sparse_dense_matmul(sparse, dense) ** 2),
                tf.reduce_sum(tf.sparse.to_dense(sparse) ** 3),
                tf.sparse.reduce_sum(tf.sparse.transpose(sparse)),
                tf.reduce_sum(tf.sparse.add(sparse, sparse).values ** 2),
            ]
        return [tf.convert_to_tensor(tape.gradient(target, x)).numpy().tolist() for target in targets]

    assert program(functape) == program(tensorflow)


@pytest.mark.parametrize("name", sorted(set(functape.sparse.__all__) - {"SparseTensor"}))
def test_signature(name: str):
    import inspect

    theirs, ours = (list(inspect.signature(getattr(tf.sparse, name)).parameters) for tf in (tensorflow, functape))
    assert ours == theirs
