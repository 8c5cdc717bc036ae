"""Putting real lengths in the place of the numbers that stood for unknown ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._engine._stand_ins import DIVISORS, NEAR, is_unknown
from functape.keras._symbolic import KerasTensor

Lengths = dict[int, int]
"""The real length for each number that stood for it."""


def lengths_of(symbolic: list[KerasTensor], tensors: list[Any]) -> Lengths:
    """The real lengths that unknown ones of symbolic tensors have in tensors."""
    found: Lengths = {}
    for stand_in, tensor in zip(symbolic, tensors, strict=True):
        for unknown, length in zip(stand_in.aval.shape, tensor.aval.shape, strict=False):
            if is_unknown(unknown):
                found.setdefault(unknown, length)
    return found


def has_unknown(value: Any) -> bool:
    """Whether a static value contains a length that was computed from unknown ones."""
    if isinstance(value, tuple | list):
        return any(map(has_unknown, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind == "i" and any(is_unknown(abs(int(each))) for each in value.flat)
    return value.__class__ is int and is_unknown(abs(value))


def restore(value: Any, lengths: Lengths) -> Any:
    """A static value with the real lengths.

    **Raises:** `ValueError` if a length in it cannot be told from the unknown ones.
    """
    if isinstance(value, tuple | list):
        return type(value)(restore(each, lengths) for each in value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "i":
        flat = [restore(int(each), lengths) for each in value.flat]
        return np.array(flat, value.dtype).reshape(value.shape)
    if value.__class__ is not int or not is_unknown(abs(value)):
        return value
    if value < 0:
        return -restore(-value, lengths)
    if value in lengths:
        return lengths[value]
    rest, factor = value, 1
    for unknown, length in lengths.items():
        while rest % unknown == 0 and is_unknown(rest):
            rest //= unknown
            factor *= length
    if not is_unknown(rest):
        return rest * factor
    for divisor in DIVISORS:
        near = NEAR // divisor
        for stand_in, length in lengths.items():
            times, beyond = divmod(value + near, stand_in // divisor)
            part, rest = divmod(times * length, divisor)
            # Whether a remainder is dropped or makes one more cannot be told: 7 // 2 and x[::2] differ.
            if times and beyond < 2 * near and stand_in % divisor == 0 and not rest:
                return part + beyond - near
    raise ValueError(
        "A length that is not known beforehand is used in a way that a functional model cannot follow. Do the "
        "computation in a layer's `call`, or in a tf.keras.layers.Lambda, or give the Input that length."
    )
