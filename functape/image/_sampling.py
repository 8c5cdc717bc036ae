"""A part of an image at random that shows enough of the objects in it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from functape._api._static import invalid, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._known import host_array
from functape._core._random_state import random_words
from functape._engine._dtypes import float32, int32
from functape._engine._recorder import record, record_multiple
from functape._ops._image_sampling import SAMPLE_BOX
from functape._ops._random_rows import STATELESS_WORDS


class DistortedBoundingBox(NamedTuple):
    """A part of an image."""

    begin: Any
    """Where it begins, for `tf.slice`: row, column and 0."""
    size: Any
    """How large it is, for `tf.slice`: height, width and -1."""
    bboxes: Any
    """The same as fractions, `[1, 1, 4]`, for `draw_bounding_boxes`."""


def _pair(value: Any, default: tuple[float, float], name: str, most: float = np.inf) -> tuple[float, float]:
    if value is None:
        return default
    if not isinstance(value, list | tuple):
        raise TypeError(f"Expected list for '{name}' argument to 'sample_distorted_bounding_box_v2' Op, not {value}.")
    if len(value) != 2:
        raise invalid(f"{name} field must specify 2 dimensions [Op:{SAMPLE_BOX.name}]. Received: {value}")
    low, high = map(float, value)
    if low <= 0 or high <= 0 or max(low, high) > most:
        raise invalid(f"{name} must be above 0{'' if most == np.inf else f' and at most {most}'}: {value}")
    return low, high


def _sampled(
    words: Any,
    image_size: Any,
    bounding_boxes: Any,
    min_object_covered: Any,
    statics: tuple[Any, ...],
    use_image_if_no_bounding_boxes: Any,
) -> DistortedBoundingBox:
    op = SAMPLE_BOX.name
    boxes = operand(bounding_boxes, hint=float32)
    if not boxes.aval.size and not use_image_if_no_bounding_boxes:
        raise invalid(
            f"No bounding boxes provided as input [Op:{op}]. Pass some, or use_image_if_no_bounding_boxes=True."
        )
    known = host_array(boxes)
    if known is not None and known.size and not ((known >= 0) & (known <= 1)).all():
        raise invalid(f"All bounding box coordinates must be in [0.0, 1.0] [Op:{op}]. Received: {known.tolist()}")
    least = operand(min_object_covered, hint=float32)
    covered = host_array(least)
    if covered is not None and not covered.shape and covered < 0:
        raise invalid(f"min_object_covered must be non-negative: {covered} [Op:{op}]")
    size = operand(image_size, hint=int32)
    return DistortedBoundingBox(*record_multiple(SAMPLE_BOX, statics, (words, size, boxes, least)))


def _statics(aspect_ratio_range: Any, area_range: Any, max_attempts: Any) -> tuple[Any, ...]:
    ratios = _pair(aspect_ratio_range, (0.75, 1.33), "aspect_ratio_range")
    areas = _pair(area_range, (0.05, 1.0), "area_range", 1.0)
    attempts = 100 if max_attempts is None else int(max_attempts)
    if attempts <= 0:
        raise invalid(f"max_attempts must be positive: {attempts} [Op:{SAMPLE_BOX.name}]")
    return ratios, areas, attempts


def sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: Any = 0,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: Any = None,
    use_image_if_no_bounding_boxes: Any = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """A part of an image at random that shows enough of some object (`tf.image.sample_distorted_bounding_box`).

    **Arguments:**
    - `image_size`: height, width and channels, a vector of 3 integers.
    - `bounding_boxes`: `[batch, n, 4]` float32: y and x of the corners of objects, as fractions.
    - `seed`: the op's own seed; numbers that differ from run to run if 0.
    - `min_object_covered`: how much of some object it shows, at least.
    - `aspect_ratio_range`: the bounds of width divided by height; `(0.75, 1.33)` by default.
    - `area_range`: the bounds of its share of the image; `(0.05, 1)` by default.
    - `max_attempts`: how often to try, before it is the whole image; 100 by default.
    - `use_image_if_no_bounding_boxes`: whether the image is the object if there are none, which is an error otherwise.
    - `name`: accepted for compatibility.

    **Returns:** a tuple `begin`, `size`, `bboxes`.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit.

    ```python
    >>> import functape as tf
    >>> boxes = tf.constant([[[0.2, 0.2, 0.8, 0.8]]])
    >>> begin, size, box = tf.image.sample_distorted_bounding_box([100, 100, 3], boxes, seed=1)
    >>> tf.slice(tf.ones([100, 100, 3]), begin, size).shape.rank
    3

    ```
    """
    statics = _statics(aspect_ratio_range, area_range, max_attempts)
    sizes = image_size if is_tensor_like(image_size) else convert(image_size)
    kind = (SAMPLE_BOX.name, sizes.aval.dtype.name, statics, bool(use_image_if_no_bounding_boxes))
    words = random_words(kind, statics[2], seed, seeded=True) if seed else random_words(kind, statics[2], seeded=False)
    return _sampled(words, sizes, bounding_boxes, min_object_covered, statics, use_image_if_no_bounding_boxes)


def stateless_sample_distorted_bounding_box(
    image_size: Any,
    bounding_boxes: Any,
    seed: Any,
    min_object_covered: Any = 0.1,
    aspect_ratio_range: Any = None,
    area_range: Any = None,
    max_attempts: Any = None,
    use_image_if_no_bounding_boxes: Any = None,
    name: str | None = None,
) -> DistortedBoundingBox:
    """`sample_distorted_bounding_box` that depends on nothing but two integers `seed`
    (`tf.image.stateless_sample_distorted_bounding_box`).

    ```python
    >>> import functape as tf
    >>> boxes = tf.constant([[[0.2, 0.2, 0.8, 0.8]]])
    >>> tf.image.stateless_sample_distorted_bounding_box([100, 100, 3], boxes, seed=[1, 2]).size.shape
    TensorShape([3])

    ```
    """
    statics = _statics(aspect_ratio_range, area_range, max_attempts)
    words = record(STATELESS_WORDS, (), (operand(seed, hint=int32) if is_tensor_like(seed) else convert(seed),))
    return _sampled(words, image_size, bounding_boxes, min_object_covered, statics, use_image_if_no_bounding_boxes)
