"""Rows of the ops between a matrix and its diagonals, one or a band of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from functape._engine._op import Op
from functape._ops import _checks as checks


class Band(NamedTuple):
    """Which diagonals of a matrix, and how they lie in the rows of the tensor that holds them."""

    rows: int
    columns: int
    low: int
    high: int
    align: str
    """`RIGHT_LEFT`, ...: to which side diagonals above the main one are pushed, then those below it."""

    @property
    def longest(self) -> int:
        """The length of the longest diagonal."""
        return min(self.rows + min(self.high, 0), self.columns - max(self.low, 0))

    @property
    def shape(self) -> tuple[int, ...]:
        """The last axes of the tensor that holds the diagonals: one axis if there is just one diagonal."""
        return (self.longest,) if self.low == self.high else (self.high - self.low + 1, self.longest)


@lru_cache(maxsize=512)
def _places(band: Band) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For each element of the diagonals its number in the flattened matrix, and the reverse; -1 for none."""
    of_diagonals = np.full((band.high - band.low + 1, band.longest), -1, np.int32)
    of_matrix = np.full((band.rows, band.columns), -1, np.int32)
    above, below = band.align.split("_")
    for at, diagonal in enumerate(range(band.high, band.low - 1, -1)):
        length = min(band.rows + min(diagonal, 0), band.columns - max(diagonal, 0))
        side = above if diagonal >= 0 else below
        first = band.longest - length if side == "RIGHT" else 0
        numbers = np.arange(length)
        rows, columns = numbers + max(-diagonal, 0), numbers + max(diagonal, 0)
        of_diagonals[at, first : first + length] = rows * band.columns + columns
        of_matrix[rows, columns] = at * band.longest + first + numbers
    return of_diagonals.reshape(-1), of_matrix.reshape(-1)


def _take(flat: Any, places: np.ndarray[Any, Any], otherwise: Any) -> Any:
    picked = jnp.take(flat, np.maximum(places, 0), axis=-1, mode="clip")
    return picked if (places >= 0).all() else jnp.where(places >= 0, picked, otherwise)


def _diagonals(x: Any, padding: Any, band: Band) -> Any:
    batch = x.shape[:-2]
    return _take(x.reshape((*batch, -1)), _places(band)[0], padding).reshape((*batch, *band.shape))


def _matrix(diagonals: Any, padding: Any, band: Band) -> Any:
    batch = diagonals.shape[: diagonals.ndim - len(band.shape)]
    flat = diagonals.reshape((*batch, -1))
    return _take(flat, _places(band)[1], padding).reshape((*batch, band.rows, band.columns))


def _with_diagonals(x: Any, diagonals: Any, band: Band) -> Any:
    batch = x.shape[:-2]
    old = x.reshape((*batch, -1))
    return _take(diagonals.reshape((*batch, -1)), _places(band)[1], old).reshape(x.shape)


DIAGONALS = Op("MatrixDiagPartV3", _diagonals, ("band",), unconnected=(1,), check=checks.same_dtype)
MATRIX = Op("MatrixDiagV3", _matrix, ("band",), unconnected=(1,), check=checks.same_dtype)
WITH_DIAGONALS = Op("MatrixSetDiagV3", _with_diagonals, ("band",), check=checks.same_dtype)
