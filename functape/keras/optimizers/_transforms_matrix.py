"""The rules that look at a variable as a whole, as optax transformations: Adafactor, LAMB and Muon."""

from __future__ import annotations

import functools
import re
from collections.abc import Hashable
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._ops._operators import SQUARE
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


def _root_mean_square(array: Any) -> Any:
    return jnp.sqrt(jnp.mean(jnp.square(array)))


@functools.cache
def keras_adafactor() -> Rule:
    """Adafactor as `tf.keras.optimizers.Adafactor` computes it.

    Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018. Of a matrix's squared
    gradient only the means $r$ of its rows and $c$ of its columns are kept; $v = r c^T / \\bar r$. The step is
    $g / \\sqrt v$, scaled down to a root mean square of `clip_threshold`, times
    $\\max(\\epsilon_2, \\mathrm{rms}(w)) \\min(\\eta, 1 / \\sqrt t)$.
    """

    def init(parameters: Any) -> State:
        absent = np.zeros(0, np.float32)
        return {
            "r": tuple(np.zeros(each.shape[:-1], each.dtype) if each.ndim > 1 else absent for each in parameters),
            "c": tuple(
                np.zeros(each.shape[:-2] + each.shape[-1:], each.dtype) if each.ndim > 1 else absent
                for each in parameters
            ),
            "v": tuple(map(np.zeros_like, parameters)),
        }

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        learning_rate: Any,
        step: Any,
        beta_2_decay: Any,
        epsilon_1: Any,
        epsilon_2: Any,
        clip_threshold: Any,
        magnitudes: Any = None,
    ) -> tuple[Any, State]:
        new: dict[str, list[Any]] = {"r": [], "c": [], "v": []}
        steps = []
        arriving = zip(gradients, squares(gradients, magnitudes), parameters, strict=True)
        for place, (gradient, squared, value) in enumerate(arriving):
            rows, columns, square = (state[slot][place] for slot in ("r", "c", "v"))
            one = as_type(1, value)
            t = as_type(step, value)
            rate = jnp.minimum(as_type(learning_rate, value), one / jnp.sqrt(t))
            alpha = jnp.maximum(as_cast(epsilon_2, value), _root_mean_square(value)) * rate
            raised = squared + as_type(epsilon_1, value)
            kept = one - jnp.power(t, as_type(beta_2_decay, value))
            if gradient.ndim > 1:
                rows = rounded(kept * rows) + rounded((one - kept) * jnp.mean(raised, axis=-1))
                columns = rounded(kept * columns) + rounded((one - kept) * jnp.mean(raised, axis=-2))
                share = rows / jnp.mean(rows, axis=-1, keepdims=True)
                square = jnp.expand_dims(share, -1) * jnp.expand_dims(columns, -2)
            else:
                square = rounded(kept * square) + rounded((one - kept) * raised)
            direction = gradient / jnp.sqrt(square)
            size = _root_mean_square(direction) if magnitudes is None else jnp.sqrt(jnp.mean(squared / square))
            excess = size / as_type(clip_threshold, value)
            steps.append(-(alpha * (direction / jnp.maximum(one, excess))))
            for slot, each in zip(("r", "c", "v"), (rows, columns, square), strict=True):
                new[slot].append(each)
        return tuple(steps), {slot: tuple(each) for slot, each in new.items()}

    return rule(init, update, "r", "c", "v", elementwise=False, parameters=True, magnitude=SQUARE)


@functools.cache
def keras_lamb() -> Rule:
    """LAMB as `tf.keras.optimizers.Lamb` computes it.

    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", 2019: Adam's step, scaled by
    the quotient of the variable's norm and the step's.
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
        steps, first, second = [], [], []
        for gradient, arriving, old, square, value in zip(
            gradients, squares(gradients, magnitudes), state["momentum"], state["velocity"], parameters, strict=True
        ):
            one = as_type(1, old)
            moment = toward(old, gradient, as_type(1 - beta_1, old))
            square = toward(square, arriving, as_type(1 - beta_2, old))
            scale = jnp.sqrt(square / (one - power(beta_2, step, old))) + as_type(epsilon, old)
            direction = moment / (one - power(beta_1, step, old)) / scale
            length, reach = (jnp.sqrt(jnp.sum(jnp.square(each))) for each in (value, direction))
            ratio = jnp.where((length > 0) & (reach > 0), length / jnp.where(reach > 0, reach, one), one)
            steps.append(-(ratio * as_type(learning_rate, old) * direction))
            first.append(moment)
            second.append(square)
        return tuple(steps), {"momentum": tuple(first), "velocity": tuple(second)}

    slots = ("momentum", "velocity")
    return rule(zeros(*slots), update, *slots, elementwise=False, parameters=True, magnitude=SQUARE)


@functools.cache
def keras_muon(
    newton_schulz_steps: int, nesterov: bool, rescaled: bool, exclude_embeddings: bool, exclude_layers: tuple[str, ...]
) -> Rule:
    """Muon as `tf.keras.optimizers.Muon` computes it: orthogonalised momentum for matrices, Adam for the rest.

    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024.

    **Arguments:**
    - `newton_schulz_steps`: iterations of $x \\leftarrow a x + (b A + c A^2) x$ with $A = x x^T$.
    - `nesterov`: whether to look ahead.
    - `rescaled`: whether steps are scaled to the size of Adam's.
    - `exclude_embeddings`: whether variables with "embedding" in their names take Adam's steps.
    - `exclude_layers`: regular expressions for the names of others that do.
    """

    def by_adam(variable: Any) -> Hashable:
        name = variable.name.removesuffix(":0")
        return (
            len(variable.shape) != 2
            or (exclude_embeddings and "embedding" in name.lower())
            or any(re.search(pattern, name) for pattern in exclude_layers)
        )

    def init(parameters: Any, labels: Any) -> State:
        absent = np.zeros(0, np.float32)
        return {
            "momentum": tuple(map(np.zeros_like, parameters)),
            "velocity": tuple(
                np.zeros_like(each) if adam else absent for each, adam in zip(parameters, labels, strict=True)
            ),
        }

    def update(
        gradients: Any,
        state: State,
        parameters: Any = None,
        *,
        labels: Any,
        learning_rate: Any,
        step: Any,
        adam_lr_ratio: Any,
        adam_beta_1: Any,
        adam_beta_2: Any,
        epsilon: Any,
        momentum: Any,
        muon_a: Any,
        muon_b: Any,
        muon_c: Any,
        rms_rate: Any = 0.0,
    ) -> tuple[Any, State]:
        steps, first, second = [], [], []
        for gradient, old, square, adam in zip(gradients, state["momentum"], state["velocity"], labels, strict=True):
            rate, one = as_type(learning_rate, old), as_type(1, old)
            if adam:
                moment = toward(old, gradient, as_type(1 - adam_beta_1, old))
                square = toward(square, jnp.square(gradient), as_type(1 - adam_beta_2, old))
                bias_1, bias_2 = (one - power(beta, step, old) for beta in (adam_beta_1, adam_beta_2))
                alpha = rate * as_type(adam_lr_ratio, old) * jnp.sqrt(bias_2) / bias_1
                steps.append(-(moment * alpha / (jnp.sqrt(square) + as_type(epsilon, old))))
            else:
                kept = as_type(momentum, old)
                moment = old + (gradient + rounded(old * as_type(momentum - 1, old)))
                direction = gradient + rounded(kept * moment) if nesterov else moment
                coefficients = tuple(as_type(each, old) for each in (muon_a, muon_b, muon_c))
                change = rate * _orthogonal(direction, coefficients, newton_schulz_steps)
                if rescaled:
                    change = change * np.sqrt(max(old.shape)).astype(old.dtype) * as_type(rms_rate, old)
                steps.append(-change)
            first.append(moment)
            second.append(square)
        return tuple(steps), {"momentum": tuple(first), "velocity": tuple(second)}

    return rule(init, update, "momentum", "velocity", elementwise=False, label=by_adam)


def _orthogonal(x: Any, coefficients: tuple[Any, Any, Any], count: int) -> Any:
    """A matrix with its singular values drawn towards one, by Newton-Schulz iterations."""
    a, b, c = coefficients
    tall = x.shape[-2] > x.shape[-1]
    x = x.T if tall else x
    x = x / (jnp.sqrt(jnp.sum(jnp.square(x))) + as_type(1e-7, x))
    for _ in range(count):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x
