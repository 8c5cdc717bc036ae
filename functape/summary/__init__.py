"""`tf.summary`: curves, distributions, pictures and texts for TensorBoard."""

from __future__ import annotations

from functape._namespace import lazy
from functape.summary._kinds import audio, histogram, image, scalar, text
from functape.summary._recording import record_if, should_record_summaries, write
from functape.summary._tracing import graph, trace_export, trace_off, trace_on
from functape.summary._writer import SummaryWriter, create_file_writer, create_noop_writer, flush

__all__ = [
    "SummaryWriter",
    "audio",
    "create_file_writer",
    "create_noop_writer",
    "flush",
    "graph",
    "histogram",
    "image",
    "record_if",
    "scalar",
    "should_record_summaries",
    "text",
    "trace_export",
    "trace_off",
    "trace_on",
    "write",
]

__getattr__ = lazy(__name__, {"experimental": "functape.summary.experimental"}, lambda: __all__)
