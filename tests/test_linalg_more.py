"""Functions of whole matrices, systems with bands and special functions, against TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow
from oracle import Case, check, check_raises, check_signature, each

import functape

_draw = np.random.default_rng(0)


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape)


SQUARE = floats(2, 3, 3)
DEFINITE = SQUARE @ SQUARE.transpose(0, 2, 1) + np.eye(3)
LOOSE = {"loosen": 1000, "because": "the condition number of the matrices multiplies rounding"}


def _put_together(tf: Any, a: Any) -> Any:
    values, vectors = tf.linalg.eig(a)
    return tf.abs(vectors @ tf.linalg.diag(values) @ tf.linalg.inv(vectors))


MATRICES = [
    Case("expm", lambda tf, a: tf.linalg.expm(a), (SQUARE,), **LOOSE),
    Case("sqrtm", lambda tf, a: tf.linalg.sqrtm(a), (DEFINITE,), gradients=1, **LOOSE),
    Case("matrix_square_root", lambda tf, a: tf.matrix_square_root(a), (DEFINITE,), gradients=1, **LOOSE),
    Case("logm", lambda tf, a: tf.linalg.logm(a), (DEFINITE + 0j,), gradients=0, **LOOSE),
    Case("lu", lambda tf, a: tuple(tf.linalg.lu(a, tf.int64)), (SQUARE,), gradients=1, **LOOSE),
    Case("lu_reconstruct", lambda tf, a: tf.linalg.lu_reconstruct(*tf.linalg.lu(a)), (SQUARE,), gradients=1, **LOOSE),
    Case(
        "lu_solve", lambda tf, a, b: tf.linalg.lu_solve(*tf.linalg.lu(a), b), (SQUARE, floats(2, 3, 2)),
        gradients=1, **LOOSE,
    ),
    Case("lu_inverse", lambda tf, a: tf.linalg.lu_matrix_inverse(*tf.linalg.lu(a)), (SQUARE,), gradients=1, **LOOSE),
    Case("pinv", lambda tf, a: tf.linalg.pinv(a), (floats(4, 3),), gradients=1, **LOOSE),
    Case("rank", lambda tf, a: [tf.linalg.matrix_rank(a), tf.linalg.matrix_rank(a, tol=1.0)], (SQUARE,)),
    Case("lstsq", lambda tf, a, b: tf.linalg.lstsq(a, b, 0.1), (floats(4, 3), floats(4, 2)), gradients=1, **LOOSE),
    Case("lstsq wide", lambda tf, a, b: tf.linalg.lstsq(a, b), (floats(3, 4), floats(3, 2)), gradients=1, **LOOSE),
    Case(
        "lstsq slow", lambda tf, a, b: tf.linalg.lstsq(a, b, fast=False), (floats(3, 4), floats(3, 2)),
        gradients=0, **LOOSE,
    ),
    Case("normalize", lambda tf, a: tf.linalg.normalize(a, axis=1), (floats(3, 4),)),
    Case("normalize one", lambda tf, a: tf.linalg.normalize(a, 1), (floats(3, 4),), gradients=1),
    Case(
        "eigvals", lambda tf, a: tf.sort(tf.math.real(tf.linalg.eigvals(a)), -1), (DEFINITE,), gradients=1, **LOOSE
    ),
    Case("eig", _put_together, (SQUARE,), gradients=1, loosen=10000, because="an inverse of eigenvectors"),
    Case("tridiagonal", lambda tf, d, b: tf.linalg.tridiagonal_solve(d, b), (floats(3, 5), floats(5, 2)),
         gradients=1, **LOOSE),
    Case("tridiagonal vector", lambda tf, d, b: tf.linalg.tridiagonal_solve(d, b), (floats(2, 3, 5), floats(2, 5)),
         gradients=1, **LOOSE),
    Case("tridiagonal two", lambda tf, d, b: tf.linalg.tridiagonal_solve(d, b), (floats(3, 2), floats(2)),
         gradients=1, **LOOSE),
    Case("tridiagonal matmul", lambda tf, d, b: tf.linalg.tridiagonal_matmul(d, b), (floats(3, 5), floats(5, 2))),
    Case("banded", lambda tf, d, b: tf.linalg.banded_triangular_solve(d, b), (floats(3, 5), floats(5, 2)),
         gradients=1, **LOOSE),
    Case(
        "banded upper", lambda tf, d, b: tf.linalg.banded_triangular_solve(d, b, lower=False, adjoint=True),
        (floats(2, 5), floats(5, 2)), gradients=1, **LOOSE,
    ),
    Case(
        "eigh_tridiagonal",
        lambda tf: [
            tf.linalg.eigh_tridiagonal([1.0, 2, 3], [0.5, 0.6], select=kind, select_range=ends)
            for kind, ends in (("a", None), ("i", (0, 1)), ("v", (0.0, 2.2)))
        ],
    ),
    Case("lbeta", lambda tf, a: tf.math.lbeta(a), (np.abs(floats(2, 3)),)),
    Case("sobol", lambda tf: tf.math.sobol_sample(3, 5, skip=2)),
]  # fmt: skip

POINTS = np.concatenate([np.linspace(0.05, 12, 41), [100.0]])
SPECIAL = sorted(functape.math.special.__all__)


@each(MATRICES)
def test_matrices(case: Case):
    check(case)


@pytest.mark.parametrize("name", SPECIAL)
def test_special(name: str):
    why = "TensorFlow's own error: 1e-13 near the zeros, which the gradient shares"
    loosen = 4e4 if "fresnel" in name else 1000
    points = POINTS[:-1] if "fresnel" in name else POINTS
    check(
        Case(name, lambda tf, x: getattr(tf.math.special, name)(x), (points,), gradients=1, loosen=loosen, because=why)
    )
    check_signature(getattr(tensorflow.math.special, name), getattr(functape.math.special, name))


@pytest.mark.parametrize("name", SPECIAL)
def test_special_at_the_ends(name: str):
    ends = np.array([0.0, -1.0, np.inf, np.nan, 2.0, 8.0])
    check(Case(name, lambda tf, x: getattr(tf.math.special, name)(x), (ends,), 0, 1000, "as above"))


@each(
    [
        Case("expm", lambda tf: tf.linalg.lu(tf.ones([2, 3]))),
        Case("sqrtm", lambda tf: tf.linalg.sqrtm(tf.ones([2, 3]))),
        Case("logm of reals", lambda tf: tf.linalg.logm(tf.ones([2, 2]))),
        Case("pinv of a vector", lambda tf: tf.linalg.pinv([1.0])),
        Case("four diagonals", lambda tf: tf.linalg.tridiagonal_solve(tf.ones([4, 3]), tf.ones([3]))),
        Case("format", lambda tf: tf.linalg.tridiagonal_solve(tf.ones([3, 3]), tf.ones([3]), diagonals_format="x")),
        Case("select", lambda tf: tf.linalg.eigh_tridiagonal([1.0, 2.0], [1.0], select="q")),
    ]
)
def test_errors(case: Case):
    check_raises(case)


@pytest.mark.parametrize(
    "name",
    [
        "banded_triangular_solve",
        "eig",
        "eigvals",
        "eigh_tridiagonal",
        "expm",
        "logm",
        "lstsq",
        "lu",
        "lu_matrix_inverse",
        "lu_reconstruct",
        "lu_solve",
        "matrix_rank",
        "normalize",
        "pinv",
        "sqrtm",
        "tridiagonal_matmul",
        "tridiagonal_solve",
    ],
)
def test_signature(name: str):
    check_signature(getattr(tensorflow.linalg, name), getattr(functape.linalg, name))


def test_a_wrong_value_would_be_found():
    wrong = Case(
        "wrong",
        lambda tf, a: tf.linalg.expm(a) * (1 if tf is tensorflow else 1 + 1e-8),
        (SQUARE,), 0, 1000, LOOSE["because"],
    )  # fmt: skip
    with pytest.raises(AssertionError):
        check(wrong)
