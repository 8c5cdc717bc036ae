"""`export`: the pure form of a step as a StableHLO program, through `jax.export`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import numpy as np

from functape._core._holding import is_tensor_like
from functape._core._spec import TensorSpec
from functape._engine._dtypes import as_dtype
from functape._engine._recorder import local
from functape.functional._functionalize import PureStep, is_leaf, steps, trace_step
from functape.functional._layout import canonical


def export(
    fn: Callable[..., Any], *example_args: Any, platforms: Sequence[str] | None = None, **example_kwargs: Any
) -> Any:
    """A step or a model as a StableHLO program that runs wherever JAX or another StableHLO runtime does.

    The program is the pure form that `functionalize` gives: `(state, *args) -> (state, outputs)`. What it is not:
    TensorFlow's SavedModel. `tf.saved_model.save` stores variables and signatures beside such programs.

    **Arguments:**
    - `fn`: a tape-style step, a `tf.function`, a model, or a step that `functionalize` returned.
    - `example_args`, `example_kwargs`: as for `functionalize`. A `tf.TensorSpec` may leave lengths open, as None: the
      program then takes any. None at all for a step that `functionalize` returned: those it was given.
    - `platforms`: `"cpu"`, `"cuda"`, `"rocm"`, `"tpu"`: where the program is to run; by default, on what JAX runs on
      now.

    **Returns:** a `jax.export.Exported`. `exported.call(state, *args)` runs it, `exported.serialize(vjp_order=1)` gives
    bytes for `jax.export.deserialize`, with the derivative, and `exported.mlir_module()` the StableHLO text. Where an
    argument was a Python value it takes None.

    **Raises:** as `functionalize`; `NotImplementedError` for a step that prints or calls Python while it runs;
    `ValueError` if it does not work for lengths left open.

    ```python
    >>> import functape as tf, jax
    >>> w = tf.Variable([1.0, 2.0], name="w")
    >>> exported = tf.export(lambda x: tf.linalg.matvec(x, w), tf.TensorSpec([None, 2]))
    >>> again = jax.export.deserialize(exported.serialize())
    >>> again.call(tf.pytree(w), jax.numpy.ones((3, 2)))[1]
    Array([3., 3., 3.], dtype=float32)

    ```
    """
    behind = _behind(fn)
    if behind is not None:
        fn = behind.fn
        if not example_args and not example_kwargs:
            example_args, example_kwargs = jax.tree.unflatten(behind.structure, behind.examples)
    elif not callable(fn):
        raise TypeError(f"`fn` must be a step, a tf.function or a model. Received: {fn!r}")
    if local.recorder.tracing:
        raise RuntimeError("export was called inside a function being traced. Call it outside.")
    local.recorder.flush("a step is exported")
    return first_that_works(
        lambda args, kwargs: _exported(fn, args, kwargs, platforms), example_args, example_kwargs, _name(fn)
    )


def _behind(fn: Any) -> PureStep | None:
    try:
        return steps.get(fn)
    except TypeError:
        return None


def _name(fn: Any) -> str:
    return getattr(fn, "__name__", None) or type(fn).__name__


def _exported(fn: Any, args: Any, kwargs: Any, platforms: Sequence[str] | None) -> Any:
    made = trace_step(fn, args, kwargs)

    def pure(state: Any, *args: Any, **kwargs: Any) -> Any:
        leaves = jax.tree.leaves((args, kwargs), is_leaf=is_leaf)
        given = [
            leaf if active else example
            for leaf, example, active in zip(leaves, made.examples, made.dynamic, strict=True)
        ]
        args, kwargs = jax.tree.unflatten(made.structure, given)
        return made(state, *args, **kwargs)

    pure.__name__ = made.name
    avals = iter(made.avals)
    leaves = [
        jax.ShapeDtypeStruct(each.shape, canonical(each.dtype.as_numpy_dtype)) if active and (each := next(avals))
        else None
        for active in made.dynamic
    ]  # fmt: skip
    structs = jax.tree.unflatten(made.structure, leaves)
    return exported_for(pure, (made.layout.structs(), *structs[0]), structs[1], platforms)


def exported_for(function: Any, args: Any, kwargs: Any, platforms: Sequence[str] | None) -> Any:
    """`jax.export` of a pure function.

    **Raises:** `NotImplementedError` for one that calls Python while it runs.
    """
    jitted = jax.jit(function)
    try:
        return jax.export.export(jitted, platforms=platforms)(*args, **kwargs)
    except Exception as error:
        if "callback" not in str(jitted.trace(*args, **kwargs).jaxpr):
            raise
        raise NotImplementedError(
            f"{_name(function)} prints or calls Python while it runs (tf.print, tf.py_function, a check of values), "
            "which an exported program cannot. Leave that out of the function, or do it outside."
        ) from error


# ---- lengths left open -----------------------------------------------------------------------------------------------


def first_that_works(run: Callable[[Any, Any], Any], args: Any, kwargs: Any, name: str) -> Any:
    """`run(args, kwargs)` with a symbolic length for each that a `TensorSpec` leaves open.

    At first each has its own. If that does not work, then because some must be equal: those of the first axes, which
    are batches, and then those of each axis.

    **Raises:** `ValueError` if none of this works.
    """
    count = sum(map(_is_open, _lengths((args, kwargs))))
    failure: Exception | None = None
    for together in (0, 1, None) if count > 1 else (None,):
        try:
            return run(*_with_symbols((args, kwargs), together))
        except NotImplementedError:
            raise
        except Exception as error:
            if not count:
                raise
            failure = error
    raise ValueError(
        f"{name} cannot be exported with lengths left open, since what it does depends on them. Give the axes of the "
        f"tf.TensorSpecs their lengths, or compute with tf.shape(x). Its error: {failure}"
    ) from failure


def _lengths(structure: Any) -> Iterator[Any]:
    for leaf in jax.tree.leaves(structure, is_leaf=is_leaf):
        if isinstance(leaf, TensorSpec):
            if leaf.shape.rank is None:
                raise ValueError(f"A spec must have a rank to be exported: [None, None] for a matrix. Received: {leaf}")
            yield from leaf.shape


def _is_open(length: Any) -> bool:
    return length is None


def _with_symbols(structure: Any, together: int | None) -> Any:
    """Specs with symbols for what they leave open.

    **Arguments:**
    - `together`: for the axes up to this one there is one symbol an axis; None for all axes.
    """
    scope = jax.export.SymbolicScope()
    number = 0

    def symbols(leaf: Any) -> Any:
        nonlocal number
        if not isinstance(leaf, TensorSpec) or leaf.shape.is_fully_defined():
            return leaf
        texts = []
        for axis, length in enumerate(leaf.shape):
            number += 1
            if length is not None:
                texts.append(str(length))
            elif together is None or axis < together:
                texts.append("batch" if axis == 0 else f"length_{axis}")
            else:
                texts.append(f"length_{number}_of_axis_{axis}")
        shape = jax.export.symbolic_shape(", ".join(texts) + ",", scope=scope)
        return jax.ShapeDtypeStruct(shape, np.dtype(as_dtype(leaf.dtype).as_numpy_dtype))

    return jax.tree.map(symbols, structure, is_leaf=lambda leaf: is_tensor_like(leaf) or isinstance(leaf, TensorSpec))
