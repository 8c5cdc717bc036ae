"""Slow cross products: a sampled subset by default, the whole set with FUNCTAPE_TESTS=all."""

from __future__ import annotations

import os
import random
import zlib
from collections.abc import Iterable, Sequence
from typing import TypeVar

Case = TypeVar("Case")

WHOLE = os.environ.get("FUNCTAPE_TESTS") == "all"
"""Whether every case runs."""


def sampled(name: str, cases: Iterable[Case], count: int) -> Sequence[Case]:
    """The cases to run: `count` of them, the same ones each time for a `name`, or all where the flag is set."""
    everything = list(cases)
    if WHOLE or count >= len(everything):
        return everything
    chosen = random.Random(zlib.crc32(name.encode())).sample(range(len(everything)), count)
    return [everything[i] for i in sorted(chosen)]
