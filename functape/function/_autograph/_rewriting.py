"""Python constructs that the transformation library does not know, written as ones that it knows.

`except E as e`, `match`, the walrus operator, `else` of loops and private attribute names become plain statements
before the function is converted. What cannot be said otherwise raises `Unsupported`; the function then runs as it
stands.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import Any

from functape.function._autograph._matching import MatchStatement, call, name_of

Statements = list[ast.stmt]
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Unsupported(Exception):
    """A construct that cannot be converted."""


def rewrite(node: ast.AST, new_name: Callable[[str], str], class_name: str | None) -> ast.AST:
    """A function without the constructs that need rewriting.

    **Arguments:**
    - `node`: the function's definition; changed in place.
    - `new_name`: gives a name that is not in use, like the one given.
    - `class_name`: the class around the function, for private names.

    **Raises:** `Unsupported`.
    """
    return _Rewriter(new_name, class_name).visit(node)


class _Rewriter(ast.NodeTransformer):
    def __init__(self, new_name: Callable[[str], str], class_name: str | None) -> None:
        self.new_name = new_name
        self.class_name = class_name

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self.class_name and node.attr.startswith("__") and not node.attr.endswith("__"):
            node.attr = f"_{self.class_name.lstrip('_')}{node.attr}"
        return node

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        self.generic_visit(node)
        if node.name is not None:
            node.body.insert(0, _assign(node.name, call("current_exception")))
            node.name = None
        return node

    def visit_Match(self, node: ast.Match) -> Statements:
        self.generic_visit(node)
        return MatchStatement(node, self.new_name).statements()

    # ---- loops with an else clause -----------------------------------------------------------------------------

    def visit_For(self, node: ast.For) -> Any:
        before, node.iter = self._hoisted(node.iter)
        self.generic_visit(node)
        return [*before, *self._without_else(node)]

    def visit_While(self, node: ast.While) -> Any:
        before, node.test = self._hoisted(node.test)
        if before:
            _insert_before_continue(node.body, before)
            node.body = [*node.body, *copy.deepcopy(before)]
        self.generic_visit(node)
        return [*before, *self._without_else(node)]

    def _without_else(self, node: ast.For | ast.While) -> Statements:
        if not node.orelse:
            return [node]
        otherwise, node.orelse = node.orelse, []
        left = self.new_name("loop_left")
        if not _insert_before_break(node.body, _assign(left, ast.Constant(True))):
            return [node, *otherwise]
        test = ast.UnaryOp(ast.Not(), name_of(left))
        return [_assign(left, ast.Constant(False)), node, ast.If(test=test, body=otherwise, orelse=[])]

    # ---- the walrus operator -----------------------------------------------------------------------------------

    def visit_If(self, node: ast.If) -> Any:
        before, node.test = self._hoisted(node.test)
        self.generic_visit(node)
        return [*before, node]

    def _visit_with_value(self, node: Any) -> Any:
        if node.value is None:
            return self.generic_visit(node)
        before, node.value = self._hoisted(node.value)
        self.generic_visit(node)
        return [*before, node]

    visit_Expr = visit_Assign = visit_AugAssign = visit_AnnAssign = visit_Return = _visit_with_value

    def visit_Assert(self, node: ast.Assert) -> Any:
        before, node.test = self._hoisted(node.test)
        self.generic_visit(node)
        return [*before, node]

    def visit_NamedExpr(self, node: ast.NamedExpr) -> Any:
        raise Unsupported(
            f"the walrus operator in `{ast.unparse(node)}` stands where it may not be evaluated; assign to "
            f"{node.target.id} in a statement of its own"
        )

    def _hoisted(self, expression: ast.expr) -> tuple[Statements, ast.expr]:
        """The assignments in an expression as statements before it, and the expression without them."""
        before: Statements = []
        read: set[str] = set()

        def visit(node: Any) -> Any:
            if isinstance(node, ast.NamedExpr):
                target = node.target.id
                if target in read:
                    raise Unsupported(f"`{ast.unparse(expression)}` reads {target} before it assigns to it")
                value = visit(node.value)
                read.discard(target)
                before.append(ast.copy_location(_assign(target, value), node))
                return ast.copy_location(name_of(target), node)
            if isinstance(node, ast.Name):
                read.add(node.id)
            elif isinstance(node, ast.BoolOp):
                node.values[0] = visit(node.values[0])
            elif isinstance(node, ast.IfExp):
                node.test = visit(node.test)
            elif isinstance(node, ast.Compare):
                node.left = visit(node.left)
                node.comparators[0] = visit(node.comparators[0])
            elif not isinstance(node, (*_SCOPES, *_COMPREHENSIONS)):
                for field, value in ast.iter_fields(node):
                    if isinstance(value, list):
                        setattr(node, field, [visit(each) if isinstance(each, ast.AST) else each for each in value])
                    elif isinstance(value, ast.AST):
                        setattr(node, field, visit(value))
            return node

        return before, visit(expression)


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign(targets=[name_of(name, ast.Store())], value=value)


def _blocks(statement: ast.stmt) -> list[Statements]:
    """The blocks of a statement in which a break or continue belongs to the loop around it."""
    if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
        return [statement.orelse]
    if isinstance(statement, _SCOPES):
        return []
    blocks = [getattr(statement, field, []) for field in ("body", "orelse", "finalbody")]
    blocks += [handler.body for handler in getattr(statement, "handlers", [])]
    return blocks + [case.body for case in getattr(statement, "cases", [])]


def _insert(block: Statements, kind: type[ast.stmt], statements: Statements) -> bool:
    """Put statements before each break or continue of a loop; returns whether there is any."""
    found = False
    for index in reversed(range(len(block))):
        if isinstance(block[index], kind):
            block[index:index] = copy.deepcopy(statements)
            found = True
        else:
            for inner in _blocks(block[index]):
                found |= _insert(inner, kind, statements)
    return found


def _insert_before_break(block: Statements, statement: ast.stmt) -> bool:
    return _insert(block, ast.Break, [statement])


def _insert_before_continue(block: Statements, statements: Statements) -> bool:
    return _insert(block, ast.Continue, statements)
