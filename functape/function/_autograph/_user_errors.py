"""Errors that point at the user's own lines."""

from __future__ import annotations

import linecache
import types
from pathlib import Path
from typing import Any, NamedTuple

import jax
import malt

import functape._version
from functape._engine._errors import OpError
from functape.function._autograph._transpiler import HELPERS

_LIBRARIES = tuple(f"{Path(module.__file__ or '').parent}/" for module in (functape._version, jax, malt))


class Frame(NamedTuple):
    """A line of the user's program."""

    file: str
    line: int
    function: str
    converted: bool

    def __str__(self) -> str:
        mark = "  *" if self.converted else ""
        text = linecache.getline(self.file, self.line).strip() or "<source unavailable>"
        return f'    File "{self.file}", line {self.line}, in {self.function}{mark}\n        {text}'


def explain_in_user_code(error: Exception) -> None:
    """Put the user's lines that led to an error in front of its message, once for each line.

    **Arguments:**
    - `error`: the error, as caught around the call of a converted function; changed in place. What cannot carry another
      message gets a note.
    """
    frames = user_frames(error.__traceback__)
    if not frames:
        return
    cause = getattr(error, "_functape_cause", None)
    if cause is None:
        cause = f"{type(error).__name__}: {error}"
    shown = "\n".join(map(str, frames))
    indented = "\n".join(f"    {line}" for line in cause.split("\n"))
    text = f"in user code:\n\n{shown}\n\n{indented}\n"
    try:
        error._functape_cause = cause  # type: ignore[attr-defined]
    except AttributeError:
        return
    if not _reword(error, text):
        notes = [each for each in getattr(error, "__notes__", []) if not each.startswith("in user code:")]
        error.__notes__ = notes
        error.add_note(f"in user code:\n\n{shown}")


def _reword(error: Exception, text: str) -> bool:
    """Give an error another message; False if it takes none."""
    if isinstance(error, OpError):
        error.message = text
        error.args = (text,)
        return str(error) == text
    before = error.args
    if len(before) != 1 or not isinstance(before[0], str):
        return False
    error.args = (text,)
    if str(error) == text:
        return True
    error.args = before
    return False


def user_frames(traceback: types.TracebackType | None) -> list[Frame]:
    """The user's lines in a traceback, from the first converted function on, the innermost last."""
    frames: list[Frame] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        converted = "ag__" in code.co_freevars
        if (converted or frames) and not code.co_filename.startswith(_LIBRARIES):
            found = Frame(code.co_filename, traceback.tb_lineno, code.co_name, converted)
            if converted and frames and _is_part(code) and frames[-1].converted:
                frames[-1] = found._replace(function=frames[-1].function)
            else:
                frames.append(found)
        traceback = traceback.tb_next
    return frames


def _is_part(code: Any) -> bool:
    """Whether code is a part of a converted function that became a function of its own."""
    last = code.co_qualname.rpartition(".")[2]
    return last == "<lambda>" or HELPERS.fullmatch(last) is not None
