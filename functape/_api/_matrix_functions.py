"""Functions of whole matrices (`tf.linalg`): exponential, root, logarithm, LU, pseudo-inverse, eigenvalues."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

import numpy as np

from functape._api._decompositions import eigh, eigvalsh, triangular_solve
from functape._api._diagonals import band_part, diag, set_diag
from functape._api._elementwise import conj
from functape._api._functions import unary
from functape._api._gathering import gather
from functape._api._norms import norm
from functape._api._ordering import argsort
from functape._api._static import array_of, invalid, operand, operands
from functape._core._cast import cast
from functape._core._convert import convert
from functape._engine._dtypes import as_dtype, float32, int32, int64
from functape._engine._recorder import record, record_multiple
from functape._ops import _matrix_functions as rows

expm = unary(
    rows.EXPM, "expm", "The exponential of a square matrix",
    "print(tf.linalg.expm([[0.0, 0.0], [0.0, 0.0]]).numpy().tolist())\n[[1.0, 0.0], [0.0, 1.0]]", "input", "tf.linalg",
)  # fmt: skip
sqrtm = unary(
    rows.SQRTM, "sqrtm", "The principal square root of a square matrix",
    "print(tf.linalg.sqrtm([[4.0, 0.0], [0.0, 9.0]]).numpy().round(4).tolist())\n[[2.0, 0.0], [0.0, 3.0]]", "input",
    "tf.linalg",
)  # fmt: skip
logm = unary(
    rows.LOGM, "logm", "The principal logarithm of a complex square matrix",
    "print(abs(tf.linalg.logm([[1.0 + 0.0j, 0.0], [0.0, 1.0]]).numpy()).max().round(4))\n0.0", "input", "tf.linalg",
)  # fmt: skip
eigvals = unary(
    rows.EIGVALS, "eigvals", "The eigenvalues of a square matrix, complex and in no promised order",
    "print(tf.linalg.eigvals([[2.0]]).numpy())\n[2.+0.j]", "tensor", "tf.linalg",
)  # fmt: skip

Lu = namedtuple("Lu", ["lu", "p"])


def eig(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues and eigenvectors of a square matrix (`tf.linalg.eig`).

    **Arguments:**
    - `tensor`: a tensor `[..., n, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the complex eigenvalues `[..., n]`, in no promised order, and the eigenvectors as the columns of
    `[..., n, n]`.

    ```python
    >>> import functape as tf
    >>> values, vectors = tf.linalg.eig([[2.0]])
    >>> values.dtype
    tf.complex64

    ```
    """
    return record_multiple(rows.EIG, (), (operand(tensor),))


def lu(input: Any, output_idx_type: Any = int32, name: str | None = None) -> Any:
    """The triangular factors of a square matrix whose rows are permuted (`tf.linalg.lu`).

    **Arguments:**
    - `input`: a tensor `[..., n, n]`.
    - `output_idx_type`: int32 or int64.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a named tuple of `lu`, both factors in one matrix, and `p`, the row that comes to each place.

    ```python
    >>> import functape as tf
    >>> tf.linalg.lu([[0.0, 1.0], [2.0, 0.0]]).p.numpy()
    array([1, 0], dtype=int32)

    ```
    """
    wanted = as_dtype(output_idx_type)
    if wanted not in (int32, int64):
        raise invalid(f"`output_idx_type` must be tf.int32 or tf.int64 [Op:Lu]. Received: {wanted!r}")
    return Lu(*record_multiple(rows.LU, (wanted.as_numpy_dtype,), (operand(input),)))


def _factors(lower_upper: Any, perm: Any, validate: bool) -> tuple[Any, Any, Any]:
    both, order = operand(lower_upper), operand(perm)
    if both.aval.ndim < 2 or both.aval.shape[-1] != both.aval.shape[-2]:
        raise ValueError(f"`lower_upper` must be square. Received shape {both.aval.shape}")
    if order.aval.shape != both.aval.shape[:-1]:
        raise ValueError(f"`perm` of shape {order.aval.shape} does not fit `lower_upper` of shape {both.aval.shape}")
    if validate and array_of(order).size and np.any(np.sort(array_of(order), -1) != np.arange(order.aval.shape[-1])):
        raise invalid(f"`perm` is no permutation. Received: {order}")
    one = convert(np.ones(both.aval.shape[:-1], both.dtype.as_numpy_dtype))
    lower = set_diag(band_part(both, -1, 0), one)
    upper = band_part(both, 0, -1)
    return lower, upper, argsort(order)


def _rows(matrix: Any, order: Any) -> Any:
    return gather(matrix, order, axis=-2, batch_dims=order.aval.ndim - 1)


def lu_reconstruct(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The matrix whose factors `lu` gave (`tf.linalg.lu_reconstruct`).

    **Arguments:**
    - `lower_upper`, `perm`: what `tf.linalg.lu` returns.
    - `validate_args`: whether to check that `perm` is a permutation.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.linalg.lu_reconstruct(*tf.linalg.lu([[0.0, 1.0], [2.0, 0.0]])).numpy().tolist()
    [[0.0, 1.0], [2.0, 0.0]]

    ```
    """
    lower, upper, back = _factors(lower_upper, perm, validate_args)
    return _rows(lower @ upper, back)


def lu_solve(lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The solution of `matrix x = rhs`, given the factors of the matrix (`tf.linalg.lu_solve`).

    **Arguments:**
    - `lower_upper`, `perm`: what `tf.linalg.lu` returns.
    - `rhs`: a tensor `[..., n, k]`.
    - `validate_args`: whether to check that `perm` is a permutation.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.linalg.lu_solve(*tf.linalg.lu([[2.0]]), [[8.0]]).numpy()
    array([[4.]], dtype=float32)

    ```
    """
    lower, upper, _ = _factors(lower_upper, perm, validate_args)
    right, order = convert(rhs, hint=lower.dtype), operand(perm)
    return triangular_solve(upper, triangular_solve(lower, _rows(right, order)), lower=False)


def lu_matrix_inverse(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The inverse of the matrix whose factors `lu` gave (`tf.linalg.lu_matrix_inverse`); as `lu_reconstruct` otherwise.

    ```python
    >>> import functape as tf
    >>> tf.linalg.lu_matrix_inverse(*tf.linalg.lu([[2.0]])).numpy()
    array([[0.5]], dtype=float32)

    ```
    """
    both = operand(lower_upper)
    unit = np.broadcast_to(np.eye(both.aval.shape[-1], dtype=both.dtype.as_numpy_dtype), both.aval.shape)
    return lu_solve(both, perm, convert(unit), validate_args)


def _at_least_a_matrix(a: Any) -> Any:
    matrix = operand(a)
    if not (matrix.dtype.is_floating or matrix.dtype.is_complex):
        if matrix.dtype.is_integer and not hasattr(a, "dtype"):
            matrix = cast(matrix, float32)
        else:
            raise TypeError(f"Input `a` must have `float`-like `dtype` (saw {matrix.dtype.name}).")
    if matrix.aval.ndim < 2:
        raise ValueError(f"Input `a` must have at least 2 dimensions (saw: {matrix.aval.ndim}).")
    return matrix


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """How many singular values are larger than `tol` (`tf.linalg.matrix_rank`).

    **Arguments:**
    - `a`: a floating tensor `[..., m, n]`.
    - `tol`: the limit; the dtype's resolution times the longer side times the largest singular value by default.
    - `validate_args`: accepted: the rank is always checked.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** an int32 tensor `[...]`.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.matrix_rank([[1.0, 1.0], [1.0, 1.0]]).numpy())
    1

    ```
    """
    matrix = _at_least_a_matrix(a)
    if tol is None:
        return record(rows.MATRIX_RANK, (), (matrix,))
    return record(rows.RANK_ABOVE, (), (matrix, convert(tol, matrix.dtype.real_dtype)))


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The pseudo-inverse of a matrix (`tf.linalg.pinv`).

    **Arguments:**
    - `a`: a floating tensor `[..., m, n]`.
    - `rcond`: singular values below this share of the largest count as 0; ten times the longer side times the dtype's
      resolution by default.
    - `validate_args`: accepted: the rank is always checked.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., n, m]`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.pinv([[2.0], [0.0]]).numpy()
    array([[0.5, 0. ]], dtype=float32)

    ```
    """
    matrix = _at_least_a_matrix(a)
    real = matrix.dtype.real_dtype
    if rcond is None:
        rcond = 10.0 * max(matrix.aval.shape[-2:]) * float(np.finfo(real.as_numpy_dtype).eps)
    return record(rows.PSEUDO_INVERSE, (), (matrix, convert(rcond, real)))


def lstsq(matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True, name: str | None = None) -> Any:
    """The least squares solution of `matrix x = rhs` (`tf.linalg.lstsq`).

    **Arguments:**
    - `matrix`: a tensor `[..., m, n]`.
    - `rhs`: a tensor `[..., m, k]` of its dtype.
    - `l2_regularizer`: a number: how much the solution's size counts.
    - `fast`: whether to solve the normal equations; otherwise the pseudo-inverse is used, and the regularizer counts
      for nothing.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., n, k]`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.lstsq([[1.0], [1.0]], [[1.0], [3.0]]).numpy()
    array([[2.]], dtype=float32)

    ```
    """
    left, right = operands([matrix, rhs])
    return record(rows.LEAST_SQUARES, (bool(fast),), (left, right, convert(l2_regularizer, left.dtype.real_dtype)))


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> Any:
    """A tensor divided by its norm, and the norm (`tf.linalg.normalize`).

    **Arguments:**
    - `tensor`, `ord`, `axis`: as for `tf.norm`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the pair; the norm keeps its axes, with length 1.

    ```python
    >>> import functape as tf
    >>> tf.linalg.normalize([3.0, 4.0])[0].numpy()
    array([0.6, 0.8], dtype=float32)

    ```
    """
    values = operand(tensor)
    size = norm(values, ord, axis, True)
    if size.dtype is not values.dtype:
        size = cast(size, values.dtype)
    return values / size, size


def eigh_tridiagonal(
    alpha: Any, beta: Any, eigvals_only: bool = True, select: str = "a", select_range: Any = None, tol: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """Eigenvalues of a self-adjoint tridiagonal matrix (`tf.linalg.eigh_tridiagonal`).

    **Arguments:**
    - `alpha`: the diagonal, a tensor `[n]`.
    - `beta`: the diagonal above it, a tensor `[n - 1]`.
    - `eigvals_only`: whether to leave out the eigenvectors.
    - `select`: `"a"` for all, `"v"` for those in the interval `select_range`, excluding its lower end, `"i"` for those
      of the numbers from the first to the second of `select_range`.
    - `select_range`: two numbers.
    - `tol`: accepted: the eigenvalues are exact to the dtype's resolution.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** the eigenvalues in ascending order; with the eigenvectors in columns unless `eigvals_only`.

    **Raises:** `ValueError` if `select` is none of these or lacks its range.

    ```python
    >>> import functape as tf
    >>> tf.linalg.eigh_tridiagonal([1.0, 2.0], [0.0]).numpy()
    array([1., 2.], dtype=float32)

    ```
    """
    if select not in ("a", "i", "v"):
        raise ValueError(f"`select` must be 'a', 'i' or 'v'. Received: {select!r}")
    if select != "a" and (select_range is None or len(select_range) != 2 or select_range[0] > select_range[1]):
        raise ValueError(
            f"`select_range` must hold two numbers in ascending order for select={select!r}. Received: {select_range}"
        )

    main, side = operand(alpha), operand(beta)
    if not hasattr(alpha, "dtype") and main.dtype.is_integer:
        main, side = convert(alpha, float32), convert(beta, float32)
    matrix = _with_sides(main, side)
    vectors: Any = None
    if eigvals_only:
        values = eigvalsh(matrix)
    else:
        values, vectors = eigh(matrix)
    if main.dtype.is_complex:
        values = cast(values, main.dtype.real_dtype)
    if select == "i":
        chosen = slice(int(select_range[0]), int(select_range[1]) + 1)
    elif select == "v":
        known = np.asarray(values)
        chosen = slice(
            int(np.searchsorted(known, float(select_range[0]), "right")),
            int(np.searchsorted(known, float(select_range[1]), "right")),
        )
    else:
        chosen = slice(None)
    return values[chosen] if eigvals_only else (values[chosen], vectors[:, chosen])


def _with_sides(main: Any, side: Any) -> Any:
    """The self-adjoint matrix with these diagonals; the lower triangle is what counts."""
    conjugated = side
    if side.dtype.is_complex:
        conjugated = conj(side)
    return diag(main) + diag(conjugated, k=-1) + diag(side, k=1)
