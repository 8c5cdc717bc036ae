"""Regular expressions, in RE2's language."""

from __future__ import annotations

import functools
import re
from typing import Any

from functape._api._static import invalid
from functape._core._host import text
from functape._engine._dtypes import bool_
from functape.strings._elements import elementwise

_TOKEN = re.compile(rb"\\(.?)|[^\\]+", re.DOTALL)


@functools.lru_cache(maxsize=256)
def _compiled(pattern: bytes) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode() if isinstance(reason, bytes) else reason
        raise invalid(f"Invalid pattern: {pattern.decode('utf-8', 'replace')}, error: {reason}") from None


def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Any:
    r"""The strings with what matches a pattern replaced (`tf.strings.regex_replace`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `pattern`: a regular expression in the language of RE2.
    - `rewrite`: what takes its place; `\1` to `\9` are the groups, `\0` is all that matches.
    - `replace_global`: whether every match is replaced, or the first only.
    - `name`: accepted for compatibility.

    **Raises:** `InvalidArgumentError` for a pattern that RE2 does not take.

    ```python
    >>> import functape as tf
    >>> tf.strings.regex_replace("a <b>text</b>", "<[^>]+>", " ").numpy()
    b'a  text '

    ```
    """
    found, written = _compiled(text(pattern, "RegexReplace", 1)), text(rewrite, "RegexReplace", 2)
    parts, whole = _parts(written)
    numbers = [part for part in parts if isinstance(part, int)]
    if max(numbers, default=0) > found.groups or not (whole or replace_global):
        # RE2 then leaves the strings as they are.
        return elementwise(input, "RegexReplace", lambda value: value)
    return elementwise(input, "RegexReplace", lambda value: _replaced(found, value, parts, bool(replace_global)))


def _parts(rewrite: bytes) -> tuple[list[bytes | int], bool]:
    """A rewrite as literal pieces and numbers of groups, up to an escape that means nothing; whether there is none."""
    parts: list[bytes | int] = []
    for token in _TOKEN.finditer(rewrite):
        escaped = token[1]
        if escaped is None or escaped == b"\\":
            parts.append(token[0][:1] if escaped else token[0])
        elif escaped.isdigit():
            parts.append(int(escaped))
        else:
            return parts, False
    return parts, True


def _replaced(pattern: Any, value: bytes, parts: list[bytes | int], everywhere: bool) -> bytes:
    pieces: list[bytes] = []
    end = 0
    for match in pattern.finditer(value):
        start, stop = match.span()
        if start == stop == end and pieces:
            # RE2 takes no empty match right after another match.
            continue
        pieces.append(value[end:start])
        pieces += [(match.group(part) or b"") if isinstance(part, int) else part for part in parts]
        end = stop
        if not everywhere:
            break
    return b"".join([*pieces, value[end:]])


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    """Whether a pattern matches the whole of each string (`tf.strings.regex_full_match`).

    **Arguments:**
    - `input`: strings, of any shape or ragged.
    - `pattern`: a regular expression in the language of RE2.
    - `name`: accepted for compatibility.

    **Returns:** bools.

    **Raises:** `InvalidArgumentError` for a pattern that RE2 does not take.

    ```python
    >>> import functape as tf
    >>> tf.strings.regex_full_match(["TF lib", "lib TF"], ".*lib$").numpy()
    array([ True, False])

    ```
    """
    found = _compiled(text(pattern, "RegexFullMatch", 1))
    return elementwise(input, "RegexFullMatch", lambda value: found.fullmatch(value) is not None, bool_)
