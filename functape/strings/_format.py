"""Text with tensors in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._known import read
from functape._core._print_value import summarize_array
from functape.ragged._tensor import is_ragged


def format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Any:
    """A text with the values of tensors put in (`tf.strings.format`).

    **Arguments:**
    - `template`: the text.
    - `inputs`: a tensor, or a list or tuple of as many tensors as there are placeholders.
    - `placeholder`: what the values take the place of.
    - `summarize`: how many entries to show at either end of each axis; all if negative.
    - `name`: accepted for compatibility.

    **Raises:** `ValueError` if there are more or fewer tensors than placeholders.

    ```python
    >>> import functape as tf
    >>> tf.strings.format("a: {}, b: {}", (tf.constant([1, 2]), tf.constant("x"))).numpy()
    b'a: [1 2], b: "x"'

    ```
    """
    given = [inputs] if is_tensor_like(inputs) or is_ragged(inputs) else inputs
    found = template.count(placeholder)
    if found != len(given):
        raise ValueError(
            f"The template expects {found} tensors, but the inputs only has {len(given)}. Please ensure the number of "
            "placeholders in template matches inputs length."
        )
    pieces = template.split(placeholder)
    text = pieces[0].encode()
    for each, piece in zip(given, pieces[1:], strict=True):
        shown = _rows(each.to_list(), summarize) if is_ragged(each) else summarize_array(read(convert(each)), summarize)
        text += shown.encode("utf-8", "surrogateescape") + piece.encode()
    return convert(text)


def _rows(value: Any, summarize: int) -> str:
    """Nested lists as TensorFlow's kernels write ragged tensors."""
    if isinstance(value, list):
        shown = [_rows(each, summarize) for each in value]
        if 0 <= 2 * summarize < len(shown):
            shown = [*shown[:summarize], "...", *shown[len(shown) - summarize :]]
        return f"[{', '.join(shown)}]"
    if isinstance(value, bytes):
        return f"'{value.decode('utf-8', 'surrogateescape')}'"
    return summarize_array(np.asarray(value), summarize)
