"""`tf.linalg.LinearOperator`: a matrix that is known by what it does."""

from __future__ import annotations

import abc
import math as numbers
from typing import Any

import numpy as np

import functape.linalg as linalg
import functape.math as math
from functape._api._creation import eye
from functape._api._shaping import broadcast_to, expand_dims, squeeze
from functape._api._static import operand
from functape._core._convert import convert, from_numpy
from functape._core._dispatch import Composite
from functape._core._module import Module
from functape._core._name_scope import name_scope
from functape._core._shape import TensorShape
from functape._engine._dtypes import DType, as_dtype
from functape._linear_operators._hints import Hint, Hints, implied, inherited
from functape.debugging import assert_equal, assert_less, assert_positive


class LinearOperator(Module, Composite, abc.ABC):
    """A matrix `[..., m, n]`, or a batch of them, known by what it does to vectors (`tf.linalg.LinearOperator`).

    A subclass defines `_shape()`, which returns a `TensorShape`, and `_matmul(x, adjoint=False, adjoint_arg=False)`.
    Everything else follows from them through the dense matrix, and may be defined too where there is a quicker way:
    `_solve`, `_to_dense`, `_diag_part`, `_trace`, `_determinant`, `_log_abs_determinant`, `_eigvals`, `_cond`,
    `_add_to_tensor` and the `_assert_...` methods. Variables among the parameters are found as those of a `tf.Module`
    are, and read when they are needed.

    **Arguments:**
    - `dtype`: of the elements.
    - `graph_parents`: accepted for compatibility.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: what is promised; None for no promise.
      A promise is not checked, but decides which way to compute.
    - `name`: the class's name by default.
    - `parameters`: what the subclass's constructor was called with.

    **Raises:** `ValueError` for promises that contradict each other.

    ```python
    >>> import functape as tf
    >>> class Doubling(tf.linalg.LinearOperator):
    ...     def _shape(self):
    ...         return tf.TensorShape([2, 2])
    ...     def _matmul(self, x, adjoint=False, adjoint_arg=False):
    ...         return 2.0 * x
    >>> print(Doubling(tf.float32).solvevec([2.0, 4.0]).numpy())
    [1. 2.]

    ```
    """

    _TF_MODULE_IGNORED_PROPERTIES = frozenset({"_parameters"})
    _matrix_axes: tuple[tuple[str, int], ...] = ()
    """The parameters that have the batch's axes, and how many axes of their own follow: 0 for operators."""

    def __init__(
        self, dtype: Any, graph_parents: Any = None, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        non_singular = implied(is_non_singular, is_positive_definite, "A positive definite matrix is non-singular.")
        square = implied(is_square, non_singular, "A non-singular matrix is always square.")
        square = implied(square, is_self_adjoint, "A self-adjoint matrix is always square.")
        self._dtype = as_dtype(dtype)
        self._hints = Hints(non_singular, is_self_adjoint, is_positive_definite, square)
        self._graph_parents = list(graph_parents or ())
        self._parameters = dict(parameters or {})
        self._name = name or type(self).__name__
        self._name_scope = name_scope(self._name)

    # ---- what a subclass defines ----

    @abc.abstractmethod
    def _shape(self) -> TensorShape: ...

    @abc.abstractmethod
    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any: ...

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return squeeze(self._matmul(expand_dims(x, -1), adjoint=adjoint), -1)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        dense = self.to_dense()
        if self._can_use_cholesky():
            return linalg.cholesky_solve(*in_one_batch([linalg.cholesky(dense), rhs]))
        matrix, sides = in_one_batch([dense, rhs])
        return linalg.solve(matrix, sides, adjoint=adjoint)

    def _solvevec(self, rhs: Any, adjoint: bool = False) -> Any:
        return squeeze(self._solve(expand_dims(rhs, -1), adjoint=adjoint), -1)

    def _to_dense(self) -> Any:
        return self.matmul(eye(int(self.domain_dimension), batch_shape=self.batch_shape, dtype=self.dtype))

    def _diag_part(self) -> Any:
        return linalg.diag_part(self.to_dense())

    def _trace(self) -> Any:
        return math.reduce_sum(self.diag_part(), -1)

    def _determinant(self) -> Any:
        if self._can_use_cholesky():
            return math.exp(self.log_abs_determinant())
        return linalg.det(self.to_dense())

    def _log_abs_determinant(self) -> Any:
        dense = self.to_dense()
        if self._can_use_cholesky():
            return 2 * math.reduce_sum(math.log(linalg.diag_part(linalg.cholesky(dense))), -1)
        return linalg.slogdet(dense)[1]

    def _add_to_tensor(self, x: Any) -> Any:
        return self.to_dense() + x

    def _eigvals(self) -> Any:
        return linalg.eigvalsh(self.to_dense())

    def _cond(self) -> Any:
        sizes = math.abs(self._eigvals()) if self.is_self_adjoint else linalg.svd(self.to_dense(), compute_uv=False)
        return math.reduce_max(sizes, -1) / math.reduce_min(sizes, -1)

    def _assert_non_singular(self) -> Any:
        if self._can_use_cholesky():
            return self.assert_positive_definite()
        sizes = linalg.svd(self.to_dense(), compute_uv=False)
        precision = np.finfo(self.dtype.as_numpy_dtype).eps
        most = 1 / (max(100, int(self.range_dimension), int(self.domain_dimension)) * precision)
        return assert_less(
            math.reduce_max(sizes, -1) / math.reduce_min(sizes, -1),
            most.astype(self.dtype.real_dtype.as_numpy_dtype),
            message="Singular matrix up to precision epsilon.",
        )

    def _assert_positive_definite(self) -> Any:
        if not self.is_self_adjoint:
            raise NotImplementedError(
                f"assert_positive_definite is not implemented for {self.name}: pass is_self_adjoint=True if it is."
            )
        factor = linalg.cholesky(self.to_dense())
        return assert_positive(math.real(linalg.diag_part(factor)), message="Matrix was not positive definite.")

    def _assert_self_adjoint(self) -> Any:
        dense = self.to_dense()
        return assert_equal(dense, linalg.adjoint(dense), message="Matrix was not equal to its adjoint.")

    def _linop_adjoint(self) -> LinearOperator:
        from functape._linear_operators._derived import LinearOperatorAdjoint

        return LinearOperatorAdjoint(self, **inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        from functape._linear_operators._derived import LinearOperatorInversion

        return LinearOperatorInversion(self, **inherited(self))

    def _linop_cholesky(self) -> LinearOperator:
        from functape._linear_operators._dense import LinearOperatorLowerTriangular

        factor = linalg.cholesky(self.to_dense())
        return LinearOperatorLowerTriangular(factor, is_non_singular=True, is_self_adjoint=False, is_square=True)

    def _can_use_cholesky(self) -> bool:
        return bool(self.is_self_adjoint and self.is_positive_definite)

    # ---- what is known without looking at the elements ----

    @property
    def parameters(self) -> dict[str, Any]:
        """What the constructor was called with."""
        return dict(self._parameters)

    @property
    def dtype(self) -> DType:
        """The dtype of the elements."""
        return self._dtype

    @property
    def graph_parents(self) -> list[Any]:
        """What was passed as such."""
        return self._graph_parents

    @property
    def is_non_singular(self) -> Hint:
        """Whether it is promised to have an inverse."""
        return self._hints.is_non_singular

    @property
    def is_self_adjoint(self) -> Hint:
        """Whether it is promised to be its own conjugate transpose."""
        return self._hints.is_self_adjoint

    @property
    def is_positive_definite(self) -> Hint:
        """Whether the real part of `x^H A x` is promised to be positive for all `x` but zero."""
        return self._hints.is_positive_definite

    @property
    def is_square(self) -> bool:
        """Whether it is square.

        **Raises:** `ValueError` if it is, and was promised not to be.
        """
        square, hint = self.domain_dimension == self.range_dimension, self._hints.is_square
        if square and hint is False:
            raise ValueError(f"is_square=False was passed for {self.name}, but its shape is {self.shape}.")
        return square if hint is None else bool(hint)

    @property
    def shape(self) -> TensorShape:
        """`[..., m, n]`."""
        return self._shape()

    @property
    def batch_shape(self) -> TensorShape:
        """`[...]`."""
        return self.shape[:-2]

    @property
    def tensor_rank(self) -> int:
        """How many axes there are, the two of the matrix among them."""
        return len(self.shape)

    @property
    def domain_dimension(self) -> Any:
        """The length of the vectors it takes."""
        return self.shape[-1]

    @property
    def range_dimension(self) -> Any:
        """The length of the vectors it returns."""
        return self.shape[-2]

    def shape_tensor(self, name: str = "shape_tensor") -> Any:
        """The shape, as an int32 tensor."""
        return _as_tensor(self.shape.as_list())

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        """The batch's shape, as an int32 tensor."""
        return _as_tensor(self.batch_shape.as_list())

    def tensor_rank_tensor(self, name: str = "tensor_rank_tensor") -> Any:
        """The number of axes, as an int32 tensor."""
        return _as_tensor(self.tensor_rank)

    def domain_dimension_tensor(self, name: str = "domain_dimension_tensor") -> Any:
        """The length of the vectors it takes, as an int32 tensor."""
        return _as_tensor(self.domain_dimension)

    def range_dimension_tensor(self, name: str = "range_dimension_tensor") -> Any:
        """The length of the vectors it returns, as an int32 tensor."""
        return _as_tensor(self.range_dimension)

    # ---- what it does ----

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """The product with a matrix.

        **Arguments:**
        - `x`: a tensor `[..., n, r]`, or an operator.
        - `adjoint`: whether to multiply by the adjoint.
        - `adjoint_arg`: whether to take the adjoint of `x` first.

        **Returns:** a tensor `[..., m, r]`, or an operator.

        **Raises:** `TypeError` for another dtype; `ValueError` if the shapes do not fit.
        """
        if isinstance(x, LinearOperator):
            from functape._linear_operators._products import product

            return product(*self._sides(x, adjoint, adjoint_arg))
        x = self._matrix(x, adjoint_arg, self.range_dimension if adjoint else self.domain_dimension)
        return self._matmul(x, adjoint=adjoint)

    def __matmul__(self, other: Any) -> Any:
        return self.matmul(other)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """The product with a vector `[..., n]`: a tensor `[..., m]`.

        **Raises:** `TypeError` for another dtype; `ValueError` if the shapes do not fit.
        """
        vector = self._fitting(x, -1, self.range_dimension if adjoint else self.domain_dimension)
        return self._matvec(vector, adjoint=adjoint)

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The matrix whose product with this one is `rhs`.

        **Arguments:**
        - `rhs`: a tensor `[..., n, r]`, or an operator.
        - `adjoint`: whether it is the product with the adjoint.
        - `adjoint_arg`: whether to take the adjoint of `rhs` first.

        **Raises:** `NotImplementedError` if this one is promised to be singular, or is not square; `TypeError` for
        another dtype; `ValueError` if the shapes do not fit.
        """
        self._solvable()
        if isinstance(rhs, LinearOperator):
            from functape._linear_operators._products import quotient

            return quotient(*self._sides(rhs, adjoint, adjoint_arg))
        rhs = self._matrix(rhs, adjoint_arg, self.domain_dimension if adjoint else self.range_dimension)
        return self._solve(rhs, adjoint=adjoint)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """The vector whose product with this one is the vector `rhs`; as `solve` otherwise."""
        vector = self._fitting(rhs, -1, self.domain_dimension if adjoint else self.range_dimension)
        self._solvable()
        return self._solvevec(vector, adjoint=adjoint)

    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The conjugate transpose, an operator; `H` is the same."""
        return self if self.is_self_adjoint else self._linop_adjoint()

    H = property(adjoint)

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The inverse, an operator.

        **Raises:** `ValueError` if this one is promised to be singular, or is not square.
        """
        if not self.is_square:
            raise ValueError(f"Cannot take the Inverse: {self.name} of shape {self.shape} is not square.")
        if self.is_non_singular is False:
            raise ValueError(f"Cannot take the Inverse: {self.name} is promised to be singular.")
        return self._linop_inverse()

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The lower triangular factor whose product with its adjoint is this one, an operator.

        **Raises:** `ValueError` unless this one is promised to be self-adjoint and positive definite.
        """
        if not self._can_use_cholesky():
            raise ValueError(
                f"Cannot take the Cholesky decomposition: pass is_self_adjoint=True and is_positive_definite=True to "
                f"{self.name}."
            )
        return self._linop_cholesky()

    def to_dense(self, name: str = "to_dense") -> Any:
        """The matrix, a tensor."""
        return self._to_dense()

    def diag_part(self, name: str = "diag_part") -> Any:
        """The main diagonal, a tensor `[..., min(m, n)]`."""
        return self._diag_part()

    def trace(self, name: str = "trace") -> Any:
        """The sum of the main diagonal, a tensor `[...]`."""
        return self._trace()

    def determinant(self, name: str = "det") -> Any:
        """The determinant, a tensor `[...]`.

        **Raises:** `NotImplementedError` if it is not square.
        """
        self._must_be_square("Determinant")
        return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Any:
        """The logarithm of the determinant's absolute value; as `determinant` otherwise."""
        self._must_be_square("Determinant")
        return self._log_abs_determinant()

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Any:
        """The sum with a tensor whose shape broadcasts.

        **Raises:** `TypeError` for another dtype.
        """
        return self._add_to_tensor(self._typed(x))

    def eigvals(self, name: str = "eigvals") -> Any:
        """The eigenvalues, a tensor `[..., n]`.

        **Raises:** `NotImplementedError` unless it is promised to be self-adjoint.
        """
        if not self.is_self_adjoint:
            raise NotImplementedError(
                f"Only self-adjoint matrices are supported. Pass is_self_adjoint=True to {self.name}, or use "
                "tf.linalg.eigvals on its to_dense()."
            )
        return self._eigvals()

    def cond(self, name: str = "cond") -> Any:
        """The condition number: the largest singular value by the smallest one, a tensor `[...]`."""
        return self._cond()

    def assert_non_singular(self, name: str = "assert_non_singular") -> Any:
        """Check that the condition number is not beyond the precision.

        **Raises:** `InvalidArgumentError` if it is.
        """
        return self._assert_non_singular()

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Any:
        """Check that the matrix is positive definite.

        **Raises:** `InvalidArgumentError` if it is not; `NotImplementedError` where there is no way to tell.
        """
        return self._assert_positive_definite()

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Any:
        """Check that the matrix is exactly its own conjugate transpose.

        **Raises:** `InvalidArgumentError` if it is not.
        """
        return self._assert_self_adjoint()

    def __getitem__(self, slices: Any) -> LinearOperator:
        return self._sliced(slices if isinstance(slices, tuple) else (slices,), self.batch_shape)

    # ---- arguments ----

    def _sliced(self, slices: tuple[Any, ...], batch: TensorShape) -> LinearOperator:
        """The same for part of a batch of shape `batch`."""
        if not self._matrix_axes:
            raise NotImplementedError(f"{type(self).__name__} cannot be sliced. Slice its parameters.")

        def part(value: Any, axes: int) -> Any:
            if isinstance(value, LinearOperator):
                return value._sliced(slices, batch)
            if isinstance(value, list | tuple):
                return [part(each, axes) for each in value]
            tensor = operand(value)
            own = tensor.shape[len(tensor.shape) - axes :]
            index = slices if any(each is Ellipsis for each in slices) else (*slices, Ellipsis)
            return broadcast_to(tensor, batch.concatenate(own))[(*index, *[slice(None)] * axes)]

        parts = {
            name: part(self._parameters[name], axes)
            for name, axes in self._matrix_axes
            if self._parameters[name] is not None
        }
        return type(self)(**{**self._parameters, **parts})

    def _typed(self, value: Any) -> Any:
        tensor = operand(value)
        if tensor.aval.dtype is not self.dtype:
            raise TypeError(
                f"Expected argument to have dtype {self.dtype!r}.  Found: {tensor.aval.dtype!r} in {tensor}"
            )
        return tensor

    def _fitting(self, value: Any, axis: int, wanted: Any) -> Any:
        tensor = self._typed(value)
        found = tensor.aval.shape[axis]
        if found != wanted:
            raise ValueError(
                f"Dimensions {wanted} and {found} are not compatible: {self.name} has shape {self.shape}, the argument "
                f"{list(tensor.aval.shape)}."
            )
        return tensor

    def _matrix(self, value: Any, adjoint: bool, wanted: Any) -> Any:
        tensor = self._fitting(value, -1 if adjoint else -2, wanted)
        return linalg.adjoint(tensor) if adjoint else tensor

    def _sides(self, other: LinearOperator, adjoint: bool, adjoint_arg: bool) -> tuple[LinearOperator, LinearOperator]:
        left, right = self.adjoint() if adjoint else self, other.adjoint() if adjoint_arg else other
        if left.domain_dimension != right.range_dimension:
            raise ValueError(
                f"Operators are incompatible. Expected `x` to have dimension {left.domain_dimension} but got "
                f"{right.range_dimension}."
            )
        return left, right

    def _must_be_square(self, what: str) -> None:
        if not self.is_square:
            raise NotImplementedError(
                f"{what} not implemented for {self.name} of shape {self.shape}: it is not square."
            )

    def _solvable(self) -> None:
        if self.is_non_singular is False:
            raise NotImplementedError(f"Exact solve not implemented for {self.name}, which is promised to be singular.")
        self._must_be_square("Exact solve")

    def _full(self, value: float, *lengths: Any) -> Any:
        """One value everywhere, `[..., *lengths]`."""
        shape = (*self.batch_shape.as_list(), *lengths)
        return broadcast_to(convert(np.asarray(value, self.dtype.as_numpy_dtype)), shape)


def _as_tensor(value: Any) -> Any:
    return from_numpy(np.asarray(value, np.int32))


def common_batch(*shapes: Any) -> TensorShape:
    """The shape that shapes broadcast to.

    **Raises:** `ValueError` if they do not.
    """
    lengths: list[Any] = [tuple(TensorShape(each).as_list()) for each in shapes]
    return TensorShape(np.broadcast_shapes(*lengths))


def in_one_batch(matrices: list[Any]) -> list[Any]:
    """Matrices whose batches are broadcast to one."""
    batch = common_batch(*(each.shape[:-2] for each in matrices))
    return [
        each if each.shape[:-2] == batch else broadcast_to(each, batch.concatenate(each.shape[-2:]))
        for each in matrices
    ]


def size_of(shape: TensorShape) -> int:
    """How many elements a shape has."""
    return numbers.prod(shape.as_list())  # type: ignore[arg-type]
