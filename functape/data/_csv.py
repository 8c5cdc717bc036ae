"""Comma-separated values: `CsvDataset` and `make_csv_dataset`."""

from __future__ import annotations

import csv
import io
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np

from functape._core._spec import TensorSpec
from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import InvalidArgumentError
from functape.data._arguments import integer
from functape.data._dataset import Dataset
from functape.data._file_datasets import names_of
from functape.data._files import checked_compression, matching, open_file
from functape.data._mapping import AUTOTUNE
from functape.data._source import Source
from functape.data._structure import Leaves, element_of

_KINDS = ("float32", "float64", "int32", "int64", "string")


class CsvLines(Source):
    """The rows of CSV files.

    **Arguments:**
    - `names`: opens the files' names.
    - `kinds`: the dtype of each column that is read.
    - `defaults`: for each of them what stands for an empty field; None if there must be a value.
    - `places`: which columns of the file they are; None for all.
    - `header`: whether the first line of a file is left out.
    - `delimiter`, `quoted`, `missing`: what separates fields, whether quotes group, what stands for an empty field.
    - `compression`: how the files are compressed.
    """

    busy = True
    shown = "CsvDatasetV2"

    def __init__(
        self,
        names: Any,
        kinds: list[DType],
        defaults: list[Any],
        places: list[int] | None,
        header: bool,
        delimiter: str,
        quoted: bool,
        missing: str,
        compression: str,
    ) -> None:
        super().__init__(tuple(TensorSpec((), kind) for kind in kinds))
        self._names = names
        self._kinds = kinds
        self._defaults = defaults
        self._places = places
        self._header = header
        self._delimiter, self._quoted, self._missing = delimiter, quoted, missing
        self._compression = compression

    def open(self) -> Iterator[Leaves]:
        """The rows."""
        for name in self._names():
            with io.TextIOWrapper(
                open_file(name, self._compression), encoding="utf-8", errors="surrogateescape", newline=""
            ) as file:
                quoting: Any = csv.QUOTE_MINIMAL if self._quoted else csv.QUOTE_NONE
                rows = csv.reader(file, delimiter=self._delimiter, quoting=quoting)
                if self._header:
                    next(rows, None)
                for row in rows:
                    if row:
                        yield self._row(row)

    def _row(self, row: list[str]) -> Leaves:
        if self._places is None:
            if len(row) != len(self._kinds):
                raise InvalidArgumentError(
                    message=f"Expect {len(self._kinds)} fields but have {len(row)} in record: {row}"
                )
            fields = row
        else:
            if max(self._places) >= len(row):
                raise InvalidArgumentError(
                    message=f"Expect {max(self._places) + 1} fields but have {len(row)} in record: {row}"
                )
            fields = [row[place] for place in self._places]
        return tuple([self._field(number, text) for number, text in enumerate(fields)])

    def _field(self, number: int, text: str) -> Any:
        kind = self._kinds[number]
        if text == "" or text == self._missing:
            default = self._defaults[number]
            if default is None:
                raise InvalidArgumentError(message=f"Field {number} is required but missing in record!")
            return default
        if kind.name == "string":
            return text.encode("utf-8", "surrogateescape")
        try:
            made = int(text) if kind.is_integer else float(text)
            return kind.as_numpy_dtype(made)
        except (ValueError, OverflowError) as error:
            raise InvalidArgumentError(
                message=f"Field {number} in record is not a valid {kind.name}: {text}"
            ) from error


class CsvDataset(Dataset):
    """The rows of CSV files, a tuple of columns each (`tf.data.experimental.CsvDataset`).

    **Arguments:**
    - `filenames`: a name, a list or tensor of names, or a dataset of them.
    - `record_defaults`: for each column a dtype, if there must be a value, or the value of an empty field.
    - `compression_type`: `""`, `"GZIP"` or `"ZLIB"`.
    - `buffer_size`: accepted for compatibility.
    - `header`: whether the first line of each file is left out.
    - `field_delim`: what separates fields.
    - `use_quote_delim`: whether double quotes group.
    - `na_value`: another text that stands for an empty field.
    - `select_cols`, `exclude_cols`: numbers of the columns to read, or not to.

    **Raises:** `ValueError` or `InvalidArgumentError` for arguments that do not fit each other.
    """

    def __init__(
        self,
        filenames: Any,
        record_defaults: Any,
        compression_type: Any = None,
        buffer_size: Any = None,
        header: Any = False,
        field_delim: Any = ",",
        use_quote_delim: Any = True,
        na_value: Any = "",
        select_cols: Any = None,
        exclude_cols: Any = None,
    ) -> None:
        if select_cols is not None and exclude_cols is not None:
            raise InvalidArgumentError(message="Either select_cols or exclude_cols should be given, not both.")
        kinds, defaults = zip(*map(_column, record_defaults), strict=True)
        places = None if select_cols is None else [int(each) for each in select_cols]
        if exclude_cols is not None:
            left_out = {int(each) for each in exclude_cols}
            count = len(kinds) + len(left_out)
            places = [place for place in range(count) if place not in left_out]
        if places is not None and (len(places) != len(kinds) or sorted(places) != places):
            raise InvalidArgumentError(
                message=f"select_cols should match output size and be strictly increasing. Received: {places} for "
                f"{len(kinds)} columns."
            )
        kind = checked_compression(compression_type)
        super().__init__(
            CsvLines(
                names_of(filenames),
                list(kinds),
                list(defaults),
                places,
                bool(header),
                str(field_delim),
                bool(use_quote_delim),
                str(na_value),
                kind,
            )
        )


def _column(given: Any) -> tuple[DType, Any]:
    """Dtype and default of a column.

    **Raises:** `TypeError` for a dtype that columns cannot have.
    """
    if isinstance(given, DType | type) and not isinstance(given, str):
        kind, default = as_dtype(given), None
    else:
        _, (value,) = element_of(given[0] if isinstance(given, list) and len(given) == 1 else given)
        if isinstance(given, list) and not given:
            return as_dtype("float32"), None
        array = np.asarray(value)
        if array.dtype.kind in "OS" or isinstance(value, bytes):
            kind, default = as_dtype("string"), value if isinstance(value, bytes) else array.reshape(-1)[0]
        else:
            kind = as_dtype(array.dtype.type)
            default = array.reshape(-1)[0] if array.size else None
    if kind.name not in _KINDS:
        raise TypeError(f"A column of a CSV file must be one of {', '.join(_KINDS)}. Received: {kind.name}")
    return kind, default


def _inferred(texts: list[str], missing: str) -> str:
    """The narrowest dtype of a column's fields."""
    values = [text for text in texts if text not in ("", missing)]
    for name in ("int32", "int64", "float32", "float64"):
        try:
            if name.startswith("int"):
                bits = 31 if name == "int32" else 63
                if all(-(1 << bits) <= int(text) < 1 << bits for text in values):
                    return name
            elif all(np.isfinite(np.float32(float(text))) or name == "float64" for text in values):
                return name
        except ValueError:
            continue
    return "string"


def make_csv_dataset(
    file_pattern: Any,
    batch_size: Any,
    column_names: Any = None,
    column_defaults: Any = None,
    label_name: str | None = None,
    select_columns: Any = None,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    header: bool = True,
    num_epochs: int | None = None,
    shuffle: bool = True,
    shuffle_buffer_size: int = 10000,
    shuffle_seed: int | None = None,
    prefetch_buffer_size: int | None = None,
    num_parallel_reads: int | None = None,
    sloppy: bool = False,
    num_rows_for_inference: int | None = 100,
    compression_type: Any = None,
    ignore_errors: bool = False,
    encoding: str = "utf-8",
) -> Dataset:
    """Batches of the rows of CSV files, dicts of columns (`tf.data.experimental.make_csv_dataset`).

    **Arguments:**
    - `file_pattern`: names or patterns of files.
    - `batch_size`: how many rows in a batch.
    - `column_names`: the columns' names; by default those of the first line.
    - `column_defaults`: for each column that is read a dtype or the value of an empty field; by default found out.
    - `label_name`: a column that is not in the dict but the second part of a pair.
    - `select_columns`: names or numbers of the columns to read.
    - `field_delim`, `use_quote_delim`, `na_value`, `compression_type`: as for `CsvDataset`.
    - `header`: whether the first line of each file names the columns.
    - `num_epochs`: how many times over; without end by default.
    - `shuffle`, `shuffle_buffer_size`, `shuffle_seed`: whether and how rows are shuffled.
    - `prefetch_buffer_size`: as for `prefetch`.
    - `num_parallel_reads`, `sloppy`: accepted for compatibility: files are read one after the other.
    - `num_rows_for_inference`: how many rows tell the dtypes; all if None.
    - `ignore_errors`: whether to leave out rows that cannot be read.
    - `encoding`: of the first line.

    **Raises:** `ValueError` for column names that do not fit the files.
    """
    paths = [name.decode() for name in matching(file_pattern)]
    kind = checked_compression(compression_type)
    rows = _first_rows(paths, kind, field_delim, use_quote_delim, header, num_rows_for_inference, encoding)
    if column_names is None:
        if not header:
            raise ValueError("Cannot infer column names without header line.")
        column_names = rows[0]
    names = list(column_names)
    if len(set(names)) != len(names):
        raise ValueError(f"Cannot have duplicate column names. Received: {names}")
    if label_name is not None and label_name not in names:
        raise ValueError(f"`label_name` provided must be one of the columns. Received: {label_name!r} of {names}")
    places = list(range(len(names)))
    if select_columns is not None:
        places = sorted(names.index(each) if isinstance(each, str) else int(each) for each in select_columns)
    body = rows[1:] if header else rows
    if column_defaults is None:
        column_defaults = [
            {"string": ""}.get(found, np.dtype(found).type(0) if found != "string" else "")
            for found in (_inferred([row[place] for row in body], na_value) for place in places)
        ]
    chosen = [names[place] for place in places]
    if label_name is not None and label_name not in chosen:
        raise ValueError(f"`label_name` provided must be one of the columns selected. Received: {label_name!r}")
    dataset: Any = CsvDataset(
        paths,
        list(column_defaults),
        compression_type,
        header=header,
        field_delim=field_delim,
        use_quote_delim=use_quote_delim,
        na_value=na_value,
        select_cols=places if select_columns is not None else None,
    )
    if ignore_errors:
        dataset = dataset.ignore_errors()
    if shuffle:
        dataset = dataset.shuffle(shuffle_buffer_size, shuffle_seed)
    dataset = dataset.repeat(num_epochs).batch(integer(batch_size, "batch_size"), drop_remainder=num_epochs is None)

    def named(*columns: Any) -> Any:
        parts = OrderedDict(zip(chosen, columns, strict=True))
        return parts if label_name is None else (parts, parts.pop(label_name))

    ahead = AUTOTUNE if prefetch_buffer_size is None else prefetch_buffer_size
    return dataset._next(Renamed(dataset._source, named)).prefetch(ahead)  # type: ignore[no-any-return]


class Renamed(Source):
    """The same components in another structure.

    **Arguments:**
    - `source`: the elements, tuples.
    - `arrange`: from a tuple's parts to the structure.
    """

    shown = "_PrefetchDataset"
    busy = True

    def __init__(self, source: Source, arrange: Any) -> None:
        super().__init__(arrange(*source.spec))
        from functape.data._structure import flatten_element

        self._source = source
        self._order = flatten_element(arrange(*range(len(source.spec))))

    def length(self) -> int:
        """The source's."""
        return self._source.length()

    def open(self) -> Iterator[Leaves]:
        """The elements."""
        return (tuple([leaves[place] for place in self._order]) for leaves in self._source.open())


def _first_rows(
    paths: list[str], compression: str, delimiter: str, quoted: bool, header: bool, count: int | None, encoding: str
) -> list[list[str]]:
    """The first line, and the rows that tell dtypes."""
    found: list[list[str]] = []
    for number, path in enumerate(paths):
        with io.TextIOWrapper(open_file(path, compression), encoding=encoding, newline="") as file:
            rows = csv.reader(file, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
            if header:
                first = next(rows, [])
                if number == 0:
                    found.append(first)
                elif first != found[0]:
                    raise ValueError(f"All files must have the same column names. {path} has {first}.")
            for row in rows:
                if count is not None and len(found) - bool(header) >= count:
                    return found
                if row:
                    found.append(row)
    return found
