"""Looking into checkpoints without objects to restore."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import NotFoundError
from functape.train._format import read_index, read_values
from functape.train._state import latest_checkpoint

OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
"""The name under which TensorFlow lists the object graph."""


class CheckpointReader:
    """What is in a checkpoint, by name.

    **Arguments:**
    - `path`: the checkpoint's.

    **Raises:** `NotFoundError` if there is none.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._index = read_index(path)
        self._values: dict[str, Any] | None = None

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """The object graph."""
        return self._index["nodes"]  # type: ignore[no-any-return]

    def values(self) -> dict[str, Any]:
        """All values by name."""
        if self._values is None:
            self._values = read_values(self._path, self._index)
        return self._values

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """The shape of each value."""
        shapes = {name: list(kind["shape"]) for name, kind in self._index["tensors"].items()}
        return {OBJECT_GRAPH: [], **shapes}

    def get_variable_to_dtype_map(self) -> dict[str, DType]:
        """The dtype of each value."""
        found = {name: _dtype(kind["dtype"]) for name, kind in self._index["tensors"].items()}
        return {OBJECT_GRAPH: as_dtype("string"), **found}

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is a value of a name."""
        return tensor_str == OBJECT_GRAPH or tensor_str in self._index["tensors"]

    def get_tensor(self, tensor_str: str) -> Any:
        """A value as a NumPy array.

        **Raises:** `NotFoundError` if there is none of this name.
        """
        if tensor_str == OBJECT_GRAPH:
            return repr(self.nodes).encode()
        if not self.has_tensor(tensor_str):
            raise NotFoundError(message=f"Key {tensor_str} not found in checkpoint")
        value = self.values()[tensor_str]
        return value[()] if isinstance(value, np.ndarray) and not value.ndim else value

    def debug_string(self) -> bytes:
        """A line about each value."""
        lines = [
            f"{name} (DT_{kind.name.upper()}) {self.get_variable_to_shape_map()[name]}"
            for name, kind in sorted(self.get_variable_to_dtype_map().items())
        ]
        return "\n".join(lines).encode()


def _dtype(name: str) -> DType:
    return as_dtype("string" if name == "strings" else name)


def load_checkpoint(ckpt_dir_or_file: Any) -> CheckpointReader:
    """A reader of a checkpoint, or of the latest one of a directory (`tf.train.load_checkpoint`).

    **Arguments:**
    - `ckpt_dir_or_file`: a directory, or the path of a checkpoint.

    **Returns:** an object with `get_tensor`, `has_tensor`, `get_variable_to_shape_map`, `get_variable_to_dtype_map`.

    **Raises:** `NotFoundError` for a path without a checkpoint; `ValueError` for a directory without one.
    """
    return CheckpointReader(_checkpoint_of(ckpt_dir_or_file))


def _checkpoint_of(given: Any) -> str:
    path = os.fspath(given)
    if not os.path.isdir(path):
        return path.removesuffix(".index")
    found = latest_checkpoint(path)
    if found is None:
        raise ValueError(f"Couldn't find 'checkpoint' file or checkpoints in given directory {path}")
    return found


def list_variables(ckpt_dir_or_file: Any) -> list[tuple[str, list[int]]]:
    """The names and shapes of a checkpoint's values, in the order of their names (`tf.train.list_variables`).

    **Arguments:**
    - `ckpt_dir_or_file`: as for `load_checkpoint`.
    """
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())


def load_variable(ckpt_dir_or_file: Any, name: str) -> Any:
    """A checkpoint's value of a name, a NumPy array (`tf.train.load_variable`).

    **Arguments:**
    - `ckpt_dir_or_file`: as for `load_checkpoint`.
    - `name`: one of those that `list_variables` lists.

    **Raises:** `NotFoundError` if there is none of this name.
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


class CheckpointView:
    """The object graph of a checkpoint, by numbers of objects (`tf.train.CheckpointView`).

    **Arguments:**
    - `save_path`: the checkpoint's path.
    """

    def __init__(self, save_path: Any, options: Any = None) -> None:
        self._reader = CheckpointReader(_checkpoint_of(save_path))

    @property
    def root(self) -> int:
        """The root's number."""
        return 0

    def children(self, node_id: int) -> dict[str, int]:
        """The numbers of an object's parts, by name."""
        return dict(self._reader.nodes[node_id]["children"])

    def descendants(self) -> list[int]:
        """The numbers of all objects."""
        return list(range(len(self._reader.nodes)))
