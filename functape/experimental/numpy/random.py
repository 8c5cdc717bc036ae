"""`tf.experimental.numpy.random`: random numbers under NumPy's names, from TensorFlow's streams."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api import _random as kernels
from functape._engine._dtypes import as_dtype
from functape._namespace import lazy
from functape._seeds import set_seed
from functape.experimental.numpy._types import as_tensor, float_dtype, result_type

__all__ = ["poisson", "rand", "randint", "randn", "random", "seed", "standard_normal", "uniform"]


def seed(s: Any) -> None:
    """Set TensorFlow's global seed (`tf.experimental.numpy.random.seed`).

    **Raises:** `ValueError` if `s` is no integer.
    """
    try:
        number = int(s)
    except TypeError:
        raise ValueError(f"Argument `s` got an invalid value {s}. Only integers are supported.") from None
    set_seed(number)


def randn(*args: Any) -> Any:
    """Normal numbers in the shape of the arguments (`tf.experimental.numpy.random.randn`)."""
    return standard_normal(args)


def standard_normal(size: Any = None) -> Any:
    """Normal numbers in a shape (`tf.experimental.numpy.random.standard_normal`)."""
    return kernels.normal(_shape(size), dtype=float_dtype())


def uniform(low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
    """Uniform numbers from `low` to below `high` (`tf.experimental.numpy.random.uniform`)."""
    dtype = float_dtype()
    first, last = as_tensor(low, dtype), as_tensor(high, dtype)
    shape = np.broadcast_shapes(first.aval.shape, last.aval.shape) if size is None else size
    return kernels.uniform(shape, first, last, dtype)


def random(size: Any = None) -> Any:
    """Uniform numbers from 0 to below 1 in a shape (`tf.experimental.numpy.random.random`)."""
    return uniform(0.0, 1.0, size)


def rand(*size: Any) -> Any:
    """Uniform numbers from 0 to below 1 in the shape of the arguments (`tf.experimental.numpy.random.rand`)."""
    return uniform(0.0, 1.0, size)


def poisson(lam: Any = 1.0, size: Any = None) -> Any:
    """Poisson numbers of a mean (`tf.experimental.numpy.random.poisson`)."""
    from functape._api._distributions import poisson as drawn

    return drawn(_shape(size), lam, as_dtype(np.int64))


def randint(low: Any, high: Any = None, size: Any = None, dtype: Any = np.int64) -> Any:
    """Integers from `low` to below `high`, or from 0 to below `low` (`tf.experimental.numpy.random.randint`).

    **Raises:** `ValueError` for dtypes other than int32 and int64.
    """
    first, last = (0, int(low)) if high is None else (int(low), high)
    wanted = result_type(dtype)
    if wanted.name not in ("int32", "int64"):
        raise ValueError(f"Argument `dtype` got an invalid value {dtype}. Only int32 and int64 are supported.")
    return kernels.uniform(_shape(size), first, last, wanted)


def _shape(size: Any) -> Any:
    return () if size is None else (size,) if isinstance(size, int) else size


__getattr__ = lazy(__name__, {}, lambda: __all__)
