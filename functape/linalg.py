"""Linear algebra, under TensorFlow's names (`tf.linalg`)."""

from __future__ import annotations

from functape._api._clipping import global_norm
from functape._api._creation import eye
from functape._api._decompositions import (
    cholesky,
    cholesky_solve,
    det,
    eigh,
    eigvalsh,
    inv,
    logdet,
    qr,
    slogdet,
    solve,
    svd,
    triangular_solve,
)
from functape._api._diagonals import band_part, diag, diag_part, set_diag, tensor_diag, tensor_diag_part
from functape._api._matrix import adjoint, cross, einsum, matmul, matrix_transpose, matvec, tensordot, trace
from functape._api._norms import norm
from functape._namespace import lazy

__all__ = [
    "adjoint",
    "band_part",
    "cholesky",
    "cholesky_solve",
    "cross",
    "det",
    "diag",
    "diag_part",
    "eigh",
    "eigvalsh",
    "einsum",
    "eye",
    "global_norm",
    "inv",
    "logdet",
    "matmul",
    "matrix_transpose",
    "matvec",
    "norm",
    "qr",
    "set_diag",
    "slogdet",
    "solve",
    "svd",
    "tensor_diag",
    "tensor_diag_part",
    "tensordot",
    "trace",
    "triangular_solve",
]
_LAZY = {
    **{
        name: f"functape._api._matrix_functions:{name}"
        for name in (
            "eig", "eigh_tridiagonal", "eigvals", "expm", "logm", "lstsq", "lu", "lu_matrix_inverse", "lu_reconstruct",
            "lu_solve", "matrix_rank", "normalize", "pinv", "sqrtm",
        )
    },
    **{
        name: f"functape._api._tridiagonal:{name}"
        for name in ("banded_triangular_solve", "tridiagonal_matmul", "tridiagonal_solve")
    },
    "l2_normalize": "functape.nn:l2_normalize",
    **{
        f"LinearOperator{kind}": f"functape._linear_operators:LinearOperator{kind}"
        for kind in (
            "", "Adjoint", "BlockDiag", "BlockLowerTriangular", "Circulant", "Circulant2D", "Circulant3D",
            "Composition", "Diag", "FullMatrix", "Householder", "Identity", "Inversion", "Kronecker", "LowRankUpdate",
            "LowerTriangular", "Permutation", "ScaledIdentity", "Toeplitz", "Tridiag", "Zeros",
        )
    },
}  # fmt: skip
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
