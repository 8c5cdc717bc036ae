"""How much of TensorFlow's public interface there is: the register that the coverage page and `functape check` read.

`python -m functape._coverage FILE` writes the page.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import pathlib
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, NamedTuple

from functape._missing import explain, reason, tensorflow_names
from functape._reasons import PRIVATE, RENAMED, TENSORFLOW_1
from functape._unsupported import DIFFERENT

SUPPORTED, DIFFERS, UNSUPPORTED, MISSING = "supported", "supported with a difference", "unsupported", "missing"


class Status(NamedTuple):
    """What becomes of a name of TensorFlow's."""

    kind: str
    """`SUPPORTED`, `DIFFERS`, `UNSUPPORTED` (on purpose: there is another way) or `MISSING`."""
    note: str
    """The difference, or the reason and the alternative; empty if supported."""


def find(path: str) -> Any:
    """The object that `tf.<path>` is.

    **Raises:** `AttributeError` if there is none.

    ```python
    >>> from functape._coverage import find
    >>> find("math.add").__name__
    'add'

    ```
    """
    found: Any = importlib.import_module("functape")
    for name in path.split(".") if path else ():
        found = getattr(found, name)
    return found


@functools.cache
def status(path: str) -> Status:
    """Whether functape has `tf.<path>`, and what to do if not.

    **Arguments:**
    - `path`: the dotted name under `tf`; what follows a class or a module's object is looked up on that.

    ```python
    >>> from functape._coverage import status
    >>> status("math.add")
    Status(kind='supported', note='')
    >>> status("lite.Interpreter").kind
    'unsupported'

    ```
    """
    found: Any = importlib.import_module("functape")
    parts = path.split(".")
    for position, name in enumerate(parts):
        if not isinstance(found, ModuleType) and not inspect.isclass(found):
            break
        try:
            found = getattr(found, name)
        except AttributeError:
            return _absent(path, ".".join(parts[:position]), found, name)
        except ImportError as error:
            return Status(MISSING, f"tf.{path} cannot be loaded: {error}")
    return _differing(parts)


def _differing(parts: list[str]) -> Status:
    for length in range(len(parts), 0, -1):
        note = DIFFERENT.get(".".join(parts[:length]))
        if note is not None:
            return Status(DIFFERS, note)
    return Status(SUPPORTED, "")


def _absent(path: str, owner: str, found: Any, name: str) -> Status:
    if inspect.isclass(found):
        return Status(UNSUPPORTED, f"tf.{owner} has no attribute {name!r}.")
    decided = reason(path) is not None or path in RENAMED or path in TENSORFLOW_1 or path.partition(".")[0] in PRIVATE
    known = [each for each in dir(found) if not each.startswith("_")]
    return Status(UNSUPPORTED if decided else MISSING, explain(path, known))


def modules() -> Iterator[tuple[str, dict[str, Status]]]:
    """TensorFlow's public modules, with the status of each of their names."""
    for module, names in sorted(tensorflow_names().items()):
        yield module, {name: status(f"{module}.{name}" if module else name) for name in sorted(names)}


_HEADER = """\
# TensorFlow's interface, name by name

Written by `python -m functape._coverage docs/coverage.md` from the package itself and the list of TensorFlow 2.21's
public names; a test compares. The names of Keras are those of both generations, Keras 2 and Keras 3. *Unsupported*
names are absent on purpose and raise an error that says why and what to use instead; *missing* ones are only absent.
`functape check FILE` tells which of them a program uses.

| module | names | supported | unsupported | missing |
|---|---|---|---|---|
"""


def page() -> str:
    """The coverage page, as Markdown."""
    rows, sections = [], []
    total = [0, 0, 0, 0]
    for module, names in modules():
        title = f"tf.{module}" if module else "tf"
        kinds = [each.kind for each in names.values()]
        supported = [name for name, each in names.items() if each.kind in (SUPPORTED, DIFFERS)]
        counts = [len(kinds), len(supported), kinds.count(UNSUPPORTED), kinds.count(MISSING)]
        total = [before + now for before, now in zip(total, counts, strict=True)]
        rows.append(f"| {title} | {' | '.join(map(str, counts))} |")
        sections.append(_section(title, module, names, supported))
    rows.append(f"| **all** | {' | '.join(map(str, total))} |")
    return _HEADER + "\n".join(rows) + "\n\n" + "\n".join(sections)


def _section(title: str, module: str, names: dict[str, Status], supported: list[str]) -> str:
    lines = [f"## {title}", ""]
    if supported:
        lines += [f"Supported: {_listed(supported)}", ""]
    differing = {name: each.note for name, each in names.items() if each.kind == DIFFERS}
    lines += [f"- `{name}` differs: {note}" for name, note in differing.items()]
    by_reason: dict[str, list[str]] = {}
    for name, each in names.items():
        if each.kind == UNSUPPORTED:
            why = reason(f"{module}.{name}" if module else name) or each.note
            by_reason.setdefault(why, []).append(name)
    lines += [f"- Unsupported: {_listed(group)}. {why}" for why, group in by_reason.items()]
    missing = [name for name, each in names.items() if each.kind == MISSING]
    if differing or by_reason:
        lines.append("")
    if missing:
        lines += [f"Missing: {_listed(missing)}", ""]
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    pathlib.Path(sys.argv[1]).write_text(page(), encoding="utf-8")
