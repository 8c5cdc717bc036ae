"""Products, norms, diagonals and decompositions against TensorFlow."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature, each

import functape

_draw = np.random.default_rng(11)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape)


def complexes(*shape: int) -> np.ndarray[Any, Any]:
    return floats(*shape) + 1j * floats(*shape)


A, B, SQUARE = floats(3, 4), floats(4, 2), floats(2, 3, 3)
DEFINITE = SQUARE @ SQUARE.transpose(0, 2, 1) + np.eye(3)
COMPLEX = complexes(3, 3)
HERMITIAN = COMPLEX @ COMPLEX.conj().T + np.eye(3)
SINGLE = floats(3, 4).astype(np.float32)

CONDITION = {"loosen": 100, "because": "the condition number of the matrices multiplies rounding"}

PRODUCTS = [
    Case("matmul", lambda tf, a, b: tf.matmul(a, b), (A, B)),
    Case("matmul float32", lambda tf, a: tf.matmul(a, a, transpose_b=True), (SINGLE,)),
    Case(
        "matmul flags",
        lambda tf, a, b: tf.matmul(a, b, transpose_a=True, transpose_b=True),
        (floats(4, 3), floats(2, 4)),
    ),
    Case("matmul adjoint", lambda tf, a: tf.matmul(a, a, adjoint_a=True), (COMPLEX,)),
    Case("matmul adjoint b", lambda tf, a: tf.matmul(a, a, adjoint_b=True), (COMPLEX,)),
    Case("matmul batch", lambda tf, a, b: tf.matmul(a, b), (floats(5, 3, 4), floats(5, 4, 2))),
    Case("matmul batch broadcast", lambda tf, a, b: tf.matmul(a, b), (floats(5, 1, 3, 4), floats(2, 4, 2))),
    Case("matmul batch transpose", lambda tf, a, b: tf.matmul(a, b, transpose_b=True), (floats(2, 3, 4), floats(2, 4))),
    Case("matmul ints", lambda tf: tf.matmul([[1, 2]], [[3], [4]])),
    Case("matmul lists", lambda tf, a: tf.matmul(a, [[1.0], [2.0], [3.0], [4.0]]), (A,)),
    Case("matmul arrays", lambda tf: tf.matmul(A, B)),
    Case("matmul single and array", lambda tf, a: tf.matmul(a, B), (SINGLE,), gradients=0),
    Case(
        "matmul sparse hint", lambda tf, a: tf.matmul(a, a, transpose_b=True, a_is_sparse=True), (SINGLE,), gradients=1
    ),
    Case("matmul empty", lambda tf: tf.matmul(tf.zeros([2, 0]), tf.zeros([0, 3]))),
    Case("operator", lambda tf, a, b: a @ b, (A, B)),
    Case("matvec", lambda tf, a, b: tf.linalg.matvec(a, b), (A, floats(4))),
    Case("matvec batch", lambda tf, a, b: tf.linalg.matvec(a, b, transpose_a=True), (SQUARE, floats(2, 3))),
    Case("matvec adjoint", lambda tf, a, b: tf.linalg.matvec(a, b, adjoint_a=True), (COMPLEX, complexes(3))),
    Case("einsum", lambda tf, a, b: tf.einsum("ij,jk->ik", a, b), (A, B)),
    Case("einsum implicit", lambda tf, a, b: tf.einsum("ij,jk", a, b), (A, B)),
    Case("einsum spaces", lambda tf, a, b: tf.einsum("i j, j k -> k i", a, b), (A, B)),
    Case("einsum ellipsis", lambda tf, a: tf.einsum("...ij,...jk->...ik", a, a), (SQUARE,)),
    Case("einsum diagonal", lambda tf, a: tf.einsum("bii->b", a), (SQUARE,)),
    Case("einsum outer", lambda tf, a, b: tf.einsum("i,j->ij", a, b), (floats(3), floats(2))),
    Case("einsum sum", lambda tf, a: tf.einsum("bij->j", a), (SQUARE,)),
    Case("einsum three", lambda tf, a, b, c: tf.einsum("ij,jk,k->i", a, b, c), (A, B, floats(2))),
    Case("einsum ints", lambda tf: tf.einsum("i,i->", tf.constant([1, 2]), tf.constant([3, 4]))),
    Case("einsum optimize", lambda tf, a, b: tf.einsum("ij,jk->ik", a, b, optimize="optimal", name="x"), (A, B)),
    Case("tensordot", lambda tf, a, b: tf.tensordot(a, b, 1), (A, B)),
    Case("tensordot outer", lambda tf, a, b: tf.tensordot(a, b, axes=0), (floats(3), floats(2))),
    Case("tensordot two", lambda tf, a: tf.tensordot(a, a, 2), (floats(3, 3),)),
    Case("tensordot axes", lambda tf, a, b: tf.tensordot(a, b, [[1, 2], [0, 1]]), (floats(2, 3, 4), floats(3, 4, 5))),
    Case("tensordot one axis each", lambda tf, a, b: tf.tensordot(a, b, [-1, 0]), (A, B)),
    Case("tensordot tensor axes", lambda tf, a, b: tf.tensordot(a, b, tf.constant([[1], [0]])), (A, B)),
    Case("trace", lambda tf, a: tf.linalg.trace(a), (SQUARE,)),
    Case("trace ints", lambda tf: tf.linalg.trace([[1, 2], [3, 4]])),
    Case("cross", lambda tf, a, b: tf.linalg.cross(a, b), (floats(2, 3), floats(2, 3))),
]

NORMS = [
    Case("norm", lambda tf, a: tf.norm(a), (A,)),
    Case("norm axis", lambda tf, a: [tf.norm(a, axis=0), tf.norm(a, axis=-1, keepdims=True)], (A,)),
    Case("norm one", lambda tf, a: [tf.norm(a, 1), tf.norm(a, ord=1, axis=1)], (A,), gradients=1),
    Case("norm two", lambda tf, a: tf.norm(a, 2, axis=1), (A,)),
    Case("norm inf", lambda tf, a: [tf.norm(a, np.inf), tf.norm(a, np.inf, 0)], (A,), gradients=1),
    Case("norm three", lambda tf, a: [tf.norm(a, 3, axis=0), tf.norm(a, 2.5)], (A,)),
    Case("norm keepdims", lambda tf, a: [tf.norm(a, 1, keepdims=True), tf.norm(a, keepdims=True)], (A,), gradients=1),
    Case("norm matrix", lambda tf, a: [tf.norm(a, o, axis=[-2, -1]) for o in ("fro", "euclidean")], (SQUARE,)),
    Case("norm matrix one", lambda tf, a: tf.norm(a, 1, axis=(-2, -1)), (SQUARE,), gradients=1),
    Case("norm matrix inf", lambda tf, a: tf.norm(a, np.inf, (0, 1), keepdims=True), (SQUARE,), gradients=1),
    Case("norm matrix two", lambda tf, a: tf.norm(a, 2, axis=(-2, -1)), (SQUARE,), gradients=0),
    Case("norm complex", lambda tf, a: tf.norm(a), (COMPLEX,), gradients=0),
    Case("norm of zero", lambda tf, a: tf.norm(a), (np.zeros(3),), gradients=1),
    Case("linalg.norm", lambda tf, a: tf.linalg.norm(a, axis=1), (A,)),
]

BAND = floats(2, 3, 4)
DIAGONALS = [
    Case("diag", lambda tf, a: tf.linalg.diag(a), (floats(2, 3),)),
    Case("diag above", lambda tf, a: [tf.linalg.diag(a, k=1), tf.linalg.diag(a, k=-2)], (floats(3),)),
    Case("diag shape", lambda tf, a: tf.linalg.diag(a, num_rows=3, num_cols=5, padding_value=7), (floats(3),)),
    Case("diag band", lambda tf, a: tf.linalg.diag(a, k=(-1, 1)), (floats(3, 4),)),
    Case("diag band align", lambda tf, a: tf.linalg.diag(a, k=(-1, 1), align="LEFT_RIGHT"), (floats(2, 3, 4),)),
    Case("diag ints", lambda tf: tf.linalg.diag([1, 2])),
    Case("diag_part", lambda tf, a: tf.linalg.diag_part(a), (BAND,)),
    Case("diag_part off", lambda tf, a: [tf.linalg.diag_part(a, k=1), tf.linalg.diag_part(a, k=-2)], (BAND,)),
    *(
        Case(f"diag_part {align}", lambda tf, a, align=align: tf.linalg.diag_part(a, k=(-2, 3), align=align), (BAND,))
        for align in ("RIGHT_LEFT", "LEFT_RIGHT", "LEFT_LEFT", "RIGHT_RIGHT")
    ),
    Case("diag_part padding", lambda tf, a: tf.linalg.diag_part(a, k=(0, 2), padding_value=9), (BAND,)),
    Case("set_diag", lambda tf, a, d: tf.linalg.set_diag(a, d), (BAND, floats(2, 3))),
    Case("set_diag off", lambda tf, a, d: tf.linalg.set_diag(a, d, k=-1), (BAND, floats(2, 2))),
    Case("set_diag band", lambda tf, a, d: tf.linalg.set_diag(a, d, k=(-1, 1)), (BAND, floats(2, 3, 3))),
    Case("band_part", lambda tf, a: [tf.linalg.band_part(a, *n) for n in ((-1, 0), (0, -1), (1, 1), (0, 0))], (BAND,)),
    Case("tensor_diag", lambda tf, a: [tf.linalg.tensor_diag(a), tf.linalg.tensor_diag(a[0])], (floats(2, 3),)),
    Case("tensor_diag_part", lambda tf, a: tf.linalg.tensor_diag_part(a), (floats(2, 3, 2, 3),)),
]

DECOMPOSITIONS = [
    Case("cholesky", lambda tf, a: tf.linalg.cholesky(a), (DEFINITE,), **CONDITION),
    Case("cholesky lower only", lambda tf, a: tf.linalg.cholesky(a), (np.tril(DEFINITE),), **CONDITION),
    Case("cholesky complex", lambda tf, a: tf.linalg.cholesky(a), (HERMITIAN,), gradients=0),
    Case(
        "cholesky_solve",
        lambda tf, a, b: tf.linalg.cholesky_solve(tf.linalg.cholesky(a), b),
        (DEFINITE, floats(2, 3, 2)),
        **CONDITION,
    ),
    Case("inv", lambda tf, a: tf.linalg.inv(a), (SQUARE,), **CONDITION),
    Case("inv adjoint", lambda tf, a: tf.linalg.inv(a, adjoint=True), (COMPLEX,), **CONDITION),
    Case("det", lambda tf, a: tf.linalg.det(a), (SQUARE,), **CONDITION),
    Case("slogdet", lambda tf, a: tf.linalg.slogdet(a), (SQUARE,), **CONDITION),
    Case(
        "slogdet's type", lambda tf, a: [type(tf.linalg.slogdet(a)).__name__, *tf.linalg.slogdet(a)._fields], (SQUARE,)
    ),
    Case("logdet", lambda tf, a: tf.linalg.logdet(a), (DEFINITE,), **CONDITION),
    Case("solve", lambda tf, a, b: tf.linalg.solve(a, b), (SQUARE, floats(2, 3, 4)), **CONDITION),
    Case(
        "solve adjoint", lambda tf, a, b: tf.linalg.solve(a, b, adjoint=True), (COMPLEX, complexes(3, 2)), **CONDITION
    ),
    Case(
        "triangular_solve", lambda tf, a, b: tf.linalg.triangular_solve(a, b), (DEFINITE, floats(2, 3, 4)), **CONDITION
    ),
    Case(
        "triangular_solve upper",
        lambda tf, a, b: tf.linalg.triangular_solve(a, b, lower=False),
        (DEFINITE, floats(2, 3, 4)),
        **CONDITION,
    ),
    Case(
        "triangular_solve adjoint",
        lambda tf, a, b: tf.linalg.triangular_solve(a, b, adjoint=True),
        (DEFINITE, floats(2, 3, 1)),
        **CONDITION,
    ),
    Case(
        "triangular_solve broadcast",
        lambda tf, a, b: tf.linalg.triangular_solve(a, b),
        (DEFINITE, floats(3, 4)),
        **CONDITION,
    ),
    Case("qr", lambda tf, a: _product(tf, *tf.linalg.qr(a)), (floats(2, 4, 3),), gradients=1, **CONDITION),
    Case("qr r", lambda tf, a: tf.linalg.qr(a).r ** 2, (floats(2, 4, 3),), gradients=1, **CONDITION),
    Case(
        "qr full", lambda tf, a: [each.shape.as_list() for each in tf.linalg.qr(a, full_matrices=True)], (floats(4, 3),)
    ),
    Case("svd values", lambda tf, a: tf.linalg.svd(a, compute_uv=False), (floats(2, 4, 3),), gradients=1, **CONDITION),
    Case("svd", lambda tf, a: _rebuilt(tf, *tf.linalg.svd(a)), (floats(4, 3),), gradients=1, **CONDITION),
    Case(
        "svd full",
        lambda tf, a: [each.shape.as_list() for each in tf.linalg.svd(a, full_matrices=True)],
        (floats(4, 3),),
    ),
    Case("eigh values", lambda tf, a: tf.linalg.eigh(a)[0], (DEFINITE,), gradients=1, **CONDITION),
    Case("eigh squares", lambda tf, a: tf.linalg.eigh(a)[1] ** 2, (DEFINITE,), gradients=1, **CONDITION),
    Case("eigh complex", lambda tf, a: tf.linalg.eigh(a)[0], (HERMITIAN,), gradients=0, **CONDITION),
    Case("eigvalsh", lambda tf, a: tf.linalg.eigvalsh(a), (DEFINITE,), gradients=1, **CONDITION),
]


def _product(tf: Any, left: Any, right: Any) -> Any:
    return tf.matmul(left, right)


def _rebuilt(tf: Any, sizes: Any, left: Any, right: Any) -> Any:
    return tf.matmul(left * sizes[..., None, :], right, adjoint_b=True)


@each(PRODUCTS + NORMS + DIAGONALS + DECOMPOSITIONS)
def test_agrees_with_tensorflow(case: Case) -> None:
    check(case)


@each(
    [
        Case("matmul lengths", lambda tf, a: tf.matmul(a, a), (A,)),
        Case("matmul vector", lambda tf, a: tf.matmul(a, a[0]), (A,)),
        Case("matmul dtypes", lambda tf, a, b: tf.matmul(a, b), (A, B.astype(np.float32))),
        Case("matmul batches", lambda tf, a, b: tf.matmul(a, b), (floats(2, 3, 3), floats(3, 3, 3))),
        Case("matmul both flags", lambda tf, a: tf.matmul(a, a, transpose_a=True, adjoint_a=True), (A,)),
        Case("matvec lengths", lambda tf, a: tf.linalg.matvec(a, a[:, 0]), (A,)),
        Case("einsum terms", lambda tf, a: tf.einsum("ij,jk->ik", a), (A,)),
        Case("einsum lengths", lambda tf, a: tf.einsum("ij,jk->ik", a, a), (A,)),
        Case("einsum rank", lambda tf, a: tf.einsum("ijk->k", a), (A,)),
        Case("einsum unknown output", lambda tf, a: tf.einsum("ij->k", a), (A,)),
        Case("einsum keyword", lambda tf, a: tf.einsum("ij->i", a, axis=1), (A,)),
        Case("einsum characters", lambda tf, a: tf.einsum("i1->i", a), (A,)),
        Case("tensordot lengths", lambda tf, a: tf.tensordot(a, a, 1), (A,)),
        Case("tensordot axes", lambda tf, a: tf.tensordot(a, a, [[0], [0, 1]]), (A,)),
        Case("tensordot three", lambda tf, a: tf.tensordot(a, a, 3), (A,)),
        Case("norm ord", lambda tf, a: tf.norm(a, "nuc"), (A,)),
        Case("norm negative", lambda tf, a: tf.norm(a, -1), (A,)),
        Case("norm matrix ord", lambda tf, a: tf.norm(a, 3, axis=(0, 1)), (A,)),
        Case("norm axes", lambda tf, a: tf.norm(a, axis=(0, 0)), (A,)),
        Case("cross lengths", lambda tf, a: tf.linalg.cross(a, a), (A,)),
        Case("diag_part vector", lambda tf, a: tf.linalg.diag_part(a[0]), (A,)),
        Case("diag_part far", lambda tf, a: tf.linalg.diag_part(a, k=7), (A,)),
        Case("set_diag shape", lambda tf, a: tf.linalg.set_diag(a, a[0]), (A,)),
        Case("diag align", lambda tf, a: tf.linalg.diag(a, k=(0, 2), align="UP"), (A,)),
        Case("cholesky oblong", lambda tf, a: tf.linalg.cholesky(a), (A,)),
        Case("inv oblong", lambda tf, a: tf.linalg.inv(a), (A,)),
        Case("det vector", lambda tf, a: tf.linalg.det(a[0]), (A,)),
        Case("solve lengths", lambda tf, a, b: tf.linalg.solve(a, b), (SQUARE, floats(2, 4, 1))),
        Case("matrix_transpose vector", lambda tf, a: tf.linalg.matrix_transpose(a[0]), (A,)),
    ]
)
def test_raises_as_tensorflow(case: Case) -> None:
    check_raises(case)


@pytest.mark.parametrize("name", functape.linalg.__all__)
def test_signature(name: str) -> None:
    check_signature(getattr(tensorflow.linalg, name), getattr(functape.linalg, name))


def test_the_plain_product_passes_no_flags() -> None:
    flags = [
        name for name in inspect.signature(functape.matmul).parameters if name.startswith(("transpose", "adjoint"))
    ]
    assert flags == ["transpose_a", "transpose_b", "adjoint_a", "adjoint_b"]
    a = functape.constant(A)
    np.testing.assert_allclose(functape.matmul(a, a, transpose_b=True).numpy(), A @ A.T, rtol=1e-12)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(functape.matmul(a, a, transpose_b=True).numpy(), A @ A.T * (1 + 1e-11), rtol=1e-12)
