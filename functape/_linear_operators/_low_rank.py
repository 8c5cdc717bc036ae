"""An operator changed by a product of few columns."""

from __future__ import annotations

from typing import Any

import functape.linalg as linalg
import functape.math as math
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._shape import TensorShape
from functape._linear_operators._base import LinearOperator, common_batch, in_one_batch
from functape._linear_operators._diagonal import LinearOperatorDiag, LinearOperatorIdentity
from functape._linear_operators._hints import Hint, arguments, implied


class LinearOperatorLowRankUpdate(LinearOperator):
    """The sum `L + U D V^H` of an operator and a product of few columns (`tf.linalg.LinearOperatorLowRankUpdate`).

    Systems are solved by Woodbury's formula, determinants by the matrix determinant lemma: at the cost of `L`'s and of
    a system of `k` equations.

    **Arguments:**
    - `base_operator`: `L`, an operator `[..., m, n]`.
    - `u`: a tensor or variable `[..., m, k]`.
    - `diag_update`: the diagonal of `D`, a tensor or variable `[..., k]`; ones by default.
    - `v`: a tensor or variable `[..., n, k]`; `u` by default.
    - `is_diag_update_positive`: whether `diag_update` is promised to be positive.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`; what
      follows from the other promises need not be promised.

    **Raises:** `ValueError` for shapes that do not fit, or promises that cannot be.

    ```python
    >>> import functape as tf
    >>> base = tf.linalg.LinearOperatorDiag([1.0, 2.0], is_positive_definite=True)
    >>> operator = tf.linalg.LinearOperatorLowRankUpdate(base, [[1.0], [0.0]])
    >>> print(operator.solvevec([2.0, 2.0]).numpy())
    [1. 1.]

    ```
    """

    _matrix_axes = (("base_operator", 0), ("u", 2), ("diag_update", 1), ("v", 2))

    def __init__(
        self, base_operator: LinearOperator, u: Any, diag_update: Any = None, v: Any = None,
        is_diag_update_positive: Hint = None, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorLowRankUpdate",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        positive = implied(is_diag_update_positive, diag_update is None, "The default diagonal is positive.")
        same = v is None
        definite = bool(base_operator.is_positive_definite and base_operator.is_self_adjoint and positive and same)
        real = not base_operator.dtype.is_complex
        symmetric = definite or (base_operator.is_self_adjoint and same and real)
        self._base_operator, self._positive = base_operator, positive
        self._u = operand(u)
        self._v = self._u if same else operand(v)
        self._diag_update = None if diag_update is None else operand(diag_update)
        rank = self._u.shape[-1]
        self._diag_operator: LinearOperator
        if self._diag_update is None:
            self._diag_operator = LinearOperatorIdentity(rank, dtype=base_operator.dtype)
        else:
            self._diag_operator = LinearOperatorDiag(self._diag_update, is_positive_definite=positive)
        super().__init__(
            base_operator.dtype, None,
            implied(is_non_singular, definite, "This operator is positive definite."),
            implied(is_self_adjoint, symmetric, "This operator is self-adjoint."),
            implied(is_positive_definite, definite, "This operator is positive definite."),
            is_square, name, parameters,
        )  # fmt: skip
        self._use_cholesky = definite
        self._check_shapes()

    def _check_shapes(self) -> None:
        for what, side, wanted in (("u", self.u, self.range_dimension), ("v", self.v, self.domain_dimension)):
            if side.aval.ndim < 2 or side.shape[-2] != wanted or side.shape[-1] != self._diag_operator.shape[-1]:
                raise ValueError(
                    f"Dimensions of `{what}` are not compatible: its shape is {side.shape}, that of `base_operator` "
                    f"{self.base_operator.shape}, that of `u` {self.u.shape}."
                )

    @property
    def base_operator(self) -> LinearOperator:
        """`L`."""
        return self._base_operator

    @property
    def u(self) -> Any:
        """`U`."""
        return self._u

    @property
    def v(self) -> Any:
        """`V`."""
        return self._v

    @property
    def diag_update(self) -> Any:
        """The diagonal of `D`, or None."""
        return self._diag_update

    @property
    def diag_operator(self) -> LinearOperator:
        """`D`."""
        return self._diag_operator

    @property
    def is_diag_update_positive(self) -> Hint:
        """Whether `D` is promised to be positive."""
        return self._positive

    def _shape(self) -> TensorShape:
        base = self.base_operator
        batches = (base.batch_shape, self.diag_operator.batch_shape, self.u.shape[:-2], self.v.shape[:-2])
        return common_batch(*batches).concatenate(base.shape[-2:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        inner, outer = (self.u, self.v) if adjoint else (self.v, self.u)
        small = self.diag_operator.matmul(linalg.matmul(inner, x, adjoint_a=True), adjoint=adjoint)
        return self.base_operator.matmul(x, adjoint=adjoint) + linalg.matmul(outer, small)

    def _capacitance(self, adjoint: bool = False) -> Any:
        """`D^-1 + V^H L^-1 U`."""
        inner, outer = (self.u, self.v) if adjoint else (self.v, self.u)
        core = linalg.matmul(inner, self.base_operator.solve(outer, adjoint=adjoint), adjoint_a=True)
        inverse = self.diag_operator.inverse()
        return (inverse.adjoint() if adjoint else inverse).add_to_tensor(core)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        base = self.base_operator
        if base.is_non_singular is False:
            raise ValueError("Solve not implemented unless this is a perturbation of a non-singular LinearOperator.")
        inner, outer = (self.u, self.v) if adjoint else (self.v, self.u)
        first = base.solve(rhs, adjoint=adjoint)
        small, capacitance = linalg.matmul(inner, first, adjoint_a=True), self._capacitance(adjoint)
        if self._use_cholesky:
            small = linalg.cholesky_solve(*in_one_batch([linalg.cholesky(capacitance), small]))
        else:
            small = linalg.solve(*in_one_batch([capacitance, small]))
        return first - base.solve(linalg.matmul(outer, small), adjoint=adjoint)

    def _diag_part(self) -> Any:
        product = self.u * math.conj(self.v)
        if self.diag_update is not None:
            product = product * self.diag_update[..., None, :]
        return math.reduce_sum(product, -1) + self.base_operator.diag_part()

    def _determinant(self) -> Any:
        if self.is_positive_definite:
            return math.exp(self.log_abs_determinant())
        return linalg.det(self._capacitance()) * self.diag_operator.determinant() * self.base_operator.determinant()

    def _log_abs_determinant(self) -> Any:
        if self._use_cholesky:
            core = 2 * math.reduce_sum(math.log(linalg.diag_part(linalg.cholesky(self._capacitance()))), -1)
        else:
            core = cast(math.log(math.abs(linalg.det(self._capacitance()))), self.dtype)
        return core + self.diag_operator.log_abs_determinant() + self.base_operator.log_abs_determinant()

    def _assert_self_adjoint(self) -> Any:
        if self.u is self.v and self.diag_update is None:
            return self.base_operator.assert_self_adjoint()
        return super()._assert_self_adjoint()
