"""Layers that add or multiply noise in training."""

from __future__ import annotations

import math
from typing import Any

from functape.keras import random
from functape.keras.layers._layer import Layer
from functape.keras.layers._layer_calls import calls
from functape.keras.layers.regularization._dropout import check_rate


class GaussianNoise(Layer):
    """The inputs with normal noise added, in training (`tf.keras.layers.GaussianNoise`).

    **Arguments:**
    - `stddev`: the noise's standard deviation, from 0 to 1.
    - `seed`: an integer, or None.

    **Raises:** `ValueError` for a deviation out of range.
    """

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_rate(stddev, "stddev")
        self.stddev = stddev
        self.seed = seed
        if stddev > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        """The outputs."""
        if training and self.stddev > 0 and not calls.abstract:
            return inputs + random.normal(inputs.aval.shape, 0.0, self.stddev, self.compute_dtype, self.seed_generator)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "stddev": self.stddev, "seed": self.seed}


class GaussianDropout(Layer):
    """The inputs with normal noise of mean one multiplied, in training (`tf.keras.layers.GaussianDropout`).

    **Arguments:**
    - `rate`: as for `Dropout`, whose variance the noise has.
    - `seed`: an integer, or None.

    **Raises:** `ValueError` for a rate out of range.
    """

    def __init__(self, rate: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_rate(rate)
        self.rate = rate
        self.seed = seed
        if rate > 0:
            self.seed_generator = random.SeedGenerator(seed)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Any:
        """The outputs."""
        if training and self.rate > 0 and not calls.abstract:
            deviation = math.sqrt(self.rate / (1.0 - self.rate))
            return inputs * random.normal(inputs.aval.shape, 1.0, deviation, self.compute_dtype, self.seed_generator)
        return inputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
