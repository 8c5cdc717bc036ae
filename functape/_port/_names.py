"""What to call a recorded value: the user's own variable names where the line that recorded it says so."""

from __future__ import annotations

import ast
import functools
import inspect
import keyword
import linecache
import re
from collections.abc import Sequence
from typing import Any

from functape._engine._state import Node
from functape._engine._tensor import BaseTensor

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def identifier(text: str) -> str:
    """A name that Python takes, from any text."""
    name = re.sub(r"\W+", "_", text).strip("_") or "value"
    return f"value_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def tensors_around(function: Any) -> dict[int, str]:
    """What a function calls the tensors of the code around it, by their ids."""
    function = getattr(function, "python_function", function)
    function = getattr(function, "__func__", function)
    if not inspect.isfunction(function):
        return {}
    around = inspect.getclosurevars(function)
    found = {**around.globals, **around.nonlocals}
    return {id(value): identifier(name) for name, value in found.items() if isinstance(value, BaseTensor)}


def op_name(node: Node) -> str:
    """A name for what an op returns, after the op."""
    name = re.sub(r"(V\d|VariableOp)$", "", node.op.name)
    return identifier(_SNAKE.sub("_", name).lower())


def value_names(nodes: Sequence[Node]) -> dict[int, str]:
    """For each slot that some nodes return, what to call it."""
    names: dict[int, str] = {}
    last: dict[str, Node] = {node.line: node for node in nodes if node.outputs}
    for node in nodes:
        targets = _targets(node.line) if last.get(node.line) is node else ()
        base = op_name(node)
        if len(targets) == len(node.outputs):
            names.update(zip(node.outputs, targets, strict=True))
        elif len(targets) == 1 and len(node.outputs) > 1:
            names.update((slot, f"{targets[0]}_{place}") for place, slot in enumerate(node.outputs))
        else:
            names.update(dict.fromkeys(node.outputs, base))
    return names


def _targets(line: str) -> tuple[str, ...]:
    """The names that the statement at `file:line in function` assigns."""
    place, _, _ = line.partition(" in ")
    file, _, number = place.rpartition(":")
    if not number.isdigit():
        return ()
    statement = _statements(file).get(int(number))
    if statement is None:
        return ()
    target: Any = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target  # type: ignore[attr-defined]
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    names = [part.id if isinstance(part, ast.Name) else getattr(part, "attr", None) for part in parts]
    return tuple(identifier(str(name)) for name in names) if all(names) else ()


@functools.lru_cache(maxsize=256)
def _statements(file: str) -> dict[int, ast.stmt]:
    """The assignments of a file by the lines they span."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return {}
    found: dict[int, ast.stmt] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 or isinstance(node, ast.AnnAssign | ast.AugAssign):
            for number in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found[number] = node
    return found
