"""Selecting by a boolean mask: the shape of the result depends on values, so the mask's value is needed."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._core._arrange import arrange
from functape._core._convert import convert
from functape._core._dispatch import composite
from functape._core._known import read
from functape._engine._op import Op

TAKE_MASKED = Op(
    "BooleanMask",
    lambda x, positions, axis, rank: jnp.take(
        x.reshape(x.shape[:axis] + (-1,) + x.shape[axis + rank :]), positions, axis=axis, mode="clip"
    ),
    ("axis", "rank"),
    unconnected=(1,),
)


def take_rows(values: Any, places: Any) -> Any:
    """Some rows of a tensor, by numbers known on the host; the gradient is dense."""
    return arrange(TAKE_MASKED, (0, 1), (values,), (convert(np.array(places, np.int32)),))


@composite
def boolean_mask(tensor: Any, mask: Any, axis: int | None = None, name: str = "boolean_mask") -> Any:
    """The elements of `tensor` where `mask` is True (`tf.boolean_mask`).

    **Arguments:**
    - `tensor`: a tensor of rank N.
    - `mask`: a bool tensor of rank K <= N, K >= 1, whose shape equals the dimensions of `tensor` from `axis` on. Its
      value is needed at once, since it decides the result's shape.
    - `axis`: the first dimension to mask; 0 by default.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of rank N - K + 1.

    **Raises:** `ValueError` if the mask is a scalar or does not fit.

    ```python
    >>> import functape as tf
    >>> tf.boolean_mask([1, 2, 3], [True, False, True]).numpy()
    array([1, 3], dtype=int32)

    ```
    """
    values, chosen = convert(tensor), read(convert(mask))
    first = 0 if axis is None else int(axis)
    first += values.aval.ndim if first < 0 else 0
    if chosen.ndim == 0:
        raise ValueError("mask cannot be scalar. Pass a mask with a dimension for each one it selects from.")
    covered = values.aval.shape[first : first + chosen.ndim]
    if covered != chosen.shape:
        raise ValueError(f"Shapes {covered} and {chosen.shape} are incompatible: the mask must cover tensor[axis:].")
    positions = np.flatnonzero(chosen).astype(np.int32)
    return arrange(TAKE_MASKED, (first, chosen.ndim), (values,), (convert(positions),))
