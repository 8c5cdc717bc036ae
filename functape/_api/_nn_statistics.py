"""Statistics and normalizations of `tf.nn` beyond the everyday ones."""

from __future__ import annotations

from typing import Any

from functape._api._nn import batch_normalization
from functape._api._reductions import as_axes
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._recorder import record, record_multiple
from functape._ops import _normalization as norms
from functape._ops import _statistics as rows


def sufficient_statistics(
    x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any, Any, Any]:
    """Count, sum and sum of squares, of which mean and variance follow (`tf.nn.sufficient_statistics`).

    **Arguments:**
    - `x`: a floating tensor.
    - `axes`: the axes to reduce over.
    - `shift`: a value near the mean, subtracted first; None for none.
    - `keepdims`: whether the axes stay, with length 1.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the count, the sum, the sum of squares and `shift`.

    ```python
    >>> import functape as tf
    >>> count, total, squares, _ = tf.nn.sufficient_statistics([1.0, 3.0], axes=[0])
    >>> print(count.numpy(), total.numpy(), squares.numpy())
    2.0 4.0 10.0

    ```
    """
    given = operand(x)
    over = as_axes(list(set(axes)) if isinstance(axes, list | tuple) else axes)
    offset = None if shift is None else operand(shift, hint=given.aval.dtype)
    others = () if offset is None else (offset,)
    count, total, squares = record_multiple(rows.SUFFICIENT_STATISTICS, (over, bool(keepdims)), (given, *others))
    return count, total, squares, offset if offset is None else convert(offset)


def normalize_moments(
    counts: Any, mean_ss: Any, variance_ss: Any, shift: Any, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance from what `sufficient_statistics` returns (`tf.nn.normalize_moments`).

    **Arguments:**
    - `counts`: how many elements there were.
    - `mean_ss`, `variance_ss`: their sum and their sum of squares.
    - `shift`: what was subtracted before; None for nothing.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> mean, variance = tf.nn.normalize_moments(2.0, 4.0, 10.0, None)
    >>> print(mean.numpy(), variance.numpy())
    2.0 1.0

    ```
    """
    others = () if shift is None else (shift,)
    return record_multiple(rows.NORMALIZE_MOMENTS, (), (operand(counts), mean_ss, variance_ss, *others))


def weighted_moments(
    x: Any, axes: Any, frequency_weights: Any, keepdims: bool = False, name: str | None = None
) -> tuple[Any, Any]:
    """Mean and variance in which elements count by their weights (`tf.nn.weighted_moments`).

    **Arguments:**
    - `x`: a floating tensor.
    - `axes`: the axes to reduce over.
    - `frequency_weights`: weights that broadcast with `x`.
    - `keepdims`: whether the axes stay, with length 1.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> mean, variance = tf.nn.weighted_moments([1.0, 3.0], 0, [3.0, 1.0])
    >>> print(mean.numpy(), variance.numpy())
    1.5 0.75

    ```
    """
    given = operand(x)
    weights = operand(frequency_weights, hint=given.aval.dtype)
    if weights.aval.dtype is not given.aval.dtype:
        weights = cast(weights, given.aval.dtype)
    return record_multiple(rows.WEIGHTED_MOMENTS, (as_axes(axes), bool(keepdims)), (given, weights))


def batch_norm_with_global_normalization(
    input: Any,
    mean: Any,
    variance: Any,
    beta: Any,
    gamma: Any,
    variance_epsilon: Any,
    scale_after_normalization: Any,
    name: str | None = None,
) -> Any:
    """`batch_normalization` under an old name (`tf.nn.batch_norm_with_global_normalization`).

    **Arguments:**
    - `input`, `mean`, `variance`, `variance_epsilon`: as for `batch_normalization`.
    - `beta`: its `offset`.
    - `gamma`: its `scale`, used only if `scale_after_normalization`.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.nn.batch_norm_with_global_normalization([3.0], [1.0], [4.0], [5.0], [2.0], 0.0, False).numpy()
    array([6.], dtype=float32)

    ```
    """
    return batch_normalization(
        input, mean, variance, beta, gamma if scale_after_normalization else None, variance_epsilon
    )


def local_response_normalization(
    input: Any, depth_radius: int = 5, bias: float = 1, alpha: float = 1, beta: float = 0.5, name: str | None = None
) -> Any:
    """Each channel divided by the strength of its neighbours (`tf.nn.local_response_normalization`, `tf.nn.lrn`).

    **Arguments:**
    - `input`: `[batch, height, width, channels]`, float32 or a half-precision type.
    - `depth_radius`: how many neighbours to each side count.
    - `bias`, `alpha`, `beta`: the divisor is `(bias + alpha * sum of squares) ** beta`.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for another rank or dtype.

    ```python
    >>> import functape as tf
    >>> tf.nn.local_response_normalization(tf.ones([1, 1, 1, 3]), depth_radius=1).numpy().round(3).ravel()
    array([0.577, 0.5  , 0.577], dtype=float32)

    ```
    """
    statics = (int(depth_radius), float(bias), float(alpha), float(beta))
    return record(norms.LOCAL_RESPONSE_NORMALIZATION, statics, (operand(input),))


lrn = local_response_normalization
