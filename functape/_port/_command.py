"""`functape port`: the steps of a script as JAX modules."""

from __future__ import annotations

import ast
import builtins
import os
import pathlib
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from functape._port._names import identifier
from functape._port._source import to_jax_source
from functape._script import hide_own_lines
from functape.function._function import Function
from functape.tensorflow_alias import install

_MARK = "__functape_port__"


class Captured:
    """A step of the script with the arguments of its first call.

    **Arguments:**
    - `name`: what to call it.
    - `fn`: the step.
    """

    def __init__(self, name: str, fn: Any) -> None:
        self.name = name
        self.fn = fn
        self.arguments: tuple[tuple[Any, ...], dict[str, Any]] | None = None

    def note(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Keep the arguments of the first call."""
        if self.arguments is None:
            self.arguments = args, kwargs


def port(
    path: pathlib.Path, names: Sequence[str] = (), output: pathlib.Path | None = None, arguments: Sequence[str] = ()
) -> int:
    """Run a script and write its steps as JAX modules.

    **Arguments:**
    - `path`: the script.
    - `names`: the functions of it that are steps; by default those decorated with `tf.function`.
    - `output`: the folder to write to; the script's own by default.
    - `arguments`: the script's command line.

    **Returns:** the exit status: 0 if every step was written.
    """
    steps: dict[Any, Captured] = {}
    try:
        _run(path, names, arguments, steps)
    except SystemExit as stop:
        if stop.code not in (None, 0):
            print(f"functape port: {path} ended with {stop.code}", file=sys.stderr)
    except Exception as error:
        hide_own_lines(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 1
    return _write(path, names, output or path.parent, steps)


def _run(path: pathlib.Path, names: Sequence[str], arguments: Sequence[str], steps: dict[Any, Captured]) -> None:
    install()
    file = os.path.abspath(path)
    tree = ast.parse(path.read_bytes(), file)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in names:
            # Above the decorators there are, so that it sees what the script calls.
            node.decorator_list.insert(0, ast.copy_location(ast.Name(_MARK, ast.Load()), node))
    module = ModuleType("__main__")

    def mark(fn: Callable[..., Any]) -> Any:
        captured = Captured(getattr(fn, "__name__", "step"), fn)
        steps[captured.name] = captured

        def noting(*args: Any, **kwargs: Any) -> Any:
            captured.note(args, kwargs)
            return fn(*args, **kwargs)

        return noting

    vars(module).update({"__file__": file, "__builtins__": builtins, "__cached__": None, _MARK: mark})
    before = sys.modules["__main__"], sys.argv[:], sys.path[:], Function.__call__
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path), *arguments]
    sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    if not names:
        Function.__call__ = _noting(steps, file)  # type: ignore[method-assign]
    try:
        exec(compile(tree, file, "exec", dont_inherit=True), vars(module))
    finally:
        sys.modules["__main__"], sys.argv[:], sys.path[:], Function.__call__ = before  # type: ignore[method-assign]


def _noting(steps: dict[Any, Captured], file: str) -> Callable[..., Any]:
    call = Function.__call__

    def noting(self: Function, *args: Any, **kwargs: Any) -> Any:
        code = getattr(self.python_function, "__code__", None)
        if code is not None and code.co_filename == file:
            steps.setdefault(id(self), Captured(self.name, self)).note(args, kwargs)
        return call(self, *args, **kwargs)

    return noting


def _write(path: pathlib.Path, names: Sequence[str], output: pathlib.Path, steps: dict[Any, Captured]) -> int:
    failed = False
    for name in names:
        if name not in steps:
            print(f"functape port: {path} defines no function {name!r}", file=sys.stderr)
            failed = True
    if not steps and not names:
        print(
            f"functape port: {path} called no function decorated with tf.function. Name its steps: --step NAME",
            file=sys.stderr,
        )
        return 1
    for captured in steps.values():
        if captured.arguments is None:
            print(f"functape port: {captured.name} was never called, so its arguments are not known", file=sys.stderr)
            failed = True
            continue
        args, kwargs = captured.arguments
        try:
            source = to_jax_source(captured.fn, *args, **kwargs)
        except (TypeError, ValueError, NotImplementedError) as error:
            print(f"functape port: {captured.name} cannot be ported: {error}", file=sys.stderr)
            failed = True
            continue
        output.mkdir(parents=True, exist_ok=True)
        target = output / f"{path.stem}_{identifier(captured.name)}_jax.py"
        target.write_text(source)
        print(f"{captured.name}: {target}")
    return int(failed)
