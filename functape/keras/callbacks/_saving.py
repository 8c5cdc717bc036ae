"""When callbacks that save every so many batches do so."""

from __future__ import annotations

from typing import Any


class Frequency:
    """Counts batches, also where several are run at a time.

    **Arguments:**
    - `value`: `"epoch"`, or a number of batches.
    - `message`: of the error for anything else.

    **Raises:** `ValueError` for anything else.
    """

    def __init__(self, value: Any, message: str) -> None:
        if value != "epoch" and not isinstance(value, int):
            raise ValueError(message)
        self.value = value
        self._count = 0
        self._last: int | None = None

    @property
    def each_epoch(self) -> bool:
        """Whether to save after epochs instead."""
        return self.value == "epoch"

    def is_due(self, batch: int) -> bool:
        """Whether to save after this batch."""
        if self.each_epoch:
            return False
        new = self._last is None or batch <= self._last
        self._count += batch + 1 if new else batch - self._last  # type: ignore[operator]
        self._last = batch
        if self._count < self.value:
            return False
        self._count = 0
        return True
