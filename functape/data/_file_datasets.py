"""`tf.data.TextLineDataset`, `TFRecordDataset` and `FixedLengthRecordDataset`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape.data._arguments import integer
from functape.data._dataset import Dataset
from functape.data._files import Files, checked_compression, lines, pieces, records, text_of
from functape.data._mapping import AUTOTUNE
from functape.data._source import Source
from functape.data._structure import host_value


def names_of(filenames: Any) -> Any:
    """A function that opens the names of files given as a string, a list, a tensor or a dataset of strings.

    **Raises:** `TypeError` for anything else.
    """
    if isinstance(filenames, Dataset):
        specs = filenames.element_spec
        if getattr(specs, "dtype", None) is None or specs.dtype.name != "string":
            raise TypeError(f"The `filenames` argument must contain `tf.string` elements. Got {specs} elements.")
        source: Source = filenames._source
        return lambda: (text_of(leaves[0]) for leaves in _flattened(source))
    if isinstance(filenames, list | tuple):
        if any(isinstance(each, int | float) for each in filenames):
            raise TypeError(f"The `filenames` argument must contain `tf.string` elements. Got {filenames!r}.")
        texts = [text_of(each) for each in filenames]
    elif hasattr(filenames, "__fspath__"):
        texts = [os.fspath(filenames)]
    else:
        array = np.asarray(host_value(filenames), object)
        if array.size and not isinstance(array.reshape(-1)[0], bytes | str):
            raise TypeError(
                f"The `filenames` argument must contain `tf.string` elements. Got {filenames!r} of type "
                f"{type(filenames)}."
            )
        texts = [text_of(each) for each in array.reshape(-1).tolist()]
    return lambda: iter(texts)


def _flattened(source: Source) -> Iterator[Any]:
    for leaves in source.open():
        for each in np.asarray(leaves[0], object).reshape(-1).tolist():
            yield (each,)


def _interleaved(given: Any) -> int:
    if given is None:
        return 1
    number = integer(given, "num_parallel_reads")
    return (os.cpu_count() or 1) if number == AUTOTUNE else number


class TextLineDataset(Dataset):
    """The lines of text files (`tf.data.TextLineDataset`).

    **Arguments:**
    - `filenames`: a name, a list or tensor of names, or a dataset of them.
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`.
    - `buffer_size`: accepted for compatibility.
    - `num_parallel_reads`: how many files are open at a time; their lines come in turn.
    - `name`: accepted for compatibility.

    **Raises:** `NotFoundError`, when it is iterated over, for a file that does not exist.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        kind = checked_compression(compression_type)
        files = Files(names_of(filenames), lines, kind, "TextLineDatasetV2", _interleaved(num_parallel_reads))
        super().__init__(files)


class TFRecordDataset(Dataset):
    """The records of TFRecord files (`tf.data.TFRecordDataset`).

    **Arguments:**
    - `filenames`: a name, a list or tensor of names, or a dataset of them.
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`.
    - `buffer_size`: accepted for compatibility.
    - `num_parallel_reads`: how many files are open at a time; their records come in turn.
    - `name`: accepted for compatibility.

    **Raises:** when it is iterated over, `NotFoundError` for a file that does not exist and `DataLossError` for a
    damaged one.
    """

    def __init__(
        self,
        filenames: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        kind = checked_compression(compression_type)
        files = Files(names_of(filenames), records, kind, "TFRecordDatasetV2", _interleaved(num_parallel_reads))
        super().__init__(files)


class FixedLengthRecordDataset(Dataset):
    """Pieces of one length of binary files (`tf.data.FixedLengthRecordDataset`).

    **Arguments:**
    - `filenames`: a name, a list or tensor of names, or a dataset of them.
    - `record_bytes`: the length of a piece.
    - `header_bytes`, `footer_bytes`: how much to leave out at a file's beginning and end.
    - `buffer_size`: accepted for compatibility.
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`.
    - `num_parallel_reads`: how many files are open at a time; their pieces come in turn.
    - `name`: accepted for compatibility.

    **Raises:** when it is iterated over, `NotFoundError` for a file that does not exist and `InvalidArgumentError` for
    one whose length does not fit.
    """

    def __init__(
        self,
        filenames: Any,
        record_bytes: Any,
        header_bytes: Any = None,
        footer_bytes: Any = None,
        buffer_size: Any = None,
        compression_type: Any = None,
        num_parallel_reads: Any = None,
        name: str | None = None,
    ) -> None:
        kind = checked_compression(compression_type)
        header, footer = (0 if each is None else integer(each, "header_bytes") for each in (header_bytes, footer_bytes))
        read = pieces(integer(record_bytes, "record_bytes"), header, footer)
        files = Files(names_of(filenames), read, kind, "FixedLengthRecordDatasetV2", _interleaved(num_parallel_reads))
        super().__init__(files)
