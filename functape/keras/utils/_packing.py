"""Batches of inputs, targets and weights, as tuples."""

from __future__ import annotations

from typing import Any


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights of a batch (`tf.keras.utils.unpack_x_y_sample_weight`).

    **Arguments:**
    - `data`: inputs; or a tuple of inputs, targets and weights, of which the last may be missing.

    **Returns:** a tuple of three, with None for what is missing.

    **Raises:** `ValueError` for a tuple of more than three.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.unpack_x_y_sample_weight((1, 2))
    (1, 2, None)

    ```
    """
    parts = tuple(data) if isinstance(data, tuple | list) else (data,)
    if not 1 <= len(parts) <= 3:
        raise ValueError(
            "Data is expected to be in format `x`, `(x,)`, `(x, y)`, or `(x, y, sample_weight)`. "
            f"Received a tuple of {len(parts)}: {data!r}"
        )
    x, y, sample_weight = (*parts, None, None)[:3]
    return x, y, sample_weight


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """Inputs, targets and weights as one batch (`tf.keras.utils.pack_x_y_sample_weight`).

    **Arguments:**
    - `x`: inputs.
    - `y`: targets, or None.
    - `sample_weight`: weights, or None.

    **Returns:** a tuple without what is missing; `x` itself if that is all and it is no list or tuple.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.pack_x_y_sample_weight(1, 2)
    (1, 2)

    ```
    """
    if y is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)
