"""Bits of integers, under TensorFlow's names (`tf.bitwise`)."""

from __future__ import annotations

from functape._api._functions import binary, unary
from functape._namespace import lazy
from functape._ops import _operators as operators
from functape._ops import _shifts as shifts

bitwise_and = binary(
    operators.BITWISE_AND,
    "bitwise_and",
    "The bits set in both",
    "print(tf.bitwise.bitwise_and([5], [3]).numpy())\n[1]",
    alias="tf.bitwise",
)
bitwise_or = binary(
    operators.BITWISE_OR,
    "bitwise_or",
    "The bits set in either",
    "print(tf.bitwise.bitwise_or([5], [3]).numpy())\n[7]",
    alias="tf.bitwise",
)
bitwise_xor = binary(
    operators.BITWISE_XOR,
    "bitwise_xor",
    "The bits set in one of them only",
    "print(tf.bitwise.bitwise_xor([5], [3]).numpy())\n[6]",
    alias="tf.bitwise",
)
invert = unary(
    operators.INVERT,
    "invert",
    "The bits that are not set",
    "print(tf.bitwise.invert([5]).numpy())\n[-6]",
    alias="tf.bitwise",
)
left_shift = binary(
    shifts.LEFT_SHIFT,
    "left_shift",
    "`x` with its bits moved up by `y` places, at most by all but one",
    "print(tf.bitwise.left_shift([5], [1]).numpy())\n[10]",
    alias="tf.bitwise",
)
right_shift = binary(
    shifts.RIGHT_SHIFT,
    "right_shift",
    "`x` with its bits moved down by `y` places, the sign kept",
    "print(tf.bitwise.right_shift([-5], [1]).numpy())\n[-3]",
    alias="tf.bitwise",
)

__all__ = ["bitwise_and", "bitwise_or", "bitwise_xor", "invert", "left_shift", "right_shift"]
__getattr__ = lazy(__name__, {}, lambda: __all__)
