"""Products of tensors and linear algebra."""

from __future__ import annotations

from typing import Any

from functape._api import _decompositions as decompositions
from functape._api import _matrix as kernels
from functape._api import _matrix_functions as functions
from functape._api._creation import eye
from functape._api._elementwise import conj
from functape._api._norms import norm
from functape._api._reductions import reduce_sum
from functape._api._shaping import expand_dims, reshape, squeeze, transpose
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops import _array_functions as rows
from functape.experimental.numpy import _products as numpy_products
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import common, floats, tensor, without_bools


def _product(kernel: Any) -> Any:
    """A product of two tensors of the dtype they have together; that of bools is one of integers."""
    return lambda x1, x2: _in_integers(kernel, *common((tensor(x1), tensor(x2))))


def _in_integers(kernel: Any, first: Any, second: Any) -> Any:
    if first.aval.dtype.is_bool:
        return cast(kernel(cast(first, "int32"), cast(second, "int32")), "bool")
    return kernel(first, second)


def _matrix_product(x1: Any, x2: Any) -> Any:
    given = tensor(x1), tensor(x2)
    first, second = common(given)
    if all(_added_up_wide(each.aval.dtype) for each in given):
        return kernels.matmul(cast(first, "int8"), cast(second, "int8"), output_type="int32")
    return _in_integers(numpy_products.matmul, first, second)


def _added_up_wide(dtype: Any) -> bool:
    """Whether products of a dtype are added up in 32 bits."""
    return bool(dtype.name == "int8")


def _summed(subscripts: str, operands: Any, options: dict[str, Any]) -> Any:
    if options:
        raise TypeError(f"einsum takes no keyword arguments. Received: {sorted(options)}")
    given = common(operands)
    if given[0].aval.dtype.is_bool:
        given = [without_bools(each) for each in given]
    wide = "int32" if _added_up_wide(given[0].aval.dtype) else None
    return kernels.einsum(subscripts, *(given if wide is None else [cast(each, wide) for each in given]))


def _tensor_product(x1: Any, x2: Any, axes: Any) -> Any:
    first, second = common((x1, x2))
    return _in_integers(lambda a, b: kernels.tensordot(a, b, axes), first, second)


def _crossed(x1: Any, x2: Any, axisa: int, axisb: int, axisc: int, axis: Any) -> Any:
    first, second = common((x1, x2))
    return numpy_products.cross(without_bools(first), without_bools(second), axisa, axisb, axisc, axis)


def _adjoint(x: Any) -> Any:
    rank = x.aval.ndim
    return transpose(conj(x), (*range(rank - 2), rank - 1, rank - 2))


def _triangular(x: Any, upper: bool) -> Any:
    lower = decompositions.cholesky(floats(x))
    return _adjoint(lower) if upper else lower


def _inverse_of_factor(x: Any, upper: bool) -> Any:
    given = floats(x)
    factor = _adjoint(given) if upper else given
    size = factor.aval.shape[-1]
    inverse = decompositions.triangular_solve(factor, eye(size, dtype=factor.aval.dtype), lower=True)
    return kernels.matmul(_adjoint(inverse), inverse)


def _solved(a: Any, b: Any, solve: Any) -> Any:
    matrix, right = common((a, b), float)
    if right.aval.ndim == matrix.aval.ndim - 1:
        return squeeze(solve(matrix, expand_dims(right, -1)), -1)
    return solve(matrix, right)


def _least_squares(a: Any, b: Any, rcond: Any) -> Any:
    matrix, right = common((a, b), float)
    columns = expand_dims(right, -1) if right.aval.ndim == 1 else right
    made = kernels.matmul(functions.pinv(matrix, rcond), columns)
    return squeeze(made, -1) if right.aval.ndim == 1 else made


def _singular(x: Any, full_matrices: bool, compute_uv: bool) -> Any:
    given = floats(x)
    if not compute_uv:
        return decompositions.svd(given, full_matrices, compute_uv=False)
    values, left, right = decompositions.svd(given, full_matrices)
    return left, values, _adjoint(right)


def _orthogonal(x: Any, mode: str) -> Any:
    if mode not in ("reduced", "complete"):
        raise ValueError(
            f"`mode` argument value not supported. Expected one of {{'reduced', 'complete'}}. Received: {mode}"
        )
    return tuple(decompositions.qr(floats(x), full_matrices=mode == "complete"))


def _length(x: Any, ord: Any, axis: Any, keepdims: bool) -> Any:
    given = floats(x)
    if axis is None and ord is not None and given.aval.ndim > 1:
        axis = (0, 1) if given.aval.ndim == 2 else None
    if ord == "nuc":
        return reduce_sum(_singular_values(given, axis), -1) if not keepdims else _kept(given, axis)
    return norm(given, "euclidean" if ord is None or ord == "fro" else ord, _pair(axis), keepdims=bool(keepdims))


def _singular_values(x: Any, axis: Any) -> Any:
    first, second = (each % x.aval.ndim for each in axis)
    rest = [each for each in range(x.aval.ndim) if each not in (first, second)]
    return decompositions.svd(transpose(x, [*rest, first, second]), compute_uv=False)


def _kept(x: Any, axis: Any) -> Any:
    places = [each % x.aval.ndim for each in axis]
    shape = [1 if place in places else length for place, length in enumerate(x.aval.shape)]
    return reshape(reduce_sum(_singular_values(x, axis), -1), shape)


def _pair(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _sign_and_log(x: Any) -> Any:
    return tuple(decompositions.slogdet(floats(x)))


def _log_determinant(x: Any) -> Any:
    from functape.linalg import logdet

    return logdet(floats(x))


def _forward(fun: Any, primals: Any, tangents: Any, has_aux: bool) -> Any:
    from functape.autodiff import ForwardAccumulator
    from functape.nest import map_structure

    at = [tensor(each) for each in primals]
    along = [tensor(each) for each in tangents]
    with ForwardAccumulator(at, along) as accumulator:
        made = fun(*at)
        values, aux = made if has_aux else (made, None)
    moved = map_structure(accumulator.jvp, values)
    return (values, moved, aux) if has_aux else (values, moved)


_PRODUCTS: Rows = {
    "matmul": ("The matrix product", lambda x1, x2: _matrix_product(x1, x2)),
    "dot": ("The sum of products over the last axis and the last but one", _product(numpy_products.dot)),
    "vdot": ("The sum of products of all elements", _product(numpy_products.vdot)),
    "inner": ("The sum of products over the last axes", _product(numpy_products.inner)),
    "outer": ("The products of each element with each", _product(numpy_products.outer)),
    "tensordot": ("The sum of products over some axes", lambda x1, x2, axes=2: _tensor_product(x1, x2, axes)),
    "einsum": (
        "Einstein's sum",
        lambda subscripts, *operands, **kwargs: _summed(subscripts, operands, kwargs),
    ),
    "cross": (
        "The cross product of vectors",
        lambda x1, x2, axisa=-1, axisb=-1, axisc=-1, axis=None: _crossed(x1, x2, axisa, axisb, axisc, axis),
    ),
    "kron": ("The Kronecker product", _product(lambda x1, x2: record(rows.KRON, (), (x1, x2)))),
    "cdist": (
        "The distances of each row to each",
        lambda x, y: record(rows.DISTANCES, (), tuple(common((x, y), float))),
    ),
}

_LINALG: Rows = {
    "cholesky": ("The triangular factor of a positive matrix", lambda x, upper=False: _triangular(x, upper)),
    "cholesky_inverse": (
        "The inverse of a matrix, given its triangular factor",
        lambda x, upper=False: _inverse_of_factor(x, upper),
    ),
    "det": ("The determinant", lambda x: decompositions.det(floats(x))),
    "logdet": ("The logarithm of a positive matrix's determinant", lambda x: _log_determinant(x)),
    "slogdet": ("The sign and the logarithm of the determinant", lambda x: _sign_and_log(x)),
    "inv": ("The inverse", lambda x: decompositions.inv(floats(x))),
    "pinv": ("The pseudo-inverse", lambda x, rcond=None: functions.pinv(floats(x), rcond)),
    "matrix_rank": ("The rank", lambda x, tol=None: functions.matrix_rank(floats(x), tol)),
    "eig": ("Eigenvalues and eigenvectors", lambda x: tuple(functions.eig(floats(x)))),
    "eigh": ("Eigenvalues and eigenvectors of a symmetric matrix", lambda x: tuple(decompositions.eigh(floats(x)))),
    "lu_factor": ("Triangular factors and the rows' order", lambda x: tuple(functions.lu(floats(x)))),
    "lstsq": ("The solution of least squares", lambda a, b, rcond=None: _least_squares(a, b, rcond)),
    "norm": (
        "The length of vectors or matrices",
        lambda x, ord=None, axis=None, keepdims=False: _length(x, ord, axis, keepdims),
    ),
    "qr": ("An orthogonal and a triangular factor", lambda x, mode="reduced": _orthogonal(x, mode)),
    "solve": ("The solution of linear equations", lambda a, b: _solved(a, b, decompositions.solve)),
    "solve_triangular": (
        "The solution of linear equations with a triangular matrix",
        lambda a, b, lower=False: _solved(
            a, b, lambda matrix, right: decompositions.triangular_solve(matrix, right, lower=lower)
        ),
    ),
    "svd": (
        "The singular value decomposition",
        lambda x, full_matrices=True, compute_uv=True: _singular(x, full_matrices, compute_uv),
    ),
    "jvp": (
        "A function's value, and how it changes along tangents",
        lambda fun, primals, tangents, has_aux=False: _forward(fun, primals, tangents, has_aux),
    ),
}  # fmt: skip

FUNCTIONS = described(_PRODUCTS | _LINALG)
