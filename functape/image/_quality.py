"""Measures of images: how like two are, and how much neighbours differ."""

from __future__ import annotations

from typing import Any

from functape._api._static import as_int, operand
from functape._engine._recorder import record, record_multiple
from functape._ops import _image_quality as rows

_POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """Peak signal-to-noise ratio of two images, in decibels (`tf.image.psnr`).

    **Arguments:**
    - `a`, `b`: `[..., height, width, channels]`, numeric.
    - `max_val`: the difference of the largest and the smallest value that a pixel can have.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** float32, one number for each image.

    **Raises:** `ValueError` for shapes that do not go together.

    ```python
    >>> import functape as tf
    >>> round(float(tf.image.psnr(tf.zeros([2, 2, 1]), tf.ones([2, 2, 1]), max_val=10.0)), 4)
    20.0

    ```
    """
    return record(rows.PSNR, (), (operand(a), operand(b), operand(max_val)))


def ssim(
    img1: Any,
    img2: Any,
    max_val: Any,
    filter_size: Any = 11,
    filter_sigma: Any = 1.5,
    k1: Any = 0.01,
    k2: Any = 0.03,
    return_index_map: bool = False,
) -> Any:
    """Structural similarity of two images, at most 1 (`tf.image.ssim`; Wang et al., 2004).

    **Arguments:**
    - `img1`, `img2`: `[..., height, width, channels]`, numeric.
    - `max_val`: the difference of the largest and the smallest value that a pixel can have.
    - `filter_size`, `filter_sigma`: of the Gaussian window, in pixels.
    - `k1`, `k2`: what keeps the quotients from being unstable.
    - `return_index_map`: whether to return the similarity at each place rather than the mean.

    **Returns:** float32, one number for each image; with `return_index_map` a map for each.

    **Raises:** `ValueError` for shapes that do not go together; `InvalidArgumentError` for images smaller than the
    window.

    ```python
    >>> import functape as tf
    >>> image = tf.random.uniform([16, 16, 3])
    >>> round(float(tf.image.ssim(image, image, max_val=1.0)), 4)
    1.0

    ```
    """
    statics = (as_int(filter_size, "filter_size"), float(filter_sigma), float(k1), float(k2), bool(return_index_map))
    return record(rows.SSIM, statics, (operand(img1), operand(img2), operand(max_val)))


def ssim_multiscale(
    img1: Any,
    img2: Any,
    max_val: Any,
    power_factors: Any = _POWERS,
    filter_size: Any = 11,
    filter_sigma: Any = 1.5,
    k1: Any = 0.01,
    k2: Any = 0.03,
) -> Any:
    """Structural similarity at several scales (`tf.image.ssim_multiscale`; Wang et al., 2003).

    **Arguments:**
    - `power_factors`: the weight of each scale; each is half as large as the one before.
    - The others are as for `ssim`.

    **Returns:** float32, one number for each image.

    **Raises:** as `ssim`; the images of the last scale must be as large as the window.

    ```python
    >>> import functape as tf
    >>> image = tf.random.uniform([32, 32, 3])
    >>> round(float(tf.image.ssim_multiscale(image, image, max_val=1.0, power_factors=(0.5, 0.5))), 4)
    1.0

    ```
    """
    powers = tuple(float(each) for each in power_factors)
    statics = (powers, as_int(filter_size, "filter_size"), float(filter_sigma), float(k1), float(k2), len(powers))
    return record(rows.SSIM_MULTISCALE, statics, (operand(img1), operand(img2), operand(max_val)))


def total_variation(images: Any, name: str | None = None) -> Any:
    """The sum of the differences of neighbouring pixels (`tf.image.total_variation`).

    **Arguments:**
    - `images`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `name`: accepted for compatibility.

    **Returns:** a number for each image, of the dtype of `images`.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> float(tf.image.total_variation(tf.constant([[[1.0], [3.0]], [[2.0], [2.0]]])))
    4.0

    ```
    """
    given = operand(images)
    if given.aval.ndim not in (3, 4):
        raise ValueError(f"'images' must be either 3 or 4-dimensional. Received shape {given.aval.shape}")
    return record(rows.TOTAL_VARIATION, (), (given,))


def image_gradients(image: Any) -> tuple[Any, Any]:
    """How much each pixel's neighbour below and to the right exceeds it (`tf.image.image_gradients`).

    **Arguments:**
    - `image`: `[batch, height, width, channels]`.

    **Returns:** the differences down and across, each like `image`; 0 in the last row and column.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> down, across = tf.image.image_gradients(tf.reshape(tf.range(4.0), [1, 2, 2, 1]))
    >>> print(down.numpy().ravel(), across.numpy().ravel())
    [2. 2. 0. 0.] [1. 0. 1. 0.]

    ```
    """
    given = operand(image)
    if given.aval.ndim != 4:
        raise ValueError(f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {given.aval.shape}.")
    return record_multiple(rows.IMAGE_GRADIENTS, (), (given,))


def sobel_edges(image: Any) -> Any:
    """Sobel's edge maps (`tf.image.sobel_edges`).

    **Arguments:**
    - `image`: `[batch, height, width, channels]`, floating, at least 2 pixels high and wide.

    **Returns:** `[batch, height, width, channels, 2]`: the slopes down and across.

    **Raises:** `InvalidArgumentError` for another shape or dtype.

    ```python
    >>> import functape as tf
    >>> tf.image.sobel_edges(tf.reshape(tf.range(9.0), [1, 3, 3, 1])).numpy()[0, 1, 1, 0]
    array([24.,  8.], dtype=float32)

    ```
    """
    return record(rows.SOBEL_EDGES, (), (operand(image),))
