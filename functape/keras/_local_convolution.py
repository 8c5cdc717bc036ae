"""Convolutions whose every position has filters of its own."""

from __future__ import annotations

from itertools import product
from typing import Any

from functape._api._joining import stack
from functape._api._matrix import einsum
from functape._api._shaping import reshape, transpose
from functape._api._static import operand


def local_convolution(inputs: Any, kernel: Any, window: tuple[int, ...], strides: tuple[int, ...], first: bool) -> Any:
    """A convolution with a filter of its own for each position of the output.

    **Arguments:**
    - `inputs`: `[batch, *lengths, channels]`, or channels first.
    - `kernel`: `[positions, window size * channels, filters]`, the positions of all axes in one.
    - `window`: the lengths of the window.
    - `strides`: how far it moves.
    - `first`: whether the channels come first, in the inputs, the outputs and each filter.

    **Returns:** `[batch, *new lengths, filters]`, or channels first.
    """
    rank = len(window)
    x = operand(inputs)
    x = transpose(x, (0, *range(2, rank + 2), 1)) if first else x
    lengths = [
        (length - size) // step + 1 for length, size, step in zip(x.aval.shape[1:-1], window, strides, strict=True)
    ]
    parts = []
    for place in product(*map(range, window)):
        spans = tuple(
            slice(start, start + step * (count - 1) + 1, step)
            for start, step, count in zip(place, strides, lengths, strict=True)
        )
        parts.append(x[(slice(None), *spans)])
    patches = stack(parts, -1 if first else -2)
    positions, features, filters = kernel.shape
    patches = reshape(patches, (-1, positions, features))
    made = reshape(einsum("bpf,pfo->bpo", patches, kernel), (-1, *lengths, filters))
    return transpose(made, (0, rank + 1, *range(1, rank + 1))) if first else made
