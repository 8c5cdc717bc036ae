"""Programs with control flow for `tf.function`, run with TensorFlow and with functape, and what came out compared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow
from both_sides import compare, described

import functape

Build = Callable[[Any], Callable[..., Any]]


class Flows(list[tuple[Build, tuple[Any, ...]]]):
    """Programs with the arguments of the calls to make, collected by using the table as a decorator.

    A program is a function of a module called `tf` that returns the Python function to be put into `tf.function`.
    """

    def __call__(self, *calls: Any) -> Callable[[Build], Build]:
        def add(build: Build) -> Build:
            if any(build.__name__ == each.__name__ for each, _ in self):
                raise ValueError(f"Two programs are called {build.__name__}.")
            self.append((build, tuple(call if isinstance(call, tuple) else (call,) for call in calls)))
            return build

        return add

    def each(self) -> Any:
        """Parametrizes a test over the table, with parameters `build` and `calls`."""
        return pytest.mark.parametrize(("build", "calls"), self, ids=[build.__name__ for build, _ in self])


def outcome(tf: Any, build: Build, calls: tuple[Any, ...], **options: Any) -> Any:
    """The values and gradients of each call, the variables afterwards, and how often the function was traced."""
    plain = build(tf)
    function = tf.function(plain, **options)
    found = []
    for call in calls:
        arguments = [tf.constant(each) if isinstance(each, np.ndarray | np.generic) else each for each in call]
        watched = [each for each in arguments if hasattr(each, "dtype") and each.dtype.is_floating]
        variables = getattr(plain, "variables", [])
        with tf.GradientTape() as tape:
            tape.watch(watched)
            value = function(*arguments)
        floating = [each for each in _leaves(value) if hasattr(each, "dtype") and each.dtype.is_floating]
        gradients = tape.gradient(floating, [watched, variables]) if floating and (watched or variables) else None
        found.append(described([value, gradients, [each.numpy() for each in variables]]))
    return [found, function.experimental_get_tracing_count()]


def check(build: Build, calls: tuple[Any, ...], loosen: float = 1.0, **options: Any) -> None:
    """Fail unless a program comes out the same with functape as with TensorFlow."""
    theirs, ours = (outcome(tf, build, calls, **options) for tf in (tensorflow, functape))
    compare(ours, theirs, build.__name__, loosen)


def errors(build: Build, calls: tuple[Any, ...]) -> list[Exception | None]:
    """What TensorFlow and functape raise."""
    return [_error(tf, build, calls) for tf in (tensorflow, functape)]


def _error(tf: Any, build: Build, calls: tuple[Any, ...]) -> Exception | None:
    try:
        outcome(tf, build, calls)
    except Exception as error:
        return error
    return None


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [leaf for each in value for leaf in _leaves(each)]
    return [] if value is None else [value]
