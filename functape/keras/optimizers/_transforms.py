"""What the update rules share: optax transformations with the arithmetic where Keras puts it.

Each rule is structure only: numbers such as `beta_1` reach `update` as keyword arguments, Python floats or float64
arrays, so that one that changes from step to step is an input of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from functape._engine._compat import wide
from functape._engine._op import Op

State = dict[str, tuple[Any, ...]]
"""For each slot, an array for each array that is updated."""


class Rule(NamedTuple):
    """An optax transformation with what the optimizer around it must know."""

    transformation: optax.GradientTransformationExtraArgs
    slots: tuple[str, ...]
    """Names of its state's slots."""
    elementwise: bool = True
    """Whether each element is updated by itself, so that small variables may share one vector."""
    parameters: bool = False
    """Whether `update` needs the variables' values."""
    valued: bool = False
    """Whether `init` does: otherwise it gets zeros."""
    order: tuple[tuple[str, ...], ...] = ()
    """Slots in groups: all variables' slots of one group come before those of the next. By default one group."""
    label: Callable[[Any], Hashable] | None = None
    """What tells variables apart that are updated differently. `update` gets the labels as `labels`."""
    clips_in_turn: bool = False
    """Whether gradients are clipped in every way that is asked for, as in the legacy optimizers."""
    magnitude: Op | None = None
    """What `update` takes of each element of a gradient besides the gradient itself. Of a gradient given by rows, Keras
    3 takes it part by part, so that `update` gets it as `magnitudes`."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The slots in the order in which Keras lists them."""
        return self.order or (self.slots,)


def rule(init: Callable[..., State], update: Callable[..., tuple[Any, State]], *slots: str, **properties: Any) -> Rule:
    """A rule from the two functions of an optax transformation."""
    return Rule(optax.GradientTransformationExtraArgs(init, update), slots, **properties)


def as_type(value: Any, like: Any) -> Any:
    """A number as an array of the dtype of `like`."""
    return jnp.asarray(value, like.dtype)


def as_cast(value: Any, like: Any) -> Any:
    """As `as_type`, by way of float32, as `tf.cast` takes a Python number to any other dtype."""
    return as_type(jnp.asarray(value, np.float32), like)


def filled(**slots: float) -> Callable[[Any], State]:
    """The `init` of a transformation whose slots begin at one number each, taken to float32 as Keras 3 takes it."""

    def init(parameters: Any) -> State:
        return {
            # One number seen at all places: the array itself is made on the device.
            slot: jax.tree.map(
                lambda each, value=value: np.broadcast_to(np.float32(value).astype(each.dtype), each.shape), parameters
            )
            for slot, value in slots.items()
        }

    return init


def zeros(*slots: str) -> Callable[[Any], State]:
    """The `init` of a transformation whose slots begin at zero."""
    return filled(**dict.fromkeys(slots, 0.0))


def squares(gradients: tuple[Any, ...], magnitudes: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """The squares of the gradients' elements: the `magnitudes`, where they are given."""
    return tuple(map(jnp.square, gradients)) if magnitudes is None else magnitudes


def rounded(product: Any) -> Any:
    """A product that is rounded before it is added to something, as in Keras, whose kernels do one thing at a time.

    The compiler would fuse the two into one instruction that rounds once; it cannot look through the choice, and cannot
    leave it out because of negative zero.
    """
    return jnp.where(product == 0, jnp.zeros_like(product), product)


def power(base: Any, exponent: Any, like: Any) -> Any:
    """A number raised to the step, in the precision of `like`.

    Keras raises the rounded base in the variable's own precision; 1 - base^t then loses digits that the result must
    lose too. In double precision and rounded once, the power is what an exact library function gives. A CPU's library
    is as exact in single precision, in a fraction of the time; that of a GPU is not.
    """
    if isinstance(base, float) and like.dtype == np.float32 and jnp.issubdtype(exponent.dtype, jnp.integer):
        return jax.lax.platform_dependent(
            exponent,
            cpu=lambda steps: jnp.power(np.float32(base), steps.astype(np.float32)),
            default=lambda steps: _wide_power(base, steps, like),
        )
    return _wide_power(base, exponent, like)


@wide
def _wide_power(base: Any, exponent: Any, like: Any) -> Any:
    steps = jnp.asarray(exponent, np.float64)
    if isinstance(base, float) and base > 0:
        # Of a base that is part of the program: half the time, and as exact once it is rounded.
        logarithm = np.log(np.float32(base).astype(like.dtype).astype(np.float64))
        return jnp.exp(steps * logarithm).astype(like.dtype)
    return jnp.power(as_cast(base, like).astype(np.float64), steps).astype(like.dtype)


def toward(old: Any, new: Any, share: Any) -> Any:
    """`old` moved by a share of the way to `new`: a running mean."""
    return old + rounded((new - old) * share)


def mixed(old: Any, new: Any, kept: Any) -> Any:
    """`kept` times `old` and the rest of `new`: a running mean."""
    return rounded(as_type(kept, old) * old) + rounded(as_type(1 - kept, old) * new)


def clipping(norm: Any, global_norm: Any, value: Any) -> optax.GradientTransformation:
    """Gradients clipped as Keras's `clipnorm`, `global_clipnorm` and `clipvalue` ask; the first that is given counts.

    **Arguments:**
    - `norm`: bound on the norm of each gradient, or None.
    - `global_norm`: bound on the norm of all together, or None.
    - `value`: bound on each element's absolute value, or None.
    """
    if norm is not None:
        return optax.stateless(lambda gradients, _: tuple(_clip_norm(each, norm) for each in gradients))
    if global_norm is not None:
        return optax.stateless(lambda gradients, _: _clip_global_norm(gradients, global_norm))
    if value is not None:
        return optax.stateless(lambda gradients, _: tuple(_clip_value(each, value) for each in gradients))
    return optax.identity()


def clipping_in_turn(norm: Any, global_norm: Any, value: Any) -> optax.GradientTransformation:
    """As `clipping`, but all that are given count, the value first, as in the legacy optimizers."""
    return optax.chain(clipping(None, None, value), clipping(norm, None, None), clipping(None, global_norm, None))


def _clip_value(gradient: Any, bound: Any) -> Any:
    return jnp.clip(gradient, -as_type(bound, gradient), as_type(bound, gradient))


def _clip_norm(gradient: Any, bound: Any) -> Any:
    bound = as_type(bound, gradient)
    return gradient * bound / jnp.maximum(jnp.sqrt(jnp.sum(jnp.square(gradient))), bound)


def _clip_global_norm(gradients: Any, bound: Any) -> Any:
    norm = optax.tree.norm(gradients)
    scale = jnp.minimum(as_type(bound, norm) / norm, as_type(1, norm))
    # A norm that is no number makes every gradient none, so that the mistake shows.
    scale = jnp.where(jnp.isfinite(norm), scale, as_type(np.nan, norm))
    return tuple(each * scale.astype(each.dtype) for each in gradients)
