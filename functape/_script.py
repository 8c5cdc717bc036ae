"""Running a TensorFlow script as the main program."""

from __future__ import annotations

import builtins
import importlib
import os
import pathlib
import sys
from collections.abc import Sequence
from types import ModuleType, TracebackType

from functape.tensorflow_alias import install

_HIDDEN = ("<frozen ", *(os.path.dirname(os.path.abspath(path)) + os.sep for path in (__file__, importlib.__file__)))


def run_script(
    path: pathlib.Path, arguments: Sequence[str] = (), full_traceback: bool = False, keras: bool = False
) -> int:
    """Run a script as `python` would, with `import tensorflow` resolved to functape.

    It is the module `__main__`, finds modules in its own folder first and sees its own command line. An error it does
    not handle is printed with the lines of the program only. `sys.exit` in it ends this process in the same way.

    **Arguments:**
    - `path`: the script.
    - `arguments`: its command line.
    - `full_traceback`: whether tracebacks show the lines of functape too.
    - `keras`: whether `import keras` is resolved to functape too.

    **Returns:** the exit status.
    """
    install(keras=keras)
    file = os.path.abspath(path)
    module = ModuleType("__main__")
    vars(module).update(__file__=file, __builtins__=builtins, __cached__=None)
    sys.modules["__main__"] = module
    sys.argv[:] = [str(path), *arguments]
    folder = os.path.dirname(os.path.realpath(path))
    if sys.flags.safe_path:
        sys.path.insert(0, folder)
    else:
        sys.path[0] = folder
    try:
        code = compile(path.read_bytes(), file, "exec", dont_inherit=True)
        exec(code, vars(module))
    except SystemExit:
        raise
    except BaseException as error:
        if not full_traceback:
            hide_own_lines(error)
        sys.excepthook(type(error), error, error.__traceback__)
        return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


def hide_own_lines(error: BaseException) -> None:
    """Take functape's and the import system's lines out of an error's traceback, and out of those it came from."""
    seen: set[int] = set()
    errors: list[BaseException | None] = [error]
    while errors:
        each = errors.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            each.__traceback__ = _shown(each.__traceback__)
            errors += [each.__cause__, each.__context__]
            if isinstance(each, BaseExceptionGroup):
                errors += each.exceptions


def _shown(entry: TracebackType | None) -> TracebackType | None:
    entries = []
    while entry is not None:
        if not entry.tb_frame.f_code.co_filename.startswith(_HIDDEN):
            entries.append(entry)
        entry = entry.tb_next
    shown: TracebackType | None = None
    for each in reversed(entries):
        shown = TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return shown
