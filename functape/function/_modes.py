"""Whether code runs at once or is traced: `tf.init_scope`, `tf.executing_eagerly` and the like."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from functape._engine._recorder import local
from functape._engine._trace import Trace, is_tracing


class _State(threading.local):
    depth = 0


_state = _State()
_eager = False


def executing_eagerly() -> bool:
    """Whether operations run at once, as against being traced (`tf.executing_eagerly`).

    ```python
    >>> import functape as tf
    >>> tf.executing_eagerly()
    True

    ```
    """
    return not is_tracing()


def inside_function() -> bool:
    """Whether a `tf.function` is being traced (`tf.inside_function`)."""
    return is_tracing()


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Let every `tf.function` run as plain Python, for debugging (`tf.config.run_functions_eagerly`).

    **Arguments:**
    - `run_eagerly`: False lets them be traced again.

    ```python
    >>> import functape as tf
    >>> tf.config.run_functions_eagerly(True)
    >>> tf.config.functions_run_eagerly()
    True
    >>> tf.config.run_functions_eagerly(False)

    ```
    """
    global _eager
    _eager = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """What `run_functions_eagerly` was last called with (`tf.config.functions_run_eagerly`)."""
    return _eager


@contextmanager
def init_scope() -> Iterator[None]:
    """A block that runs at once, outside of all functions being traced (`tf.init_scope`).

    Variables have the values there that they have outside.
    """
    recorder: Any = local.recorder
    if not recorder.tracing:
        yield
        return
    traces: list[Trace] = []
    eager = recorder
    while eager.tracing:
        traces.append(eager)
        eager = eager.outer
    inside = []
    for trace in traces:
        for cell, old in trace.written.values():
            if old is not None:
                inside.append((trace, cell, cell.tensor))
                cell.tensor = old
    local.recorder = eager
    try:
        yield
    finally:
        local.recorder = recorder
        for trace, cell, tensor in reversed(inside):
            trace.written[id(cell)] = (cell, cell.tensor)
            cell.tensor = tensor
