"""Layers that combine several tensors element by element."""

from __future__ import annotations

from typing import Any

from functape._api._elementwise import maximum, minimum
from functape._api._joining import stack
from functape._api._reductions import reduce_any
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape._engine._dtypes import float32, float64
from functape._engine._recorder import record
from functape._ops._operators import ADD, MULTIPLY, SUBTRACT
from functape.keras.layers._layer import Layer


class Merge(Layer):
    """The base of layers that combine several tensors element by element.

    Tensors of fewer axes get axes of length 1 after the first.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the shapes go together.

        **Raises:** `ValueError` if they do not, or the input is no list.
        """
        shapes = self._listed(input_shape)
        batches = {shape[0] for shape in shapes if len(shape)} - {None}
        if len(batches) > 1:
            raise ValueError(f"Cannot merge tensors with different batch sizes. Received tensors with shapes {shapes}")
        others = [shape[1:] for shape in shapes]
        for one in others[1:]:
            for length, first in zip(reversed(one), reversed(others[0]), strict=False):
                if None not in (length, first) and length != first and 1 not in (length, first):
                    raise ValueError(f"Inputs have incompatible shapes. Received shapes {others[0]} and {one}")

    def _listed(self, input_shape: Any) -> list[tuple[Any, ...]]:
        if not isinstance(input_shape, list | tuple) or not all(hasattr(each, "__len__") for each in input_shape):
            raise ValueError(
                f"A merge layer should be called on a list of inputs. Received: input_shape={_shown(input_shape)} (not "
                "a list of shapes)"
            )
        if not input_shape:
            raise ValueError("A merge layer should be called on a list of at least 1 input. Received none.")
        return [tuple(each) for each in input_shape]

    def call(self, inputs: Any) -> Any:
        """The output.

        **Raises:** `ValueError` if the input is no list.
        """
        if not isinstance(inputs, list | tuple):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: {inputs}")
        rank = max(each.aval.ndim for each in inputs)
        return self._merged(_of_one_dtype([_with_rank(each, rank) for each in inputs]))

    def _merged(self, inputs: list[Any]) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must say how it merges: override `_merged(inputs)`.")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Where any input's mask holds; None if an input has none.

        **Raises:** `ValueError` if `mask` is no list as long as `inputs`.
        """
        if check_masks(inputs, mask) is None or any(each is None for each in mask):
            return None
        return _any_of(mask)

    def _masks_nothing(self) -> bool:
        return True


def check_masks(inputs: Any, mask: Any) -> Any:
    """The masks of several inputs; None if there are none.

    **Raises:** `ValueError` if `mask` is no list as long as `inputs`.
    """
    if mask is None:
        return None
    if not isinstance(mask, list | tuple):
        raise ValueError(f"`mask` should be a list. Received: mask={mask}")
    if not isinstance(inputs, list | tuple):
        raise ValueError(f"`inputs` should be a list. Received: inputs={inputs}")
    if len(mask) != len(inputs):
        raise ValueError(
            "The lists `inputs` and `mask` should have the same length. Received: "
            f"{len(inputs)} inputs and {len(mask)} masks."
        )
    return None if all(each is None for each in mask) else mask


def _any_of(masks: Any) -> Any:
    rank = max(each.aval.ndim for each in masks)
    return reduce_any(stack([_with_rank(each, rank) for each in masks], 0), 0) if len(masks) > 1 else masks[0]


def _with_rank(x: Any, rank: int) -> Any:
    shape = x.aval.shape
    if len(shape) == rank:
        return x
    return reshape(x, (*shape[:1], *(1,) * (rank - len(shape)), *shape[1:]))


def _of_one_dtype(inputs: list[Any]) -> list[Any]:
    """Integers among floating tensors as floating ones."""
    floating = [each.aval.dtype for each in inputs if each.aval.dtype.is_floating]
    if not floating or len(floating) == len(inputs):
        return inputs
    return [cast(each, floating[0]) for each in inputs]


def _shown(shape: Any) -> Any:
    return tuple(shape) if hasattr(shape, "__len__") else shape


def _folded(row: Any, inputs: list[Any]) -> Any:
    output = inputs[0]
    for each in inputs[1:]:
        output = record(row, (), (output, each))
    return output


class Add(Merge):
    """The sum of tensors (`tf.keras.layers.Add`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Add()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
    [3.]

    ```
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return _folded(ADD, inputs)


class Subtract(Merge):
    """The difference of two tensors (`tf.keras.layers.Subtract`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Subtract()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
    [-1.]

    ```
    """

    def build(self, input_shape: Any) -> None:
        """Check that there are two shapes, which go together.

        **Raises:** `ValueError` if not.
        """
        super().build(input_shape)
        if len(input_shape) != 2:
            raise ValueError(
                "A `Subtract` layer should be called on exactly 2 inputs. Received: input_shape="
                f"{[tuple(each) for each in input_shape]}"
            )

    def _merged(self, inputs: list[Any]) -> Any:
        if len(inputs) != 2:
            raise ValueError(f"A `Subtract` layer should be called on exactly 2 inputs. Received: {len(inputs)} inputs")
        return _folded(SUBTRACT, inputs)


class Multiply(Merge):
    """The product of tensors (`tf.keras.layers.Multiply`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Multiply()([tf.constant([3.0]), tf.constant([2.0])]).numpy())
    [6.]

    ```
    """

    def _merged(self, inputs: list[Any]) -> Any:
        return _folded(MULTIPLY, inputs)


class Average(Merge):
    """The mean of tensors (`tf.keras.layers.Average`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Average()([tf.constant([3.0]), tf.constant([2.0])]).numpy())
    [2.5]

    ```
    """

    def _merged(self, inputs: list[Any]) -> Any:
        total = _folded(ADD, inputs)
        dtype = total.aval.dtype
        if not dtype.is_floating:
            total = cast(total, float64 if dtype.size >= 4 else float32)
        return total / float(len(inputs))


class Maximum(Merge):
    """The largest of several tensors, element by element (`tf.keras.layers.Maximum`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Maximum()([tf.constant([3.0]), tf.constant([2.0])]).numpy())
    [3.]

    ```
    """

    def _merged(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for each in inputs[1:]:
            output = maximum(output, each)
        return output


class Minimum(Merge):
    """The smallest of several tensors, element by element (`tf.keras.layers.Minimum`).

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Minimum()([tf.constant([3.0]), tf.constant([2.0])]).numpy())
    [2.]

    ```
    """

    def _merged(self, inputs: list[Any]) -> Any:
        output = inputs[0]
        for each in inputs[1:]:
            output = minimum(output, each)
        return output
