"""Image files as arrays and back, through Pillow."""

from __future__ import annotations

import contextlib
import io
import struct
import threading
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._api._static import invalid
from functape._engine._errors import UnimplementedError

Pixels = np.ndarray[Any, Any]

_MAGIC = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"GIF8": "gif", b"BM": "bmp"}
_truncation = threading.Lock()


def kind_of(contents: bytes, op: str) -> str:
    """Which format a file has: `jpeg`, `png`, `gif`, `bmp` or `webp`.

    **Raises:** `InvalidArgumentError` for another.
    """
    if not contents:
        raise invalid(f"Input is empty. [Op:{op}]")
    for magic, kind in _MAGIC.items():
        if contents.startswith(magic):
            return kind
    if contents[:4] == b"RIFF" and contents[8:12] == b"WEBP":
        return "webp"
    raise invalid(f"Unknown image file format. One of JPEG, PNG, GIF, BMP, WebP required. [Op:{op}]")


@contextlib.contextmanager
def _reported(op: str, kind: str) -> Iterator[None]:
    """Turns what Pillow raises for a damaged file into TensorFlow's error."""
    from PIL import Image

    try:
        yield
    except (
        OSError,
        SyntaxError,
        ValueError,
        IndexError,
        EOFError,
        struct.error,
        Image.DecompressionBombError,
    ) as error:
        raise invalid(f"Invalid {kind.upper()} data: {error} [Op:{op}]") from error


@contextlib.contextmanager
def _accepting_truncated(on: bool) -> Iterator[None]:
    """A stretch in which Pillow fills up what is missing of a file; it knows no other way than a global setting."""
    from PIL import ImageFile

    if not on:
        yield
        return
    with _truncation:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


# ---- JPEG ----------------------------------------------------------------------------------------------------------


def jpeg_shape(contents: bytes, op: str) -> tuple[int, int, int]:
    """Height, width and channels, from the header alone."""
    from PIL import Image

    with _reported(op, "jpeg"), Image.open(io.BytesIO(contents), formats=["JPEG"]) as image:
        return image.height, image.width, len(image.getbands())


def read_jpeg(
    contents: bytes, channels: int, op: str, ratio: int = 1, smooth: bool = True, truncated: bool = False
) -> Pixels:
    """The pixels of a JPEG file.

    **Arguments:**
    - `channels`: 1, 3, or 0 for those of the file.
    - `ratio`: by how much to make it smaller: 1, 2, 4 or 8.
    - `smooth`: whether the colours' pixels, which are often larger, are interpolated.
    - `truncated`: whether to accept a file that ends too early.

    **Raises:** `InvalidArgumentError` for a damaged file; `UnimplementedError` unless `smooth` where it matters.
    """
    from PIL import Image

    with _reported(op, "jpeg"), Image.open(io.BytesIO(contents), formats=["JPEG"]) as image:
        wanted = {1: "L", 3: "RGB"}.get(channels or (1 if image.mode == "L" else 3))
        if not smooth and wanted == "RGB" and len({layer[1:3] for layer in image.layer}) > 1:  # type: ignore[attr-defined]
            raise UnimplementedError(
                message=f"The colours of this file have larger pixels than its brightness, and are interpolated "
                f"[Op:{op}]. Received: fancy_upscaling=False; leave it out."
            )
        if ratio > 1 or wanted == "L":
            image.draft(wanted, (image.width // ratio, image.height // ratio))
        with _accepting_truncated(truncated):
            return _with_depth(np.asarray(image.convert(wanted)))


def write_jpeg(
    pixels: Pixels,
    quality: int,
    progressive: bool = False,
    optimize: bool = False,
    subsampled: bool = True,
    density: tuple[int, int, int] = (1, 300, 300),
    xmp: bytes = b"",
) -> bytes:
    """A JPEG file.

    **Arguments:**
    - `pixels`: uint8 `[height, width, 1 or 3]`.
    - `density`: the unit (1 for inches, 2 for centimetres) and the pixels per unit across and down.
    - `xmp`: metadata to put into it.
    """
    from PIL import Image

    file = io.BytesIO()
    image = Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    sampling = {"subsampling": 2 if subsampled else 0} if pixels.shape[2] == 3 else {}
    image.save(file, "JPEG", quality=quality, progressive=progressive, optimize=optimize, dpi=(1, 1), **sampling)
    made = file.getvalue()
    header = made[:13] + struct.pack(">BHH", *density) + made[18:20]
    extra = b"http://ns.adobe.com/xap/1.0/\x00" + xmp
    segment = b"\xff\xe1" + struct.pack(">H", len(extra) + 2) + extra if xmp else b""
    return header + segment + made[20:]


def _with_depth(pixels: Pixels) -> Pixels:
    return np.array(pixels[:, :, None] if pixels.ndim == 2 else pixels)


# ---- PNG -----------------------------------------------------------------------------------------------------------

_PNG_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_GREY = (9797, 19234, 3737)
"""The shares of red, green and blue in grey, of 32768."""


def read_png(contents: bytes, channels: int, wide: bool, op: str) -> Pixels:
    """The pixels of a PNG file.

    **Arguments:**
    - `channels`: 1, 3, 4, or 0 for those of the file.
    - `wide`: whether to return uint16 rather than uint8.
    """
    with _reported(op, "png"), _open_png(contents) as image:
        pixels = _png_pixels(contents, image)
    pixels = _with_channels(pixels, channels)
    if pixels.dtype == np.uint8 and wide:
        pixels = pixels.astype(np.uint16) * 257
    elif pixels.dtype == np.uint16 and not wide:
        pixels = (pixels >> 8).astype(np.uint8)
    return np.ascontiguousarray(pixels)


def _png_pixels(contents: bytes, image: Any) -> Pixels:
    if image.mode == "P" or (image.mode == "1" and "transparency" in image.info):
        return np.asarray(image.convert("RGBA" if "transparency" in image.info else "RGB"))
    if image.mode == "1":
        return np.asarray(image.convert("L"))[:, :, None]
    if image.mode in ("I;16", "I"):
        return np.asarray(image).astype(np.uint16)[:, :, None]
    raw = image.tile[0].args if image.tile else ""
    if raw == "LA;16B":
        return _halves_joined(np.asarray(_open_png(_as_rgba(contents))))
    if not isinstance(raw, str) or not raw.endswith(";16B"):
        return _with_depth(np.asarray(image))
    # Pillow keeps 8 bits of 16. Told that they come in the other order, it keeps the other 8.
    other = _open_png(contents)
    other.tile = [each._replace(args=raw.replace(";16B", ";16L")) for each in other.tile]
    return np.asarray(image).astype(np.uint16) << 8 | np.asarray(other)


def _open_png(contents: bytes) -> Any:
    from PIL import Image

    return Image.open(io.BytesIO(contents), formats=["PNG"])


def _as_rgba(contents: bytes) -> bytes:
    """A file of grey and opacity in 16 bits as one of four channels in 8: the same bytes but for the header."""
    header = contents[12:24] + bytes([8, 6]) + contents[26:29]
    return contents[:12] + header + struct.pack(">I", zlib.crc32(header)) + contents[33:]


def _halves_joined(pixels: Pixels) -> Pixels:
    return pixels[:, :, ::2].astype(np.uint16) << 8 | pixels[:, :, 1::2]


def _with_channels(pixels: Pixels, channels: int) -> Pixels:
    """Pixels with another number of channels."""
    given = pixels.shape[2]
    if channels in (0, given):
        return pixels
    colours, most = pixels[:, :, : given - (given in (2, 4))], np.iinfo(pixels.dtype).max
    if channels == 1:
        return colours if colours.shape[2] == 1 else _grey(colours)
    if colours.shape[2] == 1:
        colours = np.repeat(colours, 3, 2)
    if channels == 3:
        return colours
    opacity = pixels[:, :, given - 1 :] if given in (2, 4) else np.full((*pixels.shape[:2], 1), most, pixels.dtype)
    return np.concatenate([colours, opacity], 2)


def _grey(pixels: Pixels) -> Pixels:
    half = 0 if pixels.dtype == np.uint8 else 16384
    return ((pixels.astype(np.int64) @ np.array(_GREY)[:, None] + half) >> 15).astype(pixels.dtype)


def write_png(pixels: Pixels, compression: int) -> bytes:
    """A PNG file.

    **Arguments:**
    - `pixels`: uint8 or uint16 `[height, width, 1 to 4]`.
    - `compression`: 0 to 9, or -1 for the usual.
    """
    from PIL import Image

    if pixels.dtype == np.uint8:
        file = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)).save(
            file, "PNG", compress_level=compression
        )
        return file.getvalue()
    height, width, channels = pixels.shape
    lines = np.zeros((height, 1 + 2 * width * channels), np.uint8)
    lines[:, 1:] = np.ascontiguousarray(pixels.astype(">u2")).view(np.uint8).reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), compression)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


# ---- GIF, BMP, WebP ------------------------------------------------------------------------------------------------


def read_gif(contents: bytes, op: str) -> Pixels:
    """All frames of a GIF file: `[frames, height, width, 3]`."""
    from PIL import Image, ImageSequence

    with _reported(op, "gif"), Image.open(io.BytesIO(contents), formats=["GIF"]) as image:
        return np.stack([np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)])


def read_bmp(contents: bytes, channels: int, op: str) -> Pixels:
    """The pixels of a BMP file; of one with a palette the numbers of its entries, as TensorFlow has it.

    **Arguments:**
    - `channels`: 3, 4, or 0 for those of the file.
    """
    if len(contents) < 32:
        raise invalid(f"Incomplete bmp content, requires at least 32 bytes, got {len(contents)} bytes [Op:{op}]")
    begin = struct.unpack_from("<I", contents, 10)[0]
    width, height, _, bits = struct.unpack_from("<iiHH", contents, 18)
    if bits not in (8, 24, 32) or width <= 0 or not height:
        raise invalid(f"Number of channels inherent in the image must be 1, 3 or 4, was {bits // 8} [Op:{op}]")
    given, lines = bits // 8, abs(height)
    stride = (width * given + 3) // 4 * 4
    if begin < 32 or len(contents) < begin + stride * (lines - 1) + width * given:
        raise invalid(f"Incomplete bmp content for {width} x {lines} pixels of {bits} bits [Op:{op}]")
    body = np.frombuffer(contents[begin:].ljust(stride * lines, b"\0"), np.uint8, stride * lines)
    pixels = body.reshape(lines, stride)[:, : width * given].reshape(lines, width, given)
    pixels = pixels[::-1] if height > 0 else pixels
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[given]
    return np.ascontiguousarray(_with_channels(pixels[:, :, order], channels))


def read_webp(contents: bytes, channels: int, op: str) -> Pixels:
    """All frames of a WebP file: `[frames, height, width, channels]`, with opacity where there are several."""
    from PIL import Image, ImageSequence

    with _reported(op, "webp"), Image.open(io.BytesIO(contents), formats=["WEBP"]) as image:
        moving = getattr(image, "n_frames", 1) > 1
        given = "RGBA" if moving or image.mode == "RGBA" else "RGB"
        if channels not in (0, len(given)):
            raise invalid(f"Number of channels requested does not match input: {channels}, {len(given)} [Op:{op}]")
        return np.stack([np.asarray(frame.convert(given)) for frame in ImageSequence.Iterator(image)])
