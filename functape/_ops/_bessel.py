"""Bessel functions that JAX does not have: Chebyshev series of their smooth parts, fitted when one is first needed."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._derivatives import with_partials

_TURN = 8.0
"""Where the series in x**2 gives way to amplitude and phase."""
_CLOSE = 2.0
"""Where the modified functions' series in x**2 gives way to one in 1 / x."""


def _exact(name: str) -> Any:
    from scipy import special

    return getattr(special, name)


def _amplitude(order: int, part: int) -> Callable[[Any], Any]:
    """P (part 0) and Q (part 1) of `J + iY = sqrt(2 / (pi x)) (P + iQ) exp(i phase)`, by (8 / x)**2; Q over 8 / x."""

    def function(square: Any) -> Any:
        x = _TURN / np.sqrt(square)
        phase = x - (2 * order + 1) * math.pi / 4
        scale = np.sqrt(math.pi * x / 2)
        j, y = _exact(f"j{order}")(x), _exact(f"y{order}")(x)
        if part == 0:
            return scale * (j * np.cos(phase) + y * np.sin(phase))
        return scale * (y * np.cos(phase) - j * np.sin(phase)) / np.sqrt(square)

    return function


def _root(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda square: function(np.sqrt(square))


_SMOOTH: dict[str, tuple[Callable[[Any], Any], float]] = {
    "j0": (_root(lambda x: _exact("j0")(x)), _TURN**2),
    "j1": (_root(lambda x: _exact("j1")(x) / x), _TURN**2),
    "y0": (_root(lambda x: _exact("y0")(x) - 2 / math.pi * np.log(x) * _exact("j0")(x)), _TURN**2),
    "y1": (
        _root(lambda x: (_exact("y1")(x) - 2 / math.pi * (np.log(x) * _exact("j1")(x) - 1 / x)) / x),
        _TURN**2,
    ),
    "k0": (_root(lambda x: _exact("k0")(x) + np.log(x / 2) * _exact("i0")(x)), _CLOSE**2),
    "k1": (_root(lambda x: x * (_exact("k1")(x) - np.log(x / 2) * _exact("i1")(x))), _CLOSE**2),
    "far k0": (lambda inverse: _exact("k0e")(1 / inverse) / np.sqrt(inverse), 1 / _CLOSE),
    "far k1": (lambda inverse: _exact("k1e")(1 / inverse) / np.sqrt(inverse), 1 / _CLOSE),
    **{f"p{order}": (_amplitude(order, 0), 1.0) for order in (0, 1)},
    **{f"q{order}": (_amplitude(order, 1), 1.0) for order in (0, 1)},
}
"""What is fitted on `(0, end]`, by name: a smooth function, and the end."""


@functools.cache
def _coefficients(name: str) -> tuple[float, ...]:
    function, end = _SMOOTH[name]
    return tuple(np.polynomial.chebyshev.chebinterpolate(lambda t: function((t + 1) * end / 2), 28).tolist())


def _series(name: str, x: Any) -> Any:
    """The fitted function at `x` in `[0, end]`, by Clenshaw's recurrence."""
    t = x * np.asarray(4 / _SMOOTH[name][1], x.dtype) - np.asarray(2, x.dtype)
    after, current = jnp.zeros_like(x), jnp.zeros_like(x)
    first, *others = _coefficients(name)
    for each in reversed(others):
        after, current = current, t * current - after + np.asarray(each, x.dtype)
    return t / 2 * current - after + np.asarray(first, x.dtype)


def _wide(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`function` of 16-bit floats, computed in float32."""

    def widened(x: Any) -> Any:
        if x.dtype.itemsize < 4:
            return function(x.astype(jnp.float32)).astype(x.dtype)
        return function(x)

    return widened


def _oscillating(x: Any, order: int, second: bool) -> Any:
    """J or, if `second`, Y of positive `x`."""
    near, far = jnp.minimum(x, _TURN), jnp.maximum(x, _TURN)
    inverse = np.asarray(_TURN, x.dtype) / far
    p, q = _series(f"p{order}", inverse * inverse), inverse * _series(f"q{order}", inverse * inverse)
    phase = far - np.asarray((2 * order + 1) * math.pi / 4, x.dtype)
    sine, cosine = jnp.sin(phase), jnp.cos(phase)
    distant = p * sine + q * cosine if second else p * cosine - q * sine
    distant = distant * jnp.sqrt(np.asarray(2 / math.pi, x.dtype) / far)
    square = near * near
    close = _series(f"j{order}", square) * (near if order else 1)
    if second:
        logarithm = np.asarray(2 / math.pi, x.dtype) * jnp.log(near)
        regular = _series(f"y{order}", square)
        if order:
            close = logarithm * close - np.asarray(2 / math.pi, x.dtype) / near + near * regular
        else:
            close = logarithm * close + regular
    return jnp.where(x <= _TURN, close, distant)


def _first_kind(order: int) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        size = jnp.where(jnp.isfinite(x), jnp.abs(x), 1)
        found = _oscillating(size, order, False) * (jnp.sign(x) if order else 1)
        return jnp.where(jnp.isfinite(x), found, jnp.nan)

    return _wide(function)


def _second_kind(order: int) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        found = _oscillating(jnp.where((x > 0) & jnp.isfinite(x), x, 1), order, True)
        found = jnp.where((x > 0) & jnp.isfinite(x), found, jnp.nan)
        return jnp.where(x <= 0, -jnp.inf, found)

    return _wide(function)


def _modified(order: int, scaled: bool) -> Callable[[Any], Any]:
    def function(x: Any) -> Any:
        from jax.scipy import special

        size = jnp.where(x > 0, x, 1)
        near, far = jnp.minimum(size, _CLOSE), jnp.maximum(size, _CLOSE)
        logarithm = jnp.log(near / 2)
        if order:
            close = _series("k1", near * near) / near + logarithm * special.i1(near)
        else:
            close = _series("k0", near * near) - logarithm * special.i0(near)
        distant = _series(f"far k{order}", 1 / far) / jnp.sqrt(far)
        close, distant = (close * jnp.exp(near), distant) if scaled else (close, distant * jnp.exp(-far))
        found = jnp.where(size <= _CLOSE, close, distant)
        return jnp.where(x > 0, found, jnp.where(x <= 0, jnp.inf, jnp.nan)).astype(x.dtype)

    return _wide(function)


def _at_zero(x: Any, slope: Any, value: float) -> Any:
    away = jnp.where(x == 0, jnp.ones((), x.dtype), x)
    return jnp.where(x == 0, np.asarray(value, x.dtype), slope(away))


_j0: Any = with_partials(_first_kind(0), lambda output, x: -_j1(x))
_j1: Any = with_partials(_first_kind(1), lambda output, x: _at_zero(x, lambda x: _j0(x) - _j1(x) / x, 0.5))
_y0: Any = with_partials(_second_kind(0), lambda output, x: -_y1(x))
_y1: Any = with_partials(_second_kind(1), lambda output, x: _y0(x) - output / x)
_k0: Any = with_partials(_modified(0, False), lambda output, x: -_k1(x))
_k1: Any = with_partials(_modified(1, False), lambda output, x: -_k0(x) - output / x)
_k0e: Any = with_partials(_modified(0, True), lambda output, x: output - _k1e(x))
_k1e: Any = with_partials(_modified(1, True), lambda output, x: output * (1 - 1 / x) - _k0e(x))

BESSEL_J0 = Op("BesselJ0", _j0, check=checks.real_floating)
BESSEL_J1 = Op("BesselJ1", _j1, check=checks.real_floating)
BESSEL_Y0 = Op("BesselY0", _y0, check=checks.real_floating)
BESSEL_Y1 = Op("BesselY1", _y1, check=checks.real_floating)
BESSEL_K0 = Op("BesselK0", _k0, check=checks.real_floating)
BESSEL_K1 = Op("BesselK1", _k1, check=checks.real_floating)
BESSEL_K0E = Op("BesselK0e", _k0e, check=checks.real_floating)
BESSEL_K1E = Op("BesselK1e", _k1e, check=checks.real_floating)
