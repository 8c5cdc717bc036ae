"""What programs do besides computing: waiting for it, and leaving it out where a recording is only run again."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


class _Silence(threading.local):
    on = False


_silence = _Silence()


def is_silent() -> bool:
    """Whether the program being compiled repeats what another did, and so must not act again."""
    return _silence.on


@contextmanager
def silent() -> Iterator[None]:
    """A context in which what is compiled does not act again."""
    before, _silence.on = _silence.on, True
    try:
        yield
    finally:
        _silence.on = before


class Quiet:
    """Some work without its effects: what a tape records again.

    **Arguments:**
    - `work`: as for a `StagedOp`.
    """

    def __init__(self, work: Any) -> None:
        self.work = work
        self.output_avals = work.output_avals
        self.effects = False

    @property
    def varying(self) -> Any:
        """As the work's."""
        return self.work.varying

    def function(self, *inputs: Any) -> tuple[Any, ...]:
        """As the work's."""
        with silent():
            return self.work.function(*inputs)


_quiet: weakref.WeakKeyDictionary[Any, Quiet] = weakref.WeakKeyDictionary()


def without_effects(statics: tuple[Any, ...]) -> tuple[Any, ...]:
    """The attributes of an op with effects, with its work made quiet."""
    return tuple(_made_quiet(each) if hasattr(each, "effects") else each for each in statics)


def _made_quiet(work: Any) -> Any:
    found = _quiet.get(work)
    if found is None:
        found = _quiet[work] = Quiet(work)
    return found


class _Settings:
    """What the layer above supplies."""

    settle: Callable[[Sequence[Any]], None] = staticmethod(lambda results: None)


_settings = _Settings()


def install_settle(settle: Callable[[Sequence[Any]], None]) -> None:
    """Supply what waits for the effects of the program that computes some tensors, and raises what failed in them."""
    _settings.settle = staticmethod(settle)  # type: ignore[assignment]


def settle(results: Sequence[Any]) -> None:
    """Wait for the effects of the program that computes `results`, and raise what failed in them."""
    _settings.settle(results)
