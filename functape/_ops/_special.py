"""Rows of the special functions of `tf.math.special` and of `tf.math.lbeta`."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._derivatives import with_partials


def _through_float32(function: Any) -> Any:
    def widened(x: Any) -> Any:
        if x.dtype.itemsize < 4:
            return function(x.astype(jnp.float32)).astype(x.dtype)
        return function(x)

    return widened


def _special(name: str, place: int | None = None) -> Any:
    def function(x: Any) -> Any:
        from jax.scipy import special

        found = getattr(special, name)(x)
        return found if place is None else found[place]

    return _through_float32(function)


def _exponential_integral(x: Any) -> Any:
    positive = jnp.where(x > 0, x, 1)
    found = _special("expi")(positive)
    # Beyond this the exponential, and with it the integral, is infinite.
    found = jnp.where(x > np.log(float(jnp.finfo(x.dtype).max)) + 5, jnp.inf, found)
    return jnp.where((x > 0) & (x < jnp.inf), found, jnp.where(x == 0, -jnp.inf, jnp.nan)).astype(x.dtype)


def _spence_slope(output: Any, x: Any) -> Any:
    away = jnp.where(x == 1, jnp.full((), 2, x.dtype), x)
    return jnp.where(x == 1, jnp.full((), -1, x.dtype), jnp.log(away) / (1 - away))


def _half_turn(x: Any) -> Any:
    return np.asarray(math.pi / 2, x.dtype) * x * x


_dawsn = with_partials(_special("dawsn"), lambda output, x: 1 - 2 * x * output)
_expint = with_partials(_exponential_integral, lambda output, x: jnp.exp(x) / x)
_spence = with_partials(_special("spence"), _spence_slope)
_fresnel_sin = with_partials(_special("fresnel", 0), lambda output, x: jnp.sin(_half_turn(x)))
_fresnel_cos = with_partials(_special("fresnel", 1), lambda output, x: jnp.cos(_half_turn(x)))


def _log_beta(x: Any) -> Any:
    return jnp.sum(lax.lgamma(x), -1) - lax.lgamma(jnp.sum(x, -1))


DAWSN = Op("Dawsn", _dawsn, check=checks.real_floating)
EXPINT = Op("Expint", _expint, check=checks.real_floating)
SPENCE = Op("Spence", _spence, check=checks.real_floating)
FRESNEL_SIN = Op("FresnelSin", _fresnel_sin, check=checks.real_floating)
FRESNEL_COS = Op("FresnelCos", _fresnel_cos, check=checks.real_floating)
LOG_BETA = Op("Lbeta", _log_beta, check=checks.real_floating)
