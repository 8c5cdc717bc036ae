"""Telling people what the recorder does: which programs were compiled, why, and which line of theirs caused it."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from typing import NamedTuple

import numpy as np

logger = logging.getLogger("functape")

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PLUMBING = (
    _PACKAGE,
    os.path.dirname(os.path.abspath(logging.__file__)) + os.sep,
    os.path.dirname(os.path.abspath(np.__file__)) + os.sep,
    os.path.abspath(contextlib.__file__),
)


class Compilation(NamedTuple):
    """One program that was compiled."""

    reason: str
    """What made the recording end there."""
    line: str
    """The user's line, as `file:line in function`."""
    ops: int
    """Ops recorded."""
    outputs: int
    """Tensors the program returns."""
    seconds: float
    """Time spent tracing and compiling."""
    op_by_op: bool
    """True where the program runs op by op."""

    def __str__(self) -> str:
        how = "op by op" if self.op_by_op else f"compiled in {self.seconds * 1000:.0f} ms"
        return f"{self.line}: {self.ops} ops, {self.outputs} outputs, {how} ({self.reason})"


def user_line() -> str:
    """The innermost line on the stack that is not functape's own, as `file:line in function`."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_PLUMBING):
        if frame.f_back is None:
            break
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
