"""`tf.nest` against TensorFlow."""

from __future__ import annotations

import collections
from typing import Any

import pytest
import tensorflow
from oracle import check_signature

import functape

Pair = collections.namedtuple("Pair", "a b")

PAIRS = [
    ([1], (1,)), ([1], [1, 2]), ({"a": 1}, {"b": 1}), ({"a": 1}, collections.OrderedDict(a=2)),
    (Pair(1, 2), (1, 2)), (1, [1]), ([1, [2]], [1, 2]), (Pair(1, 2), Pair(3, 4)), ("ab", "c"),
    ({"a": 1, "b": 2}, {"b": 3, "a": [1]}),
]  # fmt: skip
CALLS = {
    "flatten": lambda n: n.flatten(Pair([1], {"b": 2, "a": 1})),
    "flatten mixed keys": lambda n: n.flatten({3: 1, "a": 2}),
    "flatten text": lambda n: n.flatten("abc"),
    "flatten None": lambda n: n.flatten(None),
    "flatten nothing": lambda n: n.flatten([]),
    "pack": lambda n: n.pack_sequence_as(Pair([1], {"b": 2, "a": 1}), [5, 6, 7]),
    "pack one": lambda n: n.pack_sequence_as(1, [3]),
    "pack too few": lambda n: n.pack_sequence_as([1, 2], [1]),
    "pack no sequence": lambda n: n.pack_sequence_as([1, 2], 1),
    "map no function": lambda n: n.map_structure(1, [1]),
    "map nothing": lambda n: n.map_structure(abs),
    "map unknown": lambda n: n.map_structure(abs, [1], foo=1),
    "is_nested": lambda n: [n.is_nested(each) for each in ([], (), {}, "a", 1, {1}, Pair(1, 2))],
}


def outcome(function: Any, module: Any) -> Any:
    try:
        return function(module)
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("check_types", [True, False])
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_pairs(pair: Any, check_types: bool):
    for function in (
        lambda n: n.assert_same_structure(*pair, check_types=check_types),
        lambda n: n.map_structure(lambda x, y: (x, y), *pair, check_types=check_types),
    ):
        assert outcome(function, functape.nest) == outcome(function, tensorflow.nest)


@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str):
    assert outcome(CALLS[name], functape.nest) == outcome(CALLS[name], tensorflow.nest)


def test_composites():
    def parts(tf: Any) -> Any:
        ragged, sparse = tf.ragged.constant([[1], [2, 3]]), tf.SparseTensor([[0, 1]], [2.0], [1, 3])
        flat = tf.nest.flatten([ragged, sparse], expand_composites=True)
        packed = tf.nest.pack_sequence_as([ragged, sparse], flat, expand_composites=True)
        doubled = tf.nest.map_structure(lambda x: x + x, [ragged.values])
        return [each.numpy().tolist() for each in flat], packed[0].to_list(), doubled[0].numpy().tolist()

    assert parts(functape) == parts(tensorflow)


@pytest.mark.parametrize("name", functape.nest.__all__)
def test_signature(name: str):
    check_signature(getattr(tensorflow.nest, name), getattr(functape.nest, name))
