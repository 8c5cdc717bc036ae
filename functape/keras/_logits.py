"""Where probabilities come from: the logits that Keras's sigmoid and softmax were given.

A cross-entropy of such probabilities is that of the logits, as in Keras: it does not saturate.
"""

from __future__ import annotations

import weakref
from typing import Any

from functape._core._convert import is_tensor_like
from functape._core._variable import Variable

known: dict[int, tuple[weakref.ref[Any], Any]] = {}
"""For each tensor of probabilities, by its id: a reference that removes the entry when it goes, and the logits."""


def note_logits(probabilities: Any, logits: Any) -> Any:
    """Remember what probabilities were computed from.

    **Returns:** the probabilities.
    """
    from functape.keras._symbolic import KerasTensor

    if is_tensor_like(probabilities) and not isinstance(probabilities, KerasTensor):
        key = id(probabilities)
        known[key] = weakref.ref(probabilities, lambda _: known.pop(key, None)), logits
    return probabilities


def present_value(x: Any) -> Any:
    """A tensor that stays as it is: a variable's value, or the tensor itself."""
    return x.value() if isinstance(x, Variable) else x


def logits_of(probabilities: Any) -> Any:
    """What probabilities were computed from, or None."""
    found = known.get(id(probabilities)) if known else None
    return None if found is None else found[1]
