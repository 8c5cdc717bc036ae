"""The state of an optax transformation behind one handle, and the op that takes a step with it."""

from __future__ import annotations

import weakref
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from functape._core._convert import from_jax
from functape._core._variable import Variable
from functape._engine._avals import Kind, aval, tree_aval
from functape._engine._compat import enable_x64
from functape._engine._op import Op
from functape._engine._recorder import Cell, local, new_tensor
from functape.keras.optimizers._host import DerivedVariable
from functape.keras.optimizers._rows import check_gradients


class OptaxState(Cell):
    """The leaves of the state that a transformation keeps for some variables, and the number of steps taken.

    **Arguments:**
    - `transformation`: the optax transformation.
    - `variables`: what it updates, in order.
    - `by_name`: whether the transformation sees a dict by the variables' names instead of a list.
    """

    __slots__ = ("keys", "names", "paths", "structure", "transformation", "variables", "weak")

    def __init__(self, transformation: Any, variables: list[Variable], by_name: bool) -> None:
        self.transformation = transformation
        self.variables = variables
        self.names = _unique([each.name.removesuffix(":0") for each in variables]) if by_name else None
        self.weak = weakref.ref(self)
        values = [np.asarray(each.tensor.resolve(), each.dtype.as_numpy_dtype) for each in variables]
        recorder: Any = local.recorder
        if recorder.tracing:
            # As in TensorFlow, a function that made an optimizer's variables is traced once more.
            recorder.created.append(self.weak)
        # As optax would begin: 32-bit numbers beside the variables' own.
        with enable_x64(any(each.dtype.itemsize > 4 for each in values)):
            state = jax.jit(transformation.init)(self.arrange(list(map(jnp.asarray, values))))
        found, self.structure = jax.tree_util.tree_flatten_with_path(state)
        self.paths = [jax.tree_util.keystr(path, simple=True, separator="/") for path, _ in found]
        self.keys = tuple(_key_kind(leaf) for _, leaf in found)
        self.hold([np.asarray(leaf if kind is None else jax.random.key_data(leaf)) for (_, leaf), kind in
                   zip(found, self.keys, strict=True)], 0)  # fmt: skip

    def arrange(self, arrays: list[Any]) -> Any:
        """One array for each variable, as the transformation sees them."""
        return arrays if self.names is None else dict(zip(self.names, arrays, strict=True))

    def hold(self, leaves: list[Any], count: int) -> None:
        """Replace the state."""
        with enable_x64(True):
            values = tuple(jax.device_put(np.array(each)) for each in (*leaves, np.int64(count)))
        tensor = new_tensor()
        tensor.home = None
        tensor.aval = tree_aval(tuple(aval(each.shape, each.dtype.type) for each in values))
        tensor.value = values
        tensor.variable = self.weak
        self.tensor = tensor

    def receive(self, tensor: Any) -> None:
        """Take the state that a traced function computed."""
        recorder = local.recorder
        if recorder.tracing:
            recorder.note_write(self, self.tensor)
        tensor.variable = self.weak
        self.tensor = tensor

    def place(self, variable: Variable) -> int | None:
        """The number of a variable; None if it is not known."""
        return next((place for place, each in enumerate(self.variables) if each is variable), None)


class OptaxVariable(DerivedVariable):
    """A variable that reads, and when assigned writes, one leaf of the state.

    **Arguments:**
    - `state`: the state.
    - `place`: which of its leaves.
    - `name`: its name, scopes included.
    """

    __slots__ = ("_place", "_state")

    def __init__(self, state: OptaxState, place: int, name: str) -> None:
        super().__init__(name, state.tensor.aval.leaves[place].shape)
        self._state = state
        self._place = place

    @property
    def tensor(self) -> Any:  # type: ignore[override]
        """The present value as a tensor."""
        return from_jax(self._state.tensor.resolve()[self._place])

    def _adopt(self, tensor: Any) -> None:
        *leaves, count = self._state.tensor.resolve()
        leaves[self._place] = tensor.resolve("an optimizer's state is assigned")
        self._state.hold(leaves, int(count))


class OptaxUpdate:
    """The static part of a step.

    **Arguments:**
    - `state`: the state, of which only what never changes is used.
    - `present`: the variables that have gradients, by number.
    - `extra`: names of further arguments of the transformation's `update`.
    """

    __slots__ = ("arrange", "extra", "keys", "kinds", "length", "present", "structure", "transformation")

    def __init__(self, state: OptaxState, present: tuple[int, ...], extra: tuple[str, ...]) -> None:
        self.transformation = state.transformation
        self.structure = state.structure
        self.keys = state.keys
        self.arrange = state.arrange
        self.length = len(state.variables)
        self.present = present
        self.extra = extra
        variables = [state.variables[place] for place in present]
        self.kinds = tuple(Kind.VARIABLE if each._trainable_kind(each.aval) else Kind.ARRAY for each in variables)


def _check(name: str, avals: tuple[Any, ...], update: OptaxUpdate) -> None:
    values = avals[1 + len(update.extra) :][: update.length]
    check_gradients(name, tuple(values[place] for place in update.present), avals[-len(update.present) :])


def _apply(leaves: tuple[Any, ...], *rest: Any, update: OptaxUpdate) -> tuple[Any, ...]:
    *flat, count = leaves
    extra = dict(zip(update.extra, rest, strict=False))
    values = list(rest[len(update.extra) :][: update.length])
    arriving = dict(zip(update.present, rest[-len(update.present) :], strict=True))
    gradients = [
        jnp.broadcast_to(arriving[place], value.shape) if place in arriving else jnp.zeros_like(value)
        for place, value in enumerate(values)
    ]
    state = jax.tree.unflatten(
        update.structure,
        [leaf if kind is None else jax.random.wrap_key_data(leaf, impl=kind) for leaf, kind in
         zip(flat, update.keys, strict=True)]
    )  # fmt: skip
    steps, after = update.transformation.update(update.arrange(gradients), state, update.arrange(values), **extra)
    moved = optax.apply_updates(update.arrange(values), steps)
    moved = list(moved) if isinstance(moved, list) else [moved[name] for name in update.arrange(values)]
    new = [
        # A number of 64 bits among those of 32, such as a schedule's, must not widen the state.
        (leaf if kind is None else jax.random.key_data(leaf)).astype(old.dtype)
        for leaf, old, kind in zip(jax.tree.leaves(after), flat, update.keys, strict=True)
    ]
    return (*(moved[place].astype(values[place].dtype) for place in update.present), (*new, count + 1))


OPTAX_UPDATE = Op(
    "OptaxApplyUpdate",
    _apply,
    ("update",),
    multiple=True,
    differentiable=False,
    check=_check,
    kinds=lambda update: (*update.kinds, Kind.TREE),
    ends_step=True,
)
"""`(state, *extra, *variables, *gradients)`: the new values of those variables that have gradients, and the state."""


def _key_kind(leaf: Any) -> Any:
    """The implementation of a random key; None for an ordinary array."""
    return jax.random.key_impl(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else None


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen[name] = seen.get(name, 0) + 1
        unique.append(name if count == 1 else f"{name}_{count - 1}")
    return unique
