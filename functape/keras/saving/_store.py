"""Groups of an HDF5 file as mappings from names to arrays."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

import h5py
import ml_dtypes
import numpy as np

_OWN = "vars"
"""The group that holds the variables of a part of a model, beside the groups of the parts inside."""
_OLD_NAMES = {"layers": "_layer_checkpoint_dependencies"}
"""What Keras 2.12 called an attribute."""


class Entries(MutableMapping[str, Any]):
    """A group's arrays by name; the group is made when the first one is put in.

    **Arguments:**
    - `file`: the file.
    - `path`: the group's name.
    - `name`: the name of the object whose arrays these are.
    """

    def __init__(self, file: Any, path: str, name: str | None = None) -> None:
        self._file = file
        self._path = path
        self._group: Any = file.get(path)
        if name is not None:
            self._made().attrs["name"] = name

    def _made(self) -> Any:
        if self._group is None:
            self._group = self._file.create_group(self._path)
        return self._group

    def __getitem__(self, key: str) -> np.ndarray[Any, Any]:
        if self._group is None or key not in self._group:
            raise KeyError(f"The file has no entry {self._path}/{key}.")
        return read(self._group[key])

    def __setitem__(self, key: str, value: Any) -> None:
        write(self._made(), key, value)

    def __delitem__(self, key: str) -> None:
        del self._made()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(() if self._group is None else self._group.keys())

    def __len__(self) -> int:
        return 0 if self._group is None else len(self._group)


def read(stored: Any) -> np.ndarray[Any, Any]:
    """The values of a dataset.

    **Raises:** `ValueError` for what is no dataset of the file itself.
    """
    if not isinstance(stored, h5py.Dataset) or stored.external:
        raise ValueError(f"The file is no file of weights: {stored.name} is no dataset of its own.")
    if stored.attrs.get("dtype") == "bfloat16":
        return np.asarray(stored).view(ml_dtypes.bfloat16)
    return np.asarray(stored)


def write(group: Any, key: str, value: Any) -> None:
    """Store an array, tensor or number.

    **Arguments:**
    - `group`: where.
    - `key`: its name there.
    - `value`: what.
    """
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    dataset = group.create_dataset(key, data=array)
    if array.dtype.name == "bfloat16":
        dataset.attrs["dtype"] = "bfloat16"


def entries_at(file: Any, path: str, name: str | None = None) -> Entries:
    """The arrays of the part of a model at a place, to be filled.

    **Arguments:**
    - `file`: the file.
    - `path`: as `walk` gives it.
    - `name`: the part's name.
    """
    return Entries(file, f"{path}/{_OWN}" if path else _OWN, name)


def find_entries(file: Any, path: str) -> Entries:
    """The arrays of the part of a model at a place, to be read; none if the file has no such place.

    **Arguments:**
    - `file`: the file.
    - `path`: as `walk` gives it. An attribute with and without a leading underscore is the same.
    """
    group = file
    for step in path.split("/") if path else ():
        names = (step, f"_{step}", step.lstrip("_"), _OLD_NAMES.get(step, step))
        found = next((each for each in names if each in group), None)
        if found is None:
            return Entries(file, f"{path}/{_OWN}")
        group = group[found]
    return Entries(group, _OWN)
