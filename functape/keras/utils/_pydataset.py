"""Data sets as Python objects: batches by number, and threads that fetch them ahead."""

from __future__ import annotations

import collections
import itertools
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any


class PyDataset:
    """A data set that gives batches by number (`tf.keras.utils.PyDataset`, `tf.keras.utils.Sequence`).

    Subclasses define `__getitem__(index)`, which returns a batch, and `__len__` or `num_batches`.

    **Arguments:**
    - `workers`: how many threads `fit` fetches batches with.
    - `use_multiprocessing`: accepted; threads are used in any case.
    - `max_queue_size`: how many batches it fetches ahead.

    ```python
    >>> import functape as tf
    >>> class Squares(tf.keras.utils.Sequence):
    ...     def __len__(self):
    ...         return 3
    ...     def __getitem__(self, index):
    ...         return index * index
    >>> list(Squares())
    [0, 1, 4]

    ```
    """

    _workers = 1
    _use_multiprocessing = False
    _max_queue_size = 10

    def __init__(self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10) -> None:
        self._workers = workers
        self._use_multiprocessing = use_multiprocessing
        self._max_queue_size = max_queue_size

    @property
    def workers(self) -> int:
        """How many threads fetch batches."""
        return self._workers

    @workers.setter
    def workers(self, value: int) -> None:
        self._workers = value

    @property
    def use_multiprocessing(self) -> bool:
        """As given; threads are used in any case."""
        return self._use_multiprocessing

    @use_multiprocessing.setter
    def use_multiprocessing(self, value: bool) -> None:
        self._use_multiprocessing = value

    @property
    def max_queue_size(self) -> int:
        """How many batches are fetched ahead."""
        return self._max_queue_size

    @max_queue_size.setter
    def max_queue_size(self, value: int) -> None:
        self._max_queue_size = value

    def __getitem__(self, index: int) -> Any:
        """The batch of a number."""
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(self, index), which returns a batch.")

    def __iter__(self) -> Iterator[Any]:
        try:
            count = self.num_batches
        except NotImplementedError:
            count = None
        return (self[index] for index in (itertools.count() if count is None else range(count)))

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None for no end."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} must define __len__, or the property num_batches.")

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


class SequenceEnqueuer:
    """Threads that fetch batches ahead (`tf.keras.utils.SequenceEnqueuer` of Keras 2).

    **Arguments:**
    - `sequence`: where the batches come from.
    - `use_multiprocessing`: accepted; threads are used in any case.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False) -> None:
        self.sequence = sequence
        self.use_multiprocessing = use_multiprocessing
        self._executor: ThreadPoolExecutor | None = None
        self._ahead = 10

    def is_running(self) -> bool:
        """Whether batches are fetched."""
        return self._executor is not None

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Begin to fetch.

        **Arguments:**
        - `workers`: how many threads.
        - `max_queue_size`: how many batches ahead.
        """
        if self._executor is None:
            self._ahead = max(1, max_queue_size)
            self._executor = ThreadPoolExecutor(max(1, workers), "keras")

    def stop(self, timeout: float | None = None) -> None:
        """End fetching."""
        if self._executor is not None:
            executor, self._executor = self._executor, None
            executor.shutdown(wait=timeout is None, cancel_futures=True)

    def get(self) -> Iterator[Any]:
        """The batches, in order."""
        waiting: collections.deque[Future[Any]] = collections.deque()
        jobs = self._jobs()
        while self._executor is not None:
            while len(waiting) < self._ahead and (job := next(jobs, None)) is not None:
                waiting.append(self._executor.submit(job))
            if not waiting:
                return
            try:
                yield waiting.popleft().result()
            except BaseException:
                self.stop()
                raise

    def _jobs(self) -> Iterator[Any]:
        raise NotImplementedError


class OrderedEnqueuer(SequenceEnqueuer):
    """Threads that fetch a `PyDataset`'s batches ahead, in order and without end (`tf.keras.utils.OrderedEnqueuer`).

    **Arguments:**
    - `sequence`: a `PyDataset`.
    - `use_multiprocessing`: accepted; threads are used in any case.
    - `shuffle`: whether each epoch takes the batches in another order.
    """

    def __init__(self, sequence: Any, use_multiprocessing: bool = False, shuffle: bool = False) -> None:
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle

    def _jobs(self) -> Iterator[Any]:
        while True:
            order = list(range(len(self.sequence)))
            if self.shuffle:
                random.shuffle(order)
            for index in order:
                yield lambda index=index: self.sequence[index]
            self.sequence.on_epoch_end()


class GeneratorEnqueuer(SequenceEnqueuer):
    """A thread that fetches a generator's batches ahead (`tf.keras.utils.GeneratorEnqueuer` of Keras 2).

    **Arguments:**
    - `generator`: an iterator over batches.
    - `use_multiprocessing`: accepted; a thread is used in any case.
    - `random_seed`: accepted for Keras 2's signature.
    """

    def __init__(self, generator: Any, use_multiprocessing: bool = False, random_seed: int | None = None) -> None:
        super().__init__(generator, use_multiprocessing)

    def start(self, workers: int = 1, max_queue_size: int = 10) -> None:
        """Begin to fetch, with one thread: a generator has no more than one reader."""
        super().start(1, max_queue_size)

    def get(self) -> Iterator[Any]:
        """The batches, in order."""
        for batch in super().get():
            if batch is _END:
                return
            yield batch

    def _jobs(self) -> Iterator[Any]:
        return itertools.repeat(lambda: next(self.sequence, _END))


_END = object()
