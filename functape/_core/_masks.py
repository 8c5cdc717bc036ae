"""What Keras hangs on tensors: masks that tell which steps of a sequence count."""

from __future__ import annotations

import weakref
from typing import Any

masks: dict[int, tuple[weakref.ref[Any], Any]] = {}
"""For each tensor that has a mask, by its id: a reference that removes the entry when the tensor goes, and the mask."""


def mask_of(tensor: Any) -> Any:
    """The mask of a tensor, or None."""
    found = masks.get(id(tensor)) if masks else None
    return None if found is None else found[1]


def set_mask(tensor: Any, mask: Any) -> None:
    """Give a tensor a mask; None takes it away."""
    key = id(tensor)
    if mask is None:
        masks.pop(key, None)
    else:
        masks[key] = weakref.ref(tensor, lambda _: masks.pop(key, None)), mask


keras_mask = property(mask_of, set_mask, doc="The mask that Keras's layers pass along with a tensor, or None.")
