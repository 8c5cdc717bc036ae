"""Lengths of vectors and sizes of matrices."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._api._static import as_axis, as_ints, operand
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops._checks import floating


def _norm(x: Any, order: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    if order == "euclidean":
        square = jnp.sum(jnp.real(x * jnp.conj(x)), axes, keepdims=True)
        result = jnp.sqrt(square)
    elif len(axes) == 1:
        result = _vector_norm(jnp.abs(x), order, axes)
    else:
        result = _matrix_norm(x, order, axes)
    return result.astype(x.dtype) if keepdims else jnp.squeeze(result, axes).astype(x.dtype)


def _vector_norm(sizes: Any, order: Any, axes: tuple[int, ...]) -> Any:
    if order == np.inf:
        return jnp.max(sizes, axes, keepdims=True)
    if order == 1:
        return jnp.sum(sizes, axes, keepdims=True)
    return jnp.sum(sizes**order, axes, keepdims=True) ** (1.0 / order)


def _matrix_norm(x: Any, order: Any, axes: tuple[int, ...]) -> Any:
    rows, columns = axes
    if order == 2:
        turned = jnp.moveaxis(x, axes, (-2, -1))
        largest = jnp.max(jnp.linalg.svd(turned, full_matrices=False, compute_uv=False), -1)
        return jnp.expand_dims(largest, tuple(sorted(axes)))
    summed, greatest = (rows, columns) if order == 1 else (columns, rows)
    return jnp.max(jnp.sum(jnp.abs(x), summed, keepdims=True), greatest, keepdims=True)


NORM = Op("Norm", _norm, ("order", "axes", "keepdims"), check=floating)


def norm(
    tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool | None = None, name: str | None = None
) -> Any:
    """The norm of vectors or matrices (`tf.norm`, `tf.linalg.norm`).

    **Arguments:**
    - `tensor`: a floating tensor.
    - `ord`: `euclidean`, `fro` (the same, for matrices), 1, 2, `np.inf`, or for vectors any positive number.
    - `axis`: an int: the axis of the vectors; two ints: those of the matrices; by default all of it is one vector.
    - `keepdims`: whether these axes stay, with length 1.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` if `ord` or `axis` is none of these.

    ```python
    >>> import functape as tf
    >>> tf.norm([3.0, 4.0]).numpy()
    np.float32(5.0)

    ```
    """
    values = operand(tensor)
    rank = values.aval.ndim
    of_matrix = isinstance(axis, tuple | list) and len(axis) == 2
    if of_matrix and axis[0] == axis[1]:
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    if isinstance(axis, tuple | list) and len(axis) not in (1, 2):
        raise ValueError(f"'axis' must be None, an integer, or a tuple of 2 unique integers, got {axis}")
    supported = ("euclidean", "fro", 1, 2, np.inf) if of_matrix else ("euclidean", 1, 2, np.inf)
    positive = not isinstance(ord, str) and np.isreal(ord) and ord > 0
    if ord not in supported and (of_matrix or not positive):
        kind = "matrix" if of_matrix else "vector"
        raise ValueError(f"'ord' must be a supported {kind} norm in {list(supported)}, got {ord}")
    if ord in ("euclidean", "fro") or (ord == 2 and not of_matrix):
        ord = "euclidean"
    chosen = tuple(range(rank)) if axis is None else as_ints(axis, "axis")
    axes = tuple(as_axis(each, rank, "Norm") for each in chosen)
    if len(axes) != 1 and axis is None and ord != "euclidean":
        return _flat_norm(values, ord, rank, bool(keepdims))
    return record(NORM, (ord, axes, bool(keepdims)), (values,))


def _flat_norm(values: Any, order: Any, rank: int, keepdims: bool) -> Any:
    from functape._api._shaping import reshape

    result = record(NORM, (order, (0,), False), (reshape(values, (-1,)),))
    return reshape(result, (1,) * rank) if keepdims else result
