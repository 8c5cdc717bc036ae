"""`tf.io.gfile.GFile`: an open file."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from functape._api._static import invalid
from functape._engine._errors import OutOfRangeError, PermissionDeniedError
from functape.io._paths import errors, plain

_MODES = ("r", "w", "a", "r+", "w+", "a+")


class GFile:
    """A file that is opened when it is first read or written (`tf.io.gfile.GFile`).

    **Arguments:**
    - `name`: its path.
    - `mode`: "r", "w", "a", "r+", "w+" or "a+", as for Python's `open`, except that "r+" writes the file anew; with a
      "b" what is read are bytes, else text.

    **Raises:** `InvalidArgumentError` for another mode; when it is read or written, `NotFoundError` or
    `PermissionDeniedError`.

    ```python
    >>> import functape as tf
    >>> import tempfile, os
    >>> path = os.path.join(tempfile.mkdtemp(), "note")
    >>> with tf.io.gfile.GFile(path, "w") as file:
    ...     file.write("hello")
    >>> tf.io.gfile.GFile(path).read()
    'hello'

    ```
    """

    def __init__(self, name: Any, mode: str = "r") -> None:
        self._path = plain(name)
        self._name, self._mode = name, mode
        self._binary = "b" in mode
        kind = mode.replace("b", "")
        if kind not in _MODES:
            raise invalid(f"mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'. Received: {mode!r}")
        self._readable = kind in ("r", "r+", "w+", "a+")
        self._writable = kind != "r"
        self._appends = kind.startswith("a")
        self._reader: Any = None
        self._writer: Any = None

    @property
    def name(self) -> Any:
        """Its path."""
        return self._name

    @property
    def mode(self) -> str:
        """How it was opened."""
        return self._mode

    def _reading(self) -> Any:
        if self._reader is None:
            if not self._readable:
                raise PermissionDeniedError(message="File isn't open for reading")
            with errors(self._path):
                self._reader = open(self._path, "rb")  # noqa: SIM115
        return self._reader

    def _writing(self) -> Any:
        if self._writer is None:
            if not self._writable:
                raise PermissionDeniedError(message="File isn't open for writing")
            with errors(self._path):
                self._writer = open(self._path, "ab" if self._appends else "wb")  # noqa: SIM115
        return self._writer

    def _as_read(self, content: bytes) -> Any:
        return content if self._binary else content.decode()

    def read(self, n: int = -1) -> Any:
        """The next `n` bytes, or all that are left."""
        return self._as_read(self._reading().read(n))

    def readline(self) -> Any:
        """The next line, with its end; nothing after the last."""
        return self._as_read(self._reading().readline())

    def readlines(self) -> list[Any]:
        """The lines that are left."""
        return list(self)

    def write(self, file_content: Any) -> None:
        """Write text or bytes.

        **Raises:** `TypeError` for anything else.
        """
        if not isinstance(file_content, str | bytes):
            raise TypeError(f"Expected binary or unicode string, got {file_content!r}")
        self._writing().write(file_content.encode() if isinstance(file_content, str) else file_content)

    def seek(self, offset: int | None = None, whence: int = 0, position: int | None = None) -> None:
        """Go to another place in the file.

        **Arguments:**
        - `offset`: the place; counted from the beginning, the present place or the end as `whence` is 0, 1 or 2.
        - `whence`: see there.
        - `position`: the older name of `offset`.

        **Raises:** `TypeError` without an offset; `InvalidArgumentError` or `OutOfRangeError` for no such place.
        """
        reader = self._reading()
        offset = position if offset is None else offset
        if offset is None:
            raise TypeError("seek(): offset argument required")
        if whence not in (0, 1, 2):
            raise invalid(f"Invalid whence argument: {whence}. Valid values are 0, 1, or 2.")
        size = self.size()
        place = offset + (0, reader.tell(), size)[whence]
        if place < 0:
            raise invalid(f"Seeking to a negative position: {place}")
        if place > size:
            raise OutOfRangeError(message=f"reached end of file: {place} is beyond its {size} bytes")
        reader.seek(place)

    def tell(self) -> int:
        """The present place in the file."""
        return (self._reading() if self._readable else self._writing()).tell()  # type: ignore[no-any-return]

    def size(self) -> int:
        """How many bytes the file has."""
        with errors(self._path):
            return os.stat(self._path).st_size

    def seekable(self) -> bool:
        """True."""
        return True

    def flush(self) -> None:
        """Bring what was written to the disk."""
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Close the file; reading opens it anew."""
        for each in (self._reader, self._writer):
            if each is not None:
                each.close()
        self._reader = self._writer = None

    def __enter__(self) -> GFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_writer"):
            self.close()

    def __iter__(self) -> GFile:
        return self

    def __next__(self) -> Any:
        line = self.readline()
        if not line:
            raise StopIteration
        return line
