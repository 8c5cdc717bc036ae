"""Rows behind the choices of `tf.nn`: approximate extremes, dropout by given samples, combined rows, random windows."""

from __future__ import annotations

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._convolution import refuse


def _approximate(
    x: Any, k: int, axis: int, recall: float, override: int, aggregate: bool, largest: bool
) -> tuple[Any, Any]:
    find = lax.approx_max_k if largest else lax.approx_min_k
    values, places = find(
        x,
        k,
        reduction_dimension=axis,
        recall_target=recall,
        reduction_input_size_override=override,
        aggregate_to_topk=aggregate,
    )
    return values, places.astype(np.int32)


_approximated = checks.dtypes(lambda dtype: dtype.name in ("float16", "bfloat16", "float32"), "float16 to float32")


def _check_approximate(name: str, avals: tuple[Aval, ...], k: int, axis: int, **_: Any) -> None:
    _approximated(name, avals)
    if not 0 <= k <= avals[0].shape[axis]:
        refuse(name, f"k must be from 0 to the {avals[0].shape[axis]} elements there are. Received: k={k}")


def _keep(x: Any, rate: Any, scale: Any, samples: Any) -> Any:
    return jnp.where(samples >= rate, x * scale, np.zeros((), x.dtype))


def _combine(found: Any, segments: Any, *weights: Any, size: int, combiner: str) -> Any:
    lanes = (1,) * (found.ndim - 1)
    factor = weights[0] if weights else jnp.ones(found.shape[:1], found.dtype)
    total = jax.ops.segment_sum(found * factor.reshape((-1, *lanes)), segments, size)
    if combiner == "sum":
        return total
    weight = jax.ops.segment_sum(jnp.square(factor) if combiner == "sqrtn" else factor, segments, size)
    weight = jnp.sqrt(weight) if combiner == "sqrtn" else weight
    weight = weight.reshape((-1, *lanes))
    empty = weight == 0
    return jnp.where(empty, np.zeros((), found.dtype), total / jnp.where(empty, np.ones((), found.dtype), weight))


def _fractional_pool(
    x: Any, row_edges: Any, column_edges: Any, longest: tuple[int, int], overlapping: bool, largest: bool
) -> Any:
    height, width = x.shape[1:3]

    def places(edges: Any, at: int, length: int) -> tuple[Any, Any]:
        """For a place in the windows, the index it has in each, and whether it is there."""
        ends = edges[1:] + 1 if overlapping else edges[1:]
        ends = jnp.minimum(ends, length)
        index = edges[:-1] + at
        return jnp.minimum(index, ends - 1), index < ends

    parts, inside = [], []
    for row, column in itertools.product(*map(range, longest)):
        rows, row_there = places(row_edges, row, height)
        columns, column_there = places(column_edges, column, width)
        parts.append(x[:, rows][:, :, columns])
        inside.append((row_there[:, None] & column_there)[None, :, :, None])
    if largest:
        # What is not there repeats what is, so that the first of equals is the right one.
        output = parts[0]
        for part in parts[1:]:
            output = jnp.where(part > output, part, output)
        return output
    zero = np.zeros((), x.dtype)
    total = sum(jnp.where(there, part, zero) for there, part in zip(inside, parts, strict=True))
    return total / sum(there.astype(x.dtype) for there in inside)


APPROXIMATE = Op(
    "ApproxTopK",
    _approximate,
    ("k", "axis", "recall", "override", "aggregate", "largest"),
    multiple=True,
    check=_check_approximate,
)
KEEP = Op("KeepSampled", _keep, unconnected=(1, 3))
"""`(x, rate, scale, samples)`: `x` scaled where the sample is not below the rate, and zero elsewhere."""
COMBINE = Op("CombineRows", _combine, ("size", "combiner"), unconnected=(1,))
"""`(rows, segments, [weights])`."""
FRACTIONAL_POOL = Op(
    "FractionalPool", _fractional_pool, ("longest", "overlapping", "largest"), check=None, unconnected=(1, 2)
)
"""`(x, edges of the rows, edges of the columns)`."""
