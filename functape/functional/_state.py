"""The state of models, optimizers and the like as a pytree, and back."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from functape._core._module import Module
from functape._core._random_state import RandomState
from functape._core._variable import Variable
from functape._engine._recorder import Cell, local
from functape.functional._layout import Layout, Path, unique_cells
from functape.keras.optimizers._optimizer import Optimizer

_paths: dict[int, tuple[Any, list[Path]]] = {}
"""For each cell that a functionalized step touches, where its arrays are in that step's state."""


def _forget(number: int, _: Any) -> None:
    _paths.pop(number, None)


def remember(layout: Layout) -> None:
    """Keep in mind where the state of a functionalized step has each cell."""
    for cell, entries in zip(layout.cells, layout.entries, strict=True):
        number = id(cell)
        _paths[number] = (
            weakref.ref(cell, partial(_forget, number)),
            [e.path for e in entries],
        )


def pytree(obj: Any) -> Any:
    """The state of an object as a plain pytree: a nested dict of arrays under the variables' names.

    **Arguments:**
    - `obj`: a variable, a model, layer, metric, optimizer or `tf.Module`; a list, tuple or dict of these; or a step
      that `functionalize` returned.

    **Returns:** a nested dict of `jax.Array`s in buffers of their own.

    **Raises:** `TypeError` for what holds no variables.

    ```python
    >>> import functape as tf
    >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2, name="out")])
    >>> import jax
    >>> jax.tree.map(lambda each: each.shape, tf.pytree(model))
    {'out': {'bias': (2,), 'kernel': (3, 2)}}

    ```
    """
    local.recorder.flush("a state is read")
    return layout_of(obj).read()


def load_state(obj: Any, state: Any) -> None:
    """Give variables the values of a state.

    **Arguments:**
    - `obj`: what `functionalize` returned as the step, or the function it was given; or whatever `pytree` takes.
    - `state`: the state, with concrete arrays. For a model or an optimizer it may be the state of a whole step.

    **Raises:** `ValueError` for a state that lacks an array or has one of another shape; `TypeError` for tracers.
    Nothing is assigned then.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable([1.0, 2.0], name="w")
    >>> tf.load_state(w, {"w": [3.0, 4.0]})
    >>> print(w.numpy())
    [3. 4.]

    ```
    """
    local.recorder.flush("a state is loaded")
    layout = layout_of(obj)
    if not _fits(layout, state):
        layout = _remembered(layout)
    layout.load(state)


def layout_of(obj: Any) -> Layout:
    """Where the arrays of an object are in its state.

    **Raises:** `TypeError` for what holds no variables.
    """
    from functape.functional._functionalize import steps

    if callable(obj):
        for step, behind in list(steps.items()):
            if step is obj or behind.fn is obj or getattr(obj, "__func__", obj) == getattr(behind.fn, "__func__", None):
                return behind.layout
    found: list[Any] = []
    _collect(obj, found)
    if not found and not isinstance(obj, list | tuple | Mapping):
        raise TypeError(
            f"{obj!r} holds no variables. Pass a variable, a model, an optimizer, a step that functionalize returned, "
            "or a list or dict of these. A model has its variables once it is built: call it once."
        )
    return Layout(unique_cells(found))


def _collect(obj: Any, found: list[Any]) -> None:
    if isinstance(obj, Variable | RandomState):
        found.append(obj)
    elif isinstance(obj, Optimizer):
        own: dict[str, Any] = vars(obj)
        cells = [own.get("_iterations"), own.get("_rate"), *own.get("_own_variables", ())]
        if own.get("_slots") is not None and own["_slots"].rule.slots:
            cells.append(own["_slots"])
        cells.append(own.get("_tree"))
        found += [cell for cell in cells if isinstance(cell, Cell)]
    elif isinstance(obj, Mapping):
        for each in obj.values():
            _collect(each, found)
    elif isinstance(obj, list | tuple):
        for each in obj:
            _collect(each, found)
    elif hasattr(obj, "variables") and not isinstance(obj, type):
        variables = obj.variables
        _collect(list(variables() if isinstance(variables, Callable) else variables), found)  # type: ignore[arg-type]
    elif isinstance(obj, Module):
        _collect(list(obj.variables), found)


def _fits(layout: Layout, state: Any) -> bool:
    """Whether a state has what a layout asks for and nothing else."""
    own = {entry.path for entry in layout.flat}
    return set(_all_paths(state, ())) == own


def _all_paths(state: Any, above: Path) -> list[Path]:
    if isinstance(state, Mapping):
        return [path for key in state for path in _all_paths(state[key], (*above, key))]
    return [above]


def _remembered(layout: Layout) -> Layout:
    """The layout with the names that a functionalized step's state has for its cells."""
    for index, cell in enumerate(layout.cells):
        known = _paths.get(id(cell))
        if known is not None and known[0]() is cell:
            layout.entries[index] = [
                entry._replace(path=path) for entry, path in zip(layout.entries[index], known[1], strict=True)
            ]
    return layout
