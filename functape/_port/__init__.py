"""Recorded steps written as standalone JAX source."""

from functape._port._source import to_jax_source

__all__ = ["to_jax_source"]
