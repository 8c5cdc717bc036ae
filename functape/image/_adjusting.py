"""Images made brighter, richer in contrast, of other hue, or standardized."""

from __future__ import annotations

from typing import Any

from functape._api._static import operand
from functape._core._convert import convert, is_tensor_like
from functape._core._known import host_array
from functape._engine._dtypes import float32
from functape._engine._recorder import record
from functape._ops import _image_colours as rows
from functape.image._arguments import image_of


def adjust_brightness(image: Any, delta: Any) -> Any:
    """Images with a number added to each pixel (`tf.image.adjust_brightness`).

    **Arguments:**
    - `image`: of any shape and numeric dtype; integers stand for floats from 0 to 1.
    - `delta`: the number, on the scale of floats.

    **Returns:** a tensor like `image`; what is out of range of an integer dtype becomes the nearest in range.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_brightness(tf.constant([0, 100, 250], tf.uint8), 0.1).numpy()
    array([ 25, 125, 255], dtype=uint8)

    ```
    """
    return record(rows.ADJUST_BRIGHTNESS, (), (operand(image), operand(delta)))


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """Images whose pixels are moved away from their channel's mean (`tf.image.adjust_contrast`).

    **Arguments:**
    - `images`: `[..., height, width, channels]`, numeric.
    - `contrast_factor`: by how much the distance from the mean is multiplied: a float32 scalar.

    **Returns:** a tensor like `images`.

    **Raises:** `InvalidArgumentError` for another rank, or a factor that is no float32 scalar.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_contrast(tf.constant([[[1.0], [3.0]]]), 2.0).numpy().ravel()
    array([0., 4.], dtype=float32)

    ```
    """
    return record(rows.ADJUST_CONTRAST, (), (operand(images), _factor(contrast_factor)))


def _factor(value: Any) -> Any:
    return value if is_tensor_like(value) else convert(value, float32)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """Images whose pixels are raised to a power (`tf.image.adjust_gamma`): `gain * pixel ** gamma`.

    **Arguments:**
    - `image`: of any shape and numeric dtype; integers stand for floats from 0 to 1.
    - `gamma`: the power, not negative.
    - `gain`: the factor.

    **Returns:** a tensor like `image`.

    **Raises:** `ValueError` for a negative power; `InvalidArgumentError` if it is a tensor.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_gamma(tf.constant([0.5, 1.0]), 2.0).numpy()
    array([0.25, 1.  ], dtype=float32)

    ```
    """
    power = operand(gamma)
    known = host_array(power)
    if known is not None and (known < 0).any():
        message = f"Gamma should be a non-negative real number. Received: gamma={gamma}"
        raise rows.checks.InvalidArgumentError(message=message) if is_tensor_like(gamma) else ValueError(message)
    return record(rows.ADJUST_GAMMA, (), (operand(image), power, operand(gain)))


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """Images with their hue turned (`tf.image.adjust_hue`).

    **Arguments:**
    - `image`: `[..., height, width, 3]`, numeric: red, green and blue.
    - `delta`: how far, from -1 to 1: a float32 scalar; 1 is once round the circle.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor like `image`.

    **Raises:** `ValueError` for a `delta` out of range; `InvalidArgumentError` for another shape.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_hue(tf.constant([[[1.0, 0.0, 0.0]]]), 1 / 3).numpy().round(3).ravel() + 0.0
    array([0., 1., 0.], dtype=float32)

    ```
    """
    turn = _factor(delta)
    known = host_array(turn)
    if known is not None and (abs(known) > 1).any():
        raise ValueError(f"delta must be in the interval [-1, 1]. Received: {delta}")
    return record(rows.ADJUST_HUE, (), (operand(image), turn))


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """Images with their saturation multiplied (`tf.image.adjust_saturation`).

    **Arguments:**
    - `image`: `[..., height, width, 3]`, numeric: red, green and blue.
    - `saturation_factor`: by how much: a float32 scalar; 0 makes images grey.
    - `name`: accepted for compatibility.

    **Returns:** a tensor like `image`.

    **Raises:** `InvalidArgumentError` for another shape.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_saturation(tf.constant([[[1.0, 0.5, 0.5]]]), 0.0).numpy().ravel()
    array([1., 1., 1.], dtype=float32)

    ```
    """
    return record(rows.ADJUST_SATURATION, (), (operand(image), _factor(saturation_factor)))


def per_image_standardization(image: Any) -> Any:
    """Images of mean 0 and deviation 1 (`tf.image.per_image_standardization`).

    The deviation counts as no less than one over the square root of the number of values.

    **Arguments:**
    - `image`: `[..., height, width, channels]`, numeric.

    **Returns:** a float32 tensor of the shape of `image`.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> tf.image.per_image_standardization(tf.constant([[[1.0], [3.0]]])).numpy().ravel()
    array([-1.,  1.], dtype=float32)

    ```
    """
    return record(rows.STANDARDIZE, (), (image_of(image),))
