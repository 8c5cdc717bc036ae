"""Merging layers as functions."""

from __future__ import annotations

from typing import Any

from functape.keras.layers.merging import _elementwise as elementwise
from functape.keras.layers.merging import _joining as joining

_TEXT = """{purpose} (`tf.keras.layers.{name}`): `tf.keras.layers.{kind}` made and called at once.

**Arguments:**
- `inputs`: a list of tensors.
- `kwargs`: arguments of the layer, such as `name`.

```python
>>> import functape as tf
>>> print(tf.keras.layers.{name}([tf.constant([6.0]), tf.constant([2.0])]).numpy())
{result}

```
"""


def _function(kind: Any, purpose: str, result: str) -> Any:
    """The function of one layer."""

    def function(inputs: Any, **kwargs: Any) -> Any:
        return kind(**kwargs)(inputs)

    name = kind.__name__.lower()
    function.__name__ = function.__qualname__ = name
    function.__doc__ = _TEXT.format(purpose=purpose, name=name, kind=kind.__name__, result=result)
    return function


add = _function(elementwise.Add, "The sum of tensors", "[8.]")
subtract = _function(elementwise.Subtract, "The difference of two tensors", "[4.]")
multiply = _function(elementwise.Multiply, "The product of tensors", "[12.]")
average = _function(elementwise.Average, "The mean of tensors", "[4.]")
maximum = _function(elementwise.Maximum, "The largest of several tensors", "[6.]")
minimum = _function(elementwise.Minimum, "The smallest of several tensors", "[2.]")


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Tensors behind one another along an axis (`tf.keras.layers.concatenate`).

    **Arguments:**
    - `inputs`: a list of tensors.
    - `axis`: the axis.
    - `kwargs`: arguments of the layer, such as `name`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.concatenate([tf.constant([6.0]), tf.constant([2.0])]).numpy())
    [6. 2.]

    ```
    """
    return joining.Concatenate(axis=axis, **kwargs)(inputs)


def dot(inputs: Any, axes: Any = -1, normalize: bool = False, **kwargs: Any) -> Any:
    """The products of two batches along an axis of each (`tf.keras.layers.dot`).

    **Arguments:**
    - `inputs`: a list of two tensors.
    - `axes`: the axis, or one for each tensor.
    - `normalize`: whether to bring the vectors to length one first.
    - `kwargs`: arguments of the layer, such as `name`.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.dot([tf.constant([[6.0]]), tf.constant([[2.0]])], axes=1).numpy())
    [[12.]]

    ```
    """
    return joining.Dot(axes=axes, normalize=normalize, **kwargs)(inputs)
