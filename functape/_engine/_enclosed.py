"""Part of a program as one op: a gradient that the user wrote, and what is computed again on the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from functape._engine._avals import Aval, Kind
from functape._engine._cache import cache
from functape._engine._evaluate import evaluate
from functape._engine._gradient import needed_nodes
from functape._engine._op import Op
from functape._engine._recorder import Recorder, local, new_tensor, record_multiple
from functape._engine._scalars import scalar_aval
from functape._engine._state import State, slot_avals
from functape._engine._tensor import BaseTensor
from functape._engine._trace import Trace


class Enclosed:
    """A trace as a pure function of its symbolic inputs and of what it captured.

    **Arguments:**
    - `trace`: the trace, finished.
    - `results`: slots of what it returns.
    """

    __slots__ = ("inputs", "nodes", "results", "__weakref__")

    def __init__(self, trace: Trace, results: tuple[int, ...]) -> None:
        self.nodes = needed_nodes(trace.state.path(), results)
        self.inputs = tuple(~index for index in range(len(trace.inputs)))
        self.results = results

    def __call__(self, *inputs: Any) -> tuple[Any, ...]:
        environment = dict(zip(self.inputs, inputs, strict=True))
        evaluate(self.nodes, environment)
        return tuple(environment[slot] for slot in self.results)


class _Kept(Trace):
    """A trace whose states are kept from one call to the next: nothing but look-ups from the second on."""

    __slots__ = ("root",)

    def __init__(self, outer: Recorder, name: str, root: State | None) -> None:
        self.root = root
        super().__init__(outer, name)

    def _begin(self) -> None:
        super()._begin()
        if self.root is not None:
            self.state = self.root

    def placeholders(self, avals: Sequence[Aval]) -> list[Any]:
        made = super().placeholders(avals)
        if self.root is None:
            self.root = self.state
        else:
            self.state = self.root
        return made


class Encloser:
    """Makes one op of what a function records, again and again.

    **Arguments:**
    - `name`: the function's name, for messages.
    """

    __slots__ = ("_made", "_name", "_roots")

    def __init__(self, name: str) -> None:
        self._name = name
        self._roots: dict[tuple[Aval, ...], State] = {}
        self._made: dict[Any, Any] = {}

    def trace(
        self, function: Callable[..., Sequence[Any]], avals: Sequence[Aval], make: Callable[..., Any], *others: Any
    ) -> tuple[Any, tuple[Any, ...], Trace]:
        """Trace `function`.

        **Arguments:**
        - `function`: takes a symbolic tensor for each of `avals`; returns tensors.
        - `make`: the op's attribute, from an `Enclosed` and `others`; made once for each way the trace goes.
        - `others`: hashable.

        **Returns:** the attribute, the tensors captured, and the trace.
        """
        known = tuple(avals)
        if cache.op_by_op or len(self._made) > _MAX_TRACES:
            self._roots.clear()
            self._made.clear()
        trace = _Kept(local.recorder, self._name, self._roots.get(known))
        symbols = trace.placeholders(known)
        results = tuple(trace.keep(each).slot for each in trace.run(function, *symbols))
        self._roots[known] = trace.root  # type: ignore[assignment]
        captured = _captured(trace, len(known))
        key = (trace.state, results, *others)
        attribute = self._made.get(key)
        if attribute is None:
            attribute = self._made[key] = make(Enclosed(trace, results), *others)
        return attribute, captured, trace


_MAX_TRACES = 1024


def _captured(trace: Trace, count: int) -> tuple[Any, ...]:
    """What entered a trace after its symbolic inputs, as tensors."""
    avals = None
    captured = []
    scalars = {trace.slots[id(tensor)]: tensor for tensor in trace.kept}
    for index in range(count, len(trace.inputs)):
        value = scalars.get(~index, trace.inputs[index])
        if not isinstance(value, BaseTensor):
            avals = slot_avals(trace.state.path()) if avals is None else avals
            tensor = new_tensor()
            tensor.home = None
            tensor.aval = scalar_aval(avals[~index].dtype)
            tensor.value = value
            value = tensor
        captured.append(value)
    return tuple(captured)


# ---- a gradient of the user's own ------------------------------------------------------------------------------------


class Backward:
    """The gradient of some values with respect to some arguments, as the user wrote it.

    **Arguments:**
    - `enclosed`: from cotangents of the values, and what it captured, to the gradients.
    - `values`: the number of the values.
    - `arguments`: the number of the arguments.
    - `given`: for each gradient, the argument it belongs to.
    """

    __slots__ = ("arguments", "enclosed", "given", "values")

    def __init__(self, enclosed: Enclosed, values: int, arguments: int, given: tuple[int, ...]) -> None:
        self.enclosed = enclosed
        self.values = values
        self.arguments = arguments
        self.given = given


def _custom_gradient(*inputs: Any, backward: Backward) -> tuple[Any, ...]:
    count = backward.values
    arguments = range(count, count + backward.arguments)

    @jax.custom_vjp
    def function(*inputs: Any) -> tuple[Any, ...]:
        return inputs[:count]

    def run(*inputs: Any) -> tuple[Any, Any]:
        values = tuple(each.value for each in inputs)
        # Which of the two it is, is part of the structure, which is static: None holds no arrays.
        users = () if any(inputs[place].perturbed for place in arguments) else None
        return values[:count], (values, users)

    def back(residuals: Any, cotangents: Any) -> tuple[Any, ...]:
        inputs, users = residuals
        cotangents = tuple(
            jnp.zeros(each.shape, each.dtype) if isinstance(each, jax.custom_derivatives.SymbolicZero) else each
            for each in cotangents
        )
        if users is None:
            # As in TensorFlow, what does not depend on the arguments has the gradients of what was computed.
            return cotangents + (None,) * (len(inputs) - count)
        arriving = [_cotangent(each, value) for each, value in zip(cotangents, inputs, strict=False)]
        gradients = backward.enclosed(*arriving, *inputs[arguments.stop :])
        leaving: list[Any] = [None] * len(inputs)
        for place, gradient in zip(backward.given, gradients, strict=True):
            argument = inputs[count + place]
            real = jnp.issubdtype(gradient.dtype, jnp.complexfloating) and argument.dtype.kind != "c"
            fitted = jnp.broadcast_to(gradient.real if real else gradient, argument.shape).astype(argument.dtype)
            # As at the ends of a walk: TensorFlow's gradient is the conjugate of JAX's cotangent.
            leaving[count + place] = jnp.conj(fitted) if argument.dtype.kind == "c" else fitted
        return tuple(leaving)

    function.defvjp(run, back, symbolic_zeros=True)
    return function(*inputs)


def _cotangent(cotangent: Any, value: Any) -> Any:
    if not jnp.issubdtype(value.dtype, jnp.inexact):
        return jnp.zeros_like(value)
    return jnp.conj(cotangent) if jnp.issubdtype(value.dtype, jnp.complexfloating) else cotangent


def _carries(statics: tuple[Any, ...], tracked: tuple[int, ...], forward: bool) -> tuple[int, ...]:
    (backward,) = statics
    values = range(backward.values)
    if forward:
        return tuple(values)
    arguments = range(backward.values, backward.values + backward.arguments)
    if any(position in arguments for position in tracked):
        return tuple(backward.values + place for place in backward.given)
    return tuple(position for position in tracked if position in values)


CUSTOM_GRADIENT = Op("CustomGradient", _custom_gradient, ("backward",), multiple=True, carries=_carries)
"""`(*values, *arguments, *captured)`: the values, whose gradient is the user's."""


def with_gradient(
    encloser: Encloser,
    gradient: Callable[..., tuple[Sequence[Any], tuple[int, ...]]],
    values: Sequence[Any],
    arguments: Sequence[Any],
) -> tuple[Any, ...]:
    """Record `values` again, with a gradient of the user's own with respect to `arguments`.

    **Arguments:**
    - `gradient`: from symbolic cotangents of the values to gradients, and the numbers of the arguments they are for.
    - `values`, `arguments`: tensors or variables.
    """
    given: tuple[int, ...] = ()

    def run(*cotangents: Any) -> Sequence[Any]:
        nonlocal given
        gradients, given = gradient(*cotangents)
        return gradients

    def make(enclosed: Enclosed, count: int, others: int) -> Backward:
        return Backward(enclosed, count, others, given)

    avals = [each.aval.as_kind(Kind.ARRAY) for each in values]
    backward, captured, _ = encloser.trace(run, avals, make, len(values), len(arguments))
    return record_multiple(CUSTOM_GRADIENT, (backward,), (*values, *arguments, *captured))


# ---- computed again on the way back ----------------------------------------------------------------------------------


def _recompute(*inputs: Any, enclosed: Enclosed) -> tuple[Any, ...]:
    return jax.checkpoint(enclosed)(*inputs)


RECOMPUTE = Op("Recompute", _recompute, ("enclosed",), multiple=True)
"""What a function recorded, of which nothing is kept for the gradient but what it captured."""


def recompute(encloser: Encloser, function: Callable[[], Sequence[Any]]) -> tuple[Any, ...]:
    """Record what `function` records as one op; returns its results.

    **Raises:** `NotImplementedError` if it assigns a variable.
    """
    enclosed, captured, trace = encloser.trace(function, (), lambda enclosed: enclosed)
    if trace.written:
        trace.undo()
        raise NotImplementedError(
            "A function given to tf.recompute_grad runs twice and so must not assign variables. Return the new value, "
            "and assign it outside."
        )
    return record_multiple(RECOMPUTE, (enclosed,), captured)
