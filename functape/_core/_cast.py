"""`tf.cast` and the conversions that build on it."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert
from functape._core._dispatch import composite
from functape._core._slices import IndexedSlices
from functape._engine._dtypes import as_dtype, string
from functape._engine._errors import UnimplementedError
from functape._engine._recorder import record
from functape._ops._operators import CAST


@composite
def cast(x: Any, dtype: Any, name: str | None = None) -> Any:
    """Convert the elements of `x` to another dtype (`tf.cast`).

    **Arguments:**
    - `x`: a numeric or bool tensor of any shape, or IndexedSlices.
    - `dtype`: the dtype to convert to; floats are truncated towards zero for integers, the imaginary part is dropped
      for real types.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `x`; IndexedSlices where `x` is one.

    **Raises:** `TypeError` if `dtype` names no type; `UnimplementedError` for string tensors.

    ```python
    >>> import functape as tf
    >>> tf.cast([1.8, -1.8], tf.int32)
    <tf.Tensor: shape=(2,), dtype=int32, numpy=array([ 1, -1], dtype=int32)>

    ```
    """
    wanted = as_dtype(dtype)
    if isinstance(x, IndexedSlices):
        return IndexedSlices(cast(x.values, wanted), x.indices, x.dense_shape)
    tensor = convert(x)
    if tensor.aval.dtype is wanted:
        return tensor
    if tensor.aval.dtype is string or wanted is string:
        raise UnimplementedError(
            message=f"Cast {tensor.aval.dtype.spoken} to {wanted.spoken} is not supported. "
            f"Use tf.strings.to_number or tf.strings.as_string."
        )
    return record(CAST, (wanted.as_numpy_dtype,), (tensor,))
