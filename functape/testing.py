"""Proof that a port is right: two steps compared, and what must not happen in a loop."""

from __future__ import annotations

import contextlib
import gc
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import jax.test_util
import numpy as np

from functape._core._holding import is_tensor_like
from functape._engine._compat import COMPILE_EVENT, compilation_events
from functape._engine._recorder import local
from functape.functional._functionalize import PureStep, functionalize, steps
from functape.functional._state import layout_of

__all__ = ["assert_equivalent", "assert_no_leak", "assert_no_retrace", "check_gradients"]


def assert_equivalent(
    a: Any,
    b: Any,
    inputs: Sequence[Any],
    *,
    rtol: float = 1e-5,
    atol: float = 1e-6,
    gradients: bool = True,
    dtypes: bool = True,
) -> None:
    """Fail unless two steps do the same, step after step: outputs, gradients, state after each step, dtypes.

    **Arguments:**
    - `a`, `b`: each a tape-style step; `(step, variables)`, a tape-style step of functape or of TensorFlow itself with
      the variables that it changes; or `(step, state)`, a pure step `(state, *args) -> (state, outputs)` with its first
      state.
    - `inputs`: for each step a tuple of arguments: arrays and Python values.
    - `rtol`, `atol`: how far numbers may be apart.
    - `gradients`: whether to compare the gradients of the sum of the first step's outputs with respect to the trainable
      variables, where both sides have them.
    - `dtypes`: whether dtypes must be the same; 64 bits and 32 count as one where JAX is set to 32.

    Variables are compared by name where both sides have the same names, else in order. Tape-style steps are run, and
    their variables change.

    **Raises:** `AssertionError` that names the first output, gradient or variable that departs, by how much, and for
    two functape steps the first op.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0, name="w")
    >>> def decay(rate):
    ...     w.assign(w * rate)
    ...     return w * 2.0
    >>> step, state = tf.functionalize(decay, 0.5)
    >>> tf.testing.assert_equivalent((step, state), decay, [(0.5,), (0.25,)])

    ```
    """
    batches = [each if isinstance(each, tuple) else (each,) for each in inputs]
    if not batches:
        raise ValueError("`inputs` must hold a tuple of arguments for at least one step. Received none.")
    first, second = _side(a, batches[0]), _side(b, batches[0])
    compare = _Comparison(rtol, atol, dtypes)
    begun = first.values(), second.values()
    compare.trees("the first state", *begun)
    for number, batch in enumerate(batches):
        if number == 0 and gradients:
            given, wanted = first.gradients(batch), second.gradients(batch)
            if given is not None and wanted is not None:
                common = given.keys() & wanted.keys()
                compare.trees("gradients", {k: given[k] for k in common}, {k: wanted[k] for k in common})
        hint = _first_op(first, second, batch, compare)
        compare.trees(f"outputs of step {number}", first.run(batch), second.run(batch), hint)
        compare.trees(f"the state after step {number}", first.values(), second.values(), hint)


class _Comparison:
    """Compares dicts of arrays.

    **Arguments:**
    - `rtol`, `atol`, `dtypes`: as for `assert_equivalent`.
    """

    def __init__(self, rtol: float, atol: float, dtypes: bool) -> None:
        self.rtol = rtol
        self.atol = atol
        self.dtypes = dtypes

    def trees(self, what: str, left: Mapping[str, Any], right: Mapping[str, Any], hint: str = "") -> None:
        """Fail unless the arrays are alike."""
        if set(left) == set(right):
            pairs = [(name, left[name], right[name]) for name in left]
        else:
            if len(left) != len(right):
                raise AssertionError(f"{what}: {len(left)} arrays, {list(left)}, against {len(right)}, {list(right)}.")
            pairs = [(f"{n} ({m})", x, y) for (n, x), (m, y) in zip(left.items(), right.items(), strict=True)]
        for name, x, y in pairs:
            wrong = self.difference(np.asarray(x), np.asarray(y))
            if wrong:
                raise AssertionError(f"{what}: {name} departs: {wrong}.{hint}")

    def difference(self, x: Any, y: Any) -> str:
        """In what two arrays differ; empty if they do not."""
        if x.shape != y.shape:
            return f"shape {x.shape} against {y.shape}"
        if self.dtypes and jax.dtypes.canonicalize_dtype(x.dtype) != jax.dtypes.canonicalize_dtype(y.dtype):
            return f"dtype {x.dtype} against {y.dtype}"
        wide = np.complex128 if x.dtype.kind == "c" else np.float64
        x, y = x.astype(wide), y.astype(wide)
        apart = ~np.isclose(x, y, rtol=self.rtol, atol=self.atol, equal_nan=True)
        if not apart.any():
            return ""
        size = np.where(apart, np.abs(x - y), -1.0)
        place = np.unravel_index(int(np.nanargmax(size)), size.shape) if size.shape else ()
        return (
            f"{int(apart.sum())} of {apart.size} elements, most at {[int(i) for i in place]}: {x[place]:.9g} against "
            f"{y[place]:.9g}, {abs(x[place] - y[place]):.3g} apart (rtol={self.rtol}, atol={self.atol})"
        )


# ---- sides -----------------------------------------------------------------------------------------------------------


def _side(given: Any, example: tuple[Any, ...]) -> Any:
    if isinstance(given, tuple) and len(given) == 2 and callable(given[0]):
        step, rest = given
        if isinstance(rest, list | tuple) and all(hasattr(each, "assign") for each in rest):
            return _Tape(step, list(rest))
        return _Pure(step, rest)
    if not callable(given):
        raise TypeError(
            "A side is a tape-style step, (step, variables) or (pure step, state). Received: " + repr(given)[:200]
        )
    step, _ = functionalize(given, *example)
    return _Recorded(given, step)


def _behind(step: Any) -> PureStep | None:
    try:
        return steps.get(step)
    except TypeError:
        return None


def _flat(tree: Any) -> dict[str, Any]:
    if hasattr(tree, "numpy") and not is_tensor_like(tree):
        return {"": np.asarray(tree.numpy())}
    leaves = jax.tree_util.tree_flatten_with_path(tree, is_leaf=lambda each: hasattr(each, "numpy"))[0]
    return {
        "/".join(str(getattr(key, "key", getattr(key, "idx", getattr(key, "name", key)))) for key in path): np.asarray(
            leaf.numpy() if hasattr(leaf, "numpy") else leaf
        )
        for path, leaf in leaves
    }


def _total(outputs: Any) -> Any:
    leaves = [leaf for leaf in jax.tree.leaves(outputs) if jnp.issubdtype(jnp.result_type(leaf), jnp.floating)]
    return sum((jnp.sum(leaf) for leaf in leaves), start=jnp.zeros((), jnp.float32))


class _Pure:
    """A pure step and its state."""

    def __init__(self, step: Callable[..., Any], state: Any) -> None:
        self.step = step
        self.state = state
        self.behind: PureStep | None = _behind(step)

    def values(self) -> dict[str, Any]:
        return _flat(self.state)

    def run(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        self.state, outputs = self.step(self.state, *batch)
        return _flat(outputs)

    def gradients(self, batch: tuple[Any, ...]) -> dict[str, Any] | None:
        """Of the sum of the outputs, by name; of all floating arrays where nothing says which are trainable."""
        if self.behind is not None:
            trainable, others = self.behind.split(self.state)
            join: Any = self.behind.join
        else:
            leaves, structure = jax.tree.flatten(self.state)
            floating = [jnp.issubdtype(jnp.result_type(leaf), jnp.floating) for leaf in leaves]
            trainable = {name: leaf for name, leaf, active in zip(_flat(self.state), leaves, floating, strict=True)
                         if active}  # fmt: skip
            others = None

            def join(trainable: Any, others: Any) -> Any:
                values = iter(trainable.values())
                return jax.tree.unflatten(
                    structure, [next(values) if a else leaf for leaf, a in zip(leaves, floating, strict=True)]
                )

        if not trainable:
            return None
        return _flat(jax.grad(lambda some: _total(self.step(join(some, others), *batch)[1]))(trainable))


class _Recorded(_Pure):
    """A tape-style step of functape, run as it is; its variables are found by tracing it."""

    def __init__(self, fn: Callable[..., Any], step: Callable[..., Any]) -> None:
        self.fn = fn
        self.step = step
        self.behind = steps[step]
        self.layout = layout_of(step)

    @property
    def state(self) -> Any:  # type: ignore[override]
        local.recorder.flush("a state is compared")
        return self.layout.read()

    def run(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        return _flat(self.fn(*(_as_tensor(each) for each in batch)))


class _Tape:
    """A tape-style step of functape or TensorFlow with its variables."""

    def __init__(self, fn: Callable[..., Any], variables: list[Any]) -> None:
        self.fn = fn
        self.variables = variables
        self.behind = None

    def values(self) -> dict[str, Any]:
        return {_name(each, place): np.asarray(each.numpy()) for place, each in enumerate(self.variables)}

    def run(self, batch: tuple[Any, ...]) -> dict[str, Any]:
        return _flat(self.fn(*batch))

    def gradients(self, batch: tuple[Any, ...]) -> dict[str, Any] | None:
        return None


def _name(variable: Any, place: int) -> str:
    name = getattr(variable, "path", None) or getattr(variable, "name", None) or str(place)
    return name.removesuffix(":0")


def _as_tensor(value: Any) -> Any:
    from functape._core._convert import convert

    return convert(value) if isinstance(value, np.ndarray | np.generic | jax.Array) else value


def _first_op(first: Any, second: Any, batch: tuple[Any, ...], compare: _Comparison) -> str:
    """The first recorded op in which two functape steps depart, as a sentence; empty if that cannot be told."""
    if first.behind is None or second.behind is None:
        return ""
    sides = [each.behind.watched(each.state, batch) for each in (first, second)]
    for (node, left), (other, right) in zip(*sides, strict=False):
        if node.op is not other.op:
            break
        for x, y in zip(left, right, strict=True):
            if isinstance(x, tuple) or isinstance(y, tuple):
                continue
            wrong = compare.difference(np.asarray(x), np.asarray(y))
            if wrong:
                return f" The first op to depart is {node.op.name} at {node.line}, against {other.line}: {wrong}."
    return ""


# ---- loops -----------------------------------------------------------------------------------------------------------

_compilations = [0]


def _count(event: str, duration_secs: float, **_: str | int) -> None:
    if event == COMPILE_EVENT:
        _compilations[0] += 1


compilation_events(_count)


@contextlib.contextmanager
def _no_compilation(what: str) -> Iterator[None]:
    before = _compilations[0]
    yield
    local.recorder.flush("a loop is checked")
    made = _compilations[0] - before
    if made:
        raise AssertionError(
            f"{what} compiled {made} program{'s' if made > 1 else ''} after it should have had all it needs. A shape, "
            "a dtype or a Python value changes from step to step: functape.config.log_compilations() shows the line."
        )


def assert_no_retrace(fn: Callable[..., Any], inputs: Sequence[Any], warm_up: int = 2) -> None:
    """Fail if a step compiles anything after its first runs.

    **Arguments:**
    - `fn`: a step of any kind: tape-style, `tf.function`, `jax.jit`.
    - `inputs`: for each run a tuple of arguments.
    - `warm_up`: how many of the runs may compile.

    **Raises:** `AssertionError` with the number of compilations; `ValueError` without runs after the warm-up.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(1.0)
    >>> tf.testing.assert_no_retrace(lambda x: w.assign_add(x), [(1.0,), (2.0,), (3.0,)])

    ```
    """
    batches = [each if isinstance(each, tuple) else (each,) for each in inputs]
    if len(batches) <= warm_up:
        raise ValueError(f"`inputs` must hold more than warm_up={warm_up} runs. Received: {len(batches)}")
    for batch in batches[:warm_up]:
        _settle(fn(*batch))
    with _no_compilation(getattr(fn, "__name__", "the step")):
        for batch in batches[warm_up:]:
            _settle(fn(*batch))


def assert_no_leak(fn: Callable[..., Any], inputs: Sequence[Any], warm_up: int = 2) -> None:
    """Fail if the number of live arrays grows from run to run of a step, or a tracer escapes from it.

    **Arguments:** as for `assert_no_retrace`.

    **Raises:** `AssertionError` with the numbers of arrays; `ValueError` without two runs after the warm-up.
    """
    batches = [each if isinstance(each, tuple) else (each,) for each in inputs]
    if len(batches) < warm_up + 2:
        raise ValueError(f"`inputs` must hold at least warm_up + 2 = {warm_up + 2} runs. Received: {len(batches)}")
    counts = []
    for batch in batches:
        _settle(fn(*batch))
        local.recorder.flush("a loop is checked")
        gc.collect()
        counts.append(len(jax.live_arrays()))
    kept = counts[warm_up:]
    if all(later > earlier for earlier, later in itertools.pairwise(kept)):
        raise AssertionError(
            f"{getattr(fn, '__name__', 'the step')} leaves more arrays behind with each run: {kept}. Something keeps "
            "results, tapes or states of earlier steps: store numbers, float(loss), instead of tensors."
        )


def _settle(outputs: Any) -> None:
    for leaf in jax.tree.leaves(outputs):
        if hasattr(leaf, "block_until_ready"):
            leaf.block_until_ready()


def check_gradients(
    fn: Callable[..., Any],
    args: Sequence[Any],
    order: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    eps: float | None = None,
) -> None:
    """Fail unless a function's derivatives agree with finite differences along random directions.

    **Arguments:**
    - `fn`: a function of tensors, or of JAX arrays, that returns floating values.
    - `args`: its arguments, floating arrays; float64 ones allow a sharper comparison where JAX is set to 64 bits.
    - `order`: how often to differentiate.
    - `rtol`, `atol`: tolerances; by default those of `jax.test_util.check_grads` for the dtype.
    - `eps`: the length of the steps.

    **Raises:** `AssertionError` if they depart.

    ```python
    >>> import functape as tf, numpy as np
    >>> tf.testing.check_gradients(tf.sin, (np.float32([0.5, 1.0]),), order=2)

    ```
    """
    step, state = functionalize(fn, *args)
    arrays = [jnp.asarray(each.numpy() if hasattr(each, "numpy") else each) for each in args]
    jax.test_util.check_grads(
        lambda *given: step(state, *given)[1], arrays, order=order, modes=("rev",), rtol=rtol, atol=atol, eps=eps
    )
