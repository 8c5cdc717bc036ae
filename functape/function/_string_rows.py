"""`tf.map_fn` over strings: row by row, since no program holds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._creation import zeros
from functape._api._joining import stack
from functape._core._convert import convert
from functape._core._nest import flatten, pack_like
from functape._core._spec import TensorSpec
from functape._engine._avals import Kind
from functape._engine._dtypes import DType, as_dtype, string
from functape._engine._errors import InvalidArgumentError
from functape.function._stacking import rows_of


def holds_strings(elems: Any) -> bool:
    """Whether there are strings in a structure."""
    return any(
        each.aval.kind is Kind.HOST if hasattr(each, "aval") else np.asarray(each).dtype.kind in "OSU"
        for each in flatten(elems)
        if hasattr(each, "aval") or isinstance(each, np.ndarray | str | bytes)
    )


def map_rows(function: Callable[..., Any], elems: Any, signature: Any) -> Any:
    """What a function makes of each row, stacked.

    **Arguments:**
    - `function`: from a row, in the structure of `elems`.
    - `elems`: tensors, of strings among them.
    - `signature`: the dtypes of what it returns, in its structure; those of `elems` if it is None.

    **Raises:** `InvalidArgumentError` if it returns another dtype; `ValueError` for another structure.
    """
    tensors = [convert(each) for each in flatten(elems)]
    length = rows_of(tensors, "tf.map_fn")
    declared = pack_like(elems, [each.dtype for each in tensors]) if signature is None else signature
    dtypes = [_dtype_of(each) for each in flatten(declared)]
    if not length:
        shapes = [each.shape if isinstance(each, TensorSpec) else () for each in flatten(declared)]
        made = [zeros([0, *shape], dtype) for shape, dtype in zip(shapes, dtypes, strict=True)]
        return pack_like(declared, made)
    columns: list[list[Any]] = [[] for _ in dtypes]
    for row in range(length):
        parts = flatten(function(pack_like(elems, [each[row] for each in tensors])))
        if len(parts) != len(dtypes):
            raise ValueError(
                f"The function of tf.map_fn returns {len(parts)} tensors, but fn_output_signature has {len(dtypes)}."
            )
        for column, part, dtype in zip(columns, parts, dtypes, strict=True):
            column.append(_checked(part, dtype))
    return pack_like(declared, [stack(column) for column in columns])


def _dtype_of(declared: Any) -> DType:
    return declared.dtype if isinstance(declared, TensorSpec) else as_dtype(declared)


def _checked(part: Any, dtype: DType) -> Any:
    tensor = part if hasattr(part, "aval") else convert(part, dtype if dtype is string else None, hint=dtype)
    if tensor.aval.dtype is not dtype:
        raise InvalidArgumentError(
            message=f"TensorArray dtype is {dtype.name} but the function of tf.map_fn returns "
            f"{tensor.aval.dtype.name}. Pass fn_output_signature."
        )
    return tensor
