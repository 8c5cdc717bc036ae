"""Which inputs each output of a pure function depends on.

The gradient of a linear function does not depend on its argument, so that the gradient of that gradient is unconnected.
JAX would return zeros; the traced function tells the two apart.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax

from functape._engine._compat import enable_x64

_CALLS = {"jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "remat", "checkpoint"}
"""Primitives whose only work is to call a traced function on their operands."""

_NOTHING: frozenset[int] = frozenset()


def dependence(function: Callable[..., Any], structs: list[Any]) -> tuple[frozenset[int], ...]:
    """For each output of `function`, the positions of the arguments it is computed from.

    **Arguments:**
    - `function`: a pure function of arrays, or tuples of arrays, that returns a tuple of arrays.
    - `structs`: one `jax.ShapeDtypeStruct`, or a tuple of them, an argument.
    """
    with enable_x64(True):
        traced = jax.make_jaxpr(function)(*structs)
    sources = [
        frozenset((position,)) for position, struct in enumerate(structs) for _ in range(len(jax.tree.leaves(struct)))
    ]
    return tuple(_outputs(traced.jaxpr, sources))


def _outputs(jaxpr: Any, sources: list[frozenset[int]]) -> list[frozenset[int]]:
    """What the outputs of a traced function depend on, given what its inputs do."""
    known = dict(zip(jaxpr.invars, sources, strict=True))

    def of(variable: Any) -> frozenset[int]:
        # A literal has a value and depends on nothing; so does a constant that the trace closed over.
        return _NOTHING if hasattr(variable, "val") else known.get(variable, _NOTHING)

    for equation in jaxpr.eqns:
        given = [of(variable) for variable in equation.invars]
        called = _called(equation)
        if called is None:
            everything = _NOTHING.union(*given)
            made = [everything] * len(equation.outvars)
        else:
            made = _outputs(called, given)
        known.update(zip(equation.outvars, made, strict=True))
    return [of(variable) for variable in jaxpr.outvars]


def _called(equation: Any) -> Any:
    """The traced function that an equation calls; None if it does anything else."""
    if equation.primitive.name not in _CALLS:
        return None
    inner = next((equation.params[name] for name in ("jaxpr", "call_jaxpr") if name in equation.params), None)
    inner = getattr(inner, "jaxpr", inner)
    return inner if inner is not None and len(inner.invars) == len(equation.invars) else None
