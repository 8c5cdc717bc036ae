"""Images read from and written into the formats of files."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._static import as_int, as_ints, invalid, operand
from functape._core import _host as host
from functape._core._convert import convert, from_numpy, is_tensor_like
from functape._core._known import read
from functape._core._spec import TensorSpec
from functape._engine._dtypes import DType, as_dtype, bool_, float32, int32, int64, uint8, uint16
from functape._engine._errors import UnimplementedError
from functape._engine._trace import is_tracing
from functape.image import _codecs as codecs
from functape.image._colours import convert_image_dtype

_DCT_METHODS = ("", "INTEGER_FAST", "INTEGER_ACCURATE")


def _decoded(
    contents: Any, op: str, channels: Any, dtype: DType = uint8, animated: bool = False, **jpeg: Any
) -> np.ndarray[Any, Any]:
    """The pixels of a file of any format, as uint8, or uint16 where that is wanted."""
    data = host.text(contents, op)
    depth = as_int(channels, "channels")
    kind = codecs.kind_of(data, op)
    if kind == "webp":
        if depth not in (0, 3, 4):
            raise invalid(f"WebP only supports 3 or 4 channels [Op:{op}]. Received: channels={depth}")
        return _frames(codecs.read_webp(data, depth, op), op, animated or op == "DecodeWebP")
    if depth not in (0, 1, 3, 4):
        raise invalid(f"`channels` must be 0, 1, 3 or 4 but got {depth} [Op:{op}]")
    wide = dtype is not uint8
    if kind == "png":
        return codecs.read_png(data, depth, wide, op)
    if kind == "gif":
        if depth not in (0, 3):
            raise invalid(f"channels must be 0 or 3 for GIF, got {depth} [Op:{op}]")
        return _frames(codecs.read_gif(data, op), op, animated)
    if kind == "bmp":
        if op in ("DecodeJpeg", "DecodePng", "DecodeGif", "DecodeAndCropJpeg"):
            raise invalid(f"Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` [Op:{op}]")
        if depth == 1:
            raise invalid(f"`channels` must be 0, 3 or 4 for BMP, but got 1 [Op:{op}]")
        return codecs.read_bmp(data, depth, op)
    if depth == 4:
        raise invalid(f"JPEG does not support 4 channels [Op:{op}]")
    return codecs.read_jpeg(data, depth, op, **jpeg)


def _frames(frames: np.ndarray[Any, Any], op: str, animated: bool) -> np.ndarray[Any, Any]:
    if animated:
        return frames
    if len(frames) > 1 and op != "DecodeImage":
        raise invalid(f"Got {len(frames)} frames, but animated images can only be decoded by `decode_gif` or "
                      f"`decode_image` [Op:{op}]")  # fmt: skip
    return frames[0]


def _jpeg_options(
    op: str, ratio: Any, fancy_upscaling: bool, try_recover_truncated: bool, acceptable_fraction: Any, dct_method: str
) -> dict[str, Any]:
    times = as_int(ratio, "ratio")
    if times not in (1, 2, 4, 8):
        raise invalid(f"ratio must be 1, 2, 4, or 8, got {times} [Op:{op}]")
    if dct_method not in _DCT_METHODS:
        raise invalid(f"dct_method must be one of {_DCT_METHODS} [Op:{op}]. Received: {dct_method!r}")
    if acceptable_fraction != 1 and not try_recover_truncated:
        raise UnimplementedError(
            message=f"How much of a truncated file there is, is not known [Op:{op}]. Received: "
            f"acceptable_fraction={acceptable_fraction}; use try_recover_truncated=True."
        )
    return {"ratio": times, "smooth": bool(fancy_upscaling), "truncated": bool(try_recover_truncated)}


def decode_jpeg(
    contents: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Any:
    """The pixels of a JPEG file (`tf.image.decode_jpeg`, `tf.io.decode_jpeg`).

    They are always computed as for `dct_method="INTEGER_ACCURATE"`; TensorFlow's default is a few levels off.

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `channels`: 0 for those of the file, 1 for grey, 3 for red, green and blue.
    - `ratio`: by how much to make it smaller: 1, 2, 4 or 8.
    - `fancy_upscaling`: whether colours of a lower resolution are interpolated; True wherever they have one.
    - `try_recover_truncated`: whether to return what there is of a file that ends too early.
    - `acceptable_fraction`: only 1.
    - `dct_method`: `""`, `"INTEGER_FAST"` or `"INTEGER_ACCURATE"`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** uint8 `[height, width, channels]`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read, or other arguments; `UnimplementedError` for
    those not supported.

    ```python
    >>> import functape as tf
    >>> tf.image.decode_jpeg(tf.image.encode_jpeg(tf.zeros([2, 3, 3], tf.uint8))).shape
    TensorShape([2, 3, 3])

    ```
    """
    op = "DecodeJpeg"
    options = _jpeg_options(op, ratio, fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method)
    return from_numpy(_decoded(contents, op, channels, **options))


def decode_and_crop_jpeg(
    contents: Any,
    crop_window: Any,
    channels: int = 0,
    ratio: int = 1,
    fancy_upscaling: bool = True,
    try_recover_truncated: bool = False,
    acceptable_fraction: float = 1,
    dct_method: str = "",
    name: str | None = None,
) -> Any:
    """A rectangle of a JPEG file (`tf.image.decode_and_crop_jpeg`, `tf.io.decode_and_crop_jpeg`).

    **Arguments:**
    - `crop_window`: four integers: the first row and column, height and width.
    - The others are as for `decode_jpeg`.

    ```python
    >>> import functape as tf
    >>> file = tf.image.encode_jpeg(tf.zeros([4, 4, 3], tf.uint8))
    >>> tf.image.decode_and_crop_jpeg(file, [1, 1, 2, 3]).shape
    TensorShape([2, 3, 3])

    ```
    """
    op = "DecodeAndCropJpeg"
    window = as_ints(crop_window, "crop_window")
    if len(window) != 4:
        raise invalid(f"crop_size must have four elements [Op:{op}]. Received: crop_window={crop_window}")
    options = _jpeg_options(op, ratio, fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method)
    pixels = _decoded(contents, op, channels, **options)
    top, left, height, width = window
    if min(top, left) < 0 or min(height, width) <= 0 or top + height > len(pixels) or left + width > pixels.shape[1]:
        raise invalid(f"Invalid crop window {list(window)} for an image of {list(pixels.shape)} [Op:{op}]")
    return from_numpy(np.array(pixels[top : top + height, left : left + width]))


def extract_jpeg_shape(contents: Any, output_type: Any = int32, name: str | None = None) -> Any:
    """Height, width and channels of a JPEG file (`tf.image.extract_jpeg_shape`, `tf.io.extract_jpeg_shape`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `output_type`: int32 or int64.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a file that is none.

    ```python
    >>> import functape as tf
    >>> tf.image.extract_jpeg_shape(tf.image.encode_jpeg(tf.zeros([2, 3, 1], tf.uint8))).numpy()
    array([2, 3, 1], dtype=int32)

    ```
    """
    op, wanted = "ExtractJpegShape", as_dtype(output_type)
    if wanted not in (int32, int64):
        raise invalid(f"Value for attr 'output_type' must be int32 or int64 [Op:{op}]. Received: {output_type!r}")
    shape = codecs.jpeg_shape(host.text(contents, op), op)
    return from_numpy(np.array(shape, wanted.as_numpy_dtype))


def is_jpeg(contents: Any, name: str | None = None) -> Any:
    """Whether strings begin as JPEG files do (`tf.image.is_jpeg`, `tf.io.is_jpeg`).

    **Arguments:**
    - `contents`: strings, of any shape.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.image.is_jpeg([b"GIF89a", b"\\xff\\xd8\\xff\\xe0"]).numpy()
    array([False,  True])

    ```
    """
    found = host.texts(contents, "Substr")
    return from_numpy(host.each(found, lambda each: each.startswith(b"\xff\xd8\xff"), bool_))


def decode_png(contents: Any, channels: int = 0, dtype: Any = uint8, name: str | None = None) -> Any:
    """The pixels of a PNG file (`tf.image.decode_png`, `tf.io.decode_png`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `channels`: 0 for those of the file, 1 for grey, 3 for colours, 4 for colours and opacity.
    - `dtype`: uint8 or uint16.
    - `name`: accepted for compatibility.

    **Returns:** `[height, width, channels]`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read, or other arguments.

    ```python
    >>> import functape as tf
    >>> tf.image.decode_png(tf.image.encode_png(tf.fill([1, 2, 1], tf.constant(7, tf.uint8)))).numpy().ravel()
    array([7, 7], dtype=uint8)

    ```
    """
    op, wanted = "DecodePng", as_dtype(dtype)
    if wanted not in (uint8, uint16):
        raise invalid(
            f"Value for attr 'dtype' of {wanted.spoken} is not in the list of allowed values: uint8, uint16 [Op:{op}]"
        )
    return _as_dtype(_decoded(contents, op, channels, wanted), wanted)


def _as_dtype(pixels: np.ndarray[Any, Any], dtype: DType) -> Any:
    return convert_image_dtype(from_numpy(pixels), dtype)


def decode_gif(contents: Any, name: str | None = None) -> Any:
    """All frames of a GIF file (`tf.image.decode_gif`, `tf.io.decode_gif`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `name`: accepted for compatibility.

    **Returns:** uint8 `[frames, height, width, 3]`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read.

    ```python
    >>> import functape as tf
    >>> tf.image.decode_gif(tf.image.encode_png(tf.zeros([2, 3, 3], tf.uint8))).shape
    TensorShape([1, 2, 3, 3])

    ```
    """
    pixels = _decoded(contents, "DecodeGif", 3, animated=True)
    return from_numpy(pixels if pixels.ndim == 4 else pixels[None])


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Any:
    """The pixels of a BMP file without compression (`tf.image.decode_bmp`, `tf.io.decode_bmp`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `channels`: 0 for those of the file, 3 or 4.
    - `name`: accepted for compatibility.

    **Returns:** uint8 `[height, width, channels]`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read, or other arguments.

    ```python
    >>> import struct
    >>> import functape as tf
    >>> header = struct.pack("<2sIIIIiiHH6I", b"BM", 58, 0, 54, 40, 1, 1, 1, 24, *[0] * 6)
    >>> tf.image.decode_bmp(header + bytes([3, 2, 1, 0])).numpy()
    array([[[1, 2, 3]]], dtype=uint8)

    ```
    """
    return from_numpy(_decoded(contents, "DecodeBmp", channels))


def decode_webp(contents: Any, channels: int = 0, dtype: Any = uint8, name: str | None = None) -> Any:
    """All frames of a WebP file (`tf.image.decode_webp`, `tf.io.decode_webp`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `channels`: 0 or those of the file: 3, or 4 with opacity, which animations have.
    - `dtype`: uint8.
    - `name`: accepted for compatibility.

    **Returns:** uint8 `[frames, height, width, channels]`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read, or other arguments.
    """
    wanted = as_dtype(dtype)
    if wanted is not uint8:
        raise invalid(
            f"Value for attr 'dtype' of {wanted.spoken} is not in the list of allowed values: uint8 [Op:DecodeWebP]"
        )
    return from_numpy(_decoded(contents, "DecodeWebP", channels))


def decode_image(
    contents: Any, channels: Any = None, dtype: Any = uint8, name: str | None = None, expand_animations: bool = True
) -> Any:
    """The pixels of a JPEG, PNG, GIF, BMP or WebP file (`tf.image.decode_image`, `tf.io.decode_image`).

    **Arguments:**
    - `contents`: the file, a scalar string.
    - `channels`: None or 0 for those of the file, 1, 3 or 4.
    - `dtype`: an integer or floating dtype; floats are from 0 to 1.
    - `name`: accepted for compatibility.
    - `expand_animations`: whether a file that may hold several frames gives them all, along a first axis.

    **Returns:** `[height, width, channels]`; `[frames, height, width, channels]` for GIF and WebP with
    `expand_animations`.

    **Raises:** `InvalidArgumentError` for a file that cannot be read, or other arguments.

    ```python
    >>> import functape as tf
    >>> tf.image.decode_image(tf.image.encode_png(tf.zeros([2, 3, 3], tf.uint8)), dtype=tf.float32).dtype
    tf.float32

    ```
    """
    wanted = as_dtype(dtype)
    first = wanted if wanted in (uint8, uint16, float32) else uint16
    pixels = _decoded(contents, "DecodeImage", 0 if channels is None else channels, first, bool(expand_animations))
    return convert_image_dtype(_as_dtype(pixels, first), wanted)


def _pixels(image: Any, dtypes: tuple[DType, ...], op: str) -> np.ndarray[Any, Any]:
    given = image if is_tensor_like(image) else convert(image, dtypes[0] if len(dtypes) == 1 else None)
    if given.aval.dtype not in dtypes:
        names = ", ".join(each.spoken for each in dtypes)
        raise invalid(f"cannot compute {op} of a {given.aval.dtype.spoken} tensor: it takes {names} [Op:{op}]")
    return read(given)


def encode_jpeg(
    image: Any,
    format: str = "",
    quality: int = 95,
    progressive: bool = False,
    optimize_size: bool = False,
    chroma_downsampling: bool = True,
    density_unit: str = "in",
    x_density: int = 300,
    y_density: int = 300,
    xmp_metadata: str = "",
    name: str | None = None,
) -> Any:
    """A JPEG file of an image (`tf.image.encode_jpeg`, `tf.io.encode_jpeg`).

    **Arguments:**
    - `image`: uint8 `[height, width, 1 or 3]`.
    - `format`: `""`, `"grayscale"` or `"rgb"`, which must be what the image is.
    - `quality`: 0 to 100.
    - `progressive`: whether the file can be shown while it is loaded.
    - `optimize_size`: whether to take more time for a smaller file.
    - `chroma_downsampling`: whether colours have half the resolution.
    - `density_unit`, `x_density`, `y_density`: pixels per `"in"` or `"cm"`, which the file notes.
    - `xmp_metadata`: metadata that the file holds.
    - `name`: accepted for compatibility.

    **Returns:** a scalar string.

    **Raises:** `InvalidArgumentError` for other arguments.

    ```python
    >>> import functape as tf
    >>> tf.image.encode_jpeg(tf.zeros([8, 8, 3], tf.uint8)).numpy()[:2]
    b'\\xff\\xd8'

    ```
    """
    op = "EncodeJpeg"
    if format not in ("", "grayscale", "rgb"):
        raise invalid(f"Value for attr 'format' must be '', 'grayscale' or 'rgb' [Op:{op}]. Received: {format!r}")
    if density_unit not in ("in", "cm"):
        raise invalid(f"Value for attr 'density_unit' must be 'in' or 'cm' [Op:{op}]. Received: {density_unit!r}")
    pixels = _pixels(image, (uint8,), op)
    _check_jpeg(pixels.shape, quality, op)
    wanted = {"grayscale": 1, "rgb": 3}.get(format, pixels.shape[2])
    if pixels.shape[2] != wanted:
        raise invalid(f"format {format} expects {wanted} channels, got {list(pixels.shape)} [Op:{op}]")
    density = (1 if density_unit == "in" else 2, x_density, y_density)
    xmp = xmp_metadata.encode() if isinstance(xmp_metadata, str) else xmp_metadata
    made = codecs.write_jpeg(pixels, quality, progressive, optimize_size, chroma_downsampling, density, xmp)
    return convert(made)


def _check_jpeg(shape: tuple[int, ...], quality: int, op: str) -> None:
    if not 0 <= quality <= 100:
        raise invalid(f"quality must be in [0,100], got {quality} [Op:{op}]")
    if len(shape) != 3:
        raise invalid(f"image must be 3-dimensional, got shape {list(shape)} [Op:{op}]")
    if shape[2] not in (1, 3):
        raise invalid(f"image must have 1 or 3 channels, got {list(shape)} [Op:{op}]")


def encode_png(image: Any, compression: Any = -1, name: str | None = None) -> Any:
    """PNG files of images (`tf.image.encode_png`, `tf.io.encode_png`).

    **Arguments:**
    - `image`: uint8 or uint16 `[..., height, width, channels]` with 1 to 4 channels: grey or colours, either with or
      without opacity.
    - `compression`: 0 (quick) to 9 (small), or -1 for the usual.
    - `name`: accepted for compatibility.

    **Returns:** a string for each image.

    **Raises:** `InvalidArgumentError` for other arguments.

    ```python
    >>> import functape as tf
    >>> tf.image.encode_png(tf.zeros([8, 8, 3], tf.uint8)).numpy()[1:4]
    b'PNG'

    ```
    """
    op, level = "EncodePng", as_int(compression, "compression")
    if not -1 <= level <= 9:
        raise invalid(f"compression should be in [-1,9], got {level} [Op:{op}]")
    pixels = _pixels(image, (uint8, uint16), op)
    if pixels.ndim < 3:
        raise invalid(f"images must be at least rank 3, got shape {list(pixels.shape)} [Op:{op}]")
    if pixels.shape[-1] not in (1, 2, 3, 4):
        raise invalid(f"image must have 1, 2, 3, or 4 channels, got {pixels.shape[-1]} [Op:{op}]")
    if not pixels.size:
        raise invalid(f"images must not be empty, got shape {list(pixels.shape)} [Op:{op}]")
    files = [codecs.write_png(each, level) for each in pixels.reshape(-1, *pixels.shape[-3:])]
    return convert(files[0]) if pixels.ndim == 3 else from_numpy(host.strings(files).value.reshape(pixels.shape[:-3]))


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None) -> Any:
    """An image with the losses that a JPEG file of it has (`tf.image.adjust_jpeg_quality`).

    **Arguments:**
    - `image`: `[height, width, 1 or 3]`, numeric; floats are from 0 to 1.
    - `jpeg_quality`: 0 to 100: an int32 scalar.
    - `dct_method`: as for `decode_jpeg`.
    - `name`: accepted for compatibility.

    **Returns:** a tensor like `image`. No gradient flows through it.

    **Raises:** `InvalidArgumentError` for other arguments.

    ```python
    >>> import functape as tf
    >>> tf.image.adjust_jpeg_quality(tf.ones([8, 8, 3]), 50).numpy().min()
    np.float32(1.0)

    ```
    """
    from functape.function import numpy_function

    op = "EncodeJpegVariableQuality"
    given = operand(image)
    if dct_method not in _DCT_METHODS:
        raise invalid(f"dct_method must be one of {_DCT_METHODS} [Op:DecodeJpeg]. Received: {dct_method!r}")
    shape = given.aval.shape
    pixels = convert_image_dtype(given, uint8, saturate=True)
    quality = jpeg_quality if is_tensor_like(jpeg_quality) else convert(jpeg_quality, int32)
    _check_jpeg(shape, 0, op)

    def damaged(pixels: np.ndarray[Any, Any], quality: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        _check_jpeg(shape, int(quality), op)
        return codecs.read_jpeg(codecs.write_jpeg(pixels, int(quality)), shape[2], op)

    if is_tracing():
        made = numpy_function(damaged, [pixels, quality], TensorSpec(shape, uint8))
    else:
        made = from_numpy(damaged(read(pixels), read(quality)))
    return convert_image_dtype(made, given.aval.dtype, saturate=True)
