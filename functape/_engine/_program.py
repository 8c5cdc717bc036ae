"""A compiled recording."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._bundle import Bundled, bundles
from functape._engine._compat import HELD_ONCE, buffer_copy, compile_ahead, enable_x64
from functape._engine._errors import InvalidArgumentError
from functape._engine._evaluate import evaluate
from functape._engine._gradient import needed_nodes
from functape._engine._hot import give, share, unshared, values
from functape._engine._op import Op
from functape._engine._state import Node, slot_avals

SCALAR_PAIR = 8
"""Bytes of a scalar that travels as two 32-bit words, since a call outside 64-bit semantics would narrow it."""


_CODES = {"f4": "f", "f8": "d", "f2": "e", "i1": "b", "i2": "h", "i4": "i", "i8": "q", "b1": "?"}
"""The format characters of module `struct`."""


class ScalarGroup:
    """The scalars of one dtype among a recording's inputs, packed into one vector."""

    __slots__ = ("inputs", "dtype", "words", "_codec", "_last", "_packed")

    def __init__(self, inputs: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.inputs = inputs
        self.dtype = dtype
        self.words = dtype.itemsize // 4 if dtype.itemsize >= SCALAR_PAIR else 0
        code = _CODES.get(dtype.str[1:])
        self._codec = None if code is None else struct.Struct(f"={code * len(inputs)}")
        self._last = b""
        self._packed: Any = None

    def pack(self, inputs: list[Any]) -> Any:
        """The vector of the scalars among a recording's inputs."""
        values = [inputs[each] for each in self.inputs]
        try:
            data = self._codec.pack(*values)  # type: ignore[union-attr]
        except (AttributeError, struct.error, OverflowError):
            return self._fitted(values)
        if data == self._last:
            # The second run with the same scalars sends them to the device, the next ones find them there.
            if self._packed.__class__ is np.ndarray:
                self._packed = jax.device_put(self._packed)
            return self._packed
        self._last = data
        packed = np.array(values, self.dtype)
        self._packed = packed.view(np.uint32) if self.words else packed
        return self._packed

    def _fitted(self, values: list[Any]) -> np.ndarray[Any, Any]:
        """The vector of scalars that do not all fit the dtype, or of a dtype that `struct` does not know."""
        try:
            with np.errstate(over="ignore"):
                packed = np.array(values, self.dtype)
        except OverflowError:
            # As TensorFlow does, a Python int keeps the bits that fit.
            bits = 8 * self.dtype.itemsize
            packed = np.array([value % 2**bits for value in values], f"u{self.dtype.itemsize}").view(self.dtype)
        return packed.view(np.uint32) if self.words else packed

    def unpack(self, packed: Any) -> dict[int, Any]:
        """Value by slot, inside the program."""
        if self.words:
            pairs = packed.reshape(len(self.inputs), self.words)
            if self.dtype.kind == "c":
                half = np.dtype(f"f{self.dtype.itemsize // 2}")
                parts = packed.reshape(len(self.inputs), 2, self.words // 2)
                parts = parts[..., 0] if self.words == 2 else parts
                parts = jax.lax.bitcast_convert_type(parts, half)
                packed = jax.lax.complex(parts[:, 0], parts[:, 1])
            else:
                packed = jax.lax.bitcast_convert_type(pairs, self.dtype)
        return {~each: packed[index] for index, each in enumerate(self.inputs)}


class Layout:
    """How the inputs of a recording become the arguments of its program.

    **Arguments:**
    - `avals`: of the inputs.
    - `constants`: value by slot of the inputs that are part of the program.
    """

    __slots__ = ("arrays", "constants", "groups", "structs")

    def __init__(self, avals: list[Aval], constants: dict[int, Any] | None = None) -> None:
        self.constants = constants or {}
        enter = [index for index in range(len(avals)) if ~index not in self.constants]
        self.arrays = tuple(index for index in enter if avals[index].kind is not Kind.SCALAR)
        by_dtype: dict[np.dtype[Any], list[int]] = {}
        for index in enter:
            each = avals[index]
            if each.kind is Kind.SCALAR:
                by_dtype.setdefault(np.dtype(each.dtype.as_numpy_dtype), []).append(index)
        self.groups = tuple(ScalarGroup(tuple(indices), dtype) for dtype, indices in by_dtype.items())
        self.structs: list[Any] = [avals[index].struct for index in self.arrays]
        for group in self.groups:
            words = max(group.words, 1)
            dtype = np.dtype(np.uint32) if group.words else group.dtype
            self.structs.append(jax.ShapeDtypeStruct((len(group.inputs) * words,), dtype))

    def environment(self, arguments: tuple[Any, ...]) -> dict[int, Any]:
        values = {~index: value for index, value in zip(self.arrays, arguments, strict=False)}
        for group, packed in zip(self.groups, arguments[len(self.arrays) :], strict=True):
            values.update(group.unpack(packed))
        values.update(self.constants)
        return values


class Program:
    """A compiled recording that returns the tensors in some of its slots.

    **Arguments:**
    - `nodes`: the recording.
    - `live`: slots to return.
    - `replaced`: for each input whose holder has a new value by the end, its index and the slot of that value. The
      value takes over the buffer of the one before it.
    - `constants`: value by slot of the inputs that are part of the program.
    """

    __slots__ = (
        "live", "layout", "used", "runs", "_single", "_bundles", "_run", "_arrays", "_groups", "_donated",
        "_donated_arguments",
    )  # fmt: skip

    def __init__(
        self,
        nodes: list[Node],
        live: tuple[int, ...],
        replaced: tuple[tuple[int, int], ...],
        constants: dict[int, Any] | None = None,
    ) -> None:
        self.live = live
        self.used = 0
        """When it was last run, in flushes."""
        self.runs = 0
        avals = slot_avals(nodes)
        entered = [avals[~index] for index in range(sum(len(node.entered) for node in nodes))]
        self.layout = layout = Layout(entered, constants)
        self._bundles = bundles(nodes, live, avals)
        bundled = {slot for bundle in self._bundles for slot in bundle.slots}
        # JAX pairs donated arguments with results of their shape, both in order: out of step, XLA would have to copy.
        pairs = sorted(pair for pair in replaced if HELD_ONCE is not None and _fits(avals, live, *pair))
        successors = [slot for _, slot in pairs]
        self._single = (*successors, *(slot for slot in live if slot not in bundled and slot not in successors))
        self._arrays = layout.arrays
        self._groups = layout.groups
        self._donated = tuple(index for index, _ in pairs)
        self._donated_arguments = tuple(self._arrays.index(index) for index in self._donated)
        self._run = self._compile(nodes)

    def _compile(self, nodes: list[Node]) -> Callable[..., Any]:
        return compile_ahead(self.function(nodes), self.layout.structs, self._donated_arguments)

    def run(self, inputs: list[Any], outputs: Any) -> None:
        """Run on a recording's inputs and give the live tensors their values."""
        self.runs += 1
        arguments = values(inputs, self._arrays)
        donated, positions = self._donated, self._donated_arguments
        if donated and not unshared(inputs, donated, arguments, positions):
            self._copy_shared(inputs, arguments)
        for group in self._groups:
            arguments.append(group.pack(inputs))
        results = self._run(*arguments)
        give(outputs, self._single, results)
        if self._bundles:
            for bundle, vector in zip(self._bundles, results[len(self._single) :]):  # noqa: B905
                share(outputs, bundle.slots, Bundled(bundle, vector))

    def function(
        self, nodes: list[Node], transform: Callable[[Op, Any], Any] | None = None
    ) -> Callable[..., tuple[Any, ...]]:
        """The recording as a pure function from the program's arguments to its results."""
        needed = needed_nodes(nodes, self.live)

        def recorded(*arguments: Any) -> tuple[Any, ...]:
            environment = self.layout.environment(arguments)
            evaluate(needed, environment, transform)
            results = [environment[slot] for slot in self._single]
            return (*results, *(bundle.pack(environment) for bundle in self._bundles))

        return recorded

    def _copy_shared(self, inputs: list[Any], arguments: list[Any]) -> None:
        """Copy each argument about to be donated whose buffer anybody else still holds."""
        for index, position in zip(self._donated, self._donated_arguments, strict=True):
            if not unshared(inputs, (index,), arguments, (position,)):
                value = arguments[position]
                arguments[position] = tuple(map(buffer_copy, value)) if type(value) is tuple else buffer_copy(value)


class OpByOpProgram(Program):
    """A recording run op by op, each op compiled by itself: for debugging, and the floor under a storm of programs.

    One that is run again and again after all is compiled whole.
    """

    __slots__ = ("_nodes",)

    def _compile(self, nodes: list[Node]) -> Callable[..., Any]:
        self._nodes = nodes
        function = self.function(nodes, _kernel)

        def run(*arguments: Any) -> tuple[Any, ...]:
            with enable_x64(True):
                results = function(*jax.tree.map(jnp.asarray, arguments))
            if numerics.checked:
                _check_numerics(results, nodes)
            return results

        return run

    def run(self, inputs: list[Any], outputs: Any) -> None:
        """As `Program.run`."""
        if self.runs == WORTH_COMPILING and not numerics.checked:
            self._run = super()._compile(self._nodes)
        super().run(inputs, outputs)


class Numerics:
    """Whether programs run op by op look for NaNs and infinities in what they return."""

    checked = False


numerics = Numerics()


def _check_numerics(results: tuple[Any, ...], nodes: list[Node]) -> None:
    """Refuse results that are not finite.

    **Raises:** `InvalidArgumentError` that names the op and the line that recorded it.
    """
    for each in jax.tree.leaves(results):
        if jnp.issubdtype(each.dtype, jnp.inexact):
            values = np.asarray(each)
            wide = values if values.dtype.kind in "fc" else values.astype(np.float32)
            if not np.isfinite(wide).all():
                found = [word for word, test in (("Inf", np.isinf), ("NaN", np.isnan)) if test(wide).any()]
                node = nodes[-1]
                raise InvalidArgumentError(
                    message=f"Detected {' and '.join(found)} in the output of op {node.op.name!r} (shape "
                    f"{values.shape}, dtype {values.dtype}), recorded at {node.line}. "
                    "tf.debugging.disable_check_numerics() ends the search."
                )


WORTH_COMPILING = 8
"""Runs after which a recording run op by op is compiled whole."""


_kernels: dict[Any, Callable[..., Any]] = {}


def _kernel(op: Op, statics: Any) -> Callable[..., Any]:
    """One op, compiled by itself."""
    found = _kernels.get((op, statics))
    if found is None:
        found = _kernels[op, statics] = jax.jit(op.bind(statics))
    return found


def _fits(avals: dict[int, Aval], live: tuple[int, ...], index: int, slot: int) -> bool:
    """Whether the value in `slot` is returned and can take over the buffers of input `index`."""
    return slot in live and _buffers(avals[~index]) == _buffers(avals[slot])


def _buffers(each: Aval) -> list[Any]:
    return [(leaf.shape, leaf.dtype) for leaf in each.leaves or (each,)]
