"""Operators of three diagonals."""

from __future__ import annotations

from typing import Any

import functape.linalg as linalg
import functape.math as math
from functape._api._joining import stack, unstack
from functape._api._shaping import broadcast_to, roll
from functape._api._static import operand
from functape._core._shape import TensorShape
from functape._linear_operators._base import LinearOperator, common_batch
from functape._linear_operators._diagonal import assert_real
from functape._linear_operators._hints import Hint, arguments
from functape.debugging import assert_equal

_FORMATS = ("compact", "matrix", "sequence")


class LinearOperatorTridiag(LinearOperator):
    """A matrix of three diagonals (`tf.linalg.LinearOperatorTridiag`).

    **Arguments:**
    - `diagonals`: the upper, the main and the lower diagonal, tensors or variables.
    - `diagonals_format`: `"compact"` for a tensor `[..., 3, n]`, `"sequence"` for a list of three `[..., n]` (the last
      element of the upper one and the first one of the lower one are not read), `"matrix"` for a tensor `[..., n, n]`
      of which the rest is zero.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `ValueError` for another format.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorTridiag([[1.0, 0.0], [4.0, 4.0], [0.0, 1.0]])
    >>> print(operator.to_dense().numpy().tolist())
    [[4.0, 1.0], [1.0, 4.0]]

    ```
    """

    def __init__(
        self, diagonals: Any, diagonals_format: str = "compact", is_non_singular: Hint = None,
        is_self_adjoint: Hint = None, is_positive_definite: Hint = None, is_square: Hint = None,
        name: str = "LinearOperatorTridiag",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        if diagonals_format not in _FORMATS:
            raise ValueError(f"Argument `diagonals_format` must be one of {_FORMATS}. Received: {diagonals_format!r}")
        self._diagonals_format = diagonals_format
        self._diagonals: Any
        self._diagonals = list(map(operand, diagonals)) if diagonals_format == "sequence" else operand(diagonals)
        first: Any = self._diagonals[0] if diagonals_format == "sequence" else self._diagonals
        super().__init__(
            first.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, is_square, name, parameters
        )

    @property
    def _matrix_axes(self) -> tuple[tuple[str, int], ...]:  # type: ignore[override]
        return (("diagonals", 1 if self._diagonals_format == "sequence" else 2),)

    @property
    def diagonals(self) -> Any:
        """The diagonals, as they were given."""
        return self._diagonals

    @property
    def diagonals_format(self) -> str:
        """How they were given."""
        return self._diagonals_format

    def _three(self, adjoint: bool = False) -> list[Any]:
        """The upper, the main and the lower diagonal, all of the full length."""
        if self._diagonals_format == "sequence":
            shape = common_batch(*(each.shape for each in self.diagonals))
            three = [broadcast_to(each, shape) for each in self.diagonals]
        elif self._diagonals_format == "compact":
            three = unstack(self.diagonals, axis=-2)
        else:
            three = unstack(linalg.diag_part(self.diagonals, k=(-1, 1), align="LEFT_RIGHT"), axis=-2)
        if not adjoint:
            return three
        upper, main, lower = map(math.conj, three)
        return [roll(lower, -1, -1), main, roll(upper, 1, -1)]

    def _together(self, x: Any, adjoint: bool) -> tuple[list[Any], Any]:
        """The three diagonals and a matrix, in one batch."""
        three = self._three(adjoint)
        batch = common_batch(three[1].shape[:-1], x.shape[:-2])
        diagonals = [broadcast_to(each, batch.concatenate(each.shape[-1:])) for each in three]
        return diagonals, broadcast_to(x, batch.concatenate(x.shape[-2:]))

    def _shape(self) -> TensorShape:
        if self._diagonals_format == "matrix":
            return self.diagonals.shape
        if self._diagonals_format == "compact":
            *batch, _, length = self.diagonals.shape.as_list()
            return TensorShape((*batch, length, length))
        shape = common_batch(*(each.shape for each in self.diagonals))
        return shape.concatenate(shape[-1:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return linalg.tridiagonal_matmul(*self._together(x, adjoint), diagonals_format="sequence")

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return linalg.tridiagonal_solve(*self._together(rhs, adjoint), diagonals_format="sequence")

    def _diag_part(self) -> Any:
        return self._three()[1]

    def _to_dense(self) -> Any:
        if self._diagonals_format == "matrix":
            return self.diagonals
        return linalg.diag(stack(self._three(), -2), k=(-1, 1), align="LEFT_RIGHT")

    def _assert_self_adjoint(self) -> Any:
        if self._diagonals_format == "matrix":
            return super()._assert_self_adjoint()
        upper, main, lower = self._three()
        assert_real(main, "This tridiagonal operator contained non-zero imaginary values on the diagonal.")
        return assert_equal(
            math.conj(lower[..., 1:]), upper[..., :-1],
            message="This tridiagonal operator has non-conjugate subdiagonal and superdiagonal.",
        )  # fmt: skip
