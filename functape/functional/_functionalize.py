"""`functionalize`: a tape-style step as one pure function of a plain pytree."""

from __future__ import annotations

import functools
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._spec import TensorSpec
from functape._core._variable import Variable
from functape._engine._avals import Aval, Kind, aval
from functape._engine._dtypes import as_dtype
from functape._engine._evaluate import BACKWARD, evaluate
from functape._engine._recorder import Cell, local, new_tensor
from functape._engine._staged import Staged
from functape._engine._trace import ValueNeeded
from functape._ops._lengths import has_symbolic
from functape.function._creation import _ONCE
from functape.function._function import Function
from functape.function._signature import Reading
from functape.function._structure import put_together
from functape.functional._blame import blame
from functape.functional._layout import Layout, canonical, packed, unique_cells, unpacked
from functape.functional._state import remember


def functionalize(fn: Callable[..., Any], *example_args: Any, **example_kwargs: Any) -> tuple[Any, Any]:
    """A tape-style step as a pure function, and the state it begins with.

    Everything the step reads and assigns becomes part of the state: variables, an optimizer's slots, count and learning
    rate, metrics, batch statistics, the state of random ops. Nothing is run and no variable changes. As for a
    `tf.function`, random ops without seeds draw from streams of their own, which the state carries on.

    **Arguments:**
    - `fn`: the step: a function, a method or a `tf.function`.
    - `example_args`, `example_kwargs`: arguments as it will get them: tensors, arrays, numbers, `tf.TensorSpec`s or
      `jax.ShapeDtypeStruct`s, in any nesting. Other Python values (True, None, texts) are part of the step, and so are
      numbers that decide a shape.

    **Returns:** `(step, state)`. `step(state, *args, **kwargs) -> (state, outputs)` is a pure function for `jax.jit`,
    `jax.grad`, `jax.vmap`, `jax.lax.scan`, `jax.shard_map`, `jax.checkpoint` and `jax.export`. `state` is a nested dict
    of arrays under the variables' names; a variable known under two names is there once.
    `step.split(state) -> (trainable, others)` takes the trainable variables out, for `jax.grad`, and
    `step.join(trainable, others)` puts them back. Under JAX's default setting arrays of 64 bits have 32 in the state
    and the outputs, as everywhere in JAX.

    **Raises:** `ValueError` if the step makes a variable each time it runs, with the line that does; `TypeError` if it
    needs the value of a tensor in Python.

    ```python
    >>> import functape as tf, jax
    >>> w = tf.Variable(2.0, name="w")
    >>> def descend(rate):
    ...     with tf.GradientTape() as tape:
    ...         loss = w * w
    ...     w.assign_sub(rate * tape.gradient(loss, w))
    ...     return loss
    >>> step, state = tf.functionalize(descend, 0.25)
    >>> state, loss = jax.jit(step)(state, 0.25)
    >>> print(state, loss)
    {'w': Array(1., dtype=float32)} 4.0
    >>> w.numpy()
    np.float32(2.0)
    >>> tf.load_state(step, state)
    >>> w.numpy()
    np.float32(1.0)

    ```
    """
    if not callable(fn):
        raise TypeError(f"`fn` must be a function to functionalize. Received: {fn!r}")
    if local.recorder.tracing:
        raise RuntimeError("functionalize was called inside a function being traced. Call it outside.")
    local.recorder.flush("a step is functionalized")
    made = trace_step(fn, example_args, example_kwargs)
    return made.public(), made.layout.read()


def trace_step(fn: Callable[..., Any], args: Any, kwargs: Any) -> PureStep:
    """Trace a step, with as many of the numbers among its arguments as inputs as it lets."""
    leaves, structure = jax.tree.flatten((args, kwargs), is_leaf=is_leaf)
    ways = []
    for numbers in ((int, float, complex), (float, complex), ()):
        dynamic = [_is_dynamic(leaf, numbers) for leaf in leaves]
        if dynamic not in ways:
            ways.append(dynamic)
    for dynamic in ways:
        try:
            return PureStep(fn, leaves, structure, dynamic)
        except (TypeError, ValueError, IndexError):
            # A number that is used as a Python number is one.
            if dynamic is ways[-1]:
                raise
    raise AssertionError("unreachable")


def is_leaf(value: Any) -> bool:
    """Whether a value among arguments is taken as a whole."""
    return is_tensor_like(value) or isinstance(value, TensorSpec | jax.ShapeDtypeStruct) or value is None


def _is_dynamic(leaf: Any, numbers: tuple[type, ...]) -> bool:
    if isinstance(leaf, Variable | bool):
        return False
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind in "biufcV"
    if is_tensor_like(leaf):
        return leaf.aval.kind is not Kind.HOST
    return isinstance(leaf, (jax.Array, TensorSpec, jax.ShapeDtypeStruct, *numbers))


def _example(leaf: Any) -> Any:
    if isinstance(leaf, TensorSpec | jax.ShapeDtypeStruct):
        dtype = as_dtype(leaf.dtype)
        shape = tuple(leaf.shape)
        if has_symbolic(shape):
            tensor = new_tensor()
            tensor.home, tensor.aval = _WITHOUT_VALUES, aval(shape, dtype)
            return tensor
        if None in shape:
            raise ValueError(f"An example must have a known shape; any length will do. Received: {leaf!r}")
        return convert(np.zeros(shape, dtype.as_numpy_dtype))
    return convert(leaf)


class _WithoutValues:
    """Where examples with lengths left open belong: they have no values."""

    tracing = False

    @property
    def recorder(self) -> Any:
        """What is asked for their values."""
        return self

    def resolve(self, tensor: Any, reason: str) -> None:
        """**Raises:** `ValueNeeded`."""
        raise ValueNeeded(
            f"The value of an argument of shape {list(tensor.aval.shape)} is needed while the function is exported. "
            "Compute it from shapes or Python values."
        )


_WITHOUT_VALUES = _WithoutValues()


class Traced:
    """A trace of a step for arguments of given shapes.

    **Arguments:**
    - `staged`: the trace.
    - `template`: of what it returns.
    - `order`: for each input of the trace, which of the step's dynamic arguments it is.
    """

    def __init__(self, staged: Staged, template: Any, order: tuple[int, ...]) -> None:
        self.staged = staged
        self.template = template
        self.order = order
        self.cells = unique_cells(
            [each for each in staged.captures if isinstance(each, Cell)] + [cell for cell, _ in staged.writes]
        )


class PureStep:
    """What is behind a functionalized step.

    **Arguments:**
    - `fn`: the tape-style step.
    - `leaves`, `structure`: its example arguments.
    - `dynamic`: which of them are inputs.
    """

    def __init__(self, fn: Any, leaves: list[Any], structure: Any, dynamic: list[bool]) -> None:
        self.fn = fn
        self.structure = structure
        self.dynamic = dynamic
        self.examples = [_example(leaf) if active else leaf for leaf, active in zip(leaves, dynamic, strict=True)]
        self.avals = tuple(
            example.aval.as_kind(Kind.ARRAY) for example, active in zip(self.examples, dynamic, strict=True) if active
        )
        if isinstance(fn, Function):
            self.function = Function(fn.python_function, autograph=fn._autograph)
        else:
            self.function = Function(fn)
        self.first = self._trace([e for e, active in zip(self.examples, dynamic, strict=True) if active])
        self.traces: dict[tuple[Aval, ...], Traced] = {self.avals: self.first}
        self.layout = Layout(self.first.cells)
        remember(self.layout)
        self.runs: dict[tuple[Aval, ...], Callable[..., Any]] = {}
        self.name = getattr(fn, "__name__", None) or type(fn).__name__

    # ---- tracing ---------------------------------------------------------------------------------------------

    def _trace(self, tensors: list[Any]) -> Traced:
        following = iter(tensors)
        leaves = [
            next(following) if active else example for example, active in zip(self.examples, self.dynamic, strict=True)
        ]
        args, kwargs = jax.tree.unflatten(self.structure, leaves)
        function = self.function
        try:
            args, kwargs = function._bind(args, kwargs)
            reading = Reading()
            reading.key((args, kwargs))
            concrete = function._concrete_for(args, kwargs, reading)
            made = len(function._created)
            variant = concrete.variant(args, kwargs, reading)
            if len(function._created) > made:
                # What was made on the first call is there from now on, and must not be made again.
                concrete.variants.clear()
                concrete.may_create = False
                variant = concrete.variant(args, kwargs, reading)
        except ValueError as error:
            if _ONCE in str(error):
                raise ValueError(
                    f"A step must not make a variable each time it runs; this one does at {blame(error)}. A pure "
                    "function cannot carry a variable that begins anew: make it outside the step, or keep it in an "
                    "attribute or a global and make it only if that is None."
                ) from error
            raise
        except ValueNeeded as error:
            raise TypeError(
                f"{error} The line is {blame(error)}. A pure function returns such a value: return the tensor from the "
                "step, and read it outside."
            ) from error
        places = {id(tensor): place for place, tensor in enumerate(tensors)}
        return Traced(variant.staged, variant.template, tuple(places[id(each)] for each in reading.tensors))

    def traced_for(self, avals: tuple[Aval, ...]) -> Traced:
        """The trace for arguments of these shapes; made now if there is none.

        **Raises:** `ValueError` if the step touches other variables for them.
        """
        found = self.traces.get(avals)
        if found is None:
            with jax.core.eval_context():
                found = self._trace([_example(each.struct) for each in avals])
            self._match(found)
            self.traces[avals] = found
        return found

    def _match(self, traced: Traced) -> None:
        """Let a trace's cells stand in the places of those of the first, and check that they are the same."""
        known = {id(cell) for cell in self.layout.cells}
        own = iter([cell for cell in traced.cells if id(cell) not in known])
        old = [cell for cell in self.layout.cells if id(cell) not in {id(each) for each in traced.cells}]
        pairs = list(zip(own, old, strict=False))
        fitting = len(traced.cells) == len(self.layout.cells) and all(type(a) is type(b) for a, b in pairs)
        if not fitting:
            names = [getattr(cell, "name", type(cell).__name__) for cell in traced.cells]
            raise ValueError(
                f"With arguments of these shapes {self.name} touches other variables than with its example arguments: "
                f"{names}. Functionalize it again with arguments of these shapes."
            )
        stand_ins = {id(new): before for new, before in pairs}
        traced.cells = [stand_ins.get(id(cell), cell) for cell in traced.cells]
        traced.stand_ins = stand_ins  # type: ignore[attr-defined]

    # ---- running ---------------------------------------------------------------------------------------------

    def __call__(self, state: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        arrays = self._arrays(args, kwargs)
        avals = tuple(aval(np.shape(array), known.dtype) for array, known in zip(arrays, self.avals, strict=True))
        run = self.runs.get(avals)
        if run is None:
            traced = self.traced_for(avals)
            run = self.runs[avals] = jax.jit(functools.partial(self.evaluate, traced))
        leaves, outputs = run(self.layout.leaves(state), arrays)
        traced = self.traces[avals]
        return self._rebuilt(state, leaves), put_together(traced.template, iter(outputs))

    def evaluate(
        self, traced: Traced, leaves: list[Any], arrays: list[Any], found: dict[int, Any] | None = None
    ) -> tuple[list[Any], list[Any]]:
        """The step on the arrays of a state and of its arguments; `found` receives all values by slot."""
        staged = traced.staged
        stand_ins = getattr(traced, "stand_ins", {})
        with warnings.catch_warnings():
            # What has 64 bits in TensorFlow has as many as JAX is set to.
            warnings.filterwarnings("ignore", "Explicitly requested dtype")
            values = {}
            following = iter(leaves)
            for cell, entries in zip(self.layout.cells, self.layout.entries, strict=True):
                parts = [jnp.asarray(next(following), canonical(entry.dtype)) for entry in entries]
                values[id(cell)] = packed(cell, parts)
            given = [
                jnp.asarray(array, canonical(known.dtype.as_numpy_dtype))
                for array, known in zip(arrays, self.avals, strict=True)
            ]
            inputs = [given[place] for place in traced.order]
            for source in staged.captures:
                if isinstance(source, Cell):
                    inputs.append(values[id(stand_ins.get(id(source), source))])
                else:
                    inputs.append(_constant(source))
            environment: dict[int, Any] = {} if found is None else found
            environment.update(zip(staged.input_slots, inputs, strict=True))
            environment.update(staged.constants)
            evaluate(staged.needed, environment, differentiated=BACKWARD)
            made = [environment[slot] for slot in staged.output_slots]
            count = len(staged.results)
            for (cell, _), value in zip(staged.writes, made[count:], strict=True):
                values[id(stand_ins.get(id(cell), cell))] = value
            after = [part for cell in self.layout.cells for part in unpacked(cell, values[id(cell)])]
            after = [
                jnp.asarray(part, canonical(entry.dtype)) for part, entry in zip(after, self.layout.flat, strict=True)
            ]
            results = [
                jnp.asarray(part, canonical(known.dtype.as_numpy_dtype))
                for part, known in zip(made[:count], staged.output_avals, strict=False)
            ]
        return after, results

    def watched(self, state: Any, args: tuple[Any, ...]) -> list[tuple[Any, tuple[Any, ...]]]:
        """The ops of the step with what each returns, for a state and arguments like the examples."""
        found: dict[int, Any] = {}
        staged = self.first.staged
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Explicitly requested dtype")
            self.evaluate(self.first, self.layout.leaves(state), self._arrays(args, {}), found)
        return [
            (node, tuple(found[slot] for slot in node.outputs))
            for node in staged.needed
            if node.outputs and all(slot in found for slot in node.outputs)
        ]

    def _arrays(self, args: Any, kwargs: Any) -> list[Any]:
        leaves, structure = jax.tree.flatten((args, kwargs), is_leaf=is_leaf)
        if structure != self.structure:
            raise TypeError(
                f"{self.name} was functionalized for arguments of the structure {self.structure}. Received: "
                f"{structure}. Pass arguments like the examples, or functionalize it again."
            )
        arrays = []
        for leaf, example, active in zip(leaves, self.examples, self.dynamic, strict=True):
            if active:
                arrays.append(leaf.__jax_array__() if is_tensor_like(leaf) else leaf)
            elif not isinstance(example, Variable) and not _same(leaf, example):
                raise ValueError(
                    f"{self.name} was functionalized with the Python value {example!r}, which is part of it. Received: "
                    f"{leaf!r}. Functionalize it again with that value; under jax.jit, name the argument in "
                    "static_argnums."
                )
        return arrays

    def _rebuilt(self, state: Any, leaves: list[Any]) -> Any:
        """The state with other arrays; parts of it that the step knows nothing of stay as they are."""
        made = _copied_dicts(state)
        for entry, leaf in zip(self.layout.flat, leaves, strict=True):
            inner = made
            for key in entry.path[:-1]:
                inner = inner[key]
            inner[entry.path[-1]] = leaf
        return made

    # ---- what the caller gets --------------------------------------------------------------------------------

    def split(self, state: Any) -> tuple[Any, Any]:
        """The trainable variables of a state, and the rest."""
        trainable: dict[str, Any] = {}
        others = _copied_dicts(state)
        for entry in self.layout.flat:
            if entry.trainable:
                chain, inner, target = [], others, trainable
                for key in entry.path[:-1]:
                    chain.append((inner, key))
                    inner = inner[key]
                    target = target.setdefault(key, {})
                target[entry.path[-1]] = inner.pop(entry.path[-1])
                for holder, key in reversed(chain):
                    if not holder[key]:
                        del holder[key]
        return trainable, others

    def join(self, trainable: Any, others: Any) -> Any:
        """The inverse of `split`."""
        if isinstance(trainable, dict) and isinstance(others, dict):
            joined = {**others, **trainable}
            for key in trainable.keys() & others.keys():
                joined[key] = self.join(trainable[key], others[key])
            return joined
        return trainable

    def public(self) -> Callable[..., Any]:
        """The pure function."""

        def step(state: Any, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
            return self(state, *args, **kwargs)

        step.__name__ = step.__qualname__ = self.name
        step.__doc__ = f"The pure form of {self.name}: `(state, *args) -> (state, outputs)`."
        step.split, step.join = self.split, self.join  # type: ignore[attr-defined]
        steps[step] = self
        return step


steps: weakref.WeakKeyDictionary[Callable[..., Any], PureStep] = weakref.WeakKeyDictionary()
"""What is behind each functionalized step."""


def _same(leaf: Any, example: Any) -> bool:
    if leaf is example:
        return True
    try:
        return not isinstance(leaf, jax.core.Tracer) and type(leaf) is type(example) and bool(leaf == example)
    except Exception:
        return False


def _constant(tensor: Any) -> Any:
    """The value of a tensor of the code around the step."""
    dtype = tensor.aval.dtype.as_numpy_dtype
    value = tensor.resolve()
    return value if isinstance(value, jax.Array) else np.asarray(value, dtype)


def _copied_dicts(state: Any) -> Any:
    return {key: _copied_dicts(value) for key, value in state.items()} if isinstance(state, dict) else state
