"""The rules that scale each element by its own history, and FTRL, as optax transformations."""

from __future__ import annotations

import functools
from typing import Any

import jax.numpy as jnp

from functape._ops._operators import SQUARE
from functape.keras.optimizers._transforms import Rule, State, as_type, filled, mixed, rounded, rule, squares, zeros


@functools.cache
def keras_rmsprop(momentum: bool, centered: bool, epsilon_outside: bool = False) -> Rule:
    """RMSprop as `tf.keras.optimizers.RMSprop` computes it.

    Tieleman and Hinton, 2012; Graves, "Generating sequences with recurrent neural networks", 2013:
    $v \\leftarrow \\rho v + (1 - \\rho) g^2$ and a step of $-\\eta g / \\sqrt{v + \\epsilon}$, with a running mean
    $a$ of the gradient $-\\eta g / \\sqrt{v - a^2 + \\epsilon}$.

    **Arguments:**
    - `momentum`: whether steps add up.
    - `centered`: whether to subtract the square of the gradient's running mean.
    - `epsilon_outside`: whether $\\epsilon$ is added to the root, as in the legacy optimizer without momentum.
    """

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        rho: Any,
        epsilon: Any,
        momentum: Any = 0.0,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        new: dict[str, list[Any]] = {slot: [] for slot in slots}
        steps = []
        for place, (gradient, square) in enumerate(zip(gradients, squares(gradients, magnitudes), strict=True)):
            old = {slot: state[slot][place] for slot in slots}
            small = as_type(epsilon, gradient)
            velocity = mixed(old["velocity"], square, rho)
            new["velocity"].append(velocity)
            below = velocity
            if centered:
                mean = mixed(old["average_gradient"], gradient, rho)
                new["average_gradient"].append(mean)
                below = velocity - rounded(jnp.square(mean))
            scale = jnp.sqrt(below) + small if epsilon_outside else jnp.sqrt(below + small)
            increment = as_type(learning_rate, gradient) * gradient / scale
            if has_momentum:
                increment = rounded(as_type(momentum, gradient) * old["momentum"]) + increment
                new["momentum"].append(increment)
            steps.append(-increment)
        return tuple(steps), {slot: tuple(each) for slot, each in new.items()}

    has_momentum = momentum
    slots = ("velocity", *(("momentum",) if momentum else ()), *(("average_gradient",) if centered else ()))
    return rule(zeros(*slots), update, *slots, order=tuple((slot,) for slot in slots), magnitude=SQUARE)


@functools.cache
def keras_adagrad(initial_accumulator_value: float, epsilon_outside: bool = False) -> Rule:
    """Adagrad as `tf.keras.optimizers.Adagrad` computes it.

    Duchi et al., "Adaptive subgradient methods", 2011: $s \\leftarrow s + g^2$ and a step of
    $-\\eta g / \\sqrt{s + \\epsilon}$.

    **Arguments:**
    - `initial_accumulator_value`: where $s$ begins.
    - `epsilon_outside`: whether $\\epsilon$ is added to the root, as in the legacy optimizer.
    """

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        epsilon: Any,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        sums = tuple(
            old + rounded(square)
            for old, square in zip(state["accumulator"], squares(gradients, magnitudes), strict=True)
        )
        steps = []
        for gradient, total in zip(gradients, sums, strict=True):
            small = as_type(epsilon, total)
            scale = jnp.sqrt(total) + small if epsilon_outside else jnp.sqrt(total + small)
            steps.append(-(as_type(learning_rate, total) * gradient / scale))
        return tuple(steps), {"accumulator": sums}

    return rule(filled(accumulator=initial_accumulator_value), update, "accumulator", magnitude=SQUARE)


@functools.cache
def keras_adadelta() -> Rule:
    """Adadelta as `tf.keras.optimizers.Adadelta` computes it.

    Zeiler, "ADADELTA: an adaptive learning rate method", 2012: running means $a$ of $g^2$ and $d$ of $u^2$ with
    $u = -g \\sqrt{d + \\epsilon} / \\sqrt{a + \\epsilon}$, and a step of $\\eta u$.
    """

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        rho: Any,
        epsilon: Any,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        steps, sums, changes = [], [], []
        held = zip(state["accumulated_grad"], state["accumulated_delta_var"], strict=True)
        for gradient, square, (total, change) in zip(gradients, squares(gradients, magnitudes), held, strict=True):
            small = as_type(epsilon, gradient)
            total = mixed(total, square, rho)
            delta = -(jnp.sqrt(change + small) * gradient / jnp.sqrt(total + small))
            steps.append(as_type(learning_rate, delta) * delta)
            sums.append(total)
            moved = jnp.square(delta) if magnitudes is None else (change + small) * square / (total + small)
            changes.append(mixed(change, moved, rho))
        return tuple(steps), {"accumulated_grad": tuple(sums), "accumulated_delta_var": tuple(changes)}

    slots = ("accumulated_grad", "accumulated_delta_var")
    return rule(zeros(*slots), update, *slots, magnitude=SQUARE)


@functools.cache
def keras_ftrl(initial_accumulator_value: float) -> Rule:
    """FTRL-proximal as `tf.keras.optimizers.Ftrl` computes it.

    McMahan et al., "Ad click prediction: a view from the trenches", 2013. With $s' = s + g^2$ and power $p$ of the
    learning rate: $z \\leftarrow z + g + 2 \\lambda_s w - (s'^{-p} - s^{-p}) w / \\eta$ and
    $w = (\\mathrm{clip}(z, \\pm \\lambda_1) - z) / (s'^{-p} / \\eta + 2 \\lambda_2 + \\beta / \\eta)$.

    **Arguments:**
    - `initial_accumulator_value`: where $s$ begins.
    """

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        learning_rate_power: Any,
        l1_regularization_strength: Any,
        l2_regularization_strength: Any,
        l2_shrinkage_regularization_strength: Any,
        beta: Any,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        steps, sums, linears = [], [], []
        for gradient, square, total, linear, value in zip(
            gradients, squares(gradients, magnitudes), state["accumulator"], state["linear"], parameters, strict=True
        ):
            rate = as_type(learning_rate, value)
            exponent = as_type(-learning_rate_power, value)
            l1 = as_type(l1_regularization_strength, value)
            l2 = as_type(l2_regularization_strength, value) + as_type(beta, value) / (as_type(2, value) * rate)
            shrinkage = as_type(2 * l2_shrinkage_regularization_strength, value)
            new = total + rounded(square)
            raised = jnp.power(new, exponent)
            growth = rounded((raised - jnp.power(total, exponent)) / rate * value)
            linear = linear + (gradient + rounded(shrinkage * value) - growth)
            quadratic = raised / rate + rounded(as_type(2, value) * l2)
            steps.append((jnp.clip(linear, -l1, l1) - linear) / quadratic - value)
            sums.append(new)
            linears.append(linear)
        return tuple(steps), {"accumulator": tuple(sums), "linear": tuple(linears)}

    start = filled(accumulator=initial_accumulator_value, linear=0.0)
    return rule(start, update, "accumulator", "linear", parameters=True, magnitude=SQUARE)
