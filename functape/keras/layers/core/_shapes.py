"""Layers that give the same elements another shape."""

from __future__ import annotations

import math
from typing import Any

from functape._api._shaping import transpose
from functape._engine._recorder import record
from functape._ops._shaping import RESHAPE, TILE
from functape.keras._configuration import standardize_data_format
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_specs import InputSpec


class Flatten(Layer):
    """All axes but the first as one (`tf.keras.layers.Flatten`).

    **Arguments:**
    - `data_format`: `"channels_last"` or `"channels_first"`; with the latter the channels go last first.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Flatten()(tf.ones((2, 3, 4))).shape
    TensorShape([2, 12])

    ```
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self._channels_first = self.data_format == "channels_first"
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        shape = inputs.aval.shape
        if self._channels_first and len(shape) > 2:
            inputs = transpose(inputs, (0, *range(2, len(shape)), 1))
        return record(RESHAPE, ((shape[0] if shape else 1, math.prod(shape[1:])),), (inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "data_format": self.data_format}


class Reshape(Layer):
    """Each example in another shape (`tf.keras.layers.Reshape`).

    **Arguments:**
    - `target_shape`: the lengths without the first axis; one may be -1.

    **Raises:** `ValueError`, when called, if the number of elements does not fit.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Reshape((-1, 2))(tf.ones((5, 6))).shape
    TensorShape([5, 3, 2])

    ```
    """

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        target = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        if target.count(-1) > 1:
            raise ValueError(f"There must be at most one unknown dimension (-1) in target_shape. Received: {target}")
        self.target_shape = target

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        first, *others = inputs.aval.shape
        target = tuple(-1 if length is None else length for length in self.target_shape)
        size, known = math.prod(others), math.prod(length for length in target if length != -1)
        if -1 in target and known and size % known == 0:
            target = tuple(size // known if length == -1 else length for length in target)
        if math.prod(target) != size:
            raise ValueError(
                "The total size of the tensor must be unchanged. Received: "
                f"input_shape={tuple(inputs.shape)}, target_shape={self.target_shape}"
            )
        return record(RESHAPE, ((first, *target),), (inputs,))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "target_shape": self.target_shape}


class Permute(Layer):
    """The axes in another order (`tf.keras.layers.Permute`).

    **Arguments:**
    - `dims`: the axes in their new order, counted from 1; the first axis stays.

    **Raises:** `ValueError` if they are no permutation.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.Permute((2, 1))(tf.ones((5, 6, 7))).shape
    TensorShape([5, 7, 6])

    ```
    """

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                "Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be "
                f"consecutive and start from 1. Received dims={dims}"
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return transpose(inputs, (0, *self.dims))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "dims": self.dims}


class RepeatVector(Layer):
    """Each vector `n` times (`tf.keras.layers.RepeatVector`): `[batch, features]` to `[batch, n, features]`.

    **Arguments:**
    - `n`: how many times.

    **Raises:** `TypeError` if `n` is no integer.

    ```python
    >>> import functape as tf
    >>> tf.keras.layers.RepeatVector(3)(tf.ones((5, 2))).shape
    TensorShape([5, 3, 2])

    ```
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(n, int):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = n
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        batch, features = inputs.aval.shape
        return record(TILE, ((1, self.n, 1),), (record(RESHAPE, ((batch, 1, features),), (inputs,)),))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "n": self.n}
