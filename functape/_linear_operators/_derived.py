"""The adjoint and the inverse of any operator."""

from __future__ import annotations

from typing import Any

import functape.linalg as linalg
import functape.math as math
from functape._core._shape import TensorShape
from functape._linear_operators._base import LinearOperator
from functape._linear_operators._hints import Hint, Hints, arguments, shared, surely


class _Derived(LinearOperator):
    """An operator that shares the promises of another one."""

    _matrix_axes = (("operator", 0),)

    def _begin(self, operator: LinearOperator, hints: Hints, name: str | None, relation: str, parameters: Any) -> None:
        self._operator = operator
        kept = {each: shared(operator, each, getattr(hints, each), relation) for each in hints._fields}
        LinearOperator.__init__(
            self, operator.dtype, name=f"{operator.name}_{relation}" if name is None else name, parameters=parameters,
            **kept,
        )  # fmt: skip

    @property
    def operator(self) -> LinearOperator:
        """The other one."""
        return self._operator

    def _assert_non_singular(self) -> Any:
        return self.operator.assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        return self.operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        return self.operator.assert_self_adjoint()

    def _cond(self) -> Any:
        return self.operator.cond()


class LinearOperatorAdjoint(_Derived):
    """The conjugate transpose of an operator (`tf.linalg.LinearOperatorAdjoint`).

    **Arguments:**
    - `operator`: the operator.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: as for `LinearOperator`; those of
      `operator` by default.
    - `name`: made of that of `operator` by default.

    **Raises:** `ValueError` for promises that contradict those of `operator`.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0]])
    >>> print(tf.linalg.LinearOperatorAdjoint(operator).to_dense().numpy().tolist())
    [[1.0], [2.0]]

    ```
    """

    def __init__(
        self, operator: LinearOperator, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str | None = None,
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        hints = Hints(is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        self._begin(operator, hints, name, "adjoint", parameters)

    def _shape(self) -> TensorShape:
        *batch, rows, columns = self.operator.shape.as_list()
        return TensorShape((*batch, columns, rows))

    def _conj(self, value: Any) -> Any:
        return value if self.is_self_adjoint else math.conj(value)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.matmul(x, adjoint=not adjoint)

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return self.operator.matvec(x, adjoint=not adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.solve(rhs, adjoint=not adjoint)

    def _solvevec(self, rhs: Any, adjoint: bool = False) -> Any:
        return self.operator.solvevec(rhs, adjoint=not adjoint)

    def _to_dense(self) -> Any:
        dense = self.operator.to_dense()
        return dense if self.is_self_adjoint else linalg.adjoint(dense)

    def _determinant(self) -> Any:
        return self._conj(self.operator.determinant())

    def _log_abs_determinant(self) -> Any:
        return self.operator.log_abs_determinant()

    def _trace(self) -> Any:
        return self._conj(self.operator.trace())

    def _eigvals(self) -> Any:
        return self._conj(self.operator.eigvals())

    def _linop_adjoint(self) -> LinearOperator:
        return self.operator


class LinearOperatorInversion(_Derived):
    """The inverse of an operator (`tf.linalg.LinearOperatorInversion`).

    **Arguments:**
    - `operator`: the operator.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: as for `LinearOperator`; those of
      `operator` by default.
    - `name`: made of that of `operator` by default.

    **Raises:** `ValueError` for promises that contradict those of `operator`, or for a singular one.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorInversion(tf.linalg.LinearOperatorDiag([1.0, 4.0]))
    >>> print(operator.matvec([1.0, 1.0]).numpy())
    [1.   0.25]

    ```
    """

    def __init__(
        self, operator: LinearOperator, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str | None = None,
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        for each, given in (("is_non_singular", is_non_singular), ("is_square", is_square)):
            surely(given, f"What has an inverse has {each}=True.")
            surely(getattr(operator, each), f"What has an inverse has {each}=True, but the operator has not.")
        hints = Hints(is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        self._begin(operator, hints, name, "inv", parameters)

    def _shape(self) -> TensorShape:
        return self.operator.shape

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.solve(x, adjoint=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.matmul(rhs, adjoint=adjoint)

    def _determinant(self) -> Any:
        return 1.0 / self.operator.determinant()

    def _log_abs_determinant(self) -> Any:
        return -self.operator.log_abs_determinant()

    def _eigvals(self) -> Any:
        return 1.0 / self.operator.eigvals()

    def _linop_inverse(self) -> LinearOperator:
        return self.operator
