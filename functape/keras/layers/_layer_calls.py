"""What a layer's call knows of the calls around it, and what its `call` method takes."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections.abc import Callable
from typing import Any

from functape._engine._trace import is_tracing


class _Calls(threading.local):
    """The layer calls in progress in this thread."""

    training: Any = None
    """The training argument of the call around, None if nobody gave one."""
    depth: int = 0
    """How many calls of layers are open."""
    abstract: bool = False
    """Whether they run on stand-ins for tensors, for the sake of shapes."""


class Usage:
    """What any layer of the process ever did, so that what was never done costs nothing."""

    losses_used: bool = False
    """Whether any layer ever added a loss in a call."""


calls = _Calls()
usage = Usage()


def converted(call: Callable[..., Any]) -> Callable[..., Any]:
    """A layer's `call`, converted by AutoGraph in a function being traced that is converted itself."""
    if not is_tracing():
        return call
    from functape.function._autograph import convert_callback

    return convert_callback(call)


class CallSpec:
    """What a `call` method takes.

    **Arguments:**
    - `function`: the method, unbound or bound.
    """

    __slots__ = ("names", "first", "takes_training", "takes_mask", "default_training", "takes_any_keyword", "masks",
                 "needs_mask")  # fmt: skip

    def __init__(self, function: Callable[..., Any]) -> None:
        parameters = [each for each in inspect.signature(function).parameters.values() if each.name != "self"]
        positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        self.names = tuple(each.name for each in parameters if each.kind in positional)
        named = {each.name: each for each in parameters if each.kind.name.find("VAR") < 0}
        self.takes_any_keyword = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
        self.first = self.names[0] if self.names else next(iter(named), "inputs")
        self.takes_training = "training" in named
        self.takes_mask = "mask" in named
        self.needs_mask = self.takes_mask and named["mask"].default is inspect.Parameter.empty
        training = named.get("training")
        self.default_training = None if training is None or training.default is training.empty else training.default
        self.masks = tuple(each for each in named if each.endswith("_mask") and each != "mask")
        """Arguments that take the mask of the argument before `_mask`."""

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments given, by name."""
        return {**dict(zip(self.names, args, strict=False)), **kwargs}


_specs: weakref.WeakKeyDictionary[Any, CallSpec] = weakref.WeakKeyDictionary()


def call_spec(function: Callable[..., Any]) -> CallSpec:
    """The spec of a `call` method; worked out once."""
    key = getattr(function, "__func__", function)
    found = _specs.get(key)
    if found is None:
        found = _specs[key] = CallSpec(function)
    return found


def map_leaves(function: Callable[[Any], Any], structure: Any) -> Any:
    """A structure with `function` applied to what is no list, tuple or dict."""
    if isinstance(structure, dict):
        mapped = {key: map_leaves(function, each) for key, each in structure.items()}
        return mapped if type(structure) is dict else _like(structure, mapped)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(map_leaves(function, each) for each in structure))
    if isinstance(structure, list):
        return [map_leaves(function, each) for each in structure]
    if isinstance(structure, tuple):
        return tuple([map_leaves(function, each) for each in structure])
    return function(structure)


def _like(structure: Any, mapped: dict[Any, Any]) -> Any:
    try:
        return type(structure)(mapped)
    except TypeError:
        return mapped


def leaves_of(structure: Any) -> list[Any]:
    """What is no list, tuple or dict in a structure, in order; None included."""
    if isinstance(structure, dict):
        return [leaf for key in structure for leaf in leaves_of(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for each in structure for leaf in leaves_of(each)]
    return [structure]
