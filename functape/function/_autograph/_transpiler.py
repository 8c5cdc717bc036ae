"""Functions rewritten so that their control flow can be recorded.

The rewriting itself is `diastatic-malt`'s, TensorFlow's AutoGraph as a library. Here its steps are put together, and
what it generates is compiled under the file name and the line numbers of the user's own source: tracebacks, debuggers
and notebooks show the line that the user wrote.
"""

from __future__ import annotations

import ast
import re
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any

from malt.converters import (
    asserts,
    break_statements,
    call_trees,
    conditional_expressions,
    continue_statements,
    control_flow,
    directives,
    functions,
    lists,
    logical_expressions,
    return_statements,
    slices,
    variables,
)
from malt.core.converter import ConversionOptions, Feature
from malt.core.unsupported_features_checker import verify
from malt.impl.api import PyToPy
from malt.pyct import anno, ast_util, parser, templates, transpiler
from malt.pyct.cache import CodeObjectCache

from functape.function._autograph._logging import log
from functape.function._autograph._rewriting import rewrite

_PLACED = (ast.stmt, ast.expr, ast.excepthandler, ast.arg, ast.keyword, ast.alias, ast.pattern)
"""Nodes that have a place in the source."""
HELPERS = re.compile(r"(get_state|set_state|if_body|else_body|loop_body|loop_test|extra_test)(_\d+)?")
"""Names of the functions that parts of a function become."""


class Conversion:
    """What the transformation library calls the program's context: the options, and the function at hand."""

    def __init__(self, function: Callable[..., Any], options: ConversionOptions) -> None:
        self.function = function
        self.options = options


class Converted:
    """A converted function's code, of which functions with a closure are made.

    **Arguments:**
    - `inner`: the code of the function that makes them, given AutoGraph's operators.
    - `name`: the name of the function it makes.
    - `source`: the generated source.
    """

    def __init__(self, inner: types.CodeType, name: str, source: str) -> None:
        self.inner = inner
        self.name = name
        self.source = source

    def function(self, original: Any, operators: Any) -> types.FunctionType:
        """The converted function with the globals, closure and defaults of the original."""
        cells = dict(zip(original.__code__.co_freevars, original.__closure__ or (), strict=True))
        closure = tuple(cells[name] for name in self.inner.co_freevars)
        made = types.FunctionType(self.inner, original.__globals__, self.name, (), closure)(operators)
        made.__name__, made.__qualname__ = self.name, f"{made.__qualname__.rpartition('.')[0]}.{self.name}"
        made.__defaults__, made.__kwdefaults__ = original.__defaults__, original.__kwdefaults__
        made.__module__ = original.__module__
        made.ag_source = self.source
        return made


class Transpiler(PyToPy):
    """Converts functions; keeps what it made by code object and options.

    **Arguments:**
    - `operators`: what converted code knows as `ag__`.
    """

    def __init__(self, operators: Any) -> None:
        super().__init__()
        self.operators = operators
        self._converted = CodeObjectCache()
        self._lock = threading.RLock()

    def convert(self, function: Any, options: ConversionOptions) -> types.FunctionType:
        """A function like `function` whose control flow goes through AutoGraph's operators.

        **Raises:** whatever the transformation raises where it cannot.
        """
        with self._lock:
            known = self._converted[function]
            if options not in known:
                known[options] = self._convert(function, options)
                log(1, "Converted %s", function)
                log(2, "%s becomes\n%s", function, known[options].source)
            made = known[options]
        return made.function(function, self.operators)

    def _convert(self, function: Any, options: ConversionOptions) -> Converted:
        nodes, context = transpiler.GenericTranspiler.transform_function(self, function, Conversion(function, options))
        name = context.info.name
        if isinstance(nodes, ast.Lambda):
            nodes = ast.Assign(targets=[ast.Name(name, ast.Store())], value=nodes)
        else:
            nodes.name = name
        free = function.__code__.co_freevars
        outer, inner = (context.namer.new_symbol(each, ()) for each in ("outer_factory", "inner_factory"))
        module = _factory([nodes], name, outer, inner, free, context.info.future_features)
        code = _compiled(module, function)
        made = next(each for each in _nested_codes(code) if each.co_name == inner)
        return Converted(made, name, parser.unparse(nodes, include_encoding_marker=False))

    def get_transformed_name(self, node: ast.AST) -> str:
        return "tf__" + transpiler.GenericTranspiler.get_transformed_name(self, node)

    def transform_ast(self, node: Any, ctx: Any) -> Any:
        used = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
        class_name = _class_name(ctx.user.function)
        node = rewrite(node, lambda name: ctx.namer.new_symbol(name, used), class_name)
        _complete_origins(node)
        verify(node)
        node = self.initial_analysis(node, ctx)
        uses_lists = ctx.user.options.uses(Feature.LISTS)
        node = functions.transform(node, ctx)
        node = _Directives(ctx).visit(node)
        node = break_statements.transform(node, ctx)
        node = _Asserts(ctx).visit(node)
        node = continue_statements.transform(node, ctx)
        # Once more than the library does it, so that a return after `if ... elif ...` belongs to all branches.
        node = return_statements.ConditionalReturnRewriter(ctx).visit(node)
        node = return_statements.transform(node, ctx)
        for step in (lists, slices) if uses_lists else ():
            node = step.transform(node, ctx)
        node = call_trees.transform(node, ctx)
        node = control_flow.transform(node, ctx)
        node = _ConditionalExpressions(ctx).visit(node)
        node = logical_expressions.transform(node, ctx)
        return variables.transform(node, ctx)


class _Asserts(asserts.AssertTransformer):
    def visit_Assert(self, node: ast.Assert) -> Any:
        self.generic_visit(node)
        message = ast.Constant("Assertion error") if node.msg is None else node.msg
        return templates.replace("ag__.assert_stmt(test, lambda: message)", test=node.test, message=message)


class _ConditionalExpressions(conditional_expressions.ConditionalExpressionTransformer):
    def visit_IfExp(self, node: ast.IfExp) -> Any:
        return super().visit_IfExp(self.generic_visit(node))


class _Directives(directives.DirectivesTransformer):
    def visit_Expr(self, node: ast.Expr) -> Any:
        from functape.function._autograph._directives import set_loop_options

        count = self.state[directives._LoopScope].statements_visited
        found = super().visit_Expr(node)
        if found is None or not isinstance(node.value, ast.Call):
            return found
        if anno.getanno(node.value.func, directives.STATIC_VALUE, default=None) is not set_loop_options:
            return found
        loop = self.state[directives._LoopScope]
        if count > 0:
            raise ValueError('"set_loop_options" must be the first statement in the loop block')
        if loop.level < 2:
            raise ValueError('"set_loop_options" must be used inside a statement')
        known = anno.getanno(loop.ast_node, anno.Basic.DIRECTIVES, {})
        known[directives.directives.set_loop_options] = directives._map_args(node.value, set_loop_options)
        anno.setanno(loop.ast_node, anno.Basic.DIRECTIVES, known)
        return None


def _class_name(function: Any) -> str | None:
    """The class in whose body a function is written."""
    parts = function.__qualname__.split(".")
    while len(parts) > 2 and parts[-2] == "<locals>":
        parts = parts[:-2]
    return parts[-2] if len(parts) > 1 and parts[-2] != "<locals>" else None


def _complete_origins(node: ast.AST, inherited: Any = None) -> None:
    """Give nodes that rewriting added the origin of what they stand in."""
    own = anno.getanno(node, anno.Basic.ORIGIN, default=None)
    if own is None and inherited is not None:
        anno.setanno(node, anno.Basic.ORIGIN, inherited)
    for child in ast.iter_child_nodes(node):
        _complete_origins(child, own or inherited)


def _factory(
    nodes: list[ast.stmt], name: str, outer: str, inner: str, free: tuple[str, ...], future: tuple[str, ...]
) -> list[Any]:
    """The function in two others: one to bind its free variables, one to bind AutoGraph's operators."""
    made = templates.replace(
        """
        def outer():
            bound
            def inner(ag__):
                definition
                return name
            return inner
        """,
        outer=outer,
        inner=inner,
        bound=[*(ast.Assign([ast.Name(each, ast.Store())], ast.Constant(None)) for each in free), ast.Pass()],
        definition=nodes,
        name=name,
    )
    imports = [ast.ImportFrom("__future__", [ast.alias(each) for each in future], 0)] if future else []
    return [*imports, *made]


def _compiled(nodes: list[Any], function: Any) -> types.CodeType:
    """Generated code compiled as if it stood where the user's function does."""
    original = function.__code__
    source = parser.unparse(nodes)
    tree = ast.parse(source)
    lines = _user_lines(nodes, tree)
    line = original.co_firstlineno
    nearest = {}
    for number in range(source.count("\n") + 2):
        line = lines.get(number, line)
        nearest[number] = line
    for node in ast.walk(tree):
        if isinstance(node, _PLACED):
            node.lineno = node.end_lineno = nearest[node.lineno]
            node.col_offset = node.end_col_offset = -1
    code = compile(tree, original.co_filename, "exec", dont_inherit=True)
    return _renamed(code, original.co_name)


def _user_lines(nodes: list[Any], tree: ast.Module) -> dict[int, int]:
    """For each line of the generated source, the line of the user's that it comes from."""
    lines: dict[int, int] = {}
    try:
        for before, after in ast_util.parallel_walk(nodes, tree.body):
            origin = anno.getanno(before, anno.Basic.ORIGIN, default=None)
            if origin is not None and hasattr(after, "lineno"):
                known = lines.get(after.lineno)
                if known is None or isinstance(after, ast.stmt):
                    lines[after.lineno] = origin.loc.lineno
    except ValueError:
        log(1, "The lines of a converted function are not known.")
    return lines


def _renamed(code: types.CodeType, name: str) -> types.CodeType:
    """Code with the parts of a function named as the function, for tracebacks."""
    inside = code.co_name
    if HELPERS.fullmatch(inside) or inside.startswith("tf__"):
        inside = name
    elif inside not in ("<module>", "<lambda>") and "_factory" not in inside:
        name = inside
    consts = tuple(_renamed(each, name) if isinstance(each, types.CodeType) else each for each in code.co_consts)
    return code.replace(co_consts=consts, co_name=inside)


def _nested_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield each
            yield from _nested_codes(each)
