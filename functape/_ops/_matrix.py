"""Rows of the ops on matrices. All take batches: the matrix is in the last two axes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._errors import FailedPreconditionError
from functape._engine._op import Op
from functape._ops import _checks as checks


def _refuse(name: str, message: str) -> None:
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def _check_matrix(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    if avals[0].ndim < 2:
        _refuse(name, f"Input tensor must have rank at least 2, got a tensor of shape {list(avals[0].shape)}")


def _check_square(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    _check_matrix(name, avals)
    if avals[0].shape[-1] != avals[0].shape[-2]:
        _refuse(name, f"Input matrix must be square. Received shape {list(avals[0].shape)}")


def _check_solve(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.same_dtype(name, avals)
    _check_square(name, avals)
    matrix, rhs = avals
    if rhs.ndim < 2 or rhs.shape[-2] != matrix.shape[-2]:
        _refuse(name, f"Input matrix and rhs are incompatible: {list(matrix.shape)} vs. {list(rhs.shape)}")


def _check_einsum(name: str, avals: tuple[Aval, ...], equation: str) -> None:
    checks.same_dtype(name, avals)


def _einsum(*inputs: Any, equation: str) -> Any:
    return jnp.einsum(equation, *inputs, preferred_element_type=inputs[0].dtype)


def _tensordot(a: Any, b: Any, axes: tuple[tuple[int, ...], tuple[int, ...]]) -> Any:
    return jnp.tensordot(a, b, axes, preferred_element_type=a.dtype)


def _adjoint(x: Any) -> Any:
    return jnp.conj(jnp.swapaxes(x, -1, -2))


@jax.custom_jvp
def _lower_factor(x: Any) -> Any:
    return lax.linalg.cholesky(x, symmetrize_input=False)


@_lower_factor.defjvp
def _lower_factor_jvp(primals: Any, tangents: Any) -> Any:
    # The input counts as symmetric: its tangent is symmetrized, so that the gradient comes out symmetric too.
    (x,), (tangent,) = primals, tangents
    factor = _lower_factor(x)
    symmetric = (tangent + _adjoint(tangent)) / 2
    half = lax.linalg.triangular_solve(factor, symmetric, left_side=True, lower=True)
    whole = lax.linalg.triangular_solve(factor, half, left_side=False, lower=True, transpose_a=True, conjugate_a=True)
    weights = jnp.tril(jnp.ones(x.shape[-2:], x.dtype), -1) + jnp.eye(x.shape[-1], dtype=x.dtype) / 2
    return factor, jnp.matmul(factor, whole * weights)


def _solve(matrix: Any, rhs: Any, adjoint: bool) -> Any:
    return jnp.linalg.solve(_adjoint(matrix) if adjoint else matrix, rhs)


def _triangular_solve(matrix: Any, rhs: Any, lower: bool, adjoint: bool) -> Any:
    batch = jnp.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    matrix = jnp.broadcast_to(matrix, batch + matrix.shape[-2:])
    rhs = jnp.broadcast_to(rhs, batch + rhs.shape[-2:])
    matrix = jnp.tril(matrix) if lower else jnp.triu(matrix)
    return lax.linalg.triangular_solve(
        matrix, rhs, left_side=True, lower=lower, transpose_a=adjoint, conjugate_a=adjoint
    )


def _svd(x: Any, full_matrices: bool, vectors: bool) -> tuple[Any, ...]:
    if not vectors:
        return (jnp.linalg.svd(x, full_matrices=False, compute_uv=False),)
    left, sizes, right = jnp.linalg.svd(x, full_matrices=full_matrices)
    return sizes, left, _adjoint(right)


def _from_lower(x: Any) -> Any:
    """The Hermitian matrix whose lower triangle is that of `x`."""
    lower = jnp.tril(x, -1)
    return lower + _adjoint(lower) + jnp.real(_diagonal(x))[..., None] * jnp.eye(x.shape[-1], dtype=x.dtype)


def _diagonal(x: Any) -> Any:
    return jnp.diagonal(x, axis1=-2, axis2=-1)


def _eigh(x: Any, vectors: bool) -> tuple[Any, ...]:
    sizes, found = jnp.linalg.eigh(_from_lower(x), symmetrize_input=False)
    # TensorFlow gives the eigenvalues the dtype of the matrix, complex ones too.
    sizes = sizes.astype(x.dtype)
    return (sizes, found) if vectors else (sizes,)


def _band_part(x: Any, lower: int, upper: int) -> Any:
    rows, columns = jnp.arange(x.shape[-2])[:, None], jnp.arange(x.shape[-1])
    kept = jnp.ones(x.shape[-2:], bool)
    if lower >= 0:
        kept &= rows - columns <= lower
    if upper >= 0:
        kept &= columns - rows <= upper
    return jnp.where(kept, x, jnp.zeros((), x.dtype))


def _check_cross(name: str, avals: tuple[Aval, ...]) -> None:
    checks.same_dtype(name, avals)
    a, b = avals
    if a.shape != b.shape:
        _refuse(name, f"Both inputs must be of same shape: {list(a.shape)} vs. {list(b.shape)}")
    if not a.ndim or a.shape[-1] != 3:
        raise FailedPreconditionError(
            message=f"Cross-products are only defined for 3-element vectors. Received shape {list(a.shape)} [Op:{name}]"
        )


def _signed_log_determinant(x: Any) -> tuple[Any, ...]:
    sign, log = jnp.linalg.slogdet(x)
    return sign.astype(x.dtype), log.astype(x.dtype)


def _trace(x: Any) -> Any:
    return jnp.sum(_diagonal(x), -1, dtype=x.dtype)


CONCRETE_FLOATS = checks.dtypes(
    lambda dtype: dtype.name in ("float32", "float64", "complex64", "complex128"), "float32, float64 or complex"
)
"""What linear algebra libraries work with."""

EINSUM = Op("Einsum", _einsum, ("equation",), check=_check_einsum)
TENSORDOT = Op("Tensordot", _tensordot, ("axes",), check=checks.same_dtype)
TRACE = Op("Trace", _trace, check=_check_matrix)
CHOLESKY = Op("Cholesky", lambda x: jnp.tril(_lower_factor(x)), check=checks.every(_check_square, CONCRETE_FLOATS))
INVERSE = Op(
    "MatrixInverse",
    lambda x, adjoint: jnp.linalg.inv(_adjoint(x) if adjoint else x),
    ("adjoint",),
    check=checks.every(_check_square, CONCRETE_FLOATS),
)
DETERMINANT = Op("MatrixDeterminant", jnp.linalg.det, check=checks.every(_check_square, CONCRETE_FLOATS))
LOG_DETERMINANT = Op(
    "LogMatrixDeterminant",
    _signed_log_determinant,
    multiple=True,
    check=checks.every(_check_square, CONCRETE_FLOATS),
)
LOG_OF_DEFINITE = Op(
    "LogDet",
    lambda x: 2 * jnp.sum(jnp.log(jnp.real(_diagonal(_lower_factor(x)))), -1).astype(x.dtype),
    check=checks.every(_check_square, CONCRETE_FLOATS),
)
SOLVE = Op("MatrixSolve", _solve, ("adjoint",), check=checks.every(_check_solve, CONCRETE_FLOATS))
TRIANGULAR_SOLVE = Op(
    "MatrixTriangularSolve",
    _triangular_solve,
    ("lower", "adjoint"),
    check=checks.every(_check_solve, CONCRETE_FLOATS),
)
QR = Op(
    "Qr",
    lambda x, full_matrices: tuple(jnp.linalg.qr(x, "complete" if full_matrices else "reduced")),
    ("full_matrices",),
    multiple=True,
    check=checks.every(_check_matrix, CONCRETE_FLOATS),
)
SVD = Op(
    "Svd",
    _svd,
    ("full_matrices", "vectors"),
    multiple=True,
    check=checks.every(_check_matrix, CONCRETE_FLOATS),
)
EIGH = Op("SelfAdjointEigV2", _eigh, ("vectors",), multiple=True, check=checks.every(_check_square, CONCRETE_FLOATS))
BAND_PART = Op("MatrixBandPart", _band_part, ("lower", "upper"), check=_check_matrix)
CROSS = Op("Cross", jnp.cross, check=_check_cross)
