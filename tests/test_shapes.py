"""`TensorShape`, `TensorSpec` and `IndexedSlices` against TensorFlow's own."""

from __future__ import annotations

import copy
import os
import pickle
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import jax.numpy as jnp
import numpy as np
import pytest
import tensorflow

import functape

SIDES = (functape, tensorflow)

DIMS = [None, [], [0], [2], [None], [2, None], [2, 3], [None, None], [4, 3], [2, 3, 4], [None, 0, 3]]
OTHERS = [*DIMS, (2, 3), 2, 2.5, "ab", [-1], [2.0], np.array([2, 3])]

UNARY = {
    "repr": repr,
    "str": str,
    "rank": lambda shape: shape.rank,
    "ndims": lambda shape: shape.ndims,
    "dims": lambda shape: shape.dims if shape.dims is None else [bool(each == 2) for each in shape.dims],
    "as_list": lambda shape: shape.as_list(),
    "num_elements": lambda shape: shape.num_elements(),
    "is_fully_defined": lambda shape: shape.is_fully_defined(),
    "assert_is_fully_defined": lambda shape: shape.assert_is_fully_defined(),
    "len": len,
    "bool": bool,
    "list": list,
    "tuple": tuple,
    "max": max,
    "contains": lambda shape: 2 in shape,
    "zeros": lambda shape: np.zeros(shape).shape,
    "pickle": lambda shape: pickle.loads(pickle.dumps(shape)),
    "deepcopy": copy.deepcopy,
    "copy": lambda shape: type(shape)(shape),
    "itself": lambda shape: shape == type(shape)(shape),
    "format": lambda shape: f"{shape}",
    "hash": lambda shape: hash(shape) == hash(type(shape)(shape)),
    "hash of the tuple": lambda shape: bool(shape) and hash(shape) == hash(tuple(shape)),
    "no supertype but itself": lambda shape: shape.most_specific_common_supertype([]),
    "supertype of no shape": lambda shape: shape.most_specific_common_supertype([2]),
    "rank 0": lambda shape: shape.with_rank(0),
    "rank 1": lambda shape: shape.with_rank(1),
    "rank 2": lambda shape: shape.with_rank(2),
    "rank -1": lambda shape: shape.with_rank(-1),
    "rank None": lambda shape: shape.with_rank(None),
    "at least 1": lambda shape: shape.with_rank_at_least(1),
    "at least 2": lambda shape: shape.with_rank_at_least(2),
    "at most 1": lambda shape: shape.with_rank_at_most(1),
    "at most 2": lambda shape: shape.with_rank_at_most(2),
    "has rank 1": lambda shape: shape.assert_has_rank(1),
    "multiply": lambda shape: shape * 2,
    "less": lambda shape: shape < shape,
}

BINARY = {
    "is_compatible_with": lambda shape, other: shape.is_compatible_with(other),
    "assert_is_compatible_with": lambda shape, other: shape.assert_is_compatible_with(other),
    "assert_same_rank": lambda shape, other: shape.assert_same_rank(other),
    "merge_with": lambda shape, other: shape.merge_with(other),
    "concatenate": lambda shape, other: shape.concatenate(other),
    "most_specific_compatible_shape": lambda shape, other: shape.most_specific_compatible_shape(other),
    "is_subtype_of": lambda shape, other: shape.is_subtype_of(other),
    "is_subtype_of shape": lambda shape, other: shape.is_subtype_of(type(shape)(other)),
    "common supertype": lambda shape, other: shape.most_specific_common_supertype([type(shape)(other), shape]),
    "equal": lambda shape, other: shape == other,
    "equal from the left": lambda shape, other: type(other) is not np.ndarray and other == shape,
    "unequal": lambda shape, other: shape != other,
    "equal shapes": lambda shape, other: shape == type(shape)(other),
    "add": lambda shape, other: shape + other,
    "add from the left": lambda shape, other: type(other) is not np.ndarray and other + shape,
}

KEYS = [
    0, 1, -1, 2, -3, np.int64(1), "a", None, (0, 1), slice(None), slice(1), slice(1, None), slice(0, 1),
    slice(-1, None), slice(None, -1), slice(None, None, 2), slice(5), slice(2, None, -1), slice(1, 1), slice(-2, 2),
    slice(1, 4, 2),
]  # fmt: skip


def outcome(function: Any, *args: Any) -> Any:
    """What a call gives, in a form that can be compared between the two libraries."""
    try:
        result = function(*args)
    except Exception as error:
        return type(error).__name__
    if type(result).__name__ in ("TensorShape", "TensorSpec", "IndexedSlicesSpec", "DType"):
        return type(result).__name__, repr(result)
    return type(result).__name__, result


def agree(function: Any, *args: Any) -> None:
    """The call, given each library, has the same outcome."""
    ours, theirs = (outcome(function, side, *args) for side in SIDES)
    assert ours == theirs


@pytest.mark.parametrize("dims", DIMS, ids=str)
@pytest.mark.parametrize("name", UNARY)
def test_shape_alone(name: str, dims: Any) -> None:
    agree(lambda side: UNARY[name](side.TensorShape(dims)))


@pytest.mark.parametrize("dims", DIMS, ids=str)
@pytest.mark.parametrize("name", BINARY)
def test_shape_with_another(name: str, dims: Any) -> None:
    for other in OTHERS:
        agree(lambda side, other=other: BINARY[name](side.TensorShape(dims), other))


@pytest.mark.parametrize("dims", DIMS, ids=str)
def test_shape_indexing(dims: Any) -> None:
    for key in KEYS:
        agree(lambda side, key=key: side.TensorShape(dims)[key])


@pytest.mark.parametrize(
    "dims",
    [
        2, -1, [-1], (-5,), [2, -1], [2.0], 2.5, "ab", "3", ["3"], np.int64(3), [np.int32(4)], range(3), {1, 2},
        {"a": 1}, [[1]], [None], b"ab", np.array(3), [2**70], (each for each in ()), object(), np.array([2.5]),
    ],
    ids=lambda dims: type(dims).__name__,
)  # fmt: skip
def test_shape_construction(dims: Any) -> None:
    agree(lambda side: side.TensorShape(dims))


def test_shape_of_tensors_elsewhere() -> None:
    shape = functape.TensorShape([2, 3])
    assert np.ones(6).reshape(shape).shape == shape
    assert jnp.zeros(shape).shape == shape
    assert jnp.reshape(jnp.zeros(6), shape).shape == (2, 3)
    assert np.random.default_rng(0).normal(size=shape).shape == (2, 3)
    assert shape == [2, 3] and shape == (2, 3) and shape != (2, 4)
    assert {shape: 1}[functape.TensorShape((2, 3))] == 1


SPECS = {
    "repr": lambda side: side.TensorSpec([2, None], side.int32, name="x"),
    "unknown": lambda side: side.TensorSpec(None),
    "one axis": lambda side: side.TensorSpec(2, "float64"),
    "no shape": lambda side: side.TensorSpec(),
    "wrong shape": lambda side: side.TensorSpec("ab"),
    "wrong dtype": lambda side: side.TensorSpec([2], "nope"),
    "shape": lambda side: side.TensorSpec([2]).shape,
    "dtype": lambda side: side.TensorSpec([2]).dtype,
    "name": lambda side: side.TensorSpec([2], name="x").name,
    "from spec": lambda side: side.TensorSpec.from_spec(side.TensorSpec([2], side.int8, "a")),
    "from spec, named": lambda side: side.TensorSpec.from_spec(side.TensorSpec([2], side.int8, "a"), "b"),
    "from tensor": lambda side: side.TensorSpec.from_tensor(side.constant([[1, 2]])),
    "from tensor, named": lambda side: side.TensorSpec.from_tensor(side.constant("s"), name="q"),
    "from array": lambda side: side.TensorSpec.from_tensor(np.zeros(2)),
    "from variable": lambda side: side.TensorSpec.from_tensor(side.Variable([1.0])),
    "equal": lambda side: side.TensorSpec([2]) == side.TensorSpec((2,), "float32"),
    "other name": lambda side: side.TensorSpec([2]) == side.TensorSpec([2], name="x"),
    "other shape": lambda side: side.TensorSpec([2]) == side.TensorSpec([None]),
    "not a spec": lambda side: side.TensorSpec([2]) == [2],
    "hash": lambda side: hash(side.TensorSpec([2])) == hash(side.TensorSpec([2])),
    "pickle": lambda side: pickle.loads(pickle.dumps(side.TensorSpec([2, None], side.int32, "x"))),
    "compatible tensor": lambda side: side.TensorSpec([None]).is_compatible_with(side.constant([1.0])),
    "tensor of another dtype": lambda side: side.TensorSpec([None]).is_compatible_with(side.constant([1])),
    "tensor of another shape": lambda side: side.TensorSpec([3]).is_compatible_with(side.constant([1.0])),
    "compatible spec": lambda side: side.TensorSpec([3]).is_compatible_with(side.TensorSpec(None)),
    "compatible array": lambda side: side.TensorSpec([1]).is_compatible_with(np.zeros(1, np.float32)),
    "compatible variable": lambda side: side.TensorSpec([1]).is_compatible_with(side.Variable([1.0])),
    "compatible number": lambda side: side.TensorSpec([]).is_compatible_with(1.0),
    "supertype": lambda side: side.TensorSpec([2]).most_specific_common_supertype([side.TensorSpec([3])]),
    "supertype, ranks": lambda side: side.TensorSpec([2]).most_specific_common_supertype([side.TensorSpec([3, 1])]),
    "supertype, names": lambda side: side.TensorSpec([2]).most_specific_common_supertype(
        [side.TensorSpec([2], name="x")]
    ),
    "supertype, dtypes": lambda side: side.TensorSpec([2]).most_specific_common_supertype(
        [side.TensorSpec([2], "int8")]
    ),
    "supertype of none": lambda side: side.TensorSpec([2]).most_specific_common_supertype([]),
    "compatible type": lambda side: side.TensorSpec([2]).most_specific_compatible_type(side.TensorSpec([3])),
    "no compatible type": lambda side: side.TensorSpec([2]).most_specific_compatible_type(side.TensorSpec([2], "int8")),
    "subtype": lambda side: side.TensorSpec([2]).is_subtype_of(side.TensorSpec([None])),
    "not a subtype": lambda side: side.TensorSpec([None]).is_subtype_of(side.TensorSpec([2])),
    "subtype, unnamed": lambda side: side.TensorSpec([2]).is_subtype_of(side.TensorSpec([2], name="x")),
    "subtype, named": lambda side: side.TensorSpec([2], name="x").is_subtype_of(side.TensorSpec([2])),
    "value type": lambda side: side.TensorSpec([2]).value_type is side.Tensor,
    "slices": lambda side: side.IndexedSlicesSpec([3, 2], side.float64, side.int32, side.int64, [1]),
    "slices, default": lambda side: side.IndexedSlicesSpec(),
    "slices, wrong rank": lambda side: side.IndexedSlicesSpec(indices_shape=[1, 2]),
    "slices, equal": lambda side: side.IndexedSlicesSpec([3, 2]) == side.IndexedSlicesSpec((3, 2)),
    "slices, subtype": lambda side: side.IndexedSlicesSpec([3, 2]).is_subtype_of(side.IndexedSlicesSpec([None, 2])),
    "slices, supertype": lambda side: side.IndexedSlicesSpec([3, 2]).most_specific_common_supertype(
        [side.IndexedSlicesSpec([4, 2])]
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_spec(name: str) -> None:
    agree(SPECS[name])


def make_slices(side: Any, dense_shape: Any = (4, 2), indices: Any = (0, 2, 0)) -> Any:
    values = side.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    dense = None if dense_shape is None else side.constant(dense_shape)
    return side.IndexedSlices(values, side.constant(indices), dense)


SLICES = {
    "str": lambda side: str(make_slices(side)),
    "str without shape": lambda side: str(make_slices(side, None)),
    "shape": lambda side: make_slices(side).shape,
    "unknown shape": lambda side: make_slices(side, None).shape,
    "dtype": lambda side: make_slices(side).dtype,
    "device": lambda side: make_slices(side).device,
    "name": lambda side: make_slices(side).name,
    "no dense shape": lambda side: make_slices(side, None).dense_shape,
    "equal to another": lambda side: make_slices(side) == make_slices(side),
    "negative": lambda side: (-make_slices(side)).values.numpy().tolist(),
    "negative, indices": lambda side: (-make_slices(side)).indices.numpy().tolist(),
    "spec": lambda side: make_slices(side)._type_spec,
    "spec without shape": lambda side: make_slices(side, None)._type_spec,
    "compatible": lambda side: make_slices(side)._type_spec.is_compatible_with(make_slices(side)),
    "dense": lambda side: side.convert_to_tensor(make_slices(side)).numpy().tolist(),
    "dense, a row before the first": lambda side: (
        side.convert_to_tensor(make_slices(side, indices=(0, -1, 2))).numpy().tolist()
    ),
    "dense without shape": lambda side: side.convert_to_tensor(make_slices(side, None)),
    "add": lambda side: make_slices(side) + make_slices(side),
    "len": lambda side: len(make_slices(side)),
    "index": lambda side: make_slices(side)[0],
}


@pytest.mark.parametrize("name", SLICES)
def test_slices(name: str) -> None:
    agree(SLICES[name])


def test_a_slightly_wrong_outcome_is_seen() -> None:
    with pytest.raises(AssertionError):
        agree(lambda side: side.TensorShape([2, 3 if side is functape else 4]))
    with pytest.raises(AssertionError):
        agree(lambda side: (-make_slices(side)).values.numpy().tolist()[0][0] + (side is functape) * 1e-7)


def test_making_a_shape_is_cheap() -> None:
    from functape._core._shape import make_shape

    assert make_shape((2, 3)) is make_shape((2, 3))
