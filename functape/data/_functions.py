"""Functions given by the user to `map` and its kin.

A function is traced once, like one decorated with `tf.function`, and the trace is compiled for one element and for
many: rows in memory are mapped a batch at a time. What a trace cannot hold (strings, files, Python values) runs as it
is, element by element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from functape._core._convert import convert
from functape._core._random_state import RandomState
from functape._core._shape import TensorShape
from functape._core._spec import TensorSpec
from functape._core._symbolic import SymbolicTensor
from functape._engine._avals import Aval, Kind, aval
from functape._engine._compat import compile_ahead, enable_x64
from functape._engine._recorder import Cell, local
from functape._engine._staged import Staged, stage
from functape._engine._trace import HostShapeNeeded, ValueNeeded
from functape.data._structure import (
    Leaves,
    Packer,
    element_of,
    flatten_element,
    host_values,
    to_tensor,
    with_lists_as_components,
)

_FILLS = (3, 5)
"""Sizes that stand for one that is not known: dimensions of a result that differ between them are not known either."""


_WORD = 4
"""Bytes of what a call passes on as it is."""


class UserFunction:
    """A function of elements.

    **Arguments:**
    - `function`: the user's; a tuple's components are its arguments.
    - `specs`: the structures its arguments come in.
    """

    def __init__(self, function: Callable[..., Any], specs: tuple[Any, ...]) -> None:
        if not callable(function):
            raise TypeError(f"A function of elements is needed. Received: {function!r}")
        self.function = function
        self._packers = [(len(flatten_element(spec)), Packer(spec)) for spec in specs]
        self._flat = [each for spec in specs for each in flatten_element(spec)]
        self._staged: dict[tuple[Aval, ...], _Compiled] = {}
        self._structure: Any = None
        self._output: Any = None
        self.eager = not all(isinstance(spec, TensorSpec) and spec.dtype.name != "string" for spec in self._flat)
        """Whether it runs as it is."""
        self._of_python = False
        """Whether a Python function in it decides the shapes, so that nothing is known of them."""
        self.random = False
        """Whether it is compiled and draws random numbers."""
        self._pass: RandomPass | None = None
        if not self.eager:
            self._trace_for_spec()

    # ---- what it returns -------------------------------------------------------------------------------------

    @property
    def output(self) -> Any:
        """The spec of what it returns, or None if that is only known once it has run."""
        return self._output

    def _trace_for_spec(self) -> None:
        specs = []
        for fill in _FILLS if any(not spec.shape.is_fully_defined() for spec in self._flat) else _FILLS[:1]:
            avals = []
            for spec in self._flat:
                if spec.shape.rank is None:
                    # Traced for the shapes that come; what it returns is only known then.
                    return
                shape = tuple(fill if size is None else size for size in spec.shape)
                avals.append(aval(shape, spec.dtype))
            try:
                compiled = self._compile(tuple(avals))
            except Exception:
                if all(spec.shape.is_fully_defined() for spec in self._flat):
                    raise
                # The sizes that stand for unknown ones may not suit the function; those that come are tried then.
                return
            if compiled is None:
                return
            specs.append(compiled.specs)
        self._output = with_lists_as_components(
            self._structure, [TensorSpec(_agreed(shapes), kind) for kind, *shapes in _columns(specs)]
        )

    def _compile(self, avals: tuple[Aval, ...]) -> _Compiled | None:
        found = self._staged.get(avals)
        if found is not None:
            return found
        try:
            staged, structure = stage(self._body, avals, local.recorder, getattr(self.function, "__name__", "function"))
        except (ValueNeeded, _NotTraceable) as error:
            self.eager, self._of_python = True, isinstance(error, HostShapeNeeded)
            return None
        if self._structure is None:
            self._structure = structure
        if staged.effects or not all(isinstance(cell, RandomState) for cell, _ in staged.writes):
            self.eager = True
            self._output = self._output or self._output_of(staged)
            return None
        made = self._staged[avals] = _Compiled(staged)
        self.random = self.random or bool(staged.writes)
        return made

    def _output_of(self, staged: Staged) -> Any:
        """The spec of what it returns, where Python functions decide the shapes of all but what it passes on."""
        inputs = set(staged.input_slots[: staged.count])
        if any(not spec.shape.is_fully_defined() for spec in self._flat) or staged.writes:
            return None
        return with_lists_as_components(
            self._structure,
            [
                TensorSpec(each.shape if slot in inputs else None, each.dtype)
                for slot, each in zip(staged.results, staged.output_avals, strict=False)
            ],
        )

    def _body(self, *tensors: Any) -> tuple[list[Any], Any]:
        from functape.function._autograph import convert as converted

        result = _as_tuple(self._call(converted(self.function), list(tensors)))
        components = flatten_element(result)
        for each in components:
            if hasattr(each, "element_spec") or hasattr(each, "_type_spec") or each is None:
                raise _NotTraceable
        made = [each if isinstance(each, SymbolicTensor) else convert(each) for each in components]
        if any(each.aval.kind is Kind.HOST for each in made):
            raise _NotTraceable
        return made, _without_tensors(result)

    def _call(self, function: Callable[..., Any], tensors: list[Any]) -> Any:
        arguments, start = [], 0
        for count, packer in self._packers:
            arguments.append(packer.pack(tensors[start : start + count]))
            start += count
        return function(*arguments)

    # ---- running it ------------------------------------------------------------------------------------------

    def __call__(self, leaves: Leaves) -> Leaves:
        """What it returns for one element, as components."""
        if not self.eager:
            compiled = self.compiled_for(leaves)
            if compiled is not None:
                if compiled.random:
                    self._pass = self._pass or RandomPass(self)
                    return self._pass(leaves)
                return compiled.one(leaves)
        return self.run(leaves)

    def compiled_for(self, leaves: Leaves) -> _Compiled | None:
        """Its program for such components; None if it runs as it is."""
        compiled = self._compile(tuple(aval(np.shape(leaf), np.asarray(leaf).dtype.type) for leaf in leaves))
        if compiled is not None and self._output is None:
            self._output = with_lists_as_components(
                self._structure, [TensorSpec(None, spec.dtype) for spec in compiled.specs]
            )
        return compiled

    def begin(self) -> Callable[[Leaves], Leaves]:
        """The function for one pass: random numbers begin anew with each, as in TensorFlow."""
        return RandomPass(self) if self.random else self

    def run(self, leaves: Leaves) -> Leaves:
        """As a call, always as the function is."""
        tensors = [to_tensor(leaf) for leaf in leaves]
        result = _as_tuple(self._call(self.function, tensors))
        if self._output is not None:
            return host_values(result)
        spec, made = element_of(result)
        passed = {id(tensor): spec for tensor, spec in zip(tensors, self._flat, strict=True)}
        self._output = with_lists_as_components(
            spec,
            [
                passed.get(id(value)) or _loosened(each, self._of_python)
                for value, each in zip(flatten_element(result), flatten_element(spec), strict=True)
            ],
        )
        return made

    def many(self, leaves: Leaves) -> Leaves:
        """What it returns for stacked elements, stacked; it must not be `eager`."""
        avals = tuple(aval(np.shape(leaf)[1:], np.asarray(leaf).dtype.type) for leaf in leaves)
        compiled = self._compile(avals)
        if compiled is not None:
            return compiled.many(leaves)
        results = [self.run(row) for row in zip(*leaves, strict=True)]
        return tuple(np.stack(column) for column in zip(*results, strict=True))


class RandomPass:
    """A function that draws random numbers, in one pass over a dataset.

    **Arguments:**
    - `function`: the function.
    """

    def __init__(self, function: UserFunction) -> None:
        self._function = function
        self._states: dict[int, list[Any]] = {}

    def __call__(self, leaves: Leaves) -> Leaves:
        """What it returns for one element, as components."""
        compiled = self._function.compiled_for(leaves)
        return self._function.run(leaves) if compiled is None else compiled.next_one(self._state(compiled), leaves)

    def many(self, leaves: Leaves) -> Leaves | None:
        """What it returns for stacked elements, one after the other, stacked; None if it cannot."""
        compiled = self._function.compiled_for(tuple(leaf[0] for leaf in leaves))
        return None if compiled is None else compiled.next_many(self._state(compiled), leaves)

    def _state(self, compiled: _Compiled) -> list[Any]:
        state = self._states.get(id(compiled))
        if state is None:
            state = self._states[id(compiled)] = compiled.first_state()
        return state


class _NotTraceable(Exception):
    """A function returned what a trace cannot hold."""


class _Compiled:
    """A trace, compiled for one element and for many."""

    def __init__(self, staged: Staged) -> None:
        self._staged = staged
        self._count = len(staged.results)
        self.specs = [TensorSpec(each.shape, each.dtype) for each in staged.output_avals[: self._count]]
        self.random = bool(staged.writes)
        self._programs: dict[Any, Any] = {}

    def one(self, leaves: Leaves) -> Leaves:
        return self._run(None, leaves)

    def many(self, leaves: Leaves) -> Leaves:
        return self._run(len(leaves[0]) if leaves else None, leaves)

    def _run(self, size: int | None, leaves: Leaves) -> Leaves:
        captured = [_value(source) for source in self._staged.captures]
        program = self._programs.get(size)
        if program is None:
            program = self._programs[size] = self._program(size)
        return tuple(np.asarray(each) for each in program(*map(_argument, leaves), *captured))

    # ---- with random numbers ---------------------------------------------------------------------------------

    def first_state(self) -> list[Any]:
        """The random state that a pass begins with."""
        cells: list[Any] = [cell for cell, _ in self._staged.writes]
        return [_argument(cell.first()) for cell in cells]

    def next_one(self, state: list[Any], leaves: Leaves) -> Leaves:
        """As `one`; `state` is taken further."""
        return self._drawn("next", state, leaves)

    def next_many(self, state: list[Any], leaves: Leaves) -> Leaves:
        """As `many`, one after the other; `state` is taken further."""
        return self._drawn(len(leaves[0]), state, leaves)

    def _drawn(self, size: Any, state: list[Any], leaves: Leaves) -> Leaves:
        drawing = {id(cell): place for place, (cell, _) in enumerate(self._staged.writes)}
        others = [_value(each) for each in self._staged.captures if id(each) not in drawing]
        program = self._programs.get(("random", size))
        if program is None:
            program = self._programs["random", size] = self._random_program(size, drawing, len(others))
        made = program(*state, *others, *map(_argument, leaves))
        state[:] = made[: len(state)]
        return tuple(np.asarray(each) for each in made[len(state) :])

    def _random_program(self, size: Any, drawing: dict[int, int], others: int) -> Any:
        staged, states = self._staged, len(drawing)
        slots = [drawing.get(id(each)) for each in staged.captures]

        def once(state: Any, constants: Any, row: Any) -> tuple[Any, Any]:
            rest = iter(constants)
            captured = [next(rest) if place is None else state[place] for place in slots]
            made = staged.function(*row, *captured)
            return tuple(made[self._count :]), tuple(made[: self._count])

        def function(*values: Any) -> tuple[Any, ...]:
            state, constants, rows = values[:states], values[states : states + others], values[states + others :]
            if size == "next":
                state, made = once(state, constants, rows)
            else:
                state, made = jax.lax.scan(lambda carry, row: once(carry, constants, row), state, rows)
            return (*state, *made)

        avals = staged.input_avals
        captured = avals[staged.count :]
        structs = [jax.ShapeDtypeStruct((6,), np.uint32)] * states
        structs += [each.struct for each, place in zip(captured, slots, strict=True) if place is None]
        lead = () if size == "next" else (size,)
        structs += [
            jax.ShapeDtypeStruct((*lead, *each.struct.shape), each.struct.dtype) for each in avals[: staged.count]
        ]
        return compile_ahead(function, structs, ())

    def _program(self, size: int | None) -> Any:
        staged = self._staged
        structs = [each.struct for each in staged.input_avals]
        function = staged.function
        if size is not None:
            inputs = range(staged.count)
            function = jax.vmap(function, [0 if place in inputs else None for place in range(len(structs))])
            structs = [
                jax.ShapeDtypeStruct((size, *each.shape), each.dtype) if place in inputs else each
                for place, each in enumerate(structs)
            ]
        return compile_ahead(function, structs, ())


def _value(source: Any) -> Any:
    """The present value of what a trace captured."""
    tensor = source.tensor if isinstance(source, Cell) else source
    value = tensor.resolve("a function of a dataset reads it")
    return value if isinstance(value, jax.Array) else _argument(value, tensor.aval.dtype.as_numpy_dtype)


def _argument(leaf: Any, dtype: Any = None) -> Any:
    """A host array as the argument of a program; outside 64-bit semantics a wide one would be narrowed."""
    array = np.asarray(leaf, dtype)
    if array.itemsize <= _WORD:
        return array
    with enable_x64(True):
        return jax.device_put(array)


def _as_tuple(result: Any) -> Any:
    """A list that a function returns stands for several components."""
    return tuple(result) if isinstance(result, list) else result


def _columns(specs: list[list[TensorSpec]]) -> list[tuple[Any, ...]]:
    return [(column[0].dtype, *(each.shape for each in column)) for column in zip(*specs, strict=True)]


def _agreed(shapes: list[TensorShape]) -> TensorShape:
    agreed = shapes[0]
    for shape in shapes[1:]:
        agreed = agreed.most_specific_compatible_shape(shape)
    return agreed


def _loosened(spec: Any, of_python: bool) -> Any:
    """What is known of a component from one example: its rank, or nothing if Python made it."""
    if not isinstance(spec, TensorSpec):
        return spec
    return TensorSpec(None if of_python else [None] * len(spec.shape), spec.dtype)


def _without_tensors(structure: Any) -> Any:
    """The structure alone: symbolic tensors must not outlive their trace."""
    return with_lists_as_components(structure, [None] * len(flatten_element(structure)))


def predicate_value(leaves: Leaves) -> bool:
    """The value of a predicate.

    **Raises:** `ValueError` if it is no scalar bool.
    """
    if len(leaves) != 1 or np.ndim(leaves[0]) or np.asarray(leaves[0]).dtype != bool:
        raise ValueError("`predicate` must return a scalar boolean tensor.")
    return bool(leaves[0])
