"""Fourier transforms, windows and frames. Complex numbers come and go as pairs of real and imaginary parts."""

from __future__ import annotations

import math
from typing import Any

from functape._api._creation import ones, range
from functape._api._elementwise import abs, cos, imag, real, square
from functape._api._elementwise import complex as complex_number
from functape._api._reductions import reduce_sum
from functape._api._shaping import pad, reshape, tile
from functape._api._static import as_int
from functape._core._cast import cast
from functape.keras._configuration import floatx
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, floats, tensor
from functape.signal import (
    fft,
    fft2d,
    frame,
    hamming_window,
    hann_window,
    ifft2d,
    irfft,
    kaiser_window,
    overlap_and_add,
    rfft,
)


def _joined(x: Any) -> Any:
    if not isinstance(x, list | tuple) or len(x) != 2:
        raise ValueError(f"Input `x` should be a tuple of two tensors - real and imaginary. Received: x={x}")
    first, second = common(x, float)
    if first.shape != second.shape:
        raise ValueError(
            "Input `x` should be a tuple of two tensors of one shape. Received: "
            f"x[0].shape={first.shape}, x[1].shape={second.shape}"
        )
    return complex_number(first, second)


def _parted(x: Any) -> tuple[Any, Any]:
    return real(x), imag(x)


def _of_pairs(transform: Any) -> Any:
    return lambda x: _parted(transform(_joined(x)))


def _lengths(fft_length: Any) -> Any:
    return None if fft_length is None else [fft_length]


def _frames(x: Any, length: int, stride: int) -> Any:
    return frame(tensor(x), length, stride)


def _window(window: Any, length: int, fft_length: int, dtype: Any) -> Any:
    """The window as long as the transform, in its middle; None without one."""
    if window is None:
        return None
    if isinstance(window, str):
        if window not in ("hann", "hamming"):
            raise ValueError(
                f"If a string is passed to `window`, it must be one of 'hann', 'hamming'. Received: {window}"
            )
        made = (hann_window if window == "hann" else hamming_window)(length, dtype=dtype)
    else:
        made = tensor(window, dtype)
        if made.aval.shape != (length,):
            raise ValueError(f"The shape of `window` must be equal to [sequence_length]. Received: {made.shape}")
    left = (fft_length - length) // 2
    return pad(made, [[left, fft_length - length - left]])


def _short_time(x: Any, length: int, stride: int, fft_length: int, window: Any, center: bool) -> Any:
    _check_lengths(length, stride, fft_length)
    given = floats(x)
    if center:
        given = pad(given, [[0, 0]] * (given.aval.ndim - 1) + [[fft_length // 2] * 2], "reflect")
    shape = _window(window, length, fft_length, given.aval.dtype)
    frames = frame(given, fft_length, stride)
    return _parted(rfft(frames if shape is None else frames * shape, [fft_length]))


def _check_lengths(length: int, stride: int, fft_length: int) -> None:
    if fft_length < length:
        raise ValueError(
            f"`fft_length` must equal or larger than `sequence_length`. Received: sequence_length={length}, "
            f"fft_length={fft_length}"
        )


def _overlapped(x: Any, length: int, stride: int, fft_length: int, samples: Any, window: Any, center: bool) -> Any:
    _check_lengths(length, stride, fft_length)
    frames = irfft(_joined(x), [fft_length])
    shape = _window(window, length, fft_length, frames.aval.dtype)
    if shape is not None:
        frames = frames * (shape / _overlap(shape, fft_length, stride))
    made = overlap_and_add(frames, stride)
    begin = fft_length // 2 if center else 0
    if samples is not None:
        return made[..., begin : begin + as_int(samples, "length")]
    return made[..., begin : -(fft_length // 2)] if center else made


def _overlap(window: Any, length: int, stride: int) -> Any:
    """At each place of a window, the sum of the squares of all windows that lie over it."""
    count = -(-length // stride)
    squares = pad(square(window), [[0, count * stride - length]])
    summed = reduce_sum(reshape(squares, [count, stride]), 0)
    return tile(summed, [count])[:length]


def _triangle(x: Any) -> Any:
    count = as_int(tensor(x, "int32"), "x")
    if count <= 1:
        return ones([count], floatx())
    numbers = cast(range(count), floatx())
    half = (count - 1) / 2
    return 1.0 - abs(numbers - half) / half


def _cosines(x: Any) -> Any:
    count = as_int(tensor(x, "int32"), "x")
    if count <= 1:
        return ones([count], floatx())
    turn = cast(range(count), floatx()) * (2 * math.pi / (count - 1))
    return 0.42 - 0.5 * cos(turn) + 0.08 * cos(2.0 * turn)


def _named(window: Any) -> Any:
    return lambda x: window(tensor(x, "int32"), periodic=False)


_TRANSFORMS: Rows = {
    "fft": ("The Fourier transform", _of_pairs(fft)),
    "fft2": ("The Fourier transform over two axes", _of_pairs(fft2d)),
    "ifft2": ("The inverse Fourier transform over two axes", _of_pairs(ifft2d)),
    "rfft": (
        "The Fourier transform of real numbers",
        lambda x, fft_length=None: _parted(rfft(tensor(x, "float32"), _lengths(fft_length))),
    ),
    "irfft": (
        "The inverse Fourier transform to real numbers",
        lambda x, fft_length=None: irfft(_joined(x), _lengths(fft_length)),
    ),
    "stft": (
        "The Fourier transforms of overlapping frames",
        lambda x, sequence_length, sequence_stride, fft_length, window="hann", center=True: _short_time(
            x, sequence_length, sequence_stride, fft_length, window, center
        ),
    ),
    "istft": (
        "The signal of the Fourier transforms of its frames",
        lambda x, sequence_length, sequence_stride, fft_length, length=None, window="hann", center=True: _overlapped(
            x, sequence_length, sequence_stride, fft_length, length, window, center
        ),
    ),
    "extract_sequences": (
        "Overlapping frames",
        lambda x, sequence_length, sequence_stride: _frames(x, sequence_length, sequence_stride),
    ),
}

_WINDOWS: Rows = {
    "bartlett": ("The triangular window", lambda x: _triangle(x)),
    "blackman": ("Blackman's window", lambda x: _cosines(x)),
    "hamming": ("Hamming's window", _named(hamming_window)),
    "hanning": ("Hann's window", _named(hann_window)),
    "kaiser": ("Kaiser's window", lambda x, beta: kaiser_window(tensor(x, "int32"), beta)),
}

FUNCTIONS = described(_TRANSFORMS | _WINDOWS)
