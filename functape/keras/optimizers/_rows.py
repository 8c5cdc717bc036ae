"""The one op that an optimizer records: all variables and all state, one step further."""

from __future__ import annotations

import functools
from collections.abc import Hashable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape.keras.optimizers._averaging import ACCUMULATOR, AROUND, AVERAGE
from functape.keras.optimizers._transforms import Rule, State, as_cast, as_type, clipping, clipping_in_turn

PACKED = 16_384
"""Elements up to which a variable's slots share a vector with those of others: fewer arrays enter the program."""

DECAYS = ("weight_decay", "adam_weight_decay")
"""Names of the numbers that may be a variable's weight decay."""


class Unit(NamedTuple):
    """Variables whose slots are parts of one array."""

    members: tuple[int, ...]
    """Numbers of the variables."""
    shapes: tuple[tuple[int, ...], ...]
    dtype: Any
    """NumPy's type of the elements."""
    label: Hashable = None
    """What the rule tells them apart by."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape: a variable's own if it is alone, else a vector."""
        return self.shapes[0] if len(self.members) == 1 else (sum(self.sizes),)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes)


class Update:
    """What one step does, apart from its numbers. Made by `describe_update`, which makes equal ones once."""

    __slots__ = ("apart", "decayed", "dynamic", "kinds", "numbers", "present", "rule", "units")

    def __init__(
        self,
        rule: Rule,
        units: tuple[Unit, ...],
        present: tuple[int, ...],
        kinds: tuple[Kind, ...],
        decayed: tuple[str, ...],
        numbers: tuple[tuple[str, float | None], ...],
        apart: tuple[int, ...],
    ) -> None:
        self.rule = rule
        self.units = units
        """Where the state of each known variable is."""
        self.present = present
        """The variables that are updated, by number."""
        self.kinds = kinds
        """How their values are held."""
        self.decayed = decayed
        """The name of the number that is each one's weight decay; empty for none."""
        self.numbers = {name: value for name, value in numbers if value is not None}
        """Hyperparameters that are part of the program."""
        self.dynamic = tuple(name for name, value in numbers if value is None)
        """Those that are inputs of it."""
        self.apart = apart
        """The places among `present` whose gradients' magnitudes are inputs of their own."""


@functools.lru_cache(maxsize=4096)
def describe_update(*description: Any) -> Update:
    """The one `Update` of this description, so that optimizers alike share their programs."""
    return Update(*description)


@functools.lru_cache(maxsize=4096)
def _one_by_one(update: Update) -> Update:
    """The same step on a state in which each variable's slots are arrays of their own."""
    units = tuple(
        Unit((member,), (shape,), unit.dtype, unit.label)
        for unit in update.units
        for member, shape in zip(unit.members, unit.shapes, strict=True)
    )
    numbers = tuple(sorted((update.numbers | dict.fromkeys(update.dynamic)).items()))
    return describe_update(update.rule, units, update.present, update.kinds, update.decayed, numbers, update.apart)


def _kinds(update: Update) -> tuple[Kind, ...]:
    return (*update.kinds, Kind.TREE) if update.rule.slots else update.kinds


def _check(name: str, avals: tuple[Aval, ...], update: Update) -> None:
    count = len(update.present)
    avals = avals[: len(avals) - len(update.apart)]
    check_gradients(name, avals[-2 * count : -count], avals[-count:])


def check_gradients(name: str, variables: tuple[Aval, ...], gradients: tuple[Aval, ...]) -> None:
    """Reject gradients that do not fit their variables.

    **Arguments:**
    - `name`: the op's name.
    - `variables`, `gradients`: their avals, in the same order.

    **Raises:** `InvalidArgumentError`.
    """
    for variable, gradient in zip(variables, gradients, strict=True):
        if gradient.dtype is not variable.dtype:
            raise InvalidArgumentError(
                message=f"A gradient of dtype {gradient.dtype.name} came with a variable of dtype "
                f"{variable.dtype.name} [Op:{name}]. Cast the gradient: tf.cast(gradient, tf.{variable.dtype.name})."
            )
        try:
            fits = np.broadcast_shapes(gradient.shape, variable.shape) == variable.shape
        except ValueError:
            fits = False
        if not fits:
            raise InvalidArgumentError(
                message=f"Incompatible shapes: {list(gradient.shape)} vs. {list(variable.shape)} [Op:{name}]: a "
                f"gradient must have its variable's shape. Check the order of the pairs given to apply_gradients."
            )


def _apply_update(learning_rate: Any, *rest: Any, update: Update) -> tuple[Any, ...]:
    count = len(update.present)
    slots = update.rule.slots
    state: State = {}
    step: Any = None
    if slots:
        leaves, rest = rest[0], rest[1:]
        if len(leaves) != len(slots) * len(update.units) + 1:
            update = _one_by_one(update)
        step = leaves[-1] + 1
        length = len(update.units)
        state = {slot: leaves[place * length : (place + 1) * length] for place, slot in enumerate(slots)}
    numbers: dict[str, Any] = update.numbers | dict(zip(update.dynamic, rest, strict=False))
    rest, magnitudes = rest[: len(rest) - len(update.apart)], rest[len(rest) - len(update.apart) :]
    values, gradients = rest[-2 * count : -count], rest[-count:]
    gradients = tuple(jnp.broadcast_to(each, old.shape) for each, old in zip(gradients, values, strict=True))
    scale = numbers.pop("loss_scale_factor", None)
    if scale is not None:
        gradients = tuple(each / as_type(scale, each) for each in gradients)
    every, ema, often = (numbers.pop(name, None) for name in ("accumulation_steps", "ema_momentum", "ema_frequency"))
    if every is None:
        values, state = _step(update, values, gradients, state, learning_rate, step, numbers, magnitudes)
    else:
        values, state = _accumulate(update, values, gradients, state, learning_rate, step, every, numbers)
    if ema is not None:
        values, state[AVERAGE] = _average(update, values, state[AVERAGE], (step - 1) // (every or 1), ema, often)
    if not slots:
        return tuple(values)
    return (*values, (*(leaf for slot in slots for leaf in state[slot]), step))


def _step(
    update: Update,
    values: tuple[Any, ...],
    gradients: tuple[Any, ...],
    state: State,
    learning_rate: Any,
    step: Any,
    numbers: dict[str, Any],
    magnitudes: tuple[Any, ...] = (),
) -> tuple[tuple[Any, ...], State]:
    """One step of the rule: the variables' new values, and the state after it."""
    numbers = dict(numbers)
    bounds = (numbers.pop(name, None) for name in ("clipnorm", "global_clipnorm", "clipvalue"))
    clip = (clipping_in_turn if update.rule.clips_in_turn else clipping)(*bounds)
    gradients = clip.update(gradients, clip.init(gradients))[0]
    rates = {name: numbers.pop(name, None) for name in DECAYS}
    decayed = []
    for old, name in zip(values, update.decayed, strict=True):
        rate = rates.get(name)
        if rate is not None:
            old = old - old * as_cast(rate, old) * as_type(learning_rate, old)
        decayed.append(old)
    numbers |= {"learning_rate": learning_rate, "step": step}
    steps, state = _transformed(update, gradients, magnitudes, decayed, state, **numbers)
    return tuple(old + each for old, each in zip(decayed, steps, strict=True)), state


def _accumulate(
    update: Update,
    values: tuple[Any, ...],
    gradients: tuple[Any, ...],
    state: State,
    learning_rate: Any,
    step: Any,
    every: int,
    numbers: dict[str, Any],
) -> tuple[tuple[Any, ...], State]:
    """Add the gradients to those before; every so often, take a step with their mean."""
    sums = _parts(update, state[ACCUMULATOR])
    totals = {member: gradient + sums[member] for member, gradient in zip(update.present, gradients, strict=True)}

    def take() -> tuple[tuple[Any, ...], State]:
        means = tuple(totals[member] / as_type(every, totals[member]) for member in update.present)
        new, after = _step(update, values, means, state, learning_rate, (step - 1) // every + 1, numbers)
        return new, after | {ACCUMULATOR: tuple(map(jnp.zeros_like, state[ACCUMULATOR]))}

    def wait() -> tuple[tuple[Any, ...], State]:
        return tuple(values), state | {ACCUMULATOR: _leaves(update, sums | totals)}

    return jax.lax.cond(step % every == 0, take, wait)


def _average(
    update: Update, values: tuple[Any, ...], leaves: tuple[Any, ...], before: Any, momentum: Any, often: int | None
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The variables' values and their running means; every so often, the means take the variables' place.

    **Arguments:**
    - `before`: the number of steps taken before this one. The first makes the means the values themselves.
    """
    means = _parts(update, leaves)
    new = []
    for member, value in zip(update.present, values, strict=True):
        kept = (before != 0).astype(value.dtype) * as_type(momentum, value)
        means[member] = kept * means[member] + (as_type(1, value) - kept) * value
        new.append(value if often is None else jnp.where((before + 1) % often == 0, means[member], value))
    return tuple(new), _leaves(update, means)


def _transformed(
    update: Update,
    gradients: tuple[Any, ...],
    magnitudes: tuple[Any, ...],
    values: list[Any],
    state: State,
    **numbers: Any,
) -> tuple[tuple[Any, ...], State]:
    """The steps for the variables present, in their order, and the state after them."""
    rule = update.rule
    arriving = dict(zip(update.present, gradients, strict=True))
    active = [
        (place, tuple(member for member in unit.members if member in arriving))
        for place, unit in enumerate(update.units)
    ]
    active = [(place, members) for place, members in active if members]
    joined = tuple(_join([arriving[member] for member in members]) for _, members in active)
    parameters = None
    if rule.parameters:
        held = dict(zip(update.present, values, strict=True))
        parameters = tuple(_join([held[member] for member in members]) for _, members in active)
    if magnitudes:
        taken = {member: rule.magnitude.function(arriving[member]) for member in update.present}  # type: ignore[union-attr]
        taken |= zip((update.present[place] for place in update.apart), magnitudes, strict=True)
        numbers["magnitudes"] = tuple(_join([taken[member] for member in members]) for _, members in active)
    if rule.label is not None:
        numbers["labels"] = tuple(update.units[place].label for place, _ in active)
    begun = {
        slot: tuple(_select(update.units[place], leaves[place], members) for place, members in active)
        for slot, leaves in state.items()
        if slot not in AROUND
    }
    leaving, ended = rule.transformation.update(joined, begun, parameters, **numbers)
    steps: dict[int, Any] = {}
    for (place, members), vector in zip(active, leaving, strict=True):
        steps.update(_split(update.units[place], vector, members))
    renewed = {slot: list(leaves) for slot, leaves in state.items()}
    for slot, leaves in ended.items():
        for (place, members), leaf in zip(active, leaves, strict=True):
            renewed[slot][place] = _replace(update.units[place], renewed[slot][place], members, leaf)
    return tuple(steps[member] for member in update.present), {slot: tuple(each) for slot, each in renewed.items()}


def _parts(update: Update, leaves: tuple[Any, ...]) -> dict[int, Any]:
    """A slot that has its variable's shape, by variable."""
    parts: dict[int, Any] = {}
    for unit, leaf in zip(update.units, leaves, strict=True):
        parts.update(_split(unit, leaf, unit.members))
    return parts


def _leaves(update: Update, parts: dict[int, Any]) -> tuple[Any, ...]:
    """The inverse of `_parts`."""
    return tuple(_join([parts[member] for member in unit.members]) for unit in update.units)


def _join(arrays: list[Any]) -> Any:
    return arrays[0] if len(arrays) == 1 else jnp.concatenate([each.ravel() for each in arrays])


def _split(unit: Unit, vector: Any, members: tuple[int, ...]) -> dict[int, Any]:
    """The parts of a joined array by variable, in the variables' shapes."""
    parts = {}
    start = 0
    flat = vector.ravel()
    for member, shape, size in zip(unit.members, unit.shapes, unit.sizes, strict=True):
        if member in members:
            parts[member] = vector.reshape(shape) if len(members) == 1 else flat[start : start + size].reshape(shape)
            start += size
    return parts


def _select(unit: Unit, leaf: Any, members: tuple[int, ...]) -> Any:
    """The part of a slot's array that belongs to `members`."""
    if members == unit.members:
        return leaf
    parts = _split(unit, leaf, unit.members)
    return _join([parts[member] for member in members])


def _replace(unit: Unit, leaf: Any, members: tuple[int, ...], new: Any) -> Any:
    """A slot's array with the part that belongs to `members` replaced."""
    if members == unit.members:
        return new
    return _join(list((_split(unit, leaf, unit.members) | _split(unit, new, members)).values()))


APPLY_UPDATE = Op(
    "OptimizerApplyUpdate",
    _apply_update,
    ("update",),
    multiple=True,
    differentiable=False,
    check=_check,
    kinds=_kinds,
    ends_step=True,
)
"""`(learning_rate, [state], *numbers, *variables, *gradients, *magnitudes)`: the variables' new values, the new state.

The state is the array of each unit for each slot, and the number of steps taken.
"""
