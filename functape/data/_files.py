"""Datasets that read files: lines of text, records, pieces of one length."""

from __future__ import annotations

import glob
import gzip
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

import numpy as np

from functape._core._spec import TensorSpec
from functape._engine._errors import DataLossError, InvalidArgumentError, NotFoundError, PermissionDeniedError
from functape.data._source import Source
from functape.data._structure import Leaves, host_value

_CHUNK = 1 << 18
_MASK = 0xA282EAD8
_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")


def open_file(path: str, compression: str) -> BinaryIO:
    """A file for reading.

    **Raises:** `NotFoundError` or `PermissionDeniedError` if it cannot be read.
    """
    try:
        if compression == "GZIP":
            return cast(BinaryIO, gzip.open(path, "rb"))
        file = open(path, "rb")  # noqa: SIM115
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFoundError(message=f"{path}; No such file or directory") from None
    except PermissionError:
        raise PermissionDeniedError(message=f"{path}; Permission denied") from None
    return cast(BinaryIO, _Inflated(file)) if compression == "ZLIB" else file


class _Inflated:
    """A file compressed by zlib, as far as the readers here need it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._inflate = zlib.decompressobj()
        self._ready = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._ready) < size:
            piece = self._file.read(_CHUNK)
            if not piece:
                break
            self._ready += self._inflate.decompress(piece)
        found, self._ready = (self._ready, b"") if size < 0 else (self._ready[:size], self._ready[size:])
        return found

    def __iter__(self) -> Iterator[bytes]:
        rest = b""
        while piece := self.read(_CHUNK):
            *lines, rest = (rest + piece).split(b"\n")
            yield from (line + b"\n" for line in lines)
        if rest:
            yield rest

    def close(self) -> None:
        self._file.close()


def checked_compression(given: Any) -> str:
    """The kind of compression.

    **Raises:** `InvalidArgumentError` unless it is `""`, `"GZIP"` or `"ZLIB"`.
    """
    kind = "" if given is None else text_of(given)
    if kind not in ("", "GZIP", "ZLIB"):
        raise InvalidArgumentError(message=f'Unsupported compression_type: {kind}. Use "", "GZIP" or "ZLIB".')
    return kind


def text_of(given: Any) -> str:
    """A string given as text, bytes, a path or a scalar tensor."""
    if hasattr(given, "__fspath__"):
        return os.fspath(given)
    found = given if isinstance(given, str | bytes) else host_value(given)
    if isinstance(found, np.ndarray):
        found = found.item()
    return found.decode() if isinstance(found, bytes) else str(found)


class Files(Source):
    """What a function reads from files, one file after the other.

    **Arguments:**
    - `names`: opens the files' names: a pass over them.
    - `read`: from an open file to its elements.
    - `compression`: how the files are compressed.
    - `shown`: what the dataset is called when it is printed.
    - `interleaved`: how many files are open at a time; their elements come in turn.
    """

    busy = True

    def __init__(
        self,
        names: Callable[[], Iterator[str]],
        read: Callable[[BinaryIO], Iterator[Any]],
        compression: str,
        shown: str,
        interleaved: int = 1,
    ) -> None:
        super().__init__(TensorSpec((), "string"))
        self._names = names
        self._read = read
        self._compression = compression
        self.shown = shown
        self._interleaved = interleaved

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        if self._interleaved > 1:
            return _in_turn([], self._names(), self._one, self._interleaved)
        return (leaves for name in self._names() for leaves in self._one(name))

    def _one(self, name: str) -> Iterator[Leaves]:
        file = open_file(name, self._compression)
        try:
            for each in self._read(file):
                yield (each,)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataLossError(message=f"{name} is damaged: {error}") from error
        finally:
            file.close()


def _in_turn(opened: list[Any], names: Iterator[str], begin: Callable[[str], Any], count: int) -> Iterator[Leaves]:
    """Elements of several files in turn, as `interleave` has them."""
    opened += [None] * count
    place, more = 0, True
    while more or any(each is not None for each in opened):
        if opened[place] is None and more:
            name = next(names, None)
            if name is None:
                more = False
            else:
                opened[place] = begin(name)
        if opened[place] is not None:
            for leaves in opened[place]:
                yield leaves
                break
            else:
                opened[place] = None
                continue
        place = (place + 1) % count


def lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a text file, without their ends."""
    for line in file:
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def masked(content: bytes) -> int:
    """The checksum of a part of a TFRecord file."""
    from crc32c import crc32c

    plain = crc32c(content)
    return ((plain >> 15 | plain << 17) + _MASK) & 0xFFFFFFFF


def records(file: BinaryIO) -> Iterator[bytes]:
    """The records of a TFRecord file.

    **Raises:** `DataLossError` for a file that is cut off or damaged.
    """

    def checked(content: bytes, found: int, what: str) -> None:
        if masked(content) != found:
            raise DataLossError(message=f"corrupted record: the checksum of its {what} does not match.")

    while header := file.read(_HEADER.size):
        if len(header) < _HEADER.size:
            raise DataLossError(message="truncated record: the file ends within a length.")
        length, found = _HEADER.unpack(header)
        checked(header[:8], found, "length")
        content = file.read(length)
        footer = file.read(_FOOTER.size)
        if len(content) < length or len(footer) < _FOOTER.size:
            raise DataLossError(message=f"truncated record: the file ends within a record of {length} bytes.")
        checked(content, _FOOTER.unpack(footer)[0], "data")
        yield content


def pieces(size: int, header: int, footer: int) -> Callable[[BinaryIO], Iterator[bytes]]:
    """A function from a file to its pieces of one length, between a header and a footer that are left out."""

    def read(file: BinaryIO) -> Iterator[bytes]:
        file.read(header)
        ready = b""
        while True:
            piece = file.read(_CHUNK)
            ready += piece
            place = 0
            while len(ready) - place >= size + footer:
                yield ready[place : place + size]
                place += size
            ready = ready[place:]
            if not piece:
                break
        if len(ready) > footer:
            raise InvalidArgumentError(
                message=f"Excess data: the file's body is no multiple of record_bytes={size}: {len(ready) - footer} "
                f"bytes are left over."
            )

    return read


def matching(patterns: Any) -> list[bytes]:
    """The names of files that match patterns, in order.

    **Raises:** `InvalidArgumentError` if there are none.
    """
    given = patterns if isinstance(patterns, list | tuple) else [patterns]
    texts: list[str] = []
    for each in given:
        found = each if isinstance(each, str | bytes) or hasattr(each, "__fspath__") else host_value(each)
        texts += map(text_of, found.reshape(-1).tolist()) if isinstance(found, np.ndarray) else [text_of(found)]
    names = sorted({name for text in texts for name in glob.glob(text, include_hidden=True)})
    if not names:
        raise InvalidArgumentError(message=f"No files matched pattern: {', '.join(texts)}")
    return [name.encode() for name in names]
