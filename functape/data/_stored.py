"""Elements kept in files: `save`, `load`, `snapshot`, and a cache in a file."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import numpy as np

from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec
from functape._engine._errors import DataLossError, InvalidArgumentError, NotFoundError
from functape.data._source import UNKNOWN, Source, Step, whole_pass
from functape.data._structure import Leaves, flatten_element

_INDEX = "dataset.json"
_DATA = "elements.bin"
_LENGTH = struct.Struct("<q")
_FORMAT = "functape dataset 1"


def write_elements(path: str, source: Source, compression: str) -> int:
    """Write a pass over a source into a directory, which is there as a whole or not at all.

    **Returns:** the number of elements.
    """
    final = os.path.abspath(path)
    os.makedirs(os.path.dirname(final), exist_ok=True)
    unfinished = tempfile.mkdtemp(dir=os.path.dirname(final), prefix=".unfinished-")
    try:
        count = 0
        with _opened(os.path.join(unfinished, _DATA), "wb", compression) as file:
            for leaves in source.open():
                count += 1
                for leaf in leaves:
                    _write_leaf(file, leaf)
        index = {"format": _FORMAT, "count": count, "compression": compression, "spec": described(source.spec)}
        with open(os.path.join(unfinished, _INDEX), "w") as text:
            json.dump(index, text)
        os.chmod(unfinished, 0o755)
        shutil.rmtree(final, ignore_errors=True)
        os.rename(unfinished, final)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return count


def _opened(path: str, mode: str, compression: str) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, mode) if compression == "GZIP" else open(path, mode))


def _write_leaf(file: BinaryIO, leaf: Any) -> None:
    """One component: a length and an array in NumPy's format; strings as their lengths and their bytes."""
    array = np.asarray(leaf, object) if isinstance(leaf, bytes) else np.asarray(leaf)
    buffer = io.BytesIO()
    if array.dtype == object:
        texts = [bytes(each) for each in array.reshape(-1).tolist()]
        np.save(buffer, np.array(array.shape, np.int64), allow_pickle=False)
        np.save(buffer, np.array([len(each) for each in texts], np.int64), allow_pickle=False)
        buffer.write(b"".join(texts))
    elif array.dtype.kind == "V":
        # NumPy's format knows only NumPy's dtypes: the others are written as their bytes.
        np.save(buffer, np.array(array.shape, np.int64), allow_pickle=False)
        buffer.write(array.tobytes())
    else:
        np.save(buffer, array, allow_pickle=False)
    content = buffer.getvalue()
    file.write(_LENGTH.pack(len(content)))
    file.write(content)


def _read_leaf(file: BinaryIO, spec: Any) -> Any:
    header = file.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise DataLossError(message="The stored dataset is incomplete: its file ends within an element.")
    (length,) = _LENGTH.unpack(header)
    content = file.read(length)
    if len(content) < length:
        raise DataLossError(message="The stored dataset is incomplete: its file ends within an element.")
    buffer = io.BytesIO(content)
    first = np.load(buffer, allow_pickle=False)
    if spec.dtype.name == "string":
        lengths = np.load(buffer, allow_pickle=False)
        found = np.empty(len(lengths), object)
        found[:] = [buffer.read(int(each)) for each in lengths]
        return found.reshape(first) if len(first) else found[0]
    kind = np.dtype(spec.dtype.as_numpy_dtype)
    if kind.kind == "V":
        return np.frombuffer(buffer.read(), kind).reshape(first)
    return first if first.ndim else first[()]


class Stored(Source):
    """Elements that `write_elements` wrote.

    **Arguments:**
    - `path`: the directory.
    - `spec`: of the elements; None for what was written.

    **Raises:** `NotFoundError` if there are none, `InvalidArgumentError` for another spec than was written.
    """

    busy = True
    shown = "_LoadDataset"

    def __init__(self, path: str, spec: Any = None) -> None:
        try:
            with open(os.path.join(path, _INDEX)) as text:
                index = json.load(text)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError(message=f"Could not find metadata file. There is no saved dataset in {path}") from None
        except ValueError as error:
            raise DataLossError(message=f"The description of the dataset in {path} is damaged: {error}") from error
        written = undescribed(index["spec"])
        if spec is not None and flatten_element(spec) != flatten_element(written):
            raise InvalidArgumentError(
                message=f"The dataset in {path} has elements of spec {written}. Received: element_spec={spec}"
            )
        super().__init__(written if spec is None else spec)
        self._path = path
        self._count: int = index["count"]
        self._compression: str = index["compression"]

    def length(self) -> int:
        """How many were written."""
        return self._count

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        specs = flatten_element(self.spec)
        with _opened(os.path.join(self._path, _DATA), "rb", self._compression) as file:
            for _ in range(self._count):
                yield tuple([_read_leaf(file, spec) for spec in specs])


class CachedInFile(Step):
    """The elements, kept in files once a pass has had all of them.

    **Arguments:**
    - `source`: the elements.
    - `path`: of the files.
    - `compression`: `""` or `"GZIP"`.
    - `shown`: what the dataset is called when it is printed.
    """

    busy = True

    def __init__(self, source: Source, path: str, compression: str = "", shown: str = "CacheDataset") -> None:
        super().__init__(source)
        self._path = path
        self._compression = compression
        self.shown = shown

    def length(self) -> int:
        """The source's."""
        return self.source.length()

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        if os.path.exists(os.path.join(self._path, _INDEX)):
            return Stored(self._path).open()
        return self._noting()

    def _noting(self) -> Iterator[Leaves]:
        folder = os.path.dirname(os.path.abspath(self._path))
        os.makedirs(folder, exist_ok=True)
        # The elements go on to a file of their own while they are used; only a whole pass counts.
        with tempfile.TemporaryFile(dir=folder) as file:
            count = 0

            def add(leaves: Leaves) -> None:
                nonlocal count
                for leaf in leaves:
                    _write_leaf(cast(BinaryIO, file), leaf)
                count += 1

            def end() -> None:
                file.seek(0)
                write_elements(self._path, _Read(file, count, self.spec), self._compression)

            yield from whole_pass(self.source, add, end)


class _Read(Source):
    """Elements written to an open file."""

    def __init__(self, file: Any, count: int, spec: Any) -> None:
        super().__init__(spec)
        self._file = file
        self._count = count

    def length(self) -> int:
        return UNKNOWN

    def open(self) -> Iterator[Leaves]:
        specs = flatten_element(self.spec)
        for _ in range(self._count):
            yield tuple([_read_leaf(self._file, spec) for spec in specs])


def described(spec: Any) -> Any:
    """A structure of specs as JSON.

    **Raises:** `InvalidArgumentError` for components that are no tensors.
    """
    if isinstance(spec, TensorSpec):
        shape = None if spec.shape.rank is None else list(spec.shape)
        return {"shape": shape, "dtype": spec.dtype.name}
    if isinstance(spec, dict):
        return {"dict": {key: described(each) for key, each in spec.items()}}
    if isinstance(spec, tuple):
        return {"tuple": [described(each) for each in spec]}
    raise InvalidArgumentError(message=f"Only datasets of tensors can be written to files. Received elements of {spec}")


def undescribed(text: Any) -> Any:
    """The specs that `described` wrote."""
    if "dict" in text:
        return {key: undescribed(each) for key, each in text["dict"].items()}
    if "tuple" in text:
        return tuple(undescribed(each) for each in text["tuple"])
    return TensorSpec(TensorShape(text["shape"]), text["dtype"])
