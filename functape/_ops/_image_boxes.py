"""Rows of bounding boxes: choosing among those that overlap, and drawing them."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def _check_boxes(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    boxes, scores = avals[:2]
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        _refuse(name, f"boxes must be 2-D with 4 columns, got shape {list(boxes.shape)}")
    _check_scores(name, scores, boxes.shape[0])


def _check_scores(name: str, scores: Aval, count: int) -> None:
    if scores.shape != (count,):
        _refuse(name, f"scores has incompatible shape: {list(scores.shape)} for {count} boxes")


def _check_overlaps(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    overlaps, scores = avals[:2]
    if overlaps.ndim != 2 or overlaps.shape[0] != overlaps.shape[1]:
        _refuse(name, f"overlaps must be square, got shape {list(overlaps.shape)}")
    _check_scores(name, scores, overlaps.shape[0])


# ---- greedy choice -------------------------------------------------------------------------------------------------


def shared_area(box: Any, boxes: Any) -> Any:
    """Intersection over union of one box with each of several; 0 where either has no area."""

    def corners(box: Any) -> tuple[Any, ...]:
        y1, x1, y2, x2 = (box[..., place] for place in range(4))
        return jnp.minimum(y1, y2), jnp.minimum(x1, x2), jnp.maximum(y1, y2), jnp.maximum(x1, x2)

    top, left, bottom, right = corners(box)
    tops, lefts, bottoms, rights = corners(boxes)
    area, areas = (bottom - top) * (right - left), (bottoms - tops) * (rights - lefts)
    zero = jnp.zeros((), boxes.dtype)
    height = jnp.maximum(jnp.minimum(bottom, bottoms) - jnp.maximum(top, tops), zero)
    width = jnp.maximum(jnp.minimum(right, rights) - jnp.maximum(left, lefts), zero)
    shared = height * width
    union = area + areas - shared
    solid = (area > 0) & (areas > 0)
    return jnp.where(solid, shared / jnp.where(solid, union, jnp.ones_like(union)), zero)


def greedy(similar: Any, scores: Any, most: Any, length: int, threshold: Any, least: Any, softness: Any) -> Any:
    """The best of what is left, again and again, each time without what is too similar to it.

    **Arguments:**
    - `similar`: from a candidate's number to how similar all are to it.
    - `scores`: of the candidates.
    - `most`, `length`: how many are chosen at most, and how many places the result has.
    - `threshold`: what is more similar than this is left out.
    - `least`: only candidates of a higher score count.
    - `softness`: above 0, what is similar is given a lower score instead (Bodla et al., 2017).

    **Returns:** the numbers of those chosen, 0 beyond them; their scores; how many they are.
    """
    soft = softness > 0
    scale = jnp.where(soft, -0.5 / jnp.where(soft, softness, jnp.ones_like(softness)), jnp.zeros_like(softness))
    alive = scores > least

    def undone(state: Any) -> Any:
        count, left = state[0], state[2]
        return (count < most) & jnp.any(left)

    def choose(state: Any) -> Any:
        count, scores, left, chosen, found = state
        best = jnp.argmax(jnp.where(left, scores, -jnp.inf)).astype(jnp.int32)
        # Candidates of a score of minus infinity are all alike: the first is next.
        best = jnp.where(left[best], best, jnp.argmax(left).astype(jnp.int32))
        chosen, found = chosen.at[count].set(best), found.at[count].set(scores[best])
        overlap = similar(best)
        far = overlap <= threshold
        scores = scores * jnp.where(far, jnp.exp(scale * overlap * overlap), jnp.zeros_like(overlap))
        left = left & jnp.where(soft, scores > least, far)
        return count + 1, scores, left.at[best].set(False), chosen, found

    begin = (
        jnp.zeros((), jnp.int32),
        scores,
        alive,
        jnp.zeros(length, jnp.int32),
        jnp.zeros(length, scores.dtype),
    )
    count, _, _, chosen, found = lax.while_loop(undone, choose, begin)
    return chosen, found, count


def _suppress(
    boxes: Any, scores: Any, most: Any, threshold: Any, least: Any, softness: Any, length: int
) -> tuple[Any, ...]:
    if not boxes.shape[0] or not length:
        return jnp.zeros(length, jnp.int32), jnp.zeros(length, scores.dtype), jnp.zeros((), jnp.int32)
    wide = jnp.asarray(boxes).astype(jnp.float32)
    threshold, least, softness = (each.astype(jnp.float32) for each in (threshold, least, softness))

    def similar(best: Any) -> Any:
        return shared_area(wide[best], wide)

    chosen, found, count = greedy(similar, scores.astype(jnp.float32), most, length, threshold, least, softness)
    return chosen, found.astype(scores.dtype), count


def _suppress_overlaps(
    overlaps: Any, scores: Any, most: Any, threshold: Any, least: Any, length: int
) -> tuple[Any, ...]:
    if not overlaps.shape[0] or not length:
        return jnp.zeros(length, jnp.int32), jnp.zeros(length, scores.dtype), jnp.zeros((), jnp.int32)
    table = jnp.asarray(overlaps)
    none = jnp.zeros((), scores.dtype)
    return greedy(lambda best: table[:, best], scores, most, length, threshold, least, none)


SUPPRESS = Op("NonMaxSuppressionV5", _suppress, ("length",), multiple=True, differentiable=False, check=_check_boxes)
"""`(boxes [n, 4], scores [n], most, threshold, least, softness)`: numbers, scores, count."""
SUPPRESS_OVERLAPS = Op(
    "NonMaxSuppressionWithOverlaps",
    _suppress_overlaps,
    ("length",),
    multiple=True,
    differentiable=False,
    check=_check_overlaps,
)
"""`(overlaps [n, n], scores [n], most, threshold, least)`: numbers, scores, count."""


# ---- the padded choice of a batch ----------------------------------------------------------------------------------


def _corner_order(boxes: Any) -> Any:
    """Boxes with the smaller coordinates first, as the first box tells of all."""
    y1, x1, y2, x2 = (boxes[..., place] for place in range(4))
    upright, forward = y1[0, 0] <= y2[0, 0], x1[0, 0] <= x2[0, 0]
    return jnp.stack(
        [
            jnp.where(upright, y1, y2),
            jnp.where(forward, x1, x2),
            jnp.where(upright, y2, y1),
            jnp.where(forward, x2, x1),
        ],
        -1,
    )


def _kept(boxes: Any, threshold: Any) -> Any:
    """Which boxes, in order, no kept box before them shares as much as `threshold` with."""
    count = boxes.shape[0]
    top, left, bottom, right = (boxes[:, place] for place in range(4))
    areas = (bottom - top) * (right - left)
    zero = jnp.zeros((), boxes.dtype)
    places = jnp.arange(count, dtype=jnp.int32)

    def step(number: Any, kept: Any) -> Any:
        height = jnp.maximum(jnp.minimum(bottom, bottom[number]) - jnp.maximum(top, top[number]), zero)
        width = jnp.maximum(jnp.minimum(right, right[number]) - jnp.maximum(left, left[number]), zero)
        shared = height * width
        similar = shared / (areas + areas[number] - shared + jnp.asarray(1e-8, boxes.dtype)) >= threshold
        return kept & ~(similar & kept[number] & (places > number))

    return lax.fori_loop(0, count, step, jnp.any(boxes > 0, -1))


def _suppress_padded(
    boxes: Any, scores: Any, most: Any, threshold: Any, least: Any, length: int, ordered: bool, canonical: bool,
    filtered: bool,
) -> tuple[Any, Any]:  # fmt: skip
    lead, count = boxes.shape[:-2], boxes.shape[-2]
    boxes, scores = boxes.reshape(-1, count, 4), scores.reshape(-1, count)
    if filtered:
        counts = scores > least.astype(scores.dtype)
        scores = scores * counts.astype(scores.dtype)
        boxes = boxes * counts[..., None].astype(boxes.dtype)
    if not canonical:
        boxes = _corner_order(boxes)
    order = jnp.broadcast_to(jnp.zeros((), jnp.int32), scores.shape)
    if not ordered:
        order = jnp.argsort(scores, axis=1, stable=True, descending=True).astype(jnp.int32)
        boxes = jnp.take_along_axis(boxes, order[..., None], 1)
    kept = jax.vmap(_kept, (0, None))(boxes.astype(jnp.float32), threshold.astype(jnp.float32))
    valid = jnp.minimum(jnp.sum(kept, 1, dtype=jnp.int32), most)
    first = jnp.argsort(~kept, axis=1, stable=True).astype(jnp.int32)
    first = jnp.pad(first, ((0, 0), (0, max(length - count, 0))))[:, :length]
    found = first if ordered else jnp.take_along_axis(order, first, 1)
    found = jnp.where(jnp.arange(length, dtype=jnp.int32) < valid[:, None], found, jnp.zeros_like(found))
    return found.reshape(*lead, length) if lead else found, valid.reshape(lead)


def _check_padded(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    boxes, scores = avals[:2]
    if boxes.ndim < 2 or boxes.shape[-1] != 4:
        _refuse(name, f"boxes must be [..., boxes, 4], got shape {list(boxes.shape)}")
    if scores.size != boxes.size // 4:
        _refuse(name, f"scores has incompatible shape: {list(scores.shape)} for boxes of {list(boxes.shape)}")


SUPPRESS_PADDED = Op(
    "NonMaxSuppressionPadded",
    _suppress_padded,
    ("length", "ordered", "canonical", "filtered"),
    multiple=True,
    differentiable=False,
    check=_check_padded,
)
"""`(boxes [..., n, 4], scores [..., n], most, threshold, least)`: numbers `[..., length]`, counts."""


# ---- several classes -----------------------------------------------------------------------------------------------


def _suppress_combined(
    boxes: Any, scores: Any, threshold: Any, least: Any, each: int, total: int, clip: bool
) -> tuple[Any, ...]:
    count, sets, classes = boxes.shape[1], boxes.shape[2], scores.shape[2]
    none = jnp.zeros((), jnp.float32)
    length = min(each, count)

    def of_class(boxes: Any, scores: Any) -> Any:
        chosen, found, number = greedy(
            lambda best: shared_area(boxes[best], boxes), scores, jnp.asarray(length, jnp.int32), length, threshold,
            least, none,
        )  # fmt: skip
        present = jnp.arange(length, dtype=jnp.int32) < number
        return boxes[chosen], jnp.where(present, found, -jnp.inf), present

    def of_image(boxes: Any, scores: Any) -> Any:
        by_class = jnp.moveaxis(jnp.broadcast_to(boxes, (count, classes, 4)) if sets == 1 else boxes, 1, 0)
        found, values, present = jax.vmap(of_class)(by_class, scores.T)
        order = jnp.argsort(values.reshape(-1), stable=True, descending=True)[:total]
        kinds = jnp.repeat(jnp.arange(classes, dtype=jnp.float32), length)
        there = present.reshape(-1)[order]
        found = jnp.where(there[:, None], found.reshape(-1, 4)[order], none)
        values, kinds = (jnp.where(there, every.reshape(-1)[order], none) for every in (values, kinds))
        missing = total - len(order)
        found, values, kinds = (
            jnp.pad(every, ((0, missing), *[(0, 0)] * (every.ndim - 1))) for every in (found, values, kinds)
        )
        if clip:
            found = jnp.clip(found, none, jnp.ones((), jnp.float32))
        return found, values, kinds, jnp.sum(there, dtype=jnp.int32)

    return jax.vmap(of_image)(boxes, scores)


def _check_combined(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    boxes, scores = avals[:2]
    if boxes.ndim != 4 or boxes.shape[3] != 4:
        _refuse(name, f"boxes must be 4-D with 4 columns, got shape {list(boxes.shape)}")
    if scores.ndim != 3 or scores.shape[:2] != boxes.shape[:2]:
        _refuse(name, f"scores has incompatible shape: {list(scores.shape)} for boxes of {list(boxes.shape)}")
    if boxes.shape[2] not in (1, scores.shape[2]):
        _refuse(name, f"third dimension of boxes must be 1 or the number of classes, got {boxes.shape[2]}")


SUPPRESS_COMBINED = Op(
    "CombinedNonMaxSuppression",
    _suppress_combined,
    ("each", "total", "clip"),
    multiple=True,
    differentiable=False,
    check=_check_combined,
)
"""`(boxes [batch, n, 1 or classes, 4], scores [batch, n, classes], threshold, least)`"""


# ---- drawing -------------------------------------------------------------------------------------------------------

COLOURS = (
    (1, 1, 0, 1), (0, 0, 1, 1), (1, 0, 0, 1), (0, 1, 0, 1), (0.5, 0, 0.5, 1),
    (0.5, 0.5, 0, 1), (0.5, 0, 0, 1), (0, 0, 0.5, 1), (0, 1, 1, 1), (1, 0, 1, 1),
)  # fmt: skip
"""The colours of boxes that are given none: red, green, blue, opacity."""


def _draw(images: Any, boxes: Any, *colours: Any) -> Any:
    height, width, depth = images.shape[1:]
    table = colours[0] if colours and colours[0].shape[0] else jnp.asarray(COLOURS, jnp.float32)
    table = jnp.asarray(table)[:, :depth].astype(images.dtype)
    if depth == 1 and not colours:
        table = jnp.ones_like(table)
    sizes = jnp.asarray([height - 1, width - 1] * 2, jnp.float32)
    rows, columns = jnp.arange(height, dtype=jnp.int32)[:, None], jnp.arange(width, dtype=jnp.int32)

    def draw(number: Any, image: Any, places: Any) -> Any:
        top, left, bottom, right = places[number]
        inside = (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
        edge = (rows == top) | (rows == bottom) | (columns == left) | (columns == right)
        shown = (bottom >= top) & (right >= left) & (top < height) & (left < width) & (bottom >= 0) & (right >= 0)
        return jnp.where((inside & edge & shown)[..., None], table[number % table.shape[0]], image)

    def one(image: Any, boxes: Any) -> Any:
        places = (boxes.astype(jnp.float32) * sizes).astype(jnp.int32)
        return lax.fori_loop(0, boxes.shape[0], lambda number, image: draw(number, image, places), image)

    return jax.vmap(one)(images, boxes)


def _check_draw(name: str, avals: tuple[Aval, ...]) -> None:
    images, boxes = avals[:2]
    if images.ndim != 4:
        _refuse(name, f"The rank of the images should be 4, got shape {list(images.shape)}")
    if boxes.ndim != 3 or boxes.shape[2] != 4:
        _refuse(name, f"The rank of the boxes tensor should be 3, with 4 columns, got shape {list(boxes.shape)}")
    if boxes.shape[0] != images.shape[0]:
        _refuse(name, f"The batch sizes should be the same: {images.shape[0]} and {boxes.shape[0]}")
    if images.shape[3] not in (1, 3, 4):
        _refuse(name, f"Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA), not {images.shape[3]}")
    if len(avals) > 2 and (avals[2].ndim != 2 or (avals[2].shape[0] and avals[2].shape[1] < images.shape[3])):
        _refuse(name, f"colors must be a 2-D matrix with a column for each channel, got shape {list(avals[2].shape)}")


DRAW_BOXES = Op("DrawBoundingBoxesV2", _draw, differentiable=False, check=_check_draw)
"""`(images [batch, h, w, channels], boxes [batch, n, 4], *colours [m, 4])`"""
