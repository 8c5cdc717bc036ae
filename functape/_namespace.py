"""Putting public names together lazily, so that import stays as quick as jax's."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from functape._missing import missing_attribute, names_of


def lazy(module: str, names: dict[str, str], known: Callable[[], Iterable[str]]) -> Callable[[str], Any]:
    """The `__getattr__` of a public module, which also says what `from module import *` takes.

    A module's own `__all__` is extended by the names that are loaded on first touch. Where there is none it is what
    TensorFlow has too, found when it is asked for: functape's own names would hide those of a program that does not
    know them.

    **Arguments:**
    - `module`: the module's name.
    - `names`: for each name that is loaded on first touch, where it is: `package.module` for a module, or
      `package.module:attribute`.
    - `known`: the names the module has, for the message about one it has not.

    **Returns:** a function from a name to its value. It raises an `AttributeError` that names the nearest alternative.
    """

    exported = vars(sys.modules[module]).get("__all__")
    if exported is not None:
        exported += [name for name in names if name not in exported]

    def __getattr__(name: str) -> Any:
        place = names.get(name)
        if place is None:
            if name == "__all__":
                taken = {"__version__", *names_of(module)}
                return [each for each in {**vars(sys.modules[module]), **names} if each in taken]
            if name.startswith("__") and name.endswith("__"):
                raise AttributeError(f"module {module!r} has no attribute {name!r}")
            raise missing_attribute(module, name, [*known(), *names])
        path, _, attribute = place.partition(":")
        loaded = importlib.import_module(path)
        value = getattr(loaded, attribute) if attribute else loaded
        setattr(importlib.import_module(module), name, value)
        return value

    return __getattr__


class _Package(ModuleType):
    """A package that has a name in common with one of its subpackages, whose import leaves the name as it is."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not isinstance(value, ModuleType) or name not in self.__dict__["_SHADOWED"]:
            super().__setattr__(name, value)


def keep_names(package: str) -> None:
    """Keep the import of the subpackages named in a package's `_SHADOWED` from hiding what the names stand for."""
    sys.modules[package].__class__ = _Package
