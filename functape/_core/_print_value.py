"""The text `tf.print` shows for one array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np

_ESCAPES = {ord(each): text for each, text in {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.items()}
_ESCAPES |= {ord(each): "\\" + each for each in "\"'\\"}
_SINGLE = (float(np.finfo(np.float32).smallest_normal), ".6g", ".9g", np.float32)
_DOUBLE = (float(np.finfo(np.float64).smallest_normal), ".15g", ".17g", np.float64)


def summarize_array(array: np.ndarray[Any, Any], summarize: int) -> str:
    """An array as TensorFlow's kernels print it: `[[1 2 3 ... 8 9 10]\\n ...]`.

    **Arguments:**
    - `array`: any shape; an object array holds bytes.
    - `summarize`: how many entries to show at either end of each axis; all if negative.
    """
    if array.ndim == 0:
        if summarize == 0:
            return "..."
        return _element_writer(array.dtype)(array.item() if array.dtype.kind == "O" else array[()])
    if array.shape[0] == 0:
        return "[]"
    if array.size == 0 or summarize == 0:
        return "[" + "\n" * (array.ndim - 1) + " ...]"
    return _rows(array, summarize, _element_writer(array.dtype), 1)


def summarize_rows(value: Any, summarize: int) -> str:
    """As `summarize_array`, for the lists and elements of a ragged tensor."""
    if isinstance(value, list):
        parts = [summarize_rows(each, summarize) for each in value]
        if 0 <= 2 * summarize < len(parts):
            parts = [*parts[:summarize], "...", *parts[len(parts) - summarize :]]
        return f"[{', '.join(parts)}]"
    if isinstance(value, bytes):
        text = value.decode("utf-8", "surrogateescape").replace("\\", "\\\\").replace("'", "\\'")
        return f"'{text}'"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def _rows(array: np.ndarray[Any, Any], summarize: int, write: Callable[[Any], str], depth: int) -> str:
    """One axis and all inside it.

    **Arguments:**
    - `depth`: how many brackets are open, which is how far the next line is indented.
    """
    innermost = array.ndim == 1
    separator = " " if innermost else "\n" * (array.ndim - 1) + " " * depth

    def entries(part: np.ndarray[Any, Any]) -> list[str]:
        return [write(each) if innermost else _rows(each, summarize, write, depth + 1) for each in part]

    if summarize < 0 or len(array) <= 2 * summarize:
        shown = entries(array)
    else:
        shown = [*entries(array[:summarize]), "...", *entries(array[-summarize:])]
    return "[" + separator.join(shown) + "]"


def _element_writer(dtype: np.dtype[Any]) -> Callable[[Any], str]:
    if dtype.kind == "O":
        return lambda element: f'"{_escaped(element)}"'
    if dtype.kind == "b":
        return lambda element: str(int(element))
    if dtype.kind in "iu":
        return str
    if dtype.kind == "c":
        # TensorFlow's kernel has no text for complex numbers.
        return lambda element: "?"
    if dtype == np.float64:
        return lambda element: _real_text(element, *_DOUBLE)
    single = dtype in (np.float16, np.float32, ml_dtypes.bfloat16)
    return (lambda element: _real_text(np.float32(element), *_SINGLE)) if single else str


def _real_text(element: Any, smallest: float, short: str, long: str, kind: Any) -> str:
    """The short form if it reads back as the same number, or else the long one; denormals are zero."""
    number = float(element)
    if number != number:
        return "-nan" if np.signbit(element) else "nan"
    if abs(number) < smallest:
        return "-0" if np.signbit(element) else "0"
    text = format(number, short)
    return text if kind(text) == element else format(number, long)


def _escaped(element: bytes) -> str:
    """Text as in a C string: control characters in octal, anything beyond ASCII as it is."""
    text = element.decode("utf-8", "surrogateescape")
    return "".join(
        _ESCAPES.get(ord(each)) or (f"\\{ord(each):03o}" if ord(each) < 32 or ord(each) == 127 else each)
        for each in text
    )
