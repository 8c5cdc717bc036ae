"""Operators made of several: products one after the other, and Kronecker's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import functape.linalg as linalg
import functape.math as math
from functape._api._shaping import expand_dims, reshape
from functape._core._shape import TensorShape
from functape._engine._errors import InvalidArgumentError
from functape._linear_operators._base import LinearOperator, common_batch, size_of
from functape._linear_operators._dense import LinearOperatorLowerTriangular
from functape._linear_operators._hints import Hint, arguments, implied, inherited
from functape.debugging import assert_proper_iterable


def checked(operators: Any) -> list[LinearOperator]:
    """A list of operators of one dtype.

    **Raises:** `ValueError` if there are none; `TypeError` if their dtypes differ or they are no list.
    """
    assert_proper_iterable(operators)
    several = list(operators)
    if not several:
        raise ValueError(f"Argument `operators` must be a list of at least one operator. Received: {operators}.")
    same_dtype(several)
    return several


def same_dtype(operators: Sequence[LinearOperator]) -> None:
    """Check that operators have one dtype.

    **Raises:** `TypeError` if they have not.
    """
    if any(each.dtype is not operators[0].dtype for each in operators):
        found = [(each.name, each.dtype.name) for each in operators]
        raise TypeError(f"Expected all operators to have the same dtype. Received: {found}")


def total(values: Sequence[Any]) -> Any:
    """The sum of tensors."""
    return functools.reduce(lambda one, other: one + other, values)


def are_adjoint(one: LinearOperator, other: LinearOperator) -> bool:
    """Whether two operators are known to be each other's adjoint, by what they are made of."""
    if one is other and one.is_self_adjoint is not None:
        return bool(one.is_self_adjoint)
    return one.H is other or other.H is one


def is_mirrored(operators: Sequence[LinearOperator]) -> bool:
    """Whether the product of operators has the form of one and its adjoint."""
    half = len(operators) // 2
    return not len(operators) % 2 and all(are_adjoint(operators[i], operators[-1 - i]) for i in range(half))


class LinearOperatorComposition(LinearOperator):
    """The product of operators, of which the last one comes first (`tf.linalg.LinearOperatorComposition`).

    **Arguments:**
    - `operators`: a list of operators.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: as for `LinearOperator`; what follows
      from those of `operators` need not be promised.
    - `name`: made of those of `operators` by default.

    **Raises:** `TypeError` if the dtypes differ; `ValueError` for promises that cannot be, or shapes that do not fit.

    ```python
    >>> import functape as tf
    >>> parts = [tf.linalg.LinearOperatorDiag([1.0, 2.0]), tf.linalg.LinearOperatorFullMatrix([[1.0, 1.0], [1.0, 0.0]])]
    >>> print(tf.linalg.LinearOperatorComposition(parts).matvec([1.0, 2.0]).numpy())
    [3. 2.]

    ```
    """

    _matrix_axes = (("operators", 0),)

    def __init__(
        self, operators: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str | None = None,
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._operators = several = checked(operators)
        invertible = implied(
            is_non_singular, all(each.is_non_singular for each in several),
            "The composition of non-singular operators is non-singular.",
        )  # fmt: skip
        mirrored = is_mirrored(several)
        alone = len(several) == 1 and several[0].is_self_adjoint
        adjoint = implied(is_self_adjoint, alone or mirrored, "This composition is self-adjoint.")
        square = implied(is_square, mirrored, "The product of an operator and its adjoint is square.")
        definite = implied(
            is_positive_definite, mirrored and invertible,
            "The product of a non-singular operator and its adjoint is positive definite.",
        )  # fmt: skip
        super().__init__(
            several[0].dtype, None, invertible, adjoint, definite, square,
            "_o_".join(each.name for each in several) if name is None else name, parameters,
        )  # fmt: skip

    @property
    def operators(self) -> list[LinearOperator]:
        """The factors."""
        return self._operators

    def _shape(self) -> TensorShape:
        for left, right in zip(self.operators, self.operators[1:], strict=False):
            if left.domain_dimension != right.range_dimension:
                raise ValueError(
                    f"Dimensions {left.domain_dimension} and {right.range_dimension} are not compatible: {left.name} "
                    f"has shape {left.shape}, {right.name} {right.shape}."
                )
        batch = common_batch(*(each.batch_shape for each in self.operators))
        return batch.concatenate([self.operators[0].range_dimension, self.operators[-1].domain_dimension])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        for each in self.operators if adjoint else reversed(self.operators):
            x = each.matmul(x, adjoint=adjoint)
        return x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        for each in reversed(self.operators) if adjoint else self.operators:
            rhs = each.solve(rhs, adjoint=adjoint)
        return rhs

    def _determinant(self) -> Any:
        return functools.reduce(lambda one, other: one * other, [each.determinant() for each in self.operators])

    def _log_abs_determinant(self) -> Any:
        return total([each.log_abs_determinant() for each in self.operators])

    def _assert_non_singular(self) -> Any:
        if not all(each.is_square for each in self.operators):
            return super()._assert_non_singular()
        for each in self.operators:
            each.assert_non_singular()
        return None

    def _linop_cholesky(self) -> LinearOperator:
        left = self.operators[0]
        is_factor = isinstance(left, LinearOperatorLowerTriangular) and len(self.operators) == 2
        if not is_factor or not is_mirrored(self.operators):
            return super()._linop_cholesky()
        if left.is_positive_definite:
            return left
        signs = expand_dims(math.sign(left.diag_part()), -2)
        return LinearOperatorLowerTriangular(left.to_dense() / signs, left.is_non_singular, left.is_self_adjoint)


class LinearOperatorKronecker(LinearOperator):
    """Kronecker's product of operators (`tf.linalg.LinearOperatorKronecker`).

    **Arguments:**
    - `operators`: a list of operators; the elements of the last one vary quickest.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: as for `LinearOperator`; what all of
      `operators` promise need not be promised again.
    - `name`: made of those of `operators` by default.

    **Raises:** `TypeError` if the dtypes differ; `ValueError` for promises that cannot be.

    ```python
    >>> import functape as tf
    >>> parts = [tf.linalg.LinearOperatorDiag([1.0, 2.0]), tf.linalg.LinearOperatorDiag([1.0, 10.0])]
    >>> print(tf.linalg.LinearOperatorKronecker(parts).diag_part().numpy())
    [ 1. 10.  2. 20.]

    ```
    """

    _matrix_axes = (("operators", 0),)

    def __init__(
        self, operators: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str | None = None,
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._operators = several = checked(operators)
        given = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        hints: dict[str, Any] = {
            hint: implied(value, all(getattr(each, hint) for each in several), f"All operators have {hint}=True.")
            for hint, value in given.items()
        }
        joined = "_x_".join(each.name for each in several) if name is None else name
        super().__init__(several[0].dtype, is_square=is_square, name=joined, parameters=parameters, **hints)

    @property
    def operators(self) -> list[LinearOperator]:
        """The factors."""
        return self._operators

    def _each(self, function: Callable[[LinearOperator], LinearOperator], **hints: Any) -> LinearOperator:
        return LinearOperatorKronecker([function(each) for each in self.operators], **hints)

    def _shape(self) -> TensorShape:
        rows = size_of(TensorShape([each.range_dimension for each in self.operators]))
        columns = size_of(TensorShape([each.domain_dimension for each in self.operators]))
        return common_batch(*(each.batch_shape for each in self.operators)).concatenate([rows, columns])

    def _in_turn(self, x: Any, lengths: list[Any], function: Callable[[LinearOperator, Any], Any]) -> Any:
        """Every operator applied to its own part of the rows of `x`; `lengths` are those of the parts."""
        columns = x.shape[-1]
        for each, length in zip(self.operators, lengths, strict=True):
            # The operator's part comes first; what it becomes goes to the end.
            x = reshape(x, (*x.shape[:-2], length, x.shape[-2] * x.shape[-1] // length))
            x = linalg.matrix_transpose(function(each, x))
        return linalg.matrix_transpose(reshape(x, (*x.shape[:-2], columns, x.shape[-2] * x.shape[-1] // columns)))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        lengths = [each.range_dimension if adjoint else each.domain_dimension for each in self.operators]
        return self._in_turn(x, lengths, lambda each, part: each.matmul(part, adjoint=adjoint))

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        lengths = [each.range_dimension for each in self.operators]
        return self._in_turn(rhs, lengths, lambda each, part: each.solve(part, adjoint=adjoint))

    def _others(self, operator: LinearOperator) -> float:
        return float(self.domain_dimension / operator.domain_dimension)

    def _determinant(self) -> Any:
        powers = [each.determinant() ** self._others(each) for each in self.operators]
        return functools.reduce(lambda one, other: one * other, powers)

    def _log_abs_determinant(self) -> Any:
        return total([each.log_abs_determinant() * self._others(each) for each in self.operators])

    def _trace(self) -> Any:
        return functools.reduce(lambda one, other: one * other, [each.trace() for each in self.operators])

    def _outer(self, parts: list[Any]) -> Any:
        def outer(one: Any, other: Any) -> Any:
            both = one[..., :, None] * other[..., None, :]
            return reshape(both, (*both.shape[:-2], both.shape[-2] * both.shape[-1]))

        return functools.reduce(outer, parts)

    def _diag_part(self) -> Any:
        if not all(each.is_square for each in self.operators):
            return super()._diag_part()
        return self._outer([each.diag_part() for each in self.operators])

    def _eigvals(self) -> Any:
        return self._outer([each.eigvals() for each in self.operators])

    def _to_dense(self) -> Any:
        def outer(one: Any, other: Any) -> Any:
            both = one[..., :, None, :, None] * other[..., None, :, None, :]
            rows, other_rows, columns, other_columns = both.shape[-4:]
            return reshape(both, (*both.shape[:-4], rows * other_rows, columns * other_columns))

        return functools.reduce(outer, [each.to_dense() for each in self.operators])

    def _must_have_square_parts(self) -> None:
        if not all(each.is_square for each in self.operators):
            raise InvalidArgumentError(message="All Kronecker factors must be square for the product to be invertible.")

    def _assert_non_singular(self) -> Any:
        self._must_have_square_parts()
        for each in self.operators:
            each.assert_non_singular()

    def _assert_self_adjoint(self) -> Any:
        self._must_have_square_parts()
        for each in self.operators:
            each.assert_self_adjoint()

    def _linop_adjoint(self) -> LinearOperator:
        return self._each(lambda each: each.adjoint(), **inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        return self._each(lambda each: each.inverse(), **inherited(self))

    def _linop_cholesky(self) -> LinearOperator:
        return self._each(lambda each: each.cholesky(), is_non_singular=True, is_square=True)
