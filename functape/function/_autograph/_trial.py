"""A trace on trial, of which nothing is kept."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from functape._engine._recorder import local
from functape._engine._staged import stage


def trial(function: Callable[[], Any]) -> None:
    """Trace a function and forget the trace; variables keep the values they had."""

    def traced() -> tuple[list[Any], None]:
        function()
        return [], None

    recorder: Any = local.recorder
    memory = {key: copy.copy(value) for key, value in recorder.memory.items()}
    try:
        stage(traced, (), recorder, "trial")
    finally:
        # The random ops of the trial are none of the program's.
        recorder.memory.clear()
        recorder.memory.update(memory)
