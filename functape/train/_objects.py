"""The object graph of a checkpoint: which objects hold state, and by which names they lead to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from functape._core._module import Module
from functape._core._variable import UnreadVariable, Variable


def is_trackable(value: Any) -> bool:
    """Whether an object may be part of a checkpoint."""
    return (
        isinstance(value, Variable | Module | list | tuple | Mapping)
        or hasattr(value, "_checkpoint_children")
        or hasattr(value, "_checkpoint_state")
        or hasattr(value, "_all_slots")
        or hasattr(type(value), "element_spec")
        or hasattr(type(value), "get_concrete_function")
    )


def children(owner: Any) -> dict[str, Any]:
    """The parts of an object that may hold state, by name."""
    own = getattr(owner, "_checkpoint_children", None)
    if own is not None:
        return dict(own())
    if isinstance(owner, Variable):
        return {}
    if isinstance(owner, Mapping):
        found = {str(key): value for key, value in owner.items()}
    elif isinstance(owner, list | tuple):
        found = {str(place): value for place, value in enumerate(owner)}
    elif hasattr(owner, "_all_slots"):
        found = _of_optimizer(owner)
    elif isinstance(owner, Module):
        found = _of_module(owner)
    else:
        return {}
    return {name: value for name, value in found.items() if is_trackable(value) and _holds_state(value)}


def _holds_state(value: Any) -> bool:
    """Whether a list, tuple or dict has anything to save; other objects may come to have it."""
    if isinstance(value, list | tuple):
        return not value or any(is_trackable(each) and _holds_state(each) for each in value)
    if isinstance(value, Mapping):
        return not value or any(is_trackable(each) and _holds_state(each) for each in value.values())
    return True


def _of_module(module: Any) -> dict[str, Any]:
    ignored = module._TF_MODULE_IGNORED_PROPERTIES
    found = {
        name: value
        for name, value in sorted(vars(module).items())
        if name not in ignored and is_trackable(value) and not isinstance(value, UnreadVariable)
    }
    for name in ("_functional_layers", "_sequence", "_stacked", "_layers", "_name_scope", "_chain"):
        found.pop(name, None)
    layers = [each for each in getattr(module, "layers", None) or () if isinstance(each, Module)]
    known = _identities(found.values())
    if any(id(each) not in known for each in layers):
        found["layers"] = layers
        known |= set(map(id, layers))
    missing = [each for each in getattr(module, "_own", None) or () if id(each) not in known]
    if missing:
        found["_weights"] = missing
    return found


def _identities(values: Any) -> set[int]:
    found: set[int] = set()
    for value in values:
        found.add(id(value))
        if isinstance(value, list | tuple):
            found |= _identities(value)
        elif isinstance(value, Mapping):
            found |= _identities(value.values())
    return found


def _of_optimizer(optimizer: Any) -> dict[str, Any]:
    found = {"iterations": optimizer._iterations}
    rate = getattr(optimizer, "_rate", None)
    if isinstance(rate, Variable):
        found["learning_rate"] = rate
    own = list(optimizer._own_variables)
    if own:
        found["variables"] = own
    for name, value in sorted(vars(optimizer).items()):
        inner = isinstance(value, list | tuple) and value and all(hasattr(each, "_all_slots") for each in value)
        if hasattr(value, "_all_slots") or inner:
            found[name] = value
    return found


class Slot(NamedTuple):
    """A part of an optimizer's state that belongs to a variable."""

    variable: Variable
    name: str
    value: Variable


def slots(owner: Any) -> Iterator[Slot]:
    """The slots of an optimizer; none for other objects."""
    if hasattr(owner, "_all_slots"):
        for each in owner._all_slots():
            yield Slot(each._slots.variables[each._number], each._slot, each)


def has_value(owner: Any) -> bool:
    """Whether an object itself has something to save."""
    return isinstance(owner, Variable) or hasattr(owner, "_checkpoint_state")


class Found(NamedTuple):
    """An object of a graph."""

    value: Any
    path: tuple[str, ...]
    """The names that lead to it from the root, the shortest way."""
    children: dict[str, int]
    """The numbers of its parts."""


def graph(root: Any) -> list[Found]:
    """All objects reached from one, breadth first; the first is the root."""
    found = [Found(root, (), {})]
    numbers = {id(root): 0}
    kept = []
    for owner in found:
        parts = children(owner.value)
        kept.append(parts)
        for name, part in parts.items():
            number = numbers.get(id(part))
            if number is None:
                number = numbers[id(part)] = len(found)
                found.append(Found(part, (*owner.path, name), {}))
            owner.children[name] = number
    return found


class TrackableView:
    """The objects reached from one (`tf.train.TrackableView`).

    **Arguments:**
    - `root`: where to begin.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    @property
    def root(self) -> Any:
        """Where it begins."""
        return self._root

    @classmethod
    def children(cls, obj: Any, save_type: Any = None, **kwargs: Any) -> dict[str, Any]:
        """The parts of an object by name."""
        return children(obj)

    def descendants(self) -> list[Any]:
        """All objects, breadth first, the root included."""
        return [each.value for each in graph(self._root)]
