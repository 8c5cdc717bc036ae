"""Images adjusted at random: seeded numbers are TensorFlow's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._api._random import uniform
from functape._api._stateless_random import stateless_uniform
from functape._engine._dtypes import int32
from functape.image._adjusting import adjust_brightness, adjust_contrast, adjust_hue, adjust_saturation
from functape.image._files import adjust_jpeg_quality


def _around_zero(max_delta: Any, most: float | None = None) -> tuple[Any, Any]:
    if most is not None and max_delta > most:
        raise ValueError(f"max_delta must be <= {most}. Received: {max_delta}")
    if max_delta < 0:
        raise ValueError(f"max_delta must be non-negative. Received: {max_delta}")
    return -max_delta, max_delta


def _between(lower: Any, upper: Any) -> tuple[Any, Any]:
    if upper <= lower:
        raise ValueError(f"upper must be > lower. Received: lower={lower}, upper={upper}")
    if lower < 0:
        raise ValueError(f"lower must be non-negative. Received: lower={lower}")
    return lower, upper


def _qualities(lowest: Any, highest: Any) -> tuple[Any, Any]:
    if not (0 <= lowest <= 100 and 0 <= highest <= 100):
        raise ValueError(f"jpeg encoding range must be between 0 and 100. Received: {lowest} and {highest}")
    if lowest >= highest:
        raise ValueError(f"`min_jpeg_quality` must be less than `max_jpeg_quality`. Received: {lowest} and {highest}")
    return lowest, highest


def _drawn(bounds: tuple[Any, Any], seed: Any, **dtype: Any) -> Any:
    return uniform([], *bounds, seed=seed, **dtype)


def _drawn_statelessly(bounds: tuple[Any, Any], seed: Any, **dtype: Any) -> Any:
    return stateless_uniform([], seed, *bounds, **dtype)


_TEXT = """{purpose}{by} (`tf.image.{name}`).

**Arguments:**
- `image`: as for `{adjust}`.
{arguments}
- `seed`: {seed}.

**Returns:** a tensor like `image`.

**Raises:** `ValueError` for bounds that are none.

```python
>>> import functape as tf
>>> tf.image.{name}(tf.ones([2, 4, 3]), {example}).shape
TensorShape([2, 4, 3])

```
"""


def _documented(stateless: bool, adjust: str, purpose: str, arguments: str, example: str) -> Callable[[Any], Any]:
    def document(function: Any) -> Any:
        function.__doc__ = _TEXT.format(
            purpose=purpose,
            by=", decided by a seed alone" if stateless else "",
            name=function.__name__,
            adjust=adjust,
            arguments=arguments,
            seed="two integers" if stateless else "the op's own seed; see `tf.random.set_seed`",
            example=example + (", seed=[1, 2]" if stateless else ""),
        )
        return function

    return document


_DELTA = "- `max_delta`: the number is drawn from `[-max_delta, max_delta)`."
_FACTOR = "- `lower`, `upper`: the factor is drawn from `[lower, upper)`."
_QUALITY = "- `min_jpeg_quality`, `max_jpeg_quality`: the quality is drawn from what lies between, 0 to 100."
_BRIGHTNESS = ("adjust_brightness", "Images with a random number added to each pixel", _DELTA, "0.2")
_CONTRAST = ("adjust_contrast", "Images of a random contrast", _FACTOR, "0.5, 1.5")
_HUE = ("adjust_hue", "Images of a random hue", _DELTA, "0.2")
_SATURATION = ("adjust_saturation", "Images of a random saturation", _FACTOR, "0.5, 1.5")
_JPEG = ("adjust_jpeg_quality", "Images with the losses of a random JPEG quality", _QUALITY, "50, 90")


@_documented(False, *_BRIGHTNESS)
def random_brightness(image: Any, max_delta: Any, seed: Any = None) -> Any:
    return adjust_brightness(image, _drawn(_around_zero(max_delta), seed))


@_documented(True, *_BRIGHTNESS)
def stateless_random_brightness(image: Any, max_delta: Any, seed: Any) -> Any:
    return adjust_brightness(image, _drawn_statelessly(_around_zero(max_delta), seed))


@_documented(False, *_CONTRAST)
def random_contrast(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    return adjust_contrast(image, _drawn(_between(lower, upper), seed))


@_documented(True, *_CONTRAST)
def stateless_random_contrast(image: Any, lower: Any, upper: Any, seed: Any) -> Any:
    return adjust_contrast(image, _drawn_statelessly(_between(lower, upper), seed))


@_documented(False, *_HUE)
def random_hue(image: Any, max_delta: Any, seed: Any = None) -> Any:
    return adjust_hue(image, _drawn(_around_zero(max_delta, 0.5), seed))


@_documented(True, *_HUE)
def stateless_random_hue(image: Any, max_delta: Any, seed: Any) -> Any:
    return adjust_hue(image, _drawn_statelessly(_around_zero(max_delta, 0.5), seed))


@_documented(False, *_SATURATION)
def random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    return adjust_saturation(image, _drawn(_between(lower, upper), seed))


@_documented(True, *_SATURATION)
def stateless_random_saturation(image: Any, lower: Any, upper: Any, seed: Any = None) -> Any:
    return adjust_saturation(image, _drawn_statelessly(_between(lower, upper), seed))


@_documented(False, *_JPEG)
def random_jpeg_quality(image: Any, min_jpeg_quality: Any, max_jpeg_quality: Any, seed: Any = None) -> Any:
    return adjust_jpeg_quality(image, _drawn(_qualities(min_jpeg_quality, max_jpeg_quality), seed, dtype=int32))


@_documented(True, *_JPEG)
def stateless_random_jpeg_quality(image: Any, min_jpeg_quality: Any, max_jpeg_quality: Any, seed: Any) -> Any:
    bounds = _qualities(min_jpeg_quality, max_jpeg_quality)
    return adjust_jpeg_quality(image, _drawn_statelessly(bounds, seed, dtype=int32))
