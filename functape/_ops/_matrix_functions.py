"""Rows of functions of whole matrices: exponential, root, logarithm, LU, pseudo-inverse, eigenvalues, least squares."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._matrix import CONCRETE_FLOATS, _adjoint, _check_matrix, _check_square

_STEPS = 14
"""Steps of the iteration for square roots; it doubles the correct digits each time."""
_ROOTS = 7
"""Square roots taken before a logarithm is a short series."""


def _expm(x: Any) -> Any:
    if x.shape[-1] == 0:
        return x
    function = jax.scipy.linalg.expm
    for _ in range(x.ndim - 2):
        function = jax.vmap(function)
    return function(x)


def _root(x: Any) -> Any:
    """The principal square root by the product form of Denman and Beavers's iteration, in double precision."""
    wide = x.astype(jnp.complex128 if jnp.issubdtype(x.dtype, jnp.complexfloating) else jnp.float64)
    unit = jnp.broadcast_to(jnp.eye(x.shape[-1], dtype=wide.dtype), wide.shape)

    def step(_: Any, state: tuple[Any, Any]) -> tuple[Any, Any]:
        root, inverse = state
        return (root + jnp.linalg.inv(inverse)) / 2, (inverse + jnp.linalg.inv(root)) / 2

    # Scaled to a determinant of size one, the first steps are not wasted on the size alone.
    _, logarithm = jnp.linalg.slogdet(wide)
    scale = jnp.exp(logarithm / x.shape[-1])[..., None, None]
    scale = jnp.where(jnp.isfinite(scale) & (scale > 0), scale, 1).astype(wide.dtype)
    root, _ = lax.fori_loop(0, _STEPS, step, (wide / scale, unit))
    return root * jnp.sqrt(scale)


@jax.custom_jvp
def _sqrtm(x: Any) -> Any:
    return _root(x).astype(x.dtype)


@_sqrtm.defjvp
def _sqrtm_jvp(primals: Any, tangents: Any) -> Any:
    # S dS + dS S = dX, as one linear system for the elements of dS.
    (x,), (tangent,) = primals, tangents
    root = _sqrtm(x)
    size = x.shape[-1]
    unit = jnp.eye(size, dtype=x.dtype)
    left = jnp.einsum("...ik,jl->...ijkl", root, unit)
    right = jnp.einsum("...lj,ik->...ijkl", root, unit)
    system = (left + right).reshape((*x.shape[:-2], size * size, size * size))
    change = jnp.linalg.solve(system, tangent.reshape((*x.shape[:-2], size * size, 1)))
    return root, change.reshape(x.shape)


def _logm(x: Any) -> Any:
    """The principal logarithm: roots until it is near the unit matrix, then Gauss-Legendre quadrature."""
    unit = jnp.eye(x.shape[-1], dtype=jnp.complex128)
    near = x.astype(jnp.complex128)
    for _ in range(_ROOTS):
        near = _sqrtm(near)
    away = near - unit
    nodes, weights = np.polynomial.legendre.leggauss(8)
    total = jnp.zeros_like(away)
    for node, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        total = total + weight * jnp.linalg.solve(unit + node * away, away)
    return (total * 2**_ROOTS).astype(x.dtype)


def _lu(x: Any, dtype: Any) -> tuple[Any, Any]:
    both, _, permutation = lax.linalg.lu(x)
    return both, permutation.astype(dtype)


def _pinv(x: Any, cutoff: Any) -> Any:
    return jnp.linalg.pinv(x, rtol=jnp.broadcast_to(cutoff, x.shape[:-2]))


def _rank(x: Any, tolerance: Any) -> Any:
    sizes = jnp.linalg.svd(x, compute_uv=False)
    return jnp.sum(sizes > tolerance[..., None], -1, dtype=jnp.int32)


def _rank_by_precision(x: Any) -> Any:
    sizes = jnp.linalg.svd(x, compute_uv=False)
    limit = jnp.finfo(sizes.dtype).eps * max(x.shape[-2:]) * jnp.max(sizes, -1, keepdims=True)
    return jnp.sum(sizes > limit, -1, dtype=jnp.int32)


def _complex_of(x: Any) -> Any:
    return jnp.complex64 if x.dtype.name in ("float32", "complex64") else jnp.complex128


@jax.custom_jvp
def _eig(x: Any) -> tuple[Any, Any]:
    values, vectors = jnp.linalg.eig(x)
    return values.astype(_complex_of(x)), vectors.astype(_complex_of(x))


@_eig.defjvp
def _eig_jvp(primals: Any, tangents: Any) -> Any:
    (x,), (tangent,) = primals, tangents
    values, vectors = _eig(x)
    inside = jnp.linalg.solve(vectors, tangent.astype(vectors.dtype) @ vectors)
    gaps = values[..., None, :] - values[..., :, None]
    unit = jnp.eye(x.shape[-1], dtype=bool)
    mixing = jnp.where(unit, 0, inside / jnp.where(unit, 1, gaps))
    change = vectors @ mixing
    # The vectors keep their length.
    along = jnp.real(jnp.sum(jnp.conj(vectors) * change, -2, keepdims=True))
    change = change - vectors * along.astype(vectors.dtype)
    return (values, vectors), (jnp.diagonal(inside, axis1=-2, axis2=-1), change)


@jax.custom_jvp
def _eigvals(x: Any) -> Any:
    return jnp.linalg.eigvals(x).astype(_complex_of(x))


@_eigvals.defjvp
def _eigvals_jvp(primals: Any, tangents: Any) -> Any:
    (both, changes) = jax.jvp(_eig, primals, tangents)
    return both[0], changes[0]


def _check_least_squares(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.same_dtype(name, avals[:2])
    matrix, rhs = avals[:2]
    if matrix.ndim < 2 or rhs.ndim < 2 or matrix.shape[:-1] != rhs.shape[:-1]:
        raise checks.InvalidArgumentError(
            message=f"Matrix and rhs must have one number of rows and the same batch dimensions: {list(matrix.shape)} "
            f"vs. {list(rhs.shape)} [Op:{name}]"
        )


def _least_squares(matrix: Any, rhs: Any, regularizer: Any, fast: bool) -> Any:
    rows, columns = matrix.shape[-2:]
    if not fast:
        return jnp.linalg.pinv(matrix) @ rhs
    amount = regularizer.astype(matrix.dtype)
    if rows >= columns:
        gram = _adjoint(matrix) @ matrix + amount * jnp.eye(columns, dtype=matrix.dtype)
        return jnp.linalg.solve(gram, _adjoint(matrix) @ rhs)
    gram = matrix @ _adjoint(matrix) + amount * jnp.eye(rows, dtype=matrix.dtype)
    return _adjoint(matrix) @ jnp.linalg.solve(gram, rhs)


def _dense_band(bands: Any, lower: bool) -> Any:
    """The triangular matrix with the given bands; the rows of `bands` are as TensorFlow stores them."""
    count, size = bands.shape[-2:]
    row, column = np.arange(size)[:, None], np.arange(size)
    offset = row - column if lower else column - row
    inside = (offset >= 0) & (offset < count)
    place = np.clip(offset if lower else count - 1 - offset, 0, count - 1)
    return jnp.where(inside, bands[..., place, np.broadcast_to(row, place.shape)], jnp.zeros((), bands.dtype))


def _banded_solve(bands: Any, rhs: Any, lower: bool, adjoint: bool) -> Any:
    matrix = _dense_band(bands, lower)
    batch = jnp.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    matrix = jnp.broadcast_to(matrix, batch + matrix.shape[-2:])
    return lax.linalg.triangular_solve(
        matrix,
        jnp.broadcast_to(rhs, batch + rhs.shape[-2:]),
        left_side=True,
        lower=lower,
        transpose_a=adjoint,
        conjugate_a=adjoint,
    )


def _check_banded(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    checks.same_dtype(name, avals)
    bands, rhs = avals
    if bands.ndim < 2 or rhs.ndim < 2 or bands.shape[-1] != rhs.shape[-2] or not bands.shape[-2]:
        raise checks.InvalidArgumentError(
            message=f"`bands` and `rhs` do not fit: {list(bands.shape)} vs. {list(rhs.shape)} [Op:{name}]"
        )


def _tridiagonal_solve(upper: Any, main: Any, lower: Any, rhs: Any) -> Any:
    batch = jnp.broadcast_shapes(main.shape[:-1], rhs.shape[:-2])
    upper, main, lower = (jnp.broadcast_to(each, batch + each.shape[-1:]) for each in (upper, main, lower))
    rhs = jnp.broadcast_to(rhs, batch + rhs.shape[-2:])
    size = main.shape[-1]
    if size < 3:
        dense = jnp.zeros((*batch, size, size), main.dtype)
        index = np.arange(size)
        dense = dense.at[..., index, index].set(main)
        if size == 2:
            dense = dense.at[..., 0, 1].set(upper[..., 0]).at[..., 1, 0].set(lower[..., 1])
        return jnp.linalg.solve(dense, rhs)
    return lax.linalg.tridiagonal_solve(lower, main, upper, rhs)


def _tridiagonal_product(upper: Any, main: Any, lower: Any, rhs: Any) -> Any:
    below = jnp.concatenate([rhs[..., 1:, :], jnp.zeros_like(rhs[..., :1, :])], -2)
    above = jnp.concatenate([jnp.zeros_like(rhs[..., :1, :]), rhs[..., :-1, :]], -2)
    return upper[..., None] * below + main[..., None] * rhs + lower[..., None] * above


_SQUARE = checks.every(_check_square, CONCRETE_FLOATS)
_MATRIX = checks.every(_check_matrix, CONCRETE_FLOATS)
_COMPLEX = checks.dtypes(lambda dtype: dtype.is_complex, "complex")

EXPM = Op("MatrixExponential", _expm, check=_SQUARE)
SQRTM = Op("MatrixSquareRoot", _sqrtm, check=_SQUARE)
LOGM = Op("MatrixLogarithm", _logm, check=checks.every(_check_square, _COMPLEX))
LU = Op("Lu", _lu, ("dtype",), multiple=True, check=_SQUARE)
PSEUDO_INVERSE = Op("PseudoInverse", _pinv, unconnected=(1,), check=_check_matrix)
RANK_ABOVE = Op("MatrixRankAbove", _rank, differentiable=False, check=_check_matrix)
MATRIX_RANK = Op("MatrixRank", _rank_by_precision, differentiable=False, check=_MATRIX)
EIG = Op("Eig", _eig, multiple=True, check=_SQUARE)
EIGVALS = Op("EigVals", _eigvals, check=_SQUARE)
LEAST_SQUARES = Op(
    "MatrixSolveLs", _least_squares, ("fast",), unconnected=(2,), check=checks.every(_check_least_squares)
)
BANDED_SOLVE = Op("BandedTriangularSolve", _banded_solve, ("lower", "adjoint"), check=_check_banded)
TRIDIAGONAL_SOLVE = Op("TridiagonalSolve", _tridiagonal_solve, check=checks.every(checks.same_dtype, CONCRETE_FLOATS))
"""`(upper, main, lower, rhs)`, diagonals `[..., n]`: the last of `upper` and the first of `lower` do not count."""
TRIDIAGONAL_PRODUCT = Op(
    "TridiagonalMatMul", _tridiagonal_product, check=checks.every(checks.same_dtype, CONCRETE_FLOATS)
)
