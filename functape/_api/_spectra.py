"""Transforms of signals frame by frame, cosine transforms and bands of pitch (`tf.signal`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from functape._api._fourier import irfft, rfft
from functape._api._frames import frame, hann_window, length_of, overlap_and_add, ranked, scalar, vorbis_window
from functape._api._shaping import pad
from functape._api._static import as_int, invalid, operand
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._core._known import host_array
from functape._engine._dtypes import as_dtype, float32
from functape._engine._recorder import record
from functape._ops import _fourier as transforms
from functape._ops._framing import MEL_WEIGHTS

_INVERSE_TYPES = {1: 1, 2: 3, 3: 2, 4: 4}


def stft(
    signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = hann_window,
    pad_end: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The Fourier transforms of a signal's frames (`tf.signal.stft`).

    **Arguments:**
    - `signals`: a float32 or float64 tensor `[..., samples]`.
    - `frame_length`, `frame_step`, `pad_end`: as for `frame`.
    - `fft_length`: how many elements to transform; the next power of two by default.
    - `window_fn`: what frames are multiplied by: a function `(length, dtype=...)`, or None.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a complex tensor `[..., frames, fft_length // 2 + 1]`.

    **Raises:** `ValueError` for another dtype or a scalar; `InvalidArgumentError` for lengths that make no sense.

    ```python
    >>> import functape as tf
    >>> tf.signal.stft(tf.ones([2, 100]), frame_length=16, frame_step=8).shape
    TensorShape([2, 11, 9])

    ```
    """
    samples = ranked(signals, 1)
    length = _length_tensor(frame_length)
    count = _power_of_two(int(length.numpy())) if fft_length is None else fft_length
    return rfft(_windowed(frame(samples, frame_length, frame_step, pad_end), length, window_fn), [count])


def _length_tensor(value: Any) -> Any:
    """A frame's length as TensorFlow gives it to window functions: a tensor."""
    return convert(np.int32(length_of(value, "frame_length", 0, "Frame")))


def _power_of_two(length: int) -> int:
    return 1 << (length - 1).bit_length() if length else 0


def _windowed(frames: Any, length: Any, window_fn: Any) -> Any:
    return frames if window_fn is None else frames * window_fn(length, dtype=frames.dtype)


def inverse_stft(
    stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = hann_window,
    name: str | None = None,
) -> Any:  # fmt: skip
    """A signal from the Fourier transforms of its frames (`tf.signal.inverse_stft`).

    **Arguments:**
    - `stfts`: a complex tensor `[..., frames, fft_length // 2 + 1]`, as from `stft`.
    - `frame_length`, `frame_step`, `fft_length`: those of `stft`.
    - `window_fn`: what frames are multiplied by before they are added up: a function `(length, dtype=...)` or None.
      `inverse_stft_window_fn` gives the one that makes this the inverse of `stft`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a real tensor `[..., samples]`.

    **Raises:** `ValueError` for another dtype or fewer than two axes; `InvalidArgumentError` for lengths that make no
    sense.

    ```python
    >>> import functape as tf
    >>> signal = tf.sin(tf.range(64.0))
    >>> transforms = tf.signal.stft(signal, 16, 4)
    >>> again = tf.signal.inverse_stft(transforms, 16, 4, window_fn=tf.signal.inverse_stft_window_fn(4))
    >>> print(abs(again - signal).numpy()[12:-12].max() < 1e-5)
    True

    ```
    """
    spectra = ranked(stfts, 2)
    length = _length_tensor(frame_length)
    count = _power_of_two(int(length.numpy())) if fft_length is None else scalar(fft_length, "fft_length")
    frames, wanted = irfft(spectra, [count]), int(length.numpy())
    if count > wanted:
        frames = frames[..., :wanted]
    elif count < wanted:
        frames = pad(frames, [(0, 0)] * (frames.aval.ndim - 1) + [(0, wanted - count)])
    return overlap_and_add(_windowed(frames, length, window_fn), frame_step)


def mdct(
    signals: Any, frame_length: Any, window_fn: Any = vorbis_window, pad_end: bool = False, norm: str | None = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """The modified cosine transforms of a signal's frames, which overlap by half (`tf.signal.mdct`).

    **Arguments:**
    - `signals`: a float32 or float64 tensor `[..., samples]`.
    - `frame_length`: samples in a frame, a multiple of 4.
    - `window_fn`: what frames are multiplied by: a function `(length, dtype=...)`; None for the square root of a half.
    - `pad_end`: whether frames may reach beyond the end, where there are zeros.
    - `norm`: None, or `'ortho'` for an orthonormal transform.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., frames, frame_length // 2]`.

    **Raises:** `ValueError` for a scalar, another length or norm.

    ```python
    >>> import functape as tf
    >>> tf.signal.mdct(tf.ones([100]), 8).shape
    TensorShape([24, 4])

    ```
    """
    samples = ranked(signals, 1)
    length = _length_tensor(frame_length)
    wanted = int(length.numpy())
    if wanted % 4:
        raise ValueError(f"The frame length must be a multiple of 4. Received: frame_length={wanted}")
    frames = frame(samples, wanted, wanted // 2, pad_end)
    scaled = frames * math.sqrt(0.5) if window_fn is None else _windowed(frames, length, window_fn)
    return record(transforms.MODIFIED_COSINE, (_is_ortho(norm),), (scaled,))


def inverse_mdct(mdcts: Any, window_fn: Any = vorbis_window, norm: str | None = None, name: str | None = None) -> Any:
    """A signal from the modified cosine transforms of its frames (`tf.signal.inverse_mdct`).

    **Arguments:**
    - `mdcts`: a float32 or float64 tensor `[..., frames, frame_length // 2]`, as from `mdct`.
    - `window_fn`, `norm`: those of `mdct`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., (frames + 1) * frame_length // 2]`.

    **Raises:** `ValueError` for fewer than two axes or another norm; `InvalidArgumentError` for an odd length.

    ```python
    >>> import functape as tf
    >>> tf.signal.inverse_mdct(tf.ones([24, 4])).shape
    TensorShape([100])

    ```
    """
    spectra = ranked(mdcts, 2)
    half = spectra.aval.shape[-1]
    if half % 2:
        raise invalid(f"The last axis of `mdcts` must have an even length. Received shape {spectra.aval.shape}")
    frames = record(transforms.INVERSE_MODIFIED_COSINE, (_is_ortho(norm),), (spectra,))
    scaled = frames * math.sqrt(0.5) if window_fn is None else _windowed(frames, _length_tensor(2 * half), window_fn)
    return overlap_and_add(scaled, half)


def dct(
    input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Any:
    """The discrete cosine transform over the last axis (`tf.signal.dct`).

    **Arguments:**
    - `input`: a float32 or float64 tensor `[..., samples]`.
    - `type`: 1, 2, 3 or 4.
    - `n`: how many samples to transform: others are cut off, zeros stand for what is not there; all by default.
    - `axis`: -1.
    - `norm`: None, or `'ortho'` for an orthonormal transform, which type 1 does not have.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another type, length or norm; `NotImplementedError` for another axis; `TypeError` for
    another dtype.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.dct([1.0, 1.0], norm="ortho").numpy().round(4))
    [1.4142 0.    ]

    ```
    """
    return _cosine(input, type, n, axis, norm, lambda kind: kind)


def idct(
    input: Any, type: int = 2, n: Any = None, axis: int = -1, norm: str | None = None, name: str | None = None
) -> Any:
    """The inverse of `dct`, for `norm=None` up to the factor `2 n` (`tf.signal.idct`).

    **Arguments:**
    - `input`, `type`, `n`, `axis`, `norm`: as for `dct`, with the type of the transform to undo.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** as `dct`.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.idct(tf.signal.dct([1.0, 2.0], norm="ortho"), norm="ortho").numpy().round(4))
    [1. 2.]

    ```
    """
    return _cosine(input, type, n, axis, norm, _INVERSE_TYPES.__getitem__)


def _cosine(input: Any, kind: Any, n: Any, axis: Any, norm: Any, row: Any) -> Any:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}. Move the axis with tf.transpose.")
    length = None if n is None else as_int(n, "n")
    if length is not None and length < 1:
        raise ValueError(f"n should be a positive integer or None. Received: n={n}")
    if kind not in _INVERSE_TYPES:
        raise ValueError(f"Types I, II, III and IV (I)DCT are supported. Received: type={kind}")
    if kind == 1 and norm == "ortho":
        raise ValueError("Normalization is not supported for the Type-I DCT. Received: norm='ortho'")
    ortho = _is_ortho(norm)
    samples = operand(input)
    if samples.aval.dtype.name not in ("float32", "float64"):
        raise TypeError(f"`input` must be a float32 or float64 tensor. Received dtype {samples.aval.dtype.name}")
    if not samples.aval.ndim:
        raise IndexError("`input` must have an axis. Received a scalar.")
    if kind == 1 and samples.aval.shape[-1] < 2:
        raise ValueError(f"Type-I DCT requires the dimension to be greater than one. Received: {samples.aval.shape}")
    return record(transforms.COSINE, (row(kind), length or samples.aval.shape[-1], ortho), (samples,))


def _is_ortho(norm: Any) -> bool:
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")
    return norm == "ortho"


def mfccs_from_log_mel_spectrograms(log_mel_spectrograms: Any, name: str | None = None) -> Any:
    """Cepstral coefficients from the logarithms of a spectrum by pitch (`tf.signal.mfccs_from_log_mel_spectrograms`).

    **Arguments:**
    - `log_mel_spectrograms`: a float32 or float64 tensor `[..., bands]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of its shape: its cosine transform, scaled as the Hidden Markov Model Toolkit does.

    **Raises:** `ValueError` if there are no bands.

    ```python
    >>> import functape as tf
    >>> print(tf.signal.mfccs_from_log_mel_spectrograms([1.0, 1.0]).numpy().round(4))
    [2. 0.]

    ```
    """
    levels = operand(log_mel_spectrograms)
    if not levels.aval.ndim:
        raise invalid("`log_mel_spectrograms` must have an axis. Received a scalar.")
    bands = levels.aval.shape[-1]
    if not bands:
        raise ValueError(f"num_mel_bins must be positive. Got: {levels}")
    return dct(levels) * math.sqrt(0.5 / bands)


def linear_to_mel_weight_matrix(
    num_mel_bins: Any = 20, num_spectrogram_bins: Any = 129, sample_rate: Any = 8000, lower_edge_hertz: Any = 125.0,
    upper_edge_hertz: Any = 3800.0, dtype: Any = float32, name: str | None = None,
) -> Any:  # fmt: skip
    """A matrix that makes a spectrum by pitch of one by frequency (`tf.signal.linear_to_mel_weight_matrix`).

    **Arguments:**
    - `num_mel_bins`: how many bands of pitch, which are triangles that overlap by half.
    - `num_spectrogram_bins`: how many frequencies, from 0 to half the sample rate.
    - `sample_rate`: samples a second.
    - `lower_edge_hertz`, `upper_edge_hertz`: the frequencies at which the lowest band begins and the highest one ends.
    - `dtype`: a floating dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[num_spectrogram_bins, num_mel_bins]`, to be multiplied with from the right.

    **Raises:** `ValueError` for numbers that make no sense or another dtype.

    ```python
    >>> import functape as tf
    >>> spectra = tf.abs(tf.signal.stft(tf.ones([1000]), 256, 128))
    >>> tf.matmul(spectra, tf.signal.linear_to_mel_weight_matrix(10, 129)).shape
    TensorShape([6, 10])

    ```
    """
    bands, bins = as_int(num_mel_bins, "num_mel_bins"), as_int(num_spectrogram_bins, "num_spectrogram_bins")
    if bands <= 0:
        raise ValueError(f"num_mel_bins must be positive. Got: {bands}")
    if bins < 1:
        raise ValueError(f"num_spectrogram_bins must be positive. Got: {bins}")
    if lower_edge_hertz < 0.0:
        raise ValueError(f"lower_edge_hertz must be non-negative. Got: {lower_edge_hertz}")
    if lower_edge_hertz >= upper_edge_hertz:
        raise ValueError(f"lower_edge_hertz {lower_edge_hertz} >= upper_edge_hertz {upper_edge_hertz}")
    rate = host_array(sample_rate) if is_tensor_like(sample_rate) else sample_rate
    if rate is not None and rate <= 0.0:
        raise ValueError(f"sample_rate must be positive. Got: {sample_rate}")
    if rate is not None and upper_edge_hertz > rate / 2:
        raise ValueError(
            "upper_edge_hertz must not be larger than the Nyquist frequency (sample_rate / 2). "
            f"Got {upper_edge_hertz} for sample_rate: {sample_rate}"
        )
    wanted = as_dtype(dtype)
    if not wanted.is_floating:
        raise ValueError(f"dtype must be a floating point type. Got: {wanted!r}")
    edges = tuple(cast(each, wanted) for each in (sample_rate, lower_edge_hertz, upper_edge_hertz))
    return record(MEL_WEIGHTS, (bands, bins), edges)
