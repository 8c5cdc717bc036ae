"""Operators that keep lengths: reflections and permutations."""

from __future__ import annotations

from typing import Any

import numpy as np

import functape.linalg as linalg
import functape.math as math
from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._ordering import argsort
from functape._api._shaping import broadcast_to, reshape
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import from_numpy
from functape._core._known import host_array
from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype, float32
from functape._engine._errors import InvalidArgumentError
from functape._linear_operators._base import LinearOperator, common_batch, size_of
from functape._linear_operators._hints import Hint, arguments, surely


class LinearOperatorHouseholder(LinearOperator):
    """The reflection at the plane that a vector is normal to (`tf.linalg.LinearOperatorHouseholder`).

    **Arguments:**
    - `reflection_axis`: the vector, a tensor or variable `[..., n]` of any length.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`; what
      is true of reflections need not be promised.

    **Raises:** `ValueError` for a scalar, or a promise that cannot be.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorHouseholder([2.0, 0.0]).matvec([3.0, 4.0]).numpy())
    [-3.  4.]

    ```
    """

    _matrix_axes = (("reflection_axis", 1),)

    def __init__(
        self, reflection_axis: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorHouseholder",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._reflection_axis = operand(reflection_axis)
        if not self._reflection_axis.aval.ndim:
            raise ValueError(f"Argument `reflection_axis` must have at least 1 dimension. Received: {reflection_axis}")
        if is_positive_definite:
            raise ValueError("A Householder operator is never positive definite: leave is_positive_definite out.")
        super().__init__(
            self._reflection_axis.dtype, None, is_non_singular,
            surely(is_self_adjoint, "A Householder operator is always self adjoint."), False,
            surely(is_square, "A Householder operator is always square."), name, parameters,
        )  # fmt: skip

    @property
    def reflection_axis(self) -> Any:
        """The vector."""
        return self._reflection_axis

    def _shape(self) -> TensorShape:
        shape = self.reflection_axis.shape
        return shape.concatenate(shape[-1:])

    def _direction(self) -> Any:
        return linalg.l2_normalize(self.reflection_axis, -1)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        column = self._direction()[..., None]
        return x - 2 * column * linalg.matmul(column, x, adjoint_a=True)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs)

    def _to_dense(self) -> Any:
        column = self._direction()[..., None]
        matrix = -2 * linalg.matmul(column, column, adjoint_b=True)
        return linalg.set_diag(matrix, 1.0 + linalg.diag_part(matrix))

    def _diag_part(self) -> Any:
        direction = self._direction()
        return 1.0 - 2 * direction * math.conj(direction)

    def _trace(self) -> Any:
        return self._full(int(self.domain_dimension) - 2)

    def _determinant(self) -> Any:
        return self._full(-1)

    def _log_abs_determinant(self) -> Any:
        return self._full(0)

    def _eigvals(self) -> Any:
        return concat([self._full(-1, 1), self._full(1, int(self.domain_dimension) - 1)], -1)

    def _cond(self) -> Any:
        return self._full(1)

    def _assert_non_singular(self) -> Any:
        return None

    _assert_self_adjoint = _assert_non_singular

    def _assert_positive_definite(self) -> Any:
        raise InvalidArgumentError(message="Householder operators are always non-positive definite.")

    def _linop_adjoint(self) -> LinearOperator:
        return self

    _linop_inverse = _linop_adjoint


class LinearOperatorPermutation(LinearOperator):
    """The rows in another order (`tf.linalg.LinearOperatorPermutation`).

    **Arguments:**
    - `perm`: an integer tensor `[..., n]`: the row that comes to each place.
    - `dtype`: of the elements.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`; what
      is true of permutations need not be promised.

    **Raises:** `TypeError` for another dtype of `perm`; `ValueError` if it is no permutation, or for a promise that
    cannot be.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorPermutation([2, 0, 1]).matvec([5.0, 6.0, 7.0]).numpy())
    [7. 5. 6.]

    ```
    """

    _matrix_axes = (("perm", 1),)

    def __init__(
        self, perm: Any, dtype: Any = float32, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorPermutation",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._perm = operand(perm)
        if not self._perm.aval.ndim:
            raise ValueError(f"Argument `perm` must have at least 1 dimension. Received: {perm}.")
        if not self._perm.dtype.is_integer:
            raise TypeError(f"Argument `perm` must be integer dtype. Received: {perm}.")
        known, count = host_array(self._perm), self._perm.shape[-1]
        if known is not None and np.any(np.sort(known, -1) != np.arange(count)):
            raise ValueError(f"Argument `perm` must be a vector of unique integers from 0 to {count - 1}.")
        surely(is_non_singular, "A permutation is always non-singular.")
        square = surely(is_square, "A permutation is always square.")
        super().__init__(
            as_dtype(dtype), None, is_non_singular, is_self_adjoint, is_positive_definite, square, name, parameters
        )

    @property
    def perm(self) -> Any:
        """The row that comes to each place."""
        return self._perm

    def _shape(self) -> TensorShape:
        shape = self.perm.shape
        return shape.concatenate(shape[-1:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        order = argsort(self.perm) if adjoint and not self.is_self_adjoint else self.perm
        batch = common_batch(x.shape[:-2], order.shape[:-1])
        rows, columns = x.shape[-2:]
        flat = reshape(broadcast_to(x, batch.concatenate([rows, columns])), (size_of(batch), rows, columns))
        places = reshape(broadcast_to(order, batch.concatenate([rows])), (size_of(batch), rows))
        return reshape(gather(flat, places, axis=1, batch_dims=1), batch.concatenate([rows, columns]))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint=not adjoint)

    def _at(self, places: Any) -> Any:
        numbers = from_numpy(np.arange(int(self.domain_dimension), dtype=self.perm.dtype.as_numpy_dtype))
        return cast(math.equal(numbers, places), self.dtype)

    def _to_dense(self) -> Any:
        return self._at(self.perm[..., None])

    def _diag_part(self) -> Any:
        return self._at(self.perm)

    def _log_abs_determinant(self) -> Any:
        return self._full(0)

    def _cond(self) -> Any:
        return self._full(1)

    def _assert_non_singular(self) -> Any:
        return None
