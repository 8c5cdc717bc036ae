"""Penalties on weights, added to the loss (`tf.keras.regularizers`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._creation import zeros
from functape._api._static import operand
from functape._engine._recorder import record
from functape._namespace import lazy
from functape._ops import _penalties as rows
from functape.keras._configuration import epsilon
from functape.keras._family import Family

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


class Regularizer:
    """A function from a tensor to a penalty (`tf.keras.regularizers.Regularizer`).

    Subclasses define `__call__(x)`, and `get_config` to be stored.

    ```python
    >>> import functape as tf
    >>> class Largest(tf.keras.regularizers.Regularizer):
    ...     def __call__(self, x):
    ...         return tf.reduce_max(tf.abs(x))
    >>> print(Largest()(tf.constant([1.0, -3.0])).numpy())
    3.0

    ```
    """

    def __call__(self, x: Any) -> Any:
        """The penalty: a scalar."""
        return 0.0

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Regularizer:
        """The regularizer that `get_config` described."""
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments; subclasses define it."""
        raise NotImplementedError(f"{self} does not implement get_config(): return the constructor's arguments there.")


def _factor(value: Any, name: str, default: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, float | int) or not math.isfinite(value) or value < 0:
        raise ValueError(
            f"Invalid value for argument {name}: expected a non-negative float. Received: {name}={value!r}"
        )
    return float(value)


def _penalty(x: Any, *terms: tuple[int, float]) -> Any:
    """The sum of factors times sums of sizes (kind 1) and squares (kind 2), as one op."""
    given = operand(x)
    kinds = tuple(kind for kind, _ in terms)
    # Keras's factors are single precision, whatever the dtype of `x`.
    return record(rows.PENALTY, (kinds,), (given, *(float(np.float32(factor)) for _, factor in terms)))


class L1L2(Regularizer):
    """`l1 * sum(abs(x)) + l2 * sum(x * x)` (`tf.keras.regularizers.L1L2`).

    **Arguments:**
    - `l1`, `l2`: numbers that are not negative.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.regularizers.L1L2(1.0, 2.0)(tf.constant([1.0, -3.0])).numpy())
    24.0

    ```
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1, self.l2 = _factor(l1, "l1", 0.0), _factor(l2, "l2", 0.0)

    def __call__(self, x: Any) -> Any:
        """The penalty: a scalar of the dtype of `x`."""
        used = [(kind, factor) for kind, factor in ((1, self.l1), (2, self.l2)) if factor]
        return _penalty(x, *used) if used else zeros((), operand(x).aval.dtype)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"l1": self.l1, "l2": self.l2}


class L1(Regularizer):
    """`l1 * sum(abs(x))` (`tf.keras.regularizers.L1`).

    **Arguments:**
    - `l1`: a number that is not negative.
    - `l`: Keras 2's name of `l1`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.regularizers.L1(0.5)(tf.constant([1.0, -3.0])).numpy())
    2.0

    ```
    """

    def __init__(self, l1: float | None = 0.01, **kwargs: Any) -> None:
        self.l1 = _factor(_old_name(l1, kwargs), "l1", 0.01)

    def __call__(self, x: Any) -> Any:
        """The penalty: a scalar of the dtype of `x`."""
        return _penalty(x, (1, self.l1))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"l1": self.l1}


class L2(Regularizer):
    """`l2 * sum(x * x)` (`tf.keras.regularizers.L2`).

    **Arguments:**
    - `l2`: a number that is not negative.
    - `l`: Keras 2's name of `l2`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.regularizers.L2(0.5)(tf.constant([1.0, -3.0])).numpy())
    5.0

    ```
    """

    def __init__(self, l2: float | None = 0.01, **kwargs: Any) -> None:
        self.l2 = _factor(_old_name(l2, kwargs), "l2", 0.01)

    def __call__(self, x: Any) -> Any:
        """The penalty: a scalar of the dtype of `x`."""
        return _penalty(x, (2, self.l2))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"l2": self.l2}


def _old_name(value: Any, kwargs: dict[str, Any]) -> Any:
    value = kwargs.pop("l", value)
    if kwargs:
        raise TypeError(f"Argument(s) not recognized: {kwargs}")
    return value


class OrthogonalRegularizer(Regularizer):
    """How far the rows or columns of a matrix are from orthogonal (`tf.keras.regularizers.OrthogonalRegularizer`).

    **Arguments:**
    - `factor`: a number that is not negative.
    - `mode`: `"rows"` or `"columns"`.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.regularizers.OrthogonalRegularizer(1.0)(tf.eye(2)).numpy())
    0.0

    ```
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor(factor, "factor", 0.01)
        if mode not in ("rows", "columns"):
            raise ValueError(
                f'Invalid value for argument `mode`. Expected one of {{"rows", "columns"}}. Received: mode={mode}'
            )
        self.mode = mode

    def __call__(self, inputs: Any) -> Any:
        """The penalty: a scalar of the dtype of `inputs`.

        **Raises:** `ValueError` unless `inputs` is a matrix.
        """
        given = operand(inputs)
        if given.aval.ndim != 2:
            raise ValueError(
                f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={tuple(given.aval.shape)}"
            )
        axis = 1 if self.mode == "rows" else 0
        return record(rows.ORTHOGONAL_PENALTY, (axis,), (given, self.factor, epsilon()))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"factor": self.factor, "mode": self.mode}


def l1_l2(l1: float | None = 0.01, l2: float | None = 0.01) -> L1L2:
    """An `L1L2` regularizer, with Keras 2's default factors (`tf.keras.regularizers.l1_l2`).

    ```python
    >>> import functape as tf
    >>> tf.keras.regularizers.l1_l2(l1=0.5).get_config()
    {'l1': 0.5, 'l2': 0.01}

    ```
    """
    return L1L2(l1, l2)


l1 = L1
l2 = L2
orthogonal_regularizer = OrthogonalRegularizer

_FAMILY = Family("regularizer", [Regularizer, L1, L2, L1L2, OrthogonalRegularizer], {"l1_l2": L1L2})


def serialize(regularizer: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a regularizer (`tf.keras.regularizers.serialize`).

    **Arguments:**
    - `regularizer`: a regularizer, or None.
    - `use_legacy_format`: whether to write Keras 2's format.
    """
    return _FAMILY.serialize(regularizer, use_legacy_format)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The regularizer that a configuration describes (`tf.keras.regularizers.deserialize`).

    **Arguments:**
    - `config`: what `serialize` returned, or a name.
    - `custom_objects`: further classes by name.
    - `use_legacy_format`: accepted; both formats are understood.

    **Raises:** `ValueError` or `TypeError` for a class that is not known.
    """
    return _FAMILY.deserialize(config, custom_objects)


def get(identifier: Any) -> Any:
    """The regularizer that `identifier` stands for (`tf.keras.regularizers.get`).

    **Arguments:**
    - `identifier`: a name, a configuration, a class, a function of a tensor, or None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.regularizers.get("l2").get_config()
    {'l2': 0.01}

    ```
    """
    return None if identifier is None else _FAMILY.find(identifier)


__getattr__ = lazy(__name__, {}, lambda: __all__)
