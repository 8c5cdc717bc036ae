"""Keras's progress bar, and where Keras's messages go."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterable
from typing import Any

import numpy as np

logger = logging.getLogger("functape.keras")


class _Interactive:
    on = True


def enable_interactive_logging() -> None:
    """Print messages and progress to standard output, as by default (`tf.keras.utils.enable_interactive_logging`)."""
    _Interactive.on = True


def disable_interactive_logging() -> None:
    """Send messages and progress to the log `functape.keras` (`tf.keras.utils.disable_interactive_logging`)."""
    _Interactive.on = False


def is_interactive_logging_enabled() -> bool:
    """Whether messages are printed (`tf.keras.utils.is_interactive_logging_enabled`)."""
    return _Interactive.on


def print_msg(message: Any, line_break: bool = True) -> None:
    """Print a message of Keras's, or log it where interactive logging is off."""
    text = str(message)
    if not _Interactive.on:
        logger.info(text)
        return
    text += "\n" if line_break else ""
    try:
        sys.stdout.write(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "utf-8"
        sys.stdout.write(text.replace("━", "=").encode(encoding, "ignore").decode(encoding))
    sys.stdout.flush()


_BOLD, _GREEN, _GREY, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[37m", "\x1b[0m"


class Progbar:
    """A progress bar with the means of numbers beside it (`tf.keras.utils.Progbar`).

    **Arguments:**
    - `target`: how many steps there are; None if that is not known.
    - `width`: the bar's width in characters.
    - `verbose`: 0 for silence, 1 for a bar, 2 for one line at the end.
    - `interval`: the least number of seconds between two updates of the display.
    - `stateful_metrics`: names of numbers shown as they are; of all others the mean is shown.
    - `stateless_metrics`: names of the numbers whose mean is shown; all others are shown as they are.
    - `unit_name`: what a step is called.

    **Raises:** `ValueError` for both lists of names.

    ```python
    >>> import functape as tf
    >>> bar = tf.keras.utils.Progbar(target=3, verbose=0)
    >>> for step in range(3):
    ...     bar.update(step + 1, [("loss", 1.0 / (step + 1))])

    ```
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics is not None and stateless_metrics is not None:
            raise ValueError(
                "Only one of `stateful_metrics` or `stateless_metrics` can be provided: all others are of the other "
                "kind."
            )
        self.target, self.width, self.verbose = target, width, verbose
        self.interval, self.unit_name = interval, unit_name
        self.stateful_metrics = None if stateless_metrics is not None else set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._dynamic = sys.stdout.isatty() or "ipykernel" in sys.modules or "posix" in sys.modules
        self._dynamic = self._dynamic or "PYCHARM_HOSTED" in os.environ
        self._seen_so_far = 0
        self._sums: dict[str, tuple[Any, int]] = {}
        self._start = time.time()
        self._shown_at = 0.0
        self._after_first: float | None = None
        self._shown_width = 0

    def update(self, current: int, values: Any = None, finalize: bool | None = None) -> None:
        """Show that a step is done.

        **Arguments:**
        - `current`: how many steps are done.
        - `values`: pairs of a name and a number.
        - `finalize`: whether this is the last update; by default, whether `current` has reached the target.
        """
        if finalize is None:
            finalize = self.target is not None and current >= self.target
        self._take(current, values or (), finalize)
        now = time.time()
        pace = self._pace(current, now)
        if self.verbose == 1:
            if not finalize and now - self._shown_at < self.interval:
                return
            self._show_bar(current, now, pace, finalize)
        elif self.verbose == 2 and finalize and self.target:
            elapsed = f"{now - self._start:.0f}s"
            print_msg(f"{self._count(current)} - {elapsed} -{self._per_unit(pace)}{self._numbers()}")
        self._shown_at = now

    def add(self, n: int, values: Any = None) -> None:
        """Show that `n` more steps are done."""
        self.update(self._seen_so_far + n, values)

    def _take(self, current: int, values: Any, finalize: bool) -> None:
        weight = max(current - self._seen_so_far, 1)
        for name, value in values:
            if self.stateless_metrics is None:
                averaged = name not in (self.stateful_metrics or ())
            else:
                averaged = name in self.stateless_metrics
            if not averaged or finalize:
                self._sums[name] = (value, 1)
            else:
                total, count = self._sums.get(name, (0.0, 0))
                self._sums[name] = (total + value * weight, count + weight)
        self._seen_so_far = current

    def _pace(self, current: int, now: float) -> float:
        """Seconds a step, the first left out once there are others."""
        if not current:
            return 0.0
        if self._after_first is not None and current > 1:
            return (now - self._after_first) / (current - 1)
        if current == 1:
            self._after_first = now
        return (now - self._start) / current

    def _show_bar(self, current: int, now: float, pace: float, finalize: bool) -> None:
        known = bool(self.target)
        bar, invisible = self._bar(current) if known else (f"{current:7d}/Unknown", 0)
        left = pace * ((self.target or 0) - current)
        when = _duration(left) if known and not finalize else f"{now - self._start:.0f}s"
        info = f" {_BOLD}{when}{_PLAIN}{self._per_unit(pace)}{self._numbers()}"
        width = len(bar) + len(info) - invisible - len(_BOLD + _PLAIN)
        start = "\b" * self._shown_width + "\r" if self._dynamic else "\n"
        print_msg(f"{start}{bar}{info}{' ' * max(0, self._shown_width - width)}" + "\n" * finalize, line_break=False)
        self._shown_width = width

    def _bar(self, current: int) -> tuple[str, int]:
        """The bar, and how many of its characters are not seen."""
        done = int(self.width * current / self.target)  # type: ignore[operator]
        filled = f"{_GREEN}{'━' * done}{_PLAIN}" if done > 0 else ""
        invisible = len(_BOLD + _PLAIN + _GREY + _PLAIN) + (len(_GREEN + _PLAIN) if done > 0 else 0)
        return f"{_BOLD}{self._count(current)}{_PLAIN} {filled}{_GREY}{'━' * (self.width - done)}{_PLAIN}", invisible

    def _count(self, current: int) -> str:
        return f"{current:{len(str(self.target))}d}/{self.target}"

    def _per_unit(self, pace: float) -> str:
        if pace >= 1 or pace == 0:
            return f" {pace:.0f}s/{self.unit_name}"
        return f" {pace * 1e3:.0f}ms/{self.unit_name}" if pace >= 1e-3 else f" {pace * 1e6:.0f}us/{self.unit_name}"

    def _numbers(self) -> str:
        shown = ""
        for name, (total, count) in self._sums.items():
            mean = float(np.mean(total)) / max(1, count)
            large = abs(mean) > 1e-3 if self.verbose == 1 else mean > 1e-3
            shown += f" - {name}: {mean:.4f}" if large else f" - {name}: {mean:.4e}"
        return shown


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if seconds > 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60}:{whole % 60:02d}" if seconds > 60 else f"{whole}s"
