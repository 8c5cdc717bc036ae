"""Gradients that the user writes: `tf.custom_gradient`, `tf.recompute_grad`, `tf.grad_pass_through`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._nest import flatten, pack_like
from functape._core._slices import IndexedSlices
from functape._engine._avals import Kind
from functape._engine._enclosed import Encloser, recompute, with_gradient
from functape._engine._gradient import GRADIENT
from functape._engine._gradient_node import owners_of
from functape._engine._recorder import Recorder, local
from functape._engine._state import State
from functape._engine._trace import ValueNeeded


def custom_gradient(f: Callable[..., Any] | None = None) -> Any:
    """Decorator that gives a function a gradient of its own (`tf.custom_gradient`).

    **Arguments:**
    - `f`: a function `(*args) -> (results, grad_fn)`. `grad_fn(*upstream)`, given a tensor for each result, returns a
      gradient, or None, for each argument. If `f` reads trainable variables that are not among its arguments,
      `grad_fn(*upstream, variables=...)` returns a pair: the gradients of the arguments, and a list of those of the
      variables.

    `grad_fn` is recorded when `f` is called under a tape or accumulator, with upstream gradients that have no value
    yet; for higher orders it is differentiated in turn. A change taken forward goes through what `f` itself computes.

    **Returns:** a function `(*args) -> results`.

    **Raises:** at the call, `TypeError` for an `f` that returns no pair, or reads variables that `grad_fn` does not
    take; `ValueError` for another number of gradients than of arguments.

    ```python
    >>> import functape as tf
    >>> @tf.custom_gradient
    ... def log1pexp(x):
    ...     e = tf.exp(x)
    ...     return tf.math.log(1 + e), lambda upstream: upstream * (1 - 1 / (1 + e))
    >>> x = tf.constant(100.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = log1pexp(x)
    >>> print(tape.gradient(y, x).numpy())
    1.0

    ```
    """
    from functape._core import _symbolic  # noqa: F401  (what upstream gradients are while they are recorded)

    if f is None:
        return custom_gradient
    name = getattr(f, "__name__", type(f).__name__)
    encloser = Encloser(f"the gradient of {name}")

    @functools.wraps(f)
    def decorated(*args: Any, **kwargs: Any) -> Any:
        recorder = local.recorder
        if recorder.tracing and kwargs:
            raise ValueError(
                "The custom_gradient decorator currently supports keywords arguments only when eager execution is "
                f"enabled. Received: {sorted(kwargs)}. Pass them by position inside tf.function."
            )
        began = recorder.outputs, recorder.state
        results, gradient = _pair(f(*args, **kwargs), name)
        if not recorder.tracing and not recorder.open_tapes:
            return pack_like(results, [convert(each) for each in flatten(results)])
        given = flatten(list(args))
        variables = _variables_read(recorder, began, given)
        call = _Gradient(gradient, given, variables)
        values = [convert(each) for each in flatten(results)]
        # A value that is an argument as it came is another value from here on.
        made = with_gradient(encloser, call, values, call.arguments)
        return pack_like(results, list(made))

    return decorated


def _pair(returned: Any, name: str) -> tuple[Any, Callable[..., Any]]:
    if isinstance(returned, tuple | list) and len(returned) == 2 and callable(returned[1]):
        return returned[0], returned[1]
    raise TypeError(
        "A function decorated with @tf.custom_gradient must return a pair: its results, and the function that computes "
        f"the gradient. {name!r} returned: {returned!r}"
    )


class _Gradient:
    """A call's `grad_fn`, checked.

    **Arguments:**
    - `function`: the user's.
    - `given`: the call's arguments, flat.
    - `variables`: the other variables that were read.
    """

    def __init__(self, function: Callable[..., Any], given: list[Any], variables: list[Any]) -> None:
        self.function = function
        self.count = len(given)
        self.variables = variables
        numeric = [place for place, each in enumerate(given) if _has_gradient(each)]
        self.places = {place: number for number, place in enumerate(numeric)}
        """Number among `arguments` of each of `given` that can have a gradient."""
        self.arguments = [given[place] for place in numeric] + variables
        if variables and not _takes_variables(function):
            raise TypeError(
                "@tf.custom_gradient grad_fn must accept keyword argument 'variables', since function uses variables: "
                f"{variables!r}. Write it as `def grad_fn(*upstream, variables=None)` and return the pair (gradients "
                "of the arguments, list of the variables' gradients)."
            )

    def __call__(self, *upstream: Any) -> tuple[Sequence[Any], tuple[int, ...]]:
        gradients, of_variables = self._run(upstream)
        if len(gradients) != self.count:
            raise ValueError(
                f"custom_gradient function expected to return {self.count} gradients, but returned {len(gradients)} "
                "instead."
            )
        if len(of_variables) != len(self.variables):
            raise ValueError(
                "Must return gradient for each variable from @custom_gradient grad_fn: "
                f"{len(self.variables)} of them. Received: {len(of_variables)}."
            )
        found = [(self.places[place], each) for place, each in enumerate(gradients) if place in self.places]
        found += [(len(self.places) + number, each) for number, each in enumerate(of_variables)]
        made, places = [], []
        for place, gradient in found:
            if gradient is not None:
                made.append(_fitted(gradient, self.arguments[place]))
                places.append(place)
        return made, tuple(places)

    def _run(self, upstream: tuple[Any, ...]) -> tuple[list[Any], list[Any]]:
        try:
            if not self.variables:
                return _list(self.function(*upstream)), []
            returned = self.function(*upstream, variables=list(self.variables))
        except ValueNeeded as error:
            raise ValueNeeded(
                f"{error} The gradient function of a @tf.custom_gradient is recorded with upstream gradients that have "
                "no value yet: compute with tensors only."
            ) from None
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise TypeError(
                "grad_fn of a function that reads variables must return a pair: the gradients of the arguments, and a "
                f"list of the variables' gradients. Received: {returned!r}"
            )
        return _list(returned[0]), list(returned[1])


def _list(gradients: Any) -> list[Any]:
    return [gradients] if gradients is None or is_tensor_like(gradients) else flatten(gradients)


def _has_gradient(value: Any) -> bool:
    return is_tensor_like(value) and value.aval.differentiable


def _fitted(gradient: Any, argument: Any) -> Any:
    """A gradient as a tensor that can be an argument's.

    **Raises:** `ValueError` for one of another shape.
    """
    if isinstance(gradient, IndexedSlices):
        gradient = convert(IndexedSlices(gradient.values, gradient.indices, np.array(argument.aval.shape, np.int32)))
    gradient = convert(gradient, hint=argument.dtype)
    try:
        fits = np.broadcast_shapes(gradient.aval.shape, argument.aval.shape) == argument.aval.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(
            f"A @tf.custom_gradient grad_fn returned a gradient of shape {gradient.shape} for an argument of shape "
            f"{argument.shape}: sum it over the axes that were broadcast."
        )
    return gradient


def _takes_variables(function: Callable[..., Any]) -> bool:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return True
    return "variables" in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _variables_read(recorder: Recorder, began: tuple[Any, State], given: list[Any]) -> list[Any]:
    """The trainable variables that were read since `began`, other than those `given`."""
    outputs, start = began
    state: State | None = recorder.state
    known: set[int] = set()
    slots: dict[int, None] = {}
    nodes = []
    while state is not None and state.node is not None and not (recorder.outputs is outputs and state is start):
        nodes.append(state.node)
        state = state.parent
    owners = None
    for node in reversed(nodes):
        if node.op is not GRADIENT:
            slots.update(dict.fromkeys(node.refs))
    found = []
    for slot in slots:
        if slot < 0:
            tensor = recorder.inputs[~slot]
            owner = getattr(tensor, "variable", None)
        else:
            owners = owners_of(recorder) if owners is None else owners
            owner, tensor = owners.get(slot), recorder.outputs[slot]
        cell = None if owner is None else owner()
        if cell is None or id(cell) in known or tensor.aval.kind is not Kind.VARIABLE:
            continue
        known.add(id(cell))
        if not any(cell is each for each in given):
            found.append(cell)
    return found


def recompute_grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function that keeps nothing for its gradient but its inputs, and is computed again on the way back
    (`tf.recompute_grad`).

    **Arguments:**
    - `f`: a function of tensors, which may read variables.

    **Returns:** a function with the same results and gradients, which needs less memory and more time.

    **Raises:** at the call, `NotImplementedError` if `f` assigns a variable.

    ```python
    >>> import functape as tf
    >>> x = tf.constant(0.0)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.recompute_grad(tf.sin)(x)
    >>> print(tape.gradient(y, x).numpy())
    1.0

    ```
    """
    from functape._core import _symbolic  # noqa: F401

    encloser = Encloser(getattr(f, "__name__", type(f).__name__))

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        structure = None

        def run() -> list[Any]:
            nonlocal structure
            structure = f(*args, **kwargs)
            return [convert(each) for each in flatten(structure)]

        results = recompute(encloser, run)
        return pack_like(structure, list(results))

    return wrapped


def grad_pass_through(f: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose gradient is that of the identity (`tf.grad_pass_through`), whatever it computes.

    **Arguments:**
    - `f`: a function of one tensor that returns one of its shape.

    ```python
    >>> import functape as tf
    >>> x = tf.constant(1.3)
    >>> with tf.GradientTape() as tape:
    ...     tape.watch(x)
    ...     y = tf.grad_pass_through(tf.round)(x)
    >>> print(y.numpy(), tape.gradient(y, x).numpy())
    1.0 1.0

    ```
    """

    @custom_gradient
    def passing(*args: Any, **kwargs: Any) -> Any:
        def gradient(*upstream: Any, variables: Any = None) -> Any:
            passed = upstream[0] if len(upstream) == 1 else upstream
            return passed if variables is None else (passed, [None] * len(variables))

        return f(*args, **kwargs), gradient

    return functools.wraps(f)(passing) if hasattr(f, "__name__") else passing
