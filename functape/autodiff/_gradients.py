"""`tf.gradients` and `tf.hessians`: derivatives inside functions, without a tape."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert, is_tensor_like
from functape._core._nest import flatten, pack_like
from functape._engine._gradient import GRADIENTS, JACOBIAN
from functape._engine._recorder import local
from functape._engine._whole import whole_gradient
from functape.autodiff._arguments import unconnected
from functape.autodiff._unconnected import UnconnectedGradients


def gradients(
    ys: Any,
    xs: Any,
    grad_ys: Any = None,
    name: str = "gradients",
    gate_gradients: bool = False,
    aggregation_method: Any = None,
    stop_gradients: Any = None,
    unconnected_gradients: UnconnectedGradients | str = UnconnectedGradients.NONE,
) -> Any:
    """The gradient of the sum of `ys` with respect to each of `xs`, inside a `tf.function` (`tf.gradients`).

    **Arguments:**
    - `ys`: a tensor, or a structure of them.
    - `xs`: a tensor or variable, or a list of them.
    - `grad_ys`: a weight for each element of each of `ys`, of its shape; None for ones.
    - `name`, `gate_gradients`, `aggregation_method`: accepted for TensorFlow's signature; they have no meaning here.
    - `stop_gradients`: a tensor, or a list of them, taken as constants.
    - `unconnected_gradients`: what to return for one of `xs` that `ys` do not depend on.

    **Returns:** a list with a tensor or None for each of `xs`.

    **Raises:** `RuntimeError` outside a `tf.function`: use `tf.GradientTape` there.

    ```python
    >>> import functape as tf
    >>> @tf.function
    ... def slope(x):
    ...     return tf.gradients(x * x, x)
    >>> slope(tf.constant(3.0))[0].numpy()
    np.float32(6.0)

    ```
    """
    _check_tracing("tf.gradients")
    zero = unconnected_gradients is not UnconnectedGradients.NONE and unconnected(unconnected_gradients)
    targets = [_tensor(each) for each in flatten(ys)]
    sources = [_source(each, "xs") for each in flatten(xs)]
    stopped = [_source(each, "stop_gradients") for each in flatten([] if stop_gradients is None else stop_gradients)]
    seeds: list[Any] = []
    if grad_ys is not None:
        given = flatten(grad_ys) if not is_tensor_like(grad_ys) else [grad_ys]
        if len(given) != len(targets):
            raise ValueError(f"Must specify a `grad_ys` for each y in `ys`: {len(targets)}. Received: {len(given)}.")
        seeds = [None if seed is None else convert(seed, each.dtype) for seed, each in zip(given, targets, strict=True)]
    kept = [place for place, each in enumerate(targets) if each.aval.differentiable]
    made = whole_gradient(
        [targets[place] for place in kept], sources, [seeds[place] for place in kept] if seeds else [], zero, stopped
    )
    return made if not isinstance(xs, dict) else pack_like(xs, made)


def hessians(
    ys: Any, xs: Any, gate_gradients: bool = False, aggregation_method: Any = None, name: str = "hessians"
) -> Any:
    """The second derivatives of the sum of `ys` with respect to each of `xs` by itself, inside a `tf.function`
    (`tf.hessians`).

    **Arguments:**
    - `ys`: a tensor, or a structure of them.
    - `xs`: a tensor or variable, or a list of them.
    - `gate_gradients`, `aggregation_method`, `name`: accepted for TensorFlow's signature; they have no meaning here.

    **Returns:** a list with a tensor `x.shape + x.shape` for each of `xs`.

    **Raises:** `RuntimeError` outside a `tf.function`; `ValueError` if `ys` do not depend on one of `xs`.

    ```python
    >>> import functape as tf
    >>> @tf.function
    ... def curvature(x):
    ...     return tf.hessians(tf.reduce_sum(x**3), x)
    >>> curvature(tf.constant([1.0, 2.0]))[0].numpy().tolist()
    [[6.0, 0.0], [0.0, 12.0]]

    ```
    """
    _check_tracing("tf.hessians")
    targets = [_tensor(each) for each in flatten(ys)]
    made = []
    for source in flatten(xs):
        _source(source, "xs")
        (gradient,) = whole_gradient(targets, [source], [], False, [], GRADIENTS)
        if gradient is None:
            raise ValueError(f"`ys` do not depend on {source!r}, so that there is no second derivative.")
        made += whole_gradient([convert(gradient)], [source], [], True, [], JACOBIAN)
    return made


def _check_tracing(what: str) -> None:
    if not local.recorder.tracing:
        raise RuntimeError(
            f"{what} is not supported when eager execution is enabled. Use tf.GradientTape instead, or call it inside "
            "a tf.function."
        )


def _tensor(value: Any) -> Any:
    return value if is_tensor_like(value) else convert(value)


def _source(value: Any, argument: str) -> Any:
    if not is_tensor_like(value):
        raise TypeError(
            f"`{argument}` must hold tensors or variables. Received: {value!r} of type {type(value).__name__!r}."
        )
    return value
