"""Reductions by segment: `tf.math.segment_sum`, `tf.math.unsorted_segment_sum` and their relatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._api._functions import dressed
from functape._api._static import as_int, invalid
from functape._core._convert import convert
from functape._core._known import host_array, read
from functape._engine._recorder import record
from functape._ops import _segments as rows

_IDS = "- `segment_ids`: the segment of each element: integers {}, of the leading axes' shape."


def _sorted(kind: str, purpose: str, result: str) -> Any:
    row = rows.SORTED[kind]

    def function(data: Any, segment_ids: Any, name: str | None = None) -> Any:
        ids = convert(segment_ids)
        known = read(ids)
        if known.size and (np.any(np.diff(known) < 0) or known.flat[0] < 0):
            raise invalid(
                f"segment ids are not increasing [Op:{row.name}]. Received: {known}. "
                f"Use tf.math.unsorted_segment_{kind}."
            )
        size = int(known.flat[-1]) + 1 if known.size else 0
        return record(row, (size,), (convert(data), ids))

    name = f"segment_{kind}"
    example = f"print(tf.math.{name}([1.0, 2.0, 4.0], [0, 0, 1]).numpy())\n{result}"
    described = ["- `data`: a numeric tensor.", _IDS.format("that never decrease, known when this is called")]
    return dressed(
        function, ("data", "segment_ids", "name"), name, purpose, example, "tf.math", described,
        "a tensor with one row for each segment.",
    )  # fmt: skip


def _unsorted(kind: str, purpose: str, result: str) -> Any:
    row = rows.UNSORTED[kind]

    def function(data: Any, segment_ids: Any, num_segments: Any, name: str | None = None) -> Any:
        data, ids, size = convert(data), convert(segment_ids), as_int(num_segments, "num_segments")
        known = host_array(ids)
        if known is not None and known.size and known.max() >= size:
            raise invalid(f"segment_ids holds {known.max()}, which is out of range [0, {size}) [Op:{row.name}]")
        return record(row, (size,), (data, ids))

    name = f"unsorted_segment_{kind}"
    example = f"print(tf.math.{name}([1.0, 2.0, 4.0], [1, 0, 1], 2).numpy())\n{result}"
    described = [
        "- `data`: a numeric tensor.",
        _IDS.format("in any order, negative for elements to drop"),
        "- `num_segments`: how many segments there are; a static integer.",
    ]
    return dressed(
        function, ("data", "segment_ids", "num_segments", "name"), name, purpose, example, "tf.math", described,
        "a tensor with one row for each segment.",
    )  # fmt: skip


segment_sum = _sorted("sum", "The sum of each segment's elements", "[3. 4.]")
segment_mean = _sorted("mean", "The mean of each segment's elements", "[1.5 4. ]")
segment_prod = _sorted("prod", "The product of each segment's elements", "[2. 4.]")
segment_max = _sorted("max", "The largest of each segment's elements, 0 for none", "[2. 4.]")
segment_min = _sorted("min", "The smallest of each segment's elements, 0 for none", "[1. 4.]")

unsorted_segment_sum = _unsorted("sum", "The sum of each segment's elements", "[2. 5.]")
unsorted_segment_mean = _unsorted("mean", "The mean of each segment's elements, 0 for none", "[2.  2.5]")
unsorted_segment_sqrt_n = _unsorted(
    "sqrt_n", "The sum of each segment's elements over the root of their number", "[2.       3.535534]"
)
unsorted_segment_prod = _unsorted("prod", "The product of each segment's elements", "[2. 4.]")
unsorted_segment_max = _unsorted(
    "max", "The largest of each segment's elements, the dtype's lowest number for none", "[2. 4.]"
)
unsorted_segment_min = _unsorted(
    "min", "The smallest of each segment's elements, the dtype's largest number for none", "[2. 1.]"
)
