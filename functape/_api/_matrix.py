"""Products of matrices and tensors, and what is near them."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._shaping import expand_dims, squeeze
from functape._api._static import array_of, as_axis, as_ints, invalid, operand, operands
from functape._core._arrange import arrange
from functape._core._cast import cast
from functape._core._dispatch import composite, handed_over
from functape._engine._compat import is_symbolic
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import record
from functape._ops._matrix import CROSS, EINSUM, TENSORDOT, TRACE
from functape._ops._operators import MATMUL
from functape._ops._shaping import TRANSPOSE

_PLAIN = (False, False, False, False)


def matmul(
    a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
    adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
    grad_a: bool = False, grad_b: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The product of two matrices, or of two batches of them (`tf.matmul`).

    **Arguments:**
    - `a`: a tensor `[..., m, k]`.
    - `b`: a tensor `[..., k, n]` of its dtype; the leading axes broadcast.
    - `transpose_a`, `transpose_b`: whether to transpose the matrix first.
    - `adjoint_a`, `adjoint_b`: whether to transpose and conjugate it first.
    - `a_is_sparse`, `b_is_sparse`: hints that many elements are zero; XLA makes nothing of them.
    - `output_type`: the dtype of the result, if not that of the arguments.
    - `grad_a`, `grad_b`: TensorFlow's marks for products in gradients; the result is the same.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., m, n]`.

    **Raises:** `InvalidArgumentError` if shapes or dtypes do not fit; `ValueError` for transpose and adjoint at once.

    ```python
    >>> import functape as tf
    >>> tf.matmul([[1.0, 2.0]], [[3.0], [4.0]]).numpy()
    array([[11.]], dtype=float32)

    ```
    """
    flags = _PLAIN
    if transpose_a or transpose_b or adjoint_a or adjoint_b:
        for both, which in ((transpose_a and adjoint_a, "a"), (transpose_b and adjoint_b, "b")):
            if both:
                raise ValueError(f"Only one of `transpose_{which}` and `adjoint_{which}` can be True.")
        flags = (bool(transpose_a), bool(transpose_b), bool(adjoint_a), bool(adjoint_b))
    try:
        product = record(MATMUL, flags, (a, b))
    except (TypeError, ValueError, AttributeError):
        # Looked for only here, so that the product of tensors costs nothing more.
        taken = handed_over("matmul", a, b, transpose_a, transpose_b, adjoint_a, adjoint_b, a_is_sparse, b_is_sparse)
        if taken is NotImplemented:
            raise
        return taken
    return product if output_type is None else cast(product, as_dtype(output_type))


@composite
def matvec(
    a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
    b_is_sparse: bool = False, name: str | None = None,
) -> Any:  # fmt: skip
    """The product of a matrix and a vector, or of batches of them (`tf.linalg.matvec`).

    **Arguments:**
    - `a`: a tensor `[..., m, k]`.
    - `b`: a tensor `[..., k]` of its dtype.
    - `transpose_a`: whether to transpose the matrix first.
    - `adjoint_a`: whether to transpose and conjugate it first.
    - `a_is_sparse`, `b_is_sparse`: hints that many elements are zero; XLA makes nothing of them.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[..., m]`.

    **Raises:** `InvalidArgumentError` if shapes or dtypes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.matvec([[1.0, 2.0]], [3.0, 4.0]).numpy()
    array([11.], dtype=float32)

    ```
    """
    matrix, vector = operands([a, b])
    return squeeze(matmul(matrix, expand_dims(vector, -1), transpose_a, adjoint_a=adjoint_a), -1)


_LONG = 2**20
"""Axes longer than this are not compared before an einsum is recorded."""


def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Any:
    """A sum of products over named axes (`tf.einsum`).

    **Arguments:**
    - `equation`: as `"bij,bjk->bik"`; `...` stands for axes that broadcast.
    - `inputs`: a tensor for each term.
    - `kwargs`: `optimize`: how the order of the products is found, which XLA decides here; `name`: accepted for
      compatibility.

    **Raises:** `TypeError` for another keyword; `ValueError` or `InvalidArgumentError` if equation and inputs do not
    fit.

    ```python
    >>> import functape as tf
    >>> tf.einsum("i,i->", tf.constant([1.0, 2.0]), tf.constant([3.0, 4.0])).numpy()
    np.float32(11.0)

    ```
    """
    unknown = set(kwargs) - {"optimize", "name"}
    if unknown:
        raise TypeError(f"Invalid keyword arguments for einsum: {sorted(unknown)}")
    given = operands(inputs)
    compact = equation.replace(" ", "")
    sides = compact.split("->")
    if len(sides) > 2:
        raise ValueError(f"Invalid equation: {equation!r}. It may have one '->'.")
    if len(sides[0].split(",")) != len(given):
        raise ValueError(
            f"Got {len(given)} inputs for equation {equation!r}, which has {len(sides[0].split(','))} terms."
        )
    if not all(each.isalpha() or each in ".,->" for each in compact):
        raise ValueError(f"Invalid equation: {equation!r}. It may hold letters, ',', '->' and '...'.")
    unknown_labels = set(sides[-1]) - set(sides[0]) if len(sides) == 2 else None
    if unknown_labels:
        raise ValueError(f"The output of {equation!r} has labels that no input has: {sorted(unknown_labels)}")
    try:
        # Lengths that are not known, or that stand for such, count as 1, which goes with any other.
        shapes = [[1 if is_symbolic(each) or each > _LONG else each for each in one.aval.shape] for one in given]
        arrays = [np.broadcast_to(np.float32(0), shape) for shape in shapes]
        np.einsum_path(compact, *arrays, optimize=False)
    except ValueError as error:
        raise invalid(f"{equation!r}: {error} [Op:Einsum]") from None
    return record(EINSUM, (compact,), given)


def tensordot(a: Any, b: Any, axes: Any, name: str | None = None) -> Any:
    """A sum of products over some axes of two tensors (`tf.tensordot`).

    **Arguments:**
    - `a`, `b`: tensors of one dtype.
    - `axes`: how many, the last of `a` with the first of `b`; or two lists: axes of `a` and axes of `b`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor with the other axes of `a`, then those of `b`.

    **Raises:** `ValueError` if `axes` makes no sense; `InvalidArgumentError` if the lengths differ.

    ```python
    >>> import functape as tf
    >>> tf.tensordot([1.0, 2.0], [3.0, 4.0], 1).numpy()
    np.float32(11.0)

    ```
    """
    left, right = operands([a, b])
    if np.ndim(axes if isinstance(axes, list | tuple) else array_of(axes)) == 0:
        (count,) = as_ints(axes, "axes")
        if count < 0:
            raise ValueError(f"`axes` must be at least 0. Received: {axes}")
        if count > left.aval.ndim:
            raise ValueError(
                f"`axes` must not be larger than the number of dimensions of tensor {left}. Received: {axes}"
            )
        pair = tuple(range(left.aval.ndim - count, left.aval.ndim)), tuple(range(count))
    else:
        if len(axes) != 2:
            raise ValueError(f"`axes` must be an integer or have length 2. Received: {axes!r}")
        pair = as_ints(axes[0], "axes"), as_ints(axes[1], "axes")
        if len(pair[0]) != len(pair[1]):
            raise ValueError(f"Different number of contraction axes `a` and `b`, {len(pair[0])} != {len(pair[1])}.")
    places = tuple(
        tuple(as_axis(each, side.aval.ndim, "Tensordot", ValueError) for each in chosen)
        for chosen, side in zip(pair, (left, right), strict=True)
    )
    return record(TENSORDOT, (places,), (left, right))


@composite
def trace(x: Any, name: str | None = None) -> Any:
    """The sum of the main diagonal (`tf.linalg.trace`).

    **Arguments:**
    - `x`: a tensor `[..., m, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Returns:** a tensor `[...]`.

    ```python
    >>> import functape as tf
    >>> tf.linalg.trace([[1.0, 2.0], [3.0, 4.0]]).numpy()
    np.float32(5.0)

    ```
    """
    return record(TRACE, (), (operand(x),))


def matrix_transpose(a: Any, name: str = "matrix_transpose", conjugate: bool = False) -> Any:
    """The last two axes exchanged (`tf.linalg.matrix_transpose`).

    **Arguments:**
    - `a`: a tensor `[..., m, n]`.
    - `name`: accepted for compatibility; ops have no names here.
    - `conjugate`: whether to conjugate complex elements too.

    **Raises:** `ValueError` if there are fewer than two axes.

    ```python
    >>> import functape as tf
    >>> tf.linalg.matrix_transpose([[1, 2]]).shape
    TensorShape([2, 1])

    ```
    """
    matrix = operand(a)
    rank = matrix.aval.ndim
    if rank < 2:
        raise ValueError(f"Argument `a` should be a (batch) matrix with rank >= 2. Received shape {matrix.aval.shape}")
    order = (*range(rank - 2), rank - 1, rank - 2)
    return arrange(TRANSPOSE, (order, bool(conjugate) and matrix.aval.dtype.is_complex), (matrix,))


@composite
def adjoint(matrix: Any, name: str | None = None) -> Any:
    """The last two axes exchanged, and the elements conjugated (`tf.linalg.adjoint`).

    **Arguments:**
    - `matrix`: a tensor `[..., m, n]`.
    - `name`: accepted for compatibility; ops have no names here.

    ```python
    >>> import functape as tf
    >>> tf.linalg.adjoint([[1.0, 2.0]]).shape
    TensorShape([2, 1])

    ```
    """
    return matrix_transpose(matrix, conjugate=True)


def cross(a: Any, b: Any, name: str | None = None) -> Any:
    """The cross product of vectors of three elements (`tf.linalg.cross`).

    **Arguments:**
    - `a`: a tensor `[..., 3]`.
    - `b`: a tensor of its shape and dtype.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `InvalidArgumentError` if the shapes do not fit.

    ```python
    >>> import functape as tf
    >>> tf.linalg.cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]).numpy()
    array([0., 0., 1.], dtype=float32)

    ```
    """
    return record(CROSS, (), operands([a, b]))
