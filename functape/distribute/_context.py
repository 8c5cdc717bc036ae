"""The present strategy, and whether code is that of a replica or looks at all of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from functape._core._convert import convert
from functape._core._structures import map_structure
from functape.distribute._options import ReduceOp
from functape.function._autograph import convert_callback

if TYPE_CHECKING:
    from functape.distribute._strategy import Strategy


class _Local(threading.local):
    def __init__(self) -> None:
        self.entered: list[tuple[Strategy, ReplicaContext | None]] = []


_local = _Local()
_default: list[Strategy] = []


def default_is(strategy: Strategy) -> None:
    """Set the strategy that holds where no other was chosen."""
    _default[:] = [strategy]


@contextlib.contextmanager
def entered(strategy: Strategy, replica: ReplicaContext | None) -> Iterator[Strategy]:
    """A context with a strategy, in which code is that of a replica, or of none."""
    _local.entered.append((strategy, replica))
    try:
        yield strategy
    finally:
        _local.entered.pop()


def get_strategy() -> Strategy:
    """The strategy whose scope this is (`tf.distribute.get_strategy`).

    **Returns:** a `tf.distribute.Strategy`; outside of all scopes the default one, with one replica.

    ```python
    >>> import functape as tf
    >>> tf.distribute.get_strategy().num_replicas_in_sync
    1

    ```
    """
    return _local.entered[-1][0] if _local.entered else _default[0]


def has_strategy() -> bool:
    """Whether this is the scope of a strategy other than the default one (`tf.distribute.has_strategy`)."""
    return get_strategy() is not _default[0]


def get_replica_context() -> ReplicaContext | None:
    """What code of a replica may ask (`tf.distribute.get_replica_context`).

    **Returns:** a `tf.distribute.ReplicaContext`; None in a strategy's scope outside of `run`.
    """
    return _local.entered[-1][1] if _local.entered else ReplicaContext(_default[0])


def in_cross_replica_context() -> bool:
    """Whether this is a strategy's scope outside of `run` (`tf.distribute.in_cross_replica_context`)."""
    return get_replica_context() is None


class ReplicaContext:
    """A replica, the only one (`tf.distribute.ReplicaContext`).

    **Arguments:**
    - `strategy`: whose it is.
    - `replica_id_in_sync_group`: its number.
    """

    def __init__(self, strategy: Strategy, replica_id_in_sync_group: int = 0) -> None:
        self._strategy = strategy
        self._number = replica_id_in_sync_group

    @property
    def strategy(self) -> Strategy:
        """The strategy."""
        return self._strategy

    @property
    def num_replicas_in_sync(self) -> int:
        """How many replicas there are."""
        return self._strategy.num_replicas_in_sync

    @property
    def replica_id_in_sync_group(self) -> Any:
        """Its number: a NumPy int32."""
        return np.int32(self._number)

    def all_reduce(self, reduce_op: Any, value: Any, options: Any = None) -> Any:
        """The sum or mean of the replicas' values: tensors with the value itself."""
        ReduceOp.of(reduce_op)
        return map_structure(convert, value)

    def all_gather(self, value: Any, axis: int, options: Any = None) -> Any:
        """The replicas' values one after another: the value itself."""
        return map_structure(convert, value)

    def merge_call(self, merge_fn: Callable[..., Any], args: Sequence[Any] = (), kwargs: Any = None) -> Any:
        """Call a function of the strategy, outside of the replica."""
        with entered(self._strategy, None):
            return convert_callback(merge_fn)(self._strategy, *args, **(kwargs or {}))

    def __repr__(self) -> str:
        return f"<tf.distribute.ReplicaContext of {self._strategy!r}>"
