"""`tf.summary.experimental`."""

from __future__ import annotations

from functape.summary._recording import get_step, set_step, summary_scope, write_raw_pb

__all__ = ["get_step", "set_step", "summary_scope", "write_raw_pb"]
