"""Keras's masks: which elements of a tensor count."""

from __future__ import annotations

from typing import Any

from functape._core._masks import mask_of as known_mask
from functape._core._tensor import Tensor


def mask_of(value: Any) -> Any:
    """The mask a tensor carries, or None."""
    return known_mask(value) if value.__class__ is Tensor else getattr(value, "_keras_mask", None)


def both(first: Any, second: Any) -> Any:
    """The mask of what two masks, either of which may be None, leave."""
    if first is None or second is None:
        return second if first is None else first
    return first & second
