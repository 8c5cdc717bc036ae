"""What functions of `tf.linalg` do with operators."""

from __future__ import annotations

from typing import Any

import functape.linalg as linalg
from functape._core._dispatch import handles
from functape._linear_operators._base import LinearOperator


def _method(name: str, method: str) -> None:
    """Make the function `tf.linalg.<name>` call a method without arguments."""

    @handles(name)
    def handler(operator: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(operator, method)() if isinstance(operator, LinearOperator) else NotImplemented


for _name, _called in {
    "adjoint": "adjoint",
    "cholesky": "cholesky",
    "det": "determinant",
    "diag_part": "diag_part",
    "trace": "trace",
}.items():
    _method(_name, _called)


@handles("inv")
def inv(input: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """`tf.linalg.inv` of an operator."""
    if not isinstance(input, LinearOperator):
        return NotImplemented
    inverse = input.inverse()
    return inverse.adjoint() if adjoint else inverse


@handles("logdet")
def logdet(matrix: Any, name: str | None = None) -> Any:
    """`tf.linalg.logdet` of an operator."""
    if not isinstance(matrix, LinearOperator):
        return NotImplemented
    if not (matrix.is_positive_definite and matrix.is_self_adjoint):
        raise ValueError("Expected matrix to be self-adjoint positive definite: pass these hints to the operator.")
    return matrix.log_abs_determinant()


@handles("solve")
def solve(matrix: Any, rhs: Any, adjoint: bool = False, name: str | None = None) -> Any:
    """`tf.linalg.solve` for an operator."""
    if isinstance(matrix, LinearOperator):
        return matrix.solve(rhs, adjoint=adjoint)
    if isinstance(rhs, LinearOperator):
        raise ValueError("Passing `matrix` as a tensor and `rhs` as an operator is not supported.")
    return NotImplemented


@handles("matvec")
def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """`tf.linalg.matvec` of an operator and a vector."""
    if not isinstance(a, LinearOperator):
        return NotImplemented
    _refuse(transpose_a, a_is_sparse or b_is_sparse)
    return a.matvec(b, adjoint=adjoint_a)


@handles("matmul")
def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
    grad_a: bool = False, grad_b: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """`tf.matmul` of operators, or of one and a tensor."""
    if not isinstance(a, LinearOperator) and not isinstance(b, LinearOperator):
        return NotImplemented
    _refuse(transpose_a or transpose_b, a_is_sparse or b_is_sparse)
    if isinstance(a, LinearOperator):
        return a.matmul(b, adjoint=adjoint_a, adjoint_arg=adjoint_b)
    return linalg.adjoint(b.matmul(a, adjoint=not adjoint_b, adjoint_arg=not adjoint_a))


def _refuse(transposed: bool, sparse: bool) -> None:
    if transposed or sparse:
        what = "Transposing" if transposed else "Sparse methods"
        raise ValueError(f"{what} not supported for operators. Take the adjoint instead.")
