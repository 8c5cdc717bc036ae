"""Signals cut into frames, frames added up to signals, and the windows that frames are multiplied by (`tf.signal`)."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._creation import ones
from functape._api._cumulative import cumsum
from functape._api._elementwise import bessel_i0e, exp, sqrt
from functape._api._joining import concat
from functape._api._shaping import pad, reshape, reverse
from functape._api._static import array_of, as_axis, invalid, operand
from functape._core._arrange import arrange
from functape._core._cast import cast
from functape._core._convert import convert
from functape._core._known import read
from functape._engine._dtypes import DType, as_dtype, bool_, float32, int32
from functape._engine._recorder import record
from functape._ops import _framing as rows


def scalar(value: Any, name: str) -> Any:
    """A static number.

    **Raises:** `ValueError` if it is no scalar.
    """
    if value.__class__ is int:
        return value
    known = array_of(value)
    if known.ndim:
        raise ValueError(f"The argument `{name}` of shape {known.shape} must have rank 0")
    return known.item()


def length_of(value: Any, name: str, least: int, op: str) -> int:
    """A static number of samples.

    **Raises:** `ValueError` if it is no scalar; `InvalidArgumentError` if it is no integer, or less than `least`.
    """
    number = scalar(value, name)
    if number.__class__ is not int or number < least:
        raise invalid(f"The argument `{name}` must be an integer of at least {least} [Op:{op}]. Received: {value!r}")
    return number


def ranked(value: Any, least: int) -> Any:
    """A tensor of at least `least` axes.

    **Raises:** `ValueError` if it has fewer.
    """
    tensor = operand(value)
    if tensor.aval.ndim < least:
        raise ValueError(f"Shape {tensor.aval.shape} must have rank at least {least}")
    return tensor


def frame(
    signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: Any = -1,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Frames of a signal, which may overlap (`tf.signal.frame`).

    **Arguments:**
    - `signal`: a tensor `[..., samples, ...]`.
    - `frame_length`: samples in a frame.
    - `frame_step`: samples from one frame's beginning to the next one's.
    - `pad_end`: whether frames may reach beyond the end.
    - `pad_value`: what stands there.
    - `axis`: the axis of the samples.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., frames, frame_length, ...]`.

    **Raises:** `ValueError` for a scalar signal or lengths that are no scalars; `InvalidArgumentError` for others that
    make no sense; `IndexError` if there is no such axis.

    ```python
    >>> import functape as tf
    >>> tf.signal.frame([1, 2, 3, 4, 5], 3, 2).numpy()
    array([[1, 2, 3],
           [3, 4, 5]], dtype=int32)

    ```
    """
    samples = ranked(signal, 1)
    length, step = length_of(frame_length, "frame_length", 0, "Frame"), length_of(frame_step, "frame_step", 1, "Frame")
    place = as_axis(scalar(axis, "axis"), samples.aval.ndim, "Frame", IndexError)
    there = samples.aval.shape[place]
    if not pad_end:
        return arrange(rows.FRAME, (length, step, max(0, 1 + (there - length) // step), place), (samples,))
    filling = convert(pad_value, samples.aval.dtype)
    if filling.aval.ndim:
        raise ValueError(f"`pad_value` of shape {filling.aval.shape} must have rank 0")
    count = -(-there // step)
    margins = [(0, 0)] * samples.aval.ndim
    margins[place] = (0, max(0, length + step * (count - 1) - there))
    if margins[place][1]:
        samples = pad(samples, margins, constant_values=filling)
    return arrange(rows.FRAME, (length, step, count, place), (samples,))


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Any:
    """The sum of frames that overlap (`tf.signal.overlap_and_add`).

    **Arguments:**
    - `signal`: a tensor `[..., frames, frame_length]`.
    - `frame_step`: samples from one frame's beginning to the next one's.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., frame_length + (frames - 1) * frame_step]`.

    **Raises:** `ValueError` for fewer than two axes or a step that is no integer; `InvalidArgumentError` for one
    below 1.

    ```python
    >>> import functape as tf
    >>> tf.signal.overlap_and_add([[1, 1, 1], [2, 2, 2]], 2).numpy()
    array([1, 1, 3, 2, 2], dtype=int32)

    ```
    """
    frames = ranked(signal, 2)
    step = scalar(frame_step, "frame_step")
    if step.__class__ is not int:
        raise ValueError(f"frame_step must be an integer. Got {frame_step!r}")
    *batch, count, length = frames.aval.shape
    if step == length:
        return reshape(frames, (*batch, count * length))
    return record(rows.OVERLAP_AND_ADD, (length_of(step, "frame_step", 1, "OverlapAndAdd"),), (frames,))


def window_length_of(window_length: Any, dtype: Any, least: int = 0) -> tuple[int, DType]:
    """A window's length and dtype.

    **Raises:** `ValueError` if the dtype is not floating or the length is no scalar; `TypeError` if it is no integer;
    `InvalidArgumentError` if it is below `least`.
    """
    wanted = as_dtype(dtype)
    if not wanted.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {wanted!r}")
    if window_length.__class__ is not int:
        window_length = scalar(read(convert(window_length, int32)), "window_length")
    return length_of(window_length, "window_length", least, "Window"), wanted


def hann_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Any:
    """A window of one period of a raised cosine (`tf.signal.hann_window`).

    **Arguments:**
    - `window_length`: how many elements.
    - `periodic`: whether the next element would be the first again, where `window_length` is even, as suits Fourier
      transforms; or else the last one is equal to the first.
    - `dtype`: a floating dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another dtype; `TypeError` or `InvalidArgumentError` for a length that makes no sense.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.hann_window(4).numpy())
    [0.  0.5 1.  0.5]

    ```
    """
    return _raised_cosine(window_length, periodic, dtype, 0.5)


def hamming_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Any:
    """A window of one period of a cosine, raised a little more (`tf.signal.hamming_window`).

    **Arguments:**
    - `window_length`, `periodic`, `dtype`: as for `hann_window`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** as `hann_window`.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.hamming_window(4).numpy())
    [0.08 0.54 1.   0.54]

    ```
    """
    return _raised_cosine(window_length, periodic, dtype, 0.54)


def _raised_cosine(window_length: Any, periodic: Any, dtype: Any, mean: float) -> Any:
    length, wanted = window_length_of(window_length, dtype)
    repeats = bool(scalar(convert(periodic, bool_), "periodic"))
    return record(rows.RAISED_COSINE, (length, repeats, mean, wanted.as_numpy_dtype), ())


def kaiser_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None) -> Any:
    """Kaiser's window (`tf.signal.kaiser_window`).

    **Arguments:**
    - `window_length`: how many elements.
    - `beta`: how narrow it is; a tensor, which may be differentiated for.
    - `dtype`: a floating dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** as `hann_window`.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.kaiser_window(3, beta=2.0).numpy().round(3))
    [0.439 1.    0.439]

    ```
    """
    length, wanted = window_length_of(window_length, dtype, 1)
    if length == 1:
        return ones([1], wanted)
    width = cast(beta, wanted)
    height = width * record(rows.HALF_CIRCLE, (length, wanted.as_numpy_dtype), ())
    return exp(height - width) * (bessel_i0e(height) / bessel_i0e(width))


def kaiser_bessel_derived_window(
    window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None
) -> Any:
    """The running sum of Kaiser's window, up and down, as `mdct` needs it (`tf.signal.kaiser_bessel_derived_window`).

    **Arguments:**
    - `window_length`: how many elements; an even number.
    - `beta`, `dtype`: as for `kaiser_window`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** as `hann_window`.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.kaiser_bessel_derived_window(4, beta=0.0).numpy().round(3))
    [0.577 0.816 0.816 0.577]

    ```
    """
    length, wanted = window_length_of(window_length, dtype)
    total = cumsum(kaiser_window(length // 2 + 1, beta, wanted))
    half = sqrt(total[:-1] / total[-1])
    return concat([half, reverse(half, [0])], 0)


def vorbis_window(window_length: Any, dtype: Any = float32, name: str | None = None) -> Any:
    """The window of the Vorbis codec, whose overlapping squares add up to one (`tf.signal.vorbis_window`).

    **Arguments:**
    - `window_length`: how many elements.
    - `dtype`: a floating dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** as `hann_window`.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.vorbis_window(4).numpy().round(3))
    [0.228 0.974 0.974 0.228]

    ```
    """
    length, wanted = window_length_of(window_length, dtype)
    return record(rows.VORBIS, (length, wanted.as_numpy_dtype), ())


def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Any = hann_window, name: str | None = None) -> Any:
    """A window for `inverse_stft`, so that it is the inverse of `stft` (`tf.signal.inverse_stft_window_fn`).

    **Arguments:**
    - `frame_step`: that of the transform.
    - `forward_window_fn`: its window: a function `(length, dtype=...)`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a function `(frame_length, dtype)` that returns the window: after Griffin and Lim, *Signal Estimation
    from Modified Short-Time Fourier Transform*, equation 7.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.inverse_stft_window_fn(2)(4, tf.float32).numpy())
    [0. 1. 1. 1.]

    ```
    """

    def inverse_stft_window_fn_inner(frame_length: Any, dtype: Any) -> Any:
        length = length_of(frame_length, "frame_length", 1, "InverseStftWindow")
        step = length_of(frame_step, "frame_step", 1, "InverseStftWindow")
        window = operand(forward_window_fn(convert(np.int32(length)), dtype=dtype))
        return record(rows.COMPLEMENTARY_WINDOW, (step,), (window,))

    return inverse_stft_window_fn_inner
