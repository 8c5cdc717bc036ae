"""Bounding boxes: drawn, and chosen among those that overlap."""

from __future__ import annotations

from typing import Any, NamedTuple

from functape._api._static import array_of, as_int, invalid, operand
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import host_array, read
from functape._engine._dtypes import float32, int32
from functape._engine._op import Op
from functape._engine._recorder import record, record_multiple
from functape._ops import _image_boxes as rows


class CombinedNonMaxSuppression(NamedTuple):
    """What `combined_non_max_suppression` returns."""

    nmsed_boxes: Any
    """`[batch, n, 4]`"""
    nmsed_scores: Any
    """`[batch, n]`"""
    nmsed_classes: Any
    """`[batch, n]`, as float32"""
    valid_detections: Any
    """`[batch]`: how many of each image are no padding."""


def draw_bounding_boxes(images: Any, boxes: Any, colors: Any, name: str | None = None) -> Any:
    """Images with the edges of boxes drawn on them (`tf.image.draw_bounding_boxes`).

    **Arguments:**
    - `images`: `[batch, height, width, channels]` with 1, 3 or 4 channels, float32 or float16.
    - `boxes`: `[batch, n, 4]` float32: y and x of two corners, 0 and 1 standing for the first and the last pixel.
    - `colors`: `[m, channels]`: the boxes' colours in turn; None for ten of their own.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor like `images`.

    **Raises:** `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> boxes = tf.constant([[[0.0, 0.0, 1.0, 1.0]]])
    >>> tf.image.draw_bounding_boxes(tf.zeros([1, 3, 3, 1]), boxes, [[1.0]]).numpy()[0, ..., 0]
    array([[1., 1., 1.],
           [1., 0., 1.],
           [1., 1., 1.]], dtype=float32)

    ```
    """
    given = operand(images)
    if given.aval.dtype.name not in ("float32", "float16"):
        raise invalid(f"images must be float32 or float16 [Op:DrawBoundingBoxes]. Received: {given.aval.dtype!r}")
    table = () if colors is None else (operand(colors, hint=float32),)
    return record(rows.DRAW_BOXES, (), (given, operand(boxes, hint=float32), *table))


def _chosen(row: Op, boxes: Any, scores: Any, most: Any, *limits: Any) -> tuple[Any, ...]:
    """Numbers, scores and count of what is chosen, not padded.

    **Raises:** `ValueNeeded` while a function is traced, for how many they are depends on the values.
    """
    given = operand(boxes)
    count = operand(scores, hint=given.aval.dtype)
    if count.aval.dtype is not given.aval.dtype:
        raise invalid(
            f"cannot compute {row.name} as boxes are {given.aval.dtype.spoken} and scores {count.aval.dtype.spoken}: "
            f"both must have one dtype"
        )
    if not given.aval.dtype.is_floating:
        raise invalid(f"boxes must be floating [Op:{row.name}]. Received: {given.aval.dtype!r}")
    limit = as_int(most, "max_output_size")
    if limit < 0:
        raise invalid(f"max_output_size must be non-negative, got {limit} [Op:{row.name}]")
    length = min(limit, given.aval.shape[0] if given.aval.ndim else 0)
    thresholds = [convert(each) for each in limits]
    known = host_array(thresholds[0])
    if row is rows.SUPPRESS and known is not None and not 0 <= known <= 1:
        raise invalid(f"iou_threshold must be in [0, 1], got {known} [Op:{row.name}]")
    made = record_multiple(row, (length,), (given, count, convert(length, int32), *thresholds))
    number = int(read(made[2]))
    return tuple(from_numpy(read(each)[:number].copy()) for each in made[:2])


def non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Any:
    """The best boxes that do not overlap too much (`tf.image.non_max_suppression`).

    How many they are depends on the values, so a function that calls it is not compiled: inside `tf.function` use
    `non_max_suppression_padded` with `pad_to_max_output_size=True`.

    **Arguments:**
    - `boxes`: `[n, 4]` floating: y and x of two corners.
    - `scores`: `[n]`, of the same dtype.
    - `max_output_size`: how many are chosen at most.
    - `iou_threshold`: boxes that share more than this of their union with a better one are left out.
    - `score_threshold`: only boxes of a higher score are chosen.
    - `name`: accepted for compatibility.

    **Returns:** their numbers, int32, the best first.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit.

    ```python
    >>> import functape as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> tf.image.non_max_suppression(boxes, [0.8, 0.9, 0.3], max_output_size=3).numpy()
    array([1, 2], dtype=int32)

    ```
    """
    return _chosen(rows.SUPPRESS, boxes, scores, max_output_size, iou_threshold, score_threshold, 0.0)[0]


def non_max_suppression_with_scores(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    soft_nms_sigma: Any = 0.0,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The best boxes and their scores (`tf.image.non_max_suppression_with_scores`).

    **Arguments:**
    - `soft_nms_sigma`: above 0, boxes that overlap are given a lower score rather than left out (Bodla et al., 2017).
    - The others are as for `non_max_suppression`.

    **Returns:** their numbers, the best first, and their scores.

    ```python
    >>> import functape as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> tf.image.non_max_suppression_with_scores(boxes, [0.8, 0.9, 0.3], 3, soft_nms_sigma=0.5)[0].numpy()
    array([1, 2, 0], dtype=int32)

    ```
    """
    limits = iou_threshold, score_threshold, soft_nms_sigma
    numbers, found = _chosen(rows.SUPPRESS, boxes, scores, max_output_size, *limits)
    return numbers, found


def non_max_suppression_overlaps(
    overlaps: Any,
    scores: Any,
    max_output_size: Any,
    overlap_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    name: str | None = None,
) -> Any:
    """The best of several things whose overlaps are given (`tf.image.non_max_suppression_overlaps`).

    **Arguments:**
    - `overlaps`: `[n, n]` float32: how much each overlaps with each.
    - `overlap_threshold`: what overlaps more than this with a better one is left out.
    - The others are as for `non_max_suppression`.

    ```python
    >>> import functape as tf
    >>> tf.image.non_max_suppression_overlaps([[1.0, 0.9], [0.9, 1.0]], [0.1, 0.2], 2).numpy()
    array([1], dtype=int32)

    ```
    """
    row = rows.SUPPRESS_OVERLAPS
    return _chosen(row, overlaps, scores, max_output_size, overlap_threshold, score_threshold)[0]


def non_max_suppression_padded(
    boxes: Any,
    scores: Any,
    max_output_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_to_max_output_size: bool = False,
    name: str | None = None,
    sorted_input: bool = False,
    canonicalized_coordinates: bool = False,
    tile_size: Any = 512,
) -> tuple[Any, Any]:
    """The best boxes of each image, padded to one number (`tf.image.non_max_suppression_padded`).

    **Arguments:**
    - `boxes`: `[..., n, 4]` floating: y and x of two corners.
    - `scores`: `[..., n]`.
    - `max_output_size`: how many are chosen at most.
    - `iou_threshold`: boxes that share this much of their union with a better one are left out.
    - `score_threshold`: boxes of no higher score count as empty, and their score as 0.
    - `pad_to_max_output_size`: whether the numbers are padded with zeros, which several images need.
    - `name`: accepted for compatibility.
    - `sorted_input`: that the boxes are in order already, the best first.
    - `canonicalized_coordinates`: that the corners are the upper left and the lower right.
    - `tile_size`: how many boxes TensorFlow looks at together; it changes no result.

    **Returns:** their numbers, int32, and how many are valid.

    **Raises:** `ValueError` for several images without padding; `InvalidArgumentError` for shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> boxes = [[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, 2.0, 1.0, 3.0]]
    >>> found, valid = tf.image.non_max_suppression_padded(
    ...     tf.constant(boxes), tf.constant([0.8, 0.9, 0.3]), 3, pad_to_max_output_size=True)
    >>> print(found.numpy(), valid.numpy())
    [1 2 0] 2

    ```
    """
    given, values = operand(boxes), operand(scores)
    if not pad_to_max_output_size and given.aval.ndim > 2:
        raise ValueError(
            f"'pad_to_max_output_size' (value {pad_to_max_output_size}) must be True for batched input. "
            f"Received boxes of shape {given.aval.shape}"
        )
    length = as_int(max_output_size, "max_output_size")
    if as_int(tile_size, "tile_size") <= 0:
        raise invalid(f"tile_size must be positive. Received: {tile_size}")
    filtered = is_tensor_like(score_threshold) or score_threshold != float("-inf")
    limits = convert(length, int32), convert(iou_threshold, hint=float32), convert(score_threshold, hint=float32)
    statics = length, bool(sorted_input), bool(canonicalized_coordinates), filtered
    numbers, valid = record_multiple(rows.SUPPRESS_PADDED, statics, (given, values, *limits))
    if pad_to_max_output_size:
        return (numbers if given.aval.ndim > 2 else numbers[0]), valid
    return from_numpy(read(numbers)[0, : int(read(valid))].copy()), valid


def combined_non_max_suppression(
    boxes: Any,
    scores: Any,
    max_output_size_per_class: Any,
    max_total_size: Any,
    iou_threshold: Any = 0.5,
    score_threshold: Any = float("-inf"),
    pad_per_class: bool = False,
    clip_boxes: bool = True,
    name: str | None = None,
) -> CombinedNonMaxSuppression:
    """The best boxes of several classes (`tf.image.combined_non_max_suppression`).

    **Arguments:**
    - `boxes`: `[batch, n, q, 4]` float32: y and x of two corners, with `q` 1 or the number of classes.
    - `scores`: `[batch, n, classes]` float32.
    - `max_output_size_per_class`, `max_total_size`: how many are chosen at most.
    - `iou_threshold`, `score_threshold`: as for `non_max_suppression`.
    - `pad_per_class`: whether the result has no more places than all classes together can fill.
    - `clip_boxes`: whether coordinates are kept between 0 and 1.
    - `name`: accepted for compatibility.

    **Returns:** a tuple `nmsed_boxes`, `nmsed_scores`, `nmsed_classes`, `valid_detections`, padded with zeros.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit.

    ```python
    >>> import functape as tf
    >>> boxes = tf.constant([[[[0.0, 0.0, 1.0, 1.0]], [[0.0, 0.1, 1.0, 1.0]]]])
    >>> found = tf.image.combined_non_max_suppression(boxes, tf.constant([[[0.9], [0.8]]]), 2, 2)
    >>> found.nmsed_scores.numpy()
    array([[0.9, 0. ]], dtype=float32)

    ```
    """
    op = rows.SUPPRESS_COMBINED.name
    given, values = operand(boxes, hint=float32), operand(scores, hint=float32)
    for each in (given, values):
        if each.aval.dtype is not float32:
            raise invalid(f"boxes and scores must be float32 [Op:{op}]. Received: {each.aval.dtype!r}")
    each_most = as_int(max_output_size_per_class, "max_output_size_per_class")
    total = as_int(array_of(max_total_size).item(), "max_total_size")
    if each_most <= 0 or total <= 0:
        raise invalid(f"max_output_size_per_class and max_total_size must be positive [Op:{op}]. "
                      f"Received: {each_most} and {total}")  # fmt: skip
    threshold, least = convert(iou_threshold, float32), convert(score_threshold, float32)
    known = host_array(threshold)
    if known is not None and not 0 <= known <= 1:
        raise invalid(f"iou_threshold must be in [0, 1], got {known} [Op:{op}]")
    if pad_per_class and values.aval.ndim == 3:
        total = min(total, each_most * values.aval.shape[2])
    made = record_multiple(
        rows.SUPPRESS_COMBINED, (each_most, total, bool(clip_boxes)), (given, values, threshold, least)
    )
    return CombinedNonMaxSuppression(*made)
