"""Operators whose elements are given: whole matrices, and lower triangles."""

from __future__ import annotations

from typing import Any

import functape.linalg as linalg
import functape.math as math
from functape._api._static import operand
from functape._core._shape import TensorShape
from functape._linear_operators._base import LinearOperator, in_one_batch
from functape._linear_operators._hints import Hint, arguments, surely
from functape.debugging import assert_positive

_DTYPES = ("float16", "float32", "float64", "complex64", "complex128")


class LinearOperatorFullMatrix(LinearOperator):
    """A matrix given by its elements (`tf.linalg.LinearOperatorFullMatrix`).

    **Arguments:**
    - `matrix`: a tensor or variable `[..., m, n]`.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `TypeError` for a dtype that is not floating or complex; `ValueError` for fewer than two axes.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorFullMatrix([[2.0, 0.0], [0.0, 4.0]])
    >>> print(operator.solvevec([2.0, 2.0]).numpy())
    [1.  0.5]

    ```
    """

    _matrix_axes = (("matrix", 2),)

    def __init__(
        self, matrix: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorFullMatrix",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._matrix_given = operand(matrix)
        if self._matrix_given.aval.dtype.name not in _DTYPES:
            raise TypeError(f"Argument `matrix` must have dtype in {_DTYPES}. Received: {self._matrix_given.dtype!r}.")
        if self._matrix_given.aval.ndim < 2:
            raise ValueError(f"Argument `matrix` must have at least 2 dimensions. Received: {matrix}.")
        super().__init__(
            self._matrix_given.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name,
            parameters,
        )  # fmt: skip

    @property
    def matrix(self) -> Any:
        """The elements."""
        return self._matrix_given

    def _shape(self) -> TensorShape:
        return self.matrix.shape

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return linalg.matmul(self.matrix, x, adjoint_a=adjoint)

    def _to_dense(self) -> Any:
        return self.matrix


class LinearOperatorLowerTriangular(LinearOperator):
    """The lower triangle of a square matrix (`tf.linalg.LinearOperatorLowerTriangular`).

    **Arguments:**
    - `tril`: a tensor or variable `[..., n, n]`; what is above the diagonal is not read.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `ValueError` for fewer than two axes, or `is_square=False`.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorLowerTriangular([[2.0, 9.0], [1.0, 3.0]])
    >>> print(operator.determinant().numpy())
    6.0

    ```
    """

    _matrix_axes = (("tril", 2),)

    def __init__(
        self, tril: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None, is_positive_definite: Hint = None,
        is_square: Hint = None, name: str = "LinearOperatorLowerTriangular",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        square = surely(is_square, "Only square lower triangular operators are supported.")
        self._tril = operand(tril)
        if self._tril.aval.ndim < 2:
            raise ValueError(f"Argument `tril` must have at least 2 dimensions. Received: {tril}")
        super().__init__(
            self._tril.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, square, name, parameters
        )

    @property
    def tril(self) -> Any:
        """The matrix as given."""
        return self._tril

    def _shape(self) -> TensorShape:
        return self.tril.shape

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return linalg.matmul(self._to_dense(), x, adjoint_a=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        triangle, sides = in_one_batch([self._to_dense(), rhs])
        return linalg.triangular_solve(triangle, sides, lower=True, adjoint=adjoint)

    def _to_dense(self) -> Any:
        return linalg.band_part(self.tril, -1, 0)

    def _diag_part(self) -> Any:
        return linalg.diag_part(self.tril)

    def _determinant(self) -> Any:
        return math.reduce_prod(self._diag_part(), -1)

    def _log_abs_determinant(self) -> Any:
        return math.reduce_sum(math.log(math.abs(self._diag_part())), -1)

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _assert_non_singular(self) -> Any:
        return assert_positive(
            math.abs(self._diag_part()), message="Singular operator:  Diagonal contained zero values."
        )
