"""The files of a saved program: which there are, and how arrays are kept in them."""

from __future__ import annotations

import json
import os
from typing import Any

import ml_dtypes
import numpy as np

PROGRAM = "functape_program.json"
"""Describes the objects, functions and signatures."""
FORMAT = 1
"""Raised when an older version could not read what a newer one writes."""
VARIABLES = os.path.join("variables", "variables.npz")
FUNCTIONS = "functions"
ASSETS = "assets"
TENSORFLOWS = ("saved_model.pb", "saved_model.pbtxt")


def contains_saved_model(export_dir: Any) -> bool:
    """Whether a folder holds a saved program, of functape's or TensorFlow's making
    (`tf.saved_model.contains_saved_model`).

    **Arguments:**
    - `export_dir`: the folder.

    ```python
    >>> import functape as tf
    >>> tf.saved_model.contains_saved_model("no such folder")
    False

    ```
    """
    return any(os.path.isfile(os.path.join(os.fspath(export_dir), name)) for name in (PROGRAM, *TENSORFLOWS))


def write_arrays(path: str, arrays: list[Any]) -> None:
    """Write arrays of any dtype, by number."""
    # NumPy's files know no dtypes but its own: the others are written as bytes.
    plain = {str(i): array if array.dtype.isbuiltin == 1 else array.view(_bytes_of(array.dtype))
             for i, array in enumerate(map(np.asarray, arrays))}  # fmt: skip
    np.savez(path, **plain)  # type: ignore[arg-type]


def read_arrays(path: str, dtypes: list[str]) -> list[Any]:
    """What `write_arrays` wrote."""
    with np.load(path) as store:
        return [np.asarray(store[str(number)]).view(_dtype(name)) for number, name in enumerate(dtypes)]


def _bytes_of(dtype: Any) -> Any:
    return np.dtype(f"uint{8 * np.dtype(dtype).itemsize}")


def _dtype(name: str) -> Any:
    return np.dtype(getattr(ml_dtypes, name, name))


def read_description(export_dir: str) -> Any:
    """The description in a folder.

    **Raises:** `OSError` if there is none; `NotImplementedError` if it is TensorFlow's; `ValueError` for one of a newer
    version.
    """
    path = os.path.join(export_dir, PROGRAM)
    if not os.path.isfile(path):
        if contains_saved_model(export_dir):
            raise NotImplementedError(
                f"{export_dir} holds a SavedModel of TensorFlow's: a graph of TensorFlow's ops, which only TensorFlow "
                "runs. functape loads what functape saved. With TensorFlow at hand, save the weights as a `.h5` or "
                "`.keras` file or with numpy.savez, and load them into the model written in Python."
            )
        raise OSError(f"SavedModel file does not exist at: {export_dir}/{PROGRAM}")
    with open(path, encoding="utf-8") as file:
        description = json.load(file)
    if description["format"] > FORMAT:
        raise ValueError(
            f"{export_dir} was saved by functape {description['functape']} in a newer format. Update functape."
        )
    return description
