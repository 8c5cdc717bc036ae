"""Everything that depends on the JAX version (0.10 to 0.12) or on the platform."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

enable_x64 = jax.enable_x64
"""Context manager: 64-bit dtypes inside, the user's own setting untouched outside."""

compilation_events = jax.monitoring.register_event_duration_secs_listener
"""Registers a listener for JAX's own compilation events."""

COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"
"""The event JAX emits once for every program handed to XLA."""


def is_tracer(value: Any) -> bool:
    """Whether `value` belongs to a JAX transformation in progress."""
    return isinstance(value, jax.core.Tracer)


def is_symbolic(length: Any) -> bool:
    """Whether `length` stands for a length that is left open while a program is exported (`jax.export`)."""
    return length.__class__ is not int and jax.export.is_symbolic_dim(length)


_CPU_OPTIONS: dict[str, str | bool] = {"xla_cpu_prefer_vector_width": "512"}
"""XLA takes vectors of half the length by default, because the first processors with long ones slowed down for them.
Convolutional nets and LSTMs are 3 to 8 % quicker with long ones, the others as quick. Without effect where there are
none."""


def compile_ahead(function: Callable[..., Any], structs: list[Any], donated: tuple[int, ...]) -> Any:
    """Compile `function` for the given argument structs, under 64-bit semantics.

    **Arguments:**
    - `function`: a pure function of positional arrays.
    - `structs`: one `jax.ShapeDtypeStruct` (or tuple of them) an argument.
    - `donated`: positions of the arguments whose buffers the program may reuse.

    **Returns:** a callable that runs the program without entering the 64-bit context again.
    """
    options = _CPU_OPTIONS if jax.default_backend() == "cpu" else None
    with enable_x64(True):
        return jax.jit(function, donate_argnums=donated).lower(*structs).compile(options)


def _calibrate() -> int | None:
    """The reference count `sys.getrefcount` reports for an object that only one list holds."""
    getrefcount = getattr(sys, "getrefcount", None)
    if getrefcount is None or hasattr(sys, "_is_gil_enabled") and not sys._is_gil_enabled():
        return None
    probe = [object(), object()]
    counts = tuple(map(getrefcount, probe))
    held = probe[0]
    more = tuple(map(getrefcount, probe))
    del held
    if counts[0] != counts[1] or more[0] != counts[0] + 1 or more[1] != counts[1]:
        return None
    return counts[0]


HELD_ONCE = _calibrate()
"""Reference count, seen through `map`, of an object held by one list; None where it cannot be trusted."""


def buffer_copy(array: Any) -> Any:
    """A copy of a JAX array in a buffer of its own."""
    with enable_x64(True):
        return array.copy() if isinstance(array, jax.Array) else np.array(array)


def wide(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` with 64-bit dtypes inside, wherever it is traced; what it returns fits the code around it."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if jax.config.read("jax_enable_x64"):
            return function(*args, **kwargs)
        with enable_x64(True):
            made = function(*args, **kwargs)
        return jax.tree.map(lambda each: each.astype(jax.dtypes.canonicalize_dtype(each.dtype)), made)

    return run
