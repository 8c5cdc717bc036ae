"""`tf.signal` against TensorFlow, and against NumPy where TensorFlow has no kernel for processors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import assert_same_outcome
from oracle import Case, check, check_raises, check_signature, each

import functape

_draw = np.random.default_rng(0)
SUMS = {"loosen": 30, "because": "the rounding of sums of terms that cancel, in another order"}
NAMED = ("fftnd", "ifftnd", "rfftnd", "irfftnd")
"""For graphics processors only, in TensorFlow."""


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape)


def complexes(*shape: int) -> np.ndarray[Any, Any]:
    return floats(*shape) + 1j * floats(*shape)


def calls(name: str, *arguments: Any, **named: Any) -> Any:
    return lambda tf, x: getattr(tf.signal, name)(x, *arguments, **named)


FOURIER = [
    *(
        Case(f"{name} {dtype}", calls(name), (complexes(2, 3, 4, 5).astype(dtype),), gradients, **SUMS)
        for dtype, gradients in (("complex128", 2), ("complex64", 0))
        for name in ("fft", "fft2d", "fft3d", "ifft", "ifft2d", "ifft3d", "irfft", "irfft2d", "irfft3d")
    ),
    *(
        Case(f"{name} {dtype}", calls(name), (floats(2, 3, 4, 5).astype(dtype),), gradients, **SUMS)
        for dtype, gradients in (("float64", 2), ("float32", 0))
        for name in ("rfft", "rfft2d", "rfft3d")
    ),
    *(Case(f"rfft {n}", calls("rfft", [n]), (floats(2, 5),), 2 * (n >= 5), **SUMS) for n in (1, 2, 4, 5, 6, 8)),
    *(Case(f"irfft {n}", calls("irfft", [n]), (complexes(2, 5),), 2 * (n >= 8), **SUMS) for n in (1, 2, 7, 8, 9, 12)),
    Case("rfft of an even length", calls("rfft"), (floats(3, 8),), **SUMS),
    Case("rfft of one", calls("rfft"), (floats(3, 1),), 0),
    Case("rfft2d cut and filled up", calls("rfft2d", [2, 8]), (floats(2, 3, 4),), 0, **SUMS),
    Case("rfft2d filled up", calls("rfft2d", (5, 8)), (floats(3, 4),), **SUMS),
    Case("irfft2d cut and filled up", calls("irfft2d", [5, 4]), (complexes(2, 3, 4),), 0, **SUMS),
    Case("irfft2d of an odd length", calls("irfft2d", [3, 7]), (complexes(3, 4),), **SUMS),
    Case("rfft3d cut", calls("rfft3d", [2, 2, 3]), (floats(3, 3, 4),), 0, **SUMS),
    Case("a length in a tensor", lambda tf, x: tf.signal.rfft(x, [tf.shape(x)[-1] + 3]), (floats(5),), **SUMS),
    Case("a list for fft", lambda tf: tf.signal.fft([1.0, 2.0, 4.0])),
    Case("a list for rfft", lambda tf: tf.signal.rfft([1, 2, 3])),
    Case("nothing", lambda tf: [tf.signal.fft(tf.zeros([0, 3], tf.complex64)), tf.signal.rfft(tf.zeros([0, 4]))]),
    Case("no length", lambda tf: [tf.signal.rfft(tf.zeros([0])), tf.signal.irfft(tf.zeros([2, 0], tf.complex64))]),
    Case(
        "a spectrum in a loss",
        lambda tf, x: tf.reduce_sum(tf.abs(tf.signal.rfft(x)) ** 2 * tf.math.real(tf.signal.rfft(x * x))),
        (floats(6),), **SUMS,
    ),
    *(
        Case(f"{name} {axes}", calls(name, axes), (floats(3, 4),))
        for name in ("fftshift", "ifftshift")
        for axes in (None, 0, -1, (0, 1), [-1])
    ),
    Case("fftshift of words", lambda tf: tf.signal.fftshift(["a", "b", "c"]), gradients=0),
]  # fmt: skip

FRAMES = [
    *(
        Case(
            f"frame {length} {step} {pad}",
            calls("frame", length, step, pad_end=pad, pad_value=7.0),
            (floats(2, 8),),
            0 if length == 9 and not pad else 2,
        )
        for length, step in ((3, 2), (3, 1), (9, 1), (2, 3), (8, 8), (1, 1), (6, 3))
        for pad in (False, True)
    ),
    Case("frames of an axis", lambda tf, x: tf.signal.frame(x, 3, 2, axis=-2, pad_end=True), (floats(2, 8, 2),)),
    Case("frames of nothing", lambda tf: [tf.signal.frame(tf.zeros([0]), 3, 2, each) for each in (False, True)]),
    Case("frames of length 0", lambda tf: [tf.signal.frame(tf.zeros([8]), 0, 1, each) for each in (False, True)]),
    Case("frames of words", lambda tf: tf.signal.frame(["a", "b", "c"], 2, 1)),
    Case("frames of bools", lambda tf: tf.signal.frame([True, False, True], 2, 1)),
    Case("lengths in tensors", lambda tf, x: tf.signal.frame(x, tf.constant(3), tf.constant(2)), (floats(8),)),
    *(Case(f"overlap {step}", calls("overlap_and_add", step), (floats(2, 3, 4),)) for step in (1, 2, 3, 4, 9)),
    Case("overlap of ints", lambda tf: tf.signal.overlap_and_add([[1, 2], [3, 4]], 1)),
    Case("overlap of nothing", lambda tf: tf.signal.overlap_and_add(tf.zeros([0, 3]), 1)),
]


def windows(name: str, sizes: tuple[int, ...], *arguments: Any, **named: Any) -> Any:
    return lambda tf: [getattr(tf.signal, name)(n, *arguments, dtype=tf.float64, **named) for n in sizes]


DERIVED = {"loosen": 100, "because": "TensorFlow's Bessel function has an error of 1e-14"}
WINDOWS = [
    Case("hann", windows("hann_window", (0, 1, 2, 5, 8, 33))),
    Case("hann symmetric", windows("hann_window", (1, 2, 5, 8), False)),
    Case("hann, a tensor", lambda tf: tf.signal.hann_window(tf.constant(6), periodic=tf.constant(False))),
    Case("hann half", lambda tf: tf.signal.hann_window(6, dtype=tf.float16)),
    Case("hann bfloat16", lambda tf: tf.signal.hann_window(6, dtype=tf.bfloat16)),
    Case("hamming", windows("hamming_window", (0, 1, 2, 5, 8))),
    Case("vorbis", windows("vorbis_window", (0, 1, 2, 5, 8))),
    Case("kaiser", windows("kaiser_window", (1, 2, 5, 8)), **DERIVED),
    Case("kaiser, an int", windows("kaiser_window", (4, 5), 3), **DERIVED),
    Case("kaiser, gradients", lambda tf, b: tf.signal.kaiser_window(5, b, tf.float64), (np.float64(3.0),), **DERIVED),
    Case("derived", windows("kaiser_bessel_derived_window", (0, 2, 5, 8)), **DERIVED),
    Case(
        "inverse",
        lambda tf: [
            tf.signal.inverse_stft_window_fn(step, window)(9, tf.float64)
            for step in (1, 3, 4, 12)
            for window in (tf.signal.hann_window, tf.signal.hamming_window)
        ],
    ),
    Case(
        "inverse of a window with parameters",
        lambda tf, w: tf.signal.inverse_stft_window_fn(3, lambda n, dtype: w * tf.ones([n], dtype))(8, tf.float64),
        (floats(8),), **SUMS,
    ),
]  # fmt: skip

SPECTRA = [
    *(
        Case(f"dct {kind} {n} {norm}", calls("dct", kind, n, norm=norm), (floats(2, 6),), **SUMS)
        for kind in (1, 2, 3, 4)
        for n, norm in ((None, None), (None, "ortho"), (4, None), (9, "ortho"))
        if kind > 1 or norm is None
    ),
    *(Case(f"idct {kind}", calls("idct", kind, norm=None), (floats(2, 5),), **SUMS) for kind in (1, 2, 3, 4)),
    Case("dct of float32", calls("dct"), (floats(6).astype("float32"),), 0, **SUMS),
    Case("dct of one", calls("dct"), (floats(3, 1),), **SUMS),
    Case("dct of nothing", lambda tf: tf.signal.dct(tf.zeros([0]))),
    Case("stft", calls("stft", 8, 3), (floats(2, 30),), **SUMS),
    Case("stft of the whole", calls("stft", 6, 2, pad_end=True, window_fn=None), (floats(20),), **SUMS),
    Case("stft, cut", calls("stft", 8, 4, 5), (floats(30),), 0, **SUMS),
    Case("stft of one", calls("stft", 1, 1), (floats(4),), 0),
    Case("stft of float32", calls("stft", 8, 3), (floats(2, 30).astype("float32"),), 0, **SUMS),
    Case("inverse_stft", calls("inverse_stft", 8, 3), (complexes(2, 4, 5),), **SUMS),
    Case("inverse_stft, cut", calls("inverse_stft", 6, 2, window_fn=None), (complexes(4, 5),), **SUMS),
    Case("inverse_stft, filled up", calls("inverse_stft", 10, 5, 8), (complexes(4, 5),), **SUMS),
    Case(
        "there and back",
        lambda tf, x: tf.signal.inverse_stft(
            tf.signal.stft(x, 8, 2), 8, 2, window_fn=tf.signal.inverse_stft_window_fn(2)
        ),
        (floats(30),), **SUMS,
    ),
    *(Case(f"mdct {norm}", calls("mdct", 8, norm=norm), (floats(2, 30),), **SUMS) for norm in (None, "ortho")),
    Case("mdct of the whole", calls("mdct", 4, window_fn=None, pad_end=True), (floats(11),), **SUMS),
    *(Case(f"inverse_mdct {norm}", calls("inverse_mdct", norm=norm), (floats(3, 4),), **SUMS)
      for norm in (None, "ortho")),
    Case(
        "inverse_mdct with another window", calls("inverse_mdct", lambda n, dtype: 0.5), (floats(3, 4),), **SUMS
    ),
    Case("inverse_mdct without one", calls("inverse_mdct", None), (floats(3, 4),), **SUMS),
    Case("mfcc", calls("mfccs_from_log_mel_spectrograms"), (floats(3, 7),), **SUMS),
    Case("mel", lambda tf: tf.signal.linear_to_mel_weight_matrix(dtype=tf.float64), **SUMS),
    Case(
        "mel in float32", lambda tf: tf.signal.linear_to_mel_weight_matrix(8, 33, 16000.0, 20, 7600.0),
        loosen=300, because="differences of pitches cancel",
    ),
    Case("mel of a tensor", lambda tf: tf.signal.linear_to_mel_weight_matrix(
        sample_rate=tf.constant(8000), num_spectrogram_bins=tf.constant(9), dtype=tf.float64), **SUMS),
    Case("mel of one bin", lambda tf: tf.signal.linear_to_mel_weight_matrix(num_spectrogram_bins=1)),
    Case(
        "speech",
        lambda tf, x: tf.signal.mfccs_from_log_mel_spectrograms(
            tf.math.log(
                tf.matmul(
                    tf.abs(tf.signal.stft(x, 32, 16)),
                    tf.signal.linear_to_mel_weight_matrix(5, 17, 8000, 80.0, 3600.0, tf.float64),
                ) + 1e-3
            )
        ),
        (floats(2, 200),), gradients=1, **SUMS,
    ),
]  # fmt: skip


@each(FOURIER)
def test_fourier(case: Case):
    check(case)


@each([*FRAMES, *WINDOWS])
def test_frames(case: Case):
    check(case)


@each(SPECTRA)
def test_spectra(case: Case):
    check(case)


ERRORS = [
    Case("fft of floats", lambda tf: tf.signal.fft(tf.constant([1.0]))),
    Case("fft of a scalar", lambda tf: tf.signal.fft(tf.constant(1j))),
    Case("fft2d of a vector", lambda tf: tf.signal.fft2d(tf.constant([1j]))),
    Case("rfft of ints", lambda tf: tf.signal.rfft(tf.constant([1]))),
    Case("rfft of a scalar", lambda tf: tf.signal.rfft(1.0)),
    Case("rfft2d of a vector", lambda tf: tf.signal.rfft2d([1.0])),
    Case("irfft of floats", lambda tf: tf.signal.irfft(tf.constant([1.0]))),
    Case("a negative length", lambda tf: tf.signal.rfft([1.0], [-1])),
    Case("two lengths", lambda tf: tf.signal.rfft([1.0], [4, 4])),
    Case("a length that is no list", lambda tf: tf.signal.rfft([1.0], 4)),
    Case("a length that is no integer", lambda tf: tf.signal.rfft([1.0], [4.0])),
    Case("lengths of int64", lambda tf: tf.signal.rfft([1.0], tf.constant([4], tf.int64))),
    Case("fftshift of no axis", lambda tf: tf.signal.fftshift([[1.0]], 3)),
    Case("fftshift of a scalar", lambda tf: tf.signal.fftshift(1.0)),
    Case("fftshift, an axis that is none", lambda tf: tf.signal.fftshift([1.0], 1.5)),
    Case("fftnd of floats", lambda tf: tf.signal.fftnd(tf.constant([1.0]))),
    Case("irfftnd of floats", lambda tf: tf.signal.irfftnd(tf.constant([1.0]))),
    Case("frame of a scalar", lambda tf: tf.signal.frame(1.0, 3, 2)),
    Case("frame, a list", lambda tf: tf.signal.frame([1.0], [3], 2)),
    Case("frame, a float", lambda tf: tf.signal.frame([1.0], 3.0, 2)),
    Case("frame, no step", lambda tf: tf.signal.frame([1.0], 3, 0)),
    Case("frame, a negative length", lambda tf: tf.signal.frame([1.0], -1, 2)),
    Case("frame, no axis", lambda tf: tf.signal.frame([1.0], 3, 2, axis=5)),
    Case("frame, a vector for filling up", lambda tf: tf.signal.frame([1.0], 3, 2, True, [1.0])),
    Case("frame, a float between ints", lambda tf: tf.signal.frame([1, 2, 3], 2, 2, True, 1.5)),
    Case("overlap of a vector", lambda tf: tf.signal.overlap_and_add([1.0], 1)),
    Case("overlap, no step", lambda tf: tf.signal.overlap_and_add([[1.0, 2.0]], 0)),
    Case("overlap, a float", lambda tf: tf.signal.overlap_and_add([[1.0, 2.0]], 1.0)),
    Case("hann of ints", lambda tf: tf.signal.hann_window(4, dtype=tf.int32)),
    Case("hann, a float", lambda tf: tf.signal.hann_window(2.5)),
    Case("hann, a list", lambda tf: tf.signal.hann_window([3])),
    Case("hann, negative", lambda tf: tf.signal.hann_window(-1)),
    Case("hann, periodic is no bool", lambda tf: tf.signal.hann_window(4, periodic=0)),
    Case("kaiser, nothing", lambda tf: tf.signal.kaiser_window(0)),
    Case("dct 5", lambda tf: tf.signal.dct(tf.ones([3]), 5)),
    Case("dct, an axis", lambda tf: tf.signal.dct(tf.ones([3]), axis=0)),
    Case("dct, no length", lambda tf: tf.signal.dct(tf.ones([3]), n=0)),
    Case("dct, a norm", lambda tf: tf.signal.dct(tf.ones([3]), norm="x")),
    Case("dct 1 ortho", lambda tf: tf.signal.dct(tf.ones([3]), 1, norm="ortho")),
    Case("dct 1 of one", lambda tf: tf.signal.dct(tf.ones([1]), 1)),
    Case("dct of ints", lambda tf: tf.signal.dct(tf.constant([1, 2]))),
    Case("dct of half", lambda tf: tf.signal.dct(tf.ones([3], tf.float16))),
    Case("dct of a scalar", lambda tf: tf.signal.dct(1.0)),
    Case("stft of ints", lambda tf: tf.signal.stft(tf.constant([1, 2, 3]), 2, 1)),
    Case("stft of a scalar", lambda tf: tf.signal.stft(1.0, 2, 1)),
    Case("stft, a float", lambda tf: tf.signal.stft(tf.ones([8]), 2.0, 1)),
    Case("inverse_stft of floats", lambda tf: tf.signal.inverse_stft(tf.ones([2, 3]), 4, 1)),
    Case("inverse_stft of a vector", lambda tf: tf.signal.inverse_stft(tf.ones([3], tf.complex64), 4, 1)),
    Case("mdct of 6", lambda tf: tf.signal.mdct(tf.ones([8]), 6)),
    Case("mdct, a norm", lambda tf: tf.signal.mdct(tf.ones([8]), 4, norm="q")),
    Case("inverse_mdct, odd", lambda tf: tf.signal.inverse_mdct(tf.ones([2, 3]))),
    Case("mel, no bands", lambda tf: tf.signal.linear_to_mel_weight_matrix(0)),
    Case("mel, no rate", lambda tf: tf.signal.linear_to_mel_weight_matrix(sample_rate=0)),
    Case("mel, below zero", lambda tf: tf.signal.linear_to_mel_weight_matrix(lower_edge_hertz=-1.0)),
    Case("mel, edges", lambda tf: tf.signal.linear_to_mel_weight_matrix(lower_edge_hertz=3900.0)),
    Case("mel, too high", lambda tf: tf.signal.linear_to_mel_weight_matrix(upper_edge_hertz=5000.0)),
    Case("mel, a low rate", lambda tf: tf.signal.linear_to_mel_weight_matrix(sample_rate=tf.constant(100))),
    Case("mel of ints", lambda tf: tf.signal.linear_to_mel_weight_matrix(dtype=tf.int32)),
    Case("mel, half a band", lambda tf: tf.signal.linear_to_mel_weight_matrix(2.5)),
    Case("mfcc of nothing", lambda tf: tf.signal.mfccs_from_log_mel_spectrograms(tf.zeros([2, 0]))),
    Case("mfcc of a scalar", lambda tf: tf.signal.mfccs_from_log_mel_spectrograms(1.0)),
]


@each(ERRORS)
def test_errors(case: Case):
    check_raises(case)


@pytest.mark.parametrize("name", functape.signal.__all__)
def test_signature(name: str):
    check_signature(getattr(tensorflow.signal, name), getattr(functape.signal, name))


def test_every_name_is_there():
    theirs = {name for name in dir(tensorflow.signal) if not name.startswith("_")}
    assert theirs == set(functape.signal.__all__)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize(
    ("lengths", "axes", "norm"),
    [(None, None, None), ([5], [0], "ortho"), ([2, 6], [1, 2], "forward"), ([4, 3], [-1, 0], "backward")],
)
def test_axes_by_name(name: str, lengths: Any, axes: Any, norm: Any):
    x = floats(3, 4, 5) if name == "rfftnd" else complexes(3, 4, 5)
    wanted = getattr(np.fft, name.replace("nd", "n"))(x, lengths, axes, norm)
    for function in (getattr(functape.signal, name), getattr(functape, name)):
        np.testing.assert_allclose(
            function(functape.constant(x), lengths, axes, norm).numpy(), wanted, rtol=1e-12, atol=1e-13
        )


def test_axes_by_name_take_four_axes_and_have_gradients():
    x = functape.constant(complexes(2, 2, 3, 2))
    np.testing.assert_allclose(functape.fftnd(x).numpy(), np.fft.fftn(x.numpy()), rtol=1e-12, atol=1e-13)
    with functape.GradientTape(persistent=True) as tape:
        tape.watch(x)
        ours, theirs = functape.fftnd(x, axes=[3]), functape.signal.fft(x)
    weights = functape.constant(complexes(2, 2, 3, 2))
    one, two = (tape.gradient(each, x, weights).numpy() for each in (ours, theirs))
    np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: functape.fftnd([1j, 2j], axes=[0, 0]), functape.errors.InvalidArgumentError),
        (lambda: functape.fftnd([1j, 2j], axes=[1]), functape.errors.InvalidArgumentError),
        (lambda: functape.fftnd([1j, 2j], [2, 2], axes=[0]), functape.errors.InvalidArgumentError),
        (lambda: functape.fftnd([1j, 2j], norm="none"), ValueError),
        (lambda: functape.signal.rfft([1.0], [0]), functape.errors.InvalidArgumentError),
        (lambda: functape.signal.irfft([1j]), functape.errors.InvalidArgumentError),
    ],
)
def test_what_tensorflow_does_not_survive(call: Any, error: type[Exception]):
    with pytest.raises(error):
        call()


def test_a_cut_transform_has_gradients():
    x = floats(6)
    with functape.GradientTape(persistent=True) as tape:
        tensor = functape.constant(x)
        tape.watch(tensor)
        cut, by_hand = functape.signal.rfft(tensor, [4]), functape.signal.rfft(tensor[:4])
    one, two = (tape.gradient(each, tensor).numpy() for each in (cut, by_hand))
    np.testing.assert_allclose(one, two, rtol=1e-12)


def test_in_a_function_and_a_training_step():
    signal = floats(64).astype(np.float32)

    def program(tf: Any) -> Any:
        weights = tf.Variable(tf.ones([17]))

        @tf.function
        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                spectra = tf.signal.stft(x, 32, 16)
                shaped = tf.signal.inverse_stft(
                    spectra * tf.cast(weights, tf.complex64), 32, 16, window_fn=tf.signal.inverse_stft_window_fn(16)
                )
                loss = tf.reduce_mean((shaped - 0.5 * x[: shaped.shape[0]]) ** 2)
            gradient = tape.gradient(loss, weights)
            weights.assign_sub(gradient)
            return loss

        return [step(tf.constant(signal)) for _ in range(3)], tf.convert_to_tensor(weights)

    assert_same_outcome(program, loosen=20)


def test_a_wrong_value_would_be_found():
    wrong = Case(
        "wrong",
        lambda tf, x: tf.signal.rfft(x) * (1 if tf is tensorflow else 1 + 1e-9),
        (floats(8),), 0, **SUMS,
    )  # fmt: skip
    with pytest.raises(AssertionError):
        check(wrong)
    conjugated = Case(
        "conjugated",
        lambda tf, x: tf.signal.fft(x if tf is tensorflow else tf.math.conj(tf.math.conj(x) * 1.0 + 0j)),
        (complexes(4),), 1, **SUMS,
    )  # fmt: skip
    check(conjugated)
