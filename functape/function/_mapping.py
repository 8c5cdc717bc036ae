"""`tf.map_fn`, `tf.vectorized_map`, `tf.scan`, `tf.foldl`, `tf.foldr`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from functape._core._convert import convert
from functape._core._layered import layered
from functape._core._spec import TensorSpec
from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._trace import is_tracing
from functape.function._stacking import rows_of, stacked_loop, vectorized
from functape.function._string_rows import holds_strings, map_rows
from functape.function._structure import put_together, take_apart


def convert_callback(function: Any) -> Any:
    """A function that is called in a trace, converted by AutoGraph where the code that gives it is.

    **Raises:** `TypeError` if it is not callable.
    """
    if not callable(function):
        raise TypeError(f"The provided function {function!r} is not callable. fn must be callable.")
    if not is_tracing():
        return function
    from functape.function import _autograph

    return _autograph.convert_callback(function)


def _elements(elems: Any, name: str) -> tuple[Any, list[Any], int]:
    """The structure of `elems`, its tensors, and their common length."""
    tensors: list[Any] = []
    template = take_apart(elems, tensors, numbers=True)
    tensors = [convert(each) for each in tensors]
    return template, tensors, rows_of(tensors, name)


def _stack(values: Sequence[Any]) -> Any:
    from functape._api._joining import stack

    return stack(list(values))


def _row(tensors: Sequence[Any], index: int) -> list[Any]:
    return [each[index] for each in tensors]


@layered("map_fn")
def map_fn(
    fn: Any,
    elems: Any,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    name: str | None = None,
    fn_output_signature: Any = None,
) -> Any:
    """Apply a function to each row of tensors, one after the other (`tf.map_fn`).

    **Arguments:**
    - `fn`: from a row, in the structure of `elems`, to a structure.
    - `elems`: a tensor, or a structure of tensors of one length.
    - `dtype`: the old name of `fn_output_signature`.
    - `parallel_iterations`, `swap_memory`, `infer_shape`, `name`: accepted for compatibility.
    - `back_prop`: whether gradients flow.
    - `fn_output_signature`: the dtypes of what `fn` returns, in its structure; by default those of `elems`.

    **Returns:** what `fn` returns, stacked.

    **Raises:** `TypeError` if `fn` is not callable; `ValueError` for elements without rows, or another structure than
    declared; `InvalidArgumentError` for another dtype.

    ```python
    >>> import functape as tf
    >>> tf.map_fn(lambda x: x * x, tf.constant([1, 2, 3])).numpy()
    array([1, 4, 9], dtype=int32)

    ```
    """
    fn = convert_callback(fn)
    signature = fn_output_signature if fn_output_signature is not None else dtype
    if holds_strings(elems):
        return map_rows(fn, elems, signature)
    template, tensors, length = _elements(elems, "tf.map_fn")
    wanted = _declared(signature, template, tensors)

    def checked(result: Any) -> Any:
        return _as_declared(result, *wanted)

    if is_tracing():
        made = stacked_loop(lambda row, state: ((), checked(fn(put_together(template, iter(row))))), (), tensors)[1]
    elif not length:
        return _empty(*wanted)
    else:
        results = [checked(fn(put_together(template, iter(_row(tensors, index))))) for index in range(length)]
        made = _stacked(results)
    return made if back_prop else _stopped(made)


def _declared(signature: Any, template: Any, tensors: Sequence[Any]) -> tuple[Any, list[DType]]:
    """The structure and dtypes that the function must return."""
    if signature is None:
        return template, [each.aval.dtype for each in tensors]
    dtypes: list[DType] = []
    return _signature_template(signature, dtypes), dtypes


def _signature_template(signature: Any, dtypes: list[DType]) -> Any:
    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: replaced(value[key]) for key in sorted(value)}
        if isinstance(value, list | tuple):
            parts = [replaced(each) for each in value]
            return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
        dtypes.append(value.dtype if isinstance(value, TensorSpec) else as_dtype(value))
        return 0

    return take_apart(replaced(signature), [], numbers=True)


def _as_declared(result: Any, template: Any, dtypes: Sequence[DType]) -> Any:
    tensors: list[Any] = []
    found = take_apart(result, tensors, numbers=True)
    if found != template:
        raise ValueError(
            f"The two structures don't have the same nested structure: fn returns {found!r}, but {template!r} is "
            f"declared. Pass fn_output_signature, the dtypes in the structure that fn returns."
        )
    values = [convert(each, hint=dtype) for each, dtype in zip(tensors, dtypes, strict=True)]
    for each, dtype in zip(values, dtypes, strict=True):
        if each.aval.dtype is not dtype:
            raise InvalidArgumentError(
                message=f"TensorArray dtype is {dtype.name} but Op is trying to write dtype {each.aval.dtype.name}: fn "
                f"returns another dtype than declared. Pass fn_output_signature=tf.{each.aval.dtype.name}."
            )
    return put_together(template, iter(values))


def _stacked(results: Sequence[Any]) -> Any:
    columns: list[list[Any]] = []
    for result in results:
        tensors: list[Any] = []
        template = take_apart(result, tensors)
        columns.append(tensors)
    return put_together(template, iter([_stack(column) for column in zip(*columns, strict=True)]))


def _empty(template: Any, dtypes: Sequence[DType]) -> Any:
    from functape._api._creation import zeros

    return put_together(template, iter([zeros([0], dtype) for dtype in dtypes]))


def _stopped(structure: Any) -> Any:
    from functape._api._joining import stop_gradient

    tensors: list[Any] = []
    template = take_apart(structure, tensors)
    return put_together(template, iter([stop_gradient(each) for each in tensors]))


@layered("vectorized_map")
def vectorized_map(fn: Any, elems: Any, fallback_to_while_loop: bool = True, warn: bool = True) -> Any:
    """Apply a function to all rows of tensors at once (`tf.vectorized_map`).

    **Arguments:**
    - `fn`: from a row, in the structure of `elems`, to a structure.
    - `elems`: a tensor, or a structure of tensors of one length.
    - `fallback_to_while_loop`: whether a function that assigns variables or draws random numbers is applied row by row.
    - `warn`: accepted for compatibility.

    **Raises:** `ValueError` for elements without rows, or a function that must run row by row where it may not.

    ```python
    >>> import functape as tf
    >>> tf.vectorized_map(lambda x: tf.reduce_sum(x), tf.constant([[1, 2], [3, 4]])).numpy()
    array([3, 7], dtype=int32)

    ```
    """
    fn = convert_callback(fn)
    template, tensors, length = _elements(elems, "tf.vectorized_map")
    longest = max(each.aval.shape[0] for each in tensors)
    if length == 0 or longest == 0:
        return put_together(template, iter(tensors))
    made = vectorized(lambda *row: fn(put_together(template, iter(row))), tensors)
    if made is not None:
        return made
    if not fallback_to_while_loop:
        raise ValueError(
            "The function assigns variables or draws random numbers, which cannot be done for all rows at once. Pass "
            "fallback_to_while_loop=True, or use tf.map_fn."
        )
    if is_tracing():
        return stacked_loop(lambda row, state: ((), fn(put_together(template, iter(row)))), (), tensors)[1]
    return _stacked([fn(put_together(template, iter(_row(tensors, index)))) for index in range(length)])


@layered("scan")
def scan(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    infer_shape: bool = True,
    reverse: bool = False,
    name: str | None = None,
) -> Any:
    """The running results of a function of two arguments over rows (`tf.scan`).

    **Arguments:**
    - `fn`: from the result so far and a row to the next result.
    - `elems`: a tensor, or a structure of tensors of one length.
    - `initializer`: the result to begin with; by default the first row.
    - `back_prop`: whether gradients flow.
    - `reverse`: whether to begin with the last row.
    - `parallel_iterations`, `swap_memory`, `infer_shape`, `name`: accepted for compatibility.

    **Returns:** the results, stacked in the order of the rows.

    **Raises:** `TypeError` if `fn` is not callable.

    ```python
    >>> import functape as tf
    >>> tf.scan(lambda total, x: total + x, tf.constant([1, 2, 3])).numpy()
    array([1, 3, 6], dtype=int32)

    ```
    """
    fn = convert_callback(fn)
    template, tensors, length = _elements(elems, "tf.scan")
    first, rest, before = _begin(initializer, template, tensors, reverse, length)
    if is_tracing() and rest and rest[0].aval.shape[0]:

        def body(row: Any, state: Any) -> Any:
            following = fn(state, put_together(template, iter(row)))
            return following, following

        made = stacked_loop(body, first, rest, reverse)[1]
        if before is not None:
            made = _joined(before, made, reverse)
    else:
        results = [] if before is None else [before]
        state = first
        count = rest[0].aval.shape[0]
        for index in reversed(range(count)) if reverse else range(count):
            state = fn(state, put_together(template, iter(_row(rest, index))))
            results.append(_tensors(state))
        made = _stacked(results[::-1] if reverse else results)
    return made if back_prop else _stopped(made)


def _tensors(structure: Any) -> Any:
    found: list[Any] = []
    template = take_apart(structure, found, numbers=True)
    return put_together(template, iter([convert(each) for each in found]))


def _begin(initializer: Any, template: Any, tensors: Sequence[Any], reverse: bool, length: int) -> Any:
    """The first result, the rows still to come, and the result that is there before any of them (None if there is "
    "none)."""
    if initializer is not None:
        return _tensors(initializer), list(tensors), None
    if not length:
        raise ValueError("elems must have at least one row where there is no initializer.")
    first = put_together(template, iter(_row(tensors, length - 1 if reverse else 0)))
    rest = [each[:-1] if reverse else each[1:] for each in tensors]
    return first, rest, first


def _joined(before: Any, made: Any, reverse: bool) -> Any:
    from functape._api._joining import concat
    from functape._api._shaping import expand_dims

    left: list[Any] = []
    take_apart(before, left)
    right: list[Any] = []
    template = take_apart(made, right)
    pairs = zip([expand_dims(each, 0) for each in left], right, strict=True)
    return put_together(template, iter([concat([b, a] if reverse else [a, b], 0) for a, b in pairs]))


def _fold(reverse: bool) -> Callable[..., Any]:
    def fold(fn: Any, elems: Any, initializer: Any, back_prop: bool) -> Any:
        fn = convert_callback(fn)
        template, tensors, length = _elements(elems, "tf.foldr" if reverse else "tf.foldl")
        state, rest, _ = _begin(initializer, template, tensors, reverse, length)
        count = rest[0].aval.shape[0]
        if is_tracing() and count:

            def body(row: Any, carried: Any) -> Any:
                return fn(carried, put_together(template, iter(row))), ()

            state = stacked_loop(body, state, rest, reverse)[0]
        else:
            for index in reversed(range(count)) if reverse else range(count):
                state = fn(state, put_together(template, iter(_row(rest, index))))
        return _tensors(state) if back_prop else _stopped(_tensors(state))

    return fold


_from_left, _from_right = _fold(False), _fold(True)


@layered("foldl")
def foldl(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """The last of the running results of a function over rows, beginning with the first row (`tf.foldl`).

    The arguments are as for `scan`.

    ```python
    >>> import functape as tf
    >>> tf.foldl(lambda total, x: total - x, tf.constant([1, 2, 3])).numpy()
    np.int32(-4)

    ```
    """
    return _from_left(fn, elems, initializer, back_prop)


@layered("foldr")
def foldr(
    fn: Any,
    elems: Any,
    initializer: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
) -> Any:
    """As `foldl`, beginning with the last row (`tf.foldr`).

    ```python
    >>> import functape as tf
    >>> tf.foldr(lambda total, x: total - x, tf.constant([1, 2, 3])).numpy()
    np.int32(0)

    ```
    """
    return _from_right(fn, elems, initializer, back_prop)
