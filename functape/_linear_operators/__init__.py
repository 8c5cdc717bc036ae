"""Linear operators (`tf.linalg.LinearOperator` and its kinds): matrices that are known by what they do."""

from __future__ import annotations

from functape._linear_operators import _handlers
from functape._linear_operators._base import LinearOperator
from functape._linear_operators._blocks import LinearOperatorBlockDiag, LinearOperatorBlockLowerTriangular
from functape._linear_operators._circulant import (
    LinearOperatorCirculant,
    LinearOperatorCirculant2D,
    LinearOperatorCirculant3D,
    LinearOperatorToeplitz,
)
from functape._linear_operators._dense import LinearOperatorFullMatrix, LinearOperatorLowerTriangular
from functape._linear_operators._derived import LinearOperatorAdjoint, LinearOperatorInversion
from functape._linear_operators._diagonal import (
    LinearOperatorDiag,
    LinearOperatorIdentity,
    LinearOperatorScaledIdentity,
    LinearOperatorZeros,
)
from functape._linear_operators._isometries import LinearOperatorHouseholder, LinearOperatorPermutation
from functape._linear_operators._low_rank import LinearOperatorLowRankUpdate
from functape._linear_operators._several import LinearOperatorComposition, LinearOperatorKronecker
from functape._linear_operators._tridiagonal import LinearOperatorTridiag

__all__ = [
    "LinearOperator",
    "LinearOperatorAdjoint",
    "LinearOperatorBlockDiag",
    "LinearOperatorBlockLowerTriangular",
    "LinearOperatorCirculant",
    "LinearOperatorCirculant2D",
    "LinearOperatorCirculant3D",
    "LinearOperatorComposition",
    "LinearOperatorDiag",
    "LinearOperatorFullMatrix",
    "LinearOperatorHouseholder",
    "LinearOperatorIdentity",
    "LinearOperatorInversion",
    "LinearOperatorKronecker",
    "LinearOperatorLowRankUpdate",
    "LinearOperatorLowerTriangular",
    "LinearOperatorPermutation",
    "LinearOperatorScaledIdentity",
    "LinearOperatorToeplitz",
    "LinearOperatorTridiag",
    "LinearOperatorZeros",
]
_LOADED = (_handlers,)
