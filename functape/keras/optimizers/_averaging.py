"""State that is kept around any rule: running means of the variables, and gradients that wait for a step."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import optax

from functape.keras.optimizers._transforms import Rule, State

AVERAGE = "average"
ACCUMULATOR = "gradient_accumulator"
AROUND = (AVERAGE, ACCUMULATOR)
"""Slots that the rule itself does not see."""


@functools.cache
def surrounded(rule: Rule, averages: bool, accumulates: bool) -> Rule:
    """A rule with the slots for what is kept around it.

    **Arguments:**
    - `rule`: the rule.
    - `averages`: whether there are running means of the variables.
    - `accumulates`: whether gradients are added up.
    """
    extra = tuple(slot for slot, wanted in zip(AROUND, (averages, accumulates), strict=True) if wanted)
    if not extra:
        return rule

    def init(parameters: Any, *labels: Any) -> State:
        state = rule.transformation.init(parameters, *labels)
        fresh = {
            AVERAGE: tuple(map(np.array, parameters)),
            ACCUMULATOR: tuple(map(np.zeros_like, parameters)),
        }
        return {slot: fresh[slot] for slot in extra} | state

    transformation = optax.GradientTransformationExtraArgs(init, rule.transformation.update)
    groups = (*((slot,) for slot in extra), *(rule.groups if rule.slots else ()))
    valued = averages or rule.valued
    return rule._replace(transformation=transformation, slots=(*extra, *rule.slots), order=groups, valued=valued)
