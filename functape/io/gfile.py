"""Files and folders, under TensorFlow's names (`tf.io.gfile`). Paths are those of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from functape._engine._errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from functape._namespace import lazy
from functape.io._gfile import GFile
from functape.io._paths import errors, plain
from functape.io._paths import matches as _matches

__all__ = [
    "GFile",
    "copy",
    "exists",
    "get_registered_schemes",
    "glob",
    "isdir",
    "join",
    "listdir",
    "makedirs",
    "mkdir",
    "remove",
    "rename",
    "rmtree",
    "stat",
    "walk",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)


class FileStatistics(NamedTuple):
    """What `stat` tells of a file."""

    length: int
    """Its size in bytes."""
    mtime_nsec: int
    """When it was last changed, in nanoseconds since 1970."""
    is_directory: bool
    """Whether it is a folder."""


def copy(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Copy a file (`tf.io.gfile.copy`).

    **Arguments:**
    - `src`, `dst`: paths.
    - `overwrite`: whether a file at `dst` is replaced.

    **Raises:** `NotFoundError` if there is no file at `src`; `AlreadyExistsError` if there is one at `dst`.
    """
    source, target = plain(src), plain(dst)
    _check_free(target, overwrite)
    with errors(source):
        shutil.copyfile(source, target)


def _check_free(target: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(target):
        raise AlreadyExistsError(message=f"file already exists: {target}. Pass overwrite=True to replace it.")


def exists(path: Any) -> bool:
    """Whether there is a file or folder (`tf.io.gfile.exists`).

    ```python
    >>> import functape as tf
    >>> tf.io.gfile.exists("/no/such/file")
    False

    ```
    """
    return os.path.exists(plain(path))


def get_registered_schemes() -> list[str]:
    """How paths may begin: with nothing, or with `file://` (`tf.io.gfile.get_registered_schemes`)."""
    return ["", "file"]


def glob(pattern: Any) -> list[str]:
    """The names that match a pattern, or a list of patterns (`tf.io.gfile.glob`).

    ```python
    >>> import functape as tf
    >>> tf.io.gfile.glob("/no/such/*")
    []

    ```
    """
    patterns = pattern if isinstance(pattern, list | tuple) else [pattern]
    return [name.decode() for each in patterns for name in _matches(each)]


def isdir(path: Any) -> bool:
    """Whether there is a folder (`tf.io.gfile.isdir`)."""
    return os.path.isdir(plain(path))


def join(path: Any, *paths: Any) -> Any:
    """Parts of a path joined (`tf.io.gfile.join`).

    ```python
    >>> import functape as tf
    >>> tf.io.gfile.join("a", "b", "c")
    'a/b/c'

    ```
    """
    return os.path.join(os.fspath(path), *map(os.fspath, paths))


def listdir(path: Any) -> list[str]:
    """The names of what is in a folder (`tf.io.gfile.listdir`).

    **Raises:** `NotFoundError` if there is no such folder.
    """
    name = plain(path)
    if not os.path.isdir(name):
        raise NotFoundError(message=f"Could not find directory {name}")
    with errors(name):
        return os.listdir(name)


def makedirs(path: Any) -> None:
    """Make a folder, and those around it, unless it exists (`tf.io.gfile.makedirs`).

    **Raises:** `FailedPreconditionError` if there is a file.
    """
    name = plain(path)
    if os.path.isfile(name):
        raise FailedPreconditionError(message=f"{name} is not a directory")
    with errors(name):
        os.makedirs(name, exist_ok=True)


def mkdir(path: Any) -> None:
    """Make a folder unless it exists (`tf.io.gfile.mkdir`).

    **Raises:** `NotFoundError` if there is no folder around it; `AlreadyExistsError` if there is a file.
    """
    name = plain(path)
    if os.path.isdir(name):
        return
    with errors(name):
        os.mkdir(name)


def remove(path: Any) -> None:
    """Delete a file (`tf.io.gfile.remove`).

    **Raises:** `NotFoundError` if there is none.
    """
    name = plain(path)
    with errors(name):
        os.remove(name)


def rename(src: Any, dst: Any, overwrite: bool = False) -> None:
    """Move a file or folder (`tf.io.gfile.rename`).

    **Arguments:**
    - `src`, `dst`: paths.
    - `overwrite`: whether a file at `dst` is replaced.

    **Raises:** `NotFoundError` if there is nothing at `src`; `AlreadyExistsError` if there is something at `dst`.
    """
    source, target = plain(src), plain(dst)
    _check_free(target, overwrite)
    with errors(source):
        os.replace(source, target)


def rmtree(path: Any) -> None:
    """Delete a folder and all in it, or a file (`tf.io.gfile.rmtree`).

    **Raises:** `NotFoundError` if there is none.
    """
    name = plain(path)
    with errors(name):
        os.remove(name) if os.path.isfile(name) else shutil.rmtree(name)


def stat(path: Any) -> FileStatistics:
    """Size and time of a file or folder (`tf.io.gfile.stat`).

    **Raises:** `NotFoundError` if there is none.
    """
    name = plain(path)
    with errors(name):
        found = os.stat(name)
        return FileStatistics(found.st_size, found.st_mtime_ns, os.path.isdir(name))


def walk(
    top: Any, topdown: bool = True, onerror: Callable[[Any], Any] | None = None
) -> Iterator[tuple[str, list[str], list[str]]]:
    """The folders in a folder, each with the names of its folders and files (`tf.io.gfile.walk`).

    **Arguments:**
    - `top`: the folder.
    - `topdown`: whether a folder comes before those in it.
    - `onerror`: called with the error for a folder that cannot be read.
    """
    name = plain(top)
    try:
        listed = sorted(listdir(name))
    except NotFoundError as error:
        if onerror is not None:
            onerror(error)
        return
    folders = [each for each in listed if os.path.isdir(os.path.join(name, each))]
    files = [each for each in listed if each not in folders]
    here = (name, folders, files)
    if topdown:
        yield here
    for each in folders:
        yield from walk(os.path.join(name, each), topdown, onerror)
    if not topdown:
        yield here
