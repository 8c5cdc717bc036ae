"""Cells as a plain pytree of named arrays: which name each array has, how it is read and how it is put back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from functape._core._convert import convert
from functape._core._random_state import RandomState
from functape._core._variable import UnreadVariable, Variable
from functape._engine._compat import enable_x64, is_tracer
from functape._engine._recorder import Cell, new_tensor
from functape.keras.optimizers._host import HostVariable
from functape.keras.optimizers._optax_state import OptaxState
from functape.keras.optimizers._optimizer import optimizers
from functape.keras.optimizers._slots import Slots

Path = tuple[str, ...]


class Entry(NamedTuple):
    """One array of a state."""

    path: Path
    """The keys that lead to it."""
    shape: tuple[int, ...]
    dtype: Any
    """The dtype it has in functape, which is of 64 bits even where JAX is set to 32."""
    trainable: bool


def canonical(dtype: Any) -> Any:
    """The dtype that JAX gives arrays of `dtype` under the user's present setting."""
    return jax.dtypes.canonicalize_dtype(dtype)


class Layout:
    """Where in a nested dict of arrays the values of some cells are.

    **Arguments:**
    - `cells`: each at most once.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = list(cells)
        scopes = _scopes()
        made = [_describe(cell, scopes) for cell in self.cells]
        number = 0
        for index, cell in enumerate(self.cells):
            if isinstance(cell, RandomState):
                made[index] = [made[index][0]._replace(path=("random", str(number)))]
                number += 1
        paths = _unique([entry.path for entries in made for entry in entries])
        following = iter(paths)
        self.entries = [[entry._replace(path=next(following)) for entry in entries] for entries in made]
        """For each cell its arrays."""

    @property
    def flat(self) -> list[Entry]:
        """All arrays in order."""
        return [entry for entries in self.entries for entry in entries]

    def structs(self) -> Any:
        """Shapes and dtypes in place of the values."""
        return nested({entry.path: jax.ShapeDtypeStruct(entry.shape, canonical(entry.dtype)) for entry in self.flat})

    def read(self) -> Any:
        """The present values, in buffers of their own."""
        values = [value for cell in self.cells for value in _values(cell)]
        with jax.core.eval_context():
            arrays = [_copied(value, entry.dtype) for value, entry in zip(values, self.flat, strict=True)]
        return nested({entry.path: array for entry, array in zip(self.flat, arrays, strict=True)})

    def leaves(self, state: Any) -> list[Any]:
        """The arrays of a state in order.

        **Raises:** `ValueError` if one is missing.
        """
        found, missing = [], []
        for entry in self.flat:
            value = state
            for key in entry.path:
                try:
                    value = value[key]
                except (KeyError, TypeError, IndexError):
                    missing.append("/".join(entry.path))
                    break
            else:
                found.append(value)
        if missing:
            raise ValueError(
                f"The state has no {', '.join(map(repr, missing))}. Pass the state that functionalize or pytree "
                f"returned, or one that a step made of it. Received: {_outline(state)}"
            )
        return found

    def load(self, state: Any) -> None:
        """Give the cells the values of a state."""
        values = self.leaves(state)
        for value, entry in zip(values, self.flat, strict=True):
            if is_tracer(value):
                raise TypeError(
                    f"The array {'/'.join(entry.path)!r} is a tracer of a JAX transformation in progress. Return the "
                    "state from the transformed function, and load what that returned."
                )
            if tuple(np.shape(value)) != entry.shape:
                raise ValueError(
                    f"The array {'/'.join(entry.path)!r} must have shape {entry.shape}. Received: {np.shape(value)}"
                )
        following = iter(values)
        for cell, entries in zip(self.cells, self.entries, strict=True):
            _put(cell, [_fitted(next(following), entry.dtype) for entry in entries])


# ---- kinds of cells --------------------------------------------------------------------------------------------------


def _scopes() -> dict[int, tuple[Any, str]]:
    """For the cells of every optimizer there is, the optimizer and what the cell is to it."""
    found: dict[int, tuple[Any, str]] = {}
    for optimizer in list(optimizers):
        own = vars(optimizer)
        for attribute in ("_iterations", "_rate", "_slots", "_tree"):
            cell = own.get(attribute)
            if isinstance(cell, Cell):
                found[id(cell)] = (optimizer, attribute)
    return found


def _describe(cell: Any, scopes: dict[int, tuple[Any, str]]) -> list[Entry]:
    """The arrays of one cell, under the names they would have alone."""
    optimizer = scopes.get(id(cell), (None, ""))[0]
    scope = _parts(getattr(optimizer, "_scope", None) or type(cell).__name__.lower())
    if isinstance(cell, Slots):
        called = getattr(optimizer, "_slot_names", {})
        return [
            Entry(
                (*scope, called.get(slot, slot), *name_of(cell.variables[member])),
                *_form(cell.read(slot, member)),
                trainable=False,
            )
            for slot, member in _places(cell)
        ]
    if isinstance(cell, OptaxState):
        leaves = cell.tensor.resolve()
        return [
            Entry((*scope, *_parts(path)), *_form(leaf), trainable=False)
            for path, leaf in zip(cell.paths, leaves, strict=False)
        ]
    tensor = cell.tensor
    name = name_of(cell)
    if optimizer is not None and isinstance(cell, HostVariable):
        name = (*scope, *name)
    dtype = np.dtype(tensor.aval.dtype.as_numpy_dtype)
    trainable = isinstance(cell, Variable) and cell.trainable and tensor.aval.differentiable
    return [Entry(name, tensor.aval.shape, dtype, trainable)]


def name_of(cell: Any) -> Path:
    """The parts of a variable's name."""
    if not isinstance(cell, Variable):
        return (type(cell).__name__.lower(),)
    path = getattr(cell, "path", None)
    return _parts(path if isinstance(path, str) else cell.name.removesuffix(":0"))


def _parts(name: str) -> Path:
    return tuple(part for part in name.split("/") if part) or ("unnamed",)


def _places(slots: Slots) -> list[tuple[str, int]]:
    """The slots of an optimizer's state in the order of its arrays, where each variable has its own."""
    return [(slot, member) for slot in slots.rule.slots for unit in slots.units for member in unit.members]


def _form(array: Any) -> tuple[tuple[int, ...], Any]:
    return tuple(array.shape), np.dtype(array.dtype)


def _values(cell: Any) -> list[Any]:
    if isinstance(cell, Slots):
        return [cell.read(slot, member) for slot, member in _places(cell)]
    if isinstance(cell, OptaxState):
        return list(cell.tensor.resolve()[:-1])
    return [cell.tensor.resolve()]


def _put(cell: Any, values: list[Any]) -> None:
    if isinstance(cell, Slots):
        arrays: dict[str, list[Any]] = {slot: [] for slot in cell.rule.slots}
        following = iter(values)
        for slot in cell.rule.slots:
            for unit in cell.units:
                parts = [next(following) for _ in unit.members]
                joined = np.concatenate([np.ravel(part) for part in parts]) if len(parts) > 1 else parts[0]
                with enable_x64(True):
                    arrays[slot].append(jax.device_put(joined))
        cell._hold(arrays)
    elif isinstance(cell, OptaxState):
        cell.hold(values, int(cell.tensor.resolve()[-1]))
    elif isinstance(cell, RandomState):
        tensor = new_tensor()
        tensor.home = None
        tensor.aval = cell.tensor.aval
        with enable_x64(True):
            tensor.value = jax.device_put(np.asarray(values[0]))
        cell.receive(tensor)
    elif isinstance(cell, HostVariable):
        cell.number = np.asarray(values[0]).item()
    else:
        cell.assign(convert(values[0]))


def packed(cell: Any, values: list[Any]) -> Any:
    """The value of a cell in a program, from its arrays."""
    if isinstance(cell, Slots | OptaxState):
        return (*values, jnp.zeros((), canonical(np.int64)))
    return values[0]


def unpacked(cell: Any, value: Any) -> list[Any]:
    """The inverse of `packed`."""
    return list(value[:-1]) if isinstance(cell, Slots | OptaxState) else [value]


# ---- names and values ------------------------------------------------------------------------------------------------


def _unique(paths: list[Path]) -> list[Path]:
    """Paths of which none is another's, nor its beginning."""
    taken: set[Path] = set()
    made = []
    above = {path[:length] for path in paths for length in range(1, len(path))}
    for path in paths:
        if path in above:
            path = (*path[:-1], f"{path[-1]}_value")
        candidate, number = path, 0
        while candidate in taken or candidate in above:
            number += 1
            candidate = (*path[:-1], f"{path[-1]}_{number}")
        taken.add(candidate)
        made.append(candidate)
    return made


def nested(flat: dict[Path, Any]) -> dict[str, Any]:
    """A nested dict from paths and values."""
    tree: dict[str, Any] = {}
    for path, value in flat.items():
        inner = tree
        for key in path[:-1]:
            inner = inner.setdefault(key, {})
        inner[path[-1]] = value
    return tree


def _copied(value: Any, dtype: Any) -> Any:
    array = np.array(value, dtype) if not isinstance(value, jax.Array) else value
    with enable_x64(jax.config.read("jax_enable_x64") or canonical(dtype).itemsize > 4):
        return jnp.array(array, dtype=canonical(dtype), copy=True)


def _fitted(value: Any, dtype: Any) -> Any:
    # A buffer of its own: the caller may donate the state to the next step.
    if isinstance(value, jax.Array) and value.dtype == dtype:
        with enable_x64(True):
            return jnp.array(value, copy=True)
    return np.array(value).astype(dtype)


def _outline(state: Any) -> str:
    try:
        paths = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_flatten_with_path(state)[0]]
    except Exception:
        return type(state).__name__
    return f"{type(state).__name__} with {', '.join(paths[:12])}{' ...' if len(paths) > 12 else ''}"


def unique_cells(cells: Iterable[Any]) -> list[Any]:
    """Each cell once; what an assignment returned counts as its variable."""
    found: dict[int, Any] = {}
    for cell in cells:
        cell = cell._assigned if isinstance(cell, UnreadVariable) else cell
        found.setdefault(id(cell), cell)
    return list(found.values())
