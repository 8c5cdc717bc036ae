"""Steps of a functionalized training step in one `jax.lax.scan`, and the same by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

import functape as tf
from benchmarks.sources import classifier


def functionalized() -> Callable[[], Any]:
    """The tape step, functionalized; the last of the losses."""
    step, state, _ = _tape_step()
    return _last_loss(step, state)


def by_hand() -> Callable[[], Any]:
    """The same step written for JAX."""
    _, _, parameters = _tape_step()
    return _last_loss(*classifier.hand_written(parameters))


def _tape_step() -> tuple[Callable[..., Any], Any, Any]:
    tf.keras.utils.set_random_seed(0)
    return classifier.functionalized()


def _last_loss(step: Callable[..., Any], state: Any) -> Callable[[], Any]:
    x, y = map(jnp.asarray, classifier.batch())
    run = classifier.many(step)
    return lambda: run(state, x, y)[1][-1]
