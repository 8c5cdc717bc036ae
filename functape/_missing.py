"""What to say when a program asks for a name that functape does not have: which one, why, and what to use."""

from __future__ import annotations

import difflib
import functools
import importlib
import pathlib
import threading
from collections.abc import Iterable

from functape._reasons import INSTEAD, PRIVATE, RENAMED, TENSORFLOW_1
from functape._unsupported import UNSUPPORTED

_search = threading.local()
"""Whether this thread is looking for a name elsewhere: the modules it asks then answer without looking further."""


def missing_attribute(module_name: str, attribute: str, known_names: Iterable[str]) -> AttributeError:
    """The error for a name that a public module does not have, to be raised by the module's `__getattr__`.

    **Arguments:**
    - `module_name`: the module's name, such as `"functape.math"`.
    - `attribute`: the name asked for.
    - `known_names`: the names the module does have.

    **Returns:** an `AttributeError` that names the symbol, why it is not there, and the nearest alternative.

    ```python
    >>> from functape._missing import missing_attribute
    >>> print(missing_attribute("functape", "reduce_summ", ["reduce_sum", "matmul"]))
    tf.reduce_summ does not exist: neither TensorFlow 2.21 nor functape has it. Did you mean tf.reduce_sum?

    ```
    """
    if attribute.startswith("__") and attribute.endswith("__"):
        return AttributeError(f"module {module_name!r} has no attribute {attribute!r}", name=attribute)
    module = _path(module_name)
    return AttributeError(explain(f"{module}.{attribute}" if module else attribute, known_names), name=attribute)


def explain(path: str, known_names: Iterable[str] = ()) -> str:
    """Why functape has no `tf.<path>`, and what to use.

    **Arguments:**
    - `path`: the dotted name under `tf`.
    - `known_names`: the names its module does have.

    **Returns:** a sentence or two for an error message.
    """
    module, _, name = path.rpartition(".")
    if path.partition(".")[0] in PRIVATE:
        return f"tf.{path} is not available: {PRIVATE[path.partition('.')[0]]}"
    if path.startswith("compat.v1."):
        return f"tf.{path} is TensorFlow 1's, of which functape has only what programs with tapes use. {_instead(path)}"
    if path in RENAMED:
        return f"tf.{path} is a TensorFlow 1 name that TensorFlow 2 does not have. Use {RENAMED[path]}."
    if path in TENSORFLOW_1:
        return f"tf.{path} is a TensorFlow 1 name that TensorFlow 2 does not have. {TENSORFLOW_1[path]}"
    if name in tensorflow_names().get(module, ()):
        why = "is part of TensorFlow 2.21, but this version of functape does not have it."
    else:
        why = "does not exist: neither TensorFlow 2.21 nor functape has it."
    instead = reason(path)
    if instead is not None:
        return f"tf.{path} {why} {instead}"
    found = [f"tf.{other}.{name}" if other else f"tf.{name}" for other in _modules_with(name, module)]
    if not found:
        prefix = f"tf.{module}." if module else "tf."
        found = [prefix + near for near in difflib.get_close_matches(name, _public(known_names), n=3, cutoff=0.7)]
    return f"tf.{path} {why}" + (f" Did you mean {' or '.join(found[:3])}?" if found else "")


def _instead(path: str) -> str:
    """What to use instead of a name of TensorFlow 1."""
    name = path.removeprefix("compat.v1.")
    known = f"Use {RENAMED[name]}." if name in RENAMED else TENSORFLOW_1.get(name, "")
    return f"{known} {reason(path)}".strip()


def reason(path: str) -> str | None:
    """What to use instead of `tf.<path>`, if that is known; what holds for a module holds for all that is in it.

    **Arguments:**
    - `path`: the dotted name under `tf`.
    """
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        instead = INSTEAD.get(name) or UNSUPPORTED.get(name)
        if instead is not None:
            return instead
    return None


@functools.cache
def tensorflow_names() -> dict[str, frozenset[str]]:
    """TensorFlow's public names, by the dotted path of their module under `tf`."""
    text = pathlib.Path(__file__).with_name("_tensorflow_names.txt").read_text(encoding="utf-8")
    lines = (line.partition(": ") if not line.startswith(":") else ("", ":", line[1:]) for line in text.splitlines())
    return {path: frozenset(names.split()) for path, _, names in lines}


def names_of(module_name: str) -> frozenset[str]:
    """TensorFlow's public names in a module.

    **Arguments:**
    - `module_name`: the module's name, such as `"functape.math"`.
    """
    return tensorflow_names().get(_path(module_name), frozenset())


def _path(module_name: str) -> str:
    """The dotted path under `tf` of a module named as in functape or in TensorFlow."""
    return module_name.partition(".")[2] if module_name.startswith(("functape", "tensorflow")) else module_name


def _modules_with(name: str, besides: str) -> list[str]:
    """The public modules in which both TensorFlow and functape have `name`."""
    if getattr(_search, "on", False):
        return []
    _search.on = True
    try:
        paths = [path for path, names in tensorflow_names().items() if name in names and path != besides]
        return sorted((path for path in paths if "experimental" not in path and _has(path, name)), key=len)
    finally:
        _search.on = False


def _has(path: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(f"functape.{path}" if path else "functape"), name)
    except ImportError:
        return False


def _public(names: Iterable[str]) -> list[str]:
    return [name for name in names if not name.startswith("_")]
