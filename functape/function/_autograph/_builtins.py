"""Python's builtin functions on symbolic tensors."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from typing import Any

from functape._api._creation import range as tensor_range
from functape._api._elementwise import abs as tensor_abs
from functape._api._measuring import shape as tensor_shape
from functape._api._ordering import sort
from functape._core._cast import cast
from functape._core._print import tf_print
from functape._engine._dtypes import float32, int32
from functape.function._autograph._conditions import is_staged, refuse_data
from functape.function._staged import is_tracing


def abs_(x: Any) -> Any:
    """`abs(x)`."""
    return tensor_abs(x) if is_staged(x) else builtins.abs(x)


def float_(x: Any = 0) -> Any:
    """`float(x)`; a tensor becomes one of dtype float32."""
    return cast(x, float32) if is_staged(x) else float(x)


def int_(x: Any = 0, base: Any = None) -> Any:
    """`int(x)`; a tensor becomes one of dtype int32."""
    if is_staged(x):
        if base not in (None, 10):
            raise NotImplementedError(f"int of a tensor takes no base. Received: base={base!r}")
        return cast(x, int32)
    return int(x) if base is None else int(x, base)


def len_(s: Any) -> Any:
    """`len(s)`; of a tensor, the length of its first axis."""
    if not is_staged(s):
        return len(s)
    if not s.shape.rank:
        raise ValueError(f"len requires a tensor with at least one axis. Received one of shape {s.shape}")
    return tensor_shape(s)[0] if s.shape[0] is None else s.shape[0]


def range_(start_or_stop: Any, stop: Any = None, step: Any = None) -> Any:
    """`range(...)`; of tensors, a tensor."""
    arguments = [each for each in (start_or_stop, stop, step) if each is not None]
    if any(is_staged(each) for each in arguments):
        return tensor_range(*arguments)
    return builtins.range(*arguments)


def sorted_(iterable: Any, key: Any = None, reverse: Any = False) -> Any:
    """`sorted(...)`; of a tensor with one axis, a tensor.

    **Raises:** `ValueError` for a tensor with more or fewer axes or with a `key`.
    """
    if not is_staged(iterable):
        return builtins.sorted(iterable, key=key, reverse=reverse)
    if key is not None or iterable.shape.rank != 1:
        raise ValueError(
            f"sorted takes a tensor with one axis, and no key. Received: shape {iterable.shape}, key={key!r}. "
            "Use tf.sort and tf.argsort."
        )
    return sort(iterable, direction="DESCENDING" if reverse else "ASCENDING")


def print_(*objects: Any, **kwargs: Any) -> None:
    """`print(...)`; with a tensor among the objects, when the function runs."""
    if not any(is_staged(each) for each in objects):
        print(*objects, **kwargs)
        return
    unknown = set(kwargs) - {"sep", "end", "file", "flush"}
    if unknown:
        raise ValueError(f"print takes sep, end, file and flush. Received: {builtins.sorted(unknown)}")
    options = {name: kwargs[name] for name in ("sep", "end") if kwargs.get(name) is not None}
    public_print()(*objects, output_stream=kwargs.get("file") or sys.stdout, **options)


def public_print() -> Callable[..., Any]:
    """`tf.print`, which prints from within compiled code too."""
    import functape

    return getattr(functape, "print", tf_print)


def _without_data(function: Callable[..., Any]) -> Callable[..., Any]:
    """A builtin function that takes iterables and would read datasets while tracing."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if is_tracing():
            refuse_data(*args)
        return function(*args, **kwargs)

    return call


OVERLOADS: dict[Any, Callable[..., Any]] = {
    builtins.abs: abs_,
    builtins.float: float_,
    builtins.int: int_,
    builtins.len: len_,
    builtins.print: print_,
    builtins.range: range_,
    builtins.sorted: sorted_,
    **{each: _without_data(each) for each in (enumerate, filter, iter, list, map, next, tuple, zip)},
}
"""What is called for a builtin function."""
