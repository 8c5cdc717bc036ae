"""Gradient descent and the rules of Adam's kind as optax transformations."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._engine._compat import wide
from functape._ops._operators import ABSOLUTE, SQUARE
from functape.keras.optimizers._transforms import (
    Rule,
    State,
    as_cast,
    as_type,
    power,
    rounded,
    rule,
    squares,
    toward,
    zeros,
)


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
        steps = tuple(rounded(-gradient * as_type(learning_rate, gradient)) for gradient in gradients)
        if not slots:
            return steps, state
        moving = tuple(old * as_cast(momentum, old) + each for old, each in zip(state["m"], steps, strict=True))
        if nesterov:
            steps = tuple(new * as_cast(momentum, new) + each for new, each in zip(moving, steps, strict=True))
            return steps, {"m": moving}
        return moving, {"m": moving}

    slots = ("m",) if momentum else ()
    return rule(zeros(*slots), update, *slots)


@functools.cache
def keras_adam(amsgrad: bool, adaptive_epsilon: bool = False) -> Rule:
    """Adam as `tf.keras.optimizers.Adam` computes it.

    Kingma and Ba, "Adam: a method for stochastic optimization", 2014:
    $m \\leftarrow m + (1 - \\beta_1)(g - m)$, $v \\leftarrow v + (1 - \\beta_2)(g^2 - v)$ and
    $u = -\\alpha m / (\\sqrt v + \\epsilon)$ with $\\alpha = \\eta \\sqrt{1 - \\beta_2^t} / (1 - \\beta_1^t)$.
    The bias of $v$ is corrected outside the root, so that $\\epsilon$ weighs more in the first steps than in
    `optax.adam`.

    **Arguments:**
    - `amsgrad`: divide by the largest $v$ so far (Reddi et al., "On the convergence of Adam and beyond", 2018).
    - `adaptive_epsilon`: correct $\\epsilon$ for the bias too, which makes it `optax.adam`'s.
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
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        first = tuple(
            old + (gradient - old) * as_type(1 - beta_1, old)
            for old, gradient in zip(state["m"], gradients, strict=True)
        )
        second = tuple(
            old + (square - old) * as_type(1 - beta_2, old)
            for old, square in zip(state["v"], squares(gradients, magnitudes), strict=True)
        )
        updated = {"m": first, "v": second}
        if amsgrad:
            updated["vhat"] = tuple(map(jnp.maximum, state["vhat"], second))
        steps = []
        for moment, square in zip(first, updated["vhat"] if amsgrad else second, strict=True):
            bias_1, bias_2 = (as_type(1, moment) - power(beta, step, moment) for beta in (beta_1, beta_2))
            rate = as_type(learning_rate, moment) * jnp.sqrt(bias_2) / bias_1
            small = as_type(epsilon, square) * (jnp.sqrt(bias_2) if adaptive_epsilon else as_type(1, square))
            steps.append(-(moment * rate / (jnp.sqrt(square) + small)))
        return tuple(steps), updated

    if amsgrad:
        return rule(zeros("m", "v", "vhat"), update, "m", "v", "vhat", order=(("m", "v"), ("vhat",)), magnitude=SQUARE)
    return rule(zeros("m", "v"), update, "m", "v", magnitude=SQUARE)


@functools.cache
def keras_adamax() -> Rule:
    """Adamax as `tf.keras.optimizers.Adamax` computes it.

    Kingma and Ba, section 7: $m$ as in Adam, $u \\leftarrow \\max(\\beta_2 u, |g|)$ and a step of
    $-\\eta m / ((1 - \\beta_1^t)(u + \\epsilon))$.
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
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        steps, first, largest = [], [], []
        sizes = tuple(map(jnp.abs, gradients)) if magnitudes is None else magnitudes
        for gradient, size, old, norm in zip(gradients, sizes, state["m"], state["u"], strict=True):
            moment = toward(old, gradient, as_type(1 - beta_1, old))
            norm = jnp.maximum(as_type(beta_2, norm) * norm, size)
            bias = as_type(1, moment) - power(beta_1, step, moment)
            steps.append(-(as_type(learning_rate, moment) * moment / (bias * (norm + as_type(epsilon, norm)))))
            first.append(moment)
            largest.append(norm)
        return tuple(steps), {"m": tuple(first), "u": tuple(largest)}

    return rule(zeros("m", "u"), update, "m", "u", magnitude=ABSOLUTE)


_TERMS = np.arange(1, 65)


@wide
def _momentum_product(beta_1: Any, step: Any, decay: Any) -> Any:
    """The product of Nadam's momenta $\\beta_1 (1 - 0.96^{\\delta i} / 2)$ for $i = 1 \\ldots t$, in double precision.

    With $q = 0.96^\\delta$ and $a = q / 2$,
    $\\prod_{i \\ge 1} (1 - a q^{i-1}) = \\exp(-\\sum_n a^n / (n (1 - q^n)))$, so that the product to $t$ is a quotient
    of two such. It needs no state, and is right after the step count was assigned.
    """
    start, t = as_type(0.96, beta_1).astype(np.float64), jnp.asarray(step, np.float64)
    base = jnp.power(start, jnp.asarray(decay, np.float64))

    def logarithm(start: Any) -> Any:
        return -jnp.sum(jnp.power(start, _TERMS) / (_TERMS * (1 - jnp.power(base, _TERMS))))

    return jnp.power(beta_1.astype(np.float64), t) * jnp.exp(
        logarithm(0.5 * base) - logarithm(0.5 * base * jnp.power(base, t))
    )


@functools.cache
def keras_nadam() -> Rule:
    """Adam with Nesterov's momentum as `tf.keras.optimizers.Nadam` computes it.

    Dozat, "Incorporating Nesterov momentum into Adam", 2016: with $\\mu_t = \\beta_1 (1 - 0.96^{\\delta t} / 2)$ and
    $\\pi_t = \\prod_{i \\le t} \\mu_i$, where $\\delta$ is 1 but for the legacy optimizer's `schedule_decay`,
    $\\hat m = \\mu_{t+1} m / (1 - \\pi_t \\mu_{t+1}) + (1 - \\mu_t) g / (1 - \\pi_t)$.
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
        schedule_decay: Any = 1.0,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        steps, first, second = [], [], []
        held = zip(state["m"], state["v"], strict=True)
        for gradient, arriving, (old, square) in zip(gradients, squares(gradients, magnitudes), held, strict=True):
            one, beta, gamma = as_type(1, old), as_cast(beta_1, old), as_cast(beta_2, old)
            present, following = (
                beta * (one - as_type(0.5, old) * power(0.96, (step + ahead) * schedule_decay, old)) for ahead in (0, 1)
            )
            product = _momentum_product(as_type(beta_1, old), step, schedule_decay).astype(old.dtype)
            moment = toward(old, gradient, one - beta)
            square = toward(square, arriving, one - gamma)
            ahead = following * moment / (one - product * following)
            hat = ahead + (one - present) * gradient / (one - product)
            scale = jnp.sqrt(square / (one - power(beta_2, step, old))) + as_type(epsilon, old)
            steps.append(-(hat * as_type(learning_rate, old) / scale))
            first.append(moment)
            second.append(square)
        return tuple(steps), {"m": tuple(first), "v": tuple(second)}

    return rule(zeros("m", "v"), update, "m", "v", magnitude=SQUARE)


@functools.cache
def keras_lion() -> Rule:
    """Lion as `tf.keras.optimizers.Lion` computes it.

    Chen et al., "Symbolic discovery of optimization algorithms", 2023: a step of
    $-\\eta \\, \\mathrm{sign}(\\beta_1 m + (1 - \\beta_1) g)$, then $m \\leftarrow \\beta_2 m + (1 - \\beta_2) g$.
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
    ) -> tuple[Any, State]:
        steps, moments = [], []
        for gradient, old in zip(gradients, state["m"], strict=True):
            beta, gamma = as_cast(beta_1, old), as_cast(beta_2, old)
            one = as_type(1, old)
            direction = jnp.sign(rounded(old * beta) + rounded(gradient * (one - beta)))
            steps.append(-(as_type(learning_rate, old) * direction))
            moments.append(rounded(old * gamma) + rounded(gradient * (one - gamma)))
        return tuple(steps), {"m": tuple(moments)}

    return rule(zeros("m"), update, "m")


@functools.cache
def keras_schedule_free() -> Rule:
    """AdamW without a schedule as `tf.keras.optimizers.ScheduleFreeAdamW` computes it.

    Defazio et al., "The road less scheduled", 2024. $z$ takes Adam's steps without momentum, $x$ is the mean of all
    $z$, and the variable is $y = (1 - \\beta_1) z + \\beta_1 x$, of which $x$ is recovered in each step.
    """

    def init(parameters: Any) -> State:
        return {"momentum": tuple(map(np.array, parameters)), "velocity": tuple(map(np.zeros_like, parameters))}

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
        warmup_steps: Any = 0.0,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        steps, moments, seconds = [], [], []
        for gradient, arriving, old, square, value in zip(
            gradients, squares(gradients, magnitudes), state["momentum"], state["velocity"], parameters, strict=True
        ):
            one, beta, gamma = as_type(1, old), as_cast(beta_1, old), as_cast(beta_2, old)
            t = as_type(step, old)
            warmup = as_type(warmup_steps, old)
            begun = jnp.where(warmup > 0, jnp.minimum(t / jnp.where(warmup > 0, warmup, one), one), one)
            square = toward(square, arriving, one - gamma)
            scale = jnp.sqrt(square / (one - power(beta_2, step, old))) + as_cast(epsilon, old)
            moment = old - as_type(learning_rate, old) * begun * gradient / scale
            weight = one / t
            mean = (value - rounded((one - beta) * old)) / beta
            mean = rounded((one - weight) * mean) + rounded(weight * moment)
            steps.append(rounded((one - beta) * moment) + rounded(beta * mean) - value)
            moments.append(moment)
            seconds.append(square)
        return tuple(steps), {"momentum": tuple(moments), "velocity": tuple(seconds)}

    return rule(init, update, "momentum", "velocity", parameters=True, valued=True, magnitude=SQUARE)
