"""The Fourier transforms of `tf.signal`: a row each, under TensorFlow's name."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._functions import dressed
from functape._api._shaping import roll
from functape._api._static import as_axis, as_ints, invalid, operand
from functape._core._convert import convert, is_tensor_like
from functape._core._known import read
from functape._engine._dtypes import DType, complex64, float32, int32
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._ops import _fourier as rows

_SPECTRUM = "`input`: a complex64 or complex128 tensor `[..., {}]`"
_LENGTHS = (
    "- `fft_length`: how many elements to transform along each of these axes, a list of ints or an int32 vector: what "
    "there is more of is cut off, zeros stand for what is not there; {} by default."
)
_AXES = {1: "n", 2: "m, n", 3: "l, m, n"}
_NORMS = (None, "backward", "ortho", "forward")


def _plain(op: Op, name: str, rank: int, purpose: str, printed: str) -> Any:
    def function(input: Any, name: str | None = None) -> Any:
        return record(op, (), (_complex(input),))

    return dressed(
        function, ("input", "name"), name, purpose,
        f"print(tf.signal.{name}({_example(rank, '1.0 + 0.0j')}).numpy().ravel())\n{printed}", "tf.signal",
        [f"- {_SPECTRUM.format(_AXES[rank])}."], "a tensor of its shape and dtype.",
    )  # fmt: skip


def _example(rank: int, element: str) -> str:
    text = f"[{element}, {element}]"
    for _ in range(rank - 1):
        text = f"[{text}]"
    return text


def _given_lengths(fft_length: Any, rank: int, op: str) -> tuple[int, ...]:
    """The lengths a user passed.

    **Raises:** `TypeError` if they are no list; `InvalidArgumentError` for another number of them, or a negative one.
    """
    if isinstance(fft_length, list | tuple) and all(each.__class__ is int for each in fft_length):
        lengths = tuple(fft_length)
    else:
        known = read(convert(fft_length, int32))
        if known.ndim != 1:
            raise TypeError(f"`fft_length` must be a list of {rank} lengths. Received: {fft_length!r}")
        lengths = tuple(known.tolist())
    if len(lengths) != rank:
        raise invalid(f"fft_length must have shape [{rank}] [Op:{op}]. Received: {list(lengths)}")
    for position, length in enumerate(lengths):
        if length < 0:
            raise invalid(f"fft_length[{position}] must >= 0, but got: {length} [Op:{op}]")
    return lengths


def _positive(lengths: tuple[int, ...], size: int, op: str) -> tuple[int, ...]:
    if size and 0 in lengths:
        raise invalid(
            f"A transform needs a length of at least 1, but fft_length is {list(lengths)} [Op:{op}]. Pass the length "
            "of the real signal as `fft_length`."
        )
    return lengths


def _complex(value: Any) -> Any:
    if is_tensor_like(value):
        return value
    tensor = convert(value)
    return tensor if tensor.aval.dtype.is_complex else convert(value, complex64)


def _typed(value: Any, hint: DType, names: tuple[str, str], kind: str) -> Any:
    """The input of a transform that is real on one side.

    **Raises:** `ValueError` if it has another dtype than `names`.
    """
    tensor = operand(value, hint=hint)
    if tensor.aval.dtype.name not in names:
        raise ValueError(f"{kind} requires tf.{names[0]} or tf.{names[1]} inputs, got: {tensor}. Cast it first.")
    return tensor


def _real_side(value: Any) -> Any:
    return _typed(value, float32, ("float32", "float64"), "RFFT")


def _complex_side(value: Any) -> Any:
    return _typed(value, complex64, ("complex64", "complex128"), "IRFFT")


def _of_rank(tensor: Any, rank: int) -> tuple[int, ...]:
    shape: tuple[int, ...] = tensor.aval.shape
    if len(shape) < rank:
        raise ValueError(f"Shape {shape} must have rank at least {rank}")
    return shape


def _real(op: Op, name: str, rank: int, purpose: str, printed: str) -> Any:
    def function(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
        tensor = _real_side(input_tensor)
        shape = _of_rank(tensor, rank)
        lengths = shape[-rank:] if fft_length is None else _given_lengths(fft_length, rank, op.name)
        return record(op, (_positive(lengths, tensor.aval.size, op.name),), (tensor,))

    return dressed(
        function, ("input_tensor", "fft_length", "name"), name, purpose,
        f"print(tf.signal.{name}({_example(rank, '1.0')}).numpy().ravel())\n{printed}", "tf.signal",
        [f"- `input_tensor`: a float32 or float64 tensor `[..., {_AXES[rank]}]`.", _LENGTHS.format("all")],
        "a complex64 or complex128 tensor whose last axis has the `fft_length // 2 + 1` numbers that tell the others.",
    )  # fmt: skip


def _inverse_real(op: Op, name: str, rank: int, purpose: str, printed: str) -> Any:
    def function(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
        tensor = _complex_side(input_tensor)
        shape = _of_rank(tensor, rank)
        if fft_length is None:
            lengths = (*shape[-rank:-1], max(2 * shape[-1] - 2, 0))
        else:
            lengths = _given_lengths(fft_length, rank, op.name)
        return record(op, (_positive(lengths, tensor.aval.size, op.name),), (tensor,))

    return dressed(
        function, ("input_tensor", "fft_length", "name"), name, purpose,
        f"print(tf.signal.{name}({_example(rank, '1.0 + 0.0j')}).numpy().ravel())\n{printed}", "tf.signal",
        [
            f"- `input_tensor`: a complex64 or complex128 tensor `[..., {_AXES[rank]}]`.",
            _LENGTHS.format("for the last axis twice one less than there are,"),
        ],
        "a float32 or float64 tensor of these lengths.",
    )  # fmt: skip


def _named(op: Op, name: str, purpose: str, checked: Any, element: str, printed: str) -> Any:
    halved = checked is _complex_side
    kind = "float32 or float64" if checked is _real_side else "complex64 or complex128"

    def function(
        input_tensor: Any, fft_length: Any = None, axes: Any = None, norm: str | None = None, name: str | None = None
    ) -> Any:
        tensor = checked(input_tensor)
        shape = tensor.aval.shape
        chosen = range(len(shape)) if axes is None else as_ints(axes, "axes")
        places = tuple(as_axis(each, len(shape), op.name, name="axes") for each in chosen)
        if not places or len(set(places)) < len(places):
            raise invalid(f"`axes` must be different axes, and one at least [Op:{op.name}]. Received: {axes}")
        if norm not in _NORMS:
            raise ValueError(f"`norm` must be None, 'backward', 'ortho' or 'forward'. Received: norm={norm!r}")
        lengths = tuple(shape[each] for each in places)
        if fft_length is not None:
            lengths = _given_lengths(fft_length, len(places), op.name)
        elif halved:
            lengths = (*lengths[:-1], max(2 * lengths[-1] - 2, 0))
        statics = (_positive(lengths, tensor.aval.size, op.name), places, norm)
        return record(op, statics, (tensor,))

    return dressed(
        function, ("input_tensor", "fft_length", "axes", "norm", "name"), name, purpose,
        f"print(tf.signal.{name}([{element}, {element}]).numpy())\n{printed}", "tf.signal",
        [
            f"- `input_tensor`: a {kind} tensor.",
            _LENGTHS.format("all"),
            "- `axes`: the axes, a list of ints; all by default. The last of them is the one that is halved where one "
            "side is real.",
            "- `norm`: where the division by the number of elements is: `'backward'` (the default) for the inverse, "
            "`'forward'`, or `'ortho'` for its square root in both.",
        ],
        "a tensor of these lengths.",
    )  # fmt: skip


fft = _plain(rows.FORWARD[1], "fft", 1, "The discrete Fourier transform over the last axis", "[2.+0.j 0.+0.j]")
fft2d = _plain(rows.FORWARD[2], "fft2d", 2, "The discrete Fourier transform over the last two axes", "[2.+0.j 0.+0.j]")
fft3d = _plain(
    rows.FORWARD[3], "fft3d", 3, "The discrete Fourier transform over the last three axes", "[2.+0.j 0.+0.j]"
)
ifft = _plain(rows.INVERSE[1], "ifft", 1, "The inverse of `tf.signal.fft`", "[1.+0.j 0.+0.j]")
ifft2d = _plain(rows.INVERSE[2], "ifft2d", 2, "The inverse of `tf.signal.fft2d`", "[1.+0.j 0.+0.j]")
ifft3d = _plain(rows.INVERSE[3], "ifft3d", 3, "The inverse of `tf.signal.fft3d`", "[1.+0.j 0.+0.j]")
rfft = _real(rows.REAL[1], "rfft", 1, "The Fourier transform of a real signal over the last axis", "[2.+0.j 0.+0.j]")
rfft2d = _real(rows.REAL[2], "rfft2d", 2, "The Fourier transform of real numbers over two axes", "[2.+0.j 0.+0.j]")
rfft3d = _real(rows.REAL[3], "rfft3d", 3, "The Fourier transform of real numbers over three axes", "[2.+0.j 0.+0.j]")
irfft = _inverse_real(rows.INVERSE_REAL[1], "irfft", 1, "The inverse of `tf.signal.rfft`", "[1. 0.]")
irfft2d = _inverse_real(rows.INVERSE_REAL[2], "irfft2d", 2, "The inverse of `tf.signal.rfft2d`", "[1. 0.]")
irfft3d = _inverse_real(rows.INVERSE_REAL[3], "irfft3d", 3, "The inverse of `tf.signal.rfft3d`", "[1. 0.]")
fftnd = _named(
    rows.FORWARD_ND, "fftnd", "The discrete Fourier transform over any axes", _complex, "1.0 + 0.0j",
    "[2.+0.j 0.+0.j]",
)  # fmt: skip
ifftnd = _named(
    rows.INVERSE_ND, "ifftnd", "The inverse of `tf.signal.fftnd`", _complex, "1.0 + 0.0j", "[1.+0.j 0.+0.j]"
)
rfftnd = _named(
    rows.REAL_ND, "rfftnd", "The Fourier transform of real numbers over any axes", _real_side, "1.0", "[2.+0.j 0.+0.j]"
)
irfftnd = _named(
    rows.INVERSE_REAL_ND, "irfftnd", "The inverse of `tf.signal.rfftnd`", _complex_side, "1.0 + 0.0j", "[1. 0.]"
)


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The frequency zero moved to the middle (`tf.signal.fftshift`).

    **Arguments:**
    - `x`: a tensor of any dtype.
    - `axes`: an axis, or a list of axes; all by default.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if there is no such axis.

    ```python
    >>> import functape as tf
    >>> tf.signal.fftshift([0, 1, 2, -2, -1]).numpy()
    array([-2, -1,  0,  1,  2], dtype=int32)

    ```
    """
    return _shifted(x, axes, 1)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The inverse of `fftshift` (`tf.signal.ifftshift`).

    **Arguments:**
    - `x`: a tensor of any dtype.
    - `axes`: an axis, or a list of axes; all by default.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if there is no such axis.

    ```python
    >>> import functape as tf
    >>> tf.signal.ifftshift([-2, -1, 0, 1, 2]).numpy()
    array([ 0,  1,  2, -2, -1], dtype=int32)

    ```
    """
    return _shifted(x, axes, -1)


def _shifted(x: Any, axes: Any, direction: int) -> Any:
    tensor = operand(x)
    shape = tensor.aval.shape
    if not shape:
        raise invalid("The argument `x` must have an axis [Op:Roll]. Received a scalar.")
    chosen = range(len(shape)) if axes is None else as_ints(axes, "axes", TypeError)
    places = [as_axis(each, len(shape), "Roll", name="axes") for each in chosen]
    shifts = [direction * (shape[each] // 2) for each in places]
    return roll(tensor, np.asarray(shifts, np.int32), places)
