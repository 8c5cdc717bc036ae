"""The `match` statement: as `if` statements, with the patterns that are no conditions compared by a function."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MATCHES_ITSELF = (bool, bytearray, bytes, dict, float, frozenset, int, list, set, str, tuple)
"""Classes whose one positional pattern is matched with the object itself."""


def name_of(identifier: str, context: ast.expr_context | None = None) -> ast.Name:
    """A node for a variable, read unless `context` says otherwise."""
    return ast.Name(id=identifier, ctx=context or ast.Load())


def call(operator: str, *arguments: ast.expr) -> ast.Call:
    """A node for a call of one of AutoGraph's operators."""
    return ast.Call(func=ast.Attribute(name_of("ag__"), operator, ast.Load()), args=list(arguments), keywords=[])


class MatchStatement:
    """A `match` statement that is to be written as `if` statements.

    **Arguments:**
    - `node`: the statement.
    - `new_name`: gives a name that is not in use, like the one given.
    """

    def __init__(self, node: ast.Match, new_name: Callable[[str], str]) -> None:
        self.node = node
        self.new_name = new_name
        self.subject = new_name("match_subject")

    def statements(self) -> list[ast.stmt]:
        """The statements that do the same."""
        first = ast.copy_location(_assign(self.subject, self.node.subject), self.node)
        return [first, *self._cases(self.node.cases)]

    def _cases(self, cases: list[ast.match_case]) -> list[ast.stmt]:
        if not cases:
            return []
        case = cases[0]
        before, test, captures = self._pattern(case.pattern)
        if test is None and case.guard is None:
            return [*before, *captures, *case.body]
        otherwise = self._cases(cases[1:])
        if test is None:
            assert case.guard is not None
            return [*before, *captures, _located(ast.If(case.guard, case.body, otherwise), case)]
        if case.guard is None:
            return [*before, _located(ast.If(test, [*captures, *case.body], otherwise), case)]
        if not captures:
            both = ast.BoolOp(ast.And(), [test, case.guard])
            return [*before, _located(ast.If(both, case.body, otherwise), case)]
        fits = self.new_name("case_fits")
        return [
            *before,
            _assign(fits, ast.Constant(False)),
            _located(ast.If(test, [*captures, _assign(fits, case.guard)], []), case),
            _located(ast.If(name_of(fits), case.body, otherwise), case),
        ]

    def _pattern(self, pattern: ast.pattern) -> tuple[list[ast.stmt], ast.expr | None, list[ast.stmt]]:
        """What to do before the test, the test (None if always true), and the captures to make if it holds."""
        if isinstance(pattern, ast.MatchAs):
            before, test, captures = ([], None, []) if pattern.pattern is None else self._pattern(pattern.pattern)
            if pattern.name is not None:
                captures = [*captures, _assign(pattern.name, name_of(self.subject))]
            return before, test, captures
        if _is_condition(pattern):
            return [], self._condition(pattern), []
        found = self.new_name("matched")
        names = sorted({name for each in ast.walk(pattern) if (name := _captured(each)) is not None})
        captures = [_assign(name, ast.Subscript(name_of(found), ast.Constant(name), ast.Load())) for name in names]
        before = [_assign(found, call("match_pattern", name_of(self.subject), _description(pattern)))]
        return before, ast.Compare(name_of(found), [ast.IsNot()], [ast.Constant(None)]), captures  # type: ignore[return-value]

    def _condition(self, pattern: ast.pattern) -> ast.expr:
        if isinstance(pattern, ast.MatchOr):
            return ast.BoolOp(ast.Or(), [self._condition(each) for each in pattern.patterns])
        if isinstance(pattern, ast.MatchSingleton):
            return ast.Compare(name_of(self.subject), [ast.Is()], [ast.Constant(pattern.value)])
        return ast.Compare(name_of(self.subject), [ast.Eq()], [pattern.value])  # type: ignore[attr-defined]


def _assign(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign(targets=[name_of(name, ast.Store())], value=value)


def _located(statement: ast.If, case: ast.match_case) -> ast.stmt:
    return ast.copy_location(statement, case.pattern)


def _is_condition(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return all(_is_condition(each) for each in pattern.patterns)
    return isinstance(pattern, ast.MatchValue | ast.MatchSingleton)


def _captured(node: ast.AST) -> str | None:
    if isinstance(node, ast.MatchAs | ast.MatchStar):
        return node.name
    return node.rest if isinstance(node, ast.MatchMapping) else None


def _description(pattern: ast.pattern) -> ast.expr:
    """An expression for a pattern as a tuple that `match_pattern` understands."""

    def made(kind: str, *parts: Any) -> ast.expr:
        return ast.Tuple([ast.Constant(kind), *(_part(each) for each in parts)], ast.Load())

    match pattern:
        case ast.MatchValue(value):
            return made("value", value)
        case ast.MatchSingleton(value):
            return made("is", ast.Constant(value))
        case ast.MatchAs(inner, name):
            return made("as", ast.Constant(None) if inner is None else inner, ast.Constant(name))
        case ast.MatchOr(patterns):
            return made("or", patterns)
        case ast.MatchStar(name):
            return made("star", ast.Constant(name))
        case ast.MatchSequence(patterns):
            return made("sequence", patterns)
        case ast.MatchMapping(keys, patterns, rest):
            return made("mapping", keys, patterns, ast.Constant(rest))
        case ast.MatchClass(cls, patterns, attributes, keyword_patterns):
            return made("class", cls, patterns, [ast.Constant(each) for each in attributes], keyword_patterns)
    raise TypeError(f"No pattern: {pattern!r}")


def _part(part: Any) -> ast.expr:
    if isinstance(part, list):
        return ast.Tuple([_part(each) for each in part], ast.Load())
    return _description(part) if isinstance(part, ast.pattern) else part


def match_pattern(subject: Any, description: tuple[Any, ...]) -> dict[str, Any] | None:
    """The variables that a pattern captures of a subject, or None if it does not match.

    **Arguments:**
    - `subject`: what is matched.
    - `description`: the pattern as a tuple: its kind and its parts.
    """
    captures: dict[str, Any] = {}
    return captures if _fits(subject, description, captures) else None


def _fits(subject: Any, description: tuple[Any, ...], captures: dict[str, Any]) -> bool:
    match description:
        case ("value", value):
            return bool(subject == value)
        case ("is", value):
            return subject is value
        case ("as", inner, name):
            fits = inner is None or _fits(subject, inner, captures)
            if fits and name is not None:
                captures[name] = subject
            return fits
        case ("or", patterns):
            return any(_fits(subject, each, captures) for each in patterns)
        case ("sequence", patterns):
            return _fits_sequence(subject, patterns, captures)
        case ("mapping", keys, patterns, rest):
            if not isinstance(subject, Mapping) or any(key not in subject for key in keys):
                return False
            if rest is not None:
                captures[rest] = {key: value for key, value in subject.items() if key not in keys}
            return all(_fits(subject[key], each, captures) for key, each in zip(keys, patterns, strict=True))
        case ("class", cls, patterns, attributes, keyword_patterns):
            return _fits_class(subject, cls, patterns, attributes, keyword_patterns, captures)
    raise ValueError(f"Unknown pattern: {description[0]!r}")


def _fits_sequence(subject: Any, patterns: tuple[Any, ...], captures: dict[str, Any]) -> bool:
    if not isinstance(subject, Sequence) or isinstance(subject, str | bytes | bytearray):
        return False
    star = next((index for index, each in enumerate(patterns) if each[0] == "star"), None)
    if star is None:
        return len(subject) == len(patterns) and all(
            _fits(item, each, captures) for item, each in zip(subject, patterns, strict=True)
        )
    after = len(patterns) - star - 1
    if len(subject) < len(patterns) - 1:
        return False
    name = patterns[star][1]
    if name is not None:
        captures[name] = list(subject[star : len(subject) - after])
    items = [*subject[:star], *subject[len(subject) - after :]]
    others = [*patterns[:star], *patterns[star + 1 :]]
    return all(_fits(item, each, captures) for item, each in zip(items, others, strict=True))


def _fits_class(
    subject: Any, cls: Any, patterns: Any, attributes: Any, keyword_patterns: Any, captures: dict[str, Any]
) -> bool:
    if not isinstance(subject, cls):
        return False
    if len(patterns) == 1 and cls in _MATCHES_ITSELF:
        if not _fits(subject, patterns[0], captures):
            return False
        patterns = ()
    places = getattr(cls, "__match_args__", ())
    if len(patterns) > len(places):
        raise TypeError(f"{cls.__name__}() accepts {len(places)} positional sub-patterns ({len(patterns)} given)")
    pairs = [*zip(places, patterns, strict=False), *zip(attributes, keyword_patterns, strict=True)]
    return all(hasattr(subject, name) and _fits(getattr(subject, name), each, captures) for name, each in pairs)
