"""`import tensorflow` resolved to functape, so that programs written for TensorFlow run unmodified."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
import threading
from collections.abc import Sequence
from types import ModuleType

from functape._missing import explain, missing_attribute

_PACKAGE = "functape"
_lock = threading.RLock()


def install(keras: bool = False) -> None:
    """Make `import tensorflow` give functape, in every form of the statement, from here on in this process.

    The modules are functape's own: `tensorflow.keras is functape.keras`. Calling it again changes nothing.

    **Arguments:**
    - `keras`: whether `import keras` is to give `functape.keras` too.

    **Raises:** `RuntimeError` if this process has imported the real TensorFlow (or Keras) already.

    ```python
    >>> import functape
    >>> functape.install()
    >>> import tensorflow as tf
    >>> tf is functape
    True
    >>> functape.tensorflow_alias.uninstall()

    ```
    """
    roots = {"tensorflow": ""}
    if keras:
        roots["keras"] = "keras"
    with _lock:
        for root in roots:
            _refuse_the_real_one(root)
        _finder.roots.update(roots)
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def uninstall() -> None:
    """Undo `install`: a later `import tensorflow` finds what is installed under that name.

    What a program imported before stays functape's.
    """
    with _lock:
        if _finder in sys.meta_path:
            sys.meta_path.remove(_finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in _finder.roots]:
            del sys.modules[name]
        for module in _finder.made_packages:
            vars(module).pop("__path__", None)
        _finder.made_packages.clear()
        _finder.roots.clear()


def _refuse_the_real_one(root: str) -> None:
    module = sys.modules.get(root)
    if module is not None and not module.__name__.startswith(_PACKAGE):
        raise RuntimeError(
            f"Cannot make `import {root}` give functape: this process has already imported the {root} in "
            f"{getattr(module, '__file__', None)!r}. Call functape.install() before the first import of {root} "
            "(also by a library that uses it), or run the program with `functape run`."
        )


def _resolve(path: str) -> ModuleType:
    """The module of functape at a dotted path; the package itself for the empty one.

    **Raises:** `ImportError` that says why there is none and what to use.
    """
    module = sys.modules[_PACKAGE]
    done = ""
    for name in path.split(".") if path else ():
        done = f"{done}.{name}" if done else name
        if name.startswith("_"):
            raise ImportError(explain(done, ()), name=f"tensorflow.{done}")
        value = vars(module).get(name)
        if not isinstance(value, ModuleType):
            try:
                value = importlib.import_module(f"{module.__name__}.{name}")
            except ModuleNotFoundError as error:
                if not str(error.name).startswith(f"{module.__name__}.{name}"):
                    raise
                value = _attribute(module, name)
        module = value
    return module


def _attribute(module: ModuleType, name: str) -> ModuleType:
    """The module that another one offers under a name that is not its file's."""
    try:
        value = getattr(module, name)
    except AttributeError as error:
        raise ImportError(_explanation(module, name, error), name=f"{module.__name__}.{name}") from None
    if not isinstance(value, ModuleType):
        raise ModuleNotFoundError(f"{module.__name__}.{name} is not a module", name=f"{module.__name__}.{name}")
    return value


def _explanation(module: ModuleType, name: str, error: AttributeError) -> str:
    if str(error).startswith("module "):
        return str(missing_attribute(module.__name__, name, dir(module)))
    return str(error)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers for `tensorflow` and everything below it, and for names that `from ... import` misses in functape."""

    def __init__(self) -> None:
        self.roots: dict[str, str] = {}
        """Top-level name that is answered for, and the path below functape that it stands for."""
        self.made_packages: list[ModuleType] = []
        """Plain modules that were given a `__path__`."""
        self.asked: list[str] = []
        """Names that modules are being asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        root, _, rest = fullname.partition(".")
        if root == _PACKAGE:
            self._explain_a_missed_name(fullname)
            return None
        if root not in self.roots:
            return None
        module = _resolve(f"{self.roots[root]}.{rest}".strip("."))
        self._as_package(module)
        return importlib.machinery.ModuleSpec(fullname, self, origin=module.__name__, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        # The import system takes what a module leaves under its own name; this way functape's module is not touched.
        root, _, rest = module.__name__.partition(".")
        sys.modules[module.__name__] = _resolve(f"{self.roots[root]}.{rest}".strip("."))

    def _explain_a_missed_name(self, fullname: str) -> None:
        """Explain a name that `from tensorflow.<module> import <name>` did not find."""
        parent, _, name = fullname.rpartition(".")
        module = sys.modules.get(parent)
        if fullname in self.asked or module not in self.known or name.startswith("_"):
            return
        if importlib.machinery.PathFinder.find_spec(fullname, getattr(module, "__path__", None)) is not None:
            return
        # A module may answer for a name by importing just this one.
        self.asked.append(fullname)
        try:
            getattr(module, name)
        except AttributeError as error:
            raise ImportError(_explanation(module, name, error), name=fullname) from None
        finally:
            self.asked.remove(fullname)

    @property
    def known(self) -> list[ModuleType]:
        return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in self.roots]

    def _as_package(self, module: ModuleType) -> None:
        """Let the import system ask for the names below a plain module too, so that they can be explained."""
        if not hasattr(module, "__path__"):
            module.__path__ = []
            self.made_packages.append(module)


_finder = _Finder()
