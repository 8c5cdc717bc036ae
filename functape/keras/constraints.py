"""Functions of weights that optimizers apply after an update (`tf.keras.constraints`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._elementwise import maximum
from functape._api._gathering import gather_nd
from functape._api._reductions import as_axes
from functape._api._static import operand
from functape._engine._recorder import record
from functape._namespace import lazy
from functape._ops import _penalties as rows
from functape.keras._configuration import epsilon
from functape.keras._family import Family

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "RadialConstraint",
    "UnitNorm",
    "deserialize",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "radial_constraint",
    "serialize",
    "unit_norm",
]


class Constraint:
    """A function from a weight to the weight as it may be (`tf.keras.constraints.Constraint`).

    Subclasses define `__call__(w)`, and `get_config` if they take arguments.

    ```python
    >>> import functape as tf
    >>> class Centred(tf.keras.constraints.Constraint):
    ...     def __call__(self, w):
    ...         return w - tf.reduce_mean(w)
    >>> print(Centred()(tf.constant([1.0, 3.0])).numpy())
    [-1.  1.]

    ```
    """

    def __call__(self, w: Any) -> Any:
        """The weight as it may be."""
        return w

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Constraint:
        """The constraint that `get_config` described."""
        return cls(**config)


class MaxNorm(Constraint):
    """Norms of at most a number (`tf.keras.constraints.MaxNorm`).

    **Arguments:**
    - `max_value`: the largest norm.
    - `axis`: the axis or axes the norm is taken over.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.constraints.MaxNorm(1.0)(tf.constant([[3.0, 0.5]])).numpy().round(3))
    [[1.  0.5]]

    ```
    """

    def __init__(self, max_value: float = 2, axis: Any = 0) -> None:
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        """The weight, scaled down where its norm is larger."""
        return _limited(w, 0.0, self.max_value, 1.0, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"max_value": self.max_value, "axis": self.axis}


class MinMaxNorm(Constraint):
    """Norms within bounds, or part of the way there (`tf.keras.constraints.MinMaxNorm`).

    **Arguments:**
    - `min_value`, `max_value`: the bounds.
    - `rate`: the share of the way there, from 0 to 1.
    - `axis`: the axis or axes the norm is taken over.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.constraints.MinMaxNorm(1.0, 2.0)(tf.constant([[3.0, 0.5]])).numpy().round(3))
    [[2. 1.]]

    ```
    """

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0) -> None:
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        """The weight, scaled to a norm within the bounds."""
        return _limited(w, self.min_value, self.max_value, self.rate, self.axis)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


def _limited(w: Any, lowest: float, highest: float, rate: float, axis: Any) -> Any:
    numbers = (float(lowest), float(highest), float(rate), epsilon())
    return record(rows.LIMIT_NORM, (as_axes(axis),), (operand(w), *numbers))


class NonNeg(Constraint):
    """No negative weights (`tf.keras.constraints.NonNeg`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.constraints.NonNeg()(tf.constant([-1.0, 2.0])).numpy())
    [0. 2.]

    ```
    """

    def __call__(self, w: Any) -> Any:
        """The weight, with 0 for what is negative."""
        return maximum(operand(w), 0)


class UnitNorm(Constraint):
    """Norms of one (`tf.keras.constraints.UnitNorm`).

    **Arguments:**
    - `axis`: the axis or axes the norm is taken over.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.constraints.UnitNorm()(tf.constant([[3.0], [4.0]])).numpy().round(3))
    [[0.6]
     [0.8]]

    ```
    """

    def __init__(self, axis: Any = 0) -> None:
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        """The weight, divided by its norm."""
        return record(rows.UNIT_NORM, (as_axes(self.axis),), (operand(w), epsilon()))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"axis": self.axis}


class RadialConstraint(Constraint):
    """Convolution kernels that are constant on each square ring (`tf.keras.constraints.RadialConstraint` of Keras 2).

    ```python
    >>> import functape as tf
    >>> w = tf.reshape(tf.range(9.0), [3, 3, 1, 1])
    >>> print(tf.keras.constraints.RadialConstraint()(w)[:, :, 0, 0].numpy())
    [[4. 4. 4.]
     [4. 0. 4.]
     [4. 4. 4.]]

    ```
    """

    def __call__(self, w: Any) -> Any:
        """The kernel, its rings taken from the diagonal.

        **Raises:** `ValueError` unless it has rank 4 and is square.
        """
        given = operand(w)
        shape = given.aval.shape
        if len(shape) != 4 or shape[0] != shape[1]:
            raise ValueError(f"The weight tensor must have rank 4 and be square. Received: shape={tuple(shape)}")
        size = shape[0]
        distance = np.abs(np.arange(size) * 2 - (size - 1)) // 2
        ring = np.maximum(distance[:, None], distance[None, :])
        odd = size % 2
        place = size // 2 - 1 + ring if odd else np.where(ring == 0, size // 2 - 1, size // 2 + ring)
        return gather_nd(given, np.stack([place, place], -1).astype(np.int32))


max_norm = MaxNorm
min_max_norm = MinMaxNorm
non_neg = NonNeg
radial_constraint = RadialConstraint
unit_norm = UnitNorm

_FAMILY = Family(
    "constraint",
    [Constraint, MaxNorm, MinMaxNorm, NonNeg, RadialConstraint, UnitNorm],
    {"maxnorm": MaxNorm, "nonneg": NonNeg, "unitnorm": UnitNorm},
)


def serialize(constraint: Any, use_legacy_format: bool = False) -> Any:
    """The configuration of a constraint (`tf.keras.constraints.serialize`).

    **Arguments:**
    - `constraint`: a constraint, or None.
    - `use_legacy_format`: whether to write Keras 2's format.
    """
    return _FAMILY.serialize(constraint, use_legacy_format)


def deserialize(config: Any, custom_objects: dict[str, Any] | None = None, use_legacy_format: bool = False) -> Any:
    """The constraint that a configuration describes (`tf.keras.constraints.deserialize`).

    **Arguments:**
    - `config`: what `serialize` returned, or a name.
    - `custom_objects`: further classes by name.
    - `use_legacy_format`: accepted; both formats are understood.

    **Raises:** `ValueError` or `TypeError` for a class that is not known.
    """
    return _FAMILY.deserialize(config, custom_objects)


def get(identifier: Any) -> Any:
    """The constraint that `identifier` stands for (`tf.keras.constraints.get`).

    **Arguments:**
    - `identifier`: a name, a configuration, a class, a function of a tensor, or None.

    **Raises:** `ValueError` for anything else.

    ```python
    >>> import functape as tf
    >>> tf.keras.constraints.get("max_norm").get_config()
    {'max_value': 2, 'axis': 0}

    ```
    """
    return None if identifier is None else _FAMILY.find(identifier)


__getattr__ = lazy(__name__, {}, lambda: __all__)
