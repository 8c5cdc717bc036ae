"""Running any cell step by step: a loop of the compiled program, or each step by itself."""

from __future__ import annotations

from typing import Any

from functape._api._choosing import where
from functape._api._creation import zeros_like
from functape._api._joining import concat, stack
from functape._api._shaping import expand_dims, reshape, reverse, transpose
from functape._core._symbolic import OperatorNotAllowedInGraphError
from functape._engine._trace import ValueNeeded, is_tracing
from functape.function._function import function
from functape.function._stacking import stacked_loop
from functape.keras.layers._layer_calls import leaves_of, map_leaves
from functape.keras.layers.recurrent._dropping import DropoutRNNCell
from functape.keras.layers.recurrent._protocol import call_cell

SHORT = 4
"""Up to this number of steps a loop is not worth its overhead."""


class Loops:
    """How a recurrent layer runs a cell that no row knows.

    Where code runs at once, the loop is a traced function that is kept, so that it is compiled once.

    **Arguments:**
    - `layer`: the layer.
    """

    def __init__(self, layer: Any) -> None:
        self._layer = layer
        self._traced: Any = None

    def __deepcopy__(self, memo: Any) -> Loops:
        return Loops(memo.get(id(self._layer), self._layer))

    def __reduce__(self) -> Any:
        return Loops, (self._layer,)

    def run(self, sequences: Any, states: Any, mask: Any, training: Any, others: dict[str, Any]) -> Any:
        """The outputs of all steps, the last one, and the final states.

        **Arguments:**
        - `sequences`: `[batch, time, ...]`.
        - `states`: the first states.
        - `mask`: `[batch, time]`, or None.
        - `training`: passed on to the cell.
        - `others`: further arguments of the cell.
        """
        layer = self._layer
        inputs = _steps_first(sequences)
        real = None if mask is None else transpose(mask, (1, 0))
        if layer.go_backwards:
            inputs = reverse(inputs, [0])
            real = None if real is None else reverse(real, [0])
        length = inputs.aval.shape[0]
        states = list(states)
        if layer.unroll or length <= SHORT:
            outputs, last, states = self._step_by_step(inputs, states, real, training, others)
        elif is_tracing():
            outputs, last, states = self._loop(inputs, states, real, training, others)
        else:
            outputs, last, states = self._loop_at_once(inputs, states, real, training, others)
        return _steps_first(outputs), last, states

    # ---- a step ----------------------------------------------------------------------------------------------

    def _step(self, x: Any, states: Any, before: Any, real: Any, training: Any, others: dict[str, Any]) -> Any:
        """The output of a step, its states, and what comes next where it is masked."""
        output, after = call_cell(self._layer.cell, x, states, training, others)
        if not isinstance(after, list | tuple):
            after = [after]
        if real is not None:
            before = zeros_like(output) if before is None or self._layer.zero_output_for_mask else before
            output = _where(real, output, before)
            after = _where_all(real, after, states)
        return output, _like(states, after)

    def _step_by_step(self, inputs: Any, states: Any, mask: Any, training: Any, others: Any) -> Any:
        outputs: list[Any] = []
        for index in range(inputs.aval.shape[0]):
            before = outputs[-1] if outputs else None
            real = None if mask is None else mask[index]
            output, states = self._step(inputs[index], states, before, real, training, others)
            outputs.append(output)
        return stack(outputs), outputs[-1], states

    def _loop(self, inputs: Any, states: Any, mask: Any, training: Any, others: Any) -> Any:
        """The first step by itself, which tells the shape of the outputs, and a loop over the others."""
        real = None if mask is None else mask[0]
        first, states = self._step(inputs[0], states, None, real, training, others)
        masks = [] if mask is None else [mask[1:]]

        def body(row: list[Any], carried: Any) -> Any:
            before, inner = carried
            given = row[1] if masks else None
            output, after = self._step(row[0], inner, before, given, training, others)
            return (output, after), output

        (last, states), outputs = stacked_loop(body, (first, states), [inputs[1:], *masks])
        return _joined(first, outputs), last, states

    def _loop_at_once(self, inputs: Any, states: Any, mask: Any, training: Any, others: Any) -> Any:
        if self._traced is None:
            self._traced = function(self._with_masks_held, autograph=False)
        held = [cell._masks_held() for cell in self._dropping()]
        try:
            return self._traced(inputs, states, mask, bool(training), others, held)
        except (ValueNeeded, OperatorNotAllowedInGraphError):
            # The cell looks at values: each step has to be run by itself.
            return self._step_by_step(inputs, states, mask, training, others)

    def _dropping(self) -> list[Any]:
        inside = self._layer._flatten_layers(include_self=False)
        return [each for each in inside if isinstance(each, DropoutRNNCell)]

    def _with_masks_held(self, inputs: Any, states: Any, mask: Any, training: bool, others: Any, held: Any) -> Any:
        """The loop, with what the cells drop as an input of it."""
        cells = self._dropping()
        before = [cell._masks_held() for cell in cells]
        for cell, masks in zip(cells, held, strict=True):
            cell._hold_masks(masks)
        try:
            return self._loop(inputs, states, mask, training, others)
        finally:
            for cell, masks in zip(cells, before, strict=True):
                cell._hold_masks(masks)


def _steps_first(tensor: Any) -> Any:
    """A tensor with its first two axes in the other order."""
    return transpose(tensor, (1, 0, *range(2, len(tensor.aval.shape))))


def _joined(first: Any, outputs: Any) -> Any:
    return concat([expand_dims(first, 0), outputs], 0)


def _where(real: Any, value: Any, otherwise: Any) -> Any:
    """A step's values where it is real, for each example."""
    rank = len(value.aval.shape)
    return where(reshape(real, (*real.aval.shape, *([1] * (rank - 1)))), value, otherwise)


def _where_all(real: Any, values: Any, otherwise: Any) -> Any:
    if isinstance(values, list | tuple):
        return [_where_all(real, a, b) for a, b in zip(values, otherwise, strict=True)]
    return _where(real, values, otherwise)


def _like(states: Any, after: Any) -> Any:
    """New states in the structure of those before, so that a loop can carry them."""
    following = iter(leaves_of(after))
    return map_leaves(lambda _: next(following), states)
