"""`Module` and `name_scope` against TensorFlow's own."""

from __future__ import annotations

import collections
import os
import threading
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
import tensorflow

import functape

Pair = collections.namedtuple("Pair", "z a")


def box_class(side: Any) -> Any:
    class Box(side.Module):
        """Holds whatever it is given."""

        def __init__(self, name: str | None = None, **attributes: Any) -> None:
            super().__init__(name)
            for key, value in attributes.items():
                setattr(self, key, value)

    return Box


def tree(side: Any) -> Any:
    """A module with variables and modules in every kind of place."""
    box = box_class(side)

    def variable(name: str, trainable: bool = True) -> Any:
        return side.Variable(1.0, name=name, trainable=trainable)

    return box(
        z=variable("z"),
        a=[variable("a0"), (variable("a1"), {"q": variable("q"), "b": variable("b", False)})],
        m=box(name="inner", w=variable("w"), k=box(name="innermost", x=variable("x", False))),
        b=box(y=variable("y")),
        s={1, 2},
        n=None,
        t=side.constant(1.0),
        text="text",
        od=collections.OrderedDict([("y", variable("ody")), ("x", variable("odx"))]),
        dd=collections.defaultdict(list, {"c": [variable("dd")]}),
        nt=Pair(variable("ntz"), variable("nta")),
        listed=[box(name="first", v=variable("v")), None, box(name="second")],
        slices=side.IndexedSlices(side.constant([1.0]), side.constant([0])),
    )


def cyclic(side: Any) -> Any:
    root = tree(side)
    root.itself = root
    root.again = root.z
    root.l = [root.b, root.m]
    root.m.up = root
    return root


def names(values: Any) -> list[str]:
    return [value.name for value in values]


MODULES = {
    "variables": lambda side, root: names(root.variables),
    "trainable": lambda side, root: names(root.trainable_variables),
    "not trainable": lambda side, root: names(root.non_trainable_variables),
    "submodules": lambda side, root: names(root.submodules),
    "types": lambda side, root: [type(each) for each in (root.variables, root.trainable_variables, root.submodules)],
    "of a submodule": lambda side, root: names(root.m.variables),
    "own": lambda side, root: names(
        root._flatten(recursive=False, predicate=lambda value: isinstance(value, side.Variable))
    ),
    "paths": lambda side, root: [
        (path, value.name)
        for path, value in root._flatten(with_path=True, predicate=lambda value: isinstance(value, side.Variable))
    ],
    "reversed": lambda side, root: names(
        root._flatten(
            predicate=lambda value: isinstance(value, side.Variable),
            attribute_traversal_key=lambda key: [-ord(each) for each in key],
        )
    ),
    "text": lambda side, root: list(root._flatten(predicate=lambda value: isinstance(value, str))),
}


@pytest.mark.parametrize("build", [tree, cyclic])
@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_finds(name: str, build: Any) -> None:
    ours, theirs = (MODULES[name](side, build(side)) for side in (functape, tensorflow))
    assert ours == theirs


def subclass(side: Any, name: str) -> Any:
    return type(name, (side.Module,), {})


def ignoring(side: Any) -> Any:
    class Ignoring(side.Module):
        _TF_MODULE_IGNORED_PROPERTIES = frozenset({"hidden"}).union(side.Module._TF_MODULE_IGNORED_PROPERTIES)

        def __init__(self) -> None:
            super().__init__()
            self.hidden = side.Variable(1.0, name="hidden")
            self.seen = side.Variable(1.0, name="seen")

    return Ignoring()


def uninitialised(side: Any) -> Any:
    class Uninitialised(side.Module):
        def __init__(self) -> None:
            self.w = side.Variable(1.0, name="w")

    return Uninitialised()


def scoped(side: Any) -> Any:
    class ScopedLayer(side.Module):
        @side.Module.with_name_scope
        def __call__(self, x: Any, y: Any = 2) -> Any:
            """What it does."""
            self.w = side.Variable(1.0)
            return x + y, self.w.name

    return ScopedLayer


def in_scopes(side: Any) -> Any:
    seen: list[Any] = []

    def note(scope: str) -> None:
        seen.append((scope, side.Variable(1.0, name="w").name, side.Variable(1.0).name))

    with side.name_scope("outer") as outer:
        note(outer)
        module = box_class(side)("in")
        seen.append((module.name, module.name_scope.name))
        for scope in ("p/", "", "r", "deep/er"):
            with side.name_scope(scope) as entered:
                note(entered)
        with module.name_scope as entered:
            note(entered)
        note("")
    with module.name_scope as entered:
        note(entered)
    twice = side.name_scope("twice")
    with twice as once, twice as again:
        seen.append((once, again, twice.name))
    try:
        with side.name_scope("raising"):
            raise KeyError
    except KeyError:
        note("after")
    return seen


SINGLE = {
    **{
        f"name {name!r}": lambda side, name=name: box_class(side)(name).name
        for name in ("q", "a b", "1a", "", "a/b", "\u00e9", 5)
    },
    **{
        f"class {name}": lambda side, name=name: subclass(side, name)().name
        for name in ("HTTPServer2XYZ", "MyModel", "_Private", "ABC", "aB", "A_B", "X1Y")
    },
    "default": lambda side: side.Module().name,
    "named": lambda side: side.Module(name="x").name,
    "scope": lambda side: side.Module(name="x").name_scope.name,
    "scope in scope": in_scopes,
    "ignored": lambda side: names(ignoring(side).variables),
    "uninitialised": lambda side: names(uninitialised(side).variables),
    "uninitialised name": lambda side: uninitialised(side).name,
    "unsortable keys": lambda side: box_class(side)(d={1: None, "x": None}).variables,
    "integer keys": lambda side: names(
        box_class(side)(d={2: side.Variable(1.0, name="b"), 1: side.Variable(1.0)}).variables
    ),
    "empty": lambda side: box_class(side)(d={}, l=[]).variables,
    "method": lambda side: scoped(side)()(1),
    "method in scope": lambda side: scoped(side)("named")(1, y=3),
    "method's name": lambda side: scoped(side).__call__.__name__,
    "method's text": lambda side: scoped(side).__call__.__doc__,
    "scope of none": lambda side: side.name_scope(None),
    "scope of a number": lambda side: side.name_scope(3),
    "scope of two": lambda side: side.name_scope("a", "b"),
    "scope as decorator": lambda side: side.name_scope("a")(len),
}


def outcome(function: Any, side: Any) -> Any:
    try:
        return function(side)
    except Exception as error:
        return type(error).__name__


@pytest.mark.parametrize("name", SINGLE)
def test_modules_and_scopes(name: str) -> None:
    ours, theirs = (outcome(SINGLE[name], side) for side in (functape, tensorflow))
    assert ours == theirs


def test_an_attribute_added_to_a_list_is_found() -> None:
    module = box_class(functape)(l=[functape.Variable(1.0, name="a")])
    module.l.append(functape.Variable(1.0, name="b"))
    assert names(module.variables) == ["a:0", "b:0"]


def test_scopes_are_each_thread_s_own() -> None:
    entered: list[str] = []

    def enter() -> None:
        with functape.name_scope("inner") as scope:
            entered.append(scope)

    with functape.name_scope("outer"):
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert entered == ["inner/"]


def test_a_different_order_is_seen() -> None:
    assert names(tree(functape).variables)[::-1] != names(tree(tensorflow).variables)
