"""`tf.compat`: text conversions, and what of TensorFlow 1 still occurs in TensorFlow 2 scripts."""

from __future__ import annotations

import numbers
import os
from typing import Any

import numpy as np

from functape._namespace import lazy

__all__ = [
    "as_bytes",
    "as_str",
    "as_str_any",
    "as_text",
    "bytes_or_text_types",
    "complex_types",
    "dimension_at_index",
    "dimension_value",
    "integral_types",
    "path_to_str",
    "real_types",
]

bytes_or_text_types = (bytes, str)
complex_types = (numbers.Complex, np.number)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text as bytes (`tf.compat.as_bytes`).

    **Raises:** `TypeError` if it is neither.
    """
    if isinstance(bytes_or_text, bytearray):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Bytes as text (`tf.compat.as_text`).

    **Raises:** `TypeError` if it is neither.
    """
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


def as_str(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """As `as_text` (`tf.compat.as_str`)."""
    return as_text(bytes_or_text, encoding)


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Anything as text (`tf.compat.as_str_any`)."""
    return as_text(value, encoding) if isinstance(value, bytes | str) else str(value)


def path_to_str(path: Any) -> Any:
    """A path as text (`tf.compat.path_to_str`)."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path


def dimension_value(dimension: Any) -> Any:
    """A length of a shape, which is an int or None here (`tf.compat.dimension_value`)."""
    return dimension


def dimension_at_index(shape: Any, index: int) -> Any:
    """A length of a shape by its place (`tf.compat.dimension_at_index`)."""
    return None if shape.rank is None else shape[index]


_LAZY = {"v1": "functape.compat.v1", "v2": "functape"}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
