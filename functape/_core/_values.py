"""NumPy arrays of the Python and NumPy values that users pass, in the dtype TensorFlow gives them."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import numpy as np

from functape._core._text import as_bytes_array
from functape._engine import _dtypes as dtypes
from functape._engine._dtypes import DType, as_dtype

_DIRECT = (dtypes.float32, dtypes.float64, dtypes.float16, dtypes.int32, dtypes.int64)
"""The dtypes TensorFlow fills from Python values as they are; for another it infers one first and casts that."""


def misfit(value: Any, dtype: DType) -> TypeError:
    """The error for a value that does not fit a dtype."""
    return TypeError(
        f"Cannot convert {value!r} to EagerTensor of dtype {dtype.spoken}. "
        "Pass a value of that type, or convert first and use tf.cast."
    )


def from_array(array: np.ndarray[Any, Any], dtype: DType | None) -> np.ndarray[Any, Any]:
    """A copy of an array in a dtype tensors have; another dtype is cast to as NumPy does.

    **Raises:** `ValueError` if its elements are none that a tensor can have, or cannot become `dtype`.
    """
    textual = array.dtype.kind in "USO"
    if dtype is dtypes.string or (dtype is None and textual):
        if (textual and all(isinstance(each, str | bytes) for each in array.flat)) or not array.size:
            return as_bytes_array(array)
        kind = type(array.reshape(-1)[0]).__name__
        raise ValueError(f"Failed to convert a NumPy array to a Tensor (Unsupported object type {kind}).")
    if dtype is None:
        try:
            dtype = as_dtype(array.dtype)
        except TypeError:
            raise ValueError(
                f"Failed to convert a NumPy array to a Tensor (Unsupported numpy type {array.dtype}). "
                "Convert it first: array.astype(np.float32)."
            ) from None
    return _cast(array, dtype)


def _cast(array: np.ndarray[Any, Any], dtype: DType) -> np.ndarray[Any, Any]:
    wanted = np.dtype(dtype.as_numpy_dtype)
    if array.dtype == wanted:
        return np.array(array, order="C")
    # A number out of range and a dropped imaginary part are what the caller asked for.
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        return array.astype(wanted, order="C", subok=False)


def from_number(value: Any, dtype: DType) -> Any:
    """A Python number as `dtype` holds it, still as a Python number.

    **Raises:** `TypeError` if it does not fit `dtype`, `ValueError` if it is out of range.
    """
    if value.__class__ is bool:
        if dtype in _DIRECT or dtype.is_bool:
            return value
        raise misfit(value, dtype)
    if value.__class__ is int:
        if dtype.is_bool or dtype is dtypes.string:
            _check_range(value, dtypes.int64)
            raise misfit(value, dtype)
        if dtype.is_floating:
            return float(value)
        _check_range(value, dtypes.uint64 if dtype is dtypes.uint64 else dtypes.int64)
        if not dtype.is_integer or dtype.min <= value <= dtype.max:
            return value
        # As TensorFlow does, keep the bits that fit.
        bits = 8 * dtype.size
        value %= 2**bits
        return value if dtype.is_unsigned or value < 2 ** (bits - 1) else value - 2**bits
    if not (dtype.is_floating or dtype.is_complex):
        raise misfit(value, dtype)
    if dtype.is_floating and dtype.size < 8 and abs(value) > 65504:
        with np.errstate(over="ignore"):
            return float(np.asarray(value).astype(dtype.as_numpy_dtype))
    return value


def check_default_range(value: float) -> None:
    """Refuse a Python float that float32, its dtype by default, cannot hold.

    **Raises:** `ValueError`.
    """
    if abs(value) > 3.4028235677973366e38 and abs(value) != float("inf"):
        raise ValueError(
            f"Can't convert Python sequence with a value out of range for a float32: {value!r}. Pass dtype=tf.float64."
        )


def _check_range(value: int, dtype: DType) -> None:
    if not dtype.min <= value <= dtype.max:
        raise ValueError(f"Can't convert Python sequence with out-of-range integer to Tensor: {value}")


def from_sequence(values: Any, leaves: list[Any], shape: tuple[int, ...], dtype: DType | None) -> np.ndarray[Any, Any]:
    """An array of nested sequences.

    **Arguments:**
    - `values`: the sequences, for messages.
    - `leaves`, `shape`: what `measure` made of them.
    - `dtype`: the dtype wanted; by default that of the first leaf, integers giving way to floats.

    **Raises:** `ValueError` if the leaves do not go together, `TypeError` if they do not fit `dtype`.
    """
    if not leaves:
        wanted = dtype or dtypes.float32
        return np.zeros(shape, wanted.as_numpy_dtype)
    kinds = {_kind(leaf) for leaf in leaves}
    if dtype in _DIRECT and kinds <= set("bif" if dtype.is_floating else "bi"):  # type: ignore[union-attr]
        return _filled(leaves, shape, dtype)  # type: ignore[arg-type]
    natural = _natural_dtype(leaves, kinds)
    if dtype is None or dtype is natural:
        return _filled(leaves, shape, natural)
    inexact = dtype.is_floating or dtype.is_complex
    widens = dtype.is_numeric if natural.is_integer else inexact if natural.is_floating else False
    if not widens and not (natural.is_complex and dtype.is_complex):
        raise misfit(values, dtype)
    return _cast(_filled(leaves, shape, dtypes.float64 if natural is dtypes.float32 else natural), dtype)


def measure(values: Any, leaves: list[Any]) -> tuple[int, ...]:
    """The shape of nested sequences; appends their leaves. An array is a leaf that has a shape.

    **Raises:** `ValueError` if the sequences are ragged.
    """
    if isinstance(values, jax.Array):
        values = np.asarray(values)
    if isinstance(values, np.ndarray):
        leaves.append(values)
        return values.shape
    if not isinstance(values, list | tuple | range):
        leaves.append(values)
        return ()
    inner = None
    for each in values:
        shape = measure(each, leaves)
        if inner is not None and shape != inner:
            raise ValueError(
                "Can't convert non-rectangular Python sequence to Tensor. "
                "All sequences of one depth must have one length."
            )
        inner = shape
    return (len(values), *(inner or ()))


def _kind(leaf: Any) -> str:
    """A letter for what a leaf is: b(ool), i(nt), f(loat), c(omplex) or s(tring).

    **Raises:** `ValueError` if it is none of these.
    """
    if isinstance(leaf, np.ndarray | np.generic):
        letter = leaf.dtype.kind
        if letter == "O" and all(isinstance(each, str | bytes) for each in np.ravel(leaf)):
            return "s"
        known = {"b": "b", "i": "i", "u": "i", "f": "f", "c": "c", "S": "s", "U": "s", "V": "f"}.get(letter)
        if known is not None:
            return known
    for types, letter in ((bool, "b"), (int, "i"), (float, "f"), (complex, "c"), ((str, bytes), "s")):
        if isinstance(leaf, types):  # type: ignore[arg-type]
            return letter
    raise ValueError(f"Attempt to convert a value ({leaf!r}) with an unsupported type ({type(leaf)}) to a Tensor.")


def _natural_dtype(leaves: list[Any], kinds: set[str]) -> DType:
    first = leaves[0]
    kind = _kind(first)
    goes_together = {"b": "b", "i": "bif", "f": "bif", "c": "ifc", "s": "s"}[kind]
    if not kinds <= set(goes_together):
        raise ValueError(
            "Can't convert Python sequence with mixed types to Tensor. "
            f"The first element is {first!r}, which not all others go with."
        )
    if kind == "i" and "f" in kinds:
        return dtypes.float32
    if isinstance(first, np.ndarray | np.generic) and kind != "s":
        return as_dtype(first.dtype)
    if kind == "i":
        whole = [each for each in leaves if isinstance(each, int)]
        for each in (min(whole), max(whole)):
            _check_range(each, dtypes.int64)
        return dtypes.int32 if min(whole) >= -(2**31) and max(whole) < 2**31 else dtypes.int64
    if kind == "f":
        for each in leaves:
            if isinstance(each, float):
                check_default_range(each)
    return {"b": dtypes.bool_, "f": dtypes.float32, "c": dtypes.complex128, "s": dtypes.string}[kind]


def _filled(leaves: list[Any], shape: tuple[int, ...], dtype: DType) -> np.ndarray[Any, Any]:
    if any(isinstance(leaf, np.ndarray) for leaf in leaves):
        flat = np.concatenate([np.ravel(np.asarray(leaf)) for leaf in leaves])
        return from_array(flat, dtype).reshape(shape)
    if dtype is dtypes.string:
        return as_bytes_array(np.array([*leaves, None], object)[:-1].reshape(shape))
    with np.errstate(over="ignore"):
        if dtype.is_integer:
            leaves = [from_number(int(leaf), dtype) for leaf in leaves]
        return np.array(leaves, dtype.as_numpy_dtype).reshape(shape)
