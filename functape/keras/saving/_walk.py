"""Where in a file each part of a model has its state: by the attributes that lead there, as in Keras.

Keras 3 and Keras 2 go through the attributes in different orders, so that a layer that several of them lead to has
different places.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from functape.keras._naming import to_snake_case
from functape.keras.layers._layer import Layer
from functape.keras.losses import Loss
from functape.keras.metrics import Metric
from functape.keras.models._model import Model
from functape.keras.optimizers import Optimizer

_OF_MODELS = frozenset(("layers", "optimizer"))
_HELD_TWICE = frozenset(("_functional_layers", "_stacked", "_sequence", "_chain", "_compile_loss", "_compile_metrics",
                         "_loss_tracker", "loss", "compiled_loss", "compiled_metrics", "metrics"))  # fmt: skip
"""Attributes of a model that hold what `layers` holds too, or nothing that is stored."""


def walk(root: Any, skipped: Any = ()) -> Iterator[tuple[Any, str]]:
    """The parts of a model with their places in a file of Keras 3, in its order.

    **Arguments:**
    - `root`: the model, or any layer or optimizer.
    - `skipped`: objects that are left out.
    """
    seen = {id(each): each for each in skipped}
    """By identity; held, so that no other object gets the identity of one that is gone."""

    def visit(part: Any, path: str) -> Iterator[tuple[Any, str]]:
        if id(part) in seen:
            return
        seen[id(part)] = part
        yield part, path
        for name, child in _children(part, key=lambda each: f"~{each}" if each.startswith("_") else each):
            yield from descend(child, f"{path}/{name}" if path else name)

    def descend(child: Any, path: str) -> Iterator[tuple[Any, str]]:
        if _is_part(child):
            yield from visit(child, path)
        elif isinstance(child, list | tuple | dict) and id(child) not in seen:
            seen[id(child)] = child
            count = _Numbers()
            for each in child.values() if isinstance(child, dict) else child:
                if _is_part(each):
                    yield from visit(each, f"{path}/{count.name(type(each).__name__)}")
                elif isinstance(each, list | tuple | dict):
                    yield from descend(each, f"{path}/{count.name('container')}")

    yield from visit(root, "")


def walk_keras_2(root: Any) -> Iterator[tuple[Any, str]]:
    """The parts of a model with their places in a file of Keras 2, in its order.

    **Arguments:**
    - `root`: the model.
    """
    seen: set[int] = set()

    def visit(part: Any, path: str) -> Iterator[tuple[Any, str]]:
        seen.add(id(part))
        yield part, path
        children = dict(_children(part, key=lambda each: each))
        if isinstance(part, Model):
            children["layers"] = layers_in_keras_2(part)
        # The layers too are an attribute: those that come later in the alphabet go first.
        for name in sorted(children, reverse=True):
            child = children[name]
            here = f"{path}/{name}" if path else name
            if _is_part(child):
                if id(child) not in seen:
                    yield from visit(child, here)
            elif isinstance(child, list | tuple | dict | set):
                count = _Numbers()
                for each in child.values() if isinstance(child, dict) else child:
                    if _is_part(each) and id(each) not in seen:
                        yield from visit(each, f"{here}/{count.name(type(each).__name__)}")

    yield from visit(root, "")


def layers_in_keras_2(model: Any) -> list[Any]:
    """The layers of a model as Keras 2 orders them: those in a dict by their keys.

    **Arguments:**
    - `model`: the model.
    """
    if model._graph is not None:
        return model.layers
    ordered = {id(each): each for value in model._tracked.values() for each in _flat(value) if isinstance(each, Layer)}
    return list((ordered | {id(each): each for each in model.layers}).values())


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value, key=str)]
    if isinstance(value, list | tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


class _Numbers:
    """Names for the members of a container: the class's name, with a number from the second on."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def name(self, kind: str) -> str:
        plain = to_snake_case(kind)
        number = self._used[plain] = self._used.get(plain, -1) + 1
        return f"{plain}_{number}" if number else plain


def _is_part(value: Any) -> bool:
    return isinstance(value, Layer | Optimizer | Metric | Loss) and not isinstance(value, type)


def _children(part: Any, key: Any) -> Iterator[tuple[str, Any]]:
    """The attributes that may lead to other parts."""
    if isinstance(part, Model) and part._graph is not None:
        # A functional or sequential model: what it is made of comes first, whatever attributes it has besides.
        yield "layers", part.layers
    if isinstance(part, Metric | Loss):
        return
    for name in sorted(dir(part), key=key):
        if name.startswith("__") or name in _passed_over(type(part)):  # type: ignore[arg-type]
            continue
        try:
            yield name, getattr(part, name)
        except Exception:
            # A property that has no value yet leads nowhere.
            continue


@functools.cache
def _passed_over(kind: Any) -> frozenset[str]:
    """Attributes that every object of a kind has, and that lead to nothing of its own."""
    if issubclass(kind, Model):
        return frozenset({*dir(Model), *_of_any_layer(), *_HELD_TWICE} - _OF_MODELS)
    if issubclass(kind, Layer):
        return frozenset({*dir(Layer), *_of_any_layer()})
    return frozenset({*dir(Optimizer), *vars(Optimizer(1.0))})


@functools.cache
def _of_any_layer() -> frozenset[str]:
    return frozenset(vars(Layer(name="any")))
