"""Keras's losses of overlap, of embeddings and of sequences as functions."""

from __future__ import annotations

from typing import Any

from functape._api._static import operand
from functape.keras.losses import _formulas as formulas
from functape.keras.losses._bound import Bound, axis_of, binds, evaluate, number


def dice(y_true: Any, y_pred: Any, axis: Any = None) -> Any:
    """One minus twice the overlap over the sum of both areas (`tf.keras.losses.dice`).

    **Arguments:**
    - `y_true`, `y_pred`: tensors of one shape.
    - `axis`: the axes the areas lie along; all by default.

    **Returns:** a tensor without those axes.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.dice([[1.0, 0.0]], [[1.0, 1.0]]).numpy().round(4))
    0.3333

    ```
    """
    return evaluate(_bind_dice(axis), y_true, y_pred)


@binds(dice)
def _bind_dice(axis: Any = None) -> Bound:
    return Bound(formulas.DICE, (None if axis is None else axis_of(axis),))


def tversky(y_true: Any, y_pred: Any, alpha: float = 0.5, beta: float = 0.5, axis: Any = None) -> Any:
    """As `dice`, with a weight for what the prediction misses and one for its surplus (`tf.keras.losses.tversky`).

    **Arguments:**
    - `y_true`, `y_pred`, `axis`: as for `dice`.
    - `alpha`: the weight of what is missed.
    - `beta`: the weight of the surplus.

    **Returns:** a tensor without those axes.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.losses.tversky([[1.0, 0.0]], [[1.0, 1.0]], beta=1.0).numpy().round(4))
    0.5

    ```
    """
    return evaluate(_bind_tversky(alpha, beta, axis), y_true, y_pred)


@binds(tversky)
def _bind_tversky(alpha: Any = 0.5, beta: Any = 0.5, axis: Any = None) -> Bound:
    return Bound(formulas.TVERSKY, (None if axis is None else axis_of(axis),), (number(alpha), number(beta)))


def circle(
    y_true: Any,
    y_pred: Any,
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Any:
    """The circle loss of embeddings (`tf.keras.losses.circle`).

    **Arguments:**
    - `y_true`: a tensor `[batch]` of class numbers.
    - `y_pred`: a tensor `[batch, size]` of embeddings of unit length.
    - `ref_labels`, `ref_embeddings`: what they are compared with; themselves by default.
    - `remove_diagonal`: whether an example is not compared with itself.
    - `gamma`: the scale.
    - `margin`: the margin.

    **Returns:** a tensor `[batch]`. It carries a mask of its positive values.

    ```python
    >>> import functape as tf
    >>> loss = tf.keras.losses.circle([0, 0, 1], [[0.6, 0.8], [0.8, 0.6], [1.0, 0.0]])
    >>> print(loss.numpy().round(2))
    [ 3.36 25.73  0.  ]

    ```
    """
    bound = _bind_circle(ref_labels, ref_embeddings, remove_diagonal, gamma, margin)
    return evaluate(bound, y_true, y_pred)


@binds(circle)
def _bind_circle(
    ref_labels: Any = None,
    ref_embeddings: Any = None,
    remove_diagonal: bool = True,
    gamma: Any = 80.0,
    margin: Any = 0.4,
) -> Bound:
    references = tuple(operand(each) for each in (ref_labels, ref_embeddings) if each is not None)
    statics = (bool(remove_diagonal), (ref_labels is not None, ref_embeddings is not None))
    return Bound(formulas.CIRCLE, statics, (number(gamma), number(margin), *references), True)


def ctc(y_true: Any, y_pred: Any) -> Any:
    """The connectionist temporal classification loss (`tf.keras.losses.ctc`).

    **Arguments:**
    - `y_true`: an integer tensor `[batch, length]` of label sequences, padded with 0, which is also the blank.
    - `y_pred`: a tensor `[batch, steps, classes]` of logits.

    **Returns:** a tensor `[batch]`: the negative log-likelihood of each sequence.

    **Raises:** `ValueError` for tensors of other ranks.

    ```python
    >>> import functape as tf
    >>> print(f"{tf.keras.losses.ctc([[1]], [[[0.0, 0.0]]]).numpy()[0]:.4f}")
    0.6931

    ```
    """
    return evaluate(_bind_ctc(), y_true, y_pred)


@binds(ctc)
def _bind_ctc() -> Bound:
    return Bound(formulas.CTC)
