"""Batches for `fit`, `evaluate` and `predict`, of whatever the user gave."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

from functape.keras import config
from functape.keras._batch_axis import built_on
from functape.keras.models._adapters_arrays import ArrayBatches, Batches, are_arrays
from functape.keras.models._adapters_iterables import DatasetBatches, GeneratorBatches, PyDatasetBatches


def batches_of(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    batch_size: int | None = None,
    steps_per_epoch: int | None = None,
    shuffle: Any = False,
    class_weight: Any = None,
) -> Batches:
    """What makes batches of the arguments of `fit`.

    **Raises:** `ValueError` for data of another kind, or arguments that do not go with it.
    """
    from functape.data import Dataset
    from functape.keras.utils import PyDataset

    if isinstance(x, Batches):
        return x
    if x is None and y is None:
        raise ValueError(
            "Failed to find data: `x` is None. Pass arrays, a tf.data.Dataset, a PyDataset or a generator."
        )
    if all(map(are_arrays, (x, y, sample_weight))):
        return ArrayBatches(x, y, sample_weight, class_weight, batch_size, steps_per_epoch, shuffle)
    if isinstance(x, Dataset):
        _reject(y, sample_weight, "tf.data.Dataset")
        return DatasetBatches(x, class_weight)
    if isinstance(x, PyDataset):
        _reject(y, sample_weight, "PyDataset")
        return PyDatasetBatches(x, class_weight, shuffle)
    if hasattr(x, "__next__") or _is_loader(x):
        _reject(y, sample_weight, "Python generator" if hasattr(x, "__next__") else "torch DataLoader")
        return GeneratorBatches(x, class_weight)
    raise ValueError(f"Unrecognized data type: x={x} (of type {type(x)})")


def _reject(y: Any, sample_weight: Any, kind: str) -> None:
    """Labels and weights beside data that hold them are an error."""
    for name, description, value in (("y", "the targets", y), ("sample_weights", "the sample weights", sample_weight)):
        if value is not None:
            raise ValueError(
                f"When providing `x` as a {kind}, `{name}` should not be passed. Instead, {description} should be "
                f"included as part of the {kind}."
            )


def _is_loader(value: Any) -> bool:
    """Whether a value is a torch `DataLoader` or something like it: an iterable that knows its length."""
    return hasattr(value, "__iter__") and hasattr(value, "__len__") and type(value).__name__ == "DataLoader"


class Epochs:
    """The passes that `fit` makes: which steps an epoch has, and the iterator that gives their batches.

    **Arguments:**
    - `batches`: where batches come from.
    - `steps_per_epoch`: how many make an epoch; by default a whole pass.
    - `steps_per_execution`: how many are taken at a time.
    """

    def __init__(self, batches: Batches, steps_per_epoch: int | None = None, steps_per_execution: int = 1) -> None:
        bound = config.max_steps_per_epoch()
        if bound and (not steps_per_epoch or bound < steps_per_epoch):
            warnings.warn(f"Limiting steps_per_epoch to {bound}", stacklevel=3)
            steps_per_epoch = bound
        self.batches = batches
        self.steps_per_epoch = steps_per_epoch
        self._stride = steps_per_execution
        self._iterator: Iterator[Any] | None = None
        self._seen = 0
        self._count = batches.num_batches

    @property
    def num_batches(self) -> int | None:
        """How many steps an epoch has; None before the first if nobody knows."""
        return self.steps_per_epoch or self._count

    def run(self, work: Callable[[int, int, Iterator[Any]], bool], any_batch: bool = True) -> None:
        """Make one pass.

        **Arguments:**
        - `work`: called with the numbers of the first and the last step of an execution and the iterator of batches;
          returns whether to stop.
        - `any_batch`: whether layers that are built meanwhile are built for batches of all the lengths there are,
          rather than for the first.
        """
        with built_on(self.batches if any_batch else None):
            self._run(work)

    def _run(self, work: Callable[[int, int, Iterator[Any]], bool]) -> None:
        batches, stride = self.batches, self._stride
        batches.on_epoch_begin()
        steps = self.num_batches
        if self._iterator is None or self.steps_per_epoch is None:
            self._iterator = batches.open()
            self._seen = 0
        step = 0
        known = self._count
        while steps is None or step < steps:
            if known and self._seen >= known:
                if self.steps_per_epoch:
                    _ran_out()
                break
            try:
                stop = work(step, step + stride - 1, self._iterator)
            except StopIteration:
                self._ended(step)
                break
            self._seen += stride
            step += stride
            if stop:
                break
        if known and self._seen >= known:
            self._iterator = None
            if self.steps_per_epoch is None and batches.num_batches:
                # Keras opens no second pass over data whose length it had to find out.
                batches.skip_pass()
        batches.on_epoch_end()
        if self._count is not None:
            self._count = batches.num_batches or self._count

    def _ended(self, step: int) -> None:
        """Data of unknown length came to their end."""
        if self._count is None and self.steps_per_epoch is None and step:
            self._count = step
        else:
            _ran_out()
        self._iterator = None


def _ran_out() -> None:
    warnings.warn(
        "Your input ran out of data; interrupting training. Make sure that your dataset or generator can generate at "
        "least `steps_per_epoch * epochs` batches. You may need to use the `.repeat()` function when building your "
        "dataset.",
        stacklevel=4,
    )
