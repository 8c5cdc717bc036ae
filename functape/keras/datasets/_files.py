"""The files data sets are read from: those in Keras's cache."""

from __future__ import annotations

import pathlib
import pickle
import tarfile
from typing import Any

import numpy as np

from functape.keras._configuration import keras_home
from functape.keras.utils._files import get_file

_SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


def cached(
    name: str, address: str | None = None, file_hash: str | None = None, folder: str = "datasets"
) -> pathlib.Path:
    """A file of the cache. One that is not there is fetched, if there is a network.

    **Arguments:**
    - `name`: its name in the cache, or the path of a file elsewhere.
    - `address`: where it comes from.
    - `file_hash`: the hash of what is fetched.
    - `folder`: its folder in the cache.

    **Raises:** `FileNotFoundError` that says which file to put where, if it can be had neither way.
    """
    path = pathlib.Path(name).expanduser()
    if not path.is_absolute():
        path = keras_home() / folder / name
    if path.exists():
        return path
    origin = address or _SOURCE + path.name
    try:
        return pathlib.Path(get_file(path.name, origin, file_hash=file_hash, cache_subdir=folder))
    except Exception as error:
        raise FileNotFoundError(
            f"The data set's file {path} is not there, and could not be fetched from {origin} ({error}). Put the file "
            "there by hand, or set the environment variable KERAS_HOME to the folder that holds "
            f"{folder}/{path.name}."
        ) from error


def unpacked(names: tuple[str, ...], address: str, file_hash: str, inside: str) -> pathlib.Path:
    """The folder of an archive of the cache, unpacked if need be.

    **Arguments:**
    - `names`: names the folder may have in the cache: Keras 3's first.
    - `address`: where the archive comes from.
    - `file_hash`: its hash.
    - `inside`: the folder in the archive that holds the files.

    **Raises:** `FileNotFoundError` as `cached`.
    """
    home = keras_home() / "datasets"
    for name in (*names, "."):
        if (home / name / inside).is_dir():
            return home / name / inside
    known = [
        home / f"{names[0]}_archive",
        *(home / f"{name}.tar.gz" for name in names),
        home / address.rpartition("/")[2],
    ]
    archive = next((path for path in known if path.is_file()), None)
    if archive is None:
        archive = cached(address.rpartition("/")[2], address, file_hash)
    with tarfile.open(archive) as file:
        file.extractall(home / names[0], filter="data")
    return home / names[0] / inside


_HARMLESS = {("_reconstruct", "multiarray"), ("ndarray", "numpy"), ("dtype", "numpy"), ("encode", "_codecs")}


class _Unpickler(pickle.Unpickler):
    """Reads arrays and plain values, and nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        if (name, module.rpartition(".")[2]) not in _HARMLESS:
            raise pickle.UnpicklingError(f"The file names {module}.{name}, which is no array.")
        return super().find_class(module, name)


def unpickle(path: pathlib.Path) -> dict[str, Any]:
    """The arrays of a pickled dict whose keys are bytes."""
    with open(path, "rb") as file:
        return {key.decode("utf-8"): value for key, value in _Unpickler(file, encoding="bytes").load().items()}


def arrays(path: pathlib.Path, *names: str, lists: bool = False) -> tuple[np.ndarray[Any, Any], ...]:
    """Arrays of an `.npz` file; `lists` says that there are lists in them."""
    with np.load(path, allow_pickle=lists) as file:
        return tuple(file[name] for name in names)


def split_at_random(x: Any, y: Any, test_split: float, seed: int) -> Any:
    """Keras's split into `(x_train, y_train), (x_test, y_test)`."""
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    count = int(len(x) * (1 - test_split))
    return (np.array(x[:count]), np.array(y[:count])), (np.array(x[count:]), np.array(y[count:]))
