"""The update rules as optax transformations, with the arithmetic where Keras puts it.

Each is structure only: numbers such as `beta_1` reach `update` as keyword arguments, Python floats or float64 arrays,
so that one that changes from step to step is an input of the program.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

State = dict[str, tuple[Any, ...]]
"""For each slot, an array for each array that is updated."""


class Rule(NamedTuple):
    """An optax transformation with what the optimizer around it must know."""

    transformation: optax.GradientTransformationExtraArgs
    slots: tuple[str, ...]
    """Names of its state's slots, in Keras's order."""
    elementwise: bool
    """Whether each element is updated by itself, so that small variables may share one vector."""


def as_type(value: Any, like: Any) -> Any:
    """A number as an array of the dtype of `like`."""
    return jnp.asarray(value, like.dtype)


def as_cast(value: Any, like: Any) -> Any:
    """As `as_type`, by way of float32, as `tf.cast` takes a Python number to any other dtype."""
    return as_type(jnp.asarray(value, np.float32), like)


def _zeros(*slots: str) -> Any:
    """The `init` of a transformation whose slots begin at zero."""

    def init(parameters: Any) -> State:
        return {slot: jax.tree.map(np.zeros_like, parameters) for slot in slots}

    return init


def _rounded(product: Any) -> Any:
    """A product that is rounded before it is added to something, as in Keras, whose kernels do one thing at a time.

    The compiler would fuse the two into one instruction that rounds once; it cannot look through the choice, and cannot
    leave it out because of negative zero.
    """
    return jnp.where(product == 0, jnp.zeros_like(product), product)


@functools.cache
def keras_sgd(momentum: bool, nesterov: bool) -> Rule:
    """Gradient descent as `tf.keras.optimizers.SGD` computes it.

    With momentum $\\mu$ and learning rate $\\eta$: $v \\leftarrow \\mu v - \\eta g$ and $u = v$, or
    $u = \\mu v - \\eta g$ with Nesterov's momentum (Sutskever et al., "On the importance of
    initialization and momentum in deep learning", 2013). Without momentum $u = -\\eta g$. The momentum includes the
    learning rate of the step that made it, unlike `optax.trace`.

    **Arguments:**
    - `momentum`: whether there is any.
    - `nesterov`: whether to look ahead.
    """

    def update(
        gradients: Any, state: State, parameters: Any = None, *, learning_rate: Any, step: Any, momentum: Any = 0.0
    ) -> tuple[Any, State]:
        steps = tuple(_rounded(-gradient * as_type(learning_rate, gradient)) for gradient in gradients)
        if not slots:
            return steps, state
        moving = tuple(old * as_cast(momentum, old) + each for old, each in zip(state["m"], steps, strict=True))
        if nesterov:
            steps = tuple(new * as_cast(momentum, new) + each for new, each in zip(moving, steps, strict=True))
            return steps, {"m": moving}
        return moving, {"m": moving}

    slots = ("m",) if momentum else ()
    return Rule(optax.GradientTransformationExtraArgs(_zeros(*slots), update), slots, True)


@functools.cache
def keras_adam(amsgrad: bool) -> Rule:
    """Adam as `tf.keras.optimizers.Adam` computes it.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014:
    $m \\leftarrow m + (1 - \\beta_1)(g - m)$, $v \\leftarrow v + (1 - \\beta_2)(g^2 - v)$ and
    $u = -\\alpha m / (\\sqrt v + \\epsilon)$ with $\\alpha = \\eta \\sqrt{1 - \\beta_2^t} / (1 - \\beta_1^t)$.
    The bias of $v$ is corrected outside the root, so that $\\epsilon$ weighs more in the first steps than in
    `optax.adam`.

    **Arguments:**
    - `amsgrad`: divide by the largest $v$ so far (Reddi et al., "On the convergence of Adam and beyond", 2018).
    """

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        beta_1: Any,
        beta_2: Any,
        epsilon: Any,
    ) -> tuple[Any, State]:
        first = tuple(
            old + (gradient - old) * as_type(1 - beta_1, old)
            for old, gradient in zip(state["m"], gradients, strict=True)
        )
        second = tuple(
            old + (jnp.square(gradient) - old) * as_type(1 - beta_2, old)
            for old, gradient in zip(state["v"], gradients, strict=True)
        )
        updated = {"m": first, "v": second}
        if amsgrad:
            updated["vhat"] = tuple(map(jnp.maximum, state["vhat"], second))
        steps = []
        for moment, square in zip(first, updated["vhat"] if amsgrad else second, strict=True):
            bias_1, bias_2 = (as_type(1, moment) - _power(beta, step, moment) for beta in (beta_1, beta_2))
            rate = as_type(learning_rate, moment) * jnp.sqrt(bias_2) / bias_1
            steps.append(-(moment * rate / (jnp.sqrt(square) + as_type(epsilon, square))))
        return tuple(steps), updated

    slots = ("m", "v", "vhat") if amsgrad else ("m", "v")
    return Rule(optax.GradientTransformationExtraArgs(_zeros(*slots), update), slots, True)


def _power(base: Any, exponent: Any, like: Any) -> Any:
    # Keras raises the rounded base in the variable's own precision; 1 - base^t then loses digits that the result
    # must lose too. In double precision and rounded once, the power is what an exact library function gives.
    rounded = as_cast(base, like).astype(np.float64)
    return jnp.power(rounded, jnp.asarray(exponent, np.float64)).astype(like.dtype)


def clipping(norm: Any, global_norm: Any, value: Any) -> optax.GradientTransformation:
    """Gradients clipped as Keras's `clipnorm`, `global_clipnorm` and `clipvalue` ask, in this order.

    **Arguments:**
    - `norm`: bound on the norm of each gradient, or None.
    - `global_norm`: bound on the norm of all together, or None.
    - `value`: bound on each element's absolute value, or None.
    """
    steps = []
    if norm is not None:
        steps.append(optax.stateless(lambda gradients, _: tuple(_clip_norm(each, norm) for each in gradients)))
    if global_norm is not None:
        steps.append(optax.stateless(lambda gradients, _: _clip_global_norm(gradients, global_norm)))
    if value is not None:
        steps.append(
            optax.stateless(
                lambda gradients, _: tuple(
                    jnp.clip(each, -as_type(value, each), as_type(value, each)) for each in gradients
                )
            )
        )
    return optax.chain(*steps) if steps else optax.identity()


def _clip_norm(gradient: Any, bound: Any) -> Any:
    bound = as_type(bound, gradient)
    return gradient * bound / jnp.maximum(jnp.sqrt(jnp.sum(jnp.square(gradient))), bound)


def _clip_global_norm(gradients: Any, bound: Any) -> Any:
    norm = optax.tree.norm(gradients)
    scale = jnp.minimum(as_type(bound, norm) / norm, as_type(1, norm))
    # A norm that is no number makes every gradient none, so that the mistake shows.
    scale = jnp.where(jnp.isfinite(norm), scale, as_type(np.nan, norm))
    return tuple(each * scale.astype(each.dtype) for each in gradients)
