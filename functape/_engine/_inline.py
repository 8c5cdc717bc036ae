"""A recording run inside a JAX transformation of the user's: its values are tracers."""

from __future__ import annotations

import warnings
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval, Kind, aval
from functape._engine._compat import is_tracer
from functape._engine._evaluate import evaluate
from functape._engine._gradient import needed_nodes
from functape._engine._program import Program
from functape._engine._state import Node, slot_avals
from functape._engine._tensor import BaseTensor


def takes_tracers(nodes: list[Node]) -> bool:
    """Whether tracers enter a recording."""
    return any(each.kind is Kind.TRACER for node in nodes for each in node.entered)


class InlineProgram(Program):
    """A recording that tracers enter, run where it stands; as `Program` otherwise."""

    __slots__ = ("_constants", "_inputs", "_needed")

    def __init__(
        self,
        nodes: list[Node],
        live: tuple[int, ...],
        replaced: tuple[tuple[int, int], ...],
        constants: dict[int, Any] | None = None,
    ) -> None:
        self.live = live
        self.used = self.runs = 0
        avals = slot_avals(nodes)
        self._inputs = [avals[~index] for index in range(sum(len(node.entered) for node in nodes))]
        self._needed = needed_nodes(nodes, live)
        self._arrays = ()
        self._constants = constants or {}

    def run(self, inputs: list[Any], outputs: Any) -> None:
        """As `Program.run`.

        **Raises:** `TypeError` if a variable would be left with a tracer.
        """
        self.runs += 1
        used = {ref for node in self._needed for ref in node.refs} | set(self.live)
        with warnings.catch_warnings():
            # What has 64 bits in TensorFlow has as many as JAX is set to.
            warnings.filterwarnings("ignore", "Explicitly requested dtype")
            environment = {
                ~index: _entering(value, self._inputs[index])
                for index, value in enumerate(inputs)
                if ~index in used and ~index not in self._constants
            }
            environment.update(self._constants)
            evaluate(self._needed, environment)
        results = [(outputs[slot], environment[slot]) for slot in self.live]
        for tensor, value in results:
            if getattr(tensor, "variable", None) is not None and any(map(is_tracer, jax.tree.leaves(value))):
                raise TypeError(
                    "A variable was assigned inside a JAX transformation (jax.jit, jax.grad, jax.vmap, ...), which "
                    "would leave a tracer in it. Make a pure function of the step instead: step, state = "
                    "functape.functionalize(fn, *example_args), and transform that."
                )
        for tensor, value in results:
            tensor.value = value
            if is_tracer(value):
                tensor.aval = aval(value.shape, value.dtype.type, Kind.TRACER)


def _entering(value: Any, known: Aval) -> Any:
    if isinstance(value, BaseTensor):
        value = value.resolve()
    if is_tracer(value) or known.kind is Kind.TREE:
        return value
    dtype = np.dtype(known.dtype.as_numpy_dtype)
    return jnp.asarray(value, jax.dtypes.canonicalize_dtype(dtype))
