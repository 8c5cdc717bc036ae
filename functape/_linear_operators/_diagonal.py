"""Diagonal operators: a diagonal, one number times the identity, the identity, zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

import functape.linalg as linalg
import functape.math as math
from functape._api._choosing import where
from functape._api._creation import ones, zeros
from functape._api._shaping import broadcast_to, expand_dims
from functape._api._static import array_of, operand
from functape._core._cast import cast
from functape._core._shape import TensorShape
from functape._core._variable import Variable
from functape._engine._dtypes import as_dtype, float32
from functape._engine._errors import InvalidArgumentError
from functape._linear_operators._base import LinearOperator, common_batch
from functape._linear_operators._hints import Hint, arguments, implied, inherited, surely
from functape.debugging import assert_equal, assert_positive


def _conj_if(value: Any, wanted: bool) -> Any:
    return math.conj(value) if wanted else value


def assert_real(value: Any, message: str) -> Any:
    """Check that there are no imaginary parts.

    **Raises:** `InvalidArgumentError` if there are.
    """
    if value.dtype.is_complex:
        imaginary = math.imag(value)
        assert_equal(imaginary, zeros(imaginary.shape, imaginary.dtype), message=message)


class LinearOperatorDiag(LinearOperator):
    """A diagonal matrix (`tf.linalg.LinearOperatorDiag`).

    **Arguments:**
    - `diag`: a tensor or variable `[..., n]`.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `ValueError` for a scalar, or a promise that cannot be.

    ```python
    >>> import functape as tf
    >>> operator = tf.linalg.LinearOperatorDiag([1.0, 2.0])
    >>> print(operator.matvec([3.0, 4.0]).numpy())
    [3. 8.]

    ```
    """

    _matrix_axes = (("diag", 1),)

    def __init__(
        self, diag: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None, is_positive_definite: Hint = None,
        is_square: Hint = None, name: str = "LinearOperatorDiag",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._diag = operand(diag)
        if not self._diag.aval.ndim:
            raise ValueError(f"Argument `diag` must have at least 1 dimension. Received: {diag}")
        real = not self._diag.dtype.is_complex
        adjoint = implied(is_self_adjoint, real, "A real diagonal operator is always self adjoint.")
        square = surely(is_square, "Only square diagonal operators are supported.")
        super().__init__(
            self._diag.dtype, None, is_non_singular, adjoint, is_positive_definite, square, name, parameters
        )

    @property
    def diag(self) -> Any:
        """The diagonal."""
        return self._diag

    def _shape(self) -> TensorShape:
        shape = self.diag.shape
        return shape.concatenate(shape[-1:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return expand_dims(_conj_if(self.diag, adjoint), -1) * x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return rhs * expand_dims(1.0 / _conj_if(self.diag, adjoint), -1)

    def _to_dense(self) -> Any:
        return linalg.diag(self.diag)

    def _diag_part(self) -> Any:
        return self.diag

    def _determinant(self) -> Any:
        return math.reduce_prod(self.diag, -1)

    def _log_abs_determinant(self) -> Any:
        return cast(math.reduce_sum(math.log(math.abs(self.diag)), -1), self.dtype)

    def _add_to_tensor(self, x: Any) -> Any:
        return linalg.set_diag(x, self.diag + linalg.diag_part(x))

    def _eigvals(self) -> Any:
        return self.diag

    def _cond(self) -> Any:
        sizes = math.abs(self.diag)
        return math.reduce_max(sizes, -1) / math.reduce_min(sizes, -1)

    def _assert_non_singular(self) -> Any:
        return assert_positive(math.abs(self.diag), message="Singular operator:  Diagonal contained zero values.")

    def _assert_positive_definite(self) -> Any:
        return assert_positive(math.real(self.diag), message="Diagonal operator had non-positive diagonal entries.")

    def _assert_self_adjoint(self) -> Any:
        return assert_real(self.diag, "This diagonal operator contained non-zero imaginary values.")

    def _linop_adjoint(self) -> LinearOperator:
        return LinearOperatorDiag(math.conj(self.diag), **inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        return LinearOperatorDiag(1.0 / self.diag, **inherited(self))

    def _linop_cholesky(self) -> LinearOperator:
        return LinearOperatorDiag(math.sqrt(self.diag), True, True, True, True)


def _length(value: Any, name: str) -> int:
    if isinstance(value, Variable):
        raise TypeError(f"Argument `{name}` cannot be a variable, which may change. Received: {value}")
    known = array_of(value)
    if known.dtype.kind not in "iu":
        raise TypeError(f"Argument `{name}` must be integer type. Received: {value!r}")
    if known.ndim or known < 0:
        raise ValueError(f"Argument `{name}` must be a non-negative scalar. Received: {value!r}")
    return int(known)


def _lengths(value: Any) -> tuple[int, ...]:
    if value is None:
        return ()
    if isinstance(value, Variable):
        raise TypeError(f"Argument `batch_shape` cannot be a variable, which may change. Received: {value}")
    known = np.asarray(value.as_list() if isinstance(value, TensorShape) else array_of(value))
    if known.dtype.kind not in "iu" and known.size:
        raise TypeError(f"Argument `batch_shape` must be integer type. Received: {value!r}")
    if known.ndim != 1 or np.any(known < 0):
        raise ValueError(f"Argument `batch_shape` must be a vector of non-negative lengths. Received: {value!r}")
    return tuple(known.tolist())


class _OneNumber(LinearOperator):
    """A diagonal operator of one number."""

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """As `LinearOperator.add_to_tensor`, whose parameter has another name in TensorFlow."""
        return super().add_to_tensor(mat)


class _ByLengths(_OneNumber):
    """An operator that is given by its shape alone."""

    _batch: tuple[int, ...]

    def _in_batch(self, x: Any) -> Any:
        return broadcast_to(x, common_batch(self._batch, x.shape[:-2]).concatenate(x.shape[-2:])) if self._batch else x

    def _sliced(self, slices: tuple[Any, ...], batch: TensorShape) -> LinearOperator:
        part = np.empty(batch.as_list())[slices].shape  # type: ignore[arg-type]
        return type(self)(**{**self._parameters, "batch_shape": part})


class LinearOperatorIdentity(_ByLengths):
    """The identity matrix, or a batch of them (`tf.linalg.LinearOperatorIdentity`).

    **Arguments:**
    - `num_rows`: the number of rows, and of columns.
    - `batch_shape`: a list of lengths; none by default.
    - `dtype`: float32 by default.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`: True.
    - `assert_proper_shapes`: accepted: shapes are checked when operators are made.
    - `name`: the operator's name.

    **Raises:** `TypeError` or `ValueError` for lengths that make no sense; `ValueError` for a False promise.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorIdentity(2).to_dense().numpy().tolist())
    [[1.0, 0.0], [0.0, 1.0]]

    ```
    """

    def __init__(
        self, num_rows: Any, batch_shape: Any = None, dtype: Any = None, is_non_singular: Hint = True,
        is_self_adjoint: Hint = True, is_positive_definite: Hint = True, is_square: Hint = True,
        assert_proper_shapes: bool = False, name: str = "LinearOperatorIdentity",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        hints = {
            "is_non_singular": is_non_singular,
            "is_self_adjoint": is_self_adjoint,
            "is_positive_definite": is_positive_definite,
            "is_square": is_square,
        }
        for hint, given in hints.items():
            surely(bool(given), f"An identity operator has {hint}=True.")
        self._rows, self._batch = _length(num_rows, "num_rows"), _lengths(batch_shape)
        super().__init__(float32 if dtype is None else as_dtype(dtype), name=name, parameters=parameters, **hints)

    def _shape(self) -> TensorShape:
        return TensorShape((*self._batch, self._rows, self._rows))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._in_batch(x)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._in_batch(rhs)

    def _diag_part(self) -> Any:
        return self._full(1, self._rows)

    def _trace(self) -> Any:
        return self._full(self._rows)

    def _determinant(self) -> Any:
        return self._full(1)

    def _log_abs_determinant(self) -> Any:
        return self._full(0)

    def _add_to_tensor(self, x: Any) -> Any:
        return linalg.set_diag(x, 1 + linalg.diag_part(x))

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _cond(self) -> Any:
        return self._full(1)

    def _assert_non_singular(self) -> Any:
        return None

    _assert_positive_definite = _assert_self_adjoint = _assert_non_singular

    def _linop_adjoint(self) -> LinearOperator:
        return self

    _linop_inverse = _linop_cholesky = _linop_adjoint


class LinearOperatorScaledIdentity(_OneNumber):
    """A number times the identity matrix (`tf.linalg.LinearOperatorScaledIdentity`).

    **Arguments:**
    - `num_rows`: the number of rows, and of columns.
    - `multiplier`: a tensor or variable `[...]`.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.
    - `assert_proper_shapes`: accepted: shapes are checked when operators are made.

    **Raises:** `TypeError` or `ValueError` for a length that makes no sense; `ValueError` for a promise that cannot be.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorScaledIdentity(3, 2.0).determinant().numpy())
    8.0

    ```
    """

    _matrix_axes = (("multiplier", 0),)

    def __init__(
        self, num_rows: Any, multiplier: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = True, assert_proper_shapes: bool = False,
        name: str = "LinearOperatorScaledIdentity",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._multiplier = operand(multiplier)
        self._rows = _length(num_rows, "num_rows")
        real = not self._multiplier.dtype.is_complex
        adjoint = implied(is_self_adjoint, real, "A real diagonal operator is always self adjoint.")
        square = surely(bool(is_square), "A ScaledIdentity operator is always square.")
        super().__init__(
            self._multiplier.dtype, None, is_non_singular, adjoint, is_positive_definite, square, name, parameters
        )

    @property
    def multiplier(self) -> Any:
        """The number."""
        return self._multiplier

    def _of(self, multiplier: Any, **hints: Any) -> LinearOperator:
        return LinearOperatorScaledIdentity(self._rows, multiplier, **hints)

    def _shape(self) -> TensorShape:
        return self.multiplier.shape.concatenate([self._rows, self._rows])

    def _matrix_of(self, adjoint: bool) -> Any:
        return _conj_if(self.multiplier, adjoint)[..., None, None]

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return x * self._matrix_of(adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return rhs / self._matrix_of(adjoint)

    def _diag_part(self) -> Any:
        return ones([self._rows], self.dtype) * self.multiplier[..., None]

    def _trace(self) -> Any:
        return self.multiplier * self._rows

    def _determinant(self) -> Any:
        return self.multiplier**self._rows

    def _log_abs_determinant(self) -> Any:
        return self._rows * math.log(math.abs(self.multiplier))

    def _add_to_tensor(self, x: Any) -> Any:
        return linalg.set_diag(x, self.multiplier[..., None] + linalg.diag_part(x))

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _cond(self) -> Any:
        singular = math.equal(self.multiplier, cast(0, self.dtype))
        return where(singular, cast(np.nan, self.dtype), cast(1, self.dtype))

    def _assert_non_singular(self) -> Any:
        return assert_positive(math.abs(self.multiplier), message="LinearOperator was singular")

    def _assert_positive_definite(self) -> Any:
        return assert_positive(math.real(self.multiplier), message="LinearOperator was not positive definite.")

    def _assert_self_adjoint(self) -> Any:
        return assert_real(self.multiplier, "LinearOperator was not self-adjoint")

    def _linop_adjoint(self) -> LinearOperator:
        return self._of(math.conj(self.multiplier), **inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        return self._of(1.0 / self.multiplier, **inherited(self))

    def _linop_cholesky(self) -> LinearOperator:
        everything = dict.fromkeys(inherited(self), True)
        return self._of(math.sqrt(self.multiplier), **everything)


class LinearOperatorZeros(_ByLengths):
    """A matrix of zeros, or a batch of them (`tf.linalg.LinearOperatorZeros`).

    **Arguments:**
    - `num_rows`, `num_columns`: how many; as many columns as rows by default.
    - `batch_shape`: a list of lengths; none by default.
    - `dtype`: float32 by default.
    - `is_non_singular`, `is_positive_definite`: False.
    - `is_self_adjoint`, `is_square`: True, or both False where there are not as many columns as rows.
    - `assert_proper_shapes`: accepted: shapes are checked when operators are made.
    - `name`: the operator's name.

    **Raises:** `TypeError` or `ValueError` for lengths or promises that make no sense.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorZeros(2).matvec([1.0, 2.0]).numpy())
    [0. 0.]

    ```
    """

    def __init__(
        self, num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = None,
        is_non_singular: Hint = False, is_self_adjoint: Hint = True, is_positive_definite: Hint = False,
        is_square: Hint = True, assert_proper_shapes: bool = False, name: str = "LinearOperatorZeros",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        if is_square and not is_self_adjoint:
            raise ValueError("A zero operator is always self adjoint. Pass is_self_adjoint=True.")
        if is_non_singular or is_positive_definite:
            raise ValueError("A zero operator is always singular: is_non_singular and is_positive_definite are False.")
        self._rows, self._batch = _length(num_rows, "num_rows"), _lengths(batch_shape)
        self._columns = self._rows if num_columns is None else _length(num_columns, "num_columns")
        if is_square and self._rows != self._columns:
            raise ValueError(
                f"LinearOperatorZeros initialized as is_square=True, but got num_rows({self._rows}) != "
                f"num_columns({self._columns}). Pass is_square=False and is_self_adjoint=False."
            )
        super().__init__(
            float32 if dtype is None else as_dtype(dtype), None, is_non_singular, is_self_adjoint,
            is_positive_definite, is_square, name, parameters,
        )  # fmt: skip

    def _shape(self) -> TensorShape:
        return TensorShape((*self._batch, self._rows, self._columns))

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        rows = self._columns if adjoint else self._rows
        return self._in_batch(zeros(x.shape[:-2].concatenate([rows, x.shape[-1]]), self.dtype))

    def _to_dense(self) -> Any:
        return self._full(0, self._rows, self._columns)

    def _diag_part(self) -> Any:
        return self._full(0, min(self._rows, self._columns))

    def _trace(self) -> Any:
        return self._full(0)

    _determinant = _trace

    def _eigvals(self) -> Any:
        return self._diag_part()

    def _add_to_tensor(self, x: Any) -> Any:
        return self._in_batch(x)

    def _assert_non_singular(self) -> Any:
        raise InvalidArgumentError(message="Zero operators are always non-invertible.")

    def _assert_positive_definite(self) -> Any:
        raise InvalidArgumentError(message="Zero operators are always non-positive definite.")

    def _assert_self_adjoint(self) -> Any:
        return None
