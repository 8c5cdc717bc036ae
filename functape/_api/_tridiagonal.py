"""Systems with bands: `tf.linalg.tridiagonal_solve`, `tridiagonal_matmul` and `banded_triangular_solve`."""

from __future__ import annotations

from typing import Any

from functape._api._diagonals import diag_part
from functape._api._elementwise import conj
from functape._api._matrix import matrix_transpose
from functape._api._shaping import expand_dims, pad, squeeze
from functape._api._static import operand, operands
from functape._core._convert import convert
from functape._engine._recorder import record
from functape._ops import _matrix_functions as rows

_FORMATS = "'compact' (one tensor [..., 3, n]), 'sequence' (three tensors [..., n]) or 'matrix' ([..., n, n])"


def _diagonals(diagonals: Any, form: str, dtype: Any) -> tuple[Any, Any, Any]:
    """The diagonal above, the main one and the one below, each `[..., n]`."""
    if form == "compact":
        packed = convert(diagonals, hint=dtype)
        if packed.aval.ndim < 2 or packed.aval.shape[-2] != 3:
            found = packed.aval.shape[-2] if packed.aval.ndim >= 2 else packed.aval.shape
            raise ValueError(f"Expected 3 diagonals got {found}")
        return packed[..., 0, :], packed[..., 1, :], packed[..., 2, :]
    if form == "sequence":
        if not isinstance(diagonals, list | tuple) or len(diagonals) != 3:
            raise ValueError("Expected diagonals to be a sequence of length 3.")
        upper, main, lower = operands(diagonals)
        size = main.aval.shape[-1]
        return _filled(upper, size, after=True), main, _filled(lower, size, after=False)
    if form == "matrix":
        matrix = convert(diagonals, hint=dtype)
        if matrix.aval.ndim < 2 or matrix.aval.shape[-1] != matrix.aval.shape[-2]:
            raise ValueError(f"Expected last two dimensions of diagonals to be equal, got {matrix.aval.shape}")
        size = matrix.aval.shape[-1]
        if size == 1:
            main = diag_part(matrix)
            return main * 0, main, main * 0
        upper, lower = diag_part(matrix, k=1), diag_part(matrix, k=-1)
        return _filled(upper, size, after=True), diag_part(matrix), _filled(lower, size, after=False)
    raise ValueError(f"Unrecognized diagonals_format: {form}. It must be {_FORMATS}.")


def _filled(diagonal: Any, size: int, after: bool) -> Any:
    if diagonal.aval.shape[-1] != size - 1:
        return diagonal
    widths = [[0, 0]] * (diagonal.aval.ndim - 1) + [[0, 1] if after else [1, 0]]
    return pad(diagonal, widths)


def tridiagonal_solve(
    diagonals: Any, rhs: Any, diagonals_format: str = "compact", transpose_rhs: bool = False,
    conjugate_rhs: bool = False, name: str | None = None, partial_pivoting: bool = True, perturb_singular: bool = False,
) -> Any:  # fmt: skip
    """The solution of a system with three diagonals (`tf.linalg.tridiagonal_solve`).

    **Arguments:**
    - `diagonals`: the diagonals above, at and below the main one, as `diagonals_format` tells.
    - `rhs`: a tensor `[..., n]` or `[..., n, k]`; the former if it has one axis less than the matrix.
    - `diagonals_format`: `"compact"`, one tensor `[..., 3, n]`; `"sequence"`, three tensors `[..., n]`; `"matrix"`, a
      tensor `[..., n, n]`.
    - `transpose_rhs`, `conjugate_rhs`: whether to transpose or conjugate `rhs` first.
    - `name`: accepted for compatibility; ops have no names here.
    - `partial_pivoting`: accepted: XLA's kernel chooses.
    - `perturb_singular`: True is not supported.

    **Returns:** a tensor of the shape of `rhs`.

    **Raises:** `ValueError` if the diagonals do not fit their format.

    ```python
    >>> import functape as tf
    >>> tf.linalg.tridiagonal_solve([[0.0, 0.0], [2.0, 4.0], [0.0, 0.0]], [2.0, 8.0]).numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    if perturb_singular:
        raise ValueError("perturb_singular=True is not supported. Add a small multiple of the unit matrix yourself.")
    beside = convert(rhs)
    upper, main, lower = _diagonals(diagonals, diagonals_format, beside.dtype)
    right = convert(rhs, hint=main.dtype)
    flat = right.aval.ndim == main.aval.ndim and not (
        right.aval.ndim >= 2 and main.aval.shape[:-1] != right.aval.shape[:-1]
    )
    if flat:
        right = expand_dims(right, -1)
    elif transpose_rhs:
        right = matrix_transpose(right)
    if conjugate_rhs:
        right = conj(right)
    found = record(rows.TRIDIAGONAL_SOLVE, (), operands([upper, main, lower, right]))
    return squeeze(found, -1) if flat else found


def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Any:
    """The product of a matrix with three diagonals and `rhs` (`tf.linalg.tridiagonal_matmul`).

    **Arguments:**
    - `diagonals`, `diagonals_format`: as for `tridiagonal_solve`.
    - `rhs`: a tensor `[..., n, k]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` if the diagonals do not fit their format.

    ```python
    >>> import functape as tf
    >>> tf.linalg.tridiagonal_matmul([[1.0, 0.0], [2.0, 4.0], [0.0, 0.0]], [[1.0], [1.0]]).numpy()
    array([[3.],
           [4.]], dtype=float32)

    ```
    """
    right = operand(rhs)
    upper, main, lower = _diagonals(diagonals, diagonals_format, right.dtype)
    return record(rows.TRIDIAGONAL_PRODUCT, (), operands([upper, main, lower, right]))


def banded_triangular_solve(
    bands: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None
) -> Any:
    """The solution of a system with a triangular matrix of few bands (`tf.linalg.banded_triangular_solve`).

    **Arguments:**
    - `bands`: a tensor `[..., k, n]`: for a lower matrix the main diagonal and the k - 1 below it, their elements in
      the columns of their rows; for an upper one the main diagonal comes last.
    - `rhs`: a tensor `[..., n, m]` of its dtype.
    - `lower`: whether the matrix is a lower one.
    - `adjoint`: whether to solve with its adjoint.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., n, m]`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.banded_triangular_solve([[2.0, 4.0]], [[2.0], [8.0]]).numpy()
    array([[1.],
           [2.]], dtype=float32)

    ```
    """
    return record(rows.BANDED_SOLVE, (bool(lower), bool(adjoint)), operands([bands, rhs]))
