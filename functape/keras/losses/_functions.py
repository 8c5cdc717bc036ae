"""Keras's regression and margin losses as functions: one number for each example."""

from __future__ import annotations

from typing import Any

from functape.keras.losses import _formulas as formulas
from functape.keras.losses._bound import Bound, axis_of, binders, binds, evaluate, number
from functape.keras.losses._formula import Formula

_DOCUMENTATION = """{purpose} (`tf.keras.losses.{name}`).

**Arguments:**
- `y_true`: a tensor `[..., n]`; it is cast to the dtype of `y_pred`.
- `y_pred`: a tensor `[..., n]`.{aligned}

**Returns:** a tensor `[...]`.

**Raises:** `InvalidArgumentError` if the shapes do not broadcast, or for two scalars.

```python
>>> import functape as tf
>>> print(tf.keras.losses.{name}([[0.0, 1.0]], [[0.5, 0.75]]).numpy().round(3))
[{example}]

```
"""
_ALIGNED = " Where only a last axis of length 1 keeps the shapes apart, it is added or dropped."


def _plain(formula: Formula, name: str, purpose: str, example: str) -> Any:
    """The functional form of a formula without arguments."""
    bound = Bound(formula)

    def function(y_true: Any, y_pred: Any) -> Any:
        return evaluate(bound, y_true, y_pred)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = _DOCUMENTATION.format(
        purpose=purpose, name=name, example=example, aligned=_ALIGNED if formula.align else ""
    )
    binders[function] = lambda: bound
    return function


mean_squared_error = _plain(
    formulas.MEAN_SQUARED_ERROR,
    "mean_squared_error",
    "The mean of squared differences over the last axis",
    "0.156",
)
mean_absolute_error = _plain(
    formulas.MEAN_ABSOLUTE_ERROR,
    "mean_absolute_error",
    "The mean of absolute differences over the last axis",
    "0.375",
)
mean_absolute_percentage_error = _plain(
    formulas.MEAN_ABSOLUTE_PERCENTAGE_ERROR,
    "mean_absolute_percentage_error",
    "The mean of absolute differences over the last axis, in percent of the labels",
    "2.5e+08",
)
mean_squared_logarithmic_error = _plain(
    formulas.MEAN_SQUARED_LOGARITHMIC_ERROR,
    "mean_squared_logarithmic_error",
    "The mean of squared differences of `log(1 + y)` over the last axis",
    "0.091",
)
log_cosh = _plain(
    formulas.LOG_COSH,
    "log_cosh",
    "The mean logarithm of the hyperbolic cosine of the differences over the last axis",
    "0.076",
)
poisson = _plain(formulas.POISSON, "poisson", "The mean of `y_pred - y_true * log(y_pred)` over the last axis", "0.769")
kl_divergence = _plain(
    formulas.KL_DIVERGENCE,
    "kl_divergence",
    "The Kullback-Leibler divergence of the distributions on the last axis",
    "0.288",
)
hinge = _plain(
    formulas.HINGE,
    "hinge",
    "The mean of `max(1 - y_true * y_pred, 0)` over the last axis, labels of 0 and 1 becoming -1 and 1",
    "0.875",
)
squared_hinge = _plain(
    formulas.SQUARED_HINGE,
    "squared_hinge",
    "The mean of the square of `max(1 - y_true * y_pred, 0)` over the last axis, labels of 0 and 1 becoming -1 and 1",
    "1.156",
)
categorical_hinge = _plain(
    formulas.CATEGORICAL_HINGE,
    "categorical_hinge",
    "How much less than one the right class on the last axis is above the best of the others",
    "0.75",
)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """The mean over the last axis of `d^2 / 2` for differences up to `delta`, linear beyond (`tf.keras.losses.huber`).

    **Arguments:**
    - `y_true`, `y_pred`: as for `mean_squared_error`.
    - `delta`: where it becomes linear.

    **Returns:** a tensor `[...]`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.huber([[0.0, 0.0]], [[1.0, 3.0]]).numpy())
    [1.5]

    ```
    """
    return evaluate(_bind_huber(delta), y_true, y_pred)


@binds(huber)
def _bind_huber(delta: float = 1.0) -> Bound:
    return Bound(formulas.HUBER, (), (number(delta),))


def cosine_similarity(y_true: Any, y_pred: Any, axis: Any = -1) -> Any:
    """The negative cosine of the angle between vectors (`tf.keras.losses.cosine_similarity`).

    As a loss it is least, -1, where both have the same direction.

    **Arguments:**
    - `y_true`, `y_pred`: as for `mean_squared_error`.
    - `axis`: the axis of the vectors.

    **Returns:** a tensor without that axis.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.cosine_similarity([[0.0, 1.0]], [[0.0, 3.0]]).numpy())
    [-1.]

    ```
    """
    return evaluate(_bind_cosine(axis), y_true, y_pred)


@binds(cosine_similarity)
def _bind_cosine(axis: Any = -1) -> Bound:
    return Bound(formulas.COSINE_SIMILARITY, (axis_of(axis),))
