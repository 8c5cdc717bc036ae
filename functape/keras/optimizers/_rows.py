"""The one op that an optimizer records: all variables and all state, one step further."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape.keras.optimizers._transforms import Rule, as_cast, as_type, clipping

PACKED = 16_384
"""Elements up to which a variable's slots share a vector with those of others: fewer arrays enter the program."""


class Unit(NamedTuple):
    """Variables whose slots are parts of one array."""

    members: tuple[int, ...]
    """Numbers of the variables."""
    shapes: tuple[tuple[int, ...], ...]
    dtype: Any
    """NumPy's type of the elements."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape: a variable's own if it is alone, else a vector."""
        return self.shapes[0] if len(self.members) == 1 else (sum(self.sizes),)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(int(np.prod(shape, dtype=np.int64)) for shape in self.shapes)


class Update:
    """What one step does, apart from its numbers. Made by `describe_update`, which makes equal ones once."""

    __slots__ = ("decayed", "dynamic", "kinds", "numbers", "present", "rule", "units")

    def __init__(
        self,
        rule: Rule,
        units: tuple[Unit, ...],
        present: tuple[int, ...],
        kinds: tuple[Kind, ...],
        decayed: tuple[bool, ...],
        numbers: tuple[tuple[str, float | None], ...],
    ) -> None:
        self.rule = rule
        self.units = units
        """Where the state of each known variable is."""
        self.present = present
        """The variables that are updated, by number."""
        self.kinds = kinds
        """How their values are held."""
        self.decayed = decayed
        """Which of them the weight decay applies to."""
        self.numbers = {name: value for name, value in numbers if value is not None}
        """Hyperparameters that are part of the program."""
        self.dynamic = tuple(name for name, value in numbers if value is None)
        """Those that are inputs of it."""


@functools.lru_cache(maxsize=4096)
def describe_update(*description: Any) -> Update:
    """The one `Update` of this description, so that optimizers alike share their programs."""
    return Update(*description)


def _kinds(update: Update) -> tuple[Kind, ...]:
    return (*update.kinds, Kind.TREE) if update.rule.slots else update.kinds


def _check(name: str, avals: tuple[Aval, ...], update: Update) -> None:
    count = len(update.present)
    for variable, gradient in zip(avals[-2 * count : -count], avals[-count:], strict=True):
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
    state = {}
    step = None
    if slots:
        leaves, rest = rest[0], rest[1:]
        step = leaves[-1] + 1
        length = len(update.units)
        state = {slot: leaves[place * length : (place + 1) * length] for place, slot in enumerate(slots)}
    numbers: dict[str, Any] = update.numbers | dict(zip(update.dynamic, rest, strict=False))
    parameters, gradients = rest[-2 * count : -count], rest[-count:]
    gradients = tuple(jnp.broadcast_to(each, old.shape) for each, old in zip(gradients, parameters, strict=True))
    gradients = _conditioned(gradients, numbers)
    decay = numbers.pop("weight_decay", None)
    steps, state = _transformed(update, gradients, state, learning_rate=learning_rate, step=step, **numbers)
    values = []
    for old, each, decayed in zip(parameters, steps, update.decayed, strict=True):
        if decay is not None and decayed:
            old = old - old * as_cast(decay, old) * as_type(learning_rate, old)
        values.append(old + each)
    if not slots:
        return tuple(values)
    return (*values, (*(leaf for slot in slots for leaf in state[slot]), step))


def _conditioned(gradients: tuple[Any, ...], numbers: dict[str, Any]) -> tuple[Any, ...]:
    """The gradients unscaled and clipped; takes the numbers for that out of `numbers`."""
    scale = numbers.pop("loss_scale_factor", None)
    if scale is not None:
        gradients = tuple(each / as_type(scale, each) for each in gradients)
    clip = clipping(*(numbers.pop(name, None) for name in ("clipnorm", "global_clipnorm", "clipvalue")))
    return clip.update(gradients, clip.init(gradients))[0]


def _transformed(
    update: Update, gradients: tuple[Any, ...], state: dict[str, tuple[Any, ...]], **numbers: Any
) -> tuple[tuple[Any, ...], dict[str, tuple[Any, ...]]]:
    """The steps for the variables present, in their order, and the state after them."""
    arriving = dict(zip(update.present, gradients, strict=True))
    active = [
        (place, tuple(member for member in unit.members if member in arriving))
        for place, unit in enumerate(update.units)
    ]
    active = [(place, members) for place, members in active if members]
    joined = tuple(_join([arriving[member] for member in members]) for _, members in active)
    begun = {
        slot: tuple(_select(update.units[place], leaves[place], members) for place, members in active)
        for slot, leaves in state.items()
    }
    leaving, ended = update.rule.transformation.update(joined, begun, None, **numbers)
    steps: dict[int, Any] = {}
    for (place, members), vector in zip(active, leaving, strict=True):
        steps.update(_split(update.units[place], vector, members))
    renewed = {slot: list(leaves) for slot, leaves in state.items()}
    for slot, leaves in ended.items():
        for (place, members), leaf in zip(active, leaves, strict=True):
            renewed[slot][place] = _replace(update.units[place], renewed[slot][place], members, leaf)
    return tuple(steps[member] for member in update.present), {slot: tuple(each) for slot, each in renewed.items()}


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
)
"""`(learning_rate, [state], *numbers, *variables, *gradients)`: the variables' new values, and the new state.

The state is the array of each unit for each slot, and the number of steps taken.
"""
