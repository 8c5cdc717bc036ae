"""Whole files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from functape._core._convert import convert
from functape._core._host import strings, text, texts
from functape.io._paths import matches, opened, plain


def read_file(filename: Any, name: str | None = None) -> Any:
    """What a file holds, as one string (`tf.io.read_file`).

    **Arguments:**
    - `filename`: its path.
    - `name`: accepted for compatibility.

    **Raises:** `NotFoundError` if there is none.

    ```python
    >>> import functape as tf
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "note")
    >>> tf.io.write_file(path, "hello")
    >>> tf.io.read_file(path).numpy()
    b'hello'

    ```
    """
    with opened(text(_path(filename), "ReadFile"), "rb") as file:
        return convert(file.read())


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write a string to a file, which is made, with its folder, if need be (`tf.io.write_file`).

    **Arguments:**
    - `filename`: its path.
    - `contents`: a scalar string.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` if there is more than one string, `PermissionDeniedError` if it must not be
    written.

    ```python
    >>> import functape as tf
    >>> import tempfile, os
    >>> tf.io.write_file(os.path.join(tempfile.mkdtemp(), "new", "note"), "hello")

    ```
    """
    path, content = text(_path(filename), "WriteFile"), text(contents, "WriteFile", 1)
    Path(plain(path)).parent.mkdir(parents=True, exist_ok=True)
    with opened(path, "wb") as file:
        file.write(content)


def matching_files(pattern: Any, name: str | None = None) -> Any:
    """The names of the files that match patterns, in order (`tf.io.matching_files`).

    **Arguments:**
    - `pattern`: patterns as in a shell; a scalar or a vector.
    - `name`: accepted for compatibility.

    ```python
    >>> import functape as tf
    >>> tf.io.matching_files("/no/such/folder/*").shape
    TensorShape([0])

    ```
    """
    found = {each for one in texts(_path(pattern), "MatchingFiles").reshape(-1) for each in matches(one)}
    return strings(sorted(found))


def _path(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
