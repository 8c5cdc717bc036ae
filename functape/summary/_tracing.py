"""`tf.summary.trace_on` and its kin, by JAX's profiler."""

from __future__ import annotations

import logging
from typing import Any

import jax

from functape._engine._errors import UnimplementedError
from functape._engine._trace import is_tracing
from functape.summary._writer import state

logger = logging.getLogger("functape")


class _Trace:
    """The trace under way."""

    def __init__(self) -> None:
        self.on = False
        self.folder: str | None = None


_trace = _Trace()


def trace_on(graph: bool = True, profiler: bool = False, profiler_outdir: str | None = None) -> None:
    """Begin to record what runs (`tf.summary.trace_on`).

    **Arguments:**
    - `graph`: accepted for compatibility: there is no graph; `tf.explain` shows programs.
    - `profiler`: whether JAX's profiler records times, which TensorBoard shows under Profile.
    - `profiler_outdir`: the profile's directory.
    """
    if is_tracing():
        logger.warning("Cannot enable trace inside a tf.function.")
        return
    if _trace.on:
        logger.warning("Trace already enabled")
        return
    if profiler:
        if profiler_outdir is None:
            logger.warning("No `profiler_outdir` passed to trace_on(). Profiler won't be enabled.")
        else:
            jax.profiler.start_trace(str(profiler_outdir))
            _trace.folder = str(profiler_outdir)
    _trace.on = True


def trace_export(name: str, step: Any = None, profiler_outdir: str | None = None) -> None:
    """Write what `trace_on` began to record, and stop (`tf.summary.trace_export`).

    **Arguments:**
    - `name`: the name of the record.
    - `step`: its step; by default the one set.
    - `profiler_outdir`: superseded by the argument of `trace_on`.

    **Raises:** `ValueError` without a step.
    """
    if is_tracing():
        logger.warning("Cannot export trace inside a tf.function.")
        return
    if not _trace.on:
        logger.warning("Must enable trace before export through tf.summary.trace_on.")
        return
    if state.writer is not None and step is None and state.step is None:
        raise ValueError(
            "No step set. Please specify one either through the `step` argument or through "
            "tf.summary.experimental.set_step()"
        )
    trace_off()


def trace_off() -> None:
    """Stop recording what runs (`tf.summary.trace_off`). A profile is complete afterwards."""
    _trace.on = False
    if _trace.folder is not None:
        _trace.folder = None
        jax.effects_barrier()
        jax.profiler.stop_trace()


def graph(graph_data: Any) -> Any:
    """Not supported: there is no TensorFlow graph.

    **Raises:** `UnimplementedError`.
    """
    raise UnimplementedError(
        message="There is no TensorFlow graph to write. tf.explain shows the program behind a tensor, and "
        "tf.summary.trace_on(profiler=True, profiler_outdir=...) records what runs."
    )
