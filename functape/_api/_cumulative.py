"""Running sums and products: `tf.cumsum` and its relatives."""

from __future__ import annotations

from typing import Any

from functape._api._static import array_of
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops import _cumulative as rows


def cumsum(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running sum along an axis (`tf.math.cumsum`).

    **Arguments:**
    - `x`: a numeric tensor with at least one axis.
    - `axis`: the axis.
    - `exclusive`: whether each element is left out of its own sum.
    - `reverse`: whether to run from the end.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `x`.

    **Raises:** `InvalidArgumentError` for an axis that is not there.

    ```python
    >>> import functape as tf
    >>> print(tf.cumsum([1, 2, 3]).numpy(), tf.cumsum([1, 2, 3], exclusive=True, reverse=True).numpy())
    [1 3 6] [5 3 0]

    ```
    """
    return record(rows.SUM, (_axis(axis), bool(exclusive), bool(reverse)), (x,))


def cumprod(x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None) -> Any:
    """The running product along an axis (`tf.math.cumprod`).

    Its gradient is exact where elements are 0, which TensorFlow's is not.

    **Arguments:**
    - `x`: a numeric tensor with at least one axis.
    - `axis`: the axis.
    - `exclusive`: whether each element is left out of its own product.
    - `reverse`: whether to run from the end.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `x`.

    **Raises:** `InvalidArgumentError` for an axis that is not there.

    ```python
    >>> import functape as tf
    >>> print(tf.math.cumprod([1, 2, 3]).numpy(), tf.math.cumprod([1, 2, 3], exclusive=True).numpy())
    [1 2 6] [1 1 2]

    ```
    """
    return record(rows.PRODUCT, (_axis(axis), bool(exclusive), bool(reverse)), (x,))


def cumulative_logsumexp(
    x: Any, axis: Any = 0, exclusive: bool = False, reverse: bool = False, name: str | None = None
) -> Any:
    """The logarithm of the running sum of exponentials (`tf.math.cumulative_logsumexp`).

    **Arguments:**
    - `x`: a floating tensor with at least one axis.
    - `axis`: the axis.
    - `exclusive`: whether each element is left out of its own sum; that of no element is minus infinity.
    - `reverse`: whether to run from the end.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the shape of `x`.

    **Raises:** `InvalidArgumentError` for an axis that is not there.

    ```python
    >>> import functape as tf
    >>> print(tf.math.cumulative_logsumexp([0.0, -100.0]).numpy())
    [0. 0.]

    ```
    """
    return record(rows.LOG_SUM_EXP, (_axis(axis), bool(exclusive), bool(reverse)), (x,))


def _axis(axis: Any) -> int:
    if axis.__class__ is int:
        return axis
    array = array_of(axis)
    if array.ndim or array.dtype.kind not in "iu":
        raise InvalidArgumentError(message=f"ScanOp: axis must be an integer scalar. Received: axis={axis!r}")
    return int(array)
