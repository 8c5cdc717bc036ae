"""Which names of TensorFlow's a program uses, found by reading its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

ROOTS = {
    "tensorflow": "", "functape": "", "keras": "keras", "tf_keras": "keras", "tensorflow_core": "",
    "tensorflow.compat.v2": "", "tensorflow.keras": "keras", "functape.keras": "keras",
}  # fmt: skip
"""For each package that stands for TensorFlow or Keras, its path under `tf`."""


class Use(NamedTuple):
    """One use of a name."""

    name: str
    """Its dotted path under `tf`."""
    line: int
    column: int


def uses(source: str, filename: str = "<source>") -> list[Use]:
    """The names of TensorFlow's that a Python program uses, in the order of its lines.

    Names are followed through imports, `as`, assignments (`K = tf.keras.backend`) and `getattr(tf, "name")`; a
    parameter or variable that hides one is respected. Nothing is run.

    **Arguments:**
    - `source`: the program.
    - `filename`: for messages.

    **Raises:** `SyntaxError` if it is no Python.

    ```python
    >>> from functape._check_names import uses
    >>> [use.name for use in uses("from tensorflow import math as m\\nm.add(1, 2)")]
    ['math', 'math.add']

    ```
    """
    reader = _Reader()
    reader.read(ast.parse(source, filename))
    return sorted(set(reader.found), key=lambda use: (use.line, use.column, use.name))


def _module_path(module: str) -> str | None:
    """The path under `tf` of a module that is imported, or None if it is not TensorFlow's."""
    for length in range(module.count(".") + 1, 0, -1):
        parts = module.split(".")
        root = ROOTS.get(".".join(parts[:length]))
        if root is not None:
            return ".".join([root, *parts[length:]] if root else parts[length:])
    return None


Scope = dict[str, str | None]


class _Reader(ast.NodeVisitor):
    """Walks a program, scope by scope."""

    def __init__(self) -> None:
        self.found: list[Use] = []
        self.scopes: list[Scope] = [{}]

    def read(self, tree: ast.Module) -> None:
        self.scopes[0].update(_bound(tree.body))
        for statement in tree.body:
            self.visit(statement)

    # ---- what names stand for ----

    def _look_up(self, name: str) -> str | None:
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def _path(self, node: ast.AST) -> str | None:
        """The path under `tf` of an expression; None if it is something else."""
        if isinstance(node, ast.Name):
            return self._look_up(node.id)
        if isinstance(node, ast.Attribute):
            base = self._path(node.value)
            return None if base is None else f"{base}.{node.attr}" if base else node.attr
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "getattr":
            base = self._path(node.args[0]) if len(node.args) >= 2 else None
            if base is not None and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str):
                return f"{base}.{node.args[1].value}" if base else node.args[1].value
        return None

    def _note(self, path: str, node: ast.AST) -> None:
        if path:
            self.found.append(Use(path, node.lineno, node.col_offset + 1))  # type: ignore[attr-defined]

    # ---- expressions ----

    def visit_Attribute(self, node: ast.Attribute) -> None:
        path = self._path(node)
        if path is None:
            self.generic_visit(node)
        elif not isinstance(node.ctx, ast.Store):
            self._note(path, node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            path = self._look_up(node.id)
            if path:
                self._note(path, node)

    def visit_Call(self, node: ast.Call) -> None:
        path = self._path(node)
        if path is not None:
            self._note(path, node)
            for each in node.args[2:]:
                self.visit(each)
        else:
            self.generic_visit(node)

    # ---- bindings ----

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            path = _module_path(alias.name)
            if path is None:
                continue
            self._note(path, node)
            top = alias.name.partition(".")[0]
            self.scopes[-1][alias.asname or top] = path if alias.asname else _module_path(top)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = None if node.level else _module_path(node.module or "")
        for alias in node.names:
            if base is None:
                self.scopes[-1][alias.asname or alias.name] = None
            elif alias.name == "*":
                self._note(base, node)
                self.scopes[-1].update({each: _join(base, each) for each in _names_in(base)})
            else:
                path = _join(base, alias.name)
                self._note(path, node)
                self.scopes[-1][alias.asname or alias.name] = path

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            # `tf = None` after a failed import does not hide what the import gives.
            return
        path = self._path(node.value)
        for target in node.targets:
            self._bind(target, path)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self._bind(node.target, self._path(node.value))

    def _bind(self, target: ast.AST, path: str | None) -> None:
        if isinstance(target, ast.Name):
            self.scopes[-1][target.id] = path
        else:
            for each in _targets(target):
                self.scopes[-1][each] = None
            self.visit(target)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._bind(node.target, None)
        for each in [*node.body, *node.orelse]:
            self.visit(each)

    visit_AsyncFor = visit_For  # type: ignore[assignment]

    # ---- scopes ----

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for each in [*node.decorator_list, *_outside(node.args)]:
            self.visit(each)
        if node.returns is not None:
            self.visit(node.returns)
        self.scopes[-1][node.name] = None
        self._inside(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for each in _outside(node.args):
            self.visit(each)
        body: list[ast.AST] = [node.body]
        self._inside(node.args, body)

    def _inside(self, arguments: ast.arguments, body: list[ast.AST] | list[ast.stmt]) -> None:
        inner: Scope = _bound(body)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
        inner.update({each.arg: None for each in every if each is not None})
        self.scopes.append(inner)
        for each in body:
            self.visit(each)
        self.scopes.pop()

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]:
            self.visit(each)
        self.scopes[-1][node.name] = None
        self.scopes.append({})
        for statement in node.body:
            self.visit(statement)
        self.scopes.pop()

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.scopes.append({})
        for generator in node.generators:
            self.visit(generator.iter)
            self._bind(generator.target, None)
            for condition in generator.ifs:
                self.visit(condition)
        for each in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(each)
        self.scopes.pop()

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension


def _join(base: str, name: str) -> str:
    return f"{base}.{name}" if base else name


def _names_in(base: str) -> frozenset[str]:
    from functape._missing import tensorflow_names

    return tensorflow_names().get(base, frozenset())


def _outside(arguments: ast.arguments) -> Iterator[ast.expr]:
    """The expressions of a parameter list that are evaluated outside the function."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    yield from (each.annotation for each in every if each is not None and each.annotation is not None)
    yield from (each for each in [*arguments.defaults, *arguments.kw_defaults] if each is not None)


def _targets(node: ast.AST) -> Iterator[str]:
    """The plain names that a target of an assignment binds."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Tuple | ast.List | ast.Starred):
        for each in ast.iter_child_nodes(node):
            yield from _targets(each)


def _bound(body: list[ast.AST] | list[ast.stmt]) -> Scope:
    """What a scope's imports bind, wherever they stand in it, and None for the other names assigned in it.

    A function may be written above the import that it uses when it is called.
    """
    found: Scope = {}
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop(0)
        if isinstance(node, ast.Import):
            for alias in node.names:
                path = _module_path(alias.name if alias.asname else alias.name.partition(".")[0])
                if path is not None:
                    found[alias.asname or alias.name.partition(".")[0]] = path
        elif isinstance(node, ast.ImportFrom):
            base = None if node.level else _module_path(node.module or "")
            if base is not None:
                names = _names_in(base) if node.names[0].name == "*" else ()
                found.update({each: _join(base, each) for each in names})
                found.update({a.asname or a.name: _join(base, a.name) for a in node.names if a.name != "*"})
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Name | ast.Attribute):
            _bind_alias(node, found)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.setdefault(node.name, None)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.expr):
            pending = [*ast.iter_child_nodes(node), *pending]
    return found


def _bind_alias(node: ast.Assign, found: Scope) -> None:
    """Bind `K = tf.keras.backend` before the functions above it are read."""
    parts: list[str] = []
    value: ast.AST = node.value
    while isinstance(value, ast.Attribute):
        parts.insert(0, value.attr)
        value = value.value
    base = found.get(value.id) if isinstance(value, ast.Name) else None
    if base is not None:
        path = ".".join([base, *parts] if base else parts)
        found.update({each.id: path for each in node.targets if isinstance(each, ast.Name) and each.id not in found})
