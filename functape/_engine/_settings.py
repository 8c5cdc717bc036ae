"""What people may look at and change: op-by-op running, the log of compilations, counters and bounds."""

from __future__ import annotations

from typing import NamedTuple

from functape._engine._cache import cache
from functape._engine._recorder import local
from functape._engine._report import Compilation


class Counters(NamedTuple):
    """What the recorder did since the process started."""

    programs_compiled: int
    """Programs compiled; the steady state of a training loop adds none."""
    flushes: int
    """Times a recording was run."""
    ops_recorded: int
    """Ops and tape events in the recordings that were run."""


def counters() -> Counters:
    """What the recorder did so far, over all threads.

    ```python
    >>> import functape as tf
    >>> before = tf.config.counters()
    >>> float(tf.constant([1.0, 2.0])[0] * 3.0)
    3.0
    >>> tf.config.counters().flushes - before.flushes
    1

    ```
    """
    return Counters(cache.compiled, cache.flushes, cache.ops)


def compilations() -> tuple[Compilation, ...]:
    """The latest programs compiled (at most a thousand), each with the reason and the user's line that caused it.

    ```python
    >>> import functape as tf
    >>> float(tf.constant(2.0) ** 2)
    4.0
    >>> tf.config.compilations()[-1].reason
    'value needed'

    ```
    """
    return tuple(cache.log)


def log_compilations(enabled: bool = True) -> None:
    """Log each program as it is compiled, on the logger `functape`.

    **Arguments:**
    - `enabled`: False stops it.
    """
    cache.log_compilations = bool(enabled)


def run_op_by_op(enabled: bool = True) -> None:
    """Run each op as soon as it is recorded, compiled by itself: slow, for debugging.

    A wrong value or an error then shows at the line that made it. Programs known so far are forgotten.

    **Arguments:**
    - `enabled`: False returns to whole programs.
    """
    local.recorder.flush("the way of running changes")
    cache.op_by_op = bool(enabled)
    cache.forget()
    local.recorder.restart()


def is_op_by_op() -> bool:
    """Whether each op runs as soon as it is recorded."""
    return cache.op_by_op


def set_cache_bounds(
    programs: int | None = None, states: int | None = None, pending: int | None = None, storm: int | None = None
) -> None:
    """Change the recorder's bounds; None leaves one as it is.

    **Arguments:**
    - `programs`: compiled programs kept; the half that was not run for longest is dropped beyond it.
    - `states`: places in programs remembered; all are forgotten beyond it.
    - `pending`: ops recorded outside a tape before a loop that looks at nothing is run unasked.
    - `storm`: programs that differ only in shapes or attributes, and are hardly run again, before such recordings run
      op by op.

    **Raises:** `ValueError` for a bound below 1.
    """
    given = {"programs": programs, "states": states, "pending": pending, "storm": storm}
    for name, bound in given.items():
        if bound is not None and bound < 1:
            raise ValueError(f"The bound `{name}` must be at least 1. Received: {bound}")
    cache.max_programs = programs or cache.max_programs
    cache.max_states = states or cache.max_states
    cache.max_pending = pending or cache.max_pending
    cache.storm_programs = storm or cache.storm_programs
    if len(cache.programs) > cache.max_programs:
        cache.trim()
    if cache.states > cache.max_states:
        cache.forget()
