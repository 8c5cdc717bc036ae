"""Which functions are converted."""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import types
import unittest
from pathlib import Path
from typing import Any

import functape._version

_LIBRARIES = frozenset({
    "functape", "jax", "jaxlib", "malt", "numpy", "scipy", "optax", "flax", "equinox", "ml_dtypes", "chex", "absl",
    "matplotlib", "pandas", "PIL", "tensorflow", "keras", "tf_keras", "tensorflow_probability", "IPython", "ipykernel",
    "pytest", "_pytest", "tqdm", "sklearn",
})  # fmt: skip
"""Packages whose functions run as they are, besides Python's own."""
_HERE = f"{Path(functape._version.__file__).parent}/"
_BUILTIN_TYPES = (types.BuiltinFunctionType, types.MethodWrapperType, types.WrapperDescriptorType)
_builtin_ids = frozenset(map(id, vars(builtins).values()))


def is_builtin(function: Any) -> bool:
    """Whether a function is one of Python's builtins, or written in C."""
    return isinstance(function, _BUILTIN_TYPES) or id(function) in _builtin_ids


def is_artifact(function: Any) -> bool:
    """Whether a function is converted already, or must never be."""
    return hasattr(function, "autograph_info__")


def is_library(function: Any) -> bool:
    """Whether a function's code belongs to Python or to a library that knows nothing of recorded control flow."""
    namespace = getattr(function, "__globals__", None)
    module = function.__module__ if namespace is None else namespace.get("__name__")
    root = (module or "").partition(".")[0]
    if root == "functape" and namespace is not None:
        # An example in a docstring has the module's name, too.
        return function.__code__.co_filename.startswith(_HERE)
    return root in _LIBRARIES or (root in sys.stdlib_module_names and root != "__main__")


def runs_unconverted(function: Any) -> bool:
    """Whether a callable runs as it is: a class, a wrapper, a generator, a coroutine, a library's function."""
    if inspect.isclass(function) or isinstance(function, functools._lru_cache_wrapper):
        return True
    if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
        return True
    if inspect.isasyncgenfunction(function):
        return True
    if inspect.ismethod(function) and isinstance(function.__self__, unittest.TestCase):
        return True
    return type(function).__module__.partition(".")[0] in ("wrapt", "functape")
