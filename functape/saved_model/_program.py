"""One saved program: a function of variables and arguments for arguments of one form."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import numpy as np

from functape._core._spec import TensorSpec
from functape._engine._compat import enable_x64, wide
from functape._engine._op import Op
from functape._engine._recorder import record_multiple
from functape.functional._export import exported_for, first_that_works
from functape.functional._functionalize import PureStep, is_leaf
from functape.saved_model._structures import filled, outline, plain

EVERYWHERE = ("cpu", "cuda", "tpu")
"""What programs are compiled for, wherever they are saved."""

SAVED_PROGRAM = Op("SavedProgram", lambda *inputs, program: program.run(*inputs), ("program",), multiple=True)
"""`(*variables, *arguments)`: a program that was loaded runs."""


class Program:
    """A function of arrays that `jax.export` wrote, with the variables it reads and assigns.

    **Arguments:**
    - `data`: the bytes.
    - `reads`: the variables that are its first inputs.
    - `writes`: the variables whose new values are its last outputs.
    - `arguments`: `(args, kwargs)` with specs in place of tensors.
    - `results`: what it returns, likewise.
    """

    def __init__(self, data: bytes, reads: list[Any], writes: list[Any], arguments: Any, results: Any) -> None:
        self.data = data
        self.reads = reads
        self.writes = writes
        self.arguments = arguments
        self.results = results
        self._exported: Any = None

    def run(self, *inputs: Any) -> tuple[Any, ...]:
        """The function of arrays."""
        if self._exported is None:
            self._exported = jax.export.deserialize(bytearray(self.data))
        exported = self._exported

        @wide
        def call(*inputs: Any) -> Any:
            given = [x.astype(each.dtype) for x, each in zip(inputs, exported.in_avals, strict=True)]
            return tuple(exported.call(*given))

        return call(*inputs)

    def __call__(self, tensors: list[Any]) -> Any:
        """Run it on the tensors of its arguments: assigns variables, and returns what the function does."""
        made = record_multiple(SAVED_PROGRAM, (self,), (*self.reads, *tensors))
        count = len(made) - len(self.writes)
        for variable, value in zip(self.writes, made[count:], strict=True):
            variable.assign(value)
        return filled(self.results, iter(made[:count]))


class Exported(NamedTuple):
    """A program as it is saved: with cells, of which each may have several arrays, in place of variables."""

    data: bytes
    reads: list[tuple[Any, int]]
    writes: list[tuple[Any, int]]
    results: Any


def export_program(function: Any, args: Any, kwargs: Any, name: str) -> Exported:
    """Export a function for arguments of one form.

    **Arguments:**
    - `function`: a `tf.function` or any tape-style function.
    - `args`, `kwargs`: plain structures with specs in place of tensors.
    - `name`: for messages.

    **Raises:** `NotImplementedError` for what programs cannot hold; `ValueError` as `first_that_works`.
    """
    # Programs have all of TensorFlow's bits, whatever JAX is set to here.
    with enable_x64(True):
        return first_that_works(lambda args, kwargs: _export(function, args, kwargs, name), args, kwargs, name)


def _export(function: Any, args: Any, kwargs: Any, name: str) -> Exported:
    leaves, structure = jax.tree.flatten((args, kwargs), is_leaf=is_leaf)
    dynamic = [isinstance(leaf, TensorSpec | jax.ShapeDtypeStruct) for leaf in leaves]
    step = PureStep(function, leaves, structure, dynamic)
    places = [(cell, place) for cell, entries in zip(step.layout.cells, step.layout.entries, strict=True)
              for place in range(len(entries))]  # fmt: skip
    staged = step.first.staged
    assigned = {id(cell) for cell, _ in staged.writes}
    written = [number for number, (cell, _) in enumerate(places) if id(cell) in assigned]

    def run(*arrays: Any) -> tuple[Any, ...]:
        after, results = step.evaluate(step.first, list(arrays[: len(places)]), list(arrays[len(places) :]))
        return (*results, *(after[number] for number in written))

    run.__name__ = name
    structs = [jax.ShapeDtypeStruct(each.shape, np.dtype(each.dtype)) for each in step.layout.flat]
    given = [*structs, *(each.struct for each in step.avals)]
    try:
        exported = exported_for(run, given, {}, EVERYWHERE)
    except NotImplementedError:
        # Some ops are not to be had everywhere.
        exported = exported_for(run, given, {}, None)
    specs = iter(_spec(each) for each in exported.out_avals)
    results = outline(step.first.template, specs, name)
    return Exported(_serialized(exported), places, [places[number] for number in written], plain(results))


def _spec(each: Any) -> TensorSpec:
    return TensorSpec([length if isinstance(length, int) else None for length in each.shape], each.dtype)


def _serialized(exported: Any) -> bytes:
    try:
        return bytes(exported.serialize(vjp_order=1))
    except Exception:
        # What has no derivative is saved without.
        return bytes(exported.serialize())
