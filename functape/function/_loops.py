"""Loops of a traced program: a traced body runs again and again inside the compiled program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval, aval
from functape._engine._recorder import Cell
from functape._engine._staged import Staged, connect
from functape._engine._staged_op import Captures, StagedOp, cells_written
from functape.function._differentiable_while import differentiable_while

LOOP = StagedOp("While")
"""`(*state, *xs, [limit], *captures)`: a body runs again and again; what it returns is its next state."""


class Loop:
    """What a `LOOP` does.

    **Arguments:**
    - `body`: its inputs are the items, the state, and what it captures; its results are the next state, and what is to
      be stacked over all iterations.
    - `condition`: its inputs are the state; its result says whether to go on. None for always.
    - `count`: how many values the state has.
    - `captures`: what both capture.
    - `length`: the number of iterations, or the bound on it if there is a condition; None if it is not known.
    - `items`: of how many arrays each iteration gets a row.
    - `numbered`: whether it gets the number of the iteration instead.
    - `limited`: whether the number of iterations has a bound that is computed; an input then.
    - `reverse`: whether the rows come last first.
    """

    def __init__(
        self,
        body: Staged,
        condition: Staged | None,
        count: int,
        captures: Captures,
        length: int | None,
        items: int = 0,
        numbered: bool = False,
        limited: bool = False,
        reverse: bool = False,
    ) -> None:
        self.body = body
        self.condition = condition
        self.count = count
        self.length = length
        self.items = items
        self.numbered = numbered
        self.limited = limited
        self.reverse = reverse
        self.lead = items + numbered
        """How many of the body's inputs come before the state."""
        traces = [body] if condition is None else [body, condition]
        cells = cells_written(traces)
        self.cells = tuple((cell, captures.place(cell)) for cell in cells)
        self.body_places = captures.places(body)
        self.condition_places = () if condition is None else captures.places(condition)
        self.sources = captures.sources
        results = len(body.results)
        written = {id(cell): body.output_avals[results + index] for index, (cell, _) in enumerate(body.writes)}
        self.output_avals: tuple[Aval, ...] = (
            *body.output_avals[:count],
            *(aval((length or 0, *each.shape), each.dtype) for each in body.output_avals[count:results]),
            *(written.get(id(cell)) or _written_aval(condition, cell) for cell in cells),
        )
        self.effects = any(trace.effects for trace in traces)
        self.offset = count + items + limited
        """How many inputs come before what is captured."""

    # ---- what depends on what --------------------------------------------------------------------------------

    @cached_property
    def varying(self) -> tuple[frozenset[int], ...]:
        """For each output, the positions of the inputs that a gradient of it reaches, after any number of rounds."""
        carried = {place: self.count + index for index, (_, place) in enumerate(self.cells)}
        starts = [*range(self.count), *(self.offset + place for _, place in self.cells)]
        reached = [frozenset((start,)) for start in starts]

        def through(output: int) -> frozenset[int]:
            found: frozenset[int] = frozenset()
            for position in self.body.varying[output]:
                if position < self.lead:
                    found |= frozenset((self.count + position,) if self.items else ())
                elif position < self.lead + self.count:
                    found |= reached[position - self.lead]
                else:
                    place = self.body_places[position - self.lead - self.count]
                    found |= reached[carried[place]] if place in carried else {self.offset + place}
            return found

        changed = True
        while changed:
            changed = False
            for index in range(self.count):
                found = reached[index] | through(index)
                if found != reached[index]:
                    reached[index] = found
                    changed = True
        stacked = [through(output) for output in range(self.count, len(self.body.results))]
        # What a variable is assigned carries no gradient out; what is read of it later counts as the variable itself.
        return (*reached[: self.count], *stacked, *(frozenset() for _ in self.cells))

    # ---- running ---------------------------------------------------------------------------------------------

    def function(self, *inputs: Any) -> tuple[Any, ...]:
        captured = inputs[self.offset :]
        carry = (*inputs[: self.count], *(captured[place] for _, place in self.cells))
        carry = _strong(carry)
        xs = inputs[self.count : self.count + self.items]
        stacked: tuple[Any, ...] = ()
        if self.condition is None and self.length is not None and not self.limited:
            last, stacked = self._scan(carry, xs, captured)
        else:
            limit = inputs[self.offset - 1] if self.limited else self.length
            last = self._while(carry, xs, limit, captured)
        return (*last[: self.count], *stacked, *jax.tree.map(_cut, tuple(last[self.count :])))

    def _scan(self, carry: Any, xs: Any, captured: Any) -> tuple[Any, tuple[Any, ...]]:
        if self.numbered:
            xs = (jnp.arange(self.length, dtype=jnp.int32),)
        # A row that the body never reads need not be cut out.
        used = [self._uses(index) for index in range(len(xs))]
        dummies = [None if use else jnp.zeros(each.shape[1:], each.dtype) for use, each in zip(used, xs, strict=True)]
        rows = tuple(each for each, use in zip(xs, used, strict=True) if use)

        def step(carry: Any, row: Any) -> tuple[Any, Any]:
            given = iter(row)
            return self._step(
                carry, tuple(next(given) if use else dummy for use, dummy in zip(used, dummies, strict=True)), captured
            )

        return lax.scan(step, carry, rows, length=None if rows else self.length, reverse=self.reverse)

    def _uses(self, index: int) -> bool:
        slot = self.body.input_slots[index]
        return slot in self.body.output_slots or any(slot in node.refs for node in self.body.needed)

    def _while(self, carry: Any, xs: Any, limit: Any, captured: Any) -> tuple[Any, ...]:
        """A loop that ends when its condition says so, or after `limit` rounds."""
        moving = self.condition is not None and bool(self.condition.writes)

        def after(carry: Any, captured: Any) -> Any:
            """Whether to go on, and the state after asking, where asking changes it."""
            return self._test(carry, captured) if moving else (jnp.asarray(True), carry)

        def go_on(state: Any, others: Any) -> Any:
            number, asked, carry = state
            _, limit, captured = others
            below = jnp.asarray(True) if limit is None else number < jnp.asarray(limit, jnp.int32)
            if moving:
                return jnp.logical_and(below, asked)
            return below if self.condition is None else jnp.logical_and(below, self._test(carry, captured)[0])

        def step(state: Any, others: Any) -> Any:
            number, _, carry = state
            xs, _, captured = others
            rows = tuple(lax.dynamic_index_in_dim(each, number, keepdims=False) for each in xs)
            carry = self._step(carry, (number,) if self.numbered else rows, captured)[0]
            asked, carry = after(carry, captured)
            return number + jnp.asarray(1, jnp.int32), asked, carry

        asked, carry = after(carry, captured)
        state = (jnp.asarray(0, jnp.int32), asked, carry)
        others = (tuple(xs), None if limit is None else jnp.asarray(limit, jnp.int32), tuple(captured))
        return differentiable_while(go_on, step, state, others, self.length, self.effects)[2]

    def _step(self, carry: Any, row: tuple[Any, ...], captured: Any) -> tuple[Any, Any]:
        """One iteration: the next state, and what is stacked."""
        full = self._full(carry, captured)
        made = self.body.function(*row, *carry[: self.count], *(full[place] for place in self.body_places))
        stacked = made[self.count : len(self.body.results)]
        return self._next(self.body, made[: self.count], made, carry), stacked

    def _test(self, carry: Any, captured: Any) -> tuple[Any, Any]:
        assert self.condition is not None
        full = self._full(carry, captured)
        made = self.condition.function(*carry[: self.count], *(full[place] for place in self.condition_places))
        return made[0], self._next(self.condition, carry[: self.count], made, carry)

    def _full(self, carry: Any, captured: Any) -> list[Any]:
        """What is captured, the cells with their present values."""
        full = list(captured)
        for index, (_, place) in enumerate(self.cells):
            full[place] = carry[self.count + index]
        return full

    def _next(self, trace: Staged, state: Any, made: Any, carry: Any) -> Any:
        written = {id(cell): made[len(trace.results) + index] for index, (cell, _) in enumerate(trace.writes)}
        values = list(state)
        for index, (cell, _) in enumerate(self.cells):
            old = carry[self.count + index]
            new = written.get(id(cell))
            connected = new is not None and not isinstance(new, tuple) and jnp.issubdtype(new.dtype, jnp.inexact)
            values.append(old if new is None else connect(new, old) if connected else new)
        return _strong(values)


def _written_aval(trace: Staged | None, cell: Cell) -> Aval:
    assert trace is not None
    index = next(index for index, (other, _) in enumerate(trace.writes) if other is cell)
    return trace.output_avals[len(trace.results) + index]


def _strong(values: Sequence[Any]) -> tuple[Any, ...]:
    """Arrays whose dtype is their own: a carried value must not change between weak and strong."""
    return tuple(jax.tree.map(lambda leaf: lax.convert_element_type(leaf, leaf.dtype), value) for value in values)


def _cut(leaf: Any) -> Any:
    return lax.stop_gradient(leaf) if jnp.issubdtype(leaf.dtype, jnp.inexact) else leaf
