"""Lambda functions as text, in Keras's format, and back."""

from __future__ import annotations

import base64
import codecs
import marshal
import types
from typing import Any


def dump(function: types.FunctionType) -> tuple[str, Any, Any]:
    """Code, defaults and closure of a function."""
    code = codecs.encode(marshal.dumps(function.__code__), "base64").decode("ascii")
    cells = function.__closure__
    return code, function.__defaults__, tuple(each.cell_contents for each in cells) if cells else None


def load(dumped: Any, names: dict[str, Any]) -> types.FunctionType:
    """The function that `dump` described.

    **Arguments:**
    - `dumped`: code, defaults and closure.
    - `names`: the global names it sees.
    """
    text, defaults, closure = dumped
    code = marshal.loads(base64.b64decode(text))
    cells = None if closure is None else tuple(types.CellType(each) for each in closure)
    return types.FunctionType(code, names, code.co_name, None if defaults is None else tuple(defaults), cells)
