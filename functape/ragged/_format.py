"""How ragged tensors are printed."""

from __future__ import annotations

from typing import Any

import numpy as np

_ALL = 1000
_EDGE = 3


def formatted(value: Any) -> str:
    """What `RaggedTensor.numpy` gives, with each element as Python writes it; continued lines stay below their own."""
    if not isinstance(value, np.ndarray):
        return repr(value) if isinstance(value, bytes | str) else str(value)
    if value.ndim == 1 and not len(value):
        return "[]"
    separator = "," + "\n" * (value.ndim - 1) + " "
    parts: list[Any] = list(value)
    if len(parts) > _ALL:
        parts = [*parts[:_EDGE], "...", *parts[-_EDGE:]]
    text = "["
    for position, each in enumerate(parts):
        if position:
            text += separator
        column = len(text) - text.rfind("\n") - 1
        inner = each if isinstance(each, str) and each == "..." else formatted(each)
        text += inner.replace("\n", "\n" + " " * column)
    return text + "]"
