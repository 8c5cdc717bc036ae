"""Lists under `tf.autograph.experimental.Feature.LISTS`: Python lists, whose changes are seen by recorded loops."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, NamedTuple

from functape._api._joining import stack

_UPDATES = {
    "add": operator.add,
    "sub": operator.sub,
    "mult": operator.mul,
    "div": operator.truediv,
    "pow": operator.pow,
}


class GetItemOpts(NamedTuple):
    """What is known of an element that is read."""

    element_dtype: Any


class ListPopOpts(NamedTuple):
    """What is known of an element that is taken off."""

    element_dtype: Any
    element_shape: Any


class ListStackOpts(NamedTuple):
    """What is known of a list that is stacked, and the function that was called."""

    element_dtype: Any
    original_call: Any


def new_list(iterable: Any = None) -> list[Any]:
    """A list display."""
    return list(iterable or ())


def list_append(list_: Any, x: Any) -> Any:
    """`list_.append(x)`; of a list, a new list, so that a recorded loop sees that its length changes."""
    if type(list_) is list:
        return [*list_, x]
    list_.append(x)
    return list_


def list_pop(list_: Any, i: Any, opts: ListPopOpts) -> tuple[Any, Any]:
    """`list_.pop(i)`: the list after it, and the element."""
    if type(list_) is list:
        list_ = list(list_)
    return list_, list_.pop() if i is None else list_.pop(i)


def list_stack(list_: Any, opts: ListStackOpts) -> Any:
    """`tf.stack(list_)`, or whatever function of the name `stack` was called."""
    return stack(list_) if opts.original_call is None else opts.original_call(list_)


def get_item(target: Any, i: Any, opts: GetItemOpts) -> Any:
    """`target[i]`."""
    return target[i]


def set_item(target: Any, i: Any, x: Any) -> Any:
    """`target[i] = x`; of a list, a new list."""
    if type(target) is list:
        target = list(target)
    target[i] = x
    return target


def update_item_with_op(target: Any, i: Any, x: Any, op: str) -> Any:
    """`target[i] += x` and the like."""
    function: Callable[[Any, Any], Any] = _UPDATES[op]
    return set_item(target, i, function(target[i], x))
