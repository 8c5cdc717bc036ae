"""Running means of the weights in place of the weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functape.keras.callbacks._callback import Callback
from functape.keras.optimizers._averaging import AVERAGE


class SwapEMAWeights(Callback):
    """Evaluates the model with the running means of its weights (`tf.keras.callbacks.SwapEMAWeights`).

    The optimizer must have `use_ema=True`.

    **Arguments:**
    - `swap_on_epoch`: whether the means are in the model between epochs too, for callbacks that save it.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._swapped = False

    def _pairs(self) -> Iterator[tuple[Any, Any]]:
        """The variables, each with its running mean.

        **Raises:** `ValueError` if the optimizer keeps none.
        """
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        every = getattr(optimizer, "optimizers", [optimizer])
        keeping = [each for each in every if getattr(each, "use_ema", False)]
        if not keeping:
            raise ValueError(
                "SwapEMAWeights must be used when `use_ema=True` is set on the optimizer. Received: use_ema=False"
            )
        for each in keeping:
            if not each.built:
                each.build(self.model.trainable_variables)
            yield from _averaged(each)

    def _swap(self, swapped: bool) -> None:
        if self._swapped == swapped:
            return
        for variable, mean in self._pairs():
            before = variable.numpy().copy()
            variable.assign(mean.numpy())
            mean.assign(before)
        self._swapped = swapped

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """The weights back into the model."""
        if self.swap_on_epoch:
            self._swap(False)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """The means into the model."""
        if self.swap_on_epoch:
            self._swap(True)
            if epoch == self.params["epochs"] - 1:
                # Training ends with the means, which are what the optimizer assigns at its end.
                for variable, mean in self._pairs():
                    mean.assign(variable.numpy())

    def on_test_begin(self, logs: Any = None) -> None:
        """The means into the model."""
        self._swap(True)

    def on_test_end(self, logs: Any = None) -> None:
        """The weights back into the model."""
        self._swap(False)

    def on_predict_begin(self, logs: Any = None) -> None:
        """The means into the model."""
        self._swap(True)

    def on_predict_end(self, logs: Any = None) -> None:
        """The weights back into the model."""
        self._swap(False)


def _averaged(optimizer: Any) -> Iterator[tuple[Any, Any]]:
    slots = optimizer._slots
    if slots is None:
        yield from zip(optimizer._trainable_variables, optimizer._around[AVERAGE], strict=True)
        return
    list(optimizer.variables)  # Makes the variables through which slots are read and set.
    for number, variable in enumerate(slots.variables):
        yield variable, optimizer._slot_variables[AVERAGE, number]
