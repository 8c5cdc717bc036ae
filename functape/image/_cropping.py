"""Parts of images, and images with margins."""

from __future__ import annotations

from typing import Any

from functape._api._elementwise import floormod
from functape._api._gathering import slice as slice_of
from functape._api._nn_windows import inner
from functape._api._random import uniform
from functape._api._shaping import pad
from functape._api._stateless_random import stateless_uniform
from functape._api._static import as_int, as_ints, invalid, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._known import host_array, read
from functape._core._random_state import random_words
from functape._engine._dtypes import float32, int32
from functape._engine._errors import OutOfRangeError
from functape._engine._recorder import record
from functape._ops import _image_crops as rows
from functape.image._arguments import batch_of, image_of, length, unbatched


def central_crop(image: Any, central_fraction: Any) -> Any:
    """The middle of images (`tf.image.central_crop`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `central_fraction`: how much of the height and of the width stays: a number in (0, 1].

    **Returns:** a tensor of the rank and dtype of `image`.

    **Raises:** `ValueError` for another fraction or rank.

    ```python
    >>> import functape as tf
    >>> tf.image.central_crop(tf.ones([4, 6, 3]), 0.5).shape
    TensorShape([2, 4, 3])

    ```
    """
    given = operand(image)
    fraction = float(read(central_fraction).item() if is_tensor_like(central_fraction) else central_fraction)
    if not 0 < fraction <= 1:
        raise ValueError(f"central_fraction must be within (0, 1]. Received: {central_fraction}")
    if fraction == 1:
        return convert(given)
    images = image_of(given)
    if images.aval.ndim not in (3, 4):
        raise ValueError(f"`image` should either be a Tensor with rank = 3 or rank = 4. Had rank = {images.aval.ndim}.")
    height, width = images.aval.shape[-3:-1]
    top, left = (int((each - each * fraction) / 2) for each in (height, width))
    return crop_to_bounding_box(images, top, left, height - 2 * top, width - 2 * left)


def crop_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """A rectangle of images (`tf.image.crop_to_bounding_box`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `offset_height`, `offset_width`: where it begins; these may change from step to step.
    - `target_height`, `target_width`: how large it is.

    **Returns:** a tensor of the rank and dtype of `image`.

    **Raises:** `ValueError` for another rank, or a rectangle that is empty or does not lie within; for offsets that
    are tensors `InvalidArgumentError`.

    ```python
    >>> import functape as tf
    >>> tf.image.crop_to_bounding_box(tf.reshape(tf.range(6), [2, 3, 1]), 0, 1, 2, 2).numpy()[..., 0]
    array([[1, 2],
           [4, 5]], dtype=int32)

    ```
    """
    batch, single = batch_of(image)
    count, height, width, channels = batch.aval.shape
    sizes = length(target_height, "target_height", 1), length(target_width, "target_width", 1)
    begins = []
    for value, name, size, given in (
        (offset_height, "offset_height", sizes[0], height),
        (offset_width, "offset_width", sizes[1], width),
    ):
        if is_tensor_like(value) and host_array(value) is None:
            begins.append(value)
            continue
        begins.append(begin := as_int(value, name))
        if not 0 <= begin <= given - size:
            error = invalid if is_tensor_like(value) else ValueError
            raise error(
                f"{name} must be >= 0, and with the target's length at most the image's. "
                f"Received: {begin} and {size} for {given}"
            )
    return unbatched(slice_of(batch, [0, *begins, 0], [count, *sizes, channels]), single)


def pad_to_bounding_box(
    image: Any, offset_height: Any, offset_width: Any, target_height: Any, target_width: Any
) -> Any:
    """Images with zeros around them (`tf.image.pad_to_bounding_box`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `offset_height`, `offset_width`: how many zeros come before it.
    - `target_height`, `target_width`: how large the result is.

    **Returns:** a tensor of the rank and dtype of `image`.

    **Raises:** `ValueError` for another rank, or a target in which the image does not lie.

    ```python
    >>> import functape as tf
    >>> tf.image.pad_to_bounding_box(tf.ones([1, 2, 1]), 1, 0, 2, 3).numpy()[..., 0]
    array([[0., 0., 0.],
           [1., 1., 0.]], dtype=float32)

    ```
    """
    batch, single = batch_of(image)
    margins = []
    for offset, name, target, given in (
        (offset_height, "height", target_height, batch.aval.shape[1]),
        (offset_width, "width", target_width, batch.aval.shape[2]),
    ):
        before = length(offset, f"offset_{name}", 0)
        after = as_int(target, f"target_{name}") - before - given
        if after < 0:
            raise ValueError(f"{name} must be <= target - offset. Received: {given}, target {target}, offset {before}")
        margins.append([before, after])
    return unbatched(pad(batch, [[0, 0], *margins, [0, 0]]), single)


def resize_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """Images cut or padded with zeros to another size, about their middle (`tf.image.resize_with_crop_or_pad`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `target_height`, `target_width`: the new lengths.

    **Raises:** `ValueError` for another rank, or lengths of 0 or less.

    ```python
    >>> import functape as tf
    >>> tf.image.resize_with_crop_or_pad(tf.ones([4, 2, 1]), 2, 4).numpy()[..., 0]
    array([[0., 1., 1., 0.],
           [0., 1., 1., 0.]], dtype=float32)

    ```
    """
    batch, single = batch_of(image)
    target = length(target_height, "target_height", 1), length(target_width, "target_width", 1)
    given = batch.aval.shape[1:3]
    crops = [max(-(wanted - known) // 2, 0) for wanted, known in zip(target, given, strict=True)]
    pads = [max((wanted - known) // 2, 0) for wanted, known in zip(target, given, strict=True)]
    sizes = [min(wanted, known) for wanted, known in zip(target, given, strict=True)]
    cropped = crop_to_bounding_box(batch, *crops, *sizes)
    return unbatched(pad_to_bounding_box(cropped, pads[0], pads[1], *target), single)


def crop_and_resize(
    image: Any,
    boxes: Any,
    box_indices: Any,
    crop_size: Any,
    method: str = "bilinear",
    extrapolation_value: Any = 0.0,
    name: str | None = None,
) -> Any:
    """Rectangles of images, each resized to one size (`tf.image.crop_and_resize`).

    **Arguments:**
    - `image`: `[batch, height, width, channels]`, numeric.
    - `boxes`: `[n, 4]` float32: y and x of two corners, 0 and 1 standing for the first and the last pixel.
    - `box_indices`: `[n]` int32: the image each is cut from.
    - `crop_size`: the new height and width.
    - `method`: `"bilinear"` or `"nearest"`.
    - `extrapolation_value`: what stands for pixels outside of the image.
    - `name`: accepted for compatibility.

    **Returns:** `[n, *crop_size, channels]` float32.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit; `OutOfRangeError` for an image that there
    is not.

    ```python
    >>> import functape as tf
    >>> image = tf.reshape(tf.range(9.0), [1, 3, 3, 1])
    >>> tf.image.crop_and_resize(image, [[0.0, 0.0, 0.5, 0.5]], [0], [2, 2]).numpy().ravel()
    array([0., 1., 3., 4.], dtype=float32)

    ```
    """
    if method not in ("bilinear", "nearest"):
        raise invalid(f"method must be 'bilinear' or 'nearest' [Op:CropAndResize]. Received: method={method!r}")
    numbers = operand(box_indices, hint=int32)
    size = as_ints(crop_size, "crop_size")
    if len(size) != 2:
        raise invalid(f"crop_size must have two elements [Op:CropAndResize]. Received: crop_size={crop_size}")
    given = operand(image)
    known = host_array(numbers)
    if known is not None and given.aval.ndim == 4 and known.size:
        count = given.aval.shape[0]
        if known.min() < 0 or known.max() >= count:
            raise OutOfRangeError(
                message=f"box_indices has values outside [0, {count}) [Op:CropAndResize]. Received: {known.tolist()}"
            )
    outside = convert(extrapolation_value, float32)
    return record(rows.CROP_AND_RESIZE, (size, method), (given, operand(boxes, hint=float32), numbers, outside))


def extract_glimpse(
    input: Any,
    size: Any,
    offsets: Any,
    centered: bool = True,
    normalized: bool = True,
    noise: str = "uniform",
    name: str | None = None,
) -> Any:
    """A rectangle of each image, which may reach beyond it (`tf.image.extract_glimpse`).

    **Arguments:**
    - `input`: `[batch, height, width, channels]` float32.
    - `size`: height and width of a glimpse.
    - `offsets`: `[batch, 2]` float32: where each lies, y and x.
    - `centered`: whether offsets are those of the middle, counted from the image's middle.
    - `normalized`: whether offsets are fractions of the image's lengths rather than pixels.
    - `noise`: what stands outside of the image: `"uniform"` or `"gaussian"` noise like its pixels, or `"zero"`.
    - `name`: accepted for compatibility.

    **Returns:** `[batch, *size, channels]` float32.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit.

    ```python
    >>> import functape as tf
    >>> image = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
    >>> tf.image.extract_glimpse(image, [2, 2], [[0.0, 0.0]]).numpy().ravel()
    array([ 5.,  6.,  9., 10.], dtype=float32)

    ```
    """
    if noise not in ("uniform", "gaussian", "zero"):
        raise invalid(f"The noise could only be uniform, gaussian, or zero, got {noise} [Op:ExtractGlimpseV2]")
    lengths = as_ints(size, "size")
    if len(lengths) != 2 or min(lengths) < 0:
        raise invalid(f"glimpse size must be two numbers of 0 or more [Op:ExtractGlimpseV2]. Received: size={size}")
    given, places = operand(input), operand(offsets, hint=float32)
    words = () if noise == "zero" else (random_words("ExtractGlimpseV2", given.aval.size, seeded=False),)
    return record(rows.EXTRACT_GLIMPSE, (lengths, bool(centered), bool(normalized), noise), (given, places, *words))


def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: Any, name: str | None = None) -> Any:
    """Patches of images, each laid out along the last axis (`tf.image.extract_patches`).

    **Arguments:**
    - `images`: `[batch, height, width, channels]`, numeric.
    - `sizes`: a list of 4: `[1, height, width, 1]` of a patch.
    - `strides`: how far apart the patches begin; a list as `sizes`.
    - `rates`: how far apart the pixels of a patch lie; a list as `sizes`.
    - `padding`: `"SAME"` or `"VALID"`.
    - `name`: accepted for compatibility.

    **Returns:** `[batch, rows, columns, height * width * channels]`.

    **Raises:** `InvalidArgumentError` for shapes or values that do not fit.

    ```python
    >>> import functape as tf
    >>> image = tf.reshape(tf.range(16), [1, 4, 4, 1])
    >>> tf.image.extract_patches(image, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID").numpy()[0, 0]
    array([[0, 1, 4, 5],
           [2, 3, 6, 7]], dtype=int32)

    ```
    """
    op = "ExtractImagePatches"
    if padding not in ("SAME", "VALID"):
        raise invalid(f"padding must be 'SAME' or 'VALID' [Op:{op}]. Received: padding={padding!r}")
    numbers = []
    for value, label in ((sizes, "ksizes"), (strides, "strides"), (rates, "rates")):
        if not isinstance(value, list | tuple):
            raise TypeError(f"Expected list for '{label}' argument to 'extract_image_patches' Op, not {value}.")
        if len(value) != 4:
            raise invalid(f"{label} must have 4 entries [Op:{op}]. Received: {value}")
        numbers.append(inner(as_ints(value, label), False, label, op))
        if min(numbers[-1]) < 1:
            raise invalid(f"{label} must be positive [Op:{op}]. Received: {value}")
    return record(rows.EXTRACT_PATCHES, (*numbers, padding), (operand(images),))


def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Any:
    """A part of a tensor, at random (`tf.image.random_crop`).

    **Arguments:**
    - `value`: a tensor of any rank.
    - `size`: the shape of the part.
    - `seed`: the op's own seed; see `tf.random.set_seed`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of shape `size`.

    **Raises:** `InvalidArgumentError` if `size` does not fit into `value`.

    ```python
    >>> import functape as tf
    >>> tf.image.random_crop(tf.ones([5, 5, 3]), [2, 3, 3]).shape
    TensorShape([2, 3, 3])

    ```
    """
    given, lengths, limits = _crop_arguments(value, size)
    return slice_of(given, floormod(uniform([len(lengths)], maxval=int32.max, dtype=int32, seed=seed), limits), lengths)


def stateless_random_crop(value: Any, size: Any, seed: Any, name: str | None = None) -> Any:
    """`random_crop` that depends on nothing but two integers `seed` (`tf.image.stateless_random_crop`).

    ```python
    >>> import functape as tf
    >>> tf.image.stateless_random_crop(tf.ones([5, 5, 3]), [2, 3, 3], seed=[1, 2]).shape
    TensorShape([2, 3, 3])

    ```
    """
    given, lengths, limits = _crop_arguments(value, size)
    drawn = stateless_uniform([len(lengths)], seed, 0, int32.max, dtype=int32)
    return slice_of(given, floormod(drawn, limits), lengths)


def _crop_arguments(value: Any, size: Any) -> tuple[Any, list[int], list[int]]:
    given, lengths = operand(value), list(as_ints(size, "size"))
    shape = given.aval.shape
    if len(lengths) != len(shape) or any(one < other for one, other in zip(shape, lengths, strict=True)):
        raise invalid(f"Need value.shape >= size, got {list(shape)} and {lengths}")
    return given, lengths, [one - other + 1 for one, other in zip(shape, lengths, strict=True)]
