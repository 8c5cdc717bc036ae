"""Matrices and their diagonals."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import reshape
from functape._api._static import array_of, as_int, invalid, operand
from functape._core._dispatch import composite
from functape._engine._recorder import record
from functape._ops._bands import DIAGONALS, MATRIX, WITH_DIAGONALS, Band
from functape._ops._matrix import BAND_PART
from functape._ops._operators import CAST

_ALIGNMENTS = ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")


def diag(
    diagonal: Any, name: str = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0,
    align: str = "RIGHT_LEFT",
) -> Any:  # fmt: skip
    """Matrices with given diagonals (`tf.linalg.diag`).

    **Arguments:**
    - `diagonal`: a tensor `[..., length]`, or `[..., count, length]` for a band of diagonals, the topmost first.
    - `name`: accepted for compatibility; ops have no names here.
    - `k`: which diagonal: 0 the main one, positive above it; or two numbers, the lowest and the highest of a band.
    - `num_rows`, `num_cols`: the shape of the matrices; -1 for the smallest that fits, square if both are.
    - `padding_value`: the elements off the diagonals, a scalar.
    - `align`: to which side diagonals shorter than the longest are pushed: those above the main one, then those below.

    **Returns:** a tensor `[..., num_rows, num_cols]`.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)

    ```
    """
    given = operand(diagonal)
    low, high = _ends(k)
    lengths = given.aval.shape
    if len(lengths) < (1 if low == high else 2):
        raise invalid(f"diagonal must be at least {1 if low == high else 2}-dim, received shape: {list(lengths)}")
    if low != high and lengths[-2] != high - low + 1:
        raise invalid(f"The number of diagonals provided in `diagonal` is not consistent with k: {lengths[-2]}, {k}")
    least_rows, least_columns = lengths[-1] - min(high, 0), lengths[-1] + max(low, 0)
    rows, columns = as_int(num_rows, "num_rows"), as_int(num_cols, "num_cols")
    if rows == columns == -1:
        rows = columns = max(least_rows, least_columns)
    rows, columns = least_rows if rows == -1 else rows, least_columns if columns == -1 else columns
    if rows < least_rows or columns < least_columns or (rows != least_rows and columns != least_columns):
        raise invalid(f"The number of rows or columns is not consistent with `diagonal` and k: {rows}, {columns}")
    band = Band(rows, columns, low, high, _alignment(align))
    return record(MATRIX, (band,), (given, _padding(padding_value, given)))


@composite
def diag_part(
    input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT"
) -> Any:
    """The diagonals of matrices (`tf.linalg.diag_part`).

    **Arguments:**
    - `input`: a tensor `[..., m, n]`.
    - `name`: accepted for compatibility; ops have no names here.
    - `k`: which diagonal: 0 the main one, positive above it; or two numbers, the lowest and the highest of a band.
    - `padding_value`: what fills up diagonals shorter than the longest.
    - `align`: to which side such diagonals are pushed: those above the main one, then those below.

    **Returns:** a tensor `[..., length]`, or `[..., count, length]` for a band.

    **Raises:** `InvalidArgumentError` if there are no such diagonals.

    ```python
    >>> import functape as tf
    >>> tf.linalg.diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)

    ```
    """
    matrix = operand(input)
    band = _band_of(matrix, k, align)
    return record(DIAGONALS, (band,), (matrix, _padding(padding_value, matrix)))


def set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    """Matrices with other diagonals (`tf.linalg.set_diag`).

    **Arguments:**
    - `input`: a tensor `[..., m, n]`.
    - `diagonal`: a tensor `[..., length]`, or `[..., count, length]` for a band.
    - `name`: accepted for compatibility; ops have no names here.
    - `k`: which diagonal, or the lowest and the highest of a band.
    - `align`: to which side diagonals shorter than the longest are pushed in `diagonal`.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.set_diag([[1, 2], [3, 4]], [8, 9]).numpy()
    array([[8, 2],
           [3, 9]], dtype=int32)

    ```
    """
    matrix = operand(input)
    given = operand(diagonal, hint=matrix.aval.dtype)
    band = _band_of(matrix, k, align)
    wanted = (*matrix.aval.shape[:-2], *band.shape)
    if given.aval.shape != wanted:
        raise invalid(
            f"diagonal must have shape {list(wanted)}. Received: {list(given.aval.shape)} [Op:MatrixSetDiagV3]"
        )
    return record(WITH_DIAGONALS, (band,), (matrix, given))


def band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Any:
    """Matrices with zeros outside a band around the main diagonal (`tf.linalg.band_part`).

    **Arguments:**
    - `input`: a tensor `[..., m, n]`.
    - `num_lower`: how many diagonals below the main one to keep; negative for all.
    - `num_upper`: how many above it.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the matrix has not that many.

    ```python
    >>> import functape as tf
    >>> tf.linalg.band_part([[1, 2], [3, 4]], -1, 0).numpy()
    array([[1, 0],
           [3, 4]], dtype=int32)

    ```
    """
    matrix = operand(input)
    lower, upper = as_int(num_lower, "num_lower"), as_int(num_upper, "num_upper")
    if matrix.aval.ndim >= 2:
        for number, most, what in ((lower, matrix.aval.shape[-2], "lower"), (upper, matrix.aval.shape[-1], "upper")):
            if number > most:
                raise invalid(f"num_{what} must be negative or less or equal to {most}, got: {number}")
    return record(BAND_PART, (max(lower, -1), max(upper, -1)), (matrix,))


def tensor_diag(diagonal: Any, name: str | None = None) -> Any:
    """A tensor of twice the rank with `diagonal` where its two halves of indices agree (`tf.linalg.tensor_diag`).

    **Arguments:**
    - `diagonal`: a tensor of shape `s`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of shape `s + s`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.tensor_diag([1, 2]).numpy()
    array([[1, 0],
           [0, 2]], dtype=int32)

    ```
    """
    given = operand(diagonal)
    if not given.aval.ndim:
        raise invalid("Input must be at least rank 1, got 0 [Op:Diag]")
    return reshape(diag(reshape(given, (-1,))), given.aval.shape * 2)


def tensor_diag_part(input: Any, name: str | None = None) -> Any:
    """The elements where the two halves of indices agree (`tf.linalg.tensor_diag_part`).

    **Arguments:**
    - `input`: a tensor of shape `s + s`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of shape `s`.

    **Raises:** `InvalidArgumentError` if the shape has no such form.

    ```python
    >>> import functape as tf
    >>> tf.linalg.tensor_diag_part([[1, 2], [3, 4]]).numpy()
    array([1, 4], dtype=int32)

    ```
    """
    given = operand(input)
    lengths = given.aval.shape
    half = len(lengths) // 2
    if not lengths or lengths[:half] != lengths[half:]:
        raise invalid(f"The shape must be some shape twice over. Received: {list(lengths)} [Op:DiagPart]")
    size = int(np.prod(lengths[:half]))
    return reshape(diag_part(reshape(given, (size, size))), lengths[:half])


def _ends(k: Any) -> tuple[int, int]:
    numbers = array_of(k).reshape(-1).tolist()
    if len(numbers) not in (1, 2):
        raise invalid(f"k must be a number or two numbers. Received: {k!r}")
    low, high = int(numbers[0]), int(numbers[-1])
    if low > high:
        raise invalid(f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}")
    return low, high


def _alignment(align: str) -> str:
    if align not in _ALIGNMENTS:
        raise invalid(f"`align` must be one of {', '.join(_ALIGNMENTS)}. Received: {align!r}")
    return align


def _band_of(matrix: Any, k: Any, align: str) -> Band:
    low, high = _ends(k)
    if matrix.aval.ndim < 2:
        raise invalid(f"input must be at least 2-dim, received shape: {list(matrix.aval.shape)}")
    rows, columns = matrix.aval.shape[-2:]
    for each in (low, high):
        if each and not -rows < each < columns:
            raise invalid(f"diagonal index is out of bound: {each}. It must be between {-rows} and {columns}")
    return Band(rows, columns, low, high, _alignment(align))


def _padding(value: Any, beside: Any) -> Any:
    if value.__class__ in (int, float, bool):
        return operand(beside.aval.dtype.as_numpy_dtype(value))
    return record(CAST, (beside.aval.dtype.as_numpy_dtype,), (operand(value),))
