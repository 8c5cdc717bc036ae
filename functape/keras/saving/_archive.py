"""Models in Keras 3's format: a zip archive, or a folder, of configuration, weights and other files."""

from __future__ import annotations

import datetime
import io
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h5py

from functape.keras._serialization import (
    ObjectSharingScope,
    SafeModeScope,
    deserialize_keras_object,
    serialize_keras_object,
)
from functape.keras.saving._legacy_weights import KERAS_VERSION
from functape.keras.saving._state import load_state, save_state

_CONFIG, _METADATA, _WEIGHTS, _ASSETS = "config.json", "metadata.json", "model.weights.h5", "assets"


def save_archive(model: Any, target: Any, include_optimizer: bool = True) -> None:
    """Store a model as a zip archive.

    **Arguments:**
    - `model`: the model.
    - `target`: a path, or an open binary file.
    - `include_optimizer`: whether to store what `compile` was given, and the optimizer's state.
    """
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(target, "w") as archive:
        save_folder(model, folder, include_optimizer)
        for name in (_METADATA, _CONFIG, _WEIGHTS):
            archive.write(os.path.join(folder, name), name)
        for inside, _, names in sorted(os.walk(os.path.join(folder, _ASSETS))):
            for name in sorted(names):
                path = os.path.join(inside, name)
                archive.write(path, os.path.relpath(path, folder))


def save_folder(model: Any, folder: str, include_optimizer: bool = True) -> None:
    """Store a model as a folder; the arguments are those of `save_archive`."""
    with ObjectSharingScope():
        config = serialize_keras_object(model)
    if not include_optimizer:
        config.pop("compile_config", None)
    date = datetime.datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
    os.makedirs(folder, exist_ok=True)
    _write_json(os.path.join(folder, _CONFIG), config)
    _write_json(os.path.join(folder, _METADATA), {"keras_version": KERAS_VERSION, "date_saved": date})
    skipped = () if include_optimizer or model.optimizer is None else (model.optimizer,)
    with h5py.File(os.path.join(folder, _WEIGHTS), "w") as file:
        save_state(model, file, os.path.join(folder, _ASSETS), skipped)


def _write_json(path: str, value: Any) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file)


def is_folder(path: Any) -> bool:
    """Whether a path is a folder that holds a model in this format."""
    return os.path.isdir(path) and os.path.isfile(os.path.join(path, _CONFIG))


def load_archive(source: Any, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool) -> Any:
    """The model that a zip archive holds; the arguments are those of `load_model`.

    **Arguments:**
    - `source`: a path, or an open binary file.
    """
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(source) as archive:
            names, folders = archive.namelist(), f"{_ASSETS}/"
            kept = [each for each in names if each in (_CONFIG, _WEIGHTS) or each.startswith(folders)]
            missing = {_CONFIG, _WEIGHTS} - set(kept)
            if missing:
                raise ValueError(f"The archive is no Keras model: it has no {sorted(missing)[0]}. Received: {source}")
            archive.extractall(folder, kept)
        return load_folder(folder, custom_objects, compile, safe_mode)


def load_folder(folder: str, custom_objects: dict[str, Any] | None, compile: bool, safe_mode: bool) -> Any:
    """The model that a folder holds; the arguments are those of `load_model`."""
    with open(os.path.join(folder, _CONFIG), encoding="utf-8") as text:
        config = json.load(text)
    if not compile:
        config["compile_config"] = None
    with ObjectSharingScope(), SafeModeScope(safe_mode):
        model = deserialize_keras_object(config, custom_objects, safe_mode=safe_mode)
    path = os.path.join(folder, _WEIGHTS)
    if not os.path.isfile(path):
        raise ValueError(f"The folder is no Keras model: it has no {_WEIGHTS}. Received: {folder}")
    with h5py.File(path, "r") as file:
        load_state(model, file, os.path.join(folder, _ASSETS))
    return model


@contextmanager
def weights_inside(source: Any) -> Iterator[Any]:
    """A context with the HDF5 file of weights that a zip archive holds.

    **Arguments:**
    - `source`: the archive.
    """
    with zipfile.ZipFile(source) as archive, io.BytesIO(archive.read(_WEIGHTS)) as data, h5py.File(data, "r") as file:
        yield file


def replace_folder(model: Any, folder: str, include_optimizer: bool) -> None:
    """Store a model as a folder in the place of one that is there, which stays if that fails."""
    target = os.path.abspath(folder)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    fresh = tempfile.mkdtemp(prefix=f".{os.path.basename(target)}.", dir=os.path.dirname(target))
    old = f"{fresh}.old"
    try:
        save_folder(model, fresh, include_optimizer)
        if os.path.isdir(target):
            os.replace(target, old)
        os.replace(fresh, target)
    finally:
        for left in (fresh, old):
            shutil.rmtree(left, ignore_errors=True)
