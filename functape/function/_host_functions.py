"""`tf.py_function`, `tf.numpy_function`, and `tf.print` in functions being traced."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._dispatch import CompositeTensor
from functape._core._print import check_stream, fill_template, split_template, write
from functape._engine._avals import aval
from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import InvalidArgumentError, OpError, UnknownError
from functape._engine._recorder import record_multiple
from functape._engine._trace import HostShapeNeeded, ValueNeeded, is_tracing
from functape.function._effects import HOST_CALL, HostCall, record_effect, tensors_of


def py_function(func: Any = None, inp: Any = None, Tout: Any = None, name: str | None = None) -> Any:
    """Call a Python function of tensors; part of a compiled program too (`tf.py_function`).

    **Arguments:**
    - `func`: takes tensors that have values, and returns tensors or what converts to them. Gradients flow through it.
      None for a decorator: `@tf.py_function(Tout=tf.float32)`.
    - `inp`: a list of tensors; none for a decorator.
    - `Tout`: the dtype it returns, or a list of dtypes (or `tf.TensorSpec`s, which give shapes too); empty for none.
    - `name`: accepted for compatibility.

    **Returns:** a tensor, or a list of tensors; without `func` a decorator.

    In a function being traced the results' shapes are those the function returns for zeros, unless `Tout` tells them.

    **Raises:** `UnknownError`, or TensorFlow's error for the exception, if `func` fails; `InvalidArgumentError` if it
    returns another dtype than `Tout`; `TypeError` without `Tout`, with `func` but no `inp`, or the other way about.

    ```python
    >>> import functape as tf
    >>> tf.py_function(lambda x: x.numpy() * 2, [tf.constant(2.0)], tf.float32).numpy()
    np.float32(4.0)

    ```
    """
    decorator = _decorator(py_function, "tf.py_function", func, inp, Tout)
    if decorator is not None:
        return decorator
    tensors, specs, single = _described(inp, Tout)
    if not is_tracing():
        made = _call_on_tensors(func, tensors, specs)
        return made[0] if single else made

    def call(*arrays: Any) -> tuple[Any, ...]:
        return tuple(each.numpy() for each in _call_on_tensors(func, tensors_of(arrays), specs))

    first: list[Any] = []
    shapes = [spec.shape for spec in _shaped(specs, lambda: _tried(call, tensors, first))]

    def pull(*arrays: Any) -> tuple[Any, ...]:
        from functape import GradientTape

        inputs = tensors_of(arrays[: len(tensors)])
        floating = [each for each in inputs if each.aval.differentiable]
        with GradientTape() as tape:
            tape.watch(floating)
            made = _call_on_tensors(func, inputs, specs)
        weights = tensors_of(arrays[len(tensors) :])
        pairs = [(each, weight) for each, weight in zip(made, weights, strict=True) if each.aval.differentiable]
        gradients = tape.gradient(
            [each for each, _ in pairs],
            floating,
            output_gradients=[each for _, each in pairs],
            unconnected_gradients="zero",
        )
        return tuple(each.numpy() for each in gradients)

    avals = tuple(aval(tuple(shape), spec.dtype) for shape, spec in zip(shapes, specs, strict=True))
    made = list(
        record_multiple(HOST_CALL, (HostCall(_once(call, first), avals, pull, True, len(tensors)),), tuple(tensors))
    )
    return made[0] if single else made


def numpy_function(
    func: Any = None, inp: Any = None, Tout: Any = None, stateful: bool = True, name: str | None = None
) -> Any:
    """Call a Python function of NumPy arrays; part of a compiled program too (`tf.numpy_function`).

    **Arguments:**
    - `func`: takes arrays and returns arrays. No gradient flows through it. None for a decorator:
      `@tf.numpy_function(Tout=tf.float32)`.
    - `inp`: a list of tensors; none for a decorator.
    - `Tout`: the dtype it returns, or a list of dtypes.
    - `stateful`: whether it must be called each time.
    - `name`: accepted for compatibility.

    **Returns:** a tensor, or a list of tensors; without `func` a decorator.

    **Raises:** whatever `func` raises; in a function being traced `UnknownError`. `TypeError` without `Tout`, with
    `func` but no `inp`, or the other way about.

    ```python
    >>> import functape as tf
    >>> tf.numpy_function(lambda x: x + 1, [tf.constant([1.0])], tf.float32).numpy()
    array([2.], dtype=float32)

    ```
    """
    decorator = _decorator(functools.partial(numpy_function, stateful=stateful), "tf.numpy_function", func, inp, Tout)
    if decorator is not None:
        return decorator
    tensors, specs, single = _described(inp, Tout)

    def run(arrays: Sequence[Any]) -> list[Any]:
        result = func(*arrays)
        if not specs:
            return []
        return [result] if single or not isinstance(result, list | tuple) else list(result)

    if not is_tracing():
        values = run([each.numpy() for each in tensors])
        if not specs:
            return None
        made = [convert(np.asarray(each)) for each in values]
        return made[0] if single else made

    def call(*arrays: Any) -> tuple[Any, ...]:
        try:
            values = [np.asarray(each) for each in run(arrays)]
        except Exception as error:
            raise UnknownError(message=f"{type(error).__name__}: {error} [Op:PyFunc]") from error
        for number, (each, spec) in enumerate(zip(values, specs, strict=True)):
            if each.dtype != np.dtype(spec.dtype.as_numpy_dtype):
                raise InvalidArgumentError(
                    message=f"{number}-th value returned by pyfunc is {each.dtype}, but expects {spec.dtype.name} "
                    "[Op:PyFunc]."
                )
        return tuple(values)

    first: list[Any] = []
    shapes = [spec.shape for spec in _shaped(specs, lambda: _tried(call, tensors, first))]
    avals = tuple(aval(tuple(shape), spec.dtype) for shape, spec in zip(shapes, specs, strict=True))
    made = list(
        record_multiple(HOST_CALL, (HostCall(_once(call, first), avals, None, stateful, len(tensors)),), tuple(tensors))
    )
    if not specs:
        return None
    return made[0] if single else made


def _decorator(call: Callable[..., Any], name: str, func: Any, inp: Any, Tout: Any) -> Callable[..., Any] | None:
    """What makes a function be called through `call`, if that is what the arguments ask for."""
    if Tout is None:
        raise TypeError(
            f"Missing required argument: 'Tout', the dtypes that the function returns ([] for none). If using {name} "
            f"as a decorator, set it by name: @{name}(Tout=tf.float32)."
        )
    if func is not None and inp is None:
        raise TypeError(
            f"Missing argument `inp`: the list of the function's arguments must be given, unless {name} is used as a "
            f"decorator: @{name}(Tout=...)."
        )
    if func is not None:
        return None
    if inp is not None:
        raise TypeError(
            f"Don't set the `inp` argument when using {name} as a decorator (func=None). Received: inp={inp!r}"
        )

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def called(*args: Any) -> Any:
            return call(function, inp=args, Tout=Tout)

        return called

    return decorate


class _Spec:
    """Dtype and shape of one result."""

    __slots__ = ("dtype", "shape")

    def __init__(self, dtype: DType, shape: Any) -> None:
        self.dtype = dtype
        self.shape = shape


def _described(inp: Any, Tout: Any) -> tuple[list[Any], list[_Spec], bool]:
    """The tensors that enter, what is declared of the results, and whether there is just one."""
    tensors = [convert(each) for each in (inp or [])]
    single = not isinstance(Tout, list | tuple)
    wanted = [] if Tout is None else [Tout] if single else list(Tout)
    specs = [
        _Spec(as_dtype(each.dtype), each.shape) if hasattr(each, "shape") else _Spec(as_dtype(each), None)
        for each in wanted
    ]
    return tensors, specs, single


def _call_on_tensors(func: Callable[..., Any], tensors: Sequence[Any], specs: Sequence[_Spec]) -> list[Any]:
    try:
        result = func(*tensors)
        if not specs:
            return []
        values = list(result) if isinstance(result, list | tuple) else [result]
        return [
            convert(np.asarray(each) if isinstance(each, np.generic) else each, spec.dtype)
            for each, spec in zip(values, specs, strict=True)
        ]
    except OpError:
        raise
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(message=f"{type(error).__name__}: {error} [Op:EagerPyFunc]") from error
    except Exception as error:
        raise UnknownError(message=f"{type(error).__name__}: {error} [Op:EagerPyFunc]") from error


def _shaped(specs: Sequence[_Spec], tried: Callable[[], list[Any]]) -> list[_Spec]:
    """The results with shapes: as declared, or else as the first call finds them."""
    if all(spec.shape is not None and spec.shape.is_fully_defined() for spec in specs):
        return [_Spec(spec.dtype, tuple(spec.shape.as_list())) for spec in specs]
    return [_Spec(spec.dtype, tuple(shape)) for spec, shape in zip(specs, tried(), strict=True)]


def _tried(call: Callable[..., Any], tensors: Sequence[Any], first: list[Any]) -> list[Any]:
    """The shapes that a call on the values of the function's present arguments returns.

    What it returned goes to `first`, so that running the program for these arguments does not call it again.

    **Raises:** `HostShapeNeeded` in a loop or a branch, where there are no such values.
    """
    from functape.function._creation import lifted
    from functape.function._modes import init_scope

    try:
        arrays = [
            np.asarray((each if hasattr(each, "value") else lifted(each)).resolve(), each.aval.dtype.as_numpy_dtype)
            for each in tensors
        ]
    except ValueNeeded as error:
        raise HostShapeNeeded(
            "The shapes that a Python function returns are not known while a function is traced. Declare them: "
            "Tout=tf.TensorSpec(shape, dtype)."
        ) from error
    with init_scope():
        try:
            made = call(*arrays)
        except OpError as error:
            # No mistake in the function being traced, though it is found now.
            error.at_run_time = True  # type: ignore[attr-defined]
            raise
    first.append((arrays, made))
    return [np.shape(each) for each in made]


def _once(call: Callable[..., Any], first: list[Any]) -> Callable[..., Any]:
    """`call`, which for its first arguments returns what it returned while tracing."""

    def again(*arrays: Any) -> Any:
        if first:
            known, made = first.pop()
            if all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(known, arrays, strict=True)):
                return made
        return call(*arrays)

    return again


def traced_print(inputs: tuple[Any, ...], stream: Any, sep: str, end: str, summarize: Any) -> None:
    """Record that values are printed when the program runs; as `tf.print` otherwise."""
    template, tensors = split_template(inputs, sep)
    parts = [each._apart() if isinstance(each, CompositeTensor) else (None, [convert(each)]) for each in tensors]
    kinds = [type(each) for each in tensors]
    shown = 3 if summarize is None else int(summarize)
    to_error, to_output = stream is sys.stderr, stream is sys.stdout

    def act(*values: Any) -> None:
        target = sys.stderr if to_error else sys.stdout if to_output else stream
        remaining = iter(values)
        known: list[Any] = []
        for kind, (layout, members) in zip(kinds, parts, strict=True):
            arrays = [np.asarray(next(remaining)) for _ in members]
            known.append(arrays[0] if layout is None else kind._together(layout, list(map(convert, arrays))).to_list())
        write(fill_template(template, known, shown) + end, target)

    check_stream(stream)
    record_effect(act, [member for _, members in parts for member in members])
