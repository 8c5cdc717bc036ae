"""What callbacks that watch one number share."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

from functape.keras.callbacks._callback import Callback

_DOWN = (
    "BinaryCrossentropy", "CategoricalCrossentropy", "CategoricalHinge", "Hinge", "KLDivergence", "LogCoshError",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanRelativeError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "RootMeanSquaredError", "SparseCategoricalCrossentropy", "SquaredHinge",
)  # fmt: skip
_UP = (
    "AUC", "Accuracy", "BinaryAccuracy", "BinaryIoU", "CategoricalAccuracy", "ConcordanceCorrelation",
    "CosineSimilarity", "F1Score", "FBetaScore", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU", "PearsonCorrelation",
    "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "SpecificityAtSensitivity",
    "TopKCategoricalAccuracy",
)  # fmt: skip


class MonitorCallback(Callback):
    """The base of callbacks that watch whether a number gets better.

    **Arguments:**
    - `monitor`: its name in the logs.
    - `mode`: `"min"`, `"max"` or `"auto"`: what is better; from the metric's kind if `"auto"`.
    - `baseline`: the first value to compare with.
    - `min_delta`: the least change that counts.
    """

    def __init__(
        self, monitor: str = "val_loss", mode: str = "auto", baseline: Any = None, min_delta: float = 0
    ) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            warnings.warn(f"{type(self).__name__} mode '{mode}' is unknown, fallback to auto mode.", stacklevel=3)
            mode = "auto"
        self.monitor = monitor
        self.mode = mode
        self.best = baseline
        self.min_delta = abs(min_delta)
        self._sign: int | None = None
        """1 if more is better, -1 if less is."""

    def _find_direction(self) -> None:
        """Find what is better.

        **Raises:** `ValueError` if nobody knows.
        """
        if self._sign is not None:
            return
        if self.mode != "auto":
            self._sign = 1 if self.mode == "max" else -1
            return
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            self._sign = -1
        for metric in self._watched():
            if metric.name == name:
                self._sign = _direction(metric) or self._sign
        if self._sign is None:
            raise ValueError(
                f"{type(self).__name__} callback received monitor={self.monitor}, but it is not known whether that "
                "metric should be maximized or minimized. Pass `mode='max'` for the highest value to be the best, or "
                "`mode='min'` for the lowest."
            )

    def _watched(self) -> list[Any]:
        found: list[Any] = []
        for metric in getattr(self.model, "metrics", ()):
            found += metric.metrics if hasattr(metric, "metrics") else [metric]
        return found

    def _is_better(self, value: Any, than: Any) -> bool:
        if than is None:
            return True
        return bool(value - self.min_delta > than) if self._sign == 1 else bool(value + self.min_delta < than)


def _direction(metric: Any) -> int | None:
    for kind in inspect.getmro(type(metric)):
        if kind.__name__ in _UP:
            return 1
        if kind.__name__ in _DOWN:
            return -1
    given = getattr(metric, "_direction", None)
    return {"up": 1, "down": -1}.get(given) if given else None
