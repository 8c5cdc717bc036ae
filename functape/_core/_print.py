"""`tf.print`."""

from __future__ import annotations

import builtins
import logging
import pprint
import sys
from collections import OrderedDict, defaultdict
from typing import Any

import numpy as np

from functape._core._print_value import summarize_array, summarize_rows
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import Cell, local
from functape._engine._tensor import BaseTensor

_LEVELS = {
    logging.INFO: logging.INFO,
    logging.info: logging.INFO,
    logging.WARNING: logging.WARNING,
    logging.warning: logging.WARNING,
    logging.ERROR: logging.ERROR,
    logging.error: logging.ERROR,
}
_FILE = "file://"


def tf_print(*inputs: Any, **kwargs: Any) -> None:
    """Print values the way TensorFlow's kernels do (`tf.print`), by default to `sys.stderr`.

    **Arguments:**
    - `*inputs`: tensors, variables, Python values, and lists, tuples and dicts of them.
    - `output_stream`: `sys.stderr`, `sys.stdout`, `"file://path"` (appends), or Python's `logging.info`, `.warning` or
      `.error`, which goes through the logger `functape` at that level.
    - `summarize`: how many entries to show at either end of each axis; all if negative. 3 by default.
    - `sep`: what stands between the inputs. A space by default.
    - `end`: what follows the last. A newline by default.
    - `name`: kept for TensorFlow's signature; names no operation here.

    **Raises:** `ValueError` if a keyword or the stream is not one of these.

    ```python
    >>> import sys
    >>> from functape._core._print import tf_print
    >>> tf_print("x:", [1, 2.5], sep=" ", output_stream=sys.stdout)
    x: [1, 2.5]

    ```
    """
    stream = kwargs.pop("output_stream", sys.stderr)
    kwargs.pop("name", None)
    summarize = kwargs.pop("summarize", 3)
    sep = kwargs.pop("sep", " ")
    end = kwargs.pop("end", "\n")
    if kwargs:
        raise ValueError(
            f"Unrecognized keyword arguments for tf.print: {kwargs}. "
            "It takes output_stream, summarize, sep, end and name."
        )
    if not isinstance(end, str):
        raise TypeError(f"Expected string for argument 'end' not {end!r}.")
    check_stream(stream)
    if local.recorder.tracing:
        from functape.function._host_functions import traced_print

        traced_print(inputs, stream, sep, end, summarize)
        return
    write(format_values(inputs, sep, end, summarize), stream)


def format_values(inputs: tuple[Any, ...], sep: str = " ", end: str = "\n", summarize: int | None = 3) -> str:
    """The text `tf.print` writes for `inputs`.

    **Arguments:**
    - `inputs`: as in `tf_print`.
    - `sep`, `end`, `summarize`: as in `tf_print`.
    """
    template, tensors = split_template(inputs, sep)
    values = [_host_value(tensor) for tensor in tensors]
    return fill_template(template, values, 3 if summarize is None else int(summarize)) + end


def split_template(inputs: tuple[Any, ...], sep: str) -> tuple[list[Any], list[Any]]:
    """The text of `inputs` with the tensors taken out, for printing where their values are known only later.

    **Returns:** the pieces of text, one more than there are tensors, and the tensors. A lone string tensor is to be
    written bare, without quotes: its pieces are `[None, ""]`.
    """
    if len(inputs) == 1 and _is_tensor(inputs[0]) and inputs[0].dtype == "string" and not inputs[0].shape.rank:
        return [None, ""], [inputs[0]]
    bare: list[Any] = []
    plain = sep.join(_template(value, bare, "") for value in inputs)
    placeholder = "{}"
    while placeholder in plain:
        placeholder += str(len(placeholder) % 10)
    tensors: list[Any] = []
    text = sep.join(_template(value, tensors, placeholder) for value in inputs)
    pieces: list[Any] = [*text.replace(f"'{placeholder}'", placeholder).split(placeholder)]
    return pieces, tensors


def fill_template(template: list[Any], values: list[Any], summarize: int) -> str:
    """The text with the tensors' values put in.

    **Arguments:**
    - `template`: the pieces `split_template` returned.
    - `values`: the tensors' values; those of ragged tensors as lists.
    - `summarize`: as in `tf_print`.
    """
    if template[0] is None:
        return values[0].item().decode("utf-8", "surrogateescape")
    parts = [template[0]]
    for value, piece in zip(values, template[1:], strict=True):
        written = summarize_rows(value, summarize) if isinstance(value, list) else summarize_array(value, summarize)
        parts += [written, piece]
    return "".join(parts)


def _template(value: Any, tensors: list[Any], placeholder: str) -> str:
    """One input as text. Its tensors are added to `tensors`, in the order their placeholders stand in the text."""
    return value if isinstance(value, str) else pprint.pformat(_without_tensors(value, tensors, placeholder))


def _without_tensors(value: Any, tensors: list[Any], placeholder: str) -> Any:
    if _is_tensor(value):
        tensors.append(value)
        return placeholder
    if isinstance(value, OrderedDict):
        return OrderedDict((key, _without_tensors(each, tensors, placeholder)) for key, each in value.items())
    if isinstance(value, dict):
        # pprint shows the keys of other dicts sorted.
        pairs = {key: _without_tensors(value[key], tensors, placeholder) for key in sorted(value)}
        return defaultdict(value.default_factory, pairs) if isinstance(value, defaultdict) else pairs
    if isinstance(value, range):
        return list(value)
    if isinstance(value, list | tuple):
        parts = [_without_tensors(each, tensors, placeholder) for each in value]
        if hasattr(value, "_fields"):
            return type(value)(*parts)
        return type(value)(parts)
    return value


def _is_tensor(value: Any) -> bool:
    if isinstance(value, BaseTensor | Cell):
        return True
    return hasattr(value, "numpy") and hasattr(value, "dtype") and not isinstance(value, type)


def _host_value(tensor: Any) -> Any:
    if hasattr(tensor, "row_splits"):
        return tensor.to_list()
    value = tensor.numpy()
    return np.array(value, object) if isinstance(value, bytes) else np.asarray(value)


def check_stream(stream: Any) -> None:
    """Raise `ValueError` unless `tf.print` can write to `stream`."""
    if any(stream is each for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)):
        return
    if _level(stream) is not None:
        return
    if isinstance(stream, str) and stream.startswith(_FILE):
        if stream == _FILE:
            raise InvalidArgumentError(message="The argument `output_stream` must name a file. Received: 'file://'.")
        return
    raise ValueError(
        f"Unsupported output stream, logging level, or file. Received: {stream!r}. Pass sys.stdout, sys.stderr, "
        "logging.info, logging.warning, logging.error or 'file://<path>'."
    )


def write(text: str, stream: Any) -> None:
    """Write text to one of the streams `tf.print` takes."""
    if isinstance(stream, str):
        with open(stream.removeprefix(_FILE), "a", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        return
    level = _level(stream)
    if level is not None:
        logging.getLogger("functape").log(level, "%s", text.removesuffix("\n"))
        return
    if hasattr(builtins, "get_ipython"):
        # In a notebook TensorFlow prints to the cell's ordinary output, whichever stream is named.
        stream = sys.stdout
    # Bytes that are no text cannot pass through a text stream.
    stream.write(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    stream.flush()


def _level(stream: Any) -> int | None:
    try:
        return _LEVELS.get(stream)
    except TypeError:
        return None
