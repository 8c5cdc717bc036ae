"""`tf.ragged_fill_empty_rows`: a value for each row that has none."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._reductions import reduce_sum
from functape._api._shaping import reshape
from functape._api._static import array_of, as_int, invalid
from functape._core._convert import convert
from functape._core._masking import boolean_mask


class RaggedFillEmptyRows(NamedTuple):
    """What `ragged_fill_empty_rows` returns."""

    output_value_rowids: Any
    output_values: Any
    empty_row_indicator: Any
    reverse_index_map: Any


class RaggedFillEmptyRowsGrad(NamedTuple):
    """What `ragged_fill_empty_rows_grad` returns."""

    d_values: Any
    d_default_value: Any


def ragged_fill_empty_rows(
    value_rowids: Any, values: Any, nrows: Any, default_value: Any, name: str | None = None
) -> RaggedFillEmptyRows:
    """The values of rows, with one value for each row that has none (`tf.ragged_fill_empty_rows`).

    **Arguments:**
    - `value_rowids`: the row of each value, an int64 vector.
    - `values`: a vector.
    - `nrows`: how many rows there are.
    - `default_value`: what the empty rows get, a scalar.
    - `name`: accepted for compatibility.

    **Returns:** the rows of the new values, the values, which rows were empty, and where each old value came.

    **Raises:** `InvalidArgumentError` for rows that are not there.

    ```python
    >>> import functape as tf
    >>> filled = tf.ragged_fill_empty_rows([0, 0, 2], [1.0, 2.0, 3.0], 3, 9.0)
    >>> filled.output_values.numpy().tolist()
    [1.0, 2.0, 9.0, 3.0]

    ```
    """
    rows, count = array_of(value_rowids).astype(np.int64), as_int(nrows, "nrows")
    given = convert(values)
    if rows.ndim != 1 or given.aval.shape != rows.shape:
        raise invalid(
            f"values must be a vector with a row each. Received: values.shape={given.aval.shape}, value_rowids={rows}"
        )
    for place, row in enumerate(rows.tolist()):
        if not 0 <= row < count:
            raise invalid(f"indices({place}, 0) is invalid: {row} >= {count} [Op:RaggedFillEmptyRows]")
    empty = np.bincount(rows, minlength=count)[:count] == 0
    every = np.concatenate([rows, np.flatnonzero(empty)])
    order = np.argsort(every, kind="stable")
    # Each empty row takes what stands behind the last value.
    sources = np.minimum(order, len(rows))
    known = concat([given, reshape(convert(default_value, given.dtype), [1])], 0)
    places = np.argsort(order, kind="stable")[: len(rows)]
    return RaggedFillEmptyRows(
        convert(every[order]), gather(known, sources), convert(empty), convert(places.astype(np.int64))
    )


def ragged_fill_empty_rows_grad(
    reverse_index_map: Any, grad_values: Any, name: str | None = None
) -> RaggedFillEmptyRowsGrad:
    """The gradients of `ragged_fill_empty_rows` for the values and the default (`tf.ragged_fill_empty_rows_grad`).

    **Arguments:**
    - `reverse_index_map`: where each old value came.
    - `grad_values`: the gradient for the new values.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> gradients = tf.ragged_fill_empty_rows_grad([0, 1, 3], [1.0, 2.0, 3.0, 4.0])
    >>> gradients.d_values.numpy().tolist(), float(gradients.d_default_value)
    ([1.0, 2.0, 4.0], 3.0)

    ```
    """
    places, gradient = array_of(reverse_index_map), convert(grad_values)
    added = np.ones(gradient.aval.shape, bool)
    added[places] = False
    return RaggedFillEmptyRowsGrad(gather(gradient, places), reduce_sum(boolean_mask(gradient, added)))
