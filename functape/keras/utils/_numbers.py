"""Small functions of labels and arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._choosing import one_hot
from functape._api._elementwise import maximum, minimum, rsqrt, square
from functape._api._norms import norm
from functape._api._reductions import reduce_sum
from functape._api._shaping import expand_dims, reshape
from functape._core._constants import convert_to_tensor
from functape._core._convert import is_tensor_like
from functape.keras._configuration import epsilon, floatx


def to_categorical(x: Any, num_classes: int | None = None) -> Any:
    """Class numbers as rows with a single one (`tf.keras.utils.to_categorical`).

    **Arguments:**
    - `x`: integers `[...]` or `[..., 1]`, as an array, a list or a tensor.
    - `num_classes`: how many classes; one more than the largest number by default.

    **Returns:** float64 `[..., num_classes]`, or a float32 tensor for a tensor.

    **Raises:** `IndexError` for a number that is no class.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.to_categorical([0, 2], num_classes=3)
    array([[1., 0., 0.],
           [0., 0., 1.]])

    ```
    """
    if is_tensor_like(x):
        shape = tuple(x.aval.shape)
        if len(shape) > 1 and shape[-1] == 1:
            x = reshape(x, shape[:-1])
        if num_classes is None:
            num_classes = int(np.max(x.numpy())) + 1
        return one_hot(x, num_classes, dtype=floatx())
    numbers = np.array(x, dtype="int64")
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    flat = numbers.reshape(-1)
    classes = num_classes or int(np.max(flat)) + 1
    rows = np.zeros((flat.size, classes))
    rows[np.arange(flat.size), flat] = 1
    return rows.reshape(*shape, classes)


def to_ordinal(y: Any, num_classes: int | None = None, dtype: Any = "float32") -> np.ndarray[Any, Any]:
    """Class numbers as rows that begin with as many ones (`tf.keras.utils.to_ordinal` of Keras 2).

    **Arguments:**
    - `y`: integers from 0.
    - `num_classes`: how many classes; one more than the largest number by default.
    - `dtype`: the dtype of the result.

    **Returns:** an array `[..., num_classes - 1]`.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.to_ordinal([0, 2], num_classes=4)
    array([[0., 0., 0.],
           [1., 1., 0.]], dtype=float32)

    ```
    """
    numbers = np.array(y, dtype="int64")
    shape = numbers.shape[:-1] if numbers.ndim > 1 and numbers.shape[-1] == 1 else numbers.shape
    classes = num_classes or int(np.max(numbers)) + 1
    return (np.arange(classes - 1) < numbers.reshape(*shape, 1)).astype(dtype)


def normalize(x: Any, axis: int = -1, order: int = 2) -> Any:
    """An array divided by its norms (`tf.keras.utils.normalize`).

    **Arguments:**
    - `x`: an array, or a tensor.
    - `axis`: the axis of each norm.
    - `order`: the norm's order.

    **Returns:** an array, or a tensor for what is no array. A norm of 0 counts as 1.

    ```python
    >>> import functape as tf
    >>> import numpy as np
    >>> tf.keras.utils.normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])

    ```
    """
    if isinstance(x, np.ndarray):
        norms = np.atleast_1d(np.linalg.norm(x, order, axis))
        norms[norms == 0] = 1
        return x / np.expand_dims(norms, axis)
    if not isinstance(order, int) or order < 1:
        raise ValueError(f"Argument `order` must be an int >= 1. Received: order={order}")
    tensor = convert_to_tensor(x)
    if not tensor.aval.shape:
        tensor = expand_dims(tensor, 0)
    if order == 2:
        inverse = rsqrt(reduce_sum(square(tensor), axis, keepdims=True))
        return tensor * minimum(inverse, 1 / epsilon())
    return tensor / maximum(norm(tensor, order, axis, keepdims=True), epsilon())
