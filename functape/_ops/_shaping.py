"""Rows of the ops that make, reshape, join and cut tensors."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def _check_reshape(name: str, avals: tuple[Aval, ...], shape: tuple[int, ...]) -> None:
    (given,) = avals
    if shape.count(-1) > 1:
        _refuse(name, f"Only one input size may be -1, not both {shape.index(-1)} and a later one of {list(shape)}")
    if any(length < -1 for length in shape):
        _refuse(name, f"Size of every dimension must be non-negative or -1. Received: {list(shape)}")
    known = math.prod(length for length in shape if length != -1)
    fits = known > 0 and given.size % known == 0 if -1 in shape else known == given.size
    if not fits:
        _refuse(
            name,
            f"Input to reshape is a tensor with {given.size} values (shape {list(given.shape)}), "
            f"which does not fit the requested shape {list(shape)}",
        )


def _check_transpose(name: str, avals: tuple[Aval, ...], perm: tuple[int, ...], conjugate: bool) -> None:
    rank = avals[0].ndim
    if len(perm) != rank or sorted(each % rank if -rank <= each < rank else -1 for each in perm) != list(range(rank)):
        _refuse(name, f"transpose expects `perm` to name each of the {rank} axes once. Received: {list(perm)}")


def _transpose(x: Any, perm: tuple[int, ...], conjugate: bool) -> Any:
    turned = jnp.transpose(x, tuple(each % x.ndim for each in perm))
    return jnp.conj(turned) if conjugate else turned


def _check_concat(name: str, avals: tuple[Aval, ...], axis: int) -> None:
    checks.same_dtype(name, avals)
    first = avals[0]
    for position, each in enumerate(avals):
        if each.ndim != first.ndim:
            _refuse(
                name,
                f"Ranks of all inputs should match: shape[0] = {list(first.shape)} vs. shape[{position}] = "
                f"{list(each.shape)}",
            )
        if any(a != b for at, (a, b) in enumerate(zip(first.shape, each.shape, strict=True)) if at != axis):
            _refuse(
                name,
                f"Dimensions of inputs should match but for axis {axis}: shape[0] = {list(first.shape)} vs. "
                f"shape[{position}] = {list(each.shape)}",
            )


def _unpack(x: Any, axis: int) -> tuple[Any, ...]:
    return tuple(lax.index_in_dim(x, index, axis, keepdims=False) for index in range(x.shape[axis]))


def _split(x: Any, sizes: tuple[int, ...], axis: int) -> tuple[Any, ...]:
    ends = np.cumsum(sizes)
    return tuple(
        lax.slice_in_dim(x, int(end) - size, int(end), axis=axis) for size, end in zip(sizes, ends, strict=True)
    )


def _tile(x: Any, multiples: tuple[int, ...]) -> Any:
    # A broadcast and a reshape: its gradient is then a sum, where that of a concatenation would be slices and adds.
    spread = x.reshape([part for length in x.shape for part in (1, length)])
    target = [part for times, length in zip(multiples, x.shape, strict=True) for part in (times, length)]
    return jnp.broadcast_to(spread, target).reshape(
        [times * length for times, length in zip(multiples, x.shape, strict=True)]
    )


def _repeat(x: Any, times: int, axis: int) -> Any:
    spread = jnp.broadcast_to(jnp.expand_dims(x, axis + 1), (*x.shape[: axis + 1], times, *x.shape[axis + 1 :]))
    return spread.reshape((*x.shape[:axis], x.shape[axis] * times, *x.shape[axis + 1 :]))


def _check_pad(name: str, avals: tuple[Aval, ...], paddings: tuple[tuple[int, int], ...], mode: str = "") -> None:
    if len(paddings) != avals[0].ndim:
        _refuse(name, f"`paddings` must have a row for each of the {avals[0].ndim} axes. Received {len(paddings)} rows")
    for (before, after), length in zip(paddings, avals[0].shape, strict=True):
        if before < 0 or after < 0:
            _refuse(name, f"Paddings must be non-negative: {before} {after}")
        most = length - 1 if mode == "reflect" else length
        if mode and max(before, after) > most:
            _refuse(name, f"paddings must be no greater than {most} in {mode.upper()} mode: {before} {after}")
    if not mode:
        checks.same_dtype(name, avals)


def _pad(x: Any, value: Any, paddings: tuple[tuple[int, int], ...]) -> Any:
    return lax.pad(x, value, [(before, after, 0) for before, after in paddings])


def _check_broadcast(name: str, avals: tuple[Aval, ...], shape: tuple[int, ...]) -> None:
    given = avals[0].shape
    padded = (1,) * (len(shape) - len(given)) + given
    if len(padded) != len(shape) or any(a not in (1, b) for a, b in zip(padded, shape, strict=True)):
        _refuse(name, f"Incompatible shapes: {list(given)} vs. {list(shape)}")


def _linspace(start: Any, stop: Any, num: int, axis: int) -> Any:
    start, stop = jnp.broadcast_arrays(start, stop)
    dtype = start.dtype
    first, last = jnp.expand_dims(start, axis), jnp.expand_dims(stop, axis)
    if num <= 1:
        return lax.slice_in_dim(first, 0, num, axis=axis)
    shape = [1] * first.ndim
    shape[axis] = num - 2
    steps = jnp.arange(1, num - 1, dtype=dtype).reshape(shape)
    middle = first + (last - first) / jnp.asarray(num - 1, dtype) * steps
    return jnp.concatenate([first, middle, last], axis)


def _check_linspace(name: str, avals: tuple[Aval, ...], num: int, axis: int) -> None:
    checks.elementwise(name, avals)
    if num < 0:
        _refuse(name, f"Requires num >= 0: {num}")


def _meshgrid(*values: Any, matrix: bool) -> tuple[Any, ...]:
    return tuple(jnp.meshgrid(*values, indexing="ij" if matrix else "xy"))


RESHAPE = Op("Reshape", lambda x, shape: jnp.reshape(x, shape), ("shape",), check=_check_reshape)
TRANSPOSE = Op("Transpose", _transpose, ("perm", "conjugate"), check=_check_transpose)
CONCAT = Op("ConcatV2", lambda *values, axis: jnp.concatenate(values, axis), ("axis",), check=_check_concat)
UNPACK = Op("Unpack", _unpack, ("axis",), multiple=True)
SPLIT = Op("SplitV", _split, ("sizes", "axis"), multiple=True)
TILE = Op("Tile", _tile, ("multiples",))
REPEAT = Op("Repeat", _repeat, ("times", "axis"))
PAD = Op("PadV2", _pad, ("paddings",), unconnected=(1,), check=_check_pad)
MIRROR_PAD = Op(
    "MirrorPad", lambda x, paddings, mode: jnp.pad(x, paddings, mode), ("paddings", "mode"), check=_check_pad
)
REVERSE = Op("ReverseV2", lambda x, axes: lax.rev(x, axes), ("axes",))
ROLL = Op("Roll", lambda x, shifts, axes: jnp.roll(x, shifts, axes), ("axes",), unconnected=(1,))
BROADCAST_TO = Op("BroadcastTo", lambda x, shape: jnp.broadcast_to(x, shape), ("shape",), check=_check_broadcast)
FILL = Op("Fill", lambda value, shape: jnp.broadcast_to(value, shape), ("shape",))
FULL = Op(
    "Full",
    lambda shape, dtype, value: jnp.full(shape, value, dtype),
    ("shape", "dtype", "value"),
    differentiable=False,
)
"""A tensor of one constant that never changes: zeros or ones."""
EYE = Op(
    "Eye",
    lambda shape, dtype: jnp.broadcast_to(jnp.eye(shape[-2], shape[-1], dtype=dtype), shape),
    ("shape", "dtype"),
    differentiable=False,
)
LINSPACE = Op("LinSpace", _linspace, ("num", "axis"), check=_check_linspace)
MESHGRID = Op("Meshgrid", _meshgrid, ("matrix",), multiple=True)
