"""What AutoGraph reports: warnings always, its doings on request."""

from __future__ import annotations

import logging
import os
from typing import Any

_logger = logging.getLogger("functape")


class _Settings:
    level: int | None = None
    to_stdout = False


def set_verbosity(level: int, alsologtostdout: bool = False) -> None:
    """Say how much AutoGraph reports (`tf.autograph.set_verbosity`).

    **Arguments:**
    - `level`: 0 for warnings only; from 1 on, which functions are converted; from 2 on, the code they become. It takes
      precedence over the environment variable `AUTOGRAPH_VERBOSITY`.
    - `alsologtostdout`: whether to print what is logged too.

    ```python
    >>> import functape as tf
    >>> tf.autograph.set_verbosity(0)

    ```
    """
    _Settings.level = int(level)
    _Settings.to_stdout = bool(alsologtostdout)


def trace(*args: Any) -> None:
    """Print values while a function is traced (`tf.autograph.trace`), as `print` does.

    ```python
    >>> import functape as tf
    >>> tf.autograph.trace("tracing", 1)
    tracing 1

    ```
    """
    print(*args)


def verbosity() -> int:
    """The level in force."""
    return int(os.environ.get("AUTOGRAPH_VERBOSITY", 0)) if _Settings.level is None else _Settings.level


def log(level: int, text: str, *values: Any) -> None:
    """Report something at a level of verbosity."""
    if verbosity() >= level:
        _report(logging.INFO, text, values)


def warn(text: str, *values: Any) -> None:
    """Report something a user should know."""
    _report(logging.WARNING, text, values)


def _report(level: int, text: str, values: tuple[Any, ...]) -> None:
    _logger.log(level, text, *values)
    if _Settings.to_stdout:
        print(text % values)
