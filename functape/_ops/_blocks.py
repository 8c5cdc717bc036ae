"""Rows that move blocks between space, depth and batch."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops._convolution import refuse

Pairs = tuple[tuple[int, int], ...]


def _space_to_depth(x: Any, size: int, channels_first: bool) -> Any:
    if channels_first:
        batch, channels, height, width = x.shape
        cut = x.reshape((batch, channels, height // size, size, width // size, size))
        return cut.transpose(0, 3, 5, 1, 2, 4).reshape((batch, channels * size**2, height // size, width // size))
    batch, height, width, channels = x.shape
    cut = x.reshape((batch, height // size, size, width // size, size, channels))
    return cut.transpose(0, 1, 3, 2, 4, 5).reshape((batch, height // size, width // size, channels * size**2))


def _depth_to_space(x: Any, size: int, channels_first: bool) -> Any:
    if channels_first:
        batch, channels, height, width = x.shape
        cut = x.reshape((batch, size, size, channels // size**2, height, width))
        return cut.transpose(0, 3, 4, 1, 5, 2).reshape((batch, channels // size**2, height * size, width * size))
    batch, height, width, channels = x.shape
    cut = x.reshape((batch, height, width, size, size, channels // size**2))
    return cut.transpose(0, 1, 3, 2, 4, 5).reshape((batch, height * size, width * size, channels // size**2))


def _space_to_batch(x: Any, block: tuple[int, ...], pads: Pairs) -> Any:
    rank = len(block)
    x = jnp.pad(x, [(0, 0), *pads, *[(0, 0)] * (x.ndim - rank - 1)])
    batch, rest = x.shape[0], x.shape[rank + 1 :]
    counts = [length // size for length, size in zip(x.shape[1:], block, strict=False)]
    x = x.reshape((batch, *(each for pair in zip(counts, block, strict=True) for each in pair), *rest))
    inner, outer = range(2, 2 * rank + 2, 2), range(1, 2 * rank + 1, 2)
    x = x.transpose((*inner, 0, *outer, *range(2 * rank + 1, x.ndim)))
    return x.reshape((batch * math.prod(block), *counts, *rest))


def _batch_to_space(x: Any, block: tuple[int, ...], crops: Pairs) -> Any:
    rank = len(block)
    batch, lengths, rest = x.shape[0] // math.prod(block), x.shape[1 : rank + 1], x.shape[rank + 1 :]
    x = x.reshape((*block, batch, *lengths, *rest))
    order = [rank]
    for axis in range(rank):
        order += [rank + 1 + axis, axis]
    x = x.transpose((*order, *range(2 * rank + 1, x.ndim)))
    full = [length * size for length, size in zip(lengths, block, strict=True)]
    x = x.reshape((batch, *full, *rest))
    kept = (slice(low, length - high) for length, (low, high) in zip(full, crops, strict=True))
    return x[(slice(None), *kept)]


def _check_image(name: str, x: Aval, size: int) -> None:
    if x.ndim != 4:
        refuse(name, f"input must be 4-dimensional. Received a tensor of shape {list(x.shape)}")
    if size < 2:
        refuse(name, f"block_size must be at least 2. Received: block_size={size}")


def _check_space_to_depth(name: str, avals: tuple[Aval, ...], size: int, channels_first: bool) -> None:
    (x,) = avals
    _check_image(name, x, size)
    height, width = x.shape[2:] if channels_first else x.shape[1:3]
    if height % size or width % size:
        refuse(name, f"Height and width must be divisible by block_size {size}. Received: {height} and {width}")


def _check_depth_to_space(name: str, avals: tuple[Aval, ...], size: int, channels_first: bool) -> None:
    (x,) = avals
    _check_image(name, x, size)
    channels = x.shape[1 if channels_first else 3]
    if channels % size**2:
        refuse(name, f"The depth {channels} must be divisible by {size**2}, the square of block_size")


def _check_block(name: str, x: Aval, block: tuple[int, ...], pairs: Pairs, what: str) -> None:
    if x.ndim < len(block) + 1:
        refuse(name, f"input must have at least {len(block) + 1} dimensions. Received: {list(x.shape)}")
    if len(pairs) != len(block):
        refuse(name, f"{what} must have a pair for each entry of block_shape. Received: {pairs}")
    if min(block, default=1) < 1:
        refuse(name, f"block_shape must be positive. Received: {block}")
    if any(min(pair) < 0 for pair in pairs):
        refuse(name, f"{what} must not be negative. Received: {pairs}")


def _check_space_to_batch(name: str, avals: tuple[Aval, ...], block: tuple[int, ...], pads: Pairs) -> None:
    (x,) = avals
    _check_block(name, x, block, pads, "paddings")
    for length, size, pair in zip(x.shape[1:], block, pads, strict=False):
        if (length + sum(pair)) % size:
            refuse(name, f"A padded length of {length + sum(pair)} is not divisible by its block's {size}")


def _check_batch_to_space(name: str, avals: tuple[Aval, ...], block: tuple[int, ...], crops: Pairs) -> None:
    (x,) = avals
    _check_block(name, x, block, crops, "crops")
    if x.shape[0] % math.prod(block):
        refuse(name, f"The batch of {x.shape[0]} is not divisible by the block's {math.prod(block)}")
    for length, size, pair in zip(x.shape[1:], block, crops, strict=False):
        if length * size < sum(pair):
            refuse(name, f"A length of {length * size} is cropped by {sum(pair)}")


SPACE_TO_DEPTH = Op("SpaceToDepth", _space_to_depth, ("size", "channels_first"), check=_check_space_to_depth)
DEPTH_TO_SPACE = Op("DepthToSpace", _depth_to_space, ("size", "channels_first"), check=_check_depth_to_space)
SPACE_TO_BATCH = Op("SpaceToBatchND", _space_to_batch, ("block", "pads"), check=_check_space_to_batch)
BATCH_TO_SPACE = Op("BatchToSpaceND", _batch_to_space, ("block", "crops"), check=_check_batch_to_space)
