"""Which of the user's lines an error came from."""

from __future__ import annotations

import re

from functape._engine._report import _PLUMBING


def blame(error: BaseException) -> str:
    """The innermost line of an error's traceback that is not functape's own, as `file:line in function`."""
    # Where AutoGraph has rewritten the function, the message has the user's lines.
    told = re.findall(r'File "([^"]+)", line (\d+), in (\w+)', str(error))
    if told:
        return "{}:{} in {}".format(*told[-1])
    found = "an unknown line"
    entry = error.__traceback__
    while entry is not None:
        code = entry.tb_frame.f_code
        if not code.co_filename.startswith(_PLUMBING):
            found = f"{code.co_filename}:{entry.tb_lineno} in {code.co_name}"
        entry = entry.tb_next
    return found
