"""What initializers share."""

from __future__ import annotations

from typing import Any

from functape._engine._dtypes import DType, as_dtype
from functape.keras._configuration import standardize_dtype


class Initializer:
    """A function from a shape and a dtype to a first value (`tf.keras.initializers.Initializer`).

    Subclasses define `__call__(shape, dtype=None)`, and `get_config` if they take arguments.

    ```python
    >>> import functape as tf
    >>> class Sevens(tf.keras.initializers.Initializer):
    ...     def __call__(self, shape, dtype=None):
    ...         return tf.fill(shape, tf.cast(7, dtype or tf.float32))
    >>> print(Sevens()([2]).numpy())
    [7. 7.]

    ```
    """

    def __call__(self, shape: Any, dtype: Any = None, **kwargs: Any) -> Any:
        """The value for a shape; subclasses define it."""
        raise NotImplementedError(
            f"Initializer subclasses must implement `__call__()`: {type(self).__name__} does not."
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Initializer:
        """The initializer that `get_config` described."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def clone(self) -> Initializer:
        """A new initializer of the same configuration."""
        return type(self).from_config(self.get_config())


def wanted_shape(shape: Any, kwargs: dict[str, Any]) -> Any:
    """The shape to make: the partition's, where Keras 2's argument for it is given.

    **Raises:** `TypeError` for an argument that is not known; `ValueError` for one that cannot be had.
    """
    unknown = sorted(set(kwargs) - {"partition_shape", "partition_offset", "layout"})
    if unknown:
        raise TypeError(f"Unknown keyword arguments: {unknown}. Pass `shape` and `dtype`.")
    for name in ("partition_offset", "layout"):
        if kwargs.get(name) is not None:
            raise ValueError(f"The argument `{name}` is not supported: a variable is in one piece here. Leave it out.")
    partition = kwargs.get("partition_shape")
    return shape if partition is None else partition


def wanted_dtype(dtype: Any) -> DType:
    """The dtype to make; `floatx()` by default."""
    return as_dtype(standardize_dtype(dtype))


def floating_dtype(dtype: Any) -> DType:
    """The floating dtype to make.

    **Raises:** `ValueError` for another.
    """
    wanted = wanted_dtype(dtype)
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted!r}. Pass dtype='float32'.")
    return wanted
