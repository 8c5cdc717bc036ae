"""The weights that scale and shift what was normalized."""

from __future__ import annotations

from typing import Any

from functape.keras import constraints, initializers, regularizers
from functape.keras.layers._layer import Layer

_FAMILIES = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


class Scaling(Layer):
    """The base of normalizations with `gamma` and `beta`."""

    def _take_scaling(self, epsilon: float, center: bool, scale: bool, given: dict[str, Any]) -> None:
        """Keep the constructor's arguments that belong to `gamma` and `beta`."""
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.gamma = self.beta = None
        self.supports_masking = True
        for weight in ("beta", "gamma"):
            for kind, family in _FAMILIES.items():
                setattr(self, f"{weight}_{kind}", family.get(given[f"{weight}_{kind}"]))

    def _add_scaling(self, shape: tuple[int, ...]) -> None:
        if self.scale:
            self.gamma = self._add("gamma", shape)
        if self.center:
            self.beta = self._add("beta", shape)

    def _add(self, name: str, shape: tuple[int, ...]) -> Any:
        return self.add_weight(
            name=name,
            shape=shape,
            initializer=getattr(self, f"{name}_initializer"),
            regularizer=getattr(self, f"{name}_regularizer"),
            constraint=getattr(self, f"{name}_constraint"),
        )

    def _scaled_by(self, *inputs: Any) -> tuple[Any, ...]:
        """The inputs of a row, with those of `gamma` and `beta` that there are."""
        if self.gamma is not None:
            inputs = *inputs, self.gamma
        return inputs if self.beta is None else (*inputs, self.beta)

    def _scaling_config(self) -> dict[str, Any]:
        return {
            f"{weight}_{kind}": family.serialize(getattr(self, f"{weight}_{kind}"))
            for kind, family in _FAMILIES.items()
            for weight in ("beta", "gamma")
        }
