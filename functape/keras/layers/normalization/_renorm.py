"""Batch renormalization: the batch's statistics, corrected towards moving ones (Ioffe, 2017)."""

from __future__ import annotations

from typing import Any

from functape._api._activations import relu
from functape._api._clipping import clip_by_value
from functape._api._elementwise import maximum, minimum, sqrt
from functape._api._joining import stop_gradient
from functape._core._cast import cast
from functape._engine._recorder import record
from functape._ops._normalization import BATCH_NORM_INFER
from functape.keras.layers._layer_calls import calls

_BOUNDS = ("rmax", "rmin", "dmax")


def check_clipping(clipping: dict[str, float] | None) -> dict[str, float]:
    """The bounds of a correction.

    **Raises:** `ValueError` for unknown ones, or such that do not fit.
    """
    given = dict(clipping or {})
    if set(given) - set(_BOUNDS):
        raise ValueError(
            f"Received invalid keys for `renorm_clipping` argument: {clipping}. Supported values: {list(_BOUNDS)}."
        )
    largest, least, shift = (given.get(each) for each in _BOUNDS)
    if largest is not None and least is not None and largest < least:
        raise ValueError(
            f"rmax should be greater than rmin in the `renorm_clipping` argument. Received: rmax={largest}, "
            f"rmin={least}."
        )
    if shift is not None and shift < 0:
        raise ValueError(f"dmax should be non-negative in the `renorm_clipping` argument. Received: dmax={shift}.")
    return given


class Renorm:
    """The weights and the arithmetic of a correction.

    **Arguments:**
    - `layer`: the `BatchNormalization` it belongs to.
    - `channels`: how many channels there are.
    """

    def __init__(self, layer: Any, channels: int) -> None:
        self._layer = layer

        def deviation(shape: Any, dtype: Any = None, **_: Any) -> Any:
            return sqrt(layer.moving_variance_initializer(shape, dtype=dtype))

        layer.moving_stddev = layer._moving("moving_stddev", channels, deviation)
        layer.renorm_mean = layer._moving("renorm_mean", channels, layer.moving_mean_initializer)
        layer.renorm_stddev = layer._moving("renorm_stddev", channels, deviation)

    def outputs(self, inputs: Any, mean: Any, variance: Any) -> Any:
        """The inputs, normalized and corrected; the moving statistics are moved.

        **Arguments:**
        - `inputs`: a floating tensor.
        - `mean`, `variance`: those of the batch.
        """
        layer, dtype = self._layer, mean.aval.dtype
        deviation = sqrt(variance + layer.epsilon)
        moving = maximum(cast(layer.renorm_stddev, dtype), layer.epsilon**0.5)
        ratio = deviation / moving
        shift = (mean - cast(layer.renorm_mean, dtype)) / moving
        largest, least, furthest = (layer.renorm_clipping.get(each) for each in _BOUNDS)
        if least is not None:
            ratio = maximum(ratio, least)
        if largest is not None:
            ratio = minimum(ratio, largest)
        if furthest is not None:
            shift = clip_by_value(shift, -furthest, furthest)
        ratio, shift = stop_gradient(ratio), stop_gradient(shift)
        if layer.gamma is not None:
            gamma = cast(layer.gamma, dtype)
            ratio, shift = ratio * gamma, shift * gamma
        if layer.beta is not None:
            shift = shift + cast(layer.beta, dtype)
        statics = layer.axis, layer.epsilon, True, True
        result = record(BATCH_NORM_INFER, statics, (inputs, mean, variance, ratio, shift))
        if not calls.abstract:
            self._move(mean, deviation)
        return result

    def _move(self, mean: Any, deviation: Any) -> None:
        layer = self._layer

        def moved(weight: Any, value: Any, momentum: float) -> Any:
            return cast(cast(weight, value.aval.dtype) * momentum + value * (1.0 - momentum), weight.dtype)

        layer.renorm_mean.assign(moved(layer.renorm_mean, mean, layer.renorm_momentum))
        layer.renorm_stddev.assign(moved(layer.renorm_stddev, deviation, layer.renorm_momentum))
        layer.moving_mean.assign(moved(layer.moving_mean, mean, layer.momentum))
        following = moved(layer.moving_stddev, deviation, layer.momentum)
        layer.moving_stddev.assign(following)
        layer.moving_variance.assign(relu(following * following - layer.epsilon))
