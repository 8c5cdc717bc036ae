"""`tf.test.compute_gradient`: a function's derivative beside finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._slices import IndexedSlices
from functape._engine._dtypes import as_dtype
from functape.autodiff._tape import GradientTape
from functape.autodiff._unconnected import UnconnectedGradients


def compute_gradient(f: Callable[..., Any], x: Sequence[Any], delta: float | None = None) -> tuple[Any, Any]:
    """The derivatives of `f` at `x`, and what finite differences make of them (`tf.test.compute_gradient`).

    **Arguments:**
    - `f`: a function of as many floating or complex tensors as `x` has, that returns one.
    - `x`: a list or tuple of values.
    - `delta`: the width of the central differences; by default 2**-10, 2**-20 for double precision.

    **Returns:** two tuples with an array `[y.size, x.size]` for each of `x`: the derivative, and the differences. A
    complex number counts as two real ones, its real part and its imaginary part.

    **Raises:** `ValueError` unless `x` is a list or tuple; `AssertionError` for other dtypes.

    ```python
    >>> import functape as tf
    >>> exact, differences = tf.test.compute_gradient(lambda x: x * x, [[1.0, 3.0]])
    >>> exact[0].tolist(), differences[0].tolist()
    ([[2.0, 0.0], [0.0, 6.0]], [[2.0, 0.0], [0.0, 6.0]])

    ```
    """
    if not isinstance(x, list | tuple):
        raise ValueError(
            f"`x` must be a list or tuple of values convertible to a Tensor (arguments to `f`), not a {type(x)}"
        )
    values = [np.array(convert(each).numpy()) for each in x]
    for place, value in enumerate(values):
        if not as_dtype(value.dtype).is_floating and not as_dtype(value.dtype).is_complex:
            raise AssertionError(
                f"Cannot compute gradient for unsupported type {as_dtype(value.dtype).name} of argument {place}"
            )
    exact = tuple(_exact(f, values, place) for place in range(len(values)))
    differences = tuple(_differences(f, values, place, delta) for place in range(len(values)))
    return exact, differences


def _result(f: Callable[..., Any], values: list[Any]) -> np.ndarray[Any, Any]:
    made = f(*[convert(value) for value in values])
    return np.asarray(convert(made).numpy())


def _as_real(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A flat array, of a complex one the real and imaginary parts in turn."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat.view(f"f{flat.dtype.itemsize // 2}") if flat.dtype.kind == "c" else flat


def _exact(f: Callable[..., Any], values: list[Any], place: int) -> np.ndarray[Any, Any]:
    tensors = [convert(value) for value in values]
    with GradientTape(persistent=True) as tape:
        tape.watch(tensors)
        made = convert(f(*tensors))
    wanted = values[place]
    count = _as_real(np.asarray(made.numpy())).size
    rows = np.zeros((count, _as_real(wanted).size), _as_real(wanted).dtype)
    seed = np.zeros(made.shape.as_list(), made.dtype.as_numpy_dtype)
    flat = _as_real(seed)
    for row in range(count):
        flat[row] = 1
        gradient = tape.gradient(
            made, tensors[place], convert(flat.view(seed.dtype).reshape(seed.shape).copy()), UnconnectedGradients.ZERO
        )
        flat[row] = 0
        if isinstance(gradient, IndexedSlices):
            gradient = convert(gradient)
        rows[row] = _as_real(np.asarray(gradient.numpy()))
    return rows


def _differences(f: Callable[..., Any], values: list[Any], place: int, delta: float | None) -> np.ndarray[Any, Any]:
    changed = [np.array(value) for value in values]
    changed[place] = np.ascontiguousarray(changed[place])
    flat = _as_real(changed[place])
    double = flat.dtype == np.float64
    step = (2.0**-20 if double else 2.0**-10) if delta is None else delta
    columns = []
    for column in range(flat.size):
        before = flat[column]
        flat[column] = before + step / 2
        above = _as_real(_result(f, [np.array(each) for each in changed]))
        flat[column] = before - step / 2
        below = _as_real(_result(f, [np.array(each) for each in changed]))
        flat[column] = before
        columns.append((above - below) / step)
    if not columns:
        return np.zeros((_as_real(_result(f, values)).size, 0), flat.dtype)
    return np.stack(columns, axis=1).astype(flat.dtype)
