"""The layout is the architecture: imports point one way, and the rules that keep it readable hold."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import functape

PACKAGE = Path(functape.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

LAYERS = ("_engine", "_ops", "_core", "_api", "autodiff", "function", "keras", "__init__", "tensorflow_alias", "cli")
"""From the bottom up; a file may import from its own layer and those below. A public module stands with `_api`."""
BELOW_ALL = {"_version", "_missing", "_reasons", "_namespace", "_unsupported"}
SUPPORT = {
    "_seeds": "_ops",
    "autograph": "function",
    "compat": "keras",
    "data": "function",
    "debugging": "function",
    "distribute": "function",
    "_linear_operators": "function",
    "io": "function",
    "lookup": "function",
    "initializers": "keras",
    "losses": "keras",
    "metrics": "keras",
    "optimizers": "keras",
    "saved_model": "keras",
    "summary": "function",
    "train": "keras",
    "types": "function",
    "functional": "keras",
    "testing": "keras",
    "_port": "cli",
    "_kernel": "cli",
    "_notebook": "cli",
    "_script": "cli",
    "__main__": "cli",
}


def layer(module: str) -> int:
    """The height of a module's layer."""
    parts = module.split(".")[1:] or ["__init__"]
    name = SUPPORT.get(parts[0], parts[0])
    if name in BELOW_ALL:
        return -1
    return LAYERS.index(name) if name in LAYERS else LAYERS.index("_api")


def module_of(path: Path) -> str:
    parts = ("functape", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(tree: ast.AST):
    """Modules imported at the top level, those for type checkers aside."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def test_layers_are_seen():
    assert layer("functape._engine._op") < layer("functape._ops._operators") < layer("functape._core._tensor")
    assert layer("functape.math") == layer("functape._api._reductions") < layer("functape.autodiff")
    assert layer("functape") > layer("functape.keras.optimizers")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_keeps_the_rules(path):
    source = path.read_text()
    tree = ast.parse(source)
    own = module_of(path)
    assert len(source.splitlines()) <= 600, "is this still one idea?"
    assert ast.get_docstring(tree), "a file says in one line what it is for"
    for module in imports(tree):
        assert not module.startswith("jax._src"), "public JAX API only"
        assert module.split(".")[0] not in ("tensorflow", "keras", "tf_keras"), "the package never imports TensorFlow"
        if module.split(".")[0] == "functape":
            assert layer(module) <= layer(own), f"{own} must not import {module} from a layer above it"


def test_a_violation_would_be_found():
    assert list(imports(ast.parse("from jax._src import core\nimport tensorflow as tf"))) == ["jax._src", "tensorflow"]
    assert layer("functape.keras.optimizers") > layer("functape._ops._checks")


def test_the_engine_imports_only_jax_and_numpy():
    allowed = set(sys.stdlib_module_names) | {"jax", "numpy", "ml_dtypes", "functape"}
    for path in (PACKAGE / "_engine").glob("*.py"):
        for module in imports(ast.parse(path.read_text())):
            assert module.split(".")[0] in allowed
            assert not module.startswith("functape.") or module.startswith("functape._engine")


def public_modules():
    yield functape
    for info in pkgutil.walk_packages(functape.__path__, "functape."):
        if not any(part.startswith("_") for part in info.name.split(".")):
            yield importlib.import_module(info.name)


@pytest.mark.parametrize("module", list(public_modules()), ids=lambda module: module.__name__)
def test_public_functions_are_documented(module):
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    for name in names:
        value = getattr(module, name)
        if callable(value) and getattr(value, "__module__", "").startswith("functape"):
            assert value.__doc__, f"{module.__name__}.{name} has no docstring"


def test_import_loads_nothing_that_is_not_needed():
    code = (
        "import sys, functape;"
        "heavy = {'optax', 'flax', 'tensorflow', 'matplotlib', 'nbformat', 'nbclient', 'chex', 'typer', 'IPython'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "[]"
