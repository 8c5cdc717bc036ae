"""`functape check`: which names of TensorFlow's a program uses that are not there, told before it runs."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from functape._check_names import uses
from functape._coverage import DIFFERS, MISSING, SUPPORTED, UNSUPPORTED, status

_SKIPPED = {"__pycache__", ".git", ".ipynb_checkpoints", "node_modules", "site-packages"}
_MAGIC = re.compile(r"\s*(%|!|\?)")


class Finding(NamedTuple):
    """One use of a name, and what becomes of it."""

    file: str
    cell: int | None
    """The number of the notebook's code cell, from 1."""
    line: int
    column: int
    name: str
    kind: str
    note: str

    @property
    def place(self) -> str:
        """Where it is, as compilers write it."""
        cell = "" if self.cell is None else f":cell {self.cell}"
        return f"{self.file}{cell}:{self.line}:{self.column}"


def check(
    paths: Sequence[pathlib.Path], as_json: bool = False, show_all: bool = False, out: TextIO | None = None
) -> int:
    """Report on scripts, notebooks and folders of them, without running anything.

    **Arguments:**
    - `paths`: files, or folders that are searched for `.py` and `.ipynb` files.
    - `as_json`: write one JSON object instead of lines.
    - `show_all`: list the uses that are supported too; JSON always has them.
    - `out`: where to; standard output by default.

    **Returns:** the exit status: 0 if everything is supported, 1 if something is not, 2 if a file cannot be read.
    """
    out = sys.stdout if out is None else out
    findings: list[Finding] = []
    unread: list[tuple[str, str]] = []
    files = list(_files(paths))
    for path in files:
        try:
            findings += findings_in(path)
        except (SyntaxError, UnicodeDecodeError, OSError, ValueError, KeyError) as error:
            unread.append((str(path), f"cannot be read: {error}"))
    kinds = {finding.name: finding.kind for finding in findings}
    counts = Counter(kinds.values())
    absent = counts[UNSUPPORTED] + counts[MISSING]
    if as_json:
        json.dump(_as_json(files, findings, unread, counts), out, indent=2)
        out.write("\n")
    else:
        for finding in findings:
            if finding.kind != SUPPORTED or show_all:
                note = f": {finding.note}" if finding.note else ""
                kind = UNSUPPORTED if finding.kind == MISSING else finding.kind
                out.write(f"{finding.place}: tf.{finding.name}: {kind}{note}\n")
        for file, message in unread:
            out.write(f"{file}: {message}\n")
        out.write(_summary(len(files), len(kinds), counts, len(unread)) + "\n")
    return 2 if unread else 1 if absent else 0


def findings_in(path: pathlib.Path) -> list[Finding]:
    """What one script or notebook uses.

    **Raises:** `SyntaxError` if it is no Python; `ValueError` or `KeyError` if it is no notebook.
    """
    found = []
    for cell, source in _sources(path):
        with warnings.catch_warnings():
            # A string's unknown escape is the program's own business.
            warnings.simplefilter("ignore")
            used = uses(source, str(path))
        for use in used:
            kind, note = status(use.name)
            place, line = cell(use.line) if callable(cell) else (None, use.line)
            found.append(Finding(str(path), place, line, use.column, use.name, kind, note))
    return found


def _sources(path: pathlib.Path) -> Iterator[tuple[Any, str]]:
    """A file's Python, with a function from its lines to cells and their lines, or None."""
    if path.suffix != ".ipynb":
        with tokenize.open(path) as file:
            yield None, file.read()
        return
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [each for each in notebook["cells"] if each["cell_type"] == "code"]
    lines: list[str] = []
    starts: list[int] = []
    for cell in cells:
        starts.append(len(lines))
        text = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        magic = text.lstrip().startswith("%%")
        for line in text.splitlines():
            lines.append(_plain(line) if not magic else "")

    def place(line: int) -> tuple[int, int]:
        number = max(index for index, start in enumerate(starts) if start < line)
        return number + 1, line - starts[number]

    yield place, "\n".join(lines) + "\n"


def _plain(line: str) -> str:
    """A notebook's line, with `pass` for what only IPython understands."""
    if _MAGIC.match(line) or line.rstrip().endswith("?"):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return line


def _files(paths: Sequence[pathlib.Path]) -> Iterator[pathlib.Path]:
    for path in paths:
        if path.is_dir():
            inside = (each for each in path.rglob("*") if each.suffix in (".py", ".ipynb") and each.is_file())
            yield from sorted(each for each in inside if not _SKIPPED & set(each.relative_to(path).parts))
        else:
            yield path


def _summary(files: int, names: int, counts: Counter[str], unread: int) -> str:
    absent = counts[UNSUPPORTED] + counts[MISSING]
    text = (
        f"{files} file{'s' * (files != 1)}, {names} name{'s' * (names != 1)} of TensorFlow's: {counts[SUPPORTED]} "
        f"supported, {counts[DIFFERS]} supported with a difference, {absent} not supported"
    )
    return text + (f"; {unread} file{'s' * (unread != 1)} could not be read." if unread else ".")


def _as_json(
    files: list[pathlib.Path], findings: list[Finding], unread: list[tuple[str, str]], counts: Counter[str]
) -> dict[str, Any]:
    return {
        "files": len(files),
        "supported": counts[SUPPORTED],
        "supported_with_a_difference": counts[DIFFERS],
        "unsupported": counts[UNSUPPORTED] + counts[MISSING],
        "uses": [
            {
                "file": each.file, "cell": each.cell, "line": each.line, "column": each.column,
                "name": f"tf.{each.name}", "status": UNSUPPORTED if each.kind == MISSING else each.kind,
                "note": each.note,
            }
            for each in findings
        ],
        "unread": [{"file": file, "message": message} for file, message in unread],
    }  # fmt: skip
