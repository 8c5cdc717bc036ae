"""What the tests of `tf.image` share: pictures, and cases that are named after the function they are about."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
from oracle import Case

f16, f32, f64 = np.float16, np.float32, np.float64
SUMS = "sums of several terms, in another order"


def picture(*shape: int, dtype: Any = f32, seed: int = 5) -> Any:
    """Floats in [0, 1), or integers of the whole positive range of a dtype."""
    drawn = np.random.default_rng(seed).uniform(0, 1, shape)
    if np.dtype(dtype).kind == "f":
        return drawn.astype(dtype)
    return (drawn * (float(np.iinfo(dtype).max) + 1)).astype(dtype)


def case(
    text: str, *inputs: Any, gradients: int = 0, loosen: float = 10, because: str = SUMS, **arguments: Any
) -> Case:
    """A case of the function that is the first word of `text`; arrays among `inputs` become tensors."""
    name = text.split()[0]

    def function(tf: Any, *given: Any) -> Any:
        return getattr(tf.image, name)(*given, **arguments)

    shown = "".join(f" {key}={value}" for key, value in arguments.items() if not isinstance(value, np.ndarray))
    return Case(text + shown, function, inputs, gradients, loosen, because)


def numbered(cases: Iterable[Case]) -> list[Case]:
    """Cases, those of the same name told apart by numbers."""
    seen: Counter[str] = Counter()
    made = []
    for each in cases:
        seen[each.name] += 1
        number = seen[each.name]
        made.append(each if number == 1 else dataclasses.replace(each, name=f"{each.name} #{number}"))
    return made
