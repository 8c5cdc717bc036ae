"""Gradients given by rows: the steps that leave all other rows alone."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._core._convert import convert
from functape._core._slices import IndexedSlices
from functape._core._variable import UnreadVariable, Variable
from functape._engine._avals import Aval, Kind
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import record
from functape.keras.optimizers._transforms_momentum import keras_sgd

_BEFORE = {"clipnorm", "clipvalue", "global_clipnorm", "loss_scale_factor"}
"""Numbers that change a gradient as a whole before the rule sees it."""
_NUMBERS = {"momentum", "ema_momentum"}
"""Numbers that change nothing in a step of plain gradient descent."""


def _subtract_rows(rate: Any, table: Any, rows: Any, places: Any, trainable: bool) -> Any:
    # JAX counts a negative index from the end; TensorFlow drops the row.
    inside = jnp.where(places < 0, table.shape[0], places)
    return table.at[inside].add(-(rows * rate.astype(rows.dtype)), mode="drop")


def _check(name: str, avals: tuple[Aval, ...], trainable: bool) -> None:
    _, table, rows, places = avals
    if rows.dtype is not table.dtype or rows.shape != (*places.shape, *table.shape[1:]):
        raise InvalidArgumentError(
            message=f"A gradient of {rows} for rows {places} does not fit a variable of {table} [Op:{name}]: it needs "
            f"one row of the variable's dtype and shape {list(table.shape[1:])} for each index."
        )


SUBTRACT_ROWS = Op(
    "OptimizerSubtractRows",
    _subtract_rows,
    ("trainable",),
    differentiable=False,
    check=_check,
    kinds=lambda trainable: (Kind.VARIABLE if trainable else Kind.ARRAY,),
    ends_step=True,
)
"""`(learning_rate, variable, rows, places)`: the variable's new value."""


def take_rows(optimizer: Any, pairs: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Record the steps of variables whose gradients are given by rows, where the optimizer's rule moves only these.

    **Arguments:**
    - `optimizer`: any.
    - `pairs`: gradients and variables.

    **Returns:** the pairs that are left for a step on whole variables; none if the step is recorded.
    """
    by_rows = [pair for pair in pairs if isinstance(pair, tuple | list) and isinstance(pair[0], IndexedSlices)]
    if not by_rows or not _moves_rows(optimizer):
        return pairs
    names = [id(pair[1]) for pair in pairs]
    mine = [
        pair
        for pair in by_rows
        if isinstance(pair[1], Variable)
        and not isinstance(pair[1], UnreadVariable)
        and pair[1].constraint is None
        and names.count(id(pair[1])) == 1
    ]
    if not mine:
        return pairs
    optimizer.build([variable for _, variable in pairs])
    rate = optimizer._rate.tensor if optimizer._schedule is None else optimizer._scheduled()
    for gradient, variable in mine:
        args = (rate, variable, convert(gradient.values, variable.dtype), convert(gradient.indices))
        variable._adopt(record(SUBTRACT_ROWS, (variable._trainable_kind(variable.aval),), args))
    taken = {id(variable) for _, variable in mine}
    rest = [pair for pair in pairs if id(pair[1]) not in taken]
    return rest if any(gradient is not None for gradient, _ in rest) else []


def magnitudes_by_rows(
    optimizer: Any, pairs: list[tuple[Any, Any]], variables: list[Variable]
) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """What Keras 3 takes of gradients given by rows part by part: of a row that was looked up twice, the sum of the
    squares of two gradients and not the square of their sum.

    **Arguments:**
    - `optimizer`: any.
    - `pairs`: gradients and variables.
    - `variables`: those that are updated.

    **Returns:** the places of such gradients among `variables`, and for each a tensor of its variable's shape.
    """
    op = optimizer._rule().magnitude
    rows = {id(variable): gradient for gradient, variable in pairs if isinstance(gradient, IndexedSlices)}
    numbers = {name for name, value in optimizer._numbers.items() if value}
    whole = numbers & _BEFORE or optimizer.gradient_accumulation_steps
    if op is None or not rows or whole or not optimizer._part_by_part:
        return (), ()
    apart = tuple(place for place, variable in enumerate(variables) if id(variable) in rows)
    magnitudes = []
    for variable in (variables[place] for place in apart):
        gradient = rows[id(variable)]
        parts = record(op, (), (convert(gradient.values, variable.dtype),))
        magnitudes.append(convert(IndexedSlices(parts, gradient.indices, tuple(variable.shape))))
    return apart, tuple(magnitudes)


def _moves_rows(optimizer: Any) -> bool:
    """Whether a step is plain gradient descent."""
    numbers = {name for name, value in optimizer._numbers.items() if value}
    changed = numbers - _NUMBERS or optimizer.use_ema or optimizer.gradient_accumulation_steps
    return not changed and optimizer._rule() is keras_sgd(False, False)
