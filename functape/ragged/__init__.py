"""Rows of different lengths, under TensorFlow's names (`tf.ragged`)."""

from __future__ import annotations

from functape._namespace import lazy
from functape.ragged._factories import (
    boolean_mask,
    constant,
    cross,
    map_flat_values,
    range,
    row_splits_to_segment_ids,
    segment_ids_to_row_splits,
    stack,
    stack_dynamic_partitions,
)
from functape.ragged._spec import RaggedTensorSpec
from functape.ragged._tensor import RaggedTensor

__all__ = [
    "boolean_mask",
    "constant",
    "cross",
    "map_flat_values",
    "range",
    "row_splits_to_segment_ids",
    "segment_ids_to_row_splits",
    "stack",
    "stack_dynamic_partitions",
]
_CLASSES = (RaggedTensor, RaggedTensorSpec)
__getattr__ = lazy(__name__, {}, lambda: __all__)


def _install_operators() -> None:
    from functape._engine._recorder import record
    from functape._ops import _operators as operators

    def binary(op, swapped):  # type: ignore[no-untyped-def]
        def method(self, other):  # type: ignore[no-untyped-def]
            return record(op, (), (other, self) if swapped else (self, other))

        return method

    for name, op in {
        "add": operators.ADD, "sub": operators.SUBTRACT, "mul": operators.MULTIPLY, "truediv": operators.REAL_DIVIDE,
        "floordiv": operators.FLOOR_DIVIDE, "mod": operators.FLOOR_MOD, "pow": operators.POWER,
    }.items():  # fmt: skip
        setattr(RaggedTensor, f"__{name}__", binary(op, False))
        setattr(RaggedTensor, f"__r{name}__", binary(op, True))
    for name, op in {
        "lt": operators.LESS, "le": operators.LESS_EQUAL, "gt": operators.GREATER, "ge": operators.GREATER_EQUAL,
        "and": operators.LOGICAL_AND, "or": operators.LOGICAL_OR, "xor": operators.LOGICAL_XOR,
        "eq": operators.BROADCAST_EQUAL, "ne": operators.BROADCAST_NOT_EQUAL,
    }.items():  # fmt: skip
        setattr(RaggedTensor, f"__{name}__", binary(op, False))
    for name, op in {
        "neg": operators.NEGATIVE, "abs": operators.ABSOLUTE, "invert": operators.LOGICAL_NOT,
    }.items():  # fmt: skip
        setattr(RaggedTensor, f"__{name}__", lambda self, op=op: record(op, (), (self,)))


_install_operators()
