"""Paths of files on this machine, and TensorFlow's errors for what is wrong with one."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functape._core._convert import is_tensor_like
from functape._core._host import text
from functape._engine._errors import (
    AlreadyExistsError,
    FailedPreconditionError,
    NotFoundError,
    PermissionDeniedError,
    ResourceExhaustedError,
    UnimplementedError,
    UnknownError,
)

_LOCAL = "file://"


def plain(path: Any) -> str:
    """A path given as text, bytes, a path object or a scalar tensor.

    **Raises:** `UnimplementedError` for one on another machine; `TypeError` if it is no path.
    """
    if is_tensor_like(path):
        path = text(path, "path")
    found = os.fspath(path)
    found = found.decode() if isinstance(found, bytes) else found
    scheme, separator, _ = found.partition("://")
    if separator and scheme != "file":
        raise UnimplementedError(
            message=f"File system scheme '{scheme}' not implemented (file: '{found}'). Copy it to this machine first, "
            "or read it through fsspec."
        )
    return found.removeprefix(_LOCAL)


@contextmanager
def errors(path: Any) -> Iterator[None]:
    """A block whose errors about files become TensorFlow's."""
    try:
        yield
    except FileNotFoundError:
        raise NotFoundError(message=f"{path}; No such file or directory") from None
    except FileExistsError:
        raise AlreadyExistsError(message=f"{path}; File exists") from None
    except PermissionError:
        raise PermissionDeniedError(message=f"{path}; Permission denied") from None
    except (IsADirectoryError, NotADirectoryError) as error:
        raise FailedPreconditionError(message=f"{path}; {error.strerror}") from None
    except OSError as error:
        full = error.errno in (28, 122)
        kind: Any = ResourceExhaustedError if full else UnknownError
        raise kind(message=f"{path}; {error.strerror}") from None


@contextmanager
def opened(path: Any, mode: str) -> Iterator[Any]:
    """An open file."""
    name = plain(path)
    with errors(name), open(name, mode) as file:
        yield file


def matches(pattern: Any) -> list[bytes]:
    """The names that match a pattern, in order."""
    return [name.encode() for name in sorted(glob.glob(plain(pattern), include_hidden=True))]
