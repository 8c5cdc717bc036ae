"""Keras's cross-entropies as functions: one number for each example."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert
from functape._engine._dtypes import float32
from functape.keras.losses import _formulas as formulas
from functape.keras.losses._bound import Bound, axis_of, binds, evaluate, number, share


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Any:
    """The cross-entropy between distributions (`tf.keras.losses.categorical_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor `[..., classes]`, such as one-hot labels.
    - `y_pred`: a tensor of its shape: probabilities, which are scaled to sum to one and kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `label_smoothing`: the share of each label that is spread over all classes.
    - `axis`: the axis of the classes.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    return evaluate(_bind_categorical(from_logits, label_smoothing, axis), y_true, y_pred)


@binds(categorical_crossentropy)
def _bind_categorical(from_logits: bool = False, label_smoothing: Any = 0.0, axis: Any = -1) -> Bound:
    along = axis_of(axis)
    if from_logits and isinstance(along, tuple):
        raise ValueError(f"`axis` must be one axis with `from_logits=True`. Received: axis={axis!r}")
    return Bound(formulas.CATEGORICAL, (bool(from_logits), along), share(label_smoothing))


def categorical_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    alpha: Any = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: Any = -1,
) -> Any:
    """The cross-entropy between distributions, times `alpha (1 - p)^gamma`.

    It follows `tf.keras.losses.categorical_focal_crossentropy`: what is predicted well already counts little.

    **Arguments:**
    - `y_true`, `y_pred`, `from_logits`, `label_smoothing`, `axis`: as for `categorical_crossentropy`.
    - `alpha`: a factor; a list has one for each class.
    - `gamma`: the exponent.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.categorical_focal_crossentropy([[0.0, 1.0]], [[0.5, 0.5]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.0433

    ```
    """
    bound = _bind_categorical_focal(alpha, gamma, from_logits, label_smoothing, axis)
    return evaluate(bound, y_true, y_pred)


@binds(categorical_focal_crossentropy)
def _bind_categorical_focal(
    alpha: Any = 0.25, gamma: Any = 2.0, from_logits: bool = False, label_smoothing: Any = 0.0, axis: Any = -1
) -> Bound:
    factor = convert(alpha, float32) if isinstance(alpha, list | tuple) or hasattr(alpha, "shape") else number(alpha)
    numbers = (factor, number(gamma), *share(label_smoothing))
    return Bound(formulas.CATEGORICAL_FOCAL, (bool(from_logits), axis_of(axis)), numbers)


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Any:
    """The cross-entropy between classes and distributions (`tf.keras.losses.sparse_categorical_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor `[...]` or `[..., 1]` of class numbers.
    - `y_pred`: a tensor `[..., classes]` of probabilities, which are kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `ignore_class`: a number in `y_true` whose loss is 0.
    - `axis`: the axis of the classes in `y_pred`.

    **Returns:** a tensor `[...]`.

    **Raises:** `ValueError` if the shapes do not fit; `InvalidArgumentError` for a class that is not there, where its
    value is known. One that is only computed later gives NaN.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.sparse_categorical_crossentropy([1], [[0.5, 0.5]])
    >>> print(f"{loss.numpy()[0]:.4f}")
    0.6931

    ```
    """
    return evaluate(_bind_sparse(from_logits, ignore_class, axis), y_true, y_pred)


@binds(sparse_categorical_crossentropy)
def _bind_sparse(from_logits: bool = False, ignore_class: Any = None, axis: int = -1) -> Bound:
    ignored = () if ignore_class is None else (int(ignore_class),)
    statics = (bool(from_logits), int(axis))
    return Bound(formulas.SPARSE_CATEGORICAL, statics, ignored, ignore_class is not None, ignore_class)


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: Any = -1
) -> Any:
    """The mean cross-entropy of labels that do not exclude each other (`tf.keras.losses.binary_crossentropy`).

    **Arguments:**
    - `y_true`: a tensor of probabilities or of 0 and 1.
    - `y_pred`: a tensor of its shape: probabilities, which are kept 1e-7 away from 0 and 1.
    - `from_logits`: whether `y_pred` holds logits instead.
    - `label_smoothing`: how far labels are moved towards a half: by this share of the distance.
    - `axis`: the axis the mean is taken over.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    **Raises:** `ValueError` if the shapes differ.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.keras.losses.binary_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy()[0]:.4f}")
    0.6931

    ```
    """
    return evaluate(_bind_binary(from_logits, label_smoothing, axis), y_true, y_pred)


@binds(binary_crossentropy)
def _bind_binary(from_logits: bool = False, label_smoothing: Any = 0.0, axis: Any = -1) -> Bound:
    return Bound(formulas.BINARY, (bool(from_logits), axis_of(axis)), share(label_smoothing))


def binary_focal_crossentropy(
    y_true: Any,
    y_pred: Any,
    apply_class_balancing: bool = False,
    alpha: float = 0.25,
    gamma: float = 2.0,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: Any = -1,
) -> Any:
    """The mean cross-entropy of labels that do not exclude each other, times `(1 - p)^gamma`.

    It follows `tf.keras.losses.binary_focal_crossentropy`.

    **Arguments:**
    - `y_true`, `y_pred`, `from_logits`, `label_smoothing`, `axis`: as for `binary_crossentropy`.
    - `apply_class_balancing`: whether positive labels weigh `alpha`, and negative ones `1 - alpha`.
    - `alpha`: that weight.
    - `gamma`: the exponent.

    **Returns:** a tensor of the shape of `y_pred` without `axis`.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.keras.losses.binary_focal_crossentropy([[1.0, 0.0]], [[0.5, 0.5]]).numpy()[0]:.4f}")
    0.1733

    ```
    """
    bound = _bind_binary_focal(apply_class_balancing, alpha, gamma, from_logits, label_smoothing, axis)
    return evaluate(bound, y_true, y_pred)


@binds(binary_focal_crossentropy)
def _bind_binary_focal(
    apply_class_balancing: bool = False,
    alpha: Any = 0.25,
    gamma: Any = 2.0,
    from_logits: bool = False,
    label_smoothing: Any = 0.0,
    axis: Any = -1,
) -> Bound:
    numbers = (number(alpha), number(gamma), *share(label_smoothing))
    return Bound(formulas.BINARY_FOCAL, (bool(apply_class_balancing), bool(from_logits), axis_of(axis)), numbers)


def categorical_generalized_cross_entropy(y_true: Any, y_pred: Any, q: float) -> Any:
    """`(1 - p^q) / q` of the right class's probability (`tf.keras.losses.categorical_generalized_cross_entropy`).

    It lies between the cross-entropy (`q` near 0) and the absolute error (`q` of 1), and forgives wrong labels.

    **Arguments:**
    - `y_true`: a tensor `[...]` of class numbers.
    - `y_pred`: a tensor `[..., classes]` of probabilities.
    - `q`: a number between 0 and 1.

    **Returns:** a tensor `[...]`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.categorical_generalized_cross_entropy([1], [[0.75, 0.25]], 0.5).numpy())
    [1.]

    ```
    """
    return evaluate(_bind_generalized(q), y_true, y_pred)


@binds(categorical_generalized_cross_entropy)
def _bind_generalized(q: Any) -> Bound:
    return Bound(formulas.GENERALIZED, (), (number(q),))
