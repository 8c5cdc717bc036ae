"""Recorded nodes as statements: one line for each op, and a function with its derivative for each gradient."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np

from functape._engine._avals import Aval
from functape._engine._gradient import EVENTS, GRADIENT, GRADIENTS, GradientPlan
from functape._engine._state import Node
from functape._engine._trace import INPUTS
from functape._port._helpers import Helpers, Parts
from functape._port._jaxpr import Unwritable, value_source
from functape._port._templates import TEMPLATES


class Block:
    """Statements for some nodes.

    **Arguments:**
    - `nodes`: in recorded order.
    - `avals`: by slot.
    - `called`: what to call each slot.
    - `helpers`: the module's functions.
    - `outer`: expressions of the values that are known already, by slot.
    - `wanted`: slots whose values are wanted.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        avals: dict[int, Aval],
        called: dict[int, str],
        helpers: Helpers,
        outer: dict[int, Any],
        wanted: Iterable[int],
        indent: str = "    ",
        cuts: dict[Node, tuple[int, ...] | None] | None = None,
        shifts: dict[int, str] | None = None,
        constants: dict[int, Any] | None = None,
    ) -> None:
        self.nodes = [node for node in nodes if node.op not in EVENTS and node.op is not INPUTS]
        self.avals = avals
        self.called = called
        self.helpers = helpers
        self.known = dict(outer)
        self.wanted = list(wanted)
        self.indent = indent
        self.cuts = cuts or {}
        self.shifts = shifts or {}
        self.constants = constants or {}
        self.lines: list[str] = []
        self.taken: set[str] = helpers.taken | {name for name in outer.values() if isinstance(name, str)}
        self.producers = {slot: node for node in self.nodes for slot in node.outputs}
        self.regions = {node: self._region(node) for node in self.nodes if node.op is GRADIENT}
        inner = {each for node in self.regions for each in self.regions[node] if each.op is GRADIENT}
        self.outermost = [node for node in self.regions if node not in inner]
        self.busy: set[Node] = set()

    # ---- which nodes a gradient is of ------------------------------------------------------------------------

    def _region(self, node: Node) -> list[Node]:
        """The nodes between a gradient's sources and its targets."""
        plan: GradientPlan = node.statics
        reached = {slot for slots in _sources(plan) for slot in slots}
        below: set[Node] = set()
        for each in self.nodes:
            if each is node:
                break
            if any(ref in reached for ref in each.refs):
                below.add(each)
                reached.update(each.outputs)
        above = {slot for slot, _, _ in plan.targets if slot is not None}
        region = []
        for each in reversed(self.nodes):
            if each in below and any(slot in above for slot in each.outputs):
                region.append(each)
                above.update(each.refs)
                if each.op is GRADIENT:
                    # What a gradient inside is of is computed inside too.
                    above.update(slot for slot, _, _ in each.statics.targets if slot is not None)
        # A gradient inside is of all that lies between its own sources and targets, whether or not this one's reach it.
        members = {*region, *(inner for each in region if each.op is GRADIENT for inner in self._region(each))}
        return [each for each in self.nodes if each in members]

    # ---- values ----------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Write the statements that compute what is wanted."""
        for node in self.nodes:
            if any(slot in self.wanted for slot in node.outputs):
                self.need(node.outputs[0])

    def need(self, slot: int) -> Any:
        """The expression of a value, after writing what computes it."""
        found = self.known.get(slot)
        if found is not None:
            return found
        if slot in self.constants:
            return _literal(self.constants[slot])
        node = self.producers.get(slot)
        if node is None:
            raise Unwritable(f"The value in slot {slot} comes from nowhere.")
        if node.op is GRADIENT:
            self.gradient(node)
        else:
            owner = next((g for g in self.outermost if node in self.regions[g] and g not in self.busy), None)
            if owner is not None:
                self.gradient(owner)
            if slot not in self.known:
                self.statement(node)
        return self.known[slot]

    def fresh(self, name: str) -> str:
        candidate, number = name, 1
        while candidate in self.taken:
            number += 1
            candidate = f"{name}_{number}"
        self.taken.add(candidate)
        return candidate

    def put(self, line: str) -> None:
        self.lines.append(self.indent + line)

    # ---- ops -------------------------------------------------------------------------------------------------

    def statement(self, node: Node) -> None:
        """One op."""
        args = [self.need(ref) for ref in node.refs]
        if self.cuts:
            args = self._cut(node, args)
        if node.op.name == "OptimizerWithCount":
            self.known[node.outputs[0]] = Parts([*args[0][:-1], args[1]], args[0].structs)
            return
        names = [self.fresh(self.called[slot]) for slot in node.outputs]
        statics = dict(zip(node.op.attributes, node.statics, strict=False))
        avals = [self.avals[ref] for ref in node.refs]
        template = TEMPLATES.get(node.op.name)
        plain = all(isinstance(arg, str) for arg in args)
        expression = template(args, statics, avals) if template is not None and plain else None
        if expression is not None:
            if expression.isidentifier() and node.outputs[0] not in self.shifts:
                self.taken.discard(names[0])
                self.known[node.outputs[0]] = expression
                return
            self.put(f"{names[0]} = {expression}")
        elif not self._optimizer(node, args):
            args = [
                _typed(self.constants[ref]) if ref in self.constants and ref not in self.known else arg
                for ref, arg in zip(node.refs, args, strict=True)
            ]
            call, trees = self.helpers.call(node, [self.avals[ref] for ref in node.refs], args)
            flat = []
            for name, slot, count in zip(names, node.outputs, trees, strict=True):
                if count is None:
                    flat.append(name)
                    self.known[slot] = name
                else:
                    parts = Parts([self.fresh(f"{name}_{place}") for place in range(len(count))], count)
                    flat += parts
                    self.known[slot] = parts
            self.put(f"{', '.join(flat)}{',' if len(flat) == 1 and node.op.multiple else ''} = {call}")
        for name, slot in zip(names, node.outputs, strict=True):
            called = self.known.setdefault(slot, name)
            if slot in self.shifts:
                self.put(f"{called} = {called} + {self.shifts[slot]}")

    def _optimizer(self, node: Node, args: list[Any]) -> bool:
        """A step of plain gradient descent or of Adam, as one would write it; False for anything else."""
        descent = self.helpers.descent(node, args)
        if descent is not None:
            for slot, (value, expression) in zip(node.outputs, descent, strict=True):
                self.known[slot] = self.fresh(f"new_{_plain(value)}")
                self.put(f"{self.known[slot]} = {expression}")
            return True
        adam = self.helpers.adam_step(node, args)
        if adam is None:
            return False
        numbers = node.statics[0].numbers
        rest = ", ".join(f"{name}={numbers[name]!r}" for name in ("beta_1", "beta_2", "epsilon"))
        step = self.fresh("step_count")
        self.put(f"{step} = {args[1][-1]} + 1")
        moments: list[list[str]] = [[], []]
        for slot, (value, given) in zip(node.outputs, adam, strict=False):
            names = [self.fresh(f"new_{_plain(each)}") for each in (value, given[2], given[3])]
            self.put(f"{', '.join(names)} = adam({', '.join(given)}, {step}, {rest})")
            self.known[slot] = names[0]
            moments[0].append(names[1])
            moments[1].append(names[2])
        self.known[node.outputs[-1]] = Parts([*moments[0], *moments[1], step], args[1].structs)
        return True

    def _cut(self, node: Node, args: list[Any]) -> list[Any]:
        """The inputs of an op, those without derivatives cut off where no tape asks for any."""
        if node not in self.cuts:
            return args
        tracked = self.cuts[node]
        made = []
        for position, arg in enumerate(args):
            inside = node.refs[position] in self.cut_slots
            active = tracked is not None and position in tracked
            exact = not self.avals[node.refs[position]].differentiable
            made.append(
                arg if active or exact or not inside or not isinstance(arg, str) else f"lax.stop_gradient({arg})"
            )
        return made

    cut_slots: frozenset[int] = frozenset()
    """Slots whose values depend on what is differentiated."""

    # ---- gradients -------------------------------------------------------------------------------------------

    def gradient(self, node: Node) -> None:
        """A gradient: the function it is of, and its derivative."""
        plan: GradientPlan = node.statics
        region = self.regions[node]
        self.busy.add(node)
        if plan.request.mode != GRADIENTS or any(plan.lookups) or any(a.dtype.is_complex for _, a in plan.sources):
            raise Unwritable(f"A {plan.request.mode} has no short form.")
        inside = {slot for each in region for slot in each.outputs}
        sources = [slot for slots in _sources(plan) for slot in slots]
        unique = list(dict.fromkeys(sources))
        targets = [(slot, aval) for slot, aval, _ in plan.targets]
        for each in region:
            for ref in each.refs:
                if ref not in inside:
                    self.need(ref)
        for slot in unique:
            if slot not in inside:
                self.need(slot)
        seeds = [self.need(ref) for ref in node.refs[len(plan.reads) :]]
        carried = list(dict.fromkeys(slot for slot, _ in targets if slot is not None))
        if not region or not carried:
            self._plain_gradient(node, plan, seeds)
            return
        members = set(region)
        used = set(self.wanted)
        for each in self.nodes:
            if each.op is GRADIENT:
                used.update(each.refs[len(each.statics.reads) :])
            elif each not in members:
                used.update(each.refs)
        others = [slot for each in region for slot in each.outputs if slot in used and slot not in carried]
        # The function.
        parameters, values, shifts = [], [], {}
        inner_known = {slot: text for slot, text in self.known.items() if slot not in inside}
        taken = set(self.taken)
        for slot in unique:
            if slot in inside:
                shift = self.fresh(f"change_of_{self.called[slot]}")
                shifts[slot] = shift
                parameters.append(shift)
                each_aval = self.avals[slot]
                values.append(f"jnp.zeros({each_aval.shape}, {_dtype(each_aval)})")
            else:
                outer = self.known[slot]
                name = outer if isinstance(outer, str) and outer.isidentifier() else self.fresh("argument")
                parameters.append(name)
                values.append(outer)
                inner_known[slot] = name
        symbol = self.fresh(f"{self.called[carried[0]]}_function" if len(carried) == 1 else "targets_function")
        tracked = dict(plan.steps)
        nested = {inner for each in region if each.op is GRADIENT for inner in self.regions[each]}
        cuts = {
            each: tracked.get(each)
            for each in region
            if each.op is not GRADIENT and (each in tracked or each not in nested)
        }
        block = Block(
            region, self.avals, self.called, self.helpers, inner_known, [*carried, *others], self.indent + "    ",
            cuts, shifts, self.constants,
        )  # fmt: skip
        block.taken = taken | {symbol} | set(parameters)
        block.cut_slots = frozenset(inside | set(unique))
        for slot in (*carried, *others):
            block.need(slot)
        self.helpers.taken |= {symbol}
        self.put(f"def {symbol}({', '.join(parameters)}):")
        self.lines += block.lines
        first = self._pack([block.known[slot] for slot in carried])
        aux = self._pack([block.known[slot] for slot in others], always=True)
        block.put(f"return {first}, {aux}")
        self.lines.append(block.lines[-1])
        # Its derivative.
        for slot in (*carried, *others):
            self.known[slot] = self._names_like(slot, block.known[slot])
        made = self._pack([self.known[slot] for slot in carried])
        rest = self._pack([self.known[slot] for slot in others], always=True) if others else "_"
        called = [self.called[output] for output in node.outputs]
        own = [slots for slots in _sources(plan) if slots]
        if len(own) == len(called) == len(unique) and not any(
            re.fullmatch(r"gradient|.*_\d+", name) for name in called
        ):
            gradients = [self.fresh(name) for name in called]
        else:
            gradients = [self.fresh(f"{name}_gradient") for name in parameters]
        single = len(carried) == 1 and not self.avals[carried[0]].shape and not seeds
        repeated = [slot for slot, _ in targets if slot is not None]
        if single and len(repeated) == 1:
            places = ", ".join(map(str, range(len(parameters)))) + ("," if len(parameters) == 1 else "")
            self.put(
                f"({made}, {rest}), {self._pack(gradients, always=True)} = "
                f"jax.value_and_grad({symbol}, argnums=({places}), has_aux=True)({', '.join(values)})"
            )
        else:
            pullback = self.fresh("pullback")
            self.put(f"{made}, {pullback}, {rest} = jax.vjp({symbol}, {', '.join(values)}, has_aux=True)")
            given = iter(seeds)
            weights: dict[int, list[str]] = {}
            for target, each_aval, seeded in plan.targets:
                weight = next(given) if seeded else None
                if target is None:
                    continue
                shape = f"{each_aval.shape}"
                ones = f"jnp.ones({shape}, {_dtype(each_aval)})"
                text = ones if weight is None else f"jnp.broadcast_to({weight}, {shape})"
                weights.setdefault(target, []).append(text)
            cotangents = self._pack([" + ".join(weights[slot]) for slot in carried])
            self.put(f"{self._pack(gradients, always=True)} = {pullback}({cotangents})")
        by_slot = dict(zip(unique, gradients, strict=True))
        self._assign(node, plan, by_slot)

    def _assign(self, node: Node, plan: GradientPlan, by_slot: dict[int, str]) -> None:
        for output, (slots, each_aval) in zip(node.outputs, plan.sources, strict=True):
            parts = [by_slot[slot] for slot in dict.fromkeys(slots) if slot in by_slot]
            if not parts:
                self.known[output] = f"jnp.zeros({each_aval.shape}, {_dtype(each_aval)})"
            elif len(parts) == 1:
                self.known[output] = parts[0]
            else:
                name = self.fresh("gradient")
                self.put(f"{name} = {' + '.join(parts)}")
                self.known[output] = name

    def _plain_gradient(self, node: Node, plan: GradientPlan, seeds: list[str]) -> None:
        """The gradient of targets that are sources themselves, or do not depend on them."""
        by_slot: dict[int, str] = {}
        given = iter(seeds)
        for slot, each_aval, seeded in plan.targets:
            weight = next(given) if seeded else None
            ones = f"jnp.ones({each_aval.shape}, {_dtype(each_aval)})"
            text = ones if weight is None else f"jnp.broadcast_to({weight}, {each_aval.shape})"
            if slot is not None:
                by_slot[slot] = f"{by_slot[slot]} + {text}" if slot in by_slot else text
        self._assign(node, plan, by_slot)

    def _names_like(self, slot: int, inner: Any) -> Any:
        name = self.called[slot]
        if isinstance(inner, Parts):
            return Parts([self.fresh(f"{name}_{place}") for place in range(len(inner))], inner.structs)
        return self.fresh(name)

    def _pack(self, values: Sequence[Any], always: bool = False) -> str:
        flat = [f"({', '.join(value)},)" if isinstance(value, list) else value for value in values]
        if len(flat) == 1 and not always:
            return flat[0]
        return f"({', '.join(flat)}{',' if len(flat) == 1 else ''})"


def _sources(plan: GradientPlan) -> list[tuple[int, ...]]:
    """For each source of a gradient the slots that the tape met: a variable may have had other values before."""
    met = {node.refs[position] for node, tracked in plan.steps for position in tracked}
    met.update(slot for slot, _, _ in plan.targets if slot is not None)
    return [tuple(slot for slot in slots if slot in met) for slots, _ in plan.sources]


def _dtype(each: Aval) -> str:
    from functape._port._jaxpr import dtype_source

    return dtype_source(jax.dtypes.canonicalize_dtype(each.dtype.as_numpy_dtype))


def _typed(value: Any) -> str:
    array = np.asarray(value)
    return value_source(array.astype(jax.dtypes.canonicalize_dtype(array.dtype)))


def _plain(expression: str) -> str:
    return expression if expression.isidentifier() else "value"


def _literal(value: Any) -> str:
    array = np.asarray(value)
    if array.ndim == 0 and array.dtype in (np.float32, np.int32, np.int64, np.bool_) and np.isfinite(float(array)):
        text = (
            np.format_float_positional(np.float32(array), unique=True, trim="0")
            if array.dtype == np.float32
            else repr(array.item())
        )
        return text if float(array) >= 0 else f"({text})"
    return _typed(value)
