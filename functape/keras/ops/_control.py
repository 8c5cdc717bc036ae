"""Control flow: choices, loops, scans and functions applied to rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from functape._api._clipping import clip_by_value
from functape._api._joining import concat, stack
from functape._api._shaping import broadcast_to, reshape, reverse
from functape._engine._trace import is_tracing
from functape.autodiff import custom_gradient
from functape.function._control_flow import cond as choose
from functape.function._control_flow import switch_case
from functape.function._control_flow import while_loop as loop
from functape.function._mapping import vectorized_map
from functape.function._stacking import stacked_loop
from functape.keras.ops._table import Rows, described
from functape.keras.ops._types import tensor
from functape.nest import flatten, map_structure, pack_sequence_as


def _chosen(pred: Any, true_fn: Any, false_fn: Any) -> Any:
    if isinstance(pred, bool | np.bool_):
        return true_fn() if pred else false_fn()
    return choose(tensor(pred, "bool"), true_fn, false_fn)


def _switched(index: Any, branches: Any, operands: Any) -> Any:
    number = tensor(index, "int32")
    return switch_case(
        clip_by_value(number, 0, len(branches) - 1), [lambda each=each: each(*operands) for each in branches]
    )


def _looped(cond: Any, body: Any, loop_vars: Any, limit: Any) -> Any:
    many = isinstance(loop_vars, list | tuple)
    given = tuple(loop_vars) if many else (loop_vars,)

    def step(*values: Any) -> Any:
        made = body(*values)
        return tuple(made) if isinstance(made, list | tuple) else (made,)

    tensors = tuple(map_structure(tensor, each) for each in given)
    made = loop(lambda *values: tensor(cond(*values), "bool"), step, tensors, maximum_iterations=limit)
    return tuple(made) if many else made[0]


def _counted(lower: Any, upper: Any, body: Any, value: Any) -> Any:
    end = tensor(upper)
    return _looped(lambda i, _: i < end, lambda i, carried: (i + 1, body(i, carried)), (tensor(lower), value), None)[1]


def _scanned(f: Any, init: Any, xs: Any, length: Any, backwards: bool) -> Any:
    if not callable(f):
        raise TypeError(f"`f` should be a callable. Received: f={f}")
    if xs is None and length is None:
        raise ValueError("Got no `xs` to scan over and `length` not provided.")
    rows = [] if xs is None else [tensor(each) for each in flatten(xs)]
    count = int(length) if not rows else rows[0].aval.shape[0]
    state = map_structure(tensor, init)

    def row_of(parts: Any) -> Any:
        return None if xs is None else pack_sequence_as(xs, list(parts))

    if is_tracing() and count:
        given = rows or [tensor(np.zeros(count, np.int32))]
        return stacked_loop(lambda parts, carried: f(carried, row_of(parts)), state, given, backwards)
    made: list[Any] = []
    for index in reversed(range(count)) if backwards else range(count):
        state, result = f(state, row_of([each[index] for each in rows]))
        made.append(result)
    return state, _stacked(made[::-1] if backwards else made)


def _stacked(results: list[Any]) -> Any:
    if not results or results[0] is None:
        return None
    return map_structure(lambda *parts: stack([tensor(each) for each in parts]), *results)


def _mapped(f: Any, xs: Any) -> Any:
    return _scanned(lambda carried, x: (carried, f(x)), tensor(0), xs, None, False)[1]


def _combined(f: Callable[..., Any], elems: Any, backwards: bool, axis: int) -> Any:
    """All running results of an associative function, in a number of steps that grows as the logarithm."""
    if not callable(f):
        raise TypeError(f"`f` should be a callable. Received: f={f}")
    parts = [tensor(each) for each in flatten(elems)]
    places = [axis % each.aval.ndim for each in parts]
    length = parts[0].aval.shape[places[0]]
    if any(each.aval.shape[place] != length for each, place in zip(parts, places, strict=True)):
        raise ValueError(
            "Array inputs to associative_scan must have the same first dimension. Received: "
            f"{[tuple(each.shape) for each in parts]}"
        )
    if backwards:
        parts = [reverse(each, [place]) for each, place in zip(parts, places, strict=True)]

    def piece(values: list[Any], begin: int | None, end: int | None) -> list[Any]:
        return [each[(slice(None),) * place + (slice(begin, end),)] for each, place in zip(values, places, strict=True)]

    span = 1
    while span < length:
        earlier, later = piece(parts, None, length - span), piece(parts, span, None)
        joined = flatten(f(pack_sequence_as(elems, earlier), pack_sequence_as(elems, later)))
        heads = piece(parts, None, span)
        parts = [concat([head, tail], place) for head, tail, place in zip(heads, joined, places, strict=True)]
        span *= 2
    if backwards:
        parts = [reverse(each, [place]) for each, place in zip(parts, places, strict=True)]
    return pack_sequence_as(elems, parts)


def _vectorized(pyfunc: Any, excluded: Any, signature: Any) -> Any:
    """A function of tensors whose leading axes broadcast, of one of single elements or of a signature's parts."""
    if not callable(pyfunc):
        raise ValueError(f"Expected argument `pyfunc` to be a callable. Received: pyfunc={pyfunc}")
    fixed = set() if excluded is None else set(excluded)
    ranks = None
    if signature is not None:
        left, arrow, _ = signature.replace(" ", "").partition("->")
        if not arrow:
            raise ValueError(f"Not a valid signature: {signature}. It must look like '(n),(n)->()'.")
        ranks = [len([name for name in group.split(",") if name]) for group in re.findall(r"\(([^()]*)\)", left)]

    def function(*args: Any, **kwargs: Any) -> Any:
        moving = [place for place in range(len(args)) if place not in fixed]
        tensors = [tensor(args[place]) for place in moving]
        inner = [0] * len(tensors) if ranks is None else ranks
        if len(inner) != len(tensors):
            raise TypeError(f"wrong number of positional arguments: expected {len(inner)}, got {len(tensors)}")
        outer = [each.aval.shape[: each.aval.ndim - rank] for each, rank in zip(tensors, inner, strict=True)]
        shape = np.broadcast_shapes(*outer)

        def apply(row: Any) -> Any:
            filled = dict(zip(moving, row, strict=True))
            return pyfunc(*(filled.get(place, each) for place, each in enumerate(args)), **kwargs)

        if not shape:
            return apply(tensors)
        rows = []
        for each, rank in zip(tensors, inner, strict=True):
            core = tuple(each.aval.shape[each.aval.ndim - rank :])
            rows.append(reshape(broadcast_to(each, (*shape, *core)), [-1, *core]))
        made = vectorized_map(apply, rows)
        return map_structure(lambda each: reshape(each, [*shape, *each.aval.shape[1:]]), made)

    return function


_CONTROL: Rows = {
    "cond": ("Call one of two functions", lambda pred, true_fn, false_fn: _chosen(pred, true_fn, false_fn)),
    "switch": (
        "Call one of several functions by number",
        lambda index, branches, *operands: _switched(index, branches, operands),
    ),
    "while_loop": (
        "Call a function again and again while a condition holds",
        lambda cond, body, loop_vars, maximum_iterations=None: _looped(cond, body, loop_vars, maximum_iterations),
    ),
    "fori_loop": (
        "Call a function with each number of a range",
        lambda lower, upper, body_fun, init_val: _counted(lower, upper, body_fun, init_val),
    ),
    "scan": (
        "Carry a state over rows, collecting a result of each",
        lambda f, init, xs=None, length=None, reverse=False, unroll=1: _scanned(f, init, xs, length, reverse),
    ),
    "associative_scan": (
        "All running results of an associative function",
        lambda f, elems, reverse=False, axis=0: _combined(f, elems, reverse, axis),
    ),
    "map": ("A function of each row", lambda f, xs: _mapped(f, xs)),
    "vectorized_map": (
        "A function of all rows at once",
        lambda function, elements: vectorized_map(function, map_structure(tensor, elements)),
    ),
    "vectorize": (
        "A function of whole tensors, of one of elements",
        lambda pyfunc, *, excluded=None, signature=None: _vectorized(pyfunc, excluded, signature),
    ),
    "custom_gradient": ("A function with a gradient of its own", lambda f: custom_gradient(f)),
}

FUNCTIONS = described(_CONTROL)
