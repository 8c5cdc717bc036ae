"""What applies to all of Keras: the default floating dtype, the small constant, the image layout.

As in Keras, they start from `keras.json` in Keras's folder, if there is one.
"""

from __future__ import annotations

import functools
import json
import os
import pathlib
from typing import Any

from functape._engine._dtypes import as_dtype

FLOATING = ("bfloat16", "float16", "float32", "float64")
LAYOUTS = ("channels_first", "channels_last")


def keras_home() -> pathlib.Path:
    """Keras's folder: `$KERAS_HOME`, or `.keras` in the home directory."""
    given = os.environ.get("KERAS_HOME")
    return pathlib.Path(given).expanduser() if given else pathlib.Path.home() / ".keras"


@functools.cache
def _settings() -> dict[str, Any]:
    found: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-7, "image_data_format": "channels_last"}
    path = keras_home() / "keras.json"
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return found
    for name, accepted in (("floatx", FLOATING), ("image_data_format", LAYOUTS)):
        value = stored.get(name, found[name])
        if value not in accepted:
            raise ValueError(f"Invalid `{name}` in {path}. Expected one of {accepted}. Received: {name}={value!r}")
        found[name] = value
    value = stored.get("epsilon", found["epsilon"])
    if not isinstance(value, float):
        raise ValueError(f"Invalid `epsilon` in {path}. Expected a float. Received: epsilon={value!r}")
    found["epsilon"] = value
    return found


def floatx() -> str:
    """The default floating dtype's name (`tf.keras.backend.floatx`).

    ```python
    >>> import functape as tf
    >>> tf.keras.backend.floatx()
    'float32'

    ```
    """
    return _settings()["floatx"]


def set_floatx(value: str) -> None:
    """Set the default floating dtype (`tf.keras.backend.set_floatx`).

    **Arguments:**
    - `value`: `"bfloat16"`, `"float16"`, `"float32"` or `"float64"`.

    **Raises:** `ValueError` for anything else.
    """
    if value not in FLOATING:
        raise ValueError(f"Unknown `floatx` value: {value}. Expected one of {FLOATING}.")
    _settings()["floatx"] = str(value)


def epsilon() -> float:
    """The small constant that keeps divisions and logarithms finite (`tf.keras.backend.epsilon`)."""
    return _settings()["epsilon"]


def set_epsilon(value: float) -> None:
    """Set the small constant (`tf.keras.backend.set_epsilon`)."""
    _settings()["epsilon"] = value


def image_data_format() -> str:
    """Where images have their channels: `"channels_last"` or `"channels_first"`."""
    return _settings()["image_data_format"]


def set_image_data_format(data_format: str) -> None:
    """Set where images have their channels (`tf.keras.backend.set_image_data_format`).

    **Raises:** `ValueError` for anything but `"channels_last"` and `"channels_first"`.
    """
    _settings()["image_data_format"] = standardize_data_format(str(data_format))


def standardize_data_format(data_format: str | None) -> str:
    """The layout that is meant; None stands for the default.

    **Raises:** `ValueError` for anything but `"channels_last"` and `"channels_first"`.
    """
    if data_format is None:
        return image_data_format()
    lower = str(data_format).lower()
    if lower not in LAYOUTS:
        raise ValueError(f"The `data_format` argument must be one of {LAYOUTS}. Received: data_format={data_format}")
    return lower


_PYTHON_TYPES = {bool: "bool", int: "int64", float: "float32", str: "string", "int": "int64", complex: "complex128"}


def standardize_dtype(dtype: Any) -> str:
    """A dtype's name (`tf.keras.utils.standardize_dtype`).

    **Arguments:**
    - `dtype`: a dtype, its name, a NumPy or Python type; None stands for `floatx()`.

    **Raises:** `ValueError` if it is none.

    ```python
    >>> import functape as tf
    >>> tf.keras.utils.standardize_dtype(None), tf.keras.utils.standardize_dtype(tf.int32)
    ('float32', 'int32')

    ```
    """
    if dtype is None:
        return floatx()
    try:
        known = _PYTHON_TYPES.get(dtype)
        return known or as_dtype(dtype).name
    except TypeError:
        raise ValueError(f"Invalid dtype: {dtype}. Pass a dtype or its name, such as 'float32'.") from None
