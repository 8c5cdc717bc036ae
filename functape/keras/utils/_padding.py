"""Sequences of different lengths as one array."""

from __future__ import annotations

from typing import Any

import numpy as np


def pad_sequences(
    sequences: Any,
    maxlen: int | None = None,
    dtype: Any = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray[Any, Any]:
    """Sequences as rows of one length (`tf.keras.utils.pad_sequences`).

    **Arguments:**
    - `sequences`: a list of sequences.
    - `maxlen`: the length; that of the longest by default.
    - `dtype`: the dtype of the result.
    - `padding`: where short ones are filled up: `"pre"` or `"post"`.
    - `truncating`: where long ones are cut: `"pre"` or `"post"`.
    - `value`: what fills them up.

    **Returns:** an array `[len(sequences), maxlen, ...]`.

    **Raises:** `ValueError` for what is no list of sequences, for elements of different shapes, or another `padding` or
    `truncating`.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.pad_sequences([[1], [2, 3, 4]], maxlen=2)
    array([[0, 1],
           [3, 4]], dtype=int32)

    ```
    """
    if not hasattr(sequences, "__len__"):
        raise ValueError(f"`sequences` must be a list of sequences. Received: {sequences!r}")
    for name, given in (("Padding", padding), ("Truncating", truncating)):
        if given not in ("pre", "post"):
            raise ValueError(f'{name} type "{given}" not understood: pass "pre" or "post".')
    for each in sequences:
        if not hasattr(each, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {each}")
    holds_text = np.issubdtype(dtype, np.str_) or np.issubdtype(dtype, np.bytes_)
    if isinstance(value, str) and dtype is not object and not holds_text:
        raise ValueError(
            f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}. Pass dtype=object for strings of "
            "different lengths."
        )
    longest = max((len(each) for each in sequences), default=0)
    length = longest if maxlen is None else maxlen
    element = next((np.asarray(each).shape[1:] for each in sequences if len(each)), ())
    padded = np.full((len(sequences), length, *element), value, dtype=dtype)
    for place, sequence in enumerate(sequences):
        if not len(sequence):
            continue
        kept = np.asarray(sequence[-length:] if truncating == "pre" else sequence[:length], dtype=dtype)
        if kept.shape[1:] != element:
            raise ValueError(
                f"Shape of sample {kept.shape[1:]} of sequence at position {place} is different from expected shape "
                f"{element}"
            )
        start = 0 if padding == "post" else length - len(kept)
        padded[place, start : start + len(kept)] = kept
    return padded
