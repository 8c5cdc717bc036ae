"""Operators that Fourier transforms make diagonal, and Toeplitz matrices, which are part of such."""

from __future__ import annotations

from typing import Any

import numpy as np

import functape.math as math
from functape._api._creation import zeros_like
from functape._api._fourier import fft, fft2d, fft3d, ifft, ifft2d, ifft3d
from functape._api._gathering import gather
from functape._api._joining import concat
from functape._api._matrix import matrix_transpose
from functape._api._shaping import broadcast_to, reshape, reverse
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import from_numpy
from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype, complex64, complex128
from functape._linear_operators._base import LinearOperator, common_batch, size_of
from functape._linear_operators._diagonal import assert_real
from functape._linear_operators._hints import Hint, Hints, arguments, implied, inherited, surely
from functape.debugging import assert_equal, assert_less, assert_positive

_TRANSFORMS = {1: (fft, ifft), 2: (fft2d, ifft2d), 3: (fft3d, ifft3d)}


def _as_complex(value: Any) -> Any:
    if value.dtype.is_complex:
        return value
    return cast(value, complex128 if value.dtype.name == "float64" else complex64)


class Circulant(LinearOperator):
    """What the circulant operators have in common: the spectrum, whose last axes are as many as the class says."""

    _depth = 1

    def _begin(self, spectrum: Any, dtype: Any, hints: Hints, name: str, parameters: dict[str, Any]) -> None:
        self._spectrum = operand(spectrum)
        if self._spectrum.aval.ndim < self._depth:
            raise ValueError(f"Argument `spectrum` must have at least {self._depth} dimensions. Received: {spectrum}.")
        real = not self._spectrum.dtype.is_complex
        known = hints._replace(
            is_self_adjoint=implied(hints.is_self_adjoint, real, "A real spectrum's operator is self-adjoint."),
            is_square=surely(hints.is_square, "A circulant operator is always square."),
        )
        LinearOperator.__init__(self, as_dtype(dtype), name=name, parameters=parameters, **known._asdict())

    @property
    def spectrum(self) -> Any:
        """The eigenvalues, as a block."""
        return self._spectrum

    @property
    def block_depth(self) -> int:
        """How many axes the spectrum has, apart from the batch's."""
        return self._depth

    @property
    def block_shape(self) -> TensorShape:
        """The lengths of these axes."""
        return self.spectrum.shape[-self._depth :]

    def block_shape_tensor(self) -> Any:
        """The lengths of these axes, as an int32 tensor."""
        return from_numpy(np.asarray(self.block_shape.as_list(), np.int32))

    def convolution_kernel(self, name: str = "convolution_kernel") -> Any:
        """The inverse transform of the spectrum: the first column, as a block."""
        return cast(_TRANSFORMS[self._depth][1](_as_complex(self.spectrum)), self.dtype)

    def assert_hermitian_spectrum(self, name: str = "assert_hermitian_spectrum") -> Any:
        """Check that the matrix is real.

        **Raises:** `InvalidArgumentError` if it is not.
        """
        most = np.finfo(self.dtype.real_dtype.as_numpy_dtype).eps * int(self.domain_dimension)
        sizes = math.abs(math.imag(self.convolution_kernel()))
        return assert_less(sizes, sizes.dtype.as_numpy_dtype(most), message="Spectrum was not Hermitian")

    def of_spectrum(self, spectrum: Any, hints: dict[str, Any]) -> LinearOperator:
        """An operator of this kind and dtype."""
        kind: Any = type(self)
        return kind(spectrum, input_output_dtype=self.dtype, **hints)

    def _shape(self) -> TensorShape:
        length = size_of(self.block_shape)
        return self.spectrum.shape[: -self._depth].concatenate([length, length])

    def _flat(self, value: Any) -> Any:
        return reshape(value, (*value.shape[: -self._depth], size_of(value.shape[-self._depth :])))

    def _filtered(self, x: Any, adjoint: bool, inverse: bool) -> Any:
        spectrum = _as_complex(self.spectrum)
        spectrum = math.conj(spectrum) if adjoint else spectrum
        block = self.block_shape
        # Columns become blocks, which the spectrum's batch is beside.
        columns = matrix_transpose(cast(x, spectrum.dtype))
        blocks = reshape(columns, columns.shape[:-1].concatenate(block))
        factors = reshape(spectrum, spectrum.shape[: -self._depth].concatenate([1]).concatenate(block))
        forward, back = _TRANSFORMS[self._depth]
        transformed = forward(blocks)
        filtered = back(transformed / factors if inverse else transformed * factors)
        return cast(matrix_transpose(self._flat(filtered)), self.dtype)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._filtered(x, adjoint, False)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._filtered(rhs, adjoint, True)

    def _axes(self) -> list[int]:
        return list(range(-self._depth, 0))

    def _determinant(self) -> Any:
        return cast(math.reduce_prod(self.spectrum, self._axes()), self.dtype)

    def _log_abs_determinant(self) -> Any:
        return cast(math.reduce_sum(math.log(math.abs(self.spectrum)), self._axes()), self.dtype)

    def _trace(self) -> Any:
        parts = math.real(self.spectrum) if self.is_self_adjoint or not self.dtype.is_complex else self.spectrum
        return cast(math.reduce_sum(parts, self._axes()), self.dtype)

    def _diag_part(self) -> Any:
        length = int(self.domain_dimension)
        return (self.trace() / self.dtype.as_numpy_dtype(length))[..., None] * self._full(1, length)

    def _eigvals(self) -> Any:
        return self._flat(self.spectrum)

    def _cond(self) -> Any:
        sizes = math.abs(self._flat(self.spectrum))
        return math.reduce_max(sizes, -1) / math.reduce_min(sizes, -1)

    def _assert_non_singular(self) -> Any:
        return assert_positive(math.abs(self.spectrum), message="Singular operator:  Spectrum contained zero values.")

    def _assert_positive_definite(self) -> Any:
        message = "Not positive definite:  Real part of spectrum was not all positive."
        return assert_positive(math.real(self.spectrum), message=message)

    def _assert_self_adjoint(self) -> Any:
        return assert_real(self.spectrum, "Not self-adjoint:  The spectrum contained non-zero imaginary part.")

    def _linop_adjoint(self) -> LinearOperator:
        return self.of_spectrum(math.conj(self.spectrum), inherited(self))

    def _linop_inverse(self) -> LinearOperator:
        return self.of_spectrum(1.0 / self.spectrum, inherited(self))


class LinearOperatorCirculant(Circulant):
    """A matrix whose rows are the first one turned on and on (`tf.linalg.LinearOperatorCirculant`).

    **Arguments:**
    - `spectrum`: its eigenvalues, a tensor or variable `[..., n]`: the Fourier transform of its first column.
    - `input_output_dtype`: the dtype of what it takes and returns; a real one for a Hermitian spectrum.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `ValueError` for too few axes, or a promise that cannot be.

    ```python
    >>> import functape as tf
    >>> spectrum = tf.signal.fft(tf.constant([1.0 + 0j, 2.0, 3.0], tf.complex64))
    >>> operator = tf.linalg.LinearOperatorCirculant(spectrum, tf.float32)
    >>> print(operator.to_dense().numpy().round(4).tolist())
    [[1.0, 3.0, 2.0], [2.0, 1.0, 3.0], [3.0, 2.0, 1.0]]

    ```
    """

    _matrix_axes = (("spectrum", 1),)

    def __init__(
        self, spectrum: Any, input_output_dtype: Any = complex64, is_non_singular: Hint = None,
        is_self_adjoint: Hint = None, is_positive_definite: Hint = None, is_square: Hint = True,
        name: str = "LinearOperatorCirculant",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        hints = Hints(is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        self._begin(spectrum, input_output_dtype, hints, name, parameters)


class LinearOperatorCirculant2D(Circulant):
    """A matrix of circulant blocks that are themselves turned (`tf.linalg.LinearOperatorCirculant2D`).

    **Arguments:**
    - `spectrum`: its eigenvalues, a tensor or variable `[..., n, m]`: the Fourier transform of its first column.
    - `input_output_dtype`, `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for
      `LinearOperatorCirculant`.

    **Raises:** as `LinearOperatorCirculant`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.LinearOperatorCirculant2D(tf.ones([2, 3])).shape
    TensorShape([6, 6])

    ```
    """

    _depth = 2
    _matrix_axes = (("spectrum", 2),)

    def __init__(
        self, spectrum: Any, input_output_dtype: Any = complex64, is_non_singular: Hint = None,
        is_self_adjoint: Hint = None, is_positive_definite: Hint = None, is_square: Hint = True,
        name: str = "LinearOperatorCirculant2D",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        hints = Hints(is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        self._begin(spectrum, input_output_dtype, hints, name, parameters)


class LinearOperatorCirculant3D(Circulant):
    """A matrix of blocks of circulant blocks, all of them turned (`tf.linalg.LinearOperatorCirculant3D`).

    **Arguments:**
    - `spectrum`: its eigenvalues, a tensor or variable `[..., n, m, l]`: the Fourier transform of its first column.
    - `input_output_dtype`, `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for
      `LinearOperatorCirculant`.

    **Raises:** as `LinearOperatorCirculant`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.LinearOperatorCirculant3D(tf.ones([2, 3, 2])).shape
    TensorShape([12, 12])

    ```
    """

    _depth = 3
    _matrix_axes = (("spectrum", 3),)

    def __init__(
        self, spectrum: Any, input_output_dtype: Any = complex64, is_non_singular: Hint = None,
        is_self_adjoint: Hint = None, is_positive_definite: Hint = None, is_square: Hint = True,
        name: str = "LinearOperatorCirculant3D",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        hints = Hints(is_non_singular, is_self_adjoint, is_positive_definite, is_square)
        self._begin(spectrum, input_output_dtype, hints, name, parameters)


class LinearOperatorToeplitz(LinearOperator):
    """A matrix with one number along each diagonal (`tf.linalg.LinearOperatorToeplitz`).

    **Arguments:**
    - `col`: the first column, a tensor or variable `[..., n]`.
    - `row`: the first row, of which the first element is not read.
    - `is_non_singular`, `is_self_adjoint`, `is_positive_definite`, `is_square`, `name`: as for `LinearOperator`.

    **Raises:** `ValueError` for scalars, lengths that differ, or `is_square=False`.

    ```python
    >>> import functape as tf
    >>> print(tf.linalg.LinearOperatorToeplitz([1.0, 2.0], [1.0, 3.0]).to_dense().numpy().tolist())
    [[1.0, 3.0], [2.0, 1.0]]

    ```
    """

    _matrix_axes = (("col", 1), ("row", 1))

    def __init__(
        self, col: Any, row: Any, is_non_singular: Hint = None, is_self_adjoint: Hint = None,
        is_positive_definite: Hint = None, is_square: Hint = None, name: str = "LinearOperatorToeplitz",
    ) -> None:  # fmt: skip
        parameters = arguments(locals())
        self._col, self._row = operand(col), operand(row)
        for which, each in (("row", self._row), ("col", self._col)):
            if not each.aval.ndim:
                raise ValueError(f"Argument `{which}` must have at least 1 dimension. Received: {each}")
        if self._row.shape[-1] != self._col.shape[-1]:
            raise ValueError(
                f"Expected square matrix, got row and col with mismatched dimensions: {self._row.shape} and "
                f"{self._col.shape}."
            )
        square = surely(is_square, "Only square Toeplitz operators are supported.")
        super().__init__(
            self._row.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite, square, name, parameters
        )

    @property
    def col(self) -> Any:
        """The first column."""
        return self._col

    @property
    def row(self) -> Any:
        """The first row."""
        return self._row

    def _both(self) -> tuple[Any, Any]:
        shape = common_batch(self.col.shape, self.row.shape)
        return broadcast_to(self.col, shape), broadcast_to(self.row, shape)

    def _shape(self) -> TensorShape:
        shape = common_batch(self.col.shape, self.row.shape)
        return shape.concatenate(shape[-1:])

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        # The matrix is the first quarter of a circulant one of twice the size.
        col, row = self._both()
        column = concat([col, zeros_like(col[..., :1]), reverse(row[..., 1:], [-1])], -1)
        whole = LinearOperatorCirculant(fft(_as_complex(column)), self.dtype)
        return whole.matmul(concat([x, zeros_like(x)], -2), adjoint=adjoint)[..., : x.shape[-2], :]

    def _to_dense(self) -> Any:
        col, row = self._both()
        length = int(self.domain_dimension)
        places = np.arange(length) + np.arange(length - 1, -1, -1)[:, None]
        return gather(concat([reverse(col, [-1]), row[..., 1:]], -1), places.astype(np.int32), axis=-1)

    def _diag_part(self) -> Any:
        return self.col[..., :1] * self._full(1, int(self.domain_dimension))

    def _trace(self) -> Any:
        return self.col[..., 0] * self.dtype.as_numpy_dtype(int(self.domain_dimension)) * self._full(1)

    def _assert_self_adjoint(self) -> Any:
        return assert_equal(math.conj(self.row), self.col, message="row and col are not each other's conjugates.")
