"""A formula with its arguments, and its values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from functape._api._cross_entropies import check_labels
from functape._api._static import operand
from functape._core._cast import cast
from functape._core._convert import convert, is_tensor_like
from functape._engine._dtypes import float32
from functape._engine._recorder import record, record_multiple
from functape.keras._logits import logits_of
from functape.keras._naming import to_snake_case
from functape.keras.losses import _formulas as formulas
from functape.keras.losses._formula import Formula


class Bound(NamedTuple):
    """A formula with its arguments."""

    formula: Formula
    statics: tuple[Any, ...] = ()
    """Values of its attributes."""
    numbers: tuple[Any, ...] = ()
    """Its further inputs: Python floats, tensors or variables."""
    masks: bool = False
    """Whether it returns a mask as well."""
    ignored: Any = None
    """A class that is not there and whose label is none the less in order."""


binders: dict[Callable[..., Any], Callable[..., Bound]] = {}
"""For each function below, what makes a `Bound` of its arguments after `y_true` and `y_pred`."""


def prepared(bound: Bound, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Label and prediction as tensors; a label with no dtype of its own takes the prediction's.

    **Raises:** `InvalidArgumentError` for a class that is not there, where its value is known.
    """
    predicted = operand(y_pred)
    kind = predicted.aval.dtype
    if bound.numbers and not kind.is_floating:
        predicted = cast(predicted, float32)
    if bound.formula is not formulas.SPARSE_CATEGORICAL:
        return y_true if is_tensor_like(y_true) else convert(y_true, hint=kind), predicted
    target = operand(y_true)
    shape, axis = predicted.aval.shape, bound.statics[1]
    if shape and -len(shape) <= axis < len(shape):
        check_labels(target, shape[axis], bound.ignored)
    return target, predicted


def on_logits(formula: Formula, statics: tuple[Any, ...], y_true: Any, y_pred: Any, dtype: Any = None) -> Any:
    """The attributes and the prediction to go on with: the logits of a prediction that Keras's activations made.

    **Arguments:**
    - `formula`, `statics`: the formula and its attributes' values.
    - `y_true`, `y_pred`: tensors.
    - `dtype`: the NumPy type the prediction is cast to, if it is; a prediction that changes is one without logits.
    """
    found = logits_of(y_pred) if formula.logits else None
    if found is None or (dtype is not None and (_changes_rank(y_true, y_pred) or y_pred.dtype.as_numpy_dtype != dtype)):
        return statics, y_pred
    place = formula.attributes.index("from_logits")
    if statics[place]:
        name = to_snake_case(formula.name)
        warnings.warn(
            f'"`{name}` received `from_logits=True`, but the `output` argument was produced by a {formula.logits} '
            "activation and thus does not represent logits. Was this intended?",
            stacklevel=4,
        )
    return (*statics[:place], True, *statics[place + 1 :]), found


def _changes_rank(y_true: Any, y_pred: Any) -> bool:
    """Whether an axis of the prediction is added or dropped to bring it to the label's rank."""
    wanted, given = y_true.aval.shape, y_pred.aval.shape
    if len(given) == len(wanted) + 1:
        return given[-1] == 1 and len(wanted) != 1
    return len(wanted) == len(given) + 1 and wanted[-1] == 1


def evaluate(bound: Bound, y_true: Any, y_pred: Any) -> Any:
    """The values of a bound formula."""
    formula, statics, numbers, masks, _ = bound
    target, predicted = prepared(bound, y_true, y_pred)
    statics, predicted = on_logits(formula, statics, target, predicted)
    if not masks:
        return record(formula.values, statics, (predicted, target, *numbers))
    values, mask = record_multiple(formula.values_and_mask, statics, (predicted, target, *numbers))
    values._keras_mask = mask
    return values


def binds(function: Callable[..., Any]) -> Callable[[Callable[..., Bound]], Callable[..., Bound]]:
    """A decorator that enters a function in `binders`."""

    def decorator(binder: Callable[..., Bound]) -> Callable[..., Bound]:
        binders[function] = binder
        return binder

    return decorator


def number(value: Any) -> Any:
    """A numeric argument as an input of a row."""
    return value if is_tensor_like(value) else float(value)


def share(value: Any) -> tuple[Any, ...]:
    """A label smoothing as inputs: none if there is none."""
    return (number(value),) if is_tensor_like(value) or value else ()


def axis_of(axis: Any) -> Any:
    """An axis, or a tuple of them.

    **Raises:** `ValueError` for a bool.
    """
    if isinstance(axis, bool):
        raise ValueError(f"`axis` must be of type `int`. Received: axis={axis} of type {type(axis)}")
    return tuple(int(each) for each in axis) if isinstance(axis, list | tuple) else int(axis)
