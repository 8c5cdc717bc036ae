"""Activation functions under Keras's names."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from functape._api import _activations as nn
from functape._api import _elementwise as elementwise
from functape._api._shaping import reshape, transpose
from functape._api._static import as_axis, operand
from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _activations, _elementwise
from functape._ops import _keras_activations as rows
from functape.keras._logits import note_logits, present_value

_TEXT = """{purpose} (`tf.keras.activations.{name}`).

**Arguments:**
- `x`: a floating tensor of any shape.

**Returns:** a tensor of its shape.

```python
>>> import functape as tf
>>> print(tf.keras.activations.{name}({example}).numpy())
{result}

```
"""


def _plain(row: Op, name: str, purpose: str, example: str, result: str) -> Callable[[Any], Any]:
    """The function of a row that takes nothing but `x`."""

    def function(x: Any) -> Any:
        return record(row, (), (operand(x),))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _TEXT.format(purpose=purpose, name=name, example=example, result=result)
    return function


selu = _plain(
    _activations.SELU, "selu", "The scaled exponential linear unit, which keeps mean and variance", "[0.0]", "[0.]"
)
relu6 = _plain(_activations.RELU6, "relu6", "`x` clipped to 0 to 6", "[-1.0, 2.0, 8.0]", "[0. 2. 6.]")
softsign = _plain(_activations.SOFTSIGN, "softsign", "`x / (1 + abs(x))`", "[-1.0, 3.0]", "[-0.5   0.75]")
softplus = _plain(_elementwise.SOFTPLUS, "softplus", "`log(1 + exp(x))`", "[100.0]", "[100.]")
tanh = _plain(_elementwise.TANH, "tanh", "The hyperbolic tangent", "[0.0, 100.0]", "[0. 1.]")
exponential = _plain(_elementwise.EXP, "exponential", "`exp(x)`", "[0.0]", "[1.]")
log_sigmoid = _plain(_elementwise.LOG_SIGMOID, "log_sigmoid", "The sigmoid's logarithm", "[100.0]", "[-0.]")
hard_sigmoid = _plain(
    rows.HARD_SIGMOID, "hard_sigmoid", "`x / 6 + 1 / 2` clipped to 0 to 1", "[-3.0, 0.0, 9.0]", "[0.  0.5 1. ]"
)
hard_silu = _plain(rows.HARD_SILU, "hard_silu", "`x * hard_sigmoid(x)`", "[-3.0, 0.0, 9.0]", "[-0.  0.  9.]")
hard_tanh = _plain(rows.HARD_TANH, "hard_tanh", "`x` clipped to -1 to 1", "[-3.0, 0.5]", "[-1.   0.5]")
mish = _plain(rows.MISH, "mish", "`x * tanh(softplus(x))`", "[0.0]", "[0.]")
sparse_plus = _plain(
    rows.SPARSE_PLUS,
    "sparse_plus",
    "0 up to -1, `x` from 1, a parabola between",
    "[-1.0, 0.0, 2.0]",
    "[0.   0.25 2.  ]",
)
sparse_sigmoid = _plain(
    rows.SPARSE_SIGMOID, "sparse_sigmoid", "`(x + 1) / 2` clipped to 0 to 1", "[-2.0, 0.0]", "[0.  0.5]"
)
tanh_shrink = _plain(rows.TANH_SHRINK, "tanh_shrink", "`x - tanh(x)`", "[0.0]", "[0.]")


def relu(
    x: Any,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
    *,
    alpha: float | None = None,
) -> Any:
    """`x` where positive, else 0, with the bounds one wants (`tf.keras.activations.relu`).

    **Arguments:**
    - `x`: a real tensor.
    - `negative_slope`: the slope below `threshold`.
    - `max_value`: the largest value; none by default.
    - `threshold`: below it the value is 0, or `negative_slope * (x - threshold)`.
    - `alpha`: Keras 2's name of `negative_slope`.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.relu([-10.0, 2.0, 9.0], negative_slope=0.5, max_value=5.0).numpy())
    [-5.  2.  5.]

    ```
    """
    slope = negative_slope if alpha is None else alpha
    given = operand(x)
    if not slope and max_value is None and not threshold:
        return record(_activations.RELU, (), (given,))
    statics = (float(slope), None if max_value is None else float(max_value), float(threshold))
    return record(rows.BOUNDED_RELU, statics, (given,))


def leaky_relu(x: Any, negative_slope: Any = 0.2, *, alpha: Any = None) -> Any:
    """`x` where positive, else `negative_slope * x` (`tf.keras.activations.leaky_relu`).

    **Arguments:**
    - `x`: a real tensor.
    - `negative_slope`: the slope below 0.
    - `alpha`: Keras 2's name of `negative_slope`.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.leaky_relu([-10.0, 2.0]).numpy())
    [-2.  2.]

    ```
    """
    return nn.leaky_relu(x, negative_slope if alpha is None else alpha)


def elu(x: Any, alpha: Any = 1.0) -> Any:
    """`x` where positive, else `alpha * (exp(x) - 1)` (`tf.keras.activations.elu`).

    **Arguments:**
    - `x`: a floating tensor.
    - `alpha`: a number.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.elu([-100.0, 2.0], alpha=3.0).numpy())
    [-3.  2.]

    ```
    """
    given = operand(x)
    if not is_tensor_like(alpha) and alpha == 1:
        return record(_activations.ELU, (), (given,))
    return record(rows.SLOPED_ELU, (), (given, _number(alpha, given)))


def celu(x: Any, alpha: Any = 1.0) -> Any:
    """`max(x, 0) + alpha * (exp(min(x, 0) / alpha) - 1)` (`tf.keras.activations.celu`).

    The arguments are as for `elu`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.celu([-100.0, 2.0], alpha=3.0).numpy())
    [-3.  2.]

    ```
    """
    return _with_number(rows.CELU, x, alpha)


def hard_shrink(x: Any, threshold: Any = 0.5) -> Any:
    """`x` where its size is above `threshold`, else 0 (`tf.keras.activations.hard_shrink`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.hard_shrink([-2.0, 0.5, 1.0]).numpy())
    [-2.  0.  1.]

    ```
    """
    return _with_number(rows.HARD_SHRINK, x, threshold)


def soft_shrink(x: Any, threshold: Any = 0.5) -> Any:
    """`x`, moved towards 0 by `threshold` (`tf.keras.activations.soft_shrink`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.soft_shrink([-2.0, 0.5, 1.0]).numpy())
    [-1.5  0.   0.5]

    ```
    """
    return _with_number(rows.SOFT_SHRINK, x, threshold)


def squareplus(x: Any, b: Any = 4) -> Any:
    """`(x + sqrt(x * x + b)) / 2` (`tf.keras.activations.squareplus`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.squareplus([0.0]).numpy())
    [1.]

    ```
    """
    return _with_number(rows.SQUAREPLUS, x, b)


def _with_number(row: Op, x: Any, number: Any) -> Any:
    given = operand(x)
    return record(row, (), (given, _number(number, given)))


def _number(value: Any, x: Any) -> Any:
    """A parameter as it is recorded beside `x`."""
    return cast(value, x.aval.dtype) if is_tensor_like(value) else float(value)


def threshold(x: Any, threshold: Any, default_value: Any) -> Any:
    """`x` where it is above `threshold`, else `default_value` (`tf.keras.activations.threshold`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.threshold([-2.0, 3.0], 1.0, 7.0).numpy())
    [7. 3.]

    ```
    """
    given = operand(x)
    return record(rows.THRESHOLD, (), (given, _number(threshold, given), _number(default_value, given)))


def gelu(x: Any, approximate: bool = False) -> Any:
    """`x` times the normal distribution's cumulative probability there (`tf.keras.activations.gelu`).

    **Arguments:**
    - `x`: a floating tensor.
    - `approximate`: whether to compute it by a hyperbolic tangent.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.gelu([0.0, 100.0]).numpy())
    [  0. 100.]

    ```
    """
    return nn.gelu(x, approximate)


def silu(x: Any) -> Any:
    """`x * sigmoid(x)` (`tf.keras.activations.silu`, `tf.keras.activations.swish`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.silu([0.0, 100.0]).numpy())
    [  0. 100.]

    ```
    """
    return nn.silu(x)


def sigmoid(x: Any) -> Any:
    """`1 / (1 + exp(-x))` (`tf.keras.activations.sigmoid`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.sigmoid([0.0]).numpy())
    [0.5]

    ```
    """
    given = present_value(operand(x))
    return note_logits(elementwise.sigmoid(given), given)


def linear(x: Any) -> Any:
    """`x` as it is (`tf.keras.activations.linear`)."""
    return x


def glu(x: Any, axis: int = -1) -> Any:
    """The first half of `x` along an axis times the sigmoid of the second (`tf.keras.activations.glu`).

    **Arguments:**
    - `x`: a floating tensor.
    - `axis`: an axis of even length.

    **Returns:** a tensor with half the length there.

    **Raises:** `ValueError` for an axis of odd length.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.glu([2.0, 0.0]).numpy())
    [1.]

    ```
    """
    given = operand(x)
    place = as_axis(axis, given.aval.ndim, "Glu")
    if given.aval.shape[place] % 2:
        raise ValueError(
            f"The axis must have an even length. Received: x.shape={tuple(given.aval.shape)} with axis={axis}"
        )
    return record(rows.GLU, (place,), (given,))


def sparsemax(x: Any, axis: int = -1) -> Any:
    """The nearest point of the simplex, most of whose coordinates may be 0 (`tf.keras.activations.sparsemax`).

    Martins and Astudillo, 2016.

    **Arguments:**
    - `x`: a floating tensor.
    - `axis`: the axis that sums to one.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.sparsemax([[1.0, 3.0, -3.0]]).numpy())
    [[0. 1. 0.]]

    ```
    """
    given = operand(x)
    return record(rows.SPARSEMAX, (as_axis(axis, given.aval.ndim, "Sparsemax"),), (given,))


def softmax(x: Any, axis: Any = -1) -> Any:
    """Exponentials, scaled to sum to one along an axis (`tf.keras.activations.softmax`).

    **Arguments:**
    - `x`: a floating tensor.
    - `axis`: the axis, a tuple of axes, or None for all.

    **Returns:** a tensor of the shape of `x`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.softmax([[0.0, 0.0]]).numpy())
    [[0.5 0.5]]

    ```
    """
    given = operand(x)
    shape = given.aval.shape
    if isinstance(axis, int) and -len(shape) <= axis < len(shape) and shape[axis] == 1:
        warnings.warn(
            f"A softmax over axis {axis} of a tensor of shape {tuple(shape)} is always 1, since the axis has length 1. "
            "Did you mean to use a sigmoid instead?",
            stacklevel=2,
        )
    given = present_value(given)
    return note_logits(_along(nn.softmax, given, axis), given)


def log_softmax(x: Any, axis: Any = -1) -> Any:
    """Logarithms of `softmax`, without underflow (`tf.keras.activations.log_softmax`). The arguments are as there.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.activations.log_softmax([[0.0, -1000.0]]).numpy())
    [[    0. -1000.]]

    ```
    """
    return _along(nn.log_softmax, operand(x), axis)


def _along(function: Callable[..., Any], x: Any, axis: Any) -> Any:
    """`function` over one axis, several or all, as if they were one."""
    shape = tuple(x.aval.shape)
    if axis is None:
        return reshape(function(reshape(x, [-1]), -1), shape)
    if not isinstance(axis, list | tuple):
        return function(x, axis)
    last = [as_axis(each, len(shape), "Softmax") for each in axis]
    order = [each for each in range(len(shape)) if each not in last] + last
    moved = transpose(x, order)
    lengths = tuple(shape[each] for each in order)
    result = reshape(function(reshape(moved, (*lengths[: len(shape) - len(last)], -1)), -1), lengths)
    return transpose(result, [order.index(each) for each in range(len(shape))])
