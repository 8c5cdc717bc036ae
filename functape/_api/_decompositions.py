"""Decompositions of matrices, and systems of linear equations."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from functape._api._static import invalid, operand, operands
from functape._core._dispatch import composite
from functape._engine._recorder import record, record_multiple
from functape._ops import _matrix as rows


@composite
def cholesky(input: Any, name: str | None = None) -> Any:
    """The lower triangular factor of a positive definite matrix (`tf.linalg.cholesky`).

    **Arguments:**
    - `input`: a tensor `[..., n, n]`, of which the lower triangle is read.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the same shape; NaN where the matrix is not positive definite (TensorFlow on a CPU raises).

    **Raises:** `InvalidArgumentError` if it is not square.

    ```python
    >>> import functape as tf
    >>> tf.linalg.cholesky([[4.0, 0.0], [0.0, 9.0]]).numpy()
    array([[2., 0.],
           [0., 3.]], dtype=float32)

    ```
    """
    return record(rows.CHOLESKY, (), (operand(input),))


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """The solution of `A x = rhs`, given the Cholesky factor of `A` (`tf.linalg.cholesky_solve`).

    **Arguments:**
    - `chol`: a tensor `[..., n, n]`: the lower factor.
    - `rhs`: a tensor `[..., n, k]`.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.linalg.cholesky_solve([[2.0]], [[8.0]]).numpy()
    array([[2.]], dtype=float32)

    ```
    """
    factor, right = operands([chol, rhs])
    half = triangular_solve(factor, right)
    return triangular_solve(factor, half, adjoint=True)


@composite
def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The inverse of a matrix (`tf.linalg.inv`).

    **Arguments:**
    - `input`: a tensor `[..., n, n]`.
    - `adjoint`: whether to invert the adjoint instead.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor of the same shape; infinite or NaN for a singular matrix (TensorFlow on a CPU raises).

    **Raises:** `InvalidArgumentError` if it is not square.

    ```python
    >>> import functape as tf
    >>> tf.linalg.inv([[2.0]]).numpy()
    array([[0.5]], dtype=float32)

    ```
    """
    return record(rows.INVERSE, (bool(adjoint),), (operand(input),))


@composite
def det(input: Any, name: str | None = None) -> Any:
    """The determinant (`tf.linalg.det`).

    **Arguments:**
    - `input`: a tensor `[..., n, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[...]`.

    **Raises:** `InvalidArgumentError` if it is not square.

    ```python
    >>> import functape as tf
    >>> tf.linalg.det([[2.0, 0.0], [0.0, 3.0]]).numpy()
    np.float32(6.0)

    ```
    """
    return record(rows.DETERMINANT, (), (operand(input),))


LogMatrixDeterminant = namedtuple("LogMatrixDeterminant", ["sign", "log_abs_determinant"])


def slogdet(input: Any, name: str | None = None) -> Any:
    """The sign of the determinant and the logarithm of its size (`tf.linalg.slogdet`).

    **Arguments:**
    - `input`: a tensor `[..., n, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a named tuple of `sign` and `log_abs_determinant`, two tensors `[...]`.

    **Raises:** `InvalidArgumentError` if it is not square.

    ```python
    >>> import functape as tf
    >>> tf.linalg.slogdet([[-1.0]]).sign.numpy()
    np.float32(-1.0)

    ```
    """
    return LogMatrixDeterminant(*record_multiple(rows.LOG_DETERMINANT, (), (operand(input),)))


@composite
def logdet(matrix: Any, name: str | None = None) -> Any:
    """The logarithm of the determinant of a positive definite matrix (`tf.linalg.logdet`).

    **Arguments:**
    - `matrix`: a tensor `[..., n, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[...]`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.logdet([[1.0]]).numpy()
    np.float32(0.0)

    ```
    """
    return record(rows.LOG_OF_DEFINITE, (), (operand(matrix),))


@composite
def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """The solution of `matrix x = rhs` (`tf.linalg.solve`).

    **Arguments:**
    - `matrix`: a tensor `[..., n, n]`.
    - `rhs`: a tensor `[..., n, k]` of its dtype.
    - `adjoint`: whether to solve with the adjoint of `matrix`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., n, k]`; not finite for a singular matrix (TensorFlow on a CPU raises).

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.solve([[2.0]], [[8.0]]).numpy()
    array([[4.]], dtype=float32)

    ```
    """
    left, right = operands([matrix, rhs])
    if left.aval.shape[:-2] != right.aval.shape[:-2]:
        raise invalid(f"All batch dimensions must agree: {left.aval.shape} vs. {right.aval.shape} [Op:MatrixSolve]")
    return record(rows.SOLVE, (bool(adjoint),), (left, right))


def triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False, name: str | None = None) -> Any:
    """The solution of `matrix x = rhs` with a triangular matrix (`tf.linalg.triangular_solve`).

    **Arguments:**
    - `matrix`: a tensor `[..., n, n]`, of which one triangle is read.
    - `rhs`: a tensor `[..., n, k]` of its dtype; the leading axes broadcast.
    - `lower`: whether it is the lower triangle.
    - `adjoint`: whether to solve with the adjoint of `matrix`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.triangular_solve([[2.0]], [[8.0]]).numpy()
    array([[4.]], dtype=float32)

    ```
    """
    return record(rows.TRIANGULAR_SOLVE, (bool(lower), bool(adjoint)), operands([matrix, rhs]))


Qr = namedtuple("Qr", ["q", "r"])


def qr(input: Any, full_matrices: bool = False, name: str | None = None) -> Any:
    """An orthogonal and a triangular factor (`tf.linalg.qr`).

    **Arguments:**
    - `input`: a tensor `[..., m, n]`.
    - `full_matrices`: whether `q` is `[..., m, m]`; `[..., m, min(m, n)]` by default.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a named tuple of `q` and `r`.

    ```python
    >>> import functape as tf
    >>> q, r = tf.linalg.qr([[3.0, 1.0], [4.0, 2.0]])
    >>> r.shape
    TensorShape([2, 2])

    ```
    """
    return Qr(*record_multiple(rows.QR, (bool(full_matrices),), (operand(input),)))


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """The singular value decomposition (`tf.linalg.svd`).

    **Arguments:**
    - `tensor`: a tensor `[..., m, n]`.
    - `full_matrices`: whether `u` and `v` are square.
    - `compute_uv`: whether to compute them.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** `(s, u, v)` with `tensor = u @ diag(s) @ adjoint(v)`, or `s` alone.

    ```python
    >>> import functape as tf
    >>> tf.linalg.svd([[3.0]], compute_uv=False).numpy()
    array([3.], dtype=float32)

    ```
    """
    found = record_multiple(rows.SVD, (bool(full_matrices), bool(compute_uv)), (operand(tensor),))
    return found if compute_uv else found[0]


def eigh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues and eigenvectors of a self-adjoint matrix (`tf.linalg.eigh`).

    **Arguments:**
    - `tensor`: a tensor `[..., n, n]`, of which the lower triangle is read.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the eigenvalues `[..., n]` in ascending order, and the eigenvectors as the columns of `[..., n, n]`.

    ```python
    >>> import functape as tf
    >>> values, vectors = tf.linalg.eigh([[2.0, 0.0], [0.0, 1.0]])
    >>> values.numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    return record_multiple(rows.EIGH, (True,), (operand(tensor),))


def eigvalsh(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues of a self-adjoint matrix, in ascending order (`tf.linalg.eigvalsh`).

    **Arguments:**
    - `tensor`: a tensor `[..., n, n]`, of which the lower triangle is read.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.linalg.eigvalsh([[2.0, 0.0], [0.0, 1.0]]).numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    return record_multiple(rows.EIGH, (False,), (operand(tensor),))[0]
