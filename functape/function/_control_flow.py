"""`tf.cond`, `tf.case`, `tf.switch_case`, `tf.while_loop`.

Where code runs at once they choose and loop in Python, as TensorFlow does; in a function being traced they are
recorded.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._engine._trace import is_tracing
from functape.function._branches import staged_cond, staged_switch
from functape.function._effects import check_failed, record_check
from functape.function._staged import staged_while
from functape.function._structure import is_number, put_together, take_apart
from functape.function._tensor_array import TensorArray


def cond(pred: Any, true_fn: Any = None, false_fn: Any = None, name: str | None = None) -> Any:
    """Call one of two functions (`tf.cond`).

    **Arguments:**
    - `pred`: a scalar bool tensor.
    - `true_fn`, `false_fn`: take nothing. In a function being traced both are traced, and return structures alike.
    - `name`: accepted for compatibility.

    **Returns:** what the function chosen returns.

    **Raises:** `TypeError` if one is not callable, or, in a function being traced, `pred` is a Python bool or the
    structures or dtypes differ.

    ```python
    >>> import functape as tf
    >>> tf.cond(tf.constant(True), lambda: tf.constant(1), lambda: tf.constant(2)).numpy()
    np.int32(1)

    ```
    """
    _callable("true_fn", true_fn)
    _callable("false_fn", false_fn)
    if not is_tracing():
        return true_fn() if pred else false_fn()
    if isinstance(pred, bool):
        raise TypeError("pred must not be a Python bool: use Python's `if`, or make it a tensor: tf.constant(pred).")
    return staged_cond(pred, _converted(true_fn), _converted(false_fn))


def _converted(function: Any) -> Any:
    """A function to be traced, converted by AutoGraph where the code that gives it is."""
    from functape.function import _autograph

    return _autograph.convert_callback(function)


def _callable(name: str, value: Any) -> None:
    if not callable(value):
        raise TypeError(f"'{name}' must be callable. Received: {value!r}. Pass a function: lambda: value.")


def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """Call one of several functions by number (`tf.switch_case`).

    **Arguments:**
    - `branch_index`: a scalar integer tensor.
    - `branch_fns`: functions; or a dict from numbers to them, or pairs of a number and a function, numbered from 0.
    - `default`: called if no function has that number; by default the last is.
    - `name`: accepted for compatibility.

    **Raises:** `TypeError` or `ValueError` for an index or functions that are none of these.

    ```python
    >>> import functape as tf
    >>> tf.switch_case(tf.constant(1), [lambda: "first", lambda: "second"])
    'second'

    ```
    """
    functions = _branches(branch_fns)
    if default is not None:
        _callable("default", default)
        functions.append(default)
    index = convert(branch_index)
    if not index.dtype.is_integer:
        raise TypeError(
            f"'branch_index' must be an integer Tensor, got {index.dtype!r}. Cast it: tf.cast(i, tf.int32)."
        )
    if is_tracing():
        return staged_switch(index, [_converted(each) for each in functions])
    number = int(index)
    return functions[number if 0 <= number < len(functions) else -1]()


def _branches(branch_fns: Any) -> list[Callable[[], Any]]:
    if isinstance(branch_fns, Mapping):
        branch_fns = list(branch_fns.items())
    if not isinstance(branch_fns, list | tuple):
        raise TypeError(f"'branch_fns' must be a list, tuple, or dict. Received: {type(branch_fns)}")
    if not branch_fns:
        raise ValueError("Must provide at least one item in 'branch_fns'.")
    if all(isinstance(each, tuple) for each in branch_fns):
        for each in branch_fns:
            if len(each) != 2:
                raise TypeError(f"Each tuple in 'branch_fns' must have length 2. Received: {each!r}")
            if not isinstance(each[0], int):
                raise TypeError(f"Each key in 'branch_fns' must be a Python int. Received: {each[0]!r}")
        pairs = sorted(branch_fns, key=lambda each: each[0])
        keys = [key for key, _ in pairs]
        if keys != list(range(len(pairs))):
            raise ValueError(
                f"branch indices (keys) must form contiguous range of [0 to {len(pairs)}) but found "
                f"{{{','.join(map(str, keys))}}}"
            )
        functions = [function for _, function in pairs]
    else:
        functions = list(branch_fns)
    for function in functions:
        _callable("branch_fns", function)
    return functions


def case(
    pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False, name: str = "case"
) -> Any:
    """Call the function of the first condition that holds (`tf.case`).

    **Arguments:**
    - `pred_fn_pairs`: pairs of a scalar bool tensor and a function, or an ordered dict of them.
    - `default`: called if no condition holds; that is an error without it.
    - `exclusive`: that at most one condition holds, so that their order does not matter; it is not checked.
    - `strict`: accepted for compatibility.
    - `name`: accepted for compatibility.

    **Raises:** `TypeError` or `ValueError` for arguments that are none of these; `InvalidArgumentError` if no condition
    holds and there is no default.

    ```python
    >>> import functape as tf
    >>> x = tf.constant(3)
    >>> tf.case([(x < 2, lambda: "small"), (x < 5, lambda: "medium")], default=lambda: "large")
    'medium'

    ```
    """
    pairs = _pairs(pred_fn_pairs, exclusive)
    if default is not None:
        _callable("default", default)
    for predicate, function in pairs:
        if not is_tensor_like(predicate):
            raise TypeError(f"pred must be a Tensor, got: {predicate!r}")
        _callable("fn", function)
    if not is_tracing():
        return _case_at_once(pairs, default)
    if default is None:
        *pairs, (last, default) = pairs
        anything = last
        for predicate, _ in pairs:
            anything = anything | predicate
        record_check(anything, _none_holds, [])
    result = _converted(default)
    for predicate, function in reversed(pairs):
        result = _choice(predicate, function, result)
    return result()


def _choice(predicate: Any, function: Callable[[], Any], otherwise: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: staged_cond(predicate, _converted(function), otherwise)


def _none_holds() -> None:
    raise check_failed("None of the conditions of tf.case holds, and it has no default.")


def _case_at_once(pairs: Sequence[Any], default: Any) -> Any:
    for predicate, function in pairs:
        if predicate:
            return function()
    if default is None:
        _none_holds()
    return default()


def _pairs(given: Any, exclusive: bool) -> list[tuple[Any, Any]]:
    if isinstance(given, Mapping):
        if not exclusive and not isinstance(given, OrderedDict):
            raise ValueError(
                "Unordered dictionaries are not supported for the 'pred_fn_pairs' argument when `exclusive=False`: "
                "pass a list of pairs, or an OrderedDict."
            )
        given = [(key.deref() if hasattr(key, "deref") else key, value) for key, value in given.items()]
    if not isinstance(given, list | tuple):
        raise TypeError(f"'pred_fn_pairs' must be a list, tuple, or dict. Received: {type(given)}")
    for each in given:
        if not isinstance(each, tuple) or len(each) != 2:
            raise TypeError(
                f"Each entry in 'pred_fn_pairs' must be a pair of a condition and a function. Received: {each!r}"
            )
    return list(given)


def while_loop(
    cond: Any,
    body: Any,
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """Call a function again and again while a condition holds (`tf.while_loop`).

    **Arguments:**
    - `cond`: from the loop variables to a scalar bool tensor.
    - `body`: from the loop variables to their next values, a sequence of as many structures.
    - `loop_vars`: a list or tuple of the first values.
    - `shape_invariants`: which lengths may change between rounds; a loop with such cannot be compiled, and the function
      it is in runs as plain Python.
    - `parallel_iterations`, `swap_memory`, `name`: accepted for compatibility.
    - `back_prop`: whether gradients flow through the loop.
    - `maximum_iterations`: a bound on the number of rounds.

    **Returns:** the last values, in the structure of `loop_vars`.

    **Raises:** `TypeError` if `cond` or `body` is not callable; `ValueError` without loop variables, or if the body
    changes their structure, and in a function being traced also their shapes (`TypeError` for dtypes).

    ```python
    >>> import functape as tf
    >>> i, total = tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), (tf.constant(0), tf.constant(0)))
    >>> total.numpy()
    np.int32(6)

    ```
    """
    _callable("cond", cond)
    _callable("body", body)
    if parallel_iterations < 1:
        raise TypeError(f"'parallel_iterations' must be a positive integer. Received: {parallel_iterations!r}")
    if not isinstance(loop_vars, list | tuple) or not loop_vars:
        raise ValueError(
            f"'loop_vars' must be provided: a list or tuple of at least one loop variable. Received: {loop_vars!r}"
        )
    if is_tracing():
        values: Any = staged_while(
            _converted(cond), _converted(body), loop_vars, None, _bound(maximum_iterations), shape_invariants
        )
    else:
        values = _at_once(cond, body, loop_vars, maximum_iterations)
    if not back_prop:
        values = _without_gradient(values)
    values = tuple(values)
    if hasattr(loop_vars, "_fields"):
        return type(loop_vars)(*values)  # type: ignore[misc]
    return list(values) if isinstance(loop_vars, list) else values


def _bound(maximum: Any) -> Any:
    return maximum if maximum is None or maximum.__class__ is int else convert(maximum)


def _at_once(cond: Any, body: Any, loop_vars: Any, maximum: Any) -> Sequence[Any]:
    values = [_as_tensors(each) for each in loop_vars]
    wanted = _shape_of(values)
    rounds = 0
    limit = None if maximum is None else int(maximum)
    while (limit is None or rounds < limit) and bool(cond(*values)):
        made = body(*values)
        if len(values) == 1 and not isinstance(made, list | tuple):
            made = [made]
        if not isinstance(made, list | tuple) or _shape_of(list(made)) != wanted:
            raise ValueError(
                f"The two structures don't have the same nested structure: the loop variables begin as {values!r}, "
                f"and the body returns {made!r}. Return as many values of the same structure."
            )
        values = [_as_tensors(each) for each in made]
        rounds += 1
    return values


def _as_tensors(structure: Any) -> Any:
    if isinstance(structure, TensorArray):
        return structure
    tensors: list[Any] = []
    template = take_apart(structure, tensors, numbers=True)
    return put_together(template, iter([convert(each) if is_number(each) else each for each in tensors]))


def _shape_of(values: list[Any]) -> Any:
    return [TensorArray if isinstance(each, TensorArray) else take_apart(each, [], numbers=True) for each in values]


def _without_gradient(values: Any) -> Any:
    from functape._api._joining import stop_gradient

    tensors: list[Any] = []
    template = take_apart(values, tensors)
    return put_together(template, iter([stop_gradient(each) for each in tensors]))
