"""The metrics a model was compiled with, applied to its outputs."""

from __future__ import annotations

from typing import Any

from functape._core import _nest as nest
from functape.keras.metrics._metric import Metric
from functape.keras.metrics._resolution import resolve_metric
from functape.keras.models._training_names import arranged, flat_by_names


class CompileMetrics(Metric):
    """The `metrics` and `weighted_metrics` of `compile`, as one metric whose result is a dict.

    **Arguments:**
    - `metrics`, `weighted_metrics`: a list of metrics; for several outputs a list of such lists, or a dict by output.
    - `output_names`: the names of a functional model's outputs; None for another's.

    **Raises:** `ValueError` for what is no list or dict.
    """

    def __init__(self, metrics: Any, weighted_metrics: Any, output_names: list[str] | None = None) -> None:
        super().__init__(name="compile_metrics")
        for argument, value in (("metrics", metrics), ("weighted_metrics", weighted_metrics)):
            if value and not isinstance(value, list | tuple | dict):
                raise ValueError(
                    f"Expected `{argument}` argument to be a list, tuple, or dict. Received instead: "
                    f"{argument}={value} of type {type(value)}"
                )
        self._given = {"metrics": metrics, "weighted_metrics": weighted_metrics}
        self.output_names = output_names or None
        self._sets: dict[str, list[tuple[str | None, list[Any]] | None]] = {"metrics": [], "weighted_metrics": []}
        """For each output its name, if results bear it, and its metrics."""
        self._order: list[str] | None = None
        self.built = False

    @property
    def metrics(self) -> list[Any]:
        """The metrics, in the order of the outputs, weighted ones last."""
        return [metric for sets in self._sets.values() for each in sets if each is not None for metric in each[1]]

    @property
    def variables(self) -> list[Any]:  # type: ignore[override]
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    # ---- what belongs to which output ------------------------------------------------------------------------

    def build(self, y_true: Any, y_pred: Any) -> None:
        """Find the metrics of each output.

        **Raises:** `ValueError` for metrics that do not fit the outputs.
        """
        names = self.output_names
        if isinstance(y_pred, dict) and not (names and set(names) == set(y_pred)):
            names = sorted(y_pred)
        outputs = flat_by_names(y_pred, names)
        labels = flat_by_names(arranged(y_true, y_pred, names), names) if _fits(y_true, outputs) else None
        self._order = names if len(outputs) > 1 else None
        for argument, given in self._given.items():
            self._sets[argument] = self._assign(argument, given, names, labels, outputs)
        self.built = True

    def _assign(self, argument: str, given: Any, names: Any, labels: Any, outputs: list[Any]) -> list[Any]:
        if not given:
            return [None] * len(outputs)
        if len(outputs) == 1:
            return [(None, _resolved(nest.flatten(given), labels, outputs, 0))]
        if isinstance(given, dict):
            unknown = set(given) - set(names or ())
            if unknown:
                raise ValueError(
                    f"Invalid `{argument}`. `{argument}` should contain metrics objects and either be a dict or a "
                    f"list matching the output names of the functional model {names}. Received: {argument}={given}"
                )
            by_output = [given.get(name) for name in names]
        elif len(given) == len(outputs):
            by_output = list(given)
        elif not any(isinstance(each, list | tuple | dict) for each in given):
            # As in Keras 2: metrics named once are kept for every output.
            by_output = [list(given)] * len(outputs)
        else:
            raise ValueError(
                f"Invalid `{argument}`. `{argument}` should contain metrics objects and match the {len(outputs)} "
                f"outputs of the model. Received: {argument}={given}"
            )
        called = names if names and len(names) == len(outputs) else [None] * len(outputs)
        return [
            None if each is None else (called[place], _resolved(_as_list(each), labels, outputs, place))
            for place, each in enumerate(by_output)
        ]

    # ---- state -----------------------------------------------------------------------------------------------

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in a batch.

        **Arguments:**
        - `y_true`, `y_pred`: tensors, or structures of them.
        - `sample_weight`: a weight for each example, or a structure of these; for the weighted metrics only.
        """
        if not self.built:
            self.build(y_true, y_pred)
        outputs = flat_by_names(y_pred, self._order)
        labels = flat_by_names(y_true, self._order)
        if len(labels) < len(outputs):
            labels = flat_by_names(arranged(y_true, y_pred, self.output_names), self._order)
        weights = [None] if sample_weight is None else flat_by_names(sample_weight, self._order)
        if len(weights) < len(outputs):
            weights = [weights[0]] * len(outputs)
        for argument, sets in self._sets.items():
            for place, each in enumerate(sets):
                for metric in each[1] if each is not None else ():
                    if argument == "metrics":
                        metric.update_state(labels[place], outputs[place])
                    else:
                        metric.update_state(labels[place], outputs[place], sample_weight=weights[place])

    def reset_state(self) -> None:
        """Begin anew."""
        for metric in self.metrics:
            metric.reset_state()

    def result(self) -> dict[str, Any]:
        """The results by name, with the output's name in front where there are several outputs.

        **Raises:** `ValueError` before the first batch.
        """
        if not self.built:
            raise ValueError("Cannot get result() since the metric has not yet been built.")
        results: dict[str, Any] = {}
        counts: dict[str, int] = {}
        for argument, sets in self._sets.items():
            for each in sets:
                if each is None:
                    continue
                output, metrics = each
                prefix = f"{output}_" if output else ""
                for metric in metrics:
                    name = prefix + metric.name
                    if name in counts and argument == "weighted_metrics":
                        name = f"{prefix}weighted_{metric.name}"
                    if name in counts:
                        counts[name] += 1
                        name = f"{name}_{counts[name] - 1}"
                    else:
                        counts[name] = 1
                    results[name] = metric.result()
        return results


def _fits(y_true: Any, outputs: list[Any]) -> bool:
    return y_true is not None and (len(outputs) == 1 or len(nest.flatten(y_true)) == len(outputs))


def _as_list(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list | tuple) else [given]


def _resolved(given: list[Any], labels: Any, outputs: list[Any], place: int) -> list[Any]:
    output = tuple(outputs[place].shape)
    label = output if labels is None or labels[place] is None else tuple(labels[place].shape)
    return [resolve_metric(each, label, output) for each in given if each is not None]
