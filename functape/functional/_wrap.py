"""`wrap`: any pure JAX function as an op of tape code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._engine._compat import enable_x64
from functape._engine._op import Op
from functape._engine._recorder import record_multiple


class Call:
    """A JAX function with what a call of it has besides arrays.

    **Arguments:**
    - `function`: the function.
    - `structure`: of its arguments.
    - `places`: for each leaf of the arguments, which of the op's inputs it is, or None.
    - `others`: the leaves that are no inputs.
    - `wide`: whether JAX is set to 64 bits.
    """

    def __init__(self, function: Any, structure: Any, places: tuple[Any, ...], others: tuple[Any, ...], wide: bool):
        self.function = function
        self.structure = structure
        self.places = places
        self.others = others
        self.wide = wide
        self.result: Any = None
        """The structure of what it returns; known once the op's outputs are."""

    def run(self, *inputs: Any) -> tuple[Any, ...]:
        """The function of arrays."""
        following = iter(self.others)
        leaves = [next(following) if place is None else inputs[place] for place in self.places]
        args, kwargs = jax.tree.unflatten(self.structure, leaves)
        # As many bits as where the user called it, or as many as come in.
        wide = self.wide or any(np.dtype(each.dtype).itemsize > 4 and each.dtype != np.complex64 for each in inputs)
        with enable_x64(wide):
            made = self.function(*args, **kwargs)
            leaves, self.result = jax.tree.flatten(made)
            return tuple(jax.numpy.asarray(leaf) for leaf in leaves)


JAX_CALL = Op("JaxCall", lambda *inputs, call: call.run(*inputs), ("call",), multiple=True)
"""`(*inputs)`: a JAX function of the user's is called."""

_MAX_CALLS = 1024


def wrap(jax_fn: Callable[..., Any]) -> Callable[..., Any]:
    """A pure JAX function as an op: recorded, compiled with the code around it, differentiated by tapes.

    **Arguments:**
    - `jax_fn`: a function of arrays, in any pytrees, that returns arrays in any pytree. It is traced once for each
      combination of shapes, dtypes and Python values that it is called with.

    **Returns:** a function that takes tensors, variables and whatever converts to them in place of the arrays, and
    returns tensors. Gradients are JAX's, also those of a `jax.custom_vjp` inside.

    **Raises:** `TypeError` if `jax_fn` is no function.

    ```python
    >>> import functape as tf, jax.numpy as jnp
    >>> logcosh = tf.wrap(lambda x: jnp.logaddexp(x, -x) - jnp.log(2.0))
    >>> x = tf.Variable(1.0)
    >>> with tf.GradientTape() as tape:
    ...     y = logcosh(x)
    >>> print(f"{tape.gradient(y, x).numpy():.4f}")
    0.7616

    ```
    """
    if not callable(jax_fn):
        raise TypeError(f"`jax_fn` must be a function of arrays. Received: {jax_fn!r}")
    calls: dict[Any, Call] = {}

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        leaves, structure = jax.tree.flatten((args, kwargs), is_leaf=is_tensor_like)
        places: list[Any] = []
        inputs: list[Any] = []
        others: list[Any] = []
        for leaf in leaves:
            if _is_input(leaf):
                places.append(len(inputs))
                inputs.append(convert(leaf))
            else:
                places.append(None)
                others.append(leaf)
        wide = bool(jax.config.read("jax_enable_x64"))
        key: Any = (structure, tuple(places), tuple((type(each), _hashable(each)) for each in others), wide)
        # What it returns may have another structure for inputs of other shapes.
        key = (*key, tuple((each.aval.shape, each.aval.dtype) for each in inputs))
        call = calls.get(key)
        if call is None:
            if len(calls) >= _MAX_CALLS:
                calls.clear()
            call = calls[key] = Call(jax_fn, structure, tuple(places), tuple(others), wide)
        made = record_multiple(JAX_CALL, (call,), tuple(inputs))
        return jax.tree.unflatten(call.result, made)

    try:
        return functools.wraps(jax_fn)(wrapped)
    except AttributeError:
        return wrapped


def _is_input(leaf: Any) -> bool:
    if isinstance(leaf, np.ndarray | np.generic):
        return leaf.dtype.kind in "biufcV"
    return is_tensor_like(leaf) or isinstance(leaf, jax.Array | float | complex) and not isinstance(leaf, bool)


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError:
        return id(value)
    return value
