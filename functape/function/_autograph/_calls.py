"""Calls made by converted code: the functions called are converted too."""

from __future__ import annotations

import functools
import inspect
import types
import weakref
from collections.abc import Callable
from typing import Any

from malt.operators import py_builtins

from functape.function._autograph._builtins import OVERLOADS
from functape.function._autograph._logging import log, warn
from functape.function._autograph._rules import is_artifact, is_builtin, is_library, runs_unconverted
from functape.function._autograph._scopes import Converting, Status, status
from functape.function._autograph._transpiler import ConversionOptions, Transpiler
from functape.function._weak_method import WeakMethod

_IN_CONTEXT = {
    eval: lambda args, scope: py_builtins.eval_in_original_context(eval, args, scope),
    globals: lambda args, scope: py_builtins.globals_in_original_context(scope),
    locals: lambda args, scope: py_builtins.locals_in_original_context(scope),
    super: lambda args, scope: py_builtins.super_in_original_context(super, args, scope),
}
"""Builtins that look at the frame they are called from."""
_failed: weakref.WeakSet[types.CodeType] = weakref.WeakSet()
"""Code that could not be converted, and about which the user was told."""


@functools.cache
def transpiler() -> Transpiler:
    """The one that converts functions."""
    from functape.function._autograph import _operators

    return Transpiler(_operators)


def autograph_artifact(entity: Any, extras: Any = None) -> Any:
    """Mark a function as converted already."""
    marked: Any = entity.__func__ if inspect.ismethod(entity) else entity
    marked.autograph_info__ = extras
    return entity


def converted_call(
    f: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any] | None,
    caller_fn_scope: Any = None,
    options: ConversionOptions | None = None,
) -> Any:
    """Call a function from converted code.

    **Arguments:**
    - `f`: the function.
    - `args`, `kwargs`: its arguments.
    - `caller_fn_scope`: the scope of the converted function that calls.
    - `options`: how to convert; by default as the calling function was.
    """
    named = kwargs or {}
    if options is None:
        options = caller_fn_scope.callopts
    if is_artifact(f) or status() is Status.DISABLED:
        return f(*args, **named)
    if isinstance(f, functools.partial):
        return converted_call(f.func, f.args + args, {**f.keywords, **named}, caller_fn_scope, options)
    if is_builtin(f):
        if f in _IN_CONTEXT and caller_fn_scope is not None:
            return _IN_CONTEXT[f](args, caller_fn_scope)
        return OVERLOADS.get(f, f)(*args, **named)
    if not options.user_requested and not options.internal_convert_user_code:
        return f(*args, **named)
    target, first = resolve(f)
    if target is None:
        return f(*args, **named)
    converted = converted_function(target, options)
    return f(*args, **named) if converted is None else converted(*first, *args, **named)


def resolve(f: Any) -> tuple[Any, tuple[Any, ...]]:
    """The plain function behind a callable that is to be converted, None if it is not, and the arguments it binds."""
    if isinstance(f, WeakMethod) and f.__self__ is not None:
        f = types.MethodType(f.__func__, f.__self__)
    if runs_unconverted(f):
        return None, ()
    first: tuple[Any, ...] = ()
    if inspect.ismethod(f):
        f, first = f.__func__, (f.__self__,)
    elif not inspect.isfunction(f):
        f, first = vars_of_class(type(f), "__call__"), (f,)
    if not inspect.isfunction(f) or is_artifact(f) or runs_unconverted(f) or f.__code__.co_filename == "<string>":
        return None, ()
    return f, first


def vars_of_class(cls: type, name: str) -> Any:
    """An attribute of a class as its body or a base's defines it; None if none does."""
    return next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), None)


def converted_function(function: Any, options: ConversionOptions) -> Any:
    """A function converted; None where it is to run as it is, which is logged if it could not be converted."""
    if is_library(function):
        return _with_converted_inside(function, options)
    if function.__code__ in _failed:
        return None
    try:
        return transpiler().convert(function, options)
    except Exception as error:
        _failed.add(function.__code__)
        log(1, "Cannot convert %s: %r", function, error)
        warn(
            "AutoGraph could not convert %s and runs it as it stands: if, for and while then depend on Python values "
            "only. Cause: %s\nTo silence this warning, decorate the function with "
            "@tf.autograph.experimental.do_not_convert",
            _described(function),
            error,
        )
        return None


def _with_converted_inside(function: Any, options: ConversionOptions) -> Any:
    """A wrapper of functape's, such as `tf.Module.with_name_scope`, around the converted function."""
    inside = getattr(function, "__wrapped__", None)
    root = function.__globals__.get("__name__", "").partition(".")[0]
    if root != "functape" or not inspect.isfunction(inside) or is_library(inside) or is_artifact(inside):
        return None
    if runs_unconverted(inside):
        return None
    cells = list(function.__closure__ or ())
    index = next((index for index, cell in enumerate(cells) if cell.cell_contents is inside), None)
    if index is None or (converted := converted_function(inside, options)) is None:
        return None
    cells[index] = types.CellType(autograph_artifact(converted))
    made = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__, tuple(cells)
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


def _described(function: Any) -> str:
    code = function.__code__
    return f'{function.__qualname__} (File "{code.co_filename}", line {code.co_firstlineno})'


def autograph_off() -> Converting:
    """A context in which no call is converted."""
    return Converting(Status.DISABLED)


def unconverted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that runs as it is, and whose calls are not converted either."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with autograph_off():
            return function(*args, **kwargs)

    return autograph_artifact(wrapper)
