"""Operators made of blocks: along the diagonal, or in the lower triangle. They take and return lists of blocks too."""

from __future__ import annotations

from typing import Any

import numpy as np

import functape.linalg as linalg
from functape._api._creation import zeros
from functape._api._joining import concat, split
from functape._core._shape import TensorShape
from functape._linear_operators._base import LinearOperator, common_batch, in_one_batch
from functape._linear_operators._dense import LinearOperatorFullMatrix
from functape._linear_operators._hints import Hint, arguments, implied, inherited, surely
from functape._linear_operators._several import checked, same_dtype, total
from functape.debugging import assert_proper_iterable


def _is_by_blocks(value: Any, lengths: list[int], axis: int) -> bool:
    """Whether an argument is a list of blocks, and no matrix written as a list."""
    if not isinstance(value, list | tuple) or len(value) != len(lengths):
        return False
    if not any(isinstance(each, list | tuple) for each in value):
        return True
    found = [np.shape(each)[axis] if np.ndim(each) >= -axis else None for each in value]
    return found == lengths


class _Blocks(LinearOperator):
    """What operators of blocks have in common: arguments and results by block, and what the diagonal blocks tell."""

    _diagonal_operators: list[LinearOperator]

    def _multiply(self, parts: list[Any], adjoint: bool) -> list[Any]:
        raise NotImplementedError

    def _divide(self, parts: list[Any], adjoint: bool) -> list[Any]:
        raise NotImplementedError

    def _lengths(self, of_domain: bool) -> list[int]:
        return [int(each.domain_dimension if of_domain else each.range_dimension) for each in self._diagonal_operators]

    def _parts(self, value: Any, axis: int, of_domain: bool) -> list[Any] | None:
        """The blocks of an argument that is a list of them."""
        lengths = self._lengths(of_domain)
        if not _is_by_blocks(value, lengths, axis):
            return None
        parts = [self._typed(each) for each in value]
        for part, length in zip(parts, lengths, strict=True):
            if part.aval.ndim < -axis or part.aval.shape[axis] != length:
                raise ValueError(
                    f"Dimensions {length} and {list(part.aval.shape)} are not compatible. Blocks: {lengths}"
                )
        return parts

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """As `LinearOperator.matmul`; the product of a list of blocks is a list of blocks."""
        parts = self._parts(x, -1 if adjoint_arg else -2, not adjoint)
        if parts is None:
            return super().matmul(x, adjoint, adjoint_arg)
        return self._multiply([linalg.adjoint(each) if adjoint_arg else each for each in parts], adjoint)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """As `LinearOperator.matvec`; the product of a list of blocks is a list of blocks."""
        parts = self._parts(x, -1, not adjoint)
        if parts is None:
            return super().matvec(x, adjoint)
        return [each[..., 0] for each in self._multiply([part[..., None] for part in parts], adjoint)]

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """As `LinearOperator.solve`; the solution for a list of blocks is a list of blocks."""
        self._solvable()
        parts = self._parts(rhs, -1 if adjoint_arg else -2, adjoint)
        if parts is None:
            return super().solve(rhs, adjoint, adjoint_arg)
        return self._divide([linalg.adjoint(each) if adjoint_arg else each for each in parts], adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """As `LinearOperator.solvevec`; the solution for a list of blocks is a list of blocks."""
        self._solvable()
        parts = self._parts(rhs, -1, adjoint)
        if parts is None:
            return super().solvevec(rhs, adjoint)
        return [each[..., 0] for each in self._divide([part[..., None] for part in parts], adjoint)]

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return concat(in_one_batch(self._multiply(split(x, self._lengths(not adjoint), -2), adjoint)), -2)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return concat(in_one_batch(self._divide(split(rhs, self._lengths(adjoint), -2), adjoint)), -2)

    def _shape(self) -> TensorShape:
        matrix = [sum(self._lengths(False)), sum(self._lengths(True))]
        return common_batch(*(each.batch_shape for each in self._all_operators())).concatenate(matrix)

    def _all_operators(self) -> list[LinearOperator]:
        return self._diagonal_operators

    def _need_square(self, what: str) -> None:
        if not all(each.is_square for each in self._diagonal_operators):
            raise NotImplementedError(f"`{what}` not implemented for an operator whose blocks are not square.")

    def _along_diagonal(self, vectors: list[Any]) -> Any:
        return concat(in_one_batch([each[..., None] for each in vectors]), -2)[..., 0]

    def _determinant(self) -> Any:
        result = self._diagonal_operators[0].determinant()
        for each in self._diagonal_operators[1:]:
            result = result * each.determinant()
        return result

    def _log_abs_determinant(self) -> Any:
        return total([each.log_abs_determinant() for each in self._diagonal_operators])

    def _trace(self) -> Any:
        self._need_square("trace")
        return total([each.trace() for each in self._diagonal_operators])

    def _diag_part(self) -> Any:
        self._need_square("diag_part")
        return self._along_diagonal([each.diag_part() for each in self._diagonal_operators])

    def _eigvals(self) -> Any:
        self._need_square("eigvals")
        return self._along_diagonal([each.eigvals() for each in self._diagonal_operators])

    def _assert_non_singular(self) -> Any:
        for each in self._diagonal_operators:
            each.assert_non_singular()

    def _filled(self, rows: list[list[Any]]) -> Any:
        """The matrix whose rows of blocks begin with the given ones, zeros after them."""
        flat = iter(in_one_batch([block for row in rows for block in row]))
        columns, filled = int(self.domain_dimension), []
        for row in rows:
            blocks = [next(flat) for _ in row]
            missing = columns - sum(int(each.shape[-1]) for each in blocks)
            blocks.append(zeros(blocks[0].shape[:-1].concatenate([missing]), self.dtype))
            filled.append(concat(blocks, -1))
        return concat(filled, -2)


class LinearOperatorBlockDiag(_Blocks):
    """Operators along the diagonal (`tf.linalg.LinearOperatorBlockDiag`).

    **Arguments:**
    - `operators`: a list of operators.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: as for `LinearOperator`; what all of
      `operators` promise need not be promised again.
    - `name`: made of those of `operators` by default.

    **Raises:** `TypeError` if the dtypes differ; `ValueError` for promises that cannot be.

    ```python
    >>> import functape as tf
    >>> parts = [tf.linalg.LinearOperatorDiag([1.0, 2.0]), tf.linalg.LinearOperatorIdentity(1)]
    >>> print(tf.linalg.LinearOperatorBlockDiag(parts).matvec([1.0, 1.0, 1.0]).numpy())
    [1. 2. 1.]

    ```
    """

    _matrix_axes = (("operators", 0),)

    def __init__(
        self, operators: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = True, name: str | None = None,
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._operators = self._diagonal_operators = several = checked(operators)
        given = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
        }
        hints: dict[str, Any] = {
            hint: implied(value, all(getattr(each, hint) for each in several), f"All operators have {hint}=True.")
            for hint, value in given.items()
        }
        joined = "_ds_".join(each.name for each in several) if name is None else name
        super().__init__(several[0].dtype, is_square=is_square, name=joined, parameters=parameters, **hints)

    @property
    def operators(self) -> list[LinearOperator]:
        """The blocks."""
        return self._operators

    def _multiply(self, parts: list[Any], adjoint: bool) -> list[Any]:
        return [each.matmul(part, adjoint=adjoint) for each, part in zip(self.operators, parts, strict=True)]

    def _divide(self, parts: list[Any], adjoint: bool) -> list[Any]:
        return [each.solve(part, adjoint=adjoint) for each, part in zip(self.operators, parts, strict=True)]

    def _to_dense(self) -> Any:
        rows: list[list[Any]] = []
        for place, each in enumerate(self.operators):
            before = sum(self._lengths(True)[:place])
            rows.append([zeros([int(each.range_dimension), before], self.dtype), each.to_dense()])
        return self._filled(rows)

    def _assert_self_adjoint(self) -> Any:
        for each in self.operators:
            each.assert_self_adjoint()

    def _assert_positive_definite(self) -> Any:
        for each in self.operators:
            each.assert_positive_definite()

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.adjoint() for each in self.operators], **inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.inverse() for each in self.operators], **inherited(self))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorBlockDiag([each.cholesky() for each in self.operators], True)


class LinearOperatorBlockLowerTriangular(_Blocks):
    """Operators in the lower triangle (`tf.linalg.LinearOperatorBlockLowerTriangular`).

    **Arguments:**
    - `operators`: the rows of blocks, of which the first has one, the second two; those on the diagonal are square.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`; what
      the blocks on the diagonal tell of singularity need not be promised.

    **Raises:** `TypeError` if the dtypes differ; `ValueError` for shapes that do not fit, or promises that cannot be.

    ```python
    >>> import functape as tf
    >>> one = tf.linalg.LinearOperatorIdentity(1)
    >>> print(tf.linalg.LinearOperatorBlockLowerTriangular([[one], [one, one]]).to_dense().numpy().tolist())
    [[1.0, 0.0], [1.0, 1.0]]

    ```
    """

    _matrix_axes = (("operators", 0),)

    def __init__(
        self, operators: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorBlockLowerTriangular",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        assert_proper_iterable(operators)
        self._operators = rows = [checked(row) for row in operators]
        if not rows:
            raise ValueError(f"Argument `operators` must be a list of at least one row. Received: {operators}.")
        self._diagonal_operators = [row[-1] for row in rows]
        same_dtype(self._all_operators())
        self._check_rows()
        hints = [each.is_non_singular for each in self._diagonal_operators]
        if is_non_singular and False in hints:
            raise ValueError("A singular operator on the diagonal makes the whole singular: leave the hint out.")
        known = implied(is_non_singular, all(hints), "Non-singular operators on the diagonal make it non-singular.")
        square = surely(is_square, "LinearOperatorBlockLowerTriangular must be square.")
        super().__init__(
            rows[0][0].dtype, None, False if False in hints else known, is_self_adjoint, is_positive_definite, square,
            name, parameters,
        )  # fmt: skip

    def _check_rows(self) -> None:
        for i, row in enumerate(self._operators):
            if len(row) != i + 1:
                raise ValueError(f"Argument `operators[{i}]` must contain {i + 1} blocks. Received: {len(row)} blocks.")
            if not row[-1].is_square:
                raise ValueError(f"The operators on the diagonal must be square. Received: {row[-1].shape} in row {i}.")
            for j, each in enumerate(row):
                wanted = (row[-1].range_dimension, self._diagonal_operators[j].domain_dimension)
                if (each.range_dimension, each.domain_dimension) != wanted:
                    raise ValueError(f"`operators[{i}][{j}]` must have shape {wanted}. Received: {each.shape}.")

    @property
    def operators(self) -> list[list[LinearOperator]]:
        """The rows of blocks."""
        return self._operators

    def _all_operators(self) -> list[LinearOperator]:
        return [each for row in self._operators for each in row]

    def _multiply(self, parts: list[Any], adjoint: bool) -> list[Any]:
        rows, count = self._operators, len(self._operators)
        if adjoint:
            return [total([rows[j][i].matmul(parts[j], adjoint=True) for j in range(i, count)]) for i in range(count)]
        return [total([each.matmul(part) for each, part in zip(row, parts, strict=False)]) for row in rows]

    def _divide(self, parts: list[Any], adjoint: bool) -> list[Any]:
        rows, count = self._operators, len(self._operators)
        found: dict[int, Any] = {}
        for i in reversed(range(count)) if adjoint else range(count):
            left = parts[i]
            for j, known in found.items():
                block = rows[j][i] if adjoint else rows[i][j]
                left = left - block.matmul(known, adjoint=adjoint)
            found[i] = rows[i][i].solve(left, adjoint=adjoint)
        return [found[i] for i in range(count)]

    def _to_dense(self) -> Any:
        return self._filled([[each.to_dense() for each in row] for row in self._operators])

    def _linop_inverse(self) -> LinearOperator:
        # Row by row: the blocks of a row of the inverse follow from those of the rows before it.
        inverse: list[list[LinearOperator]] = []
        for i, row in enumerate(self._operators):
            last = row[-1].inverse()
            before = [
                LinearOperatorFullMatrix(
                    -last.matmul(total([row[k].matmul(inverse[k][j].to_dense()) for k in range(j, i)]))
                )
                for j in range(i)
            ]
            inverse.append([*before, last])
        return LinearOperatorBlockLowerTriangular(inverse, **inherited(self))
