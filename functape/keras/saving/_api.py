"""Models and weights to files and back: which format a path stands for."""

from __future__ import annotations

import io
import os
import zipfile
from typing import Any

import h5py

from functape.keras.saving import _legacy_weights as legacy
from functape.keras.saving._archive import (
    is_folder,
    load_archive,
    load_folder,
    replace_folder,
    save_archive,
    weights_inside,
)
from functape.keras.saving._files import may_write, replacing
from functape.keras.saving._legacy_model import load_legacy_model, save_legacy_model
from functape.keras.saving._state import load_state, save_state

_HDF5 = (".h5", ".hdf5")
_FORMATS = {"h5": "h5", "hdf5": "h5", "keras": "keras", "tf": "tf", "tensorflow": "tf"}
_NO_SAVED_MODEL = (
    "TensorFlow's SavedModel format (a folder with saved_model.pb) holds a TensorFlow graph, which only TensorFlow "
    "runs; `model.export(filepath)` writes a folder with a StableHLO program instead."
)


def save_model(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    zipped: bool | None = None,
    include_optimizer: bool = True,
    save_format: str | None = None,
    signatures: Any = None,
    options: Any = None,
    save_traces: bool = True,
) -> None:
    """Store a model: architecture, weights, and what it is trained with (`tf.keras.models.save_model`).

    A file is written whole or not at all: if it fails, the one that was there before stays.

    **Arguments:**
    - `model`: the model.
    - `filepath`: a path that ends in `.keras`, for Keras 3's format, or in `.h5`, for Keras 2's; or an open binary
      file, for Keras 3's.
    - `overwrite`: whether to overwrite a file without asking at the terminal.
    - `zipped`: False for a folder instead of a `.keras` file.
    - `include_optimizer`: whether to store what `compile` was given, and the optimizer's state.
    - `save_format`: `"keras"` or `"h5"`; told by the path by default.
    - `signatures`, `options`, `save_traces`: Keras 2's arguments of the SavedModel format, which is not written.

    **Raises:** `ValueError` for another ending, or the SavedModel format.

    ```python
    >>> import functape as tf, os, tempfile
    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
    >>> path = os.path.join(tempfile.mkdtemp(), "model.keras")
    >>> tf.keras.models.save_model(model, path)
    >>> tf.keras.models.load_model(path).count_params()
    8

    ```
    """
    for name, value, default in (("signatures", signatures, None), ("options", options, None),
                                 ("save_traces", save_traces, True)):  # fmt: skip
        if value != default:
            raise ValueError(
                f"`{name}` belongs to the SavedModel format, which is not written. Received: {name}={value!r}. Leave "
                "it out, and save to a path that ends in `.keras`."
            )
    if isinstance(filepath, io.IOBase):
        save_archive(model, filepath, include_optimizer)
        return
    path = os.fspath(filepath)
    kind = _format_to_write(path, save_format, zipped)
    if not may_write(path, overwrite):
        return
    if kind == "folder":
        replace_folder(model, path, include_optimizer)
        return
    with replacing(path) as partial:
        (save_archive if kind == "keras" else save_legacy_model)(model, partial, include_optimizer)


def _format_to_write(path: str, save_format: str | None, zipped: bool | None) -> str:
    if path.startswith(("hf://", "gs://", "s3://", "http://", "https://")):
        raise ValueError(f"Only local files are supported. Received: filepath={path}. Save there, and copy the file.")
    if zipped is False:
        if path.endswith(".keras"):
            raise ValueError(
                "When using `zipped=False`, the `filepath` argument should not end in `.keras`. "
                f"Received: filepath={path}"
            )
        return "folder"
    if save_format is not None and save_format not in _FORMATS:
        raise ValueError(f"Unknown `save_format`: {save_format!r}. It may be 'keras' or 'h5'.")
    kind = _FORMATS.get(save_format or "")
    if kind is None:
        kind = "keras" if path.endswith(".keras") else "h5" if path.endswith(_HDF5) else "tf"
        if kind == "tf":
            raise ValueError(
                "Invalid filepath extension for saving. Please add either a `.keras` extension for the native Keras "
                f"format (recommended) or a `.h5` extension. {_NO_SAVED_MODEL} Received: filepath={path}."
            )
    elif kind == "tf":
        raise ValueError(
            f"{_NO_SAVED_MODEL} Save to a path that ends in `.keras` instead. Received: save_format={save_format!r}, "
            f"filepath={path}."
        )
    elif kind == "keras" and not path.endswith(".keras"):
        raise ValueError(f"Invalid `filepath` argument: expected a `.keras` extension. Received: filepath={path}")
    return kind


def load_model(
    filepath: Any,
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
    options: Any = None,
) -> Any:
    """The model that a file holds (`tf.keras.models.load_model`).

    **Arguments:**
    - `filepath`: a `.keras` file, or a folder of that format, or an open binary file; or an `.h5` file. All may be of
      Keras 2's or Keras 3's making.
    - `custom_objects`: the user's own classes and functions by name.
    - `compile`: whether to compile it as the one that was saved.
    - `safe_mode`: False to allow stored lambda functions, which may do anything.
    - `options`: None: it belongs to the SavedModel format, which is not read.

    **Returns:** the model, with its weights, and if it was compiled with the optimizer's state.

    **Raises:** `ValueError` for a file that is not there or of another format, or whose weights do not fit.
    """
    if options is not None:
        raise ValueError(f"`options` belongs to the SavedModel format. Received: options={options!r}. Leave it out.")
    if isinstance(filepath, io.IOBase):
        return load_archive(filepath, custom_objects, compile, safe_mode)
    path = os.fspath(filepath)
    if is_folder(path):
        return load_folder(path, custom_objects, compile, safe_mode)
    if os.path.isfile(path):
        if zipfile.is_zipfile(path):
            return load_archive(path, custom_objects, compile, safe_mode)
        if h5py.is_hdf5(path):
            return load_legacy_model(path, custom_objects, compile, safe_mode)
    elif path.endswith(_HDF5):
        raise FileNotFoundError(f"File not found: filepath={path}. Please ensure the file is an accessible `.h5` file.")
    elif path.endswith(".keras"):
        raise ValueError(f"File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.")
    saved_model = os.path.isdir(path) and os.path.exists(os.path.join(path, "saved_model.pb"))
    if os.path.isfile(os.path.join(path, "functape_program.json")):
        raise ValueError(
            f"File format not supported: filepath={path} holds an exported program, not a model. Load it with "
            "tf.saved_model.load; what model.save wrote to a `.keras` file is a model again."
        )
    raise ValueError(
        f"File format not supported: filepath={path}. Only `.keras` files and HDF5 files (`.h5`) are. "
        + (
            f"{_NO_SAVED_MODEL} With TensorFlow, load it with tf_keras and save it to a `.h5` or `.keras` file."
            if saved_model
            else "Is there such a file?"
        )
    )


def save_weights(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    max_shard_size: float | None = None,
    save_format: str | None = None,
    options: Any = None,
    objects_to_skip: Any = None,
) -> None:
    """Store the weights of a model, and the state of its optimizer (`tf.keras.Model.save_weights`).

    **Arguments:**
    - `model`: the model, with its weights made.
    - `filepath`: a path that ends in `.weights.h5`, for Keras 3's layout; or otherwise in `.h5`, for Keras 2's, which
      holds weights alone.
    - `overwrite`: whether to overwrite a file without asking at the terminal.
    - `max_shard_size`: None: one file holds everything.
    - `save_format`: `"h5"`, for a path with another ending; told by the path by default.
    - `options`: None: it belongs to TensorFlow's checkpoints.
    - `objects_to_skip`: layers, or the optimizer, that are left out of a `.weights.h5` file.

    **Raises:** `ValueError` for another ending, a model without weights yet, or an argument that is not supported.
    """
    path = os.fspath(filepath)
    for name, value in (("max_shard_size", max_shard_size), ("options", options)):
        if value is not None:
            raise ValueError(f"The argument `{name}` is not supported. Received: {name}={value!r}. Leave it out.")
    kind = _FORMATS.get(save_format or "", save_format)
    if kind not in (None, "h5", "keras", "tf"):
        raise ValueError(f"Unknown `save_format`: {save_format!r}. It may be 'h5'.")
    if kind == "tf" or (kind is None and not path.endswith((*_HDF5, ".keras"))):
        raise ValueError(
            f"The filename must end in `.weights.h5`. Received: filepath={path}. TensorFlow's checkpoints are written "
            "by tf.train.Checkpoint."
        )
    _check_built(model, "saving")
    if not may_write(path, overwrite):
        return
    modern = path.endswith(".weights.h5")
    if objects_to_skip is not None and not modern:
        raise ValueError(f"`objects_to_skip` only supports '.weights.h5' files. Received: {path}")
    with replacing(path) as partial, h5py.File(partial, "w") as file:
        if modern:
            save_state(model, file, skipped=tuple(objects_to_skip or ()))
        else:
            legacy.save_weights(file, model)


def load_weights(
    model: Any,
    filepath: Any,
    skip_mismatch: bool = False,
    by_name: bool | None = None,
    options: Any = None,
    objects_to_skip: Any = None,
) -> None:
    """Take the weights of a model from a file (`tf.keras.Model.load_weights`).

    **Arguments:**
    - `model`: the model, with its weights made.
    - `filepath`: a `.weights.h5`, `.h5` or `.keras` file of Keras 2's or Keras 3's making. How it is laid out is told
      by what is in it.
    - `skip_mismatch`: whether to leave what does not fit as it is, with a warning.
    - `by_name`: whether to load into layers of the same names instead of in their order, from a file of Keras 2's
      layout.
    - `options`: None: it belongs to TensorFlow's checkpoints.
    - `objects_to_skip`: layers, or the optimizer, that are left as they are.

    **Raises:** `ValueError` for a file that does not fit, a model without weights yet, or an argument that does not go
    with the file; `FileNotFoundError` for a file that is not there.
    """
    path = os.fspath(filepath)
    if options is not None:
        raise ValueError(f"`options` belongs to TensorFlow's checkpoints. Received: options={options!r}. Leave it out.")
    if not os.path.isfile(path):
        if path.endswith((*_HDF5, ".keras")):
            raise FileNotFoundError(f"Unable to open file: there is no file {path}.")
        raise ValueError(_unsupported(path))
    _check_built(model, "loading")
    skipped = tuple(objects_to_skip or ())
    if zipfile.is_zipfile(path):
        _check_not_given(path, by_name, skipped)
        with weights_inside(path) as file:
            load_state(model, file, skip_mismatch=skip_mismatch)
        return
    if not h5py.is_hdf5(path):
        raise ValueError(_unsupported(path))
    with h5py.File(path, "r") as file:
        group = file["model_weights"] if "model_weights" in file and not legacy.has_layers(file) else file
        if not legacy.has_layers(group):
            _check_not_given(path, by_name, ())
            load_state(model, file, skip_mismatch=skip_mismatch, skipped=skipped)
            return
        _check_not_given(path, None, skipped)
        if by_name:
            legacy.load_weights_by_name(group, model, skip_mismatch)
        else:
            legacy.load_weights(group, model, skip_mismatch)


def _unsupported(path: str) -> str:
    return (
        f"File format not supported: filepath={path}. Only `.keras` files, `.weights.h5` files and HDF5 files (`.h5`) "
        "are. TensorFlow's checkpoints are read by tf.train.Checkpoint."
    )


def _check_not_given(path: str, by_name: Any, skipped: tuple[Any, ...]) -> None:
    if by_name:
        raise ValueError(f"`by_name` only supports loading legacy '.h5' or '.hdf5' files. Received: {path}")
    if skipped:
        raise ValueError(f"`objects_to_skip` only supports loading '.weights.h5' files. Received: {path}")


def _check_built(model: Any, doing: str) -> None:
    if not model.built:
        what = "loading weights into" if doing == "loading" else "saving"
        raise ValueError(
            f"You are {what} a model that has not yet been built. Try building the model first by calling it on some "
            "data or by using `build()`."
        )
