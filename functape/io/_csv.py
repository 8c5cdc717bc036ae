"""`tf.io.decode_csv`."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from functape._api._static import as_ints, invalid
from functape._core._convert import convert
from functape._core._holding import from_numpy
from functape._core._host import texts
from functape._core._known import read
from functape._engine._dtypes import DType, float32, float64, int32, int64, string
from functape.strings._numbers import parse

_KINDS = (float32, float64, int32, int64, string)
_QUOTED = re.compile(rb'"((?:[^"]|"")*)"')


def decode_csv(
    records: Any,
    record_defaults: Any,
    field_delim: str = ",",
    use_quote_delim: bool = True,
    na_value: str = "",
    select_cols: Any = None,
    name: str | None = None,
) -> list[Any]:
    """The columns of lines of comma-separated values (`tf.io.decode_csv`).

    **Arguments:**
    - `records`: strings of any shape, a line each.
    - `record_defaults`: for each column a tensor with what an empty field stands for, of the column's dtype; an empty
      tensor if there must be a value.
    - `field_delim`: what separates fields, one character.
    - `use_quote_delim`: whether quotes hold a field together.
    - `na_value`: what stands for an empty field besides the empty one.
    - `select_cols`: the numbers of the columns that are wanted, in order; all by default.
    - `name`: accepted for compatibility.

    **Returns:** a tensor of the shape of `records` for each column.

    **Raises:** `InvalidArgumentError` for a line of more or fewer fields, a field that is not of the dtype or that is
    missing; `ValueError` for columns out of order.

    ```python
    >>> import functape as tf
    >>> [column.numpy().tolist() for column in tf.io.decode_csv(["1,a", "2,"], [[0], ["x"]])]
    [[1, 2], [b'a', b'x']]

    ```
    """
    defaults = [convert(each) for each in record_defaults]
    if not defaults:
        raise invalid("Length for attr 'OUT_TYPE' of 0 must be at least minimum 1 [Op:DecodeCSV]")
    for number, each in enumerate(defaults):
        if each.aval.dtype not in _KINDS:
            raise invalid(
                f"Value for attr 'OUT_TYPE' of {each.aval.dtype.spoken} is not in the list of allowed values: float, "
                "double, int32, int64, string [Op:DecodeCSV]"
            )
        if each.aval.size > 1:
            raise invalid(f"There should only be 1 default per field but field {number} has {each.aval.size}")
    chosen = None if select_cols is None else as_ints(select_cols, "select_cols")
    if chosen is not None:
        if any(after <= before for before, after in pairwise(chosen)):
            raise ValueError("select_cols is not strictly increasing.")
        if chosen and chosen[0] < 0:
            raise ValueError("select_cols contains negative values.")
        if len(chosen) != len(defaults):
            raise ValueError("Length of select_cols and record_defaults do not match.")
    delimiter, missing = field_delim.encode(), na_value.encode()
    if len(delimiter) != 1:
        raise invalid("field_delim should be only 1 char [Op:DecodeCSV]")
    given = texts(records, "DecodeCSV")
    found = [_fields(each, delimiter, bool(use_quote_delim)) for each in given.reshape(-1)]
    if chosen is not None:
        found = [[fields[place] for place in chosen if place < len(fields)] for fields in found]
    for number, fields in enumerate(found):
        if len(fields) != len(defaults):
            raise invalid(f"Expect {len(defaults)} fields but have {len(fields)} in record {number} [Op:DecodeCSV]")
    columns = []
    for place, each in enumerate(defaults):
        values = [
            _value(fields[place], place, number, each.aval.dtype, read(each).reshape(-1), missing)
            for number, fields in enumerate(found)
        ]
        kind = np.dtype(each.aval.dtype.as_numpy_dtype)
        columns.append(from_numpy(np.fromiter(values, kind, len(values)).reshape(given.shape)))
    return columns


def _fields(record: bytes, delimiter: bytes, quotes: bool) -> list[bytes]:
    """The fields of a line.

    **Raises:** `InvalidArgumentError` for quotes that do not go together.
    """
    found: list[bytes] = []
    place = 0
    while record:
        if quotes and record[place : place + 1] == b'"':
            match = _QUOTED.match(record, place)
            if match is None:
                raise invalid("Quoted field has to end with quote followed by delim or end [Op:DecodeCSV]")
            end = match.end()
            if end < len(record) and record[end : end + 1] != delimiter:
                raise invalid("Quote inside a string has to be escaped by another quote [Op:DecodeCSV]")
            found.append(match[1].replace(b'""', b'"'))
        else:
            end = record.find(delimiter, place)
            end = len(record) if end < 0 else end
            field = record[place:end]
            if b"\n" in field or b"\r" in field or quotes and b'"' in field:
                raise invalid("Unquoted fields cannot have quotes/CRLFs inside [Op:DecodeCSV]")
            found.append(field)
        if end >= len(record):
            break
        place = end + 1
    return found


def _value(field: bytes, place: int, number: int, dtype: DType, default: Any, missing: bytes) -> Any:
    if not field or field == missing:
        if not default.size:
            raise invalid(f"Field {place} is required but missing in record {number}! [Op:DecodeCSV]")
        return default[0]
    if dtype is string:
        return field
    found = parse(field, dtype)
    if found is None:
        shown = field.decode("utf-8", "replace")
        raise invalid(f"Field {place} in record {number} is not a valid {dtype.spoken}: {shown} [Op:DecodeCSV]")
    return found
