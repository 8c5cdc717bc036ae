"""The operations of linear algebra (`tf.keras.ops.linalg`)."""

from __future__ import annotations

from functape._namespace import lazy

_NAMES = (
    "cholesky cholesky_inverse det eig eigh inv jvp lstsq lu_factor matrix_rank norm pinv qr solve solve_triangular svd"
)
_LAZY = {name: f"functape.keras.ops:{name}" for name in _NAMES.split()}

__all__ = sorted(_LAZY)
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
