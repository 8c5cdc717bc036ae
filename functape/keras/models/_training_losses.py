"""The losses a model was compiled with, applied to the structure of its outputs."""

from __future__ import annotations

from typing import Any, NamedTuple

from functape._core import _nest as nest
from functape._core._cast import cast
from functape._engine._recorder import local
from functape.keras._configuration import floatx
from functape.keras.losses._loss import Loss
from functape.keras.metrics._mean import Mean
from functape.keras.metrics._resolution import resolve_loss
from functape.keras.models._training_names import arranged, flat_by_names


class Term(NamedTuple):
    """The loss of one output."""

    path: tuple[Any, ...]
    """Where the output is in the structure of the outputs."""
    loss: Any
    weight: Any
    name: str


class CompileLoss:
    """The `loss` and `loss_weights` of `compile`, as one function of labels and outputs.

    **Arguments:**
    - `loss`: a loss, a function or a name; or a list or dict of them, by output.
    - `loss_weights`: a number; or a list or dict of them.
    - `output_names`: the names of a functional model's outputs; None for another's.

    **Raises:** `ValueError` for weights that are none of these.
    """

    def __init__(self, loss: Any, loss_weights: Any = None, output_names: list[str] | None = None) -> None:
        if loss_weights and not isinstance(loss_weights, list | tuple | dict | float | int):
            raise ValueError(
                "Expected `loss_weights` argument to be a float (single output case) or a list, tuple, or dict "
                f"(multiple output case). Received instead: loss_weights={loss_weights} of type {type(loss_weights)}"
            )
        self.name = "compile_loss"
        self._loss = loss
        self._weights = loss_weights
        self._names = output_names or None
        self._terms: list[Term] = []
        self.metrics: list[Any] = []
        """The means of the outputs' losses, if there are several."""
        self.built = False

    @property
    def variables(self) -> list[Any]:
        """The state of `metrics`."""
        return [variable for metric in self.metrics for variable in metric.variables]

    # ---- what belongs to which output ------------------------------------------------------------------------

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Find the loss of each output.

        **Raises:** `ValueError` or `KeyError` for losses that do not fit the outputs.
        """
        loss, weights = self._loss, self._weights
        if isinstance(loss, dict) and not isinstance(y_pred, dict):
            loss, weights = self._by_place(loss, weights, y_pred)
        weights = self._spread(loss, weights)
        self._terms = []
        self._add(loss, weights, y_true, y_pred, (), self._name_structure(y_pred))
        self.metrics = [Mean(name=f"{term.name}_loss") for term in self._terms] if len(self._terms) > 1 else []
        self.built = True

    def _by_place(self, loss: dict[str, Any], weights: Any, y_pred: Any) -> tuple[Any, Any]:
        """Losses given by the outputs' names, in the order of the outputs."""
        names = self._names
        outputs = [y_pred] if not nest.is_nested(y_pred) else y_pred
        if names is None or len(names) != len(outputs) or not set(loss) <= set(names):
            raise ValueError(f"Expected keys {names} in loss dict, but found loss.keys()={list(loss)}")
        placed = [loss.get(name) for name in names]
        if isinstance(weights, dict):
            unknown = set(weights) - set(names)
            if unknown:
                raise ValueError(f"Expected keys {names} in loss_weights dict, but found {list(weights)}")
            weights = [weights.get(name, 1.0 if loss.get(name) is not None else None) for name in names]
        if nest.is_nested(y_pred):
            return placed, weights
        return placed[0], weights[0] if isinstance(weights, list) else weights

    def _spread(self, loss: Any, weights: Any) -> Any:
        """Weights in the structure of the losses."""
        if weights is None or not nest.is_nested(loss):
            return weights
        if isinstance(weights, dict) and isinstance(loss, dict):
            return {key: weights.get(key) for key in loss}
        if isinstance(weights, dict) and self._names and isinstance(loss, list | tuple):
            return [weights.get(name) for name in self._names]
        given = nest.flatten(weights)
        if len(nest.flatten(loss)) != len(given):
            raise ValueError(
                f"`loss_weights` must match the number of losses, got {len(nest.flatten(loss))} losses and "
                f"{len(given)} weights."
            )
        return nest.pack_like(loss, given)

    def _name_structure(self, y_pred: Any) -> Any:
        count = len(nest.flatten(y_pred))
        names: list[Any] = self._names if self._names is not None and len(self._names) == count else [None] * count
        return nest.pack_like(y_pred, list(names))

    def _add(self, loss: Any, weight: Any, y_true: Any, y_pred: Any, path: tuple[Any, ...], names: Any) -> None:
        if loss is None:
            return
        if not nest.is_nested(loss):
            if nest.is_nested(y_pred):
                given = weight
                if isinstance(weight, list | tuple) and len(weight) == len(y_pred):
                    given = dict(zip(_keys(y_pred), weight, strict=True))
                for key in y_pred if isinstance(y_pred, dict) else _keys(y_pred):
                    one = given.get(key) if isinstance(given, dict) else given
                    self._add(loss, one, y_true[key], y_pred[key], (*path, key), names[key])
                return
            self._add_term(loss, weight, y_true, y_pred, path, names)
            return
        if not nest.is_nested(y_pred):
            each_weight = weight if isinstance(weight, list | tuple) else [weight] * len(loss)
            values = loss.values() if isinstance(loss, dict) else loss
            for one, its_weight in zip(values, each_weight, strict=True):
                self._add(one, its_weight, y_true, y_pred, path, names)
            return
        if isinstance(loss, list | tuple) and isinstance(y_pred, dict) and len(loss) == len(y_pred):
            keys = sorted(y_pred)
            by_key = dict(zip(keys, loss, strict=True))
            loss = {key: by_key[key] for key in y_pred}
            weight = dict(zip(keys, weight, strict=True)) if isinstance(weight, list | tuple) else weight
        for key in loss if isinstance(loss, dict) else range(len(loss)):
            if loss[key] is None:
                continue
            if not _has(y_pred, key) or not _has(y_true, key):
                raise KeyError(
                    f"The path: {(*path, key)} in the `loss` argument, can't be found in either the model's output "
                    "(`y_pred`) or in the labels (`y_true`)."
                )
            one = weight[key] if nest.is_nested(weight) else weight
            self._add(loss[key], one, y_true[key], y_pred[key], (*path, key), names[key])

    def _add_term(self, loss: Any, weight: Any, y_true: Any, y_pred: Any, path: tuple[Any, ...], name: Any) -> None:
        if y_true is None:
            raise ValueError(
                "None values not supported: there are no labels for a loss to compare the outputs with. Pass `y`, or a "
                "dataset of pairs (x, y), or compile the model without `loss`."
            )
        found: Any = resolve_loss(loss, tuple(y_true.shape), tuple(y_pred.shape))
        shown = path
        called = name if name is not None else found.name
        if not shown:
            shown = (called,)
        elif isinstance(shown[-1], int):
            shown = (*shown[:-1], called)
        self._terms.append(Term(path, found, weight, "/".join(map(str, shown))))

    # ---- the loss --------------------------------------------------------------------------------------------

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The total loss, a scalar; None if no output has a loss.

        **Arguments:**
        - `y_true`, `y_pred`: tensors, or structures of them.
        - `sample_weight`: a weight for each example, or a structure of these by output.

        **Raises:** `ValueError` if labels and outputs do not fit each other.
        """
        y_true = arranged(y_true, y_pred, self._names, self._loss)
        if not self.built:
            self.build(y_true, y_pred)
        if nest.is_nested(sample_weight):
            sample_weight = arranged(sample_weight, y_pred, self._names, self._loss)
        values = []
        for place, (path, loss, weight, _) in enumerate(self._terms):
            target, output, its_weight = _at(path, y_true), _at(path, y_pred), sample_weight
            if nest.is_nested(sample_weight):
                its_weight = _at(path, sample_weight)
            value = loss(target, output, its_weight) if isinstance(loss, Loss) or its_weight is not None else loss(
                target, output
            )  # fmt: skip
            value = cast(value, floatx())
            if self.metrics:
                # As in Keras: in a traced step, where lengths are open, the mean is one over batches.
                rows = None if local.recorder.tracing else float(output.shape[0])
                self.metrics[place].update_state(value, sample_weight=rows)
            values.append(value if weight is None else value * float(weight))
            if not nest.is_nested(y_pred):
                break
        if not values:
            return None
        total = values[0]
        for value in values[1:]:
            total = total + value
        return total

    call = __call__

    def flat_outputs(self, y: Any) -> list[Any]:
        """The parts of a structure in the order of the outputs."""
        return flat_by_names(y, self._names)


def _keys(structure: Any) -> Any:
    return sorted(structure) if isinstance(structure, dict) else range(len(structure))


def _has(structure: Any, key: Any) -> bool:
    if isinstance(structure, dict):
        return key in structure
    return isinstance(structure, list | tuple) and isinstance(key, int) and key < len(structure)


def _at(path: tuple[Any, ...], structure: Any) -> Any:
    for key in path:
        structure = structure[key]
    return structure
