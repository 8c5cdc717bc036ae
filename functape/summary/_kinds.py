"""The kinds of summaries: numbers, distributions, pictures, texts and sounds."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np

from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._name_scope import current_scope_prefix
from functape.summary._recording import record, summary_of
from functape.summary._writer import state

_BUCKETS = 30


def _metadata(plugin: str, description: str | None, content: bytes = b"") -> Any:
    from tensorboardX.proto import summary_pb2

    found = summary_pb2.SummaryMetadata(summary_description=description or "")
    found.plugin_data.plugin_name = plugin
    if content:
        # The plugin's own message; tensorboardX declares the field as text.
        found = summary_pb2.SummaryMetadata.FromString(_with_content(plugin, description or "", content))
    return found


def _with_content(plugin: str, description: str, content: bytes) -> bytes:
    """`SummaryMetadata` on the wire."""
    name = plugin.encode()
    inner = bytes([0x0A, len(name)]) + name + bytes([0x12, len(content)]) + content
    text = description.encode()
    tail = b"" if not text else b"\x1a" + _length(len(text)) + text
    return b"\x0a" + _length(len(inner)) + inner + tail


def _length(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def _tag(name: str) -> str:
    return current_scope_prefix() + name


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Write a number: a point of a curve (`tf.summary.scalar`).

    **Arguments:**
    - `name`: the curve's name; name scopes come before it.
    - `data`: a scalar, written as float32.
    - `step`: its step; by default the one set.
    - `description`: Markdown that TensorBoard shows.

    **Returns:** whether it was written, a scalar bool tensor.

    **Raises:** `ValueError` for anything but a scalar, or without a step.
    """
    if state.writer is None:
        return convert(False)
    tensor = convert(data)
    if tensor.shape.rank:
        raise ValueError(f"Expected scalar shape, saw shape: {tuple(tensor.shape)}.")
    tag = _tag(name)
    return record(
        lambda value: summary_of(tag, np.asarray(value, np.float32), _metadata("scalars", description)),
        [cast(tensor, "float32")],
        step,
    )


def histogram(
    name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None
) -> Any:
    """Write the distribution of a tensor's elements (`tf.summary.histogram`).

    **Arguments:**
    - `name`: its name; name scopes come before it.
    - `data`: a tensor of any shape.
    - `step`: its step; by default the one set.
    - `buckets`: into how many intervals of one width the elements are sorted; 30 by default.
    - `description`: Markdown that TensorBoard shows.

    **Returns:** whether it was written, a scalar bool tensor.
    """
    if state.writer is None:
        return convert(False)
    tag, count = _tag(name), _BUCKETS if buckets is None else int(buckets)
    return record(
        lambda value: summary_of(tag, buckets_of(np.asarray(value), count), _metadata("histograms", description)),
        [convert(data)],
        step,
    )


def buckets_of(values: Any, count: int) -> Any:
    """A histogram as TensorBoard wants it: float64[count, 3], of each bucket its left and right edge and its number."""
    numbers = np.asarray(values, np.float64).reshape(-1)
    if not count or not numbers.size:
        return np.zeros((count, 3))
    low, high = numbers.min(), numbers.max()
    if low == high:
        rows = np.zeros((count, 3))
        rows[:, :2] = low
        rows[-1, 2] = numbers.size
        return rows
    width = (high - low) / count
    places = np.minimum(np.floor((numbers - low) / width).astype(np.int64), count - 1)
    edges = np.linspace(low, high, count + 1)
    return np.stack([edges[:-1], edges[1:], np.bincount(places, minlength=count).astype(np.float64)], 1)


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> Any:
    """Write pictures (`tf.summary.image`).

    **Arguments:**
    - `name`: their name; name scopes come before it.
    - `data`: `[k, h, w, c]` with 1 to 4 channels: floats from 0 to 1, or unsigned integers.
    - `step`: their step; by default the one set.
    - `max_outputs`: at most so many of the `k`.
    - `description`: Markdown that TensorBoard shows.

    **Returns:** whether it was written, a scalar bool tensor.

    **Raises:** `ValueError` for another rank.
    """
    if state.writer is None:
        return convert(False)
    tensor = convert(data)
    if tensor.shape.rank not in (None, 4):
        raise ValueError(f"Tensor must have rank 4.  Received rank {tensor.shape.rank}, shape {tuple(tensor.shape)}")
    tag = _tag(name)

    def make(value: Any) -> Any:
        pictures = _bytes_of_pixels(np.asarray(value)[: int(max_outputs)])
        height, width = np.shape(value)[1:3]
        texts = [str(width).encode(), str(height).encode(), *map(_png, pictures)]
        return summary_of(tag, _texts(texts), _metadata("images", description))

    return record(make, [tensor], step)


def _texts(texts: list[bytes]) -> Any:
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


def _bytes_of_pixels(pixels: Any) -> Any:
    """Pixels as uint8: floats between 0 and 1 as TensorFlow rounds them, wider integers by their high bits."""
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype.kind in "ui":
        shift = np.iinfo(pixels.dtype).bits - (pixels.dtype.kind == "i") - 8
        return np.clip(pixels >> shift if shift > 0 else pixels, 0, 255).astype(np.uint8)
    wide = pixels.astype(np.float32 if pixels.dtype.itemsize <= 4 else np.float64)
    scaled = np.multiply(wide, 255.5, dtype=wide.dtype)
    return np.clip(np.nan_to_num(scaled), 0, 255).astype(np.uint8)


def _png(pixels: Any) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels[:, :, 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Write text, which TensorBoard shows as Markdown (`tf.summary.text`).

    **Arguments:**
    - `name`: its name; name scopes come before it.
    - `data`: a string or a tensor of strings.
    - `step`: its step; by default the one set.
    - `description`: Markdown that TensorBoard shows.

    **Returns:** whether it was written, a scalar bool tensor.

    **Raises:** `TypeError` for anything but strings.
    """
    if state.writer is None:
        return convert(False)
    tensor = data if is_tensor_like(data) else convert(data)
    if tensor.dtype.name != "string":
        raise TypeError(f"tensor must be of type tf.string; got tf.{tensor.dtype.name}")
    tag = _tag(name)
    return record(lambda value: summary_of(tag, value, _metadata("text", description)), [tensor], step)


def audio(
    name: str,
    data: Any,
    sample_rate: Any,
    step: Any = None,
    max_outputs: int = 3,
    encoding: str | None = None,
    description: str | None = None,
) -> Any:
    """Write sounds (`tf.summary.audio`).

    **Arguments:**
    - `name`: their name; name scopes come before it.
    - `data`: float32 `[k, t, c]`, from -1 to 1.
    - `sample_rate`: samples a second.
    - `step`: their step; by default the one set.
    - `max_outputs`: at most so many of the `k`.
    - `encoding`: `wav`, which is the default.
    - `description`: Markdown that TensorBoard shows.

    **Returns:** whether it was written, a scalar bool tensor.

    **Raises:** `ValueError` for another encoding or rank.
    """
    if encoding not in (None, "wav"):
        raise ValueError(f"Unknown encoding: {encoding!r}. Use 'wav'.")
    if state.writer is None:
        return convert(False)
    tensor = convert(data)
    if tensor.shape.rank not in (None, 3):
        raise ValueError(f"Tensor must have rank 3.  Received rank {tensor.shape.rank}, shape {tuple(tensor.shape)}")
    tag = _tag(name)

    def make(value: Any, rate: Any) -> Any:
        sounds = np.asarray(value, np.float32)[: int(max_outputs)]
        pairs = np.empty((len(sounds), 2), object)
        for place, sound in enumerate(sounds):
            pairs[place] = [_wav(sound, int(rate)), b""]
        return summary_of(tag, pairs, _metadata("audio", description, b"\x10\x0b"))

    return record(make, [tensor, sample_rate], step)


def _wav(samples: Any, rate: int) -> bytes:
    channels = samples.shape[1]
    numbers = np.clip(np.round(samples.astype(np.float64) * 32768.0), -32768, 32767).astype("<i2").tobytes()
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(numbers)) + numbers
    return b"RIFF" + struct.pack("<I", len(body)) + body
