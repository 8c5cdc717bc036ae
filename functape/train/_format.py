"""A checkpoint's files.

`<path>.index` is a JSON text that tells what was saved. It is put in place last, by renaming, and names the directory
of the arrays, which orbax writes: a checkpoint is either there as a whole or as it was before. The directory is an
ordinary orbax checkpoint, a dict of arrays by name.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._engine._dtypes import as_dtype
from functape._engine._errors import DataLossError, NotFoundError, PermissionDeniedError, UnimplementedError

_FORMAT = "functape checkpoint 1"
_DATA = ".data-00000-of-00001"
_TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
"""What TensorFlow's own index files end with."""


def index_path(path: str) -> str:
    """Where a checkpoint's index is."""
    return f"{path}.index"


def write(path: str, nodes: list[dict[str, Any]], values: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all.

    **Arguments:**
    - `path`: the checkpoint's; what was saved under it before stays until this one is complete.
    - `nodes`: the object graph.
    - `values`: NumPy arrays, or bytes, by name.

    **Raises:** `PermissionDeniedError` or `NotFoundError` if it cannot be written there.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        os.makedirs(folder, exist_ok=True)
        before = _data_of(path)
        data = _free_name(path)
        tensors, arrays = _described(values)
        with _quiet():
            if arrays:
                _checkpointer().save(os.path.join(folder, data), arrays)
            index = {"format": _FORMAT, "data": data if arrays else None, "nodes": nodes, "tensors": tensors}
            replace_text(index_path(path), json.dumps(index))
    except PermissionError as error:
        raise PermissionDeniedError(message=f"{path} cannot be written: {error}") from error
    except (FileNotFoundError, NotADirectoryError, FileExistsError) as error:
        raise NotFoundError(message=f"{path} cannot be written: {error}") from error
    if before is not None and before != data:
        shutil.rmtree(os.path.join(folder, before), ignore_errors=True)


def remove(path: str) -> None:
    """Remove a checkpoint; nothing happens if there is none."""
    data = _data_of(path)
    with contextlib.suppress(FileNotFoundError):
        os.remove(index_path(path))
    if data is not None:
        shutil.rmtree(os.path.join(os.path.dirname(os.path.abspath(path)), data), ignore_errors=True)


def replace_text(path: str, text: str) -> None:
    """Write a file, whole or not at all."""
    handle, unfinished = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".unfinished-")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(unfinished, 0o644)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.remove(unfinished)
        raise


def read_index(path: str) -> dict[str, Any]:
    """What was saved.

    **Raises:** `NotFoundError` if there is no checkpoint; `DataLossError` if its index cannot be understood.
    """
    try:
        with open(index_path(path), "rb") as file:
            content = file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFoundError(
            message=f"Unsuccessful TensorSliceReader constructor: Failed to find any matching files for {path}"
        ) from None
    if content.endswith(_TABLE_MAGIC):
        raise UnimplementedError(
            message=f"{path} was written by TensorFlow, whose format only TensorFlow reads. There, save the values "
            f"with numpy.savez(file, **{{name: tf.train.load_variable(path, name) for name, _ in "
            f"tf.train.list_variables(path)}}), and assign them to the variables here."
        )
    try:
        index: dict[str, Any] = json.loads(content)
        if index["format"] != _FORMAT:
            raise ValueError(f"unknown format {index['format']!r}")
    except (ValueError, KeyError, TypeError) as error:
        raise DataLossError(message=f"{index_path(path)} is no checkpoint index, or a damaged one: {error}") from error
    return index


def read_values(path: str, index: dict[str, Any]) -> dict[str, Any]:
    """The arrays of a checkpoint, by name.

    **Raises:** `NotFoundError` if they are missing; `DataLossError` if they are not what was written.
    """
    values: dict[str, Any] = {}
    stored: dict[str, Any] = {}
    if index["data"] is not None:
        folder = os.path.join(os.path.dirname(os.path.abspath(path)), index["data"])
        if not os.path.isdir(folder):
            raise NotFoundError(message=f"The arrays of checkpoint {path} are missing: there is no directory {folder}")
        try:
            with _quiet():
                stored = _checkpointer().restore(folder)
        except Exception as error:
            raise DataLossError(message=f"The arrays of checkpoint {path} cannot be read: {error}") from error
    for name, kind in index["tensors"].items():
        if "inline" in kind:
            content = base64.b64decode(kind["inline"])
            values[name] = content if kind["dtype"] == "string" else _strings(content, kind)
            if kind["dtype"] not in ("string", "strings"):
                values[name] = np.frombuffer(content, _numpy(kind["dtype"])).reshape(kind["shape"])
            continue
        if name not in stored:
            raise DataLossError(message=f"The arrays of checkpoint {path} are incomplete: {name} is missing.")
        array = np.asarray(stored[name], _numpy(kind["dtype"]))
        if list(array.shape) != kind["shape"] or _checksum(array) != kind["checksum"]:
            raise DataLossError(message=f"Checksum does not match: {name} of checkpoint {path} is damaged.")
        values[name] = array
    return values


def _described(values: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the index says of each value, and the arrays that orbax writes."""
    tensors: dict[str, Any] = {}
    arrays = {}
    for name, value in values.items():
        if isinstance(value, bytes):
            tensors[name] = {"dtype": "string", "shape": [], "inline": base64.b64encode(value).decode()}
            continue
        array = np.asarray(value)
        kind: dict[str, Any] = {"shape": list(array.shape)}
        if array.dtype == object:
            texts = [base64.b64encode(each).decode() for each in array.reshape(-1)]
            kind |= {"dtype": "strings", "inline": base64.b64encode(json.dumps(texts).encode()).decode()}
        else:
            kind["dtype"] = as_dtype(array.dtype.type).name
            if array.size:
                kind["checksum"] = _checksum(array)
                arrays[name] = array
            else:
                kind["inline"] = ""
        tensors[name] = kind
    return tensors, arrays


def _strings(content: bytes, kind: dict[str, Any]) -> Any:
    if kind["dtype"] != "strings":
        return None
    found = np.empty(len(texts := json.loads(content)), object)
    found[:] = [base64.b64decode(each) for each in texts]
    return found.reshape(kind["shape"])


def _numpy(name: str) -> Any:
    return as_dtype(name).as_numpy_dtype


def _checksum(array: Any) -> int:
    return zlib.crc32(np.ascontiguousarray(array).tobytes())


def _data_of(path: str) -> str | None:
    """The directory that the present index names."""
    try:
        with open(index_path(path), "rb") as file:
            name: str | None = json.loads(file.read())["data"]
            return name
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _free_name(path: str) -> str:
    """A name for the directory of the arrays. What an unfinished save left behind is removed."""
    folder, name = os.path.split(os.path.abspath(path))
    used = _data_of(path)
    for other in os.listdir(folder):
        rest = other.removeprefix(name + _DATA)
        if rest != other and other != used and (not rest or rest[0] == "."):
            full = os.path.join(folder, other)
            if os.path.isdir(full):
                shutil.rmtree(full, ignore_errors=True)
            else:
                os.remove(full)
    plain = name + _DATA
    return plain if used != plain else plain + ".again"


def _checkpointer() -> Any:
    import orbax.checkpoint as orbax

    return orbax.PyTreeCheckpointer()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """orbax reports each step of its work; only errors are of interest here."""
    logger = logging.getLogger("absl")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
