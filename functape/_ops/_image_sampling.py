"""The row that draws a part of an image at random which shows enough of the objects in it, as TensorFlow draws it."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops import _philox

Box = tuple[Any, Any, Any, Any]
"""Left, top, right and bottom, in pixels."""


SPARE = 64
"""Words for the draws that are made again, about one in a million."""


class _Stream:
    """The words of a Philox stream, one by one.

    **Arguments:**
    - `words`: the words.
    - `place`: how many of them were taken.
    """

    def __init__(self, words: Any, place: Any) -> None:
        self._words = words
        self.place = place

    def take(self) -> Any:
        """The next word."""
        found = self._words.at[self.place].get(mode="clip")
        self.place = self.place + 1
        return found

    def fraction(self) -> Any:
        """A float32 in [0, 1)."""
        bits = self.take() & jnp.asarray(0x7FFFFF, jnp.uint32) | jnp.asarray(0x3F800000, jnp.uint32)
        return lax.bitcast_convert_type(bits, jnp.float32) - jnp.ones((), jnp.float32)

    def below(self, bound: Any, wanted: Any) -> Any:
        """An integer from 0 to below `bound`, every one as likely; nothing is taken and it is 0 unless `wanted`."""
        bound = jnp.maximum(bound, 1).astype(jnp.uint32)
        most = jnp.asarray(0xFFFFFFFF, jnp.uint32)
        power = (bound & (bound - 1)) == 0
        refused = jnp.where(power, jnp.zeros_like(bound), most % bound + 1)

        def again(state: Any) -> Any:
            return state[0]

        def draw(state: Any) -> Any:
            stream = _Stream(self._words, state[1])
            word = stream.take()
            return word < refused, stream.place, word

        _, place, word = lax.while_loop(again, draw, (wanted, self.place, jnp.zeros((), jnp.uint32)))
        self.place = place
        return jnp.where(wanted, word % bound, jnp.zeros_like(word)).astype(jnp.int32)


def _rounded(x: Any) -> Any:
    return jnp.rint(x).astype(jnp.int32)


def _candidate(stream: _Stream, height: Any, width: Any, areas: tuple[float, float], ratio: Any) -> tuple[Any, Box]:
    """A box of a given ratio of width to height, and whether its area is within bounds."""
    single = jnp.float32
    whole = [jnp.asarray(area, single) * width.astype(single) * height.astype(single) for area in areas]
    least, most = (_rounded(jnp.sqrt(area / ratio)) for area in whole)
    widest = ((width.astype(single) + jnp.asarray(0.5 - 1e-7, single)) / ratio).astype(jnp.int32)
    widest = jnp.where(_rounded(widest * ratio) > width, widest - 1, widest)
    most = jnp.minimum(jnp.where(_rounded(most * ratio) > width, widest, most), height)
    least = jnp.minimum(least, most)
    high = least + stream.below(most - least + 1, least < most)
    wide = _rounded(high * ratio)
    for too_far, step in ((lambda area: area < whole[0], 1), (lambda area: area > whole[1], -1)):
        changed = high + step
        adjusts = too_far((wide * high).astype(single))
        high = jnp.where(adjusts, changed, high)
        wide = jnp.where(adjusts, _rounded(changed * ratio), wide)
    area = (wide * high).astype(single)
    fits = (area >= whole[0]) & (area <= whole[1]) & (wide <= width) & (high <= height) & (wide > 0) & (high > 0)
    top = stream.below(height - high, fits & (high < height))
    left = stream.below(width - wide, fits & (wide < width))
    return fits, (left, top, left + wide, top + high)


def _area(box: Box) -> Any:
    return ((box[2] - box[0]) * (box[3] - box[1])).astype(jnp.float32)


def _covers(crop: Box, objects: Any, least: Any) -> Any:
    """Whether enough of an object lies in the crop."""
    boxes = tuple(objects[:, place] for place in range(4))
    shared: Box = (
        jnp.maximum(crop[0], boxes[0]),
        jnp.maximum(crop[1], boxes[1]),
        jnp.minimum(crop[2], boxes[2]),
        jnp.minimum(crop[3], boxes[3]),
    )
    overlaps = (shared[2] >= shared[0]) & (shared[3] >= shared[1])
    one = jnp.ones((), jnp.float32)
    whole = _area(boxes)
    part = jnp.where(overlaps, _area(shared), jnp.zeros_like(whole)) / jnp.where(whole >= one, whole, one)
    return (_area(crop) >= one) & jnp.any((whole >= one) & (part >= least))


def _sample(
    words: Any,
    size: Any,
    boxes: Any,
    least: Any,
    ratios: tuple[float, float],
    areas: tuple[float, float],
    attempts: int,
) -> tuple[Any, Any, Any]:
    drawn = _philox.bits32(words, 4 * attempts + SPARE)
    height, width = (size[place].astype(jnp.int32) for place in range(2))
    zero = jnp.zeros((), jnp.int32)
    whole: Box = (zero, zero, width, height)
    single = jnp.float32
    lengths = jnp.stack([width, height, width, height]).astype(single)
    corners = boxes.reshape(-1, 4)[:, np.array([1, 0, 3, 2])]
    objects = (corners * lengths).astype(jnp.int32) if boxes.size else jnp.stack(whole)[None]
    low, high = (jnp.asarray(ratio, single) for ratio in ratios)

    def missing(state: Any) -> Any:
        return (state[0] < attempts) & ~state[1]

    def attempt(state: Any) -> Any:
        stream = _Stream(drawn, state[2])
        ratio = stream.fraction() * (high - low) + low
        fits, box = _candidate(stream, height, width, areas, ratio)
        return state[0] + 1, fits & _covers(box, objects, least), stream.place, box

    _, found, _, box = lax.while_loop(missing, attempt, (zero, jnp.zeros((), bool), zero, whole))
    left, top, right, bottom = (jnp.where(found, one, other) for one, other in zip(box, whole, strict=True))
    dtype = size.dtype
    begin = jnp.stack([top, left, zero]).astype(dtype)
    lengths_of_crop = jnp.stack([bottom - top, right - left, zero - 1]).astype(dtype)
    sides = jnp.stack([top, left, bottom, right]).astype(single)
    relative = sides / jnp.stack([height, width, height, width]).astype(single)
    return begin, lengths_of_crop, relative.reshape(1, 1, 4)


def _check(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    size, boxes, least = avals[1:]
    if size.shape != (3,):
        raise checks.InvalidArgumentError(
            message=f"image_size must contain 3 elements, got shape {list(size.shape)} [Op:{name}]"
        )
    if not size.dtype.is_integer:
        raise checks.InvalidArgumentError(
            message=f"Value for attr 'T' of {size.dtype.spoken} is not in the list of allowed values: integers "
            f"[Op:{name}]. Received: image_size of {size.dtype.name}"
        )
    if boxes.ndim != 3 or boxes.shape[-1] != 4:
        raise checks.InvalidArgumentError(
            message=f"bounding boxes must have shape [batch, boxes, 4], got shape {list(boxes.shape)} [Op:{name}]"
        )
    if least.shape:
        raise checks.InvalidArgumentError(
            message=f"min_object_covered must be 0-D, got shape {list(least.shape)} [Op:{name}]"
        )


SAMPLE_BOX = Op(
    "SampleDistortedBoundingBoxV2",
    _sample,
    ("ratios", "areas", "attempts"),
    multiple=True,
    differentiable=False,
    check=_check,
)
"""`(words, image_size [3], boxes [batch, n, 4], least_covered)`: begin, size, box."""
