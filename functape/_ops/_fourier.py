"""Rows of the Fourier and cosine transforms. The axes transformed come last, but for the rows that name them."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks

_DTYPES = {
    False: checks.dtypes(lambda dtype: dtype.name in ("complex64", "complex128"), "complex64 and complex128"),
    True: checks.dtypes(lambda dtype: dtype.name in ("float32", "float64"), "float32 and float64"),
}
"""Whether the input is real, and what it may be then."""


def _check(rank: int, real: bool) -> checks.Check:
    def check(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
        _DTYPES[real](name, avals)
        if avals[0].ndim < rank:
            raise checks.InvalidArgumentError(
                message=f"Input must have rank of at least {rank} but got: {list(avals[0].shape)} [Op:{name}]"
            )

    return check


def _last(rank: int) -> tuple[int, ...]:
    return tuple(range(-rank, 0))


def fitted(x: Any, lengths: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """`x` cut off or filled up with zeros at the end of each of `axes`."""
    margins = [(0, 0, 0)] * x.ndim
    for length, axis in zip(lengths, axes, strict=True):
        margins[axis] = (0, length - x.shape[axis], 0)
    return lax.pad(x, jnp.zeros((), x.dtype), margins) if any(map(any, margins)) else x


def _whole(x: Any, function: Any, axes: tuple[int, ...]) -> Any:
    return x if x.size == 0 else function(x, axes=axes)


def _real(x: Any, lengths: tuple[int, ...], axes: tuple[int, ...], norm: str | None = None) -> Any:
    x = fitted(x, lengths, axes)
    if x.size == 0:
        shape = list(x.shape)
        shape[axes[-1]] = lengths[-1] // 2 + 1 if lengths[-1] else 0
        return jnp.zeros(shape, jnp.result_type(x.dtype, np.complex64))
    return jnp.fft.rfftn(x, axes=axes, norm=norm)


def _inverse_real(x: Any, lengths: tuple[int, ...], axes: tuple[int, ...], norm: str | None = None) -> Any:
    x = fitted(x, (*lengths[:-1], lengths[-1] // 2 + 1 if lengths[-1] else 0), axes)
    if x.size == 0:
        shape = list(x.shape)
        shape[axes[-1]] = lengths[-1]
        return jnp.zeros(shape, jnp.real(x).dtype)
    return jnp.fft.irfftn(x, lengths, axes, norm)


def _named(x: Any, lengths: tuple[int, ...], axes: tuple[int, ...], norm: str | None, function: Any) -> Any:
    x = fitted(x, lengths, axes)
    return x if x.size == 0 else function(x, axes=axes, norm=norm)


_SUFFIXES = {1: "", 2: "2D", 3: "3D"}

FORWARD = {
    rank: Op(f"FFT{suffix}", partial(_whole, function=jnp.fft.fftn, axes=_last(rank)), check=_check(rank, False))
    for rank, suffix in _SUFFIXES.items()
}
INVERSE = {
    rank: Op(f"IFFT{suffix}", partial(_whole, function=jnp.fft.ifftn, axes=_last(rank)), check=_check(rank, False))
    for rank, suffix in _SUFFIXES.items()
}
REAL = {
    rank: Op(f"RFFT{suffix}", partial(_real, axes=_last(rank)), ("lengths",), check=_check(rank, True))
    for rank, suffix in _SUFFIXES.items()
}
INVERSE_REAL = {
    rank: Op(f"IRFFT{suffix}", partial(_inverse_real, axes=_last(rank)), ("lengths",), check=_check(rank, False))
    for rank, suffix in _SUFFIXES.items()
}
"""Rows by the number of axes."""

_NAMED = ("lengths", "axes", "norm")
FORWARD_ND = Op("FFTND", partial(_named, function=jnp.fft.fftn), _NAMED, check=_check(0, False))
INVERSE_ND = Op("IFFTND", partial(_named, function=jnp.fft.ifftn), _NAMED, check=_check(0, False))
REAL_ND = Op("RFFTND", _real, _NAMED, check=_check(0, True))
INVERSE_REAL_ND = Op("IRFFTND", _inverse_real, _NAMED, check=_check(0, False))


def _turns(angles: Any, like: Any) -> Any:
    """Numbers on the unit circle, in the precision of `like`."""
    return jnp.asarray(np.exp(1j * angles), jnp.result_type(like.dtype, np.complex64))


def _ends(count: int, first: float, others: float, like: Any) -> Any:
    return jnp.asarray(np.array([first] + [others] * (count - 1)), like.dtype)


def _cosine_1(x: Any, ortho: bool) -> Any:
    return jnp.real(jnp.fft.rfft(jnp.concatenate([x, jnp.flip(x[..., 1:-1], -1)], -1)))


def _cosine_2(x: Any, ortho: bool) -> Any:
    count = x.shape[-1]
    turns = 2 * _turns(-np.pi / 2 * np.arange(count) / count, x)
    result = jnp.real(jnp.fft.rfft(x, 2 * count)[..., :count] * turns)
    return result * _ends(count, 0.5 / math.sqrt(count), math.sqrt(0.5 / count), x) if ortho else result


def _cosine_3(x: Any, ortho: bool) -> Any:
    count = x.shape[-1]
    x = x * _ends(count, math.sqrt(count), math.sqrt(count / 2), x) if ortho else x * jnp.asarray(count, x.dtype)
    turns = 2 * _turns(np.pi / 2 * np.arange(count) / count, x)
    return jnp.fft.irfft(turns * x, 2 * count)[..., :count]


def _cosine_4(x: Any, ortho: bool) -> Any:
    # The product (2k + 1)(2n + 1) of the angles is 4kn, which a transform of twice the length knows, and two turns.
    count = x.shape[-1]
    turned = x * _turns(-np.pi / 2 * np.arange(count) / count, x)
    turns = 2 * _turns(-np.pi / 4 * (2 * np.arange(count) + 1) / count, x)
    result = jnp.real(turns * jnp.fft.fft(turned, 2 * count)[..., :count])
    return result * jnp.asarray(math.sqrt(0.5 / count), x.dtype) if ortho else result


_COSINES = {1: _cosine_1, 2: _cosine_2, 3: _cosine_3, 4: _cosine_4}


def cosine(x: Any, kind: int, length: int, ortho: bool) -> Any:
    """The cosine transform of type `kind`, of the first `length` elements."""
    x = fitted(x, (length,), (-1,))
    return x if x.size == 0 else _COSINES[kind](x, ortho)


def _folded(x: Any) -> Any:
    """Frames of four quarters a, b, c, d as (-c reversed - d, a - b reversed)."""
    first, second, third, fourth = jnp.split(x, 4, -1)
    return jnp.concatenate([-jnp.flip(third, -1) - fourth, first - jnp.flip(second, -1)], -1)


def _unfolded(x: Any) -> Any:
    first, second = jnp.split(x, 2, -1)
    return jnp.concatenate([second, -jnp.flip(second, -1), -jnp.flip(first, -1), -first], -1)


def _inverse_modified(x: Any, ortho: bool) -> Any:
    result = cosine(x, 4, x.shape[-1], ortho)
    return _unfolded(result if ortho else result * jnp.asarray(0.5 / x.shape[-1], x.dtype))


COSINE = Op("DiscreteCosineTransform", cosine, ("kind", "length", "ortho"), check=_check(1, True))
MODIFIED_COSINE = Op(
    "ModifiedCosineTransform",
    lambda x, ortho: cosine(_folded(x), 4, x.shape[-1] // 2, ortho),
    ("ortho",),
    check=_check(1, True),
)
"""Of frames, to half as many numbers."""
INVERSE_MODIFIED_COSINE = Op("InverseModifiedCosineTransform", _inverse_modified, ("ortho",), check=_check(1, True))
"""To frames of twice as many numbers, which overlap by half."""
