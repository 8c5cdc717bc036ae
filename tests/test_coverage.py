"""The coverage page is what the package says, and the package has what it must have."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import tensorflow

from functape import _coverage as coverage
from functape._missing import tensorflow_names
from functape._reasons import INSTEAD
from functape._unsupported import DIFFERENT, UNSUPPORTED

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == coverage.page(), "run python -m functape._coverage docs/coverage.md"


def functions_of(module: str) -> list[str]:
    """TensorFlow's public functions in a module: what can be called and is neither a class nor a module."""
    found: Any = tensorflow
    for part in module.split(".") if module else ():
        found = getattr(found, part)
    public = {name: getattr(found, name) for name in dir(found) if not name.startswith("_")}
    return [
        name
        for name, value in public.items()
        if callable(value) and not inspect.isclass(value) and not inspect.ismodule(value)
    ]


@pytest.mark.parametrize("module, share", [("math", 0.95), ("linalg", 0.95), ("nn", 0.95), ("", 0.9)])
def test_nearly_all_public_functions_are_there(module: str, share: float):
    names = functions_of(module)
    assert len(names) > 40
    found = [
        name
        for name in names
        if coverage.status(f"{module}.{name}" if module else name).kind in (coverage.SUPPORTED, coverage.DIFFERS)
    ]
    assert len(found) >= share * len(names), sorted(set(names) - set(found))


@pytest.mark.parametrize("path", sorted(UNSUPPORTED | INSTEAD))
def test_what_is_unsupported_is_tensorflows_and_absent(path: str):
    module, _, name = path.rpartition(".")
    assert name in tensorflow_names().get(module, ()) or path.partition(".")[0] in ("compat", "estimator")
    if path != "compat.v1":
        assert coverage.status(path).kind == coverage.UNSUPPORTED, "it exists: remove the entry"


@pytest.mark.parametrize("path", sorted(DIFFERENT))
def test_what_differs_is_there(path: str):
    assert coverage.status(path) == coverage.Status(coverage.DIFFERS, DIFFERENT[path])


def test_a_name_that_is_missing_is_told_apart_from_one_that_is_unsupported():
    assert coverage.status("math.nothing").kind == coverage.MISSING
    assert coverage.status("Session").kind == coverage.UNSUPPORTED
    assert coverage.status("Tensor.nothing").kind == coverage.UNSUPPORTED
    assert coverage.find("math.add").__name__ == "add"
