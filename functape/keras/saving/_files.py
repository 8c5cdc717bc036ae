"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import pathlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def replacing(path: Any) -> Iterator[str]:
    """A context for writing a file: the path to write to, which becomes `path` in the end.

    If writing fails, the file that was there before stays.

    **Arguments:**
    - `path`: the file; its folder is made if need be.
    """
    target = pathlib.Path(os.fspath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    try:
        yield partial
        _take_mode(partial, target)
        os.replace(partial, target)
    except BaseException:
        pathlib.Path(partial).unlink(missing_ok=True)
        raise


def _take_mode(partial: str, target: pathlib.Path) -> None:
    """Give the new file the permissions that the old one had, or that any new file gets."""
    if target.exists():
        mode = target.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    os.chmod(partial, mode)


def may_write(path: Any, overwrite: bool) -> bool:
    """Whether a file may be written: it is not there, may be overwritten, or the user at the terminal agrees.

    **Arguments:**
    - `path`: the file.
    - `overwrite`: whether to overwrite it without asking.
    """
    if overwrite or not os.path.exists(path):
        return True
    answer = input(f"[WARNING] {path} already exists - overwrite? [y/n]").strip().lower()
    while answer not in ("y", "n"):
        answer = input('Enter "y" (overwrite) or "n" (cancel).').strip().lower()
    if answer == "y":
        print("[TIP] Next time specify overwrite=True!", file=sys.stdout)
    return answer == "y"
