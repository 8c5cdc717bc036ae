"""`jax.lax.while_loop` with derivatives of any order, also where the number of iterations is not known.

Write the loop as `y = f(x)` and its reverse derivative as `g(x, c) = J(x)^T c`. The first derivative keeps a bounded
number of states and computes the others again (equinox's checkpointed loop). A derivative of `g` needs none of that
differentiated: since `<b, J^T c> = <J b, c>`, it follows from `J(x) b`, which is a loop of the same kind with a state
twice as long.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from functape._engine._effects import silent
from functape._engine._pull import derivative

CHECKPOINTS = 64
"""States kept for the gradient of a loop whose number of iterations is not known; the others are computed again."""

Test = Callable[[Any, Any], Any]
Step = Callable[[Any, Any], Any]


def differentiable_while(
    go_on: Test, step: Step, state: Any, captured: Any, length: int | None, effects: bool = False
) -> Any:
    """`jax.lax.while_loop` that has derivatives.

    **Arguments:**
    - `go_on`, `step`: functions of the state and of `captured`.
    - `state`: a pytree of arrays.
    - `captured`: a pytree of the other arrays that they use.
    - `length`: a bound on the number of rounds, if one is known.
    - `effects`: whether a round does something besides computing, and so must not run again for a derivative.
    """
    leaves, structure = jax.tree.flatten(jax.tree.map(jnp.asarray, (state, captured)))
    inexact = [jnp.issubdtype(leaf.dtype, jnp.inexact) for leaf in leaves]
    changing = inexact[: len(jax.tree.leaves(state))]
    if not any(changing) or derivative.forward and not derivative.reverse:
        return lax.while_loop(lambda s: go_on(s, captured), lambda s: step(s, captured), state)
    loop = _Loop(go_on, step, structure, inexact, length, effects, derivative.forward)
    numbers = [leaf for leaf, each in zip(leaves, inexact, strict=True) if each]
    others = [leaf for leaf, each in zip(leaves, inexact, strict=True) if not each]
    return loop.rejoined(*loop.differentiable(numbers, others))


class _Loop:
    """A loop as a function of its floating inputs and of its other inputs, all in lists.

    **Arguments:**
    - `go_on`, `step`, `length`, `effects`: as for `differentiable_while`.
    - `structure`: of the pair of the state and what is captured.
    - `inexact`: for each leaf of it, whether it has derivatives.
    - `forward`: whether derivatives of the gradient are taken forwards, which need no rule of ours.
    """

    def __init__(
        self, go_on: Test, step: Step, structure: Any, inexact: list[bool], length: int | None, effects: bool,
        forward: bool,
    ) -> None:  # fmt: skip
        self.go_on = go_on
        self.step = step
        self.structure = structure
        self.inexact = inexact
        self.length = length
        self.effects = effects
        self.forward = forward
        self.state_structure: Any = structure.children()[0]
        self.changing = inexact[: self.state_structure.num_leaves]

    def _pair(self, numbers: Any, others: Any) -> Any:
        first, second = iter(numbers), iter(others)
        return jax.tree.unflatten(self.structure, [next(first) if each else next(second) for each in self.inexact])

    def _apart(self, state: Any) -> tuple[list[Any], list[Any]]:
        leaves = jax.tree.leaves(state)
        return (
            [leaf for leaf, each in zip(leaves, self.changing, strict=True) if each],
            [leaf for leaf, each in zip(leaves, self.changing, strict=True) if not each],
        )

    def rejoined(self, numbers: Any, others: Any) -> Any:
        """A state, from its floating leaves and its others."""
        first, second = iter(numbers), iter(others)
        leaves = [next(first) if each else next(second) for each in self.changing]
        return jax.tree.unflatten(self.state_structure, leaves)

    def plain(self, numbers: Any, others: Any) -> tuple[list[Any], list[Any]]:
        """The loop without derivatives."""
        state, captured = self._pair(numbers, others)
        return self._apart(lax.while_loop(lambda s: self.go_on(s, captured), lambda s: self.step(s, captured), state))

    def _checkpointed(self, numbers: Any, others: Any) -> tuple[list[Any], list[Any]]:
        """The loop with a first derivative."""
        from equinox.internal import while_loop

        state, captured = self._pair(numbers, others)
        return self._apart(
            while_loop(
                lambda s: self.go_on(s, captured),
                lambda s: self.step(s, captured),
                state,
                max_steps=self.length,
                kind="checkpointed",
                checkpoints=CHECKPOINTS,
            )
        )

    def differentiable(self, numbers: Any, others: Any) -> tuple[list[Any], list[Any]]:
        """The loop, with a rule for its gradient."""

        @jax.custom_vjp
        def run(numbers: Any, others: Any) -> Any:
            return self.plain(numbers, others)

        def keep(numbers: Any, others: Any) -> Any:
            # What is computed here has no derivatives by itself: further ones follow from the rules.
            bare = numbers if self.forward else jax.tree.map(lax.stop_gradient, numbers)
            (made, rest), pull = jax.tree.map(jnp.asarray, self._with_pullback(bare, others))
            if not self.forward:
                made = known(numbers, others, made, pull)
            return (made, rest), (numbers, others, pull)

        def back(kept: Any, cotangents: Any) -> Any:
            numbers, others, pull = kept
            return self._gradient(numbers, others, pull, cotangents[0]), _no_tangents(others)

        run.defvjp(keep, back)

        @jax.custom_vjp
        def known(numbers: Any, others: Any, made: Any, pull: Any) -> Any:
            return made

        def keep_known(numbers: Any, others: Any, made: Any, pull: Any) -> Any:
            return known(numbers, others, made, pull), (numbers, others, made, pull)

        def back_known(kept: Any, cotangents: Any) -> Any:
            numbers, others, made, pull = kept
            given = self._gradient(numbers, others, pull, cotangents)
            return given, _no_tangents(others), _no_tangents(made), _no_tangents(pull)

        known.defvjp(keep_known, back_known)
        return run(numbers, others)

    def _with_pullback(self, numbers: Any, others: Any) -> Any:
        if not self.effects:
            made, pull, rest = jax.vjp(lambda n: self._checkpointed(n, others), numbers, has_aux=True)
            return (made, rest), pull
        outcome = self.plain(numbers, others)
        with silent():
            _, pull, _ = jax.vjp(lambda n: self._checkpointed(n, others), numbers, has_aux=True)
        return outcome, pull

    def _gradient(self, numbers: Any, others: Any, pull: Any, cotangents: Any) -> Any:
        """What the cotangents of the last state are for the inputs; a function with a rule for its own gradient."""
        if self.forward:
            return pull(cotangents)[0]

        @jax.custom_vjp
        def gradient(numbers: Any, others: Any, pull: Any, cotangents: Any) -> Any:
            return pull(cotangents)[0]

        def keep(numbers: Any, others: Any, pull: Any, cotangents: Any) -> Any:
            return gradient(numbers, others, pull, cotangents), (numbers, others, pull, cotangents)

        def back(kept: Any, direction: Any) -> Any:
            numbers, others, pull, cotangents = kept
            with silent():
                along, second = jax.vjp(lambda n: self._along(n, others, direction), numbers)
                (curved,) = second(cotangents)
            return curved, _no_tangents(others), _no_tangents(pull), along

        gradient.defvjp(keep, back)
        return gradient(numbers, others, pull, cotangents)

    def _along(self, numbers: Any, others: Any, direction: Any) -> list[Any]:
        """How the floating leaves of the last state change when the floating inputs change along `direction`."""
        count = sum(self.changing)
        fixed = others[len(self.changing) - count :]
        rest = others[: len(self.changing) - count]

        def step(state: Any, captured: Any) -> Any:
            values, changes, ints = state
            known, known_changes, fixed = captured

            def once(values: Any, known: Any) -> Any:
                pair = self._pair([*values, *known], [*ints, *fixed])
                return self._apart(self.step(*pair))

            made, changed, following = jax.jvp(once, (values, known), (changes, known_changes), has_aux=True)
            return made, changed, following

        def go_on(state: Any, captured: Any) -> Any:
            values, _, ints = state
            known, _, fixed = captured
            return self.go_on(*self._pair([*values, *known], [*ints, *fixed]))

        state = (list(numbers[:count]), list(direction[:count]), list(rest))
        captured = (list(numbers[count:]), list(direction[count:]), list(fixed))
        return differentiable_while(go_on, step, state, captured, self.length)[1]


def _no_tangents(values: Any) -> Any:
    return jax.tree.map(_no_tangent, values)


def _no_tangent(leaf: Any) -> Any:
    # What is the same in each run may come back as a number of Python's.
    each = leaf if hasattr(leaf, "dtype") else np.asarray(leaf)
    if jnp.issubdtype(each.dtype, jnp.inexact):
        return jnp.zeros(each.shape, each.dtype)
    return np.zeros(each.shape, jax.dtypes.float0)
