"""Blocks moved between space, depth and batch (`tf.nn.space_to_depth` and its relatives)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._nn_windows import channels_first, entries
from functape._api._static import array_of, as_int, invalid, operand
from functape._engine._recorder import record
from functape._ops import _blocks as rows
from functape._ops._convolution import dilated, spatial_padding


def space_to_depth(input: Any, block_size: Any, data_format: Any = "NHWC", name: str | None = None) -> Any:
    """Blocks of pixels as channels (`tf.nn.space_to_depth`).

    **Arguments:**
    - `input`: `[batch, height, width, channels]`, or `[batch, channels, height, width]` for `"NCHW"`.
    - `block_size`: the block's side, at least 2; it divides height and width.
    - `data_format`: `"NHWC"` or `"NCHW"`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor with height and width divided by `block_size`, and as many more channels.

    **Raises:** `InvalidArgumentError` for what does not fit.

    ```python
    >>> import functape as tf
    >>> tf.nn.space_to_depth(tf.ones([1, 4, 4, 3]), 2).shape
    TensorShape([1, 2, 2, 12])

    ```
    """
    statics = (as_int(block_size, "block_size"), channels_first(data_format, 2, "SpaceToDepth"))
    return record(rows.SPACE_TO_DEPTH, statics, (operand(input),))


def depth_to_space(input: Any, block_size: Any, data_format: Any = "NHWC", name: str | None = None) -> Any:
    """Channels as blocks of pixels (`tf.nn.depth_to_space`): the inverse of `space_to_depth`, whose arguments it has.

    ```python
    >>> import functape as tf
    >>> tf.nn.depth_to_space(tf.ones([1, 2, 2, 12]), 2).shape
    TensorShape([1, 4, 4, 3])

    ```
    """
    statics = (as_int(block_size, "block_size"), channels_first(data_format, 2, "DepthToSpace"))
    return record(rows.DEPTH_TO_SPACE, statics, (operand(input),))


def _block(block_shape: Any, pairs: Any, name: str, op: str) -> tuple[Any, Any]:
    if isinstance(block_shape, int):
        raise invalid(f"block_shape must be a vector [Op:{op}]. Received: block_shape={block_shape}")
    block = entries(block_shape, "block_shape")
    amounts = array_of(pairs)
    if amounts.ndim != 2 or amounts.shape[1:] != (2,):
        raise invalid(f"`{name}` must have the shape [{len(block)}, 2] [Op:{op}]. Received: {pairs}")
    return block, tuple((int(low), int(high)) for low, high in amounts)


def space_to_batch(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """Blocks of space as batch entries (`tf.nn.space_to_batch`, `tf.space_to_batch`, `tf.space_to_batch_nd`).

    **Arguments:**
    - `input`: `[batch, *lengths, ...]`.
    - `block_shape`: the block's length along each of the axes after the batch.
    - `paddings`: pairs of how many zeros to add before and after along them.
    - `name`: accepted for compatibility.

    **Returns:** a tensor with the lengths divided by the block's, and a batch that many times larger.

    **Raises:** `InvalidArgumentError` for what does not fit.

    ```python
    >>> import functape as tf
    >>> tf.nn.space_to_batch(tf.ones([1, 4, 4, 3]), [2, 2], [[0, 0], [0, 0]]).shape
    TensorShape([4, 2, 2, 3])

    ```
    """
    return record(rows.SPACE_TO_BATCH, _block(block_shape, paddings, "paddings", "SpaceToBatchND"), (operand(input),))


def batch_to_space(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """Batch entries as blocks of space (`tf.batch_to_space`): the inverse of `space_to_batch`.

    **Arguments:**
    - `input`: `[batch, *lengths, ...]`.
    - `block_shape`: the block's length along each of the axes after the batch.
    - `crops`: pairs of how much to cut off before and after along them.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for what does not fit.

    ```python
    >>> import functape as tf
    >>> tf.batch_to_space(tf.ones([4, 2, 2, 3]), [2, 2], [[0, 0], [0, 1]]).shape
    TensorShape([1, 4, 3, 3])

    ```
    """
    return record(rows.BATCH_TO_SPACE, _block(block_shape, crops, "crops", "BatchToSpaceND"), (operand(input),))


def with_space_to_batch(
    input: Any,
    dilation_rate: Any,
    padding: Any,
    op: Callable[..., Any],
    filter_shape: Any = None,
    spatial_dims: Any = None,
    data_format: Any = None,
) -> Any:
    """Apply an op as if its window had holes (`tf.nn.with_space_to_batch`).

    **Arguments:**
    - `input`: a tensor `[batch, *lengths, channels]`.
    - `dilation_rate`: how far apart the window's elements come to lie along each spatial axis.
    - `padding`: `"SAME"` or `"VALID"`.
    - `op`: a function `(input, num_spatial_dims, padding)` of the tensor with its blocks moved to the batch.
    - `filter_shape`: the window's lengths, needed for `"SAME"`.
    - `spatial_dims`: which axes are the spatial ones; those after the batch by default.
    - `data_format`: a name that begins with `"NC"` puts the spatial axes after the channels.

    **Raises:** `ValueError` for what does not fit.

    ```python
    >>> import functape as tf
    >>> def largest(x, axes, padding):
    ...     return tf.nn.max_pool2d(x, 2, 1, padding)
    >>> tf.nn.with_space_to_batch(tf.ones([1, 6, 6, 3]), [2, 2], "VALID", largest).shape
    TensorShape([1, 4, 4, 3])

    ```
    """
    given = operand(input)
    rates = entries(dilation_rate, "dilation_rate")
    if min(rates, default=1) < 1:
        raise ValueError(f"`dilation_rate` must be positive. Received: dilation_rate={dilation_rate}")
    start = 2 if isinstance(data_format, str) and data_format.startswith("NC") else 1
    axes = (
        tuple(range(start, start + len(rates)))
        if spatial_dims is None
        else tuple(sorted(entries(spatial_dims, "spatial_dims")))
    )
    if len(axes) != len(rates) or axes[0] < 1:
        raise ValueError(f"`spatial_dims` must name {len(rates)} axes after the batch. Received: {spatial_dims}")
    if padding not in ("SAME", "VALID"):
        raise ValueError(f"`padding` must be 'SAME' or 'VALID'. Received: padding={padding!r}")
    if max(rates) == 1:
        return op(given, len(rates), padding)
    lengths = [given.aval.shape[axis] for axis in axes]
    pads = np.zeros((len(rates), 2), int)
    if padding == "SAME":
        if filter_shape is None:
            raise ValueError("`filter_shape` must be given for `padding='SAME'`.")
        window = dilated(entries(filter_shape, "filter_shape")[: len(rates)], rates)
        pads = np.array(spatial_padding("SAME", tuple(lengths), window, (1,) * len(rates)))
    # Axes between the batch and the last spatial one take part with a block of 1.
    block: list[int] = []
    paddings: list[list[int]] = []
    crops: list[list[int]] = []
    for axis in range(1, axes[-1] + 1):
        if axis not in axes:
            low = high = extra = 0
            rate = 1
        else:
            place = axes.index(axis)
            rate = rates[place]
            low, high = pads[place]
            extra = -(lengths[place] + low + high) % rate
        block.append(rate)
        paddings.append([low, high + extra])
        crops.append([0, extra])
    moved = record(rows.SPACE_TO_BATCH, _block(block, paddings, "paddings", "SpaceToBatchND"), (given,))
    return batch_to_space(op(moved, len(rates), "VALID"), block, crops)
