"""Products and quotients of two operators that are more than their composition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._linear_operators._base import LinearOperator
from functape._linear_operators._blocks import LinearOperatorBlockDiag
from functape._linear_operators._circulant import Circulant
from functape._linear_operators._dense import LinearOperatorLowerTriangular
from functape._linear_operators._derived import LinearOperatorInversion
from functape._linear_operators._diagonal import (
    LinearOperatorDiag,
    LinearOperatorIdentity,
    LinearOperatorScaledIdentity,
    LinearOperatorZeros,
)
from functape._linear_operators._hints import Hints, both_non_singular, commuting, of_product
from functape._linear_operators._several import LinearOperatorComposition

Rule = Callable[[Any, Any], Any]
Operation = Callable[[Any, Any], Any]
"""What becomes of the numbers of both sides: their product, or the right ones divided by the left ones."""


def _times(left: Any, right: Any) -> Any:
    return left * right


def _into(left: Any, right: Any) -> Any:
    return right / left


def _commuting(left: LinearOperator, right: LinearOperator) -> dict[str, Any]:
    return commuting(left, right)._asdict()


def _triangular(left: LinearOperator, right: LinearOperator) -> dict[str, Any]:
    return {**_commuting(left, right), "is_positive_definite": None}


def _diagonal(operation: Operation) -> Rule:
    def rule(left: LinearOperatorDiag, right: LinearOperatorDiag) -> LinearOperator:
        return LinearOperatorDiag(operation(left.diag, right.diag), **_commuting(left, right))

    return rule


def _diagonal_scaled(operation: Operation) -> Rule:
    def rule(left: LinearOperatorDiag, right: LinearOperatorScaledIdentity) -> LinearOperator:
        return LinearOperatorDiag(operation(left.diag, right.multiplier[..., None]), **_commuting(left, right))

    return rule


def _scaled_diagonal(operation: Operation) -> Rule:
    def rule(left: LinearOperatorScaledIdentity, right: LinearOperatorDiag) -> LinearOperator:
        return LinearOperatorDiag(operation(left.multiplier[..., None], right.diag), **_commuting(left, right))

    return rule


def _scaled(operation: Operation) -> Rule:
    def rule(left: LinearOperatorScaledIdentity, right: LinearOperatorScaledIdentity) -> LinearOperator:
        number = operation(left.multiplier, right.multiplier)
        return LinearOperatorScaledIdentity(left.domain_dimension, number, **_commuting(left, right))

    return rule


def _diagonal_triangular(operation: Operation) -> Rule:
    def rule(left: LinearOperatorDiag, right: LinearOperatorLowerTriangular) -> LinearOperator:
        rows = operation(left.diag[..., None], right.to_dense())
        return LinearOperatorLowerTriangular(rows, **_triangular(left, right))

    return rule


def _triangular_diagonal(left: LinearOperatorLowerTriangular, right: LinearOperatorDiag) -> LinearOperator:
    return LinearOperatorLowerTriangular(left.to_dense() * right.diag[..., None, :], **_triangular(left, right))


def _circulant(operation: Operation) -> Rule:
    def rule(left: Circulant, right: Circulant) -> Any:
        if left.block_depth != right.block_depth:
            return NotImplemented
        return left.of_spectrum(operation(left.spectrum, right.spectrum), _commuting(left, right))

    return rule


def _blocks(function: Callable[[LinearOperator, LinearOperator], Any]) -> Rule:
    def rule(left: LinearOperatorBlockDiag, right: LinearOperatorBlockDiag) -> LinearOperator:
        if len(left.operators) != len(right.operators):
            raise ValueError(
                f"Both must have the same number of blocks. Received: {len(left.operators)} and {len(right.operators)}."
            )
        pairs = list(zip(left.operators, right.operators, strict=True))
        for one, other in pairs:
            if one.domain_dimension != other.range_dimension:
                raise ValueError(f"Blocks of shapes {one.shape} and {other.shape} are incompatible.")
        return LinearOperatorBlockDiag([function(*pair) for pair in pairs], both_non_singular(left, right))

    return rule


def _zeros(which: int) -> Rule:
    def rule(*both: LinearOperator) -> LinearOperator:
        if not all(each.is_square for each in both):
            raise ValueError("The product of operators with LinearOperatorZeros is supported for square ones only.")
        return both[which]

    return rule


Rules = list[tuple[type[Any], type[Any], Rule]]


def _elementwise(operation: Operation) -> Rules:
    return [
        (LinearOperatorDiag, LinearOperatorDiag, _diagonal(operation)),
        (LinearOperatorDiag, LinearOperatorScaledIdentity, _diagonal_scaled(operation)),
        (LinearOperatorScaledIdentity, LinearOperatorDiag, _scaled_diagonal(operation)),
        (LinearOperatorScaledIdentity, LinearOperatorScaledIdentity, _scaled(operation)),
        (LinearOperatorDiag, LinearOperatorLowerTriangular, _diagonal_triangular(operation)),
        (Circulant, Circulant, _circulant(operation)),
    ]


PRODUCTS: Rules = [
    (LinearOperatorIdentity, LinearOperator, lambda left, right: right),
    (LinearOperatorZeros, LinearOperator, _zeros(0)),
    (LinearOperator, LinearOperatorIdentity, lambda left, right: left),
    (LinearOperator, LinearOperatorZeros, _zeros(1)),
    *_elementwise(_times),
    (LinearOperatorLowerTriangular, LinearOperatorDiag, _triangular_diagonal),
    (LinearOperatorBlockDiag, LinearOperatorBlockDiag, _blocks(lambda one, other: one.matmul(other))),
]
QUOTIENTS: Rules = [
    (LinearOperatorIdentity, LinearOperator, lambda left, right: right),
    (LinearOperatorInversion, LinearOperator, lambda left, right: left.operator.matmul(right)),
    (LinearOperator, LinearOperatorIdentity, lambda left, right: left.inverse()),
    *_elementwise(_into),
    (LinearOperatorBlockDiag, LinearOperatorBlockDiag, _blocks(lambda one, other: one.solve(other))),
]
"""The first that fits both sides is taken, and a composition where none does."""


def product(left: LinearOperator, right: LinearOperator) -> LinearOperator:
    """The operator that first does what `right` does, then what `left` does."""
    return _by_rule(PRODUCTS, left, right) or _composed([left, right], of_product(left, right))


def quotient(left: LinearOperator, right: LinearOperator) -> LinearOperator:
    """The operator whose product with `left` is `right`."""
    found = _by_rule(QUOTIENTS, left, right)
    return found or _composed([LinearOperatorInversion(left), right], of_product(left, right))


def _by_rule(rules: Rules, left: LinearOperator, right: LinearOperator) -> LinearOperator | None:
    for one, other, rule in rules:
        if isinstance(left, one) and isinstance(right, other):
            found = rule(left, right)
            if found is not NotImplemented:
                return found
    return None


def _composed(operators: list[LinearOperator], hints: Hints) -> LinearOperator:
    return LinearOperatorComposition(operators, **hints._asdict())
