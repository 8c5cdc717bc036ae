"""`tf.math.special`, `tf.math.lbeta` and `tf.math.sobol_sample`."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from functape._api._elementwise import bessel_i0, bessel_i0e, bessel_i1, bessel_i1e
from functape._api._functions import unary
from functape._api._static import as_int, invalid, operand
from functape._core._convert import from_numpy
from functape._engine._dtypes import as_dtype, float32, float64
from functape._engine._recorder import record
from functape._ops import _bessel, _special

_PLACE = "tf.math.special"


def _function(row: Any, name: str, purpose: str, result: str) -> Any:
    return unary(row, name, purpose, f"print(tf.math.special.{name}(1.0).numpy().round(4))\n{result}", alias=_PLACE)


bessel_j0 = _function(_bessel.BESSEL_J0, "bessel_j0", "The Bessel function of the first kind of order 0", "0.7652")
bessel_j1 = _function(_bessel.BESSEL_J1, "bessel_j1", "The Bessel function of the first kind of order 1", "0.4401")
bessel_y0 = _function(_bessel.BESSEL_Y0, "bessel_y0", "The Bessel function of the second kind of order 0", "0.0883")
bessel_y1 = _function(_bessel.BESSEL_Y1, "bessel_y1", "The Bessel function of the second kind of order 1", "-0.7812")
bessel_k0 = _function(
    _bessel.BESSEL_K0, "bessel_k0", "The modified Bessel function of the second kind of order 0", "0.421"
)
bessel_k1 = _function(
    _bessel.BESSEL_K1, "bessel_k1", "The modified Bessel function of the second kind of order 1", "0.6019"
)
bessel_k0e = _function(_bessel.BESSEL_K0E, "bessel_k0e", "`bessel_k0` times the exponential of `x`", "1.1445")
bessel_k1e = _function(_bessel.BESSEL_K1E, "bessel_k1e", "`bessel_k1` times the exponential of `x`", "1.6362")
dawsn = _function(_special.DAWSN, "dawsn", "Dawson's integral", "0.5381")
expint = _function(_special.EXPINT, "expint", "The exponential integral of positive `x`", "1.8951")
fresnel_cos = _function(_special.FRESNEL_COS, "fresnel_cos", "Fresnel's cosine integral", "0.7799")
fresnel_sin = _function(_special.FRESNEL_SIN, "fresnel_sin", "Fresnel's sine integral", "0.4383")
spence = _function(_special.SPENCE, "spence", "Spence's integral, the dilogarithm of `1 - x`", "0.0")

__all__ = [
    "bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e", "bessel_j0", "bessel_j1", "bessel_k0", "bessel_k0e",
    "bessel_k1", "bessel_k1e", "bessel_y0", "bessel_y1", "dawsn", "expint", "fresnel_cos", "fresnel_sin", "spence",
]  # fmt: skip


def lbeta(x: Any, name: str | None = None) -> Any:
    """The logarithm of the size of the Beta function, over the last axis (`tf.math.lbeta`).

    **Arguments:**
    - `x`: a floating tensor `[..., n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[...]`; minus infinity for `n` of 0.

    ```python
    >>> import functape as tf
    >>> print(abs(tf.math.lbeta([1.0, 1.0]).numpy().round(4)))
    0.0

    ```
    """
    return record(_special.LOG_BETA, (), (operand(x),))


def sobol_sample(dim: Any, num_results: Any, skip: Any = 0, dtype: Any = float32, name: str | None = None) -> Any:
    """Points of Sobol's sequence, which fill the unit cube evenly (`tf.math.sobol_sample`).

    **Arguments:**
    - `dim`: the dimension of the cube.
    - `num_results`: how many points.
    - `skip`: how many to leave out at the start.
    - `dtype`: float32 or float64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[num_results, dim]`.

    **Raises:** `InvalidArgumentError` for a number below 1 (`skip`: 0), or another dtype.

    ```python
    >>> import functape as tf
    >>> tf.math.sobol_sample(2, 2).numpy().tolist()
    [[0.5, 0.5], [0.75, 0.25]]

    ```
    """
    dimension, count, begin = as_int(dim, "dim"), as_int(num_results, "num_results"), as_int(skip, "skip")
    for value, argument, least in ((dimension, "dim", 1), (count, "num_results", 1), (begin, "skip", 0)):
        if value < least:
            raise invalid(f"`{argument}` must be at least {least} [Op:SobolSample]. Received: {argument}={value}")
    wanted = as_dtype(dtype)
    if wanted not in (float32, float64):
        raise invalid(f"`dtype` must be tf.float32 or tf.float64 [Op:SobolSample]. Received: {wanted!r}")
    from scipy.stats import qmc

    with warnings.catch_warnings():
        # Any number of points is drawn, balanced or not.
        warnings.simplefilter("ignore", UserWarning)
        points = qmc.Sobol(dimension, scramble=False).fast_forward(begin + 1).random(count)
    return from_numpy(np.asarray(points, wanted.as_numpy_dtype))
