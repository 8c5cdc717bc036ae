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
    if mask is None:
        masks.pop(id(tensor), None)
    else:
        _hold(tensor, mask)


def _held(tensor: Any) -> Any:
    found = masks.get(id(tensor))
    if found is None:
        raise AttributeError(f"{type(tensor).__name__!r} object has no attribute '_keras_mask'", name="_keras_mask")
    return found[1]


def _hold(tensor: Any, mask: Any) -> None:
    key = id(tensor)
    masks[key] = weakref.ref(tensor, lambda _: masks.pop(key, None)), mask


def _drop(tensor: Any) -> None:
    _held(tensor)
    del masks[id(tensor)]


keras_mask = property(_held, _hold, _drop, doc="The mask that Keras's layers pass along with a tensor, if it has one.")
"""The attribute as programs see it, which is there where a mask is, be it None."""
