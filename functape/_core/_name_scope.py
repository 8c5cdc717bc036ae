"""Name scopes: prefixes of the names variables get."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Literal


class _Local(threading.local):
    prefix = ""


_local = _Local()


def current_scope_prefix() -> str:
    """What the present scopes put before a name: `"outer/inner/"`, or `""` outside of any."""
    return _local.prefix


class name_scope:
    """A context in which variables' names get a prefix (`tf.name_scope`).

    Entering it gives the whole prefix. A name that ends in a slash stands for itself whatever scopes are open, and
    an empty name leaves all scopes. It can be entered again, also inside itself.

    **Arguments:**
    - `name`: the prefix, without the slash.

    **Raises:** `ValueError` if `name` is not a string.

    ```python
    >>> from functape._core._name_scope import name_scope
    >>> with name_scope("encoder"), name_scope("layer") as prefix:
    ...     print(prefix)
    encoder/layer/

    ```
    """

    __slots__ = ("_left", "_name")

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ValueError(f"The argument `name` of name_scope must be a string. Received: {name!r}")
        self._name = name
        self._left: list[str] = []

    @property
    def name(self) -> str:
        """The name as given."""
        return self._name

    def __enter__(self) -> str:
        name, before = self._name, _local.prefix
        self._left.append(before)
        if not name or name.endswith("/"):
            _local.prefix = name
        else:
            _local.prefix = f"{before}{name}/"
        return _local.prefix

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> Literal[False]:
        _local.prefix = self._left.pop()
        return False

    def __reduce__(self) -> Any:
        return name_scope, (self._name,)
