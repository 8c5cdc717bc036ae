"""Dropout in recurrent cells: one choice for all steps of a sequence."""

from __future__ import annotations

from typing import Any

from functape._api._creation import ones_like
from functape.keras.layers._layer_calls import calls
from functape.keras.random import dropout


class DropoutRNNCell:
    """The part of a cell that keeps what it drops until it is told to choose anew.

    A cell with this part has `dropout`, `recurrent_dropout` and `seed_generator`; with `dropout_mask_count` it chooses
    for each gate.
    """

    _dropout_mask: Any = None
    _recurrent_dropout_mask: Any = None
    dropout: float
    recurrent_dropout: float
    seed_generator: Any

    def _create_dropout_mask(self, step_input: Any, dropout_rate: float) -> Any:
        count = getattr(self, "dropout_mask_count", None)
        ones = ones_like(step_input)
        if count is None:
            return dropout(ones, dropout_rate, seed=self.seed_generator)
        return [dropout(ones, dropout_rate, seed=self.seed_generator) for _ in range(count)]

    def get_dropout_mask(self, step_input: Any) -> Any:
        """The factors for a step's input `[batch, features]`, or a list with those for each gate; None without dropout.

        **Arguments:**
        - `step_input`: an input of a step.
        """
        if self._dropout_mask is None and self.dropout > 0 and not calls.abstract:
            object.__setattr__(self, "_dropout_mask", self._create_dropout_mask(step_input, self.dropout))
        return self._dropout_mask

    def get_recurrent_dropout_mask(self, step_input: Any) -> Any:
        """As `get_dropout_mask`, for the state `[batch, units]`."""
        if self._recurrent_dropout_mask is None and self.recurrent_dropout > 0 and not calls.abstract:
            made = self._create_dropout_mask(step_input, self.recurrent_dropout)
            object.__setattr__(self, "_recurrent_dropout_mask", made)
        return self._recurrent_dropout_mask

    def reset_dropout_mask(self) -> None:
        """Choose anew what to drop of the inputs."""
        object.__setattr__(self, "_dropout_mask", None)

    def reset_recurrent_dropout_mask(self) -> None:
        """Choose anew what to drop of the states."""
        object.__setattr__(self, "_recurrent_dropout_mask", None)

    def _masks_held(self) -> tuple[Any, Any]:
        return self._dropout_mask, self._recurrent_dropout_mask

    def _hold_masks(self, held: tuple[Any, Any]) -> None:
        object.__setattr__(self, "_dropout_mask", held[0])
        object.__setattr__(self, "_recurrent_dropout_mask", held[1])
