"""The functions of `tf.experimental.numpy` that pick elements: by place, condition, order or diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _choosing as choosing
from functape._api import _diagonals as diagonals
from functape._api import _ordering as ordering
from functape._api._elementwise import floormod, less
from functape._api._gathering import gather
from functape._api._joining import unstack
from functape._api._shaping import broadcast_to, reshape
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._masking import boolean_mask
from functape.experimental.numpy._creation import zeros
from functape.experimental.numpy._elementwise import clip
from functape.experimental.numpy._reductions import sum
from functape.experimental.numpy._shaping import atleast_1d, moveaxis, ravel
from functape.experimental.numpy._types import as_tensor, given_dtype, promoted


def where(condition: Any, x: Any = None, y: Any = None) -> Any:
    """`x` where the condition is true and `y` elsewhere, or without them the places where it is true
    (`tf.experimental.numpy.where`).

    ```python
    >>> import functape as tf
    >>> tf.experimental.numpy.where([True, False], [1, 2], 0.5).numpy()
    array([1. , 0.5])

    ```
    """
    chosen = as_tensor(condition, bool)
    if x is None and y is None:
        return nonzero(chosen)
    if x is None or y is None:
        raise ValueError(f"Both x and y must be ndarrays, or both must be None. Received: x={x}, y={y}")
    return choosing.where(chosen, *promoted(x, y))


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """At each place the choice of the first condition that is true (`tf.experimental.numpy.select`)."""
    if len(condlist) != len(choicelist):
        raise ValueError(f"condlist must have length equal to choicelist ({len(condlist)} vs {len(choicelist)})")
    if not condlist:
        raise ValueError("condlist must be non-empty")
    made, *choices = promoted(default, *choicelist)
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        made = where(condition, choice, made)
    return made


def nonzero(a: Any) -> list[Any]:
    """The coordinates of the elements that are not zero, a vector an axis (`tf.experimental.numpy.nonzero`)."""
    tensor = atleast_1d(a)
    return unstack(choosing.where(cast(tensor, bool)), tensor.aval.ndim, axis=1)


def compress(condition: Any, a: Any, axis: Any = None) -> Any:
    """The slices for which a condition is true (`tf.experimental.numpy.compress`)."""
    chosen, tensor = as_tensor(condition, bool), as_tensor(a)
    if chosen.aval.ndim != 1:
        raise ValueError(f"condition must be a 1-d array. Received: shape {chosen.aval.shape}")
    if axis is None or not tensor.aval.shape:
        tensor, axis = ravel(tensor), 0
    place = axis + tensor.aval.ndim if axis < 0 else axis
    assert 0 <= place < tensor.aval.ndim, f"axis {axis} is out of bounds for shape {tensor.aval.shape}"
    missing = tensor.aval.shape[place] - chosen.aval.shape[0]
    if missing > 0:
        chosen = convert(np.append(np.asarray(chosen), np.zeros(missing, bool)))
    return boolean_mask(tensor, chosen, place)


def take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "clip") -> Any:
    """Elements or slices by number (`tf.experimental.numpy.take`); numbers out of range are moved to the ends, or
    counted round for the mode `"wrap"`."""
    if out is not None:
        raise ValueError(f"out argument is not supported in take. Received: out={out!r}")
    if mode not in ("clip", "wrap"):
        raise ValueError(f"Invalid mode {mode!r} for take: the modes are 'clip' and 'wrap'.")
    tensor, places = as_tensor(a), as_tensor(indices)
    if axis is None:
        tensor, axis = ravel(tensor), 0
    length = as_tensor(tensor.aval.shape[axis], places.dtype)
    kept = clip(places, as_tensor(0, places.dtype), length - 1) if mode == "clip" else floormod(places, length)
    return gather(tensor, kept, axis=axis)


def take_along_axis(arr: Any, indices: Any, axis: Any) -> Any:
    """For each line along an axis the elements whose numbers stand in the same line of `indices`
    (`tf.experimental.numpy.take_along_axis`)."""
    tensor, places = as_tensor(arr), as_tensor(indices)
    if axis is None:
        return take_along_axis(ravel(tensor), places, 0)
    rank = tensor.aval.ndim
    place = axis + rank if axis < 0 else axis
    tensor, places = moveaxis(tensor, place, -1), moveaxis(places, place, -1)
    shape = np.broadcast_shapes(tensor.aval.shape[:-1], places.aval.shape[:-1])
    length = tensor.aval.shape[-1]
    tensor = broadcast_to(tensor, (*shape, length))
    places = broadcast_to(places, (*shape, places.aval.shape[-1]))
    counted = choosing.where(less(places, as_tensor(0, places.dtype)), places + as_tensor(length, places.dtype), places)
    return moveaxis(gather(tensor, counted, batch_dims=rank - 1), -1, place)


def sort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """In rising order along an axis (`tf.experimental.numpy.sort`); `order` must be None."""
    _check_order(kind, order, ("quicksort",))
    tensor = as_tensor(a)
    return ordering.sort(ravel(tensor), 0) if axis is None else ordering.sort(tensor, axis)


def argsort(a: Any, axis: Any = -1, kind: str = "quicksort", order: Any = None) -> Any:
    """The places of the elements in rising order, int64 (`tf.experimental.numpy.argsort`); `order` must be None."""
    _check_order(kind, order, ("quicksort", "stable"))
    tensor = as_tensor(a)
    if tensor.dtype.is_complex:
        raise TypeError(f"argsort does not support complex64/complex128 dtypes. Received dtype: {tensor.dtype!r}")
    if not tensor.aval.shape:
        return as_tensor([0], "int64")
    if axis is None:
        tensor, axis = ravel(tensor), 0
    return cast(ordering.argsort(tensor, axis, stable=kind == "stable"), "int64")


def _check_order(kind: str, order: Any, kinds: tuple[str, ...]) -> None:
    if kind not in kinds:
        raise ValueError(f"Invalid value for argument `kind`: it may be one of {kinds}. Received: kind={kind}")
    if order is not None:
        raise ValueError(f"The `order` argument is not supported. Pass order=None. Received: order={order}")


def diag(v: Any, k: int = 0) -> Any:
    """A matrix with a diagonal, or the diagonal of a matrix (`tf.experimental.numpy.diag`)."""
    tensor = as_tensor(v)
    if tensor.aval.ndim > 2:
        raise ValueError(f"v must have at most 2 axes. Received: shape {tensor.aval.shape}")
    if not tensor.aval.shape:
        from functape._api._static import invalid

        raise invalid("v must have 1 or 2 axes. Received: shape ()")
    if tensor.aval.ndim == 2:
        return diagonal(tensor, k)
    if not tensor.aval.shape[0]:
        return zeros([abs(k), abs(k)], tensor.dtype)
    return diagonals.diag(tensor, k=k)


def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix with the elements on a diagonal (`tf.experimental.numpy.diagflat`)."""
    return diag(ravel(v), k)


def diagonal(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """A diagonal over two axes, as the last axis (`tf.experimental.numpy.diagonal`)."""
    tensor = moveaxis(as_tensor(a), (axis1, axis2), (-2, -1))
    rows, columns = tensor.aval.shape[-2:]
    if not -rows < offset < columns:
        return zeros((*tensor.aval.shape[:-2], 0), tensor.dtype)
    return diagonals.diag_part(tensor, k=offset)


def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """The sum over a diagonal (`tf.experimental.numpy.trace`)."""
    tensor = as_tensor(a, given_dtype(dtype))
    rank = tensor.aval.ndim
    if not offset and axis1 in (-2, rank - 2) and axis2 in (-1, rank - 1):
        from functape._api._matrix import trace as over_last

        return over_last(tensor)
    return sum(diagonal(tensor, offset, axis1, axis2), -1, dtype)


def tril(m: Any, k: int = 0) -> Any:
    """What lies on and below a diagonal, with zeros above (`tf.experimental.numpy.tril`)."""
    return _triangle(m, k, "tril", True)


def triu(m: Any, k: int = 0) -> Any:
    """What lies on and above a diagonal, with zeros below (`tf.experimental.numpy.triu`)."""
    return _triangle(m, k - 1, "triu", False)


def _triangle(m: Any, k: int, name: str, lower: bool) -> Any:
    tensor = as_tensor(m)
    if tensor.aval.ndim < 2:
        raise ValueError(f"Argument to {name} must have rank at least 2. Received: shape {tensor.aval.shape}")
    rows, columns = tensor.aval.shape[-2:]
    mask = np.tri(rows, columns, k, dtype=bool)
    zero = as_tensor(0, tensor.dtype)
    return choosing.where(convert(np.broadcast_to(mask if lower else ~mask, tensor.aval.shape).copy()), tensor, zero)


def kron(a: Any, b: Any) -> Any:
    """The Kronecker product (`tf.experimental.numpy.kron`)."""
    first, second = promoted(a, b)
    rank = max(first.aval.ndim, second.aval.ndim)
    shapes = [(1,) * (rank - each.aval.ndim) + tuple(each.aval.shape) for each in (first, second)]
    outer = reshape(first, [each for length in shapes[0] for each in (length, 1)])
    inner = reshape(second, [each for length in shapes[1] for each in (1, length)])
    return reshape(outer * inner, [one * other for one, other in zip(*shapes, strict=True)])
