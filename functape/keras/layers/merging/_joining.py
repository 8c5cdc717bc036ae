"""Layers that put several tensors together, or multiply them."""

from __future__ import annotations

from typing import Any

from functape._api._creation import ones_like
from functape._api._joining import concat
from functape._api._matrix import einsum
from functape._api._nn import l2_normalize
from functape._api._reductions import reduce_any
from functape._api._shaping import broadcast_to, expand_dims
from functape._core._cast import cast
from functape._engine._dtypes import bool_
from functape.keras.layers._layer import Layer
from functape.keras.layers.merging._elementwise import _of_one_dtype, check_masks


def _shapes(input_shape: Any) -> list[tuple[Any, ...]] | None:
    """The shapes in a list of shapes; None if it is none."""
    if not isinstance(input_shape, list | tuple) or not all(hasattr(each, "__len__") for each in input_shape):
        return None
    return [tuple(each) for each in input_shape]


class Concatenate(Layer):
    """Tensors behind one another along an axis (`tf.keras.layers.Concatenate`).

    **Arguments:**
    - `axis`: the axis.

    **Raises:** `ValueError`, when called, for shapes that do not go together.

    ```python
    >>> import functape as tf
    >>> print(tf.keras.layers.Concatenate()([tf.constant([1.0]), tf.constant([2.0])]).numpy())
    [1. 2.]

    ```
    """

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that the shapes go together.

        **Raises:** `ValueError` if they do not, or the input is no list.
        """
        shapes = _shapes(input_shape)
        if not shapes:
            shown = tuple(input_shape) if hasattr(input_shape, "__len__") else input_shape
            raise ValueError(
                f"A `Concatenate` layer should be called on a list of at least 1 input. Received: input_shape={shown}"
            )
        rank = len(shapes[0])
        if any(len(shape) != rank for shape in shapes) or any(
            len({shape[axis] for shape in shapes} - {None}) > 1
            for axis in range(rank)
            if axis != self.axis % max(rank, 1)
        ):
            raise ValueError(
                "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
                f"Received: input_shape={shapes}"
            )

    def call(self, inputs: Any) -> Any:
        """The output."""
        return concat(_of_one_dtype(list(inputs)), self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks behind one another; where the axis is none of theirs, where any holds.

        **Raises:** `ValueError` if `mask` is no list as long as `inputs`.
        """
        if check_masks(inputs, mask) is None:
            return None
        rank = inputs[0].aval.ndim
        masks = []
        for x, each in zip(inputs, mask, strict=True):
            if each is None:
                masks.append(cast(ones_like(x), bool_))
                continue
            each = cast(each, bool_)
            while each.aval.ndim < rank:
                each = expand_dims(each, -1)
            masks.append(broadcast_to(each, x.aval.shape))
        joined = concat(masks, self.axis)
        given = max((each.aval.ndim for each in mask if each is not None), default=rank)
        return reduce_any(joined, list(range(given, rank))) if given < rank else joined

    def _masks_nothing(self) -> bool:
        return True

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axis": self.axis}


class Dot(Layer):
    """The products of two batches along an axis of each (`tf.keras.layers.Dot`).

    **Arguments:**
    - `axes`: the axis, or one for each tensor.
    - `normalize`: whether to bring the vectors to length one first, so that the product is their cosine.

    **Raises:** `TypeError` or `ValueError` for axes that are none.

    ```python
    >>> import functape as tf
    >>> x = tf.constant([[1.0, 2.0]])
    >>> print(tf.keras.layers.Dot(axes=1)([x, x]).numpy())
    [[5.]]

    ```
    """

    def __init__(self, axes: Any, normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(axes, int):
            if not isinstance(axes, list | tuple):
                raise TypeError(
                    f"Invalid type for argument `axes`: it should be a list or an int. Received: axes={axes}"
                )
            if len(axes) != 2:
                raise ValueError(
                    f"Invalid format for argument `axes`: it should contain two elements. Received: axes={axes}"
                )
            if not all(isinstance(each, int) for each in axes):
                raise ValueError(
                    f"Invalid format for argument `axes`: list elements should be integers. Received: axes={axes}"
                )
        self.axes = axes
        self.normalize = normalize
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Check that there are two shapes, which go together.

        **Raises:** `ValueError` if not.
        """
        shapes = _shapes(input_shape)
        if shapes is None or len(shapes) != 2:
            shown = tuple(input_shape) if shapes is None and hasattr(input_shape, "__len__") else shapes
            raise ValueError(f"A `Dot` layer should be called on a list of 2 inputs. Received: input_shape={shown}")
        places = self._places([len(each) for each in shapes])
        lengths = [shape[place] for shape, place in zip(shapes, places, strict=True)]
        if None not in lengths and lengths[0] != lengths[1]:
            raise ValueError(
                f"Incompatible input shapes: axis values {lengths[0]} (at axis {places[0]}) != {lengths[1]} (at axis "
                f"{places[1]}). Full input shapes: {shapes[0]}, {shapes[1]}"
            )

    def _places(self, ranks: list[int]) -> list[int]:
        pair = [self.axes] * 2 if isinstance(self.axes, int) else self.axes
        for place, rank in zip(pair, ranks, strict=True):
            if not -rank <= place < rank:
                raise IndexError(
                    f"There is no axis {place} in an input of {rank} dimensions. Received: axes={self.axes}"
                )
        return [place % rank for place, rank in zip(pair, ranks, strict=True)]

    def call(self, inputs: Any) -> Any:
        """The output: the axes of the first tensor and then those of the second, without the axis of each.

        **Raises:** `ValueError` for the first axis, or batches of different lengths.
        """
        left, right = inputs
        ranks = [left.aval.ndim, right.aval.ndim]
        places = self._places(ranks)
        if 0 in places or min(ranks) < 2:
            raise ValueError(f"Cannot take products over axis 0: it is the batch. Received: axes={self.axes}")
        if left.aval.shape[0] != right.aval.shape[0]:
            raise ValueError(
                "Cannot take products of batches of different lengths. Received inputs with shapes "
                f"{tuple(left.shape)} and {tuple(right.shape)}."
            )
        if self.normalize:
            left, right = l2_normalize(left, places[0]), l2_normalize(right, places[1])
        letters = iter("cdefghijklmnopqrstuvw")
        names = [
            ["b" if axis == 0 else "a" if axis == place else next(letters) for axis in range(rank)]
            for rank, place in zip(ranks, places, strict=True)
        ]
        kept = [name for name in names[0] + names[1] if name not in "ab"]
        result = einsum(f"{''.join(names[0])},{''.join(names[1])}->b{''.join(kept)}", left, right)
        return result if kept else expand_dims(result, 1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the products have no steps."""
        return None

    def _masks_nothing(self) -> bool:
        return True

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "axes": self.axes, "normalize": self.normalize}
