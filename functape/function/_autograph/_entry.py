"""Converting functions on request: for `tf.function`, for APIs that take functions, for looking at the code."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from functape.function._autograph._calls import (
    autograph_artifact,
    converted_call,
    transpiler,
    unconverted,
)
from functape.function._autograph._rules import is_artifact
from functape.function._autograph._scopes import Converting, Status, options_in_force, status
from functape.function._autograph._transpiler import ConversionOptions
from functape.function._autograph._user_errors import explain_in_user_code
from functape.function._staged import is_tracing


class ConversionError(Exception):
    """A function cannot be converted."""


def convert(function: Callable[..., Any], recursive: bool = True, optional_features: Any = None) -> Callable[..., Any]:
    """A function whose control flow over tensors is recorded when it is called in a trace.

    **Arguments:**
    - `function`: a function, method, `functools.partial` or callable object.
    - `recursive`: whether the functions it calls are converted too.
    - `optional_features`: a `tf.autograph.experimental.Feature` or several.

    **Returns:** a function that takes the same arguments. Errors name the user's lines that led to them.
    """
    options = ConversionOptions(recursive=recursive, user_requested=True, optional_features=optional_features)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            if status() is Status.DISABLED:
                return function(*args, **kwargs)
            # Where a library's code is traced it runs as it is; what the user gave to it is converted.
            with Converting(Status.ENABLED, options):
                return converted_call(function, args, kwargs, None, options)
        except Exception as error:
            explain_in_user_code(error)
            raise

    return call


def convert_callback(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function given to an API that calls it in a trace: converted where the calling code is, else as it is."""
    if status() is not Status.ENABLED or is_artifact(function) or not is_tracing():
        return function
    options = options_in_force().call_options()

    def call(*args: Any, **kwargs: Any) -> Any:
        return converted_call(function, args, kwargs, None, options)

    return autograph_artifact(call)


def converting() -> Converting:
    """A context for a library's code that is traced: what the user gave to it is converted, unless it must not be."""
    if status() is Status.DISABLED:
        return Converting(Status.DISABLED)
    return Converting(Status.ENABLED, ConversionOptions(recursive=True, user_requested=True))


def is_unconverted(function: Any) -> bool:
    """Whether `do_not_convert` marked a function."""
    return is_artifact(function)


def do_not_convert(func: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """Leave a function as it is (`tf.autograph.experimental.do_not_convert`).

    Its `if`, `for` and `while` then depend on Python values only, and so do those of the functions it calls.

    **Arguments:**
    - `func`: the function; None to use `do_not_convert()` as a decorator.

    **Returns:** a function that does the same and is not converted.

    ```python
    >>> import functape as tf
    >>> @tf.autograph.experimental.do_not_convert
    ... def double(x):
    ...     return 2 * x
    >>> tf.function(lambda: double(3))()
    <tf.Tensor: shape=(), dtype=int32, numpy=6>

    ```
    """
    if func is None:
        return do_not_convert
    if inspect.ismethod(func):
        return unconverted(func.__func__).__get__(func.__self__)
    return unconverted(func)


def to_graph(
    entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: Any = None
) -> Callable[..., Any]:
    """The function that AutoGraph makes of a function (`tf.autograph.to_graph`).

    **Arguments:**
    - `entity`: a Python function or method.
    - `recursive`: whether the functions it calls are converted too.
    - `experimental_optional_features`: a `tf.autograph.experimental.Feature` or several.

    **Returns:** the converted function; where nothing is traced, it does what `entity` does.

    **Raises:** `ConversionError` (a `ValueError` in the message says why) if it cannot be converted.

    ```python
    >>> import functape as tf
    >>> def absolute(x):
    ...     return x if x > 0 else -x
    >>> tf.autograph.to_graph(absolute)(-2)
    2

    ```
    """
    options = ConversionOptions(
        recursive=recursive, user_requested=True, optional_features=experimental_optional_features
    )
    try:
        plain = getattr(entity, "__func__", entity)
        if not hasattr(plain, "__code__"):
            raise ValueError(
                "Cannot apply autograph to a function that doesn't expose a __code__ object. If this is a "
                "@tf.function, try passing f.python_function instead."
            )
        converted = transpiler().convert(plain, options)
    except Exception as error:
        raise ConversionError(f"converting {entity}: {type(error).__name__}: {error}") from error
    autograph_artifact(converted)
    return converted


def to_code(entity: Callable[..., Any], recursive: bool = True, experimental_optional_features: Any = None) -> str:
    """The source of the function that AutoGraph makes of a function (`tf.autograph.to_code`).

    **Arguments:** as `to_graph`.

    **Returns:** Python source; `ag__` in it stands for AutoGraph's operators.

    **Raises:** `ConversionError` if it cannot be converted.

    ```python
    >>> import functape as tf
    >>> def double(x):
    ...     return 2 * x
    >>> print(tf.autograph.to_code(double).splitlines()[0])
    def tf__double(x):

    ```
    """
    converted = to_graph(entity, recursive, experimental_optional_features)
    return textwrap.dedent(converted.ag_source) + "\n"  # type: ignore[attr-defined]
