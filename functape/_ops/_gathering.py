"""Rows of the ops that pick elements by number, condition or order, and that put elements into place."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def _inside(indices: Any, length: int) -> Any:
    """Indices with the negative ones moved past the end: JAX counts those from the back, TensorFlow drops them."""
    return jnp.where(indices < 0, jnp.asarray(length, indices.dtype), indices)


def _check_gather(name: str, avals: tuple[Aval, ...], axis: int, batch_dims: int) -> None:
    params, indices = avals
    if not indices.dtype.is_integer:
        _refuse(name, f"indices must be an integer tensor, not {indices.dtype.name}. Cast it: tf.cast(x, tf.int32)")
    if params.ndim < 1:
        _refuse(name, "params must be at least 1 dimensional")
    if params.shape[:batch_dims] != indices.shape[:batch_dims]:
        _refuse(
            name,
            f"params.shape[:{batch_dims}]: {list(params.shape)} should be equal to indices.shape[:{batch_dims}]: "
            f"{list(indices.shape)}",
        )


def _gather(params: Any, indices: Any, axis: int, batch_dims: int) -> Any:
    def pick(params: Any, indices: Any) -> Any:
        place = axis - batch_dims
        return jnp.take(params, _inside(indices, params.shape[place]), place, mode="fill", fill_value=0)

    function = pick
    for _ in range(batch_dims):
        function = jax.vmap(function)
    return function(params, indices)


def _check_gather_nd(name: str, avals: tuple[Aval, ...], batch_dims: int) -> None:
    params, indices = avals
    if not indices.dtype.is_integer:
        _refuse(name, f"indices must be an integer tensor, not {indices.dtype.name}. Cast it: tf.cast(x, tf.int32)")
    if indices.ndim < 1:
        _refuse(name, "indices must be at least a vector")
    if indices.shape[-1] > params.ndim - batch_dims:
        _refuse(
            name, f"index innermost dimension length must be <= params rank; saw: {indices.shape[-1]} vs. {params.ndim}"
        )
    if params.shape[:batch_dims] != indices.shape[:batch_dims]:
        _refuse(name, f"batch dimensions differ: {list(params.shape)} and {list(indices.shape)}")


def _places(indices: Any, shape: tuple[int, ...]) -> tuple[Any, ...]:
    """The last axis of `indices` as a JAX index, one array an axis."""
    return tuple(_inside(indices[..., at], shape[at]) for at in range(indices.shape[-1]))


def _gather_nd(params: Any, indices: Any, batch_dims: int) -> Any:
    def pick(params: Any, indices: Any) -> Any:
        if indices.shape[-1] == 0:
            return jnp.broadcast_to(params, indices.shape[:-1] + params.shape)
        return params.at[_places(indices, params.shape)].get(mode="fill", fill_value=0)

    function = pick
    for _ in range(batch_dims):
        function = jax.vmap(function)
    return function(params, indices)


def _check_select(name: str, avals: tuple[Aval, ...]) -> None:
    condition, x, y = avals
    if not condition.dtype.is_bool:
        _refuse(
            name,
            f"cannot compute {name} as input #0(zero-based) was expected to be a bool tensor but is a "
            f"{condition.dtype.spoken} tensor. Compare it first: x != 0",
        )
    checks.same_dtype(name, (x, y))
    checks.broadcastable(name, avals)


def _one_hot(indices: Any, on: Any, off: Any, depth: int, axis: int) -> Any:
    shape = [1] * (indices.ndim + 1)
    shape[axis] = depth
    classes = jnp.arange(depth, dtype=indices.dtype).reshape(shape)
    return jnp.where(jnp.expand_dims(indices, axis) == classes, on, off)


def _check_one_hot(name: str, avals: tuple[Aval, ...], depth: int, axis: int) -> None:
    indices, on, off = avals
    if not indices.dtype.is_integer:
        _refuse(name, f"indices must be an integer tensor, not {indices.dtype.name}. Cast it: tf.cast(x, tf.int32)")
    if on.ndim or off.ndim:
        _refuse(name, f"on_value and off_value must be scalars. Received shapes {on.shape} and {off.shape}")
    if depth < 0:
        _refuse(name, f"depth must be non-negative, got: {depth}")


def _sort(x: Any, axis: int, descending: bool) -> Any:
    if not descending:
        return jnp.sort(x, axis=axis, stable=True)
    # Of equal elements the first stays first, which JAX's descending sort does not promise to gradients.
    return jnp.take_along_axis(x, jnp.argsort(x, axis=axis, stable=True, descending=True), axis)


def _argsort(x: Any, axis: int, descending: bool) -> Any:
    return jnp.argsort(x, axis=axis, stable=True, descending=descending).astype(jnp.int32)


def _searchsorted(sequence: Any, values: Any, side: str, dtype: Any) -> Any:
    flat, wanted = sequence.reshape((-1, sequence.shape[-1])), values.reshape((-1, values.shape[-1]))
    found = jax.vmap(lambda row, sought: jnp.searchsorted(row, sought, side=side))(flat, wanted)
    return found.reshape(values.shape).astype(dtype)


def _check_scatter(name: str, avals: tuple[Aval, ...], shape: tuple[int, ...]) -> None:
    indices, updates = avals
    if not indices.dtype.is_integer:
        _refuse(name, f"indices must be an integer tensor, not {indices.dtype.name}. Cast it: tf.cast(x, tf.int32)")
    if indices.ndim < 1 or indices.shape[-1] > len(shape):
        _refuse(name, f"indices of shape {list(indices.shape)} do not index a tensor of shape {list(shape)}")
    wanted = indices.shape[:-1] + tuple(shape[indices.shape[-1] :])
    if updates.shape != wanted:
        _refuse(
            name,
            f"Dimensions of updates and indices must agree: indices.shape = {list(indices.shape)}, output shape = "
            f"{list(shape)}, so updates must have shape {list(wanted)}. Received: {list(updates.shape)}",
        )


def _check_tensor_scatter(name: str, avals: tuple[Aval, ...]) -> None:
    tensor, indices, updates = avals
    checks.same_dtype(name, (tensor, updates))
    _check_scatter(name, (indices, updates), tensor.shape)


def _scatter_nd(indices: Any, updates: Any, shape: tuple[int, ...]) -> Any:
    return _scattered("add", jnp.zeros(shape, updates.dtype), indices, updates)


def _scattered(method: str, tensor: Any, indices: Any, updates: Any) -> Any:
    if indices.shape[-1] == 0:
        indices, updates = indices.reshape((-1, 0)), updates.reshape((-1, *tensor.shape))
        return updates[-1] if method == "set" else tensor + updates.sum(0, dtype=tensor.dtype)
    return getattr(tensor.at[_places(indices, tensor.shape)], method)(updates, mode="drop")


def _tensor_scatter(method: str) -> Any:
    return lambda tensor, indices, updates: _scattered(method, tensor, indices, updates)


def _is_lookup(statics: tuple[Any, ...], avals: dict[int, Aval], refs: tuple[int, ...]) -> bool:
    """Whether `GATHER` returns rows of a table."""
    return tuple(statics) == (0, 0)


def _is_lookup_nd(statics: tuple[Any, ...], avals: dict[int, Aval], refs: tuple[int, ...]) -> bool:
    """Whether `GATHER_ND` returns rows of a table, in a vector."""
    indices = avals[refs[1]]
    return tuple(statics) == (0,) and indices.ndim == 2 and indices.shape[-1] == 1


GATHER = Op("GatherV2", _gather, ("axis", "batch_dims"), unconnected=(1,), check=_check_gather, lookup=_is_lookup)
GATHER_ND = Op("GatherNd", _gather_nd, ("batch_dims",), unconnected=(1,), check=_check_gather_nd, lookup=_is_lookup_nd)
SELECT = Op("SelectV2", jnp.where, unconnected=(0,), check=_check_select)
ONE_HOT = Op("OneHot", _one_hot, ("depth", "axis"), differentiable=False, check=_check_one_hot)
SORT = Op("Sort", _sort, ("axis", "descending"), check=checks.real)
ARGSORT = Op("ArgSort", _argsort, ("axis", "descending"), differentiable=False, check=checks.real)
SEARCH_SORTED = Op("SearchSorted", _searchsorted, ("side", "dtype"), differentiable=False, check=checks.same_dtype)
SEQUENCE_MASK = Op(
    "SequenceMask",
    lambda lengths, longest, dtype: (jnp.arange(longest, dtype=lengths.dtype) < lengths[..., None]).astype(dtype),
    ("longest", "dtype"),
    differentiable=False,
)
SCATTER_ND = Op("ScatterNd", _scatter_nd, ("shape",), unconnected=(0,), check=_check_scatter)
TENSOR_SCATTER = {
    method: Op(name, _tensor_scatter(method), unconnected=(1,), check=_check_tensor_scatter)
    for method, name in {
        "set": "TensorScatterUpdate",
        "add": "TensorScatterAdd",
        "subtract": "TensorScatterSub",
    }.items()
}
"""Rows by what happens to the old element."""
