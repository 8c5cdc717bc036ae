"""The activation functions of `tf.nn`."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._functions import unary
from functape._api._joining import concat
from functape._api._static import as_int, operand
from functape._core._cast import cast
from functape._core._convert import is_tensor_like
from functape._engine._dtypes import float32
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import record
from functape._ops import _activations as rows


def _one(row: Any, name: str, purpose: str, argument: str, result: str) -> Any:
    return unary(row, name, purpose, f"print(tf.nn.{name}({argument}).numpy())\n{result}", "features", "tf.nn")


relu = _one(rows.RELU, "relu", "`features` where positive, else 0; its gradient at 0 is 0", "[-1.0, 2.0]", "[0. 2.]")
relu6 = _one(rows.RELU6, "relu6", "`features` clipped to 0 to 6", "[-1.0, 2.0, 8.0]", "[0. 2. 6.]")
elu = _one(rows.ELU, "elu", "`features` where positive, else `exp(features) - 1`", "[-100.0, 2.0]", "[-1.  2.]")
selu = _one(rows.SELU, "selu", "The scaled exponential linear unit, which keeps mean and variance", "[0.0]", "[0.]")
softsign = _one(rows.SOFTSIGN, "softsign", "`features / (1 + abs(features))`", "[-1.0, 3.0]", "[-0.5   0.75]")


def leaky_relu(features: Any, alpha: Any = 0.2, name: str | None = None) -> Any:
    """`features` where positive, else `alpha * features` (`tf.nn.leaky_relu`); the gradient at 0 is `alpha`.

    **Arguments:**
    - `features`: a real tensor of any shape; integers become float32.
    - `alpha`: the slope for negative values.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a floating tensor of the shape of `features`.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.leaky_relu([-10.0, 2.0]).numpy())
    [-2.  2.]

    ```
    """
    given = operand(features)
    if given.aval.dtype.is_integer:
        given = cast(given, float32)
    # TensorFlow keeps the slope in single precision, whatever the dtype of `features`.
    slope = cast(alpha, given.aval.dtype) if is_tensor_like(alpha) else float(np.float32(alpha))
    return record(rows.LEAKY_RELU, (), (given, slope))


def gelu(features: Any, approximate: bool = False, name: str | None = None) -> Any:
    """`features` times the normal distribution's cumulative probability there (`tf.nn.gelu`).

    Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    **Arguments:**
    - `features`: a floating tensor of any shape.
    - `approximate`: whether to compute it by a hyperbolic tangent.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `features`.

    **Raises:** `ValueError` if `features` is not floating.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.nn.gelu(1.0).numpy():.4f}")
    0.8413

    ```
    """
    given = operand(features)
    if not given.aval.dtype.is_floating:
        raise ValueError(
            f"`features.dtype` must be a floating point tensor. Received: features.dtype={given.aval.dtype!r}. "
            f"Cast it: tf.cast(features, tf.float32)."
        )
    return record(rows.GELU, (bool(approximate),), (given,))


def silu(features: Any, beta: Any = 1.0) -> Any:
    """`features * sigmoid(beta * features)` (`tf.nn.silu`, `tf.nn.swish`).

    Ramachandran, Zoph and Le, "Searching for activation functions", 2017.

    **Arguments:**
    - `features`: a floating tensor of any shape.
    - `beta`: a number, or a tensor that broadcasts with `features`.

    **Returns:** a tensor of the shape of `features`.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.nn.silu(1.0).numpy():.4f}")
    0.7311

    ```
    """
    given = operand(features)
    if not given.aval.dtype.is_floating and not given.aval.dtype.is_complex:
        raise InvalidArgumentError(
            message=f"Value for attr 'T' of {given.aval.dtype.spoken} is not in the list of allowed values: Silu takes "
            f"floating and complex tensors [Op:Silu]. Cast the argument first: tf.cast(features, tf.float32)."
        )
    return record(rows.SILU, (), (given, beta))


swish = silu


def crelu(features: Any, axis: Any = -1, name: str | None = None) -> Any:
    """The positive and the negative part, joined along an axis (`tf.nn.crelu`).

    **Arguments:**
    - `features`: a real tensor.
    - `axis`: the axis that doubles.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.crelu([-1.0, 2.0]).numpy())
    [0. 2. 1. 0.]

    ```
    """
    given = operand(features)
    return concat([relu(given), relu(-given)], axis)


def softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """Exponentials, scaled to sum to one along an axis (`tf.nn.softmax`).

    **Arguments:**
    - `logits`: a floating tensor of at least one dimension.
    - `axis`: the axis; the last by default.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `logits`.

    **Raises:** `InvalidArgumentError` for a scalar, an integer tensor, or an axis that is not there.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.softmax([0.0, 0.0]).numpy())
    [0.5 0.5]

    ```
    """
    return record(rows.SOFTMAX, (-1 if axis is None else as_int(axis, "axis"),), (logits,))


def log_softmax(logits: Any, axis: Any = None, name: str | None = None) -> Any:
    """Logarithms of `tf.nn.softmax`, without underflow (`tf.nn.log_softmax`). The arguments are as there.

    ```python
    >>> import functape as tf
    >>> print(tf.nn.log_softmax([0.0, -1000.0]).numpy())
    [    0. -1000.]

    ```
    """
    return record(rows.LOG_SOFTMAX, (-1 if axis is None else as_int(axis, "axis"),), (logits,))
